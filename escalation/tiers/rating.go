package tiers

import (
	"cmp"
	"slices"

	"primalinea/escalation"
	"primalinea/escalation/interval"
)

// A Rated is how many of those who said something were well helped.
type Rated struct {
	Channel    escalation.Channel
	Tier       int // that solved
	Good       interval.Proportion
	Fair, Poor int
}

// Ratings adds up what customers said, altogether and by channel and tier.
func Ratings(counts []escalation.RatingCount) (whole Rated, rows []Rated) {
	type group struct {
		channel escalation.Channel
		tier    int
	}
	n := map[group]map[escalation.Score]int{}
	all := map[escalation.Score]int{}
	for _, c := range counts {
		g := group{c.Channel, c.Tier}
		if n[g] == nil {
			n[g] = map[escalation.Score]int{}
		}
		n[g][c.Score] += c.N
		all[c.Score] += c.N
	}
	row := func(n map[escalation.Score]int) Rated {
		return Rated{
			Good: interval.Wilson(n[escalation.Good], n[escalation.Good]+n[escalation.Fair]+n[escalation.Poor]),
			Fair: n[escalation.Fair], Poor: n[escalation.Poor],
		}
	}
	for g, scores := range n {
		r := row(scores)
		r.Channel, r.Tier = g.channel, g.tier
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b Rated) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Tier, b.Tier))
	})
	return row(all), rows
}
