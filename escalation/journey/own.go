package journey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
)

// An Own is a journey as its visitor sees it.
type Own struct {
	Started time.Time
	Moments []escalation.Moment
	Ticket  time.Time // of the request that followed; zero: none
}

// Owns returns what is kept of a visitor, the newest journey first. A journey whose
// steps are forgotten has no moments.
func (r *Recorder) Owns(ctx context.Context, visitor string) ([]Own, error) {
	if visitor == "" {
		return nil, nil
	}
	if err := r.Flush(ctx); err != nil {
		return nil, fmt.Errorf("own journeys: %w", err)
	}
	journeys, err := r.store.VisitorJourneys(ctx, visitor)
	var owns []Own
	for _, j := range slices.Backward(journeys) {
		var events []Event
		if events, err = r.store.JourneyEvents(ctx, j.ID); err != nil {
			break
		}
		owns = append(owns, Own{Started: j.Started, Moments: r.moments(events), Ticket: j.Ticket})
	}
	if err != nil {
		return nil, fmt.Errorf("own journeys: %w", err)
	}
	return owns, nil
}

// Forget erases what is kept of a visitor. A request stays, and so does that there
// was something before it, without a word of what it was. What is too young to be
// decided is unknown from then on.
func (r *Recorder) Forget(ctx context.Context, visitor string) error {
	if visitor == "" {
		return nil
	}
	// What waits would come back.
	if err := r.Flush(ctx); err != nil {
		return fmt.Errorf("forget visitor: %w", err)
	}
	if err := r.store.ForgetVisitor(ctx, visitor); err != nil {
		return fmt.Errorf("forget visitor: %w", err)
	}
	return nil
}
