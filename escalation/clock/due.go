package clock

import (
	"time"
)

// A Due is one run of a clock with a target, and when it runs out.
type Due struct {
	Clock    Kind
	Tier     int
	Priority int
	Target   time.Duration
	Start    time.Time
	Stopped  time.Time // what was promised happened, or is no longer expected; zero while the clock runs

	// At is when the target is used up; of a clock that stopped before, when it
	// would have been. It is zero while the clock stands still with something left,
	// and when the target is never used up.
	At     time.Time
	Paused string        // what it stands still for; empty while it runs, and after At
	Left   time.Duration // of the target, while it stands still
	Never  bool          // the calendar has not that much time within the [Horizon]

	Warnings []Warning // as the policy wants them; those whose time is known
	Danger   time.Time // the time of the last of them, when that is known
	Reasons  []Reason  // from Start to At
}

// A Warning is the moment at which so much of a target is used.
type Warning struct {
	Percent int
	At      time.Time
}

// A ReasonKind says what a part of the way to a due date is.
type ReasonKind string

// The parts of the way to a due date.
const (
	Counted ReasonKind = "counted" // open, and it counts
	Closed  ReasonKind = "closed"  // nobody works
	Paused  ReasonKind = "paused"  // the ticket waits, and the policy says that the clock does too
)

// A Reason is one part of the way from the start of a clock to its due date. They
// follow one another without a gap; the time that counted is that of the target.
type Reason struct {
	Kind     ReasonKind
	From, To time.Time // To is zero where it goes on
	Cause    string    // of a pause
	Holidays []string  // on which it was closed, by name
}

// Counts returns how much of the target a reason uses.
func (r Reason) Counts() time.Duration {
	if r.Kind != Counted {
		return 0
	}
	return r.To.Sub(r.From)
}

// Dues returns each run of each clock that the policy has a target for, in order of
// their start.
func Dues(l Ledger, p *Policy, c *Calendar) []Due {
	var list []Due
	for _, r := range l.rounds(p) {
		if target, ok := p.Target(r.kind, r.tier, r.weight); ok {
			list = append(list, r.due(target, p.Warn, c))
		}
	}
	return list
}

// NextDue returns the run that is due next: of those that run with a date, the
// earliest. It is nil when none does.
func NextDue(list []Due) *Due {
	var next *Due
	for i := range list {
		if d := &list[i]; d.Stopped.IsZero() && !d.At.IsZero() && (next == nil || d.At.Before(next.At)) {
			next = d
		}
	}
	return next
}

// due follows a round until its target is used up.
func (r *round) due(target time.Duration, warn []int, c *Calendar) Due {
	d := Due{Clock: r.kind, Tier: r.tier, Priority: r.weight, Target: target, Start: utc(r.start)}
	parts := r.parts
	if r.stopped {
		d.Stopped = utc(r.stop)
		// When it would have been due, had it run on.
		parts = append(parts[:len(parts):len(parts)], part{from: r.stop, to: endless})
	}
	w := walk{due: &d, c: c, target: target.Milliseconds(), warn: warn}
	for _, p := range parts {
		if w.follow(p) {
			d.At = utc(w.at)
			return d
		}
	}
	last := parts[len(parts)-1]
	if last.cause != "" {
		d.Paused = last.cause
		d.Left = time.Duration(w.target-w.used) * time.Millisecond
		return d
	}
	d.Never = true
	return d
}

// A walk is on its way from the start of a clock to its due date.
type walk struct {
	due    *Due
	c      *Calendar
	target int64
	used   int64
	at     int64 // how far it came
	warn   []int // percents that lie ahead
}

// follow goes on through a part, and says whether the target was used up in it.
func (w *walk) follow(p part) bool {
	if p.cause != "" {
		w.reason(Paused, p.from, p.to, p.cause)
		return false
	}
	until := p.to
	if until == endless {
		until = p.from + Horizon.Milliseconds()
	}
	w.at = p.from
	for a, b := range w.c.open(p.from, until) {
		w.closed(a)
		end := min(b, a+w.target-w.used)
		for len(w.warn) > 0 {
			mark := (w.target*int64(w.warn[0]) + 99) / 100
			if mark > w.used+end-a {
				break
			}
			at := utc(a + mark - w.used)
			w.due.Warnings = append(w.due.Warnings, Warning{w.warn[0], at})
			if w.warn = w.warn[1:]; len(w.warn) == 0 {
				w.due.Danger = at
			}
		}
		w.reason(Counted, a, end, "")
		w.used += end - a
		w.at = end
		if w.used == w.target {
			return true
		}
	}
	if p.to != endless {
		w.closed(p.to)
	}
	return false
}

// closed notes that nobody works from where the walk is until a moment.
func (w *walk) closed(until int64) {
	if w.at < until {
		w.reason(Closed, w.at, until, "")
		w.at = until
	}
}

// reason adds a part of the way. It goes on with the one before if that is alike.
func (w *walk) reason(k ReasonKind, from, to int64, cause string) {
	var end time.Time
	if to != endless {
		end = utc(to)
	}
	list := w.due.Reasons
	if n := len(list); n > 0 && list[n-1].Kind == k && list[n-1].Cause == cause && list[n-1].To.Equal(utc(from)) {
		list[n-1].To = end
		from = list[n-1].From.UnixMilli()
	} else {
		w.due.Reasons = append(list, Reason{Kind: k, From: utc(from), To: end, Cause: cause})
	}
	if k == Closed {
		w.due.Reasons[len(w.due.Reasons)-1].Holidays = w.c.holidays(from, to)
	}
}

// A Standing says how a clock stands at a moment.
type Standing string

// The standings. The catalog has them as "due.<standing>".
const (
	Running  Standing = "running"
	Nearly   Standing = "nearly"   // past its last warning
	Breached Standing = "breached" // past its date
	Waiting  Standing = "waiting"  // it stands still
	Endless  Standing = "never"    // its date never comes
	Met      Standing = "met"
	Late     Standing = "late" // it stopped after its date
)

// Standing returns how a clock stands at a moment.
func (d *Due) Standing(now time.Time) Standing {
	late := !d.At.IsZero()
	switch {
	case !d.Stopped.IsZero() && late && d.Stopped.After(d.At):
		return Late
	case !d.Stopped.IsZero():
		return Met
	case late && now.After(d.At):
		return Breached
	case d.Never:
		return Endless
	case d.Paused != "":
		return Waiting
	case !d.Danger.IsZero() && !now.Before(d.Danger):
		return Nearly
	}
	return Running
}
