package journey

import (
	"cmp"
	"slices"
	"time"

	"primalinea/escalation/interval"
)

// Unused is how long nobody has to open a text for it to be unused.
const Unused = 180 * day

// objections is how many people have to say "no" for a text to be voted down.
const objections = 3

// A Seen is what is kept of a text longer than single steps are.
type Seen struct {
	Known  time.Time // since when it is published, as far as we saw
	Opened time.Time // last by a visitor; zero when never
}

// A Condition is all that says whether a text needs somebody.
type Condition struct {
	Text
	Standing  Standing  // of the last months
	Judgement Judgement // of its present revision
	Open      bool      // customers may read it: nobody notes what staff open
	Seen
	Due    time.Time // of its review; zero without one
	Behind string    // how large the change is that a translation lacks: minor, major, or none
}

// A Need is why a text needs somebody.
type Need string

// The needs, in the order of the harm that they do.
const (
	NeedContacted Need = "contacted" // surely more of its readers contact us than of others
	NeedVotes     Need = "votes"     // more people say "no" than "yes"
	NeedBehind    Need = "behind"    // its source changed
	NeedReview    Need = "review"    // its review is overdue
	NeedUnused    Need = "unused"    // nobody opens it
)

// Needs are all of them, in that order.
var Needs = []Need{NeedContacted, NeedVotes, NeedBehind, NeedReview, NeedUnused}

// A Patient is a text that needs somebody.
type Patient struct {
	Condition
	Needs []Need // the one that does most harm first
}

// Has reports whether it has a need.
func (p Patient) Has(n Need) bool { return slices.Contains(p.Needs, n) }

// harmed counts the people whom its gravest need concerns.
func (p Patient) harmed() int {
	switch p.Needs[0] {
	case NeedContacted:
		return p.Standing.Contacted.K
	case NeedVotes:
		return p.Judgement.No
	}
	return p.Standing.Solved.N
}

// Needs returns why a text needs somebody. mean is the part of all readers who
// contacted us.
func (c Condition) Needs(mean interval.Proportion, now time.Time) []Need {
	var needs []Need
	if d := c.Standing.Contacted; !d.TooFew() && d.Low > mean.Rate {
		needs = append(needs, NeedContacted)
	}
	if c.Judgement.No >= objections && c.Judgement.No > c.Judgement.Yes {
		needs = append(needs, NeedVotes)
	}
	if c.Behind == "major" || c.Behind == "minor" {
		needs = append(needs, NeedBehind)
	}
	if !c.Due.IsZero() && now.After(c.Due) {
		needs = append(needs, NeedReview)
	}
	if since := latest(c.Known, c.Opened); c.Open && !c.Known.IsZero() && now.Sub(since) >= Unused {
		needs = append(needs, NeedUnused)
	}
	return needs
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Patients returns the texts that need somebody: what does most harm first, and
// of what does the same, what concerns most people.
func Patients(all []Condition, mean interval.Proportion, now time.Time) []Patient {
	var found []Patient
	for _, c := range all {
		if needs := c.Needs(mean, now); len(needs) > 0 {
			found = append(found, Patient{c, needs})
		}
	}
	slices.SortStableFunc(found, func(a, b Patient) int {
		return cmp.Or(
			slices.Index(Needs, a.Needs[0])-slices.Index(Needs, b.Needs[0]),
			b.harmed()-a.harmed(), a.compare(b.Text))
	})
	return found
}
