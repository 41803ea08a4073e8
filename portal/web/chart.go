package web

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// A Chart draws numbers that follow each other, with their intervals, as lines or
// as bars beside each other. Behind the drawing stands a table that says the same.
// A page calls it by {{template "chart" dict "P" . "C" .Chart}}.
type Chart struct {
	ID    string // of the drawing: no other element of the page begins its id with it
	Title string // what is drawn
	What  string // how to read it, in a sentence
	X     string // what the points are: the head of the table's first column
	Bars  bool   // instead of lines
	// Write writes a number beside the axis.
	Write  func(float64) string
	Labels []string // of the points, in order
	Series []Series // at most three can be told apart
}

// A Series is one line, or one bar at each label.
type Series struct {
	Name   string
	Points []Point // as many as there are labels
}

// A Point is a number with its interval.
type Point struct {
	Value, Low, High float64
	None             bool   // there is nothing to draw
	Share            any    // the interval.Proportion that it is, for the table to write with its n
	Text             string // what the table writes, if it is no share
}

// The drawing, in pixels: the narrowest screen has room for it.
const (
	chartWidth  = 300
	chartHeight = 150
	chartLeft   = 42 // of it: what stands beside the axis
	chartTop    = 8
	chartBottom = 22 // what stands below
	letterWidth = 7
)

// A Plot is a chart, laid out.
type Plot struct {
	Width, Height int
	Left, Right   int
	Ticks         []PlotText // of the axis
	Labels        []PlotText
	Series        []PlotSeries
}

// A PlotText is a text at a place.
type PlotText struct {
	X, Y   string
	Anchor string
	Text   string
}

// A PlotSeries is a series as it is drawn.
type PlotSeries struct {
	Name  string
	Style int // 0 to 2: each has its own line and mark
	Line  string
	Marks []PlotMark
}

// A PlotMark is where a point is, and how far its interval reaches.
type PlotMark struct {
	X, Y, Low, High string
	Left, Width     string // of the bar
	Top, Tall       string
	CapFrom, CapTo  string // of the interval's ends
}

// Plot lays the chart out.
func (c Chart) Plot() Plot {
	p := Plot{Width: chartWidth, Height: chartHeight, Left: chartLeft, Right: chartWidth}
	bottom, top := c.reach()
	floor := float64(chartHeight - chartBottom)
	y := func(v float64) float64 {
		v = min(max(v, bottom), top)
		return floor - (v-bottom)/(top-bottom)*(floor-chartTop)
	}
	for _, v := range ticks(bottom, top) {
		p.Ticks = append(p.Ticks, PlotText{X: px(chartLeft - 5), Y: px(y(v)), Text: c.Write(v)})
	}
	pitch := float64(chartWidth-chartLeft) / float64(max(1, len(c.Labels)))
	middle := func(i int) float64 { return chartLeft + (float64(i)+.5)*pitch }
	end := 0.
	for i, label := range c.Labels {
		half := float64(utf8.RuneCountInString(label)*letterWidth) / 2
		x := min(max(middle(i), chartLeft+half), chartWidth-half)
		if x-half >= end {
			p.Labels = append(p.Labels, PlotText{X: px(x), Y: px(chartHeight - 6), Text: label})
			end = x + half + letterWidth
		}
	}
	apart := min(pitch*.8/float64(max(1, len(c.Series))), 6)
	if c.Bars {
		apart = min(pitch*.8/float64(max(1, len(c.Series))), 24)
	}
	for s, series := range c.Series {
		drawn := PlotSeries{Name: series.Name, Style: s % 3}
		pen := "M"
		for i, point := range series.Points {
			if point.None {
				pen = "M"
				continue
			}
			// Beside each other, so that no interval hides another.
			x := middle(i) + (float64(s)-float64(len(c.Series)-1)/2)*apart
			at, zero, wide := y(point.Value), y(0), apart*.85
			drawn.Line += fmt.Sprintf("%s%.1f %.1f", pen, x, at)
			pen = "L"
			drawn.Marks = append(drawn.Marks, PlotMark{
				X: px(x), Y: px(at), Low: px(y(point.Low)), High: px(y(point.High)),
				Left: px(x - wide/2), Width: px(wide), Top: px(min(at, zero)), Tall: px(math.Abs(at - zero)),
				CapFrom: px(x - 2.5), CapTo: px(x + 2.5),
			})
		}
		p.Series = append(p.Series, drawn)
	}
	return p
}

// reach returns how far the axis goes: all that is drawn has room, and so has 0.
func (c Chart) reach() (bottom, top float64) {
	for _, s := range c.Series {
		for _, p := range s.Points {
			for _, v := range []float64{p.Value, p.Low, p.High} {
				if !p.None && !math.IsNaN(v) && !math.IsInf(v, 0) {
					bottom, top = min(bottom, v), max(top, v)
				}
			}
		}
	}
	if bottom == top {
		top = 1
	}
	step := stepOf(bottom, top)
	return step * math.Floor(bottom/step+1e-9), step * math.Ceil(top/step-1e-9)
}

// ticks returns the numbers that stand beside the axis.
func ticks(bottom, top float64) []float64 {
	step := stepOf(bottom, top)
	var at []float64
	for i := math.Round(bottom / step); i <= math.Round(top/step); i++ {
		at = append(at, i*step)
	}
	return at
}

// stepOf returns a round step of which three or four reach from one number to the
// other.
func stepOf(bottom, top float64) float64 {
	rough := (top - bottom) / 4
	unit := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, n := range []float64{1, 2, 2.5, 5} {
		if n*unit >= rough*.999 {
			return n * unit
		}
	}
	return 10 * unit
}

func px(x float64) string { return fmt.Sprintf("%.1f", x) }
