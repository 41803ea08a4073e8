package escalation

import (
	"slices"
	"time"
)

// Erase takes out of a ticket all that its requester said or that was said about
// them. What stays is how it went: who of the staff had it when, at which tier, and
// how it ended. Each entry that said something is a marked hole from then on, and
// the last one says who made them.
//
// It cannot be undone, and nothing can be added afterwards. A ticket that is still
// open is refused, unless open says that it is closed by this.
//
// It is the one rule whose ticket does not begin with the entries that were there:
// the store puts the holes in their place.
func (t *Ticket) Erase(open bool, by Actor, ids func() string, now time.Time) (Change, error) {
	if by.Ref().Kind != BySystem {
		if err := t.staffMay(by, EraseWords); err != nil {
			return Change{}, err
		}
	}
	if !t.Erased.IsZero() {
		return Change{Ticket: *t}, nil
	}
	if t.InProgress() && !open {
		return Change{}, conflict("error.erase_open", map[string]any{"Number": t.Number})
	}
	holes := make([]Entry, len(t.Entries))
	for i, e := range Ledger(t.Entries) {
		holes[i] = e.hole()
	}
	left, err := Rebuild(holes)
	if err != nil {
		return Change{}, err
	}
	d := left.draft(by, ids, now)
	d.happened(Event{Kind: EventErased})
	return d.change()
}

// InProgress says whether somebody still has to do something.
func (t *Ticket) InProgress() bool {
	return t.State != Solved && t.State != Closed && t.Doubt != Spam && t.Doubt != Merged
}

// hole returns what is left of an entry when it is erased. It names what stays:
// what is not named here, or is new to an event, is taken out.
func (e *Entry) hole() Entry {
	h := Entry{ID: e.ID, Seq: e.Seq, At: e.At, By: e.By, Kind: e.Kind}
	if h.By.Kind == ByRequester {
		h.By.Name = ""
	}
	ev := e.Event
	if ev != nil && ev.Kind == EventUndone {
		h.Key = e.Key // it is no form's
	}
	if ev == nil {
		h.Event = &Event{Kind: EventSaid, Hole: true}
		return h
	}
	h.Event = &Event{
		Kind: ev.Kind, Hole: true,
		Ticket: ev.Ticket, WrittenBy: ev.WrittenBy, Number: ev.Number, Lang: ev.Lang, Channel: ev.Channel,
		RequestType: ev.RequestType, Desk: ev.Desk, Journey: ev.Journey, Impact: ev.Impact, Urgency: ev.Urgency,
		Staff: ev.Staff, From: ev.From, Until: ev.Until, HandoffID: ev.HandoffID, ConsultID: ev.ConsultID, Marks: ev.Marks, AlarmID: ev.AlarmID, Rung: ev.Rung, Team: ev.Team, Tier: ev.Tier, Stage: ev.Stage, Score: ev.Score, About: ev.About, Signs: ev.Signs,
	}
	if ev.Requester != nil {
		h.Event.Requester = &Requester{Verified: ev.Requester.Verified}
	}
	h.Event.Problem = ev.Problem
	h.Event.Other, h.Event.Owed, h.Event.Result = ev.Other, ev.Owed, ev.Result
	h.Event.Carriage, h.Event.Entries, h.Event.Split, h.Event.Foreign = ev.Carriage, ev.Entries, ev.Split, ev.Foreign
	if o := ev.Origin; o != nil {
		h.Event.Origin = &Origin{Entry: o.Entry, Kind: o.Kind, By: o.By, At: o.At}
		if o.By.Kind == ByRequester {
			h.Event.Origin.By.Name = ""
		}
	}
	if a := ev.Address; a != nil {
		h.Event.Address = &Address{By: a.By, At: a.At}
	}
	// Reasons that are words of ours stay, those that somebody typed do not.
	if slices.Contains(RefusalReasons, ev.Reason) || ev.Reason == ReopenedByReply || ev.Reason == ReopenedByNo || ev.Reason == ReopenedByKeeping {
		h.Event.Reason = ev.Reason
	}
	if o := ev.Handoff; o != nil {
		h.Event.Handoff = &Handoff{
			ID: o.ID, Rule: o.Rule, From: o.From, FromTeam: o.FromTeam, FromTier: o.FromTier,
			Team: o.Team, Tier: o.Tier, By: o.By, State: o.State, Offered: o.Offered,
		}
	}
	if k := ev.Consult; k != nil {
		h.Event.Consult = &Consult{ID: k.ID, From: k.From, Team: k.Team, Tier: k.Tier, Staff: k.Staff, By: k.By, State: k.State, Asked: k.Asked}
	}
	if s := ev.Solution; s != nil {
		h.Event.Solution = &Solution{Article: s.Article, Made: s.Made, Entry: s.Entry, By: s.By, At: s.At}
	}
	return h
}
