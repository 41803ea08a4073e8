package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// SignedIn is the guard of the rooms for staff: who is nobody yet is sent to the
// door, and comes back after it. A form is not sent there, for its text would be
// lost; its page keeps the text and says what to do. What somebody may do in a
// room is asked in the room.
func (w *Web) SignedIn(c *fiber.Ctx) error {
	if me := w.Me(c); me != nil {
		c.SetUserContext(escalation.ActingAs(c.UserContext(), me.Ref()))
		return c.Next()
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead:
		return Redirect(c, "/sign-in?next="+url.QueryEscape(c.OriginalURL()))
	}
	return &escalation.Error{Kind: escalation.Forbidden, Reason: "error.signed_out"}
}

// Allowed returns the guard of what needs a right that is asked for without a
// ticket. It stands behind [Web.SignedIn].
func (w *Web) Allowed(a escalation.Action) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !w.Me(c).May(a, nil) {
			return &escalation.Error{Kind: escalation.Forbidden, Reason: "error.closed"}
		}
		return c.Next()
	}
}

// manyCalls is where notes that wait for somebody are counted no further.
const manyCalls = 10

// called returns how many notes wait for who is signed in, for the header.
func (w *Web) called(c *fiber.Ctx) string {
	me := w.Me(c)
	if me == nil || w.Called == nil {
		return ""
	}
	n, err := w.Called(c.UserContext(), me.ID, manyCalls)
	switch {
	case err != nil:
		// The page is of more use without it than not at all.
		w.Log.WarnContext(c.UserContext(), "mentions not counted", "error", err, "request", RequestID(c))
		return ""
	case n == 0:
		return ""
	case n == manyCalls:
		return strconv.Itoa(n-1) + "+"
	}
	return strconv.Itoa(n)
}

// NotAllowed is the answer to somebody who works here, and may see something but
// lacks the right to do what was asked for.
func NotAllowed() error {
	return &escalation.Error{Kind: escalation.Forbidden, Reason: "error.not_allowed"}
}
