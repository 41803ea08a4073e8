package portal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"primalinea/escalation/spam"
)

// TestTiers carries one request of the demo through the house in Italian, as everybody
// who has to do with it: the customer on a phone, agents of all tiers, and the lead.
func TestTiers(t *testing.T) {
	ahead := filepath.Join(t.TempDir(), "ahead")
	var offset time.Duration
	later := func(d time.Duration) {
		t.Helper()
		offset += d
		if err := os.WriteFile(ahead, []byte(offset.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	later(0)
	s := start(t, "--demo", "--clock-offset-file", ahead)
	customer, desk := open(t, reader{Lang: "it", Width: 390}), open(t, reader{Lang: "it"})

	// What the customer does on the page of the request.
	answer := func(fields map[string]string, do string) {
		t.Helper()
		for name, value := range fields {
			fill(t, customer, "[name='"+name+"']", value)
		}
		press(t, customer, "button[name=do][value="+do+"]:not(.hidden)")
		accessible(t, customer)
	}
	// read opens the request as the customer, when nothing of it can be taken back any more.
	var request string
	read := func() {
		t.Helper()
		later(time.Minute)
		visit(t, customer, request)
		accessible(t, customer)
	}
	// as opens the request, or another page, as somebody of the desk.
	as := func(who, path string) {
		t.Helper()
		do(t, desk, command(network.ClearBrowserCookies, cdp.Empty{}))
		visit(t, desk, s.url+"/sign-in")
		press(t, desk, "button[value="+who+"]")
		visit(t, desk, s.url+path)
		accessible(t, desk)
	}
	part := func(name string, fields map[string]string) {
		t.Helper()
		do(t, desk, chromedp.Click(chromedp.CSS(".tabs a[href='#"+name+"']")))
		for field, value := range fields {
			fill(t, desk, "[name='"+name+"-"+field+"']", value)
		}
		press(t, desk, "#"+name+" form > .button, #"+name+" form > .row > .button")
		accessible(t, desk)
		if wrong := ask(t, desk, chromedp.Evaluate[string](`[...document.querySelectorAll("main .problem")].map(p => p.textContent).join("; ")`)); wrong != "" {
			fatal(t, desk, name+": "+wrong)
		}
	}
	const lead, first, second, third = "sample-lead", "sample-first", "sample-second", "sample-third"

	// A customer searches in vain, and says what is the matter.
	visit(t, customer, s.url+"/it/search?q=zzrighe+sul+visore")
	accessible(t, customer)
	press(t, customer, "main a[href*='/contact?']")
	press(t, customer, "button[name=pick][value=device]")
	accessible(t, customer)
	shows(t, customer, "main", `comporre \*#06#`) // what to have ready
	fill(t, customer, "#subject", "Righe verdi sul visore")
	fill(t, customer, "#text", "Da ieri il visore ha righe verdi, anche dopo un riavvio.")
	fill(t, customer, "#email", "giulia@example.it")
	press(t, customer, "p > button[name=do][value=next]")
	accessible(t, customer)
	shows(t, customer, "[id='fact.model-problem']", `\S`) // asked in place
	fill(t, customer, "[id='fact.model']", "Belvaro Uno")
	press(t, customer, "p > button[name=do][value=next]")
	if ask(t, customer, chromedp.Evaluate[bool](`!!document.querySelector(".go-on")`)) {
		accessible(t, customer)
		press(t, customer, ".go-on button[value=check]")
	}
	accessible(t, customer)
	time.Sleep(spam.Hasty) // as long as anybody reads it once more
	press(t, customer, "p > button[name=do][value=send]")
	number := strings.TrimSpace(ask(t, customer, chromedp.Text(chromedp.CSS(".number"))))
	ticket := "/desk/tickets/" + number
	request = s.url + "/tickets/" + number
	read()

	// Tier 1 takes it. Before it goes to the technicians its number has to be known:
	// the page says so, and asks for it.
	as(first, ticket)
	shows(t, desk, ".trail", "zzrighe sul visore")
	press(t, desk, "form[action$='/take'] button")
	press(t, desk, "form[action$='/route'] button[value=route]")
	accessible(t, desk)
	shows(t, desk, "#kind .problem", `\S`)
	press(t, desk, "#kind a[href$='?ask=1#ask']")
	press(t, desk, "#ask form > .button")
	accessible(t, desk)
	read()
	question := ask(t, customer, chromedp.Evaluate[string](`document.querySelector("[name^=answer-]").name`))
	answer(map[string]string{question: "490154203237510"}, "reply")
	shows(t, customer, "main .problem", `\S`) // its last digit does not fit
	answer(map[string]string{question: "490154203237518"}, "reply")

	// The rule of its kind offers it to tier 2, where a fact is missing.
	as(first, ticket)
	press(t, desk, "form[action$='/route'] button[value=route]")
	accessible(t, desk)
	as(second, ticket+"?lang=it")
	do(t, desk, chromedp.Click(chromedp.CSS("details.refuse summary")), chromedp.Click(chromedp.CSS("input[name=refuse-reason][value=missing_facts]")))
	fill(t, desk, "#refuse-missing", "serial")
	press(t, desk, "details.refuse form > .button")
	accessible(t, desk)

	// Back at triage, it is asked for, once; and a specialist is asked meanwhile.
	as(first, ticket)
	shows(t, desk, "main", "1 rifiuto|rifiut")
	press(t, desk, "a[href$='?ask=1#ask']")
	press(t, desk, "#ask form > .button")
	part("consult", map[string]string{"to": "tech/3/" + third, "question": "Guasto noto?", "by": inDays(1)})
	read()
	question = ask(t, customer, chromedp.Evaluate[string](`document.querySelector("[name^=answer-]").name`))
	shows(t, customer, "form", "Numero di serie")
	answer(map[string]string{question: "B1-2207"}, "reply")
	as(third, ticket+"?lang=it")
	fill(t, desk, "[name=advise-text]", "Il cavo del visore: va esaminato.")
	press(t, desk, "form[action*='/consults/'] .button")
	accessible(t, desk)

	// Now it goes up, offer by offer.
	as(first, ticket)
	shows(t, desk, "main", "Il cavo del visore: va esaminato")
	up := map[string]string{"problem": "Righe verdi sul visore", "tried-1-what": "Riavvio", "tried-1-result": "Nessun effetto", "asked": "Trovare la causa", "by": inDays(3), "tell_customer": "Se ne occupa uno specialista."}
	up["to"] = "tech/2"
	part("handoff", up)
	as(second, ticket+"?lang=it")
	shows(t, desk, ".packet", "Riavvio → Nessun effetto")
	press(t, desk, "form[action$='/accept'] button")
	up["to"] = "tech/3"
	part("handoff", up)
	as(third, ticket+"?lang=it")
	press(t, desk, "form[action$='/accept'] button")
	accessible(t, desk)
	part("ask", map[string]string{"question-1-text": "Le righe restano nella modalità sicura?", "question-1-why": "Distingue il cavo dal programma.", "question-1-key": "safe_mode"})
	read()
	shows(t, customer, ".talk", "Se ne occupa uno specialista.*Se ne occupa uno specialista.*modalità sicura")

	// The customer is silent. After two letters on different days, of which the last
	// says when the request closes, one click keeps it open: looking is not yet acting.
	keep := `a[href*="/tickets/` + number + `/keep/"]`
	until := func(window context.Context, address, what, is string) { // the program's jobs look once a minute
		t.Helper()
		for began := time.Now(); ; time.Sleep(time.Second) {
			visit(t, window, s.url+address)
			if ask(t, window, chromedp.Evaluate[bool](is)) {
				break
			}
			if time.Since(began) > 100*time.Second {
				fatal(t, window, "it never comes that "+what)
			}
		}
		accessible(t, window)
	}
	noon := func(days int) { // when letters may be written
		now := time.Now().UTC().Add(offset)
		later(time.Date(now.Year(), now.Month(), now.Day()+days, 12, 0, 0, 0, time.UTC).Sub(now))
	}
	warned := func(last bool) string {
		return fmt.Sprintf(`[...document.querySelectorAll("article")].some(a => a.querySelector('%s') && a.textContent.includes("la chiudiamo il") === %t)`, keep, last)
	}
	as(third, ticket+"?lang=it")
	until(desk, ticket, "the question has left", `!!document.querySelector("[aria-labelledby=silence-h]:not(:has(li))")`)
	noon(7)
	until(customer, "/demo/letters?to=giulia@example.it", "the customer is reminded", warned(false))
	noon(7)
	until(customer, "/demo/letters?to=giulia@example.it", "the customer is warned", warned(true))
	shows(t, customer, "article:has("+keep+")", "ora locale|Europe/Rome|CET|UTC")
	press(t, customer, keep)
	accessible(t, customer)
	as(third, ticket+"?lang=it")
	press(t, customer, "button[value=keep-open]")
	accessible(t, customer)
	press(t, customer, "main p > a.button")
	accessible(t, customer)
	answer(map[string]string{"text": "Sì, restano."}, "reply")

	// Tier 3 solves it; an article is to be made of it.
	as(third, ticket+"?lang=it")
	do(t, desk, chromedp.Click(chromedp.CSS(".tabs a[href='#solve']")), chromedp.Click(chromedp.CSS("#solve input[value=made]")))
	part("solve", map[string]string{"text": "Il cavo del visore si è staccato: premere la cornice in alto a destra, poi riavviare.", "fact.finding": "hardware"})

	// The customer confirms, and says how it was.
	read()
	shows(t, customer, ".talk", "premere la cornice")
	answer(nil, "solved")
	do(t, customer, chromedp.Click(chromedp.CSS("#score input[value=good]")))
	answer(map[string]string{"rated": "Chiaro e veloce."}, "rate")

	// The lead reads it, and makes an article of it.
	as(lead, "/desk/ratings")
	shows(t, desk, "main", "Chiaro e veloce")
	as(lead, ticket)
	press(t, desk, "a[href*='/write/drafts?ticket=']")
	accessible(t, desk)
	press(t, desk, "button[name=make]")
	accessible(t, desk)
	press(t, desk, "button[name=do][value=publish]")
	accessible(t, desk)
	press(t, desk, "button[name=do][value=publish-anyway]")
	accessible(t, desk)

	// The next one finds it.
	found := false
	for end := time.Now().Add(20 * time.Second); !found && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		visit(t, customer, s.url+"/it/search?q=zzrighe+sul+visore")
		found = ask(t, customer, chromedp.Evaluate[bool](`[...document.querySelectorAll(".hits a[href*='/articles/']")].some(a => a.textContent.includes("visore"))`))
	}
	if !found {
		fatal(t, customer, "the published article is not found")
	}
	as(lead, "/lead/tiers")
}
