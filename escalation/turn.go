package escalation

import "time"

// Take makes the actor the assignee, and the owner if there is none yet. Instead
// is the assignee that they saw and relieve, empty for nobody: of two who take
// the same ticket at once, the second is told. Who has it already keeps it.
func (t *Ticket) Take(instead string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Take); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if err := t.settled(); err != nil {
		return Change{}, err
	}
	who := by.Ref()
	switch {
	case who.Kind != ByStaff:
		return Change{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	case t.Assignee == who.ID:
		return Change{Ticket: *t}, nil
	case t.Assignee != instead && t.Assignee != "":
		return Change{}, conflict("error.taken", map[string]any{"Name": t.nameOf(t.Assignee)})
	}
	d := t.draft(by, ids, now)
	d.clear()
	d.happened(Event{Kind: EventTaken, Staff: who.ID})
	return d.change()
}

// Release puts the ticket back into its queue. Only the assignee does so, or who
// may decide over it.
func (t *Ticket) Release(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Take); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if h := t.Pending(); h != nil {
		return Change{}, conflict("error.handoff_pending", map[string]any{"Team": TeamID(h.Team), "Tier": h.Tier})
	}
	if t.Assignee == "" && t.justDid(by, EventReleased) {
		return Change{Ticket: *t}, nil
	}
	if t.Assignee == "" {
		return Change{}, conflict("error.not_taken", nil)
	}
	if t.Assignee != by.Ref().ID && !by.May(Decide, t) {
		return Change{}, conflict("error.taken", map[string]any{"Name": t.nameOf(t.Assignee)})
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventReleased})
	return d.change()
}

// A WaitCommand gives the turn to a party until a date. With a text it is also an
// answer to the customer.
type WaitCommand struct {
	Message
	Party string // in words that the customer reads: a courier, a part, a colleague
	Until time.Time
}

// Wait says whom we wait for, and how long.
func (t *Ticket) Wait(c WaitCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Wait); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	party, err := wanted("party", c.Party, "error.party_missing", MaxName)
	if err != nil {
		return Change{}, err
	}
	until, err := future("until", c.Until, stamp(now))
	if err != nil {
		return Change{}, err
	}
	if err := c.check(len(c.Files) > 0); err != nil {
		return Change{}, err
	}
	if c.Text != "" {
		if err := t.outside(); err != nil {
			return Change{}, err
		}
	}
	if err := t.unread(c.Seen, by.Ref()); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	ev := &Event{Kind: EventWaiting, Party: party, Until: until}
	if c.Text == "" {
		d.add(c.entry(Happened, ev))
		return d.change()
	}
	d.add(c.entry(Public, ev))
	d.letter(Letter{Kind: ReplyLetter}, LetterArgs{Text: c.Text})
	return d.change()
}

// Resume gives us the turn again: what we waited for came, or will not. A solved
// ticket, and for [ReopenDays] a closed one, is reopened by it; then a reason is
// needed. An empty reason is enough otherwise.
func (t *Ticket) Resume(reason string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Wait); err != nil {
		return Change{}, err
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	ev := Event{Kind: EventResumed}
	var err error
	switch t.State {
	case WaitCustomer, WaitOther:
		ev.Reason, err = optional("reason", reason, MaxLine)
	case Solved, Closed:
		if t.Parent != nil { // its answer is at its parent, which asks anew for what it needs
			return Change{}, conflict("error.task_over", map[string]any{"Number": t.Parent.Number})
		}
		if err := t.reopenable(stamp(now)); err != nil {
			return Change{}, err
		}
		ev.Kind = EventReopened
		ev.Reason, err = wanted("reason", reason, "error.reason_missing", MaxLine)
	default:
		if t.justDid(by, EventResumed, EventReopened) {
			return Change{Ticket: *t}, nil
		}
		return Change{}, conflict("error.our_turn", nil)
	}
	if err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.happened(ev)
	return d.change()
}
