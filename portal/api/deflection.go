package api

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// figures say how journeys ended: all of a report, or those of a language, a section
// or a step, which is then named.
type figures struct {
	Lang         *string             `json:"lang,omitempty"`
	Section      *string             `json:"section,omitempty"`
	From         string              `json:"from,omitempty"`
	To           string              `json:"to,omitempty"`
	Confirmed    interval.Proportion `json:"confirmed"`
	Presumed     []presumed          `json:"presumed"`
	Escalated    interval.Proportion `json:"escalated"`
	Failed       int                 `json:"failed"`
	Answered     interval.Proportion `json:"answered"`
	Pending      int                 `json:"pending"`
	Sent         int                 `json:"pending_escalated"`
	Unknown      int                 `json:"unknown"`
	UnknownShare interval.Proportion `json:"unknown_share"`
}

type presumed struct {
	Days int `json:"window_days"`
	interval.Proportion
}

func figuresOf(f journey.Figures) figures {
	out := figures{
		Confirmed: f.Confirmed, Escalated: f.EscalatedRate(), Failed: f.Failed, Answered: f.Answered,
		Pending: f.Pending, Sent: f.Sent, Unknown: f.Unknown, UnknownShare: f.UnknownShare(),
	}
	for _, p := range f.Presumed {
		out.Presumed = append(out.Presumed, presumed{p.Days, p.Proportion})
	}
	return out
}

// A caused says what a hold-out shows of suggestions. What is not known is null.
type caused struct {
	HoldOut     assigned `json:"holdout"`
	Shown       assigned `json:"shown"`
	Difference  *float64 `json:"difference"`
	Low         *float64 `json:"low"`
	High        *float64 `json:"high"`
	Avoided     *float64 `json:"avoided"`
	AvoidedLow  *float64 `json:"avoided_low"`
	AvoidedHigh *float64 `json:"avoided_high"`
	Pending     int      `json:"pending"`
	Verdict     string   `json:"verdict"`
}

type assigned struct {
	Tickets int `json:"tickets"`
	N       int `json:"n"`
}

func causedOf(c *journey.Caused) *caused {
	if c == nil {
		return nil
	}
	out := &caused{
		HoldOut: assigned{c.HoldOut.Tickets.K, c.HoldOut.Tickets.N}, Shown: assigned{c.Shown.Tickets.K, c.Shown.Tickets.N},
		Pending: c.Pending, Verdict: string(c.Verdict),
	}
	if c.Effect() {
		out.Difference, out.Low, out.High = &c.Difference.Value, &c.Difference.Low, &c.Difference.High
		out.Avoided, out.AvoidedLow, out.AvoidedHigh = &c.Avoided.Value, &c.Avoided.Low, &c.Avoided.High
	}
	return out
}

// deflectionReport serves GET /api/v1/reports/deflection.
func (r *Room) deflectionReport(c *fiber.Ctx, _ staff.Token) error {
	span, field, wrong := r.span(c)
	table, bad := asTable(c)
	if wrong == "" && bad != "" {
		field, wrong = "format", bad
	}
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, field)
	}
	report, err := r.Deflection(c.UserContext(), span)
	if err != nil {
		return err
	}
	_, effect, err := r.Experiments.Known(c.UserContext(), r.Now())
	if err != nil {
		return err
	}
	if table {
		rows := report.Table()
		if effect != nil {
			rows = append(rows, effect.Table()...)
		}
		return web.SendCSV(c, "deflection.csv", rows)
	}
	answer := struct {
		figures
		Caused    *caused        `json:"caused,omitempty"`
		Rules     []int          `json:"rules"`
		ByLang    []figures      `json:"by_lang"`
		BySection []figures      `json:"by_section"`
		Steps     []figures      `json:"steps"`
		Apart     map[string]int `json:"apart"`
	}{
		figures: figuresOf(report.Total), Caused: causedOf(effect), Rules: append([]int{}, report.Rules...), ByLang: []figures{}, BySection: []figures{}, Apart: map[string]int{},
	}
	answer.Lang, answer.From, answer.To = &span.Lang, first(span.From), last(span.To)
	for _, f := range report.ByLang {
		row := figuresOf(f)
		row.Lang = &f.Lang
		answer.ByLang = append(answer.ByLang, row)
	}
	for _, f := range report.BySection {
		row := figuresOf(f)
		row.Section = &f.Section
		answer.BySection = append(answer.BySection, row)
	}
	for _, s := range report.Steps {
		row := figuresOf(s.Figures)
		row.From, row.To = first(s.From), last(s.To)
		answer.Steps = append(answer.Steps, row)
	}
	for _, a := range report.Apart {
		answer.Apart[string(a.Source)] = a.Total
	}
	return c.JSON(answer)
}
