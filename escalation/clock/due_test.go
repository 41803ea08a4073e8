package clock

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// office is open as most are, in Rome: Christmas 2026 is a Friday.
var office = Calendar{
	ID: "office", Name: map[string]string{"en": "Office"}, Zone: "Europe/Rome",
	Week: [7][]Window{1: nineToSix, 2: nineToSix, 3: nineToSix, 4: nineToSix, 5: nineToSix},
	Days: []Day{
		{Date: date("2026-12-08"), Name: "Immacolata"},
		{Date: date("2026-12-24"), Hours: []Window{{9 * 3600, 13 * 3600}}, Name: "Christmas Eve"},
		{Date: date("2026-12-25"), Name: "Christmas"},
		{Date: date("2026-12-26"), Name: "Santo Stefano"}, // a Saturday
		{Date: date("2026-12-28")},
	},
}

var nineToSix = []Window{{9 * 3600, 13 * 3600}, {14 * 3600, 18 * 3600}}

func date(s string) (d Date) {
	if err := d.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return d
}

// at reads a time on the wall of a zone, 2026-11-27 17:30.
func at(zone, s string) time.Time {
	loc, ok := Zone(zone)
	if !ok {
		panic(zone)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		panic(err)
	}
	return t
}

// said writes the way to a date in one line.
func said(d Due, c *Calendar) string {
	wall := func(t time.Time) string { return t.In(c.Location()).Format("Mon 2 15:04") }
	parts := []string{fmt.Sprintf("%s from %s", FormatSpan(d.Target), wall(d.Start))}
	for _, r := range d.Reasons {
		until := "on"
		if !r.To.IsZero() {
			until = "until " + wall(r.To)
		}
		switch r.Kind {
		case Counted:
			parts = append(parts, FormatSpan(r.Counts())+" "+until)
		case Closed:
			s := "closed " + until
			if len(r.Holidays) > 0 {
				s += " (" + strings.Join(r.Holidays, ", ") + ")"
			}
			parts = append(parts, s)
		case Paused:
			parts = append(parts, r.Cause+" "+until)
		}
	}
	switch {
	case !d.At.IsZero():
		parts = append(parts, "due "+wall(d.At))
	case d.Never:
		parts = append(parts, "never due")
	default:
		parts = append(parts, FormatSpan(d.Left)+" left")
	}
	return strings.Join(parts, "; ")
}

// TestReasons is what due dates say of themselves.
func TestReasons(t *testing.T) {
	const rome = "Europe/Rome"
	night := Calendar{Zone: rome, Week: [7][]Window{5: {{22 * 3600, 6 * 3600}}, 6: {{22 * 3600, 6 * 3600}}}}
	always := Calendar{Zone: rome}
	for i := range always.Week {
		always.Week[i] = []Window{{0, Midnight}}
	}
	for _, test := range []struct {
		name   string
		c      *Calendar
		target string
		events string // "act when cause", one after the other
		want   string
	}{
		{"within a day", &office, "2 h", "start 2026-11-24 09:30",
			"2 h from Tue 24 09:30; 2 h until Tue 24 11:30; due Tue 24 11:30"},
		{"over lunch", &office, "2 h", "start 2026-11-24 12:00",
			"2 h from Tue 24 12:00; 1 h until Tue 24 13:00; closed until Tue 24 14:00; 1 h until Tue 24 15:00; due Tue 24 15:00"},
		{"over the weekend", &office, "2 h", "start 2026-11-27 17:30",
			"2 h from Fri 27 17:30; 0:30 until Fri 27 18:00; closed until Mon 30 09:00; 1:30 until Mon 30 10:30; due Mon 30 10:30"},
		{"to the end of the day, not the next morning", &office, "1 h", "start 2026-11-27 17:00",
			"1 h from Fri 27 17:00; 1 h until Fri 27 18:00; due Fri 27 18:00"},
		{"asked on a Sunday", &office, "1 h", "start 2026-11-29 11:00",
			"1 h from Sun 29 11:00; closed until Mon 30 09:00; 1 h until Mon 30 10:00; due Mon 30 10:00"},
		{"over holidays", &office, "2 h", "start 2026-12-24 12:30",
			"2 h from Thu 24 12:30; 0:30 until Thu 24 13:00; closed until Tue 29 09:00 (Christmas, 2026-12-28); 1:30 until Tue 29 10:30; due Tue 29 10:30"},
		{"while the customer has the turn", &office, "2 h", "start 2026-11-24 09:00; pause 2026-11-24 10:00 wait_customer; resume 2026-11-26 16:00",
			"2 h from Tue 24 09:00; 1 h until Tue 24 10:00; wait_customer until Thu 26 16:00; 1 h until Thu 26 17:00; due Thu 26 17:00"},
		{"a party does not pause it", &office, "2 h", "start 2026-11-24 09:00; pause 2026-11-24 10:00 wait_other; resume 2026-11-26 16:00",
			"2 h from Tue 24 09:00; 2 h until Tue 24 11:00; due Tue 24 11:00"},
		{"still waiting", &office, "2 h", "start 2026-11-24 09:00; pause 2026-11-24 10:00 wait_customer",
			"2 h from Tue 24 09:00; 1 h until Tue 24 10:00; wait_customer on; 1 h left"},
		{"from one wait into another", &office, "2 h", "start 2026-11-24 09:00; pause 2026-11-24 10:00 wait_customer; pause 2026-11-24 11:00 aside; resume 2026-11-24 12:00",
			"2 h from Tue 24 09:00; 1 h until Tue 24 10:00; wait_customer until Tue 24 11:00; aside until Tue 24 12:00; 1 h until Tue 24 13:00; due Tue 24 13:00"},
		{"solved before", &office, "2 h", "start 2026-11-24 12:30; stop 2026-11-24 12:45",
			"2 h from Tue 24 12:30; 0:30 until Tue 24 13:00; closed until Tue 24 14:00; 1:30 until Tue 24 15:30; due Tue 24 15:30"},
		{"reopened", &office, "2 h", "start 2026-11-24 09:00; stop 2026-11-24 10:00; resume! 2026-11-25 09:00",
			"2 h from Tue 24 09:00; 1 h until Tue 24 10:00; settled until Wed 25 09:00; 1 h until Wed 25 10:00; due Wed 25 10:00"},
		{"set back", &office, "2 h", "start 2026-11-24 09:00; pause 2026-11-24 10:00 wait_customer; resume 2026-11-23 09:00",
			"2 h from Tue 24 09:00; 2 h until Tue 24 11:00; due Tue 24 11:00"},
		{"over midnight", &night, "9 h", "start 2026-11-27 20:00",
			"9 h from Fri 27 20:00; closed until Fri 27 22:00; 8 h until Sat 28 06:00; closed until Sat 28 22:00; 1 h until Sat 28 23:00; due Sat 28 23:00"},
		{"a night that is an hour shorter", &night, "8 h", "start 2026-03-28 22:00", // at two it is three
			"8 h from Sat 28 22:00; 7 h until Sun 29 06:00; closed until Fri 3 22:00; 1 h until Fri 3 23:00; due Fri 3 23:00"},
		{"a night that is an hour longer", &night, "9 h", "start 2026-10-24 22:00", // at three it is two
			"9 h from Sat 24 22:00; 9 h until Sun 25 06:00; due Sun 25 06:00"},
		{"always open", &always, "48 h", "start 2026-10-24 12:00",
			"48 h from Sat 24 12:00; 48 h until Mon 26 11:00; due Mon 26 11:00"},
		{"never open", &Calendar{Zone: rome}, "1 h", "start 2026-11-24 09:00",
			"1 h from Tue 24 09:00; never due"},
	} {
		var l Ledger
		for _, s := range strings.Split(test.events, "; ") {
			f := strings.Fields(s)
			e := Event{At: at(test.c.Zone, f[1]+" "+f[2]), Act: Act(strings.TrimSuffix(f[0], "!"))}
			if e.Act == Start || e.Act == Stop || strings.HasSuffix(f[0], "!") {
				e.Clock = Resolution
			} else if e.Act == Pause {
				e.Cause = f[3]
			}
			l = append(l, e)
		}
		within, err := ParseSpan("", test.target)
		if err != nil {
			t.Fatal(err)
		}
		p := Policy{Targets: []Target{{Clock: Resolution, Within: within}}, Pauses: map[Kind][]string{Resolution: {WaitCustomer}}}
		if got := said(Dues(l, &p, test.c)[0], test.c); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestStanding follows a clock from its start to its breach.
func TestStanding(t *testing.T) {
	p := Policy{Targets: []Target{{Clock: First, Within: Span(10 * time.Hour)}}, Warn: []int{50, 80},
		Pauses: map[Kind][]string{First: {WaitCustomer}}}
	start := Event{At: at("Europe/Rome", "2026-11-24 09:00"), Act: Start, Clock: First}
	stop := Event{At: at("Europe/Rome", "2026-11-25 11:30"), Act: Stop, Clock: First}
	pause := Event{At: at("Europe/Rome", "2026-11-24 17:00"), Act: Pause, Cause: WaitCustomer}
	for _, test := range []struct {
		name, now string
		l         Ledger
		want      Standing
	}{
		{"at once", "2026-11-24 09:00", Ledger{start}, Running},
		{"half of it", "2026-11-24 15:00", Ledger{start}, Running},
		{"80 %", "2026-11-24 18:00", Ledger{start}, Nearly},
		{"due", "2026-11-25 11:00", Ledger{start}, Nearly},
		{"a minute later", "2026-11-25 11:01", Ledger{start}, Breached},
		{"done too late", "2026-11-26 09:00", Ledger{start, stop}, Late},
		{"done in time", "2026-11-26 09:00", Ledger{start, pause, stop}, Met},
		{"waiting", "2026-11-26 09:00", Ledger{start, pause}, Waiting},
	} {
		d := Dues(test.l, &p, &office)[0]
		if got := d.Standing(at("Europe/Rome", test.now)); got != test.want {
			t.Errorf("%s: %s, want %s (due %s)", test.name, got, test.want, d.At)
		}
	}
	d := Dues(Ledger{start}, &p, &office)[0]
	if len(d.Warnings) != 2 || !d.Warnings[0].At.Equal(at("Europe/Rome", "2026-11-24 15:00")) || !d.Danger.Equal(at("Europe/Rome", "2026-11-24 18:00")) {
		t.Errorf("warnings %v", d.Warnings)
	}
}

// TestRounds: a clock that starts anew has a due date for each run, by the tier of
// each.
func TestRounds(t *testing.T) {
	p := Policy{Targets: []Target{
		{Clock: Accept, Tier: 1, Within: Span(2 * time.Hour)},
		{Clock: Accept, Tier: 2, Within: Span(4 * time.Hour)},
		{Clock: Accept, Tier: 2, Priority: 1, Within: Span(time.Hour)},
		{Clock: Next, Within: Span(time.Hour)},
	}}
	nine := at("Europe/Rome", "2026-11-24 09:00")
	l := Ledger{
		{At: nine, Act: Start, Clock: Accept, Tier: 1},
		{At: nine, Act: Start, Clock: Resolution, Tier: 1}, // no target
		{At: nine.Add(time.Hour), Act: Start, Clock: Accept, Tier: 2},
		{At: nine.Add(90 * time.Minute), Act: Start, Clock: Next, Tier: 2},
	}
	list := Dues(l, &p, &office)
	if len(list) != 3 || list[0].Standing(nine.Add(time.Hour)) != Met || list[1].Target != 4*time.Hour || NextDue(list).Clock != Next {
		t.Errorf("%+v", list)
	}

	// What runs when it is weighed has the target of its priority, from its start; what
	// stopped before keeps its own.
	l = append(l, Event{At: nine.Add(100 * time.Minute), Act: Weigh, Priority: 1})
	urgent := Dues(l, &p, &office)
	if urgent[0].Target != 2*time.Hour || urgent[1].Target != time.Hour || urgent[1].Priority != 1 || NextDue(urgent).Clock != Accept {
		t.Errorf("priority 1: %+v", urgent)
	}
	l = append(l, Event{At: nine.Add(2 * time.Hour), Act: Stop, Clock: Accept}, Event{At: nine.Add(3 * time.Hour), Act: Weigh, Priority: NormalPriority})
	if calm := Dues(l, &p, &office); calm[1].Target != time.Hour || calm[2].Priority != NormalPriority {
		t.Errorf("normal again: %+v", calm)
	}
}

// TestElapsed: whatever pauses, the customer waits.
func TestElapsed(t *testing.T) {
	nine := at("Europe/Rome", "2026-11-24 09:00")
	l := Ledger{
		{At: nine, Act: Start, Clock: Resolution},
		{At: nine.Add(time.Hour), Act: Pause, Cause: WaitCustomer},
		{At: nine.Add(50 * time.Hour), Act: Resume},
		{At: nine.Add(60 * time.Hour), Act: Stop, Clock: Resolution},
		{At: nine.Add(80 * time.Hour), Act: Resume, Clock: Resolution},
		{At: nine.Add(10 * time.Hour), Act: Stop, Clock: Resolution}, // set back
	}
	now := nine.Add(100 * time.Hour)
	for n, want := range []time.Duration{0, 100, 100, 100, 60, 100, 80} {
		if got := l[:n].Elapsed(now); got != want*time.Hour {
			t.Errorf("after %d events: %v, want %v", n, got, want*time.Hour)
		}
	}
	if got := l[:2].Elapsed(nine.Add(-time.Hour)); got != 0 {
		t.Errorf("before it began: %v", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	start := at("Europe/Rome", "2026-12-23 17:30")
	for b.Loop() {
		office.Add(start, 8*time.Hour)
	}
}

func BenchmarkDues(b *testing.B) {
	start := at("Europe/Rome", "2026-12-23 17:30")
	p := Policy{Targets: []Target{{Clock: First, Within: Span(8 * time.Hour)}, {Clock: Resolution, Within: Span(40 * time.Hour)}}, Warn: []int{50, 80},
		Pauses: map[Kind][]string{Resolution: {WaitCustomer}}}
	l := Ledger{
		{At: start, Act: Start, Clock: First},
		{At: start, Act: Start, Clock: Resolution},
		{At: start.Add(time.Hour), Act: Stop, Clock: First},
		{At: start.Add(time.Hour), Act: Pause, Cause: WaitCustomer},
		{At: start.Add(100 * time.Hour), Act: Resume},
	}
	b.ReportAllocs()
	for b.Loop() {
		Dues(l, &p, &office)
	}
}
