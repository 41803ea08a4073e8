package help

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/escalation/spam"
	"primalinea/portal/web"
)

// A channelsPage says how the company can be reached, and how soon it answers.
type channelsPage struct {
	page
	setting.Channels
	times map[escalation.Channel]escalation.AnswerTime
}

// Words says something in the page's language.
func (p channelsPage) Words(t escalation.Text) string { return t.In(p.Lang) }

// Lines are the lines of a text.
func (channelsPage) Lines(s string) []string { return strings.Split(s, "\n") }

// Dial is a number as telephones take it.
func (channelsPage) Dial(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}

// Expected says how soon a reply may be expected, or nothing.
func (p channelsPage) Expected(promise setting.Promise) string {
	if promise == "" {
		return ""
	}
	return p.T("promise.said", "When", p.T("promise."+string(promise)))
}

// Form says what the site promises to who writes by the form.
func (p channelsPage) Form() string {
	if p.Promise() == "" {
		return ""
	}
	return p.T("promise.said", "When", p.Promise())
}

// Real says how long customers of a channel really waited; nothing when nobody
// came by it.
func (p channelsPage) Real(channel escalation.Channel) string {
	t := p.times[channel]
	switch {
	case t.N == 0:
		return ""
	case t.TooFew():
		return p.T("answer.few", "Count", t.N)
	case t.Median == 0:
		return p.T("answer.waiting", "Count", t.N)
	}
	return p.T("answer.median", "Count", t.N, "Time", p.Span(t.Median))
}

// Answer times are asked for again after a while, as what is wanted is.
const (
	answersSpan = 28 * 24 * time.Hour
	answersAge  = 10 * time.Minute
)

type answers struct {
	asked time.Time // when they were asked for last
	heard time.Time // when these were
	times map[escalation.Channel]escalation.AnswerTime
}

// answerTimes returns how long customers waited lately. Of many readers at once
// one asks; the others, and all while the database does not answer, see what was
// known before.
func (r *Room) answerTimes(ctx context.Context) *answers {
	last := r.answers.Load()
	known := last
	if known == nil {
		known = &answers{}
	}
	now := r.Now()
	if r.Times == nil || now.Sub(known.asked) < answersAge {
		return known
	}
	next := &answers{now, known.heard, known.times}
	if !r.answers.CompareAndSwap(last, next) {
		return known
	}
	times, err := r.Times(ctx, now.Add(-answersSpan))
	if err != nil {
		r.Log.WarnContext(ctx, "answer times not known", "error", err)
		return next
	}
	next = &answers{now, now, times}
	r.answers.Store(next)
	return next
}

// channels serves GET /{lang}/channels.
func (r *Room) channels(c *fiber.Ctx) error {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	known := r.answerTimes(c.UserContext())
	key := r.key(lib, reader, "channels", lang, strconv.FormatInt(known.heard.UnixMilli(), 36))
	return r.cached(c, reader, key, func() (string, any, error) {
		p := channelsPage{page: r.page(c, true, "channels.title"), Channels: r.Site().Channels, times: known.times}
		p.Description = p.T("channels.description", "Site", p.Site)
		p.found(r.Link(p.Path), r.everywhere("/channels"))
		p.Data = graph(r.organization(p))
		return "help/channels", p, nil
	})
}

// organization describes the company to programs, by what the page shows.
func (r *Room) organization(p channelsPage) object {
	o := object{"@type": "Organization", "name": p.Site, "url": r.Link("/")}
	if p.Company.Name != "" {
		o["legalName"] = p.Company.Name
	}
	if p.Company.Address != "" {
		o["address"] = strings.ReplaceAll(p.Company.Address, "\n", ", ")
	}
	var points []object
	point := func(kind string) object {
		return object{"@type": "ContactPoint", "contactType": kind, "availableLanguage": r.Offered()}
	}
	form := point("customer support")
	form["url"] = r.Link("/" + p.Lang + "/contact")
	points = append(points, form)
	if p.Phone.Number != "" {
		phone := point("customer support")
		phone["telephone"] = p.Phone.Number
		points = append(points, phone)
	}
	if p.Mail.Address != "" {
		mail := point("customer support")
		mail["email"] = p.Mail.Address
		points = append(points, mail)
	}
	o["contactPoint"] = points
	var links []string
	for _, profile := range p.Social.Profiles {
		links = append(links, profile.Link)
	}
	if len(links) > 0 {
		o["sameAs"] = links
	}
	var places []object
	for _, place := range p.Places {
		places = append(places, object{"@type": "Place", "name": place.Name, "address": strings.ReplaceAll(place.Address, "\n", ", ")})
	}
	if len(places) > 0 {
		o["location"] = places
	}
	return o
}

// maxWhen is how many characters may say when to call.
const maxWhen = 200

// A callPage asks for a call.
type callPage struct {
	page
	Number                     string // of the company
	Subject, Phone, Name, When string
	Zone                       string // by whose clocks When is meant, as the caller sees and corrects it
	Ours                       bool   // Zone is ours: nobody has said another one yet
	trap
}

// MaxWhen is for the form.
func (callPage) MaxWhen() int { return maxWhen }

// callBack serves GET /{lang}/call-back.
func (r *Room) callBack(c *fiber.Ctx) error {
	p, err := r.callPage(c)
	if err != nil {
		return err
	}
	p.Key, p.Zone, p.Ours = r.formKey(r.Now()), r.Site().Hours.Location().String(), true
	return r.Render(c, fiber.StatusOK, "help/call-back", p)
}

func (r *Room) callPage(c *fiber.Ctx) (*callPage, error) {
	phone := r.Site().Channels.Phone
	if phone.Number == "" || !phone.CallBack {
		return nil, missing() // nobody would call
	}
	return &callPage{page: r.page(c, false, "call.title"), Number: phone.Number}, nil
}

// askCall serves POST /{lang}/call-back: the wish becomes a ticket.
func (r *Room) askCall(c *fiber.Ctx) error {
	p, err := r.callPage(c)
	if err != nil {
		return err
	}
	p.Subject, p.Phone, p.Name, p.When, p.Key = c.FormValue("subject"), c.FormValue("phone"), c.FormValue("name"), c.FormValue("when"), c.FormValue("key")
	p.Zone = typed(c, "zone")
	now := r.Now()
	// A number that is longer is refused for its own sake.
	text := p.T("call.text", "Phone", shortened(escalation.CleanLine(p.Phone), escalation.MaxLine))
	if when := escalation.CleanText(p.When); when != "" {
		text += "\n" + p.T("call.text_when", "When", when, "Zone", p.Zone)
	}
	cmd := escalation.OpenCommand{Subject: p.Subject, Text: text, Name: p.Name, Phone: p.Phone, Lang: p.Lang, Zone: zoneOf(c), Channel: escalation.CallBack, Key: p.Key, Desk: r.Desk()}
	p.Trap = typed(c, "homepage")
	form := spam.Form{Subject: p.Subject, Text: p.When}
	cmd.Number = escalation.NewNumber()
	// What is wrong is said first.
	if utf8.RuneCountInString(p.When) > maxWhen {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "when", Reason: "error.too_long", Args: map[string]any{"Max": maxWhen}}
	} else if _, err = escalation.NewTicket(cmd, escalation.RequesterOf{}, escalation.NewID, now); err == nil && cmd.Zone == "" && !escalation.Blank(p.When) {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "zone", Reason: "error.call_zone"}
	} else if err == nil {
		cmd.Signs, err = r.weigh(c, &p.trap, &form, p.Phone, now)
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "help/call-back", p)
	}
	t, created, err := r.Tickets.Open(c.UserContext(), cmd.Key, func() (escalation.Change, error) {
		cmd.Number = escalation.NewNumber()
		return escalation.NewTicket(cmd, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err == nil {
		err = back(&t, created)
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "help/call-back", p)
	}
	if created {
		r.remember(c, &form, now)
	}
	if err := r.grant(c, &t); err != nil {
		return err
	}
	return web.Redirect(c, fmt.Sprintf("/%s/contact/sent/%s?k=%s", p.Lang, t.Number, r.linkToken(&t)))
}
