package store_test

import (
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestChangedTickets follows what is done to tickets: each change is said once, a few
// at a time, and marks of another database are not known.
func TestChangedTickets(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var at []audit.Mark
		changed := func(n int) (all []string) {
			t.Helper()
			for {
				numbers, reached, more, known, err := db.ChangedTickets(t.Context(), at, n)
				if err != nil || !known {
					t.Fatal(known, err)
				}
				at = reached
				all = append(all, numbers...)
				if !more {
					slices.Sort(all)
					return all
				}
			}
		}
		changed(100)
		for _, number := range []string{"00000001", "00000002", "00000003"} {
			open(t, db, number, start)
		}
		if got := changed(100); !slices.Equal(got, []string{"00000001", "00000002", "00000003"}) {
			t.Errorf("opened: %v", got)
		}
		first := slices.Clone(at)
		// Whatever their clocks say, and between other acts.
		goesOn(t, db, "00000002", start.Add(-time.Hour), escalation.Entry{By: asker, Kind: escalation.Public, Text: "Hello?", Event: &escalation.Event{Kind: escalation.EventReplied}})
		if err := db.SetSetting(t.Context(), "x", 1); err != nil {
			t.Fatal(err)
		}
		goesOn(t, db, "00000001", start.Add(time.Hour), escalation.Entry{By: asker, Kind: escalation.Public, Text: "Hello?", Event: &escalation.Event{Kind: escalation.EventReplied}})
		if got := changed(100); !slices.Equal(got, []string{"00000001", "00000002"}) {
			t.Errorf("changed: %v", got)
		}
		at = nil
		if got := changed(2); !slices.Equal(slices.Compact(got), []string{"00000001", "00000002", "00000003"}) {
			t.Errorf("from the beginning: %v", got)
		}
		for i := range first {
			first[i].Hash = "other"
		}
		if _, _, _, known, err := db.ChangedTickets(t.Context(), first, 100); known || err != nil {
			t.Errorf("marks of another database: %v, %v", known, err)
		}
	})
}
