package lead

import (
	"html/template"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// An articlePage says what one article does for its readers, in one language.
type articlePage struct {
	web.Page
	Text       journey.Text
	Article    *content.Article // nil when it is gone
	Edit       string           // address of its editor, for who may open it
	Days       int
	Spans      []int
	Standing   journey.Standing
	Mean       interval.Proportion // read, then contacted: of all texts
	Judgements []judgement
	Whys       []why
	Ways       []way
	Others     []web.Alternate // the same in other languages
}

// A judgement is what was said of one revision, with the reasons in words.
type judgement struct {
	journey.Judgement
	Present bool
	Why     string
}

// A way is a search by which people come to it.
type way struct {
	journey.Way
	Why string // address of why it finds what it finds
}

// At is the address of another span.
func (p articlePage) At(days int) string {
	return view{Days: days, Sort: sorts[0].Key}.at(articlePath(p.Text))
}

// UTCDay writes a day of the report.
func (p articlePage) UTCDay(t time.Time) template.HTML { return p.In(time.UTC).Day(t) }

// article serves GET /lead/articles/of/{lang}/{key}. The language is
// the article's, not the page's.
func (r *Worth) article(c *fiber.Ctx) error {
	key, err := url.PathUnescape(c.Params("*"))
	if err != nil {
		return fiber.ErrNotFound
	}
	p := articlePage{Page: r.Page(c, "lead", "worth.title"), Text: journey.Text{Article: key, Lang: c.Params("in")}, Days: r.view(c).Days, Spans: articleSpans}
	counted, err := r.Credits(c.UserContext(), journey.LastDays(p.Days, "", r.Now()))
	if err != nil {
		return err
	}
	report, lib := counted.Report(), r.Folder.Library()
	p.Standing, p.Mean = report.Of(p.Text), report.Mean
	p.Article = lib.ByKey(p.Text.Article, p.Text.Lang)
	if p.Article == nil && p.Standing.Solved.N == 0 && p.Standing.Yes+p.Standing.No == 0 {
		return fiber.ErrNotFound
	}
	p.Title = p.Text.Article
	present := ""
	if a := p.Article; a != nil {
		p.Title, present = a.Title, a.Revision
		if p.Me.May(staff.EditArticles, nil) {
			p.Edit = editPath(a.File)
		}
		lately := counted
		if p.Days != healthDays {
			if lately, err = r.Credits(c.UserContext(), journey.LastDays(healthDays, "", r.Now())); err != nil {
				return err
			}
		}
		if p.Whys, err = r.whysOf(c, p.Page, a, lately); err != nil {
			return err
		}
	}
	for i, j := range journey.Judgements(counted.Votes, p.Text, present) {
		if j.Yes+j.No > 0 {
			p.Judgements = append(p.Judgements, judgement{j, i == 0, reasonsOf(p.Page, j)})
		}
	}
	ways, err := r.Ways(c.UserContext(), p.Text, counted.From)
	if err != nil {
		return err
	}
	for _, w := range ways {
		q := url.Values{"q": {w.Query}, "in": {p.Text.Lang}, "article": {p.Text.Article}}
		p.Ways = append(p.Ways, way{w, "/write/search/why?" + q.Encode()})
	}
	for _, a := range lib.Translations(p.Text.Article) {
		if a.Lang != p.Text.Lang {
			path := view{Days: p.Days, Sort: sorts[0].Key}.at(articlePath(journey.Text{Article: a.Key, Lang: a.Lang}))
			p.Others = append(p.Others, web.Alternate{Lang: a.Lang, Name: p.LanguageName(a.Lang), Path: path})
		}
	}
	return r.Render(c, fiber.StatusOK, "lead/article", p)
}

// whysOf says why an article needs somebody, as the list of those that do would.
func (r *Worth) whysOf(c *fiber.Ctx, p web.Page, a *content.Article, lately journey.Credits) ([]why, error) {
	lib, now := r.Folder.Library(), r.Now()
	seen, err := r.Seen(c.UserContext())
	if err != nil || !a.Live(now) {
		return nil, err
	}
	report, t := lately.Report(), journey.Text{Article: a.Key, Lang: a.Lang}
	condition := conditionOf(lib, a, report.Of(t), lately.Votes, seen[t])
	for _, patient := range journey.Patients([]journey.Condition{condition}, report.Mean, now) {
		return whys(p, lib, a, patient, report.Mean), nil
	}
	return nil, nil
}
