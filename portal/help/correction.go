package help

import (
	"context"
	"crypto/rand"
	"regexp"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal/web"
)

// Corrections is where what readers say about articles is kept.
type Corrections interface {
	// AddCorrection keeps one; of two with the same ID the first.
	AddCorrection(ctx context.Context, c escalation.Correction) error
}

// A correctionPage is the form in which a reader says what should change.
type correctionPage struct {
	page
	Article     *content.Article
	To          string // address of the article
	Text, Email string
	Key         string // of the form
	Sent        bool
}

// Most is how much may be said.
func (correctionPage) Most() int { return escalation.MaxCorrection }

// formKey is what we give a form, to know it by when it is sent twice.
var formKey = regexp.MustCompile(`^[A-Z0-9]{26}$`)

// correctionPage returns the form about the article of an address, or where the
// article is now.
func (r *Room) correctionPage(c *fiber.Ctx) (p correctionPage, moved string, err error) {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	a, elsewhere := r.find(lib, lang, unescaped(c.Params("slug")), reader)
	if a == nil {
		return p, "", missing()
	}
	to := "/" + lang + "/articles/" + a.Slug
	if elsewhere {
		to = r.address(lib, a, lang, reader)
	}
	p = correctionPage{page: r.page(c, false, "correct.title"), Article: a, To: to, Key: rand.Text()}
	p.Path, p.NoIndex = to+"/suggest", true
	for i, alt := range p.Languages {
		p.Languages[i].Path = r.address(lib, a, alt.Lang, reader) + "/suggest"
	}
	if elsewhere {
		moved = p.Path
	}
	return p, moved, nil
}

// correction serves GET /{lang}/articles/{slug}/suggest.
func (r *Room) correction(c *fiber.Ctx) error {
	p, moved, err := r.correctionPage(c)
	if err != nil {
		return err
	}
	if moved != "" {
		return c.Redirect(web.LocalPath(moved), fiber.StatusFound)
	}
	p.Sent = c.Query("sent") != ""
	return r.show(c, fiber.StatusOK, "help/correction", p)
}

// correct serves POST /{lang}/articles/{slug}/suggest.
func (r *Room) correct(c *fiber.Ctx) error {
	p, _, err := r.correctionPage(c) // to an article that moved meanwhile it still belongs
	if err != nil {
		return err
	}
	p.Text, p.Email = c.FormValue("text"), c.FormValue("email")
	if key := c.FormValue("key"); formKey.MatchString(key) {
		p.Key = key
	}
	said := escalation.Correction{ID: p.Key, Article: p.Article.Key, Lang: p.Article.Lang, Revision: p.Article.Hash, Text: p.Text, Email: p.Email}
	if rev := c.FormValue("revision"); hash.MatchString(rev) {
		said.Revision = rev
	}
	if said, err = escalation.NewCorrection(said, r.Now()); err == nil {
		err = r.Corrections.AddCorrection(c.UserContext(), said)
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.show(c, fiber.StatusUnprocessableEntity, "help/correction", p)
	}
	return web.Redirect(c, p.Path+"?sent=1")
}
