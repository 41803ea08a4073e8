package escalation

import (
	"cmp"
	"slices"
	"time"
)

// A Move is a handoff between two teams, as reports read it.
type Move struct {
	Ticket            string // id
	From, To          string // teams
	State             HandoffState
	Offered, Answered time.Time
}

// A Pair is what one team offered another.
type Pair struct {
	From, To string
	Offers   int // that were answered
	Refused  int
	Returned int // accepted, but the team had it before

	// Lost are the times from an offer that was refused to the next offer of its ticket,
	// shortest first.
	Lost []time.Duration
}

// Bounced is how many came back, one way or the other.
func (p *Pair) Bounced() int { return p.Refused + p.Returned }

// LostAll is the time lost in all.
func (p *Pair) LostAll() (sum time.Duration) {
	for _, d := range p.Lost {
		sum += d
	}
	return sum
}

// LostMedian is the time that a refusal usually costs, zero without one.
func (p *Pair) LostMedian() time.Duration { return Rank(p.Lost, 50) }

// Pairs counts the moves that were answered from one moment to another, by their teams,
// those with most bounces first. Moves come by ticket, and of each in their order from
// the first: what a team had before the days that count comes back to it in them.
func Pairs(moves []Move, from, to time.Time) []Pair {
	by := map[[2]string]*Pair{}
	had := map[string]bool{} // teams of the ticket
	for i, m := range moves {
		if i == 0 || moves[i-1].Ticket != m.Ticket {
			clear(had)
		}
		had[m.From] = true
		if m.From == m.To || m.State != Accepted && m.State != Refused {
			continue
		}
		back := had[m.To] || m.To == Triage
		had[m.To] = had[m.To] || m.State == Accepted
		if m.Answered.Before(from) || !m.Answered.Before(to) {
			continue
		}
		key := [2]string{m.From, m.To}
		p := by[key]
		if p == nil {
			p = &Pair{From: m.From, To: m.To}
			by[key] = p
		}
		p.Offers++
		switch {
		case m.State == Refused:
			p.Refused++
			if i+1 < len(moves) && moves[i+1].Ticket == m.Ticket {
				p.Lost = append(p.Lost, max(0, moves[i+1].Offered.Sub(m.Offered)))
			}
		case back:
			p.Returned++
		}
	}
	var list []Pair
	for _, p := range by {
		slices.Sort(p.Lost)
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Bounced(), a.Bounced()), cmp.Compare(b.Offers, a.Offers), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}
