package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// An effect is a ratio of rates with its interval; what is not known is null.
type effect struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

func effectOf(e interval.Estimate) *effect {
	return &effect{known(e.Value), known(e.Low), known(e.High)}
}

// A spell is what there was in some days.
type spell struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Tickets  int    `json:"tickets"`
	Journeys int    `json:"journeys"`
}

func spellOf(w demand.Window, t interval.Tally) *spell {
	return &spell{first(w.From.Time()), first(w.Last().Time()), int(t.Events), int(t.Over*1000 + .5)}
}

// A receipt is what became of the tickets for which an article was written.
type receipt struct {
	ID        string  `json:"id"`
	Article   string  `json:"article"`
	Lang      string  `json:"lang"`
	Line      string  `json:"line"`
	Chosen    string  `json:"chosen"`
	Published *string `json:"published"`
	Finding   string  `json:"finding"`
	Next      *string `json:"next"`

	// Of the last look; none while none was taken.
	Compared string  `json:"compared_with,omitempty"`
	Before   *spell  `json:"before,omitempty"`
	After    *spell  `json:"after,omitempty"`
	Alone    *effect `json:"alone,omitempty"`
	Controls *int    `json:"controls,omitempty"`
	Others   *effect `json:"others,omitempty"`
	Change   *effect `json:"change,omitempty"`
	Needed   *int    `json:"tickets_needed,omitempty"`
}

// effectReport serves GET /api/v1/reports/after-effects.
func (r *Room) effectReport(c *fiber.Ctx, _ staff.Token) error {
	table, wrong := asTable(c)
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, "format")
	}
	report, err := r.Receipts(c.UserContext(), r.Now())
	if err != nil {
		return err
	}
	if table {
		return web.SendCSV(c, "after-effects.csv", report.Table())
	}
	type pool struct {
		Section  string  `json:"section"`
		Articles int     `json:"articles"`
		Finding  string  `json:"finding"`
		Before   int     `json:"tickets_before"`
		After    int     `json:"tickets_after"`
		Change   *effect `json:"change"`
	}
	answer := struct {
		Effects []receipt `json:"after_effects"`
		Pools   []pool    `json:"sections"`
		KCS     struct {
			Days   int                 `json:"days"`
			Linked interval.Proportion `json:"linked"`
			Reused interval.Proportion `json:"reused"`
			Wait   *effect             `json:"days_to_article"`
			Waits  int                 `json:"n_days_to_article"`
		} `json:"kcs"`
	}{Effects: []receipt{}, Pools: []pool{}}
	for i := range report.Receipts {
		answer.Effects = append(answer.Effects, receiptOf(&report.Receipts[i]))
	}
	for _, p := range report.Pools {
		answer.Pools = append(answer.Pools, pool{
			p.Section, p.Articles, string(p.Finding), int(p.Tickets.Before.Events), int(p.Tickets.After.Events), effectOf(p.Change),
		})
	}
	k := report.KCS
	answer.KCS.Days, answer.KCS.Linked, answer.KCS.Reused, answer.KCS.Wait, answer.KCS.Waits = k.Days, k.Linked, k.Reused, effectOf(k.Wait), k.Waits
	return c.JSON(answer)
}

func receiptOf(of *demand.Receipt) receipt {
	day := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		s := first(t.UTC())
		return &s
	}
	out := receipt{
		ID: of.ID, Article: of.Article, Lang: of.Lang, Line: of.Line, Chosen: first(of.Chosen.UTC()), Published: day(of.Published),
		Finding: string(of.Finding), Next: day(of.Next),
	}
	if l := &of.Look; l.Weeks > 0 {
		out.Compared, out.Controls, out.Needed = l.Compared, &l.Lines, &l.Needed
		out.Before, out.After = spellOf(l.Before, l.Tickets.Before), spellOf(l.After, l.Tickets.After)
		out.Alone, out.Others, out.Change = effectOf(l.Alone), effectOf(l.Others), effectOf(l.Change)
	}
	return out
}
