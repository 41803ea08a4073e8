package help

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// An ownPage is what is kept of this browser, for who uses it to see and erase.
type ownPage struct {
	page
	Owns    []journey.Own
	Refuses bool // the browser asks not to be followed
	Done    bool
	Days    int // for how many steps are kept
}

// own serves GET /{lang}/trail.
func (r *Room) own(c *fiber.Ctx) error {
	p := ownPage{page: r.page(c, false, "own.title"), Refuses: web.Private(c), Done: c.Query("done") != ""}
	p.NoIndex, p.Days = true, r.Site().Retention.Of("steps")
	var err error
	if p.Owns, err = r.Trails.Owns(c.UserContext(), r.visitorKey(c, r.Visitor(c))); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "help/own", p)
}

// forget serves POST /{lang}/trail: what is kept of this browser is erased, and so is
// its name.
func (r *Room) forget(c *fiber.Ctx) error {
	if err := r.Trails.Forget(c.UserContext(), r.visitorKey(c, r.Visitor(c))); err != nil {
		return err
	}
	r.ForgetVisitor(c)
	return web.Redirect(c, "/"+c.Params("lang")+"/trail?done=1")
}
