package help

import (
	"cmp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/portal/web"
)

// zoneOf returns the zone of the reader's clocks, as a script wrote it into a form; empty
// when it is none.
func zoneOf(c *fiber.Ctx) string {
	name := typed(c, "zone")
	if _, ok := clock.Zone(name); !ok {
		return ""
	}
	return name
}

// A holding is how a request waits for its requester, as they read it.
type holding struct {
	May       bool      // more time can be asked for
	HoldUntil string    // as it was typed
	Held      time.Time // until when they need
	Close     time.Time // when it is closed if nothing is heard; zero: not by itself
	Max       int       // days
}

// holding returns how a request waits for its requester.
func (r *Room) holding(c *fiber.Ctx, t *escalation.Ticket) (h holding, err error) {
	h.Max = escalation.HoldDays
	if !t.Silent() || t.Into != nil {
		return h, nil
	}
	h.May, h.Held = true, t.Held
	if h.Held.Before(r.Now()) {
		h.Held = time.Time{}
	}
	in := r.Inbox()
	if in.Since.IsZero() {
		return h, nil
	}
	desk, err := r.DeskAt(c.UserContext(), t.Desk)
	if err != nil {
		return h, err
	}
	letters, err := r.Tickets.LettersOf(c.UserContext(), t.ID)
	if err != nil {
		return h, err
	}
	joined, err := t.Joining(func(id string) (escalation.Ticket, error) { return r.Tickets.TicketByID(c.UserContext(), id) })
	if err != nil {
		return h, err
	}
	if plan, ok := t.Silence(escalation.SilenceCommand{Desk: desk, Letters: letters, Joined: joined, Inbox: in}, r.Now()); ok && len(plan.Against) == 0 {
		h.Close = plan.Closes
	}
	return h, nil
}

// A keepPage asks whether a request is to be kept open.
type keepPage struct {
	page
	holding
	Number, Subject string
	State           escalation.State
	Solved          bool // we wait to hear whether the solution is one
	Late            bool
	Reopens         time.Time
	Action, Answer  string
	ZoneName        string
	Key             string
	Done            string // what was just done: "kept" or "reopened"
}

// kept returns the ticket that the code in the address of the page keeps open.
func (r *Room) kept(c *fiber.Ctx) (escalation.Ticket, error) {
	number, ok := escalation.ParseNumber(unescaped(c.Params("number")))
	var t escalation.Ticket
	err := escalation.NoTicket()
	if ok {
		t, err = r.Tickets.Ticket(c.UserContext(), number)
	}
	if err != nil && escalation.KindOf(err) == escalation.Fault {
		return t, err
	}
	// Of a ticket that does not exist the answer is the same.
	if !t.Keeps(r.LinkKey, unescaped(c.Params("code"))) || err != nil {
		return t, escalation.NoTicket()
	}
	return t.ForPublic(r.Now())
}

func (r *Room) keepPage(c *fiber.Ctx, t *escalation.Ticket) (*keepPage, error) {
	p := &keepPage{page: r.page(c, false, "keep.title", "Number", t.Number), Number: t.Number, State: t.State, Solved: t.OnTrial(), Reopens: t.Reopens(), Key: r.formKey(r.Now())}
	if t.Requester.Verified {
		p.Subject = t.Subject
	}
	p.Action = r.speakTheirs(c, &p.page, t, c.Path())
	desk, err := r.DeskAt(c.UserContext(), t.Desk)
	if err != nil {
		return nil, err
	}
	p.Speaker, p.ZoneName = p.Speaker.In(t.Location(desk)), t.Location(desk).String()
	p.NoIndex = true
	p.Late = t.State == escalation.Closed && r.Now().After(p.Reopens)
	// Who has this link reads the mail of the requester, as who has that one does.
	p.Answer = "/tickets/" + t.Number + "?k=" + r.linkToken(t) + "&m=" + escalation.MailProof(r.LinkKey, t.ID, t.Requester.Email, t.LinkGeneration)
	if p.Action != c.Path() {
		p.Answer += "&lang=" + p.Lang
	}
	p.holding, err = r.holding(c, t)
	title := "keep.title"
	if t.State == escalation.Closed {
		title = "keep.closed"
	} else if !p.May {
		title = "keep.kept" // it is our turn
	}
	p.Title = p.T(title, "Number", t.Number)
	return p, err
}

// keep serves GET /tickets/{number}/keep/{code}, the link in the letters about silence. It
// shows what would happen, and does nothing: programs follow links before people do.
func (r *Room) keep(c *fiber.Ctx) error {
	t, err := r.kept(c)
	if err != nil {
		return err
	}
	p, err := r.keepPage(c, &t)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "help/keep", p)
}

// keepOpen serves POST /tickets/{number}/keep/{code}.
func (r *Room) keepOpen(c *fiber.Ctx) error {
	t, err := r.kept(c)
	if err != nil {
		return err
	}
	p, err := r.keepPage(c, &t)
	if err != nil {
		return err
	}
	code, closed := unescaped(c.Params("code")), t.State == escalation.Closed
	t, err = r.keeping(c, &t, &p.holding, func(t *escalation.Ticket) bool { return t.Keeps(r.LinkKey, code) })
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "help/keep", p)
	}
	if p, err = r.keepPage(c, &t); err != nil {
		return err
	}
	if p.Done = "kept"; closed {
		p.Done = "reopened"
	}
	p.Title = p.T("keep."+p.Done, "Number", t.Number)
	return r.Render(c, fiber.StatusOK, "help/keep", p)
}

// hold serves POST /tickets/{number} of a requester who needs more time.
func (r *Room) hold(c *fiber.Ctx, p ticketPage, t *escalation.Ticket) error {
	_, err := r.keeping(c, t, &p.holding, func(t *escalation.Ticket) bool {
		g, ok := r.Session(c).Tickets[t.Number]
		return ok && holds(g, t)
	})
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.showTicket(c, web.Status(escalation.KindOf(err)), p)
	}
	to := "/tickets/" + t.Number + "?said=keep"
	if _, lang, ok := strings.Cut(p.Action, "?"); ok {
		to += "&" + lang
	}
	return web.Redirect(c, to)
}

// keeping keeps a ticket open for whom it still may be: until the date in the form, or
// by a click.
func (r *Room) keeping(c *fiber.Ctx, t *escalation.Ticket, h *holding, still func(*escalation.Ticket) bool) (escalation.Ticket, error) {
	until := ""
	if h.HoldUntil = typed(c, "until"); c.FormValue("do") != "keep-open" {
		until = cmp.Or(h.HoldUntil, "-") // who wants a date has to name one
	}
	desk, err := r.DeskAt(c.UserContext(), t.Desk)
	if err != nil {
		return *t, err
	}
	key, now := "", r.Now()
	if k := c.FormValue("key"); madeKey(k) {
		key = "keep " + k
	}
	return r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) {
		if !still(&t) {
			return escalation.Change{}, escalation.NoTicket()
		}
		return t.Keep(escalation.KeepCommand{Until: until, Key: key, Desk: desk}, requester(&t), escalation.NewID, now)
	})
}

// followUp opens a ticket in which a request goes on that is closed for too long. While
// that is not closed itself, more words go there.
func (r *Room) followUp(c *fiber.Ctx, old *escalation.Ticket, said escalation.Message) (escalation.Ticket, error) {
	number, now, zone := old.Number, r.Now(), zoneOf(c)
	if n := len(old.Followed); n > 0 && old.FollowedBy(said.Key) == nil {
		on, err := r.Tickets.TicketByID(c.UserContext(), old.Followed[n-1].Ticket)
		if err != nil {
			return on, err
		}
		if g, ok := r.Session(c).Tickets[number]; ok && holds(g, old) && old.GoesOnIn(&on) {
			on, err = r.Tickets.Change(c.UserContext(), on.Number, func(t escalation.Ticket) (escalation.Change, error) {
				return old.ReplyIn(&t, escalation.RequesterMessage{Message: said, Zone: zone}, requester(&t), escalation.NewID, now)
			})
			if err != nil {
				return on, err
			}
			return on, r.grant(c, &on)
		}
	}
	left, err := r.Tickets.Relate(c.UserContext(), []string{number}, func(had []escalation.Ticket) ([]escalation.Change, error) {
		t := &had[0]
		if g, ok := r.Session(c).Tickets[number]; !ok || !holds(g, t) {
			return nil, escalation.NoTicket()
		}
		return t.FollowUp(escalation.FollowCommand{Message: said, Number: escalation.NewNumber(), Desk: r.Desk(), Zone: zone}, requester(t), escalation.NewID, now)
	})
	if err != nil {
		return escalation.Ticket{}, err
	}
	if len(left) > 0 {
		return left[0], r.grant(c, &left[0])
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number) // the same form came before
	if on := t.FollowedBy(said.Key); err == nil && on != nil {
		t, err = r.Tickets.TicketByID(c.UserContext(), on.Ticket)
	}
	return t, err
}
