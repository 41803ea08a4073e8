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

// Heir returns the lead who gets what somebody left: whoever disabled them, else the
// lead of one of their teams, else any; of several the one who has been here longest.
// ok is false in a house without one.
func Heir(people []Person, gone Person) (heir Person, ok bool) {
	var theirs, rest []Person
	for _, p := range people {
		switch {
		case p.ID == gone.ID || !p.active() || !p.Is(Lead):
		case p.ID == gone.Heir:
			return p, true
		case slices.ContainsFunc(p.Teams, func(team string) bool { return slices.Contains(gone.Teams, team) }):
			theirs = append(theirs, p)
		default:
			rest = append(rest, p)
		}
	}
	if heir, ok := Head(theirs); ok {
		return heir, true
	}
	return Head(rest)
}

// Head returns the lead who has been here longest.
func Head(people []Person) (head Person, ok bool) {
	for _, p := range people {
		if p.active() && p.Is(Lead) && (!ok || cmp.Or(p.Created.Compare(head.Created), cmp.Compare(p.ID, head.ID)) < 0) {
			head, ok = p, true
		}
	}
	return head, ok
}

// Rung returns the ids of those whom an alarm calls at a rung of its ladder: the leads
// among a team's people, or all leads where it has none; all leads; the head.
func Rung(people []Person, team string, rung int) []string {
	if head, ok := Head(people); rung >= escalation.Head && ok {
		return []string{head.ID}
	}
	var all, teams []string
	for _, p := range people {
		if p.active() && p.Is(Lead) {
			all = append(all, p.ID)
			if slices.Contains(p.Teams, team) {
				teams = append(teams, p.ID)
			}
		}
	}
	if rung == escalation.TeamLeads && len(teams) > 0 {
		return teams
	}
	return all
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
