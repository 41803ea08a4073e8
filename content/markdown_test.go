package content

import (
	"strings"
	"testing"
)

func TestWithoutComments(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"a\nb\n", "a\nb\n"},
		{"a\n<!-- x -->\nb\n", "a\nb\n"},
		{"a\n\n<!-- x\n\ny\n-->\nb\n", "a\n\nb\n"},
		{"a\n   <!-- x\ny --> z\nb", "a\nb"}, // as a page: what follows on its last line belongs to it
		{"```\n<!-- x -->\n```\n", "```\n<!-- x -->\n```\n"},
		{"    <!-- code -->\n", "    <!-- code -->\n"},
		{"<!-- x\n```\n-->\na\n```\nb\n```\n", "a\n```\nb\n```\n"},
		{"a\n<!-- never ends\nb\n", "a\n"},
	} {
		if got := string(withoutComments([]byte(test.src))); got != test.want {
			t.Errorf("withoutComments(%q) = %q, want %q", test.src, got, test.want)
		}
	}
}

// TestReviewOfWhatIsNew holds that a text that is not a file yet is not overdue.
func TestReviewOfWhatIsNew(t *testing.T) {
	folder, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range folder.CheckSource("en/a.md", []byte("---\ntitle: A\nstatus: published\nreview_in: 6 months\nsources: [7K2M9QXA]\n---\nText.\n")) {
		if strings.Contains(p.Key, "review") || strings.Contains(p.Key, "key_") {
			t.Errorf("problem %v", p)
		}
	}
}
