package tiers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
)

// A Life is what a report reads of a ticket's clocks. It is kept beside the ticket, so
// that a report reads a line of each, and not all that happened to it.
type Life struct {
	Opened   time.Time
	Answered time.Time // for the first time; zero: never
	Over     bool      // settled, one way or another
	Solved   []Solving
	Promises []Promise // in order of their start
}

// A Solving is one time that a ticket was solved.
type Solving struct {
	At       time.Time
	Reopened time.Time // zero: never
	First    bool      // by the first answer
}

// A Promise is one run of a clock with a target.
type Promise struct {
	Clock clock.Kind
	Due   time.Time // zero: it stands still, or is never due
	Kept  time.Time // zero: it runs
}

// NewLife reads the life of a ticket in its clocks and in what was promised.
func NewLife(l clock.Ledger, dues []clock.Due) Life {
	var out Life
	answer := 0
	for _, e := range l.Counting() {
		switch {
		case e.Clock == clock.First && e.Act == clock.Stop:
			out.Answered, answer = e.At, e.Entry
		case e.Clock != clock.Resolution:
		case e.Act == clock.Start:
			out.Opened = e.At
		case e.Act == clock.Stop:
			out.Over = true
			if e.Cause == string(escalation.EventSolved) {
				out.Solved = append(out.Solved, Solving{At: e.At, First: e.Entry == answer})
			} else if answer == e.Entry { // it was settled without any
				out.Answered, answer = time.Time{}, 0
			}
		case e.Act == clock.Resume:
			out.Over = false
			if n := len(out.Solved); n > 0 {
				out.Solved[n-1].Reopened = e.At
			}
		}
	}
	for i := range dues {
		d := &dues[i]
		out.Promises = append(out.Promises, Promise{d.Clock, d.At, d.Stopped})
	}
	return out
}

// fate says when a promise came due or was kept, whichever was first, and whether it
// was broken. While neither happened, the time is zero.
func (p *Promise) fate(now time.Time) (when time.Time, late bool) {
	until := p.Kept
	if until.IsZero() {
		until = now
	}
	if !p.Due.IsZero() && until.After(p.Due) {
		return p.Due, true
	}
	return p.Kept, false
}

// kept says whether the last promise about a clock was broken. It is not known while
// there is time left.
func (l *Life) kept(k clock.Kind, now time.Time) (late, known bool) {
	for i := range l.Promises {
		if p := &l.Promises[i]; p.Clock == k {
			when, broken := p.fate(now)
			late, known = broken, !when.IsZero()
		}
	}
	return late, known
}

// String writes a life as [ParseLife] reads it: its moments, each way that it was solved
// and each promise, with a space between them. Times are milliseconds to the base of 36,
// and nothing for none.
func (l *Life) String() string {
	b := make([]byte, 0, 24*(1+len(l.Solved)+len(l.Promises)))
	at := func(t time.Time) {
		if !t.IsZero() {
			b = strconv.AppendInt(b, t.UnixMilli(), 36)
		}
		b = append(b, ',')
	}
	truth := func(yes bool) {
		if yes {
			b = append(b, '1')
		}
	}
	at(l.Opened)
	at(l.Answered)
	truth(l.Over)
	for _, s := range l.Solved {
		b = append(b, " ,"...)
		at(s.At)
		at(s.Reopened)
		truth(s.First)
	}
	for _, p := range l.Promises {
		b = append(append(append(b, ' '), p.Clock...), ',')
		at(p.Due)
		at(p.Kept)
	}
	return string(b)
}

// ParseLife reads what [Life.String] wrote.
func ParseLife(s string) (Life, error) {
	var l Life
	var err error
	at := func(s string) (t time.Time) {
		if s == "" || err != nil {
			return t
		}
		n, wrong := strconv.ParseInt(s, 36, 64)
		if err = wrong; err != nil {
			return t
		}
		return time.UnixMilli(n).UTC()
	}
	first := true
	for part := range strings.SplitSeq(s, " ") {
		if first {
			opened, rest, _ := strings.Cut(part, ",")
			answered, over, ok := strings.Cut(rest, ",")
			if !ok {
				return l, fmt.Errorf("life %q begins without its moments", s)
			}
			l.Opened, l.Answered, l.Over = at(opened), at(answered), over != ""
			first = false
			continue
		}
		what, rest, _ := strings.Cut(part, ",")
		one, rest, _ := strings.Cut(rest, ",")
		two, more, ok := strings.Cut(rest, ",")
		switch {
		case !ok:
			return l, fmt.Errorf("life %q: %q is no part of one", s, part)
		case what == "":
			l.Solved = append(l.Solved, Solving{at(one), at(two), more != ""})
		default:
			l.Promises = append(l.Promises, Promise{clock.Kind(what), at(one), at(two)})
		}
	}
	if err != nil {
		return l, fmt.Errorf("life %q: %w", s, err)
	}
	return l, nil
}
