package circular_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
	. "primalinea/escalation/circular"
	"primalinea/escalation/staff"
)

// A damaged store has tickets, one of which cannot be read.
type damaged struct {
	copies  []escalation.Copy
	reached []string
	ended   bool
}

func (d *damaged) Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error) {
	if number == "2" {
		return escalation.Ticket{}, errors.New("ticket 2: entry 1: unknown event")
	}
	d.reached = append(d.reached, number)
	return escalation.Ticket{}, nil
}
func (d *damaged) RelateAll(ctx context.Context, number string, _ func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error) {
	_, err := d.Change(ctx, number, nil)
	return nil, err
}
func (d *damaged) Circular(context.Context, string) (escalation.Circular, error) {
	return escalation.Circular{ID: "c", Copies: d.copies}, nil
}
func (d *damaged) EndCopy(_ context.Context, _, number, _ string) error {
	i := slices.IndexFunc(d.copies, func(k escalation.Copy) bool { return k.Number == number })
	d.copies[i].Done = true
	return nil
}
func (d *damaged) EndCircular(context.Context, string, time.Time) error { d.ended = true; return nil }
func (d *damaged) OpenCirculars(context.Context) ([]string, error)      { return []string{"c"}, nil }
func (d *damaged) Problem(_ context.Context, id string) ([]escalation.Problem, error) {
	if id == "lost" {
		return nil, errors.New("problem lost: damaged")
	}
	return make([]escalation.Problem, 1), nil
}
func (d *damaged) Unaware(context.Context) (map[string][]string, error) {
	return map[string][]string{"p": {"2", "3"}, "lost": {"4"}}, nil
}

// TestDamaged sends to all tickets but the one that cannot be read, and says so: it is
// tried again, and so is the circular.
func TestDamaged(t *testing.T) {
	d := &damaged{copies: []escalation.Copy{{Number: "1"}, {Number: "2"}, {Number: "3"}, {Number: "4", Done: true, LeftOut: "error.circular_closed"}}}
	s := &Sender{
		Store:  d,
		Person: func(context.Context, string) (escalation.Actor, error) { return staff.Person{}, nil },
		Now:    func() time.Time { return time.Time{} },
	}
	if err := s.Resume(t.Context()); err == nil {
		t.Error("nobody was told")
	}
	if want := []string{"1", "3", "3"}; !slices.Equal(d.reached, want) { // a circular, then a problem
		t.Errorf("reached %v, want %v", d.reached, want)
	}
	if d.ended || d.copies[1].Done || !d.copies[0].Done {
		t.Errorf("ended %v, %+v", d.ended, d.copies)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if d.reached = nil; s.Send(ended, "c") == nil || s.Hear(ended) == nil || d.reached != nil {
		t.Errorf("it goes on when the program ends: %v", d.reached)
	}
}

// TestMany counts only those that get it, and not those of a known problem.
func TestMany(t *testing.T) {
	c := escalation.Circular{Body: escalation.Text{"it": "Ciao."}}
	for range escalation.MaxCopies {
		c.Copies = append(c.Copies, escalation.Copy{}, escalation.Copy{Done: true, LeftOut: "error.circular_closed"})
	}
	if _, err := escalation.NewCircular(c, []string{"it"}, time.Now()); err != nil {
		t.Error(err)
	}
	c.Copies = append(c.Copies, escalation.Copy{})
	if _, err := escalation.NewCircular(c, []string{"it"}, time.Now()); escalation.KindOf(err) != escalation.Invalid {
		t.Errorf("one too many: %v", err)
	}
	c.Problem = "p"
	if _, err := escalation.NewCircular(c, []string{"it"}, time.Now()); err != nil {
		t.Errorf("all of a problem: %v", err)
	}
}

// TestAnswerable says for which tickets an answer to all of a problem may be, as far as a
// list knows them.
func TestAnswerable(t *testing.T) {
	for _, test := range []struct {
		a      escalation.Affected
		solves bool
		want   bool
	}{
		{escalation.Affected{State: escalation.New}, true, true},
		{escalation.Affected{State: escalation.Solved}, false, true},
		{escalation.Affected{State: escalation.Solved}, true, false},
		{escalation.Affected{State: escalation.Closed}, false, false},
		{escalation.Affected{State: escalation.New, ByHand: true}, false, false},
		{escalation.Affected{State: escalation.New, Doubt: escalation.Merged}, false, false},
		{escalation.Affected{State: escalation.New, Erased: time.Now()}, false, false},
	} {
		if got := test.a.Answerable(test.solves); got != test.want {
			t.Errorf("%+v, solved by it %v: %v", test.a, test.solves, got)
		}
	}
}
