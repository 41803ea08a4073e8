package journey

import (
	"time"

	"primalinea/escalation"
)

// A Trigger is the first moment at which there was something to suggest to a visitor
// in an experiment, and what the visitor did after it. In both arms it is the same
// moment: whether suggestions are drawn changes only what comes then.
type Trigger struct {
	Experiment string
	Visitor    string
	Arm        string
	At         time.Time
	Ticket     time.Time        // the first after it; zero is none
	Again      time.Time        // came back to the form, after a pause; zero is never
	Read       bool             // read an answer after it
	Score      escalation.Score // said of how the ticket was solved; empty while nothing
}

// Follow notes what its visitor did later, in whatever order it comes to be known.
// Nothing of it is taken back.
func (t *Trigger) Follow(s Sequel) {
	if s.At.Before(t.At) {
		return
	}
	if s.Kind == ArticleRead {
		t.Read = true
		return
	}
	if s.Kind == TicketCreated && (t.Ticket.IsZero() || s.At.Before(t.Ticket)) {
		t.Ticket = s.At
	}
	if s.At.Sub(t.At) > Pause && (t.Again.IsZero() || s.At.Before(t.Again)) {
		t.Again = s.At
	}
}

// A Sequel is what may follow upon a trigger: a ticket ([TicketCreated]), the form
// that was opened ([FormOpen]), or an answer that was read ([ArticleRead]).
type Sequel struct {
	Visitor string
	At      time.Time
	Kind    Kind
}

// trigger returns the trigger that an event is, if it is one.
func (e *Event) trigger() (Trigger, bool) {
	if e.Kind != SuggestionEligible || e.Visitor == "" || e.Experiment == "" || e.Arm == "" {
		return Trigger{}, false
	}
	return Trigger{Experiment: e.Experiment, Visitor: e.Visitor, Arm: e.Arm, At: e.At}, true
}

// sequel returns the sequel that an event is, if it is one. Tickets come as a [Join]:
// they may be known by another way.
func (e *Event) sequel() (Sequel, bool) {
	s := Sequel{e.Visitor, e.At, e.Kind}
	switch {
	case e.Visitor == "":
		return s, false
	case e.Kind == FormOpen:
	case e.Kind == SuggestionClick, e.Kind == Confirm, e.Kind == VoteYes, e.Kind == ArticleOpen && read(*e):
		s.Kind = ArticleRead
	default:
		return s, false
	}
	return s, true
}
