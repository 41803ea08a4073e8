package lead

import (
	"cmp"
	"context"
	"html/template"
	"math"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Effects is the room for what articles did to the tickets that they were written
// for. Writers may look around, too.
type Effects struct {
	*web.Web
	Receipts interface {
		Report(ctx context.Context, now time.Time) (demand.Report, error)
		Receipt(ctx context.Context, id string, now time.Time) (demand.Receipt, error)
		Searches(ctx context.Context, p demand.Promotion, now time.Time) ([]string, error)
	}
	Folder interface{ Library() *content.Library }
	// Line returns what people ask, or a NotFound error.
	Line func(ctx context.Context, id string, now time.Time) (demand.Line, error)
	// Rank says at which place a search finds an article, 0 when it does not.
	Rank func(ctx context.Context, a *content.Article, text string) (int, error)
}

// Mount gives the room its addresses.
func (r *Effects) Mount(app fiber.Router) {
	app.Get("/lead/after-effects", r.SignedIn, r.Allowed(staff.ReadSearch), r.all)
	app.Get("/lead/after-effects.csv", r.SignedIn, r.Allowed(staff.ReadSearch), r.csv)
	app.Get("/lead/after-effects/:id", r.SignedIn, r.Allowed(staff.ReadSearch), r.one)
}

// A receipt is one with its article; what the page says of it.
type receipt struct {
	demand.Receipt
	Name string // of the article
	Edit string // address of its text; empty when it is gone
	// Fresh says that readers see it, and that what follows is not done yet.
	Fresh bool
}

func (r *Effects) receipt(of demand.Receipt) receipt {
	out := receipt{Receipt: of, Name: of.Article}
	if a := r.Folder.Library().ByKey(of.Article, of.Lang); a != nil {
		out.Name, out.Edit = a.Title, "/write/edit/"+a.File
		out.Fresh = of.Finding == demand.Unpublished && a.Live(r.Now()) && a.Hash != of.Was
	}
	return out
}

// An effectsPage lists all receipts.
type effectsPage struct {
	web.Page
	figures
	Report   demand.Report
	Receipts []receipt
	Pools    []pooled
}

// A pooled is a pool with the title of its section.
type pooled struct {
	demand.Pooled
	Title string
}

// all serves GET /lead/after-effects.
func (r *Effects) all(c *fiber.Ctx) error {
	p := effectsPage{Page: r.Page(c, "lead", "effects.title")}
	p.figures = figures{p.Page}
	var err error
	if p.Report, err = r.Receipts.Report(c.UserContext(), r.Now()); err != nil {
		return err
	}
	for _, of := range p.Report.Receipts {
		p.Receipts = append(p.Receipts, r.receipt(of))
	}
	for _, of := range p.Report.Pools {
		out := pooled{Pooled: of, Title: p.T("effects.no_section")}
		for _, lang := range append([]string{p.Lang}, r.Offered()...) {
			if s := r.Folder.Library().SectionByKey(lang, of.Section); s != nil {
				out.Title = s.Title
				break
			}
		}
		p.Pools = append(p.Pools, out)
	}
	return r.Render(c, fiber.StatusOK, "lead/effects", p)
}

// csv serves GET /lead/after-effects.csv.
func (r *Effects) csv(c *fiber.Ctx) error {
	report, err := r.Receipts.Report(c.UserContext(), r.Now())
	if err != nil {
		return err
	}
	return web.SendCSV(c, "after-effects.csv", report.Table())
}

// An effectPage is one receipt.
type effectPage struct {
	web.Page
	figures
	R     receipt
	Asks  string // how most say it; empty when it is too long ago
	Chart web.Chart
	Ranks []ranked
	Found int // of them, how many find it among the first
}

// A ranked is how people search, and at which place that finds the article.
type ranked struct {
	Text string
	Rank int
}

// one serves GET /lead/after-effects/{id}.
func (r *Effects) one(c *fiber.Ctx) error {
	ctx := c.UserContext()
	of, err := r.Receipts.Receipt(ctx, c.Params("id"), r.Now())
	if err != nil {
		return err
	}
	p := effectPage{Page: r.Page(c, "lead", "effects.title"), R: r.receipt(of)}
	p.figures = figures{p.Page}
	p.Page.Title = p.R.Name
	p.Chart = p.chart()
	line, err := r.Line(ctx, of.Line, r.Now())
	if err != nil && escalation.KindOf(err) != escalation.NotFound {
		return err
	}
	p.Asks = line.Title
	if a := r.Folder.Library().ByKey(of.Article, of.Lang); a != nil && a.Live(r.Now()) {
		searches, err := r.Receipts.Searches(ctx, of.Promotion, r.Now())
		if err != nil {
			return err
		}
		for _, text := range searches {
			rank, err := r.Rank(ctx, a, text)
			if err != nil {
				return err
			}
			if rank > 0 && rank <= foundWithin {
				p.Found++
			}
			p.Ranks = append(p.Ranks, ranked{text, rank})
		}
	}
	return r.Render(c, fiber.StatusOK, "lead/effect", p)
}

// foundWithin is among how many of the first answers something is found.
const foundWithin = 3

// chart draws the tickets of each week around the publication.
func (p *effectPage) chart() web.Chart {
	ch := web.Chart{
		ID: "weeks", Title: p.T("effects.chart"), What: p.T("effects.chart_what"), X: p.T("effects.week"),
		Write:  func(x float64) string { return p.Decimal(x, 0) },
		Series: []web.Series{{Name: p.T("effects.line")}, {Name: p.T("effects.others")}},
	}
	// All others are many: they are drawn as if they had been as many as the line was.
	var mine, others float64
	for _, w := range p.R.Weeks {
		if w.Phase == "before" && !math.IsNaN(w.Rate.Value) {
			mine, others = mine+w.Rate.Value, others+w.Others.Value
		}
	}
	scale := 0.
	if others > 0 && mine > 0 {
		scale = mine / others
	}
	for _, w := range p.R.Weeks {
		ch.Labels = append(ch.Labels, p.short(w.From.Time()))
		point := func(e interval.Estimate, scale float64, text string) web.Point {
			if math.IsNaN(e.Value) || scale == 0 {
				return web.Point{None: true}
			}
			return web.Point{Value: e.Value * scale, Low: e.Low * scale, High: e.High * scale, Text: text}
		}
		ch.Series[0].Points = append(ch.Series[0].Points, point(w.Rate, 1,
			p.T("effects.week_of", "Count", w.Count, "Rate", p.rate(w.Rate), "Phase", p.T("effects.phase."+w.Phase))))
		ch.Series[1].Points = append(ch.Series[1].Points, point(w.Others, scale, p.rate(w.Others)))
	}
	if scale == 0 {
		ch.Series = ch.Series[:1]
	}
	return ch
}

// figures write the numbers of receipts.
type figures struct{ page web.Page }

// UTCDay writes a day.
func (f figures) UTCDay(t time.Time) template.HTML { return f.page.In(time.UTC).Day(t) }

// short writes a day as labels do.
func (f figures) short(t time.Time) string {
	t = t.UTC()
	return t.Format("2 ") + f.page.ShortMonth(t)
}

// rate writes tickets per thousand journeys with their interval.
func (f figures) rate(e interval.Estimate) string {
	if math.IsNaN(e.Value) {
		return "–"
	}
	return f.page.T("effects.rate", "Value", f.page.Decimal(e.Value, 1), "Low", f.page.Decimal(e.Low, 1), "High", f.page.Decimal(e.High, 1))
}

// Per writes what there was of a tally.
func (f figures) Per(t interval.Tally) string {
	if t.Over == 0 {
		return "–"
	}
	return f.rate(t.Rate())
}

// Journeys is how many journeys a tally is about.
func (f figures) Journeys(t interval.Tally) string { return f.page.Decimal(math.Round(t.Over*1000), 0) }

// mostLeft is the largest bound that is written out: beyond it, nobody knows
// anything.
const mostLeft = 10

// Left writes what is left of a rate, with its interval: not known without one.
func (f figures) Left(e interval.Estimate) string {
	switch {
	case math.IsNaN(e.Value) || math.IsInf(e.Value, 0) || e.High == 0:
		return "–"
	case e.High > mostLeft:
		return f.page.T("effects.left_open", "Value", f.page.Percent(e.Value), "Low", f.page.Percent(e.Low), "High", f.page.Percent(mostLeft))
	}
	return f.page.T("effects.left_of", "Value", f.page.Percent(e.Value), "Low", f.page.Percent(e.Low), "High", f.page.Percent(e.High))
}

// Days writes the median of days, with its interval.
func (f figures) Days(e interval.Estimate, n int) string {
	if n == 0 {
		return "–"
	}
	if math.IsInf(e.High, 0) {
		return f.page.T("effects.days_few", "Value", f.page.Decimal(e.Value, 0))
	}
	return f.page.T("effects.days_of", "Value", f.page.Decimal(e.Value, 0), "Low", f.page.Decimal(e.Low, 0), "High", f.page.Decimal(e.High, 0))
}

// Colour is that of a finding.
func (f figures) Colour(of demand.Finding) string {
	return cmp.Or(map[demand.Finding]string{demand.Worked: "good", demand.NoEffect: "warn", demand.Inconclusive: "warn"}[of], "")
}

// Sum adds up tallies: of all languages, before or after.
func (f figures) Sum(shifts []interval.Shift, after bool) (sum interval.Tally) {
	for _, s := range shifts {
		t := s.Before
		if after {
			t = s.After
		}
		sum.Events, sum.Over = sum.Events+t.Events, sum.Over+t.Over
	}
	return sum
}

// Whole writes events that are a number of things.
func (f figures) Whole(x float64) int { return int(math.Round(x)) }
