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
	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
)

// A Kind says why something is a sign of unmet demand.
type Kind string

// The kinds of signals; all but the last are searches that failed.
const (
	Zero     Kind = "zero"     // nothing was found
	NoClick  Kind = "no_click" // nothing that was found was opened
	Rephrase Kind = "rephrase" // what was opened was left at once, and the search said differently
	No       Kind = "no"       // what was opened did not answer
	Form     Kind = "form"     // the search ended in the contact form
	Ticket   Kind = "ticket"   // it took a person to answer
)

// A Signal is one search that failed, or one ticket that was solved.
type Signal struct {
	ID      string
	Kind    Kind
	Lang    string
	Text    string // scrubbed
	Who     string // key of the visitor or hash of the requester
	At      time.Time
	Journey string // id; joins a ticket with the searches before it
	Ticket  string // id
	Hits    int
	Article string // key of what was opened in vain, or of what solved the ticket
	Line    string // id of the line it lies on; empty until it is placed
}

// left is how soon somebody who did not find the answer leaves an article.
const left = journey.Reading

// FromJourney returns the searches of a journey that failed, one signal for
// each search, by the gravest reason. events are those of one journey, oldest
// first. An ID depends on the search alone, so that the same journey can be
// looked at again when it goes on.
func FromJourney(events []journey.Event) []Signal {
	var signals []Signal
	var s Signal           // of the search that is being followed
	var opened, hasty bool // an article was opened after it; and left at once
	end := func(next *journey.Event) {
		if s.ID == "" {
			return
		}
		switch {
		case s.Kind != "": // Form, No
		case s.Hits == 0:
			s.Kind = Zero
		case !opened:
			s.Kind = NoClick
		case hasty && next != nil && next.Kind.IsSearch():
			s.Kind = Rephrase
		}
		if s.Kind != "" {
			signals = append(signals, s)
		}
		s, opened, hasty = Signal{}, false, false
	}
	for i := range events {
		e := &events[i]
		switch {
		case e.Kind.IsSearch():
			if s.ID != "" && fold(s.Text) == fold(e.Query) {
				continue // back at the same results
			}
			end(e)
			if strings.TrimSpace(e.Query) == "" {
				continue
			}
			s = Signal{
				ID: "search-" + e.ID, Lang: e.Lang, Text: e.Query, Who: e.Visitor, At: e.At,
				Journey: e.Journey, Hits: e.Hits,
			}
		case e.Kind == journey.ResultClick, e.Kind == journey.SuggestionClick:
			opened = true
		case e.Kind == journey.ArticleOpen:
			opened = true
			if s.Kind == "" {
				s.Article = e.Article
			}
			hasty = e.Seconds > 0 && time.Duration(e.Seconds)*time.Second < left
		case e.Kind == journey.VoteNo:
			if s.Kind == "" {
				s.Kind, s.Article = No, e.Article
			}
		case e.Kind == journey.Confirm, e.Kind == journey.VoteYes:
			if s.ID != "" && s.Kind != Form && (s.Kind != No || s.Article == e.Article) {
				s, opened, hasty = Signal{}, false, false // it was found after all
			}
		case e.Kind == journey.FormOpen, e.Kind == journey.TicketCreated:
			if s.ID != "" {
				s.Kind, s.Ticket = Form, e.Ticket
			}
		}
	}
	end(nil)
	return signals
}

// FromTicket returns the signal of a solved ticket. who is the hash of its
// requester, as [escalation.Ticket.RequesterHash] makes it.
func FromTicket(t *escalation.Ticket, who string) Signal {
	text, _ := scrub.Text(strings.Join(strings.Fields(t.Subject), " "))
	s := Signal{
		ID: "ticket-" + t.ID, Kind: Ticket, Lang: t.Lang, Text: text, Who: who, At: t.Opened,
		Journey: t.Journey, Ticket: t.ID,
	}
	if t.Solution != nil {
		s.At, s.Article = t.Solution.At, t.Solution.Article
	}
	return s
}

// Floor is how many different people have to ask before searches of theirs are
// shown to anybody.
const Floor = 3

// A Line is what several people wanted in vain.
type Line struct {
	ID       string
	Lang     string    // of most people
	Langs    []string  // all in which they asked, that of most people first
	Title    string    // the most common wording in Lang
	Wordings []Wording // most common first
	People   int       // different ones
	Searches int
	Tickets  []string // ids, newest first
	First    time.Time
	Last     time.Time
	Examples []Signal // the newest
	Articles []string // keys of what was opened in vain or solved the tickets, most often first
	Nearest  []Near   // filled by a [Backlog]
	Verdict  *Verdict // the last one, if any
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
}

// A Decision is what a lead or writer made of a line.
type Decision string

// The decisions on a line.
const (
	Made      Decision = "made"      // an article was written, or improved
	Dismissed Decision = "dismissed" // nothing will be, for a reason
)

// A Verdict is a decision on a line. The line comes back when [Floor] other
// people ask in vain after it.
type Verdict struct {
	Line     string // id
	Decision Decision
	Article  string // key, of Made
	Reason   string // of Dismissed
	By       escalation.ActorRef
	At       time.Time
}

// NewVerdict checks a verdict.
func NewVerdict(v Verdict) (Verdict, error) {
	v.Reason = strings.Join(strings.Fields(v.Reason), " ")
	v.At = v.At.UTC().Truncate(time.Millisecond)
	switch {
	case v.Line == "":
		return Verdict{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_demand"}
	case v.Decision != Made && v.Decision != Dismissed:
		return Verdict{}, &escalation.Error{Kind: escalation.Invalid, Field: "decision", Reason: "error.demand_decision"}
	case v.Decision == Made && v.Article == "":
		return Verdict{}, &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.demand_article"}
	case v.Decision == Dismissed && v.Reason == "":
		return Verdict{}, &escalation.Error{Kind: escalation.Invalid, Field: "reason", Reason: "error.demand_reason"}
	case len([]rune(v.Reason)) > 500:
		return Verdict{}, &escalation.Error{Kind: escalation.Invalid, Field: "reason", Reason: "error.demand_reason_long"}
	}
	return v, nil
}
