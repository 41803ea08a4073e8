package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"primalinea/content"
)

// TestReplay asks the same of two libraries, and tells what became different.
func TestReplay(t *testing.T) {
	before, after := &shelf{}, &shelf{}
	for _, s := range []*shelf{before, after} {
		s.add("en/zoo/elephant", "Elephant", "An elephant.")
		s.add("en/zoo/food", "What animals eat", "An elephant eats grass. A lion eats meat.")
		s.add("en/zoo/lion", "Lion", "A lion.")
		s.add("it/zoo/leone", "Leone", "Un leone.")
	}
	before.add("en/zoo/ticket", "Ticket", "What a ticket costs.")
	after.add("en/zoo/feeding", "What lions eat", "Lions eat meat, elephants eat grass.")
	after.add("en/zoo/staff", "Elephant and lion", "Elephant and lion.").Audience = content.Agents
	x, y := before.index(t), after.index(t)
	asked := []Asked{{"lion eats", "en", 9}, {"elephant", "en", 8}, {"lion", "en", 7}, {"ticket", "en", 6}, {"feeding", "en", 5}, {"leone", "it", 4}, {"giraffe", "en", 3}}
	got, err := Compare(t.Context(), asked, content.Public, x.Search, y.Search)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(shifts []Shift) string {
		var out []string
		for _, s := range shifts {
			out = append(out, fmt.Sprintf("%s: %s → %s", s.Text, keys(s.Before[:min(1, len(s.Before))]), keys(s.After[:min(1, len(s.After))])))
		}
		return strings.Join(out, "; ")
	}
	if got, want := lines(got.First), "lion eats: en:zoo/food → en:zoo/feeding; ticket: en:zoo/ticket → "; got != want {
		t.Errorf("another first answer: %q, want %q", got, want)
	}
	if got, want := lines(got.Others), "elephant: en:zoo/elephant → en:zoo/elephant; lion: en:zoo/lion → en:zoo/lion"; got != want {
		t.Errorf("others below the first: %q, want %q", got, want)
	}
	if got.Same != 3 || got.Lost != 1 || got.Left != 0 {
		t.Errorf("%d same, %d lost, %d left; want 3, 1, 0", got.Same, got.Lost, got.Left)
	}

	// When the time is over, it says how many were not tried.
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	stop := func(ctx context.Context, q Query) (Result, error) {
		if n++; n == 3 {
			cancel()
		}
		return y.Search(ctx, q)
	}
	got, err = Compare(ctx, asked, content.Public, x.Search, stop)
	if err != nil || got.Left != len(asked)-2 {
		t.Errorf("stopped at the third: %d left, %v", got.Left, err)
	}
	x.Close()
	if _, err := Compare(t.Context(), asked, content.Public, x.Search, y.Search); !errors.Is(err, ErrNotReady) {
		t.Errorf("without an index: %v", err)
	}
}
