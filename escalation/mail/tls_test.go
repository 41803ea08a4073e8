package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"primalinea/escalation"
	"primalinea/escalation/mail"
)

// certificate returns one for 127.0.0.1 that vouches for itself, also as PEM.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// A guarded visit asks who comes, and notes whether the line was encrypted.
type guarded struct {
	visit
	door *door
}

// A door lets in who knows the word.
type door struct {
	post      post
	mu        sync.Mutex
	entered   int
	encrypted bool
}

func (g *guarded) AuthMechanisms() []string { return []string{sasl.Plain} }
func (g *guarded) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, word string) error {
		if name != "user" || word != "se:cr@et" {
			return errors.New("unknown")
		}
		g.door.mu.Lock()
		defer g.door.mu.Unlock()
		g.door.entered++
		_, g.door.encrypted = g.conn.TLSConnectionState()
		return nil
	}), nil
}

// TestTLS signs in over an encrypted line, from the start or after STARTTLS, and
// hands over nothing to a server whose certificate is not right.
func TestTLS(t *testing.T) {
	trusted, authority := certificate(t)
	stranger, _ := certificate(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file) // read once by the process; nothing else here uses TLS

	for _, test := range []struct {
		name, scheme, user string
		certificate        tls.Certificate
		sent               bool
	}{
		{"STARTTLS", "smtp", "user:se%3Acr%40et@", trusted, true},
		{"TLS", "smtps", "user:se%3Acr%40et@", trusted, true},
		{"STARTTLS without user", "smtp", "", trusted, true},
		{"STARTTLS of a stranger", "smtp", "user:se%3Acr%40et@", stranger, false},
		{"TLS of a stranger", "smtps", "", stranger, false},
		{"wrong password", "smtps", "user:other@", trusted, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			door := &door{}
			s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
				return &guarded{visit: visit{post: &door.post, conn: c}, door: door}, nil
			}))
			s.Domain, s.ErrorLog = "localhost", discard{}
			s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{test.certificate}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := l.Addr().String()
			if test.scheme == "smtps" {
				l = tls.NewListener(l, s.TLSConfig)
			}
			go s.Serve(l)
			defer s.Close()

			d := newDesk(t)
			ticket := d.open(t, "en", "ada@example.org")
			sender, err := mail.New(mail.Config{
				SMTP: test.scheme + "://" + test.user + addr, From: "help@example.com", BaseURL: "https://help.example.com", Timeout: 2 * time.Second,
			}, d, three, d.key, slog.New(slog.DiscardHandler), d.clock)
			if err != nil {
				t.Fatal(err)
			}
			d.round(t, sender)
			letter := d.letter(t, ticket.ID)
			if test.sent {
				if letter.State != escalation.LetterSent || len(door.post.messages()) != 1 {
					t.Errorf("letter %+v", letter)
				}
				if test.user != "" && (door.entered != 1 || !door.encrypted) {
					t.Errorf("signed in %d times, encrypted: %v", door.entered, door.encrypted)
				}
				return
			}
			// It is ours to mend, so the letter waits.
			if letter.State != escalation.LetterWaiting || letter.Problem == "" || len(door.post.messages()) != 0 || door.entered != 0 {
				t.Errorf("letter %+v, %d messages", letter, len(door.post.messages()))
			}
		})
	}
}
