package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestHush walks tickets through their customers' silence: each step comes once and
// writes one letter, whoever looks at the same time, and goes on after a restart. Those
// that cannot move do not hold up the ones behind them.
func TestHush(t *testing.T) {
	const atOnce = 2
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgresql": storetest.PostgreSQL} {
		t.Run(name, func(t *testing.T) {
			w, at, ctx := newWatch(), url(t), t.Context()
			begin := func() *store.DB {
				t.Helper()
				db, err := store.Open(ctx, at, store.Options{Clock: w.time})
				if err != nil {
					t.Fatal(err)
				}
				return db
			}
			db := begin()
			rule := func(q escalation.Quiet, promised *escalation.Desk) (escalation.Change, time.Time, error) {
				c, now := escalation.SilenceCommand{Desk: promised, Letters: q.Letters, Joined: q.Joined, Inbox: escalation.Inbox{Since: start}}, w.time()
				plan, ok := q.Ticket.Silence(c, now)
				if !ok {
					return escalation.Change{}, time.Time{}, nil
				}
				done, err := q.Ticket.Hush(c, escalation.NewID, now)
				return done, plan.Look(now), err
			}
			hush := func(db *store.DB) { // until nothing is left
				for looks := 0; ; looks++ {
					n, err := db.Hush(ctx, atOnce, rule)
					if err != nil || looks > 20 {
						t.Errorf("look %d: %d, %v", looks, n, err)
						return
					}
					if n == 0 {
						return
					}
				}
			}
			// Nobody takes the letters to the first ones; they are looked at first.
			stuck := []string{"00000001", "00000002", "00000003", "00000004", "00000005", "00000006"}
			moving := []string{"00000007", "00000008", "00000009"}
			var questions []string
			for i, number := range slices.Concat(stuck, moving) {
				open(t, db, number, w.time())
				changed, err := db.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) {
					return t.Ask(escalation.AskCommand{Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "It matters."}}, Until: w.time().AddDate(0, 0, 2)}, boss, escalation.NewID, w.time())
				})
				if err != nil {
					t.Fatal(err)
				}
				if questions = append(questions, changed.ID); i < len(stuck) {
					hush(db)
				}
				w.pass(time.Second)
			}
			post := func() {
				for _, l := range lease(t, db, 100) {
					if slices.Contains(questions[:len(stuck)], l.Ticket) {
						continue
					}
					if err := db.LetterSent(ctx, l.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.pass(escalation.UndoTime)
			post()

			other := db
			if name == "postgresql" {
				other = storetest.Open(t, at, store.Options{Clock: w.time}) // another process
			}
			w.set(time.Date(start.Year(), start.Month(), start.Day(), 17, 30, 0, 0, time.UTC))
			for day := range 30 {
				if day == 5 {
					if err := db.Close(); err != nil {
						t.Fatal(err)
					}
					again := begin()
					if other == db {
						other = again
					}
					db = again
				}
				w.pass(24 * time.Hour)
				var both sync.WaitGroup
				for _, db := range []*store.DB{db, other} {
					both.Go(func() { hush(db) })
				}
				both.Wait()
				post()
			}

			for _, number := range slices.Concat(stuck, moving) {
				got, err := db.Ticket(ctx, number)
				if err != nil {
					t.Fatal(err)
				}
				var steps []escalation.EventKind
				days := make(map[string]bool)
				for _, e := range got.Entries {
					if e.By.ID == escalation.SilenceRule {
						steps = append(steps, e.Event.Kind)
						days[e.At.Format(time.DateOnly)] = true
					}
				}
				want, state, letters := []escalation.EventKind{escalation.EventReminded, escalation.EventReminded, escalation.EventSilenced, escalation.EventLapsed}, escalation.Closed, 3
				if slices.Contains(stuck, number) {
					want, state, letters = nil, escalation.WaitCustomer, 0
				}
				if !slices.Equal(steps, want) || got.State != state || len(days) != len(want) {
					t.Errorf("%s is %s after %v on %d days", number, got.State, steps, len(days))
				}
				all, err := db.LettersOf(ctx, got.ID)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, l := range all {
					if l.Replaces == escalation.SilenceLetters {
						n++
					}
				}
				if n != letters {
					t.Errorf("%s: %d letters about silence, want %d", number, n, letters)
				}
				kept(t, db, "in the end", got)
			}
			for to, want := range map[string]int{"": 5, "ADA@example.com": 5, "else@example.com": 0} {
				if sent, err := db.SentLetters(ctx, to, 5); err != nil || len(sent) != want {
					t.Errorf("%d letters to %q, %v, want %d", len(sent), to, err, want)
				}
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestHushCarried takes a reminder back that is not out yet, when words come to the ticket
// from another one.
func TestHushCarried(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		open(t, db, "00000001", w.time())
		open(t, db, "00000002", w.time())
		waits, err := db.Change(ctx, "00000001", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Ask(escalation.AskCommand{Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "It matters."}}, Until: w.time().AddDate(0, 0, 2)}, boss, escalation.NewID, w.time())
		})
		if err != nil {
			t.Fatal(err)
		}
		other, err := db.Change(ctx, "00000002", func(t escalation.Ticket) (escalation.Change, error) {
			return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "The Prima."}}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, w.time())
		})
		if err != nil {
			t.Fatal(err)
		}
		w.pass(escalation.UndoTime)
		for _, l := range lease(t, db, 100) {
			if err := db.LetterSent(ctx, l.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(7 * 24 * time.Hour)
		hush := func() {
			t.Helper()
			if _, err := db.Hush(ctx, 10, func(q escalation.Quiet, promised *escalation.Desk) (escalation.Change, time.Time, error) {
				c, err := q.Ticket.Hush(escalation.SilenceCommand{Desk: promised, Letters: q.Letters, Joined: q.Joined, Inbox: escalation.Inbox{Since: start.AddDate(0, 0, -1)}}, escalation.NewID, w.time())
				return c, w.time().Add(time.Hour), err
			}); err != nil {
				t.Fatal(err)
			}
		}
		reminders := func() (n int) {
			t.Helper()
			letters, err := db.LettersOf(ctx, waits.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range letters {
				if l.Kind == escalation.ReminderLetter && l.State == escalation.LetterWaiting {
					n++
				}
			}
			return n
		}
		for range 3 { // the hour may be one of the night
			hush()
			w.pass(8 * time.Hour)
		}
		if n := reminders(); n != 1 {
			t.Fatalf("%d reminders wait", n)
		}
		list, err := db.Relate(ctx, []string{other.Number, waits.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Carry(escalation.CarryCommand{Entries: []string{other.Entries[1].ID}}, &list[1], boss, escalation.NewID, w.time())
		})
		if err != nil {
			t.Fatal(err)
		}
		kept(t, db, "brought", list[1])
		if n := reminders(); n != 0 {
			t.Errorf("%d reminders wait", n)
		}
	})
}

// TestHushJoined leaves a solved ticket alone while something is open in those that go on
// in it, however far they came.
func TestHushJoined(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		w.set(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) // a Monday
		for _, number := range []string{"AAAA1111", "BBBB2222", "CCCC3333"} {
			open(t, db, number, w.time())
		}
		giveTask(t, db, "AAAA1111", "TASK1111", w.time())
		for _, on := range [][]string{{"AAAA1111", "BBBB2222"}, {"BBBB2222", "CCCC3333"}} {
			if _, err := db.Relate(ctx, on, func(list []escalation.Ticket) ([]escalation.Change, error) {
				return list[0].Merge(&list[1], boss, escalation.NewID, w.time())
			}); err != nil {
				t.Fatal(err)
			}
		}
		solve := func(tasks escalation.TaskChoice) ([]escalation.Ticket, error) {
			return db.RelateAll(ctx, "CCCC3333", func(list []escalation.Ticket) ([]escalation.Change, error) {
				return list[0].SolveWith(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Article: escalation.NoArticle, Reason: "rare", Tasks: tasks}, list[1:], boss, escalation.NewID, w.time())
			})
		}
		if _, err := solve(""); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("solved, and nobody said what becomes of the task: %v", err)
		}
		if _, err := solve(escalation.LeaveTasks); err != nil {
			t.Fatal(err)
		}
		w.pass(escalation.UndoTime)
		for _, l := range lease(t, db, 100) {
			if err := db.LetterSent(ctx, l.ID); err != nil {
				t.Fatal(err)
			}
		}
		hush := func(against ...escalation.Obstacle) {
			t.Helper()
			list, _, err := db.Quiet(ctx, "", 10)
			if err != nil || len(list) != 1 || len(list[0].Joined) != 2 || list[0].Joined[0].Number != "BBBB2222" || list[0].Joined[1].Number != "AAAA1111" {
				t.Fatalf("quiet are %+v, %v", list, err)
			}
			if _, err := db.Hush(ctx, 10, func(q escalation.Quiet, promised *escalation.Desk) (escalation.Change, time.Time, error) {
				c := escalation.SilenceCommand{Desk: promised, Letters: q.Letters, Joined: q.Joined, Inbox: escalation.Inbox{Since: start.AddDate(-1, 0, 0)}}
				if plan, _ := q.Ticket.Silence(c, w.time()); !slices.Equal(plan.Against, against) {
					t.Errorf("against it: %v, want %v", plan.Against, against)
				}
				done, err := q.Ticket.Hush(c, escalation.NewID, w.time())
				return done, w.time(), err
			}); err != nil {
				t.Fatal(err)
			}
		}
		w.set(time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC))
		hush(escalation.OpenJoined)
		if _, err := db.Relate(ctx, []string{"AAAA1111", "TASK1111"}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].DropTask(&list[1], boss, escalation.NewID, w.time())
		}); err != nil {
			t.Fatal(err)
		}
		hush()
		got, err := db.Ticket(ctx, "CCCC3333")
		if err != nil || got.Entries[len(got.Entries)-1].Event.Kind != escalation.EventReminded {
			t.Errorf("after the task: %+v, %v", got.Entries, err)
		}
	})
}

// TestAskedJoined: what an expert was asked stays among what is asked of them when the
// request is merged, and can be answered there.
func TestAskedJoined(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for _, number := range []string{"AAAA1111", "BBBB2222"} {
			open(t, db, number, start)
		}
		now := start.Add(time.Hour)
		asked, err := db.Change(ctx, "AAAA1111", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Consult(escalation.ConsultCommand{Desk: shipped, Team: "tech", Tier: 2, Question: "Which?", By: now.Add(time.Hour), Candidates: []string{"bruno"}}, boss, escalation.NewID, now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Relate(ctx, []string{"AAAA1111", "BBBB2222"}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Merge(&list[1], boss, escalation.NewID, now)
		}); err != nil {
			t.Fatal(err)
		}
		list := func(want ...string) {
			t.Helper()
			page, err := db.Queue(ctx, escalation.Queue{Asked: "bruno", Teams: []string{"tech"}, MaxTier: 2, Limit: 10})
			var got []string
			for _, l := range page.Lines {
				got = append(got, l.Number)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("asked of the expert: %q, %v, want %q", got, err, want)
			}
		}
		list("AAAA1111")
		expert := staff.Person{ID: "bruno", Name: "Bruno", Roles: []staff.Role{staff.Agent}, Teams: []string{"tech"}, Tier: 2}
		if _, err := db.Change(ctx, "AAAA1111", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Advise(asked.Consults[0].ID, escalation.Message{Text: "This one."}, expert, escalation.NewID, now)
		}); err != nil {
			t.Error(err)
		}
		list()
	})
}

// TestHushTakenBack takes reminders back when somebody says something, also those that
// are on their way: they are not tried again. With words that are taken back themselves
// they are written anew.
func TestHushTakenBack(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		change := func(number string, rule func(t escalation.Ticket) (escalation.Change, error)) escalation.Ticket {
			t.Helper()
			got, err := db.Change(ctx, number, rule)
			if err != nil {
				t.Fatal(err)
			}
			kept(t, db, "changed", got)
			return got
		}
		hush := func() {
			t.Helper()
			if _, err := db.Hush(ctx, 10, func(q escalation.Quiet, promised *escalation.Desk) (escalation.Change, time.Time, error) {
				c, err := q.Ticket.Hush(escalation.SilenceCommand{Desk: promised, Letters: q.Letters, Joined: q.Joined, Inbox: escalation.Inbox{Since: start.AddDate(-1, 0, 0)}}, escalation.NewID, w.time())
				return c, w.time().Add(time.Hour), err
			}); err != nil {
				t.Fatal(err)
			}
		}
		// reminded opens a ticket whose reminder is to be sent.
		reminded := func(number string) {
			t.Helper()
			w.set(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) // a Monday
			open(t, db, number, w.time())
			change(number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Ask(escalation.AskCommand{Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "It matters."}}, Until: w.time().AddDate(0, 0, 2)}, boss, escalation.NewID, w.time())
			})
			w.pass(escalation.UndoTime)
			for _, l := range lease(t, db, 100) {
				if err := db.LetterSent(ctx, l.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.set(time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC))
			hush()
		}
		reply := func(number string) escalation.Ticket {
			t.Helper()
			return change(number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "The Prima."}}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, w.time())
			})
		}
		// sending returns the reminder that is on its way.
		sending := func() escalation.Delivery {
			t.Helper()
			leased := lease(t, db, 100)
			if len(leased) != 1 || leased[0].Kind != escalation.ReminderLetter {
				t.Fatalf("on their way: %+v", leased)
			}
			return leased[0]
		}

		reminded("00000001")
		l := sending()
		answered := reply("00000001")
		if err := db.LetterFailed(ctx, l.ID, "451 later", w.time().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.pass(2 * time.Hour)
		if leased := lease(t, db, 100); len(leased) > 0 {
			t.Errorf("after the answer: %+v", leased)
		}
		if got := states(t, db, answered.ID)[l.ID]; got != escalation.LetterReplaced {
			t.Errorf("the reminder is %s", got)
		}

		reminded("00000002")
		l = sending()
		answered = reply("00000002")
		if err := db.LetterSent(ctx, l.ID); err != nil { // it was too late
			t.Fatal(err)
		}
		if got := states(t, db, answered.ID)[l.ID]; got != escalation.LetterSent {
			t.Errorf("what a mail server took is %s", got)
		}

		reminded("00000003")
		said := change("00000003", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Reply(escalation.Message{Text: "Oh."}, boss, escalation.NewID, w.time())
		})
		w.pass(time.Second)
		undone := change("00000003", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Undo(said.Version, boss, escalation.NewID, w.time())
		})
		w.pass(time.Minute)
		hush()
		anew := sending()
		if anew.Ticket != undone.ID {
			t.Errorf("reminded of %s", anew.Ticket)
		}
	})
}

// TestMoved sends nothing to an address that is the requester's no more, after an attempt
// that was under way when it changed.
func TestMoved(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		open(t, db, "ABCD1234", w.time())
		post(t, db, "ABCD1234", escalation.Letter{ID: "l", Kind: escalation.ReplyLetter, To: "old@example.com"})
		if got := lease(t, db, 5); len(got) != 1 {
			t.Fatalf("leased %+v", got)
		}
		if _, err := db.Change(t.Context(), "ABCD1234", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Give(escalation.GiveCommand{Name: "Luca", Email: "luca@example.com", Reason: "His."}, boss, escalation.NewID, w.time())
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.LetterFailed(t.Context(), "l", "451 later", w.time()); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		for _, l := range lease(t, db, 5) {
			if l.ID == "l" {
				t.Error("it is sent after all")
			}
		}
	})
}
