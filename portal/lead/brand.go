package lead

import (
	"encoding/base64"
	"io"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/portal/web"
)

// A brandPage is the form for what the site is called and looks like.
type brandPage struct {
	settingsPage
	Name, Accent string
	Links        []textField
	HasLogo      bool
	Kept         string // a logo that came with a form that was refused, for the next try
	MaxLogoMB    int
	MaxName      int
	Current      setting.Brand // what is there now
}

// A textField is something that is typed once for each language.
type textField struct {
	Name string
	Text escalation.Text
}

// links returns the fields for the links of the foot.
func links(privacy, imprint, accessibility escalation.Text) []textField {
	return []textField{{"privacy", privacy}, {"imprint", imprint}, {"accessibility", accessibility}}
}

func (r *Settings) brandPage(c *fiber.Ctx) *brandPage {
	site := r.Keep.Site()
	b := site.Brand
	p := &brandPage{settingsPage: r.page(c, "brand"), Name: b.Name, Accent: b.Accent, HasLogo: b.Logo != nil,
		Links: links(b.Privacy, b.Imprint, b.Accessibility), MaxLogoMB: setting.MaxLogo >> 20, MaxName: setting.MaxBrand, Current: b}
	p.Version = site.Version(setting.BrandName)
	return p
}

// showBrand serves GET /lead/settings/brand.
func (r *Settings) showBrand(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "lead/settings-brand", r.brandPage(c))
}

// changeBrand serves POST /lead/settings/brand. The logo stays unless another one
// comes along, or it is to go.
func (r *Settings) changeBrand(c *fiber.Ctx) error {
	p := r.brandPage(c)
	p.Name, p.Accent = c.FormValue("name"), c.FormValue("accent")
	privacy, imprint, accessibility := r.said(c, "privacy"), r.said(c, "imprint"), r.said(c, "accessibility")
	p.Links = links(privacy, imprint, accessibility)
	brand, err := r.Keep.Site().Brand.Edit(p.Name, p.Accent, privacy, imprint, accessibility)
	picture, wrong := logo(c, brand.Logo)
	if err == nil {
		err = wrong
	}
	if wrong == nil && picture != nil && picture != brand.Logo {
		p.Kept = base64.URLEncoding.EncodeToString(picture.PNG) // a browser forgets which file was chosen
	}
	brand.Logo = picture
	return r.save(c, &p.settingsPage, setting.BrandName, brand, err, func(status int) error {
		p.Current = r.Keep.Site().Brand
		return r.Render(c, status, "lead/settings-brand", p)
	})
}

// logo returns the logo that a form asks for.
func logo(c *fiber.Ctx, now *setting.Logo) (*setting.Logo, error) {
	if c.FormValue("no_logo") != "" {
		now = nil
	}
	head, err := c.FormFile("logo")
	if err != nil || head.Size == 0 {
		if kept, err := base64.URLEncoding.DecodeString(c.FormValue("kept_logo")); err == nil && len(kept) > 0 {
			return setting.NewLogo(kept)
		}
		return now, nil // nothing was chosen
	}
	if head.Size > setting.MaxLogo {
		return setting.NewLogo(make([]byte, setting.MaxLogo+1))
	}
	f, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return setting.NewLogo(data)
}

// An addressPage says by which address readers reach the site.
type addressPage struct {
	settingsPage
	Address       string
	Local, Secure bool
	Suggested     string // what to start the program with
}

// showAddress serves GET /lead/settings/address. The address is a flag: whoever
// starts the program says it, for what a request says of it is never trusted.
func (r *Settings) showAddress(c *fiber.Ctx) error {
	p := addressPage{settingsPage: r.page(c, "address"), Address: r.Link("/"), Secure: r.Secure()}
	host := r.Base.Hostname()
	p.Local = host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
	p.Suggested = (&url.URL{Scheme: "https", Host: "help.example.com"}).String()
	return r.Render(c, fiber.StatusOK, "lead/settings-address", p)
}

// An hoursPage is the form for when somebody is there.
type hoursPage struct {
	settingsPage
	Zone     string
	Opening  textField
	Promise  string
	Promises []setting.Promise
	Current  setting.Hours
	Max      int
}

func (r *Settings) hoursPage(c *fiber.Ctx) *hoursPage {
	site := r.Keep.Site()
	h := site.Hours
	p := &hoursPage{settingsPage: r.page(c, "hours"), Zone: h.Zone, Opening: textField{"opening", h.Opening}, Promise: string(h.Promise),
		Promises: setting.Promises, Current: h, Max: setting.MaxOpening}
	p.Version = site.Version(setting.HoursName)
	return p
}

// showHours serves GET /lead/settings/hours.
func (r *Settings) showHours(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "lead/settings-hours", r.hoursPage(c))
}

// changeHours serves POST /lead/settings/hours.
func (r *Settings) changeHours(c *fiber.Ctx) error {
	p := r.hoursPage(c)
	p.Zone, p.Promise, p.Opening.Text = c.FormValue("zone"), c.FormValue("promise"), r.said(c, "opening")
	hours, err := setting.NewHours(p.Zone, p.Opening.Text, p.Promise)
	return r.save(c, &p.settingsPage, setting.HoursName, hours, err, func(status int) error {
		p.Current = r.Keep.Site().Hours
		return r.Render(c, status, "lead/settings-hours", p)
	})
}

// A letterheadPage is the form for how letters end, and tries whether they go out.
type letterheadPage struct {
	settingsPage
	From      string // sender; empty: mail is not configured
	Signature textField
	Current   setting.Letters
	Test      *escalation.Delivery // the test letter, after it was sent
	Max       int
}

func (r *Settings) letterheadPage(c *fiber.Ctx) *letterheadPage {
	site := r.Keep.Site()
	p := &letterheadPage{settingsPage: r.page(c, "letters"), From: r.From, Signature: textField{"signature", site.Letters.Signature},
		Current: site.Letters, Max: setting.MaxSignature}
	p.Version = site.Version(setting.LettersName)
	return p
}

// showLetters serves GET /lead/settings/letters.
func (r *Settings) showLetters(c *fiber.Ctx) error {
	p := r.letterheadPage(c)
	if id := c.Query("test"); id != "" {
		d, err := r.Outbox.Letter(c.UserContext(), id)
		if err != nil && escalation.KindOf(err) != escalation.NotFound {
			return err
		}
		if err == nil && d.Kind == escalation.TestLetter && d.To == p.Me.Email {
			p.Test = &d
		}
	}
	return r.Render(c, fiber.StatusOK, "lead/settings-letters", p)
}

// changeLetters serves POST /lead/settings/letters.
func (r *Settings) changeLetters(c *fiber.Ctx) error {
	p := r.letterheadPage(c)
	p.Signature.Text = r.said(c, "signature")
	letters, err := setting.NewLetters(p.Signature.Text)
	return r.save(c, &p.settingsPage, setting.LettersName, letters, err, func(status int) error {
		p.Current = r.Keep.Site().Letters
		return r.Render(c, status, "lead/settings-letters", p)
	})
}

// testLetter serves POST /lead/settings/letters/test: a letter to oneself.
func (r *Settings) testLetter(c *fiber.Ctx) error {
	me := r.Me(c)
	l := escalation.Letter{ID: r.IDs(), Kind: escalation.TestLetter, To: me.Email, Lang: r.Lang(c), NotBefore: r.Now(),
		Args: escalation.LetterArgs{Name: me.Name, Recipient: me.Email, Path: "/lead/settings/letters"}}
	if err := r.Outbox.PostLetter(c.UserContext(), l); err != nil {
		return err
	}
	return web.Redirect(c, "/lead/settings/letters?test="+l.ID+"#test")
}
