package escalation

import (
	"time"

	"primalinea/escalation/clock"
)

// shippedCalendar is when the desk works while no lead says otherwise: on weekdays,
// in the zone of the country that this program was first made for. It knows no
// holidays: they differ from town to town.
func shippedCalendar() clock.Calendar {
	c := clock.Calendar{
		ID:   "office",
		Name: map[string]string{"it": "Orario d’ufficio", "es": "Horario de oficina", "en": "Office hours"},
		Zone: "Europe/Rome",
	}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = []clock.Window{{From: 9 * 3600, To: 13 * 3600}, {From: 14 * 3600, To: 18 * 3600}}
	}
	return c
}

// shippedPolicy is what the desk promises while no lead says otherwise. A day is
// eight hours of the shipped calendar.
func shippedPolicy() clock.Policy {
	const day = 8
	target := func(k clock.Kind, tier, hours int) clock.Target {
		return clock.Target{Clock: k, Tier: tier, Within: clock.Span(hours) * clock.Span(time.Hour)}
	}
	urgent := func(k clock.Kind, priority, hours int) clock.Target {
		return clock.Target{Clock: k, Priority: priority, Within: clock.Span(hours) * clock.Span(time.Hour)}
	}
	return clock.Policy{
		ID:       "standard",
		Name:     map[string]string{"it": "Standard", "es": "Estándar", "en": "Standard"},
		Calendar: "office",
		Targets: []clock.Target{
			target(clock.First, 0, day),
			target(clock.Next, 0, day),
			urgent(clock.First, 1, 1), urgent(clock.First, 2, 4),
			urgent(clock.Next, 1, 2),
			target(clock.Update, 3, 2*day),
			target(clock.Resolution, 0, 5*day),
			urgent(clock.Resolution, 1, day), urgent(clock.Resolution, 2, 3*day),
			target(clock.Accept, 1, 2), target(clock.Accept, 2, 4), target(clock.Accept, 3, day),
			target(clock.Work, 1, day), target(clock.Work, 2, 2*day),
		},
		Pauses: map[clock.Kind][]string{
			clock.First:      {clock.WaitCustomer},
			clock.Next:       {clock.WaitCustomer},
			clock.Update:     {clock.WaitCustomer},
			clock.Resolution: {clock.WaitCustomer},
			clock.Work:       {clock.WaitCustomer, clock.WaitOther},
		},
		Warn: []int{50, 80},
	}
}
