package search

import (
	"cmp"
	"context"
	"slices"
	"time"

	"primalinea/content"
)

// A Rung is how a word of a query and a word of an article meet, or what else
// gives an article its place.
type Rung int

const (
	RungWord    Rung = iota // it is the word, or another form of it
	RungJoined              // two words of the query are one of the article
	RungSynonym             // another wording that means the same
	RungEnding              // the last word of the query may go on like it
	RungNear                // the word is in no article, and looks like it
	RungShape               // another word of the same family
	RungTitle               // words of the query that stand in the title or a phrase
	RungWhole               // the article holds every word of the query
	RungExact               // the title, or a phrase, is the query
)

// String names a rung, for catalogs.
func (r Rung) String() string {
	return [...]string{"word", "joined", "synonym", "ending", "near", "shape", "title", "whole", "exact"}[r]
}

// Why explains the place of an article among the answers to a query.
type Why struct {
	Rank       int // from 1; 0 when it is not among the first 50
	Pinned     bool
	Score      float64
	Parts      []Part   // what the score consists of, largest first
	Missing    []string // words of the query that the article does not hold
	First      *Hit     // the first answer, to compare with; nil when there is none, or it is this one
	FirstScore float64
	FirstParts []Part
}

// A Part is a share of a score.
type Part struct {
	Word   string   // of the query, as typed; empty for what concerns all of it
	Found  string   // what the article has of it
	Rung   Rung     // how they meet
	Fields []string // where in the article: title, phrases, tags, body, learned
	Worth  float64
}

var fieldNames = [fields]string{fieldTitle: "title", fieldPhrases: "phrases", fieldTags: "tags", fieldBody: "body"}

// fieldsOf names the fields of a document that hold a word.
func fieldsOf(d row, learned *learnedDoc, word *sought) (names []string) {
	c, _ := d.count(word)
	for f, n := range c {
		if n > 0 {
			names = append(names, fieldNames[f])
		}
	}
	if learned.count(word.number) > 0 {
		names = append(names, "learned")
	}
	return names
}

// Why explains what place an article has among the answers to a query, and why.
// The article is named by its file; one that the reader may not see explains
// nothing.
func (x *Index) Why(ctx context.Context, q Query, file string) (Why, error) {
	var w Why
	text, _ := clean(q.Text, maxText)
	q.Limit, q.Offset, q.OneLang = maxLimit, 0, true
	r, err := x.Search(ctx, q)
	if err != nil {
		return w, err
	}
	for i, h := range r.Hits {
		if h.Article.File == file {
			w.Rank, w.Pinned = i+1, h.Pinned
		} else if i == 0 {
			w.First = &h
		}
	}
	v, _, now, err := x.acquire()
	if err != nil {
		return w, err
	}
	defer v.release()
	if err := x.wait(ctx); err != nil {
		return w, err
	}
	defer x.done()
	return w, x.guard(func() error {
		drafts := newDrafts(q.With, q.Reader)
		p, err := v.planWith(ctx, q.Lang, text, q.Reader, now, manner{endings: true, near: !q.Exact}, drafts)
		if err != nil {
			return err
		}
		// What the last word may become is weighed by those that answer.
		c := choice{wanted: maxLimit, near: alikeShare, section: q.Section}
		if !q.Unpinned {
			c.pinned = v.pins(p, q.Reader, now)
		}
		if _, _, err := x.ranked(ctx, v, now, q, p, c); err != nil {
			return err
		}
		explain := func(file string) (float64, []Part) {
			d, learned, ok := v.explained(file, q.Reader, now, drafts)
			if !ok || d.lang() != q.Lang {
				return 0, nil
			}
			var parts []Part
			g := v.grade(p, d, learned, &parts)
			for i := range parts {
				if parts[i].Rung == RungShape {
					parts[i].Found = v.written(q.Lang, parts[i].Found)
				}
			}
			slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Worth, a.Worth) })
			return g.score, parts
		}
		w.Score, w.Parts = explain(file)
		for _, g := range p.groups {
			if !slices.ContainsFunc(w.Parts, func(p Part) bool { return p.Word == g.said }) {
				w.Missing = append(w.Missing, g.said)
			}
		}
		if w.First != nil {
			w.FirstScore, w.FirstParts = explain(w.First.Article.File)
		}
		return nil
	})
}

// written returns the most common word with a stem, as it is written.
func (v *view) written(lang, stem string) string {
	vocab := v.vocabulary(v.langs[lang], lang)
	an, best := analyzerFor(lang), word{form: stem}
	for w := range beginning(vocab.words, stem[:min(shapeStem, len(stem))]) {
		if w.count > best.count && an.stemOf(w.form) == stem {
			best = w
		}
	}
	return best.form
}

// explained finds what is known of an article by its file.
func (v *view) explained(file string, reader content.Audience, now time.Time, d *drafts) (row, *learnedDoc, bool) {
	if d != nil && d.files[file] {
		for _, one := range d.list {
			if one.Article.File == file {
				return one.row, v.learnedAbout(one.Article), true
			}
		}
		return row{}, nil, false
	}
	for n, a := range v.articles {
		if a != nil && a.File == file && v.sees(uint64(n), reader, now) {
			return v.row(uint32(n)), v.learnedOf(uint32(n)), true
		}
	}
	return row{}, nil, false
}
