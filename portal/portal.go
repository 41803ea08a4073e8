// Package portal is the fiber site: it mounts the rooms, and puts the guards
// around them.
package portal

import (
	"bytes"
	"cmp"
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"

	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A Room is a part of the site with addresses of its own.
type Room interface {
	Mount(fiber.Router)
}

// A Site is the whole portal.
type Site struct {
	*web.Web
	App *fiber.App
}

// Limits on what a request may cost. Attachments have a limit of their own.
const (
	bodyLimit   = 64 << 20
	readTimeout = 30 * time.Second
	// writeTimeout is how long a slow reader may take to take an answer.
	writeTimeout = 60 * time.Second
	idleTimeout  = 90 * time.Second
)

// Tokens knows which programs may act.
type Tokens interface {
	// TokenByHash returns the token whose secret has a hash, or a NotFound error.
	TokenByHash(ctx context.Context, hash string) (staff.Token, error)
}

// New returns a site with these rooms. ready says why the site cannot do its
// work now, or nil.
func New(w *web.Web, ready func(context.Context) error, tokens Tokens, rooms ...Room) *Site {
	app := fiber.New(fiber.Config{
		AppName:               "primalinea",
		Immutable:             true,
		CaseSensitive:         true,
		StrictRouting:         true,
		DisableStartupMessage: true,
		BodyLimit:             bodyLimit,
		ReadTimeout:           readTimeout,
		WriteTimeout:          writeTimeout,
		IdleTimeout:           idleTimeout,
		ReadBufferSize:        16 << 10,
		WriteBufferSize:       32 << 10, // the default writes each page twice
		Concurrency:           16 << 10,
		ErrorHandler:          w.Fail,
	})
	app.Server().HeaderReceived = costs
	s := &Site{Web: w, App: app}
	app.Use(w.Watch)
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.Get("/readyz", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			// Why is for the log: it may name a server, and anybody may ask.
			w.Log.WarnContext(ctx, "not ready", "error", err)
			return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
		}
		return c.SendString("ready\n")
	})
	app.Use(w.Guard)
	metrics := adaptor.HTTPHandler(promhttp.HandlerFor(w.Metrics.Registry, promhttp.HandlerOpts{}))
	app.Get("/metrics", func(c *fiber.Ctx) error {
		secret, _ := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		token, err := tokens.TokenByHash(c.UserContext(), staff.Hash(secret))
		if w.Local(c) || err == nil && token.May(staff.ReadReports, nil) {
			return metrics(c)
		}
		return fiber.ErrNotFound
	})
	app.Get("/assets/:name", s.asset)
	app.Post("/look", look)
	for _, room := range rooms {
		room.Mount(app)
	}
	app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return s
}

// Only forms with files are large, and take their time over a slow line.
const (
	plainBody     = 2 << 20
	uploadTimeout = 10 * time.Minute
)

// piece is the type of a piece of a file that comes in several.
const piece = "application/offset+octet-stream"

// costs says what a request may cost, once its headers are known.
func costs(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if bytes.HasPrefix(h.ContentType(), []byte(fiber.MIMEMultipartForm)) {
		return fasthttp.RequestConfig{ReadTimeout: uploadTimeout, WriteTimeout: writeTimeout, MaxRequestBodySize: bodyLimit}
	}
	if bytes.Equal(h.ContentType(), []byte(piece)) {
		return fasthttp.RequestConfig{ReadTimeout: uploadTimeout, WriteTimeout: writeTimeout, MaxRequestBodySize: plainBody}
	}
	return fasthttp.RequestConfig{ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxRequestBodySize: plainBody}
}

// asset serves a file of the theme or of the brand. Its address names its bytes, so that
// browsers keep it for ever.
func (s *Site) asset(c *fiber.Ctx) error {
	a := s.Asset(c.Params("name"))
	if a == nil {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, a.Type)
	c.Vary(fiber.HeaderAcceptEncoding)
	if a.Gzip != nil && web.AcceptsGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.Gzip)
	}
	return c.Send(a.Data)
}

// look keeps the reader's choice between light and dark.
func look(c *fiber.Ctx) error {
	choice := c.FormValue("look")
	switch choice {
	case "light", "dark":
		c.Cookie(&fiber.Cookie{Name: "look", Value: choice, Path: "/", MaxAge: 365 * 24 * 3600, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	default:
		c.Cookie(&fiber.Cookie{Name: "look", Path: "/", MaxAge: -1, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	}
	return web.Redirect(c, c.FormValue("back"))
}

// Serve answers on a listener until ctx ends, then finishes what is in progress
// within a limit.
func (s *Site) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- s.App.Listener(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		s.Live.Close() // or those who listen would keep us
		// Listener returns as soon as shutting down begins; what matters is this.
		return s.App.ShutdownWithTimeout(grace)
	}
}

// Routes returns the addresses that the site answers, sorted by path.
func (s *Site) Routes() []fiber.Route {
	routes := slices.DeleteFunc(s.App.GetRoutes(true), func(r fiber.Route) bool { return r.Method == fiber.MethodHead })
	slices.SortFunc(routes, func(a, b fiber.Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return slices.CompactFunc(routes, func(a, b fiber.Route) bool { return a.Path == b.Path && a.Method == b.Method })
}
