package demand

import (
	"math"
	"strconv"
	"time"

	"primalinea/escalation/interval"
)

// Table returns the receipts as a table with a head, for a file.
func (r Report) Table() [][]string {
	rows := [][]string{{
		"id", "article", "lang", "line", "chosen", "published", "finding", "compared_with", "before_from", "before_to", "after_from", "after_to",
		"tickets_before", "journeys_before", "tickets_after", "journeys_after", "ratio", "controls", "ratio_of_controls", "change", "low", "high",
		"tickets_needed", "next_look",
	}}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.DateOnly)
	}
	number := func(x float64) string {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		return strconv.FormatFloat(x, 'f', 4, 64)
	}
	count := func(t interval.Tally, thousands bool) string {
		if thousands {
			return strconv.Itoa(int(math.Round(t.Over * 1000)))
		}
		return strconv.Itoa(int(t.Events))
	}
	for _, of := range r.Receipts {
		row := []string{of.ID, of.Article, of.Lang, of.Line, day(of.Chosen), day(of.Published), string(of.Finding)}
		if of.Look.Weeks > 0 {
			l := of.Look
			row = append(row, l.Compared, day(l.Before.From.Time()), day(l.Before.Last().Time()), day(l.After.From.Time()), day(l.After.Last().Time()),
				count(l.Tickets.Before, false), count(l.Tickets.Before, true), count(l.Tickets.After, false), count(l.Tickets.After, true),
				number(l.Alone.Value), strconv.Itoa(l.Lines), number(l.Others.Value), number(l.Change.Value), number(l.Change.Low), number(l.Change.High),
				strconv.Itoa(l.Needed))
		} else {
			row = append(row, make([]string, 16)...)
		}
		rows = append(rows, append(row, day(of.Next)))
	}
	return rows
}
