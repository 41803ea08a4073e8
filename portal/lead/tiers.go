package lead

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
	"primalinea/portal/web"
)

// Tiers is the room for how the tiers share the work.
type Tiers struct {
	*web.Web
	// Tiers makes the report of the days from one to another.
	Tiers func(ctx context.Context, from, to, now time.Time) (tiers.Report, error)
	// Reports say what never became a ticket.
	Reports Reports
}

// Mount gives the room its addresses.
func (r *Tiers) Mount(app fiber.Router) {
	app.Get("/lead/tiers", r.SignedIn, r.Allowed(staff.ReadReports), r.show)
	app.Get("/lead/tiers.csv", r.SignedIn, r.Allowed(staff.ReadReports), r.csv)
}

// A tiersPage says how the tiers share the work.
type tiersPage struct {
	web.Page
	Days      int
	Spans     []int
	Report    tiers.Report
	Confirmed interval.Proportion // journeys that the articles settled: tier 0
}

func (r *Tiers) page(c *fiber.Ctx) (*tiersPage, error) {
	p := &tiersPage{Page: r.Page(c, "lead", "tiers.heading"), Days: deflectionSpans[0], Spans: deflectionSpans}
	p.Here("/lead/tiers")
	if days := c.QueryInt("days"); slices.Contains(deflectionSpans, days) {
		p.Days = days
	}
	span := journey.LastDays(p.Days, "", r.Now())
	var err error
	p.Report, err = r.Tiers(c.UserContext(), span.From, span.To, r.Now())
	return p, err
}

// show serves GET /lead/tiers.
func (r *Tiers) show(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	settled, err := r.Reports.Deflection(c.UserContext(), journey.LastDays(p.Days, "", r.Now()))
	if err != nil {
		return err
	}
	p.Confirmed = settled.Total.Confirmed
	return r.Render(c, fiber.StatusOK, "lead/tiers", p)
}

// csv serves GET /lead/tiers.csv.
func (r *Tiers) csv(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	return web.SendCSV(c, "tiers.csv", p.Report.Table())
}

// At is the address of the report of another span.
func (p *tiersPage) At(days int) string { return "/lead/tiers?days=" + strconv.Itoa(days) }

// Low and High are what is aimed at for the share of the first tier.
func (*tiersPage) Low() float64  { return tiers.TargetLow }
func (*tiersPage) High() float64 { return tiers.TargetHigh }

// Clock names a clock for all tiers.
func (p *tiersPage) Clock(b tiers.Breach) string { return p.T("clock.of." + string(b.Clock)) }

// Drawn reports whether any week has enough solved tickets to be drawn.
func (p *tiersPage) Drawn() bool {
	return slices.ContainsFunc(p.Report.Weeks, func(w tiers.Week) bool { return !w.Share.TooFew() })
}

// Chart draws the share of each week, and what was opened again.
func (p *tiersPage) Chart() web.Chart {
	c := web.Chart{ID: "weeks", Title: p.T("deflection.by_week"), What: p.T("tiers.chart_what"), X: p.T("deflection.week_of"), Write: p.Percent}
	share, again := web.Series{Name: p.T("tiers.share")}, web.Series{Name: p.T("tiers.reopened")}
	point := func(rate interval.Proportion) web.Point {
		return web.Point{Value: rate.Rate, Low: rate.Low, High: rate.High, Share: rate, None: rate.TooFew()}
	}
	for _, w := range p.Report.Weeks {
		c.Labels = append(c.Labels, weekLabel(p.Page, w.From))
		share.Points, again.Points = append(share.Points, point(w.Share)), append(again.Points, point(w.Reopened))
	}
	c.Series = []web.Series{share, again}
	return c
}
