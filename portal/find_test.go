package portal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// until waits until an expression is true, on this page or on the next.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		// While one page gives way to another there is nobody to ask.
		if yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); err == nil && yes {
			return
		}
		if time.Now().After(end) {
			fatal(t, ctx, "in vain: "+expression)
		}
	}
}

// TestFind types into the search field and into the dialog that a key opens.
func TestFind(t *testing.T) {
	s := start(t)
	ctx := open(t, reader{Lang: "en"})
	key := func(keys string) {
		t.Helper()
		do(t, ctx, chromedp.KeyEvent(keys))
	}
	is := func(expression, want string) {
		t.Helper()
		if got := ask(t, ctx, chromedp.Evaluate[string]("String("+expression+")")); got != want {
			fatal(t, ctx, fmt.Sprintf("%s is %q, want %q", expression, got, want))
		}
	}
	const field, list = `document.querySelector("#q")`, `document.querySelector("#q-list")`

	visit(t, ctx, s.url+"/en/")
	is(field+`.role + " " + `+field+`.ariaAutoComplete + " " + `+field+`.getAttribute("aria-controls") + " " + `+list+`.role`, "combobox list q-list listbox")
	is(field+`.ariaExpanded`, "false")
	do(t, ctx, chromedp.Focus(chromedp.CSS("#q")))
	key("ba")
	key("tt")
	until(t, ctx, field+`.ariaExpanded === "true" && `+list+`.children.length > 1`)
	is(field+`.getAttribute("aria-activedescendant")`, "null") // nothing is chosen beforehand
	is(list+`.querySelectorAll("a").length`, "0")
	until(t, ctx, `/\d+ suggestions?/.test(document.querySelector(".find-form [role=status]").textContent)`)
	accessible(t, ctx)

	key(kb.ArrowUp) // to the last line, which searches for what was typed
	is(`document.getElementById(`+field+`.getAttribute("aria-activedescendant")).textContent`, "Search for “batt”")
	key(kb.ArrowDown)
	is(field+`.getAttribute("aria-activedescendant")`, "q-list0")
	is(list+`.querySelectorAll("[aria-selected=true]").length + document.activeElement.id`, "1q")
	key(kb.Escape)
	is(field+`.ariaExpanded + `+field+`.value + `+field+`.getAttribute("aria-activedescendant")`, "falsebattnull")
	key(kb.Escape)
	is(field+`.value`, "")

	key("battery")
	until(t, ctx, field+`.ariaExpanded === "true"`)
	key(kb.Tab)
	is(field+`.ariaExpanded + `+field+`.value`, "falsebattery") // leaves without choosing

	do(t, ctx, chromedp.Focus(chromedp.CSS("#q")))
	key(kb.ArrowDown)
	until(t, ctx, field+`.getAttribute("aria-activedescendant") === "q-list0"`)
	key(kb.Enter)
	until(t, ctx, `location.pathname === "/en/articles/battery-drains" && document.readyState === "complete"`)

	// From any page, by a key; what was typed is remembered by this browser alone.
	do(t, ctx, chromedp.Focus(chromedp.CSS(".related a")))
	key("/")
	until(t, ctx, `document.querySelector("dialog")?.open === true && document.activeElement.id === "find-q"`)
	accessible(t, ctx)
	key(kb.Escape)
	until(t, ctx, `!document.querySelector("dialog").open`)
	is(`document.activeElement.closest(".related") !== null`, "true") // the focus is where it was
	do(t, ctx, chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
	until(t, ctx, `document.querySelector("dialog").open`)
	key("wifi")
	key(kb.Enter)
	until(t, ctx, `location.search === "?q=wifi" && document.readyState === "complete"`)
	do(t, ctx, chromedp.Focus(chromedp.CSS("#q")))
	key("/") // in a field it is a letter
	is(field+`.value`, "/wifi")
	key(kb.Escape)
	key(kb.Escape)
	is(field+`.value`, "")
	key(kb.ArrowDown)
	until(t, ctx, list+`.textContent === "wifi"`)
	key(kb.Tab)
	is(`document.activeElement.textContent`, "Clear recent searches")
	key(kb.Enter)
	until(t, ctx, `localStorage.getItem("searches") === null`)
	is(`document.activeElement.id`, "q")

	// Without the key, for those who speak to their machine.
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-find]")))
	until(t, ctx, `document.querySelector("dialog")?.open === true`)
	do(t, ctx, chromedp.Click(chromedp.CSS("dialog [data-key]")), chromedp.Click(chromedp.CSS("dialog [data-close]")))
	key("/")
	is(`document.querySelector("dialog").open + " " + document.querySelector("[data-find] kbd").hidden`, "false true")
}

// TestVote answers "no" in place, and without JavaScript by pages.
func TestVote(t *testing.T) {
	s := start(t)
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain=%t", plain), func(t *testing.T) {
			ctx := open(t, reader{Lang: "it", Width: 320, Plain: plain})
			visit(t, ctx, s.url+"/it/articles/batteria-si-scarica")
			no := "#vote [value=no]"
			if plain {
				press(t, ctx, no)
			} else {
				do(t, ctx, chromedp.Click(chromedp.CSS(no)), chromedp.WaitVisible(chromedp.CSS("#vote [value=unclear]")))
				if got := ask(t, ctx, chromedp.Evaluate[string](`document.activeElement.id`)); got != "vote-title" {
					t.Errorf("the focus is at %q, not at the new heading", got)
				}
			}
			if !plain {
				accessible(t, ctx) // needs JavaScript itself
			}
			do(t, ctx, chromedp.Click(chromedp.CSS("#vote [value=unclear]")))
			if plain {
				press(t, ctx, "#vote form button")
			} else {
				do(t, ctx, chromedp.Click(chromedp.CSS("#vote form button")), chromedp.WaitNotPresent(chromedp.CSS("#vote form")))
			}
			shows(t, ctx, "#vote", "Grazie.*Chiedi aiuto su questo argomento")
			at := ask(t, ctx, chromedp.Location())
			if moved := strings.HasSuffix(at, "?vote=done#vote"); moved != plain {
				t.Errorf("the vote ends at %s", at)
			}
		})
	}
}
