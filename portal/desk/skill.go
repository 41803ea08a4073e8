package desk

import (
	"slices"
	"strings"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// A want is a skill that the ticket wants, and who has it of those who can be asked.
type want struct {
	escalation.Skill
	Who string // empty: nobody
}

// mostNamed is how many are named of those who have a skill.
const mostNamed = 8

// wants says which skills the ticket wants.
func (p *ticketPage) wants(desk *escalation.Desk, people []staff.Person) {
	for _, s := range desk.Wanted(p.Ticket, p.Kind) {
		var names []string
		for _, q := range people {
			if s.Has(q.ID) && q.Answers() {
				names = append(names, q.Name)
			}
		}
		if len(names) > mostNamed {
			names = append(names[:mostNamed], "…")
		}
		p.Wants = append(p.Wants, want{s, strings.Join(names, ", ")})
	}
}

// skills names those that somebody has of what the ticket wants.
func (p *ticketPage) skills(id string) []string {
	var names []string
	for _, w := range p.Wants {
		if w.Has(id) {
			names = append(names, w.Name.In(p.Lang))
		}
	}
	return names
}

// there names what some of several have of it.
func (p *ticketPage) there(several []expert) string {
	var names []string
	for _, w := range p.Wants {
		name := w.Name.In(p.Lang)
		if slices.ContainsFunc(several, func(e expert) bool { return slices.Contains(e.Skills, name) }) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
