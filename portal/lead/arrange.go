package lead

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/portal/web"
)

// An arrangePage is a line with what can be done to it by hand: wordings that
// leave it, others it is joined with or kept apart from, and its title.
type arrangePage struct {
	web.Page
	Bench demand.Bench
	Given string         // as typed
	Other string         // as chosen
	Leave []demand.Query // as chosen
	Done  string         // what was just done
	Where string         // the other line of it, if it is shown
}

func (r *Demand) arrangePage(c *fiber.Ctx) (arrangePage, error) {
	p := arrangePage{Page: r.Page(c, "lead", "arrange.title")}
	var err error
	p.Bench, err = r.Lines.Bench(c.UserContext(), c.Params("id"), r.Now())
	p.Given = p.Bench.Given
	return p, err
}

// Leaves says whether a wording was chosen.
func (p arrangePage) Leaves(w demand.Wording) bool {
	return slices.Contains(p.Leave, demand.Query{Lang: w.Lang, Text: w.Text})
}

// Deed says what an act did to the line on the page.
func (p arrangePage) Deed(act demand.Act) string {
	key, other := "arrange.did."+string(act.Kind), act.Other
	if act.Other == p.Bench.ID {
		other = act.Line
		if act.Kind == demand.Split {
			key = "arrange.did.split_from"
		}
	}
	name := p.Bench.TitleOf(other)
	switch {
	case act.Kind == demand.Rename && act.Title == "":
		key = "arrange.did.unname"
	case act.Kind == demand.Rename:
		name = act.Title
	case name == "":
		name = p.T("arrange.unshown")
	}
	return p.T(key, "Name", name)
}

// arrange serves GET /lead/demand/{id}/arrange.
func (r *Demand) arrange(c *fiber.Ctx) error {
	p, err := r.arrangePage(c)
	if err != nil {
		return err
	}
	if p.Bench.ID != c.Params("id") { // it was joined to another
		return web.Redirect(c, "/lead/demand/"+p.Bench.ID+"/arrange")
	}
	switch done := demand.ActKind(c.Query("done")); done {
	case demand.Join, demand.Part, demand.Split, demand.Rename, demand.Apart, demand.Allow:
		p.Done = string(done)
	}
	if other := c.Query("other"); other != p.Bench.ID && p.Bench.TitleOf(other) != "" {
		p.Where = other
	}
	return r.Render(c, fiber.StatusOK, "lead/arrange", p)
}

// rearrange serves POST /lead/demand/{id}/arrange. What was done is shown on the
// page of the line, or of the other one if this one is shown no longer.
func (r *Demand) rearrange(c *fiber.Ctx) error {
	p, err := r.arrangePage(c)
	if err != nil {
		return err
	}
	act := demand.Act{Kind: demand.ActKind(c.FormValue("act")), Line: c.Params("id"), Other: c.FormValue("other"), Title: c.FormValue("title"), By: p.Me.Ref()}
	if act.Kind == "into" { // this one becomes part of the other
		if act.Kind = demand.Join; act.Other != "" {
			act.Line, act.Other = act.Other, act.Line
		}
	}
	for _, value := range web.Values(c, "wording") {
		lang, text, _ := strings.Cut(value, ":")
		p.Leave = append(p.Leave, demand.Query{Lang: lang, Text: text})
	}
	done, err := r.Lines.Arrange(c.UserContext(), act, p.Leave, r.Now())
	if err != nil {
		p.Other = c.FormValue("other")
		if act.Kind == demand.Rename {
			p.Given = act.Title
		}
		if !p.Refuse(err) {
			return err
		}
		status := fiber.StatusUnprocessableEntity
		if escalation.KindOf(err) == escalation.Conflict {
			status = fiber.StatusConflict
		}
		return r.Render(c, status, "lead/arrange", p)
	}
	q := url.Values{"done": {string(done.Kind)}}
	for i, line := range []string{done.Line, done.Other} {
		_, err := r.Lines.Line(c.UserContext(), line, r.Now())
		if err == nil {
			q.Set("other", []string{done.Other, done.Line}[i])
			return web.Redirect(c, "/lead/demand/"+line+"/arrange?"+q.Encode())
		}
		if e, ok := errors.AsType[*escalation.Error](err); !ok || e.Kind != escalation.NotFound {
			return err
		}
	}
	return web.Redirect(c, "/lead/demand")
}
