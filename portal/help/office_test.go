package help_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
	"primalinea/portal"
	"primalinea/portal/help"
	"primalinea/portal/web"
	"primalinea/search"
	"primalinea/themes"
)

// An office is the whole portal over a real database, a real folder of articles
// and a real index.
type office struct {
	*portal.Site
	t        testing.TB
	db       *store.DB
	room     *help.Room
	recorder *journey.Recorder
	counter  *counter
	now      time.Time
	mu       sync.Mutex
}

// clock is the site's time: the real one, moved by what a test adds.
func (s *office) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *office) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func newOffice(t testing.TB) *office {
	t.Helper()
	s := &office{t: t, now: time.Now().UTC().Truncate(time.Second)}
	s.db = storetest.Open(t, storetest.SQLite(t), store.Options{Clock: s.clock})
	dir := t.TempDir()
	if err := content.Fill(filepath.Join(dir, "articles"), content.Shipped()); err != nil {
		t.Fatal(err)
	}
	folder, err := content.Open(filepath.Join(dir, "articles"), content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	index := search.Open("", search.Options{Now: s.clock})
	t.Cleanup(func() { index.Close() })
	if _, err := index.Sync(t.Context(), folder.Library(), folder.Text); err != nil {
		t.Fatal(err)
	}
	files, err := evidence.OpenFolder(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	s.recorder = journey.NewRecorder(s.db, index.Terms, func(lang, key string) string {
		if a := folder.Library().BestFor(key, lang); a != nil {
			return a.Title
		}
		return ""
	})
	s.counter = &counter{Recorder: s.recorder, n: map[journey.Kind]int{}}
	links, err := s.db.Secret(t.Context(), "links")
	if err != nil {
		t.Fatal(err)
	}
	w := &web.Web{
		Site: settled("Primalinea"), Desk: escalation.ShippedDesk, Theme: theme, Base: &url.URL{Scheme: "http", Host: "help.test"},
		DeskAt:  func(context.Context, int) (*escalation.Desk, error) { return escalation.ShippedDesk(), nil },
		Offered: func() []string { return []string{"it", "es", "en"} },
		People:  s.db, Sessions: &web.Sessions{Rows: s.db, Now: s.clock},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: s.clock,
		Cache: web.NewCache(1 << 20), Metrics: web.NewMetrics(), NewVisitor: journey.NewCookie,
	}
	s.room = &help.Room{
		Web: w, Articles: folder, Search: index, Journeys: s.counter,
		Visitors: &journey.Salts{Secret: s.db.Secret},
		Granted:  help.Holds(s.db),
		Asking: help.Asking{
			Inbox: func() escalation.Inbox { return escalation.Inbox{} }, Tickets: s.db, Files: files, Records: s.db, Quota: 20 << 30, Trails: s.recorder, LinkKey: links, ArmKey: links,
			HoldOut: func(context.Context) (journey.Experiment, error) { return journey.HoldOuts{}.Now(), nil },
			Forms:   spam.Guard{Attempts: s.db.Attempts(), Off: true},
		},
	}
	s.Site = portal.New(w, func(context.Context) error { return nil }, s.db, s.room)
	return s
}

// A browser keeps cookies, and reads forms as they stand in pages.
type browser struct {
	*office
	cookies map[string]string
	header  map[string]string
	status  int
	at      string // where a redirect leads
	head    http.Header
	body    string
}

func (s *office) browser() *browser {
	return &browser{office: s, cookies: map[string]string{}, header: map[string]string{
		"User-Agent": "Mozilla/5.0", "Accept-Language": "en",
	}}
}

func (b *browser) do(method, path, kind string, body io.Reader) *browser {
	b.t.Helper()
	r, err := http.NewRequest(method, "http://help.test"+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	if method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	res, err := b.App.Test(r, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	b.status, b.head, b.body, b.at = res.StatusCode, res.Header, string(data), res.Header.Get("Location")
	return b
}

func (b *browser) get(path string) *browser { b.t.Helper(); return b.do("GET", path, "", nil) }

// form is what a page's form holds, and what a test changes of it.
type form map[string][]string

func (f form) with(pairs ...string) form {
	n := form{}
	for k, v := range f {
		n[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		n[pairs[i]] = []string{pairs[i+1]}
	}
	return n
}

func (f form) get(name string) string {
	if v := f[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

var (
	input    = regexp.MustCompile(`<input[^>]*>`)
	area     = regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	attr     = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	formPart = regexp.MustCompile(`(?s)<form[^>]*action="(/[^"]*(?:contact|tickets)[^"]*)"[^>]*>(.*?)</form>`)
)

// form reads the form of the page.
func (b *browser) form() form {
	b.t.Helper()
	m := formPart.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("no form in the page, status %d:\n%s", b.status, b.body)
	}
	f := form{}
	for _, tag := range input.FindAllString(m[2], -1) {
		a := map[string]string{}
		for _, p := range attr.FindAllStringSubmatch(tag, -1) {
			a[p[1]] = html.UnescapeString(p[2])
		}
		if a["name"] != "" && a["type"] != "file" && (a["type"] != "checkbox" || strings.Contains(tag, " checked")) {
			f[a["name"]] = append(f[a["name"]], a["value"])
		}
	}
	for _, t := range area.FindAllStringSubmatch(m[2], -1) {
		f[t[1]] = []string{html.UnescapeString(t[2])}
	}
	return f
}

// An upload is a file that is attached.
type upload struct{ name, content string }

func (b *browser) post(path string, f form, files ...upload) *browser {
	b.t.Helper()
	if f.get("do") == "send" {
		b.wait(spam.Hasty) // as long as anybody reads it once more
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range f {
		for _, v := range values {
			w.WriteField(name, v)
		}
	}
	for _, a := range files {
		part, err := w.CreateFormFile("files", a.name)
		if err != nil {
			b.t.Fatal(err)
		}
		io.WriteString(part, a.content)
	}
	w.Close()
	return b.do("POST", path, w.FormDataContentType(), &body)
}

func (b *browser) want(status int, parts ...string) *browser {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("status %d, want %d\n%s", b.status, status, b.body)
	}
	text := html.UnescapeString(b.body)
	for _, p := range parts {
		if !strings.Contains(text, p) {
			b.t.Fatalf("no %q in the page\n%s", p, b.body)
		}
	}
	return b
}

func (b *browser) never(parts ...string) *browser {
	b.t.Helper()
	text := html.UnescapeString(b.body)
	for _, p := range parts {
		if strings.Contains(text, p) {
			b.t.Errorf("%q is in the page\n%s", p, b.body)
		}
	}
	return b
}

// request goes all the way without JavaScript and returns the new ticket.
func (b *browser) request(lang, subject, text string, files ...upload) escalation.Ticket {
	b.t.Helper()
	b.get("/" + lang + "/contact").want(200)
	b.post("/"+lang+"/contact", b.form().with("subject", subject, "text", text, "email", "ada@example.com", "do", "next"), files...).want(200)
	if b.form().get("list") != "" {
		b.post("/"+lang+"/contact", b.form().with("do", "check")).want(200)
	}
	b.post("/"+lang+"/contact", b.form().with("do", "send")).want(303)
	return b.sentTicket()
}

var sentAt = regexp.MustCompile(`^/(..)/contact/sent/([0-9A-Z]{8})\?k=([\w-]{43})$`)

func (b *browser) sentTicket() escalation.Ticket {
	b.t.Helper()
	m := sentAt.FindStringSubmatch(b.at)
	if m == nil {
		b.t.Fatalf("sent to %q", b.at)
	}
	return b.ticket(m[2])
}

func (s *office) ticket(number string) escalation.Ticket {
	s.t.Helper()
	t, err := s.db.Ticket(s.t.Context(), number)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// change lets a rule act on a ticket, as the desk does.
func (s *office) change(number string, rule func(t escalation.Ticket) (escalation.Change, error)) escalation.Ticket {
	s.t.Helper()
	t, err := s.db.Change(s.t.Context(), number, rule)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

func (s *office) count(q escalation.Queue) int {
	s.t.Helper()
	n, err := s.db.Count(s.t.Context(), q, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
