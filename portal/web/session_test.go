package web

import (
	"context"
	"net/http"
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

// use asks for a page with the session, and returns how many tickets it opens, and the
// cookies that come back.
func (o *oneSession) use(t *testing.T, accept string) (grants int, cookies []*http.Cookie) {
	t.Helper()
	now := func() time.Time { return sessionNow }
	w := &Web{Sessions: &Sessions{Rows: o, Now: now}, Now: now}
	app := fiber.New()
	grants = -1
	app.Get("/", func(c *fiber.Ctx) error { grants = len(w.Session(c).Tickets); return nil })
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "pl=ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	r.Header.Set("Accept", accept)
	resp, err := app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	return grants, resp.Cookies()
}

// TestProlong holds that using a session prolongs it, and that one which was
// ended in that moment stays ended.
func TestProlong(t *testing.T) {
	for _, ended := range []bool{false, true} {
		rows := &oneSession{ended: ended}
		grants, cookies := rows.use(t, "*/*")
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

// TestListeningProlongsNothing: a page that lies open comes again and again by itself, and
// whoever left it is signed out in time all the same.
func TestListeningProlongsNothing(t *testing.T) {
	rows := &oneSession{}
	grants, _ := rows.use(t, eventStream)
	if grants != 1 || !rows.until.IsZero() {
		t.Errorf("%d grants, prolonged until %v", grants, rows.until)
	}
}

// rows keeps sessions in memory.
type rows map[string]string

func (r rows) Session(_ context.Context, hash string) (staff.Session, string, bool, error) {
	data, found := r[hash]
	return staff.Session{Hash: hash}, data, found, nil
}

func (r rows) SaveSession(_ context.Context, s staff.Session, data string, _ time.Time) error {
	r[s.Hash] = data
	return nil
}

func (r rows) TouchSession(_ context.Context, hash string, _, _ time.Time) (bool, error) {
	_, found := r[hash]
	return found, nil
}

func (r rows) DeleteSession(_ context.Context, hash string) error {
	delete(r, hash)
	return nil
}

// TestSessionAtOnce answers one browser twice at the same time: what each answer
// adds is kept, and who signs out meanwhile stays so.
func TestSessionAtOnce(t *testing.T) {
	kept := rows{}
	s := &Sessions{Rows: kept, Now: time.Now}
	var cookie *http.Cookie
	read := func() func(ticket string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		g, err := s.New(r, s.name())
		if err != nil {
			t.Fatal(err)
		}
		return func(ticket string) {
			t.Helper()
			held := g.Values["session"].(*Session)
			if ticket == "" {
				g.Options.MaxAge = -1
			} else {
				held.Tickets[ticket] = Grant{Ticket: ticket}
			}
			w := httptest.NewRecorder()
			if err := s.Save(r, w, g); err != nil {
				t.Fatal(err)
			}
			if set := w.Result().Cookies(); len(set) > 0 {
				cookie = set[0]
			}
		}
	}
	read()("first")
	second, third, out := read(), read(), read()
	second("second")
	third("third")
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(cookie)
	g, err := s.New(r, s.name())
	if err != nil {
		t.Fatal(err)
	}
	held := g.Values["session"].(*Session)
	for _, ticket := range []string{"first", "second", "third"} {
		if _, ok := held.Tickets[ticket]; !ok {
			t.Errorf("the %s ticket is not opened any more", ticket)
		}
	}

	late := read()
	out("")
	late("late")
	if len(kept) != 0 {
		t.Errorf("%d sessions are there after signing out", len(kept))
	}
}
