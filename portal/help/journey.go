package help

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// record notes what the visitor of a request did. cookie is what names the
// browser, or empty.
func (r *Room) record(c *fiber.Ctx, cookie string, e journey.Event) {
	e.Source = r.source(c)
	e.At = r.Now()
	if e.Lang == "" {
		e.Lang = r.Lang(c)
	}
	if cookie != "" && e.Source == journey.Visitors {
		key, err := r.Visitors.Visitor(c.UserContext(), cookie, e.At)
		if err != nil {
			// Best effort: the event counts as that of somebody unknown.
			r.Log.WarnContext(c.UserContext(), "visitor not known", "error", err, "request", web.RequestID(c))
		}
		e.Visitor = key
		if e.Kind.Answers() {
			if e.Network, err = r.Visitors.Network(c.UserContext(), r.Address(c), e.At); err != nil {
				r.Log.WarnContext(c.UserContext(), "network not known", "error", err, "request", web.RequestID(c))
			}
		}
	}
	r.Journeys.Record(e)
}

// source says whom a request comes from.
func (r *Room) source(c *fiber.Ctx) journey.Source {
	if r.Me(c) != nil {
		return journey.Staff
	}
	purpose := c.Get("Purpose")
	if purpose == "" {
		purpose = c.Get("X-Purpose")
	}
	return journey.SourceOf(c.Get(fiber.HeaderUserAgent), purpose, c.Get("Sec-Purpose"))
}

// meet names the browser, unless it is not a visitor's: crawlers and programs
// get no cookie.
func (r *Room) meet(c *fiber.Ctx) string {
	if r.source(c) != journey.Visitors {
		return ""
	}
	return r.MeetVisitor(c)
}

// from returns the page of ours that led here, or nil. Browsers say so by
// themselves, so links need no parameters to count clicks.
func (r *Room) from(c *fiber.Ctx) *url.URL {
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host == "" {
		return nil
	}
	if !strings.EqualFold(from.Host, r.Base.Host) && !strings.EqualFold(from.Host, string(c.Context().Host())) {
		return nil
	}
	return from
}

// read serves POST /journey/read: a page says for how long it was read.
func (r *Room) read(c *fiber.Ctx) error {
	a := r.told(c)
	seconds := number(c.FormValue("seconds"), 0)
	if a != nil && seconds > 0 {
		r.record(c, r.Visitor(c), journey.Event{Kind: journey.ArticleRead, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Seconds: seconds})
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// chosen serves POST /journey/choice: somebody typed, and took a suggestion
// instead of searching.
func (r *Room) chosen(c *fiber.Ctx) error {
	q, _ := tidy(c.FormValue("q"), maxQuery)
	if a := r.told(c); a != nil && q != "" {
		cookie, rank := r.meet(c), number(c.FormValue("rank"), 1)
		r.record(c, cookie, journey.Event{Kind: journey.Search, Lang: a.Lang, Query: q, Hits: max(number(c.FormValue("hits"), 1), rank)})
		r.record(c, cookie, journey.Event{Kind: journey.ResultClick, Lang: a.Lang, Query: q, Article: a.Key, Rank: rank})
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// told returns the article that a script's message is about, or nil when there
// is none that its reader could have read.
func (r *Room) told(c *fiber.Ctx) *content.Article {
	lib := r.Articles.Library()
	return r.inLang(lib, c.FormValue("key"), c.FormValue("lang"), r.reader(c))
}
