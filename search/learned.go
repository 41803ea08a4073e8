package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Learned word is one by which people looked for an article before they said
// that it answered them. It belongs to the article as a field of its own.
type Learned struct {
	Key, Lang string  // of the article
	Stem      string  // as [Index.Terms] returns it
	People    float64 // who said so: distinct people, each less as time passes
}

const (
	learnedWeight = 1.5 // of the field
	learnedB      = 0.3 // what the field's length takes away
	learnedTitle  = 0.7 // what a learned word counts as one of the title
	learnedOnce   = 3.0 // people who make a word count like one that stands there once
)

// learned is what was learned, by article.
type learned struct {
	words []Learned // sorted, as they were given
	of    map[articleName]*learnedDoc
	avg   map[string]float64 // length of the field, by language
}

// A learnedDoc is what was learned about one article.
type learnedDoc struct {
	stems  []string
	counts map[uint32]float64
	length float64
}

// count returns how often a word counts. It may be called on nil.
func (d *learnedDoc) count(word uint32) float64 {
	if d == nil {
		return 0
	}
	return d.counts[word]
}

func newLearned(words []Learned) *learned {
	l := &learned{words: words, of: map[articleName]*learnedDoc{}, avg: map[string]float64{}}
	docs := map[string]float64{}
	for _, w := range words {
		if w.People <= 0 || w.Stem == "" {
			continue
		}
		name := articleName{w.Lang, w.Key}
		d := l.of[name]
		if d == nil {
			d = &learnedDoc{counts: map[uint32]float64{}}
			l.of[name] = d
			docs[w.Lang]++
		}
		// Thirty who ask alike say it louder than three, but not ten times.
		n := math.Log2(1 + w.People/learnedOnce)
		d.stems = append(d.stems, w.Stem)
		d.counts[number(w.Stem)] += n
		d.length += n
		l.avg[w.Lang] += n
	}
	for lang, n := range docs {
		l.avg[lang] /= n
	}
	return l
}

// Learn replaces what was learned from answers.
func (x *Index) Learn(words []Learned) {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b Learned) int {
		return cmp.Or(strings.Compare(a.Lang, b.Lang), strings.Compare(a.Key, b.Key), strings.Compare(a.Stem, b.Stem), cmp.Compare(a.People, b.People))
	})
	x.sync.Lock()
	defer x.sync.Unlock()
	if x.learned != nil && slices.Equal(x.learned.words, words) || x.learned == nil && len(words) == 0 {
		return
	}
	x.learned = newLearned(words)
	if x.store == nil {
		return
	}
	if err := x.refresh(nil); err != nil {
		x.mend(err)
	}
}

// learn finds the documents of what was learned.
func (v *view) learn(l *learned) {
	if l == nil || len(l.of) == 0 {
		return
	}
	v.learned = l
	v.learnedDocs = make([]*learnedDoc, v.size())
	v.learnedStems = map[string]map[string][]uint32{}
	for n, a := range v.articles {
		if a == nil {
			continue
		}
		d := l.of[articleName{a.Lang, a.Key}]
		if d == nil {
			continue
		}
		v.learnedDocs[n] = d
		stems := v.learnedStems[a.Lang]
		if stems == nil {
			stems = map[string][]uint32{}
			v.learnedStems[a.Lang] = stems
		}
		for _, s := range d.stems {
			stems[s] = append(stems[s], uint32(n))
		}
	}
}

// learnedIn returns the documents about which a stem was learned.
func (v *view) learnedIn(lang, stem string) []uint32 { return v.learnedStems[lang][stem] }

// learnedOf returns what was learned about a document, or nil.
func (v *view) learnedOf(n uint32) *learnedDoc {
	if v.learnedDocs == nil {
		return nil
	}
	return v.learnedDocs[n]
}

// learnedLength is the mean length of the field.
func (v *view) learnedLength(lang string) float64 {
	if v.learned == nil {
		return 1
	}
	return v.learned.avg[lang]
}
