package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/themes"
)

// TestFail holds which error becomes which status, and that a handler is given a
// deadline: what takes too long is said to be busy, not broken.
func TestFail(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	w := &Web{
		Theme: theme, Site: setting.Default, Desk: escalation.ShippedDesk, Base: &url.URL{Scheme: "http", Host: "help.example"}, Log: slog.New(slog.DiscardHandler), Metrics: NewMetrics(),
		Sessions: &Sessions{}, Offered: func() []string { return []string{"en"} }, Now: time.Now,
	}
	for _, test := range []struct {
		err   error
		code  int
		retry string
	}{
		{fmt.Errorf("tell: %w", &escalation.Error{Kind: escalation.Conflict, Reason: "error.conflict"}), 409, ""},
		{&escalation.Error{Kind: escalation.Fault, Reason: "error.number"}, 500, ""},
		{fmt.Errorf("begin: %w", context.DeadlineExceeded), 503, "5"},
		{fmt.Errorf("tell: %w", escalation.ErrReadOnly), 503, "60"},
		{&os.PathError{Op: "write", Err: syscall.ENOSPC}, 503, "60"},
		{fiber.ErrNotFound, 404, ""},
		{fmt.Errorf("no idea"), 500, ""},
	} {
		app := fiber.New()
		app.Use(w.Watch)
		app.Get("/", func(c *fiber.Ctx) error {
			if end, ok := c.UserContext().Deadline(); !ok || time.Until(end) > deadline {
				t.Errorf("deadline %v, %t", end, ok)
			}
			return test.err
		})
		resp, err := app.Test(httptest.NewRequest("GET", "/", nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Retry-After"); resp.StatusCode != test.code || got != test.retry {
			t.Errorf("%v: %d, Retry-After %q, want %d, %q", test.err, resp.StatusCode, got, test.code, test.retry)
		}
	}
}
