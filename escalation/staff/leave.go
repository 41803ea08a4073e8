package staff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
)

// Heir returns the lead who gets what somebody left: whoever disabled them, else
// the lead who has been here longest. ok is false in a house without one.
func Heir(people []Person, gone Person) (heir Person, ok bool) {
	for _, p := range people {
		switch {
		case p.ID == gone.ID || !p.active() || !p.Is(Lead):
		case p.ID == gone.Heir:
			return p, true
		case !ok || cmp.Or(p.Created.Compare(heir.Created), cmp.Compare(p.ID, heir.ID)) < 0:
			heir, ok = p, true
		}
	}
	return heir, ok
}

// Tickets is where they are kept.
type Tickets interface {
	// LeftBy returns the numbers of up to n tickets that are not closed and that a
	// person owns, works on or has offered.
	LeftBy(ctx context.Context, person string, n int) ([]string, error)
	// Change applies what rule makes of a ticket, or nothing.
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
}

// atOnce is how many tickets are looked for at once.
const atOnce = 100

// HandOn gives the open tickets of somebody who no longer works here to heir, and
// returns how many those were. What it cannot finish, for whatever reason, it
// finds again the next time.
func HandOn(ctx context.Context, tickets Tickets, gone, heir Person, ids func() string, now func() time.Time) (n int, err error) {
	var done []string
	for {
		numbers, err := tickets.LeftBy(ctx, gone.ID, atOnce)
		if err != nil {
			return n, err
		}
		var failed []error
		fresh := false
		for _, number := range numbers {
			if slices.Contains(done, number) {
				continue
			}
			fresh, done = true, append(done, number)
			_, err := tickets.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Inherit(gone.ID, heir.ID, escalation.System{Rule: escalation.DisabledRule}, ids, now())
			})
			if err != nil {
				failed = append(failed, err)
				continue
			}
			n++
		}
		if !fresh || len(failed) > 0 {
			if len(failed) > 0 {
				return n, fmt.Errorf("tickets of %s: %w", gone.ID, errors.Join(failed...))
			}
			return n, nil
		}
	}
}
