package desk

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// consult serves POST /desk/tickets/{number}/consults: something is asked of all who are
// chosen, or, by its other button, the form gets room for one more.
func (r *Room) consult(c *fiber.Ctx) error {
	names := []string{"to", "question", "by"}
	rows := 1
	for ; rows < escalation.MaxConsults && c.FormValue("consult-by"+row(rows+1))+c.FormValue("consult-to"+row(rows+1)) != ""; rows++ {
		names = append(names, "to"+row(rows+1), "by"+row(rows+1))
	}
	f := receive(c, "consult", names...)
	if c.FormValue("do") == "more" {
		p, err := r.kept(c, f)
		if err != nil {
			return err
		}
		if rows < escalation.MaxConsults {
			p.Form.typed["consult-by"+row(rows+1)] = f.get("by")
		}
		p.rows()
		return r.show(c, fiber.StatusOK, p)
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	asking := func(row string) escalation.Asking {
		a := escalation.Asking{By: f.time("by"+row, r.Zone(c))}
		a.Team, a.Tier = f.place("to" + row)
		if parts := strings.Split(f.get("to"+row), "/"); len(parts) == 3 {
			a.Staff = parts[2]
		}
		a.Candidates = staff.Candidates(people, a.Team, a.Tier)
		return a
	}
	one := asking("")
	cmd := escalation.ConsultCommand{
		Desk: r.Desk(), Question: f.get("question"), Team: one.Team, Tier: one.Tier, Staff: one.Staff, By: one.By, Candidates: one.Candidates,
	}
	for i := 2; i <= rows; i++ {
		cmd.Also = append(cmd.Also, asking(row(i)))
	}
	cmd.Key = f.once()
	return r.change(c, f, "?done=consulted", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Consult(cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// row ends the names of the fields of the i-th who is asked.
func row(i int) string {
	if i == 1 {
		return ""
	}
	return "-" + strconv.Itoa(i)
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
	StateIs          string
	When, Due        template.HTML
	Late             bool
	Advise, Withdraw bool // the reader may
}

// Together says who was asked at once with those who are still asked, and who has
// answered.
func (p *ticketPage) Together() (list []consult) {
	called := map[string]string{}
	for id, who := range p.people {
		called[id] = who.Name
	}
	for _, k := range p.Ticket.Together() {
		c := consult{Consult: k, Of: p.asked(&k, called), Due: p.When(k.By), Late: k.State == escalation.Asked && k.By.Before(p.now), StateIs: p.T("consult." + string(k.State))}
		if k.State == escalation.Answered {
			c.StateIs = p.T("consult.answered_by", "Name", p.who(k.AnsweredBy))
		}
		list = append(list, c)
	}
	return list
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
type expert struct {
	Value, Name string
	Skills      []string // of those that the ticket wants, by name
}

// Says names an expert, with what makes them one.
func (e expert) Says() string {
	if len(e.Skills) == 0 {
		return e.Name
	}
	return e.Name + " – " + strings.Join(e.Skills, ", ")
}
