package desk

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/search"
)

// articleByKey is [Room.Article].
type articleByKey = func(key string, langs ...string) *content.Article

// An article is one that may be the solution.
type article struct{ Key, Title, Path, Lang string }

// What may be chosen instead of an article's key.
const (
	articleMade  = "made"  // one is to be made
	articleOther = "other" // its key was typed
)

// articlesFor returns the articles that answer words, else those that are like
// the question of a ticket.
func (r *Room) articlesFor(ctx context.Context, t *escalation.Ticket, words string) ([]article, error) {
	var hits []search.Hit
	var err error
	if strings.TrimSpace(words) != "" {
		var found search.Result
		found, err = r.Articles.Search(ctx, search.Query{Text: words, Lang: t.Lang, Reader: content.Agents, Limit: nearest})
		hits = append(found.Hits, found.Elsewhere...)
	} else {
		hits, err = r.Articles.Nearest(ctx, t.Lang, t.Subject+"\n"+t.Entries[0].Text, nearest, content.Agents)
	}
	if err != nil {
		return nil, err
	}
	var list []article
	for _, h := range hits[:min(len(hits), nearest)] {
		list = append(list, article{h.Article.Key, h.Article.Title, h.Article.Path(), h.Article.Lang})
	}
	return list, nil
}

// A choicePart is the list of articles to choose from, for the script.
type choicePart struct {
	Near   []article
	Chosen string
	Lang   string
}

// articles serves GET /desk/articles?q=&number=: the articles that answer words,
// as the ticket's page lists them.
func (r *Room) articles(c *fiber.Ctx) error {
	number, ok := escalation.ParseNumber(c.Query("number"))
	if !ok {
		return escalation.NoTicket()
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number)
	if err != nil {
		return err
	}
	found, err := r.articlesFor(c.UserContext(), &t, c.Query("q"))
	if err != nil {
		return err
	}
	return r.RenderPart(c, "desk/ticket", "choices", choicePart{Near: found, Chosen: c.Query("chosen"), Lang: r.Lang(c)})
}
