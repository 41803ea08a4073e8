package desk

import (
	"cmp"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// setPriority serves POST /desk/tickets/{number}/priority.
func (r *Room) setPriority(c *fiber.Ctx) error {
	f := receive(c, "priority", "impact", "urgency", "reason")
	return r.change(c, f, "?done=prioritized#kind", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.SetPriority(escalation.PriorityCommand{
			Impact: escalation.Degree(f.get("impact")), Urgency: escalation.Degree(f.get("urgency")), Reason: f.get("reason"),
		}, *r.Me(c), r.IDs, r.Now())
	})
}

// A rank is a priority in words.
type rank struct{ Says, Colour string }

// rank says a priority, and the colour that is beside its words.
func ranked(s speaker, priority int) rank {
	return rank{s.T("priority." + strconv.Itoa(priority)), map[int]string{escalation.TopPriority: "bad", 2: "warn"}[priority]}
}

// Rank is the ticket's.
func (p *ticketPage) Rank() rank { return ranked(p.Speaker, p.Ticket.Priority()) }

// Degrees are those of impact and urgency.
func (p *ticketPage) Degrees() []escalation.Degree { return escalation.Degrees }

// weighed says how a priority comes about.
func (p *ticketPage) weighed(impact, urgency escalation.Degree) string {
	return p.T("priority.because", "Priority", ranked(p.Speaker, escalation.PriorityOf(impact, urgency)).Says,
		"Impact", p.T("impact."+string(impact)), "Urgency", p.T("urgency."+string(urgency)))
}

// proposePriority fills the form in with what the ticket has.
func (p *ticketPage) proposePriority() {
	p.Form.typed["priority-impact"] = string(cmp.Or(p.Ticket.Impact, escalation.Medium))
	p.Form.typed["priority-urgency"] = string(cmp.Or(p.Ticket.Urgency, escalation.Medium))
}
