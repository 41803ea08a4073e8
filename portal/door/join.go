package door

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A joinPage is where a one-time link leads: to a name and a password.
type joinPage struct {
	web.Page
	First       bool // the first lead, who also says an address
	Again       bool // who has a password already: nothing but that changes
	Name, Email string
	Speaks      string // language of the pages they will see
	Speakers    []string
	Min         int // characters of a password

	who staff.Person // who was invited
}

// showJoin serves GET /set-up/{code}, /join/{code} and /reset/{code}. It uses nothing up:
// programs that look at links in letters come here too.
func (r *Room) showJoin(c *fiber.Ctx) error {
	p, _, err := r.joinPage(c)
	if err != nil {
		return r.spent(c, err)
	}
	return r.Render(c, fiber.StatusOK, "door/join", p)
}

// A spentPage says that a one-time link does not work, and what does.
type spentPage struct {
	web.Page
	Words string
}

// spent answers whoever comes by a link that was used, is late, or never was one:
// they look alike.
func (r *Room) spent(c *fiber.Ctx, err error) error {
	e, ok := errors.AsType[*escalation.Error](err)
	if !ok || e.Reason != "error.link_used" {
		return err
	}
	p := spentPage{Page: r.Page(c, "door", "spent.title")}
	p.Here("/sign-in") // the link is worth nothing, and no other page leads to it
	p.Words = p.Say(e)
	return r.Render(c, web.Status(e.Kind), "door/spent", p)
}

// joinPage returns the page of a link that works, and the hash of its code.
func (r *Room) joinPage(c *fiber.Ctx) (*joinPage, string, error) {
	ctx, hash := c.UserContext(), staff.Hash(c.Params("code"))
	i, err := r.People.Invitation(ctx, hash)
	if err != nil {
		return nil, "", err
	}
	if _, err := i.Use(r.Now()); err != nil {
		return nil, "", err
	}
	p := &joinPage{
		First:    i.Person == "",
		Speaks:   r.Lang(c),
		Speakers: r.languages(),
		Min:      staff.MinPassword,
	}
	title := "join.title"
	if p.First {
		title = "setup.title"
	} else {
		who, err := r.Web.People.Person(ctx, i.Person)
		if err != nil {
			return nil, "", err
		}
		if who.Disabled {
			return nil, "", &escalation.Error{Kind: escalation.NotFound, Reason: "error.link_used"}
		}
		p.who, p.Name, p.Email = who, who.Name, who.Email
		if p.Again = who.PasswordHash != ""; p.Again {
			title = "reset.title"
		}
		if who.Lang != "" {
			p.Speaks = who.Lang
		}
	}
	p.Page = r.Page(c, "door", title)
	return p, hash, nil
}

// join serves POST /set-up/{code}, /join/{code} and /reset/{code}.
func (r *Room) join(c *fiber.Ctx) error {
	p, hash, err := r.joinPage(c)
	if err != nil {
		return r.spent(c, err)
	}
	if !p.Again {
		p.Name, p.Speaks = c.FormValue("name"), r.language(c)
	}
	if p.First {
		p.Email = c.FormValue("email")
	}
	who, err := r.enter(c, p, hash)
	if err != nil {
		if !p.Refuse(err) {
			return r.spent(c, err)
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/join", p)
	}
	if p.First {
		if err := r.SignIn(c, who.ID); err != nil {
			return err
		}
		return web.Redirect(c, "/lead/settings") // the house is empty yet
	}
	return r.admit(c, who, "")
}

// enter makes of an invitation somebody who can sign in. Their old sessions end:
// the link is also the way back for who forgot a password or lost a telephone.
func (r *Room) enter(c *fiber.Ctx, p *joinPage, code string) (staff.Person, error) {
	ctx, now, id := c.UserContext(), r.Now(), r.IDs()
	accept := func(who *staff.Person) (err error) {
		if p.First {
			*who, err = staff.Founder(id, p.Name, p.Email, p.Speaks, r.Desk(), now)
			return err
		}
		if p.Again {
			return nil
		}
		return who.Edit(called(who, p.Name, p.Speaks), r.Desk())
	}
	// What is wrong with the form is said before the password is hashed, which
	// takes long, and hashed before the transaction, for which others wait.
	who := p.who
	if err := accept(&who); err != nil {
		return who, err
	}
	password, err := r.Passwords.Hash(ctx, c.FormValue("password"), who)
	if err != nil {
		return who, err
	}
	who, err = r.People.UseInvitation(ctx, code, func(who *staff.Person) error {
		err := accept(who)
		if err == nil && who.PasswordHash != "" {
			r.changed(who, escalation.ActorRef{}, r.Lang(c), now)
		}
		who.PasswordHash = password
		return err
	})
	if err != nil {
		return who, err
	}
	return who, r.People.DeleteSessionsOf(ctx, who.ID, "")
}

// changed writes down that somebody's password is another one, and tells them: if
// it was not they who changed it, they are to know.
func (r *Room) changed(who *staff.Person, by escalation.ActorRef, lang string, now time.Time) {
	who.Note(staff.EventPassword, by, now)
	if r.Mail {
		who.Write(escalation.PasswordLetter, lang, escalation.LetterArgs{Path: "/sign-in/forgot"}, r.IDs, now)
	}
}
