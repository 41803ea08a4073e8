package main

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestClock moves the clock by its file, while the site answers.
func TestClock(t *testing.T) {
	t.Setenv("PRIMALINEA_TEST", "1")
	file := filepath.Join(t.TempDir(), "ahead")
	ahead := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	ahead("0s\n")
	site := command(t, func(s *serveCmd) { s.ClockOffsetFile = file }).start(t).staffed()
	shows := func(want time.Duration) {
		t.Helper()
		if got := time.Until(site.clock.Now()); (got - want).Abs() > time.Minute {
			t.Errorf("the clock is %s ahead, want %s", got, want)
		}
	}
	shows(0)
	p := player{t: t, site: site, vars: map[string]string{}, visited: map[string][]string{}, contract: contract(t), where: "clock"}
	desk := func(want int) {
		t.Helper()
		p.line("GET", "/desk")
		p.ask()
		if p.resp.StatusCode != want {
			t.Errorf("the desk answers %d, want %d", p.resp.StatusCode, want)
		}
	}
	p.line("as", "agent1")
	desk(http.StatusOK)
	ahead("36h") // a session that nobody uses lives for twelve
	shows(36 * time.Hour)
	desk(http.StatusSeeOther)
	p.line("as", "agent1") // the store and the pages have the same time
	desk(http.StatusOK)

	// What cannot be read changes nothing.
	for _, text := range []string{"", "tomorrow", "-1h"} {
		ahead(text)
		shows(36 * time.Hour)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	shows(36 * time.Hour)
	ahead("48h")
	shows(48 * time.Hour)
}

func TestClockWithoutFile(t *testing.T) {
	c, err := newClock("", slog.New(slog.DiscardHandler))
	if err != nil || time.Since(c.Now()).Abs() > time.Minute {
		t.Errorf("%v, %v", c, err)
	}
}
