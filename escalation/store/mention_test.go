package store_test

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestMentions: whom a note calls finds it until they are done with it; that is nobody
// else's to say. Of an erased request there is nothing to find.
func TestMentions(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "00000007", start)
		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna Neri"}
		for i := range 3 {
			goesOn(t, db, "00000007", start.Add(time.Duration(i+1)*time.Hour), escalation.Entry{
				By: anna, Kind: escalation.Internal, Text: "@Bruno @Carla",
				Event: &escalation.Event{Kind: escalation.EventMentioned, Called: []escalation.ActorRef{{ID: "bruno"}, {ID: "carla"}}},
			})
		}
		list := func(person string, done bool) []escalation.Mention {
			t.Helper()
			list, err := db.Mentions(t.Context(), person, done, 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		count := func(person string, most int) int {
			t.Helper()
			n, err := db.CountMentions(t.Context(), person, most)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		all := list("bruno", false)
		if len(all) != 3 || all[0].Ticket.Number != "00000007" || all[0].Ticket.Team != escalation.Triage || all[0].By != anna || !all[0].At.After(all[1].At) {
			t.Fatalf("bruno finds %+v", all)
		}
		if count("bruno", 10) != 3 || count("bruno", 2) != 2 || count("anna", 10) != 0 {
			t.Errorf("counted %d, %d and %d", count("bruno", 10), count("bruno", 2), count("anna", 10))
		}
		for range 2 { // a double click
			if err := db.DoneMentions(t.Context(), "bruno", []string{all[1].Entry, "none"}, start.Add(9*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if left, done := list("bruno", false), list("bruno", true); len(left) != 2 || len(done) != 1 || done[0].Entry != all[1].Entry || done[0].Done != start.Add(9*time.Hour) {
			t.Errorf("left %+v, done %+v", left, done)
		}
		if n := count("carla", 10); n != 3 {
			t.Errorf("carla finds %d", n)
		}
		if _, err := db.Change(t.Context(), "00000007", func(k escalation.Ticket) (escalation.Change, error) {
			return k.Erase(true, boss, escalation.NewID, start.Add(10*time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		if left, done := list("bruno", false), list("bruno", true); len(left)+len(done)+count("bruno", 10)+count("carla", 10) != 0 {
			t.Errorf("of an erased request bruno finds %+v and %+v, counted %d", left, done, count("bruno", 10))
		}
	})
}
