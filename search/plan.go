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
	form   string // as people write it
	word   sought
	weight float64
	idf    float64
	alone  float64 // of what the last word may become: the idf that it would have if it were typed
	worth  float64 // weight and idf, as the second stage sees them
	df     int
	rung   Rung
	with   []sought // words that must stand in the article too: the rest of a wording
}

// A group is one word of the query: any of its terms answers it, the best one
// counts.
type group struct {
	said     string // as typed
	form     string // the same, folded
	stem     string // of what it is understood as
	terms    []term
	idf      float64
	end      bool // the last word of the query, which may be unfinished
	complete bool // it is in an article as it was typed
	loose    bool // too common to be looked for: only what it may become is
}

// A plan is a query as the index understands it, in one language.
type plan struct {
	lang    string
	groups  []group
	loose   *group  // the last word, when it counts for nothing but what it may become; it is not among the groups
	weight  float64 // sum of the idf of all groups, of those in no article too
	known   float64 // the same without those
	typed   float64 // and without those for which likes stand
	name    uint32
	pin     string // under which pins are kept
	instead string
	drafts  *drafts
}

// manner says how a text is to be understood.
type manner struct {
	endings bool // the last word may be unfinished
	typing  bool // it is, even when it is all there is and too common to be looked for
	near    bool // words in no article stand for those that are like them
	letter  bool // it is a longer text, of which an article needs to hold only a part
}

// A planner finds out what the words of a text may mean, in one language and for
// one reader.
type planner struct {
	manner
	ctx    context.Context
	v      *view
	l      *language
	an     *analyzer
	vocab  *vocabulary
	words  *thesaurus
	lang   string
	reader content.Audience
	now    time.Time
	drafts *drafts
}

// plan looks a text's words up.
func (v *view) plan(ctx context.Context, lang, text string, reader content.Audience, now time.Time, m manner) (*plan, error) {
	return v.planWith(ctx, lang, text, reader, now, m, nil)
}

func (v *view) planWith(ctx context.Context, lang, text string, reader content.Audience, now time.Time, m manner, d *drafts) (*plan, error) {
	p := &plan{lang: lang, drafts: d}
	l := v.langs[lang]
	if l == nil {
		return p, nil
	}
	pl := &planner{manner: m, ctx: ctx, v: v, l: l, an: analyzerFor(lang), vocab: v.vocabulary(l, lang), words: v.tuned[lang].synonyms(), lang: lang, reader: reader, now: now, drafts: d}
	tokens := pl.an.tokens(text)
	p.name = name(tokens)

	// Each word once; those that are too common to count stay between the others.
	at := map[string]int{} // stem → place in words
	var words []token
	var line []int // places of the words in the order in which they were typed
	for _, t := range tokens {
		if t.stem == "" {
			continue
		}
		i, ok := at[t.stem]
		if !ok {
			i = len(words)
			at[t.stem] = i
			words = append(words, t)
		}
		words[i] = t // the later one may be the last
		line = append(line, i)
	}
	open := -1 // the word that may be unfinished
	if n := len(tokens); m.endings && n > 0 && tokens[n-1].end == len(text) {
		last := tokens[n-1]
		switch {
		case last.stem != "":
			open = at[last.stem]
		case len(words) > 0:
			g := group{said: text[last.start:last.end], form: last.form, end: true, loose: true}
			if err := pl.endings(&g); err != nil {
				return nil, err
			}
			if len(g.terms) > 0 {
				g.level()
				g.weigh()
				p.loose = &g
			}
		case m.typing:
			words, open = append(words, last), 0
		}
	}

	mistaken := 0
	corrected := map[int]string{}
	for i, w := range words {
		g := group{said: text[w.start:w.end], form: w.form, stem: w.stem, end: i == open}
		if err := pl.itself(&g); err != nil {
			return nil, err
		}
		if err := pl.joined(&g, tokens, w); err != nil {
			return nil, err
		}
		if g.end {
			if err := pl.endings(&g); err != nil {
				return nil, err
			}
		}
		if len(g.terms) == 0 && m.near && w.stem != "" && mistaken < maxMistaken && !pl.words.speaks(g.stem) {
			mistaken++
			best, err := pl.near(&g)
			if err != nil {
				return nil, err
			}
			if best != "" {
				for _, t := range tokens {
					if t.stem == w.stem {
						corrected[t.start] = best
					}
				}
				g.stem = pl.an.stemOf(best)
			}
		}
		// Of another language, or of a letter, cousins say too little.
		if m.endings && (m.near || len(g.terms) > 0) {
			pl.shapes(&g)
		}
		g.level()
		p.groups = append(p.groups, g)
	}
	p.pin = pinName(p.groups)
	if err := pl.synonyms(p.groups, line); err != nil {
		return nil, err
	}
	for i := range p.groups {
		g := &p.groups[i]
		g.idf = l.idf(0)
		g.weigh()
		for j, t := range g.terms {
			if j == 0 || t.idf*t.weight > g.idf {
				g.idf = t.idf * t.weight
			}
		}
	}
	p.limit()
	for _, g := range p.groups {
		p.weight += g.idf
		if len(g.terms) > 0 {
			p.known += g.idf
		}
		if g.typed() {
			p.typed += g.idf
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

// add lets a word of the index answer a word of the query, unless it does so
// already. What a writer says means the same is more than a cousin.
func (pl *planner) add(g *group, t term) {
	t.word = pl.v.sought(t.stem)
	for i, is := range g.terms {
		if is.stem == t.stem && len(is.with) == 0 {
			if is.rung == RungShape && t.rung == RungSynonym && len(t.with) == 0 {
				g.terms[i] = t
			}
			return
		}
	}
	g.terms = append(g.terms, t)
}

// weigh says what each term is worth.
func (g *group) weigh() {
	for i := range g.terms {
		g.terms[i].worth = g.terms[i].weight * g.terms[i].idf
	}
}

// typed reports whether the word is in an article as it was typed, or begins or
// means one that is.
func (g *group) typed() bool {
	return slices.ContainsFunc(g.terms, func(t term) bool { return t.rung != RungNear && t.rung != RungShape })
}

// idf is how much a word counts that is in so many articles (BM25's, never below
// zero). Articles that are gone may still be counted until bleve tidies up.
func (l *language) idf(df int) float64 {
	df = min(df, l.n)
	return math.Log(1 + (float64(l.n)-float64(df)+0.5)/(float64(df)+0.5))
}

// known reports whether the reader may see an article with a stem, and in how
// many articles it is.
func (pl *planner) known(stem string) (bool, int, error) {
	ok, df, err := pl.looked(pl.vocab.stems, "stems_", stem)
	if err != nil {
		return false, 0, err
	}
	for _, n := range pl.v.learnedIn(pl.lang, stem) {
		if pl.v.sees(uint64(n), pl.reader, pl.now) {
			ok, df = true, df+1
		}
	}
	if pl.drafts.hold(pl.lang, stem) {
		ok, df = true, max(df, 1)
	}
	return ok, df, nil
}

// form reports whether the reader may see an article with a word as it is
// written.
func (pl *planner) form(form string) (bool, error) {
	ok, _, err := pl.looked(pl.vocab.words, "forms_", form)
	return ok, err
}

// looked looks a word up in a dictionary, and in the articles only when there are
// some that the reader may not see.
func (pl *planner) looked(dictionary []word, field, word string) (bool, int, error) {
	df := count(dictionary, word)
	if df == 0 || pl.v.open(pl.l, pl.reader) {
		return df > 0, df, nil
	}
	return pl.v.known(pl.ctx, pl.lang, field, word, pl.reader, pl.now)
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

// itself adds the word that was typed.
func (pl *planner) itself(g *group) error {
	if g.stem == "" {
		return nil
	}
	known, df, err := pl.known(g.stem)
	if known {
		pl.add(g, term{stem: g.stem, form: g.form, weight: 1, idf: pl.l.idf(df), df: df, rung: RungWord})
	}
	return err
}

// joined adds what the word makes with one of its neighbours: "auto lettura" is
// autolettura, "git hub" is github.
func (pl *planner) joined(g *group, tokens []token, w token) error {
	if pl.letter {
		return nil
	}
	i := slices.IndexFunc(tokens, func(t token) bool { return t.start == w.start })
	for _, pair := range [...][2]int{{i - 1, i}, {i, i + 1}} {
		if pair[0] < 0 || pair[1] >= len(tokens) || tokens[pair[1]].start-tokens[pair[0]].end > 2 {
			continue
		}
		form := tokens[pair[0]].form + tokens[pair[1]].form
		known, err := pl.form(form)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		stem := pl.an.stemOf(form)
		_, df, err := pl.known(stem)
		if err != nil {
			return err
		}
		pl.add(g, term{stem: stem, form: form, weight: joinShare, idf: pl.l.idf(df), rung: RungJoined})
	}
	return nil
}

// endings adds the words that begin like the last one of the query.
func (pl *planner) endings(g *group) (err error) {
	share, least := 1.0, 2
	if g.loose {
		share, least = looseShare, 3 // many an English question ends with "up" or "on"
	}
	if g.complete, err = pl.form(g.form); err != nil || len([]rune(g.form)) < least {
		return err
	}
	for _, w := range slices.Concat(pl.vocab.endings(g.form, maxEndings), pl.words.endings(g.form)) {
		stem := pl.an.stemOf(w.form)
		known, df, err := pl.known(stem)
		if err != nil {
			return err
		}
		switch {
		case known:
			pl.add(g, term{stem: stem, form: w.form, weight: share, idf: pl.l.idf(df), df: df, rung: RungEnding})
		case len(g.terms) == 0 && pl.words.speaks(stem): // what it means is in articles, if it is not
			g.stem = stem
		}
	}
	return nil
}

// near adds the words that look most like one that is in no article, and
// returns the first of them.
func (pl *planner) near(g *group) (string, error) {
	best, distance := "", 0
	found := pl.vocab.near(g.form)
	if synonyms := pl.words.near(g.form); len(synonyms) > 0 {
		found = append(found, synonyms...)
		slices.SortStableFunc(found, func(a, b nearWord) int { return a.distance - b.distance })
	}
	for _, w := range found {
		if best != "" && w.distance > distance {
			break
		}
		stem := pl.an.stemOf(w.form)
		_, df, err := pl.known(stem)
		if err != nil {
			return "", err
		}
		if !pl.words.writes(w.form) {
			// The form itself must be one that the reader could read somewhere.
			known, err := pl.form(w.form)
			if err != nil {
				return "", err
			}
			if !known {
				continue
			}
		}
		if best == "" {
			best, distance = w.form, w.distance
		}
		if df > 0 {
			pl.add(g, term{stem: stem, form: w.form, weight: typoShare / float64(w.distance), idf: pl.l.idf(df), rung: RungNear})
		}
		if len(g.terms) >= maxNear {
			break
		}
	}
	return best, nil
}

// shapes adds the words of one family, which no stemmer joins: pagare, pagamento,
// pagabile.
func (pl *planner) shapes(g *group) {
	if len(g.stem) < shapeStem || !lettersOnly(g.stem) {
		return
	}
	weight, most := shapeShare, pl.l.idf(0)
	if len(g.terms) > 0 {
		if g.terms[0].rung == RungNear {
			weight *= g.terms[0].weight
		}
		most = g.terms[0].idf // a cousin is worth no more for being rare
	}
	for _, w := range pl.vocab.family(g.stem, maxShapes) {
		pl.add(g, term{stem: w.form, form: w.form, weight: weight, idf: min(most, pl.l.idf(int(w.count))), rung: RungShape})
	}
}
