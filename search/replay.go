package search

import (
	"context"
	"slices"

	"primalinea/content"
)

// An Asked is a search that people made.
type Asked struct {
	Text, Lang string
	Times      int
}

// A Shift is a search that finds something else than before.
type Shift struct {
	Asked
	Before, After []Hit // at most [ExpectWithin], best first
}

// A Replay says what a change does to searches that people made.
type Replay struct {
	First  []Shift // those with another first answer, in the order in which they were asked
	Others []Shift // those with other articles among the first three alone
	Lost   int     // of First: they found something, and now find nothing
	Same   int
	Left   int // not tried before the time was over
}

// Compare asks the same searches before and after a change, one after the other,
// until ctx is done. What it did not come to is counted.
func Compare(ctx context.Context, asked []Asked, reader content.Audience, before, after func(context.Context, Query) (Result, error)) (Replay, error) {
	var r Replay
	for i, a := range asked {
		s := Shift{Asked: a}
		q := Query{Text: a.Text, Lang: a.Lang, Reader: reader, Limit: ExpectWithin, OneLang: true}
		was, err := before(ctx, q)
		var is Result
		if err == nil {
			is, err = after(ctx, q)
		}
		if ctx.Err() != nil {
			r.Left = len(asked) - i
			return r, nil
		}
		if err != nil {
			return r, err
		}
		s.Before, s.After = was.Hits, is.Hits
		switch {
		case !same(s.Before[:min(1, len(s.Before))], s.After[:min(1, len(s.After))]):
			r.First = append(r.First, s)
			if len(s.After) == 0 {
				r.Lost++
			}
		case !same(s.Before, s.After):
			r.Others = append(r.Others, s)
		default:
			r.Same++
		}
	}
	return r, nil
}

// same reports whether two answers are the same articles in the same order. A
// file that lies elsewhere is still the same article.
func same(a, b []Hit) bool {
	return slices.EqualFunc(a, b, func(a, b Hit) bool { return a.Article.Key == b.Article.Key })
}
