package door

import (
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
	Min      int
	Done     string // what was just changed
}

func (r *Room) accountPage(c *fiber.Ctx) *accountPage {
	me := r.Me(c)
	p := &accountPage{
		Page: r.Page(c, "door", "account.title"),
		Who:  *me, Name: me.Name, Speaks: me.Lang,
		Speakers: r.languages(),
		Min:      staff.MinPassword,
	}
	p.Here("/account")
	switch done := c.Query("done"); done {
	case "account", "password":
		p.Done = done
	}
	return p
}

// showAccount serves GET /account.
func (r *Room) showAccount(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "door/account", r.accountPage(c))
}

// changeAccount serves POST /account.
func (r *Room) changeAccount(c *fiber.Ctx) error {
	p := r.accountPage(c)
	p.Name, p.Speaks = c.FormValue("name"), r.language(c)
	_, err := r.People.ChangePerson(c.UserContext(), p.Who.ID, func(who *staff.Person) error {
		return who.Edit(called(who, p.Name, p.Speaks))
	})
	if err != nil {
		return r.refuse(c, p, err)
	}
	return web.Redirect(c, "/account?done=account")
}

// changePassword serves POST /account/password. Who finds a session open does
// not know the password; and all other sessions end with the old one.
func (r *Room) changePassword(c *fiber.Ctx) error {
	p := r.accountPage(c)
	ctx := c.UserContext()
	if _, err := r.prove(c, p.Who.Email, c.FormValue("current")); err != nil {
		if escalation.KindOf(err) == escalation.Invalid {
			err = &escalation.Error{Kind: escalation.Invalid, Field: "current", Reason: "error.current_password"}
		}
		return r.refuse(c, p, err)
	}
	hash, err := r.Passwords.Hash(ctx, c.FormValue("password"), p.Who)
	if err != nil {
		return r.refuse(c, p, err)
	}
	_, err = r.People.ChangePerson(ctx, p.Who.ID, func(who *staff.Person) error {
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
