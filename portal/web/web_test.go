package web

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// TestAddress tells who asks. Requests of the test come from 0.0.0.0, which is
// the proxy where one is trusted.
func TestAddress(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		name    string
		proxies []netip.Prefix
		lines   []string
		want    string
	}{
		{"nobody between", nil, nil, "0.0.0.0"},
		{"not trusted", nil, []string{"192.0.2.1"}, "0.0.0.0"},
		{"one proxy", proxy, []string{"192.0.2.1"}, "192.0.2.1"},
		{"made up by the client", proxy, []string{"127.0.0.1, 192.0.2.1"}, "192.0.2.1"},
		{"made up, and the proxy adds a line", proxy, []string{"127.0.0.1", "192.0.2.1"}, "192.0.2.1"},
		{"two proxies", proxy, []string{"127.0.0.1, 192.0.2.1, 10.1.2.3"}, "192.0.2.1"},
		{"version 6", proxy, []string{"2001:db8::1"}, "2001:db8::1"},
		{"no address", proxy, []string{"unknown"}, "0.0.0.0"},
	} {
		w := &Web{Proxies: test.proxies}
		app := fiber.New()
		var got string
		var local bool
		app.Get("/", func(c *fiber.Ctx) error {
			got, local = w.Address(c).String(), w.Local(c)
			return nil
		})
		r := httptest.NewRequest("GET", "/", nil)
		for _, line := range test.lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		if _, err := app.Test(r, -1); err != nil {
			t.Fatal(err)
		}
		if got != test.want || local {
			t.Errorf("%s: %s (local %t), want %s", test.name, got, local, test.want)
		}
	}
}

// TestLogged: no link that opens something to whoever has it stands in the log.
func TestLogged(t *testing.T) {
	app := fiber.New()
	var got string
	app.Use(func(c *fiber.Ctx) error {
		got = logged(c)
		return nil
	})
	for path, want := range map[string]string{
		"/set-up/CODE":                   "/set-up/…",
		"/join/CODE":                     "/join/…",
		"/reset/CODE":                    "/reset/…",
		"/requests/CODE":                 "/requests/…",
		"/subscriptions/CODE":            "/subscriptions/…",
		"/tickets/0123ABCD/address/CODE": "/tickets/0123ABCD/address/…",
		"/tickets/0123ABCD/keep/CODE":    "/tickets/0123ABCD/keep/…",
		"/tickets/0123ABCD":              "/tickets/0123ABCD",
	} {
		if _, err := app.Test(httptest.NewRequest("POST", path, nil), -1); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is logged as %s, want %s", path, got, want)
		}
	}
}

// TestLocal holds that what a proxy on the same machine hands on is not local,
// even when nobody told us of the proxy.
func TestLocal(t *testing.T) {
	app := fiber.New()
	for _, test := range []struct {
		peer, header, line string
		want               bool
	}{
		{"127.0.0.1", "", "", true},
		{"::1", "", "", true},
		{"192.0.2.1", "", "", false},
		{"127.0.0.1", "X-Forwarded-For", "192.0.2.1", false},
		{"127.0.0.1", "X-Forwarded-For", "127.0.0.1", false},
		{"127.0.0.1", "Forwarded", "for=192.0.2.1", false},
		{"127.0.0.1", "X-Real-IP", "192.0.2.1", false},
		{"127.0.0.1", "X-Forwarded-Host", "help.example.com", false},
		{"127.0.0.1", "X-Forwarded-Proto", "https", false},
		{"127.0.0.1", "Via", "1.1 example", false},
	} {
		var r fasthttp.Request
		if test.header != "" {
			r.Header.Set(test.header, test.line)
		}
		var ctx fasthttp.RequestCtx
		ctx.Init(&r, &net.TCPAddr{IP: net.ParseIP(test.peer)}, nil)
		c := app.AcquireCtx(&ctx)
		if got := new(Web).Local(c); got != test.want {
			t.Errorf("from %s, %s %q: local %t, want %t", test.peer, test.header, test.line, got, test.want)
		}
		app.ReleaseCtx(c)
	}
}
