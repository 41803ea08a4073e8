package demand

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
)

const (
	maxExamples   = 5
	maxWordings   = 20
	maxCandidates = 200 // lines that a wording is compared with
	maxCompared   = 20  // wordings of each
	manyWordings  = 20  // from here on a term can be called rare
)

// Place gives every signal that lies on no line yet the line of its likes, or a
// new one, and returns the signals it placed. Those that were placed before
// stay: a line keeps its ID, and what was decided about it, when more is said
// and when its first signals are forgotten. The same signals are always placed
// alike, in whatever order they come.
//
// Two wordings are alike when they share at least half of the terms of the
// shorter one, and two terms unless the one they share is rare or a code. A
// wording joins a line only if it is like the line's oldest wording and, on
// average, like the others too: so a chain of small steps does not lead from one
// matter to another.
func Place(signals []Signal, terms func(lang, text string) []string) []Signal {
	signals = slices.Clone(signals)
	slices.SortFunc(signals, oldestFirst)

	p := placer{
		lines:  map[string]*cluster{},
		byTerm: map[term][]*cluster{},
		count:  map[term]int{},
		total:  map[string]int{},
	}
	words := map[string][]string{} // terms by language and text
	termsOf := func(s Signal) []string {
		key := s.Lang + "\x00" + fold(s.Text)
		w, ok := words[key]
		if !ok {
			w = normal(terms(s.Lang, scrub.Without(s.Text)))
			if len(w) == 0 {
				w = []string{fold(s.Text)} // nothing but small words, or signs
			}
			words[key] = w
			p.total[s.Lang]++
			for _, t := range w {
				p.count[term{s.Lang, t}]++
			}
		}
		return w
	}
	for _, s := range signals {
		termsOf(s)
	}
	for _, s := range signals {
		if s.Line != "" {
			p.add(s.Line, s.Lang, termsOf(s))
		}
	}
	var placed []Signal
	for _, s := range signals {
		if s.Line != "" {
			continue
		}
		w := termsOf(s)
		if s.Line = p.find(s.Lang, w); s.Line == "" {
			sum := sha256.Sum256([]byte("line\x00" + s.ID))
			s.Line = hex.EncodeToString(sum[:8])
		}
		p.add(s.Line, s.Lang, w)
		placed = append(placed, s)
	}
	return placed
}

type term struct{ lang, text string }

// A cluster is a line while signals are being placed: its wordings as sets of
// terms, the oldest first.
type cluster struct {
	id       string
	order    int
	wordings [][]string
}

type placer struct {
	lines  map[string]*cluster
	byTerm map[term][]*cluster
	count  map[term]int   // wordings with the term
	total  map[string]int // wordings of the language
}

func (p *placer) add(id, lang string, w []string) {
	c := p.lines[id]
	if c == nil {
		c = &cluster{id: id, order: len(p.lines)}
		p.lines[id] = c
	}
	for _, have := range c.wordings {
		if slices.Equal(have, w) {
			return
		}
	}
	if len(c.wordings) < maxCompared {
		c.wordings = append(c.wordings, w)
	}
	for _, t := range w {
		at := term{lang, t}
		if !slices.Contains(p.byTerm[at], c) {
			p.byTerm[at] = append(p.byTerm[at], c)
		}
	}
}

// find returns the line that a wording is most like, or nothing.
func (p *placer) find(lang string, w []string) string {
	// The rarest terms know the nearest lines.
	byRarity := slices.Clone(w)
	slices.SortStableFunc(byRarity, func(a, b string) int {
		return p.count[term{lang, a}] - p.count[term{lang, b}]
	})
	var candidates []*cluster
	seen := map[*cluster]bool{}
	for _, t := range byRarity {
		for _, c := range p.byTerm[term{lang, t}] {
			if !seen[c] && len(candidates) < maxCandidates {
				seen[c] = true
				candidates = append(candidates, c)
			}
		}
	}
	slices.SortFunc(candidates, func(a, b *cluster) int { return a.order - b.order })
	best, most := "", 0.0
	for _, c := range candidates {
		if !p.like(lang, c.wordings[0], w) {
			continue
		}
		sum := 0.0
		for _, have := range c.wordings {
			sum += overlap(have, w)
		}
		if mean := sum / float64(len(c.wordings)); mean >= 0.5 && mean > most {
			best, most = c.id, mean
		}
	}
	return best
}

// like reports whether two wordings ask for the same.
func (p *placer) like(lang string, a, b []string) bool {
	if slices.Equal(a, b) {
		return true
	}
	shared, least := journey.Overlap(a, b)
	if 2*shared < least || shared == 0 {
		return false
	}
	if shared >= 2 {
		return true
	}
	for _, t := range a {
		if slices.Contains(b, t) {
			return p.rare(lang, t)
		}
	}
	return false
}

// rare reports whether a term alone says enough: a code, or a word of hardly
// anybody else.
func (p *placer) rare(lang, t string) bool {
	if len(t) >= 3 && strings.ContainsFunc(t, unicode.IsDigit) && strings.ContainsFunc(t, unicode.IsLetter) {
		return true
	}
	n := p.total[lang]
	return n >= manyWordings && p.count[term{lang, t}] <= max(2, n/100)
}

func overlap(a, b []string) float64 {
	shared, least := journey.Overlap(a, b)
	if least == 0 {
		return 0
	}
	return float64(shared) / float64(least)
}

// normal returns terms as a sorted set.
func normal(terms []string) []string {
	terms = slices.Clone(terms)
	slices.Sort(terms)
	return slices.Compact(terms)
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func oldestFirst(a, b Signal) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
}

// Lines returns what was asked in vain, the most people first, then the newest.
// Signals that lie on no line are left out.
func Lines(signals []Signal) []Line {
	signals = slices.Clone(signals)
	slices.SortFunc(signals, oldestFirst)
	people := samePeople(signals)
	byLine := map[string][]Signal{}
	var order []string
	for _, s := range signals {
		if s.Line == "" {
			continue
		}
		if byLine[s.Line] == nil {
			order = append(order, s.Line)
		}
		byLine[s.Line] = append(byLine[s.Line], s)
	}
	lines := make([]Line, 0, len(order))
	for _, id := range order {
		lines = append(lines, lineOf(id, byLine[id], people))
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(b.People-a.People, b.Last.Compare(a.Last), strings.Compare(a.ID, b.ID))
	})
	return lines
}

// samePeople returns who is behind each name: a visitor who then wrote a ticket
// is one person, known by two.
func samePeople(signals []Signal) func(who string) string {
	same := map[string]string{}
	var find func(who string) string
	find = func(who string) string {
		next, ok := same[who]
		if !ok {
			return who
		}
		root := find(next)
		same[who] = root
		return root
	}
	byJourney := map[string]string{}
	for _, s := range signals {
		if s.Journey == "" || s.Who == "" {
			continue
		}
		if other, ok := byJourney[s.Journey]; !ok {
			byJourney[s.Journey] = s.Who
		} else if a, b := find(other), find(s.Who); a != b {
			same[b] = a
		}
	}
	return find
}

// lineOf sums up the signals of a line, which are sorted.
func lineOf(id string, signals []Signal, person func(string) string) Line {
	type tally struct {
		Wording
		who  map[string]bool
		last time.Time
	}
	l := Line{ID: id, Langs: langsOf(signals, person), First: signals[0].At, Last: signals[len(signals)-1].At}
	l.Lang = l.Langs[0]
	people := map[string]bool{}
	tallies := map[Query]*tally{}
	var wordings []*tally
	articles := map[string]int{}
	for _, s := range slices.Backward(signals) {
		people[person(s.Who)] = true
		if s.Kind == Ticket {
			l.Tickets = append(l.Tickets, s.Ticket)
		} else {
			l.Searches++
		}
		if len(l.Examples) < maxExamples {
			l.Examples = append(l.Examples, s)
		}
		if s.Article != "" {
			articles[s.Article]++
		}
		said := Query{s.Lang, fold(s.Text)}
		w := tallies[said]
		if w == nil {
			w = &tally{Wording: Wording{Lang: s.Lang, Text: s.Text}, who: map[string]bool{}, last: s.At}
			tallies[said] = w
			wordings = append(wordings, w)
		}
		w.Count++
		w.who[person(s.Who)] = true
		w.Searched = w.Searched || s.Kind != Ticket
	}
	l.People = len(people)
	slices.SortStableFunc(wordings, func(a, b *tally) int {
		return cmp.Or(len(b.who)-len(a.who), b.Count-a.Count, b.last.Compare(a.last), strings.Compare(a.Text, b.Text))
	})
	l.Title = wordings[slices.IndexFunc(wordings, func(w *tally) bool { return w.Lang == l.Lang })].Text
	for _, w := range wordings[:min(len(wordings), maxWordings)] {
		w.People = len(w.who)
		l.Wordings = append(l.Wordings, w.Wording)
	}
	for key := range articles {
		l.Articles = append(l.Articles, key)
	}
	slices.SortFunc(l.Articles, func(a, b string) int {
		return cmp.Or(articles[b]-articles[a], strings.Compare(a, b))
	})
	return l
}

// langsOf returns the languages of signals, that of most people first.
func langsOf(signals []Signal, person func(string) string) []string {
	who := map[string]map[string]bool{}
	count := map[string]int{}
	for _, s := range signals {
		if who[s.Lang] == nil {
			who[s.Lang] = map[string]bool{}
		}
		who[s.Lang][person(s.Who)] = true
		count[s.Lang]++
	}
	return slices.SortedFunc(maps.Keys(who), func(a, b string) int {
		return cmp.Or(len(who[b])-len(who[a]), count[b]-count[a], strings.Compare(a, b))
	})
}

// Open reports whether a line waits for a decision: there is none, or [Floor]
// people asked in vain since. signals are those of the line.
func Open(v *Verdict, signals []Signal) bool {
	if v == nil {
		return true
	}
	person := samePeople(signals)
	since := map[string]bool{}
	for _, s := range signals {
		if s.At.After(v.At) {
			since[person(s.Who)] = true
		}
	}
	return len(since) >= Floor
}
