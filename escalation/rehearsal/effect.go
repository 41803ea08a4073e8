package rehearsal

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

// Questions say how often people write about different things: the truth that
// receipts of articles can be compared with. A week is the shortest time that
// counts.
type Questions struct {
	Name   string
	Lines  int     // of demand
	Rate   float64 // tickets a week of the usual line; there are larger and smaller ones
	Wander float64 // how much a line goes up and down by itself, as a standard deviation of logarithms
	Bursts float64 // how often a line is four times as high for four weeks, a week
	Comes  float64 // share of lines that are new: they come up at some time, and fade
	Season float64 // by how much everything changes after the article, by itself
	Grows  float64 // journeys, with the tickets, a week
}

// Worlds are those that the tables of the manual are made of.
var Worlds = []Questions{
	{Name: "chance", Lines: 40, Rate: 4, Season: 1},
	{Name: "wander", Lines: 40, Rate: 4, Season: 1, Wander: .4},
	{Name: "bursts", Lines: 40, Rate: 4, Season: 1, Wander: .2, Bursts: .01},
	{Name: "season", Lines: 40, Rate: 4, Season: .5, Wander: .2},
	{Name: "growth", Lines: 40, Rate: 4, Season: 1, Wander: .2, Grows: .03},
	{Name: "news", Lines: 40, Rate: 4, Season: 1, Wander: .2, Comes: .2},
	{Name: "small", Lines: 12, Rate: 1, Season: 1, Wander: .2},
	{Name: "large", Lines: 100, Rate: 16, Season: 1, Wander: .2},
}

const (
	weeksBefore = 24 // until a line is chosen
	weeksAfter  = 16
	lasting     = .8 // of the ups and downs of a week in the next one
)

// january begins the weeks of all cases: it is a Monday.
var january = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// A Case is one article that was published about the line that was the highest.
type Case struct {
	Receipt demand.Receipt
	// Naive is what four weeks after against the four weeks before it was chosen
	// would say.
	Naive interval.Estimate
}

// Case lets people write, chooses the line of most tickets in the last four weeks,
// publishes an article that leaves a share of its tickets, and takes the receipt,
// as the lead's page does, when the last look is over.
func (q Questions) Case(seed, of uint64, leaves float64) Case {
	c := NewChance(seed, of)
	begin := demand.DayOf(january)
	const weeks = weeksBefore + weeksAfter
	rates := make([][weeks]float64, q.Lines)
	for i := range rates {
		size := q.Rate * math.Exp(.8*c.NormFloat64()-.32)
		born, fades := -1, 0.0
		if c.is(q.Comes) {
			born, fades = c.IntN(weeks), .1
			size *= 3
		}
		drift, burst := c.NormFloat64(), 0
		for w := range weeks {
			r := size * math.Exp(q.Wander*drift-q.Wander*q.Wander/2) * math.Pow(1+q.Grows, float64(w))
			drift = lasting*drift + math.Sqrt(1-lasting*lasting)*c.NormFloat64()
			if burst == 0 && c.is(q.Bursts) {
				burst = 4
			}
			if burst > 0 {
				burst--
				r *= 4
			}
			switch {
			case w < born:
				r = 0
			case fades > 0:
				r *= math.Exp(-fades * float64(w-born))
			}
			if w >= weeksBefore {
				r *= q.Season
			}
			rates[i][w] = r
		}
	}
	var counts []demand.Count
	tickets := make([][weeks]int, q.Lines)
	draw := func(from, to int, left func(line int) float64) {
		for i := range rates {
			for w := from; w < to; w++ {
				n := c.poisson(rates[i][w] * left(i))
				tickets[i][w] = n
				counts = append(counts, demand.Count{What: demand.CountTickets, Subject: strconv.Itoa(i), Lang: "en", Day: begin + demand.Day(7*w), Total: n})
			}
		}
	}
	draw(0, weeksBefore, func(int) float64 { return 1 })
	sum := func(i, from, to int) (n int) {
		for _, t := range tickets[i][from:to] {
			n += t
		}
		return n
	}
	order := make([]int, q.Lines)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(sum(b, weeksBefore-4, weeksBefore), sum(a, weeksBefore-4, weeksBefore))
	})
	chosen := order[0]
	draw(weeksBefore, weeks, func(i int) float64 {
		if i == chosen {
			return leaves
		}
		return 1
	})
	for w := range weeks {
		counts = append(counts, demand.Count{
			What: demand.CountJourneys, Lang: "en", Day: begin + demand.Day(7*w), Total: c.poisson(1000 * math.Pow(1+q.Grows, float64(w))),
		})
	}
	p := demand.Promotion{
		Line: strconv.Itoa(chosen), Lang: "en", Article: "a", Chosen: january.AddDate(0, 0, 7*weeksBefore), Published: january.AddDate(0, 0, 7*weeksBefore+6),
	}
	out := Case{Receipt: demand.Effect(p, []demand.Promotion{p}, demand.NewCounts(counts), january.AddDate(0, 0, 7*weeks))}
	after := weeksBefore + 2 // the week of publication, and one more
	out.Naive = interval.RateRatio(sum(chosen, after, after+4), sum(chosen, weeksBefore-4, weeksBefore), 1, 1)
	return out
}

// A Score is how often receipts said what.
type Score struct {
	Worked, NoEffect, Inconclusive interval.Proportion
	Naive                          interval.Proportion // "worked", by [Case].Naive
	Covered                        interval.Proportion // the interval held the truth
}

// Score takes the cases from one number until another. The truth of all is the same.
func (q Questions) Score(seed uint64, from, to int, leaves float64) (s Score) {
	for i := from; i < to; i++ {
		c := q.Case(seed, uint64(i), leaves)
		s.Add(Score{
			such(c.Receipt.Finding == demand.Worked), such(c.Receipt.Finding == demand.NoEffect), such(c.Receipt.Finding == demand.Inconclusive),
			such(c.Naive.High < 1), such(!c.Receipt.Change.Excludes(leaves)),
		})
	}
	return s
}

// Add adds other cases.
func (s *Score) Add(o Score) {
	sum := func(a, b interval.Proportion) interval.Proportion { return interval.Wilson(a.K+b.K, a.N+b.N) }
	*s = Score{
		sum(s.Worked, o.Worked), sum(s.NoEffect, o.NoEffect), sum(s.Inconclusive, o.Inconclusive), sum(s.Naive, o.Naive), sum(s.Covered, o.Covered),
	}
}

// such is one case of which something is true, or not.
func such(yes bool) interval.Proportion {
	if yes {
		return interval.Wilson(1, 1)
	}
	return interval.Wilson(0, 1)
}

// histories are what became of articles before a rehearsal begins: how many tickets a
// week there were, and what share was left. The other lines of that time are the
// controls.
var histories = []struct {
	rate, leaves float64
	opened, no   float64 // times a week
}{
	{12, .25, 30, 1}, {24, 1, 40, 14}, {1.5, .6, 5, .5},
}

// History makes up what was promoted long before, down to how many tickets there were
// each day until a time: receipts take longer than a rehearsal does.
func History(seed uint64, articles []Article, lang string, by escalation.ActorRef, until time.Time) ([]demand.Promotion, []demand.Count) {
	const others, rate, visits, peak = 70, 6., 3000., 2.
	c := NewChance(seed, 1<<62)
	published := until.AddDate(0, 0, -8-12*7)
	chosen := published.AddDate(0, 0, -6)
	from, peaked, settled := demand.DayOf(chosen.AddDate(0, 0, -28-14-12*7)), demand.DayOf(chosen.AddDate(0, 0, -28)), demand.DayOf(published)
	var promotions []demand.Promotion
	var counts []demand.Count
	count := func(what, subject string, day demand.Day, weekly float64) {
		if n := c.poisson(weekly / 7); n > 0 {
			counts = append(counts, demand.Count{What: what, Subject: subject, Lang: lang, Day: day, Total: n})
		}
	}
	for i := range min(len(histories), len(articles)) {
		h := histories[i]
		p := demand.Promotion{
			ID: c.id(), Line: c.id(), Article: articles[i].Key, Lang: lang, By: by,
			Asked: chosen.AddDate(0, 0, -20-10*i), Chosen: chosen.Add(time.Duration(i) * time.Minute), Published: published,
		}
		promotions = append(promotions, p)
		for day := from; day < demand.DayOf(until); day++ {
			r := h.rate
			switch {
			case day >= settled:
				r *= h.leaves
				count(string(journey.ArticleOpen), p.Article, day, h.opened)
				count(string(journey.ResultClick), p.Article, day, h.opened*.8)
				count(string(journey.SuggestionShown), p.Article, day, h.opened*.4)
				count(string(journey.VoteYes), p.Article, day, h.opened*.1)
				count(string(journey.VoteNo), p.Article, day, h.no)
			case day >= peaked:
				r *= peak
			}
			count(demand.CountTickets, p.Line, day, r)
		}
	}
	for range others {
		line := c.id()
		for day := from; day < demand.DayOf(until); day++ {
			count(demand.CountTickets, line, day, rate)
		}
	}
	for day := from; day < demand.DayOf(until); day++ {
		count(demand.CountJourneys, "", day, visits)
	}
	return promotions, counts
}

// poisson draws a count with a mean.
func (c Chance) poisson(mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*c.NormFloat64())))
	}
	n, left := 0, math.Exp(-mean)
	for p := c.Float64(); p > left; p *= c.Float64() {
		n++
	}
	return n
}
