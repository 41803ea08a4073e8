package search

import (
	"context"

	"primalinea/content"
)

// ExpectWithin is the place by which a search must find the article that
// expects to be found by it.
const ExpectWithin = 3

// tryFarthest is the last place at which an article still counts as found.
const tryFarthest = 50

// A Trial is what a search says about an article that it is to find.
type Trial struct {
	Rank  int   // from 1; 0 when the article is not among the first 50
	Above []Hit // what stands above it, at most [ExpectWithin], best first
}

// Try asks a search as the widest circle of an article's readers does: what is
// for staff alone takes no customer's place. Drafts stand in for articles.
func (x *Index) Try(ctx context.Context, a *content.Article, text string, with ...*Draft) (Trial, error) {
	found, err := x.Search(ctx, Query{Text: text, Lang: a.Lang, Reader: a.Audience, Limit: tryFarthest, OneLang: true, With: with})
	if err != nil {
		return Trial{}, err
	}
	var t Trial
	for i, h := range found.Hits {
		if h.Article.File == a.File {
			t.Rank = i + 1
			break
		}
		if len(t.Above) < ExpectWithin {
			t.Above = append(t.Above, h)
		}
	}
	return t, nil
}
