package help

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// A request that was merged leads to the one that goes on. Its link alone opens that
// one to nobody: whoever typed an address into a form has a link too. It does for who
// came by a letter, and so reads mail at the address of both; and for a browser that
// may follow the other one anyway.

// goingOn returns the ticket in which another one goes on in the end, if both are of
// the same requester; nil if it goes on by itself or with somebody else.
func (r *Room) goingOn(c *fiber.Ctx, t *escalation.Ticket) (*escalation.Ticket, error) {
	on := t
	for on.Into != nil {
		next, err := r.Tickets.TicketByID(c.UserContext(), on.Into.Ticket)
		if err != nil {
			return nil, err
		}
		if !next.SameRequester(t) {
			return nil, nil
		}
		on = &next
	}
	if on == t {
		return nil, nil
	}
	return on, nil
}

// leadOn lets a browser that came by a letter follow what a ticket goes on in.
func (r *Room) leadOn(c *fiber.Ctx, t *escalation.Ticket, byLetter bool) error {
	if !byLetter {
		return nil
	}
	on, err := r.goingOn(c, t)
	if err != nil || on == nil {
		return err
	}
	return r.grant(c, on)
}

// goesOn returns the number of what a ticket goes on in, if this browser may follow it.
func (r *Room) goesOn(c *fiber.Ctx, t *escalation.Ticket) (string, error) {
	on, err := r.goingOn(c, t)
	if err != nil || on == nil {
		return "", err
	}
	if g, ok := r.Session(c).Tickets[on.Number]; !ok || !holds(g, on) {
		return "", nil
	}
	return on.Number, nil
}

// joinedHere returns the numbers of what goes on in a ticket, and was this browser's to
// read before.
func (r *Room) joinedHere(c *fiber.Ctx, t *escalation.Ticket) ([]string, error) {
	var numbers []string
	for _, j := range t.Joined {
		o, err := r.granted(c, j.Number)
		if escalation.KindOf(err) == escalation.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, o.Number)
	}
	return numbers, nil
}
