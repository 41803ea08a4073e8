// Package web is what every room of the portal needs: the [Page] that templates
// are given, rendering, the page cache, sessions, visitors, the origin check,
// and the one place where errors become statuses and words.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/themes"
)

// People finds who works here.
type People interface {
	// Person returns the person with an id, or a NotFound error.
	Person(ctx context.Context, id string) (staff.Person, error)
}

// A Web is shared by all rooms. Its fields are set once, before the site
// listens.
type Web struct {
	Theme    *themes.Theme
	Site     func() *setting.Site    // what leads decided, as it is now
	Desk     func() *escalation.Desk // and how the desk is set up
	DeskAt   func(ctx context.Context, version int) (*escalation.Desk, error)
	Offered  func() []string // languages with a published article, the default first
	Base     *url.URL        // address of the site, from the configuration alone
	Proxies  []netip.Prefix  // trusted to say for whom they ask
	People   People
	Sessions *Sessions
	Limits   bool // on how often one address may ask
	Log      *slog.Logger
	Now      func() time.Time
	// NewVisitor returns a random name for a browser.
	NewVisitor func(now time.Time) string
	Cache      *Cache
	Metrics    *Metrics
	Demo       bool // all of it is made up, and every page says so
	// Meant returns what a reader of a language may have been looking for at an
	// address that leads nowhere: in words, and as pages. Without it, nothing is
	// offered.
	Meant func(c *fiber.Ctx, lang string) (words string, pages []Alternate)

	// Trouble returns what keeps the site from doing its work, or soon will. It may
	// be nil.
	Trouble func() Trouble

	// Called returns how many notes call a person who is not done with them, counted to a
	// limit. It may be nil.
	Called func(ctx context.Context, person string, most int) (int, error)

	// Live tells open pages what changed.
	Live *Live

	dressed atomic.Pointer[dress]
}

// Indexed reports whether search engines may know the site: not before it is set
// up.
func (w *Web) Indexed() bool { return w.Site().SetUp.Ready() }

// TypeOf returns the kind of request that a ticket is, as the desk was set up when
// that was said; nil for none.
func (w *Web) TypeOf(ctx context.Context, t *escalation.Ticket) (*escalation.RequestType, error) {
	if t.RequestType == "" {
		return nil, nil
	}
	d, err := w.DeskAt(ctx, t.Desk)
	if err != nil {
		return nil, err
	}
	return d.Type(t.RequestType), nil
}

// A Page is what every template is given. Rooms embed it in a type of their own.
type Page struct {
	themes.Speaker
	Site        string // name of the site
	Dress              // and what it looks like
	Title       string
	Description string
	Area        string // "help", "door", "desk", "write" or "lead"
	Path        string // of this page, without query
	Look        string // "light", "dark", or empty for what the system says
	Languages   []Alternate
	Query       string        // what the header's search field holds
	StatusLine  string        // what all readers are told now; on pages of staff, what troubles the site
	NoIndex     bool          // search engines are to leave it out
	Problems    []Problem     // what is to be corrected in the form
	Me          *staff.Person // who is signed in
	Follows     bool          // this browser follows tickets
	Called      string        // how many notes wait for who is signed in; empty for none
	Hole        bool          // leave the header's right side to the cache
	Demo        bool          // the site is made up
	Once        bool          // it answers a form, and no address shows it again: in no other language or look
	desk        *escalation.Desk
	now         time.Time
}

// An Alternate is the page in one of the offered languages.
type Alternate struct {
	Lang, Name, Path string
	Current          bool
}

// A Problem is something to correct in a form, in words, with the field it is
// about.
type Problem struct{ Field, Text string }

// Page returns what every page of an area shows; title is a key of the catalog,
// with its arguments.
func (w *Web) Page(c *fiber.Ctx, area, title string, args ...any) Page {
	lang := w.Lang(c)
	site := w.Site()
	p := Page{
		Speaker: w.Theme.Words.Speaker(lang).In(site.Hours.Location()),
		Site:    site.Brand.Name,
		Dress:   w.dress(site),
		Area:    area,
		Path:    c.Path(),
		Look:    Look(c),
		Me:      w.Me(c),
		Follows: w.follows(c),
		NoIndex: area != "help" || !w.Indexed(),
		Demo:    w.Demo,
		desk:    w.Desk(),
		now:     w.Now(),
	}
	if area != "help" { // what customers read is the same for all
		p.Speaker = p.In(w.Zone(c))
		p.Called = w.called(c)
	}
	p.Title = p.T(title, args...)
	if area == "help" {
		p.StatusLine = w.status(c)
	} else if p.Me != nil && w.Trouble != nil {
		p.StatusLine = p.trouble(w.Trouble())
	}
	for _, l := range w.Offered() {
		alt := Alternate{Lang: l, Name: p.LanguageName(l), Current: l == lang}
		if rest, ok := cutLang(p.Path); ok {
			alt.Path = "/" + l + rest
		} else {
			alt.Path = p.Path + "?lang=" + l
			if area == "desk" || area == "write" || area == "lead" {
				alt.Path = p.Path + "?" + view(c, l)
			}
		}
		p.Languages = append(p.Languages, alt)
	}
	return p
}

// On says where a share lies on a line of 200 units.
func (Page) On(share float64) string { return fmt.Sprintf("%.1f", 200*share) }

// Between says how long such a line is from one share to another.
func (Page) Between(low, high float64) string { return fmt.Sprintf("%.1f", 200*(high-low)) }

// TeamName says a team, in the page's language.
func (p Page) TeamName(id string) string { return p.desk.TeamName(id, p.Lang) }

// TypeName says a kind of request, in the page's language.
func (p Page) TypeName(id string) string { return p.desk.TypeName(id, p.Lang) }

// Because says why an article did not help: one of the reasons that its page offers, or
// what somebody wrote.
func (p Page) Because(reason string) string {
	if key := "vote.reason." + reason; p.Has(key) {
		return p.T(key)
	}
	return reason
}

// Here says which address shows the page, when it answers a form that was sent to
// another: the links to its languages lead there, and so does its look.
func (p *Page) Here(path string) {
	p.Path = path
	for i := range p.Languages {
		p.Languages[i].Path = path + "?lang=" + p.Languages[i].Lang
	}
}

// view returns the query that shows the same view of a list in another language,
// without what only greets who comes from a form. Other pages have no views, and
// a query there may hold a secret.
func view(c *fiber.Ctx, lang string) string {
	query := url.Values{}
	for name, value := range c.Request().URI().QueryArgs().All() {
		switch string(name) {
		case "lang", "done":
		default:
			query.Add(string(name), string(value))
		}
	}
	query.Set("lang", lang)
	return query.Encode()
}

// cutLang removes the language from a path such as /it/search.
func cutLang(path string) (rest string, ok bool) {
	if len(path) < 3 || path[0] != '/' || (len(path) > 3 && path[3] != '/') {
		return path, false
	}
	return path[3:], true
}

// Problem returns what is wrong with a field, or "".
func (p Page) Problem(field string) string {
	for _, problem := range p.Problems {
		if problem.Field == field {
			return problem.Text
		}
	}
	return ""
}

// Lang returns the language of a page: that of its address, else the one asked
// for with lang=, else the signed-in person's, else the reader's browser's.
func (w *Web) Lang(c *fiber.Ctx) string {
	// A request that could not be read has no route, which Params relies on.
	if slices.Contains(c.Route().Params, "lang") {
		if l := c.Params("lang"); w.Speaks(l) {
			return l
		}
	}
	// An address that leads nowhere still says its language.
	if path := c.Path(); path != "" {
		if _, ok := cutLang(path); ok && w.Speaks(path[1:3]) {
			return path[1:3]
		}
	}
	if l := c.Query("lang"); l != "" && w.Speaks(l) {
		return l
	}
	if me := w.Me(c); me != nil && w.Speaks(me.Lang) {
		return me.Lang
	}
	return themes.Match(c.Get(fiber.HeaderAcceptLanguage), w.Offered())
}

// Zone returns where the clocks stand by which the pages of staff tell the time.
func (w *Web) Zone(c *fiber.Ctx) *time.Location {
	site := w.Site().Hours.Location()
	if me := w.Me(c); me != nil {
		return me.Location(site)
	}
	return site
}

// Speaks reports whether the theme has a catalog for a language.
func (w *Web) Speaks(lang string) bool { return slices.Contains(w.Theme.Words.Languages(), lang) }

// status returns what all readers of a page's language are told now, or "".
func (w *Web) status(c *fiber.Ctx) string { return w.Site().Status.In(w.Lang(c), w.Now()) }

// Look returns the reader's choice between light and dark, kept in a cookie.
func Look(c *fiber.Ctx) string {
	switch l := c.Cookies("look"); l {
	case "light", "dark":
		return l
	}
	return ""
}

// Link returns the absolute address of a path. It comes from the configuration
// alone: what a request says of its host is never trusted.
func (w *Web) Link(path string) string { return strings.TrimSuffix(w.Base.String(), "/") + path }

// Secure reports whether the site is reached by https.
func (w *Web) Secure() bool { return w.Base.Scheme == "https" }

// Address returns the client's address: behind trusted proxies, the last hop
// that they did not add themselves.
func (w *Web) Address(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.ParseAddr(c.Context().RemoteIP().String())
	peer = peer.Unmap()
	var hops []string
	// A proxy may add its line below the one that the client made up.
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for i := len(hops) - 1; i >= 0 && w.trusted(peer); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap()
	}
	return peer
}

// Local reports whether a request was made on this very machine. What a proxy
// hands on was not, whether or not we were told to trust the proxy.
func (w *Web) Local(c *fiber.Ctx) bool {
	return w.Address(c).IsLoopback() && !slices.ContainsFunc(handedOn, func(name string) bool { return c.Get(name) != "" })
}

// handedOn are the headers by which proxies say that they hand on a request.
var handedOn = []string{
	fiber.HeaderXForwardedFor, fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, fiber.HeaderForwarded, fiber.HeaderVia, "X-Real-Ip",
}

func (w *Web) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(w.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Redirect sends the reader on, with 303, to a path of this site.
func Redirect(c *fiber.Ctx, to string) error {
	return c.Redirect(LocalPath(to), fiber.StatusSeeOther)
}

// LocalPath returns a path when it is surely one of this site, else "/".
func LocalPath(to string) string {
	if to == "" || to[0] != '/' || strings.HasPrefix(to, "//") {
		return "/"
	}
	for _, r := range to {
		if r <= ' ' || r >= 0x7f || r == '\\' {
			return "/"
		}
	}
	return to
}
