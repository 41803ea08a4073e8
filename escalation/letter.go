package escalation

import "time"

// A LetterState says what became of a letter.
type LetterState string

// The states of a letter.
const (
	LetterWaiting  LetterState = "waiting"  // for its time, or for another attempt
	LetterHeld     LetterState = "held"     // until a lead lets it go: there was no mail server
	LetterSent     LetterState = "sent"     // a mail server has it
	LetterFailed   LetterState = "failed"   // given up
	LetterReplaced LetterState = "replaced" // by a later one of its ticket, before it was sent
)

// A Delivery is a letter and how far it got.
type Delivery struct {
	Letter
	State    LetterState
	Made     time.Time
	Due      time.Time // when to try next
	Attempts int
	Problem  string    // of the last attempt
	Settled  time.Time // when it was sent, given up or replaced
}
