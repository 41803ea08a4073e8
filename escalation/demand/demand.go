// Package demand finds what people ask in vain: it takes failed searches and
// solved tickets as signals, puts likes together into lines, and turns a line
// or a ticket into the draft of an article.
//
// The rules are pure. A [Backlog] runs them over what a [Store] keeps; who
// knows words and articles is asked through functions.
package demand

import (
	"time"

	"primalinea/escalation/interval"
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
	Examples []Signal // the newest
	Articles []string // keys of what was opened in vain or solved the tickets, most often first
	Nearest  []Near   // filled by a [Backlog]

	Recent   int               // different people within [Month]
	Handling float64           // minutes of work on one request: the median of its own
	Handled  int               // of how many; 0: it is what others take
	Trend    interval.Estimate // this month against the one before
	Weight   interval.Estimate // minutes that it is worth in a month; lines are ranked by it
	Waiting  int               // who wait to be told of an answer

	Verdict  *Verdict  // what is the matter; filled by a [Backlog]
	Decision *Decision // the last one, if any
	Back     *Back     // why it waits for another one; nil: it does not, or there was none

	asks   []ask          // the newest first
	solved map[string]int // tickets, by the article that settled them
	vain   map[string]int // people who read an article and then wrote or said no, by its key
	idle   int            // people who opened nothing of what they found
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
