package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"primalinea/escalation"
	"primalinea/escalation/demand"
)

// A postbox is a mail server that keeps what it is given.
type postbox struct {
	mu      sync.Mutex
	letters []string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *postbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *postbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (p *postbox) Reset()                                      {}
func (p *postbox) Logout() error                               { return nil }
func (p *postbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, string(text))
	return err
}

// mailing starts a site that sends letters, and returns it and what hands out the
// letters that it sent since.
func mailing(t *testing.T) (*testSite, func() string) {
	t.Helper()
	box := &postbox{}
	server := smtp.NewServer(box)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })

	s := serveCmd{
		place: place{Data: t.TempDir()}, Listen: "127.0.0.1:0", Languages: []string{"it", "es", "en"}, Limits: "off", FilesQuota: 20,
		SMTPURL: "smtp://" + l.Addr().String(), MailFrom: "Aiuto <help@example.com>",
	}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	h, err := s.build(t.Context(), slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	sent := func() string {
		t.Helper()
		if _, err := h.sender.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(box.letters) == 0 {
			t.Fatal("no letter came")
		}
		text := strings.ReplaceAll(strings.ReplaceAll(box.letters[len(box.letters)-1], "=\r\n", ""), "=3D", "=")
		box.letters = nil
		return text
	}
	return &testSite{house: h, t: t}, sent
}

// TestLetters sends what a ticket causes through a real mail server: before the
// address is proved a letter repeats nothing that was typed, its link opens the
// ticket and proves the address, and then the answer itself is in the letter.
func TestLetters(t *testing.T) {
	site, sent := mailing(t)
	h := site.house

	ticket, _, err := h.db.Open(t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "CANARYSUBJECT", Text: "CANARYTEXT", Email: "anna@example.com", Name: "CANARYNAME", Lang: "it",
		}, escalation.RequesterOf{}, escalation.NewID, h.web.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	reply := func(text string) string {
		t.Helper()
		if _, err := h.db.Change(t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Reply(escalation.Message{Text: text}, robot{}, escalation.NewID, h.web.Now())
		}); err != nil {
			t.Fatal(err)
		}
		return sent()
	}

	receipt := sent()
	if strings.Contains(receipt, "CANARY") || !strings.Contains(receipt, ticket.Number) {
		t.Errorf("the receipt is\n%s", receipt)
	}
	if letter := reply("CANARYANSWER"); strings.Contains(letter, "CANARY") {
		t.Errorf("a letter to an address that was not proved repeats what was typed:\n%s", letter)
	}
	link := regexp.MustCompile(`http://[^/\s]+(/tickets/[^\s]+)`).FindStringSubmatch(receipt)
	if link == nil {
		t.Fatalf("no link in\n%s", receipt)
	}
	b := &browser{site, map[string]string{}}
	if resp, _ := b.get(link[1]); resp.StatusCode != 303 || resp.Header.Get("Location") != "/tickets/"+ticket.Number {
		t.Fatalf("the link answers %d, to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	if resp, body := b.get("/tickets/" + ticket.Number); resp.StatusCode != 200 || !strings.Contains(body, "CANARYANSWER") {
		t.Errorf("the page answers %d", resp.StatusCode)
	}
	if letter := reply("CANARYAGAIN"); !strings.Contains(letter, "CANARYAGAIN") {
		t.Errorf("a letter to a proved address does not say the answer:\n%s", letter)
	}
}

// TestToldOfAnswer follows somebody who searches in vain and leaves an address: the
// letter repeats nothing that was typed, its link does nothing by itself, and when the
// article that was made of what they asked is there to be read, they are told, once.
func TestToldOfAnswer(t *testing.T) {
	site, sent := mailing(t)
	if _, err := site.index.Sync(t.Context(), site.folder.Library(), site.folder.Text); err != nil {
		t.Fatal(err)
	}
	b := &browser{site, map[string]string{}}
	form := func(body string) string {
		t.Helper()
		key := regexp.MustCompile(`name="key" value="([A-Z2-7]{26})"`).FindStringSubmatch(body)
		if key == nil {
			t.Fatalf("no form in %s", body)
		}
		return key[1]
	}
	agent := func(r *http.Request) *http.Request {
		r.Header.Set("User-Agent", "Mozilla/5.0")
		return r
	}
	search := agent(httptest.NewRequest("GET", "/it/search?q=zibaldone+xilofago+CANARY", nil))
	resp, page := b.do(search)
	want(t, "nothing is found", resp, string(page), 200, `action="/it/subscribe"`, `name="homepage"`)
	key := form(string(page))
	resp, body := b.get("/it/search?q=rimborso")
	want(t, "something is found", resp, body, 200, `href="/it/subscribe\?q=rimborso"`)
	resp, body = b.get("/en/subscribe?q=refund")
	want(t, "the form by itself", resp, body, 200, `action="/en/subscribe"`, `180 days`)
	resp, body = b.get("/en/subscribe")
	want(t, "of nothing", resp, body, 303)
	for _, wrong := range [][]string{
		{"email", "anna", "q", "zibaldone", "key", key},
		{"email", "anna@example.com", "q", " ", "key", key},
		{"email", "anna@example.com", "q", "zibaldone", "key", "AAAA"},
	} {
		resp, body = b.send("/it/subscribe", wrong...)
		want(t, fmt.Sprint(wrong), resp, body, 422, `value="`+wrong[1]+`"`)
	}
	// Programs fill in all fields, and are answered like anybody.
	resp, body = b.send("/it/subscribe", "email", "bot@example.com", "q", "zibaldone", "key", key, "homepage", "x")
	want(t, "a program", resp, body, 303)
	ask := func() {
		t.Helper()
		resp, body = b.send("/it/subscribe", "email", "Anna@example.com", "q", "zibaldone xilofago CANARY", "key", key)
		want(t, "asked", resp, body, 303)
		resp, body = b.get(resp.Header.Get("Location"))
		want(t, "said", resp, body, 200, `role="status"`)
	}
	ask()
	letter := sent()
	link := regexp.MustCompile(`http://[^/\s]+(/subscriptions/[^\s]+)`).FindStringSubmatch(letter)
	if link == nil || strings.Contains(letter, "CANARY") || strings.Contains(letter, "bot@") {
		t.Fatalf("the letter is\n%s", letter)
	}
	ask() // the answer is the same, and no letter follows
	if letters, err := site.db.LettersTo(t.Context(), "anna@example.com", nil); err != nil || len(letters) != 1 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	other := &browser{site, map[string]string{}} // mail is read elsewhere
	resp, body = other.get(link[1])
	want(t, "the link", resp, body, 200, `lang="it"`, `value="confirm"`, `CANARY`, `noindex`)
	if l, err := site.db.SubscriptionsOf(t.Context(), "anna@example.com"); err != nil || len(l) != 1 || !l[0].Confirmed.IsZero() {
		t.Errorf("the link alone confirmed it: %+v, %v", l, err)
	}
	resp, body = other.get(link[1] + "x")
	want(t, "another link", resp, body, 404)
	resp, body = other.send(link[1], "do", "confirm")
	want(t, "confirmed", resp, body, 200, `value="stop"`)
	if _, err := site.backlog.Collect(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	lines, err := site.db.Waiting(t.Context())
	if err != nil || len(lines) != 1 {
		t.Fatalf("who waits on which line: %v, %v", lines, err)
	}
	for line := range lines {
		promoted := demand.Promotion{Line: line, Article: "returns/zibaldone", Lang: "it", Chosen: time.Now()}
		if err := site.receipts.Promote(t.Context(), promoted); err != nil {
			t.Fatal(err)
		}
	}
	base := ""
	save := func(status string) {
		t.Helper()
		src := "---\ntitle: Lo zibaldone e lo xilofago\nkey: returns/zibaldone\nstatus: " + status + "\n---\nEcco.\n"
		if base, err = site.folder.Save("it/resi/zibaldone.md", []byte(src), base); err != nil {
			t.Fatal(err)
		}
		site.folder.Reload()
		for range 2 {
			if err := site.receipts.Publish(t.Context(), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	save("draft")
	if n, err := site.sender.Round(t.Context()); err != nil || n != 0 {
		t.Errorf("%d letters of a draft, %v", n, err)
	}
	save("published")
	letter = sent()
	for _, part := range []string{"/a/returns/zibaldone?lang=it", "Lo zibaldone e lo xilofago", "CANARY", "ha chiesto di sapere quando"} {
		if !strings.Contains(letter, part) {
			t.Errorf("no %q in the letter\n%s", part, letter)
		}
	}
	if n, err := site.sender.Round(t.Context()); err != nil || n != 0 {
		t.Errorf("%d more letters, %v", n, err)
	}
	resp, body = other.get(link[1])
	want(t, "the link when it is over", resp, body, 404)
}

// A robot is a program that may do everything to a ticket.
type robot struct{}

func (robot) Ref() escalation.ActorRef                       { return escalation.TokenRef("robot") }
func (robot) May(escalation.Action, *escalation.Ticket) bool { return true }
