package help_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
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
	"primalinea/escalation/journey"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/portal"
	"primalinea/portal/help"
	"primalinea/portal/web"
	"primalinea/search"
	"primalinea/themes"
)

// A site is the help centre of a folder, as tests visit it.
type site struct {
	*portal.Site
	folder *content.Folder
	index  *search.Index
	dir    string
	now    time.Time
	room   *help.Room
	db     *store.DB
	events *events
	grants map[string]bool // tickets whose links are good
}

type events struct {
	sync.Mutex
	all []journey.Event
}

func (e *events) Record(one journey.Event) {
	e.Lock()
	defer e.Unlock()
	e.all = append(e.all, one)
}

// take returns what visitors did since it was last asked, and forgets it.
func (e *events) take() []journey.Event {
	e.Lock()
	defer e.Unlock()
	var out []journey.Event
	for _, one := range e.all {
		if one.Source == journey.Visitors {
			out = append(out, one)
		}
	}
	e.all = nil
	return out
}

type visitors struct{}

func (visitors) Visitor(_ context.Context, cookie string, _ time.Time) (string, error) {
	return "key of " + cookie, nil
}

func (visitors) Network(_ context.Context, a netip.Addr, _ time.Time) (string, error) {
	return "network of " + a.String(), nil
}

// newSite serves a folder of articles that files are written to first.
func newSite(t testing.TB, files map[string]string) *site {
	t.Helper()
	dir := t.TempDir()
	if files == nil {
		if err := content.Fill(filepath.Join(dir, "shipped"), content.Shipped()); err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(dir, "shipped")
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{
		dir: dir, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		events: &events{}, grants: map[string]bool{},
	}
	clock := func() time.Time { return s.now }
	log := slog.New(slog.DiscardHandler)
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	if s.db, err = store.Open(context.Background(), "", store.Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	if s.folder, err = content.Open(dir, content.Options{Log: log, Now: clock}); err != nil {
		t.Fatal(err)
	}
	s.index = search.Open("", search.Options{Log: log, Now: clock})
	t.Cleanup(func() { s.index.Close() })
	s.sync(t)
	base, err := url.Parse("http://help.example")
	if err != nil {
		t.Fatal(err)
	}
	w := &web.Web{
		Site: settled("Belvaro"), Desk: escalation.ShippedDesk, Theme: theme, Base: base, People: s.db, Log: log, Now: clock,
		Offered:    func() []string { return []string{"it", "es", "en"} },
		Sessions:   &web.Sessions{Rows: s.db, Now: clock},
		NewVisitor: func(time.Time) string { return "visitor" },
		Cache:      web.NewCache(32 << 20), Metrics: web.NewMetrics(),
	}
	s.room = &help.Room{
		Web: w, Articles: s.folder, Search: s.index, Journeys: s.events, Visitors: visitors{}, Corrections: s.db,
		Granted: func(_ context.Context, g web.Grant) (bool, error) { return s.grants[g.Ticket], nil },
		Asking:  help.Asking{Inbox: func() escalation.Inbox { return escalation.Inbox{} }, Trails: journey.NewRecorder(s.db, nil, nil)},
	}
	s.Site = portal.New(w, func(context.Context) error { return nil }, s.db, s.room)
	return s
}

// settled are the settings of a site that strangers may find.
func settled(name string) func() *setting.Site {
	s := setting.Default()
	s.Brand.Name, s.SetUp.Done = name, time.Now()
	return func() *setting.Site { return s }
}

// sync lets the site see what lies in the folder now.
func (s *site) sync(t testing.TB) {
	t.Helper()
	s.folder.Reload()
	if _, err := s.index.Sync(context.Background(), s.folder.Library(), s.folder.Text); err != nil {
		t.Fatal(err)
	}
}

// agent returns the cookie of somebody who works here.
func (s *site) agent(t testing.TB) string {
	t.Helper()
	p, err := staff.NewPerson("ada", staff.Form{Name: "Ada Rossi", Email: "ada@example.com", Lang: "en", Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}}, escalation.ShippedDesk(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	p.PasswordHash = "of a password" // who has none was never signed in
	if err := s.db.AddPerson(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	row, cookie := staff.NewSession(p, firefox, s.now)
	return s.session(t, row, cookie, "{}")
}

// customer returns the cookie of somebody who followed the link to a ticket.
func (s *site) customer(t testing.TB) string {
	t.Helper()
	s.grants["t1"] = true
	cookie := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	row := staff.Session{Hash: staff.Hash(cookie), Created: s.now, Seen: s.now}
	return s.session(t, row, cookie, `{"tickets":{"ABCD1234":{"ticket":"t1","recipient":"r","generation":1}}}`)
}

func (s *site) session(t testing.TB, row staff.Session, cookie, data string) string {
	t.Helper()
	if err := s.db.SaveSession(context.Background(), row, data, time.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	return "pl=" + cookie
}

// An answer is what a visit was told.
type answer struct {
	*http.Response
	Text string
	Size int // bytes as they were sent
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// get visits an address; headers are alternating names and values.
func (s *site) get(t testing.TB, to string, headers ...string) answer {
	t.Helper()
	return s.visit(t, httptest.NewRequest(http.MethodGet, to, nil), headers...)
}

// post sends a form as a page of the site does.
func (s *site) post(t testing.TB, to string, form url.Values, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.visit(t, r, headers...)
}

func (s *site) visit(t testing.TB, r *http.Request, headers ...string) answer {
	t.Helper()
	r.Host = "help.example"
	r.Header.Set("User-Agent", firefox)
	r.Header.Set("Accept-Encoding", "gzip")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.App.Test(r, -1)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{res, string(body), len(body)}
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		a.Text = string(plain)
	}
	return a
}

func (a answer) code(t testing.TB, want int) answer {
	t.Helper()
	if a.StatusCode != want {
		t.Fatalf("%s: status %d, want %d\n%s", a.Request.URL, a.StatusCode, want, a.Text)
	}
	return a
}

func (a answer) has(t testing.TB, patterns ...string) answer {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(`(?s)` + p).MatchString(a.Text) {
			t.Errorf("no %q in\n%s", p, a.Text)
		}
	}
	return a
}

func (a answer) lacks(t testing.TB, words ...string) answer {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.Text, w) {
			t.Errorf("%q is in\n%s", w, a.Text)
		}
	}
	return a
}

// file is an article's text with this front matter.
func file(front, body string) string { return "---\n" + front + "\n---\n" + body + "\n" }
