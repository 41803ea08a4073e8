package lead

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Audit is the room for who did what.
type Audit struct {
	*web.Web
	Acts interface {
		// Audit returns a part of the record, the latest first.
		Audit(ctx context.Context, q audit.Query) (audit.Page, error)
	}
	Staff interface {
		People(ctx context.Context) ([]staff.Person, error)
		Tokens(ctx context.Context) ([]staff.Token, error)
	}
}

// Mount gives the room its address.
func (r *Audit) Mount(app fiber.Router) {
	app.Get("/lead/audit", r.SignedIn, r.Allowed(staff.ReadAudit), r.show)
}

// An auditPage lists acts.
type auditPage struct {
	web.Page
	By, Ticket, Day string // as chosen and typed
	About           string // id of a person whose account it is about; empty: no matter
	AboutName       string
	Actors          []choice
	Acts            []deed
	Next            string // address of the page after; empty on the last
	Narrowed        bool
}

// A deed is an act in words.
type deed struct {
	At                    time.Time
	Who, What, Which, Way string // Way: where Which is; may be empty
}

// operator is who acts at the command line.
const operator = escalation.CommandRule

// show serves GET /lead/audit.
func (r *Audit) show(c *fiber.Ctx) error {
	ctx := c.UserContext()
	p := auditPage{
		Page: r.Page(c, "lead", "audit.title"),
		By:   c.Query("by"), Ticket: strings.TrimSpace(c.Query("ticket")), Day: c.Query("day"), About: c.Query("about"),
	}
	people, err := r.Staff.People(ctx)
	if err != nil {
		return err
	}
	tokens, err := r.Staff.Tokens(ctx)
	if err != nil {
		return err
	}
	called := map[string]string{operator: p.T("audit.operator")}
	add := func(id, name string) {
		if called[id] == "" {
			called[id] = name
			p.Actors = append(p.Actors, choice{Value: id, Says: name, On: id == p.By})
		}
	}
	for _, who := range people {
		add(who.ID, who.Name)
	}
	for _, k := range tokens {
		add(escalation.TokenRef(k.Name).ID, p.T("audit.token", "Name", k.Name))
	}
	p.Actors = append(p.Actors, choice{Value: operator, Says: called[operator], On: operator == p.By})
	p.AboutName = called[p.About]

	q := audit.Query{By: p.By, After: c.Query("after")}
	p.Narrowed = p.By != "" || p.Ticket != "" || p.Day != "" || p.About != ""
	if p.About != "" {
		q.Kind, q.Object = audit.Person, p.About
	}
	status := fiber.StatusOK
	refuse := func(field, reason string) {
		p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason})
		status = fiber.StatusUnprocessableEntity
	}
	if p.Ticket != "" {
		number, ok := escalation.ParseNumber(p.Ticket)
		if !ok {
			refuse("ticket", "error.audit_ticket")
		}
		q.Kind, q.Object = audit.Ticket, number
	}
	if p.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, p.Day, r.Zone(c))
		if err != nil {
			refuse("day", "error.audit_day")
		} else {
			q.Since, q.Till = day, day.AddDate(0, 0, 1)
		}
	}
	if status == fiber.StatusOK {
		found, err := r.Acts.Audit(ctx, q)
		if err != nil {
			return err
		}
		for _, a := range found.Acts {
			p.Acts = append(p.Acts, p.deed(&a, called))
		}
		if found.Next != "" {
			next := url.Values{"after": {found.Next}}
			for name, value := range map[string]string{"by": p.By, "ticket": p.Ticket, "day": p.Day, "about": p.About} {
				if value != "" {
					next.Set(name, value)
				}
			}
			p.Next = "/lead/audit?" + next.Encode()
		}
	}
	return r.Render(c, status, "lead/audit", p)
}

// deed says an act.
func (p *auditPage) deed(a *audit.Act, called map[string]string) deed {
	d := deed{At: a.At, Who: called[a.By.ID], Which: a.Object}
	switch {
	case d.Who != "":
	case a.By.Kind == escalation.ByRequester:
		d.Who = p.T("audit.requester")
	case a.By.Kind == escalation.BySystem:
		d.Who = p.T("desk.program")
	default:
		d.Who = a.By.ID
	}
	words := []string{"audit." + string(a.Kind) + "." + a.What, "audit." + string(a.Kind) + ".changed"}
	switch a.Kind {
	case audit.Ticket:
		d.Way = "/desk/tickets/" + url.PathEscape(a.Object)
	case audit.Person, audit.Session:
		if name := called[a.Object]; name != "" {
			d.Which, d.Way = name, "/lead/people/"+url.PathEscape(a.Object)
		}
		words = append([]string{"person_event." + a.What}, words...)
	case audit.Setting:
		d.Which = ""
		if key := "audit.setting." + strings.ReplaceAll(a.Object, " ", "_"); p.Has(key) {
			d.Which = p.T(key)
		}
	case audit.Demand:
		d.Way = "/lead/demand/" + url.PathEscape(a.Object)
		d.Which = p.T("audit.line")
	case audit.Desk:
		d.Which = p.T("audit.version", "Version", a.Object)
	case audit.Requester, audit.Letter, audit.Record:
		d.Which = ""
	case audit.Correction:
		d.Which = a.Note // the article
	}
	for _, key := range words {
		if p.Has(key) {
			d.What = p.T(key)
			break
		}
	}
	return d
}
