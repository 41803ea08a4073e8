package desk

import (
	"cmp"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
	"primalinea/portal/web"
)

// ratingDays is how far back the page looks, and maxRatings how many it shows in full.
const (
	ratingDays = 90
	maxRatings = 50
)

// A ratingsPage says how customers were helped, as they say it: agents see what was
// said of their own solutions, leads of all.
type ratingsPage struct {
	web.Page
	All    bool
	Days   int
	Whole  tiers.Rated
	Rows   []tiers.Rated // by channel and tier
	Latest []ratingLine
}

// A ratingLine is one that somebody said.
type ratingLine struct {
	escalation.RatingLine
	Who  string
	Said template.HTML
	When template.HTML
}

// ratings serves GET /desk/ratings.
func (r *Room) ratings(c *fiber.Ctx) error {
	ctx, me := c.UserContext(), *r.Me(c)
	p := ratingsPage{Page: r.Page(c, "desk", "rating.title"), All: me.Is(staff.Lead), Days: ratingDays}
	agent := me.ID
	if p.All {
		agent = ""
	}
	found, err := r.Ratings(ctx, agent, r.Now().Add(-ratingDays*24*time.Hour), maxRatings)
	if err != nil {
		return err
	}
	people, err := r.Staff.People(ctx)
	if err != nil {
		return err
	}
	called := names(people)
	p.Whole, p.Rows = tiers.Ratings(found.Counts)
	for _, l := range found.Latest {
		p.Latest = append(p.Latest, ratingLine{l, cmp.Or(called[l.Agent], l.Agent), web.Linked(l.Text), moment(p.Speaker, l.At, r.Now())})
	}
	return r.Render(c, fiber.StatusOK, "desk/ratings", p)
}
