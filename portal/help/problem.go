package help

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal/web"
)

// A fault is the known problem that a request has, as its requester reads it.
type fault struct {
	Tell, TellLang string // what is said of it; may be empty
	Title, Path    string // of the article that helps meanwhile; may be empty
	Lang           string
}

// fault returns the known problem of a request while it is open; nil for none. What
// cannot be read is left out: the rest of the page is worth more.
func (r *Room) fault(c *fiber.Ctx, t *escalation.Ticket, lang string) *fault {
	if r.Problem == nil || t.Problem == nil || t.Problem.Solved || t.State == escalation.Closed || !t.Erased.IsZero() {
		return nil
	}
	versions, err := r.Problem(c.UserContext(), t.Problem.ID)
	if err != nil {
		r.Log.WarnContext(c.UserContext(), "known problem not read", "error", err, "request", web.RequestID(c))
		return nil
	}
	p := versions[0]
	if !p.Solved.IsZero() {
		return nil
	}
	f := fault{Tell: p.Tell[lang], TellLang: lang}
	if f.Tell == "" {
		f.Tell, f.TellLang = p.Tell[t.Lang], t.Lang // which they write themselves
	}
	if p.Article == "" {
		return &f
	}
	if a := r.Articles.Library().BestFor(p.Article, lang, t.Lang); a != nil && a.Live(r.Now()) && a.Audience != content.Agents {
		f.Title, f.Path, f.Lang = a.Title, a.Path(), a.Lang
	}
	return &f
}
