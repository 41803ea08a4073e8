package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Live is who is at tickets, and what was done to them lately.
type Live interface {
	// TouchedSince returns the numbers of the tickets that others than a person of the staff
	// changed since a moment, the latest first. At most so many acts are read.
	TouchedSince(ctx context.Context, since time.Time, me string, most int) ([]string, error)
	// PresentAt returns who is at a ticket now, in the order of their names.
	PresentAt(ctx context.Context, number string, now time.Time) ([]escalation.Presence, error)
	// SetPresent keeps what somebody does at a ticket.
	SetPresent(ctx context.Context, p escalation.Presence, now time.Time) error
	// Leave forgets that somebody is at a ticket.
	Leave(ctx context.Context, number, person string) error
}

// A heard is what a page that is open is told.
type heard struct {
	Listen  string // address of what tells it
	Refresh string // address of the page, that says what is new in it
	Made    string // time of day at which it was made
	News    string // what is new since the page that was made before
	First   string // anchor of the first of it
	There   string // who else is at the ticket
}

// clockTime is a time of day.
func clockTime(s speaker, at time.Time) string { return s.Local(at).Format("15:04") }

// listen says where a ticket's page listens, what is new in it, and who else is there.
func (r *Room) listen(c *fiber.Ctx, p *ticketPage, me escalation.ActorRef) error {
	seen := "?seen=" + strconv.Itoa(p.Ticket.Version)
	p.Listen, p.Refresh = p.Path+"/live"+seen+"&lang="+p.Lang, p.Path+seen
	p.Made = clockTime(p.Speaker, p.now)
	if was := c.QueryInt("seen"); was > 0 {
		if p.News = whatIsNew(p.Speaker, p.Ticket, was, me); p.News != "" {
			p.First = latest
		}
		p.sinceThen(was)
		if i := slices.IndexFunc(p.Lines, func(l line) bool { return l.New }); i >= 0 {
			p.First = "#" + p.Lines[i].ID
		}
	}
	present, err := r.Around.PresentAt(c.UserContext(), p.Ticket.Number, p.now)
	p.There = others(p.Speaker, present, me.ID)
	return err
}

// others says who else is at a ticket: those who write, and those who read.
func others(words speaker, present []escalation.Presence, me string) string {
	var write, read []string
	for _, w := range present {
		switch {
		case w.Person == me:
		case w.Writes:
			write = append(write, w.Name)
		default:
			read = append(read, w.Name)
		}
	}
	var said []string
	if len(write) > 0 {
		said = append(said, words.T("live.writes", "Count", len(write), "Names", strings.Join(write, ", ")))
	}
	if len(read) > 0 {
		said = append(said, words.T("live.reads", "Count", len(read), "Names", strings.Join(read, ", ")))
	}
	return strings.Join(said, " ")
}

// whatIsNew says what others did to a ticket since a version of it; nothing when nobody
// did.
func whatIsNew(words speaker, t *escalation.Ticket, since int, me escalation.ActorRef) string {
	n, customer, wrote, did := 0, false, "", ""
	for _, e := range t.Entries {
		if e.Seq <= since || e.By == me || e.Was != nil {
			continue
		}
		n++
		switch {
		case e.By.Kind == escalation.ByRequester && e.Kind == escalation.Public:
			customer = true
		case e.By.Person() && e.Kind != escalation.Happened:
			wrote = e.By.Name
		case e.By.Person():
			did = e.By.Name
		}
	}
	if n == 0 {
		return ""
	}
	said := []string{words.T("live.entries", "Count", n)}
	if customer {
		said = append(said, words.T("live.customer_wrote"))
	}
	if wrote != "" {
		said = append(said, words.T("live.colleague_wrote", "Name", wrote))
	} else if did != "" && !customer {
		said = append(said, words.T("live.colleague", "Name", did))
	}
	return strings.Join(said, " ")
}

// liveTicket serves GET /desk/tickets/{number}/live: that there are new entries, by
// others than the reader, and who else is at the ticket.
func (r *Room) liveTicket(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	me, words := *r.Me(c), r.Theme.Words.Speaker(r.Lang(c))
	base, told := web.SeenFrom(c, "seen")
	first, there := true, ""
	return r.Stream(c, web.Stream{
		Who: me.ID, Session: r.Session(c).Hash(), Me: &me, Number: t.Number,
		Next: func(_ context.Context, now web.Moment) (tell []web.News, _ time.Duration, may bool, err error) {
			if first || now.Touched {
				t, err := now.Ticket()
				if err != nil || !now.Me.May(escalation.Read, t) {
					return nil, 0, false, err
				}
				if version := int64(t.Version); version > told {
					told = version
					if text := whatIsNew(words, t, int(base), now.Me.Ref()); text != "" {
						tell = append(tell, web.News{ID: strconv.FormatInt(version, 10), Name: "news", Text: text})
					}
				}
			}
			if says := others(words, now.Present, now.Me.ID); first || says != there {
				there = says
				tell = append(tell, web.News{ID: strconv.FormatInt(told, 10), Name: "there", Text: says})
			}
			first = false
			return tell, 0, true, nil
		},
	})
}

// presence serves POST /desk/tickets/{number}/presence: the reader has words that are not
// sent, or has none any more, or went away.
func (r *Room) presence(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	me := r.Me(c)
	switch does := c.FormValue("does"); does {
	case "write", "read":
		err = r.Around.SetPresent(c.UserContext(), escalation.Presence{Number: t.Number, Person: me.ID, Name: me.Name, Writes: does == "write"}, r.Now())
	case "leave":
		r.Live.Left(me.ID, t.Number)
		err = r.Around.Leave(c.UserContext(), t.Number, me.ID)
	default:
		return fiber.ErrBadRequest
	}
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

const (
	// longest is how far back it is asked what is new in a list.
	longest = 24 * time.Hour
	// mostActs is how many acts are read for that.
	mostActs = 2000
	// calm is how long a list says nothing after it said something.
	calm = 5 * time.Second
)

// listenToList says where the page of a list listens, and what is new in it.
func (r *Room) listenToList(c *fiber.Ctx, p *queuePage, me string, now time.Time) error {
	since := "&since=" + strconv.FormatInt(now.UnixMilli(), 10)
	_, query, _ := strings.Cut(p.Address(), "?")
	p.Listen, p.Refresh = "/desk/live?"+query+since+"&lang="+p.Lang, p.Address()+since
	p.Made = clockTime(p.Speaker, now)
	was := c.QueryInt("since")
	if was <= 0 {
		return nil
	}
	numbers, err := r.touched(c.UserContext(), int64(was), me)
	if err != nil {
		return err
	}
	n, err := r.among(c.UserContext(), p.View, numbers)
	if n > 0 {
		p.News = p.T("live.new_in_list", "Count", n)
		p.touched = numbers
	}
	return err
}

// touched returns the tickets that others changed since a moment, the latest first.
func (r *Room) touched(ctx context.Context, since int64, me string) ([]string, error) {
	at := time.UnixMilli(since)
	if oldest := r.Now().Add(-longest); at.Before(oldest) {
		at = oldest
	}
	numbers, err := r.Around.TouchedSince(ctx, at, me, mostActs)
	return numbers[:min(len(numbers), escalation.MostFound)], err
}

// among returns how many of these tickets are in a list now.
func (r *Room) among(ctx context.Context, v view, numbers []string) (int, error) {
	if len(numbers) == 0 {
		return 0, nil
	}
	if err := r.found(ctx, &v); err != nil {
		return 0, err
	}
	if v.query.Found != nil {
		numbers = slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { return !slices.Contains(*v.query.Found, n) })
	}
	v.query.Found = &numbers
	return r.Tickets.Count(ctx, v.query, escalation.MostFound)
}

// liveQueue serves GET /desk/live: how many tickets of a list others changed since its
// page was made. Which list that is, the address says as that of the page does.
func (r *Room) liveQueue(c *fiber.Ctx) error {
	me, words := *r.Me(c), r.Theme.Words.Speaker(r.Lang(c))
	v, err := r.namedView(c, &me)
	if err != nil {
		return err
	}
	since, _ := web.SeenFrom(c, "since")
	pending, told := true, 0
	var next time.Time // when it may say something again
	return r.Stream(c, web.Stream{
		Who: me.ID, Session: r.Session(c).Hash(), Me: &me,
		Next: func(ctx context.Context, now web.Moment) (tell []web.News, after time.Duration, may bool, err error) {
			if pending = pending || now.Touched; !pending {
				return nil, 0, true, nil
			}
			if after := time.Until(next); after > 0 {
				return nil, after, true, nil
			}
			pending, next = false, time.Now().Add(calm)
			numbers, err := r.touched(ctx, since, now.Me.ID)
			if err != nil {
				return nil, 0, false, err
			}
			n, err := r.among(ctx, v, numbers)
			if err != nil || n == told {
				return nil, 0, err == nil, err
			}
			told = n
			text := ""
			if n > 0 {
				text = words.T("live.new_in_list", "Count", n)
			}
			return []web.News{{ID: strconv.FormatInt(since, 10), Name: "news", Text: text}}, 0, true, nil
		},
	})
}

// namedView returns the list that an address names, as [Room.queue] shows it.
func (r *Room) namedView(c *fiber.Ctx, me *staff.Person) (view, error) {
	ctx, now := c.UserContext(), r.Now()
	if c.Query("f") != "" {
		people, err := r.Staff.People(ctx)
		if err != nil {
			return view{}, err
		}
		return r.typedView(c, me, people, now), nil
	}
	saved, err := r.savedViews(ctx, me, now)
	if err != nil {
		return view{}, err
	}
	list := append(views(*me), saved...)
	return list[max(0, slices.IndexFunc(list, func(v view) bool { return v.ID == c.Query("view") }))], nil
}
