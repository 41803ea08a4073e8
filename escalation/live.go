package escalation

import "time"

// A Presence is that somebody of the staff is at a ticket now. It locks nothing, no
// customer learns of it, and it is forgotten within [PresenceTime].
type Presence struct {
	Number string // of the ticket
	Person string // staff id
	Name   string
	Writes bool // something that is not sent; else they read
}

// PresenceTime is how long somebody is taken to be at a ticket after a sign of them.
const PresenceTime = 30 * time.Second
