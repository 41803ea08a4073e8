package demand

import (
	"context"
	"slices"
	"time"

	"primalinea/escalation"
)

const (
	maxPlaced = 2000 // signals placed in one transaction
	// afresh is how often what is known of all signals is read again: some were
	// erased, others are too old.
	afresh = 24 * time.Hour
	// overlap is how far back is read what other processes placed: it takes a while
	// until they have written it.
	overlap = 5 * time.Minute
	// fresh is how long lines are shown as they were, while nothing is known to have
	// changed them.
	fresh = time.Minute
)

// A Shelf keeps on which lines signals lie, and what people arranged.
type Shelf interface {
	// Signals returns the newest signals since a time, in no order, without what
	// they are about.
	Signals(ctx context.Context, since time.Time, limit int) ([]Signal, error)
	// CountSignals counts those since a time.
	CountSignals(ctx context.Context, since time.Time) (int, error)
	// SignalsOf returns the newest signals of a line since a time.
	SignalsOf(ctx context.Context, line string, since time.Time, limit int) ([]Signal, error)
	// UnplacedSignals returns those on no line that were made since a time, the oldest first.
	UnplacedSignals(ctx context.Context, since time.Time, limit int) ([]Signal, error)
	// EachPlaced calls a function with the signals made since a time and placed since
	// another, in the order in which they were placed.
	EachPlaced(ctx context.Context, since, placed time.Time, each func(Signal)) error
	// PlaceSignals keeps the strands and lines of signals that had none. It is a
	// [escalation.Conflict] when the last act has another number.
	PlaceSignals(ctx context.Context, placed []Signal, at time.Time, last int64) error
	// LineActs returns what was done to lines after the act with a number, in order.
	LineActs(ctx context.Context, after int64) ([]Act, error)
	// SaveLineAct keeps an act and the lines and strands of the signals that it moved: of those with
	// these IDs, or of all on these strands. It is a [escalation.Conflict] when its number is taken.
	SaveLineAct(ctx context.Context, act Act, ids, strands []string) error
}

// An index is what a [Backlog] keeps between runs to place what is new. Its
// memory is bounded by the signals of [Span].
type index struct {
	placer *Placer
	read   time.Time // when all was read
	placed time.Time // until when what was placed is known
	acts   *Arrangement
}

// knownLines are the lines as they were a moment ago, so that a page need not
// read all signals. Of those that are not shown little is kept.
type knownLines struct {
	at    time.Time // zero when they are to be made again
	count int
	last  int64 // act
	lines []Line
}

// forget lets lines be made again.
func (b *Backlog) forget() {
	b.mu.Lock()
	b.known.at = time.Time{}
	b.mu.Unlock()
}

// arrangement returns what people arranged until now.
func (b *Backlog) arrangement(ctx context.Context) (*Arrangement, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.arranged(ctx)
}

func (b *Backlog) arranged(ctx context.Context) (*Arrangement, error) {
	acts, err := b.Store.LineActs(ctx, b.index.acts.Last())
	if err != nil {
		return nil, err
	}
	if len(acts) == 0 && b.index.acts != nil {
		return b.index.acts, nil
	}
	if slices.ContainsFunc(acts, func(act Act) bool { return act.Kind == Split }) {
		b.index.placer = nil // strands lost wordings
	}
	// Others may be reading the one before.
	b.index.acts = b.index.acts.with(acts)
	return b.index.acts, nil
}

// place puts what is new on lines, and joins lines that turn out to be the same
// in several languages.
func (b *Backlog) place(ctx context.Context, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	again, caught := 0, false
	for {
		signals, err := b.Store.UnplacedSignals(ctx, now.Add(-Span), maxPlaced)
		if err != nil || len(signals) == 0 {
			if err == nil && caught {
				err = b.joinLanguages(ctx, now)
			}
			return err
		}
		a, err := b.arranged(ctx)
		if err != nil {
			return err
		}
		if !caught || b.index.placer == nil {
			if err := b.catchUp(ctx, now); err != nil {
				return err
			}
			caught = true // nobody else does this job at the same time
		}
		placed, err := b.index.placer.Place(ctx, signals, a)
		if err != nil {
			return err
		}
		b.known.at = time.Time{}
		err = b.Store.PlaceSignals(ctx, placed, now, a.Last())
		if escalation.KindOf(err) == escalation.Conflict && again < 3 {
			again++
			b.index.placer = nil
			continue
		}
		if err != nil {
			return err
		}
	}
}

// catchUp brings what is known of placed signals up to date.
func (b *Backlog) catchUp(ctx context.Context, now time.Time) error {
	x := &b.index
	since := x.placed.Add(-overlap)
	if x.placer == nil || now.Sub(x.read) >= afresh || now.Before(x.placed) {
		x.placer, x.read, since = NewPlacer(b.Terms, b.Nearest), now, time.Time{}
	}
	x.placed = now
	err := b.Store.EachPlaced(ctx, now.Add(-Span), since, func(s Signal) { x.placer.Add([]Signal{s}) })
	if err != nil {
		x.placer = nil
	}
	return err
}

func (b *Backlog) joinLanguages(ctx context.Context, now time.Time) error {
	decisions, err := b.Store.Decisions(ctx, maxDecisions)
	if err != nil {
		return err
	}
	a, err := b.arranged(ctx)
	if err != nil {
		return err
	}
	moved := a.with(nil)
	for _, act := range b.index.placer.Joins(a, func(line string) bool { _, ok := decisions[line]; return ok }) {
		act.At = now.UTC().Truncate(time.Millisecond)
		if err := b.Store.SaveLineAct(ctx, act, nil, moved.Strands(act.Other)); err != nil {
			return err
		}
		moved.take(act)
	}
	return nil
}

// lines returns all lines with their decisions, what is worth most first. Those of
// fewer than [Floor] people have no words.
func (b *Backlog) lines(ctx context.Context, now time.Time) ([]Line, error) {
	if err := b.place(ctx, now); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	a, err := b.arranged(ctx)
	if err != nil {
		return nil, err
	}
	count, err := b.Store.CountSignals(ctx, now.Add(-Span))
	if err != nil {
		return nil, err
	}
	k := &b.known
	if age := now.Sub(k.at); k.at.IsZero() || age < 0 || age >= fresh || k.count != count || k.last != a.Last() {
		signals, err := b.Store.Signals(ctx, now.Add(-Span), maxSignals)
		if err != nil {
			return nil, err
		}
		*k = knownLines{now, count, a.Last(), Lines(signals, a)}
		rank(k.lines, now)
		for i := range k.lines {
			if l := &k.lines[i]; l.People < Floor {
				l.Title, l.Wordings, l.Examples, l.Articles = "", nil, nil, nil
			}
		}
	}
	decisions, err := b.Store.Decisions(ctx, maxDecisions)
	if err != nil {
		return nil, err
	}
	waiting, err := b.Store.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	lines := slices.Clone(k.lines)
	for i := range lines {
		l := &lines[i]
		if d, ok := decisions[l.ID]; ok {
			l.Decision = &d
			l.Back = l.returned(now)
		}
		l.Waiting = waiting[l.ID]
	}
	return lines, nil
}
