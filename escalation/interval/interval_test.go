package interval

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

func TestWilson(t *testing.T) {
	for _, test := range []struct {
		k, n      int
		low, high float64
	}{
		{3, 3, 0.439, 1.000},
		{8, 10, 0.490, 0.943},
		{24, 30, 0.627, 0.905},
		{0, 10, 0.000, 0.278},
		{160, 200, 0.739, 0.850},
		{0, 0, 0, 1}, // nothing is known
	} {
		got := Wilson(test.k, test.n)
		if !near(got.Low, test.low, 0.0005) || !near(got.High, test.high, 0.0005) {
			t.Errorf("Wilson(%d, %d) = %.4f..%.4f, want %.3f..%.3f", test.k, test.n, got.Low, got.High, test.low, test.high)
		}
	}
	if !Wilson(29, 29).TooFew() || Wilson(0, 30).TooFew() {
		t.Error("below 30 cases, and only there, it is too few to say")
	}
}

func TestWilsonHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1_000_000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		p := Wilson(k, n)
		if !(0 <= p.Low && p.Low <= p.Rate && p.Rate <= p.High && p.High <= 1) {
			t.Fatalf("Wilson(%d, %d) = %+v is out of order", k, n, p)
		}
		mirror := Wilson(n-k, n)
		if !near(p.Low, 1-mirror.High, 1e-9) {
			t.Fatalf("Wilson(%d, %d) and its mirror disagree: %v, %v", k, n, p.Low, 1-mirror.High)
		}
	})
}

func TestNewcombe(t *testing.T) {
	for _, test := range []struct {
		k1, n1, k2, n2 int
		d, low, high   float64
	}{
		{56, 70, 48, 80, 0.2000, 0.0524, 0.3339},
		{168, 200, 585, 800, 0.1088, 0.0444, 0.1633},
		{41, 50, 150, 200, 0.0700, -0.0693, 0.1744},
	} {
		got := Newcombe(Wilson(test.k1, test.n1), Wilson(test.k2, test.n2))
		if !near(got.Value, test.d, 0.0001) || !near(got.Low, test.low, 0.0001) || !near(got.High, test.high, 0.0005) {
			t.Errorf("Newcombe(%d/%d, %d/%d) = %.4f (%.4f..%.4f), want %.4f (%.4f..%.4f)",
				test.k1, test.n1, test.k2, test.n2, got.Value, got.Low, got.High, test.d, test.low, test.high)
		}
	}
}

func TestRateRatio(t *testing.T) {
	got := RateRatio(18, 40, 4, 4)
	if !near(got.Value, 0.45, 0.005) || !near(got.Low, 0.26, 0.005) || !near(got.High, 0.78, 0.005) {
		t.Errorf("RateRatio(18, 40) = %.3f (%.3f..%.3f), want 0.45 (0.26..0.78)", got.Value, got.Low, got.High)
	}
	if half := RateRatio(18, 40, 2, 4); !near(half.Value, 2*got.Value, 1e-9) {
		t.Errorf("half the exposure after gives %.3f, want twice %.3f", half.Value, got.Value)
	}
	if none := RateRatio(5, 0, 1, 1); !math.IsInf(none.High, 1) || none.Low <= 0 {
		t.Errorf("nothing before: %+v, want an open end above", none)
	}
	if none := RateRatio(0, 0, 1, 1); !math.IsNaN(none.Value) {
		t.Errorf("no events: %+v, want no number", none)
	}
}

func TestPoisson(t *testing.T) {
	for _, test := range []struct {
		n         int
		low, high float64
	}{
		{0, 0, 3.84},
		{1, 0.18, 5.66},
		{3, 1.02, 8.82},
		{10, 5.43, 18.41},
		{100, 82.23, 121.61},
	} {
		got := Poisson(test.n)
		if got.Value != float64(test.n) || !near(got.Low, test.low, 0.005) || !near(got.High, test.high, 0.005) {
			t.Errorf("Poisson(%d) = %.3f..%.3f, want %.2f..%.2f", test.n, got.Low, got.High, test.low, test.high)
		}
	}
}

func TestSampleRatio(t *testing.T) {
	for _, test := range []struct {
		a, b   int
		share  float64
		want   float64
		broken bool
	}{
		{240, 760, 0.2, 10.0, false},
		{245, 755, 0.2, 12.66, true},
		{200, 800, 0.2, 0, false},
		{0, 0, 0.5, 0, false},
		{0, 900, 0, 0, false}, // no hold-out is planned
	} {
		got := SampleRatio(test.a, test.b, test.share)
		if !near(got, test.want, 0.005) || got > Broken != test.broken {
			t.Errorf("SampleRatio(%d, %d, %v) = %.3f, want %.2f, broken %v", test.a, test.b, test.share, got, test.want, test.broken)
		}
	}
}

func TestExcludes(t *testing.T) {
	if e := RateRatio(18, 40, 1, 1); !e.Excludes(1) || e.Excludes(0.5) {
		t.Errorf("%+v", e)
	}
	if RateRatio(0, 0, 1, 1).Excludes(1) || RateRatio(3, 0, 1, 1).Excludes(1) || !RateRatio(9, 0, 1, 1).Excludes(1) {
		t.Error("of what is not known nothing is excluded, and what is new is new")
	}
}

func TestSizes(t *testing.T) {
	for _, test := range []struct {
		before, after, share float64
		first, second        int
	}{
		{.80, .70, .5, 293, 293},
		{.85, .75, .5, 250, 250},
		{.80, .75, .5, 1094, 1094},
		{.90, .85, .5, 686, 686},
		{.70, .60, .5, 356, 356},
		{.90, .88, .5, 3841, 3841},
		{.80, .70, .2, 188, 753},
		{.85, .75, .2, 162, 649},
		{.80, .75, .2, 696, 2782},
		{.90, .85, .2, 445, 1778},
		{.70, .60, .2, 225, 901},
		{.90, .88, .2, 2445, 9778},
		{.80, .80, .5, 0, 0}, // what does not differ is never seen
		{.80, .70, 0, 0, 0},
		{.80, .70, 1, 0, 0},
	} {
		if a, b := Sizes(test.before, test.after, test.share); a != test.first || b != test.second {
			t.Errorf("Sizes(%v, %v, %v) = %d, %d, want %d, %d", test.before, test.after, test.share, a, b, test.first, test.second)
		}
	}
}

// TestSizesSee holds the planner to what it promises: four of five experiments of its
// size see the effect.
func TestSizesSee(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, p float64) (k int) {
		for range n {
			if luck.Float64() < p {
				k++
			}
		}
		return k
	}
	for _, test := range []struct{ before, after, share float64 }{{.8, .7, .5}, {.8, .7, .2}, {.9, .8, .05}} {
		a, b := Sizes(test.before, test.after, test.share)
		const runs = 2000
		seen := 0
		for range runs {
			if Newcombe(Wilson(draw(a, test.before), a), Wilson(draw(b, test.after), b)).Low > 0 {
				seen++
			}
		}
		if share := float64(seen) / runs; !near(share, .8, .05) {
			t.Errorf("%+v: %d and %d cases see it in %.3f of all cases, want 0.8", test, a, b, share)
		}
	}
}

func TestMedian(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		values []float64
		want   Estimate
	}{
		{[]float64{3, 1, 2}, Estimate{2, -inf, inf}},
		{[]float64{4, 1, 2, 3}, Estimate{2.5, -inf, inf}},
		{[]float64{6, 5, 4, 3, 2, 1}, Estimate{3.5, 1, 6}},                                 // 2 × 1/64 = 3.1 %
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Estimate{5.5, 2, 9}},                    // 2 × 11/1024 = 2.1 %
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, Estimate{8, 4, 12}}, // 2 × 576/32768 = 3.5 %
	} {
		if got := Median(test.values); got != test.want {
			t.Errorf("Median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
	if none := Median(nil); !math.IsNaN(none.Value) {
		t.Errorf("of nothing: %v", none)
	}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 3000).Draw(t, "values")
		if e := Median(values); !(e.Low <= e.Value && e.Value <= e.High) {
			t.Fatalf("%d values: %v is out of order", len(values), e)
		}
	})
}
