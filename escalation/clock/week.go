package clock

import (
	"slices"
	"time"
)

// A Stretch is one weekday, or several in a row, with the same hours.
type Stretch struct {
	From, To time.Weekday
	Hours    []Window
}

// Stretches returns the hours of the week, from Monday on, without the days that have
// none.
func (c *Calendar) Stretches() []Stretch {
	var list []Stretch
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		n := len(list)
		switch hours := c.Week[d]; {
		case len(hours) == 0:
		case n > 0 && (list[n-1].To+1)%7 == d && slices.Equal(list[n-1].Hours, hours):
			list[n-1].To = d
		default:
			list = append(list, Stretch{d, d, hours})
		}
	}
	return list
}

// Coming returns the special dates from that of a moment on, within so many days.
func (c *Calendar) Coming(now time.Time, days int) []Day {
	first := DateOf(now.In(c.Location()))
	i, _ := slices.BinarySearchFunc(c.Days, first, func(d Day, at Date) int { return int(d.Date - at) })
	j, _ := slices.BinarySearchFunc(c.Days, first+Date(days), func(d Day, at Date) int { return int(d.Date - at) })
	return c.Days[i:j]
}
