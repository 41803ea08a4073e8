package help_test

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// picture is the smallest image.
func picture(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// secrets are articles that not everybody may find, by slug, with the front
// matter that hides them. Each says "canarino", and its title is its slug in
// capitals.
var secrets = map[string]string{
	"bozza":       "status: draft",
	"revisione":   "status: review",
	"archiviato":  "status: archived",
	"clienti":     "status: published\naudience: customers",
	"agenti":      "status: published\naudience: agents",
	"non-elenco":  "status: published\nunlisted: true",
	"scaduto":     "status: published\nexpires_at: 2026-01-01",
	"futuro":      "status: published\npublish_at: 2027-01-01",
	"agenti-solo": "status: published\naudience: agents",
}

func canaries(t testing.TB) *site {
	t.Helper()
	files := map[string]string{
		"it/casa/_index.md":     file("title: Casa\nkey: casa", ""),
		"it/segreta/_index.md":  file("title: SEGRETA\nkey: segreta", ""),
		"it/casa/foto.png":      picture(t),
		"it/casa/riservata.png": picture(t),
		"it/casa/pubblico.md": file("title: Il canarino di casa\nkey: pubblico\nstatus: published\nrelated: [bozza, revisione, archiviato, clienti, agenti, non-elenco, scaduto, futuro, agenti-solo]",
			"Un canarino per tutti.\n\n![Una foto](foto.png)"),
	}
	for slug, front := range secrets {
		section := "casa"
		if slug == "agenti-solo" {
			section = "segreta"
		}
		shows := "riservata.png"
		if slug == "non-elenco" {
			shows = "foto.png"
		}
		files["it/"+section+"/"+slug+".md"] = file("title: "+strings.ToUpper(slug)+"\nkey: "+slug+"\naliases: [vecchio-"+slug+"]\nphrases: [canarino "+slug+"]\n"+front,
			"Il canarino di "+slug+".\n\n![Riservata]("+shows+")")
	}
	return newSite(t, files)
}

func titles(slugs ...string) []string {
	var out []string
	for _, s := range slugs {
		out = append(out, strings.ToUpper(s))
	}
	return out
}

func all() []string {
	var out []string
	for slug := range secrets {
		out = append(out, slug)
	}
	return out
}

// lists are the pages that name articles.
var lists = []string{"/it/", "/it/sections/casa", "/it/search?q=canarino", "/it/search?q=canarino&section=casa", "/it/search?q=zzz", "/it/suggest?q=canarino", "/it/articles/pubblico", "/en/", "/en/search?q=canarino", "/it/search"}

func TestStrangersFindNothingHidden(t *testing.T) {
	s := canaries(t)
	for _, to := range lists {
		s.get(t, to).code(t, 200).lacks(t, append(titles(all()...), "SEGRETA", "/articles/bozza", "/articles/agenti", "/articles/clienti")...)
	}
	s.get(t, "/it/search?q=canarino").has(t, "1 risposta per")
	s.get(t, "/it/").has(t, "1 articolo<")
}

// TestHiddenIsMissing wants the very same answer for what a reader may not see
// as for what does not exist.
func TestHiddenIsMissing(t *testing.T) {
	s := canaries(t)
	customer, agent := s.customer(t), s.agent(t)
	same := func(to, instead, cookie string) {
		t.Helper()
		a, b := s.get(t, to, "Cookie", cookie).code(t, 404), s.get(t, instead, "Cookie", cookie).code(t, 404)
		if got, want := strings.ReplaceAll(a.Text, to, "X"), strings.ReplaceAll(b.Text, instead, "X"); unslug(got, to) != unslug(want, instead) {
			t.Errorf("%s differs from what does not exist:\n%s\n%s", to, got, want)
		}
		for name := range a.Header {
			if name != "Content-Length" && name != "Date" && name != "X-Request-Id" && a.Header.Get(name) != b.Header.Get(name) {
				t.Errorf("%s: header %s tells it from what does not exist: %q, %q", to, name, a.Header.Get(name), b.Header.Get(name))
			}
		}
	}
	hidden := map[string][]string{
		"":       {"bozza", "revisione", "archiviato", "clienti", "agenti", "scaduto", "futuro", "agenti-solo"},
		customer: {"bozza", "revisione", "archiviato", "agenti", "scaduto", "futuro", "agenti-solo"},
		agent:    {"bozza", "revisione", "archiviato", "scaduto", "futuro"},
	}
	for cookie, slugs := range hidden {
		for _, slug := range slugs {
			same("/it/articles/"+slug, "/it/articles/qqqq", cookie)
			same("/it/articles/"+slug+".md", "/it/articles/qqqq.md", cookie)
			same("/en/articles/"+slug, "/en/articles/qqqq", cookie)
			same("/it/articles/vecchio-"+slug, "/it/articles/qqqq", cookie)
			same("/a/"+slug, "/a/qqqq", cookie)
			same("/it/articles/"+slug+"/suggest", "/it/articles/qqqq/suggest", cookie)
			s.post(t, "/it/articles/"+slug+"/vote", url.Values{"answer": {"yes"}}, "Cookie", cookie).code(t, 404)
		}
	}
	same("/it/sections/segreta", "/it/sections/qqqq", "")
	same("/assets/content/it/casa/riservata.png", "/assets/content/it/casa/qqqq.png", "")
	s.get(t, "/assets/content/it/casa/foto.png").code(t, 200)
	s.get(t, "/assets/content/it/casa/riservata.png", "Cookie", agent).code(t, 200)
	if got := s.get(t, "/assets/content/it/casa/riservata.png", "Cookie", agent).Header.Get("Cache-Control"); !strings.HasPrefix(got, "private") {
		t.Errorf("a picture of staff may be kept by %q", got)
	}
}

// guessed is what the search field of a dead link's page holds: the words of its
// address.
var guessed = regexp.MustCompile(`(type="search" value=)"[^"]*"`)

// unslug takes the last part of an address out of a page.
func unslug(text, to string) string {
	text, to = guessed.ReplaceAllString(text, `$1"X"`), strings.TrimSuffix(to, "/suggest")
	return strings.ReplaceAll(text, to[strings.LastIndexByte(to, '/')+1:], "X")
}

// TestUnlistedIsReadable: by its address, and by nothing else.
func TestUnlistedIsReadable(t *testing.T) {
	s := canaries(t)
	s.get(t, "/it/articles/non-elenco").code(t, 200).has(t, "NON-ELENCO", `name="robots" content="noindex"`)
	s.get(t, "/a/non-elenco", "Accept-Language", "it").code(t, 302)
}

func TestCustomersAndStaffReadMore(t *testing.T) {
	s := canaries(t)
	customer, agent := s.customer(t), s.agent(t)
	s.get(t, "/it/search?q=canarino", "Cookie", customer).has(t, "2 risposte per", "CLIENTI").lacks(t, titles("bozza", "agenti", "futuro", "scaduto", "non-elenco")...)
	a := s.get(t, "/it/articles/clienti", "Cookie", customer).code(t, 200).has(t, "Per i clienti")
	if got := a.Header.Get("Cache-Control"); !strings.HasPrefix(got, "private") {
		t.Errorf("a customers' page may be kept by %q", got)
	}
	s.get(t, "/it/articles/clienti").code(t, 404) // and the cache does not tell strangers

	s.get(t, "/it/search?q=canarino", "Cookie", agent).has(t, "4 risposte per", "CLIENTI", "AGENTI").lacks(t, titles("bozza", "futuro", "scaduto", "non-elenco")...)
	s.get(t, "/it/", "Cookie", agent).code(t, 200).has(t, "SEGRETA", "Ada Rossi")
	s.get(t, "/it/").lacks(t, "SEGRETA", "Ada Rossi")

	// A link that was revoked makes nobody a customer.
	s.grants["t1"] = false
	s.get(t, "/it/articles/clienti", "Cookie", customer).code(t, 404)
	s.get(t, "/it/search?q=canarino", "Cookie", customer).has(t, "1 risposta per")
}

// TestTimePasses: an article appears and expires at its moment, also on pages
// that were kept.
func TestTimePasses(t *testing.T) {
	s := newSite(t, map[string]string{
		"it/casa/_index.md": file("title: Casa", ""),
		"it/casa/uno.md":    file("title: Sempre\nstatus: published", "Canarino."),
		"it/casa/due.md":    file("title: PRESTO\nstatus: published\npublish_at: 2026-11-24", "Canarino."),
		"it/casa/tre.md":    file("title: FINO\nstatus: published\nexpires_at: 2026-11-24", "Canarino."),
	})
	for _, to := range []string{"/it/", "/it/sections/casa", "/it/search?q=canarino", "/it/suggest?q=canarino", "/it/articles/uno"} {
		s.get(t, to).code(t, 200).has(t, "FINO").lacks(t, "PRESTO")
	}
	s.now = s.now.Add(48 * time.Hour)
	for _, to := range []string{"/it/", "/it/sections/casa", "/it/search?q=canarino", "/it/suggest?q=canarino", "/it/articles/uno"} {
		s.get(t, to).code(t, 200).has(t, "PRESTO").lacks(t, "FINO")
	}
	s.get(t, "/it/articles/tre").code(t, 404)
}
