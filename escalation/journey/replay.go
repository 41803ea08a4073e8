package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// ReplayDays is how many days back searches are made again.
const ReplayDays = 28

// A Searched is a wording of which many searches were made, together with those
// that are alike.
type Searched struct {
	Query, Lang string // as most often typed
	Times       int    // as a report counts
}

// MostSearched returns the wordings that enough people searched on the days of a
// span to be shown, what was searched most first, at most limit, and how many more
// there are.
func MostSearched(span SearchSpan, days map[time.Time]SearchLog, limit int) (most []Searched, more int) {
	all := piles{}
	span.each(days, func(_ time.Time, l logged) { all.add(l, sumOf(l.codes)) })
	shown, _ := all.shown()
	for _, p := range shown {
		most = append(most, Searched{Query: p.wording(), Lang: p.lines.lang, Times: p.searches})
	}
	slices.SortFunc(most, func(a, b Searched) int {
		return cmp.Or(b.Times-a.Times, strings.Compare(a.Lang, b.Lang), strings.Compare(a.Query, b.Query))
	})
	n := min(limit, len(most))
	return most[:n], len(most) - n
}
