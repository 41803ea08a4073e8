package search

import "math"

// The last word of a query may be unfinished: "come leggo il con" may go on as
// contatore, contratto or consumo. Which of them is meant, the other words of the
// query say best: that of which the articles speak that hold those. So the
// candidates are ranked without the last word first, and each vouches for the
// words it holds with what it scores, twice when they are in its title. What is in
// many articles anyway is likely too.
//
// A completion counts by the fourth root of how likely it is beside the likeliest,
// because a few candidates are a small sample. And it is worth little more than the
// likeliest for being rare: a rare word is a good guess of what somebody means who
// has typed all of it, but not of what somebody is about to type. On the judged
// questions, that costs half of what is lost without it.
const (
	looseShare   = 0.3  // what a completion counts of a word that is too common to be looked for
	otherEndings = 0.3  // what those count that an article holds beside its best
	rareEnding   = 0.25 // what counts of the idf that a completion has beyond the likeliest one's
)

// unfinished returns the word of the query that may go on, or nil.
func (p *plan) unfinished() *group {
	if p.loose != nil {
		return p.loose
	}
	for i := range p.groups {
		if p.groups[i].end {
			return &p.groups[i]
		}
	}
	return nil
}

// open reports whether a term is only what the word may become. The stem of a word
// that no article has as it was typed is no more than that either: idri is no form
// of idro.
func (g *group) open(t *term) bool {
	return t.rung == RungEnding || t.rung == RungWord && g.end && !g.complete
}

// level lets all that the word may become be worth the same, as long as nothing
// else is known.
func (g *group) level() {
	least := math.Inf(1)
	for i := range g.terms {
		if t := &g.terms[i]; g.open(t) {
			least = min(least, t.idf)
		}
	}
	for i := range g.terms {
		if t := &g.terms[i]; g.open(t) {
			t.alone, t.idf = t.idf, least
		}
	}
}

// score gives candidates their final score. What the last word may become gets its
// worth on the way.
func (v *view) score(p *plan, of []scored) {
	g := p.unfinished()
	if g == nil || len(g.terms) < 2 && !g.loose || len(p.groups) == 1 && !g.loose {
		for i := range of {
			d, learned := v.vector(&of[i])
			of[i].score = v.grade(p, d, learned, nil).score
		}
		return
	}
	n := len(g.terms)
	grades := make([]grade, len(of))
	all := make([]held, 0, len(of)*n)
	says := make([]float64, n)
	sum := 0.0
	var row []held
	for i := range of {
		d, learned := v.vector(&of[i])
		is := &grades[i]
		for j := range p.groups {
			if other := &p.groups[j]; other != g {
				row = v.held(p, other, d, learned, row[:0])
				is.word(other, row, d, learned, nil)
			}
		}
		all = v.held(p, g, d, learned, all)
		voice := is.score + titleBonus*is.title
		sum += voice
		for j, h := range all[i*n:] {
			if h.tf > 0 {
				says[j] += voice * (1 + h.name)
			}
		}
	}
	if sum > 0 {
		for j := range says {
			says[j] = says[j]/sum + float64(g.terms[j].df)/float64(v.langs[p.lang].n)
		}
		g.choose(says)
	}
	for i := range of {
		d, learned := v.vector(&of[i])
		is := &grades[i]
		is.word(g, all[i*n:(i+1)*n], d, learned, nil)
		is.whole(p, d, nil)
		of[i].score = is.score
	}
}

// choose gives what the word may become its worth, by how likely each of it is.
func (g *group) choose(likely []float64) {
	best := -1
	for i := range g.terms {
		if t := &g.terms[i]; (g.open(t) || t.rung == RungWord) && (best < 0 || likely[i] > likely[best]) {
			best = i
		}
	}
	if best < 0 || likely[best] == 0 {
		return
	}
	share, most := 1.0, g.terms[best].idf
	if g.loose {
		share = looseShare
	}
	if g.open(&g.terms[best]) {
		most = g.terms[best].alone
	}
	for i := range g.terms {
		if t := &g.terms[i]; g.open(t) {
			t.worth = share * math.Sqrt(math.Sqrt(likely[i]/likely[best])) * min(t.alone, most+rareEnding*max(0, t.alone-most))
		}
	}
}
