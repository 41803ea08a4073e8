package escalation

import (
	"slices"

	"primalinea/escalation/clock"
)

// A standing is what of a ticket its clocks go by.
type standing struct {
	settled  bool
	waits    string // what for; empty while it is our turn
	team     string
	tier     int
	assignee string
	offer    string // id of the handoff that waits for an answer
	offered  int    // its tier
	priority int
}

func (t *Ticket) standing() standing {
	s := standing{settled: t.State == Solved || t.State == Closed, team: t.Team, tier: t.Tier, assignee: t.Assignee, priority: t.Priority()}
	switch {
	case t.Doubt == Spam, t.Doubt == Merged:
		s.waits = clock.Aside
	case t.State == WaitCustomer:
		s.waits = clock.WaitCustomer
	case t.State == WaitOther:
		s.waits = clock.WaitOther
	}
	if h := t.Pending(); h != nil {
		s.offer, s.offered = h.ID, h.Tier
	}
	return s
}

// vacant says whether somebody has to take the ticket or answer its offer.
func (s standing) vacant() bool { return !s.settled && (s.offer != "" || s.assignee == "") }

// tick notes what an entry does to the clocks: it goes by how the ticket stood
// before and how it stands after it, and by whose words it has. What pauses a clock
// is not decided here: the ledger says that the ticket waits, a policy what that means.
func (t *Ticket) tick(was standing, e Entry) {
	is := t.standing()
	cause := string(EventSaid)
	if e.Event != nil {
		cause = string(e.Event.Kind)
	}
	note := func(a clock.Act, k clock.Kind, cause string, tier int) {
		t.Clocks = append(t.Clocks, clock.Event{At: e.At, Act: a, Clock: k, Cause: cause, Tier: tier, Entry: e.Seq})
	}
	start := func(k clock.Kind, tier int) {
		if t.Parent != nil && !k.Internal() {
			return // nothing is promised to a customer
		}
		note(clock.Start, k, cause, tier)
		if !t.runs(k) {
			t.Running = append(t.Running, k)
		}
	}
	stop := func(k clock.Kind) {
		if i := slices.Index(t.Running, k); i >= 0 {
			note(clock.Stop, k, cause, 0)
			t.Running = slices.Delete(t.Running, i, i+1)
		}
	}
	resume := func(k clock.Kind) {
		note(clock.Resume, k, cause, 0)
		t.Running = append(t.Running, k)
	}
	said := e.Kind == Public && e.By.Kind == ByRequester || e.Event != nil && e.Event.Owed
	answered := e.Kind == Public && !said
	moved := e.Seq > 1 && (was.team != is.team || was.tier != is.tier)

	if is.priority != was.priority {
		t.Clocks = append(t.Clocks, clock.Event{At: e.At, Act: clock.Weigh, Cause: cause, Priority: is.priority, Entry: e.Seq})
	}
	if is.settled && !was.settled {
		for _, k := range clock.Kinds {
			stop(k)
		}
	}
	if answered && !is.settled {
		stop(clock.First)
		stop(clock.Next)
	}
	if moved {
		stop(clock.Work)
		stop(clock.Update)
	}
	if was.vacant() && (!is.vacant() || was.offer != is.offer || moved) {
		stop(clock.Accept)
	}
	if is.waits != was.waits {
		if is.waits == "" {
			note(clock.Resume, "", cause, 0)
		} else {
			note(clock.Pause, "", is.waits, 0)
		}
	}
	if is.settled {
		return
	}
	if e.Seq == 1 {
		start(clock.Resolution, is.tier)
		start(clock.First, is.tier)
	} else if was.settled {
		resume(clock.Resolution)
		if is.assignee != "" {
			resume(clock.Work)
			start(clock.Update, is.tier)
		}
	}
	if said && !t.runs(clock.First) && !t.runs(clock.Next) {
		start(clock.Next, is.tier)
	}
	if is.vacant() && !t.runs(clock.Accept) {
		tier := is.tier
		if is.offer != "" {
			tier = is.offered
		}
		start(clock.Accept, tier)
	}
	if is.assignee != "" && !t.runs(clock.Work) {
		start(clock.Work, is.tier)
		start(clock.Update, is.tier)
	} else if answered {
		start(clock.Update, is.tier)
	}
}

// runs says whether a clock runs, or would if nothing was waited for.
func (t *Ticket) runs(k clock.Kind) bool { return slices.Contains(t.Running, k) }
