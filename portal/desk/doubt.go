package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// Doubtful says whether the list is one of tickets that may be spam, whose rows can
// be chosen.
func (p queuePage) Doubtful() bool { return p.View.query.Doubt != "" }

// tell says what became of the rows that were chosen.
func (p *rowsPage) tell(words *web.Page, done, n, left string) {
	switch done {
	case "view_saved":
		p.Done = words.T("view.saved")
	case "view_removed":
		p.Done = words.T("view.removed")
	}
	if done == "none" || done == "bulk_none" {
		p.Left = words.T("desk.doubt.none")
		return
	}
	if done == "bulk_no_problem" {
		p.Left = words.T("error.problem_choose")
		return
	}
	if what, ok := strings.CutPrefix(done, "bulk_"); ok && words.Has("bulk.done_"+what) {
		if count, err := strconv.Atoi(n); err == nil && count > 0 {
			p.Done = words.T("bulk.done_"+what, "Count", count)
		}
		return
	}
	said, stayed := "desk.doubt.done_"+done, "desk.doubt.left"
	switch done {
	case "aside", "back":
	case "undone":
		said, stayed = "live.undone_many", "live.undone_left"
	default:
		return
	}
	if count, err := strconv.Atoi(n); err == nil && count > 0 {
		p.Done = words.T(said, "Count", count)
	}
	if count, err := strconv.Atoi(left); err == nil && count > 0 {
		p.Left = words.T(stayed, "Count", count)
	}
}

// sort serves POST /desk/doubts: of the chosen rows of a list, or all of its page,
// each is set aside, or taken back. Each is asked for by itself: what somebody may
// not change, or a colleague changed meanwhile, stays as it is, and is counted.
func (r *Room) sort(c *fiber.Ctx) error {
	to := url.Values{"view": {c.FormValue("view")}}
	if after := c.FormValue("after"); after != "" {
		to.Set("after", after)
	}
	chosen := web.Values(c, "number")
	if c.FormValue("all") != "" {
		chosen = web.Values(c, "shown")
	}
	rule, done := setAside, "aside"
	if c.FormValue("do") == "clear" {
		rule, done = (*escalation.Ticket).Clear, "back"
	}
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	if len(chosen) == 0 {
		done = "none"
	}
	left := 0
	var changed []escalation.Ticket
	for _, n := range chosen {
		number, ok := escalation.ParseNumber(n)
		if !ok {
			continue
		}
		t, err := r.Tickets.Change(c.UserContext(), number, func(t escalation.Ticket) (escalation.Change, error) {
			return rule(&t, *r.Me(c), r.IDs, r.Now())
		})
		switch {
		case err == nil:
			changed = append(changed, t)
		case escalation.KindOf(err) == escalation.Fault:
			return err
		default:
			left++
		}
	}
	to.Set("done", done)
	to.Set("n", strconv.Itoa(len(changed)))
	undoLink(to, changed, r.Now())
	to.Set("left", strconv.Itoa(left))
	return web.Redirect(c, "/desk?"+to.Encode())
}

// setAside sets aside what is in doubt. The list may be old: what somebody looked at
// since, and cleared, is not set aside unseen.
func setAside(t *escalation.Ticket, by escalation.Actor, ids func() string, now time.Time) (escalation.Change, error) {
	if t.Doubt == "" {
		return escalation.Change{}, &escalation.Error{Kind: escalation.Conflict, Reason: "error.conflict"}
	}
	return t.SetAside(by, ids, now)
}

// doubt serves POST /desk/tickets/{number}/doubt: it is spam, or it is not.
func (r *Room) doubt(c *fiber.Ctx) error {
	rule, then := (*escalation.Ticket).SetAside, "?done=aside"
	if c.FormValue("do") == "clear" {
		rule, then = (*escalation.Ticket).Clear, "?done=cleared"
	}
	return r.change(c, receive(c, "doubt"), then, func(t *escalation.Ticket) (escalation.Change, error) {
		return rule(t, *r.Me(c), r.IDs, r.Now())
	})
}

// newAddress serves POST /desk/tickets/{number}/address: the requester is to be
// written to elsewhere, once who reads mail there has said so.
func (r *Room) newAddress(c *fiber.Ctx) error {
	f, nonce := receive(c, "address", "email"), r.IDs()
	return r.change(c, f, "?done=address", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.ProposeAddress(f.get("email"), nonce, *r.Me(c), r.IDs, r.Now())
	})
}

// dropAddress serves POST /desk/tickets/{number}/address/drop.
func (r *Room) dropAddress(c *fiber.Ctx) error {
	return r.change(c, receive(c, "address-drop"), "?done=address_dropped", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.DropAddress(*r.Me(c), r.IDs, r.Now())
	})
}

// Doubt is what is doubted of the ticket itself.
func (p *ticketPage) Doubt() escalation.Doubt {
	if p.Ticket.Into != nil {
		return ""
	}
	return p.Ticket.Doubt
}

// Signs says why a ticket was suspected; nothing if it was not.
func (p *ticketPage) Signs() string {
	for _, e := range p.Ticket.Entries {
		if e.Event != nil && e.Event.Kind == escalation.EventSuspected {
			return p.signs(e.Event.Signs)
		}
	}
	return ""
}

// UndoDays are the days in which what was set aside can be taken back.
func (*ticketPage) UndoDays() int { return escalation.UndoDays }

// Late says whether the link to confirm a new address has expired.
func (p *ticketPage) Late() bool {
	a := p.Ticket.Correction
	return a != nil && p.now.Sub(a.At) >= escalation.AddressDays*24*time.Hour
}
