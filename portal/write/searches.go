package write

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// searchSpans are the times that the report may look back, in days; the first is
// shown to who does not choose.
var searchSpans = []int{28, 7, 90}

// A searchesPage says what people search, and what they do not find.
type searchesPage struct {
	web.Page
	Days    int
	Spans   []int
	Only    string // language, or empty for all
	Report  journey.SearchReport
	Lists   []searchList
	demands map[demand.Query]string // lines of what is asked in vain, by language and query
}

// searches serves GET /write/search.
func (r *Room) searches(c *fiber.Ctx) error {
	p := searchesPage{Page: r.Page(c, "write", "searches.title"), Days: searchSpans[0], Spans: searchSpans}
	if days := c.QueryInt("days"); slices.Contains(searchSpans, days) {
		p.Days = days
	}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		p.Only = only
	}
	ctx, now := c.UserContext(), r.Now()
	var err error
	if p.Report, err = r.Searched(ctx, journey.LastDays(p.Days, p.Only, now)); err != nil {
		return err
	}
	if p.Me.May(staff.ReadDemand, nil) {
		var queries []string
		for _, list := range []journey.SearchList{p.Report.Nothing, p.Report.Unopened} {
			for _, l := range list.Lines {
				queries = append(queries, l.Query)
			}
		}
		if p.demands, err = r.Demand.LinesOf(ctx, queries, now); err != nil {
			return err
		}
	}
	p.Lists = []searchList{
		p.list("nothing", p.Report.Nothing, func(l journey.SearchLine) interval.Proportion { return l.FoundNothing }),
		p.list("unopened", p.Report.Unopened, func(l journey.SearchLine) interval.Proportion { return l.OpenedNone }),
		p.list("most", p.Report.Most, func(l journey.SearchLine) interval.Proportion { return l.Share }),
	}
	return r.Render(c, fiber.StatusOK, "write/searches", p)
}

// At is the address of the report of another span or language.
func (p searchesPage) At(days int, only string) string {
	q := url.Values{"days": {strconv.Itoa(days)}}
	if only != "" {
		q.Set("only", only)
	}
	return "/write/search?" + q.Encode()
}

// A searchList is one list of wordings.
type searchList struct {
	ID   string
	Rows []searchRow
	More int
}

// A searchRow is a wording, and where a writer goes from it.
type searchRow struct {
	journey.SearchLine
	Rate   interval.Proportion
	Trend  *trend
	Search string // address of the search, as visitors see it
	Why    string // address of why it finds what it finds
	// Synonym and Pin are the addresses where it can be given either.
	Synonym, Pin string
	Demand       string // address of the line of what is asked in vain, if there is one
}

func (p searchesPage) list(id string, from journey.SearchList, rate func(journey.SearchLine) interval.Proportion) searchList {
	list := searchList{ID: id, More: from.More}
	for _, l := range from.Lines {
		q := url.Values{"q": {l.Query}}.Encode()
		row := searchRow{
			SearchLine: l, Rate: rate(l), Search: (&url.URL{Path: "/" + l.Lang + "/search", RawQuery: q}).String(), Why: whyPath(l.Lang, l.Query, ""),
			Synonym: synonymList.path(l.Lang) + "&" + q, Pin: pinList.path(l.Lang) + "&" + q,
		}
		if g := l.Growth; g != nil && g.Excludes(1) {
			row.Trend = &trend{g.Value > 1, p.T("searches.times", "Times", p.times(g.Value), "Low", p.times(g.Low), "High", p.times(g.High), "Before", g.Before)}
			if g.Before == 0 {
				row.Trend.Text = p.T("searches.new")
			}
		}
		if line := p.demands[demand.Query{Lang: l.Lang, Text: l.Query}]; line != "" && id != "most" {
			row.Demand = "/lead/demand/" + url.PathEscape(line)
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

// A trend is a change that chance does not explain, in words.
type trend struct {
	Up   bool
	Text string
}

// times writes a ratio, the more exactly the nearer it is to 1.
func (p searchesPage) times(x float64) string {
	switch {
	case x < 2:
		return p.Decimal(x, 2)
	case x < 10:
		return p.Decimal(x, 1)
	}
	return p.Decimal(x, 0)
}

// MorePeople says how the number of people changed.
func (p searchesPage) MorePeople() *trend {
	if p.Report.Change == nil || !p.Report.Change.People.Excludes(1) {
		return nil
	}
	g := p.Report.Change.People
	if g.Before == 0 {
		return &trend{true, p.T("searches.people_new", "Count", p.Days)}
	}
	return &trend{g.Value > 1, p.T("searches.people_times", "Times", p.times(g.Value), "Low", p.times(g.Low), "High", p.times(g.High), "Before", g.Before, "Count", p.Days)}
}

// MoreNothing says how the share of searches that found nothing changed.
func (p searchesPage) MoreNothing() *trend {
	if p.Report.Change == nil {
		return nil
	}
	return p.points(p.Report.Change.FoundNothing)
}

// MoreUnopened says how the share of searches after which nothing was opened
// changed.
func (p searchesPage) MoreUnopened() *trend {
	if p.Report.Change == nil {
		return nil
	}
	return p.points(p.Report.Change.OpenedNone)
}

func (p searchesPage) points(e interval.Estimate) *trend {
	if !e.Excludes(0) {
		return nil
	}
	key, near, far := "searches.points_more", e.Low, e.High
	if e.Value < 0 {
		key, near, far = "searches.points_fewer", e.High, e.Low
	}
	points := func(x float64) string { return p.Decimal(math.Abs(100*x), 1) }
	return &trend{e.Value > 0, p.T(key, "Points", points(e.Value), "Low", points(near), "High", points(far), "Count", p.Days)}
}

// UTCDay writes a day of the report.
func (p searchesPage) UTCDay(t time.Time) template.HTML { return p.In(time.UTC).Day(t) }

// LastDay is the last day of the report, or of a step.
func (searchesPage) LastDay(to time.Time) time.Time { return to.Add(-time.Second) }

// Kinds are what can come of a search, as a chart draws it from below.
func (searchesPage) Kinds() []string { return []string{"nothing", "unopened", "other"} }

// A chart draws the searches of each week or day, by what came of them.
type chart struct {
	Width, Height int
	Bars          []bar
}

type bar struct {
	X, Width int
	Parts    []barPart
}

// A barPart is as high as the searches of which the same came are many.
type barPart struct{ Kind, Y, Height string }

// Chart is as wide as the narrowest screen takes.
func (p searchesPage) Chart() chart {
	steps := p.Report.Steps
	pitch := min(48, 264/len(steps))
	c := chart{Width: len(steps) * pitch, Height: 96}
	most := 1
	for _, s := range steps {
		most = max(most, s.Searches)
	}
	for i, s := range steps {
		b := bar{X: i*pitch + 2, Width: pitch - 4}
		y := float64(c.Height - 1)
		for k, n := range []int{s.FoundNothing.K, s.OpenedNone.K, s.Searches - s.FoundNothing.K - s.OpenedNone.K} {
			height := float64(n) / float64(most) * float64(c.Height-2)
			y -= height
			b.Parts = append(b.Parts, barPart{p.Kinds()[k], fmt.Sprintf("%.1f", y), fmt.Sprintf("%.1f", height)})
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}
