package escalation

import (
	"errors"
	"slices"
	"strconv"
	"time"
)

// A Consult is a question to the experts of a team at a tier. The ticket stays where it
// is and with whom it is, and counts as its tier; the customer hears nothing of it.
// Several at once are a swarm.
type Consult struct {
	ID       string    `json:"id"`
	From     ActorRef  `json:"from"`
	Team     string    `json:"team"`
	Tier     int       `json:"tier"`
	Staff    string    `json:"staff,omitempty"` // id of who is asked in particular; the others of the team may answer too
	Question string    `json:"question"`
	By       time.Time `json:"by"`

	State      ConsultState `json:"state"`
	Asked      time.Time    `json:"asked"`
	Answered   time.Time    `json:"answered,omitzero"` // or withdrawn
	AnsweredBy ActorRef     `json:"answered_by,omitzero"`
}

// A ConsultState says what became of a consult.
type ConsultState string

// The states of a consult.
const (
	Asked            ConsultState = "asked"
	Answered         ConsultState = "answered"
	ConsultWithdrawn ConsultState = "withdrawn" // by somebody, or because the ticket was settled
)

// MaxConsults is how many a ticket may have open at once.
const MaxConsults = 10

// OpenConsults returns those that wait for an answer, the oldest first.
func (t *Ticket) OpenConsults() []Consult {
	var list []Consult
	for _, k := range t.Consults {
		if k.State == Asked {
			list = append(list, k)
		}
	}
	return list
}

// A ConsultCommand is a question to experts, as somebody fills it in.
type ConsultCommand struct {
	Desk     *Desk // that is in force
	Team     string
	Tier     int
	Staff    string // one of Candidates, or empty
	Question string
	By       time.Time
	Key      string // the same form sent twice asks once

	// Candidates are the ids of the staff who could answer, as in [OfferCommand].
	Candidates []string

	Also []Asking // others who are asked the same at once; those without a team are left out
}

// An Asking is of whom something is asked besides, and until when.
type Asking struct {
	Team       string
	Tier       int
	Staff      string
	By         time.Time
	Candidates []string
}

// at names the field of one of several.
func at(field string, i int) string {
	if i == 0 {
		return field
	}
	return field + "-" + strconv.Itoa(i+1)
}

// Consult asks the experts of a team something, or those of several: then each answers
// for themselves, and withdrawing one question leaves the others. It moves nothing.
func (t *Ticket) Consult(c ConsultCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Ask); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	key, err := sameForm(c.Key)
	if err != nil {
		return Change{}, err
	}
	question, err := wanted("question", c.Question, "error.consult_question", MaxLine)
	if err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	for i, a := range append([]Asking{{c.Team, c.Tier, c.Staff, c.By, c.Candidates}}, c.Also...) {
		if i > 0 && a.Team == "" {
			continue
		}
		k, err := a.consult(c.Desk, i, d.by, d.now)
		if err != nil {
			return Change{}, err
		}
		asked := d.t.OpenConsults()
		if slices.ContainsFunc(asked[len(t.OpenConsults()):], func(o Consult) bool { return o.Team == k.Team && o.Tier == k.Tier && o.Staff == k.Staff }) {
			return Change{}, invalid(at("team", i), "error.consult_twice", nil)
		}
		if len(asked) >= MaxConsults {
			return Change{}, conflict("error.consults_many", map[string]any{"Max": MaxConsults})
		}
		k.ID, k.Question = ids(), question
		d.add(Entry{Kind: Happened, Key: key, Event: &Event{Kind: EventConsulted, Consult: &k}})
		key = "" // the first of them stands for the form
	}
	return d.change()
}

// consult is what is asked there, without its words, as the i-th of several.
func (a *Asking) consult(d *Desk, i int, from ActorRef, now time.Time) (Consult, error) {
	k := Consult{From: from, Team: a.Team, Tier: a.Tier, Staff: a.Staff, State: Asked, Asked: now}
	err := d.place(a.Team, a.Tier)
	if wrong, ok := errors.AsType[*Error](err); ok {
		n := *wrong
		n.Field = at(n.Field, i)
		return k, &n
	}
	others := slices.DeleteFunc(slices.Clone(a.Candidates), func(id string) bool { return id == from.ID })
	if len(others) == 0 || a.Staff != "" && !slices.Contains(others, a.Staff) {
		return k, invalid(at("team", i), "error.consult_nobody", map[string]any{"Team": TeamID(a.Team), "Tier": a.Tier})
	}
	k.By, err = future(at("by", i), a.By, now)
	return k, err
}

// Together are the questions that were asked at once with one that is open, when there
// are several: who sees the ticket sees who has answered.
func (t *Ticket) Together() []Consult {
	var list []Consult
	for _, k := range t.Consults {
		same := func(o Consult) bool { return o.Asked.Equal(k.Asked) && o.From == k.From }
		first := slices.IndexFunc(t.Consults, same)
		if slices.ContainsFunc(t.OpenConsults(), same) && slices.ContainsFunc(t.Consults[first+1:], same) {
			list = append(list, k)
		}
	}
	return list
}

// consult returns an open one, if the actor sees the ticket.
func (t *Ticket) consult(id string, by Actor) (Consult, error) {
	if err := t.staffMay(by, Read); err != nil {
		return Consult{}, err
	}
	i := slices.IndexFunc(t.Consults, func(k Consult) bool { return k.ID == id })
	if i < 0 {
		return Consult{}, &Error{Kind: NotFound, Reason: "error.no_consult"}
	}
	if t.Consults[i].State != Asked {
		return Consult{}, conflict("error.consult_answered", nil)
	}
	return t.Consults[i], nil
}

// Advise answers a consult by a note, which closes it. Who asked does not answer: a
// note, or that the question is withdrawn, says the same.
func (t *Ticket) Advise(id string, m Message, by Actor, ids func() string, now time.Time) (Change, error) {
	if t.again(m.Key) {
		return Change{Ticket: *t}, t.staffMay(by, Read)
	}
	k, err := t.consult(id, by)
	if err != nil {
		return Change{}, err
	}
	if !t.Advisable(k, by) {
		return Change{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	if err := m.check(len(m.Files) == 0); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.add(m.entry(Internal, &Event{Kind: EventAdvised, ConsultID: k.ID}))
	return d.change()
}

// asking is the ticket as if this were the only thing that is asked: rights are asked
// for of each.
func (t *Ticket) asking(k Consult) *Ticket {
	n := *t
	n.Consults = []Consult{k}
	return &n
}

// Advisable says whether somebody may answer a consult.
func (t *Ticket) Advisable(k Consult, by Actor) bool {
	return k.State == Asked && by.Ref().ID != k.From.ID && by.May(Advise, t.asking(k))
}

// Unask withdraws a consult: who asked does so, who works on the ticket, or who may
// decide over it.
func (t *Ticket) Unask(id string, by Actor, ids func() string, now time.Time) (Change, error) {
	k, err := t.consult(id, by)
	if err != nil {
		return Change{}, err
	}
	if who := by.Ref().ID; who == "" || who != k.From.ID && who != t.Assignee && !by.May(Decide, t) {
		return Change{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventUnasked, ConsultID: k.ID})
	return d.change()
}

// settle ends an open consult.
func (t *Ticket) settle(id string, s ConsultState, e Entry) bool {
	for i := range t.Consults {
		if k := &t.Consults[i]; k.ID == id && k.State == Asked {
			k.State, k.Answered, k.AnsweredBy = s, e.At, e.By
			return true
		}
	}
	return false
}

// unask ends all open consults: nothing is left to do.
func (t *Ticket) unask(e Entry) {
	for _, k := range t.OpenConsults() {
		t.settle(k.ID, ConsultWithdrawn, e)
	}
}
