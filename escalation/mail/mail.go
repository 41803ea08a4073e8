// Package mail sends the letters that lie in the outbox. The theme says what
// they read like, the store which are due; this package puts the two together
// with the link back to the ticket, and hands them to a mail server.
//
// A letter is sent at least once. Without a crash it is sent once; after one, a
// copy has the same Message-ID, by which mail programs know it.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"primalinea/escalation"
)

// Words say what a letter reads like. A theme has them.
type Words interface {
	Letter(kind, lang, link string, args any) (subject, text string, err error)
}

// An Outbox has the letters. A leased one is given to nobody else for a while,
// and its attempt is counted before it is made.
type Outbox interface {
	LeaseLetters(ctx context.Context, n int, lease time.Duration) ([]escalation.Delivery, error)
	// LetterWaits says whether a leased letter is still to be sent.
	LetterWaits(ctx context.Context, id string) (bool, error)
	LetterSent(ctx context.Context, id string) error
	LetterFailed(ctx context.Context, id, problem string, again time.Time) error
	Woken() <-chan struct{} // soon after letters were written
}

// A Config is what an operator says about mail.
type Config struct {
	SMTP    string        // smtp://user:password@host:port, or smtps://
	From    string        // "Name <address>"
	BaseURL string        // of all links
	Timeout time.Duration // of one letter; 0: a minute
}

// A Sender sends letters.
type Sender struct {
	outbox  Outbox
	words   Words
	key     []byte // of links
	from    *netmail.Address
	base    string
	server  server
	timeout time.Duration
	log     *slog.Logger
	clock   func() time.Time

	mu   sync.Mutex
	sent map[string]bool // taken by the server, but the outbox could not be told
}

// New returns a Sender, or one clear line about what is wrong with c. The key is
// that of the links, the clock [time.Now].
func New(c Config, o Outbox, w Words, key []byte, log *slog.Logger, clock func() time.Time) (*Sender, error) {
	s := &Sender{
		outbox: o, words: w, key: key, log: log, clock: clock,
		timeout: c.Timeout,
		sent:    make(map[string]bool),
	}
	if s.timeout == 0 {
		s.timeout = time.Minute
	}
	if len(key) < 16 {
		return nil, fmt.Errorf("mail: the key of links is too short")
	}
	var err error
	if s.from, err = netmail.ParseAddress(c.From); err != nil || strings.ContainsFunc(c.From, isControl) {
		return nil, fmt.Errorf("mail-from: %q is not an address", c.From)
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("base-url: letters need the address of this site, as in https://help.example.com")
	}
	s.base = strings.TrimSuffix(u.String(), "/")
	if s.server, err = parseServer(c.SMTP); err != nil {
		return nil, err
	}
	return s, nil
}

// A server is where letters are handed over, and how to talk to it.
type server struct {
	host    string
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	options []gomail.Option
}

// parseServer reads the address of a mail server. What is wrong with it is said
// without it: it may hold a password.
func parseServer(address string) (server, error) {
	wrong := errors.New("smtp-url: not of the form smtp://user:password@host:port or smtps://…")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return server{}, wrong
	}
	// Whoever offers encryption gets it; its certificate must then be right.
	s := server{host: u.Hostname(), options: []gomail.Option{gomail.WithTLSPolicy(gomail.TLSOpportunistic)}}
	port := 25
	switch u.Scheme {
	case "smtp":
		if u.User != nil {
			port = 587
		}
		s.dial = new(net.Dialer).DialContext
	case "smtps":
		port = 465
		s.dial = (&tls.Dialer{Config: &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}}).DialContext
	default:
		return server{}, wrong
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return server{}, wrong
		}
	}
	s.options = append(s.options, gomail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options,
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	if _, err := gomail.NewClient(s.host, s.options...); err != nil {
		return server{}, wrong
	}
	return s, nil
}

// Link returns the address in a letter: where its arguments say, else back to its
// ticket. Besides opening that, it proves that whoever has it reads the
// recipient's mail.
func (s *Sender) Link(l escalation.Letter) string { return Link(s.base, s.key, l) }

// Link is [Sender.Link] of a site with an address and a key of its links.
func Link(base string, key []byte, l escalation.Letter) string {
	a := l.Args
	if a.Path != "" {
		if a.Nonce == "" {
			return base + a.Path
		}
		return base + a.Path + escalation.Code(key, a.Nonce)
	}
	return base + "/tickets/" + url.PathEscape(a.Number) +
		"?k=" + escalation.LinkToken(key, l.Ticket, a.Recipient, a.Generation) +
		"&m=" + escalation.MailProof(key, l.Ticket, a.Recipient, a.Generation)
}

// compose returns the message that a letter becomes. What cannot be composed
// will not be able to be later.
func (s *Sender) compose(l escalation.Letter) (m *gomail.Msg, err error) {
	defer func() {
		if v := recover(); v != nil { // a template of somebody's theme
			m, err = nil, fmt.Errorf("compose: %v", v)
		}
	}()
	to, err := netmail.ParseAddress(l.To)
	if err != nil || to.Address != l.To || strings.ContainsFunc(l.To, isControl) {
		return nil, fmt.Errorf("the recipient is not an address")
	}
	link := s.Link(l)
	subject, text, err := s.words.Letter(string(l.Kind), l.Lang, link, l.Args)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(text, link) {
		return nil, fmt.Errorf("the letter %q of the theme lacks its link", l.Kind)
	}
	m = gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, err
	}
	m.ToMailAddress(&netmail.Address{Address: to.Address})
	m.Subject(oneLine(subject))
	_, domain, _ := strings.Cut(s.from.Address, "@")
	m.SetMessageIDWithValue(l.ID + "@" + domain)
	m.SetDateWithValue(s.clock())
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", oneLine(l.Lang))
	m.SetBodyString(gomail.TypeTextPlain, text)
	return m, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// oneLine makes text fit for a header: a line break would begin another one.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || isControl(r) || r == '\u2028' || r == '\u2029' || r == '\u0085' }), " ")
}

// deliver hands a message to the server. It returns nil as soon as the server
// has taken it, whatever happens to the connection then.
func (s *Sender) deliver(ctx context.Context, m *gomail.Msg) (err error) {
	defer func() {
		if v := recover(); v != nil { // letters go out side by side: it would end the program
			err = fmt.Errorf("deliver: panic: %v", v)
		}
	}()
	// The connection is ours, for the client forgets one that went wrong early, and
	// its limits are for each step: a server may answer one byte a second.
	var conn net.Conn
	dial := func(ctx context.Context, network, addr string) (c net.Conn, err error) {
		conn, err = s.server.dial(ctx, network, addr)
		return conn, err
	}
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	client, err := gomail.NewClient(s.server.host, slices.Concat(s.server.options, []gomail.Option{
		gomail.WithTimeout(s.timeout), gomail.WithDialContextFunc(dial),
	})...)
	if err != nil {
		return err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = client.SendWithSMTPClient(c, m)
	if err == nil || m.IsDelivered() {
		client.CloseWithSMTPClient(c)
		return nil
	}
	return err
}
