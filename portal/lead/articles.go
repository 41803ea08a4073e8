package lead

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Worth is the room for what each article does for its readers. Writers may
// look around, too.
type Worth struct {
	*web.Web
	Folder interface{ Library() *content.Library }
	// Credits returns what was counted of the journeys that began in a span.
	Credits func(ctx context.Context, span journey.SearchSpan) (journey.Credits, error)
	// Seen returns since when texts are published, and when they were opened.
	Seen func(ctx context.Context) (map[journey.Text]journey.Seen, error)
	// Ways returns the searches by which most people come to a text, since a moment.
	Ways func(ctx context.Context, t journey.Text, since time.Time) ([]journey.Way, error)
}

// Mount gives the room its addresses.
func (r *Worth) Mount(app fiber.Router) {
	app.Get("/lead/articles", r.SignedIn, r.Allowed(staff.ReadSearch), r.articles)
	app.Get("/lead/articles.csv", r.SignedIn, r.Allowed(staff.ReadSearch), r.articlesCSV)
	app.Get("/lead/articles/health", r.SignedIn, r.Allowed(staff.ReadSearch), r.health)
	app.Get("/lead/articles/health.csv", r.SignedIn, r.Allowed(staff.ReadSearch), r.healthCSV)
	app.Get("/lead/articles/of/:in/*", r.SignedIn, r.Allowed(staff.ReadSearch), r.article)
}

// articleSpans are the times that the report may look back, in days; the first is
// shown to who does not choose. A journey is counted after a week, so that less
// than a month says little.
var articleSpans = []int{90, 28, 365}

// A view is what somebody chose to see.
type view struct {
	Days    int
	Only    string // language, or empty for all
	Section string // key; "-" for those in none, empty for all
	Sort    string
}

func (r *Worth) view(c *fiber.Ctx) view {
	v := view{Days: articleSpans[0], Sort: sorts[0].Key, Section: c.Query("section")}
	if days := c.QueryInt("days"); slices.Contains(articleSpans, days) {
		v.Days = days
	}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		v.Only = only
	}
	if slices.ContainsFunc(sorts, func(o order) bool { return o.Key == c.Query("sort") }) {
		v.Sort = c.Query("sort")
	}
	return v
}

// query is what an address says of the view.
func (v view) query() url.Values {
	q := url.Values{}
	if v.Days != articleSpans[0] {
		q.Set("days", strconv.Itoa(v.Days))
	}
	if v.Only != "" {
		q.Set("only", v.Only)
	}
	if v.Section != "" {
		q.Set("section", v.Section)
	}
	if v.Sort != sorts[0].Key {
		q.Set("sort", v.Sort)
	}
	return q
}

func (v view) at(path string) string {
	if q := v.query(); len(q) > 0 {
		return path + "?" + q.Encode()
	}
	return path
}

// noSection stands for the section of what lies in none.
const noSection = "-"

// An order is one in which the articles can be listed: by bounds of intervals,
// where it is by a rate.
type order struct {
	Key     string
	compare func(a, b articleRow) int
}

var sorts = []order{
	{"read", func(a, b articleRow) int { return b.Solved.N - a.Solved.N }},
	{"solved", func(a, b articleRow) int { return cmp.Compare(b.Solved.Low, a.Solved.Low) }},
	{"contacted", func(a, b articleRow) int { return cmp.Compare(b.Contacted.Low, a.Contacted.Low) }},
	{"confirmed", func(a, b articleRow) int { return cmp.Compare(b.Confirmed, a.Confirmed) }},
	{"presumed", func(a, b articleRow) int { return cmp.Compare(b.Presumed, a.Presumed) }},
	{"no", func(a, b articleRow) int { return b.No - a.No }},
	{"title", func(a, b articleRow) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) }},
}

// An articleRow is an article or a section, and what it did.
type articleRow struct {
	journey.Standing
	Title   string
	Section string // its title
	Path    string // where there is more of it
	Gone    bool   // it was read, and is not published any more
}

// A creditsPage says what articles do for their readers.
type creditsPage struct {
	web.Page
	view
	Spans       []int
	Sorts       []order
	Report      journey.CreditReport
	Best, Worst []articleRow
	Sections    []articleRow
	Within      string // title of the chosen section
	Rows        []articleRow
	Total       int
	Pages       web.Pages
}

// At is the address of another span or language.
func (p creditsPage) At(days int, only string) string {
	v := p.view
	v.Days, v.Only = days, only
	return v.at("/lead/articles")
}

// By is the address of the list in another order, where it begins.
func (p creditsPage) By(sort string) string {
	v := p.view
	v.Sort = sort
	return v.at("/lead/articles") + "#all"
}

// CSV is the address of the same as a file.
func (p creditsPage) CSV() string { return p.at("/lead/articles.csv") }

// Anywhere is the address of the articles of all sections.
func (p creditsPage) Anywhere() string {
	v := p.view
	v.Section = ""
	return v.at("/lead/articles")
}

// UTCDay writes a day of the report.
func (p creditsPage) UTCDay(t time.Time) template.HTML { return p.In(time.UTC).Day(t) }

// best is how many articles the lists of the best and the worst have.
const best = 10

// fill makes the report of a view, all of it.
func (r *Worth) fill(c *fiber.Ctx, p *creditsPage) error {
	counted, err := r.Credits(c.UserContext(), journey.LastDays(p.Days, p.Only, r.Now()))
	if err != nil {
		return err
	}
	p.Report = counted.Report()
	lib := r.Folder.Library()
	var within []journey.Standing
	for _, s := range p.Report.Texts {
		if row := r.row(lib, s, p.view); p.Section == "" || p.Section == sectionKey(lib, s.Text) {
			within, p.Rows = append(within, s), append(p.Rows, row)
		}
	}
	rows := func(list []journey.Standing) (rows []articleRow) {
		for _, s := range list {
			rows = append(rows, r.row(lib, s, p.view))
		}
		return rows
	}
	p.Best, p.Worst = rows(p.Report.Best(within, best)), rows(p.Report.Worst(within, best))
	for _, s := range p.Report.Sections {
		v := p.view
		v.Section, v.Only = cmp.Or(s.Article, noSection), s.Lang
		row := articleRow{Standing: s, Title: sectionTitle(p.Page, lib, s.Text), Path: v.at("/lead/articles")}
		if p.Section == v.Section {
			p.Within = row.Title
		}
		p.Sections = append(p.Sections, row)
	}
	slices.SortStableFunc(p.Sections, sorts[0].compare)
	by := sorts[slices.IndexFunc(sorts, func(o order) bool { return o.Key == p.Sort })]
	slices.SortStableFunc(p.Rows, func(a, b articleRow) int { return cmp.Or(by.compare(a, b), sorts[0].compare(a, b)) })
	p.Total = len(p.Rows)
	return nil
}

// row names what was counted of a text.
func (r *Worth) row(lib *content.Library, s journey.Standing, v view) articleRow {
	row := articleRow{Standing: s, Title: s.Article, Path: view{Days: v.Days, Sort: sorts[0].Key}.at(articlePath(s.Text)), Gone: true}
	if a := lib.ByKey(s.Article, s.Lang); a != nil {
		row.Title, row.Gone = a.Title, !a.Live(r.Now())
		if section := lib.SectionByKey(a.Lang, a.Section); section != nil {
			row.Section = section.Title
		}
	}
	return row
}

// sectionKey is the section in which a text lies now.
func sectionKey(lib *content.Library, t journey.Text) string {
	if a := lib.ByKey(t.Article, t.Lang); a != nil && a.Section != "" {
		return a.Section
	}
	return noSection
}

// sectionTitle names a section; its key does, when it is gone.
func sectionTitle(p web.Page, lib *content.Library, t journey.Text) string {
	if s := lib.SectionByKey(t.Lang, t.Article); s != nil {
		return s.Title
	}
	return cmp.Or(t.Article, p.T("worth.no_section"))
}

// articlePath is where there is more of a text.
func articlePath(t journey.Text) string {
	return (&url.URL{Path: "/lead/articles/of/" + t.Lang + "/" + t.Article}).EscapedPath()
}

// articles serves GET /lead/articles.
func (r *Worth) articles(c *fiber.Ctx) error {
	p := creditsPage{Page: r.Page(c, "lead", "worth.list"), view: r.view(c), Spans: articleSpans, Sorts: sorts}
	if err := r.fill(c, &p); err != nil {
		return err
	}
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, p.query())
	p.Rows = p.Rows[from:to]
	return r.Render(c, fiber.StatusOK, "lead/articles", p)
}

// articlesCSV serves GET /lead/articles.csv: all of the list, in its order.
func (r *Worth) articlesCSV(c *fiber.Ctx) error {
	p := creditsPage{Page: r.Page(c, "lead", "worth.list"), view: r.view(c)}
	if err := r.fill(c, &p); err != nil {
		return err
	}
	out := [][]string{{"key", "language", "title", "section", "read", "solved", "solved_rate", "solved_low", "solved_high",
		"contacted", "contacted_rate", "contacted_low", "contacted_high", "confirmed", "presumed", "yes", "no"}}
	for _, row := range p.Rows {
		line := []string{row.Article, row.Lang, row.Title, row.Section, strconv.Itoa(row.Solved.N)}
		line = append(line, proportion(row.Solved)...)
		line = append(line, proportion(row.Contacted)...)
		out = append(out, append(line, decimal(row.Confirmed), decimal(row.Presumed), strconv.Itoa(row.Yes), strconv.Itoa(row.No)))
	}
	return web.SendCSV(c, "articles.csv", out)
}

func proportion(p interval.Proportion) []string {
	return []string{strconv.Itoa(p.K), decimal(p.Rate), decimal(p.Low), decimal(p.High)}
}

func decimal(x float64) string { return fmt.Sprintf("%.4f", x) }
