package desk

import (
	"cmp"
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A givePage makes a ticket somebody else's.
type givePage struct {
	*ticketPage
	To   string // who it would be, before anybody says so
	Read []line // what they would read
	Told bool   // who it is now is told
}

// A given is that a ticket became somebody else's.
type given struct {
	From, By, Reason string
	When             template.HTML
	Until            string // when it can no longer be undone; empty: it cannot
}

// person says who somebody is: a name and how to reach them.
func (p *ticketPage) person(r escalation.Requester) string {
	var words []string
	for _, w := range []string{r.Name, r.Email, r.Phone} {
		if w != "" {
			words = append(words, w)
		}
	}
	return cmp.Or(strings.Join(words, ", "), p.T("give.erased"))
}

// Given is the last time that the ticket became somebody else's; nil: never.
func (p *ticketPage) Given() *given {
	n := len(p.Ticket.Given)
	if n == 0 {
		return nil
	}
	g := p.Ticket.Given[n-1]
	out := &given{From: p.person(g.From), By: p.who(g.By), Reason: g.Reason, When: p.When(g.At)}
	end := g.At.Add(escalation.UndoDays * 24 * time.Hour)
	if p.Can.GiveBack && p.now.Before(end) && out.From != p.T("give.erased") {
		out.Until = p.Date(end)
	}
	return out
}

// formerly names somebody without a name whose ticket it was when they said something.
func (p *ticketPage) formerly(e *escalation.Entry) string {
	for _, n := range p.tenures {
		if n.Has(e.Seq) && !n.Now {
			return cmp.Or(n.Email, n.Phone)
		}
	}
	return ""
}

// showGive serves GET /desk/tickets/{number}/give.
func (r *Room) showGive(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	return r.giving(c, fiber.StatusOK, &givePage{ticketPage: p})
}

func (r *Room) giving(c *fiber.Ctx, status int, p *givePage) error {
	p.Title = p.T("give.title_of", "Number", p.Ticket.Number)
	p.Here("/desk/tickets/" + p.Ticket.Number + "/give")
	return r.Render(c, status, "desk/give", p)
}

// give serves POST /desk/tickets/{number}/give: first who would read what is shown,
// then it is theirs.
func (r *Room) give(c *fiber.Ctx) error {
	f := receive(c, "give", "name", "email", "phone", "reason")
	command := escalation.GiveCommand{Name: f.get("name"), Email: f.get("email"), Phone: f.get("phone"), Reason: f.get("reason"), Seen: f.Seen}
	t, err := r.read(c)
	if err != nil {
		return err
	}
	if c.FormValue("do") == "give" {
		t, err = r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Give(command, *r.Me(c), r.IDs, r.Now())
		})
		if err == nil {
			return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=given")
		}
	} else if c.FormValue("do") == "look" {
		var would escalation.Change
		if would, err = t.Give(command, *r.Me(c), r.IDs, r.Now()); err == nil {
			kept, err := r.kept(c, f)
			if err != nil {
				return err
			}
			p := &givePage{ticketPage: kept, To: kept.person(would.Ticket.Requester)}
			for _, l := range would.Letters {
				p.Told = p.Told || l.Kind == escalation.GivenLetter
			}
			for _, l := range would.Ticket.ForRequester() {
				if l.Text != "" || len(l.Questions)+len(l.Files) > 0 {
					p.Read = append(p.Read, line{Who: cmp.Or(l.Name, kept.T("desk.kind."+map[escalation.ActorKind]string{escalation.ByRequester: "customer"}[l.By])), When: kept.When(l.At), Text: web.Linked(l.Text)})
				}
			}
			return r.giving(c, fiber.StatusOK, p)
		}
	}
	kept, wrong := r.kept(c, f)
	if wrong != nil {
		return wrong
	}
	status := fiber.StatusOK
	if err != nil {
		if !kept.refuse(f, err) {
			return err
		}
		if escalation.KindOf(err) == escalation.Conflict {
			kept.Form.Seen = kept.Ticket.Version
		}
		status = web.Status(escalation.KindOf(err))
	}
	return r.giving(c, status, &givePage{ticketPage: kept})
}

// giveBack serves POST /desk/tickets/{number}/give-back.
func (r *Room) giveBack(c *fiber.Ctx) error {
	return r.change(c, receive(c, "give-back"), "?done=given_back", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.GiveBack(*r.Me(c), r.IDs, r.Now())
	})
}

// Owns is whose the ticket is.
func (p givePage) Owns() string { return p.person(p.Ticket.Requester) }

// Fields are the names of what was typed.
func (givePage) Fields() []string {
	return []string{"give-name", "give-email", "give-phone", "give-reason"}
}
