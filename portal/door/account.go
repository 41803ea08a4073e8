package door

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// An accountPage is what somebody may change about themselves.
type accountPage struct {
	web.Page
	Who      staff.Person
	Name     string
	Speaks   string
	Speakers []string
	Zone     string
	SiteZone string // the site's, for who leaves theirs empty
	Min      int
	Mail     bool // letters are sent
	All      []staff.Notice
	Sessions []session
	Done     string // what was just changed
}

// A session is where somebody is signed in, in words.
type session struct {
	staff.Session
	On   string
	Here bool // it is this one
}

// Wants says whether a notice is asked for.
func (p *accountPage) Wants(n staff.Notice) bool { return slices.Contains(p.Who.Notices, n) }

func (r *Room) accountPage(c *fiber.Ctx) (*accountPage, error) {
	me := r.Me(c)
	p := &accountPage{
		Page: r.Page(c, "door", "account.title"),
		Who:  *me, Name: me.Name, Speaks: me.Lang,
		Speakers: r.languages(),
		Zone:     me.Zone, SiteZone: r.Site().Hours.Location().String(),
		Min:  staff.MinPassword,
		Mail: r.Mail, All: staff.Notices,
	}
	p.Here("/account")
	if p.SiteZone == time.Local.String() { // which names nothing
		p.SiteZone = r.Now().Local().Format("MST")
	}
	switch done := c.Query("done"); done {
	case "account", "password", "notices", "ended", "ended_all", "no_factor":
		p.Done = done
	}
	sessions, err := r.People.SessionsOf(c.UserContext(), me.ID)
	if err != nil {
		return nil, err
	}
	here := r.Session(c).Hash()
	for _, s := range sessions {
		if !s.Valid(*me, r.Now()) {
			continue
		}
		one := session{Session: s, Here: s.Hash == here, On: p.T("session.unknown")}
		switch browser, system := s.Device(); {
		case browser != "" && system != "":
			one.On = p.T("session.on", "Browser", browser, "System", system)
		case browser+system != "":
			one.On = browser + system
		}
		p.Sessions = append(p.Sessions, one)
	}
	return p, nil
}

// showAccount serves GET /account.
func (r *Room) showAccount(c *fiber.Ctx) error {
	p, err := r.accountPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "door/account", p)
}

// changeAccount serves POST /account.
func (r *Room) changeAccount(c *fiber.Ctx) error {
	p, err := r.accountPage(c)
	if err != nil {
		return err
	}
	p.Name, p.Speaks, p.Zone = c.FormValue("name"), r.language(c), c.FormValue("zone")
	_, err = r.People.ChangePerson(c.UserContext(), p.Who.ID, func(who *staff.Person) error {
		if err := who.Edit(called(who, p.Name, p.Speaks), r.Desk()); err != nil {
			return err
		}
		return who.Live(p.Zone, who.Notices)
	})
	if err != nil {
		return r.refuse(c, p, err)
	}
	return web.Redirect(c, "/account?done=account")
}

// changePassword serves POST /account/password. Who finds a session open does
// not know the password; and all other sessions end with the old one.
func (r *Room) changePassword(c *fiber.Ctx) error {
	p, err := r.accountPage(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := r.again(c, p.Who); err != nil {
		return r.refuse(c, p, err)
	}
	hash, err := r.Passwords.Hash(ctx, c.FormValue("password"), p.Who)
	if err != nil {
		return r.refuse(c, p, err)
	}
	_, err = r.People.ChangePerson(ctx, p.Who.ID, func(who *staff.Person) error {
		r.changed(who, p.Who.Ref(), p.Lang, r.Now())
		who.PasswordHash = hash
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.People.DeleteSessionsOf(ctx, p.Who.ID, ""); err != nil {
		return err
	}
	if err := r.SignIn(c, p.Who.ID); err != nil {
		return err
	}
	return web.Redirect(c, "/account?done=password")
}

// again asks for the password of somebody who is signed in: who finds a session open
// does not know it.
func (r *Room) again(c *fiber.Ctx, who staff.Person) error {
	_, err := r.prove(c, who.Email, c.FormValue("current"))
	if escalation.KindOf(err) == escalation.Invalid {
		return &escalation.Error{Kind: escalation.Invalid, Field: "current", Reason: "error.current_password"}
	}
	return err
}

// changeNotices serves POST /account/notices.
func (r *Room) changeNotices(c *fiber.Ctx) error {
	var wanted []staff.Notice
	for _, n := range web.Values(c, "notices") {
		wanted = append(wanted, staff.Notice(n))
	}
	_, err := r.People.ChangePerson(c.UserContext(), r.Me(c).ID, func(who *staff.Person) error { return who.Live(who.Zone, wanted) })
	if err != nil {
		return err
	}
	return web.Redirect(c, "/account?done=notices")
}

// endSessions serves POST /account/sessions: one of them, or all but this one.
func (r *Room) endSessions(c *fiber.Ctx) error {
	ctx, me, hash := c.UserContext(), r.Me(c).ID, c.FormValue("session")
	if hash == "" {
		if err := r.People.DeleteSessionsOf(ctx, me, r.Session(c).Hash()); err != nil {
			return err
		}
		return web.Redirect(c, "/account?done=ended_all")
	}
	if err := r.People.DeleteSessionOf(ctx, me, hash); err != nil {
		return err
	}
	return web.Redirect(c, "/account?done=ended")
}

func (r *Room) refuse(c *fiber.Ctx, p *accountPage, err error) error {
	if !p.Refuse(err) {
		return err
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "door/account", p)
}

// called returns a person's form with another name and language: what they may
// change of it themselves.
func called(who *staff.Person, name, lang string) staff.Form {
	return staff.Form{Name: name, Email: who.Email, Lang: lang, Roles: who.Roles, Tier: who.Tier, Teams: who.Teams}
}
