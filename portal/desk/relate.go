package desk

import (
	"context"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A related is a ticket that has to do with the one of the page.
type related struct {
	Number, Subject, Lang string
	By                    string
	When                  template.HTML
	Until                 string // when it can no longer be undone; empty: it cannot
	StateIs, Who          string
	Lines                 []line // what was said there
}

// relations are the tickets that have to do with one.
type relations struct {
	Into    *related  // it goes on there
	Joined  []related // they go on here
	Also    []related // what else its requester waits for
	Preview *related  // what it would go on in, before anybody says so
}

// maxAlso is how many others of a requester are offered.
const maxAlso = 5

// relate says what has to do with the ticket. Who may not read one of them reads nothing
// of it.
func (r *Room) relate(ctx context.Context, p *ticketPage, joining []escalation.Ticket, called map[string]string) error {
	t := p.Ticket
	if t.Into != nil {
		into, err := r.Tickets.Ticket(ctx, t.Into.Number)
		if err != nil {
			return err
		}
		o := p.joined(&into, *t.Into, called)
		o.Lines = nil
		p.Into = &o
	}
	for i := range joining {
		o := p.joined(&joining[i], *joining[i].Into, called)
		if joining[i].Into.Ticket != t.ID {
			o.Until = "" // that is undone in the one that it was merged into
		}
		p.Joined = append(p.Joined, o)
	}
	if !p.Can.Merge || t.Requester.Email == "" {
		return nil
	}
	also, err := r.Tickets.AlsoOf(ctx, t.Requester.Email, t.ID, maxAlso)
	for _, l := range also {
		p.Also = append(p.Also, related{Number: l.Number, Subject: l.Subject, Lang: l.Lang, When: p.When(l.Opened), StateIs: p.T("staff.state." + string(l.State))})
	}
	return err
}

// joined is a ticket that is joined with the one of the page, in words, and how it came to
// be.
func (p *ticketPage) joined(t *escalation.Ticket, j escalation.Join, called map[string]string) related {
	o := related{Number: t.Number, By: p.who(j.By), When: p.When(j.At)}
	if end := j.At.Add(escalation.UndoDays * 24 * time.Hour); p.Me.May(escalation.Reply, p.Ticket) && p.now.Before(end) {
		o.Until = p.Date(end)
	}
	if p.Me.May(escalation.Read, t) {
		p.about(&o, t, called)
	}
	return o
}

// about says what another ticket is about.
func (p *ticketPage) about(o *related, t *escalation.Ticket, called map[string]string) {
	o.Number, o.Subject, o.Lang = t.Number, t.Subject, t.Lang
	o.StateIs, _ = stateOf(p.Speaker, t)
	there := *p
	there.Ticket, there.tenures, there.away = t, t.Tenures(), t.AllAway()
	o.Who = there.who(escalation.ActorRef{Kind: escalation.ByRequester, Name: t.Requester.Name})
	for i := range t.Entries {
		if l, ok := there.line(&t.Entries[i], called); ok && l.said {
			o.Lines = append(o.Lines, l)
		}
	}
}

// merge serves POST /desk/tickets/{number}/merge: first what it would go on in is
// shown, then it does.
func (r *Room) merge(c *fiber.Ctx) error {
	f := receive(c, "merge", "number")
	t, err := r.read(c)
	if err != nil {
		return err
	}
	number, ok := escalation.ParseNumber(f.get("number"))
	into := escalation.Ticket{}
	if ok {
		into, err = r.Tickets.Ticket(c.UserContext(), number)
	}
	switch {
	case ok && err != nil && escalation.KindOf(err) != escalation.NotFound:
		return err
	case !ok, err != nil, !r.Me(c).May(escalation.Read, &into):
		return r.again(c, f, &escalation.Error{Kind: escalation.Invalid, Field: "number", Reason: "error.merge_number"})
	}
	if c.FormValue("do") != "merge" {
		if _, err := t.Merge(&into, *r.Me(c), r.IDs, r.Now()); err != nil {
			return r.again(c, f, err)
		}
		p, err := r.kept(c, f)
		if err != nil {
			return err
		}
		p.Preview = &related{When: p.When(into.Opened)}
		p.about(p.Preview, &into, map[string]string{})
		return r.show(c, fiber.StatusOK, p)
	}
	_, err = r.Tickets.Relate(c.UserContext(), []string{t.Number, into.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Merge(&list[1], *r.Me(c), r.IDs, r.Now())
	})
	if err != nil {
		return r.again(c, f, err)
	}
	return web.Redirect(c, "/desk/tickets/"+into.Number+"?done=merged")
}

// unmerge serves POST /desk/tickets/{number}/unmerge, of the one that was merged.
func (r *Room) unmerge(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	on := t.Number // that is refused, and said why
	if t.Into != nil {
		on = t.Into.Number
	}
	_, err = r.Tickets.Relate(c.UserContext(), []string{t.Number, on}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Unmerge(&list[1], *r.Me(c), r.IDs, r.Now())
	})
	if err != nil {
		return r.again(c, receive(c, "unmerge"), err)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=unmerged")
}
