package help

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A heard is what the page of a request that is open is told.
type heard struct {
	Listen  string // address of what tells it
	Refresh string // address of the page, that says what is new in it
	Made    string // time of day at which it was made
	News    string // that there is something since the page that was made before
}

// listen says where the page of a request listens, and what is new in it.
func (p *ticketPage) listen(c *fiber.Ctx, lines []escalation.Line, now time.Time) {
	seen := "seen=" + strconv.Itoa(len(lines))
	p.Listen = "/tickets/" + p.Number + "/live?" + seen + "&lang=" + p.Lang
	and := "?"
	if strings.Contains(p.Action, and) { // another language was chosen
		and = "&"
	}
	p.Refresh = p.Action + and + seen
	p.Made = p.Local(now).Format("15:04")
	if was := c.QueryInt("seen"); was > 0 && answered(lines, was) {
		p.News = p.T("live.answer")
	}
}

// answered says whether others than the reader's side wrote a line after so many.
func answered(lines []escalation.Line, seen int) bool {
	for i, l := range lines {
		if i >= seen && l.By != escalation.ByRequester {
			return true
		}
	}
	return false
}

// live serves GET /tickets/{number}/live: that there is something new to read. It goes by
// the lines that the page has, so nothing else can be noticed by it.
func (r *Room) live(c *fiber.Ctx) error {
	number, _ := escalation.ParseNumber(unescaped(c.Params("number")))
	t, err := r.granted(c, number)
	if err != nil {
		return err
	}
	grant, lang := r.Session(c).Tickets[number], t.Lang
	if chosen := c.Query("lang"); r.Speaks(chosen) {
		lang = chosen
	} else if !r.Speaks(lang) {
		lang = r.Lang(c)
	}
	words := r.Theme.Words.Speaker(lang)
	_, told := web.SeenFrom(c, "seen")
	first := true
	var due time.Time // when what was done can no longer be taken back
	return r.Stream(c, web.Stream{
		Who: "ticket " + number, Session: r.Session(c).Hash(), Number: number,
		Next: func(_ context.Context, at web.Moment) (tell []web.News, after time.Duration, may bool, err error) {
			now := r.Now()
			if left := due.Sub(now); !first && !at.Touched && (due.IsZero() || left > 0) {
				return nil, max(left, 0), true, nil
			}
			first, due = false, time.Time{}
			t, err := at.Ticket()
			if err != nil || !holds(grant, t) {
				return nil, 0, false, err
			}
			if d := t.LastDeed(); d != nil && d.Left(now) > 0 {
				after = d.Left(now)
				due = now.Add(after)
			}
			public, err := t.ForPublic(now)
			if err != nil {
				return nil, 0, false, err
			}
			lines := public.ForRequester()
			if answered(lines, int(max(told, 0))) {
				tell = []web.News{{ID: strconv.Itoa(len(lines)), Name: "news", Text: words.T("live.answer")}}
			}
			told = int64(len(lines))
			return tell, after, true, nil
		},
	})
}
