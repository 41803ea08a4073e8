package lead

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Silence is the room for what happens when customers do not answer: after how many
// days, and to which tickets next. Where it is off, it says why and what would happen.
type Silence struct {
	*Desk
	// Quiet returns tickets that wait for their customers, after one with an id.
	Quiet func(ctx context.Context, after string, limit int) (list []escalation.Quiet, next string, err error)
	Inbox func() escalation.Inbox
}

// Mount gives the room its addresses.
func (r *Silence) Mount(app fiber.Router) {
	g := app.Group("/lead/desk", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("/silence", r.silence)
	g.Post("/silence", r.changeSilence)
}

// A quietLine is what the silence of a customer leads to, in words.
type quietLine struct {
	Number, Subject, Lang string
	StateIs               string
	Next, Closes          string
	Against               []string
}

// A silencePage says what silence leads to.
type silencePage struct {
	deskPage
	On     bool
	Fields []silenceField
	Lines  []quietLine
	Next   string // to more of them
}

// A silenceField is a number of days.
type silenceField struct{ Name, Label, Value string }

// quietLines is how many tickets are on a page: what happens to each is worked out.
const quietLines = 25

func (r *Silence) page(c *fiber.Ctx) (*silencePage, error) {
	p := &silencePage{deskPage: r.Desk.page(c, "silence.lead"), On: !r.Inbox().Since.IsZero()}
	p.Here("/lead/desk/silence")
	s := p.Desk.SilenceDays()
	for _, f := range []struct {
		name string
		days int
	}{{"first", s.First}, {"last", s.Last}, {"solve", s.Solve}, {"close", s.Close}, {"reopen", s.Reopen}} {
		v := strconv.Itoa(f.days)
		if c.Method() == fiber.MethodPost {
			v = c.FormValue(f.name)
		}
		p.Fields = append(p.Fields, silenceField{f.name, p.T("silence." + f.name), v})
	}
	list, next, err := r.Quiet(c.UserContext(), c.Query("after"), quietLines)
	if err != nil {
		return nil, err
	}
	p.Next = next
	now := r.Now()
	type planned struct {
		quietLine
		plan escalation.SilencePlan
	}
	var lines []planned
	for i := range list {
		t := &list[i].Ticket
		desk, err := r.Keep.At(c.UserContext(), t.Desk)
		if err != nil {
			return nil, err
		}
		plan, ok := t.Silence(escalation.SilenceCommand{Desk: desk, Letters: list[i].Letters, Joined: list[i].Joined, Inbox: r.Inbox()}, now)
		if !ok {
			continue
		}
		in := p.Speaker.In(plan.Zone)
		l := quietLine{Number: t.Number, Subject: t.Subject, Lang: t.Lang, StateIs: p.T("staff.state." + string(t.State)), Next: p.T("silence.never")}
		if !plan.At.IsZero() {
			l.Next, l.Closes = p.T("silence.next", "Step", p.T("silence.step."+string(plan.Step)), "When", in.Time(plan.At)), in.Time(plan.Closes)
		}
		for _, o := range plan.Against {
			if o != escalation.NoInbox { // that is so for all, and said above
				l.Against = append(l.Against, p.T("silence.not."+string(o)))
			}
		}
		lines = append(lines, planned{l, plan})
	}
	slices.SortStableFunc(lines, func(a, b planned) int { return a.plan.At.Compare(b.plan.At) })
	for _, l := range lines {
		p.Lines = append(p.Lines, l.quietLine)
	}
	return p, nil
}

// silence serves GET /lead/desk/silence.
func (r *Silence) silence(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/silence", p)
}

// changeSilence serves POST /lead/desk/silence.
func (r *Silence) changeSilence(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	days := func(name string) int {
		n, err := strconv.Atoi(c.FormValue(name))
		if err != nil {
			return -1 // no number is no day
		}
		return n
	}
	ok, status, err := r.save(c, &p.deskPage, "silence", func(d *escalation.Desk) any { return d.SilenceDays() }, func(d *escalation.Desk) error {
		d.Silence = escalation.Silence{First: days("first"), Last: days("last"), Solve: days("solve"), Close: days("close"), Reopen: days("reopen")}
		return nil
	})
	if err != nil {
		return err
	}
	if ok {
		return web.Redirect(c, "/lead/desk/silence?done=1")
	}
	return r.Render(c, status, "lead/silence", p)
}
