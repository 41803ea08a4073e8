// Package door is where staff come in: by a link that works once, with address
// and password, and out again. Behind it is also what somebody may change about
// themselves.
package door

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// People is where those who work here are kept.
type People interface {
	// PersonByEmail returns who signs in with a folded address, or a NotFound error.
	PersonByEmail(ctx context.Context, email string) (staff.Person, error)
	// Invitation returns the invitation whose code has a hash, or a NotFound error.
	Invitation(ctx context.Context, hash string) (staff.Invitation, error)
	// UseInvitation keeps what accept makes of the invited person, or of nobody
	// when it is the first lead's. Of many at once it does so for one; for the
	// others, and for a first lead once somebody works here, there is no such link.
	UseInvitation(ctx context.Context, hash string, accept func(*staff.Person) error) (staff.Person, error)
	// ChangePerson keeps what edit makes of a person.
	ChangePerson(ctx context.Context, id string, edit func(*staff.Person) error) (staff.Person, error)
	// AskReset has a link written to whoever signs in with an address, if anybody
	// does; it takes as long for all of them.
	AskReset(ctx context.Context, email, lang string) error
	// SessionsOf returns where a person is signed in, the last used first.
	SessionsOf(ctx context.Context, person string) ([]staff.Session, error)
	// DeleteSessionsOf signs a person out everywhere, but for the session with a hash.
	DeleteSessionsOf(ctx context.Context, person, except string) error
	// DeleteSessionOf ends one session of a person.
	DeleteSessionOf(ctx context.Context, person, hash string) error
}

// A Guard slows down who guesses passwords; [staff.Limiter] is one.
type Guard interface {
	Begin(ctx context.Context, email string, from netip.Addr, now time.Time) error
	Succeeded(ctx context.Context, email string, from netip.Addr, now time.Time) error
	// Ask is called before a new password is asked for; ok is false when nothing more
	// is to be done for the address.
	Ask(ctx context.Context, email string, from netip.Addr, now time.Time) (ok bool, err error)
}

// A Room is the door of the house.
type Room struct {
	*web.Web
	People    People
	Passwords *staff.Passwords
	Guesses   Guard
	IDs       func() string
	Mail      bool // letters are sent
	// Samples are the ids of the made-up people of a demo, who sign in with one
	// click. Anywhere else there are none, and no such address.
	Samples []string
	// Letters returns the last letters of a demo to an address, or to any when it is
	// empty: their recipients read them here. It is nil anywhere else.
	Letters func(ctx context.Context, to string) ([]Letter, error)
}

// Mount gives the room its addresses. A one-time link leads to one of three: the
// first lead's, which set-up prints, one that a lead hands out, and one for whoever
// forgot the password.
func (r *Room) Mount(app fiber.Router) {
	app.Get("/sign-in", r.showSignIn)
	app.Post("/sign-in", r.signIn)
	app.Get("/sign-in/code", r.showCode)
	app.Post("/sign-in/code", r.code)
	app.Get("/sign-in/forgot", r.showForgot)
	app.Post("/sign-in/forgot", r.forgot)
	app.Post("/sign-out", r.signOut)
	if len(r.Samples) > 0 {
		app.Post("/sign-in/sample", r.signInSample)
	}
	if r.Letters != nil {
		app.Get("/demo/letters", r.letters)
	}
	for _, path := range []string{"/set-up/:code", "/join/:code", "/reset/:code"} {
		app.Get(path, r.showJoin)
		app.Post(path, r.join)
	}
	app.Get("/account", r.SignedIn, r.showAccount)
	app.Post("/account", r.SignedIn, r.changeAccount)
	app.Post("/account/password", r.SignedIn, r.changePassword)
	app.Post("/account/notices", r.SignedIn, r.changeNotices)
	app.Post("/account/sessions", r.SignedIn, r.endSessions)
	app.Get("/account/factor", r.SignedIn, r.showFactor)
	app.Post("/account/factor", r.SignedIn, r.addFactor)
	app.Post("/account/factor/codes", r.SignedIn, r.renewCodes)
	app.Post("/account/factor/remove", r.SignedIn, r.removeFactor)
}

// home is where somebody's work is.
func home(p staff.Person) string {
	switch {
	case p.Is(staff.Agent):
		return "/desk"
	case p.Is(staff.Lead):
		return "/lead"
	case p.Is(staff.Writer):
		return "/write"
	}
	return "/account"
}

// languages returns the languages that pages for staff are written in.
func (r *Room) languages() []string { return r.Theme.Words.Languages() }

// language returns the language that a form asks for, if there is such a one.
func (r *Room) language(c *fiber.Ctx) string {
	if l := c.FormValue("lang"); slices.Contains(r.languages(), l) {
		return l
	}
	return ""
}
