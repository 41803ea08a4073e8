package desk

import (
	"context"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Mentions is where it is kept whom notes call.
type Mentions interface {
	// Mentions returns the latest notes that call a person: those that they are not done
	// with, or the others.
	Mentions(ctx context.Context, person string, done bool, limit int) ([]escalation.Mention, error)
	// DoneMentions notes that a person is done with notes, by their ids.
	DoneMentions(ctx context.Context, person string, entries []string, now time.Time) error
}

// How many are listed.
const (
	openMentions = 100
	doneMentions = 20
)

// A mention is a note that calls the reader, in words. Of a ticket that they may not
// read it says no more than who called.
type mention struct {
	Entry, Who string
	When       template.HTML
	Hidden     bool
	Number     string
	Subject    string
	Lang       string // of the subject
}

// A mentionPage lists the notes that call the reader.
type mentionPage struct {
	web.Page
	Open, Done []mention
	Reads      bool // the reader reads tickets
}

// mentions serves GET /desk/mentions, to all of the staff: a colleague may call
// somebody who reads no tickets.
func (r *Room) mentions(c *fiber.Ctx) error {
	p := mentionPage{Page: r.Page(c, "desk", "mentions.title")}
	p.Reads = r.Me(c).May(escalation.Read, nil)
	var err error
	if p.Open, err = r.mentioned(c, p.Page, false, openMentions); err != nil {
		return err
	}
	if p.Done, err = r.mentioned(c, p.Page, true, doneMentions); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "desk/mentions", p)
}

func (r *Room) mentioned(c *fiber.Ctx, p web.Page, done bool, most int) (list []mention, err error) {
	me := r.Me(c)
	found, err := r.Mentions.Mentions(c.UserContext(), me.ID, done, most)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		line := mention{Entry: m.Entry, Who: m.By.Name, When: moment(p.Speaker, m.At, r.Now()), Hidden: true}
		if me.May(escalation.Read, &m.Ticket) {
			line.Hidden, line.Number, line.Subject, line.Lang = false, m.Ticket.Number, m.Ticket.Subject, m.Ticket.Lang
		}
		list = append(list, line)
	}
	return list, nil
}

// doneWith serves POST /desk/mentions: the reader is done with one, or with all that were
// shown.
func (r *Room) doneWith(c *fiber.Ctx) error {
	entries := web.Values(c, "entry")
	if one := c.FormValue("one"); one != "" {
		entries = []string{one}
	}
	if err := r.Mentions.DoneMentions(c.UserContext(), r.Me(c).ID, entries, r.Now()); err != nil {
		return err
	}
	return web.Redirect(c, "/desk/mentions")
}

// colleagues are those of all people who can be called: whoever works here, but the
// reader.
func colleagues(people []staff.Person, me string) (list []escalation.ActorRef) {
	for _, p := range people {
		if !p.Disabled && p.ID != me {
			list = append(list, p.Ref())
		}
	}
	return list
}

// called says whom a note calls, and who of them may not read it.
func (p *ticketPage) called(ev *escalation.Event) string {
	var names, blind string
	for _, c := range ev.Called {
		names = listed(names, c.Name)
		if who := p.people[c.ID]; who.ID != "" && !who.May(escalation.Read, p.Ticket) {
			blind = listed(blind, c.Name)
		}
	}
	said := p.T("desk.event.mentioned", "Names", names)
	if blind != "" {
		said += " " + p.T("mentions.blind", "Names", blind)
	}
	return said
}

func listed(names, name string) string {
	if names == "" {
		return name
	}
	return names + ", " + name
}
