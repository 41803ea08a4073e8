package main

import (
	"context"
	"strings"
	"testing"
)

// TestJobPanics holds that a job which panics is told like any that fails: the
// process does it again next time.
func TestJobPanics(t *testing.T) {
	err := job{name: "sweep", do: func(context.Context) error { panic("broken") }}.once(t.Context())
	if err == nil || !strings.Contains(err.Error(), "panic: broken") {
		t.Errorf("error %v", err)
	}
}
