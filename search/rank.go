package search

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"primalinea/content"
)

// Ranking has two stages. First every article that holds a word of the query
// gets a score from the joined words of its fields, by walking bleve's postings
// one word after the other. Then the best of them are ranked again by BM25F,
// which needs the counts of each field apart, and by what their titles say.
//
// BM25F: H. Zaragoza et al., "Microsoft Cambridge at TREC-13", 2004. The weights
// were chosen on the judged questions of three languages together (TestQuality,
// TestShippedQuality); each is near the middle of a range in which little changes.
const (
	candidates = 100

	joinedK1 = 1.2
	joinedB  = 0.5

	k1         = 3.0
	titleBonus = 0.5 // of the query's weight, for a title that holds all of it
	exactBonus = 1.5 // of the query's weight, for a title or phrase that is the query
	wholeBonus = 0.3 // of the query's weight, for an article that holds all words

	aboutScore = 2.5 // of the query's weight, for an article that is about all of it: that has the words is not enough, a long one has many

	joinShare    = 1.0 // what a word counts that the query writes as two
	synonymShare = 0.9 // what another wording counts
	typoShare    = 0.9 // what a near word counts, divided by its distance
	shapeShare   = 0.4 // what another word of the same family counts

	shapeStem = 4 // letters that words of a family begin with
	shapeTail = 4 // letters in which they may differ

	maxEndings  = 128 // completions of the last word
	maxBringing = 16  // of those, the most common, that bring in candidates
	maxNear     = 3   // near words that stand for one that is in no article
	maxMistaken = 8   // words for which near ones are sought
	maxShapes   = 8   // words of the same family
	maxSynonyms = 8   // other wordings of one
	maxOthers   = 48  // other wordings of all that is in a query

	elsewhereHits = 5
)

// How much a word of each field counts, and how much a field's length takes
// away from it.
var (
	fieldWeight = [fields]float64{fieldTitle: 1.5, fieldPhrases: 1.5, fieldTags: 4, fieldBody: 1}
	fieldB      = [fields]float64{fieldTitle: 0.5, fieldPhrases: 0.3, fieldTags: 0, fieldBody: 0.65}
)

// A scored article is a candidate.
type scored struct {
	n       uint32 // its document, or nowhere
	score   float64
	held    float64 // share of the query's weight
	article *content.Article
	draft   *Draft // what it is instead of a document
	pinned  bool
}

// board is where the first stage keeps its scores: one place for each document
// of a view, cleared by those who used it.
type board struct {
	places  []place
	touched []uint32
	most    float32 // mass of the fullest
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
	b.touched, b.most = b.touched[:0], 0
	x.scratch.Put(b)
}

// collect is the first stage. It takes the rarest words of the query first: once
// what is left weighs less than an article must hold to be an answer, no others
// come in, and of common words only those are asked that are there already.
func (v *view) collect(ctx context.Context, b *board, p *plan, c choice, reader content.Audience, now time.Time) error {
	if len(p.groups) == 0 {
		return nil
	}
	v.read()
	w, err := v.walker("stems_" + p.lang)
	if err != nil {
		return err
	}
	row := make([]int, len(p.groups))
	rest := 0.0
	for i, g := range p.groups {
		row[i] = i
		rest += g.idf
	}
	slices.SortStableFunc(row, func(i, j int) int { return cmp.Compare(p.groups[j].idf, p.groups[i].idf) })
	for _, i := range row {
		g, mark := &p.groups[i], uint8(i+1)
		// What a draft replaces counts for nothing, so nothing is known before the end.
		closed := p.drafts == nil && rest*(1+1e-6) < c.floor(p, b.most)
		endings := 0
		for i := range g.terms {
			t := &g.terms[i]
			if err := ctx.Err(); err != nil {
				return err
			}
			if t.rung == RungEnding {
				if endings++; endings > maxBringing {
					continue // who has only that is no candidate by it
				}
			}
			if t.rung == RungShape && g.terms[0].rung == RungWord {
				continue // who has only a cousin of a word that others have is no candidate by it
			}
			if err := v.collectTerm(b, w, p, mark, g, t, closed, reader, now); err != nil {
				return err
			}
		}
		rest -= g.idf
	}
	return nil
}

// collectTerm counts the articles that have one word; closed says that only those
// count that have another word of the query.
func (v *view) collectTerm(b *board, w walker, p *plan, mark uint8, g *group, t *term, closed bool, reader content.Audience, now time.Time) error {
	worth, mass := float32(t.weight*t.idf*(joinedK1+1)), float32(g.idf)
	name := wordName{p.lang, t.stem}
	count, cost, err := w.find(name)
	if err != nil {
		return err
	}
	if closed && cost > askShare*len(b.touched) {
		for _, n := range b.touched {
			r := v.row(n)
			if c, ok := r.count(&t.word); ok && r.holds(t.with) {
				tf := float32(0)
				for f, n := range c {
					tf += float32(n * repeat[f])
				}
				b.count(n, mark, mass, worth*tf/(tf+v.norm[n]))
			}
		}
	} else {
		take := func(n uint32, tf float32) {
			if closed && b.places[n].matched == 0 || !v.sees(uint64(n), reader, now) || len(t.with) > 0 && !v.row(n).holds(t.with) {
				return
			}
			b.count(n, mark, mass, worth*tf/(tf+v.norm[n]))
		}
		for i := range w {
			s := &w[i]
			postings, err := s.unpacked(name, count >= commonAt)
			if err != nil {
				return err
			}
			if postings != nil {
				postings.each(func(n uint32, frequency uint8) { take(s.base+n, float32(frequency)) })
			} else if err := s.walk(func(n, frequency uint64) { take(s.base+uint32(n), float32(frequency)) }); err != nil {
				return err
			}
		}
	}
	if len(t.with) > 0 {
		return nil
	}
	for _, n := range v.learnedIn(p.lang, t.stem) {
		if v.sees(uint64(n), reader, now) && (!closed || b.places[n].matched > 0) {
			b.count(n, mark, mass, worth/(1+v.norm[n]))
		}
	}
	return nil
}

// A walker walks the postings of one field, word after word. It asks the segments
// themselves, which is quicker than bleve's reader of terms by what that one makes
// anew for each word and each article.
type walker []segmentWalker

type segmentWalker struct {
	table *table
	base  uint32    // number of the segment's first document
	known *unpacked // the word found last, when it is kept unpacked
	count int       // documents that have it
	find  func(word []byte) (int, error)
	walk  func(yield func(n uint64, frequency uint64)) error
}

func (v *view) walker(field string) (walker, error) {
	var w walker
	for i, s := range v.snap.Segments() {
		dict, err := s.Segment().Dictionary(field)
		if err != nil {
			return nil, err
		}
		deleted := s.Deleted()
		postings, err := dict.PostingsList(nil, deleted, nil)
		if err != nil {
			return nil, err
		}
		iterator := postings.Iterator(true, false, false, nil)
		w = append(w, segmentWalker{
			table: v.tables[i],
			base:  uint32(v.first[i]),
			find: func(word []byte) (int, error) {
				if postings, err = dict.PostingsList(word, deleted, postings); err != nil {
					return 0, err
				}
				return int(postings.Count()), nil
			},
			walk: func(yield func(n, frequency uint64)) error {
				iterator = postings.Iterator(true, false, false, iterator)
				for {
					p, err := iterator.Next()
					if err != nil || p == nil {
						return err
					}
					yield(p.Number(), p.Frequency())
				}
			},
		})
	}
	return w, nil
}

// find looks a word up, and returns how many documents have it and what it costs to
// walk them: of those that are kept unpacked four cost as much as one of the others.
func (w walker) find(name wordName) (n, cost int, err error) {
	for i := range w {
		s := &w[i]
		if s.known = s.table.common.get(name); s.known != nil {
			s.count = s.known.count
			cost += s.count / 4
		} else {
			if s.count, err = s.find([]byte(name.stem)); err != nil {
				return 0, 0, err
			}
			cost += s.count
		}
		n += s.count
	}
	return n, cost, nil
}

// unpacked returns the postings of the word found last when they are kept unpacked,
// as those of a common word are from now on; else nil.
func (s *segmentWalker) unpacked(name wordName, common bool) (*unpacked, error) {
	if s.known != nil || !common || s.count < commonPiece {
		return s.known, nil
	}
	return s.table.common.read(name, s)
}

// Common words are walked again and again: the postings of those that many
// documents have are kept unpacked, up to a bound. Each segment keeps its own, which
// stay when an article in another one is changed. Those of documents that were
// deleted since are among them; nobody sees these.
type commonWords struct {
	mu   sync.Mutex
	by   map[wordName]*unpacked
	room *atomic.Int64 // bytes that may still be kept in all segments
}

type wordName struct{ lang, stem string }

// unpacked are the postings of a word in a segment: of each document the distance to
// the one before and how often it has the word, at most 255 times: more is no
// different to a ranking. A distance without a document is only gone.
type unpacked struct {
	pairs []byte
	count int // documents
}

// each calls yield for each document, by its number in the segment.
func (u *unpacked) each(yield func(n uint32, frequency uint8)) {
	n := ^uint32(0) // before the first
	for i := 1; i < len(u.pairs); i += 2 {
		n += uint32(u.pairs[i-1])
		if frequency := u.pairs[i]; frequency > 0 {
			yield(n, frequency)
		}
	}
}

const (
	commonAt    = 1 << 10  // documents of all segments
	commonPiece = 1 << 6   // and of one
	commonRoom  = 15 << 20 // bytes
)

func (c *commonWords) get(name wordName) *unpacked {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[name]
}

// read unpacks the postings of the word that a walker found last, and keeps them; it
// does nothing when there is no more room.
func (c *commonWords) read(name wordName, s *segmentWalker) (*unpacked, error) {
	if c.room.Load() < int64(2*s.count) {
		return nil, nil
	}
	u := &unpacked{make([]byte, 0, 2*s.count), s.count}
	last := ^uint64(0)
	err := s.walk(func(n, frequency uint64) {
		for ; n-last > math.MaxUint8; last += math.MaxUint8 {
			u.pairs = append(u.pairs, math.MaxUint8, 0)
		}
		u.pairs = append(u.pairs, byte(n-last), uint8(min(frequency, math.MaxUint8)))
		last = n
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || c.by[name] != nil {
		return u, err
	}
	if c.by == nil {
		c.by = map[wordName]*unpacked{}
	}
	c.by[name] = u
	c.room.Add(-int64(len(u.pairs)))
	return u, nil
}

// forget leaves the room to others.
func (c *commonWords) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.by {
		c.room.Add(int64(len(u.pairs)))
	}
	c.by = nil
}

// askShare is how many postings take as long as asking one article for a word, of
// those that must be unpacked first.
const askShare = 12

// count adds what a word of the index gives a document. Of those that answer the
// same word of the query the best counts.
func (b *board) count(n uint32, mark uint8, mass, part float32) {
	at := &b.places[n]
	if at.group != mark {
		if at.matched == 0 {
			b.touched = append(b.touched, n)
		}
		at.group = mark
		at.matched++
		at.mass += mass
		b.most = max(b.most, at.mass)
		at.part = part
		at.score += part
	} else if part > at.part {
		at.score += part - at.part
		at.part = part
	}
}

// A grade is what the second stage gives an article.
type grade struct {
	score   float64
	title   float64 // of the score, what the title would give if it held all of the query
	mass    float64 // idf of the words of the query that it holds
	matched int     // how many these are
}

// grade is the second stage, for one document and what was learned about it.
// With parts it also tells where the score comes from.
func (v *view) grade(p *plan, d row, learned *learnedDoc, parts *[]Part) (is grade) {
	var held []held
	for i := range p.groups {
		held = v.held(p, &p.groups[i], d, learned, held[:0])
		is.word(&p.groups[i], held, d, learned, parts)
	}
	if p.loose != nil {
		is.word(p.loose, v.held(p, p.loose, d, learned, held[:0]), d, learned, parts)
	}
	is.whole(p, d, parts)
	return is
}

// held is how often a document has a term, weighted by field, and how much of it
// one of its names is: its title or a phrase.
type held struct{ tf, name float64 }

// held appends what a document holds of each term of a group.
func (v *view) held(p *plan, g *group, d row, learned *learnedDoc, to []held) []held {
	l := v.langs[p.lang]
	for i := range g.terms {
		t := &g.terms[i]
		tf, name := l.frequency(d, &t.word)
		if n := learned.count(t.word.number); n > 0 {
			tf += learnedWeight * n / (1 - learnedB + learnedB*learned.length/v.learnedLength(p.lang))
			name = max(name, learnedTitle)
		}
		if tf > 0 && !d.holds(t.with) {
			tf, name = 0, 0
		}
		to = append(to, held{tf, name})
	}
	return to
}

// word adds what a document holds of a word of the query: of its terms the best
// counts, of a word that may be unfinished also a share of the others.
func (is *grade) word(g *group, has []held, d row, learned *learnedDoc, parts *[]Part) {
	best, all, title, by := 0.0, 0.0, 0.0, -1
	for i, h := range has {
		if h.tf == 0 {
			continue
		}
		t := &g.terms[i]
		worth := t.worth * h.tf * (k1 + 1) / (k1 + h.tf)
		if worth > best || by < 0 {
			best, by = worth, i
		}
		all += worth
		title = max(title, h.name*t.worth)
	}
	if by < 0 {
		return
	}
	if g.end {
		best += otherEndings * (all - best)
	}
	is.score += best
	is.title += title
	if !g.loose {
		is.mass += g.idf
		is.matched++
	}
	if parts != nil {
		t := &g.terms[by]
		*parts = append(*parts, Part{Word: g.said, Found: t.form, Rung: t.rung, Fields: fieldsOf(d, learned, &t.word), Worth: best})
	}
}

// whole adds what a document is worth for the query as a whole.
func (is *grade) whole(p *plan, d row, parts *[]Part) {
	bonus := func(r Rung, worth float64) {
		if worth == 0 {
			return
		}
		is.score += worth
		if parts != nil {
			*parts = append(*parts, Part{Rung: r, Worth: worth})
		}
	}
	bonus(RungTitle, titleBonus*is.title)
	if is.matched == len(p.groups) {
		bonus(RungWhole, wholeBonus*p.weight)
	}
	if d.named(p.name) {
		bonus(RungExact, exactBonus*p.weight)
	}
}

// vector returns what the second stage looks at of a candidate.
func (v *view) vector(s *scored) (row, *learnedDoc) {
	if s.draft != nil {
		return s.draft.row, v.learnedAbout(s.article)
	}
	return v.row(s.n), v.learnedOf(s.n)
}

// frequency is how often a document has a word, weighted by field, and 1 when one
// of those is its title or a phrase.
func (l *language) frequency(d row, word *sought) (tf, name float64) {
	c, ok := d.count(word)
	if !ok {
		return 0, 0
	}
	for f := range fields {
		if c[f] > 0 {
			tf += fieldWeight[f] * float64(c[f]) / (1 - fieldB[f] + fieldB[f]*float64(d.length(f))/l.avg[f])
		}
	}
	if c[fieldTitle]+c[fieldPhrases] > 0 {
		name = 1
	}
	return tf, name
}

// A choice says which of the collected articles are wanted.
type choice struct {
	wanted  int     // how many must be in their final order
	least   float64 // share of the query's weight that each must hold
	near    float64 // share of what the fullest article holds of it
	pairs   bool    // two words must be held, and enough of what is known at all
	section string  // key; empty for all
	keep    func(*content.Article) bool
	facets  []int    // counts all, also those of other sections, by section
	pinned  []scored // what writers chose: it comes first, whatever it holds
}

// floor is what an article must at least hold of a query when the fullest so far
// holds most.
func (c *choice) floor(p *plan, most float32) float64 {
	least := max(c.least*p.weight, c.near*float64(most))
	if c.pairs {
		least = max(least, nearShare*p.known)
	}
	return least
}

// order returns the best articles, in their order, and how many there are
// beside them. It ranks the candidates again; who wants more gets the others as
// the first stage ordered them.
func (v *view) order(b *board, p *plan, c choice) (top []scored, total int) {
	room := max(candidates, c.wanted)
	drafts := p.drafts.graded(v, p)
	most := b.most
	if p.drafts != nil {
		most = 0
		for _, n := range b.touched {
			if at := &b.places[n]; at.mass > most && !p.drafts.replace(v.articles[n]) {
				most = at.mass
			}
		}
		for _, d := range drafts {
			most = max(most, float32(d.mass))
		}
	}
	least, words := c.floor(p, most), 1
	if c.pairs {
		words = min(2, len(p.groups))
	}
	// wanted counts an article, and says whether it is to be listed.
	wanted := func(a *content.Article, section string, place int) bool {
		if c.keep != nil && !c.keep(a) {
			return false
		}
		if c.facets != nil && place >= 0 {
			c.facets[place]++
		}
		if c.section != "" && section != c.section {
			return false
		}
		total++
		return true
	}
	var first []scored
	for _, s := range c.pinned {
		if wanted(s.article, s.article.Section, slices.Index(v.sections, s.article.Section)) {
			first = append(first, s)
		}
	}
	chosen := func(a *content.Article) bool {
		return slices.ContainsFunc(c.pinned, func(s scored) bool { return s.article == a })
	}
	h := heap(make([]scored, 0, room+1))
	for _, n := range b.touched {
		at := &b.places[n]
		if float64(at.mass) < least || int(at.matched) < words {
			continue
		}
		a := v.articles[n]
		if p.drafts.replace(a) || chosen(a) {
			continue
		}
		section := int(v.section[n])
		if !wanted(a, v.sections[section], section) {
			continue
		}
		s := scored{n: n, score: float64(at.score), held: min(1, float64(at.mass)/p.weight), article: a}
		if len(h) < room {
			if h = append(h, s); len(h) == room {
				h.order()
			}
		} else if s.score >= h[0].score && compareHits(s, h[0]) < 0 {
			h[0] = s
			h.down(0)
		}
	}
	top = []scored(h)
	if len(top) > candidates {
		slices.SortFunc(top, compareHits)
	}
	again, rest := top[:min(candidates, len(top))], top[min(candidates, len(top)):]
	if len(drafts) > 0 {
		again = slices.Clone(again)
		for _, d := range drafts {
			a := d.draft.Article
			if d.mass < least || d.matched < words || chosen(a) {
				continue
			}
			if wanted(a, a.Section, slices.Index(v.sections, a.Section)) {
				again = append(again, scored{n: nowhere, held: min(1, d.mass/p.weight), article: a, draft: d.draft})
			}
		}
	}
	v.score(p, again)
	slices.SortFunc(again, compareHits)
	// What follows was scored by the first stage alone: it must not seem better.
	for i := range rest {
		rest[i].score = min(rest[i].score, again[len(again)-1].score)
	}
	if len(drafts) > 0 {
		top = slices.Concat(again, rest)
	}
	best := 0.0
	if len(top) > 0 {
		best = top[0].score
	}
	for i := range slices.Backward(first) {
		d, learned := v.vector(&first[i])
		best = max(best, v.grade(p, d, learned, nil).score)
		first[i].score = best
	}
	return append(first, top...), total
}

// A heap holds the best hits so far, the worst of them first.
type heap []scored

// order makes a heap of what lies in it.
func (h heap) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// down moves a hit to its place below.
func (h heap) down(i int) {
	for {
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
