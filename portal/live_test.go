package portal_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLiveDesk has two agents at one request: each learns that the other is there, writes,
// and wrote. Nothing moves meanwhile, the focus stays, and what is typed is kept when the
// new entry is shown, which then is known to have been read.
func TestLiveDesk(t *testing.T) {
	s := start(t)
	b := open(t, reader{Lang: "it"})
	s.found(t, b)
	s.leave(t, b)
	s.hire(t, b, "uno", "it", "--teams", "general", "--tier", "1")
	s.hire(t, b, "due", "en", "--teams", "general", "--tier", "1")
	other := open(t, reader{Lang: "en"})
	s.enter(t, b, "uno")
	s.enter(t, other, "due")
	visit(t, other, s.url+"/desk?view=all")
	visit(t, b, s.url+"/desk/new")
	fill(t, b, "#name", "Anna")
	fill(t, b, "#subject", "Non si accende")
	fill(t, b, "#text", "Da ieri.")
	press(t, b, "main form.card > .button")

	// The list says that something is new, where it moves nothing.
	until(t, other, `document.querySelector("[data-news]:not([hidden]) .badge")?.textContent === "1 request is new here or has changed."`)
	accessible(t, other)
	press(t, other, "[data-news] a")
	shows(t, other, "th[scope=row] .badge.accent", "New")
	press(t, other, "table.tickets th[scope=row] a")
	until(t, b, `document.querySelector("[data-there]").textContent === "due sta leggendo."`)
	until(t, other, `document.querySelector("[data-there]").textContent === "uno is reading this."`)

	// What was read and typed before, and where.
	do(t, b, chromedp.Click(chromedp.CSS("#reply-text")), chromedp.KeyEvent("Una risposta a metà"))
	until(t, other, `document.querySelector("[data-there]").textContent === "uno is writing here."`)
	at := func() string {
		return ask(t, b, chromedp.Evaluate[string](`JSON.stringify([document.activeElement.id, document.activeElement.selectionStart, document.querySelector("#reply-text").getBoundingClientRect().top, scrollY])`))
	}
	before := at()
	do(t, other, chromedp.Click(chromedp.CSS(".tabs a[href='#note']")), chromedp.Click(chromedp.CSS("#note-text")), chromedp.KeyEvent("Ha chiamato di nuovo."))
	until(t, b, `document.querySelector("[data-there]").textContent === "due sta scrivendo qui."`)
	press(t, other, "#note form > .button")
	until(t, b, `document.querySelector("[data-news]:not([hidden]) .badge")?.textContent === "1 voce nuova. due ha scritto."`)
	if after := at(); after != before {
		t.Errorf("focus, cursor and place were %s, and are %s", before, after)
	}
	if got := ask(t, b, chromedp.Evaluate[string](`document.querySelector("[data-live] [aria-live]").ariaLive`)); got != "polite" {
		t.Errorf("it is said %q", got)
	}
	accessible(t, b)
	if got := ask(t, b, chromedp.Evaluate[bool](`document.querySelector(".talk").textContent.includes("Ha chiamato")`)); got {
		t.Error("it is shown before it is asked for")
	}

	// It is shown beside what is typed, and gets the focus.
	do(t, b, chromedp.Click(chromedp.CSS("[data-news] a")))
	until(t, b, `document.activeElement.matches("li.new") && document.activeElement.textContent.includes("Ha chiamato di nuovo.")`)
	until(t, b, `document.querySelector("[data-news]").hidden`)
	if got := ask(t, b, chromedp.Value(chromedp.CSS("#reply-text"))); got != "Una risposta a metà" {
		t.Errorf("the text is %q", got)
	}
	accessible(t, b)
	do(t, b, chromedp.Click(chromedp.CSS("#reply-text")), chromedp.KeyEvent(", e l'altra metà"))
	press(t, b, "#reply form > .button") // it is not asked again whether it was read
	shows(t, b, ".line.ours", "l'altra metà")
	until(t, other, `document.querySelector("[data-news]:not([hidden]) .badge")?.textContent.includes("uno has written.")`)

	// What nobody saw yet is shown before it is sent over.
	do(t, b, chromedp.Click(chromedp.CSS("#reply-text")), chromedp.KeyEvent("E ancora"))
	do(t, other, chromedp.Click(chromedp.CSS("[data-live] > a")))
	until(t, other, `document.querySelector(".talk").textContent.includes("l'altra metà")`)
	do(t, other, chromedp.Click(chromedp.CSS(".tabs a[href='#note']")), chromedp.Click(chromedp.CSS("#note-text")), chromedp.KeyEvent("Aspettate!"))
	press(t, other, "#note form > .button")
	press(t, b, "#reply form > .button")
	shows(t, b, "#reply .newer", "Aspettate!")
	if got := ask(t, b, chromedp.Value(chromedp.CSS("#reply-text"))); !strings.HasSuffix(got, "E ancora") {
		t.Errorf("the text is %q", got)
	}

	// Who goes away is there no more.
	visit(t, other, s.url+"/desk?view=all")
	until(t, b, `document.querySelector("[data-there]").hidden`)
}
