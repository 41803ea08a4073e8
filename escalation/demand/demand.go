// Package demand finds what people ask in vain: it takes failed searches and
// solved tickets as signals, puts likes together into lines, and turns a line
// or a ticket into the draft of an article.
//
// The rules are pure. A [Backlog] runs them over what a [Store] keeps; who
// knows words and articles is asked through functions.
package demand

import (
	"strings"
	"time"

	"primalinea/escalation"
)

// Floor is how many different people have to ask before searches of theirs are
// shown to anybody.
const Floor = 3

// A Line is what several people wanted in vain.
type Line struct {
	ID       string
	Lang     string    // of most people
	Langs    []string  // all in which they asked, that of most people first
	Title    string    // what a person called it, else the most common wording in Lang
	Wordings []Wording // most common first
	People   int       // different ones
	Searches int
	Tickets  []string // ids, newest first
	First    time.Time
	Last     time.Time
	Examples []Signal  // the newest
	Articles []string  // keys of what was opened in vain or solved the tickets, most often first
	Nearest  []Near    // filled by a [Backlog]
	Decision *Decision // the last one, if any

	asks []ask // the newest first
}

// A Wording is one way in which people ask.
type Wording struct {
	Lang     string
	Text     string
	Count    int
	People   int
	Searched bool // typed into the search box, not only written as a subject
}

// A Near is an article that may already say it.
type Near struct {
	Key, Lang, Title string
	Score            float64 // comparable within one answer only
	Held             float64 // share of what was asked that the article knows
}

// A Choice is what becomes of a line.
type Choice string

// The choices.
const (
	Write   Choice = "write"   // an article was written, or improved
	Decline Choice = "decline" // nothing will be, for a reason
)

// A Decision is what a lead or writer decided on a line. The line comes back
// when [Floor] other people ask in vain after it.
type Decision struct {
	Line    string // id
	Choice  Choice
	Article string // key, of Write
	Reason  string // of Decline
	By      escalation.ActorRef
	At      time.Time
}

// NewDecision checks a decision.
func NewDecision(d Decision) (Decision, error) {
	d.Reason = strings.Join(strings.Fields(d.Reason), " ")
	d.At = d.At.UTC().Truncate(time.Millisecond)
	switch {
	case d.Line == "":
		return Decision{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_demand"}
	case d.Choice != Write && d.Choice != Decline:
		return Decision{}, &escalation.Error{Kind: escalation.Invalid, Field: "choice", Reason: "error.demand_decision"}
	case d.Choice == Write && d.Article == "":
		return Decision{}, &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.demand_article"}
	case d.Choice == Decline && d.Reason == "":
		return Decision{}, &escalation.Error{Kind: escalation.Invalid, Field: "reason", Reason: "error.demand_reason"}
	case len([]rune(d.Reason)) > 500:
		return Decision{}, &escalation.Error{Kind: escalation.Invalid, Field: "reason", Reason: "error.demand_reason_long"}
	}
	return d, nil
}
