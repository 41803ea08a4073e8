package desk

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A handoffsPage is the form that offers many tickets to one team, and who could not be
// offered.
type handoffsPage struct {
	web.Page
	Rows   string // of the tickets, as the form carries them
	Back   string
	To     int // how many are offered
	Out    []refused
	Looked bool // what is written was looked at, and can be sent
	Langs  []langText
	Places []place

	typed map[string]string
}

// Value returns what a field holds.
func (p *handoffsPage) Value(name string) string { return p.typed[name] }

// handoffs returns the form as it was filled in, for tickets that their reader sees.
func (r *Room) handoffs(c *fiber.Ctx, list []chosen, wrong []string) (*handoffsPage, form, []staff.Person, error) {
	ctx, me := c.UserContext(), *r.Me(c)
	f := receive(c, "handoff", "to", "problem", "what", "result", "untried", "asked", "by", "promised")
	p := &handoffsPage{Page: r.Page(c, "desk", "handoffs.title"), Rows: inRows(list), Back: listOf(c), typed: f.typed}
	p.Here("/desk/handoffs")
	people, err := r.Staff.People(ctx)
	if err != nil {
		return nil, f, nil, err
	}
	all := ticketPage{Page: p.Page, Ticket: &escalation.Ticket{}}
	p.Places = all.places(r.Desk(), people)
	for _, row := range wrong {
		p.Out = append(p.Out, refused{row, p.T("error.bulk_row")})
	}
	for _, k := range list {
		t, err := r.Tickets.Ticket(ctx, k.Number)
		if escalation.KindOf(err) == escalation.NotFound || err == nil && !me.May(escalation.Read, &t) {
			continue // that is said where it is offered
		}
		if err != nil {
			return nil, f, nil, err
		}
		i := slices.IndexFunc(p.Langs, func(l langText) bool { return l.Lang == t.Lang })
		if i < 0 {
			i = len(p.Langs)
			field := "handoff-tell." + t.Lang
			l := langText{Lang: t.Lang, Name: p.LanguageName(t.Lang), Field: field, Text: c.FormValue(field)}
			if c.Path() != "/desk/handoffs" {
				l.Text = r.Theme.Words.Speaker(t.Lang).T("tell.handoff")
			}
			p.Langs = append(p.Langs, l)
		}
		p.Langs[i].Count++
	}
	p.To = len(list)
	return p, f, people, nil
}

// offerMany serves POST /desk/handoffs: each of the tickets is offered by the same rule
// as on its own page. First it is said which cannot be, and why.
func (r *Room) offerMany(c *fiber.Ctx) error {
	ctx, me := c.UserContext(), *r.Me(c)
	list, wrong := rows(strings.Fields(c.FormValue("rows")))
	p, f, people, err := r.handoffs(c, list, wrong)
	if err != nil {
		return err
	}
	cmd := escalation.OfferCommand{
		Desk: r.Desk(), Problem: f.get("problem"), Untried: f.get("untried"), Asked: f.get("asked"), By: f.time("by", r.Zone(c)), Promised: f.get("promised"),
		Tried: []escalation.Tried{{What: f.get("what"), Result: f.get("result")}},
	}
	cmd.Team, cmd.Tier = f.place("to")
	cmd.Candidates = staff.Candidates(people, cmd.Team, cmd.Tier)
	if len(list) == 0 {
		p.Refuse(&escalation.Error{Kind: escalation.Invalid, Reason: "error.circular_nobody"})
		return r.Render(c, fiber.StatusUnprocessableEntity, "desk/handoffs", p)
	}
	for _, l := range p.Langs { // whichever ticket comes first, no language is forgotten
		if escalation.Blank(l.Text) {
			p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: l.Field, Reason: "error.tell_missing"})
			return r.Render(c, fiber.StatusUnprocessableEntity, "desk/handoffs", p)
		}
	}
	send := c.FormValue("do") == "send"
	done := bulkPage{Page: r.Page(c, "desk", "bulk.title"), What: "handoff", Back: p.Back, Refused: p.Out}
	done.Here("/desk/handoffs")
	p.To = 0
	for _, k := range list {
		rule := func(t escalation.Ticket) (escalation.Change, error) {
			if t.Version != k.Seen {
				return escalation.Change{}, &escalation.Error{Kind: escalation.Conflict, Reason: "error.bulk_changed"}
			}
			this := cmd
			var err error
			if this.Type, err = r.TypeOf(ctx, &t); err != nil {
				return escalation.Change{}, err
			}
			this.Tell = c.FormValue("handoff-tell." + t.Lang)
			ch, err := t.Offer(this, me, r.IDs, r.Now())
			if e, ok := errors.AsType[*escalation.Error](err); ok && e.Field == "tell_customer" {
				e.Field = "tell." + t.Lang
			}
			return ch, err
		}
		if send {
			_, err = r.Tickets.Change(ctx, k.Number, rule)
		} else {
			var t escalation.Ticket
			if t, err = r.Tickets.Ticket(ctx, k.Number); err == nil && !me.May(escalation.Read, &t) {
				err = escalation.NoTicket()
			}
			if err == nil {
				_, err = rule(t)
			}
		}
		if err == nil {
			p.To++
			done.Done++
			continue
		}
		e, ok := errors.AsType[*escalation.Error](err)
		if !ok || e.Kind == escalation.Fault {
			return err
		}
		if done.Done == 0 && wrongForm(e) { // no ticket would take it
			said := *e
			said.Field = "handoff-" + strings.NewReplacer("tried-1-", "", "team", "to", "tier", "to").Replace(e.Field)
			p.Refuse(&said)
			return r.Render(c, fiber.StatusUnprocessableEntity, "desk/handoffs", p)
		}
		p.Out = append(p.Out, refused{k.Number, p.Say(e)})
		done.Refused = append(done.Refused, refused{k.Number, p.Say(e)})
	}
	switch {
	case !send:
		p.Looked = p.To > 0
		return r.Render(c, fiber.StatusOK, "desk/handoffs", p)
	case len(done.Refused) == 0:
		return web.Redirect(c, doneAt(p.Back, "bulk_handoff", done.Done))
	}
	return r.Render(c, fiber.StatusConflict, "desk/bulk", done)
}

// wrongForm says whether an error is about what was typed for all, and not about one of
// the tickets.
func wrongForm(e *escalation.Error) bool {
	field := strings.TrimPrefix(e.Field, "tried-1-")
	return e.Kind == escalation.Invalid && e.Reason != "error.same_place" &&
		(slices.Contains([]string{"team", "tier", "problem", "what", "result", "untried", "asked", "by", "promised"}, field) || strings.HasPrefix(field, "tell."))
}
