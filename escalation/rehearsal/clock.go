package rehearsal

import (
	"sync"
	"time"
)

// A Clock is the time of a rehearsal. It stands still until it is moved, and is
// never moved back.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock returns a clock that shows a time.
func NewClock(at time.Time) *Clock { return &Clock{at: stamp(at)} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// move moves the clock ahead.
func (c *Clock) move(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to = stamp(to); to.After(c.at) {
		c.at = to
	}
}

// stamp is a time as the ledger keeps it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// The desk works from Monday to Friday.
const (
	opens  = 8 // o'clock, UTC
	closes = 17
)

// working returns when some time of work is over that begins at a moment.
func working(from time.Time, d time.Duration) time.Time {
	for {
		y, m, day := from.Date()
		begin := time.Date(y, m, day, opens, 0, 0, 0, time.UTC)
		end := time.Date(y, m, day, closes, 0, 0, 0, time.UTC)
		if from.Before(begin) {
			from = begin
		}
		if w := from.Weekday(); w != time.Saturday && w != time.Sunday && from.Before(end) {
			if left := end.Sub(from); d < left {
				return from.Add(d)
			} else {
				d -= left
			}
		}
		from = begin.AddDate(0, 0, 1)
	}
}
