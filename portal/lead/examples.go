package lead

import (
	"cmp"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/portal/web"
)

// An articlesPage replaces the articles of the example company by one's own.
type articlesPage struct {
	settingsPage
	Articles, Examples int
	Writable           bool
	Format, Speaks     string
	Report             *content.Report // of an import, just now
	Findings           []string        // what was left out, and why
	More               int             // that are not listed
	Removed            int
}

// maxFindings is how many problems of an import a page lists.
const maxFindings = 50

func (r *Settings) articlesPage(c *fiber.Ctx) (*articlesPage, error) {
	p := &articlesPage{settingsPage: r.page(c, "articles"), Articles: len(r.Articles.Library().All()), Writable: r.Articles.Writable(),
		Format: "csv", Removed: c.QueryInt("removed")}
	p.Speaks = p.Lang
	var err error
	p.Examples, err = r.Articles.Examples()
	return p, err
}

// showArticles serves GET /lead/settings/articles.
func (r *Settings) showArticles(c *fiber.Ctx) error {
	p, err := r.articlesPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/settings-articles", p)
}

// removeExamples serves POST /lead/settings/articles/remove. What somebody changed
// stays: it is theirs by now. Nothing brings the others back, so it is asked for
// twice.
func (r *Settings) removeExamples(c *fiber.Ctx) error {
	if !r.Articles.Writable() {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "write.read_only"}
	}
	if c.FormValue("sure") == "" {
		p, err := r.articlesPage(c)
		if err != nil {
			return err
		}
		p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: "sure", Reason: "error.examples_sure"})
		return r.Render(c, fiber.StatusUnprocessableEntity, "lead/settings-articles", p)
	}
	if _, err := r.Articles.RemoveExamples(); err != nil {
		return err
	}
	if err := r.decide(c.UserContext(), "articles"); err != nil {
		return err
	}
	return web.Redirect(c, "/lead/settings?done=articles")
}

// importArticles serves POST /lead/settings/articles/import. Records that are
// wrong are named; the others are live within a moment.
func (r *Settings) importArticles(c *fiber.Ctx) error {
	p, err := r.articlesPage(c)
	if err != nil {
		return err
	}
	p.Speaks = c.FormValue("speaks")
	refuse := func(field, reason string) error {
		p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason})
		return r.Render(c, fiber.StatusUnprocessableEntity, "lead/settings-articles", p)
	}
	if !r.Speaks(p.Speaks) {
		return refuse("speaks", "error.choice")
	}
	head, err := c.FormFile("file")
	if err != nil || head.Size == 0 {
		return refuse("file", "error.import_none")
	}
	format := strings.TrimPrefix(strings.ToLower(path.Ext(head.Filename)), ".")
	if format == "json" || format == "ndjson" {
		format = "jsonl"
	}
	if format != "jsonl" && format != "csv" {
		return refuse("file", "error.import_format")
	}
	if !p.Writable {
		return refuse("file", "write.read_only")
	}
	f, err := head.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := r.Articles.Import(c.UserContext(), f, format, p.Speaks)
	if err != nil {
		r.Log.WarnContext(c.UserContext(), "import ended early", "error", err, "request", web.RequestID(c))
		return refuse("file", "error.import_broken")
	}
	for _, problem := range report.Problems {
		if len(p.Findings) == maxFindings {
			p.More = len(report.Problems) - maxFindings
			break
		}
		said := p.TM(problem.Key, problem.Args)
		p.Findings = append(p.Findings, p.T("import.record", "Line", problem.Line, "What", cmp.Or(said, problem.English)))
	}
	p.Report, p.Articles = &report, p.Articles+report.Written
	if report.Written+report.Unchanged > 0 {
		if err := r.decide(c.UserContext(), setting.Step("articles")); err != nil {
			return err
		}
	}
	return r.Render(c, fiber.StatusOK, "lead/settings-articles", p)
}
