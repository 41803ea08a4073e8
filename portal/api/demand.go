package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Demand is what people ask in vain.
type Demand interface {
	List(ctx context.Context, lang string, now time.Time) (demand.List, error)
	Decided(ctx context.Context, lang string, now time.Time) (demand.List, error)
	Judge(ctx context.Context, lines []demand.Line, now time.Time) error
}

// An amount is a number with its interval, and what it is counted in.
type amount struct {
	interval.Estimate
	Currency string `json:"currency"`
}

// A handling is how long requests take.
type handling struct {
	Minutes float64 `json:"minutes"`
	Of      int     `json:"of"` // requests; 0: what others take
}

// A verdict is what is the matter with a line.
type verdict struct {
	Matter    demand.Matter        `json:"matter"`
	Article   string               `json:"article,omitempty"`
	Lang      string               `json:"lang,omitempty"`
	Into      string               `json:"missing_in,omitempty"`
	Settled   int                  `json:"settled"`
	Confirmed int                  `json:"confirmed"`
	ReadVain  int                  `json:"read_in_vain"`
	Found     int                  `json:"found"`
	Asked     int                  `json:"asked"`
	Held      float64              `json:"held"`
	Contacted *interval.Proportion `json:"contacted,omitempty"`
}

// A decided is what somebody decided on a line.
type decided struct {
	Choice    demand.Choice `json:"choice"`
	Article   string        `json:"article,omitempty"`
	Lang      string        `json:"lang,omitempty"`
	Owner     string        `json:"owner,omitempty"`
	Reference string        `json:"reference,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Until     *time.Time    `json:"until,omitempty"`
	By        string        `json:"by"`
	At        time.Time     `json:"at"`
}

// A demandLine is what several people wanted in vain.
type demandLine struct {
	ID       string            `json:"id"`
	Lang     string            `json:"lang"`
	Langs    []string          `json:"langs"`
	Title    string            `json:"title"`
	People   interval.Estimate `json:"people"` // within 28 days
	All      int               `json:"people_90_days"`
	Searches int               `json:"searches"`
	Tickets  int               `json:"tickets"`
	Waiting  int               `json:"waiting"`
	Handling handling          `json:"handling"`
	Trend    change            `json:"trend"`
	Worth    interval.Estimate `json:"worth_minutes"`
	Cost     *amount           `json:"cost"`
	Verdict  *verdict          `json:"verdict"`
	Decision *decided          `json:"decision"`
	Back     *string           `json:"back"`
}

// demandReport serves GET /api/v1/reports/demand.
func (r *Room) demandReport(c *fiber.Ctx, _ staff.Token) error {
	lang, wrong := r.lang(c)
	if wrong != "" {
		return web.SendProblem(c, fiber.StatusBadRequest, wrong, "lang")
	}
	ctx, now := c.UserContext(), r.Now()
	open, err := r.Demand.List(ctx, lang, now)
	if err != nil {
		return err
	}
	done, err := r.Demand.Decided(ctx, lang, now)
	if err != nil {
		return err
	}
	price, _, err := r.Price(ctx)
	if err != nil {
		return err
	}
	lines := append(open.Lines, done.Lines...)
	if err := r.Demand.Judge(ctx, lines, now); err != nil {
		return err
	}
	answer := struct {
		At     time.Time    `json:"at"`
		Lang   string       `json:"lang"`
		Lines  []demandLine `json:"lines"`
		Hidden int          `json:"hidden"`
		More   int          `json:"more"`
	}{At: now.UTC(), Lang: lang, Lines: make([]demandLine, len(lines)), Hidden: open.Hidden + done.Hidden, More: open.More + done.More}
	for i := range lines {
		answer.Lines[i] = lineOf(&lines[i], price)
	}
	return c.JSON(answer)
}

func lineOf(l *demand.Line, price demand.Price) demandLine {
	d := demandLine{
		ID: l.ID, Lang: l.Lang, Langs: l.Langs, Title: l.Title, People: interval.Poisson(l.Recent), All: l.People,
		Searches: l.Searches, Tickets: len(l.Tickets), Waiting: l.Waiting, Handling: handling{l.Handling, l.Handled},
		Trend: change{Ratio: known(l.Trend.Value), Low: known(l.Trend.Low), High: known(l.Trend.High)}, Worth: l.Weight,
	}
	if cost, ok := price.Cost(l); ok {
		d.Cost = &amount{cost, price.Currency}
	}
	if v := l.Verdict; v != nil {
		d.Verdict = &verdict{v.Matter, v.Article, v.Lang, v.Into, v.Settled, v.Confirmed, v.Vain, v.Found, v.Asked, v.Held, nil}
		if v.Debit != nil {
			d.Verdict.Contacted = &v.Debit.Contacted
		}
	}
	if o := l.Decision; o != nil {
		d.Decision = &decided{Choice: o.Choice, Article: o.Article, Lang: o.Lang, Owner: o.Owner, By: o.By.Name, At: o.At}
		if o.Choice == demand.Product {
			d.Decision.Reference = o.Reason
		} else {
			d.Decision.Reason = o.Reason
		}
		if o.Choice == demand.Snooze {
			d.Decision.Until = &o.Until
		}
	}
	if l.Back != nil {
		why := string(l.Back.Why)
		d.Back = &why
	}
	return d
}
