package demand

import (
	"cmp"
	"maps"
	"slices"

	"primalinea/escalation"
)

// agreement is how much the articles have to be the same that two strands are
// about, on average, when one article solved the tickets of both: it may be one
// that says a bit of everything.
const agreement = 0.2

// Join returns the next two lines to join: in different languages, and solved by
// the same article or asking about the same code. Each line takes at most one
// strand of a language, so a broad article does not draw everything together;
// lines kept apart by people stay so; and one that was decided upon stays what it
// is, so of two none moves.
func (p *Placer) Join(a *Arrangement, decided func(line string) bool) (Act, bool) {
	j := joiner{p, a, decided}
	if act, ok := j.sameArticle(); ok {
		return act, true
	}
	return j.sameCode()
}

type joiner struct {
	p       *Placer
	a       *Arrangement
	decided func(line string) bool
}

func (j joiner) sameArticle() (Act, bool) {
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
				if act, ok := j.act(strands[0], other, SameArticle); ok {
					return act, true
				}
			}
		}
	}
	return Act{}, false
}

func (j joiner) sameCode() (Act, bool) {
	by := map[string][]*strand{}
	for _, s := range j.p.order {
		for code := range j.p.codes(s) {
			by[code] = append(by[code], s)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		strands := by[code]
		langs := map[string]bool{}
		for _, s := range strands {
			langs[s.lang] = true
		}
		// A code that several matters share in one language is no name of any.
		if len(langs) < len(strands) || len(langs) < 2 {
			continue
		}
		for _, other := range strands[1:] {
			if 2*j.p.codes(strands[0])[code] >= len(strands[0].wordings) && 2*j.p.codes(other)[code] >= len(other.wordings) {
				if act, ok := j.act(strands[0], other, SameCode); ok {
					return act, true
				}
			}
		}
	}
	return Act{}, false
}

// act joins the lines of two strands, if they may be.
func (j joiner) act(x, y *strand, why string) (Act, bool) {
	if y.place < x.place {
		x, y = y, x
	}
	line, other := j.a.LineOf(x.id), j.a.LineOf(y.id)
	if line == other || j.a.Apart(line, other) {
		return Act{}, false
	}
	langs := map[string]bool{}
	for _, s := range j.a.Strands(line) {
		if at := j.p.strands[s]; at != nil {
			langs[at.lang] = true
		}
	}
	for _, s := range j.a.Strands(other) {
		if at := j.p.strands[s]; at != nil && langs[at.lang] {
			return Act{}, false
		}
	}
	if j.decided(other) {
		if j.decided(line) {
			return Act{}, false
		}
		line, other = other, line
	}
	return Act{Kind: Join, Line: line, Other: other, By: escalation.ActorRef{Kind: escalation.BySystem, ID: why}}, true
}

// agree reports whether two strands are about the same articles, as far as
// articles know them.
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
	return n == 0 || sum >= agreement*float64(n)
}

// codes returns how many wordings of a strand name which code.
func (p *Placer) codes(s *strand) map[string]int {
	var codes map[string]int
	for _, w := range s.wordings {
		for _, n := range w.words {
			if code := p.lexicon.words[n].code; code != "" {
				if codes == nil {
					codes = map[string]int{}
				}
				codes[code]++
			}
		}
	}
	return codes
}
