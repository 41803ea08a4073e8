package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestForgetVisitor takes out what one visitor left, wherever it lies, and nothing of
// anybody else. What became of journeys goes on counting.
func TestForgetVisitor(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		const day = 24 * time.Hour
		ctx, now := t.Context(), monday.Add(20*day)
		var b journey.Batch
		visit := func(visitor, id string, ended time.Time) {
			word := "secret"
			if visitor != "v" {
				word = "theirs"
			}
			b.Events = append(b.Events,
				journey.Event{ID: id + "1", At: ended, Visitor: visitor, Journey: id, Kind: journey.Search, Lang: "it", Query: word, Hits: 1},
				journey.Event{ID: id + "2", At: ended, Visitor: visitor, Journey: id, Kind: journey.Confirm, Lang: "it", Article: word + "/x"})
			b.Journeys = append(b.Journeys, journey.Journey{ID: id, Visitor: visitor, Lang: "it", Started: ended, Ended: ended, Confirmed: true,
				State: journey.State{Queries: [][]string{{word}}}})
		}
		visit("v", "decided", monday)
		visit("v", "young", now.Add(-day))
		visit("v", "sent", now.Add(-2*day))
		visit("w", "other", now.Add(-3*day))
		ticket := sendTicket(t, db, "v@example.com", "sent", now.Add(-2*day+time.Minute))
		b.Events = append(b.Events, seen("v", ticket, now), seen("w", ticket, now))
		if err := db.SaveJourneys(ctx, b); err != nil {
			t.Fatal(err)
		}
		decide(t, db, now)
		if err := db.LogSearches(ctx, strings.ToLower, now); err != nil {
			t.Fatal(err)
		}
		var signals []demand.Harvest
		var learned []learning.Ripe
		for _, j := range b.Journeys {
			word := j.State.Queries[0][0]
			signals = append(signals, demand.Harvest{Journey: j.ID, Ended: j.Ended, Signals: []demand.Signal{
				{ID: "s" + j.ID, Kind: demand.Zero, Lang: "it", Text: word, Who: j.Visitor, At: j.Ended, Journey: j.ID}}})
			learned = append(learned, learning.Ripe{Journey: j.ID, Visitor: j.Visitor, Ended: j.Ended, Events: b.Events[:1], Answers: []learning.Answer{
				{ID: "a" + j.ID, Article: word + "/x", Lang: "it", Queries: []string{word}, Visitor: j.Visitor, Person: j.Visitor, Network: j.Visitor, Journey: j.ID, At: j.Ended}}})
		}
		if err := db.SaveHarvests(ctx, signals); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveAnswers(ctx, learned); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveSignal(ctx, demand.Signal{ID: "ticket-" + ticket.ID, Kind: demand.Ticket, Lang: "it", Text: "as it was asked", Who: "v@example.com", At: now, Journey: "sent", Ticket: ticket.ID}); err != nil {
			t.Fatal(err)
		}
		if found := wordsIn(t, db, "secret"); len(found) < 5 {
			t.Fatalf("the test is blind: only %v hold anything", found)
		}
		span := journey.LastDays(40, "", now)
		before, err := db.Deflection(ctx, span)
		if err != nil {
			t.Fatal(err)
		}

		if err := db.ForgetVisitor(ctx, "v"); err != nil {
			t.Fatal(err)
		}
		if found := wordsIn(t, db, "secret"); len(found) != 0 {
			t.Errorf("left in %v", found)
		}
		if found := wordsIn(t, db, "theirs"); len(found) < 4 {
			t.Errorf("of somebody else, only %v are left", found)
		}
		for _, query := range []string{
			`SELECT COUNT(*) FROM journey WHERE visitor = 'v'`, `SELECT COUNT(*) FROM journey_event WHERE visitor = 'v'`,
			`SELECT COUNT(*) FROM answer WHERE visitor = 'v'`, `SELECT COUNT(*) FROM demand_signal WHERE who = 'v'`,
		} {
			if n, err := db.Number(ctx, query); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", query, n, err)
			}
		}
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM demand_signal WHERE kind = 'ticket'`); err != nil || n != 1 {
			t.Errorf("the request itself: %d, %v", n, err)
		}
		after, err := db.Deflection(ctx, span)
		if err != nil {
			t.Fatal(err)
		}
		counts := func(r journey.Report) string {
			return fmt.Sprint("confirmed ", r.Total.Confirmed.K, " pending ", r.Total.Pending, " sent ", r.Total.Sent, " unknown ", r.Total.Unknown)
		}
		if got := counts(before); got != "confirmed 1 pending 3 sent 2 unknown 0" {
			t.Errorf("before: %s", got)
		}
		// The young one that no request followed is unknown now.
		if got := counts(after); got != "confirmed 1 pending 2 sent 2 unknown 1" {
			t.Errorf("after: %s", got)
		}
		if again, err := db.VisitorJourneys(ctx, "v"); err != nil || len(again) != 0 {
			t.Errorf("%v, %v", again, err)
		}
		// Whose browser opened a request is forgotten with it.
		if _, err := db.EraseTicket(ctx, ticket.ID, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Erase(true, escalation.System{Rule: "test"}, escalation.NewID, now)
		}); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM journey_event WHERE kind = 'ticket_seen'`); err != nil || n != 0 {
			t.Errorf("%d browsers are known, %v", n, err)
		}
	})
}

// wordsIn returns the tables of journeys that hold a word.
func wordsIn(t *testing.T, db *store.DB, word string) (found []string) {
	t.Helper()
	for table, columns := range map[string][]string{
		"journey": {"state"}, "journey_event": {"query", "article"}, "search_day": {"log"}, "answer": {"queries", "article"}, "demand_signal": {"body"},
	} {
		for _, c := range columns {
			n, err := db.Number(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE `+c+` LIKE '%`+word+`%'`)
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				found = append(found, table+"."+c)
			}
		}
	}
	slices.Sort(found)
	return found
}
