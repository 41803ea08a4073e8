package escalation

import (
	"slices"
	"time"
)

// MinAnswers is how few tickets say nothing about how long customers wait.
const MinAnswers = 5

// An AnswerTime is how long the customers of a channel really waited for a first reply.
type AnswerTime struct {
	N        int           // tickets
	Answered int           // of them
	Median   time.Duration // of all: half had a reply by then; 0 while fewer than half have one
}

// NewAnswerTime sums up the times to a first reply. Tickets that still wait count: without
// them a desk that answers the easy half would look quick.
func NewAnswerTime(replies []time.Duration, waiting int) AnswerTime {
	w := AnswerTime{N: len(replies) + waiting, Answered: len(replies)}
	slices.Sort(replies)
	if half := (w.N + 1) / 2; half > 0 && half <= len(replies) {
		w.Median = replies[half-1]
	}
	return w
}

// TooFew says whether there are too few tickets to say anything.
func (w AnswerTime) TooFew() bool { return w.N < MinAnswers }
