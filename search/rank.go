package search

import (
	"context"
	"slices"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"primalinea/content"
)

// Ranking has two stages. First every article that holds a word of the query
// gets a score from the joined words of its fields, by walking bleve's postings
// one word after the other. Then the best of them are ranked again by BM25F,
// which needs the counts of each field apart, and by what their titles say.
const (
	candidates = 100

	joinedK1 = 1.2
	joinedB  = 0.5

	k1          = 3.0
	titleBonus  = 0.5  // of the query's weight, for a title that holds all of it
	exactBonus  = 1.0  // of the query's weight, for a title or phrase that is the query
	wholeBonus  = 0.2  // of the query's weight, for an article that holds all words
	endingShare = 0.75 // what a completion of the last word counts
	typoShare   = 0.9  // what a near word counts, divided by its distance

	maxEndings  = 16 // completions of the last word
	maxNear     = 3  // near words that stand for one that is in no article
	maxMistaken = 8  // words for which near ones are sought

	elsewhereHits = 5
)

// How much a word of each field counts, and how much a field's length takes
// away from it.
var (
	fieldWeight = [fields]float64{fieldTitle: 1.5, fieldPhrases: 1.5, fieldTags: 3, fieldBody: 1}
	fieldB      = [fields]float64{fieldTitle: 0.4, fieldPhrases: 0.3, fieldTags: 0, fieldBody: 0.5}
)

// A scored article is a candidate.
type scored struct {
	n       uint32
	score   float64
	article *content.Article
}

// board is where the first stage keeps its scores: one place for each document
// of a view, cleared by those who used it.
type board struct {
	places  []place
	touched []uint32
}

type place struct {
	score   float32
	part    float32 // of the current group
	mass    float32 // idf of the groups that matched
	group   uint8   // the last group that counted, plus 1
	matched uint8   // groups
}

func (x *Index) board(n int) *board {
	b, _ := x.scratch.Get().(*board)
	if b == nil || len(b.places) < n {
		b = &board{places: make([]place, n+n/4)}
	}
	return b
}

func (x *Index) wipe(b *board) {
	for _, n := range b.touched {
		b.places[n] = place{}
	}
	b.touched = b.touched[:0]
	x.scratch.Put(b)
}

// collect is the first stage.
func (v *view) collect(ctx context.Context, b *board, p *plan, reader content.Audience, now time.Time) error {
	var pre index.TermFieldDoc
	for gi, g := range p.groups {
		mark := uint8(gi + 1)
		for _, t := range g.terms {
			if err := ctx.Err(); err != nil {
				return err
			}
			r, err := v.snap.TermFieldReader(ctx, []byte(t.stem), "stems_"+p.lang, true, false, false)
			if err != nil {
				return err
			}
			worth := float32(t.weight * t.idf * (joinedK1 + 1))
			for {
				d, err := r.Next(&pre)
				if err != nil {
					r.Close()
					return err
				}
				if d == nil {
					break
				}
				n := d.ID.Value()
				if !v.sees(n, reader, now) {
					continue
				}
				tf := float32(d.Freq)
				part := worth * tf / (tf + v.norm[n])
				at := &b.places[n]
				if at.group != mark {
					if at.matched == 0 {
						b.touched = append(b.touched, uint32(n))
					}
					at.group = mark
					at.matched++
					at.mass += float32(g.idf)
					at.part = part
					at.score += part
				} else if part > at.part {
					at.score += part - at.part
					at.part = part
				}
			}
			r.Close()
		}
	}
	return nil
}

// score is the second stage, for one document.
func (v *view) score(p *plan, n uint32, whole bool) float64 {
	d, l := v.docs[n], v.langs[p.lang]
	sum, title := 0.0, 0.0
	for _, g := range p.groups {
		best, inTitle := 0.0, 0.0
		for _, t := range g.terms {
			c, ok := d.count(t.number)
			if !ok {
				continue
			}
			tf := 0.0
			for f := range fields {
				if c[f] > 0 {
					tf += fieldWeight[f] * float64(c[f]) / (1 - fieldB[f] + fieldB[f]*float64(d.length[f])/l.avg[f])
				}
			}
			best = max(best, t.weight*t.idf*tf*(k1+1)/(k1+tf))
			if c[fieldTitle]+c[fieldPhrases] > 0 {
				inTitle = max(inTitle, t.weight*t.idf)
			}
		}
		sum += best
		title += inTitle
	}
	sum += titleBonus * title
	if whole {
		sum += wholeBonus * p.weight
	}
	if slices.Contains(d.names, p.name) {
		sum += exactBonus * p.weight
	}
	return sum
}

// A choice says which of the collected articles are wanted.
type choice struct {
	wanted  int     // how many must be in their final order
	least   float64 // share of the query's weight that each must hold
	near    float64 // share of what the fullest article holds of it
	pairs   bool    // two words must be held, and enough of what is known at all
	section string  // key; empty for all
	keep    func(*content.Article) bool
	facets  []int // counts all, also those of other sections, by section
}

// order returns the best articles, in their order, and how many there are
// beside them. It ranks the candidates again; who wants more gets the others as
// the first stage ordered them.
func (v *view) order(b *board, p *plan, c choice) (top []scored, total int) {
	room := max(candidates, c.wanted)
	least := c.least * p.weight
	if c.near > 0 {
		most := float32(0)
		for _, n := range b.touched {
			most = max(most, b.places[n].mass)
		}
		least = max(least, c.near*float64(most))
	}
	words := uint8(1)
	if c.pairs {
		words = uint8(min(2, len(p.groups)))
		least = max(least, nearShare*p.known)
	}
	h := heap(make([]scored, 0, room+1))
	for _, n := range b.touched {
		at := &b.places[n]
		if float64(at.mass) < least || at.matched < words {
			continue
		}
		a := v.articles[n]
		if c.keep != nil && !c.keep(a) {
			continue
		}
		section := v.section[n]
		if c.facets != nil {
			c.facets[section]++
		}
		if c.section != "" && v.sections[section] != c.section {
			continue
		}
		total++
		s := scored{n, float64(at.score), a}
		if len(h) < room {
			h.push(s)
		} else if s.score >= h[0].score && compareHits(s, h[0]) < 0 {
			h[0] = s
			h.down()
		}
	}
	top = []scored(h)
	slices.SortFunc(top, compareHits)
	again := top[:min(candidates, len(top))]
	for i := range again {
		again[i].score = v.score(p, again[i].n, int(b.places[again[i].n].matched) == len(p.groups))
	}
	slices.SortFunc(again, compareHits)
	// What follows was scored by the first stage alone: it must not seem better.
	for i := len(again); i < len(top); i++ {
		top[i].score = min(top[i].score, again[len(again)-1].score)
	}
	return top, total
}

// A heap holds the best hits so far, the worst of them first.
type heap []scored

func (h *heap) push(s scored) {
	*h = append(*h, s)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if compareHits(a[i], a[up]) <= 0 {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

// down moves the first hit to its place.
func (h heap) down() {
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if compareHits(h[child], h[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}
