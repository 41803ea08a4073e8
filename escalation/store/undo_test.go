package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestUndo takes back what was sent: the letter waits until nobody can, and is not sent
// when somebody did; one that is on its way is not called back, and then nothing is
// taken back. What lists and figures show is as it was.
func TestUndo(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		w.set(start)
		ctx := t.Context()
		a := open(t, db, "AAAA1111", start)
		change := func(rule func(t *escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error) {
			return db.Change(ctx, a.Number, func(t escalation.Ticket) (escalation.Change, error) { return rule(&t) })
		}
		solve := func(key string) escalation.Ticket {
			t.Helper()
			got, err := change(func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "Riavviare.", Key: key}, Article: "network/no-signal"}, boss, escalation.NewID, w.time())
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		undo := func() (escalation.Ticket, error) {
			return change(func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Undo(t.Version, boss, escalation.NewID, w.time())
			})
		}
		solved := func(want int) {
			t.Helper()
			if n, err := db.Count(ctx, escalation.Queue{State: escalation.Solved}, 10); err != nil || n != want {
				t.Errorf("%d are solved, %v, want %d", n, err, want)
			}
			times, err := db.AnswerTimes(ctx, start.Add(-time.Hour))
			if err != nil || times[escalation.Web].Answered != want {
				t.Errorf("%d were answered, %v, want %d", times[escalation.Web].Answered, err, want)
			}
		}
		for _, l := range lease(t, db, 10) { // the receipt
			if err := db.LetterSent(ctx, l.ID); err != nil {
				t.Fatal(err)
			}
		}

		w.pass(time.Minute)
		solve("form")
		solved(1)
		w.pass(escalation.UndoTime - time.Millisecond)
		if l := lease(t, db, 10); len(l) > 0 {
			t.Fatalf("sent while it can be taken back: %+v", l)
		}
		back, err := undo()
		if err != nil || back.State != escalation.New || back.Assignee != "" || back.Solution != nil {
			t.Fatalf("%+v, %v", back, err)
		}
		solved(0)
		kept(t, db, "taken back", back)
		w.pass(time.Hour)
		if l := lease(t, db, 10); len(l) > 0 {
			t.Errorf("sent after it was taken back: %+v", l)
		}

		// The same form may be sent again as it is, and once.
		again := solve("form")
		if twice := solve("form"); twice.Version != again.Version || again.State != escalation.Solved {
			t.Errorf("versions %d and %d, %s", again.Version, twice.Version, again.State)
		}
		kept(t, db, "sent again", again)

		// On its way it is not called back.
		now := w.time()
		w.pass(escalation.UndoTime)
		if l := lease(t, db, 10); len(l) != 1 || l[0].Kind != escalation.SolvedLetter {
			t.Fatalf("on its way: %+v", l)
		}
		w.set(now.Add(time.Second)) // as another process sees the time
		_, err = undo()
		if e, ok := errors.AsType[*escalation.Error](err); !ok || e.Kind != escalation.Conflict || e.Reason != "error.undo_sent" {
			t.Errorf("taken back while it is sent: %v", err)
		}
		left, err := db.Ticket(ctx, a.Number)
		if err != nil || left.Version != again.Version {
			t.Errorf("version %d, %v, want %d", left.Version, err, again.Version)
		}
		solved(1)
		kept(t, db, "not taken back", left)

		// Nor when it is erased later does what was taken back count.
		w.set(now.Add(48 * time.Hour))
		if _, err := db.EraseTicket(ctx, a.ID, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Erase(true, boss, escalation.NewID, w.time())
		}); err != nil {
			t.Fatal(err)
		}
		v, err := db.VerifyAudit(ctx, nil)
		if err != nil || len(v.Found) > 0 {
			t.Errorf("the record: %v, %+v", err, v.Found)
		}
	})
}

// TestUndoNotice offers tickets and takes the offers back. Who could have accepted hears of
// those that stand, once nobody can take them back; and of what they would have heard
// without the others.
func TestUndoNotice(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		w.set(start)
		ctx := t.Context()
		lea := hire(t, db, "lea", 1, "general", staff.Lead)
		anna, bruno := hire(t, db, "anna", 1, "tech", staff.Agent), hire(t, db, "bruno", 2, "tech", staff.Agent)
		for _, p := range []staff.Person{lea, anna, bruno} {
			if _, err := db.ChangePerson(ctx, p.ID, func(p *staff.Person) error { return p.Live("", staff.Notices) }); err != nil {
				t.Fatal(err)
			}
		}
		undo := func(tk escalation.Ticket) error {
			_, err := db.Change(ctx, tk.Number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Undo(t.Version, lea, escalation.NewID, w.time())
			})
			return err
		}
		// told are those who are written to about a ticket now.
		told := func(tk escalation.Ticket, want ...string) {
			t.Helper()
			var to []string
			for _, l := range lease(t, db, 50) {
				if err := db.LetterSent(ctx, l.ID); err != nil {
					t.Fatal(err)
				}
				if l.Ticket == "" && l.Args.Number == tk.Number {
					to = append(to, string(l.Kind)+" "+l.To)
				}
			}
			slices.Sort(to)
			if !slices.Equal(to, want) {
				t.Errorf("after %v: told are %q, want %q", w.time().Sub(start), to, want)
			}
		}
		both := []string{"notice_new anna@example.com", "notice_new bruno@example.com"}

		a := openTicket(t, db, w.time())
		offer(t, db, a, lea, w.time(), "anna", "bruno")
		w.pass(escalation.UndoTime - time.Millisecond)
		told(a)
		if err := undo(a); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		told(a)
		offer(t, db, a, lea, w.time(), "anna", "bruno")
		w.pass(time.Second)
		if err := undo(a); err != nil {
			t.Fatal(err)
		}
		offer(t, db, a, lea, w.time(), "anna", "bruno") // at once, as one who chose the wrong team does
		w.pass(escalation.UndoTime - time.Millisecond)
		told(a)
		w.pass(time.Millisecond)
		told(a, both...)

		// What somebody is still to hear is told, whatever else is taken back.
		b := openTicket(t, db, w.time())
		carry(t, db, b, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Consult(escalation.ConsultCommand{Desk: shipped, Team: "tech", Tier: 1, Question: "Quale?", By: w.time().Add(time.Hour), Candidates: []string{"anna", "bruno"}},
				lea, escalation.NewID, w.time())
		})
		w.pass(time.Second)
		offer(t, db, b, lea, w.time(), "anna", "bruno")
		told(b)
		if err := undo(b); err != nil {
			t.Fatal(err)
		}
		told(b, both...)

		// On its way it is not called back.
		c := openTicket(t, db, w.time())
		offer(t, db, c, lea, w.time(), "anna", "bruno")
		now := w.time()
		w.pass(escalation.UndoTime)
		told(c, both...)
		w.set(now.Add(time.Second)) // as another process sees the time
		if e, ok := errors.AsType[*escalation.Error](undo(c)); !ok || e.Kind != escalation.Conflict || e.Reason != "error.undo_sent" {
			t.Errorf("taken back when somebody was told: %v", e)
		}
	})
}

// TestUndoHeldNotice restores a backup in which a notice waits, offers its ticket and takes
// the offer back: the notice is held as before, until a lead lets it go.
func TestUndoHeldNotice(t *testing.T) {
	for engine, url := range engines {
		t.Run(engine, func(t *testing.T) {
			ctx, w, from, to := t.Context(), newWatch(), url(t), url(t)
			db := storetest.Open(t, from, store.Options{Clock: w.time})
			lea := hire(t, db, "lea", 1, "general", staff.Lead)
			hire(t, db, "anna", 1, "tech", staff.Agent)
			if _, err := db.ChangePerson(ctx, "anna", func(p *staff.Person) error { return p.Live("", staff.Notices) }); err != nil {
				t.Fatal(err)
			}
			a := openTicket(t, db, w.time())
			carry(t, db, a, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Consult(escalation.ConsultCommand{Desk: shipped, Team: "tech", Tier: 1, Question: "Quale?", By: w.time().Add(time.Hour), Candidates: []string{"anna"}},
					lea, escalation.NewID, w.time())
			})
			notices := func(state escalation.LetterState) (n []string) {
				t.Helper()
				list, err := db.Letters(ctx, state, "", 50)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range list {
					if l.Ticket == "" {
						n = append(n, l.Problem+l.To)
					}
				}
				return n
			}
			move(t, snap(t, from), to)
			db = storetest.Open(t, to, store.Options{Clock: w.time})
			want := []string{"anna@example.com"}
			if got := notices(escalation.LetterHeld); !slices.Equal(got, want) {
				t.Fatalf("restored, held are %q", got)
			}
			for range 2 {
				w.pass(time.Second)
				offer(t, db, a, lea, w.time(), "anna")
				if got := notices(escalation.LetterHeld); len(got) != 0 {
					t.Errorf("replaced, held are %q", got)
				}
				carry(t, db, a, func(t escalation.Ticket) (escalation.Change, error) {
					return t.Undo(0, lea, escalation.NewID, w.time())
				})
				if got := notices(escalation.LetterHeld); !slices.Equal(got, want) {
					t.Errorf("taken back, held are %q", got)
				}
			}
			w.pass(time.Hour)
			for _, l := range lease(t, db, 50) {
				if l.Ticket == "" {
					t.Errorf("sent is %+v", l)
				}
			}
		})
	}
}

// TestUndoRace lets somebody take a letter back while it is given to be sent: it is sent
// or taken back, never both, and never neither.
func TestUndoRace(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for n := range 20 {
			now := time.Now().Add(-escalation.UndoTime + 2*time.Millisecond) // it becomes due meanwhile
			a := open(t, db, escalation.NewNumber(), start)
			got, err := db.Change(ctx, a.Number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Reply(escalation.Message{Text: "Sì."}, boss, escalation.NewID, now)
			})
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := db.Change(ctx, a.Number, func(t escalation.Ticket) (escalation.Change, error) {
					return t.Undo(got.Version, boss, escalation.NewID, now)
				})
				done <- err
			}()
			sent := false
			for !sent {
				l, err := db.LeaseLetters(ctx, 10, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range l {
					sent = sent || l.Ticket == a.ID && l.Kind == escalation.ReplyLetter
				}
				if len(l) == 0 {
					break
				}
			}
			err = <-done
			if !sent { // then it is due no more, or is still to be sent
				for _, s := range states(t, db, a.ID) {
					sent = sent || err != nil && s == escalation.LetterWaiting
				}
			}
			if sent == (err == nil) {
				t.Fatalf("%d: sent %v, taken back with %v", n, sent, err)
			}
		}
	})
}
