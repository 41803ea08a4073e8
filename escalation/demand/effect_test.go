package demand

import (
	"fmt"
	"math"
	"testing"
	"time"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

// A diary counts tickets and journeys, a week at a time, from a Monday.
type diary []Count

var chosen = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// week is a moment of the week that begins so many weeks after chosen.
func weekOf(n int) Day { return DayOf(chosen) + Day(7*n) }

// tickets are those of a line in each week from one until another.
func (d *diary) tickets(line, lang string, from, to, each int) {
	for w := from; w < to; w++ {
		*d = append(*d, Count{CountTickets, line, lang, weekOf(w), each})
	}
}

func (d *diary) journeys(lang string, from, to, each int) {
	for w := from; w < to; w++ {
		*d = append(*d, Count{CountJourneys, "", lang, weekOf(w), each})
	}
}

// usual is a site of a thousand journeys a week, on which thirty lines stay as they
// are. Publication is six days after the choice: weeks after begin with the second.
func usual() diary {
	var d diary
	d.journeys("en", -30, 20, 1000)
	for i := range 30 {
		d.tickets(fmt.Sprint("control", i), "en", -30, 20, 20)
	}
	return d
}

func promoted() Promotion {
	return Promotion{ID: "p", Line: "line", Lang: "en", Article: "a", Chosen: chosen, Published: chosen.AddDate(0, 0, 6)}
}

func TestEffect(t *testing.T) {
	after := func(weeks int) time.Time { return weekOf(2 + weeks).Time().Add(time.Hour) }
	for _, test := range []struct {
		name     string
		diary    func(d *diary)
		now      time.Time
		draft    bool // it is not published
		finding  Finding
		compared string
		before   float64
		after    float64
	}{
		{"the vector of design.md", func(d *diary) {
			d.tickets("line", "en", -12, -6, 10)
			d.tickets("line", "en", -4, 0, 25)
			d.tickets("line", "en", 2, 4, 9)
		}, after(4), false, Worked, FromBaseline, 40, 18},
		{"it only falls from its peak", func(d *diary) {
			d.tickets("line", "en", -12, -4, 10)
			d.tickets("line", "en", -4, 0, 40)
			d.tickets("line", "en", 0, 20, 10)
		}, after(12), false, NoEffect, FromBaseline, 40, 40},
		{"many, that stay", func(d *diary) {
			d.tickets("line", "en", -30, 20, 100)
		}, after(4), false, NoEffect, FromBaseline, 400, 400},
		{"four weeks are not over", func(d *diary) {
			d.tickets("line", "en", -30, 0, 100)
		}, after(4).AddDate(0, 0, -1), false, TooEarly, "", 0, 0},
		{"few: the second look has to tell", func(d *diary) {
			d.tickets("line", "en", -30, 0, 5)
			d.tickets("line", "en", 0, 20, 3)
		}, after(5), false, Inconclusive, FromBaseline, 20, 12},
		{"and it tells", func(d *diary) {
			d.tickets("line", "en", -30, 0, 5)
			d.tickets("line", "en", 0, 20, 3)
		}, after(12), false, Worked, FromBaseline, 60, 36},
		{"the week of its publication and the next do not count", func(d *diary) {
			d.tickets("line", "en", -30, 2, 10)
		}, after(4), false, Worked, FromBaseline, 40, 0},
		{"in another language", func(d *diary) {
			d.tickets("line", "es", -30, 0, 100)
			d.tickets("line", "en", -30, 20, 100)
			d.journeys("es", -30, 20, 1000)
		}, after(4), false, NoEffect, FromBaseline, 400, 400},
		{"new: nothing rose alike", func(d *diary) {
			d.tickets("line", "en", -3, 0, 40)
		}, after(12), false, Inconclusive, FromPeak, 120, 0},
		{"new, and so were others", func(d *diary) {
			d.tickets("line", "en", -3, 0, 40)
			for i := range 20 {
				d.tickets(fmt.Sprint("new", i), "en", -3, 20, 40)
			}
		}, after(4), false, Worked, FromPeak, 120, 0},
		{"it is not published", func(d *diary) {}, after(4), true, Unpublished, "", 0, 0},
	} {
		d := usual()
		test.diary(&d)
		p := promoted()
		if test.draft {
			p.Published = time.Time{}
		}
		r := Effect(p, []Promotion{p}, NewCounts(d), test.now)
		if r.Finding != test.finding || r.Compared != test.compared || r.Tickets.Before.Events != test.before || r.Tickets.After.Events != test.after {
			t.Errorf("%s: %s of %v before and %v after, compared with %q: %.3f", test.name, r.Finding, r.Tickets.Before.Events, r.Tickets.After.Events, r.Compared, r.Change)
		}
	}
}

// TestEffectAgainstOthers knows what happened to everything from what the article
// did.
func TestEffectAgainstOthers(t *testing.T) {
	now := weekOf(20).Time()
	find := func(name string, d diary, others ...Promotion) Receipt {
		t.Helper()
		p := promoted()
		r := Effect(p, append(others, p), NewCounts(d), now)
		t.Logf("%s: %s %.2f, of %d lines", name, r.Finding, r.Change, r.Lines)
		return r
	}
	fell := func(journeys, rest int) diary {
		var d diary
		d.journeys("en", -30, 0, 1000)
		d.journeys("en", 0, 20, journeys)
		for i := range 30 {
			d.tickets(fmt.Sprint("control", i), "en", -30, 0, 20)
			d.tickets(fmt.Sprint("control", i), "en", 0, 20, rest)
		}
		d.tickets("line", "en", -30, 0, 40)
		d.tickets("line", "en", 0, 20, 20)
		return d
	}
	if r := find("everything fell by half", fell(1000, 10)); r.Finding == Worked || math.Abs(r.Change.Value-1) > .01 {
		t.Errorf("what fell like all others: %s, %.2f", r.Finding, r.Change)
	}
	if r := find("half as many came", fell(500, 10)); r.Finding == Worked {
		t.Errorf("half as many journeys: %s, %.2f", r.Finding, r.Change)
	}
	if r := find("only it fell", fell(1000, 20)); r.Finding != Worked || math.Abs(r.Change.Value-.5) > .01 {
		t.Errorf("half of the tickets: %s, %.2f", r.Finding, r.Change)
	}
	// Lines that got an article meanwhile are no controls.
	d, others := fell(1000, 20), []Promotion(nil)
	for i := range 30 {
		others = append(others, Promotion{Line: fmt.Sprint("control", i), Lang: "en", Published: weekOf(3).Time()})
	}
	if r := find("all others got articles", d, others...); r.Lines != 0 || r.Finding != Inconclusive {
		t.Errorf("with nothing to compare with: %s of %d lines", r.Finding, r.Lines)
	}
	others[0].Published = weekOf(-20).Time() // long before
	if r := find("but for one, long ago", d, others[:1]...); r.Lines != 30 || r.Finding != Worked {
		t.Errorf("articles of before: %s of %d lines", r.Finding, r.Lines)
	}
	// Lines that go up and down by themselves make it less sure.
	d = fell(1000, 20)
	for i := range 30 {
		d.tickets(fmt.Sprint("control", i), "en", -30, 0, i%2*60)
		d.tickets(fmt.Sprint("control", i), "en", 0, 20, (i+1)%2*60)
	}
	if r := find("others wander", d); r.Finding != Inconclusive || r.Needed != 0 {
		t.Errorf("among lines that wander: %s, %d tickets needed", r.Finding, r.Needed)
	}
}

// TestEffectNeeds says how many tickets there would have to be, and when it is
// looked at again.
func TestEffectNeeds(t *testing.T) {
	d := usual()
	for i := range 300 { // so many controls that they cost nothing
		d.tickets(fmt.Sprint("more", i), "en", -30, 20, 100)
	}
	d.tickets("line", "en", -30, 20, 3)
	p := promoted()
	r := Effect(p, []Promotion{p}, NewCounts(d), weekOf(7).Time())
	if r.Finding != Inconclusive || r.Have() != 12 || r.Needed < 45 || r.Needed > 47 {
		t.Errorf("%s with %d of %d tickets", r.Finding, r.Have(), r.Needed)
	}
	if r.Next != weekOf(14).Time() || r.Ahead.Have() != 36 || r.Ahead.Needed < 45 || r.Ahead.Needed > 47 {
		t.Errorf("again on %v, with %d of %d tickets", r.Next, r.Ahead.Have(), r.Ahead.Needed)
	}
	last := Effect(p, []Promotion{p}, NewCounts(d), weekOf(20).Time())
	if last.Look.Weeks != 12 || !last.Next.IsZero() {
		t.Errorf("after the last look there is one on %v", last.Next)
	}
	// A finding stays what it was.
	d.tickets("line", "en", 2, 6, -3)
	first := Effect(p, []Promotion{p}, NewCounts(d), weekOf(7).Time())
	later := Effect(p, []Promotion{p}, NewCounts(d), weekOf(20).Time())
	if first.Finding != Worked || later.Finding != Worked || later.Look.Weeks != 4 {
		t.Errorf("%s, and later %s after %d weeks", first.Finding, later.Finding, later.Look.Weeks)
	}
}

func TestEffectShows(t *testing.T) {
	d := usual()
	d.tickets("line", "en", -30, 20, 7)
	for _, k := range Counted {
		d = append(d, Count{string(k), "a", "en", weekOf(1), 3}, Count{string(k), "a", "en", weekOf(-1), 100}, Count{string(k), "a", "it", weekOf(1), 100})
	}
	p := promoted()
	r := Effect(p, []Promotion{p}, NewCounts(d), weekOf(9).Time())
	if r.Shown != (Use{Offered: 3, Clicked: 6, Opened: 3, Helped: 6, VotedNo: 3}) {
		t.Errorf("shown %+v", r.Shown)
	}
	phases := map[string]int{}
	for _, w := range r.Weeks {
		phases[w.Phase]++
		if w.Count != 7 || math.Abs(w.Rate.Value-7) > 1e-9 || w.Rate.Low >= 7 || w.Rate.High <= 7 || w.Others.Value != 600 {
			t.Errorf("week from %v: %+v", w.From.Time(), w)
		}
	}
	if fmt.Sprint(phases) != "map[after:7 before:12 between:3 peak:4 settling:1]" {
		t.Errorf("weeks %v", phases)
	}
	if len(Counted) != 7 || Counted[0] != journey.SuggestionShown {
		t.Errorf("counted are %v", Counted)
	}
}

// TestEffectWhereCountingBegan compares unequal times by their journeys.
func TestEffectWhereCountingBegan(t *testing.T) {
	var d diary
	d.journeys("en", -8, 20, 1000)
	for i := range 30 {
		d.tickets(fmt.Sprint("control", i), "en", -8, 20, 20)
	}
	d.tickets("line", "en", -8, 0, 40)
	d.tickets("line", "en", 0, 20, 10)
	p := promoted()
	r := Effect(p, []Promotion{p}, NewCounts(d), weekOf(8).Time())
	if r.Before.Days() != 14 || r.Have() != 80 || r.Tickets.Before.Over != 2 || math.Abs(r.Alone.Value-.25) > .001 || r.Finding != Worked {
		t.Errorf("%d days before with %d tickets over %v: %.3f", r.Before.Days(), r.Have(), r.Tickets.Before.Over, r.Alone)
	}
}

func TestPoolBySection(t *testing.T) {
	d := usual()
	var all []Promotion
	for i := range 6 {
		line := fmt.Sprint("small", i)
		d.tickets(line, "en", -30, 0, 4)
		d.tickets(line, "en", 2, 20, 2)
		p := promoted()
		p.Line, p.Article = line, line
		all = append(all, p)
	}
	d.tickets("line", "en", -30, 20, 30)
	all = append(all, promoted())
	section := func(t journey.Text) string {
		if t.Article == "small5" {
			return "alone"
		}
		return "device"
	}
	c := NewCounts(d)
	if r := Effect(all[0], all, c, weekOf(6).Time()); r.Finding != Inconclusive {
		t.Errorf("one alone: %s", r.Finding)
	}
	pools := PoolBySection(all, c, section, weekOf(6).Time())
	if len(pools) != 1 || pools[0].Section != "device" || pools[0].Articles != 5 || pools[0].Finding != Worked || pools[0].Tickets.Before.Events != 80 {
		t.Fatalf("pools %+v", pools)
	}
	// What five have in common counts once.
	one := Effect(all[0], all, c, weekOf(6).Time())
	wide := func(e interval.Estimate) float64 { return math.Log(e.High / e.Low) }
	if wide(pools[0].Others) < wide(one.Others)*.999 {
		t.Errorf("the controls of five are surer, %.3f, than those of one, %.3f", pools[0].Others, one.Others)
	}
	if got := PoolBySection(all, c, section, weekOf(5).Time()); len(got) != 0 {
		t.Errorf("before four weeks are over: %v", got)
	}
}

// TestEffectNeedsAhead says how many there would have to be while nothing, or not
// all, of the time after is over: the same as will be said then.
func TestEffectNeedsAhead(t *testing.T) {
	for _, weeks := range []int{1, 3, 5} {
		var d diary
		d.journeys("en", -30, weeks, 1000)
		for i := range 300 {
			d.tickets(fmt.Sprint("control", i), "en", -30, weeks, 100)
		}
		d.tickets("line", "en", -30, weeks, 3)
		p := promoted()
		r := Effect(p, []Promotion{p}, NewCounts(d), weekOf(weeks).Time())
		if r.Finding != TooEarly || r.Next != weekOf(6).Time() || r.Ahead.Have() != 12 || r.Ahead.Needed < 45 || r.Ahead.Needed > 47 {
			t.Errorf("%d weeks after the choice: %s until %v, with %d of %d tickets", weeks, r.Finding, r.Next, r.Ahead.Have(), r.Ahead.Needed)
		}
		// What wanders now will wander then.
		for i := range 300 {
			d.tickets(fmt.Sprint("control", i), "en", -8, -4, i%2*600)
		}
		if r := Effect(p, []Promotion{p}, NewCounts(d), weekOf(weeks).Time()); r.Ahead.Needed != 0 {
			t.Errorf("%d weeks after the choice, among lines that wander: %d tickets needed", weeks, r.Ahead.Needed)
		}
	}
}
