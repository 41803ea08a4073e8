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

// office is when the desk works: the hours by which it promises.
var _, office = shipped.Promise("")

// working returns when some time of work is over that begins at a moment.
func working(from time.Time, d time.Duration) time.Time {
	at, _ := office.Add(from, max(d, time.Millisecond))
	return at
}
