package help

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/portal/web"
)

// mountFeeds adds the addresses of what programs read to find pages.
func (r *Room) mountFeeds(app fiber.Router) {
	app.Get("/robots.txt", r.robots)
	app.Get("/sitemap.xml", r.sitemap)
	app.Get("/sitemap-:part.xml", r.sitemapPart)
	app.Get("/feed/:lang<len(2)>.xml", r.feed)
}

// closed are the addresses where search engines find nothing: the rooms of staff
// and what belongs to one reader. Answers to questions are followed; see shown.
var closed = []string{
	"/account", "/api/", "/desk", "/files/", "/join/", "/journey/", "/lead", "/look", "/reset/", "/set-up/", "/sign-in", "/sign-out",
	"/tickets/", "/write", "/*/contact/", "/*/suggest",
}

// robots serves GET /robots.txt.
func (r *Room) robots(c *fiber.Ctx) error {
	var b bytes.Buffer
	b.WriteString("User-agent: *\n")
	if r.Indexed() {
		for _, path := range closed {
			b.WriteString("Disallow: " + path + "\n")
		}
		b.WriteString("\nSitemap: " + r.Link("/sitemap.xml") + "\n")
	} else {
		b.WriteString("Disallow: /\n")
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Send(b.Bytes())
}

// A listed is a page that search engines are to know.
type listed struct {
	Link     string
	Changed  time.Time // zero when nobody knows
	Versions []version
}

// maxListed is how many pages one sitemap lists. The protocol allows 50,000, but
// also no more than 50 MB, which long addresses in many languages would pass.
const maxListed = 25_000

// listed returns all pages that search engines are to know.
func (r *Room) listed(lib *content.Library) []listed {
	var out []listed
	add := func(versions []version) {
		for _, v := range versions {
			if v.Lang != otherwise {
				out = append(out, listed{Link: v.Link, Versions: versions})
			}
		}
	}
	add(r.everywhere("/"))
	add(r.everywhere("/contact"))
	add(r.everywhere("/channels"))
	// Sections in the order of the site, each once, with all its versions.
	paths, keys := map[string]map[string]string{}, []string{} // by key, by language
	var note func(topics []content.Topic)
	note = func(topics []content.Topic) {
		for _, t := range topics {
			if paths[t.Key] == nil {
				paths[t.Key] = map[string]string{}
				keys = append(keys, t.Key)
			}
			paths[t.Key][t.Lang] = t.Path()
			note(t.Below)
		}
	}
	for _, lang := range r.Offered() {
		note(lib.Topics(lang, content.Public))
	}
	for _, key := range keys {
		add(r.versions(func(lang string) string { return paths[key][lang] }))
	}
	for _, a := range lib.All() {
		if r.findable(a) {
			out = append(out, listed{r.Link(a.Path()), changed(a), r.articleVersions(lib, a)})
		}
	}
	return out
}

// sitemap serves GET /sitemap.xml: all pages, or where the parts of the list are.
func (r *Room) sitemap(c *fiber.Ctx) error { return r.sendSitemap(c, 0) }

// sitemapPart serves GET /sitemap-{part}.xml.
func (r *Room) sitemapPart(c *fiber.Ctx) error {
	lib := r.Articles.Library()
	most := len(lib.All()) + len(lib.Sections()) + 2*len(r.Offered()) // pages there can be
	n, err := strconv.Atoi(c.Params("part"))
	if err != nil || n < 1 || n > most/maxListed+1 {
		return missing()
	}
	return r.sendSitemap(c, n)
}

func (r *Room) sendSitemap(c *fiber.Ctx, part int) error {
	if !r.Indexed() {
		return missing()
	}
	lib := r.Articles.Library()
	key := r.key(lib, content.Public, "sitemap", r.Offered()...)
	return r.sendKept(c, "sitemap-"+strconv.Itoa(part), key, "application/xml; charset=utf-8", func() []byte {
		return sitemap(r.listed(lib), part, maxListed, func(n int) string { return r.Link("/sitemap-" + strconv.Itoa(n) + ".xml") })
	})
}

// sitemap writes a part of the list of pages, or, as part 0, the whole list when
// it is no longer than most, else the list of its parts.
func sitemap(pages []listed, part, most int, address func(part int) string) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if part == 0 && len(pages) > most {
		b.WriteString(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
		for n := 1; (n-1)*most < len(pages); n++ {
			b.WriteString("<sitemap><loc>" + escaped(address(n)) + "</loc></sitemap>\n")
		}
		b.WriteString("</sitemapindex>\n")
		return b.Bytes()
	}
	if part > 0 {
		from := min((part-1)*most, len(pages))
		pages = pages[from:min(from+most, len(pages))]
	}
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	for _, p := range pages {
		b.WriteString("<url><loc>" + escaped(p.Link) + "</loc>")
		if !p.Changed.IsZero() {
			b.WriteString("<lastmod>" + p.Changed.Format(time.RFC3339) + "</lastmod>")
		}
		for _, v := range p.Versions {
			b.WriteString("\n" + `<xhtml:link rel="alternate" hreflang="` + escaped(v.Lang) + `" href="` + escaped(v.Link) + `"/>`)
		}
		b.WriteString("</url>\n")
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

func escaped(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a bytes.Buffer never fails
	return b.String()
}

// A shelf keeps the last documents that were made of a whole library. There are
// few of them, and making one looks at every article: of many who ask at once,
// one makes it.
type shelf struct {
	sync.Mutex
	docs map[string]*kept
}

// A kept is such a document, compressed: nearly all who ask for it take it so.
type kept struct {
	key    string // what it was made of
	zipped []byte
	etag   string
}

func (s *shelf) take(name, key string, build func() []byte) *kept {
	s.Lock()
	defer s.Unlock()
	if k := s.docs[name]; k != nil && k.key == key {
		return k
	}
	data := build()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data) // a bytes.Buffer never fails
	z.Close()
	sum := sha256.Sum256(data)
	k := &kept{key, b.Bytes(), `"` + hex.EncodeToString(sum[:12]) + `"`}
	if s.docs == nil {
		s.docs = map[string]*kept{}
	}
	s.docs[name] = k
	return k
}

// sendKept sends a document that is the same for everybody until the library
// changes.
func (r *Room) sendKept(c *fiber.Ctx, name, key, kind string, build func() []byte) error {
	k := r.shelf.take(name, key, build)
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderETag, k.etag)
	switch {
	case c.Get(fiber.HeaderIfNoneMatch) == k.etag:
		return c.SendStatus(fiber.StatusNotModified)
	case web.AcceptsGzip(c):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(k.zipped)
	}
	z, err := gzip.NewReader(bytes.NewReader(k.zipped))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return c.Send(data)
}
