package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Other is another ticket, as the ledger names it.
type Other struct {
	Ticket string `json:"ticket"` // id
	Number string `json:"number"`
}

// A Join is that one ticket goes on in another.
type Join struct {
	Other
	By ActorRef
	At time.Time
}

// Merge lets a ticket go on in another one: whoever asked twice is answered once. It
// stays as it is, beside its state, so that [Ticket.Unmerge] finds it as it was; until
// then nobody works on it, and its clocks stand still. Nothing that was said moves:
// each word stays in the ticket in which it was said, and is read by those who might
// read it there.
//
// It returns the changes of both, of the one that goes on last.
func (t *Ticket) Merge(into *Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if t.ID == into.ID {
		return nil, invalid("number", "error.merge_itself", nil)
	}
	if err := t.staffMay(by, Reply); err != nil {
		return nil, err
	}
	if on := into.Into; on != nil {
		if on.Ticket == t.ID {
			return nil, invalid("number", "error.merge_ring", map[string]any{"Number": into.Number, "This": t.Number})
		}
		return nil, invalid("number", "error.merge_on", map[string]any{"Number": into.Number, "On": on.Number})
	}
	if into.Parent != nil {
		return nil, invalid("number", "error.task_customer", map[string]any{"Number": into.Parent.Number})
	}
	if err := into.staffMay(by, Reply); err != nil {
		return nil, invalid("number", "error.merge_not_yours", map[string]any{"Number": into.Number})
	}
	if t.Doubt != "" || into.Doubt != "" {
		return nil, invalid("number", "error.merge_doubt", nil)
	}
	if into.State == Solved || into.State == Closed {
		return nil, invalid("number", "error.merge_done", map[string]any{"Number": into.Number})
	}
	if !t.SameRequester(into) {
		return nil, invalid("number", "error.merge_person", map[string]any{"Number": into.Number})
	}
	// Whoever types an address into a form is not yet its owner, and may hold a link.
	if t.Requester.Verified && !into.Requester.Verified {
		return nil, invalid("number", "error.merge_unproved", map[string]any{"Number": into.Number, "This": t.Number})
	}
	d := t.draft(by, ids, now)
	if t.Correction != nil {
		d.happened(Event{Kind: EventDropped}) // who confirms it would be led to the other
	}
	d.happened(Event{Kind: EventMerged, Other: into.other()})
	on := into.draft(by, ids, now)
	on.happened(Event{Kind: EventJoined, Other: t.other(), Owed: t.Turn() == Ours})
	on.letter(Letter{Kind: MergedLetter}, LetterArgs{Other: t.Number})
	return changes(d, on)
}

// Unmerge lets a merged ticket go on by itself again, as it was; what was said
// meanwhile in the one that went on stays there. on is that one.
func (t *Ticket) Unmerge(on *Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.readable(by); err != nil {
		return nil, err
	}
	switch {
	case t.Into == nil || t.Into.Ticket != on.ID:
		return nil, conflict("error.not_merged", nil)
	case t.Unsplit() && t.SplitFrom.Other.Ticket == on.ID:
		return nil, conflict("error.split_undone", map[string]any{"Number": on.Number})
	case by.Ref().Kind == ByRequester || !by.May(Reply, t) || !by.May(Reply, on):
		return nil, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	case stamp(now).Sub(t.Into.At) > UndoDays*24*time.Hour:
		return nil, conflict("error.merge_long_ago", map[string]any{"Days": UndoDays})
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventUnmerged, Other: on.other()})
	o := on.draft(by, ids, now)
	o.happened(Event{Kind: EventParted, Other: t.other()})
	return changes(d, o)
}

// Joining returns the tickets that go on in this one, however far they came: first those
// that were merged into it, oldest first. load returns a ticket by its id; one that goes on
// by itself by then is not among them.
func (t *Ticket) Joining(load func(id string) (Ticket, error)) ([]Ticket, error) {
	var all []Ticket
	for on, i := t, 0; ; i++ {
		for _, j := range on.Joined {
			o, err := load(j.Ticket)
			if err != nil {
				return nil, err
			}
			if o.Into != nil && o.Into.Ticket == on.ID {
				all = append(all, o)
			}
		}
		if i == len(all) {
			return all, nil
		}
		on = &all[i]
	}
}

// SameRequester says whether two tickets are of one person, as far as that is known:
// by their address, or by their number where there is none.
func (t *Ticket) SameRequester(o *Ticket) bool {
	return t.Requester.Key() != "" && t.Requester.Key() == o.Requester.Key()
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (t *Ticket) other() *Other { return &Other{t.ID, t.Number} }

// readable returns an error for whom the ticket does not exist.
func (t *Ticket) readable(by Actor) error {
	if by.May(Read, t) || by.May(Follow, t) {
		return nil
	}
	return NoTicket()
}

// elsewhere returns an error if the ticket is a task, which nobody answers to a customer,
// or goes on in another one, where what somebody wants to do is to be done. It is still
// read and noted on; what a colleague left is handed on all the same.
func (t *Ticket) elsewhere(by Actor, a Action) error {
	if t != nil && a == Reply {
		if err := t.outside(); err != nil {
			return err
		}
	}
	switch {
	case t == nil || t.Into == nil, a == Read, a == Follow, a == Note, a == EraseWords, by.Ref() == System{DisabledRule}.Ref():
		return nil
	case by.Ref().Kind == ByRequester:
		return conflict("error.merged_yours", nil) // not where: it may be none of theirs
	}
	return conflict("error.merged", map[string]any{"Number": t.Into.Number})
}

// relate applies what ties a ticket to another one.
func (t *Ticket) relate(e Entry) error {
	ev := e.Event
	if ev.Other == nil {
		return fmt.Errorf("%s, and no other ticket", ev.Kind)
	}
	switch ev.Kind {
	case EventMerged:
		if t.Into != nil {
			return fmt.Errorf("merged twice")
		}
		t.Into, t.Doubt = &Join{*ev.Other, e.By, e.At}, Merged
	case EventUnmerged:
		t.Into, t.Doubt = nil, ""
	case EventJoined:
		t.Joined = append(t.Joined, Join{*ev.Other, e.By, e.At})
		if ev.Owed && t.State != New {
			t.ours()
		}
	case EventParted:
		t.Joined = slices.DeleteFunc(t.Joined, func(j Join) bool { return j.Ticket == ev.Other.Ticket })
		if len(t.Joined) == 0 {
			t.Joined = nil
		}
	}
	return nil
}

// changes is what several drafts came to.
func changes(drafts ...*draft) ([]Change, error) {
	var list []Change
	for _, d := range drafts {
		c, err := d.change()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
