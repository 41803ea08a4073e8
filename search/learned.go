package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
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
	v.learnedStems = map[string]map[string]*learnedStem{}
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
			stems = map[string]*learnedStem{}
			v.learnedStems[a.Lang] = stems
		}
		for _, s := range d.stems {
			if stems[s] == nil {
				stems[s] = &learnedStem{}
			}
			stems[s].docs = append(stems[s].docs, uint32(n))
		}
	}
}

// A learnedStem is a stem that was learned about documents.
type learnedStem struct {
	docs  []uint32
	split sync.Once // leaves those that do not hold it
}

// learnedIn returns the documents about which a stem was learned and that do not hold
// it. Those that do are among its postings, and count once: else what is often asked
// about them would seem to say little.
func (v *view) learnedIn(lang, stem string) []uint32 {
	s := v.learnedStems[lang][stem]
	if s == nil {
		return nil
	}
	s.split.Do(func() {
		word := v.sought(stem)
		s.docs = slices.DeleteFunc(s.docs, func(n uint32) bool {
			_, _, holds := v.row(n).find(&word)
			return holds
		})
	})
	return s.docs
}

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
