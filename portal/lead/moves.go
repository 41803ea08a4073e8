package lead

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Moves is the room for what goes to and fro between teams.
type Moves struct {
	*web.Web
	Tickets interface {
		// Moves returns what was offered of tickets of which an offer was answered since a
		// moment, by ticket and in its order.
		Moves(ctx context.Context, since time.Time) ([]escalation.Move, error)
	}
}

// Mount gives the room its address.
func (r *Moves) Mount(app fiber.Router) {
	app.Get("/lead/moves", r.SignedIn, r.Allowed(staff.ReadReports), r.show)
}

// A movesPage says what came back, by pairs of teams.
type movesPage struct {
	web.Page
	Days  int
	Spans []int
	Pairs []pair
}

// A pair is what one team offered another, in words.
type pair struct {
	escalation.Pair
	FromIs, ToIs string
	Back         interval.Proportion
	Usual, All   string // time lost; empty: none
}

// show serves GET /lead/moves.
func (r *Moves) show(c *fiber.Ctx) error {
	p := movesPage{Page: r.Page(c, "lead", "bounces.title"), Days: spans[0], Spans: spans}
	for _, days := range spans {
		if c.QueryInt("days") == days {
			p.Days = days
		}
	}
	now := r.Now()
	since := now.AddDate(0, 0, -p.Days)
	moves, err := r.Tickets.Moves(c.UserContext(), since)
	if err != nil {
		return err
	}
	for _, of := range escalation.Pairs(moves, since, now.Add(time.Millisecond)) {
		v := pair{Pair: of, FromIs: p.TeamName(of.From), ToIs: p.TeamName(of.To), Back: interval.Wilson(of.Bounced(), of.Offers)}
		if len(of.Lost) > 0 {
			v.Usual, v.All = p.Span(of.LostMedian()), p.Span(of.LostAll())
		}
		p.Pairs = append(p.Pairs, v)
	}
	return r.Render(c, fiber.StatusOK, "lead/moves", p)
}
