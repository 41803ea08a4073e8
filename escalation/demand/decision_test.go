package demand

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

func TestNewDecision(t *testing.T) {
	for _, test := range []struct {
		d     Decision
		field string
	}{
		{Decision{Choice: Write, Article: "a"}, ""},
		{Decision{Choice: Write}, "article"},
		{Decision{Choice: Phrases}, "article"},
		{Decision{Choice: Improve}, "article"},
		{Decision{Choice: Translate, Lang: "it"}, "article"},
		{Decision{Choice: Translate, Article: "a"}, "lang"},
		{Decision{Choice: Translate, Article: "a", Lang: "it"}, ""},
		{Decision{Choice: Product, Owner: " Ada  Neri ", Reason: "BUG-7"}, ""},
		{Decision{Choice: Product, Reason: "BUG-7"}, "owner"},
		{Decision{Choice: Product, Owner: strings.Repeat("è", 101)}, "owner"},
		{Decision{Choice: Product, Owner: "Ada", Reason: strings.Repeat("è", 501)}, "reference"},
		{Decision{Choice: Snooze, Until: noon.Add(time.Hour)}, ""},
		{Decision{Choice: Snooze, Until: noon}, "until"},
		{Decision{Choice: Snooze, Until: noon.AddDate(2, 0, 0)}, "until"},
		{Decision{Choice: Snooze}, "until"},
		{Decision{Choice: Decline, Reason: " not  ours "}, ""},
		{Decision{Choice: Decline, Reason: "  "}, "reason"},
		{Decision{Choice: Decline, Reason: strings.Repeat("x", 501)}, "reason"},
		{Decision{Choice: "later"}, "choice"},
	} {
		test.d.Line, test.d.At = "l", noon
		d, err := NewDecision(test.d)
		if test.field == "" {
			if err != nil || strings.Contains(d.Reason+d.Owner, "  ") {
				t.Errorf("%+v: %v", d, err)
			}
			continue
		}
		if e, ok := err.(*escalation.Error); !ok || e.Kind != escalation.Invalid || e.Field != test.field {
			t.Errorf("%+v: %v, want a problem with %s", test.d, err, test.field)
		}
	}
	if _, err := NewDecision(Decision{Choice: Write, Article: "a"}); escalation.KindOf(err) != escalation.NotFound {
		t.Errorf("of no line: %v", err)
	}
}

func TestParseDay(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseDay(" 2026-03-29 ", rome); err != nil || !got.Equal(time.Date(2026, 3, 29, 23, 59, 59, 999e6, rome)) {
		t.Errorf("the day on which clocks change ends at %v, %v", got, err)
	}
	for _, s := range []string{"", "29/3/2026", "2026-02-30", "tomorrow"} {
		if got, err := ParseDay(s, rome); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
}

// TestReturned says when a line waits for a decision again, and why.
func TestReturned(t *testing.T) {
	// One a minute from noon on: of the last four, three are different people.
	signals := said("it a x", "it b x", "it c x", "it d x", "it d x", "it e x")
	for i := range signals {
		signals[i].Line = "l"
	}
	last := signals[5].At
	after := func(i int) time.Time { return signals[i].At }
	for _, test := range []struct {
		name string
		d    *Decision
		now  time.Time
		want string
	}{
		{"no decision", nil, last, "open"},
		{"d, d and e are two", &Decision{Choice: Write, At: after(2)}, last, ""},
		{"c, d and e are three", &Decision{Choice: Write, At: after(1)}, last, "asked"},
		{"it was declined", &Decision{Choice: Decline, At: after(0)}, last, "asked"},
		{"nobody since", &Decision{Choice: Decline, At: after(5)}, last, ""},
		{"it rests, and they go on", &Decision{Choice: Snooze, At: after(0), Until: last.Add(time.Hour), People: 3}, last, ""},
		{"it rests no more", &Decision{Choice: Snooze, At: after(5), Until: last.Add(time.Hour), People: 3}, last.Add(time.Hour), "over"},
		{"it rests, and twice as many ask", &Decision{Choice: Snooze, At: noon.Add(-time.Hour), Until: last.Add(time.Hour), People: 2}, last, ""}, // 5 of 6
		{"it rests, and nobody had asked lately", &Decision{Choice: Snooze, At: noon.Add(-time.Hour), Until: last.Add(time.Hour)}, last, ""},
	} {
		l := Lines(signals, nil)[0]
		l.Decision = test.d
		l.Back = l.returned(test.now)
		got := ""
		switch {
		case l.Back != nil:
			got = string(l.Back.Why)
		case l.Open():
			got = "open"
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if l.Open() != (test.want != "") {
			t.Errorf("%s: open is %v", test.name, l.Open())
		}
	}
	twice := said("it a x", "it b x", "it c x", "it d x", "it e x", "it f x")
	for i := range twice {
		twice[i].Line = "l"
	}
	l := Lines(twice, nil)[0]
	l.Decision = &Decision{Choice: Snooze, At: noon.Add(-time.Hour), Until: noon.AddDate(0, 1, 0), People: 3}
	if b := l.returned(twice[5].At); b == nil || b.Why != Doubled || b.People != 6 {
		t.Errorf("six where three had asked: %+v", b)
	}
	if b := l.returned(twice[5].At.Add(Month).Add(-2 * time.Minute)); b != nil {
		t.Errorf("a month later most of them are long ago: %+v", b)
	}
	if n := l.PeopleBetween(twice[1].At, twice[4].At); n != 3 {
		t.Errorf("%d people asked from b until before e, want b, c and d", n)
	}
}
