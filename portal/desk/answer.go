package desk

import (
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
		lang := r.Lang(c)
		for i := range cmd.Questions {
			cmd.Questions[i].Key = factKey(r.Theme.Words.Speaker(lang), lang, cmd.Type, t, f.typed[askedName(i+1, "key")])
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
	f, err := r.compose(c, "solve", "text", "article", "key", "words", "reason", "tasks")
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
	t, err := r.read(c)
	if err != nil {
		return err
	}
	cmd.Tasks = escalation.TaskChoice(f.get("tasks"))
	// ready fills in what is known of the ticket, and says whether there is such an article.
	ready := func(t *escalation.Ticket) (err error) {
		if cmd.Type, err = r.TypeOf(c.UserContext(), t); err != nil {
			return err
		}
		if cmd.Article != "" && cmd.Article != escalation.NoArticle && r.Article(cmd.Article, t.Lang) == nil {
			return &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.article_unknown"}
		}
		return nil
	}
	var damaged []string
	_, err = r.Tickets.RelateAll(c.UserContext(), t.Number, func(list []escalation.Ticket) ([]escalation.Change, error) {
		damaged = escalation.Damaged(list)
		unknown := ready(&list[0])
		changes, err := list[0].SolveWith(cmd, list[1:], *r.Me(c), r.IDs, r.Now())
		if err == nil {
			err = unknown
		}
		return changes, err
	})
	if err != nil {
		return r.again(c, f, err)
	}
	done := "solved"
	if cmd.Tasks == escalation.CloseTasks && len(damaged) > 0 {
		done = "solved_left"
		r.NoteDamaged(c, damaged, r.Tickets.Ticket)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done="+done+latest)
}

// fact serves POST /desk/tickets/{number}/facts.
func (r *Room) fact(c *fiber.Ctx) error {
	f := receive(c, "fact", "key", "value")
	return r.change(c, f, "#facts", func(t *escalation.Ticket) (escalation.Change, error) {
		kind, err := r.TypeOf(c.UserContext(), t)
		if err != nil {
			return escalation.Change{}, err
		}
		lang := r.Lang(c)
		key := factKey(r.Theme.Words.Speaker(lang), lang, kind, t, f.get("key"))
		return t.AddFact(escalation.Fact{Key: key, Value: f.get("value")}, *r.Me(c), r.IDs, r.Now())
	})
}
