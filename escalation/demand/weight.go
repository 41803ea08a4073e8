package demand

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

// Month is the time in which people are counted to rank lines, and to which the time
// before is compared.
const Month = 28 * 24 * time.Hour

const (
	// sitting is the longest pause between two things that one person does to a ticket
	// in which they are still at it.
	sitting = 15 * time.Minute
	// begun is what it takes to open a ticket, read it, and do the first of them.
	begun = 5 * time.Minute
)

// Handling returns how many minutes those who work here, of all tiers, were at a
// ticket. Nobody holds a watch: it is what lies between the steps of one person, as
// far as it is no pause, and some minutes for each first step. 0 says that nobody did
// anything to it.
func Handling(t *escalation.Ticket) int {
	last := map[string]time.Time{}
	var sum time.Duration
	for _, e := range t.Entries {
		if !e.By.Person() {
			continue
		}
		at, seen := last[e.By.ID]
		if gap := e.At.Sub(at); seen && gap <= sitting {
			sum += gap
		} else {
			sum += begun
		}
		last[e.By.ID] = e.At
	}
	return int(math.Ceil(sum.Minutes()))
}

// Usual is what a request is taken to cost while none was settled.
const Usual = 15.0 // minutes

// usualMinutes returns the median minutes of the tickets among signals.
func usualMinutes(signals []Signal) float64 {
	if m := interval.Median(minutesOf(signals)); !math.IsNaN(m.Value) {
		return m.Value
	}
	return Usual
}

func minutesOf(signals []Signal) (minutes []float64) {
	for _, s := range signals {
		if s.Kind == Ticket && s.Minutes > 0 {
			minutes = append(minutes, float64(s.Minutes))
		}
	}
	return minutes
}

// weigh says how much a line is worth: how many people ask within a month, times the
// minutes that a request takes, times the trend as far as it is sure.
func (l *Line) weigh(now time.Time) {
	month := now.Add(-Month)
	end := now.Add(time.Millisecond)
	l.Recent = l.PeopleBetween(month, end)
	l.Trend = interval.RateRatio(l.Recent, l.PeopleBetween(month.Add(-Month), month), 1, 1)
	people, each := interval.Poisson(l.Recent), l.Handling*sure(l.Trend)
	l.Weight = interval.Estimate{Value: people.Value * each, Low: people.Low * each, High: people.High * each}
}

// sure returns what of a change is no chance: the end of its interval that is nearer
// to no change, and 1 when that lies within. So a few people who had not asked before
// do not stand above many who always did.
func sure(e interval.Estimate) float64 {
	switch {
	case e.Low > 1:
		return e.Low
	case e.High < 1:
		return e.High
	}
	return 1
}

// heaviest puts the line first that is worth most.
func heaviest(a, b Line) int {
	return cmp.Or(cmp.Compare(b.Weight.Value, a.Weight.Value), b.People-a.People, b.Last.Compare(a.Last), strings.Compare(a.ID, b.ID))
}

// rank weighs lines of [Floor] people or more and sorts all.
func rank(lines []Line, now time.Time) {
	for i := range lines {
		if lines[i].People >= Floor {
			lines[i].weigh(now)
		}
	}
	slices.SortStableFunc(lines, heaviest)
}

// A Price is what an hour of work costs, as a lead says.
type Price struct {
	Hour     int64  `json:"hour"` // in hundredths
	Currency string `json:"currency"`
}

// Cost returns what a line costs in a month: all who ask within it, as if each became
// a request. ok is false while nobody said what an hour costs.
func (p Price) Cost(l *Line) (cost interval.Estimate, ok bool) {
	each := l.Handling / 60 * float64(p.Hour) / 100
	people := interval.Poisson(l.Recent)
	return interval.Estimate{Value: people.Value * each, Low: people.Low * each, High: people.High * each}, p.Hour > 0
}

// NewPrice returns what an hour costs, or an Invalid error that names the field to
// correct. hour is as typed; nothing takes the price back.
func NewPrice(hour, currency string) (Price, error) {
	if strings.TrimSpace(hour) == "" {
		return Price{}, nil
	}
	n, err := journey.ParseHundredths(hour)
	if err != nil || n <= 0 || n > maxHour {
		return Price{}, &escalation.Error{Kind: escalation.Invalid, Field: "hour", Reason: "error.hour"}
	}
	p := Price{Hour: n, Currency: strings.ToUpper(strings.TrimSpace(currency))}
	if len(p.Currency) != 3 || strings.ContainsFunc(p.Currency, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return Price{}, &escalation.Error{Kind: escalation.Invalid, Field: "currency", Reason: "error.currency"}
	}
	return p, nil
}

const maxHour = 1_000_000 // hundredths
