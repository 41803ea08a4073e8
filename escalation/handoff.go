package escalation

import (
	"slices"
	"time"
)

// A HandoffState says what became of an offer.
type HandoffState string

// The states of a handoff.
const (
	Offered   HandoffState = "offered"
	Accepted  HandoffState = "accepted"
	Refused   HandoffState = "refused"
	Withdrawn HandoffState = "withdrawn"
)

// A Handoff is what travels with a move to another team or tier, so that nobody
// has to ask again. It is offered; until somebody accepts, the sender stays
// responsible.
type Handoff struct {
	ID       string    `json:"id"`
	Rule     string    `json:"rule,omitempty"` // id of the automatic rule that offered it
	From     ActorRef  `json:"from"`
	FromTeam string    `json:"from_team"`
	FromTier int       `json:"from_tier"`
	Team     string    `json:"team"`
	Tier     int       `json:"tier"`
	Problem  string    `json:"problem"` // in one sentence
	Tried    []Tried   `json:"tried"`
	Untried  string    `json:"untried,omitempty"` // why nothing was tried; empty when something was
	Asked    string    `json:"asked"`             // of the next tier
	By       time.Time `json:"by"`
	Promised string    `json:"promised,omitempty"` // to the customer
	Tell     string    `json:"tell_customer"`      // why, in words for the customer; empty: the catalog's sentence

	State      HandoffState `json:"state"`
	Offered    time.Time    `json:"offered"`
	Answered   time.Time    `json:"answered,omitzero"`
	AnsweredBy ActorRef     `json:"answered_by,omitzero"`
	Reason     string       `json:"reason,omitempty"`  // of a refusal
	Missing    []string     `json:"missing,omitempty"` // facts that a refusal names
}

// Tried is something that was done and what came of it.
type Tried struct {
	What   string `json:"what"`
	Result string `json:"result"`

	Outcome Outcome `json:"outcome,omitempty"` // of a step; then Result may be empty
}

// FirstWord says whether somebody accepted the ticket last, and nobody has written to
// the customer since: what they write first must not ask for what they were given.
func (t *Ticket) FirstWord(id string) bool {
	n := len(t.Handoffs)
	if n == 0 || t.Handoffs[n-1].State != Accepted || t.Handoffs[n-1].AnsweredBy.ID != id {
		return false
	}
	for _, e := range slices.Backward(t.Entries) {
		switch {
		case e.Event != nil && e.Event.HandoffID == t.Handoffs[n-1].ID:
			return true
		case e.Kind == Public && e.By.Kind == ByStaff:
			return false
		}
	}
	return false
}

// MaxBounces are the refusals and returns, without a public answer of ours
// between them, that freeze a ticket until the lead decides.
const MaxBounces = 3

// MissingFacts is the refusal that must name the facts.
const MissingFacts = "missing_facts"

// RefusalReasons are the reasons for which a handoff may be refused; the
// catalog has a sentence for each as "refusal.<reason>".
var RefusalReasons = []string{MissingFacts, "wrong_team", "not_needed", "no_capacity"}
