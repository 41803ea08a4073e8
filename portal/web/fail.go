package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/themes"
)

// Note logs a fault of ours without which whoever waits goes on, and what it is about.
func (w *Web) Note(c *fiber.Ctx, fault error, about ...any) {
	w.Log.ErrorContext(c.UserContext(), "fault", append([]any{"request", RequestID(c), "error", fault}, about...)...)
	w.Metrics.Fault()
}

// NoteDamaged logs of each of these tickets why it cannot be read.
func (w *Web) NoteDamaged(c *fiber.Ctx, numbers []string, ticket func(context.Context, string) (escalation.Ticket, error)) {
	for _, n := range numbers {
		if _, err := ticket(c.UserContext(), n); err != nil {
			w.Note(c, err, "ticket", n)
		}
	}
}

// A failPage is the calm page for what did not work.
type failPage struct {
	Page
	Code  int    // status of the answer
	Words string // what happened, and what to do
	ID    string // of the request, when it is a fault of ours
	Typed []Typed
	Meant []Alternate // pages that may be what was looked for
	Again bool        // a link of ours does not work any more, and there may be a new one
}

// LinkGone is why the link to a request does not open it.
const LinkGone = "error.link_gone"

// goneLinks are the reasons for which a link of ours, followed, leads nowhere.
var goneLinks = []string{LinkGone, "error.links_gone", "error.address_gone"}

// Typed is something that was typed into a form, kept so that it is not lost.
type Typed struct {
	Name, Value string
	Label       string // as a reader calls it, or the name
}

// carried are the fields that nobody types: forms know by them what was sent.
var carried = []string{"key", "do", "homepage", "seen", "base", "shown", "list", "file", "revision", "article", "back", "next"}

// Hidden reports whether a reader has no use for it.
func (t Typed) Hidden() bool { return slices.Contains(carried, t.Name) }

// Fail is fiber's error handler: the one place where errors become statuses and
// words. A fault is logged here, once, and shown as nothing but an id.
func (w *Web) Fail(c *fiber.Ctx, err error) error {
	status, key, args := fiber.StatusInternalServerError, "error.fault", map[string]any(nil)
	if e, ok := errors.AsType[*escalation.Error](err); ok && e.Kind != escalation.Fault {
		status, key, args = Status(e.Kind), e.Reason, e.Args
	} else if e, ok := errors.AsType[*fiber.Error](err); ok {
		status = e.Code
		key = fmt.Sprintf("error.status.%d", status)
	}
	late := errors.Is(err, context.DeadlineExceeded)
	if late && status == fiber.StatusInternalServerError {
		status, key = fiber.StatusServiceUnavailable, "error.status.503"
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	stuck := escalation.Unwritable(err) != nil
	if stuck && status == fiber.StatusInternalServerError {
		status, key = fiber.StatusServiceUnavailable, "error.unwritable"
		c.Set(fiber.HeaderRetryAfter, "60")
	}
	if status >= 500 && (late || stuck || status != fiber.StatusServiceUnavailable) {
		w.Log.ErrorContext(c.UserContext(), "fault", "request", RequestID(c), "method", c.Method(), "path", logged(c), "error", err)
		w.Metrics.Fault()
	}
	words := w.Theme.Words.Speaker(w.Lang(c))
	if !words.Has(key) {
		key = "error.fault"
		if status < 500 {
			key = "error.status.400"
		}
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		return SendProblem(c, status, say(w.Theme.Words.Speaker("en"), w.Desk(), key, args), fieldOf(err))
	}
	if wantsFragment(c) {
		return c.Status(status).SendString(say(words, w.Desk(), key, args))
	}
	title := "fail.title"
	gone := slices.Contains(goneLinks, key)
	switch {
	case gone:
		title = "fail.link"
	case status == fiber.StatusNotFound:
		title = "fail.missing"
	}
	p := failPage{Page: w.Page(c, "door", title), Code: status, Words: say(words, w.Desk(), key, args), Again: gone}
	if status >= 500 {
		p.ID = RequestID(c)
	}
	if status == fiber.StatusNotFound && !gone && w.Meant != nil && (c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead) {
		p.Query, p.Meant = w.Meant(c, p.Lang)
	}
	if c.Method() == fiber.MethodPost {
		p.Once = true
		p.Typed = typed(c)
		if !slices.ContainsFunc(p.Typed, func(t Typed) bool { return !t.Hidden() }) {
			p.Typed = nil
		}
		for i, t := range p.Typed {
			p.Typed[i].Label = t.Name
			if label := "typed." + t.Name; words.Has(label) {
				p.Typed[i].Label = words.T(label)
			}
		}
	}
	if err := w.Render(c, status, "door/fail", p); err != nil {
		w.Log.ErrorContext(c.UserContext(), "page of a fault failed", "request", RequestID(c), "error", err)
		return c.Status(status).SendString(p.Words)
	}
	return nil
}

// Say returns the sentence of an error, in the page's language.
func (p *Page) Say(e *escalation.Error) string { return say(p.Speaker, p.desk, e.Reason, e.Args) }

// say returns a sentence of the catalog. Teams and texts among its arguments are said
// in the same language.
func say(s themes.Speaker, desk *escalation.Desk, key string, args map[string]any) string {
	said := make(map[string]any, len(args))
	for name, value := range args {
		switch v := value.(type) {
		case escalation.TeamID:
			value = desk.TeamName(string(v), s.Lang)
		case escalation.Text:
			value = v.In(s.Lang)
		case escalation.Texts:
			var said []string
			for _, text := range v {
				said = append(said, text.In(s.Lang))
			}
			value = strings.Join(said, ", ")
		}
		said[name] = value
	}
	return s.TM(key, said)
}

// Status returns the status of a kind of error.
func Status(k escalation.Kind) int {
	switch k {
	case escalation.Invalid:
		return fiber.StatusUnprocessableEntity
	case escalation.NotFound:
		return fiber.StatusNotFound
	case escalation.Forbidden:
		return fiber.StatusForbidden
	case escalation.Conflict:
		return fiber.StatusConflict
	case escalation.TooMany:
		return fiber.StatusTooManyRequests
	}
	return fiber.StatusInternalServerError
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*escalation.Error](err); ok {
		return e.Field
	}
	return ""
}

// SendProblem answers with an RFC 9457 problem document.
func SendProblem(c *fiber.Ctx, status int, detail, field string) error {
	problem := fiber.Map{"type": "about:blank", "title": statusText(status), "status": status, "detail": detail}
	if field != "" {
		problem["field"] = field
	}
	if id := RequestID(c); status >= 500 {
		problem["instance"] = "urn:request:" + id
	}
	return c.Status(status).JSON(problem, "application/problem+json")
}

func statusText(status int) string { return strings.TrimSpace(fiber.NewError(status).Message) }

// wantsFragment reports whether a script asks for a part of a page.
func wantsFragment(c *fiber.Ctx) bool { return c.Get("X-Fragment") != "" }

// Refuse adds to a page what is to be corrected. It returns false for an error
// that no correction mends: the caller returns it.
func (p *Page) Refuse(err error) bool {
	e, ok := errors.AsType[*escalation.Error](err)
	if !ok || e.Kind == escalation.Fault || e.Kind == escalation.NotFound {
		return false
	}
	p.Problems = append(p.Problems, Problem{Field: e.Field, Text: p.Say(e)})
	return true
}

// maxTyped is how many bytes of a form are given back: a whole article, and more
// than any other form of ours holds.
const maxTyped = 300 << 10

// secret are the fields that no page repeats: passwords, old and new, and what is
// shown beside them.
var secret = []string{"password", "current", "code", "secret"}

// typed returns the readable fields of a form, for a page that gives them back.
func typed(c *fiber.Ctx) []Typed {
	var out []Typed
	left := maxTyped
	add := func(name, value string) {
		if value != "" && len(value) <= left && !slices.Contains(secret, name) && len(out) < 40 {
			out = append(out, Typed{Name: name, Value: value})
			left -= len(value)
		}
	}
	if form, err := c.MultipartForm(); err == nil {
		for name, values := range form.Value {
			for _, v := range values {
				add(name, v)
			}
		}
		// A form with files comes as a map: the page's order is lost, so take any.
		slices.SortFunc(out, func(a, b Typed) int { return strings.Compare(a.Name, b.Name) })
		return out
	}
	for name, value := range c.Request().PostArgs().All() {
		add(string(name), string(value))
	}
	return out
}
