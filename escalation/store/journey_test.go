package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestJourneys(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		first := journey.Journey{
			ID: "j1", Visitor: "v", Lang: "it", Started: monday, Ended: monday.Add(time.Minute), Read: true, Last: journey.ArticleOpen,
			State: journey.State{Queries: [][]string{{"batteri"}}, Opens: []journey.Event{{ID: "e2", At: monday, Kind: journey.ArticleOpen, Lang: "it"}}},
		}
		second := journey.Journey{ID: "j2", Visitor: "v", Lang: "it", Started: monday.Add(time.Hour), Ended: monday.Add(time.Hour), Confirmed: true}
		event := journey.Event{
			ID: "e1", At: monday, Visitor: "v", Journey: "j1", Kind: journey.Zero, Lang: "it", Article: "a", Revision: "r", Query: "batteria\x00",
			Hits: 1, Rank: 2, Seconds: 3, Reason: "old", Experiment: "x", Arm: journey.Shown, Ticket: "t", Network: "n",
		}
		later := journey.Event{ID: "e2", At: monday.Add(time.Second), Visitor: "v", Journey: "j1", Kind: journey.ArticleOpen, Lang: "it"}
		err := db.SaveJourneys(ctx, journey.Batch{Events: []journey.Event{later, event}, Journeys: []journey.Journey{first, second}})
		if err != nil {
			t.Fatal(err)
		}
		last, err := db.LastJourneys(ctx, []string{"nobody", "v"}, monday)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]journey.Journey{"v": second}, last); diff != "" {
			t.Errorf("last journey differs:\n%s", diff)
		}
		if last, err = db.LastJourneys(ctx, []string{"v"}, monday.Add(2*time.Hour)); err != nil || len(last) != 0 {
			t.Errorf("journeys since then: %v, %v", last, err)
		}
		events, err := db.JourneyEvents(ctx, "j1")
		if err != nil {
			t.Fatal(err)
		}
		event.Query = "batteria\uFFFD"
		if diff := cmp.Diff([]journey.Event{event, later}, events); diff != "" {
			t.Errorf("events differ:\n%s", diff)
		}

		// The search was typed further, and the ticket came.
		event.Query, event.Hits, event.Kind, event.At = "batteria scarica", 4, journey.Search, monday.Add(500*time.Millisecond)
		ticket := monday.Add(3 * 24 * time.Hour)
		err = db.SaveJourneys(ctx, journey.Batch{Events: []journey.Event{event}, Tickets: []journey.Join{{Visitor: "v", At: ticket}}})
		if err != nil {
			t.Fatal(err)
		}
		if events, err = db.JourneyEvents(ctx, "j1"); err != nil || len(events) != 2 || events[0].Query != "batteria scarica" || events[0].Hits != 4 {
			t.Errorf("events %+v, %v", events, err)
		}
		second.Ended = second.Ended.Add(time.Minute) // as a replica without news of the ticket saves it
		if err := db.SaveJourneys(ctx, journey.Batch{Journeys: []journey.Journey{second}}); err != nil {
			t.Fatal(err)
		}
		if last, err = db.LastJourneys(ctx, []string{"v"}, monday); err != nil || !last["v"].Ticket.Equal(ticket) || !last["v"].Ended.Equal(second.Ended) {
			t.Errorf("last journey %+v, %v: the ticket must stay joined", last["v"], err)
		}
	})
}

// TestDeflection holds that the report is the same as that of a naive reader of
// all journeys.
func TestSweepJourneys(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		const day = 24 * time.Hour
		now := monday
		keyOf := func(cookie string, at time.Time) string {
			salts := journey.Salts{Secret: db.Secret} // remembers nothing
			key, err := salts.Visitor(ctx, cookie, at)
			if err != nil || key == "" {
				t.Fatalf("key %q, %v", key, err)
			}
			return key
		}
		long := now.Add(-46 * 24 * time.Hour)
		old, new := journey.NewCookie(long), journey.NewCookie(now)
		oldKey, newKey := keyOf(old, long), keyOf(new, now)
		links, err := db.Secret(ctx, "links")
		if err != nil {
			t.Fatal(err)
		}
		b := journey.Batch{
			Events: []journey.Event{
				{ID: "old", Journey: "j", At: now.Add(-90*day - time.Hour)}, {ID: "new", Journey: "j", At: now.Add(-90*day + time.Hour)},
			},
			Journeys: []journey.Journey{
				{ID: "old", Visitor: "a", Started: now.Add(-400*day - time.Hour), Ended: now}, {ID: "new", Visitor: "b", Started: now, Ended: now},
			},
		}
		if err := db.SaveJourneys(ctx, b); err != nil {
			t.Fatal(err)
		}
		if err := db.SweepJourneys(ctx, now.Add(-90*day), now.Add(-400*day), now); err != nil {
			t.Fatal(err)
		}
		if events, err := db.JourneyEvents(ctx, "j"); err != nil || len(events) != 1 || events[0].ID != "new" {
			t.Errorf("events %v, %v", events, err)
		}
		if last, err := db.LastJourneys(ctx, []string{"a", "b"}, time.Time{}); err != nil || len(last) != 1 {
			t.Errorf("journeys %v, %v", last, err)
		}
		if keyOf(old, long) == oldKey {
			t.Error("the salt of 46 days ago is still there")
		}
		if keyOf(new, now) != newKey {
			t.Error("the salt of today is gone")
		}
		if again, err := db.Secret(ctx, "links"); err != nil || string(again) != string(links) {
			t.Errorf("another secret is gone: %v", err)
		}
	})
}

func BenchmarkSaveJourneys(b *testing.B) {
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	i := 0
	for b.Loop() {
		var batch journey.Batch
		for range 1000 {
			i++
			at := monday.Add(time.Duration(i) * time.Second)
			batch.Events = append(batch.Events, journey.Event{ID: fmt.Sprint(i), At: at, Visitor: "v", Journey: fmt.Sprint(i / 5), Kind: journey.Search, Lang: "it", Query: "batteria scarica"})
			if i%5 == 0 {
				batch.Journeys = append(batch.Journeys, journey.Journey{ID: fmt.Sprint(i / 5), Visitor: "v", Lang: "it", Started: at, Ended: at})
			}
		}
		if err := db.SaveJourneys(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWanted counts journeys, not clicks, and leaves out what only two people
// opened, other languages, and what is long ago.
func TestWanted(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var events []journey.Event
		see := func(visitor, article string, kind journey.Kind, lang string, at time.Time, times int) {
			for range times {
				events = append(events, journey.Event{
					ID: fmt.Sprint(len(events)), At: at, Visitor: visitor, Journey: "j" + visitor, Kind: kind, Lang: lang, Article: article,
				})
			}
		}
		for i := range 5 {
			v := fmt.Sprint("v", i)
			see(v, "often", journey.ArticleOpen, "it", monday, 1)
			if i < 3 {
				see(v, "settles", journey.ArticleOpen, "it", monday, 1)
				see(v, "settles", journey.Confirm, "it", monday, 1)
				see(v, "clicked", journey.ArticleOpen, "it", monday, 9)
				see(v, "foreign", journey.ArticleOpen, "es", monday, 1)
				see(v, "old", journey.ArticleOpen, "it", monday.Add(-time.Hour), 1)
			}
			if i < 2 {
				see(v, "two", journey.ArticleOpen, "it", monday, 9)
			}
		}
		if err := db.SaveJourneys(t.Context(), journey.Batch{Events: events}); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			lang string
			n    int
			want []string
		}{
			{"it", 10, []string{"settles", "often", "clicked"}},
			{"it", 1, []string{"settles"}},
			{"es", 10, []string{"foreign"}},
			{"en", 10, nil},
		} {
			got, err := db.Wanted(t.Context(), test.lang, monday, test.n)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%s, %d: %v, %v; want %v", test.lang, test.n, got, err, test.want)
			}
		}
	})
}

// TestAbandonForms notes a form that was left, once, and no form of which a
// ticket came or that may still be open.
func TestAbandonForms(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var b journey.Batch
		visit := func(id string, ended time.Time, kinds ...journey.Kind) {
			for i, k := range kinds {
				b.Events = append(b.Events, journey.Event{
					ID: fmt.Sprint(id, i), At: ended.Add(time.Duration(i-len(kinds)) * time.Second), Visitor: "v" + id, Journey: id, Kind: k, Lang: "it",
				})
			}
			b.Journeys = append(b.Journeys, journey.Journey{ID: id, Visitor: "v" + id, Lang: "it", Started: ended.Add(-time.Minute), Ended: ended})
		}
		visit("left", monday, journey.Search, journey.FormOpen)
		visit("sent", monday, journey.FormOpen, journey.TicketCreated)
		visit("open", monday.Add(time.Hour), journey.FormOpen)
		visit("read", monday, journey.ArticleOpen)
		visit("suspected", monday, journey.FormOpen)
		visit("after", monday, journey.FormOpen)
		if err := db.SaveJourneys(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		// A form that looks like spam was sent all the same. Who came back later and
		// left another one did leave it.
		for id, at := range map[string]time.Time{"suspected": monday, "after": monday.Add(-time.Hour)} {
			if _, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
				return escalation.NewTicket(escalation.OpenCommand{
					Number: escalation.NewNumber(), Subject: "Watches", Text: "Cheap", Email: "eve@example.com", Lang: "it", Journey: id, Signs: []string{"fast"},
				}, escalation.RequesterOf{}, escalation.NewID, at)
			}); err != nil {
				t.Fatal(err)
			}
		}
		looked := func() (ids []string) {
			ripe, err := db.UnharvestedJourneys(t.Context(), monday.Add(24*time.Hour), 10)
			if err != nil {
				t.Fatal(err)
			}
			var all []demand.Harvest
			for _, r := range ripe {
				ids = append(ids, r.Journey)
				all = append(all, demand.Harvest{Journey: r.Journey, Ended: r.Ended})
			}
			if err := db.SaveHarvests(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			slices.Sort(ids)
			return ids
		}
		if ids := looked(); len(ids) != 6 {
			t.Errorf("harvested %v", ids)
		}
		for range 2 {
			if err := db.AbandonForms(t.Context(), monday.Add(-time.Hour), monday.Add(journey.Pause)); err != nil {
				t.Fatal(err)
			}
		}
		if ids := looked(); !slices.Equal(ids, []string{"after", "left"}) {
			t.Errorf("harvested again: %v, want those of which a form was left", ids)
		}
		for id, want := range map[string]int{"left": 1, "sent": 0, "open": 0, "read": 0, "suspected": 0, "after": 1} {
			events, err := db.JourneyEvents(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for _, e := range events {
				if e.Kind == journey.FormAbandon {
					got++
				}
			}
			if got != want {
				t.Errorf("journey %s has %d abandoned forms, want %d", id, got, want)
			}
		}
	})
}

// TestJourneyOfTicket keeps what happens to a ticket with the journey that led to
// it, in the same change.
func TestJourneyOfTicket(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, by := t.Context(), staff.Token{Name: "robot", Scopes: staff.Scopes}
		ticket, _, err := db.Open(ctx, "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{
				Number: escalation.NewNumber(), Subject: "S", Text: "T", Email: "anna@example.com", Lang: "it", Journey: "j1",
			}, escalation.RequesterOf{}, escalation.NewID, monday)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Change(ctx, ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Solve(escalation.SolveCommand{
				Message: escalation.Message{Text: "So"}, Article: escalation.NoArticle, Reason: "rare",
			}, by, escalation.NewID, monday)
		}); err != nil {
			t.Fatal(err)
		}
		events, err := db.JourneyEvents(ctx, "j1")
		if err != nil || len(events) != 1 || events[0].Kind != journey.TicketSolved || events[0].Ticket != ticket.ID {
			t.Errorf("events %+v, %v", events, err)
		}
	})
}
