package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/routers"
	"github.com/gofiber/fiber/v2"
	"github.com/pquerna/otp/totp"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/mail"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/escalation/store/storetest"
)

// A site is the whole program with a data folder of its own, answering in
// memory.
type testSite struct {
	*house
	t testing.TB

	serving bool // it is asked through its port: only then it knows who asks
}

// password is that of everybody who works at a test site.
const password = "una frase lunga per la prova"

// newSite starts a site with the shipped articles and these people: lead, writer,
// and an agent of each tier, all in the teams General and Tech.
func newSite(t testing.TB) *testSite { return newEmptySite(t).staffed() }

// staffed hires them.
func (site *testSite) staffed() *testSite {
	site.t.Helper()
	site.hire("lead", staff.Form{Roles: []staff.Role{staff.Lead}})
	site.hire("writer", staff.Form{Roles: []staff.Role{staff.Writer}})
	for tier := 1; tier <= 3; tier++ {
		teams := []string{"general", "tech"}
		if tier > 1 {
			teams = []string{"tech"}
		}
		site.hire(fmt.Sprintf("agent%d", tier), staff.Form{Roles: []staff.Role{staff.Agent}, Tier: tier, Teams: teams})
	}
	return site
}

// newEmptySite starts a site with the shipped articles, where nobody works yet.
func newEmptySite(t testing.TB) *testSite { return newSiteOn(t, "") }

// newSiteOn is newEmptySite on a database of one's own.
func newSiteOn(t testing.TB, database string) *testSite {
	t.Helper()
	return newSiteIn(t, t.TempDir(), database)
}

// newSiteIn is newSiteOn in a data folder that may be there.
func newSiteIn(t testing.TB, data, database string) *testSite {
	t.Helper()
	return command(t, func(s *serveCmd) { s.Data, s.Database = data, database }).start(t)
}

// command is what is said to the program to start a site of its own, and more.
func command(t testing.TB, more func(*serveCmd)) *serveCmd {
	t.Helper()
	s := &serveCmd{place: place{Data: t.TempDir()}, Listen: "127.0.0.1:0", Languages: []string{"it", "es", "en"}, Limits: "off", FilesQuota: 20}
	more(s)
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// start starts the site, whose searches can be answered.
func (s *serveCmd) start(t testing.TB) *testSite {
	t.Helper()
	h, err := s.build(t.Context(), slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	if _, err := h.index.Sync(t.Context(), h.folder.Library(), h.folder.Text); err != nil {
		t.Fatal(err)
	}
	return &testSite{house: h, t: t}
}

// hash is made once: hashing a password is slow on purpose.
var hash = sync.OnceValues(func() (string, error) {
	return staff.NewPasswords(1).Hash(context.Background(), password, staff.Person{})
})

func (s *testSite) hire(id string, f staff.Form) {
	s.t.Helper()
	f.Name, f.Email, f.Lang = strings.ToUpper(id[:1])+id[1:], id+"@example.com", "en"
	p, err := staff.NewPerson(id, f, escalation.ShippedDesk(), time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	if p.PasswordHash, err = hash(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.db.AddPerson(s.t.Context(), p); err != nil {
		s.t.Fatal(err)
	}
}

// token makes a token of the API.
func (s *testSite) token(name string) string {
	s.t.Helper()
	t, secret, err := staff.NewToken(escalation.NewID(), name, nil, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.db.AddToken(s.t.Context(), t); err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// A browser keeps cookies and follows nothing by itself.
type browser struct {
	site    *testSite
	cookies map[string]string
}

// do sends a request as the site's own page would.
func (b *browser) do(r *http.Request) (*http.Response, []byte) {
	b.site.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if r.Header.Get("Sec-Fetch-Site") == "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Host = b.site.web.Base.Host
	ask := func(r *http.Request) (*http.Response, error) { return b.site.site.App.Test(r, -1) }
	if b.site.serving {
		r.URL.Scheme, r.URL.Host = b.site.web.Base.Scheme, b.site.web.Base.Host
		ask = http.DefaultTransport.RoundTrip
	}
	resp, err := ask(r)
	if err != nil {
		b.site.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.site.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return resp, body
}

// TestSite runs the scripts testdata/site/*.txt, each on a site of its own. A
// line of a script is one of
//
//	GET /path                   the next request
//	POST /path
//	send name=value             a field of its form (+ is a space); may repeat
//	file name=path type         a file of testdata, sent with the form
//	json {"a":1}                its body instead
//	piece %PDF-1.7 a bill       a piece of a file instead
//	with Header: value          a header of it
//	as agent1                   a new browser, signed in; "as nobody" a stranger
//	follow                      what the last answer redirects to
//	code 200                    what is expected of the answer
//	body regexp
//	nobody regexp
//	header Name: regexp
//	keep name regexp            what the first group matches is $name from now on
//	token name                  $name is a new token of the API
//	totp name 1 secret          $name is what an app with that secret shows, so many half minutes from now
//	wait 5s                     time passes
//	collect                     what was asked in vain is put together now, articles get their credit, and what was published is followed
//	weeks 4 it one thing|other  so many weeks pass; in each, five people search each of these in vain, five write and get an answer, and ten others find theirs
//	teach en key some words     three people search so, and an article solves their matter; it learns
//	silence 5                   so many days pass; mail comes in, letters arrive, and no customer says anything
//	letter name                 $name is the path of the link in the last letter that arrived
//	settle                      the site is set up, and may be found
//	unindex                     searches cannot be answered from now on
//
// $soon is a day a month from now.
//
// Every address that the site has must occur in some script.
func TestSite(t *testing.T) {
	files, err := filepath.Glob("testdata/site/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var mu sync.Mutex
	visited, ran := map[string][]string{}, 0 // paths by method
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			went := play(t, newSite(t), file)
			mu.Lock()
			defer mu.Unlock()
			ran++
			for method, paths := range went {
				visited[method] = append(visited[method], paths...)
			}
		})
	}
	t.Cleanup(func() { // when all have run
		if t.Failed() || testing.Short() || ran < len(files) {
			return
		}
		var out bytes.Buffer
		if err := (routesCmd{}).Run(&out); err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(out.String()) {
			f := strings.Fields(line)
			if !slices.ContainsFunc(visited[f[0]], func(path string) bool { return fiber.RoutePatternMatch(path, f[1]) }) {
				t.Errorf("no script visits %s %s", f[0], f[1])
			}
		}
	})
}

// TestSiteOnPostgreSQL runs the same scripts on the other engine.
func TestSiteOnPostgreSQL(t *testing.T) {
	files, err := filepath.Glob("testdata/site/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			play(t, newSiteOn(t, storetest.PostgreSQL(t)).staffed(), file)
		})
	}
}

// play plays a script, and returns the paths that it visits by method.
func play(t *testing.T, site *testSite, file string) (visited map[string][]string) {
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	visited = map[string][]string{}
	p := &player{t: t, site: site, b: &browser{site, map[string]string{}}, vars: map[string]string{"soon": time.Now().AddDate(0, 0, 30).Format(time.DateOnly)}, visited: visited, contract: contract(t)}
	n := 0
	for line := range strings.Lines(string(script)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p.where = fmt.Sprintf("%s:%d", file, n)
		word, rest, _ := strings.Cut(line, " ")
		p.line(word, os.Expand(strings.TrimSpace(rest), p.expand))
	}
	p.ask()
	return visited
}

// wait moves the clock of the whole program.
func (s *testSite) wait(d time.Duration) error {
	if s.clock.file == "" {
		s.clock.file = filepath.Join(s.t.TempDir(), "clock")
	}
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.ahead += d
	if err := os.WriteFile(s.clock.file, []byte(s.clock.ahead.String()), 0o600); err != nil {
		return err
	}
	var err error
	s.clock.read, err = os.Stat(s.clock.file)
	return err
}

// teach lets people search, each from elsewhere, and say that an article solved their
// matter.
func (s *testSite) teach(lang, key, query string, people int) error {
	ctx, now := context.Background(), s.clock.Now()
	for n := range people {
		who, at := rand.Text(), now.Add(-time.Hour)
		for i, kind := range []journey.Kind{journey.Search, journey.ArticleOpen, journey.VoteYes} {
			e := journey.Event{At: at.Add(time.Duration(i) * time.Minute), Visitor: who, Network: fmt.Sprint(n), Kind: kind, Lang: lang}
			if e.Article = key; i == 0 {
				e.Article, e.Query, e.Hits = "", query, 1
			}
			s.recorder.Record(e)
		}
	}
	if err := s.recorder.Flush(ctx); err != nil {
		return err
	}
	if err := s.learner.Collect(ctx, now); err != nil {
		return err
	}
	return s.recall(ctx)
}

// silence lets some days pass in which letters arrive, and nobody answers.
func (s *testSite) silence(days int) error {
	ctx := s.t.Context()
	s.own = true
	deliver := func() error {
		held, err := s.db.Letters(ctx, escalation.LetterHeld, "", 1000)
		for _, l := range held {
			if err == nil {
				err = s.db.ReleaseLetter(ctx, l.ID)
			}
		}
		if err == nil {
			err = s.takeLetters(ctx)
		}
		return err
	}
	err := deliver()
	for range 4 * days {
		if err == nil {
			err = s.wait(6 * time.Hour)
		}
		if err == nil {
			err = s.hush(ctx)
		}
		if err == nil {
			err = deliver()
		}
	}
	return err
}

// week lets one pass.
func (s *testSite) week(lang string, things []string) error {
	ctx, now := s.t.Context(), s.clock.Now()
	by, _, err := staff.NewToken(escalation.NewID(), "week", nil, now)
	if err != nil {
		return err
	}
	for _, thing := range things {
		for range 5 {
			t, _, err := s.db.Open(ctx, "", func() (escalation.Change, error) {
				return escalation.NewTicket(escalation.OpenCommand{
					Desk: s.web.Desk(), Number: escalation.NewNumber(), Subject: thing, Text: thing + "?", Email: rand.Text() + "@example.com", Lang: lang,
				}, by, escalation.NewID, now)
			})
			if err != nil {
				return err
			}
			if _, err = s.db.Change(ctx, t.Number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Solve(escalation.SolveCommand{
					Message: escalation.Message{Text: "Spegnere, aspettare un minuto, riaccendere."}, Article: escalation.NoArticle, Reason: "nothing says it",
				}, by, escalation.NewID, now)
			}); err != nil {
				return err
			}
		}
	}
	for i := range 5 * len(things) {
		s.recorder.Record(journey.Event{At: now, Visitor: rand.Text(), Kind: journey.Search, Lang: lang, Query: things[i/5]})
	}
	for range 10 {
		e := journey.Event{At: now, Visitor: rand.Text(), Kind: journey.Search, Lang: lang, Query: "garanzia", Hits: 1}
		s.recorder.Record(e)
		e.At, e.Kind, e.Query, e.Article = now.Add(time.Minute), journey.VoteYes, "", "returns/fifteen-days"
		s.recorder.Record(e)
	}
	if err := s.recorder.Flush(ctx); err != nil {
		return err
	}
	return s.wait(7 * 24 * time.Hour)
}

type player struct {
	t       *testing.T
	site    *testSite
	b       *browser
	vars    map[string]string
	visited map[string][]string
	where   string

	contract routers.Router

	method, path string
	fields       []string
	files        [][2]string
	json, piece  string
	headers      [][2]string
	resp         *http.Response
	body         []byte
}

func (p *player) expand(name string) string {
	if v, ok := p.vars[name]; ok {
		return v
	}
	return "$" + name
}

func (p *player) line(word, rest string) {
	p.t.Helper()
	switch word {
	case "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE":
		p.ask()
		p.method, p.path = word, rest
	case "send":
		p.fields = append(p.fields, rest)
	case "file":
		name, what, _ := strings.Cut(rest, "=")
		p.files = append(p.files, [2]string{name, what})
	case "json":
		p.json = rest
	case "piece":
		p.piece = rest
	case "with":
		name, value, _ := strings.Cut(rest, ": ")
		p.headers = append(p.headers, [2]string{name, value})
	case "as":
		p.ask()
		p.b = &browser{p.site, map[string]string{}}
		if rest != "nobody" {
			p.method, p.path = "POST", "/sign-in"
			p.fields = []string{"email=" + rest + "@example.com", "password=" + url.QueryEscape(password)}
			p.ask()
			if p.resp.StatusCode != http.StatusSeeOther {
				p.t.Fatalf("%s: sign-in answers %d:\n%s", p.where, p.resp.StatusCode, p.body)
			}
		}
	case "follow":
		p.ask()
		p.method, p.path = "GET", strings.TrimPrefix(p.resp.Header.Get("Location"), p.site.web.Base.String())
	case "token":
		p.vars[rest] = p.site.token(rest)
	case "totp":
		f := strings.Fields(rest)
		steps, _ := strconv.Atoi(f[1])
		code, err := totp.GenerateCode(f[2], time.Now().Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		p.vars[f[0]] = code
	case "wait":
		p.ask()
		d, err := time.ParseDuration(rest)
		if err == nil {
			err = p.site.wait(d)
		}
		if err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "collect":
		p.ask()
		if _, err := p.site.backlog.Collect(context.Background(), p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		if err := p.site.db.DecideJourneys(context.Background(), p.site.sectionOf, p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		if err := p.site.db.CreditArticles(context.Background(), p.site.sectionOf, p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		if err := p.site.seeArticles(context.Background(), p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		p.site.folder.Reload()
		if err := p.site.receipts.Publish(context.Background(), p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		if err := p.site.countDemand(context.Background(), p.site.clock.Now()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "weeks":
		p.ask()
		n, rest, _ := strings.Cut(rest, " ")
		lang, things, _ := strings.Cut(rest, " ")
		weeks, _ := strconv.Atoi(n)
		for range weeks {
			if err := p.site.week(lang, strings.Split(things, "|")); err != nil {
				p.t.Fatalf("%s: %v", p.where, err)
			}
		}
	case "silence":
		p.ask()
		days, _ := strconv.Atoi(rest)
		if err := p.site.silence(days); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "letter":
		sent, err := p.site.db.SentLetters(context.Background(), "", 1)
		if err != nil || len(sent) == 0 {
			p.t.Fatalf("%s: %d letters, %v", p.where, len(sent), err)
		}
		p.vars[rest] = mail.Link("", p.site.linkKey, sent[0].Letter)
	case "teach":
		p.ask()
		lang, rest, _ := strings.Cut(rest, " ")
		key, query, _ := strings.Cut(rest, " ")
		if err := p.site.teach(lang, key, query, 3); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "settle":
		p.ask()
		if err := p.site.db.SetSetting(context.Background(), setting.SetUpName, setting.SetUp{Done: time.Now()}); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
		if err := p.site.settings.Refresh(context.Background()); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "unindex":
		p.ask()
		if err := p.site.index.Close(); err != nil {
			p.t.Fatalf("%s: %v", p.where, err)
		}
	case "code":
		p.ask()
		if got := fmt.Sprint(p.resp.StatusCode); got != rest {
			p.t.Errorf("%s: status %s, want %s:\n%s", p.where, got, rest, short(p.body))
		}
	case "body", "nobody":
		p.ask()
		if regexp.MustCompile("(?s)"+rest).Match(p.body) != (word == "body") {
			p.t.Errorf("%s: %s %s:\n%s", p.where, word, rest, short(p.body))
		}
	case "header":
		p.ask()
		name, want, _ := strings.Cut(rest, ": ")
		if got := strings.Join(p.resp.Header.Values(name), "\n"); !regexp.MustCompile(want).MatchString(got) {
			p.t.Errorf("%s: header %s is %q, want %s", p.where, name, got, want)
		}
	case "keep":
		p.ask()
		name, expr, _ := strings.Cut(rest, " ")
		m := regexp.MustCompile("(?s)" + expr).FindSubmatch(append([]byte(p.resp.Header.Get("Location")+"\n"), p.body...))
		if len(m) < 2 {
			p.t.Fatalf("%s: nothing to keep:\n%s", p.where, short(p.body))
		}
		p.vars[name] = string(m[1])
	default:
		p.t.Fatalf("%s: %s is no word of a script", p.where, word)
	}
}

// ask sends the request that is being put together, if there is one.
func (p *player) ask() {
	p.t.Helper()
	if p.method == "" {
		return
	}
	var body io.Reader
	kind := "application/x-www-form-urlencoded"
	switch {
	case p.json != "":
		body, kind = strings.NewReader(p.json), "application/json"
	case p.piece != "":
		body, kind = strings.NewReader(p.piece), "application/offset+octet-stream"
	case len(p.files) > 0:
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, f := range p.fields {
			name, value, _ := strings.Cut(f, "=")
			value, err := url.QueryUnescape(value)
			if err == nil {
				err = w.WriteField(name, value)
			}
			if err != nil {
				p.t.Fatalf("%s: %v", p.where, err)
			}
		}
		for _, f := range p.files {
			data, err := os.ReadFile(filepath.Join("testdata", f[1]))
			if err != nil {
				p.t.Fatalf("%s: %v", p.where, err)
			}
			part, err := w.CreateFormFile(f[0], filepath.Base(f[1]))
			if err == nil {
				_, err = part.Write(data)
			}
			if err != nil {
				p.t.Fatalf("%s: %v", p.where, err)
			}
		}
		w.Close()
		body, kind = &b, w.FormDataContentType()
	case p.method == "POST":
		body = strings.NewReader(strings.Join(p.fields, "&"))
	}
	r, err := http.NewRequestWithContext(context.Background(), p.method, p.path, body)
	if err != nil {
		p.t.Fatalf("%s: %v", p.where, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	for _, h := range p.headers {
		r.Header.Set(h[0], h[1])
	}
	p.resp, p.body = p.b.do(r)
	if strings.HasPrefix(r.URL.Path, "/api/v1/") && r.URL.Path != "/api/v1/openapi.yaml" {
		keeps(p.t, p.contract, r, p.json, p.resp, p.body)
	}
	if strings.HasPrefix(p.resp.Header.Get("Content-Type"), "text/html") {
		once := map[string]bool{}
		for _, id := range theID.FindAllSubmatch(p.body, -1) {
			if once[string(id[1])] {
				p.t.Errorf("%s: the page has two of the id %s", p.where, id[1])
			}
			once[string(id[1])] = true
		}
	}
	p.visited[p.method] = append(p.visited[p.method], r.URL.Path)
	p.method, p.path, p.json, p.piece = "", "", "", ""
	p.fields, p.files, p.headers = nil, nil, nil
}

// theID finds what is to be the only one of its name on a page.
var theID = regexp.MustCompile(`<[^<>]* id="([^"]*)"`)

// short is the beginning of a page's main part, for a failed expectation.
func short(body []byte) []byte {
	if _, main, ok := bytes.Cut(body, []byte("<main")); ok {
		body = main
	}
	return slices.Clone(body[:min(len(body), 3000)])
}
