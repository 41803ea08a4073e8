package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestLease lets twenty ask for a job at once: one gets it, and nobody else
// until its span is over.
func TestLease(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	var clock atomic.Pointer[time.Time]
	clock.Store(&now)
	storetest.Each(t, store.Options{Clock: func() time.Time { return *clock.Load() }}, func(t *testing.T, db *store.DB) {
		for _, step := range []struct {
			after time.Duration
			want  int32
		}{{0, 1}, {59 * time.Second, 0}, {time.Minute, 1}, {90 * time.Second, 0}} {
			at := now.Add(step.after)
			clock.Store(&at)
			var got atomic.Int32
			var asking sync.WaitGroup
			for range 20 {
				asking.Go(func() {
					mine, err := db.Lease(t.Context(), "sweep", time.Minute)
					if err != nil {
						t.Error(err)
					}
					if mine {
						got.Add(1)
					}
				})
			}
			asking.Wait()
			if got.Load() != step.want {
				t.Errorf("after %s %d have the lease, want %d", step.after, got.Load(), step.want)
			}
		}
		clock.Store(&now)
	})
}
