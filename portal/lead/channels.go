package lead

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
)

// A channelsPage is the form for the ways to reach the company.
type channelsPage struct {
	settingsPage
	setting.Channels
	Profiles string // as typed
	Promises []setting.Promise
}

// F is a field that is typed once for each language.
func (channelsPage) F(name string, t escalation.Text) textField { return textField{name, t} }

func (r *Settings) channelsPage(c *fiber.Ctx) *channelsPage {
	site := r.Keep.Site()
	p := &channelsPage{settingsPage: r.page(c, "channels"), Channels: site.Channels, Promises: setting.Promises}
	p.Version = site.Version(setting.ChannelsName)
	for _, profile := range p.Social.Profiles {
		p.Profiles += profile.Name + " " + profile.Link + "\n"
	}
	return p.roomy()
}

// roomy adds an empty place, for one more.
func (p *channelsPage) roomy() *channelsPage {
	if len(p.Places) < setting.MaxPlaces {
		p.Places = append(p.Places[:len(p.Places):len(p.Places)], setting.Place{})
	}
	return p
}

// showChannels serves GET /lead/settings/channels.
func (r *Settings) showChannels(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "lead/settings-channels", r.channelsPage(c))
}

// changeChannels serves POST /lead/settings/channels.
func (r *Settings) changeChannels(c *fiber.Ctx) error {
	p := r.channelsPage(c)
	promise := func(field string) setting.Promise { return setting.Promise(c.FormValue(field)) }
	p.Channels = setting.Channels{
		Company: setting.Company{Name: c.FormValue("company.name"), Address: c.FormValue("company.address"), Number: c.FormValue("company.number")},
		Phone: setting.Phone{Number: c.FormValue("phone.number"), Cost: r.said(c, "phone.cost"), Hours: r.said(c, "phone.hours"),
			Wait: r.said(c, "phone.wait"), CallBack: c.FormValue("phone.call_back") != ""},
		Chat:      setting.Chat{Link: c.FormValue("chat.link"), Hours: r.said(c, "chat.hours"), Promise: promise("chat.promise")},
		Social:    setting.Social{Promise: promise("social.promise")},
		Mail:      setting.Mail{Address: c.FormValue("mail.address"), Promise: promise("mail.promise")},
		Certified: setting.Certified{Address: c.FormValue("certified.address"), When: r.said(c, "certified.when"), Promise: promise("certified.promise")},
	}
	for i := range setting.MaxPlaces {
		at := fmt.Sprintf("place.%d.", i)
		p.Places = append(p.Places, setting.Place{Name: c.FormValue(at + "name"), Address: c.FormValue(at + "address"), Hours: r.said(c, at+"hours")})
	}
	for len(p.Places) > 0 && empty(p.Places[len(p.Places)-1]) {
		p.Places = p.Places[:len(p.Places)-1]
	}
	typed := p.Channels
	p.Profiles = c.FormValue("social.profiles")
	clean, err := typed.Clean()
	if err == nil {
		clean.Social.Profiles, err = setting.ParseProfiles("social.profiles", p.Profiles)
	}
	return r.save(c, &p.settingsPage, setting.ChannelsName, clean, err, func(status int) error {
		return r.Render(c, status, "lead/settings-channels", p.roomy())
	})
}

func empty(p setting.Place) bool {
	return strings.TrimSpace(p.Name+p.Address+p.Hours.In()) == ""
}
