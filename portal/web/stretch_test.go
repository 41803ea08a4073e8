package web

import "testing"

// TestStretch goes back through a long conversation: every line is on some page, and
// no page has more than it may.
func TestStretch(t *testing.T) {
	for _, lines := range []int{1, 2, 199, 200, 201, 400, 10_000} {
		seen := make([]int, lines)
		before, pages := 0, 0
		for {
			s := stretch(lines, before, "/x", "#end")
			pages++
			shown := 0
			for i := range lines {
				if s.Shows(i) {
					shown++
					seen[i]++
				}
			}
			if shown > linesAtOnce {
				t.Errorf("%d of %d lines on a page", shown, lines)
			}
			if (s.Newest == "") != (pages == 1) {
				t.Errorf("%d lines, page %d leads to the newest at %q", lines, pages, s.Newest)
			}
			if s.Earlier == "" {
				break
			}
			before = s.From
		}
		for i, n := range seen {
			if want := 1; n != want && i > 0 {
				t.Errorf("line %d of %d is on %d pages", i, lines, n)
			}
		}
		if want := max(1, (lines-1+linesAtOnce-2)/(linesAtOnce-1)); pages != want {
			t.Errorf("%d lines on %d pages, want %d", lines, pages, want)
		}
	}
	for _, before := range []int{-1, 1, 10, 1000} { // what no page of ours says
		if s := stretch(10, before, "/x", "#end"); s.To != 10 || s.Newest != "" {
			t.Errorf("before %d: %+v", before, s)
		}
	}
	if s := stretch(500, 0, "/x?lang=it", "#end"); s.Earlier != "/x?lang=it&before=401" {
		t.Errorf("earlier at %q", s.Earlier)
	}
}
