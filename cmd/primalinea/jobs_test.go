package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"primalinea/portal/web"
)

// TestRunPanics holds that what the program does beside requests goes on after a
// panic.
func TestRunPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{log: slog.New(slog.DiscardHandler), web: &web.Web{Metrics: web.NewMetrics()}}
		begun := 0
		h.run("letters", func() error {
			if begun++; begun < 3 {
				panic("broken")
			}
			return nil
		})
		h.running.Wait()
		if begun != 3 {
			t.Errorf("begun %d times, want 3", begun)
		}
	})
}

// TestJobPanics holds that a job which panics is told like any that fails: the
// process does it again next time.
func TestJobPanics(t *testing.T) {
	err := job{name: "sweep", do: func(context.Context) error { panic("broken") }}.once(t.Context())
	if err == nil || !strings.Contains(err.Error(), "panic: broken") {
		t.Errorf("error %v", err)
	}
}
