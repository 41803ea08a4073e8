package lead

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// How far back a policy is tried, and on how many tickets at most.
const (
	tryDays = 90
	tryMost = 5000
)

// Clocks is the room for calendars and policies: when somebody works, and what is
// promised in that time. They are parts of the desk, and kept as the others are.
type Clocks struct {
	*Desk
	// Past returns what happened to the clocks of the latest tickets.
	Past func(ctx context.Context, since time.Time, most int) ([]escalation.Past, error)
}

// Mount gives the room its addresses.
func (r *Clocks) Mount(app fiber.Router) {
	g := app.Group("/lead/desk", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("/calendars", r.calendars)
	g.Get("/calendars/:id", r.showCalendar)
	g.Post("/calendars/:id", r.changeCalendar)
	g.Get("/policies", r.policies)
	g.Get("/policies/:id", r.showPolicy)
	g.Post("/policies/:id", r.changePolicy)
}

// mistakes adds to a page what is to be corrected about a calendar or a policy, and
// says whether there was anything.
func (p *deskPage) mistakes(errs ...error) bool {
	for _, err := range errs {
		m, ok := err.(*clock.Mistake)
		if !ok {
			continue
		}
		field := m.Field
		if field == "name" {
			field += "." + p.Langs[0] // the first of its fields
		}
		p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: field, Reason: m.Reason, Args: m.Args})
	}
	return len(p.Problems) > 0
}

// called says a name, in the page's language.
func (p *deskPage) called(name map[string]string) string { return escalation.Text(name).In(p.Lang) }

// A calendarLine is a calendar in their list.
type calendarLine struct {
	ID, Name, Zone string
	Region         string
	Hours          string // of the week, by how many
	Open           bool
	Until          string // when that changes; empty: never
	Last           string // of its dates; empty without any
	Over           bool   // that one is past
}

// calendars serves GET /lead/desk/calendars.
func (r *Clocks) calendars(c *fiber.Ctx) error {
	p := struct {
		deskPage
		Lines []calendarLine
	}{deskPage: r.page(c, "config.calendars")}
	for i := range p.Desk.Calendars {
		cal := &p.Desk.Calendars[i]
		line := calendarLine{ID: cal.ID, Name: p.called(cal.Name), Zone: cal.Zone, Region: cal.Region, Hours: clock.FormatSpan(cal.Weekly())}
		var until time.Time
		if line.Open, until = cal.Open(r.Now()); !until.IsZero() {
			line.Until = p.In(cal.Location()).Time(until)
		}
		if days := cal.Here(); len(days) > 0 {
			last := days[len(days)-1].Date
			line.Last = p.In(time.UTC).Date(last.Time())
			line.Over = last < clock.DateOf(r.Now().In(cal.Location()))
		}
		p.Lines = append(p.Lines, line)
	}
	return r.Render(c, fiber.StatusOK, "lead/calendars", p)
}

// A weekday is a day of the form of a calendar.
type weekday struct{ Field, Label, Hours string }

// A calendarForm is a calendar as forms write it.
type calendarForm struct {
	ID, Zone, Days string
	Region         string
	Name           escalation.Text
	Week           []weekday // from Monday
}

// A calendarPage is the form for a calendar.
type calendarPage struct {
	deskPage
	trial
	Calendar calendarForm
	Now      calendarForm // as it is kept
}

// WeekNow are the hours of the week as they are kept, in one text.
func (p *calendarPage) WeekNow() string {
	var days []string
	for _, d := range p.Now.Week {
		days = append(days, d.Label+" "+d.Hours)
	}
	return strings.Join(days, "; ")
}

// form writes a calendar; hours returns those of a weekday.
func (p *calendarPage) form(c *clock.Calendar, days string, hours func(time.Weekday) string) calendarForm {
	f := calendarForm{ID: c.ID, Zone: c.Zone, Region: c.Region, Days: days, Name: escalation.Text(c.Name)}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		f.Week = append(f.Week, weekday{clock.WeekField(d), p.T("weekday.long." + strconv.Itoa(int(d))), hours(d)})
	}
	return f
}

func (p *calendarPage) kept(c *clock.Calendar) calendarForm {
	return p.form(c, clock.FormatDays(c.Days), func(d time.Weekday) string { return clock.FormatWindows(c.Week[d]) })
}

func (r *Clocks) calendarPage(c *fiber.Ctx) (*calendarPage, error) {
	id := c.Params("id")
	p := &calendarPage{deskPage: r.page(c, "calendars.new")}
	p.Here("/lead/desk/calendars/" + id)
	cal := calendars.in(p.Desk, id)
	if p.New = id == newPart; p.New {
		cal = &clock.Calendar{Zone: r.Site().Hours.Location().String()}
	} else if cal == nil {
		return nil, fiber.ErrNotFound
	} else {
		p.Title = p.called(cal.Name)
	}
	p.Now = p.kept(cal)
	p.Calendar = p.Now
	return p, nil
}

// showCalendar serves GET /lead/desk/calendars/{id}.
func (r *Clocks) showCalendar(c *fiber.Ctx) error {
	p, err := r.calendarPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/calendar", p)
}

// changeCalendar serves POST /lead/desk/calendars/{id}. A calendar by which a policy
// counts cannot be taken away.
func (r *Clocks) changeCalendar(c *fiber.Ctx) error {
	p, err := r.calendarPage(c)
	if err != nil {
		return err
	}
	remove := p.removes(c)
	typed := clock.Calendar{ID: partID(c), Name: said(c, r.Web, "name"), Zone: c.FormValue("zone"), Region: c.FormValue("region")}
	p.Calendar = p.form(&typed, c.FormValue("days"), func(d time.Weekday) string { return c.FormValue(clock.WeekField(d)) })
	if !remove {
		var wrong []error
		for i, day := range p.Calendar.Week {
			list, err := clock.ParseWindows(day.Field, day.Hours)
			typed.Week[(i+1)%7] = list // they begin on Monday
			wrong = append(wrong, err)
		}
		typed.Days, err = clock.ParseDays("days", p.Calendar.Days)
		if p.mistakes(append(wrong, err)...) {
			return r.Render(c, fiber.StatusUnprocessableEntity, "lead/calendar", p)
		}
		if typed, err = clock.NewCalendar(typed); p.mistakes(err) {
			return r.Render(c, fiber.StatusUnprocessableEntity, "lead/calendar", p)
		}
	}
	edit := calendars.edit(c, &p.deskPage, typed, func(d *escalation.Desk) error {
		if remove && slices.ContainsFunc(d.Policies, func(pol clock.Policy) bool { return pol.Calendar == typed.ID }) {
			return &escalation.Error{Kind: escalation.Invalid, Reason: "error.calendar_used"}
		}
		return nil
	})
	if c.FormValue("do") == "try" {
		by := func(_ *clock.Policy, c *clock.Calendar) bool { return c.ID == typed.ID }
		status, err := r.try(c, &p.deskPage, &p.trial, "calendars."+typed.ID, edit, by)
		if err != nil {
			return err
		}
		return r.Render(c, status, "lead/calendar", p)
	}
	now, status, err := calendars.keep(c, r.Desk, &p.deskPage, typed.ID, edit)
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = p.kept(now)
	}
	return r.Render(c, status, "lead/calendar", p)
}

// A policyLine is a policy in their list.
type policyLine struct {
	ID, Name, Calendar string
	Types              []string // that it is for; none: all others
	Targets            []string
}

// policies serves GET /lead/desk/policies.
func (r *Clocks) policies(c *fiber.Ctx) error {
	p := struct {
		deskPage
		Lines []policyLine
	}{deskPage: r.page(c, "config.policies")}
	for _, pol := range p.Desk.Policies {
		line := policyLine{ID: pol.ID, Name: p.called(pol.Name), Targets: p.targets(&pol)}
		if cal := calendars.in(p.Desk, pol.Calendar); cal != nil {
			line.Calendar = p.called(cal.Name)
		}
		for _, id := range pol.Types {
			if t := p.Desk.Type(id); t != nil {
				line.Types = append(line.Types, t.Name.In(p.Lang))
			}
		}
		p.Lines = append(p.Lines, line)
	}
	return r.Render(c, fiber.StatusOK, "lead/policies", p)
}

// target says for which clock, tier and priority a target is.
func (p *deskPage) target(t clock.Target) string {
	said := p.T("clock.of." + string(t.Clock))
	if t.Tier > 0 {
		said += ", " + p.T("policies.of_tier", "Tier", t.Tier)
	}
	if t.Priority > 0 {
		said += ", " + p.T("policies.of_priority", "Priority", t.Priority)
	}
	return said
}

// targets says all of them, those of one clock together.
func (p *deskPage) targets(pol *clock.Policy) (said []string) {
	for _, k := range clock.Kinds {
		for _, t := range pol.Targets {
			if t.Clock == k {
				said = append(said, p.target(t)+": "+t.Within.String())
			}
		}
	}
	return said
}

// A clockRow is a clock in the form of a policy.
type clockRow struct {
	Label  string
	Cells  []targetCell // for all tiers, then for each
	Ranks  []targetCell // for each priority but the normal one
	Pauses []tick       // the states in which it stands still
}

// A targetCell is one target of the form.
type targetCell struct {
	Field, Label, Value string
	Tier, Priority      int
}

// A tick is a box, or a choice, of the form.
type tick struct {
	Value, Label string
	On           bool
}

// A trial is what a calendar or a policy would have made of the past.
type trial struct {
	Tried  bool
	Trials []trialRow
	Past   int // tickets
	Days   int
	Most   bool // there are more
}

// A trialRow is a trial of one clock.
type trialRow struct {
	Label       string
	Old, New    interval.Proportion
	Worse, Less int
}

// A policyForm is a policy as forms write it.
type policyForm struct {
	ID, Calendar, Warn string
	Name               escalation.Text
	Types              []tick
	Rows               []clockRow
}

// A policyPage is the form for a policy.
type policyPage struct {
	deskPage
	trial
	Policy    policyForm
	Now       []string // the targets as they are kept
	Calendars []tick
}

// rankedTargets are the priorities that the form has targets for. The normal one has
// those of all.
var rankedTargets = slices.DeleteFunc(slices.Clone(escalation.Priorities), func(n int) bool { return n == clock.NormalPriority })

// askedTarget says whether the form asks for a target.
func askedTarget(t clock.Target) bool {
	return t.Priority == 0 || t.Tier == 0 && slices.Contains(rankedTargets, t.Priority)
}

// Ranks are the priorities that a target may be for.
func (p *policyPage) Ranks() []int { return rankedTargets }

// Tiers are those that a target may be for.
func (p *policyPage) Tiers() []int { return allTiers() }

// form writes a policy; value returns what a cell says, and on what is ticked.
func (p *policyPage) form(pol *clock.Policy, warn string, value func(clock.Target) string, on func(field, value string) bool) policyForm {
	f := policyForm{ID: pol.ID, Calendar: pol.Calendar, Warn: warn, Name: escalation.Text(pol.Name)}
	for _, t := range p.Desk.Types {
		f.Types = append(f.Types, tick{t.ID, t.Name.In(p.Lang), on("type", t.ID)})
	}
	for _, k := range clock.Kinds {
		row := clockRow{Label: p.T("clock.of." + string(k))}
		for tier := range clock.MaxTier + 1 {
			t := clock.Target{Clock: k, Tier: tier}
			row.Cells = append(row.Cells, targetCell{t.Field(), p.target(t), value(t), tier, 0})
		}
		for _, priority := range rankedTargets {
			t := clock.Target{Clock: k, Priority: priority}
			row.Ranks = append(row.Ranks, targetCell{t.Field(), p.target(t), value(t), 0, priority})
		}
		for _, s := range clock.Waits {
			pause := string(k) + " " + s
			row.Pauses = append(row.Pauses, tick{pause, p.T("staff.state." + s), on("pause", pause)})
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}

func (p *policyPage) kept(pol *clock.Policy) policyForm {
	var warn []string
	for _, w := range pol.Warn {
		warn = append(warn, strconv.Itoa(w))
	}
	return p.form(pol, strings.Join(warn, " "), func(t clock.Target) string {
		for _, is := range pol.Targets {
			if is.Clock == t.Clock && is.Tier == t.Tier && is.Priority == t.Priority {
				return is.Within.String()
			}
		}
		return ""
	}, func(field, value string) bool {
		if field == "type" {
			return slices.Contains(pol.Types, value)
		}
		k, state, _ := strings.Cut(value, " ")
		return slices.Contains(pol.Pauses[clock.Kind(k)], state)
	})
}

// policyPage returns the form for a policy, and the policy as it is kept; of a new one,
// the first, from which it begins.
func (r *Clocks) policyPage(c *fiber.Ctx) (*policyPage, *clock.Policy, error) {
	id := c.Params("id")
	p := &policyPage{deskPage: r.page(c, "policies.new")}
	p.Here("/lead/desk/policies/" + id)
	pol := policies.in(p.Desk, id)
	if p.New = id == newPart; p.New {
		first, _ := p.Desk.Promise("")
		begin := *first
		begin.ID, begin.Name, begin.Types = "", nil, nil
		pol = &begin
	} else if pol == nil {
		return nil, nil, fiber.ErrNotFound
	} else {
		p.Title, p.Now = p.called(pol.Name), p.targets(pol)
	}
	for _, cal := range p.Desk.Calendars {
		p.Calendars = append(p.Calendars, tick{Value: cal.ID, Label: p.called(cal.Name)})
	}
	p.Policy = p.kept(pol)
	return p, pol, nil
}

// showPolicy serves GET /lead/desk/policies/{id}.
func (r *Clocks) showPolicy(c *fiber.Ctx) error {
	p, _, err := r.policyPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/policy", p)
}

// changePolicy serves POST /lead/desk/policies/{id}: it tries what the form says on
// what is past, or puts it into force for what is to come.
func (r *Clocks) changePolicy(c *fiber.Ctx) error {
	p, before, err := r.policyPage(c)
	if err != nil {
		return err
	}
	remove := p.removes(c)
	typed := clock.Policy{ID: before.ID}
	if !remove {
		if typed = r.readPolicy(c, p, before); len(p.Problems) > 0 {
			return r.Render(c, fiber.StatusUnprocessableEntity, "lead/policy", p)
		}
	}
	edit := policies.edit(c, &p.deskPage, typed, func(d *escalation.Desk) error {
		if remove && len(d.Policies) == 1 {
			return &escalation.Error{Kind: escalation.Invalid, Reason: "error.policy_last"}
		}
		return nil
	})
	if c.FormValue("do") == "try" {
		by := func(p *clock.Policy, _ *clock.Calendar) bool { return p.ID == typed.ID }
		status, err := r.try(c, &p.deskPage, &p.trial, "policies."+typed.ID, edit, by)
		if err != nil {
			return err
		}
		return r.Render(c, status, "lead/policy", p)
	}
	now, status, err := policies.keep(c, r.Desk, &p.deskPage, typed.ID, edit)
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = p.targets(now)
	}
	return r.Render(c, status, "lead/policy", p)
}

// readPolicy returns the policy that the form says, and notes on the page what is to
// be corrected. Targets for a tier and a priority, which the form does not ask for, stay.
func (r *Clocks) readPolicy(c *fiber.Ctx, p *policyPage, before *clock.Policy) clock.Policy {
	typed := clock.Policy{ID: partID(c), Name: said(c, r.Web, "name"), Calendar: c.FormValue("calendar"), Pauses: map[clock.Kind][]string{}}
	for _, t := range before.Targets {
		if !askedTarget(t) {
			typed.Targets = append(typed.Targets, t)
		}
	}
	var wrong []error
	p.Policy = p.form(&typed, c.FormValue("warn"), func(t clock.Target) string {
		value := c.FormValue(t.Field())
		if strings.TrimSpace(value) != "" {
			var err error
			t.Within, err = clock.ParseSpan(t.Field(), value)
			wrong = append(wrong, err)
			typed.Targets = append(typed.Targets, t)
		}
		return value
	}, func(field, value string) bool {
		if !slices.ContainsFunc(c.Request().PostArgs().PeekMulti(field), func(v []byte) bool { return string(v) == value }) {
			return false
		}
		if field == "type" {
			typed.Types = append(typed.Types, value)
		} else {
			k, state, _ := strings.Cut(value, " ")
			typed.Pauses[clock.Kind(k)] = append(typed.Pauses[clock.Kind(k)], state)
		}
		return true
	})
	for _, w := range strings.FieldsFunc(p.Policy.Warn, func(r rune) bool { return strings.ContainsRune(" ,;%", r) }) {
		n, err := strconv.Atoi(w)
		if err != nil {
			n = -1 // no percentage
		}
		typed.Warn = append(typed.Warn, n)
	}
	if !p.mistakes(wrong...) {
		var err error
		typed, err = clock.NewPolicy(typed, p.Desk.Calendars)
		p.mistakes(err)
	}
	return typed
}

// try plays the desk that edit makes on the latest tickets: those that would be
// promised by what the form is about. It returns the status of the answer.
func (r *Clocks) try(c *fiber.Ctx, p *deskPage, t *trial, part string, edit func(*escalation.Desk) error, by func(*clock.Policy, *clock.Calendar) bool) (status int, err error) {
	next := *p.Desk
	if err = edit(&next); err == nil {
		next, err = next.Clean()
	}
	if err != nil {
		if !p.refuse(err, part) {
			return 0, err
		}
		return web.Status(escalation.KindOf(err)), nil
	}
	ctx, now := c.UserContext(), r.Now()
	past, err := r.Past(ctx, now.AddDate(0, 0, -tryDays), tryMost)
	if err != nil {
		return 0, err
	}
	t.Tried, t.Days, t.Most = true, tryDays, len(past) == tryMost
	would := func(t escalation.Past) (*clock.Policy, *clock.Calendar) { return next.Promise(t.Type) }
	past = slices.DeleteFunc(past, func(t escalation.Past) bool { return !by(would(t)) })
	desks := map[int]*escalation.Desk{}
	for _, t := range past {
		if desks[t.Desk] == nil {
			if desks[t.Desk], err = r.Keep.At(ctx, t.Desk); err != nil {
				return 0, err
			}
		}
	}
	t.Past = len(past)
	promised := func(t escalation.Past) (*clock.Policy, *clock.Calendar) { return desks[t.Desk].Promise(t.Type) }
	for _, k := range escalation.Try(past, promised, would, now) {
		t.Trials = append(t.Trials, trialRow{p.T("clock.of." + string(k.Clock)), interval.Wilson(k.Old, k.OldN), interval.Wilson(k.New, k.NewN), k.Worse, k.Less})
	}
	return fiber.StatusOK, nil
}
