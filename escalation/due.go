package escalation

import (
	"errors"
	"slices"
	"time"

	"primalinea/escalation/clock"
)

// Promise returns what is promised for a kind of request, and the hours in which that
// is kept.
func (d *Desk) Promise(kind string) (*clock.Policy, *clock.Calendar) {
	if len(d.Policies) == 0 { // a version from before there were any
		d = ShippedDesk()
	}
	i := slices.IndexFunc(d.Policies, func(p clock.Policy) bool { return slices.Contains(p.Types, kind) })
	if i < 0 {
		i = max(0, slices.IndexFunc(d.Policies, func(p clock.Policy) bool { return len(p.Types) == 0 }))
	}
	p := &d.Policies[i]
	for i := range d.Calendars {
		if d.Calendars[i].ID == p.Calendar {
			return p, &d.Calendars[i]
		}
	}
	return p, &clock.Calendar{}
}

// Dues returns each run of the ticket's clocks that something is promised for.
func (t *Ticket) Dues(d *Desk) []clock.Due {
	p, c := d.Promise(t.RequestType)
	return clock.Dues(t.Clocks, p, c)
}

// NextDue returns when something is due next, zero for never: of what is promised, and of
// the answer that is wanted of a task.
func (t *Ticket) NextDue(dues []clock.Due) time.Time {
	at := t.Wanted
	if t.State == Closed {
		at = time.Time{}
	}
	if next := clock.NextDue(dues); next != nil && (at.IsZero() || next.At.Before(at)) {
		at = next.At
	}
	return at
}

// cleanClocks returns calendars and policies as they are kept. One policy is for all
// kinds of requests that no other is for.
func cleanClocks(calendars []clock.Calendar, policies []clock.Policy) ([]clock.Calendar, []clock.Policy, error) {
	if n := max(len(calendars), len(policies)); n > MaxClocks {
		return nil, nil, invalid("calendars", "error.clocks_many", map[string]any{"Max": MaxClocks})
	}
	calendars, policies = slices.Clone(calendars), slices.Clone(policies)
	seen := map[string]bool{}
	for i, c := range calendars {
		var err error
		if calendars[i], err = clock.NewCalendar(c); err != nil {
			return nil, nil, mistaken("calendars."+c.ID, err)
		}
		if seen[c.ID] {
			return nil, nil, invalid("calendars.id", "error.id_twice", map[string]any{"ID": c.ID})
		}
		seen[c.ID] = true
	}
	clear(seen)
	general, of := len(policies) == 0, map[string]bool{}
	for i, p := range policies {
		for _, id := range p.Types {
			if of[id] {
				return nil, nil, invalid("policies."+p.ID+".types", "error.policy_types", nil)
			}
			of[id] = true
		}
		general = general || len(p.Types) == 0
		var err error
		if policies[i], err = clock.NewPolicy(p, calendars); err != nil {
			return nil, nil, mistaken("policies."+p.ID, err)
		}
		if seen[p.ID] {
			return nil, nil, invalid("policies.id", "error.id_twice", map[string]any{"ID": p.ID})
		}
		seen[p.ID] = true
	}
	if !general {
		return nil, nil, invalid("policies."+policies[0].ID+".types", "error.policy_general", nil)
	}
	return calendars, policies, nil
}

// mistaken is a mistake in a part of the desk.
func mistaken(part string, err error) error {
	if m, ok := errors.AsType[*clock.Mistake](err); ok {
		return &Error{Kind: Invalid, Field: part + "." + m.Field, Reason: m.Reason, Args: m.Args}
	}
	return err
}
