package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "[0 0.25 0.5 0.75 1]"},
		{0.1, 0.19, "[0 0.05 0.1 0.15 0.2]"},
		{0, 0.4, "[0 0.1 0.2 0.3 0.4]"},
		{-0.07, 0.17, "[-0.1 0 0.1 0.2]"},
		{0, 0, "[0 0.25 0.5 0.75 1]"}, // of nothing
		{0, 1234, "[0 500 1000 1500]"},
	} {
		c := Chart{Series: []Series{{Points: []Point{{Value: test.low, Low: test.low, High: test.high}}}}}
		var got []float64
		for _, v := range ticks(c.reach()) {
			got = append(got, math.Round(1e6*v)/1e6)
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("beside %v to %v: %v, want %s", test.low, test.high, got, test.want)
		}
	}
}

// TestPlotHolds: whatever the numbers are, what is drawn stays inside the drawing,
// intervals hold their points, and no label covers another.
func TestPlotHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Chart{Write: func(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }, Bars: rapid.Bool().Draw(t, "bars")}
		n := rapid.IntRange(0, 60).Draw(t, "points")
		for range n {
			c.Labels = append(c.Labels, strings.Repeat("x", rapid.IntRange(0, 30).Draw(t, "letters")))
		}
		for range rapid.IntRange(0, 3).Draw(t, "series") {
			var s Series
			for range n {
				v := rapid.Float64Range(-1e6, 1e6).Draw(t, "value")
				high := v + rapid.Float64Range(0, 1e6).Draw(t, "high")
				if rapid.IntRange(0, 9).Draw(t, "endless") == 0 {
					high = math.Inf(1)
				}
				s.Points = append(s.Points, Point{Value: v, Low: v - rapid.Float64Range(0, 1e6).Draw(t, "low"), High: high, None: rapid.Bool().Draw(t, "none")})
			}
			c.Series = append(c.Series, s)
		}
		inside := func(text string, limit float64) float64 {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || v < 0 || v > limit {
				t.Fatalf("%q lies outside the drawing", text)
			}
			return v
		}
		p := c.Plot()
		if len(p.Ticks) < 2 || len(p.Ticks) > 7 {
			t.Fatalf("%d numbers beside the axis", len(p.Ticks))
		}
		end := math.Inf(-1)
		for _, l := range p.Labels {
			x, half := inside(l.X, chartWidth), float64(len(l.Text)*letterWidth)/2
			if x-half < end-.1 {
				t.Fatalf("label %q covers the one before", l.Text)
			}
			end = x + half
		}
		for _, s := range p.Series {
			for _, m := range s.Marks {
				inside(m.X, chartWidth)
				at := inside(m.Y, chartHeight)
				if low, high := inside(m.Low, chartHeight), inside(m.High, chartHeight); at > low+.1 || at < high-.1 {
					t.Fatalf("interval %v to %v does not hold %v", low, high, at)
				}
			}
		}
	})
}
