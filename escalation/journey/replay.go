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
	Times       int
}

// MostSearched returns the wordings that at least so many people searched on the
// days of a span, what was searched most first, at most limit, and how many more
// there are.
func MostSearched(span SearchSpan, days map[time.Time]SearchLog, people, limit int) (most []Searched, more int) {
	piles := map[string]*pile{}
	span.each(days, func(_ time.Time, l logged) {
		p := piles[l.key]
		if p == nil {
			p = &pile{}
			piles[l.key] = p
		}
		p.lines = &line{l, p.lines}
		p.add(sumOf(l.codes))
	})
	for key, p := range piles {
		if !strings.HasSuffix(key, "\t") && different(p.people()) >= people { // something is left of what was typed
			most = append(most, Searched{Query: p.wording(), Lang: p.lines.lang, Times: p.searches + p.apart})
		}
	}
	slices.SortFunc(most, func(a, b Searched) int {
		return cmp.Or(b.Times-a.Times, strings.Compare(a.Lang, b.Lang), strings.Compare(a.Query, b.Query))
	})
	n := min(limit, len(most))
	return most[:n], len(most) - n
}
