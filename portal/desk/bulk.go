package desk

import (
	"errors"
	"net/url"
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

// A rowsPage is what pages share whose rows can be chosen, to change them together.
type rowsPage struct {
	Done string // what was just done, in words
	Left string // and what was not
	Spam bool   // what was set aside is among spam
	Undo *manyBar

	types  []escalation.RequestType
	faults []escalation.Problem // that are open
}

// rowsPage returns it for a list at an address.
func (r *Room) rowsPage(c *fiber.Ctx, words *web.Page, list string) (rowsPage, error) {
	p := rowsPage{types: r.Desk().Types, Undo: undoMany(c, list, r.Now())}
	p.tell(words, c.Query("done"), c.Query("n"), c.Query("left"))
	var err error
	p.faults, err = r.Problems.Problems(c.UserContext(), false)
	return p, err
}

// Many says whether rows of the list can be chosen, to change them together.
func (p queuePage) Many() bool {
	return len(p.Lines) > 0 && !p.Doubtful() && !p.View.query.Closed
}

// Faults are the known problems that rows may have.
func (p rowsPage) Faults() []escalation.Problem { return p.faults }

// Types are the kinds of requests that rows may be given.
func (p rowsPage) Types() []escalation.RequestType { return p.types }

// bulk serves POST /desk/bulk: each of the chosen tickets is changed by the same rule as
// on its own page, by itself, and in the version that the list showed. What is refused is
// said one by one, and stays as it was.
func (r *Room) bulk(c *fiber.Ctx) error {
	what := c.FormValue("do")
	chosen := web.Values(c, "number")
	if c.FormValue("all") != "" {
		chosen = web.Values(c, "shown")
	}
	list, wrong := rows(chosen)
	if len(list)+len(wrong) == 0 {
		return web.Redirect(c, doneAt(listOf(c), "bulk_none", 0))
	}
	switch what {
	case "handoff":
		p, _, _, err := r.handoffs(c, list, wrong)
		if err != nil {
			return err
		}
		_, calendar := r.Desk().Promise("")
		p.typed["handoff-by"] = evening(&p.Page, calendar, r.Now(), 1)
		return r.Render(c, fiber.StatusOK, "desk/handoffs", p)
	case "reply":
		p, _, err := r.circularPage(c, nil, list, wrong)
		if err != nil {
			return err
		}
		return r.Render(c, fiber.StatusOK, "desk/circular", p)
	}
	var problem escalation.Problem
	if what == "attach" {
		versions, err := r.Problems.Problem(c.UserContext(), c.FormValue("problem"))
		if escalation.KindOf(err) == escalation.NotFound {
			return web.Redirect(c, doneAt(listOf(c), "bulk_no_problem", 0))
		}
		if err != nil {
			return err
		}
		problem = versions[0]
	}
	rule, ok := map[string]func(t *escalation.Ticket) (escalation.Change, error){
		"take": func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Take("", *r.Me(c), r.IDs, r.Now()) // nobody is relieved of many at once
		},
		"release": func(t *escalation.Ticket) (escalation.Change, error) { return t.Release(*r.Me(c), r.IDs, r.Now()) },
		"aside":   func(t *escalation.Ticket) (escalation.Change, error) { return t.SetAside(*r.Me(c), r.IDs, r.Now()) },
		"kind": func(t *escalation.Ticket) (escalation.Change, error) {
			return t.SetType(escalation.TypeCommand{Desk: r.Desk(), Type: c.FormValue("type")}, *r.Me(c), r.IDs, r.Now())
		},
		"attach": func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Attach(&problem, *r.Me(c), r.IDs, r.Now())
		},
	}[what]
	if !ok {
		return fiber.ErrBadRequest
	}
	p := bulkPage{Page: r.Page(c, "desk", "bulk.title"), What: what, Back: listOf(c)}
	p.Here(strings.SplitN(p.Back, "?", 2)[0])
	var changed []escalation.Ticket
	for _, row := range wrong {
		p.Refused = append(p.Refused, refused{row, p.T("error.bulk_row")})
	}
	for _, k := range list {
		t, err := r.Tickets.Change(c.UserContext(), k.Number, func(t escalation.Ticket) (escalation.Change, error) {
			if t.Version != k.Seen {
				return escalation.Change{}, &escalation.Error{Kind: escalation.Conflict, Reason: "error.bulk_changed"}
			}
			return rule(&t)
		})
		if err == nil {
			p.Done++
			changed = append(changed, t)
			continue
		}
		said := &escalation.Error{Reason: "error.fault"}
		if e, ok := errors.AsType[*escalation.Error](err); ok && e.Kind != escalation.Fault {
			said = e
		} else {
			r.Note(c, err, "ticket", k.Number)
		}
		p.Refused = append(p.Refused, refused{k.Number, p.Say(said)})
	}
	if len(p.Refused) == 0 {
		to, err := url.Parse(doneAt(p.Back, "bulk_"+what, p.Done))
		if err != nil {
			return err
		}
		q := to.Query()
		undoLink(q, changed, r.Now())
		to.RawQuery = q.Encode()
		return web.Redirect(c, to.String())
	}
	return r.Render(c, fiber.StatusConflict, "desk/bulk", p)
}

// doneAt is a list that says what was done to so many of its rows.
func doneAt(list, done string, n int) string {
	to, err := url.Parse(list)
	if err != nil {
		return "/desk"
	}
	q := to.Query()
	q.Set("done", done)
	q.Set("n", strconv.Itoa(n))
	to.RawQuery = q.Encode()
	return to.String()
}
