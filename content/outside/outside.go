// Package outside asks other sites whether the pages that articles link to are
// still there.
//
// What is asked comes from whoever writes articles, so nothing is asked that is not
// on the public internet: the address is looked at when the connection is made,
// after names were resolved and at every redirection. An answer is never read
// beyond its head, and never shown.
package outside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A State is what became of an address.
type State string

// The states of an address.
const (
	Alive   State = "alive"
	Refused State = "refused" // it answers, but not to programs, or not to strangers
	Gone    State = "gone"    // the site says that there is no such page
	NoHost  State = "no_host" // there is no site of that name
	Failing State = "failing" // no answer, or one that says that the site is broken
	Unasked State = "unasked" // not on the public internet
)

// An Answer is what a site said.
type Answer struct {
	State  State
	Status int // 0 without an answer
}

const (
	patience     = 10 * time.Second // for one address, redirections and all
	maxRedirects = 5
	maxHead      = 64 << 10
	gap          = 2 * time.Second // between two questions to one site
)

// ports are where the web is. Others are not asked: a link must not make us knock
// at doors of other kinds.
var ports = []uint16{80, 443, 8080, 8443}

// errUnasked is why a connection is not made.
var errUnasked = errors.New("not on the public internet")

// An Asker asks. The zero value asks what is public.
type Asker struct {
	// Agent is what we call ourselves.
	Agent string
	// Allow says to where a connection may be made; nil is [Public].
	Allow func(netip.AddrPort) bool

	gap time.Duration // tests cannot wait
}

// Public reports whether an address is on the public internet, at a port of the web.
func Public(to netip.AddrPort) bool {
	a := to.Addr().Unmap().WithZone("")
	if !slices.Contains(ports, to.Port()) || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false // among others, addresses that stand for those of IPv4
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// special are ranges that look public and are not: of carriers, of documentation,
// of benchmarks, of tunnels that lead to addresses of IPv4, and what is reserved.
var special = func() (out []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// Clean returns the address that is asked for a link: without the part after #. It
// is empty for what is no page of the web, and for what holds a password.
func Clean(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(raw) > 2000 {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// Ask asks for one address: with HEAD, and with GET if that is not understood.
func (k *Asker) Ask(ctx context.Context, address string) Answer {
	if Clean(address) != address || address == "" {
		return Answer{State: Unasked}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := k.client()
	defer client.CloseIdleConnections()
	a := k.once(ctx, client, http.MethodHead, address)
	if a.Status >= 400 {
		a = k.once(ctx, client, http.MethodGet, address)
	}
	return a
}

func (k *Asker) client() *http.Client {
	allow := k.Allow
	if allow == nil {
		allow = Public
	}
	dialer := net.Dialer{
		Timeout: patience / 2,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !allow(netip.AddrPortFrom(to.Addr().Unmap(), to.Port())) {
				return errUnasked
			}
			return nil
		},
	}
	return &http.Client{
		// No proxy: it would connect for us to where we must not.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: patience / 2, MaxResponseHeaderBytes: maxHead, DisableKeepAlives: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirections")
			}
			if Clean(r.URL.String()) == "" {
				return errUnasked
			}
			r.Header.Del("Referer")
			return nil
		},
	}
}

func (k *Asker) once(ctx context.Context, client *http.Client, method, address string) Answer {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return Answer{State: Unasked}
	}
	r.Header.Set("User-Agent", cmp.Or(k.Agent, "Primalinea"))
	r.Header.Set("Accept", "text/html, */*;q=0.8")
	resp, err := client.Do(r)
	if err != nil {
		var dns *net.DNSError
		switch {
		case errors.Is(err, errUnasked):
			return Answer{State: Unasked}
		case errors.As(err, &dns) && dns.IsNotFound:
			return Answer{State: NoHost}
		}
		return Answer{State: Failing}
	}
	resp.Body.Close() // unread: the head says it all
	a := Answer{State: Alive, Status: resp.StatusCode}
	switch n := resp.StatusCode; {
	case n == http.StatusNotFound, n == http.StatusGone:
		a.State = Gone
	case n >= 500:
		a.State = Failing
	case n >= 400:
		a.State = Refused
	}
	return a
}

// A Record is what is known of an address.
type Record struct {
	Address string
	Answer
	Failed  int // how often in a row it was not there
	Checked time.Time
}

// bad reports whether an answer speaks against the link.
func (a Answer) bad() bool { return a.State == Gone || a.State == NoHost || a.State == Failing }

// Dead reports whether a writer should hear of it: a page that its site says is
// gone, at once; a site that does not answer, when it has not twice, a week apart.
func (r Record) Dead() bool { return r.State == Gone || r.bad() && r.Failed > 1 }

// After is what is known after one more answer.
func (r Record) After(a Answer, now time.Time) Record {
	r.Answer, r.Checked = a, now
	if r.Failed++; !a.bad() {
		r.Failed = 0
	}
	return r
}

const (
	// Every is how often an address is asked for.
	Every = 7 * 24 * time.Hour
	// atOnce is how many addresses one run asks for.
	atOnce = 100
)

// Next returns which addresses are to be asked for now: what never was, then what
// was longest ago.
func Next(known map[string]Record, addresses []string, now time.Time) []string {
	var due []string
	for _, a := range addresses {
		if r, ok := known[a]; !ok || now.Sub(r.Checked) >= Every {
			due = append(due, a)
		}
	}
	slices.SortStableFunc(due, func(a, b string) int { return known[a].Checked.Compare(known[b].Checked) })
	return due[:min(len(due), atOnce)]
}

// Run asks for addresses, one after another, and never one site twice within
// seconds. It fails when no site at all answers: then it is our own network that is
// away, and nothing is known of the links.
func (k *Asker) Run(ctx context.Context, addresses []string) (map[string]Answer, error) {
	out := make(map[string]Answer, len(addresses))
	last := map[string]time.Time{}
	wait := cmp.Or(k.gap, gap)
	asked, heard := 0, 0
	for _, a := range addresses {
		host := a
		if u, err := url.Parse(a); err == nil {
			host = u.Hostname()
		}
		if left := wait - time.Since(last[host]); left > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(left):
			}
		}
		if ctx.Err() != nil {
			break
		}
		answer := k.Ask(ctx, a)
		if ctx.Err() != nil {
			break // it was not the site that did not answer
		}
		last[host] = time.Now()
		out[a] = answer
		if answer.State != Unasked {
			asked++
		}
		if answer.Status > 0 {
			heard++
		}
	}
	if asked > 2 && heard == 0 {
		return nil, fmt.Errorf("none of %d sites answers: there is no network", asked)
	}
	return out, nil
}
