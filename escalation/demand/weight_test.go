package demand

import (
	"fmt"
	"math"
	"testing"
	"time"

	"primalinea/escalation"
)

func TestHandling(t *testing.T) {
	staff := func(id string) escalation.ActorRef { return escalation.ActorRef{Kind: escalation.ByStaff, ID: id} }
	at := func(minute float64, by escalation.ActorRef) escalation.Entry {
		return escalation.Entry{At: noon.Add(time.Duration(minute * float64(time.Minute))), By: by}
	}
	customer, program := escalation.ActorRef{Kind: escalation.ByRequester}, escalation.TokenRef("shop")
	for _, test := range []struct {
		name    string
		entries []escalation.Entry
		want    int
	}{
		{"nobody did anything", []escalation.Entry{at(0, customer), at(1, program)}, 0},
		{"one answer", []escalation.Entry{at(0, customer), at(60, staff("a"))}, 5},
		{"taken, and answered after a while", []escalation.Entry{at(60, staff("a")), at(72, staff("a"))}, 17},
		{"taken, and answered after lunch", []escalation.Entry{at(60, staff("a")), at(120, staff("a"))}, 10},
		{"two tiers", []escalation.Entry{at(0, staff("a")), at(3.5, staff("a")), at(4, staff("b")), at(14, staff("b"))}, 24}, // 5 + 3.5 + 5 + 10, rounded up
		{"the customer writes between", []escalation.Entry{at(0, staff("a")), at(5, customer), at(10, staff("a"))}, 15},
	} {
		if got := Handling(&escalation.Ticket{Entries: test.entries}); got != test.want {
			t.Errorf("%s: %d minutes, want %d", test.name, got, test.want)
		}
	}
}

// asked is a line on which so many people asked some days before noon, each a ticket
// of some minutes, if any.
func asked(id string, minutes int, days ...int) (signals []Signal) {
	for i, day := range days {
		s := Signal{ID: fmt.Sprint(id, i), Line: id, Kind: Zero, Lang: "it", Text: id, Who: fmt.Sprint(id, i), At: noon.AddDate(0, 0, -day)}
		if minutes > 0 {
			s.Kind, s.Ticket, s.Minutes = Ticket, s.ID, minutes
		}
		signals = append(signals, s)
	}
	return signals
}

func days(n, ago int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = ago
	}
	return list
}

// TestRank weighs people, minutes and trend.
func TestRank(t *testing.T) {
	var signals []Signal
	signals = append(signals, asked("quick", 5, days(12, 3)...)...)                           // 12 × 5
	signals = append(signals, asked("quick", 5, days(12, 30)...)...)                          // as before; they are the same people
	signals = append(signals, asked("slow", 40, days(6, 3)...)...)                            // 6 × 40, but new
	signals = append(signals, asked("unknown", 0, days(9, 3)...)...)                          // 9 × what others take
	signals = append(signals, asked("fading", 40, append(days(4, 3), days(40, 30)...)...)...) // surely fewer
	signals = append(signals, asked("few", 500, days(2, 3)...)...)                            // not shown
	lines := Lines(signals, nil)
	rank(lines, noon)
	by := map[string]Line{}
	var order string
	for _, l := range lines {
		by[l.ID] = l
		order += l.ID + " "
	}
	if order != "unknown slow quick fading few " {
		t.Errorf("order: %s", order)
	}
	slow, unknown, fading := by["slow"], by["unknown"], by["fading"]
	if slow.Recent != 6 || slow.Handling != 40 || slow.Handled != 6 || !math.IsInf(slow.Trend.High, 1) {
		t.Errorf("slow: %d people, %v minutes of %d, trend %+v", slow.Recent, slow.Handling, slow.Handled, slow.Trend)
	}
	if unknown.Handling != 40 || unknown.Handled != 0 { // 24 of 5, 50 of 40, 2 of 500
		t.Errorf("what others take is %v minutes, of %d", unknown.Handling, unknown.Handled)
	}
	if fading.Recent != 4 || fading.Trend.High >= 1 || fading.Weight.Value >= 4*40 {
		t.Errorf("fading: %+v", fading)
	}
	for _, l := range lines[:4] {
		if w := l.Weight; !(0 < w.Low && w.Low < w.Value && w.Value < w.High) || math.IsInf(w.High, 1) {
			t.Errorf("%s weighs %+v", l.ID, w)
		}
	}
	if w := by["few"].Weight.Value; w != 0 {
		t.Errorf("a line of two people weighs %v", w)
	}
	only := Lines(asked("only", 0, 1, 2, 3), nil)
	if only[0].Handling != Usual {
		t.Errorf("nothing is known of any: %v minutes", only[0].Handling)
	}
}

func TestCost(t *testing.T) {
	l := Line{Recent: 10, Handling: 30}
	if c, ok := (Price{Hour: 3600, Currency: "EUR"}).Cost(&l); !ok || c.Value != 180 || math.Round(c.Low) != 98 || math.Round(c.High) != 331 {
		t.Errorf("ten half hours at 36 are %+v", c)
	}
	if _, ok := (Price{}).Cost(&l); ok {
		t.Error("nobody said what an hour costs")
	}
}

func TestNewPrice(t *testing.T) {
	for _, test := range []struct {
		hour, currency, field string
		want                  Price
	}{
		{" 36,50 ", "eur", "", Price{3650, "EUR"}},
		{"40", "USD", "", Price{4000, "USD"}},
		{"  ", "??", "", Price{}},
		{"0", "EUR", "hour", Price{}},
		{"-3", "EUR", "hour", Price{}},
		{"10001", "EUR", "hour", Price{}},
		{"much", "EUR", "hour", Price{}},
		{"40", "euro", "currency", Price{}},
	} {
		got, err := NewPrice(test.hour, test.currency)
		e, _ := err.(*escalation.Error)
		if got != test.want || (e == nil) != (test.field == "") || e != nil && e.Field != test.field {
			t.Errorf("%q %q is %+v, %v", test.hour, test.currency, got, err)
		}
	}
}
