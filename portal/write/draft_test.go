package write

import (
	"testing"

	"primalinea/content"
)

// TestExpect adds the searches that are not there, in whatever case, and leaves the
// rest of the text as it is.
func TestExpect(t *testing.T) {
	const head = "---\ntitle: A # as it is said\n"
	for _, test := range []struct {
		name, src string
		searches  []string
		want      string
	}{
		{"none", head + "---\nText.\n", nil, head + "---\nText.\n"},
		{"the first", head + "---\nText.\n", []string{"won't charge"}, head + "expect:\n    - won't charge\n---\nText.\n"},
		{"one more", head + "expect: [one]\n---\nText.\n", []string{"ONE", "two"}, head + "expect:\n    - one\n    - two\n---\nText.\n"},
		{"all are there", head + "expect:\n  - one\n  - two\n---\nText.\n", []string{"Two", "one"}, head + "expect:\n  - one\n  - two\n---\nText.\n"},
	} {
		a, _ := content.Parse("en/a.md", []byte(test.src))
		got, err := Expect(a, []byte(test.src), test.searches)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}
