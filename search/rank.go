package search

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
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

// Search answers a query. Without words to look for it finds nothing.
func (x *Index) Search(ctx context.Context, q Query) (Result, error) {
	start := time.Now()
	text, cut := clean(q.Text, maxText)
	v, version, now, err := x.acquire()
	if err != nil {
		return Result{Cut: cut}, err
	}
	defer v.release()
	limit, offset := q.window()
	key := cacheKey{text, q.Lang, q.Section, q.Reader, limit, offset, q.OneLang}
	if r, ok := x.cache.get(version, key); ok {
		r.Cut = cut
		r.Took = time.Since(start)
		return r, nil
	}
	if err := x.wait(ctx); err != nil {
		return Result{Cut: cut}, err
	}
	defer x.done()
	var r Result
	err = x.guard(func() (err error) {
		r, err = x.search(ctx, v, now, q, text, limit, offset)
		return err
	})
	r.Cut = cut
	r.Took = time.Since(start)
	if err == nil {
		x.cache.put(version, key, r)
	}
	return r, err
}

func (x *Index) search(ctx context.Context, v *view, now time.Time, q Query, text string, limit, offset int) (r Result, err error) {
	p, err := v.plan(ctx, q.Lang, text, q.Reader, now, manner{endings: true, near: true})
	if err != nil {
		return r, err
	}
	r.Instead = p.instead
	b := x.board(len(v.docs))
	defer x.wipe(b)
	if err := v.collect(ctx, b, p, q.Reader, now); err != nil {
		return r, err
	}
	facets := make([]int, len(v.sections))
	top, total := v.order(b, p, choice{wanted: offset + limit, near: alikeShare, section: q.Section, facets: facets})
	for i, n := range facets {
		if n > 0 {
			r.Sections = append(r.Sections, Facet{v.sections[i], n})
		}
	}
	slices.SortFunc(r.Sections, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Section, b.Section))
	})
	r.Total = total
	page := top[min(offset, len(top)):min(offset+limit, len(top))]
	if r.Hits, err = x.hits(v, p, page, q.Reader, true); err != nil {
		return r, err
	}
	if q.OneLang || offset > 0 {
		return r, nil
	}
	r.Elsewhere, err = x.elsewhere(ctx, v, now, q, text)
	return r, err
}

// elsewhere finds what other languages say. Their scores cannot be compared, so
// each language's best comes first, then each one's second.
func (x *Index) elsewhere(ctx context.Context, v *view, now time.Time, q Query, text string) ([]Hit, error) {
	var lists [][]Hit
	for _, lang := range v.languages {
		if lang == q.Lang {
			continue
		}
		p, err := v.plan(ctx, lang, text, q.Reader, now, manner{})
		if err != nil {
			return nil, err
		}
		b := x.board(len(v.docs))
		err = v.collect(ctx, b, p, q.Reader, now)
		var found []scored
		if err == nil {
			found, _ = v.order(b, p, choice{least: elsewhereShare, section: q.Section, keep: func(a *content.Article) bool {
				return !v.hasTranslation(a.Key, q.Lang, q.Reader, now)
			}})
		}
		x.wipe(b)
		if err != nil {
			return nil, err
		}
		hits, err := x.hits(v, p, found[:min(elsewhereHits, len(found))], q.Reader, true)
		if err != nil {
			return nil, err
		}
		lists = append(lists, hits)
	}
	var out []Hit
	for rank := range elsewhereHits {
		for _, hits := range lists {
			if rank < len(hits) && len(out) < elsewhereHits {
				out = append(out, hits[rank])
			}
		}
	}
	return out, nil
}

// elsewhereShare is how much of a query's weight an article in another language
// must hold: a name or a number that languages share is enough when it is all
// that was typed, not when it is one word of five.
const elsewhereShare = 0.5

// alikeShare is how much of what the fullest article holds of a query another
// one must hold to be an answer too. An article with one common word of four is
// none when others have all of them.
const alikeShare = 0.25

// nearShare is how much of the weight of a longer text's known words an article
// near it must hold. Of its words most say nothing, and many are in no article.
const nearShare = 0.2

// Suggest answers a query that is still being typed: its last word always
// counts as the words that begin like it. The hits have no snippets.
func (x *Index) Suggest(ctx context.Context, q Query) ([]Hit, error) {
	text, _ := clean(q.Text, maxText)
	limit, offset := q.window()
	return x.list(ctx, q.Lang, text, limit, offset, q.Section, q.Reader, manner{endings: true, near: true}, false, false)
}

// Nearest returns the articles of a language that are most like a text, with
// the passages that are. Words that are in no article stand for nothing here:
// a letter has many of them, and few are mistakes.
func (x *Index) Nearest(ctx context.Context, lang, text string, n int, reader content.Audience) ([]Hit, error) {
	text, _ = clean(text, maxLong)
	return x.list(ctx, lang, text, min(max(n, 0), maxLimit), 0, "", reader, manner{}, true, true)
}

func (x *Index) list(ctx context.Context, lang, text string, limit, offset int, section string, reader content.Audience, m manner, pairs, snippets bool) (hits []Hit, err error) {
	v, _, now, err := x.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	if err := x.wait(ctx); err != nil {
		return nil, err
	}
	defer x.done()
	err = x.guard(func() error {
		p, err := v.plan(ctx, lang, text, reader, now, m)
		if err != nil {
			return err
		}
		b := x.board(len(v.docs))
		defer x.wipe(b)
		if err := v.collect(ctx, b, p, reader, now); err != nil {
			return err
		}
		top, _ := v.order(b, p, choice{wanted: offset + limit, pairs: pairs, near: alikeShare, section: section})
		page := top[min(offset, len(top)):min(offset+limit, len(top))]
		hits, err = x.hits(v, p, page, reader, snippets)
		return err
	})
	return hits, err
}

// hits makes what readers see. Each article is looked at once more, in the
// library that is current now.
func (x *Index) hits(v *view, p *plan, page []scored, reader content.Audience, snippets bool) ([]Hit, error) {
	if len(page) == 0 {
		return nil, nil
	}
	x.mu.Lock()
	files := x.view
	if files != nil {
		files.refs.Add(1)
	}
	x.mu.Unlock()
	defer files.release()
	now := x.now()
	m := p.marker()
	hits := make([]Hit, 0, len(page))
	for _, s := range page {
		a := s.article
		if files != nil {
			a = files.lib.ByFile(a.File)
		}
		if !visible(a, reader, now) || !reader.MayRead(v.docs[s.n].audience) {
			continue
		}
		h := Hit{Article: a, Score: s.score, Title: m.pieces(a.Title)}
		if snippets {
			passages, err := v.passages(s.n)
			if err != nil {
				return nil, err
			}
			h.Snippet, h.Anchor, h.Heading = m.snippet(passages)
		}
		hits = append(hits, h)
	}
	return hits, nil
}
