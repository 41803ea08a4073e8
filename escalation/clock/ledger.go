package clock

import (
	"math"
	"slices"
	"time"
)

// An Act is what an event does to clocks.
type Act string

// The acts. Start, Stop and Resume are of one clock; a Pause, and the Resume after
// it, are of none: they say that the ticket waits, and for what. Which clocks that
// pauses, the policy says. So a ledger is true under any policy. What runs when the
// ticket is weighed, and what begins later, has the target of the new priority; what
// stopped before keeps its own.
const (
	Start  Act = "start"
	Pause  Act = "pause"
	Resume Act = "resume" // of one clock: it goes on after its stop, with what it had run
	Stop   Act = "stop"
	Weigh  Act = "weigh" // of none: from now on the ticket has another priority
	Undo   Act = "undo"  // the last line that counts does not any more
)

// An Event is one line of a ledger.
type Event struct {
	At    time.Time
	Act   Act
	Clock Kind   // empty for a wait
	Cause string // what happened, or what is waited for
	Tier  int    // whose target counts, of a start
	Entry int    // the entry of the ticket that it comes from

	Priority int // whose target counts, of a weighing
}

// A Ledger is what happened to the clocks of a ticket. It is only ever added to.
//
// Who keeps the time may set it back: an event that seems to be earlier than the
// one before it counts as if it were at the same moment. No clock runs backwards.
type Ledger []Event

// Counting returns the lines that count: an undo takes back the last of those before it.
func (l Ledger) Counting() Ledger {
	if !slices.ContainsFunc(l, func(e Event) bool { return e.Act == Undo }) {
		return l
	}
	var counting Ledger
	for _, e := range l {
		if n := len(counting); e.Act != Undo {
			counting = append(counting, e)
		} else if n > 0 {
			counting = counting[:n-1]
		}
	}
	return counting
}

// Elapsed returns how long the requester has been waiting, or waited: from the
// beginning until it was solved, nights, holidays and pauses included. It never
// pauses.
func (l Ledger) Elapsed(now time.Time) time.Duration {
	var from, to, last time.Time
	for _, e := range l.Counting() {
		last = later(last, e.At)
		if e.Clock != Resolution {
			continue
		}
		switch e.Act {
		case Start:
			from, to = last, time.Time{}
		case Resume:
			to = time.Time{}
		case Stop:
			to = last
		}
	}
	if from.IsZero() {
		return 0
	}
	if to.IsZero() {
		to = now
	}
	return max(0, to.Sub(from))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// A round is one run of a clock, from a start to its stop.
type round struct {
	kind    Kind
	tier    int
	weight  int // the ticket's priority
	start   int64
	stop    int64 // when it did
	stopped bool
	parts   []part
}

// A part of a round is a time in which the clock ran, or stood still for a cause.
type part struct {
	from, to int64  // endless: it goes on
	cause    string // empty: it ran
}

const endless = math.MaxInt64

// begin starts a part, and ends the one before it.
func (r *round) begin(at int64, cause string) {
	if n := len(r.parts); n > 0 && r.parts[n-1].to == endless && r.parts[n-1].cause == cause {
		return
	}
	r.end(at)
	r.parts = append(r.parts, part{from: at, to: endless, cause: cause})
}

// end ends the part that goes on. One of no length is dropped.
func (r *round) end(at int64) {
	n := len(r.parts)
	switch {
	case n == 0 || r.parts[n-1].to != endless:
	case r.parts[n-1].from == at:
		r.parts = r.parts[:n-1]
	default:
		r.parts[n-1].to = at
	}
}

// rounds returns the rounds of all clocks in order of their start.
func (l Ledger) rounds(p *Policy) []*round {
	var all []*round
	last := map[Kind]*round{}
	now := int64(math.MinInt64)
	var waiting string
	weight := NormalPriority
	cause := func(k Kind) string {
		if p.Pausing(k, waiting) {
			return waiting
		}
		return ""
	}
	stop := func(r *round) {
		if r != nil && !r.stopped {
			r.end(now)
			r.stop, r.stopped = now, true
		}
	}
	for _, e := range l.Counting() {
		now = max(now, e.At.UnixMilli())
		switch r := last[e.Clock]; {
		case e.Clock == "" && (e.Act == Pause || e.Act == Resume):
			waiting = ""
			if e.Act == Pause {
				waiting = e.Cause
			}
			for k, r := range last {
				if !r.stopped {
					r.begin(now, cause(k))
				}
			}
		case e.Act == Weigh:
			weight = e.Priority
			for _, r := range last {
				if !r.stopped {
					r.weight = weight
				}
			}
		case e.Act == Start:
			stop(r)
			r = &round{kind: e.Clock, tier: e.Tier, weight: weight, start: now}
			r.begin(now, cause(e.Clock))
			last[e.Clock] = r
			all = append(all, r)
		case e.Act == Stop:
			stop(r)
		case e.Act == Resume && r != nil && r.stopped:
			r.stopped, r.weight = false, weight
			r.begin(r.stop, Settled)
			r.begin(now, cause(e.Clock))
		}
	}
	return all
}
