package help

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

const (
	perPage = 10
	// maxPage is the last page of results: whoever has not found it by then will
	// not by turning pages.
	maxPage = 50
	// patience is how long a reader waits for a search before we say that it is
	// busy.
	patience = 5 * time.Second
)

// timeout returns the context of a request with an end.
func timeout(c *fiber.Ctx, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.UserContext(), d)
}

// A resultsPage is the answer to a search.
type resultsPage struct {
	page
	Text      string // what was searched, on one line
	Cut       bool   // more was typed than counts
	Total     int
	Instead   string // searched instead of what was typed
	Hits      []hit
	Elsewhere []hit
	Sections  []filter
	Section   *filter // the one that is chosen
	Near      []topic // where else to look
	Pages     pages
	Busy      bool // no answer now
}

// A hit is an article in a list of results.
type hit struct {
	search.Hit
	Path     string
	Section  string // its title
	LangName string // when it is in another language
	Why      string // for writers: where the reasons for its place are
}

// A filter narrows the results to one section.
type filter struct {
	Key, Title, Path string
	Count            int
}

// results serves GET /{lang}/search.
func (r *Room) results(c *fiber.Ctx) error {
	lang := c.Params("lang")
	if wantsFind(c) {
		return r.findBox(c)
	}
	text, cut := tidy(c.Query("q"), maxQuery)
	lib, reader := r.Articles.Library(), r.reader(c)
	p := resultsPage{page: r.page(c, false, "search.title"), Text: text, Cut: cut}
	p.Query, p.Description = text, p.T("search.description", "Site", p.Site)
	section := c.Query("section")
	at := func(lang, section string, page int) string { return resultsPath(lang, text, section, page) }
	for i, alt := range p.Languages {
		p.Languages[i].Path = at(alt.Lang, section, 1)
	}
	p.Path = at(lang, section, number(c.Query("page"), 1))
	if text == "" {
		p.Near = r.topics(lib.Topics(lang, reader), lang)
		r.shown(&p, section)
		return r.Render(c, fiber.StatusOK, "help/search", p)
	}

	ctx, cancel := timeout(c, patience)
	defer cancel()
	page := min(number(c.Query("page"), 1), maxPage)
	q := search.Query{Text: text, Lang: lang, Reader: reader, Section: section, Limit: perPage, Offset: (page - 1) * perPage}
	found, err := r.Search.Search(ctx, q)
	if err == nil && len(found.Hits) == 0 && found.Total > 0 { // beyond the last page
		page = min(maxPage, (found.Total+perPage-1)/perPage)
		q.Offset = (page - 1) * perPage
		found, err = r.Search.Search(ctx, q)
	}
	if errors.Is(err, search.ErrNotReady) || errors.Is(err, context.DeadlineExceeded) {
		p.Busy, p.NoIndex = true, true
		p.Near = r.topics(lib.Topics(lang, reader), lang)
		c.Set(fiber.HeaderRetryAfter, "5")
		return r.Render(c, fiber.StatusServiceUnavailable, "help/search", p)
	}
	if err != nil {
		return err
	}
	// The same words in one section, or on another page, are no other question.
	if section == "" && page == 1 && c.Method() == fiber.MethodGet {
		r.record(c, r.meet(c), journey.Event{Kind: journey.Search, Lang: lang, Query: text, Hits: found.Total})
	}

	p.Cut = p.Cut || found.Cut
	p.Total, p.Instead = found.Total, found.Instead
	p.Pages = newPages(min(found.Total, maxPage*perPage), perPage, strconv.Itoa(page))
	p.Pages.address = func(n int) string { return at(lang, section, n) }
	p.Hits = r.hits(lib, found.Hits, lang, reader)
	p.Elsewhere = r.hits(lib, found.Elsewhere, lang, reader)
	for _, f := range found.Sections {
		s := titled(lib, f.Key, lang)
		if s == nil {
			continue // the top has no name, and needs no filter
		}
		this := filter{Key: f.Key, Title: s.Title, Count: f.Count, Path: at(lang, f.Key, 1)}
		if f.Key == section {
			this.Path = at(lang, "", 1)
			p.Section = &this
		}
		p.Sections = append(p.Sections, this)
	}
	if section != "" && p.Section == nil {
		f := filter{Key: section, Title: section, Path: at(lang, "", 1)}
		if s := titled(lib, section, lang); s != nil {
			f.Title = s.Title
		}
		p.Section = &f
	}
	if p.Me != nil && p.Me.May(staff.EditArticles, nil) {
		explained(text, p.Hits)
		explained(text, p.Elsewhere)
	}
	if len(p.Hits) == 0 {
		p.Near = r.near(lib, found.Elsewhere, lang, reader)
	}
	p.Title = p.heading()
	p.NoIndex = p.NoIndex || len(p.Hits) == 0 || page > 1
	r.shown(&p, section)
	return r.Render(c, fiber.StatusOK, "help/search", p)
}

// explained leads from each answer to the reasons for its place.
func explained(text string, hits []hit) {
	for i, h := range hits {
		hits[i].Why = "/write/search/why?" + url.Values{"q": {text}, "in": {h.Article.Lang}, "article": {h.Article.Key}}.Encode()
	}
}

// shown lets search engines follow the answers to a question. Whatever was asked,
// the page they are to keep is the one without a question: nobody can make them
// keep words of their own under our name.
func (r *Room) shown(p *resultsPage, section string) {
	if p.NoIndex = p.NoIndex || section != ""; !p.NoIndex {
		p.page.found(r.Link("/"+p.Lang+"/search"), r.everywhere("/search"))
	}
}

// heading is the page's title: how many answers there are.
func (p resultsPage) heading() string {
	switch {
	case p.Busy || p.Text == "":
		return p.T("search.title")
	case p.Total == 0:
		return p.T("search.none", "Query", p.Text)
	}
	return p.T("search.count", "Count", p.Total, "Query", p.found())
}

// found is what the answers are for.
func (p resultsPage) found() string {
	if p.Instead != "" {
		return p.Instead
	}
	return p.Text
}

// Heading is the same for the page itself.
func (p resultsPage) Heading() any {
	switch {
	case p.Busy || p.Text == "":
		return p.T("search.title")
	case p.Total == 0:
		return p.Quote("search.none", p.Text)
	}
	return p.Quote("search.count", p.found(), "Count", p.Total)
}

// resultsPath returns the address of a search, which can be kept and sent on.
func resultsPath(lang, text, section string, page int) string {
	v := url.Values{}
	if text != "" {
		v.Set("q", text)
	}
	if section != "" {
		v.Set("section", section)
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	path := "/" + lang + "/search"
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// titled returns a section to name it by, in a language or in any other.
func titled(lib *content.Library, key, lang string) *content.Section {
	if s := lib.SectionByKey(lang, key); s != nil {
		return s
	}
	for _, l := range lib.Languages() {
		if s := lib.SectionByKey(l, key); s != nil {
			return s
		}
	}
	return nil
}

func (r *Room) hits(lib *content.Library, found []search.Hit, lang string, reader content.Audience) []hit {
	var out []hit
	for _, h := range found {
		if h.Article.Unlisted || !r.mayRead(h.Article, reader) {
			continue // the index asked the same; it may have been a moment ago
		}
		v := hit{Hit: h, Path: r.address(lib, h.Article, lang, reader)}
		if h.Anchor != "" {
			v.Path += "#" + url.PathEscape(h.Anchor)
		}
		if s := titled(lib, h.Article.Section, lang); s != nil {
			v.Section = s.Title
		}
		if h.Article.Lang != lang {
			v.LangName = r.Theme.Words.Speaker(lang).LanguageName(h.Article.Lang)
		}
		out = append(out, v)
	}
	return out
}

// near returns sections in which to look when nothing was found: those of what
// was found in other languages first.
func (r *Room) near(lib *content.Library, elsewhere []search.Hit, lang string, reader content.Audience) []topic {
	topics := lib.Topics(lang, reader)
	var first []string
	for _, h := range elsewhere {
		first = append(first, h.Article.Section)
	}
	slices.SortStableFunc(topics, func(a, b content.Topic) int {
		return place(first, a) - place(first, b)
	})
	out := r.topics(topics[:min(6, len(topics))], lang)
	for i := range out {
		out[i].Below = nil
	}
	return out
}

func place(keys []string, t content.Topic) int {
	at := slices.Index(keys, t.Key)
	for _, b := range t.Below {
		if i := slices.Index(keys, b.Key); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return len(keys)
	}
	return at
}

// Suggestions while somebody types.
const (
	maxSuggestions  = 6
	suggestPatience = time.Second
	maxAnswer       = 4 << 10 // bytes
)

// A suggestPage is a list of options, and the last line that searches for what
// was typed.
type suggestPage struct {
	page
	Text    string
	Options []hit
	All     string // address of the search
}

// suggest serves GET /{lang}/suggest: the options of the search field's list.
func (r *Room) suggest(c *fiber.Ctx) error {
	lang := c.Params("lang")
	lib, reader := r.Articles.Library(), r.reader(c)
	raw := c.Query("q")
	text, _ := tidy(raw, maxQuery)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	if !enough(text) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	ctx, cancel := timeout(c, suggestPatience)
	defer cancel()
	typed := text
	if last, _ := utf8.DecodeLastRuneInString(raw); unicode.IsSpace(last) {
		typed += " " // says that the last word is whole
	}
	found, err := r.Search.Suggest(ctx, search.Query{Text: typed, Lang: lang, Reader: reader, Limit: maxSuggestions})
	if err != nil {
		if errors.Is(err, search.ErrNotReady) || errors.Is(err, context.DeadlineExceeded) {
			return c.SendStatus(fiber.StatusNoContent) // the form still works
		}
		return err
	}
	r.meet(c)
	p := suggestPage{page: page{Page: web.Page{Speaker: r.Theme.Words.Speaker(lang)}}, Text: text, All: resultsPath(lang, text, "", 1)}
	p.Options = r.hits(lib, found, lang, reader)
	for {
		part, err := r.Theme.Part("help/search", "options", p)
		if err != nil {
			return err
		}
		if len(part) <= maxAnswer || len(p.Options) == 0 {
			c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
			return c.Send(part)
		}
		p.Options = p.Options[:len(p.Options)-1]
	}
}

// enough reports whether there is enough to suggest anything: three characters,
// or two where each is a word.
func enough(text string) bool {
	n := utf8.RuneCountInString(text)
	return n >= 3 || n == 2 && strings.IndexFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	}) >= 0
}

// wantsFind reports whether a script asks for the search field alone.
func wantsFind(c *fiber.Ctx) bool { return c.Get("X-Fragment") == "find" }

// findBox sends the search field for the dialog that opens on any page.
func (r *Room) findBox(c *fiber.Ctx) error {
	part, err := r.Theme.Part("layout", "find-dialog", web.Page{Speaker: r.Theme.Words.Speaker(c.Params("lang"))})
	if err != nil {
		return err
	}
	c.Vary("X-Fragment")
	c.Set(fiber.HeaderCacheControl, "private, max-age=300")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(part)
}
