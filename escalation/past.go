package escalation

import "primalinea/escalation/clock"

// A Past is what happened to the clocks of a ticket.
type Past struct {
	ID     string
	Desk   int    // version of the desk that promised
	Type   string // kind of request
	Clocks clock.Ledger
}
