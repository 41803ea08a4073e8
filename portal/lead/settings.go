package lead

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A Keeper knows what leads decided about the site, and keeps what they decide.
type Keeper interface {
	Site() *setting.Site
	// Change keeps what was made of a version of a part, or is a Conflict.
	Change(ctx context.Context, name string, version int64, v any) error
}

// An Outbox takes a letter and says what became of it.
type Outbox interface {
	PostLetter(ctx context.Context, l escalation.Letter) error
	// Letter returns a letter, or a NotFound error.
	Letter(ctx context.Context, id string) (escalation.Delivery, error)
}

// An Articles is the folder that the site serves.
type Articles interface {
	Library() *content.Library
	Writable() bool
	// Examples counts the articles of the example company that nobody changed.
	Examples() (int, error)
	// RemoveExamples removes them, with what belongs to them, and returns how many.
	RemoveExamples() (int, error)
	// Import makes articles of an export.
	Import(ctx context.Context, file io.Reader, format, lang string) (content.Report, error)
}

// Settings is the room for what a lead decides about the site: first as a list of
// steps, later one by one.
type Settings struct {
	*web.Web
	Keep     Keeper
	Articles Articles
	Outbox   Outbox
	Staff    Staff
	IDs      func() string
	From     string // the sender of letters; empty: mail is not configured
}

// Mount gives the room its addresses.
func (r *Settings) Mount(app fiber.Router) {
	g := app.Group("/lead/settings", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("", r.show)
	g.Post("/decide", r.decided)
	g.Get("/brand", r.showBrand)
	g.Post("/brand", r.changeBrand)
	g.Get("/address", r.showAddress)
	g.Get("/hours", r.showHours)
	g.Post("/hours", r.changeHours)
	g.Get("/letters", r.showLetters)
	g.Post("/letters", r.changeLetters)
	g.Post("/letters/test", r.Limit(10, time.Minute), r.testLetter)
	g.Get("/channels", r.showChannels)
	g.Post("/channels", r.changeChannels)
	g.Get("/articles", r.showArticles)
	g.Post("/articles/remove", r.removeExamples)
	g.Post("/articles/import", r.importArticles)
}

// A settingsPage is one part of the settings, or their list.
type settingsPage struct {
	web.Page
	Step    setting.Step
	Version int64    // of the part that the form shows
	Done    string   // what was just saved
	Langs   []string // in which the site speaks to customers
	Beaten  bool     // a colleague was faster: what is there now is shown too
}

// Unasked is what a text says in languages that the form does not ask for, since
// there is no article in them now. The form keeps it for the day on which there is.
func (p settingsPage) Unasked(t escalation.Text) escalation.Text { return unasked(t, p.Langs) }

func unasked(t escalation.Text, asked []string) escalation.Text {
	rest := maps.Clone(t)
	for _, lang := range asked {
		delete(rest, lang)
	}
	return rest
}

func (r *Settings) page(c *fiber.Ctx, step setting.Step) settingsPage {
	p := settingsPage{Page: r.Page(c, "lead", "settings.title"), Step: step, Langs: r.Offered(), Done: c.Query("done")}
	if step != "" {
		p.Title = p.T("setup." + string(step))
		p.Here("/lead/settings/" + string(step))
	}
	return p
}

// A stepView is a step as the list shows it.
type stepView struct {
	Step    setting.Step
	Path    string
	Decided bool
	Says    string // what is true now
}

// A listPage is the list of steps.
type listPage struct {
	settingsPage
	Steps []stepView
	Left  int  // steps that are not decided
	Ready bool // search engines are let in
}

// show serves GET /lead/settings.
func (r *Settings) show(c *fiber.Ctx) error {
	site := r.Keep.Site()
	p := listPage{settingsPage: r.page(c, ""), Ready: site.SetUp.Ready()}
	if !p.Ready {
		p.Title = p.T("setup.steps_title")
	}
	if !slices.Contains(setting.Steps, setting.Step(p.Done)) {
		p.Done = ""
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	examples, err := r.Articles.Examples()
	if err != nil {
		return err
	}
	for _, step := range setting.Steps {
		v := stepView{Step: step, Path: "/lead/settings/" + string(step), Decided: site.SetUp.Has(step)}
		switch step {
		case "brand":
			v.Says = site.Brand.Name
		case "address":
			v.Says = r.Link("/")
		case "letters":
			if v.Says = r.From; r.From == "" {
				v.Says = p.T("setup.no_mail")
			}
		case "hours":
			if v.Says = p.Opening(); v.Says == "" {
				v.Says = p.CalendarSays()
			}
			v.Says, _, _ = strings.Cut(v.Says, "\n")
		case "channels":
			if v.Says = p.T("setup.channels_some"); !site.Channels.Any() {
				v.Says = p.T("setup.channels_none")
			}
		case "articles":
			v.Says = p.T("setup.articles_now", "Count", len(r.Articles.Library().All()), "Examples", examples)
		case "people":
			v.Path = "/lead/people"
			v.Says = p.T("setup.people_now", "Count", len(people))
		}
		if !v.Decided {
			p.Left++
		}
		p.Steps = append(p.Steps, v)
	}
	return r.Render(c, fiber.StatusOK, "lead/settings", p)
}

// decided serves POST /lead/settings/decide: a step stays as it is.
func (r *Settings) decided(c *fiber.Ctx) error {
	step := setting.Step(c.FormValue("step"))
	if err := r.decide(c.UserContext(), step); err != nil {
		return err
	}
	return web.Redirect(c, "/lead/settings")
}

// decide notes that a step is decided. Two leads may do so at once.
func (r *Settings) decide(ctx context.Context, step setting.Step) error {
	for try := 0; ; try++ {
		site := r.Keep.Site()
		next := site.SetUp.Decide(step, r.Now())
		if len(next.Decided) == len(site.SetUp.Decided) {
			return nil
		}
		err := r.Keep.Change(ctx, setting.SetUpName, site.Version(setting.SetUpName), next)
		if escalation.KindOf(err) != escalation.Conflict || try == 3 {
			return err
		}
	}
}

// Invited notes that the step of people is decided: somebody was asked to come.
func (r *Settings) Invited(ctx context.Context) error { return r.decide(ctx, "people") }

// save keeps what a form made of a part, decides its step, and leads back to the
// list. What was refused is said by show, on the page again.
func (r *Settings) save(c *fiber.Ctx, p *settingsPage, name string, v any, refused error, show func(status int) error) error {
	err := refused
	if err == nil {
		version, wrong := strconv.ParseInt(c.FormValue("version"), 10, 64)
		if wrong != nil {
			version = -1 // of no part
		}
		err = r.Keep.Change(c.UserContext(), name, version, v)
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		p.Beaten = escalation.KindOf(err) == escalation.Conflict
		if p.Beaten {
			p.Version = r.Keep.Site().Version(name) // who saves again has seen what is there now
		}
		return show(web.Status(escalation.KindOf(err)))
	}
	if err := r.decide(c.UserContext(), p.Step); err != nil {
		return err
	}
	return web.Redirect(c, "/lead/settings?done="+string(p.Step))
}

// said returns what a form says in each language of a field.
func (r *Settings) said(c *fiber.Ctx, field string) escalation.Text { return said(c, r.Web, field) }

func said(c *fiber.Ctx, w *web.Web, field string) escalation.Text {
	t := escalation.Text{}
	for _, lang := range w.Theme.Words.Languages() {
		if v := c.FormValue(field + "." + lang); v != "" {
			t[lang] = v
		}
	}
	return t
}
