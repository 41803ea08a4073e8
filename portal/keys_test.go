package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeys works requests by keyboard alone: take, read, reply, next, with at most six
// keys beside the text. Single keys do nothing before they are turned on, nor while
// somebody writes.
func TestKeys(t *testing.T) {
	s := start(t)
	b := open(t, reader{Lang: "en"})
	s.found(t, b)
	s.leave(t, b)
	s.hire(t, b, "uno", "en", "--teams", "general", "--tier", "1")
	s.enter(t, b, "uno")
	for _, subject := range []string{"First of all", "Second of all"} {
		visit(t, b, s.url+"/desk/new")
		fill(t, b, "#name", "Anna")
		fill(t, b, "#subject", subject)
		fill(t, b, "#text", "It does not work.")
		press(t, b, "main form.card > .button")
	}
	visit(t, b, s.url+"/desk?view=free-1")

	keys := 0
	key := func(k string, options ...chromedp.KeyOption) {
		t.Helper()
		keys++
		do(t, b, chromedp.KeyEvent(k, options...))
	}
	// until waits for a page that may just be on its way.
	until := func(script, want string) {
		t.Helper()
		var got string
		for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
			got = ask(t, b, chromedp.Evaluate[string](`document.readyState === "complete" ? `+script+` : ""`))
			if strings.Contains(got, want) {
				return
			}
		}
		t.Fatalf("%s is %q, want %q", script, got, want)
	}
	focused := func(want string) {
		t.Helper()
		until(`document.querySelector("h1").textContent + ": " + (document.activeElement.id || document.activeElement.className || document.activeElement.textContent)`, want)
	}

	key("o")
	if at := ask(t, b, chromedp.Location()); !strings.Contains(at, "/desk?view=free-1") {
		t.Fatalf("a key that is off leads to %s", at)
	}
	do(t, b, chromedp.Click(chromedp.CSS("[data-keys-open]")))
	accessible(t, b)
	do(t, b, chromedp.Click(chromedp.CSS("[data-keys] input")), chromedp.Click(chromedp.CSS("[data-keys] .button")))
	focused("First of all")
	key("j")
	focused("Second of all")
	key("k")
	focused("First of all")

	keys = 0
	key("o")
	focused("First of all: talk")
	key("a")
	until(`document.querySelector(".notice.good")?.textContent ?? ""`, "You have taken it.")
	focused("First of all: talk")
	key("r")
	focused("reply-text")
	do(t, b, chromedp.KeyEvent("Have you tried another one? jkoa"))
	key(kb.Enter, chromedp.KeyModifiers(2)) // Ctrl
	until(`document.querySelector(".line.ours")?.textContent ?? ""`, "another one? jkoa")
	focused("First of all: talk")
	key("j")
	focused("Second of all: talk")
	if keys > 6 {
		t.Errorf("it took %d keys", keys)
	}
	key("g")
	key("q")
	focused("Second of all")
}
