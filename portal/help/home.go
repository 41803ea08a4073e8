package help

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/portal/web"
)

// A link leads to an article or a section, with the words that say whereto.
type link struct {
	Title, Description, Path string
	Lang                     string // of the words, when it is not the page's
}

// A topic is a section as lists show it.
type topic struct {
	link
	Count int
	Below []topic
}

// A homePage is the first page of a language.
type homePage struct {
	page
	Wanted  []link  // the answers that people want most
	Topics  []topic // sections, two levels
	Loose   []link  // articles that lie in no section
	Foreign string  // the language of all this, when the page's has no articles
}

const (
	maxWanted = 6
	maxLoose  = 24
)

// home serves GET /{lang}/.
func (r *Room) home(c *fiber.Ctx) error {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	wanted, turn := r.mostWanted(c.UserContext(), lang)
	key := r.key(lib, reader, "home", lang, strconv.FormatInt(turn, 36))
	return r.cached(c, reader, key, func() (string, any, error) {
		p := homePage{page: r.page(c, true, "home.title")}
		p.Description = p.T("home.description", "Site", p.Site)
		from := lang
		topics := lib.Topics(from, reader)
		loose := lib.Readable(lib.InSection(from, ""), reader)
		for _, other := range r.langs(lib, lang)[1:] {
			if len(topics)+len(loose) > 0 {
				break
			}
			from = other
			topics, loose = lib.Topics(from, reader), lib.Readable(lib.InSection(from, ""), reader)
		}
		if from != lang {
			p.Foreign, p.NoIndex = from, true
		}
		p.found(r.Link(p.Path), r.everywhere("/"))
		p.Topics = r.topics(topics, lang)
		first := r.first(lib, wanted, topics, loose, from, reader)
		for _, a := range first {
			p.Wanted = append(p.Wanted, r.link(lib, a, lang, reader))
		}
		for _, a := range loose {
			if !slices.Contains(first, a) && len(p.Loose) < maxLoose {
				p.Loose = append(p.Loose, r.link(lib, a, lang, reader))
			}
		}
		return "help/home", p, nil
	})
}

// first chooses the articles that home shows above all: those that are wanted
// most, then, for want of figures, the first of each section in turn.
func (r *Room) first(lib *content.Library, wanted []string, topics []content.Topic, loose []*content.Article, lang string, reader content.Audience) []*content.Article {
	var out []*content.Article
	add := func(a *content.Article) {
		if a != nil && len(out) < maxWanted && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	for _, key := range wanted {
		if a := r.inLang(lib, key, lang, reader); a != nil && !a.Unlisted {
			add(a)
		}
	}
	var lists [][]*content.Article
	for _, t := range topics {
		list := t.Articles
		for _, b := range t.Below {
			list = append(slices.Clip(list), b.Articles...)
		}
		lists = append(lists, list)
	}
	lists = append(lists, loose)
	for i, more := 0, true; more && len(out) < maxWanted; i++ {
		more = false
		for _, list := range lists {
			if i < len(list) {
				add(list[i])
				more = true
			}
		}
	}
	return out
}

// Figures of what is wanted are asked for again after a while: they change
// slowly, and home must not wait for a database.
const (
	wantedSpan = 30 * 24 * time.Hour
	wantedAge  = 10 * time.Minute
)

type wanted struct {
	asked time.Time
	turn  int64
	keys  []string
}

// mostWanted returns the keys of the most wanted articles of a language, and a
// number that changes with them. Of many readers at once one asks; the others,
// and all while the database does not answer, see what was known before.
func (r *Room) mostWanted(ctx context.Context, lang string) (keys []string, turn int64) {
	if r.Wanted == nil {
		return nil, 0
	}
	now := r.Now()
	v, _ := r.wanted.LoadOrStore(lang, &wanted{})
	known := v.(*wanted)
	if now.Sub(known.asked) < wantedAge {
		return known.keys, known.turn
	}
	next := &wanted{now, known.turn, known.keys}
	if !r.wanted.CompareAndSwap(lang, known, next) {
		return known.keys, known.turn
	}
	// More than are shown: some may be for other readers.
	keys, err := r.Wanted(ctx, lang, now.Add(-wantedSpan), 4*maxWanted)
	if err != nil {
		r.Log.WarnContext(ctx, "most wanted articles not known", "error", err)
		return known.keys, known.turn
	}
	if slices.Equal(keys, known.keys) {
		return known.keys, known.turn
	}
	r.wanted.Store(lang, &wanted{now, now.Unix(), keys})
	return keys, now.Unix()
}

// link returns the link to an article for a page in a language.
func (r *Room) link(lib *content.Library, a *content.Article, lang string, reader content.Audience) link {
	l := link{Title: a.Title, Description: a.Description, Path: r.address(lib, a, lang, reader)}
	if a.Lang != lang {
		l.Lang = a.Lang
	}
	return l
}

// topics returns sections for a page in a language.
func (r *Room) topics(list []content.Topic, lang string) []topic {
	var out []topic
	for _, t := range list {
		out = append(out, topic{link: sectionLink(t.Section, lang), Count: t.Count, Below: r.topics(t.Below, lang)})
	}
	return out
}

// sectionLink returns the link to a section for a page in a language; its page
// shows the section also where it exists in another language only.
func sectionLink(s *content.Section, lang string) link {
	l := link{Title: s.Title, Description: s.Description, Path: "/" + lang + "/sections/" + s.Slug}
	if s.Lang != lang {
		l.Lang = s.Lang
	}
	return l
}

// A sectionPage lists what a section holds.
type sectionPage struct {
	page
	Name, Text string
	Above      []link
	Below      []topic
	Articles   []link
	Foreign    string // the section's language, when it is not the page's
	Pages      pages
}

// sectionArticles is how many articles a section's page lists.
const sectionArticles = 50

// section serves GET /{lang}/sections/{slug}.
func (r *Room) section(c *fiber.Ctx) error {
	lib, reader, lang := r.Articles.Library(), r.reader(c), c.Params("lang")
	s, above, to := r.findSection(lib, lang, unescaped(c.Params("slug")), reader)
	switch {
	case to != "":
		return c.Redirect(web.LocalPath(to), fiber.StatusFound)
	case s == nil:
		return missing()
	}
	pages := newPages(len(s.Articles), sectionArticles, c.Query("page"))
	key := r.key(lib, reader, "section", s.Lang, s.Slug, strconv.Itoa(pages.Current))
	return r.cached(c, reader, key, func() (string, any, error) {
		p := sectionPage{page: r.page(c, true, "section.title", "Section", s.Title), Name: s.Title, Text: s.Description, Pages: pages}
		p.Description = s.Description
		if s.Lang != lang {
			p.Foreign, p.NoIndex = s.Lang, true
		}
		if above != nil {
			p.Above = append(p.Above, sectionLink(above.Section, lang))
		}
		p.Below = r.topics(s.Below, lang)
		from, to := pages.span()
		for _, a := range s.Articles[from:to] {
			p.Articles = append(p.Articles, r.link(lib, a, lang, reader))
		}
		p.Pages.address = func(n int) string { return p.Path + "?page=" + strconv.Itoa(n) }
		for i, alt := range p.Languages {
			p.Languages[i].Path = "/" + alt.Lang + "/sections/" + s.Slug
			if t := lib.SectionByKey(alt.Lang, s.Key); t != nil {
				p.Languages[i].Path = "/" + alt.Lang + "/sections/" + t.Slug
			}
		}
		address, versions := r.Link(s.Path()), r.sectionVersions(lib, s.Key)
		if pages.Current > 1 {
			address, versions = r.Link(p.Pages.address(pages.Current)), nil // other languages break their lists elsewhere
		}
		p.found(address, versions)
		if !p.NoIndex {
			p.Data = graph(breadcrumbs(p.way(r.Link("/"+lang+"/"), p.Above, r.Link, s.Title)))
		}
		return "help/section", p, nil
	})
}

// findSection returns the section of an address with the one above it, or the
// address that it has in this language. One that holds nothing for this reader
// does not exist.
func (r *Room) findSection(lib *content.Library, lang, slug string, reader content.Audience) (found, above *content.Topic, to string) {
	for _, l := range r.langs(lib, lang) {
		s := lib.Section(l, slug)
		if s == nil {
			continue
		}
		if l != lang {
			// It may be this language's, by another name.
			if t, _ := topicOf(lib, lang, s.Key, reader); t != nil {
				return nil, nil, "/" + lang + "/sections/" + t.Slug
			}
		}
		for _, l := range r.langs(lib, l) {
			if found, above = topicOf(lib, l, s.Key, reader); found != nil {
				return found, above, ""
			}
		}
	}
	return nil, nil, ""
}

// topicOf returns the section of a key with what such a reader finds in it, and
// the one above it.
func topicOf(lib *content.Library, lang, key string, reader content.Audience) (found, above *content.Topic) {
	topics := lib.Topics(lang, reader)
	for i := range topics {
		if topics[i].Key == key {
			return &topics[i], nil
		}
		for j := range topics[i].Below {
			if topics[i].Below[j].Key == key {
				return &topics[i].Below[j], &topics[i]
			}
		}
	}
	return nil, nil
}

// A pages is where a page stands in a longer list.
type pages struct {
	Current, Last, Size, Total int
	address                    func(n int) string
}

// newPages returns the page that was asked for, or the nearest that exists.
func newPages(total, size int, asked string) pages {
	last := max(1, (total+size-1)/size)
	return pages{Current: min(number(asked, 1), last), Last: last, Size: size, Total: total}
}

// span returns which items are on the page.
func (p pages) span() (from, to int) {
	from = min((p.Current-1)*p.Size, p.Total)
	return from, min(from+p.Size, p.Total)
}

// Before returns the address of the page before, or "".
func (p pages) Before() string {
	if p.Current <= 1 {
		return ""
	}
	return p.address(p.Current - 1)
}

// After returns the address of the page after, or "".
func (p pages) After() string {
	if p.Current >= p.Last {
		return ""
	}
	return p.address(p.Current + 1)
}

// number reads a whole number of at least least; what is none counts as least.
func number(s string, least int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return least
	}
	return max(n, least)
}
