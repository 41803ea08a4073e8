package desk

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// call serves POST /desk/tickets/{number}/alarms.
func (r *Room) call(c *fiber.Ctx) error {
	f := receive(c, "call", "cause")
	return r.change(c, f, "?done=called", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Call(f.get("cause"), *r.Me(c), r.IDs, r.Now())
	})
}

// acknowledge serves POST /desk/tickets/{number}/alarms/{id}/acknowledge.
func (r *Room) acknowledge(c *fiber.Ctx) error {
	f := receive(c, "acknowledge", "decision")
	return r.change(c, f, "?done=acknowledged", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Acknowledge(c.Params("id"), f.get("decision"), *r.Me(c), r.IDs, r.Now())
	})
}

// Marks says what marks note.
func (p *ticketPage) Marks(marks []escalation.Mark) string {
	var words []string
	for _, m := range marks {
		key := "mark." + m.Rule
		switch {
		case m.Cause != "":
			key = "alarm." + m.Cause
		case m.Rule == escalation.ByAge && m.Percent < 100:
			key = "mark.part"
		}
		what := ""
		if m.Clock != "" && !m.Clock.Internal() {
			what = p.T("clock." + string(m.Clock))
		}
		words = append(words, p.T(key, "Percent", m.Percent, "Clock", what))
	}
	return strings.Join(words, "; ")
}

// ByRule says why a rule offers the ticket.
func (p *ticketPage) ByRule(rule string) string {
	if key := "handoff." + rule; p.Has(key) {
		return p.T(key)
	}
	return p.T("handoff.by_type")
}
