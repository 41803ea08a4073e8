// Package api is /api/v1: search and articles for everybody, tickets for
// programs with a token. openapi.yaml beside it is what it promises, and the
// tests hold each request and answer against it.
package api

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
	"primalinea/portal/web"
	"primalinea/search"
)

//go:embed openapi.yaml
var description []byte

// Tickets is where tickets are kept.
type Tickets interface {
	Ticket(ctx context.Context, number string) (escalation.Ticket, error)
	Open(ctx context.Context, key string, open func() (escalation.Change, error)) (t escalation.Ticket, created bool, err error)
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
	// Relate applies what rule makes of several tickets, or nothing.
	Relate(ctx context.Context, numbers []string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
	// RelateAll is Relate of a ticket, of those that go on in it, and of the tasks that are
	// open for any of them; of one that is damaged it gives id and number alone.
	RelateAll(ctx context.Context, number string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
}

// People knows who works here and which programs may act.
type People interface {
	// TokenByHash returns the token whose secret has a hash, or a NotFound error.
	TokenByHash(ctx context.Context, hash string) (staff.Token, error)
	// Candidates returns the ids of those who could accept a handoff.
	Candidates(ctx context.Context, team string, tier int) ([]string, error)
}

// A Finder answers queries.
type Finder interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Suggest(ctx context.Context, q search.Query) ([]search.Hit, error)
}

// An Articles is the folder that the site serves.
type Articles interface {
	Library() *content.Library
	Render(ctx context.Context, a *content.Article, readerLang string) (*content.Document, error)
}

// A Room serves /api/v1.
type Room struct {
	*web.Web
	Tickets  Tickets
	Staff    People
	Search   Finder
	Articles Articles
	// Journeys counts what programs ask for apart from what visitors do.
	Journeys interface{ Record(journey.Event) }
	// Deflection reports how the journeys ended that began in a span.
	Deflection func(ctx context.Context, span journey.SearchSpan) (journey.Report, error)
	// Experiments say what suggestions cause.
	Experiments journey.Experiments
	// Searched reports on what visitors searched.
	Searched func(ctx context.Context, span journey.SearchSpan) (journey.SearchReport, error)
	// Credits returns what was counted of the articles that visitors read.
	Credits func(ctx context.Context, span journey.SearchSpan) (journey.Credits, error)
	// Receipts returns what became of what was promoted.
	Receipts func(ctx context.Context, now time.Time) (demand.Report, error)
	// Demand is what people ask in vain, and Price what an hour of work costs.
	Demand Demand
	Price  func(ctx context.Context) (demand.Price, int64, error)
	// Tiers reports on how the tiers shared the work of the days from one to another.
	Tiers func(ctx context.Context, from, to, now time.Time) (tiers.Report, error)
}

// Mount adds the addresses.
func (r *Room) Mount(app fiber.Router) {
	public := app.Group("/api/v1", r.Limit(1200, 10*time.Second))
	public.Get("/openapi.yaml", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/yaml")
		return c.Send(description)
	})
	public.Get("/search", r.search)
	public.Get("/suggest", r.suggest)
	public.Get("/articles/*", r.article)
	public.Get("/reports/search", r.with(staff.ReportsRead, r.searchReport))
	public.Get("/reports/deflection", r.with(staff.ReportsRead, r.deflectionReport))
	public.Get("/reports/demand", r.with(staff.ReportsRead, r.demandReport))
	public.Get("/reports/articles", r.with(staff.ReportsRead, r.articleReport))
	public.Get("/reports/tiers", r.with(staff.ReportsRead, r.tierReport))
	public.Get("/reports/after-effects", r.with(staff.ReportsRead, r.effectReport))

	public.Post("/tickets", r.with(staff.TicketsWrite, r.openTicket))
	public.Get("/tickets/:number", r.with(staff.TicketsRead, r.ticket))
	public.Post("/tickets/:number/entries", r.with(staff.TicketsWrite, r.addEntry))
	public.Post("/tickets/:number/handoffs", r.with(staff.TicketsWrite, r.offer))
	public.Post("/tickets/:number/handoffs/:id/accept", r.with(staff.TicketsWrite, r.accept))
	public.Post("/tickets/:number/handoffs/:id/refuse", r.with(staff.TicketsWrite, r.refuse))
	public.Post("/tickets/:number/tasks", r.with(staff.TicketsWrite, r.addTask))
	public.Post("/tickets/:number/done", r.with(staff.TicketsWrite, r.answerTask))
	public.Post("/tickets/:number/solve", r.with(staff.TicketsWrite, r.solve))
}

// with lets through who has a token with a scope.
func (r *Room) with(scope staff.Scope, next func(*fiber.Ctx, staff.Token) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		scheme, secret, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="primalinea"`)
			return web.SendProblem(c, fiber.StatusUnauthorized, "Send a token: Authorization: Bearer …", "")
		}
		token, err := r.Staff.TokenByHash(c.UserContext(), staff.Hash(strings.TrimSpace(secret)))
		if escalation.KindOf(err) == escalation.NotFound || err == nil && !token.Revoked.IsZero() {
			c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="primalinea", error="invalid_token"`)
			return web.SendProblem(c, fiber.StatusUnauthorized, "This token is not valid.", "")
		}
		if err != nil {
			return err
		}
		if !slices.Contains(token.Scopes, scope) {
			return web.SendProblem(c, fiber.StatusForbidden, "This token lacks the scope "+string(scope)+".", "")
		}
		c.SetUserContext(escalation.ActingAs(c.UserContext(), escalation.TokenRef(token.Name)))
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		return next(c, token)
	}
}

// maxBody is the size in bytes of the largest request that has a meaning.
const maxBody = 256 << 10

// read decodes the body into v.
func read(c *fiber.Ctx, v any) error {
	if len(c.BodyRaw()) > maxBody {
		return fiber.ErrRequestEntityTooLarge
	}
	if t := strings.TrimSpace(strings.Split(c.Get(fiber.HeaderContentType), ";")[0]); !strings.EqualFold(t, fiber.MIMEApplicationJSON) {
		return &escalation.Error{Kind: escalation.Invalid, Reason: "error.api_json"}
	}
	d := json.NewDecoder(bytes.NewReader(c.BodyRaw()))
	if err := d.Decode(v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return &escalation.Error{Kind: escalation.Invalid, Field: wrong.Field, Reason: "error.api_type", Err: err}
		}
		return &escalation.Error{Kind: escalation.Invalid, Reason: "error.api_json", Err: err}
	}
	if _, err := d.Token(); err != io.EOF {
		return &escalation.Error{Kind: escalation.Invalid, Reason: "error.api_json"}
	}
	return nil
}

// when reads a moment: a day is its end.
func when(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: "error.api_time", Err: err}
	}
	return t.Add(24*time.Hour - time.Second), nil
}

func asError(err error) *escalation.Error {
	e, _ := errors.AsType[*escalation.Error](err)
	return e
}
