package desk

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A splitPage takes words of a ticket to another one, or makes one of them.
type splitPage struct {
	*ticketPage
	Words   []line          // of the stretch, that may be chosen; of all, those that were, when it is Sure
	Chosen  map[string]bool // ids of entries
	Beyond  []line          // chosen, in other stretches
	Action  string
	Sure    bool // what would happen is shown, before anybody says so
	Into    *related
	Waits   bool   // nobody of us has the turn there
	Differs bool   // it is somebody else's
	Place   string // where it is
	General string // where tickets begin
}

// A went is that words went to another ticket, or came from it.
type went struct {
	ID, Number, From string // From is the number of where they were said
	By               string
	When             template.HTML
	Count            int
	Split            bool
	Until            string // when it can no longer be undone; empty: it cannot
}

func (p *ticketPage) went(c escalation.Carriage, from string) went {
	w := went{ID: c.ID, Number: c.Number, From: from, By: p.who(c.By), When: p.When(c.At), Count: len(c.Entries), Split: c.Split}
	if end := c.At.Add(escalation.UndoDays * 24 * time.Hour); p.Can.GiveBack && p.now.Before(end) {
		w.Until = p.Date(end)
	}
	return w
}

// Went is what of the ticket stands in others.
func (p *ticketPage) Went() []went {
	var list []went
	for _, c := range p.Ticket.Carried {
		list = append(list, p.went(c, p.Ticket.Number))
	}
	return list
}

// Arrived is what of others stands here.
func (p *ticketPage) Arrived() []went {
	var list []went
	for _, c := range p.Ticket.Brought {
		list = append(list, p.went(c, c.Number))
	}
	return list
}

// Devices are those that the ticket names, if they are several, and where to split it.
func (p *ticketPage) Devices() (d struct{ Names, Split string }) {
	if names, entries := p.Ticket.Devices(); p.Can.Give && len(names) > 0 {
		d.Names, d.Split = strings.Join(names, ", "), "?entry="+strings.Join(entries, "&entry=")
	}
	return d
}

// brought says a word that was taken here.
func (p *ticketPage) brought(l *line, e *escalation.Entry) {
	o, number := e.Spoken(), e.Event.Other.Number
	if !slices.ContainsFunc(p.Ticket.Brought, func(c escalation.Carriage) bool { return c.ID == e.Event.Carriage }) {
		l.Kind, l.KindIs, l.Text, l.Files, l.Questions = "event", "", "", nil, nil
		l.Sentence, l.said = p.T("desk.event.went_back", "Number", number), false
		return
	}
	l.From, l.Who, l.When, l.Questions, l.said, l.by = number, p.who(o.By), p.When(o.At), o.Questions, true, o.By
	switch {
	case o.Kind == escalation.Internal:
		l.Kind = "note"
	case o.By.Kind == escalation.ByRequester:
		l.Kind = "customer"
		if r := e.Of(); r != nil {
			l.Who = cmp.Or(o.By.Name, p.person(*r))
		}
	default:
		l.Kind = "ours"
	}
	l.KindIs, l.Note = p.T("desk.kind."+l.Kind), l.Kind == "note"
	if l.Sentence = ""; e.Event.Hole {
		l.Sentence = p.T("desk.hole")
	}
}

// splitting returns the page for a ticket, with what may be chosen and what was: all of
// that when it is sure.
func (r *Room) splitting(c *fiber.Ctx, p *ticketPage, chosen []string, sure bool) *splitPage {
	s := &splitPage{ticketPage: p, Chosen: map[string]bool{}, Sure: sure, Action: "/desk/tickets/" + p.Ticket.Number + "/split", Place: p.At(p.Ticket.Team, p.Ticket.Tier), General: p.At(escalation.Triage, 1)}
	path := s.Action
	p.Stretch = web.StretchOf(c, len(p.Ticket.Entries), path, "")
	if before := c.QueryInt("before"); before > 0 {
		s.Action += "?before=" + c.Query("before")
	}
	for _, id := range chosen {
		s.Chosen[id] = true
	}
	may := p.Ticket.Carriable()
	for i := range p.Ticket.Entries {
		e := &p.Ticket.Entries[i]
		is, shown := s.Chosen[e.ID], p.Shows(i)
		if !may[e.ID] || !is && (sure || !shown) {
			continue
		}
		switch l, ok := p.line(e, map[string]string{}); {
		case !ok:
		case sure, shown:
			s.Words = append(s.Words, l)
		default:
			s.Beyond = append(s.Beyond, l)
		}
	}
	p.Title = p.T("split.title_of", "Number", p.Ticket.Number)
	p.Here(path)
	return s
}

// showSplit serves GET /desk/tickets/{number}/split.
func (r *Room) showSplit(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	var chosen []string
	for _, id := range c.Context().QueryArgs().PeekMulti("entry") {
		chosen = append(chosen, string(id))
	}
	s := r.splitting(c, p, chosen, false)
	p.Form.typed["split-to"], p.Form.typed["split-place"] = "new", "here"
	return r.Render(c, fiber.StatusOK, "desk/split", s)
}

// split serves POST /desk/tickets/{number}/split: first what would happen is shown, then
// it does. Turning to another stretch of a long conversation keeps what was chosen.
func (r *Room) split(c *fiber.Ctx) error {
	f := receive(c, "split", "to", "subject", "place", "number", "others")
	chosen := web.Values(c, "split-entry")
	t, err := r.read(c)
	if err != nil {
		return err
	}
	me, now, do := *r.Me(c), r.Now(), c.FormValue("do")
	number, into := "", escalation.Ticket{}
	if f.get("to") == "other" && do != "turn" {
		var ok bool
		if number, ok = escalation.ParseNumber(f.get("number")); ok {
			into, err = r.Tickets.Ticket(c.UserContext(), number)
		}
		switch {
		case ok && err != nil && escalation.KindOf(err) != escalation.NotFound:
			return err
		case !ok, err != nil, !me.May(escalation.Read, &into):
			err = &escalation.Error{Kind: escalation.Invalid, Field: "number", Reason: "error.merge_number"}
		}
	}
	rule := func(list []escalation.Ticket) ([]escalation.Change, error) {
		if number == "" {
			return list[0].Split(escalation.SplitCommand{Entries: chosen, Number: escalation.NewNumber(), Subject: f.get("subject"), Here: f.get("place") == "here"}, me, r.IDs, now)
		}
		return list[0].Carry(escalation.CarryCommand{Entries: chosen, Others: f.get("others") != ""}, &list[1], me, r.IDs, now)
	}
	if err == nil && do == "do" {
		numbers, done := []string{t.Number}, "split"
		if number != "" {
			numbers, done = append(numbers, number), "carried"
		}
		var left []escalation.Ticket
		if left, err = r.Tickets.Relate(c.UserContext(), numbers, rule); err == nil {
			return web.Redirect(c, "/desk/tickets/"+left[1].Number+"?done="+done)
		}
	} else if err == nil && do == "look" {
		_, err = rule([]escalation.Ticket{t, into})
	}
	kept, wrong := r.kept(c, f)
	if wrong != nil {
		return wrong
	}
	p, status := r.splitting(c, kept, chosen, err == nil && do == "look"), fiber.StatusOK
	if err != nil {
		if !p.refuse(f, err) {
			return err
		}
		status = web.Status(escalation.KindOf(err))
	} else if p.Sure {
		if number != "" {
			p.Into = &related{When: p.When(into.Opened)}
			p.about(p.Into, &into, map[string]string{})
			p.Waits, p.Differs = into.Turn() != escalation.Ours, !t.SameRequester(&into)
		}
	}
	return r.Render(c, status, "desk/split", p)
}

// uncarry serves POST /desk/tickets/{number}/uncarry, of the ticket in which the words
// were said.
func (r *Room) uncarry(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	id, on := c.FormValue("carriage"), t.Number // that is refused, and said why
	for _, k := range t.Carried {
		if k.ID == id {
			on = k.Number
		}
	}
	if _, err := r.Tickets.Relate(c.UserContext(), []string{t.Number, on}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Uncarry(id, &list[1], *r.Me(c), r.IDs, r.Now())
	}); err != nil {
		return r.again(c, receive(c, "uncarry"), err)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=uncarried")
}

// Fields are the names of what was typed besides the choice.
func (splitPage) Fields() []string {
	return []string{"split-to", "split-subject", "split-place", "split-number", "split-others"}
}
