package journey

import "primalinea/escalation"

// OfTicket returns what a change means to the journey that led to its ticket:
// that it went up a tier, was solved, or reopened. The store keeps it with the
// change, so that it is as durable as the ticket.
func OfTicket(c escalation.Change) []Event {
	if c.Ticket.Journey == "" {
		return nil
	}
	var events []Event
	for _, e := range c.Entries {
		if kind := kindOf(&c.Ticket, e.Event); kind != "" {
			events = append(events, Event{
				ID: "t-" + e.ID, At: e.At, Journey: c.Ticket.Journey, Kind: kind, Lang: c.Ticket.Lang, Ticket: c.Ticket.ID,
			})
		}
	}
	return events
}

func kindOf(t *escalation.Ticket, e *escalation.Event) Kind {
	if e == nil {
		return ""
	}
	switch e.Kind {
	case escalation.EventSolved:
		return TicketSolved
	case escalation.EventReopened:
		return TicketReopened
	case escalation.EventAccepted:
		for _, h := range t.Handoffs {
			if h.ID == e.HandoffID && h.Tier > h.FromTier {
				return TicketTierUp
			}
		}
	}
	return ""
}
