package desk

import (
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// consult serves POST /desk/tickets/{number}/consults.
func (r *Room) consult(c *fiber.Ctx) error {
	f := receive(c, "consult", "to", "question", "by")
	cmd := escalation.ConsultCommand{Desk: r.Desk(), Question: f.get("question"), By: f.time("by", r.Zone(c))}
	cmd.Team, cmd.Tier = f.place("to")
	if parts := strings.Split(f.get("to"), "/"); len(parts) == 3 {
		cmd.Staff = parts[2]
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	cmd.Candidates = staff.Candidates(people, cmd.Team, cmd.Tier)
	return r.change(c, f, "?done=consulted", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Consult(cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// advise serves POST /desk/tickets/{number}/consults/{id}/answer.
func (r *Room) advise(c *fiber.Ctx) error {
	f := receive(c, "advise", "text")
	f.About = c.Params("id")
	return r.change(c, f, "?done=advised", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Advise(f.About, f.message(), *r.Me(c), r.IDs, r.Now())
	})
}

// unask serves POST /desk/tickets/{number}/consults/{id}/withdraw.
func (r *Room) unask(c *fiber.Ctx) error {
	return r.change(c, receive(c, "unask"), "?done=unasked", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Unask(c.Params("id"), *r.Me(c), r.IDs, r.Now())
	})
}

// A consult is a question to experts that waits for its answer, in words.
type consult struct {
	escalation.Consult
	Of, FromWho      string
	When, Due        template.HTML
	Late             bool
	Advise, Withdraw bool // the reader may
}

// consults says what experts are asked now.
func (p *ticketPage) consults(me staff.Person, called map[string]string) (list []consult) {
	t := p.Ticket
	for _, k := range t.OpenConsults() {
		list = append(list, consult{
			Consult: k,
			Of:      p.asked(&k, called), FromWho: p.who(k.From),
			When: p.When(k.Asked), Due: p.When(k.By), Late: k.By.Before(p.now),
			Advise:   t.Advisable(k, me),
			Withdraw: k.From.ID == me.ID || p.Mine || me.May(escalation.Decide, t),
		})
	}
	return list
}

// asked is of whom something is asked.
func (p *ticketPage) asked(k *escalation.Consult, called map[string]string) string {
	if name := called[k.Staff]; name != "" {
		return name + ", " + p.At(k.Team, k.Tier)
	}
	return p.At(k.Team, k.Tier)
}

// An expert is one of those who may be asked at a place.
type expert struct{ Value, Name string }
