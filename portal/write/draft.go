package write

import (
	"bytes"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

// An origin is what a draft is to be made of: a line of demand or a ticket.
type origin struct {
	demand.Source
	line   string
	ticket *escalation.Ticket
}

// A draftPage shows a draft before there is one.
type draftPage struct {
	web.Page
	Line   string // one of these two
	Number string // of the ticket
	Back   string // address of what it is made of
	Draft  demand.Draft
	Struck []struck
	Body   template.HTML
	Answer bool // there is an answer to begin with
	Wanted bool // who solved the ticket asked for an article
	Near   []near
	Places []place
	Place  string

	Writable bool
	MayEdit  bool
}

// A near is an article that may say it already.
type near struct {
	*content.Article
	Edit string
}

// origin finds what a draft is to be made of.
func (r *Room) origin(c *fiber.Ctx) (o origin, err error) {
	ctx, me := c.UserContext(), r.Me(c)
	if id := c.FormValue("line"); id != "" {
		if !me.May(staff.ReadDemand, nil) || !me.May(staff.EditArticles, nil) {
			return o, web.NotAllowed()
		}
		l, err := r.Demand.Line(ctx, id, r.Now())
		if err != nil {
			return o, err
		}
		o = origin{Source: demand.OfLine(l), line: l.ID}
		for _, id := range l.Tickets {
			t, err := r.Tickets.TicketByID(ctx, id)
			if err != nil && escalation.KindOf(err) != escalation.NotFound {
				return o, err
			}
			if err == nil && t.Solution != nil {
				o.Solution = demand.OfTicket(&t, r.Search.Terms).Solution
				break
			}
		}
		return o, nil
	}
	number, ok := escalation.ParseNumber(c.FormValue("ticket"))
	if !ok {
		return o, escalation.NoTicket()
	}
	t, err := r.Tickets.Ticket(ctx, number)
	switch {
	case err != nil:
		return o, err
	case !me.May(escalation.Read, &t):
		return o, escalation.NoTicket()
	case t.Solution == nil:
		return o, &escalation.Error{Kind: escalation.Conflict, Reason: "write.not_solved"}
	}
	return origin{Source: demand.OfTicket(&t, r.Search.Terms), ticket: &t}, nil
}

// words are the sentences of a draft in its language.
func (r *Room) words(lang string) demand.Words {
	s := r.Theme.Words.Speaker(lang)
	return demand.Words{
		Untitled: s.T("draft.untitled"), Problem: s.T("draft.problem"), Solution: s.T("draft.solution"),
		NoProblem: s.T("draft.no_problem"), NoSolution: s.T("draft.no_solution"),
	}
}

const nearest = 3

// draftPage is what both addresses of drafts show.
func (r *Room) draftPage(c *fiber.Ctx) (p draftPage, o origin, err error) {
	if o, err = r.origin(c); err != nil {
		return p, o, err
	}
	if !slices.Contains(r.Offered(), o.Lang) {
		o.Lang = r.Offered()[0]
	}
	p = draftPage{Page: r.Page(c, "write", "write.draft"), Line: o.line, Answer: strings.TrimSpace(o.Solution) != "", Writable: r.Articles.Writable()}
	p.MayEdit = p.Me.May(staff.EditArticles, nil)
	if o.ticket != nil {
		p.Number, p.Wanted = o.ticket.Number, o.ticket.Solution.Made
		p.Back = "/desk/tickets/" + p.Number
	} else {
		p.Back = "/lead/demand/" + url.PathEscape(p.Line)
	}
	ctx := c.UserContext()
	hits, err := r.Search.Nearest(ctx, o.Lang, o.Title+"\n"+strings.Join(o.Wordings, "\n"), nearest, content.Agents)
	if err != nil && !errors.Is(err, search.ErrNotReady) {
		return p, o, err
	}
	for _, h := range hits {
		p.Near = append(p.Near, near{h.Article, editPath(h.Article.File)})
	}
	p.Places = r.places(p.Page, o.Lang)
	if p.Place = c.FormValue("place"); !placed(p.Places, p.Place) {
		p.Place = o.Lang
		if len(p.Near) > 0 { // likes lie together
			lib := r.Articles.Library()
			for dir, s := range lib.Places() {
				if s.Lang == o.Lang && s.Key == p.Near[0].Section && placed(p.Places, dir) {
					p.Place = dir
				}
			}
		}
	}
	o.Folder = strings.TrimPrefix(strings.TrimPrefix(p.Place, o.Lang), "/")
	if p.Draft, err = demand.NewDraft(o.Source, r.words(o.Lang), r.taken); err != nil {
		return p, o, err
	}
	p.Struck = struckOut(p.Page, p.Draft.Found)
	d, _, err := r.Articles.RenderSource(ctx, p.Draft.File, p.Draft.Src, o.Lang)
	if err != nil {
		return p, o, err
	}
	if d != nil {
		p.Body = template.HTML(d.HTML)
	}
	return p, o, nil
}

// draft serves GET /write/drafts: what the draft will say, what is struck out of
// it, and which articles are near.
func (r *Room) draft(c *fiber.Ctx) error {
	p, _, err := r.draftPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "write/draft", p)
}

// promote serves POST /write/drafts. A form that has not shown the draft yet is
// sent to the page that does.
func (r *Room) promote(c *fiber.Ctx) error {
	make, improve := c.FormValue("make") != "", c.FormValue("improve")
	if !make && improve == "" {
		q := url.Values{}
		for _, name := range []string{"line", "ticket"} {
			if v := c.FormValue(name); v != "" {
				q.Set(name, v)
			}
		}
		return web.Redirect(c, "/write/drafts?"+q.Encode())
	}
	p, o, err := r.draftPage(c)
	if err != nil {
		return err
	}
	var file, key, said string
	if improve != "" {
		i := slices.IndexFunc(p.Near, func(n near) bool { return n.File == improve })
		switch {
		case !p.MayEdit:
			err = web.NotAllowed()
		case i < 0:
			err = &escalation.Error{Kind: escalation.Invalid, Reason: "error.demand_article"}
		default:
			file, key, said = improve, p.Near[i].Key, "improve"
		}
	} else if !p.Writable {
		err = readOnly()
	} else {
		file, key, err = r.keep(p.Draft, o)
		said = "drafted"
	}
	if err == nil {
		err = r.settle(c, o, key)
	}
	if err != nil {
		if p.Refuse(err) {
			return r.Render(c, web.Status(escalation.KindOf(err)), "write/draft", p)
		}
		return err
	}
	r.Log.InfoContext(c.UserContext(), "article "+said, "file", file, "line", o.line, "by", p.Me.ID)
	return web.Redirect(c, editPath(file)+"?done="+said)
}

// keep saves a draft, under the next free name if somebody has its own by now.
func (r *Room) keep(d demand.Draft, o origin) (file, key string, err error) {
	words, used := r.words(o.Lang), map[string]bool{}
	// The same form sent twice makes the same draft, which lies there already.
	first, err := demand.NewDraft(o.Source, words, nil)
	if err != nil {
		return "", "", err
	}
	if lies, err := r.Articles.Source(&content.Article{File: first.File}); err == nil && bytes.Equal(lies, first.Src) {
		return first.File, first.Key, nil
	}
	for range 100 {
		_, err = r.Articles.Save(d.File, d.Src, "")
		if !errors.As(err, new(*content.ConflictError)) {
			return d.File, d.Key, refusal(err, "place")
		}
		used[d.Key] = true
		if d, err = demand.NewDraft(o.Source, words, func(slug string) bool { return used[slug] || r.taken(slug) }); err != nil {
			return "", "", err
		}
	}
	return "", "", err
}

// settle notes that an article answers what was asked.
func (r *Room) settle(c *fiber.Ctx, o origin, key string) error {
	ctx, line := c.UserContext(), o.line
	if o.ticket != nil {
		// The ticket's own line may be a minute from being collected.
		if err := r.Demand.Solved(ctx, o.ticket); err != nil {
			return err
		}
		var err error
		if line, err = r.Demand.LineOfTicket(ctx, o.ticket.ID, r.Now()); err != nil {
			if escalation.KindOf(err) == escalation.NotFound {
				return nil // too old to be on any
			}
			return err
		}
	}
	return r.Demand.Decide(ctx, demand.Decision{Line: line, Choice: demand.Write, Article: key, By: r.Me(c).Ref(), At: r.Now()})
}
