package help_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"primalinea/content"
	"primalinea/escalation/setting"
	"primalinea/portal/help"
)

// several is a folder in which some articles are for search engines and some are
// not.
var several = map[string]string{
	"it/resi/_index.md":      file("title: Resi\nkey: returns", ""),
	"en/returns/_index.md":   file("title: Returns\nkey: returns", ""),
	"it/resi/quindici.md":    file("title: \"Posso \\\"restituire\\\" un </script> telefono?\"\nkey: returns/days\ndate: 2026-11-02", "Hai quindici giorni di tempo."),
	"es/quince.md":           file("title: ¿Puedo devolver?\nkey: returns/days\nstatus: draft", "Tienes quince días."),
	"en/returns/fifteen.md":  file("title: Can I return it?\ndescription: Fifteen days & no more.\nkey: returns/days\ndate: 2026-11-03", "You have fifteen days."),
	"es/solo.md":             file("title: Solo en español\nkey: solo\ndate: 2026-11-04", "Texto."),
	"en/secret.md":           file("title: For customers\nkey: secret\naudience: customers", "Text."),
	"it/segreto.md":          file("title: Per chiunque\nkey: secret\ndate: 2026-10-01", "Testo."),
	"en/hidden.md":           file("title: By address alone\nkey: hidden\nunlisted: true", "Text."),
	"en/later.md":            file("title: From tomorrow\nkey: later\ndate: 2026-10-01\npublish_at: 2026-11-24", "Text."),
	"en/over.md":             file("title: Until yesterday\nkey: over\nexpires_at: 2026-11-22", "Text."),
	"de/deutsch.md":          file("title: Auf Deutsch\nkey: german", "Text."),
	"en/returns/internal.md": file("title: For staff\nkey: internal\naudience: agents", "Text."),
}

// A head is what a page tells search engines.
type head struct {
	Canonical, Description, Robots string
	Feed                           string
	Alternates                     map[string]string // by language
	Properties                     map[string]string // Open Graph
	Data                           map[string]any    // by @type
}

func (a answer) head(t testing.TB) head {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(a.Text))
	if err != nil {
		t.Fatal(err)
	}
	h := head{Alternates: map[string]string{}, Properties: map[string]string{}, Data: map[string]any{}}
	for n := range doc.Descendants() {
		attr := map[string]string{}
		for _, x := range n.Attr {
			attr[x.Key] = x.Val
		}
		switch {
		case n.Data == "link" && attr["rel"] == "canonical":
			h.Canonical = attr["href"]
		case n.Data == "link" && attr["hreflang"] != "":
			h.Alternates[attr["hreflang"]] = attr["href"]
		case n.Data == "link" && attr["type"] == "application/atom+xml":
			h.Feed = attr["href"]
		case n.Data == "meta" && attr["name"] == "description":
			h.Description = attr["content"]
		case n.Data == "meta" && attr["name"] == "robots":
			h.Robots = attr["content"]
		case n.Data == "meta" && attr["property"] != "":
			h.Properties[attr["property"]] = attr["content"]
		case n.Data == "script" && attr["type"] == "application/ld+json":
			var data struct {
				Context string           `json:"@context"`
				Graph   []map[string]any `json:"@graph"`
			}
			if err := json.Unmarshal([]byte(n.FirstChild.Data), &data); err != nil || data.Context != "https://schema.org" {
				t.Errorf("%s: %v in %s", a.Request.URL, err, n.FirstChild.Data)
			}
			for _, o := range data.Graph {
				h.Data[fmt.Sprint(o["@type"])] = o
			}
		}
	}
	return h
}

type urlset struct {
	URLs []struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
}

func (s *site) urls(t testing.TB) urlset {
	t.Helper()
	var set urlset
	if err := xml.Unmarshal([]byte(s.get(t, "/sitemap.xml").code(t, 200).Text), &set); err != nil {
		t.Fatal(err)
	}
	return set
}

const base = "http://help.example"

// TestSitemap visits every page of the sitemap: each is there, says that it is
// the one to find, and names the same versions as the sitemap and as each other.
func TestSitemap(t *testing.T) {
	s := newSite(t, several)
	var locs []string
	versions := map[string]map[string]string{}
	for _, u := range s.urls(t).URLs {
		path := strings.TrimPrefix(u.Loc, base)
		locs = append(locs, path+" "+u.LastMod)
		page := s.get(t, path).code(t, 200).head(t)
		if page.Canonical != u.Loc || page.Robots != "" || page.Properties["og:url"] != u.Loc || page.Properties["og:title"] == "" {
			t.Errorf("%s: %+v", u.Loc, page)
		}
		versions[u.Loc] = page.Alternates
		listed := map[string]string{}
		for _, l := range u.Links {
			listed[l.Lang] = l.Href
		}
		if fmt.Sprint(listed) != fmt.Sprint(page.Alternates) {
			t.Errorf("%s: the sitemap lists %v, the page %v", u.Loc, listed, page.Alternates)
		}
	}
	for loc, alternates := range versions {
		if !slices.Contains(slices.Collect(values(alternates)), loc) || alternates["x-default"] == "" {
			t.Errorf("%s is not among its versions: %v", loc, alternates)
		}
		for lang, other := range alternates {
			if fmt.Sprint(versions[other]) != fmt.Sprint(alternates) {
				t.Errorf("%s leads to %s (%s), which lists %v", loc, other, lang, versions[other])
			}
		}
	}
	want := []string{
		"/it/ ", "/es/ ", "/en/ ", "/it/contact ", "/es/contact ", "/en/contact ", "/it/channels ", "/es/channels ", "/en/channels ", "/it/sections/resi ", "/en/sections/returns ",
		"/en/articles/fifteen 2026-11-03T00:00:00Z", "/es/articles/solo 2026-11-04T00:00:00Z",
		"/it/articles/segreto 2026-10-01T00:00:00Z", "/it/articles/quindici 2026-11-02T00:00:00Z",
	}
	slices.Sort(locs)
	slices.Sort(want)
	if !slices.Equal(locs, want) {
		t.Errorf("the sitemap lists\n%s\nwant\n%s", strings.Join(locs, "\n"), strings.Join(want, "\n"))
	}

	// What begins tomorrow is in it tomorrow, and as new as that.
	s.now = s.now.Add(24 * time.Hour)
	if set := s.get(t, "/sitemap.xml"); !strings.Contains(set.Text, "/en/articles/later</loc><lastmod>2026-11-24") {
		t.Errorf("what appeared at its time is not in\n%s", set.Text)
	}
	s.get(t, "/feed/en.xml").has(t, `<title>From tomorrow</title>\s*<updated>2026-11-24`)
}

func values(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// TestSearchFound lets search engines follow answers, and keep no words of a
// stranger: the page to keep is the one without a question.
func TestSearchFound(t *testing.T) {
	s := newSite(t, several)
	if robots := s.get(t, "/robots.txt").code(t, 200).Text; strings.Contains(robots, "search") || !strings.Contains(robots, "Disallow: /reset/\n") {
		t.Errorf("robots.txt:\n%s", robots)
	}
	for _, path := range []string{"/en/search", "/en/search?q=return"} {
		h := s.get(t, path).code(t, 200).head(t)
		if h.Robots != "" || h.Canonical != base+"/en/search" {
			t.Errorf("%s: robots %q, canonical %q", path, h.Robots, h.Canonical)
		}
	}
}

// TestNotFindable looks at pages that answer and are to be found by nobody.
func TestNotFindable(t *testing.T) {
	s := newSite(t, several)
	customer := s.customer(t)
	for _, test := range []struct{ path, cookie string }{
		{"/en/articles/hidden", ""},
		{"/en/articles/solo", ""}, // in another language
		{"/en/articles/secret", customer},
		{"/en/search?q=nothingofthekind", ""},
		{"/en/search?q=return&section=returns", ""},
		{"/en/contact?q=return", ""},
	} {
		h := s.get(t, test.path, "Cookie", test.cookie).code(t, 200).head(t)
		if h.Robots != "noindex" || len(h.Alternates) > 0 || len(h.Data) > 0 || len(h.Properties) > 0 {
			t.Errorf("%s: %+v", test.path, h)
		}
	}
	s.get(t, "/en/articles/later").code(t, 404)
	s.get(t, "/de/articles/deutsch").code(t, 404) // the theme does not speak it
	if got := s.get(t, "/en/articles/fifteen.md").code(t, 200).Header.Get("X-Robots-Tag"); got != "noindex" {
		t.Errorf("the source's X-Robots-Tag is %q", got)
	}

	// Until the site is set up, nothing is.
	ready := s.room.Site
	s.room.Site = setting.Default
	s.get(t, "/robots.txt").code(t, 200).has(t, `^User-agent: \*\nDisallow: /\n$`)
	s.get(t, "/sitemap.xml").code(t, 404)
	for _, path := range []string{"/en/", "/en/articles/fifteen", "/en/nothing"} {
		if got := s.get(t, path).Header.Get("X-Robots-Tag"); got != "noindex" {
			t.Errorf("%s: X-Robots-Tag is %q before the site is set up", path, got)
		}
	}
	s.room.Site = ready
	s.get(t, "/robots.txt").has(t, `Disallow: /desk\n`, `Disallow: /reset/\n`, `Disallow: /tickets/\n`, `\nSitemap: http://help.example/sitemap.xml\n$`)
	if got := s.get(t, "/en/articles/fifteen").Header.Get("X-Robots-Tag"); got != "" {
		t.Errorf("X-Robots-Tag is %q of a site that is set up", got)
	}
}

// TestLongSection looks at the second page of a section: it is found by itself,
// and is no version of what other languages have on theirs.
func TestLongSection(t *testing.T) {
	files := map[string]string{"en/long/_index.md": file("title: Long\nkey: long", ""), "it/lunga/_index.md": file("title: Lunga\nkey: long", "")}
	for i := range 60 {
		files[fmt.Sprintf("en/long/a%d.md", i)] = file(fmt.Sprint("title: Article ", i), "Text.")
	}
	files["it/lunga/a.md"] = file("title: Uno", "Testo.")
	s := newSite(t, files)
	first, second := s.get(t, "/en/sections/long").head(t), s.get(t, "/en/sections/long?page=2").head(t)
	if first.Canonical != base+"/en/sections/long" || len(first.Alternates) != 3 {
		t.Errorf("first page: %+v", first)
	}
	if second.Canonical != base+"/en/sections/long?page=2" || len(second.Alternates) != 0 || second.Robots != "" {
		t.Errorf("second page: %+v", second)
	}
	if beyond := s.get(t, "/en/sections/long?page=99").head(t); beyond.Canonical != second.Canonical {
		t.Errorf("a page that is not there is found as %s", beyond.Canonical)
	}
}

// TestLinkedData reads what an article tells programs.
func TestLinkedData(t *testing.T) {
	s := newSite(t, several)
	a := s.get(t, "/it/articles/quindici").code(t, 200)
	h := a.head(t)
	const title = `Posso "restituire" un </script> telefono?`
	article, _ := h.Data["TechArticle"].(map[string]any)
	for name, want := range map[string]string{
		"headline": title, "inLanguage": "it", "dateModified": "2026-11-02T00:00:00Z",
		"url": base + "/it/articles/quindici", "mainEntityOfPage": base + "/it/articles/quindici",
		"description": "Hai quindici giorni di tempo.",
	} {
		if got := fmt.Sprint(article[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	crumbs, _ := h.Data["BreadcrumbList"].(map[string]any)
	var way []string
	list, _ := crumbs["itemListElement"].([]any)
	for _, item := range list {
		item, _ := item.(map[string]any)
		way = append(way, fmt.Sprint(item["position"], " ", item["name"], " ", item["item"]))
	}
	want := []string{
		"1 Centro assistenza " + base + "/it/",
		"2 Resi " + base + "/it/sections/resi",
		"3 " + title + " " + base + "/it/articles/quindici",
	}
	if !slices.Equal(way, want) {
		t.Errorf("the way is\n%q, want\n%q", way, want)
	}
	if h.Description != "Hai quindici giorni di tempo." || h.Feed != base+"/feed/it.xml" || h.Properties["og:type"] != "article" {
		t.Errorf("head: %+v", h)
	}
	if n := strings.Count(a.Text, "</script>"); n != 2 {
		t.Errorf("%d scripts end in the page, want 2: a title has broken out", n)
	}

	s.folder.Reload()
	long := newSite(t, map[string]string{"en/a.md": file("title: A", strings.Repeat("many words ", 60))})
	if d := long.get(t, "/en/articles/a").head(t).Description; len([]rune(d)) > 161 || !regexp.MustCompile(`^many words .* (many|words)…$`).MatchString(d) {
		t.Errorf("a text without description is described by %q", d)
	}
}

type atomFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func (s *site) feed(t testing.TB, lang string) atomFeed {
	t.Helper()
	a := s.get(t, "/feed/"+lang+".xml").code(t, 200)
	var f atomFeed
	if err := xml.Unmarshal([]byte(a.Text), &f); err != nil {
		t.Fatalf("%v in\n%s", err, a.Text)
	}
	return f
}

// TestFeed reads the feeds, before and after an article has moved.
func TestFeed(t *testing.T) {
	s := newSite(t, several)
	f := s.feed(t, "en")
	if len(f.Entries) != 1 || f.Updated != "2026-11-03T00:00:00Z" || f.ID != base+"/feed/en.xml" {
		t.Fatalf("feed: %+v", f)
	}
	before := f.Entries[0]
	if before.Title != "Can I return it?" || before.Summary != "Fifteen days & no more." || before.Link.Href != base+"/en/articles/fifteen" {
		t.Errorf("entry: %+v", before)
	}
	s.get(t, strings.TrimPrefix(before.ID, base)).code(t, 302) // an id that leads somewhere

	s.write(t, "en/returns/fifteen.md", file("title: Can I send it back?\nslug: send-it-back\naliases: [fifteen]\nkey: returns/days\ndate: 2026-11-20", "You have fifteen days."))
	s.sync(t)
	after := s.feed(t, "en").Entries[0]
	if after.ID != before.ID || after.Updated != "2026-11-20T00:00:00Z" || after.Link.Href != base+"/en/articles/send-it-back" {
		t.Errorf("after it moved: %+v", after)
	}

	s.get(t, "/feed/de.xml").code(t, 404)
	s.get(t, "/feed/xx.xml").code(t, 404)
	tag := s.get(t, "/feed/en.xml").Header.Get("ETag")
	s.get(t, "/feed/en.xml", "If-None-Match", tag).code(t, 304)
	plain := s.get(t, "/feed/en.xml", "Accept-Encoding", "identity")
	if plain.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(plain.Text, "<?xml") {
		t.Errorf("uncompressed: %q", plain.Text)
	}
}

// A vast is a folder with a library of its own making.
type vast struct {
	*content.Folder
	lib *content.Library
}

func (v vast) Library() *content.Library { return v.lib }

// TestVastSitemap lists ten thousand articles in three languages: more than one
// sitemap holds.
func TestVastSitemap(t *testing.T) {
	s := newSite(t, map[string]string{"en/a.md": file("title: A", "Text.")})
	var articles []*content.Article
	for i := range 10_000 {
		for _, lang := range []string{"it", "es", "en"} {
			articles = append(articles, &content.Article{
				File: fmt.Sprintf("%s/%d.md", lang, i), Lang: lang, Key: fmt.Sprint("key-", i), Slug: fmt.Sprint("article-", i), Title: "A",
				Status: content.Published, Updated: s.now,
			})
		}
	}
	s.room.Articles = vast{s.folder, content.NewLibrary(articles, nil)}
	start := time.Now()
	s.get(t, "/sitemap.xml").code(t, 200).has(t, `<sitemapindex .*/sitemap-1\.xml</loc>.*/sitemap-2\.xml</loc>`).lacks(t, "sitemap-3", "<urlset")
	n := 0
	for _, part := range []string{"/sitemap-1.xml", "/sitemap-2.xml"} {
		a := s.get(t, part).code(t, 200)
		var set urlset
		if err := xml.Unmarshal([]byte(a.Text), &set); err != nil {
			t.Fatal(err)
		}
		n += len(set.URLs)
		if len(set.URLs) > 50_000 || len(a.Text) > 50<<20 {
			t.Errorf("%s lists %d pages in %d bytes", part, len(set.URLs), len(a.Text))
		}
		t.Logf("%s: %d pages, %d bytes, %d as sent", part, len(set.URLs), len(a.Text), a.Size)
	}
	if n != 30_009 {
		t.Errorf("%d pages in all, want 30009", n)
	}
	t.Logf("made in %v", time.Since(start))
	s.get(t, "/sitemap-3.xml").code(t, 404)
	s.get(t, "/sitemap-0.xml").code(t, 404)
	s.get(t, "/sitemap-x.xml").code(t, 404)
}

var _ help.Articles = vast{}

// write changes a file of the folder; sync lets the site see it.
func (s *site) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
