package desk

import (
	"context"
	"html/template"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
	"primalinea/search"
)

// A Searcher finds tickets by what was said, by facts and by people.
type Searcher interface {
	// Find returns the numbers of the tickets that have all words of a text, the latest
	// first, and how many there are; whole is false while older ones are still taken in.
	// The group is "open", "closed", or empty for all.
	Find(ctx context.Context, text, group string, limit, offset int) (numbers []string, total int, whole bool, err error)
}

const (
	foundOnPage = 20
	foundPages  = 50
)

// A searchPage lists the tickets in which words were found.
type searchPage struct {
	web.Page
	rowsPage
	Address string // of what is shown
	Words   string
	Hits    []foundTicket
	Total   int
	Whole   bool // all tickets were looked through
	Many    bool // some can be chosen, to change them together
	Older   string
	Newer   string
}

// A foundTicket is one of them.
type foundTicket struct {
	Ticket  *escalation.Ticket
	StateIs string
	Colour  string
	Rank    rank
	PlaceIs string
	When    template.HTML // of what was said last
	Around  []search.Piece
	Choice  string // names it among those that are changed together; empty: it cannot be
}

// search serves GET /desk/tickets?q=. Whoever has a number on the telephone goes to its
// ticket; other words are looked for in all tickets that the reader may read.
func (r *Room) search(c *fiber.Ctx) error {
	ctx, me := c.UserContext(), *r.Me(c)
	p := searchPage{Page: r.Page(c, "desk", "seek.title"), Words: escalation.CleanLine(c.Query("q"))}
	if number, ok := escalation.ParseNumber(p.Words); ok {
		_, err := r.Tickets.Ticket(ctx, number)
		if err == nil {
			return web.Redirect(c, "/desk/tickets/"+number)
		}
		if escalation.KindOf(err) != escalation.NotFound {
			return err // it may be a word
		}
	}
	if p.Words == "" {
		p.Whole = true
		return r.Render(c, fiber.StatusOK, "desk/search", p)
	}
	p.Title = p.T("seek.title_of", "Words", p.Words)
	page, _ := strconv.Atoi(c.Query("page")) // no number: the first
	page = min(max(page, 1), foundPages)
	numbers, total, whole, err := r.Found.Find(ctx, p.Words, "", foundOnPage, (page-1)*foundOnPage)
	if err != nil {
		return err
	}
	p.Total, p.Whole = total, whole
	now := r.Now()
	at := func(n int) string {
		return "/desk/tickets?" + url.Values{"q": {p.Words}, "page": {strconv.Itoa(n)}}.Encode()
	}
	p.Address = at(page)
	if p.rowsPage, err = r.rowsPage(c, &p.Page, p.Address); err != nil {
		return err
	}
	for _, number := range numbers {
		t, err := r.Tickets.Ticket(ctx, number)
		if escalation.KindOf(err) == escalation.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if !me.May(escalation.Read, &t) {
			continue
		}
		found := foundTicket{
			Ticket: &t, Rank: ranked(p.Speaker, t.Priority()),
			PlaceIs: p.T("desk.place", "Team", p.TeamName(t.Team), "Tier", t.Tier), When: moment(p.Speaker, t.Updated, now),
		}
		found.StateIs, found.Colour = stateOf(p.Speaker, &t)
		if t.State != escalation.Closed && t.Doubt == "" {
			found.Choice = number + "." + strconv.Itoa(t.Version)
			p.Many = true
		}
		for _, e := range t.Entries {
			if found.Around = search.Around(t.Lang, e.Text, p.Words); found.Around != nil {
				break
			}
		}
		p.Hits = append(p.Hits, found)
	}
	if page > 1 {
		p.Newer = at(page - 1)
	}
	if page*foundOnPage < total && page < foundPages {
		p.Older = at(page + 1)
	}
	return r.Render(c, fiber.StatusOK, "desk/search", p)
}
