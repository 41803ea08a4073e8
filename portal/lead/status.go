package lead

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Status is the room for what all readers are told while something does not work.
type Status struct {
	*web.Web
	Settings *setting.Keeper
}

// Mount gives the room its addresses.
func (r *Status) Mount(app fiber.Router) {
	app.Get("/lead/status", r.SignedIn, r.Allowed(staff.Settings), r.show)
	app.Post("/lead/status", r.SignedIn, r.Allowed(staff.Settings), r.change)
}

// A statusPage is the form for the line, and what readers see of it now.
type statusPage struct {
	web.Page
	Line    setting.Status
	Shown   []web.Alternate // languages that show it
	Without []web.Alternate // languages that show none
	Version int64           // of the line that the form began from
	On      bool
	Typed   escalation.Text
	Until   string
	Done    bool
}

// InLang is the line as it stands for a language.
func (p statusPage) InLang(lang string) string { return p.Line.Text[lang] }

// Unasked is what the line says in languages in which there is no article now.
func (p statusPage) Unasked() escalation.Text {
	var asked []string
	for _, l := range p.Languages {
		asked = append(asked, l.Lang)
	}
	return unasked(p.Typed, asked)
}

// Most is how long a line may be.
func (statusPage) Most() int { return setting.MaxStatus }

// moment is how browsers send a day and a time of day.
const moment = "2006-01-02T15:04"

func (r *Status) page(c *fiber.Ctx) statusPage {
	site := r.Site()
	p := statusPage{Page: r.Page(c, "lead", "status.title"), Line: site.Status, Version: site.Version(setting.StatusName)}
	p.On, p.Typed = p.Line.On, p.Line.Text
	if !p.Line.Until.IsZero() {
		p.Until = p.Line.Until.In(site.Hours.Location()).Format(moment)
	}
	for _, l := range p.Languages {
		if p.Line.In(l.Lang, r.Now()) != "" {
			p.Shown = append(p.Shown, l)
		} else {
			p.Without = append(p.Without, l)
		}
	}
	return p
}

// show serves GET /lead/status.
func (r *Status) show(c *fiber.Ctx) error {
	p := r.page(c)
	p.Done = c.Query("done") != ""
	return r.Render(c, fiber.StatusOK, "lead/status", p)
}

// change serves POST /lead/status.
func (r *Status) change(c *fiber.Ctx) error {
	on, until, typed := c.FormValue("on") != "", c.FormValue("until"), said(c, r.Web, "text")
	version, _ := strconv.ParseInt(c.FormValue("version"), 10, 64) // no number is no version
	end, err := r.moment(until)
	if err == nil {
		var line setting.Status
		if line, err = setting.NewStatus(on, typed, end, r.Me(c).Ref(), r.Now()); err == nil {
			err = r.Settings.Change(c.UserContext(), setting.StatusName, version, line)
		}
	}
	if err == nil {
		return web.Redirect(c, "/lead/status?done=1")
	}
	conflict := escalation.KindOf(err) == escalation.Conflict
	if conflict { // another process may have kept it
		if err := r.Settings.Refresh(c.UserContext()); err != nil {
			return err
		}
	}
	p := r.page(c)
	if !p.Refuse(err) {
		return err
	}
	p.On, p.Typed, p.Until = on, typed, until
	if !conflict {
		p.Version = version // who has seen the other's line may put theirs in its place
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "lead/status", p)
}

// moment reads what was typed, in the zone of the site; it may be empty.
func (r *Status) moment(typed string) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{moment, moment + ":05"} {
		if t, err := time.ParseInLocation(layout, typed, r.Site().Hours.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &escalation.Error{Kind: escalation.Invalid, Field: "until", Reason: "error.moment"}
}
