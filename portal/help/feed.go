package help

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
)

// maxEntries is how many articles a feed tells of.
const maxEntries = 50

// An atomFeed is what RFC 4287 makes of it.
type atomFeed struct {
	XMLName  xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string   `xml:"xml:lang,attr"`
	ID       string   `xml:"id"`
	Title    string   `xml:"title"`
	Subtitle string   `xml:"subtitle"`
	Updated  string   `xml:"updated"`
	Author   string   `xml:"author>name"`
	Links    []atomLink
	Entries  []atomEntry
}

type atomLink struct {
	XMLName xml.Name `xml:"link"`
	Rel     string   `xml:"rel,attr"`
	Type    string   `xml:"type,attr"`
	Href    string   `xml:"href,attr"`
}

type atomEntry struct {
	XMLName xml.Name `xml:"entry"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink
	Summary string `xml:"summary,omitempty"`
}

// feed serves GET /feed/{lang}.xml: the articles of a language that are new or
// were changed last, for everybody.
func (r *Room) feed(c *fiber.Ctx) error {
	lang := c.Params("lang")
	if !slices.Contains(r.Offered(), lang) {
		return missing()
	}
	lib := r.Articles.Library()
	key := r.key(lib, content.Public, "feed", r.Site().Brand.Name)
	return r.sendKept(c, "feed-"+lang, key, "application/atom+xml; charset=utf-8", func() []byte {
		var found []*content.Article
		for _, a := range lib.All() {
			if a.Lang == lang && r.findable(a) {
				found = append(found, a)
			}
		}
		words := r.Theme.Words.Speaker(lang)
		return atomOf(found, atomFeed{
			Lang: lang, ID: r.feedLink(lang), Title: words.T("feed.title", "Site", r.Site().Brand.Name), Subtitle: words.T("feed.about"), Author: r.Site().Brand.Name,
			Links: []atomLink{
				{Rel: "self", Type: "application/atom+xml", Href: r.feedLink(lang)},
				{Rel: "alternate", Type: "text/html", Href: r.Link("/" + lang + "/")},
			},
		}, r.Link)
	})
}

func (r *Room) feedLink(lang string) string { return r.Link("/feed/" + lang + ".xml") }

// atomOf writes a feed of articles, the newest first. An entry's id is made of the
// article's key, so that who has read it is not shown it again under a new
// address.
func atomOf(articles []*content.Article, f atomFeed, link func(path string) string) []byte {
	slices.SortStableFunc(articles, func(a, b *content.Article) int {
		if n := changed(b).Compare(changed(a)); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	f.Updated = time.Unix(0, 0).UTC().Format(time.RFC3339) // of one that tells of nothing
	for _, a := range articles[:min(len(articles), maxEntries)] {
		e := atomEntry{
			ID: link("/a/" + a.Key + "?lang=" + a.Lang), Title: a.Title, Summary: a.Description, Updated: changed(a).Format(time.RFC3339),
			Link: atomLink{Rel: "alternate", Type: "text/html", Href: link(a.Path())},
		}
		f.Entries = append(f.Entries, e)
	}
	if len(f.Entries) > 0 {
		f.Updated = f.Entries[0].Updated
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	x := xml.NewEncoder(&b)
	x.Indent("", " ")
	x.Encode(f) // strings alone into memory: it never fails
	b.WriteByte('\n')
	return b.Bytes()
}
