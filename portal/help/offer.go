package help

import (
	"cmp"
	"context"
	"errors"
	"html"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/search"
)

const (
	maxOffered = 3
	// maxPassage is how much of an article can be read without leaving the form.
	maxPassage = 900
	// offerPatience is how long anybody waits for suggestions.
	offerPatience = 2 * time.Second
)

// An offer is what may answer a request before it is sent.
type offer struct {
	Answers []answer
	ID      string // names the list: the same articles in the same order

	// The experiment that says what suggestions are worth, and its arm here.
	Experiment, Arm string
}

// An answer is one of them, with the passage that fits.
type answer struct {
	Article  *content.Article
	Path     string
	LangName string // when it is in another language
	Heading  string
	Passage  template.HTML
	Cut      bool // there is more of it
	Rank     int
}

// Value names the article in a form.
func (a answer) Value() string { return a.Article.Key + "|" + a.Article.Lang }

// offer returns what may answer a request. Without an answer in time the form
// goes on: suggestions are an offer, never a wall.
func (r *Room) offer(c *fiber.Ctx, visitor, lang, subject, text string) offer {
	lib, reader := r.Articles.Library(), r.reader(c)
	ctx, cancel := timeout(c, offerPatience)
	defer cancel()
	found, err := r.answering(ctx, lang, subject, text, reader)
	if err != nil && !errors.Is(err, search.ErrNotReady) && !errors.Is(err, context.DeadlineExceeded) {
		r.Log.WarnContext(c.UserContext(), "suggestions not found", "error", err, "request", web.RequestID(c))
	}
	var o offer
	var ids []string
	for _, h := range r.hits(lib, found, lang, reader) {
		a := answer{Article: h.Article, Path: cmp.Or(h.Part, h.Path), LangName: h.LangName, Heading: h.Heading, Rank: len(o.Answers) + 1}
		a.Passage, a.Cut = r.passage(ctx, h.Hit, lang)
		o.Answers = append(o.Answers, a)
		ids = append(ids, a.Value())
	}
	o.ID = strings.Join(ids, ",")
	if len(o.Answers) == 0 {
		return o
	}
	e, err := r.HoldOut(ctx)
	if err != nil {
		// Nobody is held out by a fault, and nobody counts as having been shown anything.
		r.Log.WarnContext(c.UserContext(), "hold-out not read", "error", err, "request", web.RequestID(c))
		return o
	}
	// Whether somebody may be held out must not depend on the arm: this comes first.
	if !e.Exempt(subject+"\n"+text, o.sections()) {
		o.Experiment, o.Arm = e.Name, journey.Arm(r.ArmKey, e.Name, visitor, e.Share)
	}
	return o
}

// sections returns the keys of the sections in which the answers lie.
func (o *offer) sections() []string {
	var keys []string
	for _, a := range o.Answers {
		keys = append(keys, a.Article.Section)
	}
	return keys
}

// answering returns the articles that are most like a request. The subject is ranked
// as a search; the whole says which of its hits are meant, and adds its own.
func (r *Room) answering(ctx context.Context, lang, subject, text string, reader content.Audience) ([]search.Hit, error) {
	subject, _ = tidy(subject, maxQuery)
	whole := strings.TrimSpace(subject + "\n" + text)
	if utf8.RuneCountInString(whole) < 3 {
		return nil, nil
	}
	near, err := r.Search.Nearest(ctx, lang, whole, maxOffered, reader)
	if err != nil || subject == "" {
		return near, err
	}
	found, err := r.Search.Search(ctx, search.Query{Text: subject, Lang: lang, Reader: reader, Limit: maxOffered})
	if err != nil {
		return near, err
	}
	var out []search.Hit
	has := func(hits []search.Hit, a *content.Article) bool {
		for _, h := range hits {
			if h.Article.Key == a.Key {
				return true
			}
		}
		return false
	}
	add := func(hits []search.Hit, wanted func(search.Hit) bool) {
		for _, h := range hits {
			if len(out) < maxOffered && !has(out, h.Article) && wanted(h) {
				out = append(out, h)
			}
		}
	}
	always := func(search.Hit) bool { return true }
	add(near, func(h search.Hit) bool { return has(found.Hits, h.Article) })
	add(near, always)
	add(found.Hits, func(h search.Hit) bool { return h.Score >= found.Hits[0].Score/2 })
	if len(out) == 0 {
		add(found.Elsewhere, always)
	}
	return out, nil
}

// passage returns the part of an article that fits, as the article shows it, to
// be read in place. cut says that there is more below it.
func (r *Room) passage(ctx context.Context, h search.Hit, lang string) (part template.HTML, cut bool) {
	if doc, err := r.Articles.Render(ctx, h.Article, lang); err == nil {
		if part, cut = excerpt(doc.HTML, h.Anchor, h.Article.Title, maxPassage); part != "" {
			return part, cut
		}
	}
	var b strings.Builder
	for _, p := range h.Snippet {
		b.WriteString(html.EscapeString(p.Text))
	}
	return template.HTML("<p>" + b.String() + "</p>"), true
}

// excerpt returns what stands between the heading with an id, or the beginning,
// and the next heading: whole blocks, as many as have about most runes. page is
// a rendered article, which is safe as it is, and title what it is called.
func excerpt(page, id, title string, most int) (part template.HTML, cut bool) {
	nodes, err := nethtml.ParseFragment(strings.NewReader(page), &nethtml.Node{Type: nethtml.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "", false
	}
	var b strings.Builder
	inside, size := id == "", 0
	for _, n := range nodes {
		if heading(n) {
			if inside && size > 0 {
				break
			}
			inside = inside && size == 0 || attribute(n, "id") == id
			continue
		}
		if !inside || attribute(n, "class") == "glossary" {
			continue
		}
		if size >= most {
			return template.HTML(b.String()), true
		}
		size += anonymous(n, title)
		if err := nethtml.Render(&b, n); err != nil {
			return "", false
		}
	}
	if size == 0 {
		return "", false
	}
	return template.HTML(b.String()), false
}

func heading(n *nethtml.Node) bool {
	return n.DataAtom == atom.H1 || n.DataAtom == atom.H2 || n.DataAtom == atom.H3
}

func attribute(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// anonymous takes the ids off a node and what is in it, which the page around may
// have too, and returns how many runes of text there are. Its regions say of which
// article they are, since another's may have a first table as well.
func anonymous(n *nethtml.Node, title string) (size int) {
	if n.Type == nethtml.TextNode {
		return utf8.RuneCountInString(strings.TrimSpace(n.Data))
	}
	switch {
	case n.DataAtom == atom.A && attribute(n, "class") == "term": // its meaning is not here
		n.Data, n.DataAtom, n.Attr = "span", atom.Span, nil
	case n.DataAtom == atom.Label: // all variants show; the buttons would be part of the form
		n.Data, n.DataAtom, n.Attr = "strong", atom.Strong, nil
		if radio := n.PrevSibling; radio != nil && radio.DataAtom == atom.Input {
			radio.Parent.RemoveChild(radio)
		}
	}
	region := attribute(n, "role") == "region"
	n.Attr = slices.DeleteFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "id" })
	for i := range n.Attr {
		if region && n.Attr[i].Key == "aria-label" {
			n.Attr[i].Val += ": " + title
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		size += anonymous(c, title)
	}
	return size
}

// noteOffer records what there was to offer, in both arms alike, and whether it is
// drawn.
func (r *Room) noteOffer(c *fiber.Ctx, cookie string, o offer) {
	note := func(kind journey.Kind, hits int) {
		for _, a := range o.Answers {
			r.record(c, cookie, journey.Event{
				Kind: kind, Lang: a.Article.Lang, Article: a.Article.Key, Revision: a.Article.Revision, Hits: hits, Rank: a.Rank,
				Experiment: o.Experiment, Arm: o.Arm,
			})
		}
	}
	note(journey.SuggestionEligible, len(o.Answers))
	if o.Arm != journey.HoldOut {
		note(journey.SuggestionShown, 0)
	}
}

// declined records that somebody saw answers and went on.
func (r *Room) declined(c *fiber.Ctx, cookie string, seen []answer) {
	for i, a := range seen {
		r.record(c, cookie, journey.Event{Kind: journey.SuggestionDeclined, Lang: a.Article.Lang, Article: a.Article.Key, Rank: i + 1})
	}
}

// An offerPart is the list alone, for a script.
type offerPart struct {
	page
	Offer offer
	Open  bool // all passages are
}

// suggestions serves POST /{lang}/contact/suggestions: what may answer the words
// that are being typed. They are in the body, so that no log holds them.
func (r *Room) suggestions(c *fiber.Ctx) error {
	if c.Get("X-Fragment") == "" {
		return r.backToForm(c)
	}
	lang, cookie := c.Params("lang"), r.meet(c)
	text := typed(c, "text")
	if len(text) > maxTyped {
		return fiber.ErrRequestEntityTooLarge
	}
	o := r.offer(c, r.visitorKey(c, cookie), lang, typed(c, "subject"), text)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	if len(o.Answers) == 0 {
		return c.SendStatus(fiber.StatusNoContent)
	}
	if o.ID != c.FormValue("had") { // not the list that is on the screen
		r.noteOffer(c, cookie, o)
	}
	if o.Arm == journey.HoldOut {
		return c.SendStatus(fiber.StatusNoContent)
	}
	p := offerPart{page: page{Page: web.Page{Speaker: r.Theme.Words.Speaker(lang)}}, Offer: o}
	return r.RenderPart(c, "help/contact", "offers", p)
}

// openedSuggestion serves POST /{lang}/contact/opened: a script says that a
// passage was opened.
func (r *Room) openedSuggestion(c *fiber.Ctx) error {
	key, lang, _ := strings.Cut(c.FormValue("article"), "|")
	if a := r.inLang(r.Articles.Library(), key, lang, r.reader(c)); a != nil {
		r.record(c, r.Visitor(c), journey.Event{
			Kind: journey.SuggestionClick, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Rank: number(c.FormValue("rank"), 0),
		})
	}
	return c.SendStatus(fiber.StatusNoContent)
}
