package main

import (
	"context"
	"time"
)

// A job is done every so often, by one process at a time.
type job struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

// table is all that is done beside requests.
func (h *house) table() []job {
	return []job{
		{"sweep sessions", time.Hour, h.db.SweepSessions},
		{"sweep staff", time.Hour, func(ctx context.Context) error { return h.db.SweepStaff(ctx, time.Now().Add(-30*24*time.Hour)) }},
	}
}

// jobs starts them. A lease makes sure that of several processes one does each.
func (h *house) jobs(ctx context.Context) {
	for _, j := range h.table() {
		h.run(j.name, func() error {
			tick := time.NewTicker(min(j.every, 10*time.Minute))
			defer tick.Stop()
			for {
				mine, err := h.db.Lease(ctx, j.name, j.every)
				if err == nil && mine {
					err = j.do(ctx)
				}
				if err != nil && ctx.Err() == nil {
					h.log.Error("job failed", "job", j.name, "error", err)
				}
				select {
				case <-ctx.Done():
					return nil
				case <-tick.C:
				}
			}
		})
	}
}
