package store_test

import (
	"context"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
	"primalinea/escalation/tiers"
)

// TestCases reads what a report on tiers is made of: the clocks of what changed since,
// and what waits. Spam is neither.
func TestCases(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		change := func(number string, after time.Duration, e escalation.Entry) escalation.Ticket {
			t.Helper()
			e.By = anna
			of, err := db.Change(t.Context(), number, func(old escalation.Ticket) (escalation.Change, error) {
				return adding(t, old, start.Add(after), e), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return of
		}
		solved := func() *escalation.Event {
			return &escalation.Event{Kind: escalation.EventSolved, Solution: &escalation.Solution{Reason: "no article", By: anna}}
		}
		open(t, db, "00000001", start.Add(-48*time.Hour)) // nothing since, and it comes due
		open(t, db, "00000002", start.Add(-48*time.Hour))
		open(t, db, "00000003", start)
		open(t, db, "00000004", start)
		late := change("00000002", time.Hour, escalation.Entry{Kind: escalation.Public, Text: "text", Event: solved()})
		change("00000004", time.Hour, escalation.Entry{Kind: escalation.Happened, Event: &escalation.Event{Kind: escalation.EventSpam}})

		var cases []tiers.Case
		if err := db.Cases(t.Context(), start, func(c *tiers.Case) { cases = append(cases, *c) }); err != nil || len(cases) != 3 {
			t.Fatalf("cases %+v, %v; want the first three tickets", cases, err)
		}
		for _, c := range cases {
			if c.Team != escalation.Triage || c.Tier != 1 || c.Highest != 1 || c.Opened.IsZero() || len(c.Promises) == 0 || c.Open == (c.ID == late.ID) || c.Open == c.Due.IsZero() {
				t.Errorf("case %+v", c)
			}
			if c.ID == late.ID && (len(c.Solved) != 1 || !c.Solved[0].At.Equal(start.Add(time.Hour)) || !c.Over) {
				t.Errorf("life of the second is %+v", c.Life)
			}
		}

		if err := db.ForgetClocks(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.ReckonClocks(t.Context()); err != nil { // as after an upgrade
			t.Fatal(err)
		}
		r, err := (&tiers.Reporter{Tickets: db, Demand: nobodyAsks}).Report(t.Context(), start.Truncate(24*time.Hour), start.Add(48*time.Hour), start.Add(3*time.Hour))
		if err != nil || r.Share.K != 1 || r.Share.N != 1 || r.Elapsed.Median != 49*time.Hour || r.ByTier[0].Open != 2 {
			t.Errorf("report %+v, %v", r, err)
		}
	})
}

func nobodyAsks(context.Context, string, time.Time) (demand.List, error) { return demand.List{}, nil }

// TestMoves reads what went to and fro from its beginning, of what was answered since:
// a team that had a ticket long ago gets it back now. Spam's moves are nobody's.
func TestMoves(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		move := func(number string, after time.Duration, team string) {
			t.Helper()
			if _, err := db.Change(t.Context(), number, func(old escalation.Ticket) (escalation.Change, error) {
				h := escalation.Handoff{ID: escalation.NewID(), From: anna, FromTeam: old.Team, FromTier: old.Tier, Team: team, Tier: 2, Problem: "p", Asked: "a",
					By: start.Add(99 * time.Hour), State: escalation.Offered, Offered: start.Add(after)}
				return adding(t, old, start.Add(after),
					escalation.Entry{Kind: escalation.Happened, By: anna, Event: &escalation.Event{Kind: escalation.EventOffered, Handoff: &h}},
					escalation.Entry{Kind: escalation.Happened, By: anna, Event: &escalation.Event{Kind: escalation.EventAccepted, HandoffID: h.ID}}), nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, number := range []string{"00000001", "00000002", "00000003"} {
			open(t, db, number, start)
			move(number, time.Hour, "tech")
			move(number, 2*time.Hour, "rrr")
		}
		for _, number := range []string{"00000001", "00000003"} {
			move(number, 50*time.Hour, "tech")
		}
		if _, err := db.Change(t.Context(), "00000003", func(old escalation.Ticket) (escalation.Change, error) {
			return adding(t, old, start.Add(51*time.Hour), escalation.Entry{Kind: escalation.Happened, By: anna, Event: &escalation.Event{Kind: escalation.EventSpam}}), nil
		}); err != nil {
			t.Fatal(err)
		}
		since := start.Add(24 * time.Hour)
		moves, err := db.Moves(t.Context(), since)
		if err != nil || len(moves) != 3 {
			t.Fatalf("moves %+v, %v; want the three of the first ticket", moves, err)
		}
		pairs := escalation.Pairs(moves, since, start.Add(72*time.Hour))
		if len(pairs) != 1 || pairs[0].From != "rrr" || pairs[0].To != "tech" || pairs[0].Returned != 1 {
			t.Errorf("pairs %+v; want one that came back to tech", pairs)
		}
	})
}
