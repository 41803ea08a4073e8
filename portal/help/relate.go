package help

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// A request that was merged leads to the one that goes on. Its link alone opens that
// one to nobody: whoever typed an address into a form has a link too. It does for who
// came by a letter, and so reads mail at the address of both; and for a browser that
// may follow the other one anyway.

// A merged is tickets by their numbers, with all that they go on in.
type merged map[string]*escalation.Ticket

// merged reads the tickets with these numbers that there are, and what they go on in:
// all at once, and once more for each time that one of them was merged since.
func (r *Room) merged(ctx context.Context, numbers []string) (merged, error) {
	known := merged{}
	for len(numbers) > 0 {
		list, err := r.Tickets.Tickets(ctx, numbers)
		if err != nil {
			return nil, err
		}
		numbers = nil
		for i := range list {
			if list[i], err = list[i].ForPublic(r.Now()); err != nil {
				return nil, err
			}
			known[list[i].Number] = &list[i]
		}
		for _, t := range list {
			if t.Into != nil && known[t.Into.Number] == nil {
				numbers = append(numbers, t.Into.Number)
			}
		}
	}
	return known, nil
}

// goingOn returns the ticket in which another one goes on in the end, if both are of
// the same requester; nil if it goes on by itself or with somebody else.
func (known merged) goingOn(t *escalation.Ticket) *escalation.Ticket {
	on := t
	for on.Into != nil {
		next := known[on.Into.Number]
		if next == nil || !next.SameRequester(t) {
			return nil
		}
		on = next
	}
	if on == t {
		return nil
	}
	return on
}

// into reads what a ticket goes on in.
func (r *Room) into(c *fiber.Ctx, t *escalation.Ticket) (merged, error) {
	if t.Into == nil {
		return nil, nil
	}
	return r.merged(c.UserContext(), []string{t.Into.Number})
}

// leadOn lets a browser that came by a letter follow what a ticket goes on in.
func (r *Room) leadOn(c *fiber.Ctx, t *escalation.Ticket, byLetter bool) error {
	if !byLetter {
		return nil
	}
	known, err := r.into(c, t)
	if err != nil {
		return err
	}
	if on := known.goingOn(t); on != nil {
		return r.grant(c, on)
	}
	return nil
}

// goesOn returns the number of what a ticket goes on in, if this browser may follow it.
func (r *Room) goesOn(c *fiber.Ctx, t *escalation.Ticket, known merged) string {
	on := known.goingOn(t)
	if on == nil {
		return ""
	}
	if g, ok := r.Session(c).Tickets[on.Number]; !ok || !holds(g, on) {
		return ""
	}
	return on.Number
}

// leadBeside lets a browser that may follow a ticket follow those that words went to or
// came from: all of the same requester, if it came by a letter. Else it is what was made
// of the ticket alone, for who reads it there read it here, while nobody revoked a link
// or gave it to somebody else.
func (r *Room) leadBeside(c *fiber.Ctx, t *escalation.Ticket, byLetter bool) error {
	for _, k := range slices.Concat(t.Carried, t.Brought) {
		if k.Foreign || !byLetter && !k.Split {
			continue
		}
		o, err := r.Tickets.TicketByID(c.UserContext(), k.Other.Ticket)
		if err != nil {
			return err
		}
		made := o.SplitFrom != nil && o.SplitFrom.Other.Ticket == t.ID && o.LinkGeneration == 0 && o.Given == nil
		if t.Erased.IsZero() && o.Erased.IsZero() && t.SameRequester(&o) && (byLetter || made) {
			if err := r.grant(c, &o); err != nil {
				return err
			}
		}
	}
	return nil
}

// reach returns which of the tickets that lines name this browser may follow.
func (r *Room) reach(c *fiber.Ctx, lines []line) (map[string]bool, error) {
	may := map[string]bool{}
	for _, l := range lines {
		for _, number := range []string{l.Moved, l.From} {
			if _, known := may[number]; known || number == "" || number == escalation.Hidden {
				continue
			}
			_, err := r.granted(c, number)
			if err != nil && escalation.KindOf(err) != escalation.NotFound {
				return nil, err
			}
			may[number] = err == nil
		}
	}
	return may, nil
}

// joinedHere returns the numbers of what goes on in a ticket, and was this browser's to
// read before.
func (r *Room) joinedHere(c *fiber.Ctx, t *escalation.Ticket) ([]string, error) {
	mine := r.Session(c).Tickets
	var asked, numbers []string
	for _, j := range t.Joined {
		if _, ok := mine[j.Number]; ok {
			asked = append(asked, j.Number)
		}
	}
	list, err := r.Tickets.Tickets(c.UserContext(), asked)
	if err != nil {
		return nil, err
	}
	for _, number := range asked {
		if slices.ContainsFunc(list, func(o escalation.Ticket) bool { return o.Number == number && holds(mine[number], &o) }) {
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}
