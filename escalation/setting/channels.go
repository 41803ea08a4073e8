package setting

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"primalinea/escalation"
)

// ChannelsName is the name of the row of [Channels].
const ChannelsName = "channels"

// Channels are the ways to reach the company beside the form, which is always
// there. What is empty the company does not have.
type Channels struct {
	Company   Company   `json:"company,omitzero"`
	Phone     Phone     `json:"phone,omitzero"`
	Chat      Chat      `json:"chat,omitzero"`
	Social    Social    `json:"social,omitzero"`
	Mail      Mail      `json:"mail,omitzero"`
	Certified Certified `json:"certified,omitzero"`
	Places    []Place   `json:"places,omitempty"`
}

// A Company is who answers.
type Company struct {
	Name    string `json:"name,omitempty"`    // as registered
	Address string `json:"address,omitempty"` // several lines
	Number  string `json:"number,omitempty"`  // by which authorities know it
}

// A Phone is answered by somebody.
type Phone struct {
	Number   string          `json:"number,omitempty"`
	Cost     escalation.Text `json:"cost,omitempty"`
	Hours    escalation.Text `json:"hours,omitempty"`
	Wait     escalation.Text `json:"wait,omitempty"`      // as a caller may expect
	CallBack bool            `json:"call_back,omitempty"` // customers may ask to be called
}

// A Chat is held somewhere else.
type Chat struct {
	Link    string          `json:"link,omitempty"`
	Hours   escalation.Text `json:"hours,omitempty"`
	Promise Promise         `json:"promise,omitempty"`
}

// Social are the company's places in public.
type Social struct {
	Profiles []Profile `json:"profiles,omitempty"`
	Promise  Promise   `json:"promise,omitempty"`
}

// A Profile is one of them.
type Profile struct {
	Name string `json:"name"`
	Link string `json:"link"`
}

// A Mail address for letters to us.
type Mail struct {
	Address string  `json:"address,omitempty"`
	Promise Promise `json:"promise,omitempty"`
}

// Certified mail proves that and when it was delivered.
type Certified struct {
	Address string          `json:"address,omitempty"`
	When    escalation.Text `json:"when,omitempty"` // it is advisable
	Promise Promise         `json:"promise,omitempty"`
}

// A Place is where somebody can be met.
type Place struct {
	Name    string          `json:"name"`
	Address string          `json:"address"`
	Hours   escalation.Text `json:"hours,omitempty"`
}

// MaxPlaces is how many places there may be.
const MaxPlaces = 10

const (
	maxWords    = 300 // of a text in one language
	maxShort    = 100
	maxProfiles = 10
)

var phoneNumber = regexp.MustCompile(`^\+?[0-9][0-9()/. -]{4,30}$`)

// Clean returns the channels as they are kept, or an Invalid error. Fields are
// named as in JSON, with dots; places by their number from 0.
func (c Channels) Clean() (Channels, error) {
	var err error
	line := func(field, s string, most int) string {
		s = escalation.CleanLine(s)
		if err == nil && len([]rune(s)) > most {
			err = invalid(field, "error.too_long", map[string]any{"Max": most})
		}
		return s
	}
	lines := func(field, s string) string {
		s = escalation.CleanText(s)
		if err == nil && len([]rune(s)) > maxWords {
			err = invalid(field, "error.too_long", map[string]any{"Max": maxWords})
		}
		return s
	}
	text := func(field string, t escalation.Text) escalation.Text {
		out, wrong := escalation.NewText(field, t, maxWords, true)
		if err == nil {
			err = wrong
		}
		return out
	}
	promise := func(field string, p Promise) Promise {
		if err == nil && !slices.Contains(Promises, p) {
			err = invalid(field, "error.choice", nil)
		}
		return p
	}
	address := func(field, s string) string {
		if s = strings.TrimSpace(s); s == "" {
			return ""
		}
		a, wrong := escalation.ParseEmail(field, s)
		if err == nil {
			err = wrong
		}
		return a
	}
	c.Company.Name = line("company.name", c.Company.Name, maxShort)
	c.Company.Address = lines("company.address", c.Company.Address)
	c.Company.Number = line("company.number", c.Company.Number, maxShort)

	c.Phone.Number = line("phone.number", c.Phone.Number, maxShort)
	if err == nil && c.Phone.Number != "" && !phoneNumber.MatchString(c.Phone.Number) {
		err = invalid("phone.number", "error.phone", nil)
	}
	c.Phone.Cost, c.Phone.Hours, c.Phone.Wait = text("phone.cost", c.Phone.Cost), text("phone.hours", c.Phone.Hours), text("phone.wait", c.Phone.Wait)

	c.Chat.Link = strings.TrimSpace(c.Chat.Link)
	if err == nil && c.Chat.Link != "" && !isLink(c.Chat.Link) {
		err = invalid("chat.link", "error.link", nil)
	}
	c.Chat.Hours, c.Chat.Promise = text("chat.hours", c.Chat.Hours), promise("chat.promise", c.Chat.Promise)
	c.Social.Promise = promise("social.promise", c.Social.Promise)
	c.Mail.Address, c.Mail.Promise = address("mail.address", c.Mail.Address), promise("mail.promise", c.Mail.Promise)
	c.Certified.Address = address("certified.address", c.Certified.Address)
	c.Certified.When, c.Certified.Promise = text("certified.when", c.Certified.When), promise("certified.promise", c.Certified.Promise)

	var places []Place
	for i, p := range c.Places {
		field := func(name string) string { return fmt.Sprintf("place.%d.%s", i, name) }
		p.Name, p.Address, p.Hours = line(field("name"), p.Name, maxShort), lines(field("address"), p.Address), text(field("hours"), p.Hours)
		if escalation.Blank(p.Name+p.Address) && len(p.Hours) == 0 {
			continue // taken out, or never filled in
		}
		if err == nil && escalation.Blank(p.Name) {
			err = invalid(field("name"), "error.place_name", nil)
		}
		if err == nil && escalation.Blank(p.Address) {
			err = invalid(field("address"), "error.place_address", nil)
		}
		places = append(places, p)
	}
	c.Places = places[:min(len(places), MaxPlaces)]
	return c, err
}

// ParseProfiles reads profiles as they are typed: one a line, the name before the
// address.
func ParseProfiles(field, typed string) ([]Profile, error) {
	var out []Profile
	for l := range strings.Lines(escalation.CleanText(typed)) {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		p := Profile{Name: strings.Join(words[:len(words)-1], " "), Link: words[len(words)-1]}
		if p.Name == "" || len([]rune(p.Name)) > maxShort || strings.HasPrefix(p.Link, "/") || !isLink(p.Link) {
			return out, invalid(field, "error.profile", map[string]any{"Line": strings.TrimSpace(l)})
		}
		if len(out) == maxProfiles {
			return out, invalid(field, "error.too_many_lines", map[string]any{"Max": maxProfiles})
		}
		out = append(out, p)
	}
	return out, nil
}

// Any says whether the company has a channel beside the form.
func (c Channels) Any() bool {
	return c.Phone.Number != "" || c.Chat.Link != "" || len(c.Social.Profiles) > 0 || c.Mail.Address != "" ||
		c.Certified.Address != "" || len(c.Places) > 0 || c.Company != (Company{})
}
