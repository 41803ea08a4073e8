package staff

import (
	"slices"

	"primalinea/escalation"
)

// A Notice is what somebody wants to hear of by letter: "new", a ticket that they
// may take, "returned", one of theirs that came back, or "alarm", that its time runs
// out or a lead is called.
type Notice string

// The notices. The catalog has them as "notice.<notice>".
const (
	NewNotice      Notice = "new"
	ReturnedNotice Notice = "returned"
	AlarmNotice    Notice = "alarm" // time runs out, or a lead is called
)

// Notices are all of them, in the order of forms.
var Notices = []Notice{NewNotice, ReturnedNotice, AlarmNotice}

// Letter returns the kind of a notice's letter.
func (n Notice) Letter() escalation.LetterKind {
	switch n {
	case NewNotice:
		return escalation.NewNoticeLetter
	case AlarmNotice:
		return escalation.AlarmNoticeLetter
	}
	return escalation.ReturnedNoticeLetter
}

// List returns where what a notice tells of is listed.
func (n Notice) List() string {
	if n == NewNotice {
		return "/desk?view=offered"
	}
	return "/desk?view=alarms"
}

// Wants says whether a person can be told something by letter, and asked for it.
func (p *Person) Wants(n Notice) bool { return p.active() && slices.Contains(p.Notices, n) }

// Told is somebody who is to hear of a change, and of what.
type Told struct {
	Person Person
	Notice Notice
	Entry  string // id of what they hear of
	Many   bool   // a rule does so to many tickets at once: one letter is enough for all
}

// ToTell returns those of people who want to hear of a change: who may take what
// was opened, or accept what was offered to their team; and owner and assignee of
// what came back, because the requester wrote, an offer was refused, an expert
// or who did a task answered, or a colleague left; experts of what they are asked. Nobody is told of what
// they did themselves, nor of what may be spam; what
// is cleared is as good as opened.
func ToTell(c escalation.Change, people []Person) []Told {
	t := &c.Ticket
	if t.Doubt != "" {
		return nil
	}
	var told []Told
	var of escalation.Entry
	tell := func(n Notice, by escalation.ActorRef, ids ...string) {
		for _, p := range people {
			if !slices.Contains(ids, p.ID) || !p.Wants(n) || by.Person() && by.ID == p.ID {
				continue
			}
			i := slices.IndexFunc(told, func(t Told) bool { return t.Person.ID == p.ID })
			one := Told{p, n, of.ID, of.By.Kind == escalation.BySystem}
			switch {
			case i < 0:
				told = append(told, one)
			case n == AlarmNotice: // that is what they have to look at
				told[i] = one
			}
		}
	}
	for _, e := range c.Entries {
		if e.Event == nil {
			continue
		}
		of = e
		switch ev := e.Event; ev.Kind {
		case escalation.EventMarked:
			if a := t.Alarm(); a != nil && ev.AlarmID == a.ID {
				tell(AlarmNotice, e.By, Rung(people, t.Team, a.Rung)...)
			} else if !slices.ContainsFunc(ev.Marks, func(m escalation.Mark) bool { return m.Alarm }) {
				tell(AlarmNotice, e.By, append(Rung(people, t.Team, escalation.TeamLeads), t.Assignee)...)
			}
		case escalation.EventRaised:
			tell(AlarmNotice, e.By, Rung(people, t.Team, ev.Rung)...)
		case escalation.EventOpened:
			by := e.By
			if ev.WrittenBy != nil {
				by = *ev.WrittenBy
			}
			tell(NewNotice, by, Candidates(people, t.Team, t.Tier)...)
		case escalation.EventCleared:
			if t.Assignee == "" {
				tell(NewNotice, e.By, Candidates(people, t.Team, t.Tier)...)
			}
		case escalation.EventOffered:
			if h := t.Pending(); h != nil && h.ID == ev.Handoff.ID {
				tell(NewNotice, e.By, Candidates(people, h.Team, h.Tier)...)
			}
		case escalation.EventConsulted:
			if k := ev.Consult; k.Staff != "" {
				tell(NewNotice, e.By, k.Staff)
			} else {
				tell(NewNotice, e.By, Candidates(people, k.Team, k.Tier)...)
			}
		case escalation.EventAdvised:
			for _, k := range t.Consults {
				if k.ID == ev.ConsultID {
					tell(ReturnedNotice, e.By, k.From.ID, t.Assignee)
				}
			}
		case escalation.EventReplied, escalation.EventReopened:
			tell(ReturnedNotice, e.By, t.Owner, t.Assignee)
		case escalation.EventRefused:
			from := ""
			for _, h := range t.Handoffs {
				if h.ID == ev.HandoffID {
					from = h.From.ID
				}
			}
			tell(ReturnedNotice, e.By, t.Owner, t.Assignee, from)
		case escalation.EventTaskAnswered:
			for _, who := range ev.Called {
				tell(ReturnedNotice, e.By, who.ID)
			}
		case escalation.EventInherited:
			tell(ReturnedNotice, e.By, ev.Staff)
		}
	}
	return told
}
