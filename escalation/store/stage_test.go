package store_test

import (
	"fmt"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestStageTimes measures stages on the tickets that were settled, and on no others.
func TestStageTimes(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		staff := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"}
		at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
		event := func(k escalation.EventKind) escalation.Entry {
			e := escalation.Entry{By: staff, Kind: escalation.Happened, Event: &escalation.Event{Kind: k, Staff: "anna", Solution: &escalation.Solution{By: staff}}}
			if k == escalation.EventTyped {
				e.Event.RequestType, e.Event.Desk = "payment", 1
			}
			return e
		}
		if _, err := escalation.OpenDesks(t.Context(), db, start); err != nil {
			t.Fatal(err)
		}
		received, lookedUp := escalation.ShippedDesk().Type("payment").Stages[0].Key(), escalation.ShippedDesk().Type("payment").Stages[1].Key()
		for i := range 4 {
			number := fmt.Sprintf("0000000%d", i)
			open(t, db, number, start)
			goesOn(t, db, number, at(1), event(escalation.EventTyped))
			goesOn(t, db, number, at(2+i), event(escalation.EventTaken))
			if i > 0 { // the first is still being worked on
				goesOn(t, db, number, at(10), event(escalation.EventSolved))
			}
		}
		goesOn(t, db, "00000002", at(11), event(escalation.EventReopened))
		goesOn(t, db, "00000003", at(12), event(escalation.EventConfirmed))
		want := func(since time.Time, n int, half time.Duration) {
			t.Helper()
			got, err := db.StageTimes(t.Context(), "payment", since)
			if err != nil || got[received].N != n || got[received].Half != half || since == start && got[lookedUp].N != n {
				t.Errorf("since %s: %+v, %v; want %d, half in %s", since, got, err, n, half)
			}
		}
		want(start, 2, 3*time.Hour)
		want(at(4), 1, 5*time.Hour) // but the other went on later
		goesOn(t, db, "00000002", at(20), event(escalation.EventSolved))
		want(start, 3, 4*time.Hour)
		if got, err := db.StageTimes(t.Context(), "return", start); err != nil || len(got) > 0 {
			t.Errorf("of another type: %+v, %v", got, err)
		}
		goesOn(t, db, "00000001", at(21), event(escalation.EventSpam))
		want(start, 2, 4*time.Hour)
		goesOn(t, db, "00000001", at(22), event(escalation.EventCleared))
		want(start, 3, 4*time.Hour)
	})
}
