package clock

import "time"

// Workday says whether somebody works on a date: whether a window begins on it.
func (c *Calendar) Workday(d Date) bool { return len(c.windows(d)) > 0 }

// After returns the n-th date after another one on which somebody works. It says false
// when there are not so many within the [Horizon].
func (c *Calendar) After(d Date, n int) (Date, bool) {
	for end := d + Date(Horizon/(24*time.Hour)); n > 0; n-- {
		for d++; !c.Workday(d); d++ {
			if d > end {
				return 0, false
			}
		}
	}
	return d, true
}

// Evening returns when the work ends on the n-th date, after the one on which a moment is,
// on which somebody works. It says false when there are not so many within the [Horizon].
func (c *Calendar) Evening(at time.Time, n int) (time.Time, bool) {
	d, ok := c.After(DateOf(at.In(c.Location())), n)
	if !ok {
		return time.Time{}, false
	}
	windows := c.windows(d)
	last := windows[len(windows)-1]
	if last.overnight() {
		d++
	}
	year, month, day := d.Time().Date()
	return time.Date(year, month, day, 0, 0, int(last.To), 0, c.Location()).UTC(), true
}

// At returns the moment at which the wall of a zone shows so many hours of a date; 24
// is its end.
func (d Date) At(hour int, zone *time.Location) time.Time {
	year, month, day := d.Time().Date()
	return time.Date(year, month, day, hour, 0, 0, 0, zone).UTC()
}
