package lead

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// deflectionSpans are the times that the report may look back, in days; the first is
// shown to who does not choose. In the last week, nothing is decided yet.
var deflectionSpans = []int{28, 90, 365}

// A deflectionPage says how journeys ended, by language, section and week.
type deflectionPage struct {
	web.Page
	Days   int
	Only   string // language, or empty for all
	Spans  []int
	Report journey.Report
	Caused *tried // nil: nobody has tried
	titles func(section string) string
}

// deflection serves GET /lead/deflection.
func (r *Overview) deflection(c *fiber.Ctx) error {
	p, err := r.deflectionPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/deflection", p)
}

func (r *Overview) deflectionPage(c *fiber.Ctx) (*deflectionPage, error) {
	p := &deflectionPage{Page: r.Page(c, "lead", "deflection.heading"), Days: deflectionSpans[0], Spans: deflectionSpans}
	p.Here("/lead/deflection")
	if days := c.QueryInt("days"); slices.Contains(deflectionSpans, days) {
		p.Days = days
	}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		p.Only = only
	}
	lib := r.Folder.Library()
	p.titles = func(section string) string {
		for _, lang := range append([]string{p.Lang}, r.Offered()...) {
			if s := lib.SectionByKey(lang, section); s != nil {
				return s.Title
			}
		}
		return cmp.Or(section, p.T("deflection.no_section"))
	}
	ctx := c.UserContext()
	if err := r.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return p, err
	}
	var err error
	if p.Report, err = r.Reports.Deflection(ctx, journey.LastDays(p.Days, p.Only, r.Now())); err != nil {
		return p, err
	}
	p.Caused, err = known(ctx, r.Experiments, p.Page, r.Now())
	return p, err
}

// deflectionCSV serves GET /lead/deflection.csv.
func (r *Overview) deflectionCSV(c *fiber.Ctx) error {
	p, err := r.deflectionPage(c)
	if err != nil {
		return err
	}
	rows := p.Report.Table()
	if p.Caused != nil {
		rows = append(rows, p.Caused.Table()...)
	}
	return web.SendCSV(c, "deflection.csv", rows)
}

// At is the address of the report of another span or language.
func (p deflectionPage) At(days int, only string) string { return p.at("/lead/deflection", days, only) }

// CSV is the address of the same as a file.
func (p deflectionPage) CSV() string { return p.at("/lead/deflection.csv", p.Days, p.Only) }

func (deflectionPage) at(path string, days int, only string) string {
	q := url.Values{"days": {strconv.Itoa(days)}}
	if only != "" {
		q.Set("only", only)
	}
	return path + "?" + q.Encode()
}

// SectionTitle names a section in the page's language, if it has it.
func (p deflectionPage) SectionTitle(key string) string { return p.titles(key) }

// UTCDay writes a day of the report.
func (p deflectionPage) UTCDay(t time.Time) template.HTML { return p.In(time.UTC).Day(t) }

// Labels write the first days of the weeks, as short as they are told apart.
func (p deflectionPage) Labels() []string {
	var labels []string
	for _, s := range p.Report.Steps {
		labels = append(labels, weekLabel(p.Page, s.From))
	}
	return labels
}

// weekLabel writes the first day of a week.
func weekLabel(p web.Page, from time.Time) string {
	return p.T("deflection.step", "Day", from.Day(), "Month", p.T("date.month."+strconv.Itoa(int(from.Month()))))
}

// Chart draws the rates of each week.
func (p deflectionPage) Chart() web.Chart {
	c := web.Chart{
		ID: "weeks", Title: p.T("deflection.by_week"), What: p.T("deflection.chart_what"), X: p.T("deflection.week_of"),
		Write: p.Percent, Labels: p.Labels(),
	}
	for _, line := range []struct {
		key  string
		rate func(journey.Step) interval.Proportion
	}{
		{"lead.confirmed", func(s journey.Step) interval.Proportion { return s.Confirmed }},
		{"lead.presumed_7", func(s journey.Step) interval.Proportion { return s.PresumedWithin() }},
		{"lead.escalated", func(s journey.Step) interval.Proportion { return s.EscalatedRate() }},
	} {
		series := web.Series{Name: p.T(line.key)}
		for _, s := range p.Report.Steps {
			rate := line.rate(s)
			series.Points = append(series.Points, web.Point{Value: rate.Rate, Low: rate.Low, High: rate.High, Share: rate, None: rate.TooFew()})
		}
		c.Series = append(c.Series, series)
	}
	return c
}

// Drawn reports whether any week has enough journeys to be drawn.
func (p deflectionPage) Drawn() bool {
	return slices.ContainsFunc(p.Report.Steps, func(s journey.Step) bool { return !s.Confirmed.TooFew() })
}
