package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
	"primalinea/portal/web"
)

// A wait is how long something took, in seconds. Of nothing, nothing is known.
type wait struct {
	N      int  `json:"n"`
	Median *int `json:"median_seconds"`
	P90    *int `json:"p90_seconds"`
}

func waitOf(w tiers.Wait) wait {
	if w.N == 0 {
		return wait{}
	}
	seconds := func(d time.Duration) *int {
		n := int(d.Seconds())
		return &n
	}
	return wait{w.N, seconds(w.Median), seconds(w.P90)}
}

// A breach says how often one sort of promise was broken.
type breach struct {
	Clock string `json:"clock"`
	interval.Proportion
}

// A rated is how many were well helped, of those who came by a channel, were helped at a
// tier and said so.
type rated struct {
	Channel string `json:"channel"`
	Tier    int    `json:"tier"`
	interval.Proportion
}

// A tier is what a team did at one.
type tier struct {
	Team       string              `json:"team"`
	Tier       int                 `json:"tier"`
	First      interval.Proportion `json:"first_response"`
	Answered   wait                `json:"first_response_time"`
	Reopened   interval.Proportion `json:"reopened"`
	Resolution interval.Proportion `json:"resolution"`
	Elapsed    wait                `json:"elapsed"`
	Open       int                 `json:"open"`
	Overdue    int                 `json:"overdue"`
	Age        wait                `json:"age"`
}

// A kind is what came of one kind of requests.
type kind struct {
	Type       string              `json:"type"`
	Share      interval.Proportion `json:"tier1_share"`
	Reopened   interval.Proportion `json:"reopened"`
	Resolution interval.Proportion `json:"resolution"`
	Elapsed    wait                `json:"elapsed"`
}

// A tierWeek is the share of some days.
type tierWeek struct {
	From     string              `json:"from"`
	To       string              `json:"to"`
	Share    interval.Proportion `json:"tier1_share"`
	Reopened interval.Proportion `json:"reopened"`
}

// A topic is what the first tier passes on.
type topic struct {
	Line    string `json:"line"`
	Lang    string `json:"lang"`
	Title   string `json:"title"`
	Up      int    `json:"went_up"`
	Tickets int    `json:"tickets"`
	Decided bool   `json:"decided"`
}

// tierReport serves GET /api/v1/reports/tiers.
func (r *Room) tierReport(c *fiber.Ctx, _ staff.Token) error {
	span, field, wrong := r.span(c)
	table, bad := asTable(c)
	switch {
	case wrong != "":
	case c.Query("lang") != "":
		field, wrong = "lang", "This report is about all languages."
	case bad != "":
		field, wrong = "format", bad
	}
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, field)
	}
	report, err := r.Tiers(c.UserContext(), span.From, span.To, r.Now())
	if err != nil {
		return err
	}
	if table {
		return web.SendCSV(c, "tiers.csv", report.Table())
	}
	type target struct {
		Low  float64 `json:"low"`
		High float64 `json:"high"`
	}
	answer := struct {
		From         string              `json:"from"`
		To           string              `json:"to"`
		Target       target              `json:"target"`
		Verdict      string              `json:"verdict"`
		Share        interval.Proportion `json:"tier1_share"`
		Reopened     interval.Proportion `json:"reopened"`
		FirstContact interval.Proportion `json:"first_contact"`
		Bounces      interval.Proportion `json:"bounces"`
		First        interval.Proportion `json:"first_response"`
		Answered     wait                `json:"first_response_time"`
		Unanswered   interval.Proportion `json:"unanswered"`
		Resolution   interval.Proportion `json:"resolution"`
		Elapsed      wait                `json:"elapsed"`
		Rating       interval.Proportion `json:"rating"`
		Ratings      []rated             `json:"ratings"`
		Breaches     []breach            `json:"breaches"`
		ByType       []kind              `json:"by_type"`
		ByTier       []tier              `json:"by_tier"`
		Steps        []tierWeek          `json:"steps"`
		Topics       []topic             `json:"went_up_most"`
	}{
		From: first(span.From), To: last(span.To), Target: target{tiers.TargetLow, tiers.TargetHigh}, Verdict: string(report.Verdict()),
		Share: report.Share, Reopened: report.Reopened, FirstContact: report.FirstContact, Bounces: report.Bounced,
		First: report.First, Answered: waitOf(report.Answered), Unanswered: report.Unanswered,
		Resolution: report.Resolution, Elapsed: waitOf(report.Elapsed),
		Rating: report.Rating.Good, Ratings: []rated{},
		Breaches: []breach{}, ByType: []kind{}, ByTier: []tier{}, Topics: []topic{},
	}
	for _, g := range report.Ratings {
		answer.Ratings = append(answer.Ratings, rated{string(g.Channel), g.Tier, g.Good})
	}
	for _, b := range report.Breaches {
		answer.Breaches = append(answer.Breaches, breach{string(b.Clock), b.Proportion})
	}
	for _, l := range report.ByType {
		answer.ByType = append(answer.ByType, kind{l.Type, l.Share, l.Reopened, l.Resolution, waitOf(l.Elapsed)})
	}
	for _, l := range report.ByTier {
		answer.ByTier = append(answer.ByTier, tier{l.Team, l.Tier, l.First, waitOf(l.Answered), l.Reopened, l.Resolution, waitOf(l.Elapsed), l.Open, l.Overdue, waitOf(l.Age)})
	}
	for _, w := range report.Weeks {
		answer.Steps = append(answer.Steps, tierWeek{first(w.From), last(w.To), w.Share, w.Reopened})
	}
	for _, t := range report.Topics {
		answer.Topics = append(answer.Topics, topic{t.Line, t.Lang, t.Title, t.Up, t.Tickets, t.Decided})
	}
	return c.JSON(answer)
}
