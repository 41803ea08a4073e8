package portal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDesk works a caller's request from tier 1 to tier 2 in a browser: with
// scripts, and on a narrow screen without any.
func TestDesk(t *testing.T) {
	for _, r := range []reader{{Lang: "es", Width: 320, Plain: true}, {Lang: "it"}} {
		t.Run(fmt.Sprintf("%s plain=%t", r.Lang, r.Plain), func(t *testing.T) {
			s := start(t)
			b := open(t, r)
			look := func() {
				t.Helper()
				if r.Plain { // axe is a script that waits for itself
					if excess := ask(t, b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); excess > 0 {
						t.Errorf("%s is %d pixels wider than its window", ask(t, b, chromedp.Location()), excess)
					}
					return
				}
				accessible(t, b)
			}
			visit(t, b, s.setUp)
			fill(t, b, "#name", "Lead")
			fill(t, b, "#email", "lead@example.com")
			fill(t, b, "#password", password)
			do(t, b, chromedp.SetValue(chromedp.CSS("#lang"), r.Lang))
			press(t, b, "main form button")
			s.leave(t, b)
			s.hire(t, b, "uno", r.Lang, "--teams", "general", "--tier", "1")
			s.hire(t, b, "due", r.Lang, "--teams", "tech", "--tier", "2")

			s.enter(t, b, "uno")
			visit(t, b, s.url+"/desk/new")
			look()
			fill(t, b, "#name", "Anna")
			fill(t, b, "#subject", "La pantalla no se enciende")
			fill(t, b, "#text", "Desde ayer.")
			press(t, b, "main form.card > .button")
			ticket := ask(t, b, chromedp.Location())
			press(t, b, "form[action$='/take'] button")
			look()

			// A mistake comes back in the part that it was made in.
			do(t, b, chromedp.Click(chromedp.CSS(".tabs a[href='#solve']")))
			fill(t, b, "#solve-text", "Se ha cargado.")
			press(t, b, "#solve form > .button")
			look()
			shows(t, b, "#solve .problem", ".")
			if got := ask(t, b, chromedp.Value(chromedp.CSS("#solve-text"))); got != "Se ha cargado." {
				t.Errorf("the text is %q", got)
			}
			handOff(t, b, "tech/2", "La pantalla no se enciende")
			look()
			s.leave(t, b)

			s.enter(t, b, "due")
			visit(t, b, ticket)
			look()
			shows(t, b, ".packet", "Restarted it → No change")
			press(t, b, "form[action$='/accept'] button")
			do(t, b, chromedp.Click(chromedp.CSS(".tabs a[href='#note']")))
			fill(t, b, "#note-text", "Solo para nosotros")
			press(t, b, "#note form > .button")
			shows(t, b, ".line.note", "Solo para nosotros")
			visit(t, b, s.url+"/desk?view=mine")
			look()
			shows(t, b, "table.tickets", "La pantalla no se enciende")
		})
	}
}

// TestStaffPages looks at every page that staff have and the walks do not open, as
// narrow as a page must still be read.
func TestStaffPages(t *testing.T) {
	s := start(t, "--smtp-url", "smtp://127.0.0.1:9", "--mail-from", "help@example.com") // which nobody answers
	setUp := open(t, reader{Lang: "en"})
	s.found(t, setUp)
	visit(t, setUp, s.url+"/lead/people")
	fill(t, setUp, "#name", "Writer")
	fill(t, setUp, "#email", "writer@example.com")
	do(t, setUp, chromedp.SetAttributeValue(chromedp.CSS("input[name=roles][value=writer]"), "checked", "checked"))
	press(t, setUp, "main form .button[value=show]")
	accessible(t, setUp) // the one-time link
	for i, r := range []reader{
		{Lang: "it", Width: 320}, {Lang: "es", Width: 320, Dark: true}, {Lang: "en", Width: 1280}, {Lang: "it", Width: 320, Plain: true},
	} {
		t.Run(fmt.Sprintf("%s %d plain=%t", r.Lang, r.Width, r.Plain), func(t *testing.T) {
			ctx := open(t, r)
			s.enter(t, ctx, "lead")
			for _, path := range []string{
				"/account", "/account/factor", "/sign-in/forgot", "/reset/used", "/desk", "/desk?view=all", "/desk/new", "/lead", "/lead/demand", "/lead/letters", "/lead/letters?state=failed", "/lead/privacy", "/lead/people", "/lead/people/",
				"/write", "/write/problems", "/write/translations", "/write/reviews", "/write/links", "/write/search", "/write/search/synonyms", "/write/search/pins", "/write/new", "/write/edit/" + r.Lang + "/", "/nothing",
			} {
				if path == "/lead/people/" { // somebody's
					visit(t, ctx, s.url+"/lead/people")
					path = ask(t, ctx, chromedp.Evaluate[string](`document.querySelector("a[href^='/lead/people/']").pathname`))
				}
				if strings.HasSuffix(path, "/") {
					visit(t, ctx, s.url+"/write?only="+r.Lang+"&lang="+r.Lang)
					path = ask(t, ctx, chromedp.Evaluate[string](`new URL(document.querySelector("a[href^='/write/edit/`+r.Lang+`/']").href).pathname`))
				}
				visit(t, ctx, s.url+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+r.Lang)
				accessible(t, ctx)
				shows(t, ctx, "h1", `\S`)
				if lang := ask(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); lang != r.Lang {
					t.Errorf("%s is in %s, want %s", path, lang, r.Lang)
				}
			}
			// What is held about somebody, with an open request and a mistake.
			visit(t, ctx, s.url+"/desk/new")
			fill(t, ctx, "#name", "Ada")
			fill(t, ctx, "#email", "ada@example.com")
			fill(t, ctx, "#subject", "Engine")
			fill(t, ctx, "#text", "It does not compute.")
			press(t, ctx, "main form.card > .button")
			do(t, ctx, chromedp.SetValue(chromedp.CSS("#type-type"), "device"))
			press(t, ctx, "form[action$='/type'] button")
			ticket := ask(t, ctx, chromedp.Evaluate[string](`location.pathname`))
			for k, path := range []string{ // each to one of the readers: they are many
				ticket, ticket + "/facts", ticket + "/steps", ticket + "/split", ticket + "/give", "/desk/new?type=device", "/desk/tickets?q=engine",
				"/desk/mentions", "/desk/ratings", "/desk/problems", "/desk/problems/new", "/lead/tiers", "/lead/moves", "/lead/desk", "/lead/desk/teams", "/lead/desk/teams/tech", "/lead/desk/skills",
				"/lead/desk/types", "/lead/desk/types/device", "/lead/desk/types/device/steps", "/lead/desk/calendars", "/lead/desk/calendars/office", "/lead/desk/policies", "/lead/desk/policies/standard", "/lead/desk/macros", "/lead/desk/silence",
			} {
				if k%4 == i {
					visit(t, ctx, s.url+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+r.Lang)
					ask(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("details")].filter((d) => d.open = true).length`))
					accessible(t, ctx)
					shows(t, ctx, "h1", `\S`)
				}
			}
			visit(t, ctx, s.url+"/lead/privacy")
			fill(t, ctx, "#email", "ada@example.com")
			press(t, ctx, "main form .button")
			accessible(t, ctx)
			shows(t, ctx, "main", "Engine")
			fill(t, ctx, "#confirm", "ida@example.com")
			press(t, ctx, "main .button.danger")
			accessible(t, ctx)
			shows(t, ctx, "#confirm-problem", `\S`)
			// What was done stays in its column, however much there is to say of it.
			fill(t, ctx, "#confirm", "ada@example.com")
			press(t, ctx, "main .button.danger")
			excess := ask(t, ctx, chromedp.Evaluate[int](`(() => {
				const table = document.querySelector("caption").parentNode, words = "erased, except for files that could not be removed: this is tried again every hour";
				for (const badge of table.querySelectorAll(".badge")) badge.textContent = words;
				return table.innerText.includes(words) ? table.offsetWidth - table.parentNode.clientWidth : -1;
			})()`))
			if begins := ask(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("p.notice"), "::first-letter").textTransform`)); begins != "uppercase" {
				t.Errorf("a notice begins as %s", begins)
			}
			if excess != 0 {
				t.Errorf("what was done is %d pixels wider than its page", excess)
			}
		})
	}
}

// TestDueTakesOneLine: how long something is overdue stays on one line where the list of
// requests has columns, as long as it may get, and the list still fits its window.
func TestDueTakesOneLine(t *testing.T) {
	s := start(t)
	b := open(t, reader{Lang: "en", Width: 1024})
	s.found(t, b)
	visit(t, b, s.url+"/desk/new")
	fill(t, b, "#name", "Anna")
	fill(t, b, "#subject", "Engine")
	fill(t, b, "#text", "It does not compute.")
	press(t, b, "main form.card > .button")
	for _, test := range []struct{ lang, due, wait string }{
		{"it", "ritardo: 23 h 59 min", "meno di un minuto"},
		{"es", "atraso: 23 h 59 min", "menos de un minuto"},
		{"en", "overdue: 23 h 59 min", "less than a minute"},
	} {
		visit(t, b, s.url+"/desk?view=all&lang="+test.lang)
		lines := ask(t, b, chromedp.Evaluate[float64](`(() => {
			const [wait, due] = document.querySelectorAll(".tickets .wait span, .tickets summary .badge");
			due.textContent = "1 h";
			const one = due.offsetHeight;
			due.textContent = "`+test.due+`"; wait.textContent = "`+test.wait+`";
			return due.offsetHeight / one;
		})()`))
		if lines != 1 {
			t.Errorf("%s: %q takes %v lines", test.lang, test.due, lines)
		}
		for _, width := range []int64{1024, 1023, 929, 928, 768, 641, 640, 320} { // with columns, and as cards
			do(t, b, chromedp.EmulateViewport(width, 844))
			if excess := ask(t, b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); excess > 0 {
				t.Errorf("%s: at %d the list is %d pixels wider than its window", test.lang, width, excess)
			}
		}
		do(t, b, chromedp.EmulateViewport(1024, 844))
	}
}
