package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// readers makes journeys of visitors who read some of the articles, evenly over some
// days that end now, each with its events.
func readers(n, days, articles int, now time.Time) (js []journey.Journey, events []journey.Event) {
	r := rand.New(rand.NewPCG(3, 4))
	zipf := rand.NewZipf(r, 1.2, 6, uint64(articles-1))
	for i := range n {
		at := now.Add(-time.Duration(r.Int64N(int64(days) * int64(24*time.Hour)))).Truncate(time.Millisecond)
		j := journey.Journey{ID: fmt.Sprint("j", i), Visitor: fmt.Sprint("v", i), Lang: []string{"it", "es", "en"}[r.IntN(3)], Started: at}
		note := func(kind journey.Kind, key string, seconds int) {
			e := journey.Event{ID: fmt.Sprintf("e%09d", len(events)), At: at, Visitor: j.Visitor, Journey: j.ID, Kind: kind, Lang: j.Lang,
				Article: key, Revision: "r1", Seconds: seconds}
			if kind == journey.VoteNo && r.IntN(2) == 0 {
				e.Reason = "unclear"
			}
			if kind == journey.ResultClick {
				e.Query = fmt.Sprint("Question ", r.IntN(4))
			}
			events = append(events, e)
			j.Last = kind
			at = at.Add(20 * time.Second)
		}
		for range r.IntN(4) {
			key := fmt.Sprintf("%c/%d", 'a'+zipf.Uint64()%5, zipf.Uint64())
			note(journey.ResultClick, key, 0)
			seconds := r.IntN(40)
			note(journey.ArticleOpen, key, seconds)
			j.Read = j.Read || seconds >= 10
			switch r.IntN(8) {
			case 0:
				note(journey.VoteYes, key, 0)
				j.Confirmed, j.State.Solved = true, key
			case 1:
				note(journey.VoteNo, key, 0)
				j.Confirmed = j.Confirmed && j.State.Solved != key
			}
		}
		j.Ended = at
		if r.IntN(5) == 0 {
			j.Ticket = at.Add(time.Duration(r.Int64N(int64(9 * 24 * time.Hour))))
		}
		js = append(js, j)
	}
	return js, events
}

func sectionOf(t journey.Text) string { return t.Article[:1] }

// naive counts what is to be counted, journey by journey.
func naive(js []journey.Journey, events []journey.Event, span journey.SearchSpan, now time.Time) journey.Credits {
	of := map[string][]journey.Event{}
	for _, e := range events {
		of[e.Journey] = append(of[e.Journey], e)
	}
	c := journey.Credits{SearchSpan: span, Tallies: map[journey.Counted]journey.Tally{}}
	for _, j := range js {
		if j.Started.Before(span.From) || !j.Started.Before(span.To) {
			continue
		}
		a := journey.Settle(j, journey.Decide(j, now, journey.Window), of[j.ID])
		if decided := j.Passed(now) >= 3; decided {
			for about, n := range a.Tallies(sectionOf) {
				if span.Lang == "" || span.Lang == about.Lang {
					t := c.Tallies[about]
					t.Add(n)
					c.Tallies[about] = t
				}
			}
		} else if span.Lang == "" || span.Lang == j.Lang {
			c.Pending++
		}
		for _, v := range a.Votes {
			if span.Lang == "" || span.Lang == v.Lang {
				n := journey.Voted{Text: v.Text, Revision: v.Revision, Reason: v.Reason, Last: a.Day}
				if v.Yes {
					n.Yes = 1
				} else {
					n.No = 1
				}
				c.Votes = append(c.Votes, n)
			}
		}
	}
	return c
}

// TestCredits holds that the report is that of a naive reader of all journeys,
// however much of it was counted, when, and what of it was forgotten since.
func TestCredits(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)
		span := journey.LastDays(28, "", now)
		if c, err := db.Credits(ctx, span); err != nil || len(c.Tallies) != 0 || !c.Since.IsZero() || c.Pending != 0 {
			t.Errorf("of nothing: %+v, %v", c, err)
		}
		js, events := readers(2000, 60, 40, now)
		if err := db.SaveJourneys(ctx, journey.Batch{Events: events, Journeys: js}); err != nil {
			t.Fatal(err)
		}
		reports := func(span journey.SearchSpan) {
			t.Helper()
			c, err := db.Credits(ctx, span)
			if err != nil {
				t.Fatal(err)
			}
			want := naive(js, events, span, now)
			want.Since = c.Since
			if diff := cmp.Diff(want.Report(), c.Report()); diff != "" {
				t.Errorf("%+v:\n%.2000s", span, diff)
			}
		}
		for _, at := range []time.Time{now.Add(-20 * 24 * time.Hour), now.Add(-time.Hour), now, now} {
			if err := errors.Join(db.DecideJourneys(ctx, sectionOf, at), db.CreditArticles(ctx, sectionOf, at)); err != nil {
				t.Fatal(err)
			}
		}
		it := span
		it.Lang = "it"
		reports(span)
		reports(it)
		if r := naive(js, events, span, now).Report(); len(r.Texts) < 40 || r.Pending == 0 || r.Mean.K == 0 || r.Of(journey.Text{Article: "a/0", Lang: "it"}).No == 0 {
			t.Fatalf("the test is blind: %+v", r)
		}

		// One text alone says the same.
		of := journey.Text{Article: "a/0", Lang: "es"}
		all, err := db.Credits(ctx, span)
		if err != nil {
			t.Fatal(err)
		}
		one, err := db.CreditsOf(ctx, span, of)
		if diff := cmp.Diff(all.Report().Of(of), one.Report().Of(of)); diff != "" || err != nil || len(one.Tallies) != 1 {
			t.Errorf("%d tallies, %v\n%s", len(one.Tallies), err, diff)
		}
		if diff := cmp.Diff(journey.Judgements(all.Votes, of, "r1"), journey.Judgements(one.Votes, of, "r1")); diff != "" {
			t.Error(diff)
		}

		// What is counted stays when the steps are forgotten, and what is older goes.
		if err := db.SweepJourneys(ctx, now.Add(-8*24*time.Hour), now.Add(-30*24*time.Hour), now); err != nil {
			t.Fatal(err)
		}
		reports(span)
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM credit_day WHERE day < `+fmt.Sprint(now.Add(-31*24*time.Hour).UnixMilli())); err != nil || n != 0 {
			t.Errorf("%d days are left, %v", n, err)
		}
	})
}

// TestCreditWaits holds that a ticket that is joined at the last moment counts, and
// that nothing counts twice.
func TestCreditWaits(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		j := journey.Journey{ID: "j", Visitor: "v", Lang: "it", Started: monday, Ended: monday, Read: true, Last: journey.ArticleOpen}
		open := journey.Event{ID: "e", At: monday, Visitor: "v", Journey: "j", Kind: journey.ArticleOpen, Lang: "it", Article: "a", Seconds: 60}
		if err := db.SaveJourneys(ctx, journey.Batch{Events: []journey.Event{open}, Journeys: []journey.Journey{j}}); err != nil {
			t.Fatal(err)
		}
		span := journey.LastDays(28, "", monday.Add(9*24*time.Hour))
		of := func() journey.Standing {
			t.Helper()
			c, err := db.Credits(ctx, span)
			if err != nil {
				t.Fatal(err)
			}
			return c.Report().Of(journey.Text{Article: "a", Lang: "it"})
		}
		at := monday.Add(journey.Window)
		if err := errors.Join(db.DecideJourneys(ctx, sectionOf, at), db.CreditArticles(ctx, sectionOf, at)); err != nil || of().Contacted.N != 0 {
			t.Errorf("%+v, %v: it is not known yet how it ended", of(), err)
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Tickets: []journey.Join{{Visitor: "v", At: at}}}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			later := at.Add(journey.Settling + time.Minute)
			if err := errors.Join(db.DecideJourneys(ctx, sectionOf, later), db.CreditArticles(ctx, sectionOf, later)); err != nil {
				t.Fatal(err)
			}
			if got := of(); got.Contacted.K != 1 || got.Contacted.N != 1 || got.Presumed != 0 {
				t.Errorf("%+v", got)
			}
		}
	})
}

func TestSeeArticles(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		a, b, c := journey.Text{Article: "a", Lang: "it"}, journey.Text{Article: "a", Lang: "en"}, journey.Text{Article: "c", Lang: "it"}
		opened := func(id string, at time.Time, of journey.Text) {
			t.Helper()
			e := journey.Event{ID: id, At: at, Kind: journey.ArticleOpen, Article: of.Article, Lang: of.Lang}
			if err := db.SaveJourneys(ctx, journey.Batch{Events: []journey.Event{e}}); err != nil {
				t.Fatal(err)
			}
		}
		see := func(now time.Time, published []journey.Text, want map[journey.Text]journey.Seen) {
			t.Helper()
			if err := db.SeeArticles(ctx, published, now); err != nil {
				t.Fatal(err)
			}
			got, err := db.SeenArticles(ctx)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		}
		hour := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }
		opened("1", hour(-1), a)
		see(hour(0), []journey.Text{a, b}, map[journey.Text]journey.Seen{a: {Known: hour(0), Opened: hour(-1)}, b: {Known: hour(0)}})
		opened("2", hour(5), a)
		opened("3", hour(4), c)
		see(hour(6), []journey.Text{a, b, c}, map[journey.Text]journey.Seen{a: {Known: hour(0), Opened: hour(5)}, b: {Known: hour(0)}, c: {Known: hour(6), Opened: hour(4)}})
		// It stays when the steps go; who comes back begins anew.
		if err := db.SweepJourneys(ctx, hour(9), hour(9), hour(9)); err != nil {
			t.Fatal(err)
		}
		see(hour(10), []journey.Text{a, c}, map[journey.Text]journey.Seen{a: {Known: hour(0), Opened: hour(5)}, c: {Known: hour(6), Opened: hour(4)}})
		see(hour(11), []journey.Text{a, b, c}, map[journey.Text]journey.Seen{a: {Known: hour(0), Opened: hour(5)}, b: {Known: hour(11)}, c: {Known: hour(6), Opened: hour(4)}})
	})
}

// TestSearchesTo holds that what fewer than three people searched is not shown.
func TestSearchesTo(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var events []journey.Event
		for i, said := range []string{"v1 Refund", "v2 refund", "v3 refund", "v1 refund", "v1 secret", "v2 secret", "v1 money back", "v2 money back", "v3 money back", "v4 money back", "v4 ", " refund"} {
			visitor, query, _ := strings.Cut(said, " ")
			events = append(events, journey.Event{
				ID: fmt.Sprint("e", i), At: monday, Visitor: visitor, Kind: journey.ResultClick, Lang: "en", Article: "a", Query: query,
			})
		}
		other := events[0]
		other.ID, other.Article = "x", "b"
		if err := db.SaveJourneys(t.Context(), journey.Batch{Events: append(events, other)}); err != nil {
			t.Fatal(err)
		}
		got, err := db.SearchesTo(t.Context(), journey.Text{Article: "a", Lang: "en"}, monday, strings.ToLower, 10)
		if want := []journey.Way{{Query: "money back", People: 4}, {Query: "refund", People: 3}}; !slices.Equal(got, want) || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if got, err := db.SearchesTo(t.Context(), journey.Text{Article: "a", Lang: "en"}, monday, strings.ToLower, 1); err != nil || len(got) != 1 {
			t.Errorf("%+v, %v: want one", got, err)
		}
		if got, err := db.SearchesTo(t.Context(), journey.Text{Article: "a", Lang: "en"}, monday.Add(time.Millisecond), strings.ToLower, 10); err != nil || len(got) != 0 {
			t.Errorf("since later: %+v, %v", got, err)
		}
	})
}

// BenchmarkCredits makes the report where 100,000 journeys of 90 days read some of
// 5,000 articles, and counts those of a day.
func BenchmarkCredits(b *testing.B) {
	now := time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	js, events := readers(100_000, 90, 5000, now)
	for part := range slices.Chunk(events, 20_000) {
		if err := db.SaveJourneys(b.Context(), journey.Batch{Events: part}); err != nil {
			b.Fatal(err)
		}
	}
	for part := range slices.Chunk(js, 5000) {
		if err := db.SaveJourneys(b.Context(), journey.Batch{Journeys: part}); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.DecideJourneys(b.Context(), sectionOf, now); err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	if err := db.CreditArticles(b.Context(), sectionOf, now); err != nil {
		b.Fatal(err)
	}
	b.Logf("counted in %v", time.Since(begin))
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			c, err := db.Credits(b.Context(), journey.LastDays(90, "", now))
			if err != nil || len(c.Report().Texts) < 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.CreditsOf(b.Context(), journey.LastDays(90, "", now), journey.Text{Article: "a/0", Lang: "it"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ways", func(b *testing.B) {
		for b.Loop() {
			if ways, err := db.SearchesTo(b.Context(), journey.Text{Article: "a/0", Lang: "it"}, now.AddDate(0, 0, -90), strings.ToLower, 10); err != nil || len(ways) == 0 {
				b.Fatal(err)
			}
		}
	})
}
