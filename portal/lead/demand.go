package lead

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/demand"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A demandPage lists what people ask in vain.
type demandPage struct {
	web.Page
	Only string // language, or empty for all
	List demand.List
}

// demand serves GET /lead/demand.
func (r *Overview) demand(c *fiber.Ctx) error {
	p := demandPage{Page: r.Page(c, "lead", "demand.title")}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		p.Only = only
	}
	var err error
	if p.List, err = r.Demand.List(c.UserContext(), p.Only, r.Now()); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/demand", p)
}

// A linePage is one thing that people ask in vain.
type linePage struct {
	web.Page
	Line     demand.Line
	Reason   string // as typed
	MayWrite bool
}

func (r *Overview) linePage(c *fiber.Ctx) (linePage, error) {
	p := linePage{Page: r.Page(c, "lead", "demand.title")}
	var err error
	p.Line, err = r.Demand.Line(c.UserContext(), c.Params("id"), r.Now())
	p.Title = p.Line.Title
	p.MayWrite = p.Me.May(staff.EditArticles, nil)
	return p, err
}

// line serves GET /lead/demand/{id}.
func (r *Overview) line(c *fiber.Ctx) error {
	p, err := r.linePage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/line", p)
}

// dismiss serves POST /lead/demand/{id}/dismiss: nothing will be written, and
// the lead says why.
func (r *Overview) dismiss(c *fiber.Ctx) error {
	p, err := r.linePage(c)
	if err != nil {
		return err
	}
	p.Reason = c.FormValue("reason")
	d, err := demand.NewDecision(demand.Decision{Line: p.Line.ID, Choice: demand.Decline, Reason: p.Reason, By: p.Me.Ref(), At: r.Now()})
	if err == nil {
		err = r.Demand.Decide(c.UserContext(), d)
	}
	if err != nil {
		if p.Refuse(err) {
			return r.Render(c, fiber.StatusUnprocessableEntity, "lead/line", p)
		}
		return err
	}
	return web.Redirect(c, "/lead/demand")
}
