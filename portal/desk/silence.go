package desk

import "primalinea/escalation"

// quiet says what a customer's silence, or the end of it, made happen.
func (p *ticketPage) quiet(ev *escalation.Event) string {
	key := "desk.event." + string(ev.Kind)
	switch {
	case ev.Other != nil:
		return p.T(key, "Number", ev.Other.Number)
	case ev.Kind == escalation.EventZoned:
		if ev.Hole {
			return ""
		}
		return p.T(key, "Zone", ev.Zone)
	case ev.Kind == escalation.EventReminded && !ev.Until.IsZero():
		return p.T("desk.event.warned", "Until", p.Time(ev.Until))
	case ev.Kind == escalation.EventKept && !ev.Until.IsZero():
		return p.T("desk.event.kept_until", "Until", p.day(ev.Until))
	}
	return p.T(key, "Until", p.day(ev.Until))
}

// A silence is what the customer's silence leads to, in words.
type silence struct {
	Since, Needs string
	Next         string // what happens, or would if nothing spoke against it
	Against      []string
	Zone         string
}

// silence says what the customer's silence leads to; nothing when it is not their turn.
func (p *ticketPage) silence(c escalation.SilenceCommand) *silence {
	plan, ok := p.Ticket.Silence(c, p.now)
	if !ok {
		return nil
	}
	in := p.Speaker.In(plan.Zone)
	s := &silence{Since: in.Time(plan.Since), Zone: plan.Zone.String(), Next: p.T("silence.never")}
	if plan.Held.After(p.now) {
		s.Needs, s.Since = in.Date(plan.Held), ""
	}
	key := "silence.next"
	for _, o := range plan.Against {
		s.Against = append(s.Against, p.T("silence.not."+string(o)))
		key = "silence.would"
	}
	if !plan.At.IsZero() {
		s.Next = p.T(key, "Step", p.T("silence.step."+string(plan.Step)), "When", in.Time(plan.At))
	}
	return s
}
