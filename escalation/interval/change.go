package interval

import "math"

// A Tally is how many events there were, in how much exposure.
type Tally struct {
	Events float64 `json:"events"`
	Over   float64 `json:"over"`
}

// Rate returns the rate of events with its score interval (Rao's, of a Poisson
// count; L. Barker, A Comparison of Nine Confidence Intervals for a Poisson
// Parameter, The American Statistician 56, 2002). Without exposure it is not a
// number.
func (t Tally) Rate() Estimate {
	if t.Over <= 0 {
		return Estimate{Value: math.NaN(), Low: 0, High: math.Inf(1)}
	}
	centre, half := t.Events+z*z/2, z*math.Sqrt(t.Events+z*z/4)
	return Estimate{Value: t.Events / t.Over, Low: max(centre-half, 0) / t.Over, High: (centre + half) / t.Over}
}

// A Shift is what there was after something happened, and before.
type Shift struct {
	After  Tally `json:"after"`
	Before Tally `json:"before"`
}

// over is how much more exposure there was after than before.
func (s Shift) over() float64 { return s.After.Over / s.Before.Over }

func (s Shift) known() bool {
	return s.After.Over > 0 && s.Before.Over > 0 && s.After.Events+s.Before.Events > 0
}

// Pool returns the rate ratio that several shifts have in common: of one, as
// [RateRatio] has it. The value is that of Mantel and Haenszel for rates (S.
// Greenland and J. Robins, Estimation of a Common Effect Parameter from Sparse
// Follow-Up Data, Biometrics 41, 1985), which holds for many small shifts; the
// interval is that of their sum. Without any event it is not a number.
func Pool(shifts ...Shift) Estimate {
	var up, down, after, before, exposure float64
	for _, s := range shifts {
		if !s.known() {
			continue
		}
		over := s.After.Over + s.Before.Over
		up += s.After.Events * s.Before.Over / over
		down += s.Before.Events * s.After.Over / over
		after, before = after+s.After.Events, before+s.Before.Events
		exposure += (s.After.Events + s.Before.Events) / s.over()
	}
	if after+before == 0 {
		return Estimate{Value: math.NaN(), Low: 0, High: math.Inf(1)}
	}
	scale := exposure / (after + before)
	if after > 0 && before > 0 {
		scale = up / down * before / after
	}
	low, high := wilson(after, after+before)
	odds := func(p float64) float64 {
		if p >= 1 {
			return math.Inf(1)
		}
		return p / (1 - p) * scale
	}
	return Estimate{Value: odds(after / (after + before)), Low: odds(low), High: odds(high)}
}

// Against returns how much more a ratio changed than that of controls, which is
// independent of it: the quotient of both, its interval recovered from theirs on
// the logarithmic scale, as [Newcombe] does for differences (G. Zou and A.
// Donner, Construction of Confidence Limits about Effect Measures, Statistics in
// Medicine 27, 2008). wander is how much such ratios differ from each other by
// themselves, see [Wander]: it widens the interval. Where one of them has no
// logarithm, the bounds are the extreme quotients.
func Against(ratio, controls Estimate, wander float64) Estimate {
	e := Estimate{Value: ratio.Value / controls.Value}
	if ratio.Value <= 0 || controls.Value <= 0 || math.IsInf(ratio.Value, 0) || math.IsInf(controls.Value, 0) || math.IsNaN(e.Value) {
		spread := math.Exp(z * wander)
		e.Low, e.High = ratio.Low/controls.High/spread, ratio.High/controls.Low*spread
		if math.IsNaN(e.Low) {
			e.Low = 0
		}
		if math.IsNaN(e.High) {
			e.High = math.Inf(1)
		}
		return e
	}
	far := func(x, y Estimate, low, high float64) float64 {
		a, b := math.Log(x.Value/low), math.Log(high/y.Value)
		return math.Sqrt(a*a + b*b + z*z*wander*wander)
	}
	e.Low = e.Value * math.Exp(-far(ratio, controls, ratio.Low, controls.High))
	e.High = e.Value * math.Exp(far(controls, ratio, controls.Low, ratio.High))
	return e
}

// Wander returns how much rate ratios differ from each other beyond chance, at
// most: the upper bound, at 90 %, of their standard deviation on the logarithmic
// scale, by the profile of Cochran's Q (W. Viechtbauer, Confidence Intervals for
// the Amount of Heterogeneity in Meta-Analysis, Statistics in Medicine 26, 2007).
// Of fewer than two nothing is known: it is infinite.
func Wander(shifts []Shift) float64 {
	type point struct{ log, chance float64 }
	var points []point
	for _, s := range shifts {
		if s.known() {
			after, before := s.After.Events+.5, s.Before.Events+.5
			points = append(points, point{math.Log(after / before / s.over()), 1/after + 1/before})
		}
	}
	if len(points) < 2 {
		return math.Inf(1)
	}
	// How much they differ, in units of what chance and a wander explain.
	differ := func(variance float64) (q float64) {
		var sum, mean float64
		for _, p := range points {
			w := 1 / (p.chance + variance)
			sum, mean = sum+w, mean+w*p.log
		}
		mean /= sum
		for _, p := range points {
			q += (p.log - mean) * (p.log - mean) / (p.chance + variance)
		}
		return q
	}
	// The one-sided 10 % point of χ² (E. Wilson and M. Hilferty, 1931).
	free := float64(len(points) - 1)
	least := free * math.Pow(max(0, 1-2/(9*free)-1.2815515655446004*math.Sqrt(2/(9*free))), 3)
	const most = 100 // nothing wanders so much
	if differ(0) <= least {
		return 0
	}
	low, high := 0., most*1.
	for range 60 {
		if middle := (low + high) / 2; differ(middle) > least {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Sqrt(high)
}

// EventsNeeded returns how many events there have to be before, so that a rate that
// changes by a ratio is seen to with a probability of 80 %, when there is so many
// times as much exposure after as before: the sample size of the conditional
// binomial test (J. Shiue and L. Bain, Experiment Size and Power Comparisons for
// Two-Sample Poisson Tests, Applied Statistics 31, 1982).
func EventsNeeded(ratio, exposure float64) int {
	if ratio == 1 || ratio < 0 || exposure <= 0 {
		return math.MaxInt32
	}
	p, q := exposure/(1+exposure), ratio*exposure/(1+ratio*exposure)
	root := z*math.Sqrt(p*(1-p)) + power*math.Sqrt(q*(1-q))
	return int(math.Round(root * root / ((p - q) * (p - q)) / (1 + ratio*exposure)))
}
