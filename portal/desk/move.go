package desk

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// offer serves POST /desk/tickets/{number}/handoffs.
func (r *Room) offer(c *fiber.Ctx) error {
	f := receive(c, "handoff", "to", "problem", "untried", "asked", "by", "promised", "tell_customer")
	cmd := escalation.OfferCommand{
		Desk:    r.Desk(),
		Problem: f.get("problem"), Untried: f.get("untried"), Asked: f.get("asked"),
		By: f.time("by", r.Zone(c)), Promised: f.get("promised"), Tell: f.get("tell_customer"), Seen: f.Seen,
	}
	cmd.Team, cmd.Tier = f.place("to")
	cmd.Facts = f.facts(c)
	for i := 1; i <= escalation.MaxTried; i++ {
		var row escalation.Tried
		for what, to := range map[string]*string{"what": &row.What, "result": &row.Result} {
			name := triedName(i, what)
			*to = c.FormValue(name)
			f.typed[name] = *to
		}
		cmd.Tried = append(cmd.Tried, row)
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	cmd.Candidates = staff.Candidates(people, cmd.Team, cmd.Tier)
	cmd.Key = f.once()
	return r.change(c, f, "?done=offered", func(t *escalation.Ticket) (ch escalation.Change, err error) {
		if cmd.Type, err = r.TypeOf(c.UserContext(), t); err != nil {
			return ch, err
		}
		return t.Offer(cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// accept serves POST /desk/tickets/{number}/handoffs/{id}/accept.
func (r *Room) accept(c *fiber.Ctx) error {
	return r.change(c, receive(c, "accept"), "?done=accepted", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Accept(c.Params("id"), *r.Me(c), r.IDs, r.Now())
	})
}

// refuse serves POST /desk/tickets/{number}/handoffs/{id}/refuse. Missing facts
// are typed one to a line.
func (r *Room) refuse(c *fiber.Ctx) error {
	f := receive(c, "refuse", "reason", "missing", "text")
	cmd := escalation.RefuseCommand{Reason: f.get("reason"), Text: f.get("text")}
	for _, key := range web.Values(c, "refuse-fact") {
		f.typed["refuse-fact-"+key] = "1"
		cmd.Missing = append(cmd.Missing, key)
	}
	cmd.Missing = append(cmd.Missing, strings.FieldsFunc(f.get("missing"), func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' })...)
	return r.change(c, f, "?done=refused", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Refuse(c.Params("id"), cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// withdraw serves POST /desk/tickets/{number}/handoffs/{id}/withdraw.
func (r *Room) withdraw(c *fiber.Ctx) error {
	return r.change(c, receive(c, "withdraw"), "?done=withdrawn", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Withdraw(c.Params("id"), *r.Me(c), r.IDs, r.Now())
	})
}

// decide serves POST /desk/tickets/{number}/decide.
func (r *Room) decide(c *fiber.Ctx) error {
	f := receive(c, "decide", "to", "reason", "tell_customer")
	cmd := escalation.DecideCommand{Desk: r.Desk(), Reason: f.get("reason"), Tell: f.get("tell_customer")}
	cmd.Team, cmd.Tier = f.place("to")
	return r.change(c, f, "?done=decided", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Decide(cmd, *r.Me(c), r.IDs, r.Now())
	})
}
