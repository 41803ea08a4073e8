package search

import (
	"strings"
	"unicode/utf8"

	"primalinea/content"
)

// snippetRunes is about how long a quoted passage is.
const snippetRunes = 200

// A marker knows which words of a text answer a query.
type marker struct {
	an     *analyzer
	groups map[string]int // stem → group
	first  initials       // of the stems
	idf    []float64
	forms  map[string]int // words met so far → group, or -1
	room   []match        // where matches lie
	buf    wordBuffer
}

func (p *plan) marker() *marker {
	m := &marker{an: analyzerFor(p.lang), groups: map[string]int{}, forms: map[string]int{}}
	for i, g := range p.groups {
		m.idf = append(m.idf, g.idf)
		for _, t := range g.terms {
			if _, ok := m.groups[t.stem]; !ok {
				m.groups[t.stem] = i
				m.first.add(t.stem)
			}
		}
	}
	return m
}

// A match is a word of a text that answers a group of the query.
type match struct{ start, end, group int }

func (m *marker) matches(text string) []match {
	if len(m.groups) == 0 {
		return nil
	}
	from := len(m.room)
	m.an.each(text, &m.first, &m.buf, func(start, end int, form []byte) {
		g, ok := m.forms[string(form)]
		if !ok {
			if g, ok = m.groups[m.an.stemOfBytes(form)]; !ok {
				g = -1
			}
			m.forms[string(form)] = g
		}
		if g >= 0 {
			m.room = append(m.room, match{start, end, g})
		}
	})
	return m.room[from:len(m.room):len(m.room)]
}

// pieces cuts a whole text at what matches.
func (m *marker) pieces(text string) []Piece { return cut(text, 0, len(text), m.matches(text)) }

func cut(text string, from, to int, matches []match) []Piece {
	var out []Piece
	at := from
	for _, w := range matches {
		if w.start < at || w.end > to {
			continue
		}
		if w.start > at {
			out = append(out, Piece{strings.Clone(text[at:w.start]), false})
		}
		out = append(out, Piece{strings.Clone(text[w.start:w.end]), true})
		at = w.end
	}
	if at < to {
		out = append(out, Piece{strings.Clone(text[at:to]), false})
	}
	return out
}

// snippet quotes the passage that holds most of the query, around the place
// where most of it stands together.
func (m *marker) snippet(passages []content.Passage) (pieces []Piece, anchor, heading string) {
	best, bestScore := -1, 0.0
	var bestMatches []match
	for i, p := range passages {
		found := m.matches(p.Text)
		// A heading that says it leads to the right place even when the text
		// below says it in other words.
		score := m.weigh(found) + 0.5*m.weigh(m.matches(p.Heading))
		if p.Text == "" {
			score *= 0.5
		}
		if score > bestScore {
			best, bestScore, bestMatches = i, score, found
		}
	}
	if best < 0 {
		for i, p := range passages {
			if p.Text != "" {
				best = i
				break
			}
		}
	}
	if best < 0 {
		return nil, "", ""
	}
	p := passages[best]
	from, to := m.window(p.Text, bestMatches)
	pieces = cut(p.Text, from, to, bestMatches)
	if from > 0 {
		pieces = append([]Piece{{"… ", false}}, pieces...)
	}
	if to < len(p.Text) {
		pieces = append(pieces, Piece{" …", false})
	}
	// What is kept of an answer must not keep all of the article.
	return pieces, strings.Clone(p.ID), strings.Clone(p.Heading)
}

// weigh counts each word of the query once.
func (m *marker) weigh(matches []match) (sum float64) {
	var seen uint64
	for _, w := range matches {
		if bit := uint64(1) << (w.group % 64); seen&bit == 0 {
			seen |= bit
			sum += m.idf[w.group]
		}
	}
	return sum
}

// window returns the part of a text to quote: whole words, about snippetRunes
// of them, holding the best matches.
func (m *marker) window(text string, matches []match) (from, to int) {
	if utf8.RuneCountInString(text) <= snippetRunes+40 {
		return 0, len(text)
	}
	// The best run of matches that fits; bytes are near enough to runes here.
	first, last, bestScore := 0, -1, 0.0
	for i := range matches {
		j := i
		for j+1 < len(matches) && matches[j+1].end-matches[i].start <= snippetRunes*3/4 {
			j++
		}
		if s := m.weigh(matches[i : j+1]); s > bestScore {
			first, last, bestScore = i, j, s
		}
	}
	lo, hi := 0, 0
	if last >= 0 {
		lo, hi = matches[first].start, matches[last].end
	}
	// A third of what is left over stands before, the rest after.
	room := snippetRunes - utf8.RuneCountInString(text[lo:hi])
	from = back(text, lo, room/3)
	to = forth(text, hi, room-utf8.RuneCountInString(text[from:lo]))
	if to == len(text) {
		from = back(text, lo, snippetRunes-utf8.RuneCountInString(text[lo:to]))
	}
	return from, to
}

// back goes n runes towards the beginning, and from there to where a word
// begins.
func back(text string, at, n int) int {
	i := at
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
	}
	if i == 0 {
		return 0
	}
	for j := i; j < at; j++ {
		if text[j-1] == ' ' {
			return j
		}
	}
	if at-i > snippetRunes/2 {
		return i // one endless word
	}
	return at
}

// forth goes n runes towards the end, and from there back to where a word ends.
func forth(text string, at, n int) int {
	i := at
	for ; n > 0 && i < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	if i == len(text) {
		return i
	}
	for j := i; j > at; j-- {
		if text[j] == ' ' {
			return j
		}
	}
	if i-at > snippetRunes/2 {
		return i
	}
	return at
}

// passages reads an article's passages from the index, where they are kept as
// they were when it was indexed.
func (v *view) passages(n uint32) (out []content.Passage, err error) {
	at := uint64(n)
	for _, s := range v.snap.Segments() {
		if at >= uint64(s.FullSize()) {
			at -= uint64(s.FullSize())
			continue
		}
		var bad error
		err = s.VisitDocument(at, func(field string, _ byte, value []byte, _ []uint64) bool {
			if field == "passages" {
				out, bad = decodePassages(value)
				return false
			}
			return true
		})
		if err == nil {
			err = bad
		}
		return out, err
	}
	return nil, nil
}
