package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// A seeker is a browser somewhere.
type seeker struct {
	browser
	address string
}

func (s *testSite) seeker(address string) *seeker {
	return &seeker{browser{s, map[string]string{}}, address}
}

func (b *seeker) ask(method, path, body string, headers ...string) int {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("User-Agent", "Mozilla/5.0")
	r.Header.Set("X-Forwarded-For", b.address)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, _ := b.do(r)
	return resp.StatusCode
}

// solves searches, opens an article and says that it solved the matter.
func (b *seeker) solves(t *testing.T, query, article string, headers ...string) {
	t.Helper()
	from := "/en/search?q=" + url.QueryEscape(query)
	for _, step := range [][3]string{{"GET", from, ""}, {"GET", article, ""}, {"POST", article + "/vote", "answer=yes"}} {
		with := headers
		if step[1] == article {
			with = append(slices.Clone(headers), "Referer", b.site.web.Link(from))
		}
		if code := b.ask(step[0], step[1], step[2], with...); code != http.StatusOK && code != http.StatusSeeOther {
			t.Fatalf("%s %s answers %d", step[0], step[1], code)
		}
	}
}

// learn does what the jobs do, when everybody has paused, and returns what is learned.
func (s *testSite) learn(t *testing.T) []string {
	t.Helper()
	if err := s.recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.table(), func(j job) bool { return j.name == "learn words" })
	if err := s.table()[i].once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	words, err := s.db.LearnedWords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, w := range words {
		said = append(said, w.Text)
	}
	return said
}

// found returns the key of the article that a search finds first.
func (s *testSite) found(t *testing.T, query string) string {
	t.Helper()
	resp, body := (&browser{s, map[string]string{}}).do(httptest.NewRequest("GET", "/api/v1/search?lang=en&q="+url.QueryEscape(query), nil))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("search answers %d", resp.StatusCode)
	}
	_, first, _ := strings.Cut(string(body), `"id":"`)
	first, _, _ = strings.Cut(first, `"`)
	return first
}

// TestPoison lets one person try on the pages to make an article rise, and then three
// people who really searched.
func TestPoison(t *testing.T) {
	s := command(t, func(s *serveCmd) { s.TrustedProxies = []string{"0.0.0.0/0"} }).start(t).staffed()
	const article = "/en/articles/overheating"
	none := func(attack string) {
		t.Helper()
		if words := s.learn(t); len(words) > 0 {
			t.Errorf("%s: %q is learned", attack, words)
		}
	}
	one := s.seeker("192.0.2.1")
	for range 5 {
		one.solves(t, "zorblax", article)
	}
	none("one browser")
	for range 100 {
		s.seeker("192.0.2.7").solves(t, "zorblax", article)
	}
	none("a hundred cookies")
	for n := range 5 {
		at := fmt.Sprintf("198.51.%d.1", n)
		one.address = at
		one.solves(t, "zorblax", article)
		s.seeker(at).solves(t, "zorblax", article, "DNT", "1")
		s.seeker(at).solves(t, "zorblax", article, "Sec-GPC", "1")
		s.seeker(at).solves(t, "zorblax", article, "User-Agent", "Bot/1.0")
		s.seeker(at).solves(t, "mario.rossi@example.it 12345678", article)
		s.seeker(at).ask("POST", article+"/vote", "answer=yes")
		here := s.seeker(at)
		here.ask("GET", "/api/v1/search?lang=en&q=zorblax", "")
		here.ask("GET", article, "")
		here.ask("POST", article+"/vote", "answer=yes")
	}
	none("many networks, refused cookies, machines, personal data, no search, the API")

	before := s.found(t, "zorblax")
	for n := range 3 {
		s.seeker(fmt.Sprintf("203.%d.113.1", n)).solves(t, "zorblax", article)
	}
	if words := s.learn(t); !slices.Equal(words, []string{"zorblax"}) {
		t.Errorf("three people: %q is learned", words)
	}
	if after := s.found(t, "zorblax"); before == "device/overheating" || after != "device/overheating" {
		t.Errorf("found %q before, and %q now", before, after)
	}
}
