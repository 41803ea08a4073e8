package store_test

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestAnswerTimes counts who got a reply and who waits, and neither notes nor
// what the customer added.
func TestAnswerTimes(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		asker := escalation.ActorRef{Kind: escalation.ByRequester}
		say := func(number string, after time.Duration, by escalation.ActorRef, kind escalation.EntryKind) {
			t.Helper()
			_, err := db.Change(t.Context(), number, func(old escalation.Ticket) (escalation.Change, error) {
				return adding(t, old, start.Add(after), escalation.Entry{By: by, Kind: kind, Text: "text"}), nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		open(t, db, "00000001", start.Add(-time.Hour)) // too long ago
		for _, number := range []string{"00000002", "00000003", "00000004"} {
			open(t, db, number, start)
		}
		say("00000002", time.Hour, anna, escalation.Public)
		say("00000002", 9*time.Hour, anna, escalation.Public) // not the first
		say("00000003", time.Minute, anna, escalation.Internal)
		say("00000003", 2*time.Minute, asker, escalation.Public)
		say("00000003", 3*time.Hour, anna, escalation.Public)
		say("00000004", time.Minute, asker, escalation.Public)
		got, err := db.AnswerTimes(t.Context(), start)
		want := escalation.AnswerTime{N: 3, Answered: 2, Median: 3 * time.Hour}
		if err != nil || len(got) != 1 || got[escalation.Web] != want {
			t.Errorf("got %+v, %v; want %+v by web", got, err, want)
		}
	})
}
