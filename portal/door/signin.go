package door

import (
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A signInPage asks who comes.
type signInPage struct {
	web.Page
	Email string
	Next  string // where they were going

	Samples []staff.Person // who sign in with one click
}

// showSignIn serves GET /sign-in.
func (r *Room) showSignIn(c *fiber.Ctx) error {
	if me := r.Me(c); me != nil {
		return web.Redirect(c, next(c.Query("next"), *me))
	}
	p := signInPage{Page: r.Page(c, "door", "signin.title"), Next: c.Query("next")}
	var err error
	if p.Samples, err = r.samples(c); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "door/signin", p)
}

// signIn serves POST /sign-in. An address that nobody has is answered like a
// wrong password, and as slowly.
func (r *Room) signIn(c *fiber.Ctx) error {
	p := signInPage{
		Page:  r.Page(c, "door", "signin.title"),
		Email: c.FormValue("email"),
		Next:  c.FormValue("next"),
	}
	var err error
	if p.Samples, err = r.samples(c); err != nil {
		return err
	}
	who, err := r.prove(c, p.Email, c.FormValue("password"))
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/signin", p)
	}
	return r.admit(c, who, p.Next)
}

// admit lets somebody in who said the right password; whoever has a second factor
// is asked for it first.
func (r *Room) admit(c *fiber.Ctx, who staff.Person, to string) error {
	if who.Factor != nil {
		if err := r.SignInHalfway(c, who); err != nil {
			return err
		}
		if to == "" || web.LocalPath(to) != to {
			return web.Redirect(c, "/sign-in/code")
		}
		return web.Redirect(c, "/sign-in/code?next="+url.QueryEscape(to))
	}
	if err := r.SignIn(c, who.ID); err != nil {
		return err
	}
	return web.Redirect(c, next(to, who))
}

// A codePage asks for the second factor.
type codePage struct {
	web.Page
	Next string
}

// showCode serves GET /sign-in/code.
func (r *Room) showCode(c *fiber.Ctx) error {
	who, err := r.Halfway(c)
	if err != nil {
		return err
	}
	if who == nil {
		return web.Redirect(c, "/sign-in")
	}
	return r.Render(c, fiber.StatusOK, "door/code", codePage{r.Page(c, "door", "code.title"), c.Query("next")})
}

// code serves POST /sign-in/code. Codes are guessed no more often than passwords.
func (r *Room) code(c *fiber.Ctx) error {
	ctx, now, from := c.UserContext(), r.Now(), r.Address(c)
	half, err := r.Halfway(c)
	if err != nil {
		return err
	}
	if half == nil { // from the beginning, then
		p := signInPage{Page: r.Page(c, "door", "signin.title"), Next: c.FormValue("next")}
		p.Here("/sign-in")
		p.Refuse(&escalation.Error{Kind: escalation.Forbidden, Field: "email", Reason: "error.code_late"})
		if p.Samples, err = r.samples(c); err != nil {
			return err
		}
		return r.Render(c, fiber.StatusForbidden, "door/signin", p)
	}
	p := codePage{r.Page(c, "door", "code.title"), c.FormValue("next")}
	name := "code of " + half.ID
	who := *half
	if err = r.Guesses.Begin(ctx, name, from, now); err == nil {
		who, err = r.People.ChangePerson(ctx, half.ID, func(who *staff.Person) error { return who.Show(c.FormValue("code"), now) })
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/code", p)
	}
	if err := r.Guesses.Succeeded(ctx, name, from, now); err != nil {
		return err
	}
	if err := r.SignIn(c, who.ID); err != nil {
		return err
	}
	return web.Redirect(c, next(p.Next, who))
}

// samples returns who signs in here with one click: made-up people, on the machine
// that the demo runs on. Whoever comes through a proxy is a stranger.
func (r *Room) samples(c *fiber.Ctx) ([]staff.Person, error) {
	if !r.Local(c) {
		return nil, nil
	}
	var people []staff.Person
	for _, id := range r.Samples {
		p, err := r.Web.People.Person(c.UserContext(), id)
		if err != nil && escalation.KindOf(err) != escalation.NotFound {
			return nil, err
		}
		if err == nil && !p.Disabled {
			people = append(people, p)
		}
	}
	return people, nil
}

// signInSample serves POST /sign-in/sample.
func (r *Room) signInSample(c *fiber.Ctx) error {
	people, err := r.samples(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == c.FormValue("person") })
	if i < 0 {
		return web.NotAllowed()
	}
	if err := r.SignIn(c, people[i].ID); err != nil {
		return err
	}
	return web.Redirect(c, next(c.FormValue("next"), people[i]))
}

// next is where somebody goes who has signed in.
func next(asked string, who staff.Person) string {
	if asked == "" || web.LocalPath(asked) != asked {
		return home(who)
	}
	return asked
}

// prove returns who has an address and a password.
func (r *Room) prove(c *fiber.Ctx, email, password string) (staff.Person, error) {
	ctx, now, from := c.UserContext(), r.Now(), r.Address(c)
	email = staff.FoldEmail(email)
	if len(email) > escalation.MaxText { // no address, and not worth writing down
		email = ""
	}
	if err := r.Guesses.Begin(ctx, email, from, now); err != nil {
		return staff.Person{}, err
	}
	who, err := r.People.PersonByEmail(ctx, email)
	if err != nil && escalation.KindOf(err) != escalation.NotFound {
		return staff.Person{}, err
	}
	hash := who.PasswordHash
	if who.Disabled {
		hash = ""
	}
	ok, err := r.Passwords.Check(ctx, password, hash)
	if err != nil {
		return staff.Person{}, err
	}
	if !ok {
		return staff.Person{}, &escalation.Error{Kind: escalation.Invalid, Field: "email", Reason: "error.sign_in"}
	}
	return who, r.Guesses.Succeeded(ctx, email, from, now)
}

// signOut serves POST /sign-out.
func (r *Room) signOut(c *fiber.Ctx) error {
	if err := r.SignOut(c); err != nil {
		return err
	}
	return web.Redirect(c, "/sign-in")
}
