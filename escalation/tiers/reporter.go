package tiers

import (
	"context"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
)

// A Reporter makes reports of what is kept.
type Reporter struct {
	Tickets interface {
		// Cases names each ticket that changed since a moment or is not closed.
		Cases(ctx context.Context, since time.Time, each func(c *Case)) error
		// Moves returns what was offered of tickets of which an offer was answered since a
		// moment, by ticket and in its order.
		Moves(ctx context.Context, since time.Time) ([]escalation.Move, error)
		// Rated counts what customers said from one moment to another.
		Rated(ctx context.Context, from, to time.Time) ([]escalation.RatingCount, error)
	}
	// Demand returns what people ask.
	Demand func(ctx context.Context, lang string, now time.Time) (demand.List, error)
}

// Report makes the report of the days (UTC) from one to another, which is not included.
func (r *Reporter) Report(ctx context.Context, from, to, now time.Time) (Report, error) {
	s := Source{Cases: func(each func(c *Case)) error { return r.Tickets.Cases(ctx, from, each) }}
	var err error
	if s.Moves, err = r.Tickets.Moves(ctx, from); err != nil {
		return Report{}, err
	}
	if s.Ratings, err = r.Tickets.Rated(ctx, from, to); err != nil {
		return Report{}, err
	}
	list, err := r.Demand(ctx, "", now)
	if err != nil {
		return Report{}, err
	}
	s.Lines = list.Lines
	return New(s, from, to, now)
}
