package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/circular"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// mortal is a store that dies after some writes, before it can note what it did.
type mortal struct {
	*store.DB
	lives int
}

func (m *mortal) EndCopy(ctx context.Context, id, number, leftOut string) error {
	if m.lives--; m.lives < 0 {
		return errors.New("killed")
	}
	return m.DB.EndCopy(ctx, id, number, leftOut)
}

// TestCircular answers all that have a problem, and is killed after each ticket: each has
// one answer in its language and one letter, and who is left out is told apart. What
// was written since, the customer reads first.
func TestCircular(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := start.Add(time.Hour)
		p, err := escalation.NewProblem("p1", escalation.ProblemCommand{Title: "Rete giù", Tell: escalation.Text{"it": "La rete è ferma."}}, boss, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.KeepProblem(ctx, p); err != nil {
			t.Fatal(err)
		}
		numbers := []string{"00000001", "00000002", "00000003", "00000004", "00000005", "00000006", "00000007"}
		change := func(number string, rule func(t *escalation.Ticket) (escalation.Change, error)) escalation.Ticket {
			t.Helper()
			got, err := db.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) { return rule(&t) })
			if err != nil {
				t.Fatal(number, err)
			}
			return got
		}
		all := escalation.Circular{ID: "c1", Problem: p.ID, By: boss.Ref(), Body: escalation.Text{"it": "Riparata, {customer}: {number}"}}
		for i, number := range numbers {
			open(t, db, number, start.Add(time.Duration(i)*time.Minute))
			got := change(number, func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Attach(&p, boss, escalation.NewID, now)
			})
			all.Copies = append(all.Copies, escalation.Copy{Number: number, Seen: got.Version})
		}
		change(numbers[2], func(t *escalation.Ticket) (escalation.Change, error) {
			return t.ByHand(p.ID, true, boss, escalation.NewID, now)
		})
		change(numbers[3], func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Confirm(escalation.Message{}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, now)
		})
		change(numbers[4], func(t *escalation.Ticket) (escalation.Change, error) {
			return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "Ora va."}}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, now)
		})
		change(numbers[5], func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Detach(p.ID, boss, escalation.NewID, now)
		})
		if _, err := db.EraseTicket(ctx, "id"+numbers[6], func(t escalation.Ticket) (escalation.Change, error) {
			return t.Erase(true, boss, escalation.NewID, now)
		}); err != nil {
			t.Fatal(err)
		}
		affected, err := db.Affected(ctx, p.ID)
		if err != nil || len(affected) != 6 || affected[0].Number != numbers[6] || affected[0].Erased.IsZero() || !affected[3].ByHand {
			t.Fatalf("affected are %+v, %v", affected, err)
		}

		if all, err = escalation.NewCircular(all, []string{"it"}, now); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a double click
			if err := db.BeginCircular(ctx, all); err != nil {
				t.Fatal(err)
			}
		}
		sender := circular.Sender{
			Desk:   func() *escalation.Desk { return shipped },
			TypeOf: func(context.Context, *escalation.Ticket) (*escalation.RequestType, error) { return nil, nil },
			Person: func(context.Context, string) (escalation.Actor, error) { return boss, nil },
			IDs:    escalation.NewID, Now: func() time.Time { return now.Add(time.Minute) },
		}
		for lives := range 2 {
			sender.Store = &mortal{db, lives}
			if err := sender.Send(ctx, all.ID); err == nil {
				t.Fatal("it was not killed")
			}
		}
		sender.Store = db
		for range 2 {
			if err := sender.Resume(ctx); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Circular(ctx, all.ID)
		if err != nil || got.Done.IsZero() || len(got.Body) > 0 {
			t.Fatalf("done %v, its words are %v, %v", got.Done, got.Body, err)
		}
		leftOut := map[string]string{}
		for _, k := range got.Copies {
			leftOut[k.Number] = k.LeftOut
			if !k.Done {
				t.Errorf("%s is not done", k.Number)
			}
		}
		if d := cmp.Diff(map[string]string{
			numbers[0]: "", numbers[1]: "", numbers[2]: "error.circular_by_hand", numbers[3]: "error.circular_closed", numbers[4]: "error.circular_newer",
			numbers[5]: "error.problem_detached", numbers[6]: "error.circular_erased",
		}, leftOut); d != "" {
			t.Errorf("left out (-want +got):\n%s", d)
		}
		for _, number := range numbers {
			ticket, err := db.Ticket(ctx, number)
			if err != nil {
				t.Fatal(err)
			}
			said := 0
			for _, e := range ticket.Entries {
				if e.Kind == escalation.Public && e.By == boss.Ref() {
					if said++; e.Text != "Riparata, Ada: "+number {
						t.Errorf("%s reads %q", number, e.Text)
					}
				}
			}
			letters, err := db.LettersOf(ctx, ticket.ID)
			if want := map[bool]int{true: 1}[leftOut[number] == ""]; err != nil || said != want || len(letters) != want {
				t.Errorf("%s: answered %d times, %d letters, %v, want %d", number, said, len(letters), err, want)
			}
		}
	})
}

// TestProblem keeps versions of a problem, and lets its tickets hear of its end.
func TestProblem(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		first, err := escalation.NewProblem("p1", escalation.ProblemCommand{Title: "Touch"}, boss, start)
		if err != nil {
			t.Fatal(err)
		}
		keep := func(p escalation.Problem) error { t.Helper(); return db.KeepProblem(ctx, p) }
		if err := keep(first); err != nil {
			t.Fatal(err)
		}
		said, err := first.Say(escalation.ProblemCommand{Title: "Touch after the update", Tell: escalation.Text{"es": "Lo estamos viendo."}, Article: "screen/touch"}, boss, start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if err := keep(said); err != nil {
			t.Fatal(err)
		}
		if err := keep(said); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("the same version twice: %v", err)
		}
		open(t, db, "00000001", start)
		attached, err := db.Change(ctx, "00000001", func(t escalation.Ticket) (escalation.Change, error) {
			return t.Attach(&said, boss, escalation.NewID, start.Add(time.Hour))
		})
		if err != nil || attached.Problem == nil || attached.Problem.Solved {
			t.Fatalf("%+v, %v", attached.Problem, err)
		}
		over, err := said.End(boss, start.Add(2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if err := keep(over); err != nil {
			t.Fatal(err)
		}
		versions, err := db.Problem(ctx, "p1")
		if d := cmp.Diff([]escalation.Problem{over, said, first}, versions); err != nil || d != "" {
			t.Errorf("%v, versions (-want +got):\n%s", err, d)
		}
		list, err := db.Problems(ctx, true)
		if d := cmp.Diff([]escalation.Problem{over}, list); err != nil || d != "" {
			t.Errorf("%v, solved (-want +got):\n%s", err, d)
		}
		if list, err = db.Problems(ctx, false); err != nil || len(list) > 0 {
			t.Errorf("open are %+v, %v", list, err)
		}
		if counts, err := db.CountAffected(ctx); err != nil || counts["p1"] != 1 {
			t.Errorf("%v, %v", counts, err)
		}
		sender := circular.Sender{Store: db, IDs: escalation.NewID, Now: func() time.Time { return start.Add(3 * time.Hour) }}
		for range 2 {
			if err := sender.Resume(ctx); err != nil {
				t.Fatal(err)
			}
		}
		heard, err := db.Ticket(ctx, "00000001")
		if err != nil || !heard.Problem.Solved || heard.Version != attached.Version+1 {
			t.Errorf("heard %+v, version %d after %d, %v", heard.Problem, heard.Version, attached.Version, err)
		}
		if _, err := db.Problem(ctx, "p2"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("a problem that is none: %v", err)
		}
	})
}
