package outside

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34:443": true, "93.184.216.34:80": true, "[2606:2800:220:1::1]:443": true, "[::ffff:93.184.216.34]:80": true,
		"93.184.216.34:22": false, "93.184.216.34:25": false, "93.184.216.34:0": false,
		"127.0.0.1:80": false, "127.8.8.8:80": false, "10.0.0.1:80": false, "172.16.0.1:80": false, "172.31.255.255:80": false, "192.168.1.1:443": false,
		"169.254.169.254:80": false, "0.0.0.0:80": false, "0.1.2.3:80": false, "100.64.0.1:80": false, "192.0.0.8:80": false, "192.0.2.1:80": false,
		"198.18.0.1:80": false, "198.51.100.1:80": false, "203.0.113.9:80": false, "224.0.0.1:80": false, "240.0.0.1:80": false, "255.255.255.255:80": false,
		"[::1]:80": false, "[::]:80": false, "[fe80::1%eth0]:80": false, "[fc00::1]:80": false, "[fd12::1]:80": false, "[ff02::1]:80": false,
		"[::ffff:127.0.0.1]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::7f00:1]:80": false, "[2002:7f00:1::1]:80": false, "[2001:0:1::1]:80": false, "[2001:db8::1]:80": false, "[fec0::1]:80": false,
	} {
		if got := Public(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("Public(%s) = %t", address, got)
		}
	}
}

func TestClean(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/a?b=c#d": "https://example.com/a?b=c", " http://example.com ": "http://example.com",
		"mailto:a@example.com": "", "file:///etc/passwd": "", "gopher://x": "", "https://": "", "//example.com": "", "/a": "", "https://me:secret@example.com": "",
		"http://[::1": "", "https://example.com/" + strings.Repeat("a", 2000): "",
	} {
		if got := Clean(raw); got != want {
			t.Errorf("Clean(%q) = %q, want %q", raw, got, want)
		}
	}
}

// TestAsk asks a site of all kinds of bad manners. Only its own port may be asked.
func TestAsk(t *testing.T) {
	var inner atomic.Int64 // requests to what must not be reached
	secret := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner.Add(1) }))
	defer secret.Close()
	var site *httptest.Server
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || r.UserAgent() != "Test" {
			t.Errorf("asked with %v", r.Header)
		}
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/none":
			http.NotFound(w, r)
		case "/members":
			w.WriteHeader(http.StatusForbidden)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/nohead":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/moved":
			w.Header().Set("Set-Cookie", "a=b")
			http.Redirect(w, r, "/fine", http.StatusMovedPermanently)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, secret.URL, http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/head":
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1000))
			}
		case "/endless":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusNotImplemented)
				return
			}
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return // we hung up
				}
			}
		case "/hang":
			panic(http.ErrAbortHandler)
		}
	}))
	defer site.Close()
	k := &Asker{Agent: "Test", Allow: func(to netip.AddrPort) bool { return "http://"+to.String() == site.URL }}
	for path, want := range map[string]Answer{
		"/fine": {Alive, 200}, "/gone": {Gone, 410}, "/none": {Gone, 404}, "/members": {Refused, 403}, "/broken": {Failing, 502}, "/nohead": {Alive, 200},
		"/moved": {Alive, 200}, "/loop": {Failing, 0}, "/inside": {Unasked, 0}, "/file": {Unasked, 0}, "/head": {Failing, 0}, "/endless": {Alive, 200}, "/hang": {Failing, 0},
	} {
		begin := time.Now()
		if got := k.Ask(context.Background(), site.URL+path); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %v", path, took)
		}
	}
	// What is not public is not asked, however it is called.
	_, port, _ := strings.Cut(strings.TrimPrefix(secret.URL, "http://"), ":")
	for _, address := range []string{
		secret.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://127.1:" + port, "http://0:" + port,
	} {
		if got := (&Asker{}).Ask(context.Background(), address); got.State == Alive || got.Status != 0 {
			t.Errorf("%s: %+v", address, got)
		}
	}
	if inner.Load() > 0 {
		t.Error("a private address was asked")
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if got, err := k.Run(stopped, []string{site.URL}); len(got) != 0 || err != nil {
		t.Errorf("stopped, and yet %v, %v", got, err)
	}
}

// TestRun leaves a site in peace between two questions, and blames none when there
// is no network.
func TestRun(t *testing.T) {
	var asked []time.Time
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = append(asked, time.Now()) }))
	k := &Asker{Allow: func(netip.AddrPort) bool { return true }, gap: 100 * time.Millisecond}
	pages := []string{site.URL + "/1", site.URL + "/2", site.URL + "/3"}
	got, err := k.Run(context.Background(), pages)
	if err != nil || len(got) != 3 || len(asked) != 3 || asked[2].Sub(asked[0]) < 200*time.Millisecond {
		t.Errorf("answers %v, %v, at %v", got, err, asked)
	}
	site.Close()
	if got, err = k.Run(context.Background(), pages); err == nil {
		t.Errorf("without a network: %v", got)
	}
	if got, err = k.Run(context.Background(), pages[:2]); err != nil || got[pages[0]].State != Failing {
		t.Errorf("a site that is away: %v, %v", got, err)
	}
}

func TestRecord(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := Record{Address: "a"}
	for i, step := range []struct {
		State
		dead bool
	}{
		{Failing, false}, {NoHost, true}, {Refused, false}, {Failing, false}, {Unasked, false}, {Failing, false}, {Alive, false}, {Gone, true}, {Failing, true}, {Alive, false},
	} {
		if r = r.After(Answer{State: step.State}, now); r.Dead() != step.dead {
			t.Errorf("step %d, %s: dead is %t", i, step.State, r.Dead())
		}
	}
	known := map[string]Record{"old": {Checked: now.Add(-8 * 24 * time.Hour)}, "older": {Checked: now.Add(-9 * 24 * time.Hour)}, "fresh": {Checked: now.Add(-6 * 24 * time.Hour)}}
	if got, want := Next(known, []string{"old", "fresh", "never", "older"}, now), []string{"never", "older", "old"}; !slices.Equal(got, want) {
		t.Errorf("next are %v, want %v", got, want)
	}
	if got := Next(nil, make([]string, 1000), now); len(got) != atOnce {
		t.Errorf("%d at once", len(got))
	}
}
