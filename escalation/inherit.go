package escalation

import "time"

// DisabledRule is the rule by which the program hands on what somebody left who
// no longer works here.
const DisabledRule = "disabled"

// Inherit hands on what somebody left: who answered for the ticket is succeeded by
// heir, who worked on it is nobody any more, and what they offered is taken back.
// It is the one way in which a ticket changes its owner, it is written down, and
// the customer, for whom nothing changes, hears nothing of it. Where nothing was
// left, or nothing is to be done any more, the change is empty.
func (t *Ticket) Inherit(gone, heir string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Decide); err != nil {
		return Change{}, err
	}
	if gone == "" || heir == "" || gone == heir {
		return Change{}, &Error{Kind: Fault, Reason: "error.fault"}
	}
	if t.State == Closed {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	if h := t.Pending(); h != nil && h.From.Kind == ByStaff && h.From.ID == gone {
		d.happened(Event{Kind: EventWithdrawn, HandoffID: h.ID})
	}
	ev := Event{Kind: EventInherited, From: gone}
	if t.Owner == gone {
		ev.Staff = heir
	}
	if ev.Staff != "" || t.Assignee == gone {
		d.happened(ev)
	}
	return d.change()
}
