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
