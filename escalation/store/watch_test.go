package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestWatch lets the program be down for a week. Then the automatic rules look at the
// tickets one after another, do to each what is due once, and write one letter to who
// wants to hear of it, however many tickets there are.
func TestWatch(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		w.set(start)
		lea := hire(t, db, "lea", 1, "general", staff.Lead)
		anna := hire(t, db, "anna", 1, "tech", staff.Agent)
		bruno := hire(t, db, "bruno", 2, "tech", staff.Agent)
		for _, id := range []string{"lea", "bruno"} {
			if _, err := db.ChangePerson(ctx, id, func(p *staff.Person) error { return p.Live("", staff.Notices) }); err != nil {
				t.Fatal(err)
			}
		}
		people, err := db.People(ctx)
		if err != nil {
			t.Fatal(err)
		}
		const many = 30
		for range many {
			tk := openTicket(t, db, w.time())
			offer(t, db, tk, lea, w.time(), "anna")
			carry(t, db, tk, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Accept("", anna, escalation.NewID, w.time())
			})
		}
		look := func(n, want int) {
			t.Helper()
			done, err := db.Watch(ctx, n, func(t *escalation.Ticket, promised *escalation.Desk) (escalation.Change, error) {
				return t.Watch(escalation.WatchCommand{
					Desk: shipped, Promised: promised, Candidates: func(team string, tier int) []string { return staff.Candidates(people, team, tier) },
				}, escalation.NewID, w.time())
			})
			if err != nil || done != want {
				t.Errorf("at %v: %d tickets, %v, want %d", w.time(), done, err, want)
			}
		}
		letters := func(to string) int {
			t.Helper()
			n, err := db.Number(ctx, fmt.Sprintf(`SELECT count(*) FROM letter WHERE recipient = '%s' AND state <> 'replaced'`, to))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		look(many, 0)
		w.set(start.AddDate(0, 0, 7).Add(-6 * time.Hour)) // by night
		look(many, 0)
		look(many, 0)
		w.set(start.AddDate(0, 0, 7))
		before := map[string]int{lea.Email: letters(lea.Email), bruno.Email: letters(bruno.Email)}
		for range many / 10 {
			look(10, 10)
		}
		look(many, 0)
		page, err := db.Queue(ctx, escalation.Queue{Alarmed: true})
		if err != nil || len(page.Lines) != many || !page.Lines[0].Alarmed {
			t.Fatalf("%d alarms, %v", len(page.Lines), err)
		}
		for _, l := range page.Lines {
			tk, err := db.TicketByID(ctx, l.ID)
			if err != nil {
				t.Fatal(err)
			}
			if tk.Assignee != anna.ID || len(tk.Handoffs) != 2 || tk.Pending() == nil || tk.Pending().Rule != escalation.ByAge || len(tk.Alarms) != 1 {
				t.Fatalf("ticket %s: with %q, %+v, %+v", tk.Number, tk.Assignee, tk.Handoffs, tk.Alarms)
			}
		}
		for to, n := range before {
			if got := letters(to) - n; got != 1 {
				t.Errorf("%d letters to %s", got, to)
			}
		}
		moves, err := db.Moves(ctx, start)
		if err != nil || len(moves) != 2*many {
			t.Fatalf("%d moves, %v", len(moves), err)
		}
		for i, m := range moves {
			if first := i%2 == 0; first != (m.State == escalation.Accepted) || m.From == "general" != first || first && m.Answered.IsZero() ||
				!first && (m.Ticket != moves[i-1].Ticket || !m.Answered.IsZero()) {
				t.Errorf("move %d: %+v", i, m)
			}
		}
		// Nobody decides: an hour later all leads are called, of each ticket once.
		sent, err := db.LeaseLetters(ctx, 500, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range sent {
			if err := db.LetterSent(ctx, l.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.set(w.time().Add(time.Hour))
		look(many, many)
		look(many, 0)
		if got := letters(lea.Email) - before[lea.Email]; got != 2 {
			t.Errorf("%d letters to the lead after an hour", got)
		}
	})
}

// TestWatchFails lets the rules fail with some tickets, as many as are looked at at
// once: those behind them get their turn, and those that failed another one later.
func TestWatchFails(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		w.set(start)
		const atOnce = 3
		bad := map[string]bool{}
		for range atOnce {
			bad[openTicket(t, db, w.time()).Number] = true
		}
		w.set(start.Add(time.Minute))
		good := openTicket(t, db, w.time())
		w.set(start.AddDate(0, 0, 1))
		look := func(mended bool) (failed, seen int, err error) {
			for range 2 {
				_, e := db.Watch(t.Context(), atOnce, func(t *escalation.Ticket, _ *escalation.Desk) (escalation.Change, error) {
					if bad[t.Number] && !mended {
						failed++
						return escalation.Change{}, errors.New("cannot be")
					}
					seen++
					return t.Call(escalation.AlarmCauses[0], staff.Person{ID: "lea", Roles: []staff.Role{staff.Lead}, Tier: 1}, escalation.NewID, w.time())
				})
				err = errors.Join(err, e)
			}
			return failed, seen, err
		}
		failed, seen, err := look(false)
		if tk, _ := db.TicketByID(t.Context(), good.ID); err == nil || failed != atOnce || seen != 1 || tk.Alarm() == nil {
			t.Fatalf("%d failed, %d looked at, alarm %v: %v", failed, seen, tk.Alarm(), err)
		}
		w.set(w.time().Add(time.Hour))
		if failed, seen, err := look(true); failed != 0 || seen < atOnce || err != nil {
			t.Errorf("an hour later: %d failed, %d looked at: %v", failed, seen, err)
		}
	})
}
