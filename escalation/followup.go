package escalation

import (
	"fmt"
	"time"
)

// FollowRule names the rule that copies what is known into a ticket that follows
// another one, in the ledger.
const FollowRule = "follow"

// What ties a ticket to the one that follows it.
const (
	EventFollows  EventKind = "follows"  // a closed one, whose requester wrote again
	EventFollowed EventKind = "followed" // by another, in which it goes on
)

// A FollowCommand is what a requester writes to a ticket that is closed for too long to
// be reopened.
type FollowCommand struct {
	Message
	Number string // by [NewNumber]
	Desk   *Desk  // that is in force
	Zone   string // of their clocks; one that nobody knows is as good as none
}

// FollowUp opens a ticket in which one goes on that was closed long ago: nothing that
// is known has to be said again, but for what somebody else said, which stays where it is
// known to be theirs. It returns the changes of both, that of the new one first; none
// when the same form came before.
func (t *Ticket) FollowUp(c FollowCommand, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.requesterMay(by, Reply); err != nil {
		return nil, err
	}
	if t.again(c.Key) {
		return nil, nil
	}
	if until := t.Reopens(); until.IsZero() || !stamp(now).After(until) {
		return nil, conflict("error.follow_open", nil)
	}
	if t.Doubt != "" {
		return nil, invalid("", "error.closed_long_ago", nil)
	}
	if err := c.check(len(c.Files) == 0); err != nil {
		return nil, err
	}
	who := t.Requester
	ev := Event{
		Kind: EventOpened, Ticket: ids(), Number: c.Number, Subject: t.Subject, Requester: &who,
		Lang: t.Lang, Channel: Web, Desk: c.Desk.Version, Team: Triage, Tier: 1, Zone: t.Zone,
	}
	if t.foreign(t.Entries[0].ID) && !Blank(c.Text) { // so is what it was called
		ev.Subject = cut(CleanLine(c.Text), MaxSubject)
	}
	if c.Desk.Type(t.RequestType) != nil {
		ev.RequestType = t.RequestType
	}
	key := c.Key
	c.Key = "" // that of the one that goes on, which the form was about
	d := (&Ticket{}).draft(by, ids, now)
	d.add(c.entry(Public, &ev))
	d.zoned(c.Zone)
	d.by = System{Rule: FollowRule}.Ref()
	d.happened(Event{Kind: EventFollows, Other: t.other()})
	for _, f := range t.Facts {
		if t.foreign(f.Source) {
			continue
		}
		f.Source = ids()
		d.add(Entry{ID: f.Source, Kind: Happened, Event: &Event{Kind: EventFact, Fact: &f}})
	}
	d.letter(Letter{Kind: ReceiptLetter}, LetterArgs{})
	old := t.draft(by, ids, now)
	old.add(Entry{Kind: Happened, Event: &Event{Kind: EventFollowed, Other: d.t.other()}, Key: key})
	return changes(d, old)
}

// FollowedBy returns the ticket that a form has opened already; nil when it did not come
// before.
func (t *Ticket) FollowedBy(key string) *Other {
	for i := range t.Entries {
		if e := &t.Entries[i]; key != "" && e.Key == key && e.Event != nil && e.Event.Kind == EventFollowed {
			return e.Event.Other
		}
	}
	return nil
}

// GoesOnIn says whether what the requester has to say belongs to a ticket that followed
// this one.
func (t *Ticket) GoesOnIn(on *Ticket) bool {
	return on.State != Closed && on.Into == nil && on.Doubt == "" && on.SameRequester(t)
}

// ReplyIn is what the requester says further, in a ticket that followed this one.
func (t *Ticket) ReplyIn(on *Ticket, m RequesterMessage, by Actor, ids func() string, now time.Time) (Change, error) {
	if !t.GoesOnIn(on) {
		return Change{}, conflict("error.conflict", nil) // it does not any more
	}
	return on.RequesterReply(m, by, ids, now)
}

// follow applies what ties a ticket to the one that follows it.
func (t *Ticket) follow(e Entry) error {
	ev := e.Event
	if ev.Other == nil {
		return fmt.Errorf("%s, and no other ticket", ev.Kind)
	}
	if ev.Kind == EventFollows {
		t.Follows = ev.Other
	} else {
		t.Followed = append(t.Followed, *ev.Other)
	}
	return nil
}
