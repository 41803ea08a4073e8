package demand

import (
	"cmp"
	"maps"
	"slices"

	"primalinea/escalation"
)

// Joins returns the lines to join: in different languages, and solved by the same
// article or asking about the same code. Each line takes at most one strand of a
// language, so a broad article does not draw everything together; lines kept apart
// by people stay so; and one that was decided upon stays what it is, so of two none
// moves.
func (p *Placer) Joins(a *Arrangement, decided func(line string) bool) []Act {
	j := &joiner{p: p, a: a.with(nil), decided: decided}
	j.sameArticle()
	j.sameCode()
	return j.acts
}

type joiner struct {
	p       *Placer
	a       *Arrangement // with what was joined until now
	decided func(line string) bool
	acts    []Act
}

func (j *joiner) sameArticle() {
	by := map[string][]*strand{}
	for _, s := range j.p.order {
		for article, n := range s.solved {
			if 2*n >= s.tickets {
				by[article] = append(by[article], s)
			}
		}
	}
	for _, article := range slices.Sorted(maps.Keys(by)) {
		strands := by[article]
		slices.SortFunc(strands, func(a, b *strand) int {
			return cmp.Or(b.solved[article]-a.solved[article], a.place-b.place)
		})
		for _, other := range strands[1:] {
			if j.p.agree(strands[0], other) {
				j.join(strands[0], other, SameArticle)
			}
		}
	}
}

func (j *joiner) sameCode() {
	for _, code := range slices.Sorted(maps.Keys(j.p.lexicon.codes)) {
		var strands []*strand
		for _, n := range j.p.lexicon.codes[code] { // one word in each language
			// A code that several matters share in one language is no name of any.
			if among := j.p.byWord[n]; len(among) == 1 && among[0].mostly(n) {
				strands = append(strands, among[0])
			}
		}
		for i := 1; i < len(strands); i++ {
			j.join(strands[0], strands[i], SameCode)
		}
	}
}

// mostly reports whether at least half of a strand's wordings have a word.
func (s *strand) mostly(n int32) bool {
	have := 0
	for _, w := range s.wordings {
		if slices.Contains(w.words, n) {
			have++
		}
	}
	return 2*have >= len(s.wordings)
}

// join joins the lines of two strands, if they may be.
func (j *joiner) join(x, y *strand, why string) {
	if y.place < x.place {
		x, y = y, x
	}
	line, other := j.a.LineOf(x.id), j.a.LineOf(y.id)
	if line == other || j.a.Apart(line, other) {
		return
	}
	langs := map[string]bool{}
	for _, s := range j.a.Strands(line) {
		if at := j.p.strands[s]; at != nil {
			langs[at.lang] = true
		}
	}
	for _, s := range j.a.Strands(other) {
		if at := j.p.strands[s]; at != nil && langs[at.lang] {
			return
		}
	}
	if j.decided(other) {
		if j.decided(line) {
			return
		}
		line, other = other, line
	}
	act := Act{
		Number: j.a.Last() + 1, Kind: Join, Line: line, Other: other,
		By: escalation.ActorRef{Kind: escalation.BySystem, ID: why},
	}
	j.a.take(act)
	j.acts = append(j.acts, act)
}

// agree reports whether two strands are about the same articles, as far as
// articles know them: one that solved tickets of both may say a bit of everything.
func (p *Placer) agree(x, y *strand) bool {
	sum, n := 0.0, 0
	for _, a := range x.wordings {
		for _, b := range y.wordings {
			if len(a.about) > 0 && len(b.about) > 0 {
				sum += aboutLike(a, b)
				n++
			}
		}
	}
	return n == 0 || sum >= alike*float64(n)
}
