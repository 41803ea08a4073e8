// Package help is the help centre as customers see it: they search, read, say
// whether it helped, and, where it did not, write to us.
//
// A page that a reader may not see answers exactly like one that does not
// exist; every list, count and link asks the same question first.
package help

import (
	"context"
	"html"
	"html/template"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/search"
)

// An Articles is the folder that the site serves.
type Articles interface {
	Library() *content.Library
	Render(ctx context.Context, a *content.Article, readerLang string) (*content.Document, error)
	// Markdown returns an article's text as it is shown, before it is rendered.
	Markdown(a *content.Article) ([]byte, error)
	Asset(file string, reader content.Audience) (content.Asset, error)
}

// A Finder answers queries.
type Finder interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Suggest(ctx context.Context, q search.Query) ([]search.Hit, error)
	Nearest(ctx context.Context, lang, text string, n int, reader content.Audience) ([]search.Hit, error)
	// Version changes whenever an answer may.
	Version() uint64
}

// A Recorder notes what visitors do, and makes nobody wait.
type Recorder interface {
	Record(e journey.Event)
}

// A Visitors turns a visitor's cookie into the key that journeys are kept under, and
// an address into the mark of its network.
type Visitors interface {
	Visitor(ctx context.Context, cookie string, now time.Time) (string, error)
	Network(ctx context.Context, a netip.Addr, now time.Time) (string, error)
}

// A Room serves the help centre.
type Room struct {
	*web.Web
	Articles Articles
	Search   Finder
	Journeys Recorder
	Visitors Visitors

	// Granted reports whether a link to a ticket that was followed in this browser
	// still opens it. Whoever holds one is a customer.
	Granted func(ctx context.Context, g web.Grant) (bool, error)

	// Wanted returns the keys of the articles that were opened most and settled
	// most since a moment, the best first. Without it, or while it returns too few,
	// home shows the first articles of each section instead.
	Wanted func(ctx context.Context, lang string, since time.Time, n int) ([]string, error)

	Corrections Corrections

	// Times returns how long customers waited for a first reply, by channel, since a
	// moment. Without it, nothing is said of it.
	Times func(ctx context.Context, from time.Time) (map[escalation.Channel]escalation.AnswerTime, error)

	// StageTimes returns how long requests of a type stayed in their stages, by the
	// stages' keys, since a moment. Without it, only what the desk promises is said.
	StageTimes func(ctx context.Context, kind string, since time.Time) (map[string]escalation.StageTime, error)
	// Problem returns the versions of a known problem, that in force first. It may be nil.
	Problem func(ctx context.Context, id string) ([]escalation.Problem, error)

	Asking // what begins where reading ends

	edition edition
	wanted  sync.Map // language → *wanted
	stages  sync.Map // type → *stageTimes
	answers atomic.Pointer[answers]
	shelf   shelf
}

// Mount adds the addresses of what can be read.
func (r *Room) Mount(app fiber.Router) {
	r.Web.Meant = r.meant // the page of a dead link is everybody's
	often := r.Limit(1200, 10*time.Second)
	app.Get("/", r.door)
	app.Get("/a/*", r.short)
	r.mountFeeds(app)
	app.Get("/assets/content/*", r.image)
	app.Post("/journey/read", r.Limit(120, time.Minute), r.read)
	app.Post("/journey/choice", r.Limit(120, time.Minute), r.chosen)
	app.Get("/:lang<len(2)>", func(c *fiber.Ctx) error {
		return c.Redirect(web.LocalPath("/"+c.Params("lang")+"/"), fiber.StatusMovedPermanently)
	})
	// The language is matched by its length, so that addresses of other rooms are
	// left to them.
	lang := app.Group("/:lang<len(2)>", r.spoken)
	lang.Get("/", r.home)
	lang.Get("/search", often, r.results)
	lang.Get("/suggest", often, r.suggest)
	lang.Get("/sections/:slug", r.section)
	lang.Get("/articles/:slug", r.article)
	lang.Post("/articles/:slug/vote", r.Limit(60, time.Minute), r.vote)
	lang.Get("/articles/:slug/suggest", r.correction)
	lang.Post("/articles/:slug/suggest", r.Limit(20, time.Minute), r.correct)
	lang.Get("/channels", r.channels)
	lang.Get("/call-back", r.callBack)
	lang.Post("/call-back", r.Limit(10, time.Minute), r.askCall)
	r.mountAsking(app, lang)
}

// spoken lets through the languages that the theme speaks, also those in which
// there is no article: their pages show what exists elsewhere.
func (r *Room) spoken(c *fiber.Ctx) error {
	if !r.Speaks(c.Params("lang")) {
		return missing()
	}
	return c.Next()
}

// missing is the answer for what does not exist, and for what the reader may not
// see.
func missing() error {
	return &escalation.Error{Kind: escalation.NotFound, Reason: "error.status.404"}
}

// door serves GET /: it leads to the help centre in the reader's language.
func (r *Room) door(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Redirect("/"+r.Lang(c)+"/", fiber.StatusFound)
}

// reader says whose articles a request may read: people who work here read all;
// who holds a link to a ticket that is still good is a customer.
func (r *Room) reader(c *fiber.Ctx) content.Audience {
	if c.Get(fiber.HeaderCookie) == "" {
		return content.Public
	}
	if r.Me(c) != nil {
		return content.Agents
	}
	for _, g := range r.Session(c).Tickets {
		ok, err := r.Granted(c.UserContext(), g)
		if err != nil && escalation.KindOf(err) == escalation.Fault {
			r.Log.ErrorContext(c.UserContext(), "grant not checked", "error", err, "request", web.RequestID(c))
		}
		if ok && err == nil {
			return content.Customers
		}
	}
	return content.Public
}

// mayRead reports whether a reader may read an article now, listed or not.
func (r *Room) mayRead(a *content.Article, reader content.Audience) bool {
	return a != nil && a.Live(r.Now()) && reader.MayRead(a.Audience)
}

// langs returns a language, then those that are offered, then all others that
// have articles.
func (r *Room) langs(lib *content.Library, first string) []string {
	out := []string{first}
	for _, l := range append(slices.Clone(r.Offered()), lib.Languages()...) {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// inLang returns the translation of a key that such a reader may read, or nil.
func (r *Room) inLang(lib *content.Library, key, lang string, reader content.Audience) *content.Article {
	for _, a := range lib.Translations(key) {
		if a.Lang == lang && r.mayRead(a, reader) {
			return a
		}
	}
	return nil
}

// address returns where a reader of a language finds an article: its translation,
// else the article itself among the pages of that language. Only where another
// article has that address does it lead to the pages of the article's language.
func (r *Room) address(lib *content.Library, a *content.Article, lang string, reader content.Audience) string {
	if a.Lang == lang {
		return a.Path()
	}
	if t := r.inLang(lib, a.Key, lang, reader); t != nil {
		return t.Path()
	}
	if found, _ := r.find(lib, lang, a.Slug, reader); found == a {
		return "/" + lang + "/articles/" + a.Slug
	}
	return a.Path()
}

// An edition counts the libraries that were seen, so that a page made of one is
// not served with another.
type edition struct {
	sync.Mutex
	lib *content.Library
	n   uint64
}

// key begins the key of every cached page: what the page depends on beside its
// own article. The search version is part of it because it changes at the very
// moment when an article appears or expires.
func (r *Room) key(lib *content.Library, reader content.Audience, kind string, more ...string) string {
	r.edition.Lock()
	if r.edition.lib != lib {
		r.edition.lib = lib
		r.edition.n++
	}
	n := r.edition.n
	r.edition.Unlock()
	b := make([]byte, 0, 160)
	b = append(append(b, kind...), '|')
	b = append(strconv.AppendUint(b, n, 36), '|')
	b = append(strconv.AppendUint(b, r.Search.Version(), 36), '|')
	b = strconv.AppendInt(b, int64(reader), 10)
	for _, m := range more {
		b = append(append(b, '|'), m...)
	}
	return string(b)
}

// cached sends a page that is the same for all such readers, but for its hole.
func (r *Room) cached(c *fiber.Ctx, reader content.Audience, key string, build func() (string, any, error)) error {
	if err := r.RenderCached(c, key, build); err != nil {
		return err
	}
	if reader != content.Public && r.Me(c) == nil {
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	return nil
}

// page returns what every page shows, with nobody in the hole when it is cached.
func (r *Room) page(c *fiber.Ctx, cached bool, title string, args ...any) page {
	p := page{Page: r.Web.Page(c, "help", title, args...)}
	if cached {
		p.Me, p.Follows, p.Hole = nil, false, true
	}
	if slices.Contains(r.Offered(), p.Lang) {
		p.Feed = r.feedLink(p.Lang)
	} else {
		p.NoIndex = true
	}
	return p
}

// found shows a page to search engines, by its address and its versions.
func (p *page) found(address string, versions []version) {
	p.Canonical, p.Versions = address, versions
}

// A page is a [web.Page] with what the pages of this room say more.
type page struct {
	web.Page
	Canonical string    // absolute address of the page to find by search engines
	Versions  []version // the languages in which they find it
	Data      object    // what programs are told of it; nil when nothing
	Feed      string    // absolute address of what is new in its language
}

// Kind is what sharing calls the page.
func (page) Kind() string { return "website" }

// Quote says a sentence with something in it that somebody typed, which is kept
// apart so that its direction does not turn the sentence around.
func (p page) Quote(key, typed string, args ...any) template.HTML {
	const mark = "\x01"
	text := html.EscapeString(p.T(key, append(args, "Query", mark)...))
	return template.HTML(strings.ReplaceAll(text, mark, "<bdi>"+html.EscapeString(typed)+"</bdi>"))
}

// ContactWith returns the address of the form for a question, with what the
// visitor was about.
func (p page) ContactWith(name, value string) string {
	if value == "" {
		return "/" + p.Lang + "/contact"
	}
	return "/" + p.Lang + "/contact?" + name + "=" + url.QueryEscape(value)
}

// maxQuery is how many runes of a query count.
const maxQuery = 512

// tidy makes one line of text out of whatever was typed: well-formed, without
// what cannot be seen, at most so many runes. It reports whether something was
// cut off.
func tidy(s string, most int) (text string, cut bool) {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		switch {
		case r == utf8.RuneError, unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			space = n > 0
			continue
		case n >= most:
			return b.String(), true
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		if n < most {
			b.WriteRune(r)
			n++
		} else {
			return b.String(), true
		}
	}
	return b.String(), false
}
