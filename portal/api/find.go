package api

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/search"
)

type hit struct {
	ID      string  `json:"id"`
	Lang    string  `json:"lang"`
	Title   string  `json:"title"`
	URL     string  `json:"url"`
	Score   float64 `json:"score"`
	Snippet string  `json:"snippet"`
}

func (r *Room) hits(found []search.Hit) []hit {
	hits := make([]hit, len(found))
	for i, h := range found {
		address := r.Link(h.Article.Path())
		if h.Anchor != "" {
			address += "#" + url.PathEscape(h.Anchor)
		}
		var snippet strings.Builder
		for _, p := range h.Snippet {
			snippet.WriteString(p.Text)
		}
		hits[i] = hit{h.Article.Key, h.Article.Lang, h.Article.Title, address, h.Score, snippet.String()}
	}
	return hits
}

// query reads what is looked for. The API is everybody: it finds public
// articles, and what is asked here is counted apart: it feeds no journey, no demand and no learning.
func (r *Room) query(c *fiber.Ctx) (search.Query, error) {
	q := search.Query{
		Text:   c.Query("q"),
		Lang:   c.Query("lang"),
		Reader: content.Public,
		Limit:  c.QueryInt("limit", 10),
		Offset: c.QueryInt("offset", 0),

		OneLang: true,
	}
	if q.Lang == "" {
		q.Lang = r.Offered()[0]
	}
	if !slices.Contains(r.Offered(), q.Lang) && !r.Speaks(q.Lang) {
		return q, &escalation.Error{Kind: escalation.Invalid, Field: "lang", Reason: "error.api_lang"}
	}
	q.Limit = min(max(q.Limit, 1), 50)
	q.Offset = min(max(q.Offset, 0), 1000)
	return q, nil
}

// patience is how long a program waits for a search before it is told to come
// again.
const patience = 5 * time.Second

// busy turns what passes by itself into an answer that says so.
func busy(c *fiber.Ctx, err error) error {
	if errors.Is(err, search.ErrNotReady) || errors.Is(err, context.DeadlineExceeded) {
		c.Set(fiber.HeaderRetryAfter, "5")
		return fiber.ErrServiceUnavailable
	}
	return err
}

func (r *Room) search(c *fiber.Ctx) error {
	q, err := r.query(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	r.Journeys.Record(journey.Event{At: r.Now(), Source: journey.Program, Kind: journey.Search, Lang: q.Lang})
	start := time.Now()
	result, err := r.Search.Search(ctx, q)
	if err != nil {
		return busy(c, err)
	}
	return c.JSON(struct {
		Query   string  `json:"query"`
		Lang    string  `json:"lang"`
		Instead string  `json:"instead,omitempty"`
		Meant   string  `json:"meant,omitempty"`
		Total   int     `json:"total"`
		TookMS  float64 `json:"took_ms"`
		Hits    []hit   `json:"hits"`
	}{q.Text, q.Lang, result.Instead, result.Meant, result.Total, float64(time.Since(start).Microseconds()) / 1000, r.hits(result.Hits)})
}

func (r *Room) suggest(c *fiber.Ctx) error {
	q, err := r.query(c)
	if err != nil {
		return err
	}
	q.Limit = min(max(c.QueryInt("limit", 6), 1), 10)
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	found, err := r.Search.Suggest(ctx, q)
	if err != nil {
		return busy(c, err)
	}
	return c.JSON(struct {
		Query string `json:"query"`
		Lang  string `json:"lang"`
		Hits  []hit  `json:"hits"`
	}{q.Text, q.Lang, r.hits(found)})
}

// article serves one article by its key, in the language asked for or in the
// first that has it.
func (r *Room) article(c *fiber.Ctx) error {
	key, err := url.PathUnescape(c.Params("*"))
	if err != nil {
		return fiber.ErrNotFound
	}
	lib := r.Articles.Library()
	a := lib.BestReadable(key, content.Public, append([]string{c.Query("lang")}, r.Offered()...)...)
	if a == nil {
		return fiber.ErrNotFound
	}
	doc, err := r.Articles.Render(c.UserContext(), a, a.Lang)
	if err != nil {
		return err
	}
	langs := []string{}
	for _, t := range lib.Translations(key) {
		if t.Live(r.Now()) && content.Public.MayRead(t.Audience) {
			langs = append(langs, t.Lang)
		}
	}
	return c.JSON(struct {
		ID          string    `json:"id"`
		Lang        string    `json:"lang"`
		Title       string    `json:"title"`
		Description string    `json:"description"`
		URL         string    `json:"url"`
		HTML        string    `json:"html"`
		Tags        []string  `json:"tags"`
		Updated     time.Time `json:"updated"`
		Languages   []string  `json:"languages"`
	}{a.Key, a.Lang, a.Title, a.Description, r.Link(a.Path()), doc.HTML, append([]string{}, a.Tags...), a.Updated.UTC(), langs})
}
