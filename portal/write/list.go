package write

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

// statuses in the order in which they need somebody.
var statuses = []content.Status{content.Draft, content.Review, content.Published, content.Archived}

// A row is an article in the list.
type row struct {
	*content.Article
	Place string // title of its section
	Wrong int    // problems
	Edit  string // address of the editor
}

// A listPage lists articles.
type listPage struct {
	web.Page
	Pages    web.Pages
	Only     string // language
	Status   content.Status
	Statuses []content.Status
	Text     string
	Rows     []row
	Total    int
	Wrong    int // problems of the folder that show without reading every text
	Grave    []finding
	Writable bool
	MayEdit  bool
	Said     int // what readers said and nobody decided
}

// list serves GET /write: all articles, what is not published first.
func (r *Room) list(c *fiber.Ctx) error {
	lib := r.Articles.Library()
	p := listPage{Page: r.Page(c, "write", "write.title"), Statuses: statuses, Writable: r.Articles.Writable()}
	p.MayEdit = p.Me.May(staff.EditArticles, nil)
	query := url.Values{}
	if only := c.Query("only"); slices.ContainsFunc(p.Languages, func(l web.Alternate) bool { return l.Lang == only }) {
		p.Only = only
		query.Set("only", only)
	}
	if s := content.Status(c.Query("status")); slices.Contains(statuses, s) {
		p.Status = s
		query.Set("status", string(s))
	}
	if p.Text = strings.TrimSpace(c.Query("q")); p.Text != "" {
		query.Set("q", p.Text)
	}

	var found []*content.Article
	words := strings.Fields(strings.ToLower(p.Text))
	for _, a := range lib.All() {
		if (p.Only == "" || a.Lang == p.Only) && (p.Status == "" || a.Status == p.Status) && says(a, words) {
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b *content.Article) int {
		return cmp.Or(slices.Index(statuses, a.Status)-slices.Index(statuses, b.Status), b.Updated.Compare(a.Updated), strings.Compare(a.File, b.File))
	})
	p.Total = len(found)
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, query)

	wrong := map[string]int{}
	p.Wrong = len(lib.Problems())
	var grave []content.Problem
	for _, problem := range lib.Problems() {
		wrong[problem.File]++
		if problem.Grave {
			grave = append(grave, problem)
		}
	}
	p.Grave = findings(p.Page, grave[:min(len(grave), 5)])
	for _, a := range found[from:to] {
		line := row{Article: a, Wrong: wrong[a.File], Edit: editPath(a.File)}
		if s := lib.SectionByKey(a.Lang, a.Section); s != nil {
			line.Place = s.Title
		}
		p.Rows = append(p.Rows, line)
	}
	var err error
	if p.Said, err = r.Corrections.CountCorrections(c.UserContext()); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "write/list", p)
}

// says reports whether an article's front matter has all the words.
func says(a *content.Article, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(a.Title + "\n" + a.Description + "\n" + a.File + "\n" + a.Key + "\n" + strings.Join(a.Phrases, "\n") + "\n" + strings.Join(a.Tags, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// A problemsPage lists what is to be mended in the folder.
type problemsPage struct {
	web.Page
	Pages    web.Pages
	Findings []finding
	Total    int
	Partial  bool // not every text was read in time
}

// checking is how long a reader waits until every text was read.
const checking = 20 * time.Second

// problems serves GET /write/problems: everything that is wrong in the folder.
func (r *Room) problems(c *fiber.Ctx) error {
	p := problemsPage{Page: r.Page(c, "write", "write.problems")}
	ctx, cancel := context.WithTimeout(c.UserContext(), checking)
	defer cancel()
	problems, err := r.Articles.Check(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		problems, p.Partial, err = r.Articles.Library().Problems(), true, nil
	}
	if err != nil {
		return err
	}
	all := findings(p.Page, slices.Concat(problems, search.Problems(r.Articles.Library())))
	p.Total = len(all)
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, nil)
	p.Findings = all[from:to]
	return r.Render(c, fiber.StatusOK, "write/problems", p)
}

// editPath is the address of the editor of an article's file.
func editPath(file string) string { return (&url.URL{Path: "/write/edit/" + file}).EscapedPath() }

// Edit is the address of the editor of the file that a finding is about.
func (f finding) Edit() string {
	if list := listPath(f.File); list != "" {
		return list
	}
	return editPath(f.File)
}
