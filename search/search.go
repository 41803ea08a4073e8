package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"primalinea/content"
)

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
	key := cacheKey{text, q.Lang, q.Section, q.Reader, limit, offset, q.OneLang, q.Exact}
	keep := len(q.With) == 0 && !q.Unpinned
	if keep {
		if r, ok := x.cache.get(version, key); ok {
			r.Cut = cut
			r.Took = time.Since(start)
			return r, nil
		}
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
	if err == nil && keep {
		x.cache.put(version, key, r)
	}
	return r, err
}

func (x *Index) search(ctx context.Context, v *view, now time.Time, q Query, text string, limit, offset int) (r Result, err error) {
	p, err := v.planWith(ctx, q.Lang, text, q.Reader, now, manner{endings: true, near: !q.Exact}, newDrafts(q.With, q.Reader))
	if err != nil {
		return r, err
	}
	r.Instead = p.instead
	b := x.board(v.size())
	defer x.wipe(b)
	facets := make([]int, len(v.sections))
	c := choice{wanted: offset + limit, near: alikeShare, section: q.Section, facets: facets}
	if !q.Unpinned {
		c.pinned = v.pins(p, q.Reader, now)
	}
	if err := v.collect(ctx, b, p, c, q.Reader, now); err != nil {
		return r, err
	}
	top, total := v.order(b, p, c)
	for i, n := range facets {
		if n > 0 {
			r.Sections = append(r.Sections, Facet{v.sections[i], n})
		}
	}
	slices.SortFunc(r.Sections, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Key, b.Key))
	})
	r.Total = total
	page := top[min(offset, len(top)):min(offset+limit, len(top))]
	if r.Hits, err = x.hits(v, p, page, q.Reader, true); err != nil {
		return r, err
	}
	if offset > 0 {
		return r, nil
	}
	switch {
	case q.Exact: // what would have been searched
		offered, err := v.planWith(ctx, q.Lang, text, q.Reader, now, manner{endings: true, near: true}, p.drafts)
		if err != nil {
			return r, err
		}
		r.Meant = offered.instead
	case r.Instead == "" && len(p.groups) > 0:
		if r.Meant, err = x.meant(ctx, v, b, p, text, q.Reader, now); err != nil {
			return r, err
		}
	}
	if !q.OneLang {
		if r.Elsewhere, r.Languages, err = x.elsewhere(ctx, v, now, q, text, p.answers(), r.Hits, true); err != nil {
			return r, err
		}
	}
	if total == 0 && len(b.touched) == 0 && r.Instead+r.Meant == "" && len(r.Elsewhere) == 0 {
		r.Meant, err = v.guess(ctx, q.Lang, text, q.Reader, now)
	}
	return r, err
}

// answers reports whether the language of the plan knows so much of the query
// that it may well be the language in which it was typed.
func (p *plan) answers() bool { return p.typed > 0 && p.typed >= elsewhereShare*p.weight }

// elsewhere finds what other languages say. Their scores cannot be compared, so
// each language's best comes first, then each one's second.
//
// When the page's own language answers, only that is of use which does not exist
// in it. Else somebody may be typing in another language: then all counts that
// knows the words. What can be read in the page's own counts once, and not at all
// when it is among the hits here.
func (x *Index) elsewhere(ctx context.Context, v *view, now time.Time, q Query, text string, answered bool, here []Hit, snippets bool) (out []Hit, langs []Facet, err error) {
	translated := func(a *content.Article) bool { return v.hasTranslation(a.Key, q.Lang, q.Reader, now) }
	var lists [][]Hit
	for _, lang := range v.languages {
		if lang == q.Lang {
			continue
		}
		p, found, _, err := x.found(ctx, v, now, q, lang, text, manner{}, choice{
			least: elsewhereShare, section: q.Section,
			keep: func(a *content.Article) bool { return !answered || !translated(a) },
		})
		if err != nil {
			return nil, nil, err
		}
		hits, err := x.hits(v, p, found[:min(elsewhereHits, len(found))], q.Reader, snippets)
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, hits)
		if answered || len(hits) == 0 {
			continue
		}
		// As many as will be found there.
		_, _, total, err := x.found(ctx, v, now, q, lang, text, manner{endings: true, near: true}, choice{near: alikeShare, section: q.Section})
		if err != nil {
			return nil, nil, err
		}
		langs = append(langs, Facet{lang, total})
	}
	seen := map[string]bool{}
	for _, h := range here {
		seen[h.Article.Key] = true
	}
	for rank := range elsewhereHits {
		for _, hits := range lists {
			if rank >= len(hits) || len(out) == elsewhereHits {
				continue
			}
			h := hits[rank]
			if !seen[h.Article.Key] || !translated(h.Article) {
				out = append(out, h)
			}
			seen[h.Article.Key] = true
		}
	}
	return out, langs, nil
}

// found collects and orders what answers a text in a language. What writers chose
// for a search comes first.
func (x *Index) found(ctx context.Context, v *view, now time.Time, q Query, lang, text string, m manner, c choice) (p *plan, top []scored, total int, err error) {
	if p, err = v.plan(ctx, lang, text, q.Reader, now, m); err != nil {
		return nil, nil, 0, err
	}
	if m.endings {
		c.pinned = v.pins(p, q.Reader, now)
	}
	top, total, err = x.ranked(ctx, v, now, q, p, c)
	return p, top, total, err
}

// ranked collects and orders what answers a plan.
func (x *Index) ranked(ctx context.Context, v *view, now time.Time, q Query, p *plan, c choice) (top []scored, total int, err error) {
	b := x.board(v.size())
	defer x.wipe(b)
	if err := v.collect(ctx, b, p, c, q.Reader, now); err != nil {
		return nil, 0, err
	}
	top, total = v.order(b, p, c)
	return top, total, nil
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
// counts as the words that begin like it. They are the first hits of [Index.Search]
// in the same order, without snippets; when there are none, those elsewhere.
func (x *Index) Suggest(ctx context.Context, q Query) ([]Hit, error) {
	text, _ := clean(q.Text, maxText)
	limit, offset := q.window()
	q.Limit, q.Offset = limit, offset
	return x.list(ctx, q, text, manner{endings: true, typing: true, near: true}, false)
}

// Nearest returns the articles of a language that are most like a text, with
// the passages that are. Words that are in no article stand for nothing here:
// a letter has many of them, and few are mistakes.
func (x *Index) Nearest(ctx context.Context, lang, text string, n int, reader content.Audience) ([]Hit, error) {
	text, _ = clean(text, maxLong)
	q := Query{Lang: lang, Reader: reader, Limit: min(max(n, 0), maxLimit)}
	return x.list(ctx, q, text, manner{letter: true}, true)
}

// About returns the same articles without their passages, which takes less time:
// who compares texts by what they are about asks for many.
func (x *Index) About(ctx context.Context, lang, text string, n int, reader content.Audience) ([]Hit, error) {
	text, _ = clean(text, maxLong)
	q := Query{Lang: lang, Reader: reader, Limit: min(max(n, 0), maxLimit)}
	return x.list(ctx, q, text, manner{letter: true}, false)
}

// list answers what needs no counts.
func (x *Index) list(ctx context.Context, q Query, text string, m manner, snippets bool) (hits []Hit, err error) {
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
		p, top, _, err := x.found(ctx, v, now, q, q.Lang, text, m, choice{wanted: q.Offset + q.Limit, pairs: m.letter, near: alikeShare, section: q.Section})
		if err != nil {
			return err
		}
		page := top[min(q.Offset, len(top)):min(q.Offset+q.Limit, len(top))]
		if hits, err = x.hits(v, p, page, q.Reader, snippets); err != nil || len(top) > 0 || m.letter || q.OneLang {
			return err
		}
		hits, _, err = x.elsewhere(ctx, v, now, q, text, p.answers(), nil, false)
		return err
	})
	return hits, err
}

// hits makes what readers see. Each article is looked at once more, in the
// library that is current now.
func (x *Index) hits(v *view, p *plan, page []scored, reader content.Audience, snippets bool) (hits []Hit, err error) {
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
	hits = make([]Hit, 0, len(page))
	for _, s := range page {
		a := s.article
		if s.draft == nil {
			if files != nil {
				a = files.lib.ByFile(a.File)
			}
			if !visible(a, reader, now) || !reader.MayRead(v.row(s.n).audience()) {
				continue
			}
		}
		h := Hit{Article: a, Score: s.score, Held: s.held * min(1, s.score/(aboutScore*p.weight)), Title: m.pieces(a.Title), Pinned: s.pinned}
		if snippets {
			var passages []content.Passage
			if s.draft != nil {
				passages = s.draft.passages
			} else if passages, err = v.passages(s.n); err != nil {
				return nil, err
			}
			h.Snippet, h.Anchor, h.Heading = m.snippet(passages)
		}
		hits = append(hits, h)
	}
	return hits, nil
}
