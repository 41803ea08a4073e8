package write

import (
	"bytes"
	"context"
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
	line   demand.Line // zero of a ticket
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
	Langs  []inLang // others in which people ask the same

	Writable bool
	MayEdit  bool
}

// A near is an article that may say it already.
type near struct {
	*content.Article
	Edit string
	Same bool // it is named like the draft, or finds what the draft is to find
}

// An inLang is another language in which people ask the same.
type inLang struct {
	Lang   string
	Title  string // as most of them say it
	People int    // of the most common wording
	Chosen bool
	line   demand.Line
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
		var tickets []escalation.Ticket
		for _, id := range l.Tickets[:min(len(l.Tickets), maxTickets)] {
			t, err := r.Tickets.TicketByID(ctx, id)
			if err != nil && escalation.KindOf(err) != escalation.NotFound {
				return o, err
			}
			if err == nil {
				tickets = append(tickets, t)
			}
		}
		o = origin{Source: demand.OfLine(l, tickets, r.Search.Terms), line: l}
		o.Owner = me.Name
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
	o = origin{Source: demand.OfTicket(&t, r.Search.Terms), ticket: &t}
	o.Owner = me.Name
	return o, nil
}

// maxTickets is how many of a line are read for their answers.
const maxTickets = 50

// words are the sentences of a draft in its language.
func (r *Room) words(lang string) demand.Words {
	return demand.NewWords(func(key string) string { return r.Theme.Words.Speaker(lang).T(key) })
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
	p = draftPage{Page: r.Page(c, "write", "write.draft"), Line: o.line.ID, Answer: strings.TrimSpace(o.Solution) != "", Writable: r.Articles.Writable()}
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
		p.Near = append(p.Near, near{h.Article, editPath(h.Article.File), r.same(h.Article, o.Source)})
	}
	p.Langs = r.inLangs(c, o)
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
	var file, key, was, said string
	if improve != "" {
		i := slices.IndexFunc(p.Near, func(n near) bool { return n.File == improve })
		switch {
		case !p.MayEdit:
			err = web.NotAllowed()
		case i < 0:
			err = &escalation.Error{Kind: escalation.Invalid, Reason: "error.demand_article"}
		default:
			file, key, was, said = improve, p.Near[i].Key, p.Near[i].Hash, "improve"
			o.Lang = p.Near[i].Lang
		}
	} else if !p.Writable {
		err = readOnly()
	} else {
		file, key, err = r.keep(p.Draft, o)
		said = "drafted"
	}
	if err == nil {
		err = r.settle(c, o, key, was)
	}
	if err == nil && said == "drafted" {
		err = r.stubs(c, p, o, key)
	}
	if err != nil {
		if p.Refuse(err) {
			return r.Render(c, web.Status(escalation.KindOf(err)), "write/draft", p)
		}
		return err
	}
	r.Log.InfoContext(c.UserContext(), "article "+said, "file", file, "line", o.line.ID, "by", p.Me.ID)
	return web.Redirect(c, editPath(file)+"?done="+said)
}

// same reports whether an article is nearly what a draft would be: it has one of its
// wordings as title or phrase.
func (r *Room) same(a *content.Article, src demand.Source) bool {
	said := map[string]bool{}
	for _, w := range append([]string{src.Title}, src.Wordings...) {
		if terms := r.Search.Terms(src.Lang, w); len(terms) > 0 {
			said[strings.Join(slices.Sorted(slices.Values(terms)), " ")] = true
		}
	}
	return a.Lang == src.Lang && slices.ContainsFunc(slices.Concat([]string{a.Title}, a.Phrases), func(w string) bool {
		return said[strings.Join(slices.Sorted(slices.Values(r.Search.Terms(a.Lang, w))), " ")]
	})
}

// inLangs returns the other languages in which people ask the same: those of the
// line, in which nearly as many have to ask as for a line of its own.
func (r *Room) inLangs(c *fiber.Ctx, o origin) []inLang {
	args := c.Context().PostArgs()
	var list []inLang
	for _, lang := range r.Offered() {
		if lang == o.Lang || !slices.Contains(o.line.Langs, lang) {
			continue
		}
		l := inLang{Lang: lang, line: o.line}
		for _, w := range o.line.Wordings {
			if w.Lang == lang && l.Title == "" {
				l.Title, l.People = w.Text, w.People
			}
		}
		for _, chosen := range args.PeekMulti("also") {
			l.Chosen = l.Chosen || string(chosen) == lang
		}
		if l.Title != "" {
			list = append(list, l)
		}
	}
	return list
}

// stubs begins the same article in the other languages that were chosen: how people
// ask there, and what to translate.
func (r *Room) stubs(c *fiber.Ctx, p draftPage, o origin, key string) error {
	for _, l := range p.Langs {
		if !l.Chosen || r.Articles.Library().ByKey(key, l.Lang) != nil {
			continue
		}
		src := demand.InLang(l.line, l.Lang)
		src.Key, src.Owner = key, o.Owner
		for dir, s := range r.Articles.Library().Places() {
			if s.Lang == l.Lang && s.Key == r.sectionOf(p.Place) {
				src.Folder = strings.TrimPrefix(strings.TrimPrefix(dir, l.Lang), "/")
			}
		}
		in := origin{Source: src, line: l.line}
		d, err := demand.NewDraft(src, r.words(l.Lang), r.taken)
		if err == nil {
			_, _, err = r.keep(d, in)
		}
		if err == nil {
			err = r.settle(c, in, key, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sectionOf returns the key of the section that lies in a folder.
func (r *Room) sectionOf(dir string) string {
	if s, ok := r.Articles.Library().Places()[dir]; ok {
		return s.Key
	}
	return ""
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
		used[d.Slug] = true
		if d, err = demand.NewDraft(o.Source, words, func(slug string) bool { return used[slug] || r.taken(slug) }); err != nil {
			return "", "", err
		}
	}
	return "", "", err
}

// expecting adds to a text that is to be published how people searched for it, when
// it was promoted: those searches must find it from now on.
func (r *Room) expecting(ctx context.Context, file string, src []byte) ([]byte, error) {
	a, _ := content.Parse(file, src)
	if a == nil {
		return src, nil // saving says what is wrong
	}
	waiting, err := r.Receipts.Waiting(ctx, a.Key, a.Lang)
	if err != nil {
		return nil, err
	}
	for _, p := range waiting {
		searches, err := r.Receipts.Searches(ctx, p, r.Now())
		if err == nil {
			src, err = Expect(a, src, searches)
		}
		if err != nil {
			return nil, err
		}
		if a, _ = content.Parse(file, src); a == nil {
			return src, nil
		}
	}
	return src, nil
}

// Expect returns the text of an article that searches must find. It stays as it is
// when they must already.
func Expect(a *content.Article, src []byte, searches []string) ([]byte, error) {
	all := slices.Clone(a.Expect)
	for _, s := range searches {
		if !slices.ContainsFunc(all, func(have string) bool { return strings.EqualFold(have, s) }) {
			all = append(all, s)
		}
	}
	if len(all) == len(a.Expect) {
		return src, nil
	}
	return content.SetFrontMatter(src, map[string]any{"expect": all})
}

// settle notes that an article answers what was asked, and that what comes of it is
// to be followed. was is the text that is improved.
func (r *Room) settle(c *fiber.Ctx, o origin, key, was string) error {
	ctx, now := c.UserContext(), r.Now()
	p := demand.Promotion{Line: o.line.ID, Article: key, Lang: o.Lang, Was: was}
	if o.ticket != nil {
		// The ticket's own line may be a minute from being collected.
		if err := r.Demand.Solved(ctx, o.ticket); err != nil {
			return err
		}
		p.Ticket = o.ticket.ID
		var err error
		if p.Line, err = r.Demand.LineOfTicket(ctx, o.ticket.ID, now); err != nil && escalation.KindOf(err) != escalation.NotFound {
			return err // else it is too old to be on any
		}
	}
	choice := demand.Write
	if was != "" {
		choice = demand.Improve
	}
	return r.follow(c, p, choice)
}
