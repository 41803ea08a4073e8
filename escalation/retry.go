package escalation

import (
	"time"

	"primalinea/escalation/clock"
)

// A Trial is what other promises would have made of the past, for one clock, beside what was
// promised. A run of a clock counts when it is over, or its date is past; so what is
// not decided yet is in neither.
type Trial struct {
	Clock       clock.Kind
	Old, OldN   int // broken promises, of how many
	New, NewN   int
	Worse, Less int // runs that only the new one, or only the old one, would have broken
}

// Try plays what would be promised on what is past, against what each ticket was
// promised.
func Try(past []Past, promised, would func(Past) (*clock.Policy, *clock.Calendar), now time.Time) []Trial {
	of := map[clock.Kind]*Trial{}
	for _, k := range clock.Kinds {
		of[k] = &Trial{Clock: k}
	}
	type run struct {
		kind  clock.Kind
		start time.Time
	}
	for _, t := range past {
		oldPolicy, oldCalendar := promised(t)
		broken := map[run]bool{}
		for _, d := range clock.Dues(t.Clocks, oldPolicy, oldCalendar) {
			if over, late := decided(&d, now); over {
				of[d.Clock].OldN++
				if late {
					of[d.Clock].Old++
				}
				broken[run{d.Clock, d.Start}] = late
			}
		}
		newPolicy, newCalendar := would(t)
		for _, d := range clock.Dues(t.Clocks, newPolicy, newCalendar) {
			over, late := decided(&d, now)
			if !over {
				continue
			}
			of[d.Clock].NewN++
			if late {
				of[d.Clock].New++
			}
			switch before := broken[run{d.Clock, d.Start}]; {
			case late && !before:
				of[d.Clock].Worse++
			case before && !late:
				of[d.Clock].Less++
			}
		}
	}
	var list []Trial
	for _, k := range clock.Kinds {
		if t := of[k]; t.OldN+t.NewN > 0 {
			list = append(list, *t)
		}
	}
	return list
}

// decided says whether a promise was kept or broken, and which.
func decided(d *clock.Due, now time.Time) (over, late bool) {
	switch d.Standing(now) {
	case clock.Met:
		return true, false
	case clock.Late, clock.Breached:
		return true, true
	}
	return false, false
}
