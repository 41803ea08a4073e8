package store_test

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestHoldOuts: of two who change the list at once one is told.
func TestHoldOuts(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		x := journey.Experiments{Store: db}
		if e, err := x.Now(ctx); err != nil || e.Share != 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		by := escalation.ActorRef{Kind: "staff", ID: "laura"}
		if err := x.Begin(ctx, 0, journey.Terms{Effect: .1}, journey.Parts/2, by, monday); err != nil {
			t.Fatal(err)
		}
		if err := x.Begin(ctx, 0, journey.Terms{Effect: .1}, journey.Parts/2, by, monday); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("begun twice: %v", err)
		}
		held, err := x.Look(ctx, monday)
		if err != nil || held.Version != 1 || !held.Now().Started.Equal(monday) || held.Now().Planned != 2*199 || held.Newest.Verdict != journey.TooFew {
			t.Fatalf("%+v, %v", held, err)
		}
		if err := x.Stop(ctx, 7, by, monday); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("stopped another version: %v", err)
		}
		if err := x.Stop(ctx, 1, by, monday); err != nil {
			t.Fatal(err)
		}
		// The result is noted once nobody can write any more.
		for _, at := range []time.Time{monday, monday.Add(journey.Window)} {
			if err := x.Step(ctx, at); err != nil {
				t.Fatal(err)
			}
			held, err := x.Look(ctx, at)
			if err != nil || (held.Last().Result != nil) != at.After(monday) {
				t.Errorf("at %v: %+v, %v", at, held.Last(), err)
			}
		}
	})
}

// TestLateTicket: a ticket of which the event was lost counts all the same, and so does
// what is said of its solution; what is too old is forgotten.
func TestLateTicket(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		c := opening(t, "ABCD1234", start)
		c.Ticket.Journey, c.Entries[0].Event.Journey = "j", "j"
		if _, _, err := db.Open(ctx, "key", func() (escalation.Change, error) { return c, nil }); err != nil {
			t.Fatal(err)
		}
		at := start.Add(-time.Minute)
		trigger := journey.Trigger{Experiment: "x", Visitor: "v", Arm: journey.Shown, At: at}
		err := db.SaveJourneys(ctx, journey.Batch{
			Journeys: []journey.Journey{{ID: "j", Visitor: "v", Lang: "it", Started: at, Ended: start, Last: journey.FormOpen}},
			Triggers: []journey.Trigger{trigger, {Experiment: "x", Visitor: "old", Arm: journey.Shown, At: at.Add(-time.Hour)},
				// The same visitor had asked before, and that was another ticket.
				{Experiment: "before", Visitor: "v", Arm: journey.Shown, At: at, Ticket: at.Add(-time.Hour)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.JoinTickets(ctx, start.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := db.SweepTriggers(ctx, at); err != nil {
			t.Fatal(err)
		}
		// What the customer says of the solution is known of the visitor.
		by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"}
		goesOn(t, db, "ABCD1234", start.Add(time.Hour), escalation.Entry{ID: "solution", By: by, Kind: escalation.Public, Text: "So.", Event: &escalation.Event{
			Kind: escalation.EventSolved, Solution: &escalation.Solution{Entry: "solution", By: by}}})
		if _, err := db.Change(ctx, "ABCD1234", func(of escalation.Ticket) (escalation.Change, error) {
			return of.Rate(escalation.RateCommand{Score: escalation.Fair}, escalation.RequesterOf{Ticket: of.ID}, escalation.NewID, start.Add(2*time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		trigger.Ticket, trigger.Score = start, escalation.Fair
		if got, err := db.Triggers(ctx, "before", time.Time{}); err != nil || len(got) != 1 || got[0].Score != "" {
			t.Errorf("%+v, %v; want what nobody rated", got, err)
		}
		if got, err := db.Triggers(ctx, "x", time.Time{}); err != nil || len(got) != 1 || got[0] != trigger {
			t.Errorf("%+v, %v; want %+v", got, err, trigger)
		}
	})
}
