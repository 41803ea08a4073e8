package write

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Corrections is what readers say should change in articles.
type Corrections interface {
	// OpenCorrections returns those that wait, the oldest first; of one article, or
	// of all without a key.
	OpenCorrections(ctx context.Context, article string, limit int) ([]escalation.Correction, error)
	CountCorrections(ctx context.Context) (int, error)
	// DecideCorrection keeps what decide makes of one.
	DecideCorrection(ctx context.Context, id string, decide func(escalation.Correction) (escalation.Correction, error)) error
}

// A said is a correction with the article that it is about.
type said struct {
	escalation.Correction
	About *content.Article // nil when it is gone
	Edit  string           // address of its editor
	Since bool             // the article has changed since it was read
}

// about finds the articles of corrections.
func (r *Room) about(list []escalation.Correction) []said {
	lib := r.Articles.Library()
	out := make([]said, len(list))
	for i, c := range list {
		out[i] = said{Correction: c}
		if a := lib.ByKey(c.Article, c.Lang); a != nil {
			out[i].About, out[i].Edit, out[i].Since = a, editPath(a.File), a.Hash != c.Revision
		}
	}
	return out
}

// A correctionsPage lists what readers say.
type correctionsPage struct {
	web.Page
	List  []said
	Total int
	May   bool // decide
	Done  bool
}

// corrections serves GET /write/suggestions: what waits, the oldest first.
func (r *Room) corrections(c *fiber.Ctx) error {
	return r.showCorrections(c, fiber.StatusOK, nil)
}

func (r *Room) showCorrections(c *fiber.Ctx, status int, refused error) error {
	p := correctionsPage{Page: r.Page(c, "write", "corrections.title"), Done: c.Query("done") != "" && refused == nil}
	p.May = p.Me.May(staff.EditArticles, nil)
	if refused != nil && !p.Refuse(refused) {
		return refused
	}
	list, err := r.Corrections.OpenCorrections(c.UserContext(), "", web.AtOnce)
	if err != nil {
		return err
	}
	if p.Total, err = r.Corrections.CountCorrections(c.UserContext()); err != nil {
		return err
	}
	p.List = r.about(list)
	return r.Render(c, status, "write/corrections", p)
}

// decide serves POST /write/suggestions/{id}: a writer has done what was said, or
// will not.
func (r *Room) decide(c *fiber.Ctx) error {
	by := r.Me(c).Ref()
	err := r.Corrections.DecideCorrection(c.UserContext(), c.Params("id"), func(said escalation.Correction) (escalation.Correction, error) {
		return said.Decide(escalation.CorrectionState(c.FormValue("do")), by, r.Now())
	})
	if err != nil {
		return r.showCorrections(c, web.Status(escalation.KindOf(err)), err)
	}
	return web.Redirect(c, "/write/suggestions?done=1")
}
