package web

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/staff"
)

// oneSession is a store with a session that was last used an hour ago; ended
// says that it ends between being read and being used.
type oneSession struct {
	SessionRows
	ended bool
	until time.Time
}

var sessionNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (o *oneSession) Session(_ context.Context, hash string) (staff.Session, string, bool, error) {
	return staff.Session{Hash: hash, Created: sessionNow.Add(-time.Hour), Seen: sessionNow.Add(-time.Hour)}, `{"tickets":{"ABCDEFGH":{"ticket":"t"}}}`, true, nil
}

func (o *oneSession) TouchSession(_ context.Context, _ string, _, expires time.Time) (bool, error) {
	o.until = expires
	return !o.ended, nil
}

// TestProlong holds that using a session prolongs it, and that one which was
// ended in that moment stays ended.
func TestProlong(t *testing.T) {
	for _, ended := range []bool{false, true} {
		rows := &oneSession{ended: ended}
		now := func() time.Time { return sessionNow }
		w := &Web{Sessions: &Sessions{Rows: rows, Now: now}, Now: now}
		app := fiber.New()
		grants := -1
		app.Get("/", func(c *fiber.Ctx) error { grants = len(w.Session(c).Tickets); return nil })
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "pl=ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		resp, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		cookies := resp.Cookies()
		if ended {
			if grants != 0 || len(cookies) != 0 {
				t.Errorf("ended: %d grants, cookies %v", grants, cookies)
			}
			continue
		}
		if grants != 1 || len(cookies) != 1 || cookies[0].Value != "ABCDEFGHIJKLMNOPQRSTUVWXYZ" || cookies[0].MaxAge <= 0 || !cookies[0].HttpOnly {
			t.Errorf("used: %d grants, cookies %v", grants, cookies)
		}
		if want := sessionNow.Add(guestIdle); !rows.until.Equal(want) {
			t.Errorf("prolonged until %v, want %v", rows.until, want)
		}
	}
}
