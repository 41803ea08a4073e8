package door

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A factorPage is about what somebody shows beside the password.
type factorPage struct {
	web.Page
	Who      staff.Person
	Secret   string        // that a new app is to have
	Spaced   string        // the same, to be typed
	Link     template.URL  // the same, for an app on this device
	Picture  template.HTML // the same, for a camera
	Recovery []string      // codes for the day on which the app is lost, shown this once
}

func (r *Room) factorPage(c *fiber.Ctx) *factorPage {
	p := &factorPage{Page: r.Page(c, "door", "factor.title"), Who: *r.Me(c)}
	p.Here("/account/factor")
	return p
}

// offer fills the page with a secret.
func (p *factorPage) offer(secret string) error {
	link := staff.SecretLink(secret, p.Site, p.Who.Email)
	picture, err := square(link, p.T("factor.picture"))
	if err != nil {
		return err
	}
	p.Secret, p.Link, p.Picture = secret, template.URL(link), picture
	var groups []string
	for i := 0; i < len(secret); i += 4 {
		groups = append(groups, secret[i:min(i+4, len(secret))])
	}
	p.Spaced = strings.Join(groups, " ")
	return nil
}

// square draws a text as cameras read it. It is black on white in the dark too.
func square(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("picture of a secret: %w", err)
	}
	const quiet = 4  // modules of white around it
	const pixels = 4 // of each module, so that all are alike
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if red, _, _, _ := code.At(x, y).RGBA(); red == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	whole := size + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg role="img" aria-label="%s" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		template.HTMLEscapeString(label), whole, whole, pixels*whole, pixels*whole, whole, whole, path.String())), nil
}

// showFactor serves GET /account/factor. Nothing is kept yet: a secret counts once
// a code shows that an app has it.
func (r *Room) showFactor(c *fiber.Ctx) error {
	p := r.factorPage(c)
	if p.Who.Factor == nil {
		if err := p.offer(staff.NewSecret()); err != nil {
			return err
		}
	}
	return r.Render(c, fiber.StatusOK, "door/factor", p)
}

// addFactor serves POST /account/factor. All other sessions end.
func (r *Room) addFactor(c *fiber.Ctx) error {
	p := r.factorPage(c)
	if p.Who.Factor != nil {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.has_factor"}
	}
	secret := c.FormValue("secret")
	err := r.again(c, p.Who)
	if err == nil {
		_, err = r.People.ChangePerson(c.UserContext(), p.Who.ID, func(who *staff.Person) (err error) {
			if who.Factor != nil {
				return &escalation.Error{Kind: escalation.Conflict, Reason: "error.has_factor"}
			}
			p.Recovery, err = who.Protect(secret, c.FormValue("code"), r.Now())
			who.Note(staff.EventFactor, who.Ref(), r.Now())
			return err
		})
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		if len(secret) != len(staff.NewSecret()) {
			secret = staff.NewSecret()
		}
		p.Recovery = nil
		if err := p.offer(secret); err != nil {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "door/factor", p)
	}
	if err := r.People.DeleteSessionsOf(c.UserContext(), p.Who.ID, ""); err != nil {
		return err
	}
	if err := r.SignIn(c, p.Who.ID); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "door/factor", p)
}

// renewCodes serves POST /account/factor/codes.
func (r *Room) renewCodes(c *fiber.Ctx) error {
	p := r.factorPage(c)
	err := r.again(c, p.Who)
	if err == nil {
		_, err = r.People.ChangePerson(c.UserContext(), p.Who.ID, func(who *staff.Person) (err error) {
			p.Recovery, err = who.NewRecovery()
			return err
		})
	}
	return r.answer(c, p, err)
}

// removeFactor serves POST /account/factor/remove.
func (r *Room) removeFactor(c *fiber.Ctx) error {
	p := r.factorPage(c)
	err := r.again(c, p.Who)
	if err == nil {
		_, err = r.People.ChangePerson(c.UserContext(), p.Who.ID, func(who *staff.Person) error {
			if who.Factor != nil {
				who.Factor = nil
				who.Note(staff.EventNoFactor, who.Ref(), r.Now())
			}
			return nil
		})
	}
	if err != nil {
		return r.answer(c, p, err)
	}
	if err := r.SignIn(c, p.Who.ID); err != nil {
		return err
	}
	return web.Redirect(c, "/account?done=no_factor")
}

// answer shows the page after one of its forms.
func (r *Room) answer(c *fiber.Ctx, p *factorPage, err error) error {
	if err == nil {
		return r.Render(c, fiber.StatusOK, "door/factor", p)
	}
	if !p.Refuse(err) {
		return err
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "door/factor", p)
}
