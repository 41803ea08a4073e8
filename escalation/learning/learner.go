// Package learning lets articles learn the words of those whom they answered: of
// searches that ended in "this solved it", and of tickets that were solved with an
// article.
//
// The rules are pure. [FromJourney] says which searches an article answered, and
// [Words] which words are learned from that: those of [Floor] people or more, so that
// nobody alone can teach anything. A [Learner] runs them over what a [Store] keeps. A
// writer sees every word, and what they remove stays away.
package learning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

const (
	// Settle is how long a visitor has to pause before a journey is looked at. When
	// it goes on, it is looked at again.
	Settle = 2 * time.Minute

	atOnce     = 200
	maxAnswers = 100_000 // the newest that words are learned from
)

// A Ripe is a journey in which something was answered, or asked, since it was looked
// at.
type Ripe struct {
	Journey string
	Visitor string // key
	Ended   time.Time
	Seen    int64           // what its row says of when it was looked at
	Events  []journey.Event // oldest first; none when they were forgotten
	Answers []Answer        // to keep in place of those that were taken from it before
}

// A State tells whether answers have changed.
type State struct {
	Answers int
	Saved   time.Time // the last one
}

// A Store keeps answers and words.
type Store interface {
	// UnlearnedJourneys returns journeys that ended before a time and may have new
	// answers, the oldest first.
	UnlearnedJourneys(ctx context.Context, before time.Time, limit int) ([]Ripe, error)
	// SaveAnswers keeps the answers of journeys, at most [PerNetwork] a day.
	SaveAnswers(ctx context.Context, looked []Ripe) error
	// AnswersState returns another value whenever answers changed.
	AnswersState(ctx context.Context) (State, error)
	// Answers returns the newest answers since a time, in no order.
	Answers(ctx context.Context, since time.Time, limit int) ([]Answer, error)
	// SaveWords keeps words in place of those that were learned before, and when each
	// was new. What was removed stays removed.
	SaveWords(ctx context.Context, words []Word, now time.Time) error

	TicketByID(ctx context.Context, id string) (escalation.Ticket, error)
}

// A Learner finds out what articles learn.
type Learner struct {
	Store Store
	Terms Terms
	Key   []byte // hashes requesters

	seen State // when words were last worked out
	day  int64 // since 1970, of then
}

// Collect takes the answers of journeys that paused, and works out anew what is
// learned from all of them, if some have changed or a day has passed. It is called by
// one goroutine.
func (l *Learner) Collect(ctx context.Context, now time.Time) error {
	if err := l.take(ctx, now); err != nil {
		return fmt.Errorf("take answers: %w", err)
	}
	state, err := l.Store.AnswersState(ctx)
	if err != nil {
		return fmt.Errorf("learn words: %w", err)
	}
	day := now.Unix() / (24 * 60 * 60)
	if state == l.seen && day == l.day {
		return nil
	}
	answers, err := l.Store.Answers(ctx, now.Add(-Memory), maxAnswers)
	if err == nil {
		err = l.Store.SaveWords(ctx, Words(answers, l.Terms, now), now)
	}
	if err != nil {
		return fmt.Errorf("learn words: %w", err)
	}
	l.seen, l.day = state, day
	return nil
}

// take takes answers from journeys.
func (l *Learner) take(ctx context.Context, now time.Time) error {
	for {
		ripe, err := l.Store.UnlearnedJourneys(ctx, now.Add(-Settle), atOnce)
		if err != nil || len(ripe) == 0 {
			return err
		}
		for i := range ripe {
			solved, err := l.solved(ctx, &ripe[i])
			if err != nil {
				return err
			}
			ripe[i].Answers = FromJourney(ripe[i].Events, solved, l.Terms)
		}
		if err := l.Store.SaveAnswers(ctx, ripe); err != nil || len(ripe) < atOnce {
			return err
		}
	}
}

// solved returns the tickets of a journey that were solved with an article.
func (l *Learner) solved(ctx context.Context, r *Ripe) (map[string]Solved, error) {
	solved := map[string]Solved{}
	for _, e := range r.Events {
		if e.Kind != journey.TicketCreated || e.Ticket == "" {
			continue
		}
		t, err := l.Store.TicketByID(ctx, e.Ticket)
		if e, ok := errors.AsType[*escalation.Error](err); ok && e.Kind == escalation.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s := t.Solution; s != nil && s.Article != "" && t.Doubt == "" && t.Erased.IsZero() {
			solved[t.ID] = Solved{Article: s.Article, Person: t.RequesterHash(l.Key), At: s.At}
		}
	}
	return solved, nil
}
