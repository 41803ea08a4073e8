package journey

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// CookieLife is how long a visitor's cookie lives. It is not prolonged.
	CookieLife = 30 * 24 * time.Hour
	// SaltLife is how long a salt lives: cookies are issued under it for 15 days,
	// and the last of them lives 30 more. So a key stays the same for the whole
	// life of its cookie, longer than every window, and then nobody can make it
	// again.
	SaltLife = saltTurn + CookieLife

	saltTurn = 15 * 24 * time.Hour

	// NetworkTurn is how long networks are marked alike. Whatever counts them
	// forgets within that time what it counted, so that two turns are all it ever
	// sees: by waiting, one network does not become three.
	NetworkTurn = 365 * 24 * time.Hour
)

// Salts turn a visitor's cookie into the key under which journeys are kept.
type Salts struct {
	// Secret returns the secret of a name, and makes it when there is none yet, so
	// that all replicas agree.
	Secret func(ctx context.Context, name string) ([]byte, error)

	mu   sync.Mutex
	kept map[string][]byte
}

const (
	saltPrefix    = "journey-salt-"
	networkPrefix = saltPrefix + "network-"
)

func saltNumber(now time.Time) int64    { return now.Unix() / int64(saltTurn/time.Second) }
func networkNumber(now time.Time) int64 { return now.Unix() / int64(NetworkTurn/time.Second) }

func saltName(number int64) string { return saltPrefix + strconv.FormatInt(number, 10) }

// DeadSalt reports whether the name is that of a salt under which no cookie
// lives and no network is marked any more. The store deletes it.
func DeadSalt(name string, now time.Time) bool {
	digits, ok := strings.CutPrefix(name, saltPrefix)
	oldest := saltNumber(now) - 2
	if rest, network := strings.CutPrefix(name, networkPrefix); network {
		digits, oldest = rest, networkNumber(now)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return ok && err == nil && n < oldest
}

// SaltPrefix is how the names of all salts begin.
func SaltPrefix() string { return saltPrefix }

// NewCookie returns the value of a new visitor's cookie: 128 random bits, and
// the number of the salt that belongs to it.
func NewCookie(now time.Time) string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return strconv.FormatInt(saltNumber(now), 10) + "." + base64.RawURLEncoding.EncodeToString(b[:])
}

// Visitor returns the key of the visitor with that cookie. It is empty when the
// cookie is not one of ours or too old; then a new one is due.
func (s *Salts) Visitor(ctx context.Context, cookie string, now time.Time) (string, error) {
	digits, random, ok := strings.Cut(cookie, ".")
	number, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || digits != strconv.FormatInt(number, 10) || len(random) != 22 {
		return "", nil
	}
	if current := saltNumber(now); number > current || number < current-2 {
		return "", nil
	}
	salt, err := s.salt(ctx, saltName(number))
	if err != nil {
		return "", fmt.Errorf("visitor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(mac(salt, cookie)[:16]), nil
}

// Network returns a mark of the network that an address belongs to: the same for
// its neighbours (/24, or /48 of IPv6), probably another one for everybody else.
// There are only 4,096 marks. That is plenty to see that three people are not in one
// place, and too few to say where anybody is, even for who has the salt.
func (s *Salts) Network(ctx context.Context, a netip.Addr, now time.Time) (string, error) {
	if a = a.Unmap(); !a.IsValid() {
		return "", nil
	}
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "", fmt.Errorf("network: %w", err)
	}
	turn := strconv.FormatInt(networkNumber(now), 10)
	salt, err := s.salt(ctx, networkPrefix+turn)
	if err != nil {
		return "", fmt.Errorf("network: %w", err)
	}
	sum := mac(salt, p.String())
	return fmt.Sprintf("%s.%03x", turn, binary.BigEndian.Uint16(sum)>>4), nil
}

func (s *Salts) salt(ctx context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if salt, ok := s.kept[name]; ok {
		return salt, nil
	}
	salt, err := s.Secret(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(s.kept) >= 4 || s.kept == nil {
		s.kept = map[string][]byte{} // those in use come back
	}
	s.kept[name] = salt
	return salt, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// A Source is where a request comes from. Only what visitors do is recorded;
// the rest is counted apart.
type Source string

// The sources of requests.
const (
	Visitors   Source = "" // people who look for help
	Staff      Source = "staff"
	Program    Source = "api"
	Crawlers   Source = "crawler"
	Prefetches Source = "prefetch" // nobody has looked yet
	Probes     Source = "probe"    // health checks
)

var (
	probes   = []string{"kube-probe", "healthcheck", "health-check", "uptime", "pingdom", "statuscake", "monitor"}
	crawlers = []string{"bot", "crawl", "spider", "slurp", "archiver", "facebookexternalhit", "preview", "scrape", "fetch",
		"curl/", "wget/", "python", "go-http-client", "java/", "okhttp", "libwww", "httpclient", "feed", "lighthouse", "axios"}
)

// SourceOf tells crawlers, probes and prefetches by what they say of
// themselves: the headers User-Agent, Purpose (or X-Purpose) and Sec-Purpose. A
// crawler that lies is taken for a visitor. Signed-in staff are the caller's to
// name.
func SourceOf(userAgent, purpose, secPurpose string) Source {
	for _, p := range []string{purpose, secPurpose} {
		if p = strings.ToLower(p); strings.Contains(p, "prefetch") || strings.Contains(p, "prerender") || strings.Contains(p, "preview") {
			return Prefetches
		}
	}
	agent := strings.ToLower(userAgent)
	for _, word := range probes {
		if strings.Contains(agent, word) {
			return Probes
		}
	}
	for _, word := range crawlers {
		if strings.Contains(agent, word) {
			return Crawlers
		}
	}
	if agent == "" {
		return Crawlers
	}
	return Visitors
}
