package help

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/search"
)

// An articlePage is one article, and what a reader may want after it.
type articlePage struct {
	page
	Article *content.Article
	Body    template.HTML
	TOC     []content.Heading // empty when the article is short
	Minutes int               // reading time; 0 when it is short
	Crumbs  []link
	Foreign string // the article's language, when it is not the page's
	Behind  *content.Lag
	Others  []web.Alternate
	Related []link
	Short   string // absolute address that stays when others change
	Vote    string // what the reader said: "", "yes", "no" or "done"
	now     time.Time
}

const (
	maxRelated = 5
	// tocFrom is how many headings make a table of contents worth its place.
	tocFrom = 3
	// longRead is the reading time in minutes above which it is said.
	longRead = 3
)

// find returns the article at an address, in the language of the address or in
// another one; moved means that its page has another address now.
func (r *Room) find(lib *content.Library, lang, slug string, reader content.Audience) (a *content.Article, moved bool) {
	if a := lib.Article(lang, slug); r.mayRead(a, reader) {
		return a, false // nearly always
	}
	for _, l := range r.langs(lib, lang) {
		if a := lib.Article(l, slug); r.mayRead(a, reader) {
			// From another language it is found only where this one has no text of it.
			return a, l != lang && r.inLang(lib, a.Key, lang, reader) != nil
		}
		if a := lib.Alias(l, slug); r.mayRead(a, reader) {
			return a, true
		}
	}
	return nil, false
}

// article serves GET /{lang}/articles/{slug} and, with .md behind it, its source.
func (r *Room) article(c *fiber.Ctx) error {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	slug, source := strings.CutSuffix(unescaped(c.Params("slug")), ".md")
	a, moved := r.find(lib, lang, slug, reader)
	switch {
	case a == nil:
		return missing()
	case moved:
		to, status := r.address(lib, a, lang, reader), fiber.StatusMovedPermanently
		if a.Lang != lang {
			status = fiber.StatusFound // until this language's text goes away
		}
		if source {
			to += ".md"
		}
		return c.Redirect(web.LocalPath(to), status)
	case source:
		return r.sendSource(c, a, reader)
	}
	r.opened(c, a)
	vote := c.Query("vote")
	if !slices.Contains([]string{"yes", "no", "done"}, vote) {
		vote = ""
	}
	key := r.key(lib, reader, "article", a.Lang, a.Slug, a.Hash, vote)
	return r.cached(c, reader, key, func() (string, any, error) {
		doc, err := r.Articles.Render(c.UserContext(), a, lang)
		if err != nil {
			return "", nil, err
		}
		p := r.articlePage(c, lib, a, reader)
		p.Body, p.Vote = template.HTML(doc.HTML), vote
		if headings(doc.TOC) >= tocFrom {
			p.TOC = doc.TOC
		}
		if doc.Minutes > longRead {
			p.Minutes = doc.Minutes
		}
		p.Related = r.related(c, lib, a, lang, reader)
		if p.Description = summary(a, doc); !p.NoIndex {
			home := r.Link("/" + lang + "/")
			p.Data = graph(techArticle(a, p.Canonical, p.Description, r.Site().Brand.Name, home), breadcrumbs(p.way(home, p.Crumbs, r.Link, a.Title)))
		}
		return "help/article", p, nil
	})
}

// articlePage returns all of the page but what rendering tells.
func (r *Room) articlePage(c *fiber.Ctx, lib *content.Library, a *content.Article, reader content.Audience) articlePage {
	lang := c.Params("lang")
	p := articlePage{page: r.page(c, true, "article.title", "Article", a.Title), Article: a, now: r.Now()}
	p.Short = r.Link("/a/" + a.Key)
	p.Path = "/" + lang + "/articles/" + a.Slug // also where a vote is drawn
	p.Description = a.Description
	p.NoIndex = !r.findable(a)
	if a.Lang != lang {
		p.Foreign, p.NoIndex = a.Lang, true
	}
	p.found(r.Link(a.Path()), r.articleVersions(lib, a))
	for key := a.Section; key != ""; {
		s := lib.SectionByKey(lang, key)
		if s == nil {
			s = lib.SectionByKey(a.Lang, key)
		}
		if s == nil || len(p.Crumbs) > 1 {
			break
		}
		p.Crumbs = append([]link{sectionLink(s, lang)}, p.Crumbs...)
		key = s.Parent
	}
	// Only of a change that matters is the reader told, and only where she can read
	// what the original says now.
	if behind := lib.Behind(a); behind.Size == "major" && r.mayRead(behind.Source, reader) {
		p.Behind = &behind
	}
	for i, alt := range p.Languages {
		p.Languages[i].Path = r.address(lib, a, alt.Lang, reader)
	}
	for _, t := range lib.Translations(a.Key) {
		if t.Lang != lang && t != a && r.mayRead(t, reader) {
			p.Others = append(p.Others, web.Alternate{Lang: t.Lang, Name: p.LanguageName(t.Lang), Path: t.Path()})
		}
	}
	slices.SortFunc(p.Others, func(x, y web.Alternate) int { return strings.Compare(x.Lang, y.Lang) })
	return p
}

// Kind is what sharing calls the page.
func (articlePage) Kind() string { return "article" }

// Checked returns when the article was reviewed, if that was on the day of its last
// change or later: then it is what a reader should know. Else nil.
func (p articlePage) Checked() *time.Time {
	on := p.Article.LastReviewedOn
	if on.IsZero() || on.Before(p.Article.Updated.UTC().Truncate(24*time.Hour)) || on.After(p.now) {
		return nil
	}
	noon := on.Add(12 * time.Hour) // the same day nearly everywhere
	return &noon
}

func headings(toc []content.Heading) (n int) {
	for _, h := range toc {
		n += 1 + len(h.Nested)
	}
	return n
}

// related returns what to read next: the articles that the writer named, then
// those that are most like this one.
func (r *Room) related(c *fiber.Ctx, lib *content.Library, a *content.Article, lang string, reader content.Audience) []link {
	var chosen []*content.Article
	add := func(b *content.Article) {
		if b != nil && b.Key != a.Key && !b.Unlisted && r.mayRead(b, reader) && len(chosen) < maxRelated && !slices.Contains(chosen, b) {
			chosen = append(chosen, b)
		}
	}
	for _, key := range a.Related {
		if b := r.inLang(lib, key, lang, reader); b != nil {
			add(b)
		} else {
			add(r.inLang(lib, key, a.Lang, reader))
		}
	}
	text := strings.Join(append([]string{a.Title, a.Description}, a.Phrases...), "\n")
	hits, err := r.Search.Nearest(c.UserContext(), a.Lang, text, 2*maxRelated, reader)
	if err != nil && !errors.Is(err, search.ErrNotReady) {
		// Not worth a page that fails.
		r.Log.WarnContext(c.UserContext(), "near articles not found", "error", err, "request", web.RequestID(c))
	}
	for _, h := range hits {
		add(h.Article)
	}
	if len(chosen) == 0 { // its neighbours in the section are better than nothing
		for _, b := range lib.Related(a, reader, maxRelated) {
			add(b)
		}
	}
	var out []link
	for _, b := range chosen {
		out = append(out, r.link(lib, b, lang, reader))
	}
	return out
}

// opened notes that an article was opened, and whether from a list of results.
func (r *Room) opened(c *fiber.Ctx, a *content.Article) {
	if c.Method() != fiber.MethodGet || c.Query("vote") != "" {
		return
	}
	cookie := r.Visitor(c)
	if asked, ok := r.askedBefore(c); ok {
		r.record(c, cookie, journey.Event{
			Kind: journey.ResultClick, Lang: a.Lang, Query: asked.Text, Article: a.Key, Revision: a.Revision, Rank: r.rank(c, asked, a),
		})
	}
	r.record(c, cookie, journey.Event{Kind: journey.ArticleOpen, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Outside: r.from(c) == nil})
}

// rank returns the place of an article among the results that its reader comes
// from, or 0. They were just searched, so the answer is at hand; if not, no
// reader waits for it.
func (r *Room) rank(c *fiber.Ctx, asked inquiry, a *content.Article) int {
	ctx, cancel := timeout(c, hurry)
	defer cancel()
	q := asked.query(r.reader(c))
	found, err := r.Search.Search(ctx, q)
	if err != nil {
		return 0
	}
	for i, h := range found.Hits {
		if h.Article.Key == a.Key {
			return q.Offset + i + 1
		}
	}
	return 0
}

// sendSource serves an article as Markdown, with the part of its front matter that
// is about the article and not for its writers.
func (r *Room) sendSource(c *fiber.Ctx, a *content.Article, reader content.Audience) error {
	text, err := r.Articles.Markdown(a)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\ntitle: %q\n", a.Title)
	if a.Description != "" {
		fmt.Fprintf(&b, "description: %q\n", a.Description)
	}
	fmt.Fprintf(&b, "key: %s\nlang: %s\nupdated: %s\nurl: %s\n---\n\n", a.Key, a.Lang, a.Updated.UTC().Format(time.DateOnly), r.Link(a.Path()))
	b.Write(bytes.TrimSpace(text))
	b.WriteByte('\n')
	c.Set(fiber.HeaderContentType, "text/markdown; charset=utf-8")
	c.Set(fiber.HeaderContentLanguage, a.Lang)
	c.Set(fiber.HeaderCacheControl, cacheable(reader))
	c.Set("X-Robots-Tag", "noindex") // the page itself is what to find
	return r.tagged(c, a.Hash, b.Bytes())
}

// cacheable returns who may keep what such a reader sees.
func cacheable(reader content.Audience) string {
	if reader == content.Public {
		return "no-cache"
	}
	return "private, no-cache"
}

// tagged sends bytes that a browser may keep under their hash.
func (r *Room) tagged(c *fiber.Ctx, hash string, data []byte) error {
	tag := `"` + hash + `"`
	c.Set(fiber.HeaderETag, tag)
	c.Vary(fiber.HeaderCookie)
	if c.Get(fiber.HeaderIfNoneMatch) == tag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return c.Send(data)
}

// short serves GET /a/{key}: it leads to the article in the reader's language.
func (r *Room) short(c *fiber.Ctx) error {
	lib, reader, key, lang := r.Articles.Library(), r.reader(c), unescaped(c.Params("*")), r.Lang(c)
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	for _, l := range r.langs(lib, lang) {
		if a := r.inLang(lib, key, l, reader); a != nil {
			c.Set(fiber.HeaderCacheControl, "no-cache")
			return c.Redirect(web.LocalPath(r.address(lib, a, lang, reader)), fiber.StatusFound)
		}
	}
	return missing()
}

// image serves GET /assets/content/…: a picture beside the articles, to whoever
// may read an article that shows it.
func (r *Room) image(c *fiber.Ctx) error {
	file := unescaped(c.Params("*"))
	a, err := r.Articles.Asset(file, content.Public)
	keep := "public, max-age=31536000, immutable"
	if err != nil {
		// Kept by this reader alone, and asked for again: rights may end.
		keep = "private, no-cache"
		if reader := r.reader(c); reader != content.Public {
			a, err = r.Articles.Asset(file, reader)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return missing()
	}
	if err != nil {
		return err
	}
	if v := c.Query("v"); v == "" || !strings.HasPrefix(a.Hash, v) {
		keep = strings.Replace(keep, "max-age=31536000, immutable", "max-age=300", 1)
	}
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderContentType, a.Type)
	return r.tagged(c, a.Hash, a.Data)
}

// Reasons that a reader may give for a "no". They are stored by these words and
// said by the catalog's "vote.reason.<word>".
var reasons = []string{"not_solved", "unclear", "outdated", "other"}

// Reasons returns them, for the page.
func (articlePage) Reasons() []string { return reasons }

var hash = regexp.MustCompile(`^[0-9a-f]{16,64}$`)

// vote serves POST /{lang}/articles/{slug}/vote: whether the article answered,
// and, after a "no", why not. A script gets the part of the page that changes.
func (r *Room) vote(c *fiber.Ctx) error {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	a, moved := r.find(lib, lang, unescaped(c.Params("slug")), reader)
	if a == nil || moved {
		return missing()
	}
	e := journey.Event{Lang: a.Lang, Article: a.Key, Revision: c.FormValue("revision")}
	if !hash.MatchString(e.Revision) {
		e.Revision = a.Revision
	}
	vote := c.FormValue("answer")
	switch vote {
	case "yes":
		e.Kind = journey.VoteYes
	case "no":
		e.Kind = journey.VoteNo
	default:
		vote, e.Kind = "done", journey.VoteNo
		if i := slices.Index(reasons, c.FormValue("reason")); i >= 0 {
			e.Reason = reasons[i]
		}
	}
	if vote != "done" || e.Reason != "" {
		r.record(c, r.meet(c), e)
	}
	if c.Get("X-Fragment") != "" {
		p := r.articlePage(c, lib, a, reader)
		p.Vote = vote
		return r.RenderPart(c, "help/article", "vote", p)
	}
	return web.Redirect(c, "/"+lang+"/articles/"+a.Slug+"?vote="+vote+"#vote")
}

// unescaped undoes what a browser did to a path; fiber leaves it to us.
func unescaped(s string) string {
	if t, err := url.PathUnescape(s); err == nil {
		return t
	}
	return s
}
