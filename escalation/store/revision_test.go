package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestRevisions keeps what two processes saw of the same files, at the same
// moment of their clocks: in the order in which it came, each change once.
func TestRevisions(t *testing.T) {
	var now atomic.Int64
	now.Store(monday.UnixMilli())
	storetest.Each(t, store.Options{Clock: func() time.Time { return time.UnixMilli(now.Load()) }}, func(t *testing.T, db *store.DB) {
		r := func(lang, hash, change string) store.Revision {
			return store.Revision{Article: "a", Lang: lang, Hash: hash, Change: change, At: monday}
		}
		for _, batch := range [][]store.Revision{
			{r("it", "1", "minor"), r("en", "1", "major")},
			{r("it", "1", "minor")}, // the other process
			{r("it", "2", "typo"), r("it", "1", "major")},
			nil,
		} {
			if err := db.KeepRevisions(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Revisions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		byLang := map[string][]store.Revision{}
		for _, r := range got {
			byLang[r.Lang] = append(byLang[r.Lang], r)
		}
		want := map[string][]store.Revision{
			"it": {r("it", "1", "minor"), r("it", "2", "typo"), r("it", "1", "major")},
			"en": {r("en", "1", "major")},
		}
		if diff := cmp.Diff(want, byLang); diff != "" {
			t.Errorf("revisions differ:\n%s", diff)
		}
	})
}

// TestReaders counts what was opened since a moment, by whomever.
func TestReaders(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open := func(id, article, lang, visitor string, at time.Time) journey.Event {
			return journey.Event{ID: id, At: at, Kind: journey.ArticleOpen, Article: article, Lang: lang, Visitor: visitor}
		}
		err := db.SaveJourneys(t.Context(), journey.Batch{Events: []journey.Event{
			open("1", "a", "it", "v", monday), open("2", "a", "en", "", monday), open("3", "b", "it", "v", monday),
			open("4", "a", "it", "v", monday.Add(-time.Second)),
			{ID: "5", At: monday, Kind: journey.VoteYes, Article: "b"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Readers(t.Context(), monday)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"a": 2, "b": 1}, got); diff != "" {
			t.Errorf("readers differ:\n%s", diff)
		}
	})
}

// TestOutsideLinks keeps what an address answered last, and forgets it.
func TestOutsideLinks(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		a := store.OutsideLink{Address: "https://a.example", State: "failing", Status: 502, Failed: 1, Checked: monday}
		b := store.OutsideLink{Address: "https://b.example", State: "alive", Status: 200, Checked: monday}
		if err := db.KeepOutsideLinks(t.Context(), []store.OutsideLink{b, a}, nil); err != nil {
			t.Fatal(err)
		}
		a.Failed, a.State, a.Status = 2, "no_host", 0
		if err := db.KeepOutsideLinks(t.Context(), []store.OutsideLink{a}, []string{b.Address, "https://never.example"}); err != nil {
			t.Fatal(err)
		}
		got, err := db.OutsideLinks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]store.OutsideLink{a}, got); diff != "" {
			t.Errorf("links differ:\n%s", diff)
		}
	})
}
