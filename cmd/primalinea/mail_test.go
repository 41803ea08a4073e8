package main

import (
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"primalinea/escalation"
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
		place: place{Data: t.TempDir()}, Listen: "127.0.0.1:0", Languages: []string{"it", "es", "en"}, Limits: "off",
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

// A robot is a program that may do everything to a ticket.
type robot struct{}

func (robot) Ref() escalation.ActorRef                       { return escalation.TokenRef("robot") }
func (robot) May(escalation.Action, *escalation.Ticket) bool { return true }
