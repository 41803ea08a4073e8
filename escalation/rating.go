package escalation

import (
	"slices"
	"time"
)

// EventRated is what a requester says of how they were helped.
const EventRated EventKind = "rated"

// A Score is what a customer says of how they were helped. The catalog has them as
// "rating.<score>".
type Score string

// Scores are all of them, the best first.
var Scores = []Score{Good, Fair, Poor}

// The scores.
const (
	Good Score = "good"
	Fair Score = "fair"
	Poor Score = "poor"
)

// A Rating is what a ticket's requester said of a solution.
type Rating struct {
	Solution string // id of the entry that it is about
	Score    Score
	At       time.Time
}

// A RateCommand is a score, and perhaps a word about it.
type RateCommand struct {
	Message
	Score Score
}

// Rateable says whether the requester may say how they were helped: once for each
// solution, while it stands.
func (t *Ticket) Rateable() bool {
	return t.Solution != nil && (t.State == Solved || t.State == Closed) && t.Doubt == "" && t.Rating() == nil
}

// Rating returns what the requester said of the solution that stands, nil for nothing.
func (t *Ticket) Rating() *Rating {
	if t.Solution == nil {
		return nil
	}
	if i := slices.IndexFunc(t.Ratings, func(r Rating) bool { return r.Solution == t.Solution.Entry }); i >= 0 {
		return &t.Ratings[i]
	}
	return nil
}

// Rate is what the requester says of the solution. It changes nothing else: what is
// still wrong is said otherwise, see [Ticket.NotSolved].
func (t *Ticket) Rate(c RateCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Close); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	if t.Rating() != nil {
		return Change{}, conflict("error.rated", nil)
	}
	if !t.Rateable() {
		return Change{}, conflict("error.nothing_rated", nil)
	}
	if !slices.Contains(Scores, c.Score) {
		return Change{}, invalid("score", "error.choice", nil)
	}
	c.Files = nil
	var err error
	if c.Text, err = body("rated", c.Text, false); err != nil {
		return Change{}, err
	}
	if c.Key, err = sameForm(c.Key); err != nil {
		return Change{}, err
	}
	kind := Happened
	if c.Text != "" {
		kind = Public
	}
	d := t.draft(by, ids, now)
	d.add(c.entry(kind, &Event{Kind: EventRated, Score: c.Score, About: t.Solution.Entry}))
	return d.change()
}

// Ratings are what customers said of solutions.
type Ratings struct {
	Counts []RatingCount
	Latest []RatingLine // the latest first
}

// A RatingCount is how often something was said of what was solved at a tier and had
// come by a channel.
type RatingCount struct {
	Channel Channel
	Tier    int
	Score   Score
	N       int
}

// A RatingLine is one of them.
type RatingLine struct {
	Number, Subject, Lang string // of the ticket; its subject is empty once it is erased
	Text                  string // what they added; may be empty
	Score                 Score
	Channel               Channel
	Team                  string
	Tier                  int
	Agent                 string // who solved it
	At                    time.Time
}
