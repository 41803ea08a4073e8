package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func TestSignals(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		signals := func() []demand.Signal {
			t.Helper()
			s, err := db.Signals(ctx, monday, 10)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(s, func(a, b demand.Signal) int { return cmp.Compare(a.ID, b.ID) })
			return s
		}
		a := demand.Signal{ID: "a", Kind: demand.Zero, Lang: "it", Text: "batteria", Who: "v", At: monday, Journey: "j"}
		b := demand.Signal{ID: "b", Kind: demand.No, Lang: "it", Text: "schermo", Who: "v", At: monday.Add(time.Second), Journey: "j", Hits: 3, Article: "x"}
		c := demand.Signal{ID: "c", Kind: demand.Ticket, Lang: "es", Text: "pantalla", Who: "r", At: monday, Journey: "j", Ticket: "t"}
		ended := monday.Add(time.Minute)
		if err := db.SaveJourneys(ctx, journey.Batch{
			Journeys: []journey.Journey{{ID: "j", Visitor: "v", Started: monday, Ended: ended}},
			Events:   []journey.Event{{ID: "2", At: ended, Journey: "j"}, {ID: "1", At: monday, Journey: "j"}},
		}); err != nil {
			t.Fatal(err)
		}
		ripe := func() []demand.Ripe {
			t.Helper()
			r, err := db.UnharvestedJourneys(ctx, ended.Add(2*time.Hour), 10)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r, err := db.UnharvestedJourneys(ctx, ended, 10); err != nil || len(r) != 0 {
			t.Errorf("before its end: %v, %v", r, err)
		}
		if r := ripe(); len(r) != 1 || r[0].Journey != "j" || !r[0].Ended.Equal(ended) || len(r[0].Events) != 2 || r[0].Events[0].ID != "1" {
			t.Errorf("ripe %+v", r)
		}
		if err := db.SaveSignal(ctx, c); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j", Ended: ended, Signals: []demand.Signal{a, b}}}); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]demand.Signal{a, b, c}, signals()); diff != "" {
			t.Errorf("signals differ:\n%s", diff)
		}
		if r := ripe(); len(r) != 0 {
			t.Errorf("harvested already: %+v", r)
		}

		// The lines stay when the journey goes on, and what was no failure goes.
		a.Line, b.Line = "l", "m"
		if err := db.PlaceSignals(ctx, []demand.Signal{a, b}); err != nil {
			t.Fatal(err)
		}
		elsewhere := a
		elsewhere.Line = "other"
		if err := db.PlaceSignals(ctx, []demand.Signal{elsewhere}); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Journeys: []journey.Journey{{ID: "j", Visitor: "v", Started: monday, Ended: ended.Add(time.Hour)}}}); err != nil {
			t.Fatal(err)
		}
		if r := ripe(); len(r) != 1 {
			t.Errorf("it went on: %+v", r)
		}
		again := a
		again.Line, again.Kind = "", demand.Form
		if err := db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j", Ended: ended.Add(time.Hour), Signals: []demand.Signal{again}}}); err != nil {
			t.Fatal(err)
		}
		again.Line = "l"
		if diff := gocmp.Diff([]demand.Signal{again, c}, signals()); diff != "" {
			t.Errorf("signals differ after the second harvest:\n%s", diff)
		}

		if err := db.SweepDemand(ctx, monday.Add(store.KeepSignals)); err != nil || len(signals()) != 2 {
			t.Errorf("swept too early: %v", err)
		}
		if err := db.SweepDemand(ctx, monday.Add(store.KeepSignals+time.Second)); err != nil || len(signals()) != 0 {
			t.Errorf("not swept: %v", err)
		}
	})
}

func TestVerdicts(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "s", Name: "Ada"}
		made := demand.Verdict{Line: "l", Decision: demand.Made, Article: "a", By: by, At: monday.Add(time.Hour)}
		other := demand.Verdict{Line: "m", Decision: demand.Dismissed, Reason: "non è per noi", By: by, At: monday}
		for _, v := range []demand.Verdict{made, {Line: "l", Decision: demand.Dismissed, Reason: "spam", By: by, At: monday}, other} {
			if err := db.SaveVerdict(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Verdicts(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(map[string]demand.Verdict{"l": made, "m": other}, got); diff != "" {
			t.Errorf("verdicts differ:\n%s", diff)
		}
	})
}
