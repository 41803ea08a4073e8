package journey

import (
	"context"
	"time"

	"primalinea/escalation"
)

// A Laboratory keeps experiments, and the triggers of their visitors.
type Laboratory interface {
	// HoldOuts returns the experiments, and the version of their list.
	HoldOuts(ctx context.Context) (HoldOuts, int64, error)
	// SaveHoldOuts keeps what was made of a version, or is a Conflict.
	SaveHoldOuts(ctx context.Context, version int64, h HoldOuts) error
	// Triggers returns those of an experiment; of any, without a name; since a time.
	Triggers(ctx context.Context, experiment string, since time.Time) ([]Trigger, error)
}

// Experiments are what pages and jobs do with those on the contact form.
type Experiments struct{ Store Laboratory }

// Now returns the experiment that visitors are in.
func (x Experiments) Now(ctx context.Context) (Experiment, error) {
	h, _, err := x.Store.HoldOuts(ctx)
	return h.Now(), err
}

// A Held is all that is known of the experiments.
type Held struct {
	HoldOuts
	Version int64
	// Newest is what the newest shows so far, or showed; nil when there was none.
	Newest *Caused
	Pace   Pace
}

// Known returns the newest experiment that shows an effect, or that there is none; the
// newest, while none does; nil when there was none.
func (h *Held) Known() (*Experiment, *Caused) {
	for i := len(h.List) - 1; i >= 0; i-- {
		c := h.List[i].Result
		if i == len(h.List)-1 {
			c = h.Newest
		}
		if c.Effect() {
			return &h.List[i], c
		}
	}
	return h.Last(), h.Newest
}

// Look returns all that is known.
func (x Experiments) Look(ctx context.Context, now time.Time) (Held, error) {
	var held Held
	var err error
	if held.HoldOuts, held.Version, err = x.Store.HoldOuts(ctx); err != nil {
		return held, err
	}
	recent, err := x.Store.Triggers(ctx, "", now.Add(-PaceDays*24*time.Hour))
	if err != nil {
		return held, err
	}
	held.Pace = MeasurePace(recent, now)
	held.Newest, err = x.newest(ctx, held.HoldOuts, now)
	return held, err
}

func (x Experiments) newest(ctx context.Context, h HoldOuts, now time.Time) (*Caused, error) {
	e := h.Last()
	if e == nil || e.Result != nil {
		if e == nil {
			return nil, nil
		}
		return e.Result, nil
	}
	triggers, err := x.Store.Triggers(ctx, e.Name, e.Started)
	if err != nil {
		return nil, err
	}
	return new(Measure(*e, triggers, now)), nil
}

// Known returns the newest experiment that shows an effect, or that there is none, and
// what it shows; see [Held.Known].
func (x Experiments) Known(ctx context.Context, now time.Time) (*Experiment, *Caused, error) {
	h, _, err := x.Store.HoldOuts(ctx)
	if err != nil {
		return nil, nil, err
	}
	held := Held{HoldOuts: h}
	if held.Newest, err = x.newest(ctx, h, now); err != nil {
		return nil, nil, err
	}
	e, c := held.Known()
	return e, c, nil
}

// Begin starts what was planned on a version of the list.
func (x Experiments) Begin(ctx context.Context, version int64, t Terms, share int, by escalation.ActorRef, now time.Time) error {
	held, err := x.Look(ctx, now)
	if err != nil {
		return err
	}
	plan, ok := held.Pace.Plan(t.Effect, share, now)
	if !ok {
		return invalid("effect", "error.effect_long")
	}
	next, err := held.Begin(t, share, plan.Visitors(), by, now)
	if err != nil {
		return err
	}
	return x.Store.SaveHoldOuts(ctx, version, next)
}

// Stop ends the one that runs, of a version of the list.
func (x Experiments) Stop(ctx context.Context, version int64, by escalation.ActorRef, now time.Time) error {
	h, _, err := x.Store.HoldOuts(ctx)
	if err != nil {
		return err
	}
	next, err := h.Stop(by, now)
	if err != nil {
		return err
	}
	return x.Store.SaveHoldOuts(ctx, version, next)
}

// Step does what is due by itself; see [HoldOuts.Step]. When a lead changes something
// at the same moment, it is for the next time.
func (x Experiments) Step(ctx context.Context, now time.Time) error {
	h, version, err := x.Store.HoldOuts(ctx)
	if err != nil {
		return err
	}
	c, err := x.newest(ctx, h, now)
	if err != nil || c == nil {
		return err
	}
	next, changed := h.Step(*c, now)
	if !changed {
		return nil
	}
	if err = x.Store.SaveHoldOuts(ctx, version, next); escalation.KindOf(err) == escalation.Conflict {
		return nil
	}
	return err
}
