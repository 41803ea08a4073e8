package escalation

import (
	"errors"
	"slices"

	"primalinea/escalation/clock"
)

// Promise returns what is promised for a ticket, and the hours in which it is kept.
func (d *Desk) Promise() (*clock.Policy, *clock.Calendar) {
	if len(d.Policies) == 0 { // a version from before there were any
		d = ShippedDesk()
	}
	p := &d.Policies[0]
	for i := range d.Calendars {
		if d.Calendars[i].ID == p.Calendar {
			return p, &d.Calendars[i]
		}
	}
	return p, &clock.Calendar{}
}

// Dues returns each run of the ticket's clocks that something is promised for.
func (t *Ticket) Dues(d *Desk) []clock.Due {
	p, c := d.Promise()
	return clock.Dues(t.Clocks, p, c, 0)
}

// cleanClocks returns calendars and policies as they are kept.
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
	for i, p := range policies {
		var err error
		if policies[i], err = clock.NewPolicy(p, calendars); err != nil {
			return nil, nil, mistaken("policies."+p.ID, err)
		}
		if seen[p.ID] {
			return nil, nil, invalid("policies.id", "error.id_twice", map[string]any{"ID": p.ID})
		}
		seen[p.ID] = true
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
