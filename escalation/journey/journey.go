// Package journey follows a visitor's attempt to solve one matter, from the
// first search to the article, the form or silence, and says how it ended.
//
// What a visitor does is an [Event]. Events of one visitor are stitched into a
// [Journey] by pure rules; a [Recorder] does so behind the pages' backs, in
// batches, and may lose some rather than make anybody wait. [Decide] gives a
// journey its [Outcome]; a [Report] counts outcomes with their intervals.
//
// A visitor is known by a key that nobody can turn back into a cookie once its
// salt is gone ([Salts]). What was typed is scrubbed before it is kept.
package journey

import (
	"slices"
	"strings"
	"time"
)

const (
	// Pause ends a journey.
	Pause = 30 * time.Minute
	// Resume is how long a like query takes a journey up again.
	Resume = 24 * time.Hour
	// Typing is the time within which a search that begins like the one before
	// is the same search, still being typed.
	Typing = 30 * time.Second
	// Reading is how long an article has to be open to count as read.
	Reading = 10 * time.Second
)

// A Kind says what happened.
type Kind string

// What can happen on a journey.
const (
	Search      Kind = "search"
	Zero        Kind = "zero" // a search without hits; [Recorder.Record] makes it of a Search
	ResultClick Kind = "result_click"
	ArticleOpen Kind = "article_open"
	ArticleRead Kind = "article_read" // the page says how long it was open
	VoteYes     Kind = "vote_yes"
	VoteNo      Kind = "vote_no"
	Confirm     Kind = "confirm" // "this solved it"

	SuggestionEligible Kind = "suggestion_eligible" // there was something to offer; carries the arm
	SuggestionShown    Kind = "suggestion_shown"
	SuggestionClick    Kind = "suggestion_click"
	SuggestionDeclined Kind = "suggestion_declined"

	FormOpen    Kind = "form_open"
	FormAbandon Kind = "form_abandon"

	TicketCreated  Kind = "ticket_created"
	TicketTierUp   Kind = "ticket_tier_up"
	TicketSolved   Kind = "ticket_solved"
	TicketReopened Kind = "ticket_reopened"
	TicketSeen     Kind = "ticket_seen" // its requester followed the link to it, with this browser

	GuideStep Kind = "guide_step"
	GuideEnd  Kind = "guide_end"
	Subscribe Kind = "subscribe"
)

// IsSearch reports whether it is a search, with or without hits.
func (k Kind) IsSearch() bool { return k == Search || k == Zero }

// ofTicket reports whether it happened to a ticket, not to its visitor.
func (k Kind) ofTicket() bool {
	return k == TicketTierUp || k == TicketSolved || k == TicketReopened || k == TicketSeen
}

// Answers reports whether somebody says by it what answered a search, or asks for
// an answer: of these it matters from how many places they come.
func (k Kind) Answers() bool { return k == Confirm || k == VoteYes || k == TicketCreated }

// ofForm reports whether it belongs to the contact form, over which people may
// sit longer than a pause.
func (k Kind) ofForm() bool {
	switch k {
	case FormOpen, FormAbandon, SuggestionEligible, SuggestionShown, SuggestionClick, SuggestionDeclined, TicketCreated:
		return true
	}
	return false
}

// aside reports whether it happens beside what the visitor does: it is not the
// last thing they did.
func (k Kind) aside() bool {
	return k == ArticleRead || k == SuggestionEligible || k == SuggestionShown
}

// An Event is one thing that happened. Kind says which fields mean something.
type Event struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Visitor  string    `json:"visitor,omitempty"` // key; empty when nobody can be joined
	Journey  string    `json:"journey,omitempty"` // given by the recorder
	Kind     Kind      `json:"kind"`
	Lang     string    `json:"lang"`
	Article  string    `json:"article,omitempty"`  // key
	Revision string    `json:"revision,omitempty"` // of the text that was read, as translations name it
	Query    string    `json:"query,omitempty"`    // as typed; scrubbed before it is kept
	Hits     int       `json:"hits,omitempty"`
	Rank     int       `json:"rank,omitempty"`    // place of what was clicked or shown, from 1
	Seconds  int       `json:"seconds,omitempty"` // an article was open
	Reason   string    `json:"reason,omitempty"`  // of a "no"

	Experiment string `json:"experiment,omitempty"`
	Arm        string `json:"arm,omitempty"`
	Ticket     string `json:"ticket,omitempty"` // id

	// Network tells where it comes from, as [Salts.Network] does, if its kind
	// [Kind.Answers].
	Network string `json:"-"`

	Source  Source `json:"-"` // whom it comes from; only [Visitors] are recorded
	Outside bool   `json:"-"` // an article was opened from another site, or directly
	Again   bool   `json:"-"` // a search asks the same as the one before, in words that were offered
}

// begins reports whether a journey can begin with it.
func (e *Event) begins() bool {
	return e.Kind.IsSearch() || e.Kind == FormOpen || e.Kind == ArticleOpen && e.Outside
}

// A Journey is one visitor's attempt to solve one matter. It holds what
// [Decide] needs to know of its events, and what [Journey.Add] needs to go on.
type Journey struct {
	ID      string
	Visitor string
	Lang    string // of its first event
	Started time.Time
	Ended   time.Time // its last event so far

	Confirmed bool // "this solved it", not taken back
	Read      bool // an article was open for [Reading]
	Answered  bool // whether an article helped was said
	Last      Kind // the last thing the visitor did
	Ticket    time.Time
	State     State
}

// A State is what a journey has to remember to go on.
type State struct {
	Typing  *Event     `json:"typing,omitempty"`  // the last search, if nothing happened since
	Queries [][]string `json:"queries,omitempty"` // terms of the last searches
	Opens   []Event    `json:"opens,omitempty"`   // articles opened last
	Beacons []string   `json:"beacons,omitempty"` // ids of those whose page told its time
	ReadOld bool       `json:"read_old,omitempty"`
	Solved  string     `json:"solved,omitempty"` // the article that was confirmed
	First   Text       `json:"first,omitzero"`   // the first text that was opened
}

const (
	maxQueries = 8
	maxOpens   = 16
)

// Takes reports whether an event of the same visitor goes on with this journey,
// or begins another. terms are those of its query.
func (j *Journey) Takes(e Event, terms []string) bool {
	gap := e.At.Sub(j.Ended)
	if gap <= Pause {
		return true
	}
	if gap > Resume {
		return false
	}
	switch {
	case e.Kind.IsSearch():
		return slices.ContainsFunc(j.State.Queries, func(q []string) bool { return Like(q, terms) })
	case e.Kind == ArticleRead:
		return true // the page was left open: it begins nothing
	case e.Kind == FormOpen:
		return false
	case e.Kind.ofForm():
		return j.Last.ofForm()
	}
	return false
}

// Add goes on with the journey and returns the events to keep: the one that was
// added, and earlier ones of which it says more. A search that goes on with the
// one before, or asks it again as was offered, is returned under its ID, and takes
// its place.
func (j *Journey) Add(e Event, terms []string) []Event {
	e.Journey = j.ID
	if j.Started.IsZero() {
		j.Started, j.Lang, j.Visitor = e.At, e.Lang, e.Visitor
	}
	if e.Kind.ofTicket() {
		return []Event{e}
	}
	var more []Event
	s := &j.State
	if e.Kind == ArticleRead {
		more = s.read(e)
	} else if n := len(s.Opens); n > 0 && !slices.Contains(s.Beacons, s.Opens[n-1].ID) && s.Opens[n-1].Seconds == 0 {
		// Without JavaScript the next request says how long the page was open.
		if gap := e.At.Sub(s.Opens[n-1].At); gap >= time.Second && gap <= Pause {
			s.Opens[n-1].Seconds = int(gap / time.Second)
			more = append(more, s.Opens[n-1])
		}
	}
	switch {
	case e.Kind.IsSearch():
		if t := s.Typing; t != nil && (e.Again || goesOn(*t, e)) {
			e.ID = t.ID
			s.Queries = s.Queries[:max(0, len(s.Queries)-1)]
		}
		s.Queries = lastOf(append(s.Queries, terms), maxQueries)
		s.Typing = new(e)
	case e.Kind == ArticleOpen:
		if len(s.Opens) == maxOpens {
			s.ReadOld = s.ReadOld || read(s.Opens[0])
		}
		s.Opens = lastOf(append(s.Opens, e), maxOpens)
	case e.Kind == Confirm, e.Kind == VoteYes:
		j.Confirmed, s.Solved = true, e.Article
	case e.Kind == VoteNo:
		if j.Confirmed && s.Solved == e.Article {
			j.Confirmed, s.Solved = false, ""
		}
	case e.Kind == TicketCreated && j.Ticket.IsZero():
		j.Ticket = e.At
	}
	switch e.Kind {
	case ResultClick, SuggestionClick, ArticleOpen:
		if s.First.Article == "" {
			s.First = Text{e.Article, e.Lang}
		}
	case Confirm, VoteYes, VoteNo:
		j.Answered = true
	}
	if !e.Kind.aside() {
		j.Last = e.Kind
		if !e.Kind.IsSearch() {
			s.Typing = nil
		}
	}
	j.Read = s.ReadOld || slices.ContainsFunc(s.Opens, read)
	if e.At.After(j.Ended) && (e.Kind != ArticleRead || e.At.Sub(j.Ended) <= Pause) {
		j.Ended = e.At // but a page that was left open does not make the journey longer
	}
	return append(more, e)
}

// read says how long the article that was opened last under its key was open.
// The page knows better than the next request, and may say it several times.
func (s *State) read(e Event) []Event {
	for i := len(s.Opens) - 1; i >= 0; i-- {
		open := &s.Opens[i]
		if open.Article != e.Article || open.Lang != e.Lang {
			continue
		}
		if told := slices.Contains(s.Beacons, open.ID); !told {
			s.Beacons = lastOf(append(s.Beacons, open.ID), maxOpens)
			open.Seconds = e.Seconds
		} else {
			open.Seconds = max(open.Seconds, e.Seconds)
		}
		return []Event{*open}
	}
	return nil
}

func read(open Event) bool { return time.Duration(open.Seconds)*time.Second >= Reading }

// goesOn reports whether a search is the one before, typed further, shortened
// again or merely repeated.
func goesOn(before, e Event) bool {
	if e.At.Sub(before.At) > Typing || before.Lang != e.Lang {
		return false
	}
	a, b := folded(before.Query), folded(e.Query)
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

func folded(query string) string { return strings.ToLower(strings.Join(strings.Fields(query), " ")) }

func lastOf[T any](s []T, n int) []T {
	if len(s) > n {
		s = slices.Clone(s[len(s)-n:])
	}
	return s
}

// Like reports whether two queries, as sets of terms, ask for the same: they
// share at least half of the shorter one, and two terms unless it has but one.
func Like(a, b []string) bool {
	shared, least := Overlap(a, b)
	return least > 0 && 2*shared >= least && (shared >= 2 || shared == least)
}

// Overlap returns how many different terms two queries share, and how many the
// shorter one has.
func Overlap(a, b []string) (shared, least int) {
	in := make(map[string]bool, len(a))
	for _, t := range a {
		in[t] = true
	}
	seen := make(map[string]bool, len(b))
	for _, t := range b {
		if !seen[t] && in[t] {
			shared++
		}
		seen[t] = true
	}
	return shared, min(len(in), len(seen))
}
