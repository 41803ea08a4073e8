package interval

import (
	"math"
	"testing"
)

func shift(after, before, afterOver, beforeOver float64) Shift {
	return Shift{After: Tally{after, afterOver}, Before: Tally{before, beforeOver}}
}

// same is near, or both are infinite.
func same(a, b, within float64) bool { return a == b || near(a, b, within) }

func TestPool(t *testing.T) {
	for _, test := range []struct {
		name   string
		shifts []Shift
		want   Estimate
	}{
		{"the vector of design.md", []Shift{shift(18, 40, 1, 1)}, Estimate{.45, .26, .78}},
		{"halves of it are the whole", []Shift{shift(9, 20, 1, 1), shift(9, 20, 1, 1)}, Estimate{.45, .26, .78}},
		{"twice the exposure after", []Shift{shift(36, 40, 2, 1)}, Estimate{.45, .288, .703}},
		{"nothing after", []Shift{shift(0, 20, 1, 1)}, Estimate{0, 0, .19}},
		{"nothing before", []Shift{shift(20, 0, 1, 1)}, Estimate{math.Inf(1), 5.21, math.Inf(1)}},
		{"without exposure one is left out", []Shift{shift(18, 40, 1, 1), shift(5, 5, 0, 1)}, Estimate{.45, .26, .78}},
		// Both fell to a half; their sums would say 60 of 60.
		{"strata that grew differently", []Shift{shift(10, 20, 1, 1), shift(50, 40, 2.5, 1)}, Estimate{.5, .350, .714}},
	} {
		got := Pool(test.shifts...)
		if !same(got.Value, test.want.Value, .005) || !same(got.Low, test.want.Low, .005) || !same(got.High, test.want.High, .005) {
			t.Errorf("%s: %.4f, want %.4f", test.name, got, test.want)
		}
	}
	if got := Pool(); !math.IsNaN(got.Value) || got.Low != 0 || !math.IsInf(got.High, 1) {
		t.Errorf("of nothing: %v", got)
	}
	for _, s := range []Shift{shift(18, 40, 3, 7), shift(3, 1, 1, 2), shift(0, 4, 5, 1)} {
		got, want := Pool(s), RateRatio(int(s.After.Events), int(s.Before.Events), s.After.Over, s.Before.Over)
		if !same(got.Value, want.Value, 1e-12) || !same(got.Low, want.Low, 1e-12) || !same(got.High, want.High, 1e-12) {
			t.Errorf("%v: %v, and RateRatio has %v", s, got, want)
		}
	}
}

func TestAgainst(t *testing.T) {
	ratio := Pool(shift(18, 40, 1, 1))
	// Many controls that stayed as they were change nothing.
	if got := Against(ratio, Pool(shift(1e7, 1e7, 1, 1)), 0); !same(got.Value, .45, .001) || !same(got.Low, ratio.Low, .001) || !same(got.High, ratio.High, .001) {
		t.Errorf("against what stayed: %.4f, alone %.4f", got, ratio)
	}
	// What fell like everything else did not change.
	if got := Against(ratio, Pool(shift(180, 400, 1, 1)), 0); !same(got.Value, 1, .001) || !got.excludesNothing() {
		t.Errorf("against what fell alike: %.4f", got)
	}
	few := Against(ratio, Pool(shift(20, 20, 1, 1)), 0)
	if few.High < ratio.High || few.Low > ratio.Low {
		t.Errorf("few controls make it surer: %.4f, alone %.4f", few, ratio)
	}
	// On the logarithmic scale, large counts come to the textbook's interval.
	got, half := Against(Pool(shift(900, 1000, 1, 1)), Pool(shift(2000, 2000, 1, 1)), .1), 1.96*math.Sqrt(1./900+1./1000+2./2000+.01)
	if !same(got.Low, .9*math.Exp(-half), .002) || !same(got.High, .9*math.Exp(half), .002) {
		t.Errorf("large counts: %.4f, want %.4f..%.4f", got, .9*math.Exp(-half), .9*math.Exp(half))
	}
	for _, test := range []struct {
		name            string
		ratio, controls Estimate
		low, high       float64
	}{
		{"none after", Pool(shift(0, 30, 1, 1)), Pool(shift(200, 200, 1, 1)), 0, .156},
		{"none before", Pool(shift(30, 0, 1, 1)), Pool(shift(200, 200, 1, 1)), 6.4, math.Inf(1)},
		{"no controls", ratio, Pool(), 0, math.Inf(1)},
		{"controls that ended", ratio, Pool(shift(0, 30, 1, 1)), 2.0, math.Inf(1)},
		{"nothing at all", Pool(), Pool(), 0, math.Inf(1)},
	} {
		got := Against(test.ratio, test.controls, 0)
		if !same(got.Low, test.low, .05) || !same(got.High, test.high, .005) {
			t.Errorf("%s: %.4f, want %.3f..%.3f", test.name, got, test.low, test.high)
		}
	}
}

// excludesNothing reports whether no change is among what is likely.
func (e Estimate) excludesNothing() bool { return !e.Excludes(1) }

// many are fifty of each.
func many(of ...Shift) (list []Shift) {
	for range 50 {
		list = append(list, of...)
	}
	return list
}

func TestWander(t *testing.T) {
	for _, test := range []struct {
		name   string
		shifts []Shift
		want   float64
	}{
		{"nothing to compare", nil, math.Inf(1)},
		{"one", []Shift{shift(9, 1, 1, 1)}, math.Inf(1)},
		{"alike", []Shift{shift(100, 100, 1, 1), shift(50, 50, 1, 1), shift(210, 200, 1, 1)}, 0},
		{"three small ones may hide much", []Shift{shift(9, 6, 1, 1), shift(5, 8, 1, 1), shift(4, 4, 1, 1)}, 1.187},
		// ln 2, 0 and −ln 2: their squares are 0.961, over 0.197, nearly the 10 % point of χ² with two degrees.
		{"apart", []Shift{shift(2e9, 1e9, 1, 1), shift(1e9, 1e9, 1, 1), shift(1e9, 2e9, 1, 1)}, 2.209},
		{"many that are apart", many(shift(2e6, 1e6, 1, 1), shift(1e6, 2e6, 1, 1)), .768}, // 48.05 over 81.4,
		{"the exposure grew", []Shift{shift(2e6, 1e6, 2, 1), shift(1e6, 1e6, 1, 1)}, 0},
	} {
		if got := Wander(test.shifts); !same(got, test.want, .002) {
			t.Errorf("%s: %.4f, want %.4f", test.name, got, test.want)
		}
	}
}

// TestEventsNeeded has the vectors of selfservice.md §2.3.
func TestEventsNeeded(t *testing.T) {
	for _, test := range []struct {
		ratio, exposure float64
		want            int
	}{
		{.3, 1, 19}, {.5, 1, 45}, {.7, 1, 147}, {.8, 1, 352},
		{.5, 3, 28}, // three times as long after
		{1, 1, math.MaxInt32}, {.5, 0, math.MaxInt32},
	} {
		if got := EventsNeeded(test.ratio, test.exposure); got != test.want {
			t.Errorf("EventsNeeded(%v, %v) = %d, want %d", test.ratio, test.exposure, got, test.want)
		}
	}
}

func TestRate(t *testing.T) {
	for _, test := range []struct {
		events, over, value, low, high float64
	}{
		{0, 1, 0, 0, 3.84}, {10, 1, 10, 5.43, 18.41}, {10, 2, 5, 2.72, 9.21}, {1000, 1, 1000, 939.9, 1063.9},
	} {
		got := Tally{test.events, test.over}.Rate()
		if !same(got.Value, test.value, .01) || !same(got.Low, test.low, .06) || !same(got.High, test.high, .06) {
			t.Errorf("%v in %v: %.3f", test.events, test.over, got)
		}
	}
	if got := (Tally{3, 0}).Rate(); !math.IsNaN(got.Value) || !math.IsInf(got.High, 1) {
		t.Errorf("in nothing: %v", got)
	}
}
