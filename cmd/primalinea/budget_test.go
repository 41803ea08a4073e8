package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"primalinea/content"
)

// kb is what budgets are counted in: bytes as they travel, compressed.
const kb = 1024

// A budget is what a page may cost: its own bytes, its style sheets, its scripts,
// and how often its reader's browser has to ask.
type budget struct{ html, css, js, requests int }

var budgets = map[string]budget{
	"home":    {8 * kb, 12 * kb, 8 * kb, 5},
	"results": {14 * kb, 12 * kb, 8 * kb, 5},
	"article": {16 * kb, 12 * kb, 8 * kb, 5},
	"contact": {10 * kb, 12 * kb, 12 * kb, 6},
	"ticket":  {30 * kb, 16 * kb, 22 * kb, 8},
}

// TestBudgets weighs the pages of the shipped help centre in every language, each
// article, and a ticket as an agent sees it.
func TestBudgets(t *testing.T) {
	site := newSite(t)
	reader := &browser{site, map[string]string{}}
	heaviest := map[string]budget{}
	weigh := func(b *browser, kind, path string) {
		t.Helper()
		got, images := b.weight(path)
		if kind == "article" {
			got.requests -= images // they are the writer's
		}
		limit := budgets[kind]
		if got.html > limit.html || got.css > limit.css || got.js > limit.js || got.requests > limit.requests {
			t.Errorf("%s costs %+v, more than %+v", path, got, limit)
		}
		most := heaviest[kind]
		heaviest[kind] = budget{max(most.html, got.html), max(most.css, got.css), max(most.js, got.js), max(most.requests, got.requests)}
	}
	for lang, words := range map[string]string{"it": "non funziona il telefono", "es": "no funciona el teléfono", "en": "the phone does not work"} {
		weigh(reader, "home", "/"+lang+"/")
		weigh(reader, "results", "/"+lang+"/search?q="+url.QueryEscape(words))
		weigh(reader, "contact", "/"+lang+"/contact")
	}
	articles := 0
	for _, a := range site.folder.Library().All() {
		if a.Audience == content.Public && a.Live(time.Now()) {
			weigh(reader, "article", a.Path())
			articles++
		}
	}
	if articles < 36 {
		t.Errorf("only %d articles were weighed", articles)
	}
	weigh(site.enter("agent1"), "ticket", "/desk/tickets/"+site.open().Number)
	for kind, most := range heaviest {
		t.Logf("%-8s at most %+v", kind, most)
	}
}

// weight visits a page as a browser does that has nothing kept, and counts its
// images apart.
func (b *browser) weight(path string) (total budget, images int) {
	b.site.t.Helper()
	page, size := b.fetch(path)
	total.html, total.requests = size, 1
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		b.site.t.Fatal(err)
	}
	asked := map[string]bool{}
	ask := func(to string) int {
		if to == "" || asked[to] || strings.HasPrefix(to, "data:") {
			return 0
		}
		if !strings.HasPrefix(to, "/") {
			b.site.t.Errorf("%s asks somebody else: %s", path, to)
			return 0
		}
		asked[to] = true
		total.requests++
		_, size := b.fetch(to)
		return size
	}
	for n := range doc.Descendants() {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "link" && attr["rel"] == "stylesheet":
			total.css += ask(attr["href"])
		case n.Data == "link" && slices.Contains(strings.Fields(attr["rel"]), "icon"), n.Data == "link" && attr["rel"] == "manifest":
			ask(attr["href"])
		case n.Data == "script":
			total.js += ask(attr["src"])
		case n.Data == "img", n.Data == "source", n.Data == "video", n.Data == "iframe", n.Data == "object":
			before := total.requests
			ask(attr["src"])
			images += total.requests - before
		}
	}
	return total, images
}

// fetch returns what lies at an address, and how many bytes it took.
func (b *browser) fetch(path string) (text string, size int) {
	b.site.t.Helper()
	sizes := make([]int, 2)
	for i, encoding := range []string{"identity", "gzip"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		resp, body := b.do(r)
		if resp.StatusCode != http.StatusOK {
			b.site.t.Fatalf("%s answers %d", path, resp.StatusCode)
		}
		if i == 0 {
			text = string(body)
		}
		sizes[i] = len(body)
	}
	return text, sizes[1]
}

// TestStylesAndScripts weighs the files that many pages share, each for itself.
func TestStylesAndScripts(t *testing.T) {
	site := newSite(t)
	lead := site.enter("lead")
	page, _ := lead.fetch("/lead")
	for name, most := range map[string]int{"site.css": 12 * kb, "desk.css": 4 * kb, "site.js": 8 * kb, "desk.js": 14 * kb} {
		base, ext, _ := strings.Cut(name, ".")
		path := regexp.MustCompile(`/assets/` + base + `\.[0-9a-f]+\.` + ext).FindString(page)
		if path == "" {
			t.Errorf("no page of a lead asks for %s", name)
			continue
		}
		if _, size := lead.fetch(path); size > most {
			t.Errorf("%s takes %d bytes, more than %d", name, size, most)
		} else {
			t.Logf("%s takes %d of %d bytes", name, size, most)
		}
	}
}
