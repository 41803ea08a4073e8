package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/content/outside"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
)

func (s *testSite) write(file, text string) {
	s.t.Helper()
	full := filepath.Join(s.folder.Dir(), file)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// TestTranslation goes the way of a translation: it is missing, begun from its
// source, published, left behind by a typo, a minor and a major change, and
// brought up to date. A restart forgets nothing of it.
func TestTranslation(t *testing.T) {
	site := newSite(t)
	const source = "it/assistenza/parola.md"
	site.write(source, "---\ntitle: La parola\ndescription: Che cosa dice.\nkey: support/word\nweight: 3\nowner: support\naudience: agents\n---\n<!--@include: ../_parts/example.md-->\n\nVedi [contatti](contattare-assistenza.md#imei), ![codice](imei.png) e `[x](y.md)`.\n")
	site.write("it/assistenza/altra.md", "---\ntitle: Altra parola\nkey: support/other-word\n---\nTesto.\n")
	site.live()
	site.eventually("the source is read", func() bool { return site.folder.Library().ByFile(source) != nil })
	events := []journey.Event{}
	for i, key := range []string{"support/word", "support/word", "support/other-word"} {
		events = append(events, journey.Event{ID: fmt.Sprint("e", i), At: time.Now(), Kind: journey.ArticleOpen, Article: key, Lang: "it"})
	}
	if err := site.db.SaveJourneys(t.Context(), journey.Batch{Events: events}); err != nil {
		t.Fatal(err)
	}
	b := site.enter("writer")
	resp, body := b.get("/write/translations?only=es")
	want(t, "missing", resp, body, 200, `Italiano: <strong>[0-9]+</strong>.*La parola.*Español.*>Missing<.*>2<.*href="/write/new\?in=es&amp;key=support%2Fword".*Altra parola.*>1<`)
	resp, body = b.get("/write/new?in=es&key=support/word")
	want(t, "new", resp, body, 200, `A translation of: <bdi lang="it">La parola`, `The draft begins with its text`, `value="es/asistencia" selected`)
	resp, body = b.send("/write/new", "headline", "La palabra", "place", "es/asistencia", "key", "support/word")
	want(t, "begun", resp, body, 303)
	const file = "es/asistencia/la-palabra.md"
	ref := site.folder.Library().ByFile(source).Reference()
	want := func(what, page string, patterns ...string) string {
		t.Helper()
		resp, body := b.get(page)
		want(t, what, resp, body, 200, patterns...)
		return body
	}
	draft := "---\ntitle: La palabra\ndescription: Che cosa dice.\nkey: support/word\nstatus: draft\nsource: " + ref + "\naudience: agents\nowner: support\nweight: 3\n---\n" +
		"<!--@include: ../_parts/example.md-->\n\nVedi [contatti](contactar-asistencia.md#imei), ![codice](imei.png) e `[x](../../it/assistenza/y.md)`.\n"
	draft = strings.Replace(draft, "(imei.png)", "(../../it/assistenza/imei.png)", 1)
	if got := site.read(file); got != draft {
		t.Errorf("the draft is\n%s\nwant\n%s", got, draft)
	}
	site.eventually("the draft is read", func() bool { return site.folder.Library().ByFile(file) != nil })
	want("begun", "/write/translations?only=es&state=draft", `La parola.*la-palabra\.md.*>Begun<.*href="/write/edit/es/asistencia/la-palabra\.md"`)

	edit := func(file, text string, fields ...string) {
		t.Helper()
		hash := content.Hash([]byte(site.read(file)))
		resp, body := b.send("/write/edit/"+file, append([]string{"base", hash, "body", text, "do", "save"}, fields...)...)
		if resp.StatusCode != 303 {
			t.Fatalf("%s not saved: %d\n%s", file, resp.StatusCode, short([]byte(body)))
		}
		after := content.Hash([]byte(site.read(file)))
		site.eventually(file+" is read", func() bool {
			a := site.folder.Library().ByFile(file)
			now, _ := content.Parse(file, []byte(site.read(file)))
			return a != nil && after != "" && a.Revision == now.Revision && a.Source == now.Source && a.Status == now.Status
		})
	}
	edit(file, strings.Replace(draft, "draft", "published", 1))
	want("up to date", "/write/edit/"+file, `Up to date with the original \(Italiano\)`, `!name="uptodate"`)
	page := want("the source asks for the size", "/write/edit/"+source, `name="change" value="minor" checked`, `!name="uptodate"`)
	if strings.Contains(page, "Up to date with") {
		t.Error("a source is told to be up to date")
	}

	text := site.read(source)
	change := func(size, more string) {
		t.Helper()
		text = strings.Replace(site.read(source), "Vedi", more+" Vedi", 1)
		edit(source, text, "change", size)
		if !strings.Contains(site.read(source), "\nchange: "+size+"\n") {
			t.Errorf("the size is not in the file:\n%s", site.read(source))
		}
	}
	change("typo", "Ecco!")
	want("after a typo", "/write/translations?only=es", `!La palabra|la-palabra`)
	change("minor", "Poi.")
	want("after a minor change", "/write/translations?only=es", `La parola.*la-palabra\.md.*>To look at<.*>Look at it<`)
	want("after a minor change", "/es/articles/la-palabra", `!puede no estar al día|may be out of date`)
	change("major", "Altro.")
	want("after a major change", "/write/translations?only=es&state=major", `La parola.*Out of date`)
	want("after a major change", "/es/articles/la-palabra", `El original cambió el`, `href="/it/articles/parola"`)
	want("problems", "/write/problems", `has changed a lot since this translation`)

	// A size given by hand stays, and what changes no text asks for none.
	text = strings.Replace(site.read(source), "change: major", "change: typo", 1)
	edit(source, strings.Replace(text, "Vedi", "Ora vedi", 1), "change", "major")
	if !strings.Contains(site.read(source), "change: typo\n") {
		t.Error("a size that was written by hand is lost")
	}
	edit(source, strings.Replace(site.read(source), "owner: support", "owner: tech", 1), "change", "major")
	if !strings.Contains(site.read(source), "change: typo\n") {
		t.Error("a new owner is a change of the text")
	}
	key := site.folder.Library().ByFile(source).Key
	site.eventually("all changes are kept", func() bool {
		known, err := site.db.Revisions(t.Context())
		known = slices.DeleteFunc(known, func(r store.Revision) bool { return r.Article != key })
		return err == nil && len(known) == 5 && known[3].Change == "major"
	})

	page = want("behind", "/write/edit/"+file, `The original \(Italiano\) changed a lot on`, `name="uptodate" value="it@`)
	fresh := regexp.MustCompile(`name="uptodate" value="([^"]+)"`).FindStringSubmatch(page)[1]
	edit(file, site.read(file), "uptodate", "it@nonsense")
	want("a made-up source", "/write/edit/"+file, `The original \(Italiano\) changed a lot on`)
	edit(file, site.read(file), "uptodate", fresh)
	want("up to date again", "/write/edit/"+file, `Up to date with the original \(Italiano\)`)
	want("up to date again", "/es/articles/la-palabra", `!cambió el`)
	if got := site.read(file); !strings.Contains(got, "source: "+fresh+"\n") || strings.Replace(got, fresh, ref, 1) != strings.Replace(draft, "draft", "published", 1) {
		t.Errorf("the translation is now\n%s", got)
	}
}

// TestReview stamps an article that is due, and nothing but the day changes.
func TestReview(t *testing.T) {
	site := newSite(t)
	long := time.Now().AddDate(-1, 0, 0).Format(time.DateOnly)
	soon := time.Now().AddDate(0, -6, 10).Format(time.DateOnly)
	head := "---\r\ntitle: Zzz   \r\n# a comment\r\nowner: Writer\r\nlast_reviewed: " + long + "   # long ago\r\nreview_in: 6 months\r\n---\r\nText.  \r\n"
	site.write("en/zzz.md", head)
	site.write("en/yyy.md", "---\ntitle: Yyy\nowner: tech\nlast_reviewed_on: "+soon+"\nreview_in: 6 months\n---\nText.\n")
	site.write("en/draft.md", "---\ntitle: Not yet\nstatus: draft\nlast_reviewed_on: "+long+"\nreview_in: 6 months\n---\nText.\n")
	site.live()
	site.eventually("the articles are read", func() bool { return site.folder.Library().ByFile("en/zzz.md") != nil })
	b := site.enter("writer")
	resp, body := b.get("/write/reviews")
	want(t, "due", resp, body, 200, `Zzz.*>overdue<.*Yyy`, `1 is overdue`, `!Not yet`)
	resp, body = b.get("/write/reviews?whose=mine")
	want(t, "mine", resp, body, 200, `Zzz`, `!Yyy`)
	form := url.Values{"file": {"en/zzz.md"}, "base": {content.Hash([]byte(head))}, "whose": {"mine"}}
	for range 2 { // the form sent twice is no conflict
		resp, body = b.post("/write/reviews", form)
		want(t, "still right", resp, body, 303)
		if to := resp.Header.Get("Location"); to != "/write/reviews?done=1&whose=mine" {
			t.Errorf("after that: %s", to)
		}
	}
	today := time.Now().UTC().Format(time.DateOnly)
	if got, want := site.read("en/zzz.md"), strings.Replace(head, "last_reviewed: "+long+"   # long ago", "last_reviewed_on: "+today, 1); got != want {
		t.Errorf("the file is now %q, want %q", got, want)
	}
	resp, body = b.get("/write/reviews?done=1")
	want(t, "done", resp, body, 200, `the article is still right`, `!Zzz`)
	resp, body = b.get("/en/articles/zzz")
	want(t, "the reader sees it", resp, body, 200, `Checked on <time datetime="`+today)

	// Somebody changed it meanwhile.
	_, body = b.get("/write/reviews")
	site.write("en/yyy.md", "---\ntitle: Yyy\nlast_reviewed_on: "+soon+"\nreview_in: 6 months\n---\nWrong.\n")
	hash := regexp.MustCompile(`value="en/yyy.md"><input type="hidden" name="base" value="([0-9a-f]+)"`).FindStringSubmatch(body)
	if hash == nil {
		t.Fatalf("no form for yyy:\n%s", body)
	}
	resp, body = b.post("/write/reviews", url.Values{"file": {"en/yyy.md"}, "base": {hash[1]}})
	want(t, "changed meanwhile", resp, body, 409, `Yyy.*has changed since this page was opened`)
	if strings.Contains(site.read("en/yyy.md"), today) {
		t.Error("a review of another text was noted")
	}
}

// TestLinksToOtherSites has a site asked when a lead wants it, once a week, and a
// page that is gone told to writers with file and line.
func TestLinksToOtherSites(t *testing.T) {
	asked := map[string]int{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer other.Close()
	site := newSite(t)
	site.write("en/out.md", "---\ntitle: Out\n---\n[fine]("+other.URL+"/fine#part) and\n[gone]("+other.URL+"/gone), [again]("+other.URL+"/fine)\n")
	site.folder.Reload()
	asker := &outside.Asker{Allow: func(to netip.AddrPort) bool { return "http://"+to.String() == other.URL }}
	if err := site.askOutside(t.Context(), asker); err != nil || len(asked) > 0 {
		t.Fatalf("asked before a lead wants it: %v, %v", asked, err)
	}
	if err := site.setOutside(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := site.askOutside(t.Context(), asker); err != nil {
			t.Fatal(err)
		}
	}
	if asked["/fine"] != 1 || asked["/gone"] != 2 { // HEAD, then GET
		t.Errorf("asked %v", asked)
	}
	resp, body := site.enter("writer").get("/write/links")
	want(t, "links", resp, body, 200, `2 checked so far`, other.URL+`/gone<.*href="/write/edit/en/out\.md">en/out\.md:5<.*the page is gone \(404\)`, `!/fine`)
	site.write("en/out.md", "---\ntitle: Out\n---\nNothing.\n")
	site.folder.Reload()
	if err := site.askOutside(t.Context(), asker); err != nil {
		t.Fatal(err)
	}
	if known, err := site.outsideKnown(t.Context()); err != nil || len(known) > 0 {
		t.Errorf("not forgotten: %v, %v", known, err)
	}
}
