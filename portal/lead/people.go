// Package lead is where leads look after the house: who works here, what is
// asked in vain, and what the answers are worth.
package lead

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Staff is where those who work here are kept.
type Staff interface {
	// People returns everybody, by name.
	People(ctx context.Context) ([]staff.Person, error)
	Person(ctx context.Context, id string) (staff.Person, error)
	// AddPerson keeps somebody new; an address that is in use is an Invalid error.
	AddPerson(ctx context.Context, p staff.Person) error
	// ChangePerson keeps what edit makes of a person, and the last lead a lead. Who
	// is disabled is signed out everywhere.
	ChangePerson(ctx context.Context, id string, edit func(*staff.Person) error) (staff.Person, error)
	// AddInvitation keeps a one-time link and the letters that bring it; a person's
	// earlier links stop working.
	AddInvitation(ctx context.Context, i staff.Invitation, letters ...escalation.Letter) error
	// PersonEvents returns what was done to somebody's account, the latest first.
	PersonEvents(ctx context.Context, id string, limit int) ([]staff.Event, error)
}

// People is the room for who works here and what they may do.
type People struct {
	*web.Web
	Staff   Staff
	Tickets staff.Tickets
	IDs     func() string
	Mail    bool   // letters are sent
	LinkKey []byte // of the links in letters
	// Invited is told that somebody was invited; nil where nobody wants to know.
	Invited func(ctx context.Context) error
}

// Mount gives the room its addresses.
func (r *People) Mount(app fiber.Router) {
	g := app.Group("/lead/people", r.SignedIn, r.Allowed(staff.People))
	g.Get("", r.show)
	g.Post("", r.add)
	g.Get("/:id", r.showPerson)
	g.Post("/:id", r.change)
	g.Post("/:id/link", r.link)
	g.Post("/:id/disable", r.disable)
	g.Post("/:id/enable", r.enable)
	g.Post("/:id/factor", r.removeFactor)
}

// A personForm is what a lead says about somebody, as typed.
type personForm struct {
	Name, Email, Speaks, Tier string
	Roles, Teams              []string
}

func formOf(p staff.Person) personForm {
	f := personForm{Name: p.Name, Email: p.Email, Speaks: p.Lang, Tier: strconv.Itoa(p.Tier), Teams: p.Teams}
	for _, role := range p.Roles {
		f.Roles = append(f.Roles, string(role))
	}
	return f
}

func readForm(c *fiber.Ctx) personForm {
	return personForm{
		Name: c.FormValue("name"), Email: c.FormValue("email"), Speaks: c.FormValue("lang"), Tier: c.FormValue("tier"),
		Roles: web.Values(c, "roles"), Teams: web.Values(c, "teams"),
	}
}

// staff returns the form as the rules read it. What is no number is no tier.
func (f personForm) staff() staff.Form {
	tier, _ := strconv.Atoi(f.Tier)
	out := staff.Form{Name: f.Name, Email: f.Email, Lang: f.Speaks, Tier: tier, Teams: f.Teams}
	for _, role := range f.Roles {
		out.Roles = append(out.Roles, staff.Role(role))
	}
	return out
}

// A formPage is a page with the form about a person.
type formPage struct {
	web.Page
	Form     personForm
	Speakers []string // languages of pages for staff
	AllRoles []staff.Role
	AllTeams []escalation.Team
	AllTiers []string
	Done     string // what was just changed
	Moved    int    // tickets that became the reader's with it
	Mail     bool   // letters are sent
	Link     string // the one-time link, shown this once
	LinkFor  string // whose it is
	LinkDays int
}

func (r *People) formPage(c *fiber.Ctx, title string, args ...any) formPage {
	p := formPage{
		Page:     r.Page(c, "lead", title, args...),
		Speakers: r.Theme.Words.Languages(),
		AllRoles: staff.Roles, AllTeams: r.Desk().Teams, AllTiers: []string{"1", "2", "3"},
		LinkDays: int(staff.InvitationLife.Hours() / 24),
		Mail:     r.Mail,
	}
	switch done := c.Query("done"); done {
	case "change", "disable", "enable", "sent", "factor":
		p.Done = done
	}
	if moved, err := strconv.Atoi(c.Query("moved")); err == nil && p.Done == "disable" {
		p.Moved = max(moved, 0)
	}
	return p
}

// Has says whether a role is chosen.
func (f personForm) Has(role staff.Role) bool { return slices.Contains(f.Roles, string(role)) }

// Serves says whether a team is chosen.
func (f personForm) Serves(team string) bool { return slices.Contains(f.Teams, team) }

// A peoplePage lists who works here.
type peoplePage struct {
	formPage
	People []staff.Person
}

// show serves GET /lead/people.
func (r *People) show(c *fiber.Ctx) error {
	p := peoplePage{formPage: r.formPage(c, "people.title")}
	p.Form = personForm{Roles: []string{string(staff.Agent)}, Tier: "1", Teams: []string{escalation.Triage}}
	return r.list(c, fiber.StatusOK, &p)
}

func (r *People) list(c *fiber.Ctx, status int, p *peoplePage) (err error) {
	if p.People, err = r.Staff.People(c.UserContext()); err != nil {
		return err
	}
	return r.Render(c, status, "lead/people", p)
}

// add serves POST /lead/people: somebody new, and the link by which they come in.
func (r *People) add(c *fiber.Ctx) error {
	p := peoplePage{formPage: r.formPage(c, "people.title")}
	p.Form = readForm(c)
	who, err := staff.NewPerson(r.IDs(), p.Form.staff(), r.Desk(), r.Now())
	if err == nil {
		who.Note(staff.EventInvited, r.Me(c).Ref(), r.Now())
		err = r.Staff.AddPerson(c.UserContext(), who)
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.list(c, web.Status(escalation.KindOf(err)), &p)
	}
	if r.Invited != nil {
		if err := r.Invited(c.UserContext()); err != nil {
			return err
		}
	}
	return r.hand(c, who)
}

// link serves POST /lead/people/{id}/link: a new link, for who lost the first or
// forgot the password.
func (r *People) link(c *fiber.Ctx) error {
	who, err := r.Staff.Person(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	if who.Disabled {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.disabled"}
	}
	return r.hand(c, who)
}

// hand gives somebody a new one-time link: by letter, or by showing it to the lead,
// this once, who asked to see it or has no mail server.
func (r *People) hand(c *fiber.Ctx, who staff.Person) error {
	if r.Mail && c.FormValue("do") != "show" {
		kind := escalation.InvitationLetter
		if who.PasswordHash != "" {
			kind = escalation.ResetLetter
		}
		args := escalation.LetterArgs{By: r.Me(c).Name}
		i, letter := staff.InviteByLetter(who, kind, r.LinkKey, r.Lang(c), args, r.IDs, r.Now())
		if err := r.Staff.AddInvitation(c.UserContext(), i, letter); err != nil {
			return err
		}
		return web.Redirect(c, "/lead/people/"+who.ID+"?done=sent")
	}
	i, code := staff.NewInvitation(who.ID, r.Now())
	if err := r.Staff.AddInvitation(c.UserContext(), i); err != nil {
		return err
	}
	p := r.formPage(c, "people.link_title", "Name", who.Name)
	p.Here("/lead/people/" + who.ID)
	p.Link, p.LinkFor = r.Link("/join/"+code), who.Name
	return r.Render(c, fiber.StatusOK, "lead/link", p)
}

// A personPage changes what somebody may do.
type personPage struct {
	formPage
	Who    staff.Person
	Events []staff.Event // the latest things done to the account
	desk   *escalation.Desk
}

// Skills names those that the person has.
func (p *personPage) Skills() string { return skillsOf(p.desk, p.Who.ID, p.Lang) }

// Agent says whether the person answers requests.
func (p *personPage) Agent() bool { return p.Who.Is(staff.Agent) }

// eventsShown is how many of them a page shows.
const eventsShown = 20

func (r *People) personPage(c *fiber.Ctx) (*personPage, error) {
	who, err := r.Staff.Person(c.UserContext(), c.Params("id"))
	if err != nil {
		return nil, err
	}
	p := &personPage{formPage: r.formPage(c, "people.person_title", "Name", who.Name), Who: who, desk: r.Desk()}
	p.Here("/lead/people/" + who.ID)
	p.Form = formOf(who)
	p.Events, err = r.Staff.PersonEvents(c.UserContext(), who.ID, eventsShown)
	return p, err
}

// showPerson serves GET /lead/people/{id}.
func (r *People) showPerson(c *fiber.Ctx) error {
	p, err := r.personPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/person", p)
}

// change serves POST /lead/people/{id}.
func (r *People) change(c *fiber.Ctx) error {
	p, err := r.personPage(c)
	if err != nil {
		return err
	}
	p.Form = readForm(c)
	return r.edit(c, p, "change", func(who *staff.Person) error {
		who.Note(staff.EventChanged, p.Me.Ref(), r.Now())
		return who.Edit(p.Form.staff(), r.Desk())
	})
}

// disable serves POST /lead/people/{id}/disable. Who is disabled is signed out at
// once, and the reader answers for their open tickets; whoever disables
// themselves leaves them to another lead.
func (r *People) disable(c *fiber.Ctx) error {
	p, err := r.personPage(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	who, err := r.Staff.ChangePerson(ctx, p.Who.ID, func(who *staff.Person) error {
		if !who.Disabled {
			who.Note(staff.EventDisabled, p.Me.Ref(), r.Now())
		}
		who.Disabled, who.Heir = true, p.Me.ID
		return nil
	})
	if err != nil {
		return r.refuse(c, p, err)
	}
	people, err := r.Staff.People(ctx)
	if err != nil {
		return err
	}
	heir, ok := staff.Heir(people, who)
	moved := 0
	if ok {
		if moved, err = staff.HandOn(ctx, r.Tickets, who, heir, r.IDs, r.Now); err != nil {
			// They are disabled, which is what was asked for; the job does the rest.
			r.Log.WarnContext(ctx, "tickets are still to be handed on", "person", who.ID, "error", err)
		}
	}
	if who.ID == p.Me.ID {
		return web.Redirect(c, "/sign-in")
	}
	return web.Redirect(c, "/lead/people/"+who.ID+"?done=disable&moved="+strconv.Itoa(moved))
}

// enable serves POST /lead/people/{id}/enable.
func (r *People) enable(c *fiber.Ctx) error {
	p, err := r.personPage(c)
	if err != nil {
		return err
	}
	return r.edit(c, p, "enable", func(who *staff.Person) error {
		if who.Disabled {
			who.Note(staff.EventEnabled, p.Me.Ref(), r.Now())
		}
		who.Disabled, who.Heir = false, ""
		return nil
	})
}

// removeFactor serves POST /lead/people/{id}/factor: for who lost the telephone. It
// is written down, and told, for it takes a lock away.
func (r *People) removeFactor(c *fiber.Ctx) error {
	p, err := r.personPage(c)
	if err != nil {
		return err
	}
	if p.Who.ID == p.Me.ID {
		return web.NotAllowed() // that asks for the password, on the page of one's account
	}
	return r.edit(c, p, "factor", func(who *staff.Person) error {
		if who.Factor == nil {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.no_factor"}
		}
		who.Factor = nil
		who.Note(staff.EventNoFactor, p.Me.Ref(), r.Now())
		if r.Mail {
			args := escalation.LetterArgs{Path: "/account", By: p.Me.Name}
			who.Write(escalation.FactorLetter, p.Lang, args, r.IDs, r.Now())
		}
		return nil
	})
}

// edit changes a person, and comes back to them.
func (r *People) edit(c *fiber.Ctx, p *personPage, done string, rule func(*staff.Person) error) error {
	who, err := r.Staff.ChangePerson(c.UserContext(), p.Who.ID, rule)
	if err != nil {
		return r.refuse(c, p, err)
	}
	return web.Redirect(c, "/lead/people/"+who.ID+"?done="+done)
}

func (r *People) refuse(c *fiber.Ctx, p *personPage, err error) error {
	if !p.Refuse(err) {
		return err
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "lead/person", p)
}
