package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/privacy"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
	"primalinea/escalation/tiers"
)

var payer = staff.Person{ID: "pay", Name: "Pia", Roles: []staff.Role{staff.Agent}, Tier: 2, Teams: []string{"payments"}}

// giveTask has the payments team do something for a ticket.
func giveTask(t *testing.T, db *store.DB, number, task string, at time.Time) []escalation.Ticket {
	t.Helper()
	left, err := db.Relate(t.Context(), []string{number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].AddTask(escalation.TaskCommand{
			Desk: shipped, Number: task, Team: "payments", Tier: 2, Subject: "Look for it", Text: "She paid twice.", By: at.Add(time.Hour), Candidates: []string{"pay"}, Key: "form",
		}, boss, escalation.NewID, at)
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func answerTask(t *testing.T, db *store.DB, task, parent, key string, at time.Time) error {
	_, err := db.Relate(t.Context(), []string{task, parent}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].AnswerTask(escalation.TaskAnswer{Message: escalation.Message{Text: "Once.", Key: key}, Result: escalation.TaskDone}, list[1:], payer, escalation.NewID, at)
	})
	return err
}

// TestTask keeps a task and what its ticket knows of it together: it is in the queue of
// its team until two of them answer at once, of whom one is told.
func TestTask(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		parent := open(t, db, "AAAA1111", start)
		left := giveTask(t, db, parent.Number, "TASK1111", start.Add(time.Minute))
		if again := giveTask(t, db, parent.Number, "TASK2222", start.Add(time.Minute)); len(left) != 2 || len(again) != 0 {
			t.Errorf("%d tickets, and with the same form again %d", len(left), len(again))
		}
		for _, l := range left {
			kept(t, db, "given", l)
		}
		page, err := db.Queue(ctx, escalation.Queue{Teams: []string{"payments"}, Free: true, Turn: escalation.Ours})
		if err != nil || len(page.Lines) != 1 || page.Lines[0].Number != "TASK1111" || page.Lines[0].Channel != escalation.ForTask || !page.Lines[0].Due.Equal(left[1].Wanted) {
			t.Errorf("the queue is %+v, %v", page.Lines, err)
		}
		list, err := db.TasksOf(ctx, parent.ID)
		if err != nil || len(list) != 1 || list[0].Number != "TASK1111" || list[0].Team != "payments" {
			t.Errorf("tasks %+v, %v", list, err)
		}
		var wait sync.WaitGroup
		var errs [2]error
		for i, key := range []string{"a", "b"} {
			wait.Go(func() { errs[i] = answerTask(t, db, "TASK1111", parent.Number, key, start.Add(time.Hour)) })
		}
		wait.Wait()
		if err := cmp.Or(errs[0], errs[1]); (errs[0] == nil) == (errs[1] == nil) || escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("two at once: %v, %v", errs[0], errs[1])
		}
		after, err := db.Ticket(ctx, parent.Number)
		if err != nil || len(after.OpenTasks()) > 0 || after.Entries[len(after.Entries)-1].Text != "Once." {
			t.Errorf("answered: %+v, %v", after.Tasks, err)
		}
		called, err := db.Mentions(ctx, boss.ID, false, 5)
		if err != nil || len(called) != 1 || called[0].Ticket.Number != parent.Number {
			t.Errorf("who asked for it is called by %+v, %v", called, err)
		}
	})
}

// TestTaskIsNoRequest counts no task where requests of customers are counted.
func TestTaskIsNoRequest(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		parent := open(t, db, "AAAA1111", start)
		task := giveTask(t, db, parent.Number, "TASK1111", start.Add(time.Minute))[1]
		if _, err := db.Change(ctx, task.Number, func(k escalation.Ticket) (escalation.Change, error) {
			return k.Offer(escalation.OfferCommand{Desk: shipped, Team: "rrr", Tier: 2, Problem: "x", Untried: "x", Asked: "x", By: start.Add(2 * time.Hour), Candidates: []string{"a", "b"}}, payer, escalation.NewID, start.Add(time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Change(ctx, task.Number, func(k escalation.Ticket) (escalation.Change, error) {
			return k.Refuse("", escalation.RefuseCommand{Reason: escalation.RefusalReasons[1]}, boss, escalation.NewID, start.Add(time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := db.Cases(ctx, start, func(c *tiers.Case) { n++ }); err != nil || n != 1 {
			t.Errorf("%d cases, %v", n, err)
		}
		if moves, err := db.Moves(ctx, start); err != nil || len(moves) != 0 {
			t.Errorf("moves %+v, %v", moves, err)
		}
		times, err := db.AnswerTimes(ctx, start)
		if _, counted := times[escalation.ForTask]; err != nil || counted || len(times) != 1 {
			t.Errorf("answer times %+v, %v", times, err)
		}
		if waiting, err := db.OpenTickets(ctx, 10); err != nil || len(waiting) != 1 {
			t.Errorf("signals %+v, %v", waiting, err)
		}
		if also, err := db.AlsoOf(ctx, "", parent.ID, 5); err != nil || len(also) != 0 {
			t.Errorf("also %+v, %v", also, err)
		}
	})
}

// unerasable is a store in which one ticket cannot be erased.
type unerasable struct {
	*store.DB
	id string
}

func (u unerasable) EraseTicket(ctx context.Context, id string, rule func(escalation.Ticket) (escalation.Change, error)) (privacy.Gone, error) {
	if id == u.id {
		return privacy.Gone{}, errors.New("not this one")
	}
	return u.DB.EraseTicket(ctx, id, rule)
}

// TestEraseTask forgets what a task says of the customer whom it is about, with what it is
// for: when they want it, when it is old, and when it is somebody else's by then.
func TestEraseTask(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		o := officeOf(db, files)
		left := func(number string) bool {
			t.Helper()
			k, err := db.Ticket(ctx, number)
			if err != nil {
				t.Fatal(err)
			}
			kept(t, db, "task "+number, k)
			return strings.Contains(fmt.Sprint(k.Subject, k.Entries), "paid twice")
		}
		parent := open(t, db, "AAAA1111", start)
		giveTask(t, db, parent.Number, "TASK1111", start.Add(time.Minute))
		for _, who := range []string{"ada@example.com", "TASK1111"} {
			h, err := o.Look(ctx, who)
			if err != nil || len(h.Tickets) != 2 || !h.Tickets[0].Task || h.Tickets[1].Number != parent.Number || len(h.Open()) != 2 || h.Notes != 1 {
				t.Errorf("held about %s: %+v, %v", who, h, err)
			}
		}
		c, err := o.Export(ctx, "ada@example.com", boss.Ref())
		if err != nil || len(c.Tickets) != 1 || len(c.Tickets[0].TasksMade) != 1 || strings.Contains(fmt.Sprintf("%+v", c), "twice") {
			t.Errorf("a copy: %+v, %v", c, err)
		}
		if err := o.Erase(ctx, "ada@example.com", "ada@example.com", false, boss); escalation.KindOf(err) != escalation.Conflict || !left("TASK1111") {
			t.Errorf("refused while it is open: %v", err)
		}
		if err := o.Erase(ctx, "ada@example.com", "ada@example.com", true, boss); err != nil || left("TASK1111") {
			t.Errorf("left of the task, %v", err)
		}
		if err := answerTask(t, db, "TASK1111", parent.Number, "", start.Add(time.Hour)); err == nil {
			t.Error("answered after that")
		}

		parent = open(t, db, "BBBB1111", start)
		giveTask(t, db, parent.Number, "TASK2222", start.Add(time.Minute))
		done := func(at time.Time) {
			t.Helper()
			if _, err := db.Change(ctx, parent.Number, func(p escalation.Ticket) (escalation.Change, error) {
				return p.Confirm(escalation.Message{}, escalation.RequesterOf{Ticket: p.ID}, escalation.NewID, at)
			}); err != nil {
				t.Fatal(err)
			}
		}
		done(start.Add(2 * time.Minute))
		if n, err := o.Expire(ctx, start.Add(time.Hour), time.Time{}); err != nil || n != 2 || left("TASK2222") {
			t.Errorf("%d expired, %v", n, err)
		}

		// Nobody finds a task by what it was for once that is erased: it goes, and so do
		// other requests, although one of them cannot.
		first := open(t, db, "DDDD1111", start)
		parent = first
		giveTask(t, db, parent.Number, "TASK4444", start.Add(time.Minute))
		done(start.Add(2 * time.Minute))
		parent = open(t, db, "EEEE1111", start)
		done(start.Add(3 * time.Minute))
		stuck := parent.ID
		parent = open(t, db, "FFFF1111", start)
		done(start.Add(4 * time.Minute))
		o.Store = unerasable{db, stuck}
		if _, err := o.Expire(ctx, start.Add(time.Hour), time.Time{}); err == nil || left(first.Number) || left("TASK4444") {
			t.Errorf("left of the task, %v", err)
		}
		if last, err := db.Ticket(ctx, parent.Number); err != nil || last.Erased.IsZero() {
			t.Errorf("held up: %+v, %v", last, err)
		}
		o.Store = db

		parent = open(t, db, "CCCC1111", start)
		giveTask(t, db, parent.Number, "TASK3333", start.Add(time.Minute))
		if _, err := db.Change(ctx, parent.Number, func(p escalation.Ticket) (escalation.Change, error) {
			return p.Give(escalation.GiveCommand{Name: "Eva", Email: "eva@example.net", Reason: "hers"}, boss, escalation.NewID, start.Add(time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		if err := o.Erase(ctx, "ada@example.com", "ada@example.com", true, boss); err != nil || left("TASK3333") {
			t.Errorf("left of the task of her time, %v", err)
		}
	})
}

// TestSolveWithTasks ends with a ticket all of its tasks, also one that is opened as it is
// being solved.
func TestSolveWithTasks(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for i := range 8 {
			number := fmt.Sprintf("AAAA111%d", i)
			open(t, db, number, start)
			giveTask(t, db, number, fmt.Sprintf("TASK111%d", i), start.Add(time.Minute))
			var wait sync.WaitGroup
			var solved, asked error
			wait.Go(func() {
				_, solved = db.RelateAll(t.Context(), number, func(list []escalation.Ticket) ([]escalation.Change, error) {
					return list[0].SolveWith(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Article: escalation.NoArticle, Reason: "rare", Tasks: escalation.CloseTasks}, list[1:], boss, escalation.NewID, start.Add(time.Hour))
				})
			})
			wait.Go(func() {
				_, asked = db.Relate(t.Context(), []string{number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
					return list[0].AddTask(escalation.TaskCommand{Desk: shipped, Number: fmt.Sprintf("TASK222%d", i), Team: "payments", Tier: 2, Subject: "Look again", Text: "x", Candidates: []string{"pay"}}, boss, escalation.NewID, start.Add(time.Hour))
				})
			})
			wait.Wait()
			got, err := db.Ticket(t.Context(), number)
			if err != nil || solved != nil || asked != nil && escalation.KindOf(asked) != escalation.Conflict || len(got.OpenTasks()) > 0 {
				t.Errorf("solved: %v, asked: %v, left are %+v, %v", solved, asked, got.OpenTasks(), err)
			}
		}
	})
}

// TestSolveWithUnread solves a ticket of whose two tasks one cannot be read: that is left as
// it is, whatever becomes of tasks, and the other ends.
func TestSolveWithUnread(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for i, test := range []struct {
			damage string
			tasks  escalation.TaskChoice
			open   int
		}{
			{`UPDATE entry SET event = '{' WHERE ticket = (SELECT id FROM ticket WHERE number = '%s')`, escalation.CloseTasks, 1},
			{`DELETE FROM entry WHERE ticket = (SELECT id FROM ticket WHERE number = '%s')`, escalation.CloseTasks, 1},
			{`UPDATE entry SET event = '' WHERE ticket = (SELECT id FROM ticket WHERE number = '%s')`, escalation.LeaveTasks, 2},
		} {
			number, good, bad := fmt.Sprintf("AAAA111%d", i), fmt.Sprintf("TASK111%d", i), fmt.Sprintf("TASK222%d", i)
			open(t, db, number, start)
			for _, task := range []string{bad, good} {
				if _, err := db.Relate(ctx, []string{number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
					return list[0].AddTask(escalation.TaskCommand{Desk: shipped, Number: task, Team: "payments", Tier: 2, Subject: "Look for it", Text: "x", Candidates: []string{"pay"}}, boss, escalation.NewID, start)
				}); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Exec(ctx, fmt.Sprintf(test.damage, bad)); err != nil {
				t.Fatal(err)
			}
			if _, err := db.RelateAll(ctx, number, func(list []escalation.Ticket) ([]escalation.Change, error) {
				if len(list) != 3 || !list[1].Damaged() || list[1].Number != bad || list[2].Damaged() {
					t.Errorf("read are %+v", list)
				}
				return list[0].SolveWith(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Made: true, Tasks: test.tasks}, list[1:], boss, escalation.NewID, start.Add(time.Hour))
			}); err != nil {
				t.Errorf("%s: %v", test.damage, err)
			}
			got, err := db.Ticket(ctx, number)
			if err != nil || got.State != escalation.Solved || len(got.OpenTasks()) != test.open || got.OpenTasks()[0].Number != bad {
				t.Errorf("%s: %s, open are %+v, %v", test.damage, got.State, got.OpenTasks(), err)
			}
		}
	})
}
