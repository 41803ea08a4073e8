package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// SessionRows keeps sessions where signing out everywhere can reach them.
type SessionRows interface {
	// Session returns what belongs to a hash, unless it has expired.
	Session(ctx context.Context, hash string) (s staff.Session, data string, found bool, err error)
	SaveSession(ctx context.Context, s staff.Session, data string, expires time.Time) error
	// TouchSession prolongs a session, unless it was ended meanwhile.
	TouchSession(ctx context.Context, hash string, seen, expires time.Time) (found bool, err error)
	DeleteSession(ctx context.Context, hash string) error
}

const (
	// guestIdle is how long the session of somebody who follows a ticket lives
	// without being used. That of staff is package staff's to say.
	guestIdle = 60 * 24 * time.Hour
	// touch is how seldom the last use of a session is written down.
	touch = 5 * time.Minute
)

// A Session is what the server remembers of one browser. The browser holds a
// random name for it and nothing else.
type Session struct {
	Tickets map[string]Grant `json:"tickets,omitempty"` // by number: tickets whose link was followed here
	Halfway *Halfway         `json:"halfway,omitempty"` // who is being signed in

	row    staff.Session
	cookie string // the browser's name for it; empty until it is saved
	kept   bool   // it was read from its row
}

// A Grant says by which link a ticket was opened, so that revoking the link
// revokes the grant.
type Grant struct {
	Ticket     string `json:"ticket"` // id
	Recipient  string `json:"recipient"`
	Generation int    `json:"generation"`
}

// Halfway is somebody who said the right password and still has to show a code.
type Halfway struct {
	Person string    `json:"person"` // id
	Proof  string    `json:"proof"`  // of that password
	Until  time.Time `json:"until"`
}

// halfwayLife is how long the password alone is remembered.
const halfwayLife = 10 * time.Minute

// Sessions reads and writes sessions through gorilla/sessions, over rows of our
// own: its cookie store could not sign anybody out.
type Sessions struct {
	Rows   SessionRows
	Secure bool // the site is reached by https
	Now    func() time.Time

	saving [64]sync.Mutex // by the first letters of a session's hash
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

// Get implements [sessions.Store].
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New implements [sessions.Store]. A cookie that names nothing means nobody.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(s, name)
	g.Options = s.options(guestIdle)
	g.IsNew = true
	held := &Session{Tickets: map[string]Grant{}}
	g.Values["session"] = held
	cookie, err := r.Cookie(name)
	if err != nil || len(cookie.Value) != cookieLength {
		return g, nil
	}
	row, data, found, err := s.Rows.Session(r.Context(), staff.Hash(cookie.Value))
	if err != nil || !found {
		return g, err
	}
	if err := json.Unmarshal([]byte(data), held); err != nil {
		return g, fmt.Errorf("session: %w", err)
	}
	if held.Tickets == nil {
		held.Tickets = map[string]Grant{}
	}
	held.row, held.cookie, held.kept = row, cookie.Value, true
	g.ID, g.IsNew = cookie.Value, false
	return g, nil
}

// cookieLength is that of [rand.Text].
const cookieLength = 26

// Save implements [sessions.Store].
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	held, ok := g.Values["session"].(*Session)
	if !ok {
		return errors.New("session: not one of ours")
	}
	if g.Options.MaxAge < 0 {
		if held.cookie != "" {
			if err := s.Rows.DeleteSession(r.Context(), staff.Hash(held.cookie)); err != nil {
				return err
			}
		}
		http.SetCookie(w, sessions.NewCookie(g.Name(), "", g.Options))
		return nil
	}
	if held.kept {
		one := &s.saving[held.row.Hash[0]%64]
		one.Lock()
		defer one.Unlock()
		if found, err := s.merge(r.Context(), held); err != nil || !found {
			return err // who was signed out meanwhile stays so
		}
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	if held.cookie == "" {
		held.cookie = rand.Text()
		held.row = staff.Session{Hash: staff.Hash(held.cookie), Created: now}
	}
	held.row.Seen = now
	data, err := json.Marshal(held)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if err := s.Rows.SaveSession(r.Context(), held.row, string(data), expires(held.row)); err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(g.Name(), held.cookie, g.Options))
	return nil
}

// expires returns until when a session lives that was used when its row says.
func expires(row staff.Session) time.Time {
	if row.Person == "" {
		return row.Seen.Add(guestIdle)
	}
	end := row.Created.Add(staff.SessionLife)
	if idle := row.Seen.Add(staff.SessionIdle); idle.Before(end) {
		return idle
	}
	return end
}

// merge adds what another answer to the same browser has kept since a session was
// read: two links that are followed at once both open their tickets.
func (s *Sessions) merge(ctx context.Context, held *Session) (found bool, err error) {
	_, data, found, err := s.Rows.Session(ctx, held.row.Hash)
	if err != nil || !found {
		return found, err
	}
	var now Session
	if err := json.Unmarshal([]byte(data), &now); err != nil {
		return true, fmt.Errorf("session: %w", err)
	}
	for number, g := range now.Tickets {
		if mine, ok := held.Tickets[number]; !ok || g.Generation > mine.Generation {
			held.Tickets[number] = g
		}
	}
	return true, nil
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
	// A page that lies open asks again and again by itself: nobody uses the session by that.
	listens := strings.Contains(c.Get(fiber.HeaderAccept), eventStream)
	if s.cookie != "" && !listens && w.Now().Sub(s.row.Seen) > touch {
		if err := w.prolong(c, s); err != nil {
			w.Log.ErrorContext(c.UserContext(), "session not prolonged", "error", err, "request", RequestID(c))
		}
	}
	return s
}

// prolong notes that a session is used. One that was ended since it was read is
// that of a stranger.
func (w *Web) prolong(c *fiber.Ctx, s *Session) error {
	row := s.row
	row.Seen = w.Now().UTC().Truncate(time.Millisecond)
	found, err := w.Sessions.Rows.TouchSession(c.UserContext(), row.Hash, row.Seen, expires(row))
	if err != nil {
		return err
	}
	if !found {
		*s = Session{Tickets: map[string]Grant{}}
		return nil
	}
	s.row = row
	cookie := sessions.NewCookie(w.Sessions.name(), s.cookie, w.Sessions.options(guestIdle))
	c.Response().Header.Add(fiber.HeaderSetCookie, cookie.String())
	return nil
}

// SaveSession writes a session and tells the browser its name.
func (w *Web) SaveSession(c *fiber.Ctx, s *Session) error {
	return w.keep(c, s, w.Sessions.options(guestIdle))
}

// SignIn makes the session that of a person, under a new name: who knew the old
// one gains nothing.
func (w *Web) SignIn(c *fiber.Ctx, person string) error {
	p, err := w.People.Person(c.UserContext(), person)
	if err != nil {
		return err
	}
	old := w.Session(c)
	if old.cookie != "" {
		if err := w.Sessions.Rows.DeleteSession(c.UserContext(), old.row.Hash); err != nil {
			return err
		}
	}
	s := &Session{Tickets: old.Tickets}
	s.row, s.cookie = staff.NewSession(p, c.Get(fiber.HeaderUserAgent), w.Now())
	c.Locals(sessionKey, s)
	c.Locals(meKey, nil)
	return w.SaveSession(c, s)
}

// SignInHalfway remembers, under a new name, that somebody said the right password.
// They are nobody yet.
func (w *Web) SignInHalfway(c *fiber.Ctx, p staff.Person) error {
	old := w.Session(c)
	if old.cookie != "" {
		if err := w.Sessions.Rows.DeleteSession(c.UserContext(), old.row.Hash); err != nil {
			return err
		}
	}
	s := &Session{Tickets: old.Tickets, Halfway: &Halfway{p.ID, staff.Proof(p), w.Now().Add(halfwayLife)}}
	c.Locals(sessionKey, s)
	c.Locals(meKey, nil)
	return w.SaveSession(c, s)
}

// Halfway returns who said the right password and still has to show a code, or nil.
func (w *Web) Halfway(c *fiber.Ctx) (*staff.Person, error) {
	half := w.Session(c).Halfway
	if half == nil || !w.Now().Before(half.Until) {
		return nil, nil
	}
	p, err := w.People.Person(c.UserContext(), half.Person)
	if escalation.KindOf(err) == escalation.NotFound {
		return nil, nil
	}
	if err != nil || p.Disabled || p.Factor == nil || half.Proof != staff.Proof(p) {
		return nil, err
	}
	return &p, nil
}

// Hash names the session in the list of a person's sessions; empty for a stranger.
func (s *Session) Hash() string { return s.row.Hash }

// SignOut ends the session for good.
func (w *Web) SignOut(c *fiber.Ctx) error {
	s := w.Session(c)
	c.Locals(sessionKey, &Session{Tickets: map[string]Grant{}})
	c.Locals(meKey, nil)
	return w.keep(c, s, w.Sessions.options(-time.Second))
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

// follows says whether the browser follows tickets. Of who has no cookie, which is
// nearly everybody, nothing is asked.
func (w *Web) follows(c *fiber.Ctx) bool {
	return c.Cookies(w.Sessions.name()) != "" && len(w.Session(c).Tickets) > 0
}

// Me returns who is signed in, or nil. Who was disabled, or has another password
// since, is nobody.
func (w *Web) Me(c *fiber.Ctx) *staff.Person {
	if me, ok := c.Locals(meKey).(*staff.Person); ok {
		return me
	}
	if c.Cookies(w.Sessions.name()) == "" {
		return nil
	}
	s := w.Session(c)
	if s.row.Person == "" {
		return nil
	}
	p, err := w.People.Person(c.UserContext(), s.row.Person)
	if err != nil {
		if escalation.KindOf(err) != escalation.NotFound {
			w.Log.ErrorContext(c.UserContext(), "person not read", "error", err, "request", RequestID(c))
		}
		return nil
	}
	if !s.row.Valid(p, w.Now()) {
		return nil
	}
	c.Locals(meKey, &p)
	return &p
}
