package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// A clock is the time of the program: the machine's, moved ahead by the duration
// that a file holds, if there is one. Tests and demonstrations move it to see what
// happens in a week.
type clock struct {
	file string // empty: the machine's time
	log  *slog.Logger

	mu    sync.Mutex
	read  os.FileInfo // as it was when it was read
	ahead time.Duration
}

// newClock returns the clock of a file, which has to be readable now.
func newClock(file string, log *slog.Logger) (*clock, error) {
	c := &clock{file: file, log: log}
	if file == "" {
		return c, nil
	}
	var err error
	if c.read, err = os.Stat(file); err == nil {
		c.ahead, err = ahead(file)
	}
	if err != nil {
		return nil, fmt.Errorf("--clock-offset-file: %w", err)
	}
	return c, nil
}

// ahead returns the duration that a file holds.
func ahead(file string) (time.Duration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s holds no duration such as 36h30m", file)
	}
	return d, nil
}

// Now returns the time of the program. When the file has changed it is read again;
// what cannot be read then is logged, and changes nothing.
func (c *clock) Now() time.Time {
	if c.file == "" {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := os.Stat(c.file)
	if err == nil && (!now.ModTime().Equal(c.read.ModTime()) || now.Size() != c.read.Size() || !os.SameFile(now, c.read)) {
		c.read = now
		var d time.Duration
		if d, err = ahead(c.file); err == nil {
			c.ahead = d
			c.log.Info("clock moved", "ahead", d)
		} else {
			c.log.Warn("clock not moved", "error", err)
		}
	}
	return time.Now().Add(c.ahead)
}

// look is how often a job looks whether it is due: sooner where somebody moves the
// clock and waits for what happens.
func (c *clock) look() time.Duration {
	if c.file == "" {
		return 10 * time.Minute
	}
	return 2 * time.Second
}
