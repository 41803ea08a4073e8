package door

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A joinPage is where a one-time link leads: to a name and a password.
type joinPage struct {
	web.Page
	First       bool // the first lead, who also says an address
	Name, Email string
	Speaks      string // language of the pages they will see
	Speakers    []string
	Min         int // characters of a password

	who staff.Person // who was invited
}

// showJoin serves GET /set-up/{code} and /join/{code}. It uses nothing up:
// programs that look at links in letters come here too.
func (r *Room) showJoin(c *fiber.Ctx) error {
	p, _, err := r.joinPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "door/join", p)
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
		if who.Lang != "" {
			p.Speaks = who.Lang
		}
	}
	p.Page = r.Page(c, "door", title)
	return p, hash, nil
}

// join serves POST /set-up/{code} and /join/{code}.
func (r *Room) join(c *fiber.Ctx) error {
	p, hash, err := r.joinPage(c)
	if err != nil {
		return err
	}
	p.Name, p.Speaks = c.FormValue("name"), r.language(c)
	if p.First {
		p.Email = c.FormValue("email")
	}
	who, err := r.enter(c, p, hash)
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/join", p)
	}
	if err := r.SignIn(c, who.ID); err != nil {
		return err
	}
	if p.First {
		return web.Redirect(c, "/lead/settings") // the house is empty yet
	}
	return web.Redirect(c, home(who))
}

// enter makes of an invitation somebody who can sign in. Their old sessions end:
// the link is also the way back for who forgot a password or lost a telephone.
func (r *Room) enter(c *fiber.Ctx, p *joinPage, code string) (staff.Person, error) {
	ctx, now, id := c.UserContext(), r.Now(), r.IDs()
	accept := func(who *staff.Person) (err error) {
		if p.First {
			*who, err = staff.Founder(id, p.Name, p.Email, p.Speaks, now)
			return err
		}
		return who.Edit(called(who, p.Name, p.Speaks))
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
		who.PasswordHash = password
		return err
	})
	if err != nil {
		return who, err
	}
	return who, r.People.DeleteSessionsOf(ctx, who.ID, "")
}
