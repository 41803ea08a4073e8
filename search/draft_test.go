package search

import (
	"context"
	"math/rand/v2"
	"testing"

	"primalinea/content"
)

// TestWith checks that a query with drafts finds what it would find if they were
// published, and that nothing of it stays.
func TestWith(t *testing.T) {
	s := &shelf{}
	s.add("it/a/refund", "Rimborso", "Il rimborso arriva in giorni.")
	s.add("it/a/return", "Reso", "Come rendere un articolo.")
	x := s.index(t)
	changed := *s.articles[1]
	changed.Title, changed.Status = "Reso e rimborso", content.Draft
	fresh := content.Article{File: "it/a/new.md", Lang: "it", Section: "a", Key: "a/new", Title: "Zampogna", Status: content.Draft}
	with := []*Draft{NewDraft(&changed, []content.Passage{{Text: "Il rimborso del reso."}}), NewDraft(&fresh, nil)}
	for _, test := range []struct {
		query, before, with string
		list                []*Draft
	}{
		{"rimborso", "it:a/refund", "it:a/refund it:a/return", with},
		{"articolo", "it:a/return", "", with}, // what it said before does not count
		{"zampogna", "", "it:a/new", with},    // a word of drafts alone
		{"rimborso", "it:a/refund", "it:a/refund", with[1:]},
	} {
		for range 2 { // the second time would come from what was kept
			if got := keys(search(t, x, Query{Text: test.query, Lang: "it"}).Hits); got != test.before {
				t.Errorf("%q finds %q, want %q", test.query, got, test.before)
			}
			r := search(t, x, Query{Text: test.query, Lang: "it", With: test.list})
			if got := keys(r.Hits); got != test.with || r.Total != len(r.Hits) {
				t.Errorf("%q with drafts finds %q of %d, want %q", test.query, got, r.Total, test.with)
			}
		}
	}
	r := search(t, x, Query{Text: "rimborso", Lang: "it", With: with})
	if h := r.Hits[1]; h.Article != &changed || text(h.Snippet) != "Il [rimborso] del reso." {
		t.Errorf("%s: %q", h.Article.Title, text(h.Snippet))
	}
	// Who asks for just what was typed is offered nothing else for a word of drafts.
	rounds := content.Article{File: "it/a/rounds.md", Lang: "it", Section: "a", Key: "a/rounds", Title: "Gironi"}
	if r := search(t, x, Query{Text: "gironi", Lang: "it", Exact: true, With: []*Draft{NewDraft(&rounds, nil)}}); keys(r.Hits) != "it:a/rounds" || r.Meant != "" {
		t.Errorf("%s is found, and %q is offered", keys(r.Hits), r.Meant)
	}
	changed.Audience = content.Agents
	if r := search(t, x, Query{Text: "rimborso", Lang: "it", With: with}); keys(r.Hits) != "it:a/refund" {
		t.Errorf("a draft for staff: %s", keys(r.Hits))
	}
	w, err := x.Why(context.Background(), Query{Text: "rimborso", Lang: "it", Reader: content.Agents, With: with}, "it/a/return.md")
	if err != nil || w.Rank != 2 || len(w.Parts) == 0 {
		t.Errorf("why: %+v, %v", w, err)
	}
}

// TestWithPins keeps pinned what a draft replaces, and pins one that is new.
func TestWithPins(t *testing.T) {
	s := &shelf{}
	s.add("it/a/refund", "Rimborso", "Il rimborso arriva in giorni.")
	s.add("it/b/shop", "Negozio", "Aperto di mattina.")
	x := s.tuned(t, "it", []content.Pin{{Queries: []string{"rimborso"}, Articles: []string{"b/new", "b/shop"}}}, nil)
	changed := *s.articles[1]
	changed.Status = content.Draft
	fresh := content.Article{File: "it/b/new.md", Lang: "it", Section: "b", Key: "b/new", Title: "Zampogna", Status: content.Draft}
	r := search(t, x, Query{Text: "rimborso", Lang: "it", With: []*Draft{NewDraft(&changed, nil), NewDraft(&fresh, nil)}})
	if keys(r.Hits) != "it:b/new it:b/shop it:a/refund" || r.Total != 3 || !r.Hits[0].Pinned || r.Hits[1].Article != &changed || !r.Hits[1].Pinned || r.Hits[2].Pinned {
		t.Errorf("%s of %d", keys(r.Hits), r.Total)
	}
	changed.Audience = content.Agents
	if r := search(t, x, Query{Text: "rimborso", Lang: "it", With: []*Draft{NewDraft(&changed, nil)}}); keys(r.Hits) != "it:a/refund" || r.Total != 1 {
		t.Errorf("a pinned draft for staff: %s of %d", keys(r.Hits), r.Total)
	}
}

// TestWithIsPublishing compares drafts with really publishing them. Scores may
// differ a little, because of some fifty articles one more or less changes how
// rare words are: hits that lie close together may change places.
func TestWithIsPublishing(t *testing.T) {
	folder := shippedFolder(t)
	lib, before := shipped(t)
	r := rand.New(rand.NewPCG(4, 4))
	pins, synonyms := map[string][]content.Pin{}, map[string][][]string{}
	for _, lang := range lib.Languages() {
		pins[lang], synonyms[lang] = lib.Pins(lang), lib.Synonyms(lang)
	}
	first, same := 0, 0
	for range 12 {
		all := lib.All()
		a := *all[r.IntN(len(all))]
		if a.Audience != content.Public {
			continue
		}
		text := []content.Passage{{Text: "La batería, the battery, la batteria: garanzia, warranty, garantía."}}
		a.Hash += "changed"
		changed := make([]*content.Article, len(all))
		for i, old := range all {
			changed[i] = old
			if old.File == a.File {
				changed[i] = &a
			}
		}
		after := Open("", Options{Log: quiet()})
		if _, err := after.Sync(context.Background(), content.NewLibrary(changed, lib.Sections()).Tuned(pins, synonyms), func(of *content.Article) ([]content.Passage, error) {
			if of.File == a.File {
				return text, nil
			}
			return folder.Text(of)
		}); err != nil {
			t.Fatal(err)
		}
		for _, q := range readShipped(t, a.Lang).queries[:40] {
			query := Query{Text: q.Text, Lang: a.Lang, OneLang: true}
			want := search(t, after, query)
			query.With = []*Draft{NewDraft(&a, text)}
			got := search(t, before, query)
			if len(want.Hits) > 0 && len(got.Hits) > 0 {
				first++
				if want.Hits[0].Article.File == got.Hits[0].Article.File {
					same++
				}
			}
		}
		after.Close()
	}
	if same*100 < first*96 {
		t.Errorf("%d of %d first answers are the same", same, first)
	}
	t.Logf("%d of %d first answers are the same", same, first)
}
