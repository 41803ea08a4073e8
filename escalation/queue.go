package escalation

import "time"

// A Queue says which tickets a list shows. What is left empty does not narrow it.
type Queue struct {
	Teams    []string // of one of them
	Tier     int      // at this tier
	MaxTier  int      // at or below this tier
	Assignee string   // who works on it
	Free     bool     // nobody works on it
	State    State
	Turn     Turn
	Frozen   bool
	Offered  bool   // offered to Teams, Tier and MaxTier, and not answered; else they mean where it is
	Alarmed  bool   // an alarm is open
	Asked    string // Teams, up to MaxTier, are asked something there, by others than who has this staff id
	Closed   bool   // closed ones, the latest first; else all others, in an order
	Unsolved bool   // none that is solved
	Type     string // of request
	Lang     string
	Priority int
	DueFrom  time.Time // due at this moment or later
	DueTill  time.Time // and before this one
	Undue    bool      // nothing is due
	Found    *[]string // one of these numbers, at most MostFound; nil: any
	By       Order     // of those that are not closed, nor in doubt

	Doubt Doubt // in such a doubt, the latest first, whatever their state; else those without one

	After string // Next of the page before
	Limit int    // 50 when empty
}

// MostFound is how many tickets a list may be narrowed to by their words.
const MostFound = 500

// An Order is how a list of open tickets is sorted. What is equal in it sorts by the wait.
type Order string

// The orders.
const (
	ByWait     Order = "" // those that wait for us longest first
	ByDue      Order = "due"
	ByNewest   Order = "new"
	BySubject  Order = "subject"
	ByName     Order = "name"
	ByLang     Order = "lang"
	ByTier     Order = "tier"
	ByPriority Order = "priority" // the most urgent first
	ByState    Order = "state"
	ByAssignee Order = "who" // what nobody works on first
)

// Orders are all of them.
var Orders = []Order{ByWait, ByDue, ByPriority, ByNewest, BySubject, ByName, ByLang, ByTier, ByState, ByAssignee}

// A QueuePage is a part of a list.
type QueuePage struct {
	Lines []QueueLine
	Next  string // for Queue.After; empty on the last page
}

// A QueueLine is what a list shows of a ticket.
type QueueLine struct {
	ID, Number  string
	Version     int
	State       State
	Turn        Turn
	Since       time.Time // when the wait that counts began
	Team        string
	Tier        int
	HighestTier int
	Owner       string
	Assignee    string
	OfferedTeam string // of the handoff that waits for an answer; else empty
	OfferedTier int
	Asked       *Consult // of what [Queue] asks for, the one to be answered first, without its words; else nil
	Frozen      bool
	Alarmed     bool // an alarm is open
	Subject     string
	Name        string // of the requester
	Lang        string
	Channel     Channel
	Priority    int
	Desk        int // version of how the desk was set up
	RequestType string
	Opened      time.Time
	Updated     time.Time
	Until       time.Time
	Due         time.Time // of what is due next; zero for nothing
}

// WaitingSince returns when the wait that counts began: with the first word of
// the requester that nobody answered, else with the last answer, else with the
// ticket.
func (t *Ticket) WaitingSince() time.Time {
	answered := t.Opened
	var asked time.Time
	for _, e := range t.Entries {
		switch {
		case e.Kind != Public:
		case e.By.Kind == ByRequester:
			if asked.IsZero() {
				asked = e.At
			}
		default:
			answered, asked = e.At, time.Time{}
		}
	}
	if asked.IsZero() {
		return answered
	}
	return asked
}
