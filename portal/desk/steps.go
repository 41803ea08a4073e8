package desk

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A tried is a step that was done, in words.
type tried struct {
	escalation.Step
	OutcomeIs string // and what was said of it
	Colour    string
	By        string // who did it, or says so
	WhereIs   string
	When      template.HTML
	Shown     []escalation.File // that show the result
}

// A remedy is a step that the ticket's type names, in the reader's words.
type remedy struct {
	escalation.Remedy
	RiskIs  string
	Done    *tried // nil: it was not done
	Asked   bool   // the customer is asked to do it
	Next    bool   // it is the best to try now
	Means   []string
	Ordered bool // it may still be asked for
}

// stepsPath is where a ticket's steps are, after its own address.
const stepsPath = "/steps"

// steps serves GET /desk/tickets/{number}/steps: what can be tried, what was, and what
// came of it.
func (r *Room) steps(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	if p.Form.typed["step-remedy"] = c.Query("step"); p.Form.typed["step-remedy"] != "" {
		p.Do = "step"
	}
	p.Form.typed["step-who"] = string(escalation.ByRequester)
	return r.showSteps(c, fiber.StatusOK, p)
}

func (r *Room) showSteps(c *fiber.Ctx, status int, p *ticketPage) error {
	p.Title = p.T("steps.title", "Number", p.Ticket.Number)
	p.Here("/desk/tickets/" + p.Ticket.Number + stepsPath)
	return r.Render(c, status, "desk/steps", p)
}

// step serves POST /desk/tickets/{number}/steps.
func (r *Room) step(c *fiber.Ctx) error {
	f := receive(c, "step", "remedy", "what", "result", "outcome", "who", "minutes")
	cmd := escalation.StepCommand{
		Remedy: f.get("remedy"), What: f.get("what"), Result: f.get("result"),
		Outcome: escalation.Outcome(f.get("outcome")), Who: escalation.ActorKind(f.get("who")), Files: web.Values(c, "step-shown"),
	}
	if typed := strings.TrimSpace(f.get("minutes")); typed != "" {
		var err error
		if cmd.Minutes, err = strconv.Atoi(typed); err != nil {
			cmd.Minutes = -1 // the rules say what is wrong
		}
	}
	for _, id := range cmd.Files {
		f.typed["step-shown-"+id] = "1"
	}
	rule := func(t *escalation.Ticket) (ch escalation.Change, err error) {
		if cmd.Type, err = r.TypeOf(c.UserContext(), t); err != nil {
			return ch, err
		}
		return t.AddStep(cmd, *r.Me(c), r.IDs, r.Now())
	}
	if c.FormValue("from") == "" {
		return r.change(c, f, "#steps", rule)
	}
	return r.changeBeside(c, f, stepsPath, rule, r.showSteps)
}

// changeBeside is change for a form of another page than the ticket's: what is not
// accepted comes back on that one.
func (r *Room) changeBeside(c *fiber.Ctx, f form, then string, rule rule, show func(c *fiber.Ctx, status int, p *ticketPage) error) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	_, err = r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) { return rule(&t) })
	if err == nil {
		return web.Redirect(c, "/desk/tickets/"+t.Number+then)
	}
	return r.refused(c, f, err, show)
}

// did says what was tried: what the type has a name for, in the reader's language.
func (p *ticketPage) did(s *escalation.Step) string {
	if m := p.Kind.Remedy(s.Remedy); m != nil {
		return m.What.In(p.Lang)
	}
	return s.What
}

// tried says a step in words.
func (p *ticketPage) tried(s escalation.Step) tried {
	t := tried{Step: s, OutcomeIs: p.Came(s.Result, s.Outcome), By: p.who(s.By), When: p.When(s.At)}
	t.What = p.did(&s)
	switch s.Outcome {
	case escalation.Helped:
		t.Colour = "good"
	case escalation.NoHelp:
		t.Colour = "bad"
	}
	switch {
	case s.Before:
		t.WhereIs = p.T("steps.before")
	case s.Who == escalation.ByRequester:
		t.WhereIs = p.T("steps.who.requester")
	case s.Who == escalation.ByStaff:
		t.WhereIs = p.T("steps.who.staff")
	}
	for _, f := range p.Pictures() {
		if slices.Contains(s.Files, f.ID) {
			t.Shown = append(t.Shown, f)
		}
	}
	return t
}

// Came says what came of something that was tried.
func (p *ticketPage) Came(result string, o escalation.Outcome) string {
	if o == "" {
		return result
	}
	if said := p.T("outcome." + string(o)); result != "" && result != said {
		return said + ": " + result
	}
	return p.T("outcome." + string(o))
}

// Steps are the latest that were done.
func (p *ticketPage) Steps() (list []tried) {
	for _, s := range p.Ticket.Steps[max(0, len(p.Ticket.Steps)-beside):] {
		list = append(list, p.tried(s))
	}
	return list
}

// Remedies are the steps that the ticket's type names, as they stand.
func (p *ticketPage) Remedies() (list []remedy) {
	if p.Kind == nil {
		return nil
	}
	untried := p.Ticket.Untried(p.Kind)
	for _, m := range p.Kind.Steps {
		v := remedy{Remedy: m, RiskIs: p.T("risk." + string(m.Risk)), Next: p.Can.Ask && len(untried) > 0 && untried[0].ID == m.ID}
		v.Ordered = slices.ContainsFunc(untried, func(o escalation.Remedy) bool { return o.ID == m.ID })
		if s, done := p.Ticket.Tried(m.ID); done {
			t := p.tried(s)
			v.Done = &t
		}
		v.Asked = slices.ContainsFunc(p.Ticket.Questions, func(q escalation.Question) bool { return q.Key == m.Key() })
		if m.Outcomes.In(p.Lang) != "" {
			v.Means = strings.Split(m.Outcomes.In(p.Lang), "\n")
		}
		list = append(list, v)
	}
	return list
}

// Next is the best step to try now, nil when there is none.
func (p *ticketPage) Next() *remedy {
	for _, m := range p.Remedies() {
		if m.Next {
			return &m
		}
	}
	return nil
}

// Skipped says whether no more steps are wanted: it was found to be the hardware.
func (p *ticketPage) Skipped() bool { return p.Ticket.NoSoftware(p.Kind) }

// Outcomes are what can come of a step.
func (p *ticketPage) Outcomes() []escalation.Outcome { return escalation.Outcomes }

// Pictures are the latest files of the ticket.
func (p *ticketPage) Pictures() (files []escalation.File) {
	for _, e := range slices.Backward(p.Ticket.Entries) {
		for _, f := range e.Files {
			if len(files) < beside {
				files = append(files, f)
			}
		}
	}
	return files
}

// askStep fills in the question that asks the customer to do a step: what and why, how
// long it takes and what it risks, and what each result would mean.
func (p *ticketPage) askStep(id string, theirs speaker) {
	m := p.Kind.Remedy(id)
	if m == nil || !p.Can.Ask {
		return
	}
	lang := p.Ticket.Lang
	p.Form.typed[askedName(1, "key")] = p.FactName(m.Key())
	p.Form.typed[askedName(1, "text")] = m.What.In(lang)
	p.Form.typed[askedName(1, "why")] = theirs.T("steps.why_told", "Why", m.Why.In(lang), "Minutes", m.Minutes, "Risk", theirs.T("risk.told."+string(m.Risk)))
	var said []string
	if means := m.Outcomes.In(lang); means != "" {
		said = append(said, theirs.T("steps.means_told")+"\n– "+strings.ReplaceAll(means, "\n", "\n– "))
	}
	if shows := m.Evidence.In(lang); shows != "" {
		said = append(said, theirs.T("steps.evidence_told")+" "+shows)
	}
	p.Form.typed["ask-text"] = strings.Join(said, "\n\n")
	p.Do = "ask"
	p.rows()
}

// stepSentence says that something was tried.
func (p *ticketPage) stepSentence(name string, s *escalation.Step) string {
	key := "desk.event.step"
	if s.Before {
		key = "desk.event.step_before"
	}
	return p.T(key, "Name", name, "What", strings.TrimSuffix(p.did(s), "."), "Result", cmp.Or(p.Came(s.Result, s.Outcome), "–"))
}
