package journey

import (
	"slices"
	"strings"
	"time"

	"primalinea/escalation/interval"
)

// An Outcome is how a journey ended.
type Outcome string

// The outcomes. Only the first four are in the denominator of a rate.
const (
	Escalated Outcome = "escalated" // a ticket within the window
	Confirmed Outcome = "confirmed" // "this solved it", and no ticket within the window
	Presumed  Outcome = "presumed"  // read, and neither asked further nor wrote; not proof
	Failed    Outcome = "failed"    // none of these: gave up, as far as we can see
	Pending   Outcome = "pending"   // too young to say
	Unknown   Outcome = "unknown"   // cannot be joined with a ticket
)

// Window is the time within which a ticket means that self-service did not
// help.
const Window = 7 * 24 * time.Hour

// Windows are shown side by side for [Presumed], because what it counts depends
// on them.
var Windows = []time.Duration{24 * time.Hour, 3 * 24 * time.Hour, Window, 14 * 24 * time.Hour}

// Rules is the version of the rules below. It is raised when they change, so
// that figures of different rules are not compared.
const Rules = 1

// Decide returns how a journey ended, seen from a moment, with a window that
// runs from its last event. It asks in this order: a ticket is known at once;
// everything else is known when the window has passed without one.
func Decide(j Journey, now time.Time, window time.Duration) Outcome {
	switch {
	case j.Visitor == "":
		return Unknown
	case !j.Ticket.IsZero() && !j.Ticket.After(j.Ended.Add(window)):
		return Escalated
	case now.Before(j.Ended.Add(window)):
		return Pending
	case j.Confirmed:
		return Confirmed
	case j.Read && !j.Last.IsSearch() && j.Last != VoteNo && j.Last != FormOpen && j.Last != FormAbandon:
		return Presumed
	}
	return Failed
}

// A Group is a number of journeys that [Decide] cannot tell apart under any of
// [Windows]; one journey stands for them.
type Group struct {
	Journey Journey
	Count   int
}

// A Report says how the journeys of a time ended. Its rates are never added
// together.
type Report struct {
	From   time.Time // journeys that began at or after
	To     time.Time // and before
	Rules  int
	Total  Figures
	ByLang []Figures // in the order of their codes
}

// Figures count journeys by how they ended.
type Figures struct {
	Lang      string
	Escalated int
	Failed    int
	Pending   int // not counted yet
	Unknown   int // beginnings that cannot be joined to anything: at most so many journeys
	Confirmed interval.Proportion
	Presumed  []PresumedIn // one for each of [Windows]
}

// Decided returns how many journeys of known outcome there are: the
// denominator.
func (f Figures) Decided() int { return f.Confirmed.N }

// UnknownShare returns the part of everything that cannot be joined.
func (f Figures) UnknownShare() interval.Proportion {
	return interval.Wilson(f.Unknown, f.Unknown+f.Pending+f.Decided())
}

// EscalatedRate returns the part of the decided journeys that became tickets.
func (f Figures) EscalatedRate() interval.Proportion {
	return interval.Wilson(f.Escalated, f.Decided())
}

// A PresumedIn is the presumed rate under one window.
type PresumedIn struct {
	Days int
	interval.Proportion
}

// Summarize makes a report of groups of journeys, and of the number of unknown
// beginnings by language.
func Summarize(from, to, now time.Time, groups []Group, unknown map[string]int) Report {
	type counts [4]map[Outcome]int // by window
	byLang := map[string]*counts{}
	of := func(lang string) *counts {
		c := byLang[lang]
		if c == nil {
			c = &counts{}
			for i := range c {
				c[i] = map[Outcome]int{}
			}
			byLang[lang] = c
		}
		return c
	}
	total := of("")
	for _, g := range groups {
		for i, w := range Windows {
			outcome := Decide(g.Journey, now, w)
			of(g.Journey.Lang)[i][outcome] += g.Count
			if g.Journey.Lang != "" {
				total[i][outcome] += g.Count
			}
		}
	}
	for lang, n := range unknown {
		for i := range Windows {
			of(lang)[i][Unknown] += n
			if lang != "" {
				total[i][Unknown] += n
			}
		}
	}
	r := Report{From: from, To: to, Rules: Rules}
	for lang, c := range byLang {
		f := Figures{Lang: lang}
		for i, w := range Windows {
			n := c[i][Escalated] + c[i][Confirmed] + c[i][Presumed] + c[i][Failed]
			f.Presumed = append(f.Presumed, PresumedIn{int(w / (24 * time.Hour)), interval.Wilson(c[i][Presumed], n)})
			if w == Window {
				f.Escalated, f.Failed, f.Pending, f.Unknown = c[i][Escalated], c[i][Failed], c[i][Pending], c[i][Unknown]
				f.Confirmed = interval.Wilson(c[i][Confirmed], n)
			}
		}
		if lang == "" {
			r.Total = f
		} else {
			r.ByLang = append(r.ByLang, f)
		}
	}
	slices.SortFunc(r.ByLang, func(a, b Figures) int { return strings.Compare(a.Lang, b.Lang) })
	return r
}
