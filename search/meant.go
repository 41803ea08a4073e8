package search

import (
	"context"
	"math"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"primalinea/content"
)

// A word that is in some article may still be a mistake: the reader's, and once
// the writer's too. It seems to be one when very few articles have it, many more
// have one that looks nearly the same, and with that one an article holds more
// words of the query than any does as it was typed.
const (
	maxOdd = 4 // articles that have the word
	more   = 4 // how many times as many have the other
	// A query of one word has nothing beside it to tell by.
	moreAlone = 8
)

// meant returns a text with the word replaced that seems to be a mistake, or
// nothing when none does. b holds what the plan of the text collected.
func (x *Index) meant(ctx context.Context, v *view, b *board, p *plan, text string, reader content.Audience, now time.Time) (string, error) {
	l := v.langs[p.lang]
	looks := maxMistaken
	most := uint8(0) // words that an article holds
	for _, g := range p.groups {
		if !g.typed() {
			looks-- // a near one was sought for it already
		}
	}
	for _, n := range b.touched {
		most = max(most, b.places[n].matched)
	}
	if len(p.groups) > 1 && int(most) == len(p.groups) {
		return "", nil // an article holds them all
	}
	times := float64(more)
	if len(p.groups) == 1 {
		times = moreAlone
	}
	var all *board // which has those too that hold common words alone
	for _, g := range p.groups {
		if len(g.terms) == 0 || g.terms[0].rung != RungWord || g.terms[0].idf < l.idf(maxOdd) {
			continue
		}
		if looks--; looks < 0 {
			break
		}
		nearest := v.vocabulary(l, p.lang).nearest(g.form)
		for _, w := range nearest[:min(len(nearest), maxNear)] {
			if w.count <= maxOdd {
				continue
			}
			if all == nil {
				all = x.board(v.size())
				defer x.wipe(all)
				if err := v.collect(ctx, all, p, choice{}, reader, now); err != nil {
					return "", err
				}
				for _, n := range all.touched {
					most = max(most, all.places[n].matched)
				}
			}
			yes, err := v.fits(ctx, all, p, &g, w.form, g.terms[0].idf-math.Log(times), most, reader, now)
			if err != nil {
				return "", err
			}
			if yes {
				return spelled(p.lang, text, g.form, w.form), nil
			}
		}
	}
	return "", nil
}

// fits reports whether a word may be what was meant by one of the query: it does
// not stand for it anyway, it is so much more common that its idf is at most so,
// and where it is, more words stand together than most. Alone, it is enough that
// it is more common.
func (v *view) fits(ctx context.Context, b *board, p *plan, g *group, form string, idf float64, most uint8, reader content.Audience, now time.Time) (bool, error) {
	stem := analyzerFor(p.lang).stemOf(form)
	if stem == "" || g.has(stem) {
		return false, nil
	}
	// The form itself must be one that the reader could read somewhere.
	if known, _, err := v.known(ctx, p.lang, "forms_", form, reader, now); err != nil || !known {
		return false, err
	}
	r, err := v.snap.TermFieldReader(ctx, []byte(stem), "stems_"+p.lang, false, false, false)
	if err != nil {
		return false, err
	}
	defer r.Close()
	if v.langs[p.lang].idf(int(r.Count())) > idf {
		return false, nil
	}
	var pre index.TermFieldDoc
	for {
		d, err := r.Next(&pre)
		if err != nil || d == nil {
			return false, err
		}
		n := d.ID.Value()
		if !v.sees(n, reader, now) {
			continue
		}
		held := b.places[n].matched
		if !v.row(uint32(n)).answers(g) {
			held++
		}
		if held > most || len(p.groups) == 1 {
			return true, nil
		}
	}
}

// guess returns a text of which no word is in any article, with those for which
// one can be found that looks remotely like it; or nothing. It is for a page that
// would be empty.
func (v *view) guess(ctx context.Context, lang, text string, reader content.Audience, now time.Time) (string, error) {
	l := v.langs[lang]
	if l == nil {
		return "", nil
	}
	vocab := v.vocabulary(l, lang)
	an := analyzerFor(lang)
	tokens := an.tokens(text)
	by := map[int]string{}
	looks := maxMistaken
	for _, t := range tokens {
		if t.stem == "" {
			continue
		}
		if looks--; looks < 0 {
			break
		}
		remote := vocab.remote(t.form)
		for _, w := range remote[:min(len(remote), maxNear)] {
			if an.stemOf(w.form) == "" {
				continue
			}
			known, _, err := v.known(ctx, lang, "forms_", w.form, reader, now)
			if err != nil {
				return "", err
			}
			if known {
				by[t.start] = w.form
				break
			}
		}
	}
	if len(by) == 0 {
		return "", nil
	}
	return replaced(text, tokens, by), nil
}

// has reports whether a word of the index stands for this one of the query.
func (g *group) has(stem string) bool {
	for _, t := range g.terms {
		if t.stem == stem {
			return true
		}
	}
	return false
}

// answers reports whether an article answers a word of a query.
func (d row) answers(g *group) bool {
	for i := range g.terms {
		if _, _, ok := d.find(&g.terms[i].word); ok {
			return true
		}
	}
	return false
}

// spelled returns a text with one of its words written otherwise.
func spelled(lang, text, from, to string) string {
	by := map[int]string{}
	tokens := analyzerFor(lang).tokens(text)
	for _, t := range tokens {
		if t.form == from {
			by[t.start] = to
		}
	}
	return replaced(text, tokens, by)
}
