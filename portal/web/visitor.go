package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// visitorAge is how long a browser is known as the same visitor.
const visitorAge = 30 * 24 * time.Hour

func (w *Web) visitorCookie() string {
	if w.Secure() {
		return "__Host-plv"
	}
	return "plv"
}

// Visitor returns the browser's random name, or "" for one that has none or
// asked not to be followed. It is stored nowhere as it is: journeys keep an HMAC
// of it.
func (w *Web) Visitor(c *fiber.Ctx) string {
	if Private(c) {
		return ""
	}
	return c.Cookies(w.visitorCookie())
}

// MeetVisitor is Visitor at a search, vote or form: it gives a name to a browser
// that has none yet. Reading a page never does.
func (w *Web) MeetVisitor(c *fiber.Ctx) string {
	if v := w.Visitor(c); v != "" || Private(c) {
		return v
	}
	v := w.NewVisitor(w.Now())
	c.Cookie(&fiber.Cookie{
		Name: w.visitorCookie(), Value: v, Path: "/", MaxAge: int(visitorAge / time.Second),
		HTTPOnly: true, Secure: w.Secure(), SameSite: fiber.CookieSameSiteLaxMode,
	})
	return v
}

// ForgetVisitor takes the browser's name away.
func (w *Web) ForgetVisitor(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{
		Name: w.visitorCookie(), Path: "/", Expires: time.Unix(0, 0),
		HTTPOnly: true, Secure: w.Secure(), SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// Private reports whether the browser asks not to be followed.
func Private(c *fiber.Ctx) bool {
	return c.Get("Sec-GPC") == "1" || c.Get("DNT") == "1"
}
