package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// SessionRows keeps sessions where signing out everywhere can reach them.
type SessionRows interface {
	// LoadSession returns what belongs to a hash, unless it has expired.
	LoadSession(ctx context.Context, hash string) (person, data string, found bool, err error)
	SaveSession(ctx context.Context, hash, person, data string, expires time.Time) error
	DeleteSession(ctx context.Context, hash string) error
}

// How long a session lives: without being used, and at all.
const (
	sessionIdle = 14 * 24 * time.Hour
	sessionLife = 60 * 24 * time.Hour
	// sessionTouch is how seldom a session's last use is written down.
	sessionTouch = time.Hour
)

// A Session is what the server remembers of one browser. The browser holds a
// random name for it and nothing else.
type Session struct {
	Staff   string           `json:"-"`                 // id of who is signed in
	Created time.Time        `json:"created"`           // or signed in
	Seen    time.Time        `json:"seen"`              // last written
	Tickets map[string]Grant `json:"tickets,omitempty"` // by number: tickets whose link was followed here

	cookie string // the browser's name for it; empty until it is saved
}

// A Grant says by which link a ticket was opened, so that revoking the link
// revokes the grant.
type Grant struct {
	Ticket     string `json:"ticket"` // id
	Recipient  string `json:"recipient"`
	Generation int    `json:"generation"`
}

// Sessions reads and writes sessions through gorilla/sessions, over rows of our
// own: its cookie store could not sign anybody out.
type Sessions struct {
	Rows   SessionRows
	Secure bool // the site is reached by https
	Now    func() time.Time
}

// name of the session's cookie. The prefix makes browsers insist on https, this
// host alone, and the path /.
func (s *Sessions) name() string {
	if s.Secure {
		return "__Host-pl"
	}
	return "pl"
}

func (s *Sessions) options(age time.Duration) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: int(age / time.Second), HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
}

func hashOf(cookie string) string {
	sum := sha256.Sum256([]byte(cookie))
	return hex.EncodeToString(sum[:])
}

// Get implements [sessions.Store].
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New implements [sessions.Store]. A cookie that names nothing means nobody.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(s, name)
	g.Options = s.options(sessionIdle)
	g.IsNew = true
	held := &Session{Tickets: map[string]Grant{}}
	g.Values["session"] = held
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) != cookieLength {
		return g, nil
	}
	person, data, found, err := s.Rows.LoadSession(r.Context(), hashOf(cookie.Value))
	if err != nil || !found {
		return g, err
	}
	if err := json.Unmarshal([]byte(data), held); err != nil {
		return g, fmt.Errorf("session: %w", err)
	}
	if held.Tickets == nil {
		held.Tickets = map[string]Grant{}
	}
	held.Staff, held.cookie = person, cookie.Value
	g.ID, g.IsNew = cookie.Value, false
	return g, nil
}

// cookieLength is that of 32 random bytes in hexadecimal digits.
const cookieLength = 64

// Save implements [sessions.Store].
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	held, ok := g.Values["session"].(*Session)
	if !ok {
		return errors.New("session: not one of ours")
	}
	if g.Options.MaxAge < 0 {
		if held.cookie != "" {
			if err := s.Rows.DeleteSession(r.Context(), hashOf(held.cookie)); err != nil {
				return err
			}
		}
		http.SetCookie(w, sessions.NewCookie(g.Name(), "", g.Options))
		return nil
	}
	held.Seen = s.Now().UTC().Truncate(time.Second)
	if held.cookie == "" {
		var random [cookieLength / 2]byte
		rand.Read(random[:]) // never fails
		held.cookie = hex.EncodeToString(random[:])
		held.Created = held.Seen
	}
	data, err := json.Marshal(held)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	expires := held.Seen.Add(sessionIdle)
	if end := held.Created.Add(sessionLife); expires.After(end) {
		expires = end
	}
	if err := s.Rows.SaveSession(r.Context(), hashOf(held.cookie), held.Staff, string(data), expires); err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(g.Name(), held.cookie, g.Options))
	return nil
}

// jar is a ResponseWriter that keeps nothing but headers: it is how
// gorilla/sessions, which speaks net/http, sets a cookie of a fiber answer.
type jar http.Header

func (j jar) Header() http.Header         { return http.Header(j) }
func (j jar) Write(b []byte) (int, error) { return len(b), nil }
func (j jar) WriteHeader(int)             {}

// bridge returns a request with nothing but the cookies.
func bridge(c *fiber.Ctx) *http.Request {
	r := (&http.Request{Header: http.Header{}}).WithContext(c.UserContext())
	if cookies := c.Get(fiber.HeaderCookie); cookies != "" {
		r.Header.Set("Cookie", string(bytes.Clone([]byte(cookies))))
	}
	return r
}

type localKey int

const (
	sessionKey localKey = iota
	meKey
)

// Session returns the browser's session, which is empty for a stranger.
func (w *Web) Session(c *fiber.Ctx) *Session {
	if s, ok := c.Locals(sessionKey).(*Session); ok {
		return s
	}
	g, err := w.Sessions.New(bridge(c), w.Sessions.name())
	if err != nil {
		w.Log.ErrorContext(c.UserContext(), "session not read", "error", err, "request", RequestID(c))
	}
	s := g.Values["session"].(*Session)
	c.Locals(sessionKey, s)
	if s.cookie != "" && w.Now().Sub(s.Seen) > sessionTouch {
		if err := w.SaveSession(c, s); err != nil {
			w.Log.ErrorContext(c.UserContext(), "session not prolonged", "error", err, "request", RequestID(c))
		}
	}
	return s
}

// SaveSession writes a session and tells the browser its name.
func (w *Web) SaveSession(c *fiber.Ctx, s *Session) error {
	return w.keep(c, s, w.Sessions.options(sessionIdle))
}

// SignIn makes the session that of a person, under a new name: who knew the old
// one gains nothing.
func (w *Web) SignIn(c *fiber.Ctx, person string) error {
	old := w.Session(c)
	if err := w.forget(c, old); err != nil {
		return err
	}
	s := &Session{Staff: person, Tickets: old.Tickets}
	c.Locals(sessionKey, s)
	c.Locals(meKey, nil)
	return w.SaveSession(c, s)
}

// SignOut ends the session for good.
func (w *Web) SignOut(c *fiber.Ctx) error {
	s := w.Session(c)
	c.Locals(sessionKey, &Session{Tickets: map[string]Grant{}})
	c.Locals(meKey, nil)
	return w.keep(c, s, w.Sessions.options(-time.Second))
}

func (w *Web) forget(c *fiber.Ctx, s *Session) error {
	if s.cookie == "" {
		return nil
	}
	return w.Sessions.Rows.DeleteSession(c.UserContext(), hashOf(s.cookie))
}

func (w *Web) keep(c *fiber.Ctx, s *Session, o *sessions.Options) error {
	g := sessions.NewSession(w.Sessions, w.Sessions.name())
	g.Options, g.Values["session"] = o, s
	headers := jar{}
	if err := w.Sessions.Save(bridge(c), headers, g); err != nil {
		return err
	}
	for _, cookie := range http.Header(headers).Values("Set-Cookie") {
		c.Response().Header.Add("Set-Cookie", cookie)
	}
	return nil
}

// Me returns who is signed in, or nil. A person who was disabled is nobody.
func (w *Web) Me(c *fiber.Ctx) *staff.Person {
	if me, ok := c.Locals(meKey).(*staff.Person); ok {
		return me
	}
	if c.Cookies(w.Sessions.name()) == "" {
		return nil
	}
	s := w.Session(c)
	if s.Staff == "" {
		return nil
	}
	p, err := w.People.Person(c.UserContext(), s.Staff)
	if err != nil {
		if escalation.KindOf(err) != escalation.NotFound {
			w.Log.ErrorContext(c.UserContext(), "person not read", "error", err, "request", RequestID(c))
		}
		return nil
	}
	if p.Disabled {
		return nil
	}
	c.Locals(meKey, &p)
	return &p
}
