package journey

import (
	"cmp"
	"slices"
	"time"

	"primalinea/escalation/scrub"
)

// Month is how far back searches are counted.
const Month = 28 * 24 * time.Hour

// A Searched is a search that visitors made, however they wrote its capitals
// and spaces.
type Searched struct {
	Query, Lang string
	Times       int
}

// A Tally counts searches.
type Tally struct {
	People int // that have to make a search before it is named; whom nobody can join counts as nobody
	counts map[[2]string]*count
}

type count struct {
	times    int
	visitors []string // different ones, as many as are needed
}

// Add counts a query that a visitor made so many times. What was struck out of it
// was not searched by anybody else.
func (t *Tally) Add(lang, query, visitor string, times int) {
	query = folded(scrub.Without(query))
	if query == "" {
		return
	}
	if t.counts == nil {
		t.counts = map[[2]string]*count{}
	}
	c := t.counts[[2]string{lang, query}]
	if c == nil {
		c = &count{}
		t.counts[[2]string{lang, query}] = c
	}
	c.times += times
	if visitor != "" && len(c.visitors) < t.People && !slices.Contains(c.visitors, visitor) {
		c.visitors = append(c.visitors, visitor)
	}
}

// Most returns the searches that were made most, at most limit, and how many
// others may be named.
func (t *Tally) Most(limit int) (most []Searched, left int) {
	for k, c := range t.counts {
		if len(c.visitors) >= t.People {
			most = append(most, Searched{Query: k[1], Lang: k[0], Times: c.times})
		}
	}
	slices.SortFunc(most, func(a, b Searched) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.Query, b.Query))
	})
	n := min(limit, len(most))
	return most[:n], len(most) - n
}
