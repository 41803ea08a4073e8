package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Text is an article in one language: what somebody read.
type Text struct {
	Article string // key
	Lang    string
}

func (t Text) compare(o Text) int {
	return cmp.Or(strings.Compare(t.Article, o.Article), strings.Compare(t.Lang, o.Lang))
}

// Whole is the credit that a journey gives, in parts, so that it is shared out and
// added up again without a rest: up to 16 texts get exactly the same.
const Whole = 720_720

// An Account is what a journey says of the texts that were read on it, once it is
// known how it ended.
type Account struct {
	Day     time.Time // on which it began
	Lang    string
	Outcome Outcome
	Shares  []Share
	Votes   []Vote
}

// A Share is what a journey says of a text that was read on it: one that was open
// for [Reading], or of which somebody said that it solved the matter. What was
// opened after the ticket was sent cannot have led to it, and has none.
type Share struct {
	Text
	Parts  int  // of the [Whole] that a journey gives which ended well
	Solved bool // it is confirmed, by what was said of this text
}

// A Vote is what a visitor said last of a text.
type Vote struct {
	Text
	Revision string // that they had read
	Yes      bool
	Kept     bool   // it was a yes, and no ticket followed
	Reason   string // of a no
}

// Settle returns what a journey says of its texts, after its outcome is known.
// events are all that happened on it, in their order.
func Settle(j Journey, outcome Outcome, events []Event) Account {
	a := Account{Day: j.Started.UTC().Truncate(day), Lang: j.Lang, Outcome: outcome, Votes: Votes(events)}
	before := func(e Event) bool { return outcome != Escalated || j.Ticket.IsZero() || e.At.Before(j.Ticket) }
	for i := range a.Votes {
		a.Votes[i].Kept = a.Votes[i].Yes && outcome == Confirmed
	}
	for _, e := range events {
		t := Text{e.Article, e.Lang}
		if t.Article == "" || !before(e) || slices.ContainsFunc(a.Shares, func(s Share) bool { return s.Text == t }) {
			continue
		}
		said := slices.ContainsFunc(a.Votes, func(v Vote) bool { return v.Text == t && v.Yes })
		if e.Kind == ArticleOpen && read(e) || said && (e.Kind == VoteYes || e.Kind == Confirm) {
			a.Shares = append(a.Shares, Share{Text: t, Solved: said && outcome == Confirmed})
		}
	}
	if outcome != Confirmed && outcome != Presumed {
		return a
	}
	for i := range a.Shares {
		a.Shares[i].Parts = Whole / len(a.Shares)
		if i < Whole%len(a.Shares) {
			a.Shares[i].Parts++
		}
	}
	return a
}

// Votes returns what was said of texts on a journey: of each, what was said last,
// with the reason for it that was given meanwhile.
func Votes(events []Event) []Vote {
	var votes []Vote
	for _, e := range events {
		if e.Kind != VoteYes && e.Kind != VoteNo && e.Kind != Confirm || e.Article == "" {
			continue
		}
		v := Vote{Text: Text{e.Article, e.Lang}, Revision: e.Revision, Yes: e.Kind != VoteNo, Reason: e.Reason}
		i := slices.IndexFunc(votes, func(o Vote) bool { return o.Text == v.Text })
		if i < 0 {
			votes = append(votes, v)
			continue
		}
		if !v.Yes && !votes[i].Yes {
			v.Reason = cmp.Or(v.Reason, votes[i].Reason)
		}
		votes[i] = v
	}
	return votes
}

// A Tally counts journeys whose outcome is known, and on which a text was read, or
// any of a section.
type Tally struct {
	Journeys  int
	Solved    int // it was said there that it solved the matter
	Contacted int // a ticket followed
	Confirmed int // credit, in parts of a [Whole] each
	Presumed  int
}

// Add adds what another one counts.
func (t *Tally) Add(o Tally) {
	t.Journeys += o.Journeys
	t.Solved += o.Solved
	t.Contacted += o.Contacted
	t.Confirmed += o.Confirmed
	t.Presumed += o.Presumed
}

// A Counted is what a tally is about: a text, a section in a language, or all
// journeys that began in one.
type Counted struct {
	Kind string // [CountText], [CountSection] or [CountAll]
	Text        // of a section, its key; of all, none
}

// What a tally can be about.
const (
	CountText    = "text"
	CountSection = "section"
	CountAll     = "all"
)

// Tallies counts the journey once for each of its texts, once for each of their
// sections, and once for all. section says where a text lies.
func (a Account) Tallies(section func(Text) string) map[Counted]Tally {
	tallies := map[Counted]Tally{}
	count := func(c Counted, s Share) {
		t := tallies[c]
		t.Journeys = 1
		if s.Solved {
			t.Solved = 1
		}
		switch a.Outcome {
		case Escalated:
			t.Contacted = 1
		case Confirmed:
			t.Confirmed += s.Parts
		case Presumed:
			t.Presumed += s.Parts
		}
		tallies[c] = t
	}
	for _, s := range a.Shares {
		count(Counted{CountText, s.Text}, s)
		count(Counted{CountSection, Text{section(s.Text), s.Lang}}, s)
	}
	all := Share{Parts: Whole, Solved: slices.ContainsFunc(a.Shares, func(s Share) bool { return s.Solved })}
	count(Counted{CountAll, Text{Lang: a.Lang}}, all)
	return tallies
}
