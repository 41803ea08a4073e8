package escalation

import (
	"cmp"
	"slices"
	"time"

	"primalinea/escalation/clock"
)

// A Degree is how much of something there is. The catalog has them as "impact.<degree>"
// and "urgency.<degree>".
type Degree string

// The degrees. Empty is Medium: nobody said.
const (
	High   Degree = "high"
	Medium Degree = "medium"
	Low    Degree = "low"
)

// Degrees are all of them, in the order of forms.
var Degrees = []Degree{High, Medium, Low}

// TopPriority is the one for which leads are called at once, at any hour.
const TopPriority = 1

// Priorities are all of them, the most urgent first.
var Priorities = []int{TopPriority, 2, clock.NormalPriority, 4}

// PriorityOf is the order of work: how much something does, by how soon it must be
// settled. How loudly somebody asks is neither.
func PriorityOf(impact, urgency Degree) int {
	sum := 0
	for _, d := range []Degree{impact, urgency} {
		sum += slices.Index(Degrees, cmp.Or(d, Medium))
	}
	return min(sum+1, len(Priorities))
}

// Priority is the ticket's.
func (t *Ticket) Priority() int { return PriorityOf(t.Impact, t.Urgency) }

// weigh gives the ticket the degrees of an event, if it has some.
func (t *Ticket) weigh(ev *Event, at time.Time) {
	if ev.Impact == "" {
		return
	}
	was := t.Priority()
	t.Impact, t.Urgency = ev.Impact, ev.Urgency
	if t.Priority() != was {
		t.Ranked = at
	}
}

// begins puts into an event what requests of a kind begin with: what somebody said of
// this one goes before it.
func (t *Ticket) begins(ev *Event, r *RequestType) {
	if t.Weighed || r == nil {
		return
	}
	impact, urgency := cmp.Or(r.Impact, Medium), cmp.Or(r.Urgency, Medium)
	if impact != cmp.Or(t.Impact, Medium) || urgency != cmp.Or(t.Urgency, Medium) {
		ev.Impact, ev.Urgency = impact, urgency
	}
}

// A PriorityCommand is how much a matter does, how soon it must be settled, and why
// that is so.
type PriorityCommand struct {
	Impact, Urgency Degree
	Reason          string
}

// SetPriority says the ticket's priority, with a reason. It goes before what its kind
// begins with, also when the kind is said otherwise later.
func (t *Ticket) SetPriority(c PriorityCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	for _, f := range []struct {
		name string
		is   Degree
	}{{"impact", c.Impact}, {"urgency", c.Urgency}} {
		if !slices.Contains(Degrees, f.is) {
			return Change{}, invalid(f.name, "error.choice", nil)
		}
	}
	reason, err := wanted("reason", c.Reason, "error.priority_reason", MaxLine)
	if err != nil {
		return Change{}, err
	}
	for _, e := range slices.Backward(t.Entries) {
		if ev := e.Event; ev != nil && ev.Kind == EventPrioritized {
			if e.By == by.Ref() && ev.Reason == reason && t.Impact == c.Impact && t.Urgency == c.Urgency {
				return Change{Ticket: *t}, nil // they said so already
			}
			break
		}
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventPrioritized, Impact: c.Impact, Urgency: c.Urgency, Reason: reason})
	d.urgent()
	return d.change()
}

// CausePriority is why an alarm opens for a ticket of the top priority. Nobody calls for
// it: it is noted by itself.
const CausePriority = "priority"

// pressing is the mark of a ticket of the top priority.
func (t *Ticket) pressing() (Mark, bool) {
	m := Mark{Rule: ByBreach, Cause: CausePriority, Since: t.Ranked, Alarm: true}
	return m, t.Priority() == TopPriority && !t.noted(m)
}

// urgent calls the leads at once if the ticket has got the top priority.
func (d *draft) urgent() {
	if m, ok := d.t.pressing(); ok && d.t.watched() {
		by := d.by
		d.by = System{Rule: WatchRule}.Ref()
		d.marked([]Mark{m})
		d.by = by
	}
}
