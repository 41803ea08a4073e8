package api

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A standing is what an article, or a section, did for its readers.
type standing struct {
	ID        string              `json:"id"`
	Lang      string              `json:"lang"`
	Title     string              `json:"title"`
	URL       string              `json:"url,omitempty"`
	Solved    interval.Proportion `json:"solved"`
	Contacted interval.Proportion `json:"contacted"`
	Confirmed float64             `json:"confirmed_credit"`
	Presumed  float64             `json:"presumed_credit"`
	Yes       *int                `json:"yes,omitempty"`
	No        *int                `json:"no,omitempty"`
}

// articleReport serves GET /api/v1/reports/articles.
func (r *Room) articleReport(c *fiber.Ctx, _ staff.Token) error {
	span, field, wrong := r.span(c)
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, field)
	}
	counted, err := r.Credits(c.UserContext(), span)
	if err != nil {
		return err
	}
	report, lib := counted.Report(), r.Articles.Library()
	answer := struct {
		From      string              `json:"from"`
		To        string              `json:"to"`
		Lang      string              `json:"lang"`
		Decided   int                 `json:"decided"`
		Pending   int                 `json:"pending"`
		Contacted interval.Proportion `json:"contacted"`
		Total     int                 `json:"total"`
		Articles  []standing          `json:"articles"`
		Sections  []standing          `json:"sections"`
	}{
		From: first(report.From), To: last(report.To), Lang: span.Lang, Decided: report.Decided, Pending: report.Pending,
		Contacted: report.Mean, Total: len(report.Texts), Articles: []standing{}, Sections: []standing{},
	}
	slices.SortStableFunc(report.Texts, func(a, b journey.Standing) int { return b.Solved.N - a.Solved.N })
	from := min(max(c.QueryInt("offset"), 0), len(report.Texts))
	for _, s := range report.Texts[from:min(from+min(max(c.QueryInt("limit", 100), 1), 500), len(report.Texts))] {
		line := standing{s.Article, s.Lang, s.Article, "", s.Solved, s.Contacted, s.Confirmed, s.Presumed, &s.Yes, &s.No}
		if a := lib.ByKey(s.Article, s.Lang); a != nil && a.Live(r.Now()) {
			line.Title, line.URL = a.Title, r.Link(a.Path())
		}
		answer.Articles = append(answer.Articles, line)
	}
	for _, s := range report.Sections {
		line := standing{s.Article, s.Lang, s.Article, "", s.Solved, s.Contacted, s.Confirmed, s.Presumed, nil, nil}
		if section := lib.SectionByKey(s.Lang, s.Article); section != nil {
			line.Title = section.Title
		}
		answer.Sections = append(answer.Sections, line)
	}
	return c.JSON(answer)
}
