package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal/web"
	"primalinea/search"
)

// articleByKey is what [Room].Article is.
type articleByKey = func(key string, langs ...string) *content.Article

// An article is one that may be the solution.
type article struct{ Key, Title, Path, Lang string }

// What may be chosen instead of an article's key.
const (
	articleMade  = "made"  // one is to be made
	articleOther = "other" // its key was typed
)

// nearest is how many articles are offered as the solution.
const nearest = 4

// patience is how long an agent waits for them.
const patience = 2 * time.Second

// choices returns the articles that may be the solution, of those that the customer
// may read: those that answer words,
// else those that are like the question of a ticket; and the one that is chosen.
// Without an index that answers there is only the last: a ticket is worked on
// all the same.
func (r *Room) choices(c *fiber.Ctx, t *escalation.Ticket, words, chosen, lang string) []article {
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	var hits []search.Hit
	var err error
	if strings.TrimSpace(words) != "" {
		var found search.Result
		found, err = r.Articles.Search(ctx, search.Query{Text: words, Lang: t.Lang, Reader: content.Customers, Limit: nearest})
		hits = append(found.Hits, found.Elsewhere...)
	} else {
		hits, err = r.Articles.Nearest(ctx, t.Lang, t.Subject+"\n"+t.Entries[0].Text, nearest, content.Customers)
	}
	if err != nil && !errors.Is(err, search.ErrNotReady) {
		r.Log.WarnContext(ctx, "near articles not found", "error", err, "request", web.RequestID(c))
	}
	var list []article
	if chosen != escalation.NoArticle && chosen != articleMade && chosen != articleOther {
		if a := r.Article(chosen, t.Lang, lang); a != nil {
			list = append(list, article{a.Key, a.Title, a.Path(), a.Lang})
		}
	}
	for _, h := range hits[:min(len(hits), nearest)] {
		if a := h.Article; a.Key != chosen {
			list = append(list, article{a.Key, a.Title, a.Path(), a.Lang})
		}
	}
	return list
}

// A choicePart is the list of articles to choose from, for the script.
type choicePart struct {
	Near   []article
	Chosen string
}

// articles serves GET /desk/articles?q=&number=&chosen=: the articles that answer
// words, as the ticket's page lists them.
func (r *Room) articles(c *fiber.Ctx) error {
	number, ok := escalation.ParseNumber(c.Query("number"))
	if !ok {
		return escalation.NoTicket()
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number)
	if err != nil {
		return err
	}
	if !r.Me(c).May(escalation.Read, &t) {
		return escalation.NoTicket()
	}
	p := choicePart{Chosen: c.Query("chosen")}
	p.Near = r.choices(c, &t, c.Query("q"), p.Chosen, r.Lang(c))
	return r.RenderPart(c, "desk/ticket", "choices", p)
}
