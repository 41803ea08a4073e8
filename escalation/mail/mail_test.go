package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"primalinea/escalation"
	"primalinea/escalation/mail"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// A post is a mail server that keeps what it takes. What it answers is scripted.
type post struct {
	addr string
	rcpt func(n int) error               // of the nth recipient
	data func(n int, c *smtp.Conn) error // after the nth message

	mu    sync.Mutex
	rcpts int
	took  []took
}

// A took is a message with its envelope.
type took struct {
	from string
	to   []string
	raw  []byte
}

func startPost(t *testing.T) *post {
	t.Helper()
	p := &post{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &visit{post: p, conn: c}, nil }))
	s.Domain = "localhost"
	s.ErrorLog = discard{}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return p
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type visit struct {
	post *post
	conn *smtp.Conn
	took
}

func (v *visit) Reset()        { v.took = took{} }
func (v *visit) Logout() error { return nil }
func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	v.from = from
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	v.post.rcpts++
	v.to = append(v.to, to)
	if v.post.rcpt != nil {
		return v.post.rcpt(v.post.rcpts)
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	v.raw = raw
	v.post.took = append(v.post.took, v.took)
	if v.post.data != nil {
		return v.post.data(len(v.post.took), v.conn)
	}
	return nil
}

func (p *post) messages() []took {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.took)
}

// read returns the header and the text of a message.
func (m took) read(t *testing.T) (netmail.Header, string) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(m.raw))
	if err != nil {
		t.Fatal(err)
	}
	body := msg.Body
	if msg.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return msg.Header, strings.ReplaceAll(string(text), "\r\n", "\n")
}

// words writes letters that tell everything they are told.
type words map[string]string

var three = words{
	"it": "Abbiamo ricevuto la richiesta – perché è qui",
	"es": "Hemos recibido su solicitud – ¿cómo está?",
	"en": "We have your request",
}

func (w words) Letter(kind, lang, link string, args any) (subject, text string, err error) {
	if kind == "broken" {
		panic("template")
	}
	a := args.(escalation.LetterArgs)
	return w[lang] + " " + a.Number + a.Subject, fmt.Sprintf("%s\n%s %s %s\n%s\n", w[lang], a.Name, a.Text, a.Tell, link), nil
}

// A desk is a store with a sender, and a clock that both look at.
type desk struct {
	*store.DB
	key []byte
	mu  sync.Mutex
	now time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), key: []byte("0123456789abcdef0123456789abcdef")}
	d.DB = storetest.Open(t, storetest.SQLite(t), store.Options{Clock: d.clock})
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// open opens a ticket by the rules; its receipt lies in the outbox.
func (d *desk) open(t *testing.T, lang, email string) escalation.Ticket {
	t.Helper()
	ticket, _, err := d.Open(t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "canary one", Text: "canary two", Name: "Canary Three", Email: email, Lang: lang,
		}, escalation.RequesterOf{}, escalation.NewID, d.clock())
	})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func (d *desk) sender(t *testing.T, addr string, outbox mail.Outbox, w mail.Words) *mail.Sender {
	t.Helper()
	s, err := mail.New(mail.Config{
		SMTP: "smtp://" + addr, From: "Aiuto <help@example.com>", BaseURL: "https://help.example.com/", Timeout: 2 * time.Second,
	}, outbox, w, d.key, slog.New(slog.DiscardHandler), d.clock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *desk) round(t *testing.T, s *mail.Sender) int {
	t.Helper()
	n, err := s.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// letter returns the only letter of a ticket.
func (d *desk) letter(t *testing.T, ticket string) escalation.Delivery {
	t.Helper()
	letters, err := d.LettersOf(t.Context(), ticket)
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	return letters[0]
}

// TestReceipt sends the receipt in three languages. It repeats nothing that was
// typed, for nobody answered from the address yet.
func TestReceipt(t *testing.T) {
	for lang, sentence := range three {
		t.Run(lang, func(t *testing.T) {
			p, d := startPost(t), newDesk(t)
			ticket := d.open(t, lang, "ada@example.org")
			if n := d.round(t, d.sender(t, p.addr, d, three)); n != 1 {
				t.Fatalf("%d letters sent", n)
			}
			got := p.messages()
			if len(got) != 1 || got[0].from != "help@example.com" || !slices.Equal(got[0].to, []string{"ada@example.org"}) {
				t.Fatalf("messages %+v", got)
			}
			h, text := got[0].read(t)
			subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
			if err != nil || subject != sentence+" "+ticket.Number {
				t.Errorf("subject %q, %v", subject, err)
			}
			letter := d.letter(t, ticket.ID)
			for name, want := range map[string]string{
				"From":                     `"Aiuto" <help@example.com>`,
				"To":                       "<ada@example.org>",
				"Message-Id":               "<" + letter.ID + "@example.com>",
				"Auto-Submitted":           "auto-generated",
				"X-Auto-Response-Suppress": "All",
				"Content-Language":         lang,
				"Reply-To":                 "",
				"Cc":                       "",
				"Bcc":                      "",
				"Date":                     d.clock().Format(time.RFC1123Z),
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			k := escalation.LinkToken(d.key, ticket.ID, "ada@example.org", 0)
			m := escalation.MailProof(d.key, ticket.ID, "ada@example.org", 0)
			if link := "\nhttps://help.example.com/tickets/" + ticket.Number + "?k=" + k + "&m=" + m + "\n"; !strings.Contains(text, link) {
				t.Errorf("no link %s in\n%s", link, text)
			}
			if !strings.Contains(text, sentence) {
				t.Errorf("no sentence in\n%s", text)
			}
			if all := strings.ToLower(subject + text + string(got[0].raw)); strings.Contains(all, "canary") {
				t.Errorf("repeats what was typed:\n%s", got[0].raw)
			}
			if letter.State != escalation.LetterSent || letter.Attempts != 1 || letter.Settled.IsZero() {
				t.Errorf("letter %+v", letter)
			}
			if n := d.round(t, d.sender(t, p.addr, d, three)); n != 0 {
				t.Errorf("sent again")
			}
		})
	}
}

// TestLater tries again what a server does not take now, and sends it once.
func TestLater(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	p.rcpt = func(n int) error {
		if n <= 2 {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back later"}
		}
		return nil
	}
	ticket := d.open(t, "en", "ada@example.org")
	s := d.sender(t, p.addr, d, three)
	for i, gap := range []time.Duration{time.Minute, 5 * time.Minute} {
		if n := d.round(t, s); n != 1 {
			t.Fatalf("attempt %d: %d letters", i+1, n)
		}
		letter := d.letter(t, ticket.ID)
		if letter.State != escalation.LetterWaiting || !strings.Contains(letter.Problem, "come back later") || !letter.Due.Equal(d.clock().Add(gap)) {
			t.Errorf("attempt %d: %+v", i+1, letter)
		}
		d.pass(gap - time.Second)
		if n := d.round(t, s); n != 0 {
			t.Errorf("attempt %d: tried too early", i+1)
		}
		d.pass(time.Second)
	}
	d.round(t, s)
	if letter := d.letter(t, ticket.ID); letter.State != escalation.LetterSent || letter.Attempts != 3 || len(p.messages()) != 1 {
		t.Errorf("%d messages, letter %+v", len(p.messages()), letter)
	}
}

// TestGivenUp stops after a day.
func TestGivenUp(t *testing.T) {
	d := newDesk(t)
	ticket := d.open(t, "en", "ada@example.org")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	s := d.sender(t, l.Addr().String(), d, three)
	begin := d.clock()
	for range 20 {
		d.round(t, s)
		letter := d.letter(t, ticket.ID)
		if letter.State == escalation.LetterFailed {
			if passed := d.clock().Sub(begin); passed < 20*time.Hour || passed > 25*time.Hour {
				t.Errorf("given up after %v", passed)
			}
			return
		}
		d.pass(letter.Due.Sub(d.clock()))
	}
	t.Error("never given up")
}

// TestRefused notes a refusal for good, and sends the others.
func TestRefused(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	p.rcpt = func(n int) error {
		if n == 1 {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here"}
		}
		return nil
	}
	s := d.sender(t, p.addr, d, three)
	first := d.open(t, "en", "nobody@example.org")
	d.round(t, s)
	second := d.open(t, "en", "ada@example.org")
	d.round(t, s)
	if l := d.letter(t, first.ID); l.State != escalation.LetterFailed || !strings.Contains(l.Problem, "nobody here") {
		t.Errorf("refused letter %+v", l)
	}
	if l := d.letter(t, second.ID); l.State != escalation.LetterSent {
		t.Errorf("second letter %+v", l)
	}
	failed, err := d.Letters(t.Context(), escalation.LetterFailed, "", 10)
	if err != nil || len(failed) != 1 {
		t.Errorf("list of failed: %+v, %v", failed, err)
	}
}

// TestHang waits no longer than it should for a server that says nothing, or
// hardly anything.
func TestHang(t *testing.T) {
	for name, talk := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"slow": func(c net.Conn) {
			for _, b := range []byte("220 " + strings.Repeat("x", 1000)) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() { defer c.Close(); talk(c); io.Copy(io.Discard, c) }()
				}
			}()
			d := newDesk(t)
			ticket := d.open(t, "en", "ada@example.org")
			s, err := mail.New(mail.Config{SMTP: "smtp://" + l.Addr().String(), From: "help@example.com", BaseURL: "https://help.example.com", Timeout: 300 * time.Millisecond},
				d, three, d.key, slog.New(slog.DiscardHandler), d.clock)
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			d.round(t, s)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("waited %v", took)
			}
			if l := d.letter(t, ticket.ID); l.State != escalation.LetterWaiting || l.Problem == "" {
				t.Errorf("letter %+v", l)
			}
		})
	}
}

// TestDrop sends a copy with the same Message-ID when the line is cut after the
// message and before the answer.
func TestDrop(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	p.data = func(n int, c *smtp.Conn) error {
		if n == 1 {
			c.Conn().Close()
		}
		return nil
	}
	ticket := d.open(t, "en", "ada@example.org")
	s := d.sender(t, p.addr, d, three)
	d.round(t, s)
	if l := d.letter(t, ticket.ID); l.State != escalation.LetterWaiting {
		t.Errorf("letter %+v", l)
	}
	d.pass(time.Minute)
	d.round(t, s)
	sameID(t, p, 2)
}

// sameID checks that the server has n copies of one letter.
func sameID(t *testing.T, p *post, n int) {
	t.Helper()
	got := p.messages()
	if len(got) != n {
		t.Fatalf("%d messages, want %d", len(got), n)
	}
	first, _ := got[0].read(t)
	for _, m := range got {
		if h, _ := m.read(t); h.Get("Message-Id") != first.Get("Message-Id") || h.Get("Message-Id") == "" {
			t.Errorf("Message-ID %q and %q", first.Get("Message-Id"), h.Get("Message-Id"))
		}
	}
}

// forgetful is an outbox that cannot be told that a letter was sent.
type forgetful struct{ *desk }

func (forgetful) LetterSent(context.Context, string) error { return errors.New("database is away") }

// overtaken is an outbox in which something happens after letters are leased.
type overtaken struct {
	*desk
	by func()
}

func (o overtaken) LeaseLetters(ctx context.Context, n int, lease time.Duration) ([]escalation.Delivery, error) {
	letters, err := o.desk.LeaseLetters(ctx, n, lease)
	o.by()
	return letters, err
}

// TestOvertaken does not send what was replaced, or erased, after it was leased.
func TestOvertaken(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	post := func(id string) {
		t.Helper()
		if err := d.PostLetter(t.Context(), escalation.Letter{ID: id, Kind: escalation.LinksLetter, To: "ada@example.org", Lang: "en", NotBefore: d.clock(), Replaces: "links", Args: escalation.LetterArgs{Number: id, Path: "/x"}}); err != nil {
			t.Fatal(err)
		}
	}
	post("first")
	d.round(t, d.sender(t, p.addr, overtaken{d, func() { post("second") }}, three))
	if n := len(p.messages()); n != 0 {
		t.Errorf("%d letters out, though it was replaced", n)
	}
	d.round(t, d.sender(t, p.addr, overtaken{d, func() {
		if err := d.EraseAddress(t.Context(), "ada@example.org"); err != nil {
			t.Error(err)
		}
	}}, three))
	if n := len(p.messages()); n != 0 {
		t.Errorf("%d letters out, though it was erased", n)
	}
	post("third")
	d.round(t, d.sender(t, p.addr, d, three))
	if n := len(p.messages()); n != 1 {
		t.Errorf("%d letters out, want that which stands", n)
	}
}

// TestCrash sends a copy with the same Message-ID when the sender dies before it
// can say that a letter was sent. A sender that lives does not send it again.
func TestCrash(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	ticket := d.open(t, "en", "ada@example.org")
	s := d.sender(t, p.addr, forgetful{d}, three)
	d.round(t, s)
	if n := d.round(t, s); n != 0 {
		t.Error("a leased letter was leased again")
	}
	d.pass(time.Hour) // the lease is over
	d.round(t, s)
	sameID(t, p, 1)

	d.pass(time.Hour)
	d.round(t, d.sender(t, p.addr, d, three)) // another process
	sameID(t, p, 2)
	if l := d.letter(t, ticket.ID); l.State != escalation.LetterSent {
		t.Errorf("letter %+v", l)
	}
}

// TestTogether lets several senders work on one outbox: each letter is sent once.
func TestTogether(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	const n = 40
	for i := range n {
		d.open(t, "en", fmt.Sprintf("ada%d@example.org", i))
	}
	var wg sync.WaitGroup
	for range 4 {
		s := d.sender(t, p.addr, d, three)
		wg.Go(func() {
			for {
				sent, err := s.Round(t.Context())
				if err != nil {
					t.Error(err)
				}
				if sent == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	to := make(map[string]int)
	for _, m := range p.messages() {
		to[m.to[0]]++
	}
	if len(to) != n || len(p.messages()) != n {
		t.Errorf("%d messages to %d people, want %d", len(p.messages()), len(to), n)
	}
}

// TestRun sends what is written while it runs, without waiting for its next look.
func TestRun(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	s := d.sender(t, p.addr, d, three)
	go func() { defer close(done); s.Run(ctx) }()
	time.Sleep(20 * time.Millisecond) // it has looked, and found nothing
	d.open(t, "en", "ada@example.org")
	for begin := time.Now(); len(p.messages()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 3*time.Second {
			t.Fatal("not sent")
		}
	}
	cancel()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("goes on running")
	}
}

// TestInjection lets nothing that somebody typed become a header or a recipient.
func TestInjection(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	ticket := d.open(t, "en", "ada@example.org")
	evil := words{"en": "Hello\r\nBcc: eve@example.org\r\n\r\nbody\u2028X: y\n.\r\nRSET"}
	d.round(t, d.sender(t, p.addr, d, evil))
	got := p.messages()
	if len(got) != 1 || !slices.Equal(got[0].to, []string{"ada@example.org"}) {
		t.Fatalf("messages %+v, letter %+v", got, d.letter(t, ticket.ID))
	}
	h, _ := got[0].read(t)
	var names []string
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{"Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}
	if !slices.Equal(names, want) {
		t.Errorf("headers %v, want %v", names, want)
	}

	for _, to := range []string{"a@example.org\r\nBcc: eve@example.org", "a@example.org, eve@example.org", "Eve <eve@example.org>", "a@example.org>\r\nRCPT TO:<eve@example.org", "", "@"} {
		ticket := d.open(t, "en", "ada@example.org")
		if _, err := d.Change(t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return escalation.Change{Ticket: t, Letters: []escalation.Letter{{ID: escalation.NewID(), Kind: "reply", Ticket: t.ID, To: to, Lang: "en"}}}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for d.round(t, d.sender(t, p.addr, d, three)) > 0 {
	}
	for _, m := range p.messages() {
		if !slices.Equal(m.to, []string{"ada@example.org"}) {
			t.Errorf("sent to %q", m.to)
		}
	}
}

// TestBroken keeps going when a theme's letter cannot be written.
func TestBroken(t *testing.T) {
	p, d := startPost(t), newDesk(t)
	ticket := d.open(t, "en", "ada@example.org")
	for _, kind := range []escalation.LetterKind{"broken", "reply"} {
		d.Change(t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return escalation.Change{Ticket: t, Letters: []escalation.Letter{{ID: string(kind), Kind: kind, Ticket: t.ID, To: "ada@example.org", Lang: "en"}}}, nil
		})
	}
	d.round(t, d.sender(t, p.addr, d, three))
	if n := len(p.messages()); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
	failed, err := d.Letters(t.Context(), escalation.LetterFailed, "", 10)
	if err != nil || len(failed) != 1 || failed[0].ID != "broken" {
		t.Errorf("failed %+v, %v", failed, err)
	}

	// A letter without the way back to its ticket is not sent.
	d.open(t, "en", "ada@example.org")
	d.round(t, d.sender(t, p.addr, d, linkless{}))
	if n := len(p.messages()); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

type linkless struct{}

func (linkless) Letter(_, _, _ string, _ any) (string, string, error) { return "s", "t", nil }

// TestConfig says in one line what is wrong, and no password with it.
func TestConfig(t *testing.T) {
	good := mail.Config{SMTP: "smtps://user:secret@mail.example.com:465", From: "Help <help@example.com>", BaseURL: "https://help.example.com"}
	for _, test := range []struct {
		name string
		edit func(*mail.Config)
		want string // empty: none
	}{
		{"good", func(*mail.Config) {}, ""},
		{"no port", func(c *mail.Config) { c.SMTP = "smtp://mail.example.com" }, ""},
		{"bare address", func(c *mail.Config) { c.From = "help@example.com" }, ""},
		{"no scheme", func(c *mail.Config) { c.SMTP = "user:secret@mail.example.com" }, "smtp-url"},
		{"http", func(c *mail.Config) { c.SMTP = "http://user:secret@mail.example.com" }, "smtp-url"},
		{"no host", func(c *mail.Config) { c.SMTP = "smtp://user:secret@" }, "smtp-url"},
		{"bad port", func(c *mail.Config) { c.SMTP = "smtp://user:secret@mail.example.com:secret" }, "smtp-url"},
		{"port 0", func(c *mail.Config) { c.SMTP = "smtp://user:secret@mail.example.com:0" }, "smtp-url"},
		{"path", func(c *mail.Config) { c.SMTP = "smtp://user:secret@mail.example.com/inbox" }, "smtp-url"},
		{"slash in the password", func(c *mail.Config) { c.SMTP = "smtp://user:secret/@mail.example.com" }, "smtp-url"},
		{"no sender", func(c *mail.Config) { c.From = "" }, "mail-from"},
		{"two senders", func(c *mail.Config) { c.From = "a@example.com, b@example.com" }, "mail-from"},
		{"line break", func(c *mail.Config) { c.From = "a@example.com\r\nBcc: b@example.com" }, "mail-from"},
		{"no base", func(c *mail.Config) { c.BaseURL = "" }, "base-url"},
		{"base without host", func(c *mail.Config) { c.BaseURL = "https:///x" }, "base-url"},
		{"base of a script", func(c *mail.Config) { c.BaseURL = "javascript://x" }, "base-url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good
			test.edit(&c)
			_, err := mail.New(c, nil, three, make([]byte, 32), slog.Default(), time.Now)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && err == nil:
				t.Error("accepted")
			case err != nil && (!strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %q, want one line about %s", err, test.want)
			}
		})
	}
}
