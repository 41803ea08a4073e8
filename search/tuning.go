package search

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"primalinea/content"
)

// What writers decided about searches is read once for each library: a tuning
// for each language. What cannot be used is left out here, and said by
// [Problems]; it can break no search.
type tuning struct {
	thesaurus *thesaurus
	pins      map[string][]target // by name of the query, best first
}

// A target is an article to which a pin leads.
type target struct {
	key string
	n   uint32 // its document, or nowhere
}

// synonyms may be called on nil.
func (t *tuning) synonyms() *thesaurus {
	if t == nil {
		return nil
	}
	return t.thesaurus
}

// A thesaurus knows which wordings mean the same. All its methods may be called
// on nil.
type thesaurus struct {
	sets   []wordings
	first  map[string][]spot // first stem → where wordings begin with it
	stems  map[string]bool   // of all wordings
	vocab  *vocabulary       // words as they are written
	length int               // of the longest wording
}

// wordings are one set: each means the same as the others.
type wordings []wording

type wording struct {
	text  string
	stems []string
}

// spot is a wording of a set.
type spot struct{ set, wording int }

// speaks reports whether a stem belongs to a wording.
func (t *thesaurus) speaks(stem string) bool { return t != nil && t.stems[stem] }

// endings returns the words of wordings that begin with a prefix and are longer.
func (t *thesaurus) endings(prefix string) []word {
	if t == nil {
		return nil
	}
	return t.vocab.endings(prefix, maxEndings)
}

// writes reports whether a word stands in a wording, as it is written.
func (t *thesaurus) writes(form string) bool {
	if t == nil {
		return false
	}
	_, ok := slices.BinarySearchFunc(t.vocab.words, form, func(w word, f string) int { return strings.Compare(w.form, f) })
	return ok
}

// near returns the words of wordings that mistakes in typing make of a word.
func (t *thesaurus) near(form string) []nearWord {
	if t == nil {
		return nil
	}
	return t.vocab.near(form)
}

// newThesaurus reads the sets of a language. A wording without a word that
// counts is left out, and so is a set of which fewer than two remain.
func newThesaurus(lang string, sets [][]string) *thesaurus {
	t := &thesaurus{first: map[string][]spot{}, stems: map[string]bool{}}
	an := analyzerFor(lang)
	forms := map[string]bool{}
	for _, set := range sets {
		var ws wordings
		seen := map[string]bool{}
		for _, text := range set {
			w := wording{text: text}
			tokens := an.tokens(text)
			for _, tok := range tokens {
				if tok.stem != "" {
					w.stems = append(w.stems, tok.stem)
				}
			}
			if id := strings.Join(w.stems, " "); len(w.stems) > 0 && len(w.stems) <= maxWording && !seen[id] {
				seen[id] = true
				ws = append(ws, w)
				for _, tok := range tokens {
					if tok.stem != "" {
						forms[tok.form] = true
					}
				}
			}
		}
		if ws = ws[:min(maxSet, len(ws))]; len(ws) < 2 {
			continue
		}
		for i, w := range ws {
			t.first[w.stems[0]] = append(t.first[w.stems[0]], spot{len(t.sets), i})
			t.length = max(t.length, len(w.stems))
			for _, s := range w.stems {
				t.stems[s] = true
			}
		}
		t.sets = append(t.sets, ws)
	}
	if len(t.sets) == 0 {
		return nil
	}
	var words []word
	for f := range forms {
		words = append(words, word{form: f})
	}
	slices.SortFunc(words, func(a, b word) int { return strings.Compare(a.form, b.form) })
	t.vocab = newVocabulary(words)
	return t
}

// What of synonyms counts, however many somebody writes down.
const (
	maxWording = 6  // words of a wording that count
	maxSet     = 64 // wordings of a set
	maxSets    = 4  // sets to which one wording may belong
)

// A said is where a wording stands in a query.
type said struct {
	from, to int // words of the query
	spot
}

// find returns the wordings that stand in a row of stems; where several begin
// with the same words, the longest.
func (t *thesaurus) find(stems []string) (out []said) {
	if t == nil {
		return nil
	}
	for i := 0; i < len(stems); i++ {
		longest := 0
		for _, p := range t.first[stems[i]] {
			w := t.sets[p.set][p.wording].stems
			if len(w) <= len(stems)-i && slices.Equal(w, stems[i:i+len(w)]) {
				longest = max(longest, len(w))
			}
		}
		sets := 0
		for _, p := range t.first[stems[i]] {
			if w := t.sets[p.set][p.wording].stems; len(w) == longest && slices.Equal(w, stems[i:i+len(w)]) && sets < maxSets {
				out = append(out, said{i, i + longest, p})
				sets++
			}
		}
		if longest > 1 {
			i += longest - 1
		}
	}
	return out
}

// synonyms lets the other wordings of a set answer the words of the one that was
// typed. Rare or common, all of a set count as one word: who types the wording
// that hardly any article has means what the others say. One of several words does
// not make it more common: each of them may be, as in "give back".
func (pl *planner) synonyms(groups []group, line []int) error {
	if pl.words == nil || pl.letter {
		return nil
	}
	row := make([]string, len(line))
	for i, g := range line {
		row[i] = groups[g].stem
	}
	room := maxOthers
	seen := map[said]bool{} // of the same words, typed again
	for _, s := range pl.words.find(row) {
		if room == 0 {
			break
		}
		here := said{line[s.from], line[s.to-1], s.spot}
		if seen[here] {
			continue
		}
		seen[here] = true
		set := pl.words.sets[s.set]
		type other struct {
			wording
			carrier int // the rarest of its words
			df      int
		}
		var others []other
		all := 0
		for i, w := range set {
			o := other{wording: w, df: pl.l.n + 1}
			for j, stem := range w.stems {
				known, df, err := pl.known(stem)
				if err != nil {
					return err
				}
				if !known {
					o.df = 0
					break
				}
				if df < o.df {
					o.carrier, o.df = j, df
				}
			}
			if o.df == 0 {
				continue
			}
			if len(w.stems) == 1 || i == s.wording {
				all += o.df
			}
			if i != s.wording {
				others = append(others, o)
			}
		}
		if len(others) == 0 {
			continue
		}
		slices.SortStableFunc(others, func(a, b other) int { return cmp.Compare(b.df, a.df) })
		others = others[:min(maxSynonyms, len(others), room)]
		room -= len(others)
		idf := pl.l.idf(min(all, pl.l.n))
		each := float64(s.to - s.from)
		for _, at := range line[s.from:s.to] {
			g := &groups[at]
			if each == 1 {
				for i := range g.terms {
					if g.terms[i].rung == RungWord || g.terms[i].rung == RungNear {
						g.terms[i].idf, g.terms[i].alone = min(g.terms[i].idf, idf), min(g.terms[i].alone, idf)
					}
				}
			}
			for _, o := range others {
				t := term{stem: o.stems[o.carrier], form: o.text, weight: synonymShare, idf: idf / each, rung: RungSynonym}
				for j, stem := range o.stems {
					if j != o.carrier {
						t.with = append(t.with, pl.v.sought(stem))
					}
				}
				pl.add(g, t)
			}
		}
	}
	return nil
}

// pinName names a query by what it asks for, in whatever order.
func pinName(groups []group) string {
	stems := make([]string, 0, len(groups))
	for _, g := range groups {
		if g.stem != "" {
			stems = append(stems, g.stem)
		}
	}
	slices.Sort(stems)
	return strings.Join(stems, " ")
}

// queryName is the name of a query that somebody wrote into a file of pins.
func queryName(lang, query string) string {
	text, _ := clean(query, maxText)
	seen := map[string]bool{}
	var groups []group
	for _, t := range analyzerFor(lang).tokens(text) {
		if !seen[t.stem] {
			seen[t.stem] = true
			groups = append(groups, group{stem: t.stem})
		}
	}
	return pinName(groups)
}

// tune reads what writers decided, and finds the documents that it speaks of.
func (v *view) tune() {
	v.tuned = map[string]*tuning{}
	wanted := map[articleName][]*uint32{}
	for _, lang := range v.languages {
		t := &tuning{thesaurus: newThesaurus(lang, v.lib.Synonyms(lang)), pins: map[string][]target{}}
		for _, pin := range v.lib.Pins(lang) {
			for _, query := range pin.Queries {
				name := queryName(lang, query)
				if name == "" || t.pins[name] != nil {
					continue
				}
				targets := make([]target, len(pin.Articles))
				for i, key := range pin.Articles {
					targets[i] = target{key, nowhere}
					wanted[articleName{lang, key}] = append(wanted[articleName{lang, key}], &targets[i].n)
				}
				t.pins[name] = targets
			}
		}
		v.tuned[lang] = t
	}
	if len(wanted) == 0 {
		return
	}
	for n, a := range v.articles {
		if a == nil {
			continue
		}
		for _, at := range wanted[articleName{a.Lang, a.Key}] {
			*at = uint32(n)
		}
	}
}

// pins returns the articles that a writer chose for a query, as far as a reader
// may see them.
func (v *view) pins(p *plan, reader content.Audience, now time.Time) (out []scored) {
	t := v.tuned[p.lang]
	if t == nil || p.pin == "" {
		return nil
	}
	for _, to := range t.pins[p.pin] {
		s := scored{n: to.n, pinned: true}
		switch s.draft = p.drafts.named(p.lang, to.key); {
		case s.draft != nil:
			s.n, s.article = nowhere, s.draft.Article
		case to.n == nowhere || !v.sees(uint64(to.n), reader, now) || p.drafts.replace(v.articles[to.n]):
			continue
		default:
			s.article = v.articles[to.n]
		}
		if !slices.ContainsFunc(out, func(o scored) bool { return o.article == s.article }) {
			out = append(out, s)
		}
	}
	return out
}

// An articleName tells articles apart.
type articleName struct{ lang, key string }

// nowhere is the number of no document.
const nowhere = ^uint32(0)

// Problems says what is wrong with synonyms and pins that only somebody who
// analyses words can tell: a wording that consists of words which are too common
// to be looked for, and so does nothing.
func Problems(lib *content.Library) []content.Problem {
	var out []content.Problem
	seen := map[string]bool{}
	for _, a := range lib.All() {
		if lang := a.Lang; !seen[lang] {
			seen[lang] = true
			lines := lib.SynonymLines(lang)
			for i, set := range lib.Synonyms(lang) {
				line := 0
				if i < len(lines) {
					line = lines[i]
				}
				for _, text := range set {
					if queryName(lang, text) == "" {
						out = append(out, content.NewProblem(content.SynonymsFile(lang), line, "check.synonym_empty", "Wording", text))
					}
				}
			}
			for _, pin := range lib.Pins(lang) {
				for _, text := range pin.Queries {
					if queryName(lang, text) == "" {
						out = append(out, content.NewProblem(content.PinsFile(lang), pin.Line, "check.pin_empty", "Wording", text))
					}
				}
			}
		}
	}
	return out
}
