package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// searchers makes the events of visitors who search, about n of them, evenly over
// some days that end now. Few queries are common and many are rare.
func searchers(n, days int, now time.Time) []journey.Event {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 8, 20_000)
	var events []journey.Event
	for visit := 0; len(events) < n; visit++ {
		at := now.Add(-time.Duration(r.Int64N(int64(days) * int64(24*time.Hour)))).Truncate(time.Millisecond)
		e := journey.Event{Visitor: fmt.Sprintf("visitor-%d", visit-r.IntN(3)), Journey: fmt.Sprint("j", visit), Lang: []string{"it", "es", "en"}[r.IntN(3)]}
		note := func(kind journey.Kind, query string) {
			e.ID, e.At, e.Kind, e.Query = fmt.Sprintf("e%09d", len(events)), at, kind, query
			events = append(events, e)
			at = at.Add(20 * time.Second)
		}
		for range 1 + r.IntN(2) {
			query := fmt.Sprintf("How do I mend problem %d", zipf.Uint64())
			if r.IntN(4) == 0 {
				query = strings.ToLower(query)
			}
			if r.IntN(8) == 0 {
				note(journey.Zero, query)
				continue
			}
			note(journey.Search, query)
			if r.IntN(3) > 0 {
				note(journey.ResultClick, query)
				note(journey.ArticleOpen, "")
			}
		}
		if r.IntN(5) == 0 {
			note(journey.FormOpen, "")
			note(journey.SuggestionEligible, "")
			note(journey.SuggestionShown, "")
		}
	}
	return events
}

// TestSearches holds that a report is the same however much of it was written down,
// and when.
func TestSearches(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)
		span := journey.LastDays(28, "", now)
		if r, err := db.Searches(ctx, span, strings.ToLower, now); err != nil || r.Searches != 0 || !r.Since.IsZero() {
			t.Errorf("of nothing: %+v, %v", r, err)
		}
		if err := db.LogSearches(ctx, strings.ToLower, now); err != nil {
			t.Error(err)
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Events: searchers(6000, 60, now)}); err != nil {
			t.Fatal(err)
		}
		want, err := db.Searches(ctx, span, strings.ToLower, now)
		if err != nil {
			t.Fatal(err)
		}
		if want.Change == nil || want.Searches < 500 || want.People < 300 || len(want.Most.Lines) < 5 || len(want.Unopened.Lines) < 5 || want.Rare == 0 || want.FoundNothing.K == 0 || want.OpenedNone.K == 0 {
			t.Fatalf("the test is blind: %+v", want)
		}
		for _, at := range []time.Time{now.Add(-9 * 24 * time.Hour), now.Add(-7 * time.Hour), now.Add(-time.Hour), now, now} {
			if err := db.LogSearches(ctx, strings.ToLower, at); err != nil {
				t.Fatal(err)
			}
			got, err := db.Searches(ctx, span, strings.ToLower, now)
			if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" || err != nil {
				t.Errorf("written down at %v: %v\n%s", at, err, diff)
			}
		}
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM search_day`); err != nil || n < 60 {
			t.Errorf("%d days, %v", n, err)
		}

		it := span
		it.Lang = "it"
		if r, err := db.Searches(ctx, it, strings.ToLower, now); err != nil || r.Searches == 0 || r.Searches >= want.Searches {
			t.Errorf("in Italian: %+v, %v", r, err)
		}
		// What is swept is not compared with.
		if err := db.SweepJourneys(ctx, now.Add(-40*24*time.Hour), now.Add(-400*24*time.Hour), now); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM search_day`); err != nil || n > 41 {
			t.Errorf("%d days are left, %v", n, err)
		}
		if r, err := db.Searches(ctx, span, strings.ToLower, now); err != nil || r.Change != nil || r.Searches != want.Searches {
			t.Errorf("after a sweep: %+v, %v", r, err)
		}
	})
}

// BenchmarkSearches makes the report of 28 days, and of the 28 before, where a
// million events are kept, of 90 days: with all days written down but today, and
// with none.
func BenchmarkSearches(b *testing.B) {
	now := time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	events := searchers(1_000_000, 90, now)
	for len(events) > 0 {
		n := min(len(events), 20_000)
		if err := db.SaveJourneys(b.Context(), journey.Batch{Events: events[:n]}); err != nil {
			b.Fatal(err)
		}
		events = events[n:]
	}
	report := func(b *testing.B) {
		spent := func() time.Duration {
			var u syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
				b.Fatal(err)
			}
			return time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
		before := spent()
		for b.Loop() {
			r, err := db.Searches(b.Context(), journey.LastDays(28, "", now), strings.ToLower, now)
			if err != nil || len(r.Most.Lines) == 0 || r.Change == nil {
				b.Fatalf("%+v, %v", r, err)
			}
		}
		b.ReportMetric(float64((spent()-before).Milliseconds())/float64(b.N), "cpu-ms/op")
	}
	b.Run("read", report)
	if err := db.LogSearches(b.Context(), strings.ToLower, now); err != nil {
		b.Fatal(err)
	}
	b.Run("logged", report)
}

func TestMostSearched(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)
		var events []journey.Event
		for i, e := range []journey.Event{
			{Kind: journey.Search, Lang: "it", Query: "Batteria", Visitor: "a", At: now},
			{Kind: journey.Zero, Lang: "it", Query: "batteria", Visitor: "b", At: now.Add(-20 * 24 * time.Hour)},
			{Kind: journey.Search, Lang: "it", Query: "Batteria", Visitor: "d", At: now.Add(-27 * 24 * time.Hour)},
			{Kind: journey.Search, Lang: "it", Query: "schermo", Visitor: "a", At: now},
			{Kind: journey.ArticleOpen, Lang: "it", Article: "x", Visitor: "a", At: now},
			{Kind: journey.Search, Lang: "it", Query: "batteria", Visitor: "c", At: now.Add(-28 * 24 * time.Hour)},
		} {
			e.ID, e.Journey = fmt.Sprint(i), fmt.Sprint("j", i)
			events = append(events, e)
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Events: events}); err != nil {
			t.Fatal(err)
		}
		want := []journey.Searched{{Query: "Batteria", Lang: "it", Times: 3}}
		for range 2 { // as it is, and as it is written down
			got, more, err := db.MostSearched(ctx, journey.LastDays(journey.ReplayDays, "", now), strings.ToLower, now, 10)
			if diff := cmp.Diff(want, got); err != nil || diff != "" || more != 0 {
				t.Errorf("%d more, %v\n%s", more, err, diff)
			}
			if err := db.LogSearches(ctx, strings.ToLower, now); err != nil {
				t.Fatal(err)
			}
		}
	})
}
