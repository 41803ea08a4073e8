package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/portal/web"
)

// How often it is tried whether things can be kept: by itself, and at most for
// those who ask.
const (
	probeEvery = 10 * time.Second
	probeMost  = 2 * time.Second
)

// A health knows whether what is answered can be kept. Each process tries for
// itself: it has a disk of its own.
type health struct {
	probe func(context.Context) error // keeps something in the database
	dir   string                      // the data folder
	log   *slog.Logger
	quota evidence.Quota // of attached files
	used  func(context.Context) (int64, error)

	mu    sync.Mutex
	tried time.Time
	err   error     // of the last try
	since time.Time // of the first in a row that failed because nothing can be written
	disk  disk
	files int64 // bytes of attached files
}

// check tries, unless somebody just did, and returns why nothing can be kept.
func (h *health) check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if now.Sub(h.tried) < probeMost {
		return h.err
	}
	// Who asks may go; the answer is for those who come after, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	h.tried, h.err = now, errors.Join(h.probe(ctx), h.file())
	if d, err := diskOf(h.dir); err == nil {
		h.disk = d
	}
	if n, err := h.used(ctx); err == nil {
		h.files = n
	}
	stuck := escalation.Unwritable(h.err) != nil
	switch {
	case stuck && h.since.IsZero():
		h.since = now
		h.log.Error("nothing can be written", "error", h.err, "free", h.disk.free)
	case !stuck && h.err == nil && !h.since.IsZero():
		h.log.Info("can be written again", "after", now.Sub(h.since).Round(time.Second))
		h.since = time.Time{}
	}
	return h.err
}

// file tries whether the data folder takes a file.
func (h *health) file() error {
	f, err := os.CreateTemp(h.dir, ".probe-*")
	if err == nil {
		_, err = f.Write(make([]byte, 64<<10))
		err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
	}
	if errors.Is(err, os.ErrPermission) {
		err = fmt.Errorf("%w: %w", escalation.ErrReadOnly, err)
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}

// run tries again and again until ctx ends.
func (h *health) run(ctx context.Context) error {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		h.check(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// low returns what is left on a disk that is nearly full: less than 200 MB, or
// than a hundredth; else 0.
func (d disk) low() int64 {
	if d.size > 0 && (d.free < 200<<20 || d.free < d.size/100) {
		return max(d.free, 1)
	}
	return 0
}

// kept returns how many bytes attached files take.
func (h *health) kept() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.files
}

// trouble says what staff should know.
func (h *health) trouble() web.Trouble {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := web.Trouble{Since: h.since, Left: h.disk.low()}
	if h.quota.Low(h.files) {
		t.Files, t.Quota = h.files, int64(h.quota)
	}
	if !h.since.IsZero() {
		switch escalation.Unwritable(h.err) {
		case escalation.ErrFull:
			t.Why = web.Full
		case escalation.ErrReadOnly:
			t.Why = web.ReadOnly
		default:
			t.Why = web.Unknown
		}
	}
	return t
}
