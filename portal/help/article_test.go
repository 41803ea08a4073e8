package help_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// bilingual has an article in two languages, one in English alone with a former
// address, and an Italian one whose address an English one has too.
func bilingual(t testing.TB) *site {
	t.Helper()
	return newSite(t, map[string]string{
		"it/casa/_index.md":  file("title: Casa\nkey: house\ndescription: Tutto sulla casa", ""),
		"en/home/_index.md":  file("title: The house\nkey: house", ""),
		"en/lab/_index.md":   file("title: Laboratory\nkey: lab", ""),
		"it/casa/porta.md":   file("title: La porta\nkey: door\nslug: porta\naliases: [uscio]\nstatus: published\ndescription: Aprire e chiudere", "## Aprire\n\nGirare.\n\n## Chiudere\n\nSpingere.\n\n### A chiave\n\nDue giri."),
		"en/home/door.md":    file("title: The door\nkey: door\nstatus: published", "Turn the key."),
		"en/lab/robot.md":    file("title: The robot\nkey: robot\nslug: robot\naliases: [android]\nstatus: published", "It walks to the laboratory."),
		"it/casa/gemello.md": file("title: Il gemello\nkey: gemello\nslug: twin\nstatus: published", "Uno."),
		"en/home/twin.md":    file("title: The twin\nkey: twin\nslug: twin\nstatus: published", "Two."),
	})
}

func TestDoor(t *testing.T) {
	s := bilingual(t)
	for _, test := range []struct{ accept, want string }{
		{"es-MX,es;q=0.9,en;q=0.8", "/es/"}, {"de, en;q=0.5", "/en/"}, {"", "/it/"}, {"*/*;;", "/it/"},
	} {
		a := s.get(t, "/", "Accept-Language", test.accept).code(t, 302)
		if got := a.Header.Get("Location"); got != test.want {
			t.Errorf("Accept-Language %q: %s, want %s", test.accept, got, test.want)
		}
		if got := a.Header.Get("Vary"); !strings.Contains(got, "Accept-Language") {
			t.Errorf("Vary = %q", got)
		}
	}
	s.get(t, "/xx/", "Accept-Language", "es").code(t, 404).has(t, `lang="es"`)
	s.get(t, "/xx/articles/door", "Accept-Language", "en").code(t, 404).has(t, `lang="en"`)
	if got := s.get(t, "/it").code(t, 301).Header.Get("Location"); got != "/it/" {
		t.Errorf("/it leads to %s", got)
	}
}

func TestHome(t *testing.T) {
	s := bilingual(t)
	s.get(t, "/it/").code(t, 200).has(t, `<h1>Come possiamo aiutare\?</h1>`, `<label for="q">`, `/it/articles/porta`, `/it/sections/casa">Casa`, "2 articoli", `href="/it/contact"`)
	// A language without articles shows what exists elsewhere, and says so.
	s.get(t, "/es/").code(t, 200).has(t, "Todavía no hay artículos en español", `href="/es/sections/casa" lang="it"`, `href="/es/articles/porta" lang="it"`)
}

func TestSection(t *testing.T) {
	s := bilingual(t)
	s.get(t, "/it/sections/casa").code(t, 200).has(t, "<h1>Casa</h1>", "Tutto sulla casa", "/it/articles/porta", "Aprire e chiudere", `href="/en/sections/home" lang="en"`, `href="/es/sections/casa" lang="es"`)
	s.get(t, "/es/sections/casa").code(t, 200).has(t, "todavía no está en español", `<h1 lang="it">Casa</h1>`, `href="/es/articles/porta"`)
	s.get(t, "/it/sections/lab").code(t, 200).has(t, `lang="en">Laboratory`)
	if got := s.get(t, "/it/sections/home").code(t, 302).Header.Get("Location"); got != "/it/sections/casa" {
		t.Errorf("the English name leads to %s", got)
	}
	s.get(t, "/it/sections/nulla").code(t, 404)
}

func TestArticle(t *testing.T) {
	s := bilingual(t)
	s.get(t, "/it/articles/porta").code(t, 200).has(t,
		"<h1>La porta</h1>", `aria-label="In questa pagina".*href="#aprire".*href="#a-chiave"`, "Aggiornato il <time", `href="/en/articles/door" lang="en" hreflang="en">English`,
		`rel="canonical" href="http://help.example/it/articles/porta"`, `href="/it/contact\?article=door"`, `href="/it/sections/casa">Casa</a></li>`)

	// The switch of languages leads to the translation, or to this text among the
	// pages of that language.
	s.get(t, "/it/articles/porta").has(t, `href="/en/articles/door" lang="en"`, `href="/es/articles/porta" lang="es"`)
	s.get(t, "/es/articles/porta").code(t, 200).has(t, "todavía no está en español", `<article lang="it" dir="auto"`, `<html lang="es"`, `name="robots" content="noindex"`)
	s.get(t, "/it/articles/robot").code(t, 200).has(t, "non è ancora in italiano", `<article lang="en"`)
	// Where another article has the address, the link leads to the other language.
	s.get(t, "/en/articles/twin").code(t, 200).has(t, "The twin", `<a href="/en/articles/twin" lang="it"`)
	s.get(t, "/it/articles/twin").code(t, 200).has(t, "Il gemello")

	for _, test := range []struct {
		from, to string
		code     int
	}{
		{"/it/articles/uscio", "/it/articles/porta", 301},
		{"/it/articles/uscio.md", "/it/articles/porta.md", 301},
		{"/it/articles/door", "/it/articles/porta", 302},
		{"/en/articles/android", "/en/articles/robot", 301},
		{"/it/articles/android", "/it/articles/robot", 302},
		{"/a/door", "/es/articles/porta", 302},
		{"/a/door?lang=it", "/it/articles/porta", 302},
		{"/a/robot", "/es/articles/robot", 302},
	} {
		a := s.get(t, test.from, "Accept-Language", "es").code(t, test.code)
		if got := a.Header.Get("Location"); got != test.to {
			t.Errorf("%s leads to %s, want %s", test.from, got, test.to)
		}
	}
	s.get(t, "/a/nothing").code(t, 404)
	s.get(t, "/it/articles/%2e%2e%2fporta").code(t, 404)
}

func TestMarkdown(t *testing.T) {
	s := newSite(t, map[string]string{
		"it/_parts/avviso.md": "Chiudere sempre.\n",
		"it/porta.md":         file("title: La porta\nkey: door\nstatus: published\nowner: INTERNO\nexpect: [INTERNO]", "Girare.\n\n<!--@include: _parts/avviso.md-->"),
	})
	a := s.get(t, "/it/articles/porta.md").code(t, 200).has(t, `title: "La porta"`, "key: door\nlang: it", "Girare.", "Chiudere sempre.").lacks(t, "INTERNO")
	if got := a.Header.Get("Content-Type"); got != "text/markdown; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	s.get(t, "/it/articles/porta.md", "If-None-Match", a.Header.Get("ETag")).code(t, 304)
	s.get(t, "/it/").has(t, "La porta") // an article of no section is not lost
}

// TestCache: a page is made once, is known again by its tag, has its hole filled
// for who is signed in, and changes with its article.
func TestCache(t *testing.T) {
	s := bilingual(t)
	agent := s.agent(t)
	first := s.get(t, "/it/articles/porta").code(t, 200)
	misses := s.Cache.Misses.Load()
	s.get(t, "/it/articles/porta").code(t, 200)
	if got := s.Cache.Misses.Load(); got != misses {
		t.Error("the same page was made twice")
	}
	s.get(t, "/it/articles/porta", "If-None-Match", first.Header.Get("ETag")).code(t, 304)
	for range 2 {
		a := s.get(t, "/it/articles/porta", "Cookie", agent).code(t, 200).has(t, `<a href="/account">Ada Rossi</a>`)
		if got := a.Header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("a page with a name in it may be kept by %q", got)
		}
	}
	s.get(t, "/it/articles/porta").lacks(t, "Ada Rossi", "\x00")

	text := file("title: La porta nuova\nkey: door\nslug: porta\nstatus: published", "Altro.")
	if err := os.WriteFile(filepath.Join(s.dir, "it", "casa", "porta.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s.sync(t)
	changed := s.get(t, "/it/articles/porta", "If-None-Match", first.Header.Get("ETag")).code(t, 200).has(t, "La porta nuova")
	if changed.Header.Get("ETag") == first.Header.Get("ETag") {
		t.Error("another text has the same tag")
	}
	s.get(t, "/it/").has(t, "La porta nuova")
}

// TestBudgets holds the pages of the shipped help centre to what they may weigh,
// and to a page, a style sheet, a script and an icon.
func TestBudgets(t *testing.T) {
	s := newSite(t, nil)
	loads := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)
	sizes := map[string]int{".css": 12 << 10, ".js": 8 << 10}
	for to, most := range map[string]int{
		"/it/":                  8 << 10,
		"/en/":                  8 << 10,
		"/it/search?q=telefono": 14 << 10,
		"/es/search?q=el+tel%C3%A9fono+no+funciona": 14 << 10,
		"/en/articles/contact-support":              16 << 10,
		"/it/articles/nuovo-telefono":               16 << 10,
		"/it/sections/dati":                         14 << 10,
	} {
		a := s.get(t, to).code(t, 200)
		if a.Size > most {
			t.Errorf("%s weighs %d bytes, more than %d", to, a.Size, most)
		}
		t.Logf("%6d %s", a.Size, to)
		requests := 1
		for _, m := range loads.FindAllStringSubmatch(a.Text, -1) {
			if strings.HasPrefix(m[1], "/assets/content/") {
				continue // pictures are loaded when they come into view
			}
			requests++
			got := s.get(t, m[1]).code(t, 200)
			if most := sizes[filepath.Ext(m[1])]; most > 0 && got.Size > most {
				t.Errorf("%s weighs %d bytes, more than %d", m[1], got.Size, most)
			}
		}
		if requests > 5 {
			t.Errorf("%s takes %d requests", to, requests)
		}
	}
	if got := s.get(t, "/it/suggest?q=telefono").code(t, 200).Size; got > 4<<10 {
		t.Errorf("suggestions weigh %d bytes", got)
	}
}

// TestEveryArticle opens all that is shipped, and follows every link of its text
// and its lists.
func TestEveryArticle(t *testing.T) {
	s := newSite(t, nil)
	links := regexp.MustCompile(`<a [^>]*href="(/(?:it|es|en)/(?:articles|sections|search)?[^"#]*|/assets/[^"]*)`)
	images := regexp.MustCompile(`<img src="([^"]+)"`)
	seen := map[string]bool{}
	var visit func(to string)
	visit = func(to string) {
		if to = strings.ReplaceAll(to, "&amp;", "&"); seen[to] || strings.HasSuffix(strings.SplitN(to, "?", 2)[0], "/contact") {
			return
		}
		seen[to] = true
		a := s.get(t, to).code(t, 200)
		for _, m := range append(links.FindAllStringSubmatch(a.Text, -1), images.FindAllStringSubmatch(a.Text, -1)...) {
			visit(m[1])
		}
	}
	visit("/it/")
	if len(seen) < 60 {
		t.Errorf("only %d pages are linked", len(seen))
	}
}

// BenchmarkArticlePage is a page of the shipped help centre that is at hand,
// beside the same bytes from a bare route.
func BenchmarkArticlePage(b *testing.B) {
	s := newSite(b, nil)
	agent := s.agent(b)
	page := []byte(s.get(b, "/en/articles/contact-support").code(b, 200).Text)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(page)
	w.Close()
	bare := fiber.New(fiber.Config{Immutable: true})
	bare.Get("/en/articles/:slug", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(z.Bytes())
	})
	for _, test := range []struct {
		name    string
		handler fasthttp.RequestHandler
		headers []string
		status  int
	}{
		{"bare", bare.Handler(), nil, 200},
		{"stranger", s.App.Handler(), nil, 200},
		{"unchanged", s.App.Handler(), []string{"If-None-Match", s.get(b, "/en/articles/contact-support").Header.Get("ETag")}, 304},
		{"staff", s.App.Handler(), []string{"Cookie", agent}, 200},
	} {
		b.Run(test.name, func(b *testing.B) {
			var c fasthttp.RequestCtx
			b.ReportAllocs()
			for b.Loop() {
				c.Request.Reset()
				c.Response.Reset()
				c.Request.SetRequestURI("/en/articles/contact-support")
				c.Request.Header.SetHost("help.example")
				c.Request.Header.SetUserAgent(firefox)
				c.Request.Header.Set("Accept-Encoding", "gzip")
				for i := 0; i+1 < len(test.headers); i += 2 {
					c.Request.Header.Set(test.headers[i], test.headers[i+1])
				}
				test.handler(&c)
				if c.Response.StatusCode() != test.status {
					b.Fatalf("status %d", c.Response.StatusCode())
				}
			}
			s.events.take()
		})
	}
}
