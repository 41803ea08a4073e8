package lead

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// HoldOut is the room for the experiment that says what suggestions are worth.
type HoldOut struct {
	*web.Web
	Experiments journey.Experiments
	Folder      interface{ Library() *content.Library }
	// Flush writes down what visitors did until now.
	Flush func(context.Context) error
}

// Mount gives the room its addresses.
func (r *HoldOut) Mount(app fiber.Router) {
	app.Get("/lead/hold-out", r.SignedIn, r.Allowed(staff.ReadReports), r.show)
	app.Get("/lead/hold-out.csv", r.SignedIn, r.Allowed(staff.ReadReports), r.csv)
	app.Post("/lead/hold-out", r.SignedIn, r.Allowed(staff.Settings), r.begin)
	app.Post("/lead/hold-out/stop", r.SignedIn, r.Allowed(staff.Settings), r.stop)
}

// A holdOutPage decides about a hold-out, and says what came of it.
type holdOutPage struct {
	web.Page
	journey.Held
	Newest *tried // that runs or has just ended; nil: there was none
	Found  *tried // the newest that shows something, if that is another one
	Past   []*tried
	Done   string
	Now    time.Time

	// The form, and what it comes to; nil while one runs.
	Form *holdOutForm
}

// A holdOutForm is what a lead typed, and what that would take.
type holdOutForm struct {
	Share                  int
	Effect, Cost, Currency string
	Sections               []choice
	Words                  string
	Keep                   bool
	Plan                   *journey.Plan // nil: it cannot be worked out
}

// A tried is an experiment with what it shows, in words.
type tried struct {
	journey.Experiment
	journey.Caused
	words web.Page
}

// known returns what the newest experiment shows that shows something; nil when there
// was none.
func known(ctx context.Context, x journey.Experiments, p web.Page, now time.Time) (*tried, error) {
	e, c, err := x.Known(ctx, now)
	if err != nil || e == nil {
		return nil, err
	}
	return &tried{*e, *c, p}, nil
}

// Preliminary reports whether chance can still turn what it shows.
func (t *tried) Preliminary() bool { return t.Verdict == journey.Early || t.Verdict == journey.TooFew }

func (r *HoldOut) page(c *fiber.Ctx) (*holdOutPage, error) {
	p := &holdOutPage{Page: r.Page(c, "lead", "holdout.title"), Now: r.Now()}
	p.Here("/lead/hold-out")
	if err := r.Flush(c.UserContext()); err != nil && escalation.Unwritable(err) == nil {
		return p, err
	}
	var err error
	if p.Held, err = r.Experiments.Look(c.UserContext(), p.Now); err != nil {
		return p, err
	}
	shows, _ := p.Known()
	for i := range p.List {
		switch e := &p.List[i]; {
		case i == len(p.List)-1:
			p.Newest = &tried{*e, *p.Held.Newest, p.Page}
		case e == shows:
			p.Found = &tried{*e, *e.Result, p.Page}
		default:
			p.Past = append(p.Past, &tried{*e, *e.Result, p.Page})
		}
	}
	slices.Reverse(p.Past)
	if last := p.Last(); last == nil || last.Result != nil {
		p.Form = r.form(c, p)
	}
	return p, nil
}

// form is what was typed; at first it is what the site's own figures suggest, or what
// the last one was begun with.
func (r *HoldOut) form(c *fiber.Ctx, p *holdOutPage) *holdOutForm {
	f := &holdOutForm{Share: p.Pace.Share(), Effect: "10", Currency: "EUR", Keep: true}
	never := map[string]bool{}
	if last := p.Last(); last != nil {
		f.Effect, f.Words, f.Keep = hundredths(&p.Page, int64(last.Effect*10_000+.5)), strings.Join(last.Words, "\n"), last.Keep
		if last.Cost > 0 {
			f.Cost, f.Currency = hundredths(&p.Page, last.Cost), last.Currency
		}
		for _, key := range last.Never {
			never[key] = true
		}
	}
	if c.Method() == fiber.MethodPost {
		clear(never)
		f.Share, _ = strconv.Atoi(c.FormValue("share"))
		f.Effect, f.Cost, f.Currency, f.Words, f.Keep = c.FormValue("effect"), c.FormValue("cost"), c.FormValue("currency"), c.FormValue("words"), c.FormValue("keep") != ""
		for _, key := range web.Values(c, "never") {
			never[key] = true
		}
	}
	lib, seen := r.Folder.Library(), map[string]bool{}
	for _, s := range lib.Sections() {
		if seen[s.Key] {
			continue
		}
		seen[s.Key] = true
		title := s.Title
		if own := lib.SectionByKey(p.Lang, s.Key); own != nil {
			title = own.Title
		}
		f.Sections = append(f.Sections, choice{s.Key, title, never[s.Key]})
	}
	slices.SortFunc(f.Sections, func(a, b choice) int {
		return cmp.Or(strings.Compare(a.Says, b.Says), strings.Compare(a.Value, b.Value))
	})
	return f
}

// terms reads the form.
func (f *holdOutForm) terms() (journey.Terms, error) {
	if !slices.Contains(f.Shares(), f.Share) {
		return journey.Terms{}, &escalation.Error{Kind: escalation.Invalid, Field: "share", Reason: "error.choice"}
	}
	var never []string
	for _, s := range f.Sections {
		if s.On {
			never = append(never, s.Value)
		}
	}
	return journey.NewTerms(f.Effect, f.Cost, f.Currency, never, strings.Split(f.Words, "\n"), f.Keep)
}

// Shares are the parts that may be held out.
func (holdOutForm) Shares() []int { return []int{journey.Parts / 2, journey.Parts / 5} }

// plan works out what the form would take.
func (f *holdOutForm) plan(p *holdOutPage) error {
	terms, err := f.terms()
	if err != nil {
		return err
	}
	plan, ok := p.Pace.Plan(terms.Effect, f.Share, p.Now)
	if !ok {
		return &escalation.Error{Kind: escalation.Invalid, Field: "effect", Reason: "error.effect_long"}
	}
	f.Plan = &plan
	return nil
}

// show serves GET /lead/hold-out.
func (r *HoldOut) show(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	if done := c.Query("done"); done == "begun" || done == "ended" {
		p.Done = done
	}
	if p.Form != nil {
		// What it would take is said on the page; a site that is too quiet for an effect
		// of that size is told so when somebody works it out.
		_ = p.Form.plan(p)
	}
	return r.Render(c, fiber.StatusOK, "lead/holdout", p)
}

// begin serves POST /lead/hold-out: a plan is worked out, or begun.
func (r *HoldOut) begin(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	if p.Form == nil {
		return r.refused(c, p, &escalation.Error{Kind: escalation.Conflict, Reason: "error.holdout_runs"})
	}
	if err := p.Form.plan(p); err != nil {
		return r.refused(c, p, err)
	}
	if c.FormValue("do") != "begin" {
		return r.Render(c, fiber.StatusOK, "lead/holdout", p)
	}
	terms, _ := p.Form.terms()
	if err := r.Experiments.Begin(c.UserContext(), version(c), terms, p.Form.Share, r.Me(c).Ref(), p.Now); err != nil {
		return r.refused(c, p, err)
	}
	return web.Redirect(c, "/lead/hold-out?done=begun")
}

// stop serves POST /lead/hold-out/stop.
func (r *HoldOut) stop(c *fiber.Ctx) error {
	err := r.Experiments.Stop(c.UserContext(), version(c), r.Me(c).Ref(), r.Now())
	if err == nil {
		return web.Redirect(c, "/lead/hold-out?done=ended")
	}
	p, wrong := r.page(c)
	if wrong != nil {
		return wrong
	}
	return r.refused(c, p, err)
}

// version is that of the list that a form was made of.
func version(c *fiber.Ctx) int64 {
	n, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil {
		return -1 // of none
	}
	return n
}

func (r *HoldOut) refused(c *fiber.Ctx, p *holdOutPage, err error) error {
	if !p.Refuse(err) {
		return err
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "lead/holdout", p)
}

// HeldOut is the part of visitors that is held out.
func (p holdOutPage) HeldOut(share int) string { return heldOut(p.Page, share) }

// HeldOut is the part of visitors that was held out.
func (t *tried) HeldOut() string { return heldOut(t.words, t.Share) }

func heldOut(p web.Page, share int) string {
	return p.T("number.percent", "N", share*100/journey.Parts)
}

// Points writes a part of a whole as points of a hundred.
func (t *tried) Points(x float64) string { return signed(t.words.Decimal(100*x, 1)) }

// Whole writes a number without a fraction.
func (t *tried) Whole(x float64) string { return signed(t.words.Decimal(x, 0)) }

// Whole is like that of what was tried.
func (p holdOutPage) Whole(x float64) string { return signed(p.Decimal(x, 0)) }

// signed writes a minus as one, and no minus before nothing.
func signed(s string) string {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		if strings.Trim(rest, "0,.") == "" {
			return rest
		}
		return "−" + rest
	}
	return s
}

// Amount writes what so many tickets cost.
func (t *tried) Amount(x float64) string { return t.Whole(x) + "\u00a0" + t.Currency }

// Ticket writes what a ticket costs.
func (t *tried) Ticket() string {
	return t.words.Decimal(float64(t.Cost)/100, 2) + "\u00a0" + t.Currency
}

// Took writes how long something took: the exact second matters only of a few.
func (t *tried) Took(seconds float64) string {
	if seconds < 600 {
		return t.words.T("holdout.some_seconds", "N", int(seconds+.5))
	}
	return t.words.Span(time.Duration(seconds * float64(time.Second)))
}

// Unfinished reports whether it ended before its time, and stays preliminary.
func (t *tried) Unfinished() bool { return t.Verdict == journey.Early && t.Result != nil }

// Ends is about when the result of the newest is known; zero when nobody can say.
func (p holdOutPage) Ends() time.Time {
	if left := p.Newest.Planned - p.Newest.Visitors(); p.Pace.Week > 0 {
		return p.Now.Add(time.Duration(float64(left)/p.Pace.Week*7*24*float64(time.Hour)) + journey.Window)
	}
	return time.Time{}
}

// Closes is when the last of its visitors can no longer write.
func (t *tried) Closes() time.Time { return t.Ended.Add(journey.Window) }

func hundredths(p *web.Page, n int64) string {
	if n%100 == 0 {
		return strconv.FormatInt(n/100, 10)
	}
	return p.Decimal(float64(n)/100, 2)
}

// csv serves GET /lead/hold-out.csv: all experiments, the oldest first.
func (r *HoldOut) csv(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	rows := [][]string{{
		"experiment", "watch", "started", "ended", "held_out", "planned", "verdict", "chi_squared", "pending",
		"holdout_n", "holdout_tickets", "shown_n", "shown_tickets", "difference", "low", "high", "avoided", "avoided_low", "avoided_high",
		"saved", "saved_low", "saved_high", "currency",
		"holdout_silent", "shown_silent", "silent_difference", "silent_low", "silent_high", "holdout_again", "shown_again", "again_difference", "again_low", "again_high",
		"holdout_rated", "holdout_satisfied", "shown_rated", "shown_satisfied", "satisfied_difference", "satisfied_low", "satisfied_high",
	}}
	all := slices.Clone(p.Past)
	for _, t := range []*tried{p.Found, p.Newest} {
		if t != nil {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *tried) int { return a.Started.Compare(b.Started) })
	for _, t := range all {
		day := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.UTC().Format(time.DateOnly)
		}
		estimate := func(e interval.Estimate, digits int) []string {
			if !t.Effect() {
				return []string{"", "", ""}
			}
			number := func(x float64) string { return strconv.FormatFloat(x, 'f', digits, 64) }
			return []string{number(e.Value), number(e.Low), number(e.High)}
		}
		saved, currency := []string{"", "", ""}, ""
		if t.Money != nil {
			saved, currency = estimate(*t.Money, 0), t.Currency
		}
		satisfied := []string{"", "", ""}
		if t.Satisfied != nil {
			satisfied = estimate(*t.Satisfied, 4)
		}
		rows = append(rows, slices.Concat(
			[]string{t.Name, strconv.FormatBool(t.Watch), day(t.Started), day(t.Ended), fmt.Sprint(float64(t.Share) / journey.Parts), fmt.Sprint(t.Planned), string(t.Verdict), strconv.FormatFloat(t.Ratio, 'f', 2, 64), fmt.Sprint(t.Pending),
				fmt.Sprint(t.HoldOut.Tickets.N), fmt.Sprint(t.HoldOut.Tickets.K), fmt.Sprint(t.Shown.Tickets.N), fmt.Sprint(t.Shown.Tickets.K)},
			estimate(t.Difference, 4), estimate(t.Avoided, 1), saved, []string{currency},
			[]string{fmt.Sprint(t.HoldOut.Silent.K), fmt.Sprint(t.Shown.Silent.K)}, estimate(t.Silent, 4),
			[]string{fmt.Sprint(t.HoldOut.Again.K), fmt.Sprint(t.Shown.Again.K)}, estimate(t.Again, 4),
			[]string{fmt.Sprint(t.HoldOut.Satisfied.N), fmt.Sprint(t.HoldOut.Satisfied.K), fmt.Sprint(t.Shown.Satisfied.N), fmt.Sprint(t.Shown.Satisfied.K)}, satisfied,
		))
	}
	return web.SendCSV(c, "hold-out.csv", rows)
}
