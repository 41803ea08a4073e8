// Package interval says how sure a number is. Every rate on a page is shown
// with one of these intervals and the number of cases behind it.
//
// All intervals are two-sided at 95 %. They are score intervals: unlike the
// textbook's p ± 1.96·√(p(1−p)/n) they stay within their bounds and mean what
// they say for ten cases as well as for ten thousand (Brown, Cai and DasGupta,
// Interval Estimation for a Binomial Proportion, Statistical Science 16, 2001).
package interval

import (
	"math"
	"slices"
)

// z is the two-sided 95 % point of the normal distribution.
const z = 1.959963984540054

// Few is the number of cases below which a page says "too few to say" beside
// the interval.
const Few = 30

// A Proportion is k of n, with its interval.
type Proportion struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Rate float64 `json:"rate"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// TooFew reports whether there are too few cases to draw a conclusion.
func (p Proportion) TooFew() bool { return p.N < Few }

// An Estimate is a number with its interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Excludes reports whether a value lies outside the interval: what was measured is
// surely another.
func (e Estimate) Excludes(value float64) bool { return value < e.Low || value > e.High }

// Wilson returns k of n with its score interval (E. B. Wilson, Probable
// Inference, the Law of Succession, and Statistical Inference, Journal of the
// American Statistical Association 22, 1927). Of nothing, nothing is known: the
// interval of 0 of 0 is 0 to 1. k is taken to lie between 0 and n.
func Wilson(k, n int) Proportion {
	if n <= 0 {
		return Proportion{High: 1}
	}
	k = min(max(k, 0), n)
	low, high := wilson(float64(k), float64(n))
	return Proportion{K: k, N: n, Rate: float64(k) / float64(n), Low: low, High: high}
}

func wilson(k, n float64) (low, high float64) {
	p := k / n
	centre := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = (centre-half)/(1+z*z/n), (centre+half)/(1+z*z/n)
	// At the ends the bound is exact; rounding must not step over it.
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return max(low, 0), min(high, 1)
}

// Newcombe returns the difference a − b of two independent proportions with its
// hybrid score interval (R. G. Newcombe, Interval Estimation for the Difference
// between Independent Proportions, Statistics in Medicine 17, 1998, method 10).
func Newcombe(a, b Proportion) Estimate {
	d := a.Rate - b.Rate
	return Estimate{
		Value: d,
		Low:   d - math.Hypot(a.Rate-a.Low, b.High-b.Rate),
		High:  d + math.Hypot(a.High-a.Rate, b.Rate-b.Low),
	}
}

// RateRatio returns how the rate of events changed: after events in exposure
// afterOver, divided by before events in exposure beforeOver. Given their sum,
// the events after are binomial, so the interval is Wilson's, turned from a
// proportion into odds and divided by the ratio of exposures (the conditional
// method; P. Graham and others, Confidence Limits for the Ratio of Two Rates
// Based on Likelihood Scores, Statistics in Medicine 22, 2003, compares it).
// High is infinite when nothing happened before; without any event the ratio is
// not a number.
func RateRatio(after, before int, afterOver, beforeOver float64) Estimate {
	if after+before <= 0 || afterOver <= 0 || beforeOver <= 0 {
		return Estimate{Value: math.NaN(), Low: 0, High: math.Inf(1)}
	}
	p := Wilson(after, after+before)
	scale := beforeOver / afterOver
	odds := func(p float64) float64 {
		if p >= 1 {
			return math.Inf(1)
		}
		return p / (1 - p) * scale
	}
	return Estimate{Value: odds(p.Rate), Low: odds(p.Low), High: odds(p.High)}
}

// Poisson returns how many events are to be expected where n were counted: the score
// interval of the mean of a Poisson distribution (L. Barker, A Comparison of Nine
// Confidence Intervals for a Poisson Parameter When the Expected Number of Events is
// ≤ 5, The American Statistician 56, 2002, compares it).
func Poisson(n int) Estimate {
	k := float64(max(n, 0))
	half := z * math.Sqrt(k+z*z/4)
	return Estimate{Value: k, Low: max(k+z*z/2-half, 0), High: k + z*z/2 + half}
}

// Broken is the value of [SampleRatio] above which the arms of an experiment
// were not filled by chance as planned (p < 0.001), so that no effect may be
// shown.
const Broken = 10.83

// SampleRatio returns Pearson's χ² with one degree of freedom for a and b cases
// in two arms, of which the first was to get the given share (K. Pearson, On the
// Criterion that a Given System of Deviations…, Philosophical Magazine 50,
// 1900). A share that is not between 0 and 1 plans nothing to compare with: 0.
func SampleRatio(a, b int, share float64) float64 {
	n := float64(a + b)
	if n == 0 || share <= 0 || share >= 1 {
		return 0
	}
	d := float64(a) - n*share
	return d * d / (n * share * (1 - share))
}

// Median returns the middle of some values, which it sorts, with an interval that
// assumes nothing of how they are spread: that of the order statistics (E. L. Lehmann,
// Nonparametrics, 1975). Of fewer than six values no such interval is 95 % sure: it is
// open at both ends. Of none, nothing is known.
func Median(values []float64) Estimate {
	n := len(values)
	if n == 0 {
		return Estimate{Value: math.NaN(), Low: math.Inf(-1), High: math.Inf(1)}
	}
	slices.Sort(values)
	e := Estimate{Value: (values[(n-1)/2] + values[n/2]) / 2, Low: math.Inf(-1), High: math.Inf(1)}
	if k := outside(n); k > 0 {
		e.Low, e.High = values[k-1], values[n-k]
	}
	return e
}

// outside returns the greatest k for which at most k−1 of n fair coins show heads
// with a probability of at most 2.5 %; 0 when there is none.
func outside(n int) int {
	sum, k := 0.0, 0
	term := -float64(n) * math.Ln2 // logarithm of the probability of k heads
	for ; k < n; k++ {
		if sum += math.Exp(term); sum > .025 {
			break
		}
		term += math.Log(float64(n-k)) - math.Log(float64(k+1))
	}
	return k
}

// power is the one-sided 80 % point of the normal distribution: how surely an effect
// is seen that is as large as planned.
const power = 0.8416212335729143

// Sizes returns how many cases two arms need so that a fall from one rate to another
// is seen with a probability of 80 % at the 5 % level of [Newcombe]. The first arm,
// in which the rate does not fall, gets a share of all cases. They are those of the
// test of two proportions with pooled variance (J. L. Fleiss, Statistical Methods for
// Rates and Proportions, 1981), rounded. Rates that are alike, or a share that leaves
// an arm empty, cannot be planned: 0, 0.
func Sizes(before, after, share float64) (first, second int) {
	d := before - after
	if d == 0 || share <= 0 || share >= 1 {
		return 0, 0
	}
	k := (1 - share) / share // cases of the second arm for one of the first
	p := (before + k*after) / (1 + k)
	n := z*math.Sqrt((1+1/k)*p*(1-p)) + power*math.Sqrt(before*(1-before)+after*(1-after)/k)
	n = n * n / (d * d)
	return int(math.Round(n)), int(math.Round(k * n))
}
