package write

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/scrub"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A phrasesPage teaches an article how people ask for it, and shows what that changes
// in its file before it does.
type phrasesPage struct {
	web.Page
	Line    demand.Line
	Article *content.Article
	Back    string
	Edit    string
	Phrases []wayToAsk
	Left    int // wordings that are no phrases: too long, or with personal data
	Chosen  int
	Had     bool // all that was chosen is in the article already
	Diff    []diffLine
	Tried   []taught
	Base    string // hash of the file that was shown
	Src     []byte // as it would be

	Writable bool
}

// A wayToAsk is a wording that an article may learn.
type wayToAsk struct {
	Text   string
	People int
	Place  int // at which a search for it shows the article; 0 when it does not
	Chosen bool
}

// A taught is a search with its place before and after; 0 when it does not find the
// article.
type taught struct {
	Text          string
	Before, After int
}

const (
	maxPhrase  = 100 // runes
	maxOffered = 20
)

// line returns the line that a form is about. Who decides may read it and write
// articles.
func (r *Room) line(c *fiber.Ctx) (demand.Line, error) {
	if me := r.Me(c); !me.May(staff.ReadDemand, nil) || !me.May(staff.EditArticles, nil) {
		return demand.Line{}, web.NotAllowed()
	}
	return r.Demand.Line(c.UserContext(), c.FormValue("line"), r.Now())
}

// named returns the article that a form names by its language and key.
func (r *Room) named(c *fiber.Ctx) *content.Article {
	lang, key, _ := strings.Cut(c.FormValue("article"), "|")
	return r.Articles.Library().ByKey(key, lang)
}

// phrasesPage is what both addresses show: with the wordings that were chosen, or at
// first those that do not find the article.
func (r *Room) phrasesPage(c *fiber.Ctx) (*phrasesPage, error) {
	l, err := r.line(c)
	if err != nil {
		return nil, err
	}
	a := r.named(c)
	if a == nil || !slices.Contains(l.Langs, a.Lang) {
		return nil, fiber.ErrNotFound
	}
	p := &phrasesPage{Page: r.Page(c, "write", "phrases.title"), Line: l, Article: a, Back: "/lead/demand/" + url.PathEscape(l.ID), Edit: editPath(a.File), Writable: r.Articles.Writable()}
	src, err := r.Articles.Source(a)
	if err != nil {
		return nil, &escalation.Error{Kind: escalation.Conflict, Reason: "write.unreadable", Err: err}
	}
	p.Base = content.Hash(src)
	typed, asked := web.Values(c, "phrase"), c.FormValue("chosen") != ""
	if c.Method() == fiber.MethodGet {
		typed = nil
		for _, v := range c.Context().QueryArgs().PeekMulti("phrase") {
			typed = append(typed, string(v))
		}
	}
	phrases := slices.Clone(a.Phrases)
	known := func(s string) bool {
		return slices.ContainsFunc(append(phrases, a.Title), func(have string) bool { return strings.EqualFold(have, s) })
	}
	// The subject of a letter is no search, but better than nothing.
	searched := slices.ContainsFunc(l.Wordings, func(w demand.Wording) bool { return w.Lang == a.Lang && w.Searched })
	for _, w := range l.Wordings {
		if w.Lang != a.Lang || known(w.Text) || len(p.Phrases) == maxOffered {
			continue
		}
		if len([]rune(w.Text)) > maxPhrase || len(scrub.Marks(w.Text)) > 0 {
			p.Left++
			continue
		}
		t, err := r.Search.Try(c.UserContext(), a, w.Text)
		if err != nil {
			return nil, err
		}
		s := wayToAsk{Text: w.Text, People: w.People, Place: t.Rank, Chosen: slices.ContainsFunc(typed, func(s string) bool { return strings.EqualFold(s, w.Text) })}
		if !asked {
			s.Chosen = w.Searched == searched && (t.Rank == 0 || t.Rank > demand.First)
		}
		p.Phrases = append(p.Phrases, s)
	}
	p.Had = len(typed) > 0 && !slices.ContainsFunc(typed, func(s string) bool { return !known(s) })
	for _, s := range p.Phrases {
		if s.Chosen {
			p.Chosen++
			phrases = append(phrases, s.Text)
		}
	}
	if p.Chosen == 0 {
		return p, nil
	}
	if p.Src, err = content.SetFrontMatter(src, map[string]any{"phrases": phrases}); err != nil {
		return nil, refusal(err, "")
	}
	p.Diff = diff(string(src), string(p.Src))
	d, err := r.asPublished(c.UserContext(), a.File, p.Src)
	if d == nil || err != nil {
		return p, err
	}
	for _, s := range p.Phrases {
		if !s.Chosen {
			continue
		}
		after, err := r.Search.Try(c.UserContext(), d.Article, s.Text, d)
		if err != nil {
			return nil, err
		}
		p.Tried = append(p.Tried, taught{s.Text, s.Place, after.Rank})
	}
	return p, nil
}

// phrases serves GET /write/phrases.
func (r *Room) phrases(c *fiber.Ctx) error {
	p, err := r.phrasesPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "write/phrases", p)
}

// teach serves POST /write/phrases: what was shown is saved, if the file is still what
// it was shown of.
func (r *Room) teach(c *fiber.Ctx) error {
	p, err := r.phrasesPage(c)
	if err != nil {
		return err
	}
	if p.Had { // sent twice
		return web.Redirect(c, p.Back+"?done="+string(demand.Phrases))
	}
	switch base := c.FormValue("base"); {
	case p.Chosen == 0:
		err = &escalation.Error{Kind: escalation.Invalid, Field: "phrase", Reason: "error.phrases_none"}
	case !p.Writable:
		err = readOnly()
	default:
		if _, err = r.Articles.Save(p.Article.File, p.Src, base); errors.As(err, new(*content.ConflictError)) {
			err = &escalation.Error{Kind: escalation.Conflict, Reason: "error.phrases_changed"}
		} else {
			err = refusal(err, "")
		}
	}
	if err == nil {
		err = r.chosen(c, p.Line.ID, demand.Phrases, p.Article.Key, p.Article.Lang, p.Article.Hash)
	}
	if err != nil {
		p.Here("/write/phrases")
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "write/phrases", p)
	}
	r.Log.InfoContext(c.UserContext(), "article taught", "file", p.Article.File, "line", p.Line.ID, "phrases", p.Chosen, "by", p.Me.ID)
	return web.Redirect(c, p.Back+"?done="+string(demand.Phrases))
}

// improve serves POST /write/improve: an article is found and does not help. Until its
// text changes, those who review articles see it.
func (r *Room) improve(c *fiber.Ctx) error {
	l, err := r.line(c)
	if err != nil {
		return err
	}
	a := r.named(c)
	if a == nil {
		return fiber.ErrNotFound
	}
	if err := r.chosen(c, l.ID, demand.Improve, a.Key, a.Lang, a.Hash); err != nil {
		return err
	}
	r.Log.InfoContext(c.UserContext(), "article improve", "file", a.File, "line", l.ID, "by", r.Me(c).ID)
	return web.Redirect(c, editPath(a.File)+"?done=improve")
}

// translate serves POST /write/translate: an article is missing in a language in which
// people ask for it.
func (r *Room) translate(c *fiber.Ctx) error {
	l, err := r.line(c)
	if err != nil {
		return err
	}
	into, key, _ := strings.Cut(c.FormValue("article"), "|")
	lib := r.Articles.Library()
	if !slices.Contains(l.Langs, into) || !r.Speaks(into) || len(lib.Translations(key)) == 0 {
		return fiber.ErrNotFound
	}
	was := ""
	mine := lib.ByKey(key, into)
	if mine != nil {
		was = mine.Hash
	}
	if err := r.chosen(c, l.ID, demand.Translate, key, into, was); err != nil {
		return err
	}
	r.Log.InfoContext(c.UserContext(), "article translate", "key", key, "into", into, "line", l.ID, "by", r.Me(c).ID)
	if mine != nil {
		return web.Redirect(c, editPath(mine.File))
	}
	return web.Redirect(c, "/write/new?in="+into+"&key="+url.QueryEscape(key))
}

// chosen notes that something is done to an article because of a line, and that what
// comes of it is to be followed. was is its text before.
func (r *Room) chosen(c *fiber.Ctx, line string, choice demand.Choice, key, lang, was string) error {
	return r.follow(c, demand.Promotion{Line: line, Article: key, Lang: lang, Was: was}, choice)
}

func (r *Room) follow(c *fiber.Ctx, p demand.Promotion, choice demand.Choice) error {
	ctx := c.UserContext()
	p.By, p.Chosen = r.Me(c).Ref(), r.Now()
	if err := r.Receipts.Promote(ctx, p); err != nil || p.Line == "" {
		return err
	}
	return r.Demand.Decide(ctx, demand.Decision{Line: p.Line, Choice: choice, Article: p.Article, Lang: p.Lang, Revision: p.Was, By: p.By, At: p.Chosen})
}

// A helpless is an article that people find and that does not help them.
type helpless struct {
	*content.Article
	Decided demand.Decision
	Line    string // address, of those who may read it
	Edit    string
}

// improving returns the articles that were to be improved and are as they were.
func (r *Room) improving(c *fiber.Ctx, mine bool) ([]helpless, error) {
	list, err := r.Demand.Improving(c.UserContext())
	if err != nil {
		return nil, err
	}
	me := r.Me(c)
	var out []helpless
	for _, d := range list {
		a := r.Articles.Library().ByKey(d.Article, d.Lang)
		if a == nil || !a.Live(r.Now()) || a.Hash != d.Revision || mine && !owns(me, a.Owner) || len(out) == web.AtOnce {
			continue
		}
		h := helpless{Article: a, Decided: d, Edit: editPath(a.File)}
		if me.May(staff.ReadDemand, nil) {
			h.Line = "/lead/demand/" + url.PathEscape(d.Line)
		}
		out = append(out, h)
	}
	return out, nil
}
