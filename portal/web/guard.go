package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/limiter"

	"primalinea/escalation"
)

// requestKey is where a request's id is kept.
const requestKey = "request"

// RequestID returns the id of a request, as the log and the page of a fault name
// it.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestKey).(string)
	return id
}

// deadline is how long a request may take once it was received. Nobody waits
// longer, and what it waits for has others in its queue.
const deadline = 30 * time.Second

// Watch is the outermost guard: it names the request, gives it a deadline,
// catches panics, writes one line to the log, and counts. Paths are logged without their query, which
// may hold a secret.
func (w *Web) Watch(c *fiber.Ctx) (err error) {
	var random [8]byte
	rand.Read(random[:]) // never fails
	id := hex.EncodeToString(random[:])
	c.Locals(requestKey, id)
	c.Set(fiber.HeaderXRequestID, id)
	start := time.Now()
	ctx, cancel := context.WithTimeout(c.UserContext(), deadline)
	defer cancel()
	c.SetUserContext(ctx)
	defer func() {
		if r := recover(); r != nil {
			err = w.Fail(c, fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
		took := time.Since(start)
		w.Metrics.Request(c.Route().Path, c.Response().StatusCode(), took)
		level := slog.LevelDebug
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || c.Response().StatusCode() >= 400 {
			level = slog.LevelInfo // what changes something or fails; readers are only counted
		}
		w.Log.LogAttrs(c.UserContext(), level, "request", slog.String("request", id), slog.String("method", c.Method()),
			slog.String("path", logged(c)), slog.Int("status", c.Response().StatusCode()), slog.Duration("took", took))
	}()
	// The error is answered here, not by fiber after the chain, so that its
	// status is counted too.
	if err := c.Next(); err != nil {
		return w.Fail(c, err)
	}
	return nil
}

// logged is a request's path as the log may hold it: a one-time link that was not
// used yet opens the house to whoever reads it.
func logged(c *fiber.Ctx) string {
	for _, door := range []string{"/set-up/", "/join/", "/reset/", "/requests/", "/subscriptions/"} {
		if strings.HasPrefix(c.Path(), door) {
			return door + "…"
		}
	}
	for _, door := range []string{"/address/", "/keep/"} {
		if number, _, ok := strings.Cut(c.Path(), door); ok {
			return number + door + "…"
		}
	}
	return c.Path()
}

// Guard sets the headers of every answer and refuses requests that no page of
// ours makes.
func (w *Web) Guard(c *fiber.Ctx) error {
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=()")
	if w.Secure() {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if !w.Indexed() {
		h.Set("X-Robots-Tag", "noindex") // of every answer, also of those from the cache
	}
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.ErrUnsupportedMediaType // it would be inflated without limit
	}
	if !w.ours(c) {
		return fiber.NewError(fiber.StatusMisdirectedRequest)
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	if !strings.HasPrefix(c.Path(), "/api/") && !w.sameOrigin(c) {
		return &escalation.Error{Kind: escalation.Forbidden, Reason: "error.origin"}
	}
	return c.Next()
}

// ours reports whether a request names the host that the site is configured
// for, or this very machine, as health checks do.
func (w *Web) ours(c *fiber.Ctx) bool {
	host := strings.ToLower(string(c.Context().Host()))
	if host == strings.ToLower(w.Base.Host) {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if name == "localhost" || name == strings.ToLower(w.Base.Hostname()) {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.IsLoopback()
}

// sameOrigin reports whether a form was sent from a page of this site. Browsers
// say so by themselves, so that no token has to stand in pages that are cached.
func (w *Web) sameOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || origin.Host == "" {
		return false
	}
	return strings.EqualFold(origin.Scheme, w.Base.Scheme) && (strings.EqualFold(origin.Host, w.Base.Host) ||
		w.Base.Scheme == "http" && strings.EqualFold(origin.Host, string(c.Context().Host())))
}

// Limit returns a guard that lets each address through at most n times in a
// span. An IPv6 customer has a whole network: it counts as one.
func (w *Web) Limit(n int, span time.Duration) fiber.Handler {
	if !w.Limits {
		return func(c *fiber.Ctx) error { return c.Next() }
	}
	return limiter.New(limiter.Config{
		Max:        n,
		Expiration: span,
		KeyGenerator: func(c *fiber.Ctx) string {
			a := w.Address(c)
			if a.Is6() {
				if p, err := a.Prefix(64); err == nil {
					return p.String()
				}
			}
			return a.String()
		},
		LimitReached: func(c *fiber.Ctx) error {
			return &escalation.Error{Kind: escalation.TooMany, Reason: "error.too_many"}
		},
		LimiterMiddleware: limiter.SlidingWindow{},
	})
}
