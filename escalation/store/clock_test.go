package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestDue: lists begin with what is due next, page after page, and end with what
// waits for somebody else.
func TestDue(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var want []string
		for i, number := range []string{"00000007", "00000005", "00000006", "00000003", "00000004"} { // in the order of their age
			ticket := open(t, db, number, start.Add(time.Duration(i)*25*time.Hour))
			if next := clock.NextDue(ticket.Dues(escalation.ShippedDesk())); next == nil || next.Clock != clock.Accept {
				t.Fatalf("%s is due %+v", number, next)
			}
			want = append(want, number)
		}
		// Nothing is due of what waits for its customer.
		asked := want[1]
		goesOn(t, db, asked, start.Add(50*time.Hour),
			escalation.Entry{By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"}, Kind: escalation.Happened, Event: &escalation.Event{Kind: escalation.EventTaken, Staff: "anna"}},
			escalation.Entry{By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"}, Kind: escalation.Public, Text: "Which?", Event: &escalation.Event{
				Kind: escalation.EventAsked, Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "It matters."}}}})
		want = append(slices.Delete(want, 1, 2), asked)
		var got []string
		q := escalation.Queue{By: escalation.ByDue, Limit: 2}
		for {
			p, err := db.Queue(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range p.Lines {
				if l.Due.IsZero() != (l.Number == asked) {
					t.Errorf("%s is due %s", l.Number, l.Due)
				}
			}
			got = append(got, numbers(p)...)
			if q.After = p.Next; p.Next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in the order %v, want %v", got, want)
		}
	})
}

// TestReckonClocks: tickets that are older than clocks get what they would have, and
// whoever changes one before that, too.
func TestReckonClocks(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var tickets []escalation.Ticket
		for _, number := range []string{"00000001", "00000002", "00000003"} {
			open(t, db, number, start)
			tickets = append(tickets, goesOn(t, db, number, start.Add(time.Hour), escalation.Entry{
				By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"}, Kind: escalation.Happened, Event: &escalation.Event{Kind: escalation.EventTaken, Staff: "anna"}}))
		}
		if err := db.ForgetClocks(t.Context()); err != nil {
			t.Fatal(err)
		}
		tickets[0] = goesOn(t, db, tickets[0].Number, start.Add(2*time.Hour), escalation.Entry{
			By: asker, Kind: escalation.Public, Text: "Hello?", Event: &escalation.Event{Kind: escalation.EventReplied}})
		for range 2 { // the second time there is nothing to do
			if err := db.ReckonClocks(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, ticket := range tickets {
			clocks, err := db.Clocks(t.Context(), []string{ticket.ID, "nobody's"})
			if diff := cmp.Diff(map[string]clock.Ledger{ticket.ID: ticket.Clocks}, clocks); err != nil || diff != "" {
				t.Errorf("%v, clocks (-ticket +kept):\n%s", err, diff)
			}
			stored, rebuilt, err := db.Projection(t.Context(), ticket.ID)
			if err != nil || stored != rebuilt {
				t.Errorf("%v\nstored:\n%s\nby the ledger:\n%s", err, stored, rebuilt)
			}
		}
	})
}

// goesOn appends entries to a ticket.
func goesOn(t *testing.T, db *store.DB, number string, at time.Time, entries ...escalation.Entry) escalation.Ticket {
	t.Helper()
	changed, err := db.Change(t.Context(), number, func(old escalation.Ticket) (escalation.Change, error) { return adding(t, old, at, entries...), nil })
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// TestPastClocks: what a policy is tried on are the latest tickets, each whole.
func TestPastClocks(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var want []escalation.Past
		for i, number := range []string{"00000001", "00000002", "00000003", "00000004"} {
			ticket := open(t, db, number, start.Add(time.Duration(i)*time.Hour))
			want = append([]escalation.Past{{ID: ticket.ID, Clocks: ticket.Clocks}}, want...)
		}
		for _, test := range []struct {
			since time.Time
			most  int
			want  []escalation.Past
		}{
			{start, 10, want}, {start, 2, want[:2]}, {start.Add(time.Hour), 10, want[:3]}, {start.Add(9 * time.Hour), 10, nil},
		} {
			got, err := db.PastClocks(t.Context(), test.since, test.most)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("since %s, at most %d: %v\n%s", test.since, test.most, err, diff)
			}
		}
	})
}
