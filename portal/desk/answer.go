package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// latest leads to the newest entry of the conversation.
const latest = "#latest"

// take serves POST /desk/tickets/{number}/take.
func (r *Room) take(c *fiber.Ctx) error {
	f := receive(c, "take", "instead")
	return r.change(c, f, "?done=taken", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Take(f.get("instead"), *r.Me(c), r.IDs, r.Now())
	})
}

// release serves POST /desk/tickets/{number}/release.
func (r *Room) release(c *fiber.Ctx) error {
	return r.change(c, receive(c, "release"), "?done=released", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Release(*r.Me(c), r.IDs, r.Now())
	})
}

// resume serves POST /desk/tickets/{number}/resume: what we waited for came, or
// the ticket is opened again.
func (r *Room) resume(c *fiber.Ctx) error {
	f := receive(c, "resume", "reason")
	return r.change(c, f, "?done=resumed", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Resume(f.get("reason"), *r.Me(c), r.IDs, r.Now())
	})
}

// reply serves POST /desk/tickets/{number}/reply.
func (r *Room) reply(c *fiber.Ctx) error {
	f, err := r.compose(c, "reply", "text")
	if err != nil {
		return r.again(c, f, err)
	}
	if looks(c) {
		return r.look(c, f)
	}
	return r.change(c, f, latest, func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Reply(f.message(), *r.Me(c), r.IDs, r.Now())
	})
}

// note serves POST /desk/tickets/{number}/note. It has an address and names of
// its own: nothing that is typed as a note can be sent as a reply.
func (r *Room) note(c *fiber.Ctx) error {
	f, err := r.compose(c, "note", "text")
	if err != nil {
		return r.again(c, f, err)
	}
	if looks(c) {
		return r.look(c, f)
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	m := f.message()
	m.Colleagues = colleagues(people, r.Me(c).ID)
	return r.change(c, f, latest, func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Note(m, *r.Me(c), r.IDs, r.Now())
	})
}

// ask serves POST /desk/tickets/{number}/ask.
func (r *Room) ask(c *fiber.Ctx) error {
	f, err := r.compose(c, "ask", "text", "until")
	cmd := escalation.AskCommand{Until: f.time("until", r.Zone(c))}
	for i := 1; i <= escalation.MaxQuestions; i++ {
		var q escalation.Question
		for what, to := range map[string]*string{"key": &q.Key, "text": &q.Text, "why": &q.Why, "again": &q.Again} {
			name := askedName(i, what)
			*to = c.FormValue(name)
			f.typed[name] = *to
		}
		cmd.Questions = append(cmd.Questions, q)
	}
	cmd.Message = f.message()
	if err != nil {
		return r.again(c, f, err)
	}
	return r.change(c, f, latest, func(t *escalation.Ticket) (ch escalation.Change, err error) {
		if cmd.Type, err = r.TypeOf(c.UserContext(), t); err != nil {
			return ch, err
		}
		return t.Ask(cmd, *r.Me(c), r.IDs, r.Now())
	})
}

// wait serves POST /desk/tickets/{number}/wait.
func (r *Room) wait(c *fiber.Ctx) error {
	f, err := r.compose(c, "wait", "text", "party", "until")
	if err != nil {
		return r.again(c, f, err)
	}
	return r.change(c, f, latest, func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Wait(escalation.WaitCommand{Message: f.message(), Party: f.get("party"), Until: f.time("until", r.Zone(c))}, *r.Me(c), r.IDs, r.Now())
	})
}

// solve serves POST /desk/tickets/{number}/solve. Its other buttons look for articles
// and texts, and keep what was typed.
func (r *Room) solve(c *fiber.Ctx) error {
	f, err := r.compose(c, "solve", "text", "article", "key", "words", "reason")
	if err != nil {
		return r.again(c, f, err)
	}
	if looks(c) {
		f.facts(c)
		return r.look(c, f)
	}
	facts := f.facts(c) // before the message, whose key they are part of
	cmd := escalation.SolveCommand{Message: f.message(), FactsCommand: escalation.FactsCommand{Facts: facts}, Reason: f.get("reason")}
	switch chosen := f.get("article"); chosen {
	case articleMade:
		cmd.Made = true
	case articleOther:
		cmd.Article = f.get("key")
	default:
		cmd.Article = chosen
	}
	return r.change(c, f, "?done=solved"+latest, func(t *escalation.Ticket) (escalation.Change, error) {
		kind, err := r.TypeOf(c.UserContext(), t)
		if err != nil {
			return escalation.Change{}, err
		}
		cmd.Type = kind
		ch, err := t.Solve(cmd, *r.Me(c), r.IDs, r.Now())
		if err == nil && cmd.Article != "" && cmd.Article != escalation.NoArticle && r.Article(cmd.Article, t.Lang) == nil {
			err = &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.article_unknown"}
		}
		return ch, err
	})
}

// fact serves POST /desk/tickets/{number}/facts.
func (r *Room) fact(c *fiber.Ctx) error {
	f := receive(c, "fact", "key", "value")
	return r.change(c, f, "#facts", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.AddFact(escalation.Fact{Key: f.get("key"), Value: f.get("value")}, *r.Me(c), r.IDs, r.Now())
	})
}

// step serves POST /desk/tickets/{number}/steps.
func (r *Room) step(c *fiber.Ctx) error {
	f := receive(c, "step", "what", "result")
	return r.change(c, f, "#steps", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.AddStep(escalation.Tried{What: f.get("what"), Result: f.get("result")}, *r.Me(c), r.IDs, r.Now())
	})
}

// A newPage opens a ticket for a caller, a visitor, or who wrote on paper.
type newPage struct {
	web.Page
	Channels []escalation.Channel
	Speakers []string
	Key      string

	typed map[string]string
}

// Value returns what a field holds.
func (p *newPage) Value(name string) string { return p.typed[name] }

// spokenFor are the channels by which somebody of the staff writes for others.
var spokenFor = []escalation.Channel{escalation.Phone, escalation.Visit, escalation.Paper}

func (r *Room) newPage(c *fiber.Ctx) *newPage {
	return &newPage{
		Page:     r.Page(c, "desk", "desk.new_title"),
		Channels: spokenFor,
		Speakers: r.Theme.Words.Languages(),
		Key:      r.IDs(),
		typed:    map[string]string{"channel": string(escalation.Phone), "lang": r.Offered()[0]},
	}
}

// showNew serves GET /desk/new.
func (r *Room) showNew(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "desk/new", r.newPage(c))
}

// open serves POST /desk/new.
func (r *Room) open(c *fiber.Ctx) error {
	p := r.newPage(c)
	for _, name := range []string{"channel", "name", "email", "phone", "lang", "subject", "text"} {
		p.typed[name] = c.FormValue(name)
	}
	if key := c.FormValue("key"); key != "" {
		p.Key = key
	}
	me := *r.Me(c)
	t, err := r.openFor(c, p, me.ID)
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "desk/new", p)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=opened")
}

func (r *Room) openFor(c *fiber.Ctx, p *newPage, me string) (escalation.Ticket, error) {
	if !slices.Contains(r.Theme.Words.Languages(), p.Value("lang")) {
		return escalation.Ticket{}, &escalation.Error{Kind: escalation.Invalid, Field: "lang", Reason: "error.lang"}
	}
	cmd := escalation.OpenCommand{
		Desk:    r.Desk(),
		Subject: p.Value("subject"), Text: p.Value("text"),
		Name: p.Value("name"), Email: p.Value("email"), Phone: p.Value("phone"),
		Lang: p.Value("lang"), Channel: escalation.Channel(p.Value("channel")), Key: once(p.Key, p.typed),
	}
	// The key is the sender's alone: nobody else's form opens the same ticket. Nor
	// does this one with other words, after the way back.
	t, _, err := r.Tickets.Open(c.UserContext(), "desk:"+me+":"+cmd.Key, func() (escalation.Change, error) {
		cmd.Number = escalation.NewNumber()
		return escalation.NewTicket(cmd, *r.Me(c), r.IDs, r.Now())
	})
	return t, err
}
