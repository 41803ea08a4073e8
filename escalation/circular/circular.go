// Package circular sends one answer to many tickets, and tells the tickets of a known
// problem what becomes of it. What was begun is finished, also after the program was
// killed: each ticket is a change of its own, which happens once however often it is
// tried.
package circular

import (
	"context"
	"errors"
	"fmt"
	"time"

	"primalinea/escalation"
)

// A Sender sends what is kept.
type Sender struct {
	Store Store
	// Desk is that in force.
	Desk func() *escalation.Desk
	// TypeOf returns the type of a ticket, at its version.
	TypeOf func(ctx context.Context, t *escalation.Ticket) (*escalation.RequestType, error)
	// Person returns who works here with an id, with the rights of now.
	Person func(ctx context.Context, id string) (escalation.Actor, error)
	IDs    func() string
	Now    func() time.Time
}

// Store is where tickets, circulars and problems are kept.
type Store interface {
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
	Circular(ctx context.Context, id string) (escalation.Circular, error)
	OpenCirculars(ctx context.Context) ([]string, error)
	EndCopy(ctx context.Context, id, number, leftOut string) error
	EndCircular(ctx context.Context, id string, now time.Time) error
	Problem(ctx context.Context, id string) ([]escalation.Problem, error)
	Unaware(ctx context.Context) (map[string][]string, error)
}

// Send sends what is left of a circular. What is refused for good is noted; at a fault of
// ours it stops, to be tried again.
func (s *Sender) Send(ctx context.Context, id string) error {
	c, err := s.Store.Circular(ctx, id)
	if err != nil || !c.Done.IsZero() {
		return err
	}
	by, err := s.Person(ctx, c.By.ID)
	if err != nil {
		return fmt.Errorf("circular %s: %w", id, err)
	}
	for _, k := range c.Copies {
		if k.Done {
			continue
		}
		_, err := s.Store.Change(ctx, k.Number, func(t escalation.Ticket) (escalation.Change, error) {
			kind, err := s.TypeOf(ctx, &t)
			if err != nil {
				return escalation.Change{}, err
			}
			return t.Answer(&c, k.Seen, s.Desk(), kind, by, s.IDs, s.Now())
		})
		leftOut := ""
		if err != nil {
			e, ok := errors.AsType[*escalation.Error](err)
			if !ok || e.Kind == escalation.Fault {
				return fmt.Errorf("circular %s: %w", id, err)
			}
			if leftOut = e.Reason; len(e.Args) > 0 { // it may name somebody
				leftOut = "error.circular_changed"
			}
		}
		if err := s.Store.EndCopy(ctx, id, k.Number, leftOut); err != nil {
			return err
		}
	}
	return s.Store.EndCircular(ctx, id, s.Now())
}

// Resume finishes what was begun: circulars, and what tickets hear of their problems.
func (s *Sender) Resume(ctx context.Context) error {
	open, err := s.Store.OpenCirculars(ctx)
	if err != nil {
		return err
	}
	for _, id := range open {
		err = errors.Join(err, s.Send(ctx, id)) // one that does not go leaves the others alone
	}
	return errors.Join(err, s.Hear(ctx))
}

// Hear lets the tickets of problems know which are solved, or there again.
func (s *Sender) Hear(ctx context.Context) error {
	unaware, err := s.Store.Unaware(ctx)
	if err != nil {
		return err
	}
	for id, numbers := range unaware {
		versions, err := s.Store.Problem(ctx, id)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			if _, err := s.Store.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Hear(&versions[0], s.IDs, s.Now())
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
