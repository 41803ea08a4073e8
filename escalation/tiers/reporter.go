package tiers

import (
	"context"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/demand"
)

// A Reporter makes reports of what is kept.
type Reporter struct {
	Tickets interface {
		// Cases returns the tickets that changed since a moment or are not closed.
		Cases(ctx context.Context, since time.Time) ([]Case, error)
		// Unsolved returns what waits to be solved.
		Unsolved(ctx context.Context) ([]Waiting, error)
		// Moves returns what was offered since a moment, by ticket and in its order.
		Moves(ctx context.Context, since time.Time) ([]escalation.Move, error)
	}
	// Desk returns a version of the desk.
	Desk func(ctx context.Context, version int) (*escalation.Desk, error)
	// Demand returns what people ask.
	Demand func(ctx context.Context, lang string, now time.Time) (demand.List, error)
}

// Report makes the report of the days (UTC) from one to another, which is not included.
func (r *Reporter) Report(ctx context.Context, from, to, now time.Time) (Report, error) {
	s := Source{Dues: r.dues(ctx)}
	var err error
	if s.Cases, err = r.Tickets.Cases(ctx, from); err != nil {
		return Report{}, err
	}
	if s.Waiting, err = r.Tickets.Unsolved(ctx); err != nil {
		return Report{}, err
	}
	moves, err := r.Tickets.Moves(ctx, from)
	if err != nil {
		return Report{}, err
	}
	for _, m := range moves {
		if m.Offered.Before(to) {
			s.Moves = append(s.Moves, m)
		}
	}
	list, err := r.Demand(ctx, "", now)
	if err != nil {
		return Report{}, err
	}
	s.Lines = list.Lines
	return New(s, from, to, now)
}

// dues says what was promised for cases: each under its own version of the desk.
func (r *Reporter) dues(ctx context.Context) func(c *Case) ([]clock.Due, error) {
	desks := map[int]*escalation.Desk{}
	return func(c *Case) ([]clock.Due, error) {
		d := desks[c.Desk]
		if d == nil {
			var err error
			if d, err = r.Desk(ctx, c.Desk); escalation.KindOf(err) == escalation.NotFound {
				d, err = escalation.ShippedDesk(), nil // the desk of another house
			}
			if err != nil {
				return nil, err
			}
			desks[c.Desk] = d
		}
		p, hours := d.Promise(c.Type)
		return clock.Dues(c.Clocks, p, hours, 0), nil
	}
}
