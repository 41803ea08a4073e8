package search

import (
	"testing"

	"primalinea/content"
)

// TestTry says at which place searches find an article, and what stands above it.
func TestTry(t *testing.T) {
	s := &shelf{}
	for _, name := range []string{"a", "b", "c", "d"} {
		s.add("en/zoo/"+name, "Elephant "+name, "An elephant.")
	}
	a := s.add("en/zoo/trunks", "Trunks", "Every elephant has one. It is long, and serves for many things, such as drinking.")
	s.add("en/zoo/staff", "Elephant", "An elephant.").Audience = content.Agents
	x := s.index(t)
	for _, test := range []struct {
		text  string
		rank  int
		above string
	}{
		{"elephant", 5, "en:zoo/a en:zoo/b en:zoo/c"},
		{"what is a trunk", 1, ""},
		{"giraffe", 0, ""},
		{"", 0, ""},
	} {
		got, err := x.Try(t.Context(), a, test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got.Rank != test.rank || keys(got.Above) != test.above {
			t.Errorf("%q: place %d, above it %q; want %d, %q", test.text, got.Rank, keys(got.Above), test.rank, test.above)
		}
	}
}
