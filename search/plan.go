package search

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"primalinea/content"
)

// A term is a word of the index that stands for a word of the query.
type term struct {
	stem   string
	number uint32
	weight float64
	idf    float64
}

// A group is one word of the query: any of its terms answers it, the best one
// counts.
type group struct {
	form  string
	terms []term
	idf   float64
	end   bool // the last word of the query
}

// A plan is a query as the index understands it, in one language.
type plan struct {
	lang    string
	groups  []group
	weight  float64 // sum of the idf of all groups, of those in no article too
	known   float64 // the same without those
	name    uint32
	instead string
}

// manner says how a text is to be understood.
type manner struct {
	endings bool // the last word may be unfinished
	near    bool // words in no article stand for their nearest
	letter  bool // it is a longer text, of which an article needs to hold only a part
}

// plan looks a text's words up.
func (v *view) plan(ctx context.Context, lang, text string, reader content.Audience, now time.Time, m manner) (*plan, error) {
	p := &plan{lang: lang}
	l := v.langs[lang]
	if l == nil {
		return p, nil
	}
	an := analyzerFor(lang)
	tokens := an.tokens(text)
	p.name = name(tokens)
	seen := map[string]int{}
	var words []token
	for i, t := range tokens {
		if t.stem == "" {
			continue
		}
		if at, ok := seen[t.stem]; ok {
			words[at] = t // the later one may be the last
			continue
		}
		seen[t.stem] = len(words)
		words = append(words, tokens[i])
	}
	open := -1 // the word that may be unfinished
	if n := len(tokens); m.endings && n > 0 && tokens[n-1].end == len(text) {
		last := tokens[n-1]
		if last.stem != "" {
			open = seen[last.stem]
		} else if len(words) == 0 {
			words, open = append(words, last), 0
		}
	}

	mistaken := 0
	corrected := map[int]string{}
	for i, w := range words {
		g := group{form: w.form, end: i == open}
		if w.stem != "" {
			known, df, err := v.known(ctx, lang, "stems_", w.stem, reader, now)
			if err != nil {
				return nil, err
			}
			if known {
				g.add(w.stem, 1, l.idf(df))
			}
		}
		if i == open && len([]rune(w.form)) >= 2 {
			if err := v.endings(ctx, l, lang, &g, reader, now); err != nil {
				return nil, err
			}
		}
		if len(g.terms) == 0 && m.near && mistaken < maxMistaken {
			mistaken++
			best, err := v.near(ctx, l, lang, &g, reader, now)
			if err != nil {
				return nil, err
			}
			if best != "" {
				corrected[w.start] = best
			}
		}
		g.idf = l.idf(0)
		for j, t := range g.terms {
			if j == 0 || t.idf*t.weight > g.idf {
				g.idf = t.idf * t.weight
			}
		}
		p.groups = append(p.groups, g)
	}
	p.limit()
	for _, g := range p.groups {
		p.weight += g.idf
		if len(g.terms) > 0 {
			p.known += g.idf
		}
	}
	if len(corrected) > 0 {
		p.instead = replaced(text, tokens, corrected)
	}
	return p, nil
}

// replaced returns a text with some of its words replaced.
func replaced(text string, tokens []token, by map[int]string) string {
	var b strings.Builder
	at := 0
	for _, t := range tokens {
		if word, ok := by[t.start]; ok {
			b.WriteString(text[at:t.start])
			b.WriteString(word)
			at = t.end
		}
	}
	b.WriteString(text[at:])
	return strings.TrimSpace(b.String())
}

// limit keeps the rarest words of a query, in their order.
func (p *plan) limit() {
	if len(p.groups) <= maxTerms {
		return
	}
	rank := make([]float64, len(p.groups))
	for i, g := range p.groups {
		if len(g.terms) > 0 {
			rank[i] = g.idf
		} // a word that is in no article is no loss
	}
	sorted := slices.Clone(rank)
	slices.Sort(sorted)
	least := sorted[len(sorted)-maxTerms]
	room := maxTerms
	for _, r := range rank {
		if r > least {
			room--
		}
	}
	kept := p.groups[:0]
	for i, g := range p.groups {
		if rank[i] > least {
			kept = append(kept, g)
		} else if rank[i] == least && room > 0 {
			kept = append(kept, g)
			room--
		}
	}
	p.groups = kept
}

func (g *group) add(stem string, weight, idf float64) {
	for i := range g.terms {
		if g.terms[i].stem == stem {
			g.terms[i].weight = max(g.terms[i].weight, weight)
			return
		}
	}
	g.terms = append(g.terms, term{stem, number(stem), weight, idf})
}

func (l *language) idf(df int) float64 {
	return math.Log(1 + (float64(l.n)-float64(df)+0.5)/(float64(df)+0.5))
}

// known reports whether a reader may see an article with a word, and how many
// articles have it.
func (v *view) known(ctx context.Context, lang, field, word string, reader content.Audience, now time.Time) (bool, int, error) {
	r, err := v.snap.TermFieldReader(ctx, []byte(word), field+lang, false, false, false)
	if err != nil {
		return false, 0, err
	}
	defer r.Close()
	var pre index.TermFieldDoc
	for {
		d, err := r.Next(&pre)
		if err != nil || d == nil {
			return false, 0, err
		}
		if v.sees(d.ID.Value(), reader, now) {
			return true, int(r.Count()), nil
		}
	}
}

// endings adds the words that begin like the last one of the query.
func (v *view) endings(ctx context.Context, l *language, lang string, g *group, reader content.Audience, now time.Time) error {
	vocab, err := v.vocabulary(l, lang)
	if err != nil {
		return err
	}
	an := analyzerFor(lang)
	for _, w := range vocab.endings(g.form, maxEndings) {
		stem := an.stemOf(w.form)
		known, df, err := v.known(ctx, lang, "stems_", stem, reader, now)
		if err != nil {
			return err
		}
		if known {
			g.add(stem, endingShare, l.idf(df))
		}
	}
	return nil
}

// near adds the words that look most like one that is in no article, and
// returns the first of them.
func (v *view) near(ctx context.Context, l *language, lang string, g *group, reader content.Audience, now time.Time) (string, error) {
	vocab, err := v.vocabulary(l, lang)
	if err != nil {
		return "", err
	}
	an := analyzerFor(lang)
	best, distance := "", 0
	for _, w := range vocab.near(g.form) {
		if best != "" && w.distance > distance {
			break
		}
		// The form itself must be one that the reader could read somewhere.
		known, _, err := v.known(ctx, lang, "forms_", w.form, reader, now)
		if err != nil {
			return "", err
		}
		if !known {
			continue
		}
		stem := an.stemOf(w.form)
		_, df, err := v.known(ctx, lang, "stems_", stem, reader, now)
		if err != nil {
			return "", err
		}
		if best == "" {
			best, distance = w.form, w.distance
		}
		g.add(stem, typoShare/float64(w.distance), l.idf(df))
		if len(g.terms) >= maxNear {
			break
		}
	}
	return best, nil
}
