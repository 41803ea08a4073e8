package desk

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A bulkPage says what became of tickets that were to be changed together.
type bulkPage struct {
	web.Page
	What    string // was done
	Done    int
	Refused []refused
	Back    string // to the list
}

// refused is a ticket that stayed as it was.
type refused struct{ Number, Why string }

// Many says whether rows of the list can be chosen, to change them together.
func (p queuePage) Many() bool {
	return len(p.Lines) > 0 && !p.Doubtful() && !p.View.query.Closed
}

// Types are the kinds of requests that rows may be given.
func (p queuePage) Types() []escalation.RequestType { return p.types }

// bulk serves POST /desk/bulk: each of the chosen tickets is changed by the same rule as
// on its own page, by itself, and in the version that the list showed. What is refused is
// said one by one, and stays as it was.
func (r *Room) bulk(c *fiber.Ctx) error {
	what := c.FormValue("do")
	rule, ok := map[string]func(t *escalation.Ticket) (escalation.Change, error){
		"take": func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Take("", *r.Me(c), r.IDs, r.Now()) // nobody is relieved of many at once
		},
		"release": func(t *escalation.Ticket) (escalation.Change, error) { return t.Release(*r.Me(c), r.IDs, r.Now()) },
		"aside":   func(t *escalation.Ticket) (escalation.Change, error) { return t.SetAside(*r.Me(c), r.IDs, r.Now()) },
		"kind": func(t *escalation.Ticket) (escalation.Change, error) {
			return t.SetType(escalation.TypeCommand{Desk: r.Desk(), Type: c.FormValue("type")}, *r.Me(c), r.IDs, r.Now())
		},
	}[what]
	if !ok {
		return fiber.ErrBadRequest
	}
	chosen := web.Values(c, "number")
	if c.FormValue("all") != "" {
		chosen = web.Values(c, "shown")
	}
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	p := bulkPage{Page: r.Page(c, "desk", "bulk.title"), What: what, Back: web.LocalPath(c.FormValue("back"))}
	if p.Back == "/" {
		p.Back = "/desk"
	}
	p.Here(strings.SplitN(p.Back, "?", 2)[0])
	for _, row := range chosen {
		typed, seen, _ := strings.Cut(row, ".")
		number, known := escalation.ParseNumber(typed)
		version, err := strconv.Atoi(seen)
		if !known || err != nil {
			continue
		}
		_, err = r.Tickets.Change(c.UserContext(), number, func(t escalation.Ticket) (escalation.Change, error) {
			if t.Version != version {
				return escalation.Change{}, &escalation.Error{Kind: escalation.Conflict, Reason: "error.bulk_changed"}
			}
			return rule(&t)
		})
		if err == nil {
			p.Done++
			continue
		}
		said := &escalation.Error{Reason: "error.fault"}
		if e, ok := errors.AsType[*escalation.Error](err); ok && e.Kind != escalation.Fault {
			said = e
		} else {
			r.Log.ErrorContext(c.UserContext(), "fault", "request", web.RequestID(c), "ticket", number, "error", err)
			r.Metrics.Fault()
		}
		p.Refused = append(p.Refused, refused{number, p.Say(said)})
	}
	if len(p.Refused) == 0 {
		to, err := url.Parse(p.Back)
		if err != nil {
			return err
		}
		q := to.Query()
		q.Set("done", "bulk_"+what)
		q.Set("n", strconv.Itoa(p.Done))
		to.RawQuery = q.Encode()
		return web.Redirect(c, to.String())
	}
	return r.Render(c, fiber.StatusConflict, "desk/bulk", p)
}
