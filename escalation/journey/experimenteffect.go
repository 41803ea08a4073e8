package journey

import (
	"math"
	"strconv"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/interval"
)

// A Verdict is what an experiment says of suggestions.
type Verdict string

// The verdicts. Only the last four say something of an effect.
const (
	Broken   Verdict = "broken"      // the arms were not filled as planned: no effect is shown
	TooFew   Verdict = "too_few"     // visitors in an arm
	Early    Verdict = "preliminary" // before the planned number of visitors, chance can still turn it
	Avoids   Verdict = "avoids"      // fewer tickets
	Hides    Verdict = "hides"       // fewer tickets, but more people gave up unheard, or came back
	Adds     Verdict = "adds"        // more tickets
	NoEffect Verdict = "no_effect"   // none seen
)

// Caused is what suggestions caused, as an experiment shows it: the difference that
// being assigned to an arm makes to whether a visitor writes within [Window]. Who was
// to see suggestions counts there, whether they looked at them or not.
type Caused struct {
	HoldOut ArmFigures
	Shown   ArmFigures
	Pending int     // visitors whose window has not passed; they are not counted yet
	Ratio   float64 // how unlikely the arms were filled as planned: [interval.SampleRatio]
	// Difference is how much rarer a ticket is with suggestions, as a part of the
	// visitors. Avoided are the tickets that those who saw them would have written
	// besides, and Money what these would have cost, if a lead said what one does.
	Difference interval.Estimate
	Avoided    interval.Estimate
	Money      *interval.Estimate `json:",omitempty"`
	// Silent and Again are how much more often people who saw suggestions left the
	// form without having read anything, and came back to it.
	Silent, Again interval.Estimate
	// Satisfied is how much more often those who saw suggestions said that they were
	// helped well; nil while too few said anything.
	Satisfied *interval.Estimate `json:",omitempty"`
	Verdict   Verdict
}

// ArmFigures count what the visitors of an arm did within [Window].
type ArmFigures struct {
	Assigned int // visitors, with those who are pending
	Tickets  interval.Proportion
	Silent   interval.Proportion // neither wrote nor read anything
	Again    interval.Proportion // came back to the form, after a pause
	// Satisfied are those who said that they were helped well, of those who wrote and
	// said how they were.
	Satisfied interval.Proportion
	// Seconds is how long it took from the trigger to the ticket, in the middle of
	// those who wrote; nil when too few did.
	Seconds *interval.Estimate `json:",omitempty"`
}

// Visitors returns how many were assigned to an arm.
func (c *Caused) Visitors() int { return c.HoldOut.Assigned + c.Shown.Assigned }

// Decided returns how many of them are counted.
func (c *Caused) Decided() int { return c.HoldOut.Tickets.N + c.Shown.Tickets.N }

// Effect reports whether there is a difference to show.
func (c *Caused) Effect() bool { return c.Verdict != Broken && c.Verdict != TooFew }

// MoreSilent and MoreAgain report whether a guardrail gives way: that it did is surely
// not chance.
func (c *Caused) MoreSilent() bool { return c.Effect() && c.Silent.Low > 0 }

// MoreAgain is like [Caused.MoreSilent].
func (c *Caused) MoreAgain() bool { return c.Effect() && c.Again.Low > 0 }

// LessSatisfied reports whether those who saw suggestions were surely less content. It
// is a warning and turns no verdict: who writes in spite of suggestions has the harder
// matter.
func (c *Caused) LessSatisfied() bool { return c.Satisfied != nil && c.Satisfied.High < 0 }

// Wrote is how much more often those who saw suggestions wrote: the difference, with
// its sign turned.
func (c *Caused) Wrote() interval.Estimate {
	return interval.Estimate{Value: -c.Difference.Value, Low: -c.Difference.High, High: -c.Difference.Low}
}

// Slower reports whether it surely took longer to write with suggestions.
func (c *Caused) Slower() bool {
	return c.HoldOut.Seconds != nil && c.Shown.Seconds != nil && c.Shown.Seconds.Low > c.HoldOut.Seconds.High
}

// Table returns it as rows of [Report.Table].
func (c *Caused) Table() [][]string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }
	var rows [][]string
	row := func(key string, k, n int, value, low, high float64) {
		rows = append(rows, []string{"caused", string(c.Verdict), key, strconv.Itoa(days(Window)), strconv.Itoa(k), strconv.Itoa(n), number(value), number(low), number(high)})
	}
	row("holdout", c.HoldOut.Tickets.K, c.HoldOut.Tickets.N, c.HoldOut.Tickets.Rate, c.HoldOut.Tickets.Low, c.HoldOut.Tickets.High)
	row("shown", c.Shown.Tickets.K, c.Shown.Tickets.N, c.Shown.Tickets.Rate, c.Shown.Tickets.Low, c.Shown.Tickets.High)
	if c.Effect() {
		row("difference", 0, c.Decided(), c.Difference.Value, c.Difference.Low, c.Difference.High)
		row("avoided", 0, c.Shown.Tickets.N, c.Avoided.Value, c.Avoided.Low, c.Avoided.High)
		rows[2][4], rows[3][4] = "", "" // what is compared has no cases of its own
	}
	return rows
}

// Measure says what an experiment shows, of the triggers of its visitors. While no one
// is held out, only the arms are counted.
func Measure(e Experiment, triggers []Trigger, now time.Time) Caused {
	var c Caused
	var arms [2]struct {
		*ArmFigures
		n, tickets, silent, again int
		rated, good               int
		seconds                   []float64
	}
	arms[0].ArmFigures, arms[1].ArmFigures = &c.HoldOut, &c.Shown
	for _, t := range triggers {
		arm := &arms[0]
		if t.Arm == Shown {
			arm = &arms[1]
		}
		arm.Assigned++
		ends := t.At.Add(Window)
		if now.Before(ends) {
			c.Pending++ // also who wrote already: else the last week would be all tickets
			continue
		}
		arm.n++
		switch wrote := !t.Ticket.IsZero() && !t.Ticket.After(ends); {
		case wrote:
			arm.tickets++
			if t.Score != "" {
				arm.rated++
			}
			if t.Score == escalation.Good {
				arm.good++
			}
			arm.seconds = append(arm.seconds, t.Ticket.Sub(t.At).Seconds())
		case !t.Read:
			arm.silent++
		}
		if !t.Again.IsZero() && !t.Again.After(ends) {
			arm.again++
		}
	}
	for i := range arms {
		a := &arms[i]
		a.Tickets, a.Silent, a.Again = interval.Wilson(a.tickets, a.n), interval.Wilson(a.silent, a.n), interval.Wilson(a.again, a.n)
		a.Satisfied = interval.Wilson(a.good, a.rated)
		if len(a.seconds) >= interval.Few {
			a.Seconds = new(interval.Median(a.seconds))
		}
	}
	c.Ratio = interval.SampleRatio(c.HoldOut.Assigned, c.Shown.Assigned, float64(e.Share)/Parts)
	switch {
	case c.Ratio > interval.Broken:
		c.Verdict = Broken
		return c
	case c.HoldOut.Tickets.TooFew() || c.Shown.Tickets.TooFew():
		c.Verdict = TooFew
		return c
	}
	c.Difference = interval.Newcombe(c.HoldOut.Tickets, c.Shown.Tickets)
	c.Silent = interval.Newcombe(c.Shown.Silent, c.HoldOut.Silent)
	c.Again = interval.Newcombe(c.Shown.Again, c.HoldOut.Again)
	if !c.Shown.Satisfied.TooFew() && !c.HoldOut.Satisfied.TooFew() {
		c.Satisfied = new(interval.Newcombe(c.Shown.Satisfied, c.HoldOut.Satisfied))
	}
	c.Avoided = times(c.Difference, float64(c.Shown.Tickets.N))
	if e.Cost > 0 {
		c.Money = new(times(c.Avoided, float64(e.Cost)/100))
	}
	switch {
	case c.Decided() < e.Planned:
		c.Verdict = Early
	case c.Difference.Low > 0 && (c.Silent.Low > 0 || c.Again.Low > 0):
		c.Verdict = Hides
	case c.Difference.Low > 0:
		c.Verdict = Avoids
	case c.Difference.High < 0:
		c.Verdict = Adds
	default:
		c.Verdict = NoEffect
	}
	return c
}

func times(e interval.Estimate, n float64) interval.Estimate {
	return interval.Estimate{Value: n * e.Value, Low: n * e.Low, High: n * e.High}
}

// A Pace is how the contact form is used while no suggestion is held out, or by those
// who see them: what a hold-out is planned from.
type Pace struct {
	Week    float64             // visitors a week for whom there is something to suggest
	Tickets interval.Proportion // of them, those who wrote within [Window]
	// Helped are those who read a suggestion and did not write: no more tickets can
	// have been avoided.
	Helped interval.Proportion
}

// PaceDays is how many days back a pace is measured.
const PaceDays = 56

// MeasurePace measures the pace of the triggers of the last [PaceDays].
func MeasurePace(triggers []Trigger, now time.Time) Pace {
	var p Pace
	var first time.Time
	all, wrote, helped, n := 0, 0, 0, 0
	for _, t := range triggers {
		if now.Sub(t.At) > PaceDays*24*time.Hour || t.At.After(now) {
			continue
		}
		if all++; first.IsZero() || t.At.Before(first) {
			first = t.At
		}
		ends := t.At.Add(Window)
		if t.Arm != Shown || now.Before(ends) {
			continue
		}
		n++
		if !t.Ticket.IsZero() && !t.Ticket.After(ends) {
			wrote++
		} else if t.Read {
			helped++
		}
	}
	if all > 0 {
		p.Week = float64(all) / max(1, now.Sub(first).Hours()/(7*24))
	}
	p.Tickets, p.Helped = interval.Wilson(wrote, n), interval.Wilson(helped, n)
	return p
}

// Many is how many triggers a month let a smaller part of visitors be held out.
const Many = 250

// Share returns which part of [Parts] a hold-out had better have: half of the visitors
// where there are few, so that it does not last for years.
func (p Pace) Share() int {
	if p.Week*52/12 < Many {
		return Parts / 2
	}
	return Parts / 5
}

// A Plan is what a hold-out takes.
type Plan struct {
	HoldOut, Shown int       // visitors
	Assumed        float64   // part of them that would write with suggestions
	Guessed        bool      // too few wrote so far to know it
	Ends           time.Time // about when its result is known; zero when nobody can say
	// Extra are the tickets that it costs at most: all that those who are held out
	// would write if suggestions had helped everybody who read them. Where that is not
	// known, it is what the effect would come to that is looked for.
	Extra interval.Estimate
}

// Visitors is how many it takes, in both arms.
func (p Plan) Visitors() int { return p.HoldOut + p.Shown }

// Weeks is how long visitors are held out.
func (p Plan) Weeks(now time.Time) int {
	return int(math.Ceil(p.Ends.Add(-Window).Sub(now).Hours() / (7 * 24)))
}

// guess is the part of visitors who write, where nobody knows.
const guess = .8

// Plan plans a hold-out of a share of visitors that sees an effect. It takes at most
// [longest]; ok is false when it would take longer, or when fewer write than the
// effect would have to avoid.
func (p Pace) Plan(effect float64, share int, now time.Time) (plan Plan, ok bool) {
	plan = Plan{Assumed: p.Tickets.Rate, Guessed: p.Tickets.TooFew()}
	if plan.Guessed {
		plan.Assumed = guess
	}
	plan.HoldOut, plan.Shown = sizes(plan.Assumed, effect, share)
	held := float64(plan.HoldOut)
	plan.Extra = interval.Estimate{Value: effect * held, High: effect * held}
	if !p.Helped.TooFew() {
		plan.Extra = times(interval.Estimate{Value: p.Helped.Rate, Low: p.Helped.Low, High: p.Helped.High}, held)
	}
	if p.Week > 0 {
		weeks := float64(plan.Visitors()) / p.Week
		if weeks > longest {
			return plan, false
		}
		plan.Ends = now.Add(time.Duration(weeks*7*24*float64(time.Hour)) + Window)
	}
	return plan, plan.Visitors() > 0
}

// longest is how many weeks a hold-out may last: no longer than its visitors are kept
// (see setting.Kinds).
const longest = 52

// sizes returns how many visitors it takes to see that suggestions avoid a part of
// those that write, when a part of those who see them does. Nearly all can write, but
// never more than all.
func sizes(write, effect float64, share int) (holdOut, shown int) {
	before := min(write+effect, .99)
	return interval.Sizes(before, before-effect, float64(share)/Parts)
}
