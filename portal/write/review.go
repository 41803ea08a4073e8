package write

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A reviewsPage lists the articles that somebody should read again.
type reviewsPage struct {
	web.Page
	Pages    web.Pages
	Mine     bool // only those that the reader owns
	Rows     []review
	Helpless []helpless // found, and of no help
	Total    int
	Overdue  int
	Undated  int  // published articles that are never due
	Done     bool // one was reviewed a moment ago
	Writable bool
}

// A review is an article that is due.
type review struct {
	*content.Article
	Due  time.Time
	Late bool
	Base string // hash of its file
	Edit string
}

// ahead is how long before it is due an article is listed.
const ahead = 30 * 24 * time.Hour

// owns says whether somebody is who an article names as its owner: by name, by
// address, or by a team.
func owns(p *staff.Person, owner string) bool {
	owner = strings.ToLower(strings.TrimSpace(owner))
	return owner != "" && (owner == strings.ToLower(p.Name) || owner == strings.ToLower(p.Email) || slices.Contains(p.Teams, owner))
}

// reviewsPage finds what is due, what is most overdue first.
func (r *Room) reviewsPage(c *fiber.Ctx) (reviewsPage, error) {
	p := reviewsPage{Page: r.Page(c, "write", "reviews.title"), Mine: c.FormValue("whose") == "mine", Done: c.Query("done") != "", Writable: r.Articles.Writable()}
	query := url.Values{}
	if p.Mine {
		query.Set("whose", "mine")
	}
	now := r.Now()
	var due []review
	for _, a := range r.Articles.Library().All() {
		if !a.Live(now) || p.Mine && !owns(p.Me, a.Owner) {
			continue
		}
		switch day := a.Due(); {
		case day.IsZero():
			p.Undated++
		case now.After(day):
			p.Overdue++
			due = append(due, review{Article: a, Due: day, Late: true})
		case now.Add(ahead).After(day):
			due = append(due, review{Article: a, Due: day})
		}
	}
	slices.SortStableFunc(due, func(a, b review) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.File, b.File))
	})
	p.Total = len(due)
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, query)
	p.Rows = due[from:to]
	for i := range p.Rows {
		row := &p.Rows[i]
		row.Edit = editPath(row.File)
		if src, err := r.Articles.Source(row.Article); err == nil {
			row.Base = content.Hash(src)
		}
	}
	var err error
	p.Helpless, err = r.improving(c, p.Mine)
	return p, err
}

// reviews serves GET /write/reviews.
func (r *Room) reviews(c *fiber.Ctx) error {
	p, err := r.reviewsPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "write/reviews", p)
}

// stillRight writes into an article's file that it was reviewed on a day.
func (r *Room) stillRight(a *content.Article, base string, on time.Time) error {
	if !r.Articles.Writable() {
		return readOnly()
	}
	src, err := r.Articles.Source(a)
	if err != nil {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "write.unreadable", Err: err}
	}
	if now, _ := content.Parse(a.File, src); now != nil && now.LastReviewedOn.Equal(on) {
		return nil // sent twice, or two people said the same
	}
	changed, err := content.SetFrontMatter(src, map[string]any{"last_reviewed_on": on})
	if err == nil {
		_, err = r.Articles.Save(a.File, changed, base)
	}
	if errors.As(err, new(*content.ConflictError)) {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "reviews.conflict", Args: map[string]any{"Title": a.Title}}
	}
	return refusal(err, "")
}

// reviewed serves POST /write/reviews: an article is still right as it is. Nothing
// but the day is written, and only into the text that was seen.
func (r *Room) reviewed(c *fiber.Ctx) error {
	a := r.Articles.Library().ByFile(c.FormValue("file"))
	if a == nil {
		return fiber.ErrNotFound
	}
	today := r.Now().UTC().Truncate(24 * time.Hour)
	err := r.stillRight(a, c.FormValue("base"), today)
	if err != nil {
		p, lost := r.reviewsPage(c)
		if lost != nil {
			return lost
		}
		p.Here("/write/reviews")
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "write/reviews", p)
	}
	r.Log.InfoContext(c.UserContext(), "article reviewed", "file", a.File, "by", r.Me(c).ID)
	// The list shows what the folder's watcher saw; it is about to.
	for end := time.Now().Add(settling); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if now := r.Articles.Library().ByFile(a.File); now == nil || now.LastReviewedOn.Equal(today) {
			break
		}
	}
	query := url.Values{"done": {"1"}}
	if c.FormValue("whose") == "mine" {
		query.Set("whose", "mine")
	}
	return web.Redirect(c, "/write/reviews?"+query.Encode())
}
