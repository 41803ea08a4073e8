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

// The kinds of signals; all but the last two are searches that failed.
const (
	Zero     Kind = "zero"      // nothing was found
	NoClick  Kind = "no_click"  // nothing that was found was opened
	Rephrase Kind = "rephrase"  // what was opened was left at once, and the search said differently
	No       Kind = "no"        // what was opened did not answer
	Form     Kind = "form"      // the search ended in the contact form
	Abandon  Kind = "abandon"   // the same, and nothing was sent
	Ticket   Kind = "ticket"    // it took a person to answer
	Waits    Kind = "subscribe" // somebody waits to be told of an answer
)

// A Signal is one search that failed, one ticket that was solved, or one person who
// waits to be told.
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
	Minutes int    // of work on the ticket
	Article string // key of what was opened in vain, or of what solved the ticket
	Strand  string // id of the wordings it belongs to; empty until it is placed
	Line    string // id of the line it lies on; empty until it is placed
	About   About  // what its text is about, as search knew it when it was placed
}

// hastily is how soon somebody who did not find the answer leaves an article.
const hastily = journey.Reading

// FromJourney returns the searches of a journey that failed, one signal for
// each search, by the gravest reason. events are those of one journey, oldest
// first. An ID depends on the search alone, so that the same journey can be
// looked at again when it goes on.
func FromJourney(events []journey.Event) []Signal {
	var signals []Signal
	var at pursuit
	for i := range events {
		e := &events[i]
		switch {
		case e.Kind.IsSearch():
			if at.ID != "" && fold(at.Text) == fold(e.Query) {
				continue // back at the same results
			}
			signals = at.end(signals, true)
			at = pursuit{}
			if strings.TrimSpace(e.Query) == "" {
				continue
			}
			at.Signal = Signal{
				ID: "search-" + e.ID, Lang: e.Lang, Text: e.Query, Who: e.Visitor, At: e.At,
				Journey: e.Journey, Hits: e.Hits,
			}
		case at.ID == "": // nothing is pursued
		case e.Kind == journey.ResultClick, e.Kind == journey.SuggestionClick:
			at.opened = true
		case e.Kind == journey.ArticleOpen:
			at.opened = true
			at.helped = at.Kind == Form
			if at.Kind == "" {
				at.Article = e.Article
			}
			at.hasty = e.Seconds > 0 && time.Duration(e.Seconds)*time.Second < hastily
		case e.Kind == journey.VoteNo:
			if at.Kind == "" {
				at.Kind, at.Article = No, e.Article
			}
		case e.Kind == journey.Confirm, e.Kind == journey.VoteYes:
			if at.Kind != Form && (at.Kind != No || at.Article == e.Article) {
				at = pursuit{} // it was found after all
			}
		case e.Kind == journey.FormOpen, e.Kind == journey.TicketCreated:
			at.Kind = Form
			if e.Ticket != "" {
				at.Ticket = e.Ticket
			}
		case e.Kind == journey.FormAbandon:
			at.left = true
		}
	}
	return at.end(signals, false)
}

// A pursuit is a search that is being followed.
type pursuit struct {
	Signal
	opened bool // an article was opened after it
	hasty  bool // and left at once
	left   bool // the form in which it ended was left
	helped bool // after an article was opened from the form
}

// end adds the signal of a search that failed; again says that another search
// followed.
func (at *pursuit) end(signals []Signal, again bool) []Signal {
	switch {
	case at.ID == "":
		return signals
	case at.Kind == Form && at.left && !at.helped && at.Ticket == "":
		at.Kind = Abandon
	case at.Kind != "": // Form, No
	case at.Hits == 0:
		at.Kind = Zero
	case !at.opened:
		at.Kind = NoClick
	case at.hasty && again:
		at.Kind = Rephrase
	default:
		return signals
	}
	return append(signals, at.Signal)
}

// FromTicket returns the signal of a solved ticket. who is the hash of its
// requester, as [escalation.Ticket.RequesterHash] makes it.
func FromTicket(t *escalation.Ticket, who string) Signal {
	text, _ := scrub.Text(strings.Join(strings.Fields(t.Subject), " "))
	s := Signal{
		ID: "ticket-" + t.ID, Kind: Ticket, Lang: t.Lang, Text: text, Who: who, At: t.Opened,
		Journey: t.Journey, Ticket: t.ID, Minutes: Handling(t),
	}
	if t.Solution != nil {
		s.At, s.Article = t.Solution.At, t.Solution.Article
	}
	return s
}
