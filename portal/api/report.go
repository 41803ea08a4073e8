package api

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A change compares with the time before: what is not known, such as how much more
// than nothing something is, is null.
type change struct {
	Before     *int     `json:"before,omitempty"` // people
	Ratio      *float64 `json:"ratio,omitempty"`
	Difference *float64 `json:"difference,omitempty"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
}

func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func growth(g *journey.Growth) *change {
	if g == nil {
		return nil
	}
	return &change{Before: &g.Before, Ratio: known(g.Value), Low: known(g.Low), High: known(g.High)}
}

func difference(e interval.Estimate) *change {
	return &change{Difference: &e.Value, Low: &e.Low, High: &e.High}
}

// A searchStep counts the searches of a week or day.
type searchStep struct {
	From         string              `json:"from"`
	To           string              `json:"to"`
	Searches     int                 `json:"searches"`
	FoundNothing interval.Proportion `json:"found_nothing"`
	OpenedNone   interval.Proportion `json:"opened_none"`
}

// A searchLine is what several people searched.
type searchLine struct {
	Query        string              `json:"query"`
	Lang         string              `json:"lang"`
	Searches     int                 `json:"searches"`
	People       int                 `json:"people"`
	FoundNothing interval.Proportion `json:"found_nothing"`
	OpenedNone   interval.Proportion `json:"opened_none"`
	Change       *change             `json:"change"`
}

func searchLines(list journey.SearchList) []searchLine {
	lines := make([]searchLine, len(list.Lines))
	for i, l := range list.Lines {
		lines[i] = searchLine{l.Query, l.Lang, l.Searches, l.People, l.FoundNothing, l.OpenedNone, growth(l.Growth)}
	}
	return lines
}

// searchReport serves GET /api/v1/reports/search.
func (r *Room) searchReport(c *fiber.Ctx, _ staff.Token) error {
	span, field, wrong := r.span(c)
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, field)
	}
	found, err := r.Searched(c.UserContext(), span)
	if err != nil {
		return err
	}
	type changes struct {
		People       *change `json:"people"`
		FoundNothing *change `json:"found_nothing"`
		OpenedNone   *change `json:"opened_none"`
	}
	answer := struct {
		From         string              `json:"from"`
		To           string              `json:"to"`
		Lang         string              `json:"lang"`
		Searches     int                 `json:"searches"`
		People       int                 `json:"people"`
		Apart        int                 `json:"apart"`
		FoundNothing interval.Proportion `json:"found_nothing"`
		OpenedNone   interval.Proportion `json:"opened_none"`
		Change       *changes            `json:"change"`
		Steps        []searchStep        `json:"steps"`
		Nothing      []searchLine        `json:"without_results"`
		Unopened     []searchLine        `json:"without_clicks"`
		Most         []searchLine        `json:"most_searched"`
		Unlisted     int                 `json:"unlisted"`
	}{
		From: first(found.From), To: last(found.To), Lang: span.Lang, Searches: found.Searches, People: found.People, Apart: found.Apart,
		FoundNothing: found.FoundNothing, OpenedNone: found.OpenedNone, Unlisted: found.Rare,
		Nothing: searchLines(found.Nothing), Unopened: searchLines(found.Unopened), Most: searchLines(found.Most),
	}
	if d := found.Change; d != nil {
		answer.Change = &changes{growth(&d.People), difference(d.FoundNothing), difference(d.OpenedNone)}
	}
	for _, s := range found.Steps {
		answer.Steps = append(answer.Steps, searchStep{first(s.From), last(s.To), s.Searches, s.FoundNothing, s.OpenedNone})
	}
	return c.JSON(answer)
}

// first writes a day, and last the one before it.
func first(day time.Time) string { return day.Format(time.DateOnly) }

func last(day time.Time) string { return first(day.AddDate(0, 0, -1)) }

// maxDays is how many days a report may be about.
const maxDays = 366

// asTable says whether a report is to be a table: a request says so, or accepts
// nothing else. One that makes no sense is wrong for a reason.
func asTable(c *fiber.Ctx) (table bool, wrong string) {
	c.Vary(fiber.HeaderAccept)
	switch c.Query("format") {
	case "":
		return strings.HasPrefix(c.Get(fiber.HeaderAccept), "text/csv"), ""
	case "csv":
		return true, ""
	case "json":
		return false, ""
	}
	return false, "Ask for json or csv."
}

// lang reads of which language a report is to be: of all, while nobody says one.
func (r *Room) lang(c *fiber.Ctx) (lang, wrong string) {
	lang = c.Query("lang")
	if lang != "" && !slices.Contains(r.Offered(), lang) && !r.Speaks(lang) {
		return "", "This site does not have that language."
	}
	return lang, ""
}

// span reads which days a report is to be about: the last four weeks, while nobody
// says otherwise. A request that makes no sense is wrong for a reason.
func (r *Room) span(c *fiber.Ctx) (span journey.SearchSpan, field, wrong string) {
	lang, wrong := r.lang(c)
	if wrong != "" {
		return span, "lang", wrong
	}
	span = journey.LastDays(28, lang, r.Now())
	if s := c.Query("to"); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return span, "to", "Write a day as 2026-12-31."
		}
		span.To = day.AddDate(0, 0, 1)
		span.From = span.To.AddDate(0, 0, -28)
	}
	if s := c.Query("from"); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return span, "from", "Write a day as 2026-12-31."
		}
		span.From = day
	}
	if span.To.After(journey.LastDays(1, lang, r.Now()).To) {
		return span, "to", "That day has not begun: days are those of UTC."
	}
	if days := span.Days(); days < 1 || days > maxDays {
		return span, "from", "A report is about 1 to 366 days: from must not be after to."
	}
	return span, "", ""
}
