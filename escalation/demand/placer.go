package demand

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"slices"

	"primalinea/escalation/scrub"
)

const (
	maxCompared   = 20     // wordings of a strand that others are compared with, the oldest
	maxCandidates = 40     // strands that a wording is compared with
	maxScanned    = 20_000 // entries looked at to find them
)

// A Placer puts likes together. What it knows of all signals is kept between
// runs, so that a new one is placed by itself.
//
// A strand is what belongs together in one language. A wording joins the strand
// that it is most like on average, if that is enough and none of its wordings is
// too far: so a chain of small steps does not lead from one matter to another. Of several signals that are placed
// at once the oldest come first, so it does not matter in what order they are
// read; and what was placed stays.
type Placer struct {
	// Terms analyses words, as search does.
	Terms func(lang, text string) []string
	// Nearest returns the published articles that are nearest to a text; it may be
	// nil.
	Nearest func(ctx context.Context, lang, text string, n int) ([]Near, error)

	lexicon   lexicon
	strands   map[string]*strand
	order     []*strand
	byWord    map[int32][]*strand
	byArticle map[langArticle][]*strand
	said      map[uint64]*strand  // by wording
	known     map[uint64]struct{} // signals that were added
	round     int
}

// A langArticle is an article as wordings of one language are about it.
type langArticle struct{ lang, article int32 }

// A strand is what was said in one language about one matter.
type strand struct {
	id       string
	lang     string
	place    int        // in order
	wordings []*wording // different ones, the oldest first
	solved   map[string]int
	tickets  int // that an article solved

	round int // of the wording that looked last for candidates
	found float64
}

// NewPlacer returns a placer that knows nothing yet.
func NewPlacer(terms func(lang, text string) []string, nearest func(ctx context.Context, lang, text string, n int) ([]Near, error)) *Placer {
	return &Placer{
		Terms: terms, Nearest: nearest,
		lexicon: newLexicon(), strands: map[string]*strand{}, byWord: map[int32][]*strand{},
		byArticle: map[langArticle][]*strand{}, said: map[uint64]*strand{}, known: map[uint64]struct{}{},
	}
}

// Add tells of signals that were placed before, the oldest first. What is told
// again changes nothing.
func (p *Placer) Add(placed []Signal) {
	for i := range placed {
		s := &placed[i]
		at := p.said[saidKey(s.Lang, s.Text)]
		if at != nil && at.id == s.Strand {
			p.add(s, nil) // its words are known
			continue
		}
		w := p.lexicon.wording(s.Lang, p.terms(s.Lang, s.Text), s.About)
		if at == nil {
			p.lexicon.count(s.Lang, w)
		}
		p.add(s, w)
	}
}

// Place returns the signals with their strands. a says what people arranged; it
// may be nil.
func (p *Placer) Place(ctx context.Context, signals []Signal, a *Arrangement) ([]Signal, error) {
	signals = slices.Clone(signals)
	slices.SortFunc(signals, oldestFirst)
	fresh := make([]*wording, len(signals))
	seen := map[uint64]*wording{}
	abouts := map[uint64]About{}
	for i := range signals {
		s := &signals[i]
		key := saidKey(s.Lang, s.Text)
		if w, ok := seen[key]; ok {
			fresh[i], s.About = w, abouts[key]
			continue
		}
		if p.Nearest != nil {
			near, err := p.Nearest(ctx, s.Lang, scrub.Without(s.Text), maxAbout)
			if err != nil {
				return nil, err
			}
			s.About = newAbout(near)
		}
		w := p.lexicon.wording(s.Lang, p.terms(s.Lang, s.Text), s.About)
		if p.said[key] == nil {
			p.lexicon.count(s.Lang, w)
		}
		seen[key], abouts[key], fresh[i] = w, s.About, w
	}
	p.lexicon.weigh()
	for i := range signals {
		s := &signals[i]
		s.Strand = p.find(s, fresh[i], a)
		s.Line = a.LineOf(s.Strand)
		p.add(s, fresh[i])
	}
	return signals, nil
}

// Where returns the signals with the strands and lines on which [Placer.Place] would
// put each of them, and takes no note of it.
func (p *Placer) Where(ctx context.Context, signals []Signal, a *Arrangement) ([]Signal, error) {
	signals = slices.Clone(signals)
	p.lexicon.weigh()
	for i := range signals {
		s := &signals[i]
		if p.Nearest != nil {
			near, err := p.Nearest(ctx, s.Lang, scrub.Without(s.Text), maxAbout)
			if err != nil {
				return nil, err
			}
			s.About = newAbout(near)
		}
		s.Strand = p.find(s, p.lexicon.wording(s.Lang, p.terms(s.Lang, s.Text), s.About), a)
		s.Line = a.LineOf(s.Strand)
	}
	return signals, nil
}

func (p *Placer) terms(lang, text string) []string { return termsOf(p.Terms, lang, text) }

// termsOf returns the words of a text, at least one.
func termsOf(terms func(lang, text string) []string, lang, text string) []string {
	words := terms(lang, scrub.Without(text))
	if len(words) == 0 {
		return []string{fold(text)} // nothing but small words, or signs
	}
	return words
}

// find returns the strand to which a wording belongs, or a new one.
func (p *Placer) find(s *Signal, w *wording, a *Arrangement) string {
	if id := a.strandOf(s.Lang, s.Text, p.terms); id != "" {
		return id
	}
	for _, key := range []uint64{saidKey(s.Lang, s.Text), wordsKey(w)} {
		if at := p.said[key]; at != nil {
			return at.id
		}
	}
	var best *strand
	most := alike
	for _, c := range p.candidates(s.Lang, w) {
		sum, least := 0.0, 1.0
		for _, have := range c.wordings {
			like := p.lexicon.like(have, w)
			sum, least = sum+like, min(least, like)
		}
		if least < farthest {
			continue
		}
		if mean := sum / float64(len(c.wordings)); mean > most || mean == most && best == nil {
			best, most = c, mean
		}
	}
	if best != nil {
		return best.id
	}
	sum := sha256.Sum256([]byte("line\x00" + s.ID))
	return hex.EncodeToString(sum[:8])
}

// candidates returns the strands that share most with a wording, the oldest
// first. Rare words know the nearest ones, so they are asked first.
func (p *Placer) candidates(lang string, w *wording) []*strand {
	p.round++
	var found []*strand
	scanned := 0
	take := func(among []*strand, weight float64) {
		for _, c := range among[:min(len(among), maxScanned-scanned)] {
			if c.round != p.round {
				c.round, c.found = p.round, 0
				found = append(found, c)
			}
			c.found += weight
		}
		scanned = min(maxScanned, scanned+len(among))
	}
	length := p.lexicon.length(w)
	for _, s := range w.about {
		take(p.byArticle[langArticle{p.lexicon.lang(lang), s.article}], trust*w.held*s.weight)
	}
	rarest := slices.Clone(w.words)
	slices.SortStableFunc(rarest, func(a, b int32) int { return cmp.Compare(len(p.byWord[a]), len(p.byWord[b])) })
	for _, n := range rarest {
		weight := p.lexicon.words[n].weight / length
		take(p.byWord[n], (1-trust*w.held)*weight*weight)
	}
	if len(found) > maxCandidates {
		slices.SortFunc(found, func(a, b *strand) int { return cmp.Or(cmp.Compare(b.found, a.found), a.place-b.place) })
		found = found[:maxCandidates]
	}
	slices.SortFunc(found, func(a, b *strand) int { return a.place - b.place })
	return found
}

// add takes note of what lies on a strand.
func (p *Placer) add(s *Signal, w *wording) {
	key := hashOf(s.ID, s.Strand)
	if _, ok := p.known[key]; ok {
		return
	}
	p.known[key] = struct{}{}
	at := p.strands[s.Strand]
	if at == nil {
		at = &strand{id: s.Strand, lang: s.Lang, place: len(p.order), solved: map[string]int{}}
		p.strands[s.Strand] = at
		p.order = append(p.order, at)
	}
	if s.Kind == Ticket && s.Article != "" {
		at.solved[s.Article]++
		at.tickets++
	}
	if p.said[saidKey(s.Lang, s.Text)] == at {
		return
	}
	for _, key := range []uint64{saidKey(s.Lang, s.Text), wordsKey(w)} {
		if p.said[key] == nil {
			p.said[key] = at
		}
	}
	if len(at.wordings) == maxCompared || slices.ContainsFunc(at.wordings, func(o *wording) bool { return slices.Equal(o.words, w.words) }) {
		return
	}
	at.wordings = append(at.wordings, w)
	for _, n := range w.words {
		if !slices.Contains(p.byWord[n], at) {
			p.byWord[n] = append(p.byWord[n], at)
		}
	}
	for _, s := range w.about {
		a := langArticle{p.lexicon.lang(at.lang), s.article}
		if !slices.Contains(p.byArticle[a], at) {
			p.byArticle[a] = append(p.byArticle[a], at)
		}
	}
}

func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, s := range parts {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// saidKey is the same for wordings that differ in case and gaps alone.
func saidKey(lang, text string) uint64 { return hashOf(lang, fold(text)) }

// wordsKey is the same for wordings of the same words.
func wordsKey(w *wording) uint64 {
	h := fnv.New64a()
	for _, n := range w.words {
		h.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	}
	return h.Sum64()
}
