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
	// hurry is how long anybody waits for what was searched before.
	hurry = 20 * time.Millisecond
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
	Typed     string // address of the search for just that
	Meant     string // other words that would find more
	MeantPath string
	Hits      []hit
	Elsewhere []hit
	Speaks    []answersIn // languages that know the words when this one does not
	Sections  []filter
	Section   *filter // the one that is chosen
	Near      []topic // where else to look
	Pages     pages
	Busy      bool      // no answer now
	Tell      *tellForm // to be told when there is an answer
}

// A hit is an article in a list of results.
type hit struct {
	search.Hit
	Path     string
	Part     string // address of the heading above the passage
	Section  string // its title
	LangName string // when it is in another language
	Found    *link  // the text in another language that has the words, when this is its translation
	Why      string // for writers: where the reasons for its place are
}

// Said is the language of the passage.
func (h hit) Said() string {
	if h.Found != nil {
		return h.Found.Lang
	}
	return h.Article.Lang
}

// An answersIn leads to the same search in another language. It is said in that
// language: who typed it reads it.
type answersIn struct {
	Lang, Path, Label string
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
	asked, cut := ask(lang, func(name string) string { return c.Query(name) })
	lib, reader := r.Articles.Library(), r.reader(c)
	p := resultsPage{page: r.page(c, false, "search.title"), Text: asked.Text, Cut: cut}
	p.Query, p.Description = asked.Text, p.T("search.description", "Site", p.Site)
	p.NoIndex = p.NoIndex || asked.Exact
	first := asked
	first.Page = 1
	for i, alt := range p.Languages {
		p.Languages[i].Path = first.in(alt.Lang).path()
	}
	p.Path = asked.path()
	if asked.Text == "" {
		p.Near = r.topics(lib.Topics(lang, reader), lang)
		r.shown(&p, asked.Section)
		return r.Render(c, fiber.StatusOK, "help/search", p)
	}

	ctx, cancel := timeout(c, patience)
	defer cancel()
	found, err := r.Search.Search(ctx, asked.query(reader))
	if err == nil && len(found.Hits) == 0 && found.Total > 0 { // beyond the last page
		asked.Page = min(maxPage, (found.Total+perPage-1)/perPage)
		found, err = r.Search.Search(ctx, asked.query(reader))
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
	if asked.Section == "" && asked.Page == 1 && c.Method() == fiber.MethodGet {
		r.record(c, r.meet(c), journey.Event{
			Kind: journey.Search, Lang: lang, Query: asked.Text, Hits: found.Total + r.readable(lib, found, lang, reader),
			Again: r.again(c, asked, reader),
		})
	}

	p.Cut = p.Cut || found.Cut
	p.Total, p.Instead, p.Meant = found.Total, found.Instead, found.Meant
	p.Typed = first.exactly().path()
	p.MeantPath = inquiry{Lang: lang, Text: found.Meant, Page: 1}.path()
	p.Pages = newPages(min(found.Total, maxPage*perPage), perPage, strconv.Itoa(asked.Page))
	p.Pages.address = func(n int) string { return asked.at(n).path() }
	p.Hits = r.hits(lib, found.Hits, lang, reader)
	p.Elsewhere = r.hits(lib, found.Elsewhere, lang, reader)
	for _, f := range found.Languages {
		p.Speaks = append(p.Speaks, answersIn{f.Key, first.in(f.Key).path(), r.Theme.Words.Speaker(f.Key).T("results.here", "Count", f.Count)})
	}
	for _, f := range found.Sections {
		s := titled(lib, f.Key, lang)
		if s == nil {
			continue // the top has no name, and needs no filter
		}
		this := filter{Key: f.Key, Title: s.Title, Count: f.Count, Path: first.under(f.Key).path()}
		if f.Key == asked.Section {
			this.Path = first.under("").path()
			p.Section = &this
		}
		p.Sections = append(p.Sections, this)
	}
	if asked.Section != "" && p.Section == nil {
		f := filter{Key: asked.Section, Title: asked.Section, Path: first.under("").path()}
		if s := titled(lib, asked.Section, lang); s != nil {
			f.Title = s.Title
		}
		p.Section = &f
	}
	if p.Me != nil && p.Me.May(staff.EditArticles, nil) {
		explained(asked.Text, p.Hits)
		explained(asked.Text, p.Elsewhere)
	}
	p.Tell = r.tell(asked.Text)
	if len(p.Hits) == 0 {
		p.Near = r.near(lib, found.Elsewhere, lang, reader)
	}
	p.Title = p.heading()
	p.NoIndex = p.NoIndex || len(p.Hits) == 0 || asked.Page > 1
	r.shown(&p, asked.Section)
	return r.Render(c, fiber.StatusOK, "help/search", p)
}

// explained leads from each answer to the reasons for its place.
func explained(text string, hits []hit) {
	for i, h := range hits {
		hits[i].Why = "/write/search/why?" + url.Values{"q": {text}, "in": {h.Said()}, "article": {h.Article.Key}}.Encode()
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

// TellPath is where to leave an address when none of the answers is one.
func (p resultsPage) TellPath() string { return tellPath(p.Lang, p.Text) }

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

// An inquiry is what the address of a results page asks for.
type inquiry struct {
	Lang, Text, Section string
	Page                int  // from 1
	Exact               bool // what was typed, though it looks like a mistake
}

// ask reads an inquiry. It reports whether some of the text was cut off.
func ask(lang string, get func(name string) string) (q inquiry, cut bool) {
	q = inquiry{Lang: lang, Section: get("section"), Page: min(number(get("page"), 1), maxPage), Exact: get("exact") == "1"}
	q.Text, cut = tidy(get("q"), maxQuery)
	return q, cut
}

// The same inquiry otherwise: in a language, in a section, on a page, for just
// what was typed.
func (q inquiry) in(lang string) inquiry       { q.Lang = lang; return q }
func (q inquiry) under(section string) inquiry { q.Section = section; return q }
func (q inquiry) at(page int) inquiry          { q.Page = page; return q }
func (q inquiry) exactly() inquiry             { q.Exact = true; return q }

// path returns the address of the results, which can be kept and sent on.
func (q inquiry) path() string {
	v := url.Values{}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	if q.Section != "" {
		v.Set("section", q.Section)
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if q.Exact {
		v.Set("exact", "1")
	}
	path := "/" + q.Lang + "/search"
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (q inquiry) query(reader content.Audience) search.Query {
	return search.Query{
		Text: q.Text, Lang: q.Lang, Reader: reader, Section: q.Section, Limit: perPage, Offset: (q.Page - 1) * perPage, Exact: q.Exact,
	}
}

// askedBefore returns what the results page asks for from which a request comes,
// or nothing when it comes from elsewhere.
func (r *Room) askedBefore(c *fiber.Ctx) (inquiry, bool) {
	from := r.from(c)
	if from == nil || !strings.HasSuffix(from.Path, "/search") || len(from.Path) != len("/it/search") {
		return inquiry{}, false
	}
	q, _ := ask(from.Path[1:3], from.Query().Get)
	return q, q.Text != ""
}

// again reports whether the page before offered this search: the same words in
// another language or exactly as typed, or other words that may be meant. Then it
// is still the same question.
func (r *Room) again(c *fiber.Ctx, asked inquiry, reader content.Audience) bool {
	before, ok := r.askedBefore(c)
	if !ok {
		return false
	}
	if before.Text == asked.Text {
		return before.Lang != asked.Lang || before.Exact != asked.Exact
	}
	// It was just searched, so the answer is at hand; if not, nobody waits for it.
	ctx, cancel := timeout(c, hurry)
	defer cancel()
	found, err := r.Search.Search(ctx, before.at(1).query(reader))
	return err == nil && before.Lang == asked.Lang && found.Meant == asked.Text
}

// readable counts what was found in other languages and can be read in this one.
func (r *Room) readable(lib *content.Library, found search.Result, lang string, reader content.Audience) (n int) {
	for _, h := range found.Elsewhere {
		if r.inLang(lib, h.Article.Key, lang, reader) != nil {
			n++
		}
	}
	return n
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
			v.Part = v.Path + "#" + url.PathEscape(h.Anchor)
		}
		if t := r.inLang(lib, h.Article.Key, lang, reader); t != nil && h.Article.Lang != lang {
			v.Found = &link{Title: h.Article.Title, Path: h.Article.Path(), Lang: h.Article.Lang}
			v.Article, v.Title = t, []search.Piece{{Text: t.Title}}
			v.Part, v.Anchor, v.Heading = "", "", "" // they are of the other text
		}
		if s := titled(lib, v.Article.Section, lang); s != nil {
			v.Section = s.Title
		}
		if v.Article.Lang != lang {
			v.LangName = r.Theme.Words.Speaker(lang).LanguageName(v.Article.Lang)
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
	p := suggestPage{page: page{Page: web.Page{Speaker: r.Theme.Words.Speaker(lang)}}, Text: text, All: inquiry{Lang: lang, Text: text}.path()}
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
