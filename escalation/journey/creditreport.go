package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/interval"
	"primalinea/escalation/scrub"
)

// Credits are what was counted of the journeys that began in a span.
type Credits struct {
	SearchSpan
	Since   time.Time // first day of which anything is counted; zero when nothing is
	Pending int       // journeys whose outcome is not known yet: they count nowhere
	Tallies map[Counted]Tally
	Votes   []Voted
}

// A Voted is how often a text was voted for or against, in one revision and for one
// reason.
type Voted struct {
	Text
	Revision string
	Reason   string // of a no, empty without one
	Yes, No  int
	Kept     int       // of the yes, those after which no ticket followed
	Last     time.Time // day on which the last of these journeys began
}

// A CreditReport says what texts do for those who read them. It ranks by bounds of
// intervals and never by the rates themselves, so that three good votes do not
// beat three hundred.
type CreditReport struct {
	SearchSpan
	Since    time.Time
	Decided  int // journeys
	Pending  int
	Mean     interval.Proportion // read, then contacted: of all readings of all texts
	Solved   interval.Proportion // "this solved it": of the same
	Texts    []Standing          // in the order of their keys
	Sections []Standing          // in the order of their keys, which stand for articles
}

// A Standing is what a text, or a section, did.
type Standing struct {
	Text
	Confirmed float64 // journeys that it has the credit of; the two are never added
	Presumed  float64
	Solved    interval.Proportion // "this solved it", of the journeys on which it was read
	Contacted interval.Proportion // read, then contacted: of the same journeys
	Yes, No   int                 // votes, of journeys that are not decided, too
}

// TooFew reports whether there are too few journeys to draw a conclusion.
func (s Standing) TooFew() bool { return s.Solved.TooFew() }

// Settled returns the part of the journeys after which nobody contacted us.
func (s Standing) Settled() interval.Proportion {
	return interval.Wilson(s.Contacted.N-s.Contacted.K, s.Contacted.N)
}

func standing(t Text, n Tally) Standing {
	return Standing{
		Text: t, Confirmed: float64(n.Confirmed) / Whole, Presumed: float64(n.Presumed) / Whole,
		Solved: interval.Wilson(n.Solved, n.Journeys), Contacted: interval.Wilson(n.Contacted, n.Journeys),
	}
}

// Report makes a report of what was counted.
func (c Credits) Report() CreditReport {
	r := CreditReport{SearchSpan: c.SearchSpan, Since: c.Since, Pending: c.Pending}
	var all, texts Tally
	of := map[Text]Standing{}
	for about, n := range c.Tallies {
		switch about.Kind {
		case CountAll:
			all.Add(n)
		case CountSection:
			r.Sections = append(r.Sections, standing(about.Text, n))
		case CountText:
			texts.Add(n)
			of[about.Text] = standing(about.Text, n)
		}
	}
	for _, v := range c.Votes {
		s, ok := of[v.Text]
		if !ok {
			s = standing(v.Text, Tally{})
		}
		s.Yes, s.No = s.Yes+v.Yes, s.No+v.No
		of[v.Text] = s
	}
	for _, s := range of {
		r.Texts = append(r.Texts, s)
	}
	order := func(a, b Standing) int { return a.compare(b.Text) }
	slices.SortFunc(r.Texts, order)
	slices.SortFunc(r.Sections, order)
	r.Decided = all.Journeys
	r.Mean, r.Solved = interval.Wilson(texts.Contacted, texts.Journeys), interval.Wilson(texts.Solved, texts.Journeys)
	return r
}

// Of returns the standing of a text.
func (r CreditReport) Of(t Text) Standing {
	i, ok := slices.BinarySearchFunc(r.Texts, t, func(s Standing, t Text) int { return s.compare(t) })
	if !ok {
		return standing(t, Tally{})
	}
	return r.Texts[i]
}

// Best returns at most n of some texts, of which it was surely said most often that
// they solved the matter: by the lower bound. Those that were read on too few
// journeys have no place, nor have those that do no better than all together.
func (r CreditReport) Best(texts []Standing, n int) []Standing {
	return ranked(texts, n, func(s Standing) bool { return s.Solved.Rate > r.Solved.Rate }, func(a, b Standing) int {
		return cmp.Compare(b.Solved.Low, a.Solved.Low)
	})
}

// Worst returns at most n of some texts, after which people surely contacted us most
// often: by the upper bound of the part of those who did not. Those that do no
// worse than all together have no place.
func (r CreditReport) Worst(texts []Standing, n int) []Standing {
	return ranked(texts, n, func(s Standing) bool { return s.Contacted.Rate > r.Mean.Rate }, func(a, b Standing) int {
		return cmp.Compare(a.Settled().High, b.Settled().High)
	})
}

func ranked(texts []Standing, n int, fits func(Standing) bool, order func(a, b Standing) int) []Standing {
	enough := slices.DeleteFunc(slices.Clone(texts), func(s Standing) bool { return s.TooFew() || !fits(s) })
	slices.SortStableFunc(enough, func(a, b Standing) int {
		return cmp.Or(order(a, b), b.Solved.N-a.Solved.N, a.compare(b.Text))
	})
	return enough[:min(n, len(enough))]
}

// A Judgement is what was said of one revision of a text.
type Judgement struct {
	Revision string
	Yes, No  int
	Kept     int
	Last     time.Time
	Reasons  map[string]int // of those who gave one
}

// NoRate returns the part of the votes that are against it.
func (j Judgement) NoRate() interval.Proportion { return interval.Wilson(j.No, j.Yes+j.No) }

// Judgements returns what was said of a text, by revision: of the present one first,
// also if that is nothing, then of older ones, the last one first.
func Judgements(votes []Voted, t Text, present string) []Judgement {
	out := []Judgement{{Revision: present, Reasons: map[string]int{}}}
	for _, v := range votes {
		if v.Text != t {
			continue
		}
		i := slices.IndexFunc(out, func(j Judgement) bool { return j.Revision == v.Revision })
		if i < 0 {
			i = len(out)
			out = append(out, Judgement{Revision: v.Revision, Reasons: map[string]int{}})
		}
		j := &out[i]
		j.Yes, j.No, j.Kept = j.Yes+v.Yes, j.No+v.No, j.Kept+v.Kept
		if v.Reason != "" {
			j.Reasons[v.Reason] += v.No
		}
		if v.Last.After(j.Last) {
			j.Last = v.Last
		}
	}
	slices.SortStableFunc(out[1:], func(a, b Judgement) int { return b.Last.Compare(a.Last) })
	return out
}

// A Way is a search by which people come to a text.
type Way struct {
	Query  string // as most of them typed it
	People int
}

// Ways returns the searches of clicks that at least [AskedBy] people made, those of
// most people first. fold takes away what makes no other wording.
func Ways(clicks []Event, fold func(string) string) []Way {
	type heap struct {
		people map[string]bool
		typed  map[string]int
	}
	heaps := map[string]heap{}
	for _, e := range clicks {
		query := scrub.Without(e.Query)
		alike := fold(query)
		if alike == "" {
			continue
		}
		h, ok := heaps[alike]
		if !ok {
			h = heap{map[string]bool{}, map[string]int{}}
			heaps[alike] = h
		}
		h.people[e.Visitor] = true
		h.typed[query]++
	}
	var ways []Way
	for _, h := range heaps {
		if len(h.people) < AskedBy {
			continue
		}
		w := Way{People: len(h.people)}
		for typed, n := range h.typed {
			if most := h.typed[w.Query]; n > most || n == most && typed < w.Query {
				w.Query = typed
			}
		}
		ways = append(ways, w)
	}
	slices.SortFunc(ways, func(a, b Way) int { return cmp.Or(b.People-a.People, strings.Compare(a.Query, b.Query)) })
	return ways
}
