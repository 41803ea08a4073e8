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
	// RelateAll is Change of a ticket, which sees those that go on in it, too.
	RelateAll(ctx context.Context, number string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
	Circular(ctx context.Context, id string) (escalation.Circular, error)
	OpenCirculars(ctx context.Context) ([]string, error)
	EndCopy(ctx context.Context, id, number, leftOut string) error
	EndCircular(ctx context.Context, id string, now time.Time) error
	Problem(ctx context.Context, id string) ([]escalation.Problem, error)
	Unaware(ctx context.Context) (map[string][]string, error)
}

// Send sends what is left of a circular. What is refused for good is noted; a ticket that
// a fault of ours keeps from it is tried again, and holds up no other.
func (s *Sender) Send(ctx context.Context, id string) error {
	c, err := s.Store.Circular(ctx, id)
	if err != nil || !c.Done.IsZero() {
		return err
	}
	by, err := s.Person(ctx, c.By.ID)
	if err != nil {
		return fmt.Errorf("circular %s: %w", id, err)
	}
	var faults error
	for _, k := range c.Copies {
		if k.Done {
			continue
		}
		if ctx.Err() != nil {
			return errors.Join(faults, ctx.Err())
		}
		_, err := s.Store.RelateAll(ctx, k.Number, func(list []escalation.Ticket) ([]escalation.Change, error) {
			t := &list[0]
			kind, err := s.TypeOf(ctx, t)
			if err != nil {
				return nil, err
			}
			answered, err := t.Answer(&c, k.Seen, list[1:], s.Desk(), kind, by, s.IDs, s.Now())
			return []escalation.Change{answered}, err
		})
		leftOut := ""
		if err != nil {
			e, ok := errors.AsType[*escalation.Error](err)
			if !ok || e.Kind == escalation.Fault {
				faults = errors.Join(faults, fmt.Errorf("circular %s: %w", id, err))
				continue
			}
			leftOut = escalation.LeftOut(e)
		}
		if err := s.Store.EndCopy(ctx, id, k.Number, leftOut); err != nil {
			return errors.Join(faults, err)
		}
	}
	if faults != nil {
		return faults
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
	var faults error
	for id, numbers := range unaware {
		versions, err := s.Store.Problem(ctx, id)
		if err != nil {
			faults = errors.Join(faults, err)
			continue
		}
		for _, number := range numbers {
			if ctx.Err() != nil {
				return errors.Join(faults, ctx.Err())
			}
			_, err := s.Store.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Hear(&versions[0], s.IDs, s.Now())
			})
			faults = errors.Join(faults, err)
		}
	}
	return faults
}
