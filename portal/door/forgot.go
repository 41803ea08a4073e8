package door

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A forgotPage asks whose password was forgotten.
type forgotPage struct {
	web.Page
	Email   string
	Mail    bool // letters are sent
	Sent    bool // whoever has the address is being written to
	Minutes int  // for which the link works
}

func (r *Room) forgotPage(c *fiber.Ctx) forgotPage {
	return forgotPage{Page: r.Page(c, "door", "forgot.title"), Mail: r.Mail, Minutes: int(staff.ResetLife.Minutes())}
}

// showForgot serves GET /sign-in/forgot.
func (r *Room) showForgot(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "door/forgot", r.forgotPage(c))
}

// forgot serves POST /sign-in/forgot. The answer is the same for every address,
// and takes as long: what is done for those who work here is done after it.
func (r *Room) forgot(c *fiber.Ctx) error {
	p := r.forgotPage(c)
	p.Email = c.FormValue("email")
	if !r.Mail {
		return r.Render(c, fiber.StatusOK, "door/forgot", p)
	}
	ctx := c.UserContext()
	email, err := escalation.ParseEmail("email", p.Email)
	ok := false
	if err == nil {
		ok, err = r.Guesses.Ask(ctx, email, r.Address(c), r.Now())
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/forgot", p)
	}
	if ok {
		if err := r.People.AskReset(ctx, email, r.Lang(c)); err != nil {
			return err
		}
	}
	p.Sent = true
	return r.Render(c, fiber.StatusOK, "door/forgot", p)
}
