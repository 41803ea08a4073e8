package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal"
	"primalinea/search"
)

// send posts a form of alternating names and values.
func (b *browser) send(path string, fields ...string) (*http.Response, string) {
	b.site.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.post(path, form)
}

// live watches the folder, as a serving program does.
func (s *testSite) live() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s.folder.OnChange(func(lib *content.Library) { s.sync(ctx, lib) })
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.folder.Watch(ctx); err != nil && ctx.Err() == nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(func() { cancel(); running.Wait() })
}

func (s *testSite) read(file string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.folder.Dir(), file))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func want(t *testing.T, what string, resp *http.Response, body string, status int, patterns ...string) {
	t.Helper()
	if resp.StatusCode != status {
		t.Errorf("%s: status %d, want %d\n%s", what, resp.StatusCode, status, short([]byte(body)))
	}
	for _, p := range patterns {
		not := strings.HasPrefix(p, "!")
		if regexp.MustCompile("(?s)"+strings.TrimPrefix(p, "!")).MatchString(body) == not {
			t.Errorf("%s: page and %s:\n%s", what, p, short([]byte(body)))
		}
	}
}

func base(body string) string {
	if m := regexp.MustCompile(`name="base" value="([^"]*)"`).FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

const someFile = "en/returns/fifteen-days.md"

// TestWriterEdits goes through all that a writer does to one article.
func TestWriterEdits(t *testing.T) {
	site := newSite(t)
	site.live()
	b := site.enter("writer")
	resp, body := b.get("/write?q=fifteen-days")
	want(t, "list", resp, body, 200, `href="/write/edit/en/returns/fifteen-days\.md"`, `Published`, `New article`)
	resp, body = b.get("/write?only=es&status=published&q=reparacion+garantia")
	want(t, "filtered", resp, body, 200, `reparacion-garantia\.md`, `!fifteen-days`, `1 article<`)
	resp, body = b.get("/write?page=99999&status=none&only=xx")
	want(t, "odd filters", resp, body, 200, `<table`)
	resp, body = b.get("/write/problems?lang=it")
	want(t, "problems", resp, body, 200, `Che cosa correggere`)

	resp, body = b.get("/write/new")
	want(t, "new", resp, body, 200, `<optgroup label="Español">`, `value="it/assistenza"`)
	resp, body = b.send("/write/new", "headline", " ", "place", "en/returns")
	want(t, "no title", resp, body, 422, `href="#headline">Write a title`)
	resp, body = b.send("/write/new", "headline", "Where is my parcel?", "place", "../../etc")
	want(t, "no place", resp, body, 422, `href="#place"`, `value="Where is my parcel\?"`)
	resp, body = b.send("/write/new", "headline", "Where is my parcel?", "place", "en/returns")
	want(t, "created", resp, body, 303)
	const file = "en/returns/where-is-my-parcel.md"
	if got := resp.Header.Get("Location"); got != "/write/edit/"+file+"?done=created" {
		t.Fatalf("after creating: %s", got)
	}
	if resp, _ := b.send("/write/new", "headline", "Where is my parcel?", "place", "en/returns"); resp.Header.Get("Location") != "/write/edit/"+file+"?done=created" {
		t.Errorf("the form sent twice makes two: %s", resp.Header.Get("Location"))
	}

	resp, body = b.get("/write/edit/" + file + "?done=created")
	want(t, "editor", resp, body, 200, `<h1><bdi lang="en">Where is my parcel\?`, `badge warn">Draft`, `The article has no text`, `value="publish"`)
	text := "---\ntitle: Where is my parcel?\ndescription: How to follow a parcel.\nstatus: draft\nphrases: [parcel zzyzx]\nexpect: [zzyzx qwxkj]\n---\n\nThe courier's page shows it: zzyzx qwxkj.\n\n![no words](nothing.png)\n"
	resp, body = b.send("/write/edit/"+file, "body", strings.ReplaceAll(text, "\n", "\r\n"), "base", base(body), "do", "preview")
	want(t, "preview", resp, body, 200, `courier’s|courier&#39;s|courier's`, `data-line="11"`, `would find if the text were published`, `data-unsaved`, `badge good">place 1`)
	if strings.Contains(site.read(file), "zzyzx") {
		t.Error("a preview was saved")
	}
	resp, body = b.send("/write/edit/"+file, "body", strings.ReplaceAll(text, "\n", "\r\n"), "base", base(body), "do", "save")
	want(t, "save", resp, body, 303)
	if got := site.read(file); got != text {
		t.Errorf("saved\n%q, want\n%q", got, text)
	}

	// Somebody else saves meanwhile.
	_, body = b.get("/write/edit/" + file)
	old := base(body)
	theirs := strings.Replace(text, "follow a parcel", "find a parcel", 1)
	if _, err := site.folder.Save(file, []byte(theirs), old); err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(text, "The courier", "Your courier", 1)
	resp, body = b.send("/write/edit/"+file, "body", mine, "base", old, "do", "save")
	want(t, "conflict", resp, body, 409, `Somebody else saved`, `Your courier`, `<tr class="theirs">.*find a parcel`, `<tr class="mine">.*Your courier`, `Save over`)
	if site.read(file) != theirs {
		t.Error("a conflict wrote")
	}
	resp, body = b.send("/write/edit/"+file, "body", mine, "base", base(body), "do", "save")
	want(t, "saved over", resp, body, 303)
	if site.read(file) != mine {
		t.Error("saving over a conflict did not")
	}
	if resp, body = b.send("/write/edit/"+file, "body", mine, "base", old, "do", "save"); resp.StatusCode != 303 {
		t.Errorf("the same text sent twice: %d", resp.StatusCode)
	}

	// What is broken is not saved, and not lost.
	broken := strings.Replace(mine, "title: Where is my parcel?", "title: [", 1)
	resp, body = b.send("/write/edit/"+file, "body", broken, "base", content.Hash([]byte(mine)), "do", "publish")
	want(t, "broken", resp, body, 422, `title: \[`, `href="#body"`)
	resp, body = b.send("/write/edit/"+file, "body", strings.Replace(mine, "status: draft", "status: draft\nslug: fifteen-days", 1), "base", content.Hash([]byte(mine)), "do", "publish")
	want(t, "slug taken", resp, body, 422, `fifteen-days\.md already has the address`)
	if site.read(file) != mine {
		t.Error("a broken text was saved")
	}

	resp, _ = b.send("/write/edit/"+file, "body", mine, "base", content.Hash([]byte(mine)), "do", "publish")
	if got := resp.Header.Get("Location"); got != "/write/edit/"+file+"?done=published" {
		t.Fatalf("after publishing: %d %s", resp.StatusCode, got)
	}
	resp, body = b.get(resp.Header.Get("Location"))
	want(t, "published", resp, body, 200, `notice good" role="status">\s*<p>Published\.</p>`, `href="/en/articles/where-is-my-parcel">Open the live page`,
		`/en/search\?q=zzyzx(\+|&#43;|%20)qwxkj`, `badge good">place 1`, `value="unpublish"`)
	if rank := site.find("en", "zzyzx qwxkj"); rank != "where-is-my-parcel" {
		t.Errorf("after publishing the search finds %q", rank)
	}
	text = site.read(file)
	resp, _ = b.send("/write/edit/"+file, "body", text, "base", content.Hash([]byte(text)), "do", "archive")
	resp, body = b.get(resp.Header.Get("Location"))
	want(t, "archived", resp, body, 200, `Archived\. Readers`, `!The site will show it in a moment`)
	site.eventually("archived article is not found", func() bool { return site.find("en", "zzyzx qwxkj") == "" })

	// Deleted meanwhile: saving says so, and then makes it again.
	text = site.read(file)
	if err := os.Remove(filepath.Join(site.folder.Dir(), file)); err != nil {
		t.Fatal(err)
	}
	resp, body = b.send("/write/edit/"+file, "body", text, "base", content.Hash([]byte(text)), "do", "save")
	want(t, "gone", resp, body, 409, `was deleted`)
	resp, _ = b.send("/write/edit/"+file, "body", text, "base", base(body), "do", "save")
	if resp.StatusCode != 303 || site.read(file) != text {
		t.Errorf("made again: %d", resp.StatusCode)
	}
}

// find returns the slug that a search of a customer finds first, or "".
func (s *testSite) find(lang, text string) string {
	s.t.Helper()
	r, err := s.index.Search(s.t.Context(), search.Query{Text: text, Lang: lang, OneLang: true})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(r.Hits) == 0 {
		return ""
	}
	return r.Hits[0].Article.Slug
}

func (s *testSite) eventually(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("not within five seconds: %s", what)
		}
	}
}

func TestEditorTakesHostileInput(t *testing.T) {
	site := newSite(t)
	b := site.enter("writer")
	for _, path := range []string{"../../etc/passwd", "..%2f..%2fetc%2fpasswd", "en/_index.md", "en/_parts/example.md", "en/returns/nothing.md", "en", "", "en/returns/%00.md", "en/returns/fifteen-days.md/x", strings.Repeat("a/", 500) + "x.md"} {
		if resp, body := b.get("/write/edit/" + path); resp.StatusCode != 404 && resp.StatusCode != 400 {
			t.Errorf("GET %q: %d\n%s", path, resp.StatusCode, short([]byte(body)))
		}
		if path == "en/returns/nothing.md" {
			continue
		}
		if resp, _ := b.send("/write/edit/"+path, "body", "---\ntitle: x\n---\nx\n", "do", "save"); resp.StatusCode != 404 && resp.StatusCode != 400 {
			t.Errorf("POST %q: %d", path, resp.StatusCode)
		}
	}
	src := site.read(someFile)
	bomb := "---\ntitle: x\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nphrases: *c\n---\nx\n"
	for name, text := range map[string]string{
		"empty": "", "open": "---\ntitle: x\n", "bomb": bomb, "nul": "---\ntitle: x\n---\na\x00b", "not utf-8": "---\ntitle: \xff\n---\nx",
		"huge": "---\ntitle: x\n---\n" + strings.Repeat("word ", 60_000), "no front matter": "hello",
	} {
		resp, body := b.send("/write/edit/"+someFile, "body", text, "base", content.Hash([]byte(src)), "do", "save")
		if name == "bomb" { // hostile only to who would expand it
			want(t, name, resp, body, 303)
			src = site.read(someFile)
			continue
		}
		want(t, name, resp, body, 422)
		if site.read(someFile) != src {
			t.Fatalf("%s was saved", name)
		}
	}
	resp, body := b.send("/write/edit/"+someFile, "body", "---\ntitle: '<script>alert(1)</script>'\nphrases: ['\"><script>']\n---\n<script>alert(2)</script>\n</textarea><script>alert(3)</script>\n[x](javascript:alert(4))\n", "base", "x", "do", "preview")
	want(t, "scripts", resp, body, 200, `!<script>alert`, `!href="javascript`)

	// A file of another kind lies there already: it is shown and left alone.
	if err := os.WriteFile(filepath.Join(site.folder.Dir(), "en/returns/binary.md"), []byte{'-', 0, 0xff, 0xfe}, 0o644); err != nil {
		t.Fatal(err)
	}
	resp, body = b.get("/write/edit/en/returns/binary.md")
	want(t, "binary", resp, body, 200, `too large or not a UTF-8`, `!value="save"`)
	resp, body = b.send("/write/edit/en/returns/binary.md", "body", "---\ntitle: x\n---\nx\n", "base", base(body), "do", "save")
	want(t, "binary saved", resp, body, 409)

	// Lines keep their ends.
	dos := "---\r\ntitle: Dos\r\nstatus: draft\r\n---\r\n\r\nOne\r\n"
	if err := os.WriteFile(filepath.Join(site.folder.Dir(), "en/returns/dos.md"), []byte(dos), 0o644); err != nil {
		t.Fatal(err)
	}
	_, body = b.get("/write/edit/en/returns/dos.md")
	resp, body = b.send("/write/edit/en/returns/dos.md", "body", dos+"Two\r\n", "base", base(body), "do", "save")
	want(t, "dos", resp, body, 303)
	if got := site.read("en/returns/dos.md"); got != dos+"Two\r\n" {
		t.Errorf("lines changed their ends: %q", got)
	}

	// A script asks for the part beside the text.
	r, _ := http.NewRequest(http.MethodPost, "/write/edit/"+someFile, strings.NewReader(url.Values{"body": {src}, "do": {"preview"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Fragment", "1")
	resp, part := b.do(r)
	want(t, "part", resp, string(part), 200, `^<section`, `!<html`)
}

func TestWhoMayWrite(t *testing.T) {
	site := newSite(t)
	src := site.read(someFile)
	draft := "---\ntitle: Proposal\nstatus: draft\n---\n\nText.\n"
	if _, err := site.folder.Save("en/returns/proposal.md", []byte(draft), ""); err != nil {
		t.Fatal(err)
	}
	site.folder.Reload()
	nobody := site.enter("")
	for _, path := range []string{"/write", "/write/problems", "/write/new", "/write/edit/" + someFile, "/write/drafts?ticket=00000000", "/lead", "/lead/demand", "/lead/letters"} {
		if resp, _ := nobody.get(path); resp.StatusCode != 303 || !strings.HasPrefix(resp.Header.Get("Location"), "/sign-in") {
			t.Errorf("nobody, %s: %d", path, resp.StatusCode)
		}
	}
	// A session that ended keeps a long text.
	long := "---\ntitle: x\n---\n" + strings.Repeat("every word is kept ", 5000) + "to the last"
	resp, body := nobody.send("/write/edit/"+someFile, "body", long, "base", "x", "do", "save")
	want(t, "signed out", resp, body, 403, `to the last`)

	agent := site.enter("agent1")
	resp, body = agent.get("/write/new")
	want(t, "agent, new", resp, body, 403)
	resp, body = agent.get("/write/edit/" + someFile)
	want(t, "agent, published", resp, body, 200, `!value="save"`, `!value="publish"`, `Writers and leads`)
	for _, do := range []string{"save", "publish", "unpublish", "archive"} {
		resp, body = agent.send("/write/edit/"+someFile, "body", src+"\nMine.\n", "base", content.Hash([]byte(src)), "do", do)
		want(t, "agent, "+do, resp, body, 403, `Mine\.`)
	}
	resp, body = agent.get("/write/edit/en/returns/proposal.md")
	want(t, "agent, draft", resp, body, 200, `value="save"`, `!value="publish"`, `A writer or a lead publishes it`)
	resp, body = agent.send("/write/edit/en/returns/proposal.md", "body", draft, "base", content.Hash([]byte(draft)), "do", "publish")
	want(t, "agent publishes", resp, body, 403)
	resp, body = agent.send("/write/edit/en/returns/proposal.md", "body", strings.Replace(draft, "draft", "published", 1), "base", content.Hash([]byte(draft)), "do", "save")
	want(t, "agent publishes by hand", resp, body, 403)
	resp, body = agent.send("/write/edit/en/returns/proposal.md", "body", strings.Replace(draft, "status: draft\n", "", 1), "base", content.Hash([]byte(draft)), "do", "save")
	want(t, "agent publishes by leaving it out", resp, body, 403)
	resp, body = agent.send("/write/edit/en/returns/other.md", "body", draft, "base", "", "do", "save")
	want(t, "agent makes a file", resp, body, 403)
	if site.read("en/returns/proposal.md") != draft || site.read(someFile) != src {
		t.Fatal("an agent changed what they may not")
	}
	resp, body = agent.send("/write/edit/en/returns/proposal.md", "body", draft+"More.\n", "base", content.Hash([]byte(draft)), "do", "save")
	want(t, "agent writes a draft", resp, body, 303)
	resp, body = agent.get("/lead/demand")
	want(t, "agent, demand", resp, body, 403)
	resp, body = site.enter("writer").get("/write/drafts?line=x")
	want(t, "writer, line", resp, body, 403)
	resp, body = site.enter("lead").get("/write/drafts?line=x")
	want(t, "lead, no line", resp, body, 404)
}

// solved opens and solves a ticket, and returns it.
func (s *testSite) solved(lang, subject, text, email, answer string, trail *escalation.Trail) escalation.Ticket {
	s.t.Helper()
	ctx := s.t.Context()
	now := time.Now()
	t, _, err := s.db.Open(ctx, escalation.NewID(), func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{Number: escalation.NewNumber(), Subject: subject, Text: text, Email: email, Lang: lang, Channel: escalation.Web, Trail: trail},
			escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	lead, err := s.db.Person(ctx, "lead")
	if err != nil {
		s.t.Fatal(err)
	}
	t, err = s.db.Change(ctx, t.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: answer}, Made: true}, lead, escalation.NewID, now)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// canaries are what must not reach an article.
var canaries = []string{"anna.bianchi@example.org", "338 123 4567", "IT60X0542811101000000123456", "BNCNNA80A41F205X"}

// TestPromotion walks the whole way: a search finds nothing, a person answers,
// the answer becomes an article, and the same search finds it.
func TestPromotion(t *testing.T) {
	site := newSite(t)
	site.live()
	const query = "cinturino smartwatch nichel"
	if got := site.find("it", query); got != "" {
		t.Fatalf("the search finds %q before", got)
	}
	trail := &escalation.Trail{Moments: []escalation.Moment{{At: time.Now(), Kind: "search", Query: query, Lang: "it"}}}
	ticket := site.solved("it", "Il cinturino dello smartwatch contiene nichel?",
		"Buongiorno, sono allergica. Scrivetemi a "+canaries[0]+" o al "+canaries[1]+", IBAN "+canaries[2]+", CF "+canaries[3],
		"anna.bianchi@example.org", "Il cinturino è in silicone e non contiene nichel.\n# Non un titolo\n<!-- include x -->\nChiami il "+canaries[1]+".", trail)

	b := site.enter("agent1")
	resp, body := b.send("/write/drafts", "ticket", ticket.Number)
	if got := resp.Header.Get("Location"); resp.StatusCode != 303 || got != "/write/drafts?ticket="+ticket.Number {
		t.Fatalf("a form from elsewhere: %d %s", resp.StatusCode, got)
	}
	resp, body = b.get("/write/drafts?lang=en&ticket=" + ticket.Number)
	want(t, "draft page", resp, body, 200, `asked for an article`, `5 pieces of personal data`, `IBAN`, `silicone`, `value="it/dispositivo"`, `!value="en/`, `!name="improve"`)
	for _, c := range canaries {
		if strings.Contains(body, c) {
			t.Errorf("the page shows %s", c)
		}
	}
	resp, body = b.send("/write/drafts", "ticket", ticket.Number, "make", "1", "place", "it/dispositivo")
	want(t, "drafted", resp, body, 303)
	address := resp.Header.Get("Location")
	if again, _ := b.send("/write/drafts", "ticket", ticket.Number, "make", "1", "place", "it/dispositivo"); again.Header.Get("Location") != address {
		t.Errorf("the form sent twice makes %s and %s", address, again.Header.Get("Location"))
	}
	file := strings.TrimSuffix(strings.TrimPrefix(address, "/write/edit/"), "?done=drafted")
	src := site.read(file)
	for _, c := range canaries {
		if strings.Contains(src, c) {
			t.Errorf("the draft has %s", c)
		}
	}
	resp, body = b.get(address)
	want(t, "draft", resp, body, 200, `The draft was made`, `5 pieces of personal data`, `!value="publish"`, `silicone`)
	if got := site.find("it", query); got != "" {
		t.Fatalf("a draft is found: %q", got)
	}
	// What is asked is settled, as the lead's list sees it.
	if _, err := site.backlog.Collect(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	decisions, err := site.db.Decisions(t.Context(), 10)
	if err != nil || len(decisions) != 1 {
		t.Errorf("decisions: %v %v", decisions, err)
	}

	w := site.enter("writer")
	resp, body = w.get("/write/edit/" + file)
	want(t, "writer", resp, body, 200, `value="publish"`)
	// What the draft asks its writer is not published unseen.
	resp, body = w.send("/write/edit/"+file, "body", src, "base", base(body), "do", "publish")
	want(t, "held", resp, body, 422, `value="publish-anyway"`)
	resp, _ = w.send("/write/edit/"+file, "body", src, "base", base(body), "do", "publish-anyway")
	resp, body = w.get(resp.Header.Get("Location"))
	want(t, "published", resp, body, 200, `Published\.`, `q=cinturino(\+|&#43;|%20)smartwatch`, `badge good">place 1`)
	if got := site.find("it", query); got == "" || !strings.Contains(file, got) {
		t.Errorf("after publishing the search finds %q, want the article %s", got, file)
	}

	// Other people's tickets, and those that are none.
	for _, number := range []string{"", "ZZZZZZZZ", "<script>", strings.Repeat("1", 1000)} {
		if resp, _ := b.get("/write/drafts?ticket=" + url.QueryEscape(number)); resp.StatusCode != 404 {
			t.Errorf("ticket %.20q: %d", number, resp.StatusCode)
		}
	}
	resp, body = w.get("/write/drafts?ticket=" + ticket.Number)
	want(t, "a writer reads no tickets", resp, body, 404)
}

func TestPromotionOfLine(t *testing.T) {
	site := newSite(t)
	site.live()
	for i := range 3 {
		site.solved("en", "Battery drains quickly with the watch strap", "I am allergic.", fmt.Sprintf("c%d@example.org", i),
			"The strap is silicone and contains no nickel. Write to "+canaries[0]+".", nil)
	}
	ctx := t.Context()
	if n, err := site.backlog.Collect(ctx, time.Now()); err != nil || n != 3 {
		t.Fatalf("collected %d, %v", n, err)
	}
	list, err := site.backlog.List(ctx, "", time.Now())
	if err != nil || len(list.Lines) != 1 {
		t.Fatalf("lines: %+v %v", list, err)
	}
	line := list.Lines[0].ID
	b := site.enter("lead")
	resp, body := b.get("/lead")
	want(t, "overview", resp, body, 200, `watch strap`)
	resp, body = b.get("/lead/demand/" + line)
	want(t, "line", resp, body, 200, `action="/write/drafts"`)
	resp, body = b.get("/write/drafts?line=" + line)
	want(t, "draft", resp, body, 200, `silicone`, `1 piece of personal data`, `!`+regexp.QuoteMeta(canaries[0]), `name="improve"`)
	improve := regexp.MustCompile(`name="improve" value="([^"]+)"`).FindStringSubmatch(body)[1]
	resp, body = b.send("/write/drafts", "line", line, "improve", "it/../../x.md")
	want(t, "improve something else", resp, body, 422)
	resp, body = b.send("/write/drafts", "line", line, "improve", improve)
	want(t, "improve", resp, body, 303)
	if got := resp.Header.Get("Location"); got != "/write/edit/"+improve+"?done=improve" {
		t.Errorf("improve: %s", got)
	}
	resp, body = b.send("/write/drafts", "line", line, "make", "1", "place", "en/device")
	want(t, "make", resp, body, 303)
	if list, err = site.backlog.List(ctx, "", time.Now()); err != nil || len(list.Lines) != 0 {
		t.Errorf("lines after: %+v %v", list, err)
	}
	resp, body = b.get(resp.Header.Get("Location"))
	want(t, "editor", resp, body, 200, `silicone`, `value="publish"`)
}

// readOnly is a folder that cannot be written.
type readOnly struct{ *content.Folder }

func (readOnly) Writable() bool { return false }

func TestWriteInReadOnlyFolder(t *testing.T) {
	site := newSite(t)
	ticket := site.solved("it", "Il cinturino contiene nichel?", "?", "a@example.org", "No.", nil)
	room := site.writers()
	room.Articles = readOnly{site.folder}
	site.site = portal.New(site.web, site.ready, site.db, room)
	b := site.enter("lead")
	src := site.read(someFile)
	resp, body := b.get("/write")
	want(t, "list", resp, body, 200, `cannot be written`, `!New article`)
	resp, body = b.get("/write/edit/" + someFile)
	want(t, "editor", resp, body, 200, `cannot be written`, `!value="save"`, `value="preview"`)
	resp, body = b.send("/write/edit/"+someFile, "body", src+"Mine.\n", "base", content.Hash([]byte(src)), "do", "save")
	want(t, "save", resp, body, 409, `cannot be written`, `Mine\.`)
	resp, body = b.send("/write/new", "headline", "New", "place", "en")
	want(t, "new", resp, body, 409, `cannot be written`, `value="New"`)
	resp, body = b.send("/write/drafts", "ticket", ticket.Number, "make", "1", "place", "it")
	want(t, "draft", resp, body, 409, `cannot be written`)
	was := site.read("synonyms.en.yml")
	resp, body = b.get("/write/search/synonyms?in=en")
	want(t, "synonyms", resp, body, 200, `cannot be written`, `name="set\.0"[^>]* readonly`, `!<button class="button">`)
	resp, body = b.send("/write/search/synonyms?in=en", "base", content.Hash([]byte(was)), "set.0", "parcel, zzyzx")
	want(t, "synonyms saved", resp, body, 409, `cannot be written`, `parcel, zzyzx`)
	if site.read(someFile) != src || site.read("synonyms.en.yml") != was {
		t.Error("something was written")
	}
}

// TestWordsAreLive saves synonyms and pins as a writer, and changes them as git
// does: searches know them without a restart, and again without them.
func TestWordsAreLive(t *testing.T) {
	site := newSite(t)
	site.live()
	b := site.enter("writer")
	if got := site.find("en", "zzyzx"); got != "" {
		t.Fatalf("zzyzx finds %s", got)
	}
	_, body := b.get("/write/search/synonyms?in=en")
	resp, body := b.send("/write/search/synonyms?in=en", "base", base(body), "set.0", "warranty, zzyzx", "set.1", "")
	want(t, "save", resp, body, 303)
	site.eventually("the synonym is searched", func() bool { return site.find("en", "zzyzx") != "" })
	resp, body = b.get(resp.Header.Get("Location"))
	want(t, "saved", resp, body, 200, `role="status">Saved\.</p>`, `value="warranty, zzyzx"`, `zzyzx</bdi> 0`)
	if text := site.read("synonyms.en.yml"); !strings.HasPrefix(text, "# Wordings that mean the same") || !strings.Contains(text, "\n- [warranty, zzyzx]\n") {
		t.Errorf("saved\n%s", text)
	}

	_, body = b.get("/write/search/pins?in=en")
	resp, body = b.send("/write/search/pins?in=en", "base", base(body), "search.0", "zzyzx", "article.0.0", "How do I back up my phone or computer?")
	want(t, "save", resp, body, 303)
	site.eventually("the pin is searched", func() bool { return site.find("en", "zzyzx") == "backup" })
	resp, body = b.get("/write/search/pins?in=en")
	want(t, "pins", resp, body, 200, `First without the pin: <bdi lang="en">[^<]*warranty.*With it: <bdi lang="en">How do I back up`)

	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(site.folder.Dir(), file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("pins.en.yml", "- search: [zzyzx\n") // broken: the last good one stays
	site.eventually("the broken file is told", func() bool { return len(site.folder.Library().Problems()) > 0 })
	if got := site.find("en", "zzyzx"); got != "backup" {
		t.Errorf("while the file is broken, zzyzx finds %q", got)
	}
	resp, body = b.get("/write/search/pins?in=en")
	want(t, "broken", resp, body, 200, `not written one entry below the other`, `pins\.en\.yml:2`, `- search: \[zzyzx</textarea>|- search: \[zzyzx\n</textarea>`)
	resp, body = b.get("/write/problems")
	want(t, "problems", resp, body, 200, `href="/write/search/pins\?in=en">pins\.en\.yml:2.*cannot be read as YAML`)
	resp, body = b.send("/write/search/pins?in=en", "base", base(body), "body", "- search: zzyzx\n")
	want(t, "not from what lies there", resp, body, 409, `- search: zzyzx\n</textarea>`)
	resp, body = b.send("/write/search/pins?in=en", "base", base(body), "body", "# none\n")
	want(t, "mended", resp, body, 303)
	for _, file := range []string{"pins.en.yml", "synonyms.en.yml"} {
		if err := os.Remove(filepath.Join(site.folder.Dir(), file)); err != nil {
			t.Fatal(err)
		}
	}
	site.eventually("nothing is left of them", func() bool { return site.find("en", "zzyzx") == "" })
	resp, body = b.get("/write/search/synonyms?in=en")
	want(t, "empty", resp, body, 200, `name="set\.0" value=""`, `name="base" value=""`)
	resp, body = b.send("/write/search/synonyms?in=en", "base", "", "set.0", "")
	want(t, "nothing saved", resp, body, 303)
	if _, err := os.Stat(filepath.Join(site.folder.Dir(), "synonyms.en.yml")); err == nil {
		t.Error("an empty file was made")
	}
}
