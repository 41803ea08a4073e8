package desk

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
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
	Whole  ratingRow
	Rows   []ratingRow // by channel and tier
	Latest []ratingLine
}

// A ratingRow is how many of those who said something were well helped.
type ratingRow struct {
	Channel    escalation.Channel
	Tier       int
	Good       interval.Proportion
	Fair, Poor int
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
	p.Whole, p.Rows = ratingRows(found.Counts)
	for _, l := range found.Latest {
		p.Latest = append(p.Latest, ratingLine{l, cmp.Or(called[l.Agent], l.Agent), web.Linked(l.Text), moment(p.Speaker, l.At, r.Now())})
	}
	return r.Render(c, fiber.StatusOK, "desk/ratings", p)
}

// ratingRows adds counts up, altogether and by channel and tier.
func ratingRows(counts []escalation.RatingCount) (whole ratingRow, rows []ratingRow) {
	type group struct {
		channel escalation.Channel
		tier    int
	}
	n := map[group]map[escalation.Score]int{}
	all := map[escalation.Score]int{}
	for _, c := range counts {
		g := group{c.Channel, c.Tier}
		if n[g] == nil {
			n[g] = map[escalation.Score]int{}
		}
		n[g][c.Score] += c.N
		all[c.Score] += c.N
	}
	row := func(n map[escalation.Score]int) ratingRow {
		return ratingRow{
			Good: interval.Wilson(n[escalation.Good], n[escalation.Good]+n[escalation.Fair]+n[escalation.Poor]),
			Fair: n[escalation.Fair], Poor: n[escalation.Poor],
		}
	}
	for g, scores := range n {
		r := row(scores)
		r.Channel, r.Tier = g.channel, g.tier
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b ratingRow) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Tier, b.Tier))
	})
	return row(all), rows
}
