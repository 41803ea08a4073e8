package lead

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A stepsPage is the form for the steps that requests of a type can try.
type stepsPage struct {
	deskPage
	Type  *escalation.RequestType
	Now   *escalation.RequestType // as it is kept
	List  []escalation.Remedy     // as typed
	Risks []escalation.Risk
}

// Steps are the steps, and room for one more.
func (p *stepsPage) Steps() []escalation.Remedy {
	return roomy(p.List, escalation.MaxRemedies, escalation.Remedy{Minutes: 5, Risk: escalation.NoRisk})
}

// Articles are the keys of a step's articles, one to a line.
func (p *stepsPage) Articles(s escalation.Remedy) string { return strings.Join(s.Articles, "\n") }

func (r *Desk) stepsPage(c *fiber.Ctx) (*stepsPage, error) {
	p := &stepsPage{deskPage: r.page(c, "steps.title_of"), Risks: escalation.Risks}
	if p.Type = p.Desk.Type(c.Params("id")); p.Type == nil {
		return nil, fiber.ErrNotFound
	}
	p.Here("/lead/desk/types/" + p.Type.ID + "/steps")
	p.Now, p.List, p.Title = p.Type, p.Type.Steps, p.T("steps.title_of", "Type", p.Type.Name.In(p.Lang))
	return p, nil
}

// showSteps serves GET /lead/desk/types/{id}/steps.
func (r *Desk) showSteps(c *fiber.Ctx) error {
	p, err := r.stepsPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/desk-steps", p)
}

// changeSteps serves POST /lead/desk/types/{id}/steps.
func (r *Desk) changeSteps(c *fiber.Ctx) error {
	p, err := r.stepsPage(c)
	if err != nil {
		return err
	}
	id := p.Type.ID
	p.List = nil
	for i := range escalation.MaxRemedies {
		at := fmt.Sprintf("steps.%d.", i)
		text := func(name string) escalation.Text { return said(c, r.Web, at+name) }
		s := escalation.Remedy{
			ID: strings.TrimSpace(c.FormValue(at + "id")), What: text("what"), Why: text("why"), Outcomes: text("outcomes"), Evidence: text("evidence"),
			Risk: escalation.Risk(c.FormValue(at + "risk")), Articles: strings.Fields(c.FormValue(at + "articles")),
		}
		s.Minutes, _ = strconv.Atoi(strings.TrimSpace(c.FormValue(at + "minutes"))) // no number is no time
		if s.ID != "" || len(s.What)+len(s.Why) > 0 {
			p.List = append(p.List, s)
		}
	}
	ok, status, err := r.save(c, &p.deskPage, "types."+id, func(d *escalation.Desk) any { return d.Type(id) }, func(d *escalation.Desk) error {
		d.Types = slices.Clone(d.Types)
		d.Type(id).Steps = p.List
		return nil
	})
	if err != nil {
		return err
	}
	if ok {
		return web.Redirect(c, "/lead/desk/types/"+id+"?done=1")
	}
	if now := p.Desk.Type(id); now != nil {
		p.Now = now
	}
	return r.Render(c, status, "lead/desk-steps", p)
}
