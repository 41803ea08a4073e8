package clock

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"
)

// zonesTested are zones in which something happens to clocks that is nowhere else:
// changes at midnight and by half an hour, offsets that are no whole hour, a day
// that never was, a month of fasting, rules that were dropped.
var zonesTested = []string{
	"Europe/Rome", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns",
	"Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "America/Sao_Paulo", "Africa/Casablanca",
	"Asia/Tehran", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Apia", "Africa/Cairo",
	"Antarctica/Troll", "America/Asuncion", "America/Caracas", "Asia/Gaza", "Pacific/Kiritimati",
	"America/Nuuk", "Asia/Pyongyang", "Asia/Kolkata", "UTC",
}

// An oracle tells the same as the package, the other way round: it goes from minute
// to minute, looks at the wall, and counts.
type oracle struct {
	c   Calendar
	loc *time.Location
	day map[ymd]Day
}

type ymd struct {
	y int
	m time.Month
	d int
}

func newOracle(c Calendar) oracle {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic(err)
	}
	o := oracle{c, loc, map[ymd]Day{}}
	for _, regional := range []bool{false, true} { // what a region says replaces what counts everywhere
		for _, d := range c.Days {
			y, m, day := time.Unix(int64(d.Date)*86400, 0).UTC().Date()
			if d.Region == "" && !regional || d.Region == c.Region && regional && c.Region != "" {
				o.day[ymd{y, m, day}] = d
			}
		}
	}
	return o
}

// open says whether the wall shows a time within a window.
func (o oracle) open(at time.Time) bool {
	wall := at.In(o.loc)
	y, m, d := wall.Date()
	now := Time(wall.Hour()*3600 + wall.Minute()*60 + wall.Second())
	for _, w := range o.hours(y, m, d) {
		if w.From < w.To && w.From <= now && now < w.To || w.To <= w.From && w.From <= now {
			return true
		}
	}
	for _, w := range o.hours(y, m, d-1) {
		if w.To <= w.From && now < w.To {
			return true
		}
	}
	return false
}

func (o oracle) hours(y int, m time.Month, d int) []Window {
	date := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	y, m, d = date.Date()
	if day, ok := o.day[ymd{y, m, d}]; ok {
		return day.Hours
	}
	return o.c.Week[date.Weekday()]
}

// between counts the steps in which it is open.
func (o oracle) between(from, to time.Time, step time.Duration) (sum time.Duration) {
	for t := from; t.Before(to); t = t.Add(step) {
		if o.open(t) {
			sum += step
		}
	}
	return sum
}

// due plays the last run of the one clock of a ledger. It is zero when the target is
// not used up before until.
func (o oracle) due(l Ledger, p *Policy, target time.Duration, until time.Time) time.Time {
	first, last := 0, 0 // the events that begin the run, and after which a stop is the end
	for i, e := range l {
		if e.Clock != "" && e.Act != Stop {
			last = i
		}
		if e.Act == Start {
			first = i
		}
	}
	var runs, over bool
	var waits string
	var used time.Duration
	happened := 0
	at := l[0].At
	for t := l[0].At; t.Before(until); t = t.Add(time.Minute) {
		for ; happened < len(l); happened++ {
			e := l[happened]
			if e.At.After(at) {
				at = e.At // the clock was not set back
			}
			if at.After(t) {
				break
			}
			switch {
			case e.Act == Start:
				runs = happened == first
			case e.Act == Stop:
				runs, over = false, happened > last
			case e.Act == Resume && e.Clock != "":
				runs = happened > first
			case e.Act == Pause:
				waits = e.Cause
			case e.Act == Resume:
				waits = ""
			}
		}
		pauses := waits == Aside
		for _, s := range p.Pauses[l[0].Clock] {
			pauses = pauses || s == waits
		}
		if (over || runs && !pauses) && o.open(t) {
			if used += time.Minute; used == target {
				return t.Add(time.Minute)
			}
		}
	}
	return time.Time{}
}

// weight is the priority of the last run of the one clock of a ledger: what was said
// last before the stop that ended it.
func (oracle) weight(l Ledger) int {
	end := len(l)
	for i := len(l) - 1; i >= 0 && (l[i].Clock == "" || l[i].Act == Stop); i-- {
		if l[i].Act == Stop {
			end = i
		}
	}
	weight := 3
	for _, e := range l[:end] {
		if e.Act == Weigh {
			weight = e.Priority
		}
	}
	return weight
}

// minutes returns a time of the day between two hours.
func minutes(r *rand.Rand, from, to int) Time { return Time((from*60 + r.IntN((to-from)*60)) * 60) }

// anyDay returns windows such as desks have, and such as they should not have.
func anyDay(r *rand.Rand) []Window {
	switch r.IntN(9) {
	case 0:
		return nil
	case 1:
		return []Window{{0, Midnight}}
	case 2: // over midnight
		return []Window{{minutes(r, 17, 24), 60 + minutes(r, 0, 9)}}
	case 3:
		return []Window{{minutes(r, 0, 3), minutes(r, 3, 9)}, {minutes(r, 20, 23), minutes(r, 23, 24)}}
	case 4:
		return []Window{{minutes(r, 1, 2), minutes(r, 2, 4)}} // where clocks change
	case 5:
		return []Window{{minutes(r, 7, 9), minutes(r, 9, 11)}, {minutes(r, 11, 12), minutes(r, 12, 13)}, {minutes(r, 14, 17), minutes(r, 17, 20)},
			{minutes(r, 22, 24), 60 + minutes(r, 0, 5)}}
	}
	return []Window{{9 * 3600, 13 * 3600}, {14 * 3600, 18 * 3600}}
}

// anyCalendar returns a calendar with dates around a day.
func anyCalendar(r *rand.Rand, zone string, around Date) Calendar {
	regions := []string{"", "North", "South"}
	c := Calendar{ID: "any", Name: map[string]string{"en": "Any"}, Zone: zone, Region: regions[r.IntN(3)]}
	for {
		usual := anyDay(r)
		for i := range c.Week {
			if c.Week[i] = usual; r.IntN(3) == 0 {
				c.Week[i] = anyDay(r)
			}
		}
		for i := range r.IntN(6) {
			d := Day{Date: around + Date(r.IntN(16)-3), Name: fmt.Sprint("day ", i), Region: regions[r.IntN(3)]}
			if r.IntN(2) == 0 {
				d.Hours = anyDay(r)
			}
			c.Days = append(c.Days, d)
		}
		if checked, err := NewCalendar(c); err == nil {
			return checked
		}
		c.Days = nil
	}
}

// anyMoment returns a whole minute, mostly one near to where something happens to
// the clocks of a zone.
func anyMoment(r *rand.Rand, loc *time.Location) time.Time {
	t := time.Date(2005+r.IntN(35), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
	switch r.IntN(5) {
	case 0:
		return t
	case 1: // the end of a year
		return time.Date(t.Year(), 12, 29+r.IntN(3), t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	if _, change := t.In(loc).ZoneBounds(); !change.IsZero() && change.Year() < 2060 {
		return change.Add(-time.Duration(r.IntN(3*24*60)) * time.Minute).UTC().Truncate(time.Minute)
	}
	return t
}

// anyLedger returns what may happen to a clock within some days, and sometimes
// seems to happen in the wrong order.
func anyLedger(r *rand.Rand, start time.Time) Ledger {
	l := Ledger{{At: start, Act: Start, Clock: Resolution}}
	at := start
	for range r.IntN(8) {
		at = at.Add(time.Duration(r.IntN(30*60)) * time.Minute)
		if r.IntN(8) == 0 {
			at = at.Add(-time.Duration(r.IntN(40*60)) * time.Minute) // somebody set it back
			if at.Before(start) {
				at = start
			}
		}
		l = append(l, [...]Event{
			{At: at, Act: Pause, Cause: WaitCustomer},
			{At: at, Act: Pause, Cause: WaitOther},
			{At: at, Act: Resume},
			{At: at, Act: Resume},
			{At: at, Act: Stop, Clock: Resolution},
			{At: at, Act: Resume, Clock: Resolution},
			{At: at, Act: Resume, Clock: Resolution},
			{At: at, Act: Pause, Cause: Aside},
			{At: at, Act: Start, Clock: Resolution},
			{At: at, Act: Weigh, Priority: 1 + r.IntN(4)},
		}[r.IntN(10)])
	}
	return l
}

// TestOracle compares 10,000 cases with what the oracle says of them.
func TestOracle(t *testing.T) {
	const cases, days = 10_000, 12
	var reached, waited, never, changed, weighed int
	for n := range cases {
		r := rand.New(rand.NewPCG(6, uint64(n)))
		zone := zonesTested[n%len(zonesTested)]
		loc, _ := Zone(zone)
		start := anyMoment(r, loc)
		c := anyCalendar(r, zone, DateOf(start.In(loc)))
		o := newOracle(c)
		l := anyLedger(r, start)
		p := Policy{Pauses: map[Kind][]string{Resolution: Waits[:r.IntN(3)]}}
		target := time.Duration(1+r.IntN(20*60)) * time.Minute
		p.Targets = []Target{{Clock: Resolution, Within: Span(target)}}
		if o.weight(l) == 1 {
			p.Targets = []Target{{Clock: Resolution, Within: Span(target + time.Hour)}, {Clock: Resolution, Priority: 1, Within: Span(target)}}
			weighed++
		}
		until := start.Add(days * 24 * time.Hour)
		if _, change := start.In(loc).ZoneBounds(); !change.IsZero() && change.Before(until) {
			changed++
		}

		dues := Dues(l, &p, &c)
		d := dues[len(dues)-1]
		want := o.due(l, &p, target, until)
		switch {
		case !want.IsZero():
			reached++
		case d.Paused != "":
			waited++
		default:
			never++
		}
		if got := d.At; !got.Equal(want) && (!want.IsZero() || !got.IsZero() && got.Before(until)) {
			t.Fatalf("case %d, %s: %v from %s is due %s, the oracle says %s\n%+v\n%+v", n, zone, target, start.In(loc), got.In(loc), want.In(loc), c, l)
		}
		explains(t, n, &d, &c, o)

		end := start.Add(time.Duration(r.IntN(3*24*60)) * time.Minute)
		if got, want := c.Between(start, end), o.between(start, end, time.Minute); got != want {
			t.Fatalf("case %d, %s: from %s to %s it is open for %v, the oracle says %v\n%+v", n, zone, start.In(loc), end.In(loc), got, want, c)
		}
	}
	t.Logf("%d cases in %d zones, %d over a change of clocks: %d due, %d waiting, %d later than looked, %d of priority 1", cases, len(zonesTested), changed, reached, waited, never, weighed)
	if reached < cases/2 || waited < cases/50 || changed < cases/4 || weighed < cases/50 {
		t.Errorf("too few cases say something: %d due, %d waiting, %d over a change of clocks, %d of priority 1", reached, waited, changed, weighed)
	}
}

// explains checks that the reasons of a date hang together: they lead from the start
// to the date without a gap, what counts is open and is the target, and what is
// closed is closed.
func explains(t *testing.T, n int, d *Due, c *Calendar, o oracle) {
	t.Helper()
	at := d.Start
	var sum time.Duration
	for i, r := range d.Reasons {
		if !r.From.Equal(at) {
			t.Fatalf("case %d: reason %d begins at %s, the one before ends at %s", n, i, r.From, at)
		}
		at, sum = r.To, sum+r.Counts()
		if r.Kind == Paused {
			continue
		}
		for _, m := range []time.Time{r.From, r.From.Add(r.To.Sub(r.From) / 2).Truncate(time.Minute), r.To.Add(-time.Minute)} {
			if !m.Before(r.From) && o.open(m) != (r.Kind == Counted) {
				t.Fatalf("case %d: %s is in a reason that is %s", n, m.In(o.loc), r.Kind)
			}
		}
	}
	switch {
	case d.At.IsZero() && sum+d.Left != d.Target && !d.Never:
		t.Fatalf("case %d: %v counted and %v left of %v", n, sum, d.Left, d.Target)
	case !d.At.IsZero() && (sum != d.Target || !at.Equal(d.At)):
		t.Fatalf("case %d: %v of %v counted until %s, due %s", n, sum, d.Target, at, d.At)
	}
}

// TestSeconds compares calendars and moments that are no whole minutes, second by
// second.
func TestSeconds(t *testing.T) {
	for n := range 300 {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		zone := zonesTested[n%len(zonesTested)]
		loc, _ := Zone(zone)
		start := anyMoment(r, loc).Add(time.Duration(r.IntN(60)) * time.Second)
		c := anyCalendar(r, zone, DateOf(start.In(loc)))
		for i := range c.Week {
			c.Week[i] = append([]Window(nil), c.Week[i]...)
			for j := range c.Week[i] {
				if w := &c.Week[i][j]; w.To < Midnight-60 {
					w.From, w.To = w.From+Time(r.IntN(30)), w.To+30+Time(r.IntN(30))
				}
			}
		}
		o := newOracle(c)
		end := start.Add(time.Duration(r.IntN(8*3600)) * time.Second)
		if got, want := c.Between(start, end), o.between(start, end, time.Second); got != want {
			t.Fatalf("case %d, %s: from %s to %s it is open for %v, the oracle says %v\n%+v", n, zone, start.In(loc), end.In(loc), got, want, c)
		}
	}
}

// TestInverse: after adding an amount, that amount lies between, and not a
// millisecond sooner.
func TestInverse(t *testing.T) {
	for n := range 2000 {
		r := rand.New(rand.NewPCG(8, uint64(n)))
		zone := zonesTested[n%len(zonesTested)]
		loc, _ := Zone(zone)
		start := anyMoment(r, loc).Add(time.Duration(r.IntN(60_000)) * time.Millisecond)
		c := anyCalendar(r, zone, DateOf(start.In(loc)))
		d := time.Duration(1+r.IntN(100*3600_000)) * time.Millisecond
		at, ok := c.Add(start, d)
		if !ok {
			t.Fatalf("case %d: %v from %s never comes", n, d, start)
		}
		if got := c.Between(start, at); got != d {
			t.Fatalf("case %d: %v from %s is %s, but %v lies between", n, d, start, at, got)
		}
		if got := c.Between(start, at.Add(-time.Millisecond)); got != d-time.Millisecond {
			t.Fatalf("case %d: %v from %s is %s, which is not the first such moment", n, d, start, at)
		}
	}
}
