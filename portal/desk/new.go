package desk

import (
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A newPage opens a ticket for a caller, a visitor, or who wrote on paper.
type newPage struct {
	web.Page
	Channels []escalation.Channel
	Speakers []string
	Types    []escalation.RequestType // to choose from
	Kind     *escalation.RequestType  // that was chosen; nil: none
	Key      string

	typed map[string]string
	facts map[string]string // that were typed, by their keys; for other kinds too
}

// Value returns what a field holds.
func (p *newPage) Value(name string) string { return p.typed[name] }

// Fact returns what was typed of a fact.
func (p *newPage) Fact(key string) string { return p.facts[key] }

// Asked are the facts that the form asks for.
func (p *newPage) Asked() []escalation.Need { return p.Kind.Asked() }

// Pictures says whether the kind asks for pictures, which are attached to the ticket once
// it is there.
func (p *newPage) Pictures() bool {
	return p.Kind != nil && slices.ContainsFunc(p.Kind.Needs, func(n escalation.Need) bool {
		return n.Kind == escalation.PhotosValue && n.When == escalation.AtOnce
	})
}

// Unasked are the facts that were typed for another kind: who comes back to it finds
// them.
func (p *newPage) Unasked() map[string]string {
	kept := maps.Clone(p.facts)
	for _, n := range p.Asked() {
		delete(kept, n.Key)
	}
	return kept
}

// Lines are the lines of a text, in the page's language.
func (p *newPage) Lines(t escalation.Text) []string { return strings.Split(t.In(p.Lang), "\n") }

// spokenFor are the channels by which somebody of the staff writes for others.
var spokenFor = []escalation.Channel{escalation.Phone, escalation.Visit, escalation.Paper}

func (r *Room) newPage(c *fiber.Ctx) *newPage {
	p := &newPage{
		Page:     r.Page(c, "desk", "desk.new_title"),
		Channels: spokenFor,
		Speakers: r.speakers(),
		Types:    r.Desk().Types,
		Key:      r.IDs(),
		typed:    map[string]string{"channel": string(escalation.Phone), "lang": r.Offered()[0], "type": c.Query("type")},
		facts:    map[string]string{},
	}
	p.Kind = r.Desk().Type(p.typed["type"])
	return p
}

// showNew serves GET /desk/new.
func (r *Room) showNew(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "desk/new", r.newPage(c))
}

// open serves POST /desk/new. The buttons of the kinds show the form again, with what the
// kind asks for.
func (r *Room) open(c *fiber.Ctx) error {
	p := r.newPage(c)
	for _, name := range []string{"channel", "name", "email", "phone", "lang", "subject", "text", "type"} {
		p.typed[name] = c.FormValue(name)
	}
	picked := c.FormValue("pick")
	if picked != "" {
		p.typed["type"] = picked
	}
	p.Kind = r.Desk().Type(p.Value("type"))
	for _, kind := range p.Types {
		for _, n := range kind.Asked() {
			if v := c.FormValue(escalation.FactField + n.Key); v != "" {
				p.facts[n.Key] = v
			}
		}
	}
	if key := c.FormValue("key"); key != "" {
		p.Key = key
	}
	if picked != "" {
		return r.Render(c, fiber.StatusOK, "desk/new", p)
	}
	t, wrong := r.openFor(c, p)
	if len(wrong) > 0 {
		for _, err := range wrong {
			if !p.Refuse(err) {
				return err
			}
		}
		return r.Render(c, web.Status(escalation.KindOf(wrong[0])), "desk/new", p)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=opened")
}

// openFor opens the ticket, or returns all that is wrong.
func (r *Room) openFor(c *fiber.Ctx, p *newPage) (t escalation.Ticket, wrong []error) {
	me, now := *r.Me(c), r.Now()
	var words []string
	cmd := escalation.OpenCommand{
		Desk:    r.Desk(),
		Subject: p.Value("subject"), Text: p.Value("text"),
		Name: p.Value("name"), Email: p.Value("email"), Phone: p.Value("phone"),
		Lang: p.Value("lang"), Channel: escalation.Channel(p.Value("channel")),
		RequestType: p.Value("type"), Facts: map[string]string{},
	}
	for _, n := range p.Asked() {
		cmd.Facts[n.Key] = p.Fact(n.Key)
		words = append(words, n.Key, p.Fact(n.Key))
	}
	cmd.Key = once(p.Key, p.typed, words...)
	// The key is the sender's alone: nobody else's form opens the same ticket. Nor
	// does this one with other words, after the way back.
	if !slices.Contains(r.Theme.Words.Languages(), cmd.Lang) {
		wrong = append(wrong, &escalation.Error{Kind: escalation.Invalid, Field: "lang", Reason: "error.lang"})
		cmd.Lang = r.Offered()[0]
	}
	cmd.Number = escalation.NewNumber()
	if wrong = append(cmd.Mistakes(me, r.IDs, now), wrong...); len(wrong) > 0 {
		return t, wrong
	}
	t, _, err := r.Tickets.Open(c.UserContext(), "desk:"+me.ID+":"+cmd.Key, func() (escalation.Change, error) {
		cmd.Number = escalation.NewNumber()
		return escalation.NewTicket(cmd, me, r.IDs, now)
	})
	if err != nil {
		wrong = append(wrong, err)
	}
	return t, wrong
}
