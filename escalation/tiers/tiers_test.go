package tiers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/demand"
)

var (
	from = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	to   = from.AddDate(0, 0, 28)
	now  = to.Add(-6 * time.Hour)
)

// A moment of a ticket: hours after the first day of the report began, and what happened.
type moment struct {
	hour float64
	what string
}

// ledger writes the clocks of a ticket to which moments happened.
func ledger(moments ...moment) clock.Ledger {
	var l clock.Ledger
	for i, m := range moments {
		e := clock.Event{At: from.Add(time.Duration(m.hour * float64(time.Hour))), Cause: m.what, Entry: i + 1, Tier: 1}
		add := func(a clock.Act, k clock.Kind) {
			e.Act, e.Clock = a, k
			l = append(l, e)
		}
		running := !slices.ContainsFunc(l, func(e clock.Event) bool { return e.Clock == clock.First && e.Act == clock.Stop })
		switch m.what {
		case "opened":
			add(clock.Start, clock.Resolution)
			add(clock.Start, clock.First)
		case "answered":
			if running {
				add(clock.Stop, clock.First)
			}
		case "solved", "confirmed":
			if running {
				add(clock.Stop, clock.First)
			}
			add(clock.Stop, clock.Resolution)
		case "reopened":
			add(clock.Resume, clock.Resolution)
		}
	}
	return l
}

// always is a calendar that is never closed, and promise a policy: a first answer within
// four hours, a solution within three days.
var (
	allDay  = []clock.Window{{From: 0, To: clock.Midnight}}
	always  = clock.Calendar{ID: "always", Zone: "UTC", Week: [7][]clock.Window{allDay, allDay, allDay, allDay, allDay, allDay, allDay}}
	promise = clock.Policy{ID: "p", Calendar: "always", Targets: []clock.Target{
		{Clock: clock.First, Within: clock.Span(4 * time.Hour)}, {Clock: clock.Resolution, Within: clock.Span(72 * time.Hour)},
	}}
)

// live returns the life of a ticket to which moments happened.
func live(moments ...moment) Life {
	l := ledger(moments...)
	return NewLife(l, clock.Dues(l, &promise, &always))
}

// of returns a source of some cases.
func of(cases ...Case) Source {
	return Source{Cases: func(each func(c *Case)) error {
		for i := range cases {
			each(&cases[i])
		}
		return nil
	}}
}

func report(t *testing.T, s Source) Report {
	t.Helper()
	if s.Cases == nil {
		s = Source{of().Cases, s.Moves, s.Ratings, s.Lines}
	}
	r, err := New(s, from, to, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReport tells the lives of tickets, one by one, and what the report says of each.
func TestReport(t *testing.T) {
	for _, test := range []struct {
		name    string
		highest int
		life    []moment
		want    string
	}{
		{"solved by the first answer", 1, []moment{{1, "opened"}, {2, "solved"}},
			"share 1/1, again 0/1, contact 1/1, first 1/1, in time 1/1, 1h0m0s, 1h0m0s"},
		{"solved by the second", 1, []moment{{1, "opened"}, {2, "answered"}, {5, "solved"}},
			"share 1/1, again 0/1, contact 0/1, first 1/1, in time 1/1, 1h0m0s, 4h0m0s"},
		{"solved by the second tier, late", 2, []moment{{1, "opened"}, {6, "answered"}, {75, "solved"}},
			"share 0/1, again 0/1, contact 0/1, first 0/1, in time 0/1, 5h0m0s, 74h0m0s"},
		{"reopened, and not solved again", 1, []moment{{1, "opened"}, {2, "solved"}, {30, "reopened"}},
			"share 0/0, again 1/1, contact 0/0, first 1/1, in time 0/0, 1h0m0s, 0s"},
		{"reopened, and solved again", 1, []moment{{1, "opened"}, {2, "solved"}, {30, "reopened"}, {31, "solved"}},
			"share 1/1, again 1/2, contact 0/1, first 1/1, in time 1/1, 1h0m0s, 30h0m0s"},
		{"opened before, solved within", 1, []moment{{-50, "opened"}, {-49, "answered"}, {2, "solved"}},
			"share 1/1, again 0/1, contact 0/1, first 0/0, in time 1/1, 0s, 52h0m0s"},
		{"solved before, reopened within", 1, []moment{{-50, "opened"}, {-49, "solved"}, {2, "reopened"}},
			"share 0/0, again 0/0, contact 0/0, first 0/0, in time 0/0, 0s, 0s"},
		{"solved after the last day", 1, []moment{{1, "opened"}, {2, "answered"}, {28 * 24, "solved"}},
			"share 0/0, again 0/0, contact 0/0, first 1/1, in time 0/0, 1h0m0s, 0s"},
		{"the customer needs it no more", 1, []moment{{1, "opened"}, {2, "confirmed"}},
			"share 0/0, again 0/0, contact 0/0, first 1/1, in time 0/0, 0s, 0s"},
		{"waits, and there is time", 1, []moment{{28*24 - 7, "opened"}},
			"share 0/0, again 0/0, contact 0/0, first 0/0, in time 0/0, 0s, 0s"},
		{"waits for too long", 1, []moment{{28*24 - 12, "opened"}},
			"share 0/0, again 0/0, contact 0/0, first 0/1, in time 0/0, 0s, 0s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := report(t, of(Case{ID: "x", Type: "device", Life: live(test.life...), Team: "general", Tier: test.highest, Highest: test.highest}))
			got := fmt.Sprintf("share %d/%d, again %d/%d, contact %d/%d, first %d/%d, in time %d/%d, %v, %v", r.Share.K, r.Share.N, r.Reopened.K, r.Reopened.N,
				r.FirstContact.K, r.FirstContact.N, r.First.K, r.First.N, r.Resolution.K, r.Resolution.N, r.Answered.Median, r.Elapsed.Median)
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if len(r.ByTier) != 1 || r.ByTier[0].Reopened != r.Reopened || r.ByTier[0].First != r.First || r.ByTier[0].Tier != test.highest {
				t.Errorf("by tier: %+v", r.ByTier)
			}
			var share, again int
			for _, w := range r.Weeks {
				share, again = share+w.Share.N, again+w.Reopened.N
			}
			if share != r.Share.N || again != r.Reopened.N {
				t.Errorf("weeks have %d shares and %d solvings", share, again)
			}
		})
	}
}

// TestBreaches counts a promise on the day that it came due, or was kept.
func TestBreaches(t *testing.T) {
	r := report(t, of(
		Case{ID: "a", Life: live(moment{1, "opened"}, moment{9, "answered"})},
		Case{ID: "b", Life: live(moment{-1, "opened"}, moment{1, "solved"})},
		Case{ID: "c", Life: live(moment{-9, "opened"})},
	))
	got := map[clock.Kind]string{}
	for _, b := range r.Breaches {
		got[b.Clock] = fmt.Sprintf("%d of %d", b.K, b.N)
	}
	// a was answered late and is overdue; b was in time; the first answer to c came due
	// the day before, its solution within.
	if got[clock.First] != "1 of 2" || got[clock.Resolution] != "2 of 3" || len(got) != 2 {
		t.Errorf("breaches %v", got)
	}
}

// TestBacklog counts what waits now, by tier and team.
func TestBacklog(t *testing.T) {
	waits := func(team string, tier int, since, due time.Time) Case {
		return Case{Team: team, Tier: tier, Open: true, Due: due, Life: Life{Opened: since}}
	}
	r := report(t, of(
		waits("tech", 2, now.Add(-time.Hour), now.Add(-time.Minute)),
		waits("tech", 2, now.Add(-3*time.Hour), now.Add(time.Minute)),
		waits("tech", 2, now.Add(-2*time.Hour), time.Time{}),
		waits("general", 1, now.Add(time.Minute), time.Time{}), // the clock was set back
	))
	if len(r.ByTier) != 2 {
		t.Fatalf("lines: %+v", r.ByTier)
	}
	first, second := r.ByTier[0], r.ByTier[1]
	if first.Team != "general" || first.Open != 1 || first.Overdue != 0 || first.Age.Median != 0 {
		t.Errorf("first tier: %+v", first)
	}
	if second.Team != "tech" || second.Open != 3 || second.Overdue != 1 || second.Age.Median != 2*time.Hour || second.Age.P90 != 3*time.Hour {
		t.Errorf("second tier: %+v", second)
	}
}

// TestBounced counts what came back of all that was answered in these days, whatever
// went before them.
func TestBounced(t *testing.T) {
	early, late := from.Add(-time.Hour), to
	r := report(t, Source{Moves: []escalation.Move{
		{Ticket: "a", From: "general", To: "tech", State: escalation.Accepted, Offered: early, Answered: early},
		{Ticket: "a", From: "tech", To: "rrr", State: escalation.Accepted, Offered: early, Answered: from},
		{Ticket: "a", From: "rrr", To: "tech", State: escalation.Accepted, Offered: from, Answered: from}, // it had it
		{Ticket: "b", From: "general", To: "rrr", State: escalation.Refused, Offered: from, Answered: from},
		{Ticket: "b", From: "general", To: "tech", State: escalation.Refused, Offered: from, Answered: late},
		{Ticket: "c", From: "general", To: "rrr", State: escalation.Offered, Offered: from},
	}})
	if r.Bounced.K != 2 || r.Bounced.N != 3 {
		t.Errorf("bounced %d of %d", r.Bounced.K, r.Bounced.N)
	}
}

// TestRatings sets what customers said beside the share, by where they were helped.
func TestRatings(t *testing.T) {
	r := report(t, Source{Ratings: []escalation.RatingCount{
		{Channel: escalation.Web, Tier: 2, Score: escalation.Good, N: 1}, {Channel: escalation.Web, Tier: 1, Score: escalation.Good, N: 3},
		{Channel: escalation.Web, Tier: 1, Score: escalation.Poor, N: 2}, {Channel: escalation.Phone, Tier: 1, Score: escalation.Fair, N: 4},
	}})
	got := ""
	for _, g := range append(r.Ratings, r.Rating) {
		got += fmt.Sprintf("%s %d: %d/%d %d %d\n", g.Channel, g.Tier, g.Good.K, g.Good.N, g.Fair, g.Poor)
	}
	if want := "phone 1: 0/4 4 0\nweb 1: 3/5 0 2\nweb 2: 1/1 0 0\n 0: 4/10 4 2\n"; got != want {
		t.Errorf("ratings\n%s, want\n%s", got, want)
	}
}

// TestUnanswered counts what was opened in these days and has no answer, of all that has
// one or waits for it.
func TestUnanswered(t *testing.T) {
	r := report(t, of(
		Case{Life: live(moment{1, "opened"})},
		Case{Life: live(moment{1, "opened"}, moment{2, "answered"})},
		Case{Life: live(moment{1, "opened"}, moment{2, "confirmed"})}, // nobody waits
		Case{Life: live(moment{-1, "opened"})},
	))
	if r.Unanswered.K != 1 || r.Unanswered.N != 2 {
		t.Errorf("unanswered %d of %d", r.Unanswered.K, r.Unanswered.N)
	}
}

// TestLife reads lives as they were written.
func TestLife(t *testing.T) {
	for _, moments := range [][]moment{
		{{1, "opened"}},
		{{1, "opened"}, {2, "solved"}, {30, "reopened"}, {31, "solved"}},
		{{1, "opened"}, {2, "answered"}, {75, "solved"}, {76, "reopened"}},
		{{1, "opened"}, {2, "confirmed"}},
	} {
		want := live(moments...)
		got, err := ParseLife(want.String())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", want.String(), err, diff)
		}
	}
}

// FuzzLife: what can be read is written as it was meant.
func FuzzLife(f *testing.F) {
	l := live(moment{1, "opened"}, moment{2, "solved"}, moment{30, "reopened"})
	f.Add(l.String())
	f.Add(",,")
	f.Add("1,,1 ,2,,1 first,,3,")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLife(s)
		if err != nil {
			return
		}
		again, err := ParseLife(l.String())
		if diff := cmp.Diff(l, again); err != nil || diff != "" {
			t.Errorf("%q, written as %q: %v (-want +got):\n%s", s, l.String(), err, diff)
		}
	})
}

// TestVerdict judges the share only as far as its interval is sure.
func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		first, all int
		want       Verdict
	}{
		{0, 0, TooFew}, {0, 29, TooFew}, {20, 30, Within}, {30, 60, Below}, {75, 100, Within}, {85, 100, Within}, {190, 200, Above},
	} {
		var cases []Case
		for i := range test.all {
			c := Case{ID: fmt.Sprint(i), Life: live(moment{1, "opened"}, moment{2, "solved"}), Highest: 1}
			if i >= test.first {
				c.Highest = 3
			}
			cases = append(cases, c)
		}
		r := report(t, of(cases...))
		if got := r.Verdict(); got != test.want {
			t.Errorf("%d of %d is %s, want %s (%.2f to %.2f)", test.first, test.all, got, test.want, r.Share.Low, r.Share.High)
		}
	}
}

// TestTopics names what the first tier passes on, most often first.
func TestTopics(t *testing.T) {
	lines := []demand.Line{
		{ID: "once", Tickets: []string{"a", "x"}},
		{ID: "twice", Title: "router", Lang: "it", Tickets: []string{"a", "b", "c", "elsewhere"}},
		{ID: "thrice", Tickets: []string{"a", "b", "d"}},
	}
	came := ends(lines)
	if len(came) != 6 {
		t.Errorf("came %v; want a place for each ticket", came)
	}
	came["a"], came["b"], came["c"], came["d"] = wentUp, wentUp, settled, wentUp
	got := topics(lines, came)
	if len(got) != 2 || got[0].Line != "thrice" || got[0].Up != 3 || got[1] != (Topic{Line: "twice", Lang: "it", Title: "router", Up: 2, Tickets: 3}) {
		t.Errorf("topics %+v", got)
	}
}

// TestWait ranks waits: nine in ten took no longer than the ninth of ten.
func TestWait(t *testing.T) {
	var took []time.Duration
	for i := range 10 {
		took = append(took, time.Duration(10-i)*time.Hour)
	}
	if w := newWait(took); w != (Wait{N: 10, Median: 5 * time.Hour, P90: 9 * time.Hour}) {
		t.Errorf("wait %+v", w)
	}
	if w := newWait(nil); w != (Wait{}) {
		t.Errorf("wait of nothing %+v", w)
	}
}

// TestTable writes every rate and wait of the report once.
func TestTable(t *testing.T) {
	s := of(
		Case{ID: "a", Type: "device", Life: live(moment{1, "opened"}, moment{2, "solved"}), Team: "tech", Tier: 2, Highest: 2},
		Case{ID: "b", Type: "device", Life: live(moment{1, "opened"}, moment{2, "solved"}), Team: "tech", Tier: 2, Highest: 2},
		Case{Team: "general", Tier: 1, Open: true, Life: Life{Opened: now.Add(-time.Hour)}},
	)
	s.Lines = []demand.Line{{ID: "line", Title: "=router", Tickets: []string{"a", "b"}}}
	s.Ratings = []escalation.RatingCount{{Channel: escalation.Web, Tier: 2, Score: escalation.Good, N: 1}}
	r := report(t, s)
	rows := r.Table()
	seen := map[string]bool{}
	for _, row := range rows {
		if len(row) != len(rows[0]) {
			t.Errorf("row %q has %d fields", row, len(row))
		}
		key := fmt.Sprint(row[:3], row[3] == "")
		if seen[key] {
			t.Errorf("row %q twice", row)
		}
		seen[key] = true
	}
	for _, want := range []string{"[all  tier1_share] false", "[tier general 1 age] true", "[type device tier1_share] false", "[from 2026-03-02 reopened] false", "[clock first breaches] false",
		"[all  unanswered] false", "[all  rating] false", "[channel web 2 rating] false", "[topic line went_up] false"} {
		if !seen[want] {
			t.Errorf("no row %s", want)
		}
	}
}

// BenchmarkReport is a month of a desk that solves ten thousand tickets in it.
func BenchmarkReport(b *testing.B) {
	cases := make([]Case, 10000)
	for i := range cases {
		at := float64(i%600) + 1
		cases[i] = Case{ID: fmt.Sprint(i), Type: "device", Life: live(moment{at, "opened"}, moment{at + 2, "answered"}, moment{at + 30, "solved"}),
			Team: "general", Tier: 1 + i%3, Highest: 1 + i%3}
	}
	for b.Loop() {
		if _, err := New(of(cases...), from, to, now); err != nil {
			b.Fatal(err)
		}
	}
}
