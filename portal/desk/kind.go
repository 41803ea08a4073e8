package desk

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// setType serves POST /desk/tickets/{number}/type.
func (r *Room) setType(c *fiber.Ctx) error {
	f := receive(c, "type", "type")
	return r.change(c, f, "#kind", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.SetType(escalation.TypeCommand{Desk: r.Desk(), Type: f.get("type")}, *r.Me(c), r.IDs, r.Now())
	})
}

// setStage serves POST /desk/tickets/{number}/stage.
func (r *Room) setStage(c *fiber.Ctx) error {
	f := receive(c, "stage", "stage")
	return r.change(c, f, "#kind", func(t *escalation.Ticket) (escalation.Change, error) {
		kind, err := r.TypeOf(c.UserContext(), t)
		if err != nil {
			return escalation.Change{}, err
		}
		return t.SetStage(escalation.StageCommand{Type: kind, Stage: f.get("stage")}, *r.Me(c), r.IDs, r.Now())
	})
}

// stageName says the name of a stage by its key.
func (p *ticketPage) stageName(key string) string {
	for _, s := range p.Passages() {
		if s.Key() == key {
			return s.Name.In(p.Lang)
		}
	}
	return key
}

// Passages are the stages of the ticket's type, and how it went through them.
func (p *ticketPage) Passages() []escalation.Passage { return p.Ticket.Passages(p.Kind) }

// route serves POST /desk/tickets/{number}/route: what is known now of the facts that
// the type asks for, and, by its other button, the ticket goes to the type's team.
func (r *Room) route(c *fiber.Ctx) error {
	f := receive(c, "route")
	cmd := escalation.RouteCommand{Desk: r.Desk(), FactsCommand: escalation.FactsCommand{Facts: f.facts(c)}}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	goes, then := c.FormValue("do") == "route", "#kind"
	if goes {
		then = "?done=offered"
	}
	return r.change(c, f, then, func(t *escalation.Ticket) (ch escalation.Change, err error) {
		if cmd.Type, err = r.TypeOf(c.UserContext(), t); err != nil {
			return ch, err
		}
		if !goes {
			return t.SayFacts(cmd.FactsCommand, *r.Me(c), r.IDs, r.Now())
		}
		if cmd.Type != nil {
			cmd.Candidates = staff.Candidates(people, cmd.Type.Team, cmd.Type.Tier)
		}
		return t.Route(cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// Missing are the facts that the ticket's type asks for at a moment, and nobody has
// said.
func (p *ticketPage) Missing(at escalation.NeedTime) []escalation.Need {
	if p.Kind == nil {
		return nil
	}
	return p.Kind.Missing(p.Ticket, at)
}

// Unknown are those of all moments.
func (p *ticketPage) Unknown() (unknown []escalation.Need) {
	if p.Kind == nil {
		return nil
	}
	for _, n := range p.Kind.Needs {
		if !n.Known(p.Ticket) {
			unknown = append(unknown, n)
		}
	}
	return unknown
}

// Elsewhere says whether the type's team is another one than the ticket's, and not
// below it.
func (p *ticketPage) Elsewhere() bool {
	return p.Kind != nil && (p.Kind.Team != p.Ticket.Team || p.Kind.Tier != p.Ticket.Tier) && p.Kind.Tier >= p.Ticket.Tier
}

// askMissing fills in questions to the customer about what is not known: what a
// refusal named, else what the type asks for.
func (p *ticketPage) askMissing() {
	questions, lang := slices.Clone(p.Lacks), p.Ticket.Lang
	if len(questions) == 0 {
		for _, n := range p.Unknown() {
			questions = append(questions, escalation.Question{Key: n.Key, Text: n.Name.In(lang), Why: n.Why.In(lang)})
		}
	}
	questions = slices.DeleteFunc(questions, func(q escalation.Question) bool {
		n := p.Kind.Need(q.Key)
		return n != nil && n.Kind == escalation.FindingValue // it is for staff to find out
	})
	for i, q := range questions[:min(len(questions), escalation.MaxQuestions)] {
		name := p.FactName(q.Key)
		if q.Key == escalation.FactKey(q.Text) && !slices.Contains(namedKeys(p.Kind), q.Key) {
			name = q.Text // as whoever refused wrote it
		}
		p.Form.typed[askedName(i+1, "key")] = name
		p.Form.typed[askedName(i+1, "text")] = q.Text
		p.Form.typed[askedName(i+1, "why")] = q.Why
	}
	p.Do = "ask"
	p.rows()
}

// lacks are the facts for which the last offer was refused, and that nobody has said or
// asked since, as questions in the customer's language.
func (p *ticketPage) lacks(theirs speaker) (questions []escalation.Question) {
	t := p.Ticket
	n := len(t.Handoffs)
	if n == 0 || t.Handoffs[n-1].State != escalation.Refused {
		return nil
	}
	for i, m := range t.Handoffs[n-1].Missing {
		q := escalation.Question{Key: escalation.FactKey(m), Text: m, Why: theirs.T("desk.lacking_why")}
		switch {
		case q.Key == "":
			q.Key = "missing_" + strconv.Itoa(i+1)
		case slices.Contains(factKeys, m):
			q.Text = theirs.T("fact." + m)
		}
		if need := p.Kind.Need(m); need != nil {
			q.Key, q.Text, q.Why = m, need.Name.In(t.Lang), need.Why.In(t.Lang)
		}
		_, known := t.Knows(q.Key, p.Kind)
		if !known && !slices.ContainsFunc(t.Questions, func(o escalation.Question) bool { return o.Key == q.Key }) {
			questions = append(questions, q)
		}
	}
	return questions
}

// typeName says a kind of request.
func (p *ticketPage) typeName(id string) string {
	if p.Kind != nil && p.Kind.ID == id {
		return p.Kind.Name.In(p.Lang)
	}
	for _, t := range p.Types {
		if t.ID == id {
			return t.Name.In(p.Lang)
		}
	}
	return id
}
