package journey

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMostSearched(t *testing.T) {
	days := map[time.Time]SearchLog{}
	crowd(days, 0, 2, "a", "it", "Batteria?", Opened)
	crowd(days, 1, 3, "a", "it", "batteria", OpenedNone) // two of them the same people
	crowd(days, 2, 3, "b", "es", "batteria", FoundNothing)
	crowd(days, 2, 4, "", "es", "batteria", Opened) // counted apart, as in a report
	crowd(days, 3, 9, "", "it", "schermo", Opened)  // who cannot be told apart is nobody
	crowd(days, 3, 1, "c", "it", "schermo", Opened)
	crowd(days, 4, 4, "d", "it", "?", Opened)     // no word is left
	crowd(days, 28, 9, "e", "it", "raro", Opened) // in the span before
	for _, test := range []struct {
		lang        string
		limit, more int
		want        []Searched
	}{
		{"", 9, 0, []Searched{{"batteria", "it", 5}, {"batteria", "es", 3}}},
		{"es", 9, 0, []Searched{{"batteria", "es", 3}}},
		{"", 1, 1, []Searched{{"batteria", "it", 5}}},
		{"en", 9, 0, nil},
	} {
		got, more := MostSearched(LastDays(ReplayDays, test.lang, noon), days, test.limit)
		if diff := cmp.Diff(test.want, got); diff != "" || more != test.more {
			t.Errorf("%q, at most %d: %d more, want %d:\n%s", test.lang, test.limit, more, test.more, diff)
		}
	}
}
