package lead

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// Macros is the room for the texts that agents put into what they write. They are parts
// of the desk, and kept as the others are.
type Macros struct{ *Desk }

// Mount gives the room its addresses.
func (r *Macros) Mount(app fiber.Router) {
	g := app.Group("/lead/desk", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("/macros", r.macros)
	g.Get("/macros/:id", r.showMacro)
	g.Post("/macros/:id", r.changeMacro)
}

// macros serves GET /lead/desk/macros.
func (r *Macros) macros(c *fiber.Ctx) error {
	p := struct {
		deskPage
		Macros []escalation.Macro
	}{deskPage: r.page(c, "config.macros")}
	p.Macros = p.Desk.Macros
	return r.Render(c, fiber.StatusOK, "lead/macros", p)
}

// A macroPage is the form for a macro.
type macroPage struct {
	deskPage
	Macro        escalation.Macro
	Now          escalation.Macro // as it is kept
	Placeholders []string
}

func (r *Macros) macroPage(c *fiber.Ctx) (*macroPage, error) {
	id := c.Params("id")
	p := &macroPage{deskPage: r.page(c, "macros.new"), Placeholders: escalation.Placeholders}
	p.Here("/lead/desk/macros/" + id)
	if p.New = id == newPart; p.New {
		return p, nil
	}
	m := p.Desk.Macro(id)
	if m == nil {
		return nil, fiber.ErrNotFound
	}
	p.Macro, p.Now, p.Title = *m, *m, m.Name.In(p.Lang)
	return p, nil
}

// showMacro serves GET /lead/desk/macros/{id}.
func (r *Macros) showMacro(c *fiber.Ctx) error {
	p, err := r.macroPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/macro", p)
}

// changeMacro serves POST /lead/desk/macros/{id}.
func (r *Macros) changeMacro(c *fiber.Ctx) error {
	p, err := r.macroPage(c)
	if err != nil {
		return err
	}
	id := partID(c)
	p.Macro = escalation.Macro{ID: id, Name: said(c, r.Web, "name"), Body: said(c, r.Web, "body")}
	now, status, err := macros.keep(c, r.Desk, &p.deskPage, id, macros.edit(c, &p.deskPage, p.Macro, nil))
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = *now
	}
	return r.Render(c, status, "lead/macro", p)
}
