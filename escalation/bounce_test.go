package escalation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "primalinea/escalation"
)

// TestPairs counts what came back between teams, and what that cost.
func TestPairs(t *testing.T) {
	at := func(h int) time.Time { return monday.Add(time.Duration(h) * time.Hour) }
	got := Pairs([]Move{
		{"a", "general", "tech", Refused, at(0), at(2)},
		{"a", "general", "tech", Refused, at(5), at(6)},
		{"a", "general", "rrr", Accepted, at(7), at(8)},
		{"a", "rrr", "tech", Accepted, at(9), at(9)},
		{"a", "tech", "rrr", Accepted, at(10), at(10)}, // it had it
		{"b", "general", "tech", Accepted, at(0), at(1)},
		{"b", "tech", "tech", Accepted, at(2), at(3)},    // up a tier
		{"b", "tech", "general", Accepted, at(4), at(5)}, // triage had it
		{"b", "general", "rrr", Withdrawn, at(6), at(7)},
		{"b", "general", "rrr", Offered, at(8), time.Time{}},
		{"c", "general", "tech", Refused, at(0), at(9)}, // and that was all
	}, at(0), at(100))
	want := []Pair{
		{"general", "tech", 4, 3, 0, []time.Duration{2 * time.Hour, 5 * time.Hour}},
		{"tech", "general", 1, 0, 1, nil},
		{"tech", "rrr", 1, 0, 1, nil},
		{"general", "rrr", 1, 0, 0, nil},
		{"rrr", "tech", 1, 0, 0, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := got[0]; p.Bounced() != 3 || p.LostAll() != 7*time.Hour || p.LostMedian() != 2*time.Hour {
		t.Errorf("%d bounced, %v lost, %v usually", p.Bounced(), p.LostAll(), p.LostMedian())
	}
}
