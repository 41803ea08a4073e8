package store_test

import (
	"fmt"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
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

		cases, err := db.Cases(t.Context(), start)
		if err != nil || len(cases) != 3 {
			t.Fatalf("cases %+v, %v; want the first three tickets", cases, err)
		}
		for _, c := range cases {
			if c.Team != escalation.Triage || c.Tier != 1 || c.Highest != 1 || len(c.Clocks) == 0 {
				t.Errorf("case %+v", c)
			}
			if c.ID == late.ID && fmt.Sprint(c.Clocks) != fmt.Sprint(late.Clocks) {
				t.Errorf("clocks of the second are\n%v, want\n%v", c.Clocks, late.Clocks)
			}
		}
		waiting, err := db.Unsolved(t.Context())
		if err != nil || len(waiting) != 2 || waiting[0].Team != escalation.Triage || waiting[0].Due.IsZero() {
			t.Errorf("waiting %+v, %v; want the first and third ticket, due some time", waiting, err)
		}

		r, err := tiers.New(tiers.Source{Cases: cases, Waiting: waiting, Dues: func(*tiers.Case) ([]clock.Due, error) { return nil, nil }},
			start.Truncate(24*time.Hour), start.Add(48*time.Hour), start.Add(3*time.Hour))
		if err != nil || r.Share.K != 1 || r.Share.N != 1 || r.Elapsed.Median != 49*time.Hour || r.ByTier[0].Open != 2 {
			t.Errorf("report %+v, %v", r, err)
		}
	})
}
