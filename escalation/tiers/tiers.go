// Package tiers says how the tiers of the desk share its work: how much the first line
// settles, and what that costs the customers. A desk can raise its share by holding on
// to tickets, so the share comes with the figures that holding on spoils.
package tiers

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
)

// What a desk with three tiers aims at for the share of its first: below, articles and
// instructions are missing; above, tickets may be held too long.
const (
	TargetLow  = .7
	TargetHigh = .8
)

// A Case is a ticket as the report reads it: nobody's spam.
type Case struct {
	ID, Type string
	Team     string    // where it is, or was solved
	Tier     int       // likewise
	Highest  int       // tier that it reached
	Open     bool      // it is not solved
	Due      time.Time // zero while nothing is
	Life
}

// A Wait is how long something took as customers live it: nights, holidays and
// pauses count.
type Wait struct {
	N      int
	Median time.Duration
	P90    time.Duration // nine in ten took no longer
}

// newWait sums up waits.
func newWait(took []time.Duration) Wait {
	slices.Sort(took)
	return Wait{N: len(took), Median: escalation.Rank(took, 50), P90: escalation.Rank(took, 90)}
}

// A Line is the report of one kind of request, or of a tier of a team.
type Line struct {
	Type string // of a kind of request: its id
	Team string // of a tier of a team: its id
	Tier int    // likewise

	First      interval.Proportion // of tiers: first answers in time
	Answered   Wait                // until them
	Share      interval.Proportion // of kinds: solved by the first tier
	Reopened   interval.Proportion // of what was solved
	Resolution interval.Proportion // solved in time
	Elapsed    Wait                // from the opening to the solution
	Open       int                 // not solved now
	Overdue    int                 // of them
	Age        Wait                // of them
}

// A Week is the share of a week; the first of a report may be shorter.
type Week struct {
	From, To        time.Time // To is not included
	Share, Reopened interval.Proportion
}

// A Breach says how often one sort of promise was broken, of those that came due or
// were kept.
type Breach struct {
	Clock clock.Kind
	interval.Proportion
}

// A Topic is something that people ask and the first tier passes on.
type Topic struct {
	Line    string // id, of the demand
	Lang    string
	Title   string
	Decided bool // a lead said what is to be done about it
	Up      int  // tickets that were solved, and had gone up
	Tickets int  // that were solved
}

// A Report says how the tiers shared the work of some days (UTC).
type Report struct {
	From, To time.Time // To is not included

	Share        interval.Proportion // solved with no higher tier than the first, of all that was solved
	Reopened     interval.Proportion // opened again since, of all that was ever solved in these days
	FirstContact interval.Proportion // solved by the first answer, and never opened again
	First        interval.Proportion // first answers in time, of what was opened in these days and is answered or due
	Answered     Wait                // until the first answer
	Unanswered   interval.Proportion // without one yet, of what was opened in these days
	Resolution   interval.Proportion // solved in time
	Elapsed      Wait                // from the opening to the solution
	Bounced      interval.Proportion // handoffs between teams that came back, of those that were answered
	Rating       Rated               // what customers said

	Ratings  []Rated // the same by channel and tier
	Breaches []Breach
	Topics   []Topic
	ByType   []Line // those with most solved tickets first
	ByTier   []Line // by team and tier
	Weeks    []Week
}

// Verdict says what the share means; the catalog has the words as "tiers.verdict.<verdict>".
type Verdict string

// The verdicts.
const (
	TooFew Verdict = "few"
	Below  Verdict = "below" // surely less than what is aimed at
	Above  Verdict = "above" // surely more
	Within Verdict = "within"
)

// Verdict says what the share means, as far as it is sure.
func (r *Report) Verdict() Verdict {
	switch {
	case r.Share.TooFew():
		return TooFew
	case r.Share.High < TargetLow:
		return Below
	case r.Share.Low > TargetHigh:
		return Above
	}
	return Within
}

// A count becomes a proportion.
type count struct{ k, n int }

func (c *count) add(hit bool) {
	c.n++
	if hit {
		c.k++
	}
}

func (c count) rate() interval.Proportion { return interval.Wilson(c.k, c.n) }

// counts are what a report, or a line of it, counts.
type counts struct {
	share, reopened, first, resolution count
	answered, elapsed, age             []time.Duration
	open, overdue                      int
}

func (c *counts) line(l Line) Line {
	l.Share, l.Reopened, l.First, l.Resolution = c.share.rate(), c.reopened.rate(), c.first.rate(), c.resolution.rate()
	l.Answered, l.Elapsed, l.Age = newWait(c.answered), newWait(c.elapsed), newWait(c.age)
	l.Open, l.Overdue = c.open, c.overdue
	return l
}

// place is a tier of a team.
type place struct {
	team string
	tier int
}

// A Source is what a report is made of.
type Source struct {
	// Cases names each that anything happened to in these days, and each that is open.
	Cases   func(each func(c *Case)) error
	Moves   []escalation.Move        // of tickets of which one was answered in these days, from their first
	Ratings []escalation.RatingCount // what customers said in these days
	Lines   []demand.Line            // what people ask
}

// New makes a report of the days from one moment to another.
func New(s Source, from, to, now time.Time) (Report, error) {
	r := Report{From: from, To: to, Weeks: weeks(from, to)}
	within := func(t time.Time) bool { return !t.IsZero() && !t.Before(from) && t.Before(to) }
	var all counts
	var firstContact, unanswered count
	came := ends(s.Lines)
	types, places, breaches := map[string]*counts{}, map[place]*counts{}, map[clock.Kind]*count{}
	byWeek := make([]struct{ share, reopened count }, len(r.Weeks))
	err := s.Cases(func(c *Case) {
		for i := range c.Promises {
			if when, late := c.Promises[i].fate(now); within(when) {
				at(breaches, c.Promises[i].Clock).add(late)
			}
		}
		here := at(places, place{c.Team, c.Tier})
		if c.Open {
			here.open++
			here.age = append(here.age, max(0, now.Sub(c.Opened)))
			if !c.Due.IsZero() && c.Due.Before(now) {
				here.overdue++
			}
		}
		of := []*counts{&all, at(types, c.Type), here}
		if within(c.Opened) {
			if late, known := c.kept(clock.First, now); known {
				for _, of := range of {
					of.first.add(!late)
				}
			}
			waits := c.Answered.IsZero()
			if !waits {
				for _, of := range of {
					of.answered = append(of.answered, c.Answered.Sub(c.Opened))
				}
			}
			if !waits || !c.Over {
				unanswered.add(waits)
			}
		}
		for _, solved := range c.Solved {
			if !within(solved.At) {
				continue
			}
			for _, of := range of {
				of.reopened.add(!solved.Reopened.IsZero())
			}
			byWeek[weekOf(r.Weeks, solved.At)].reopened.add(!solved.Reopened.IsZero())
		}
		if n := len(c.Solved); n > 0 && c.Solved[n-1].Reopened.IsZero() && within(c.Solved[n-1].At) {
			last := c.Solved[n-1]
			late, known := c.kept(clock.Resolution, now)
			for _, of := range of {
				of.share.add(c.Highest <= 1)
				of.elapsed = append(of.elapsed, last.At.Sub(c.Opened))
				if known {
					of.resolution.add(!late)
				}
			}
			if _, asked := came[c.ID]; asked {
				if came[c.ID] = settled; c.Highest > 1 {
					came[c.ID] = wentUp
				}
			}
			firstContact.add(n == 1 && last.First)
			byWeek[weekOf(r.Weeks, last.At)].share.add(c.Highest <= 1)
		}
	})
	if err != nil {
		return r, err
	}
	r.Topics = topics(s.Lines, came)
	r.Rating, r.Ratings = Ratings(s.Ratings)
	var moved count
	for _, p := range escalation.Pairs(s.Moves, from, to) {
		moved.k += p.Bounced()
		moved.n += p.Offers
	}

	sum := all.line(Line{})
	r.Share, r.Reopened, r.First, r.Resolution = sum.Share, sum.Reopened, sum.First, sum.Resolution
	r.Answered, r.Elapsed = sum.Answered, sum.Elapsed
	r.FirstContact, r.Bounced, r.Unanswered = firstContact.rate(), moved.rate(), unanswered.rate()
	for i, w := range byWeek {
		r.Weeks[i].Share, r.Weeks[i].Reopened = w.share.rate(), w.reopened.rate()
	}
	for _, k := range clock.Kinds {
		if b := breaches[k]; b != nil {
			r.Breaches = append(r.Breaches, Breach{k, b.rate()})
		}
	}
	for id, c := range types {
		if c.reopened.n > 0 {
			r.ByType = append(r.ByType, c.line(Line{Type: id}))
		}
	}
	slices.SortFunc(r.ByType, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Share.N, a.Share.N), cmp.Compare(a.Type, b.Type))
	})
	for p, c := range places {
		r.ByTier = append(r.ByTier, c.line(Line{Team: p.team, Tier: p.tier}))
	}
	slices.SortFunc(r.ByTier, func(a, b Line) int { return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Team, b.Team)) })
	return r, nil
}

// at returns the value of a key, a new one when there is none.
func at[K comparable, V any](m map[K]*V, key K) *V {
	if m[key] == nil {
		m[key] = new(V)
	}
	return m[key]
}

// weeks divides days into weeks, the last of which ends with them.
func weeks(from, to time.Time) []Week {
	var list []Week
	for ; to.After(from); to = to.AddDate(0, 0, -7) {
		start := to.AddDate(0, 0, -7)
		if start.Before(from) {
			start = from
		}
		list = append(list, Week{From: start, To: to})
	}
	slices.Reverse(list)
	return list
}

// weekOf returns which of the weeks a moment within them lies in.
func weekOf(list []Week, t time.Time) int {
	return slices.IndexFunc(list, func(w Week) bool { return t.Before(w.To) })
}

// mostTopics is how many topics a report names.
const mostTopics = 10

// An end is what came of a ticket that people ask about.
type end int

const (
	unsolved end = iota // in these days
	settled             // by the first tier
	wentUp
)

// ends returns room for what came of the tickets of these lines.
func ends(lines []demand.Line) map[string]end {
	all := map[string]end{}
	for _, l := range lines {
		for _, id := range l.Tickets {
			all[id] = unsolved
		}
	}
	return all
}

// topics returns what went up most of what people ask. What only one ticket is about is
// no topic.
func topics(lines []demand.Line, came map[string]end) []Topic {
	var list []Topic
	for _, l := range lines {
		t := Topic{Line: l.ID, Lang: l.Lang, Title: l.Title, Decided: l.Decision != nil && l.Back == nil}
		for _, id := range l.Tickets {
			if came[id] != unsolved {
				t.Tickets++
			}
			if came[id] == wentUp {
				t.Up++
			}
		}
		if t.Up > 1 {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b Topic) int { return cmp.Or(cmp.Compare(b.Up, a.Up), cmp.Compare(a.Line, b.Line)) })
	return list[:min(mostTopics, len(list))]
}

// Table returns the report as rows, the first of which names the columns. Times are in
// seconds.
func (r *Report) Table() [][]string {
	rows := [][]string{{"of", "key", "measure", "k", "n", "rate", "low", "high", "median_seconds", "p90_seconds", "title"}}
	decimal := func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }
	rate := func(of, key, measure string, p interval.Proportion) {
		rows = append(rows, []string{of, key, measure, strconv.Itoa(p.K), strconv.Itoa(p.N), decimal(p.Rate), decimal(p.Low), decimal(p.High), "", "", ""})
	}
	wait := func(of, key, measure string, w Wait) {
		rows = append(rows, []string{of, key, measure, "", strconv.Itoa(w.N), "", "", "",
			strconv.Itoa(int(w.Median.Seconds())), strconv.Itoa(int(w.P90.Seconds())), ""})
	}
	rate("all", "", "tier1_share", r.Share)
	rate("all", "", "reopened", r.Reopened)
	rate("all", "", "first_contact", r.FirstContact)
	rate("all", "", "first_response", r.First)
	wait("all", "", "first_response", r.Answered)
	rate("all", "", "unanswered", r.Unanswered)
	rate("all", "", "resolution", r.Resolution)
	wait("all", "", "elapsed", r.Elapsed)
	rate("all", "", "bounces", r.Bounced)
	rate("all", "", "rating", r.Rating.Good)
	for _, g := range r.Ratings {
		rate("channel", string(g.Channel)+" "+strconv.Itoa(g.Tier), "rating", g.Good)
	}
	for _, b := range r.Breaches {
		rate("clock", string(b.Clock), "breaches", b.Proportion)
	}
	for _, l := range r.ByType {
		rate("type", l.Type, "tier1_share", l.Share)
		rate("type", l.Type, "reopened", l.Reopened)
		wait("type", l.Type, "elapsed", l.Elapsed)
	}
	for _, l := range r.ByTier {
		key := l.Team + " " + strconv.Itoa(l.Tier)
		rate("tier", key, "first_response", l.First)
		wait("tier", key, "first_response", l.Answered)
		rate("tier", key, "resolution", l.Resolution)
		wait("tier", key, "elapsed", l.Elapsed)
		rate("tier", key, "overdue", interval.Wilson(l.Overdue, l.Open))
		wait("tier", key, "age", l.Age)
	}
	for _, w := range r.Weeks {
		key := w.From.Format(time.DateOnly)
		rate("from", key, "tier1_share", w.Share)
		rate("from", key, "reopened", w.Reopened)
	}
	for _, t := range r.Topics {
		rate("topic", t.Line, "went_up", interval.Wilson(t.Up, t.Tickets))
		rows[len(rows)-1][10] = t.Title
	}
	return rows
}
