package portal_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSayings walks through what readers say to those who write, and what a lead
// says to all readers, as narrow as a page must still be read.
func TestSayings(t *testing.T) {
	s := start(t)
	lead := open(t, reader{Lang: "it", Width: 320, Dark: true})
	visit(t, lead, s.setUp)
	fill(t, lead, "#name", "Lead")
	fill(t, lead, "#email", "lead@example.com")
	fill(t, lead, "#password", password)
	do(t, lead, chromedp.SetValue(chromedp.CSS("#lang"), "it"))
	press(t, lead, "main form button")
	for _, test := range []struct {
		reader
		article, dead string
	}{
		{reader{Lang: "it", Width: 320}, "batteria-si-scarica", "batteria-scarica-subito"},
		{reader{Lang: "es", Width: 320, Dark: true}, "bateria-se-agota", "bateria-agotada"},
		{reader{Lang: "en", Width: 1280}, "battery-drains", "battery-empty"},
	} {
		t.Run(test.Lang, func(t *testing.T) {
			b := open(t, test.reader)
			visit(t, lead, s.url+"/lead/status")
			fill(t, lead, fmt.Sprintf("textarea[name='text.%s']", test.Lang), "Pagamenti lenti, payments are slow, pagos lentos.")
			do(t, lead, chromedp.SetAttributeValue(chromedp.CSS("input[name=on]"), "checked", "checked"))
			press(t, lead, "main form > p > .button")
			accessible(t, lead)

			visit(t, b, s.url+"/"+test.Lang+"/articles/"+test.dead)
			accessible(t, b)
			shows(t, b, "#meant + ul", `\S`)
			visit(t, b, s.url+"/"+test.Lang+"/articles/"+test.article)
			shows(t, b, "main > [role=status]", "slow")
			accessible(t, b)
			press(t, b, "main a[href$='/suggest']")
			accessible(t, b)
			press(t, b, "main form .button")
			shows(t, b, ".summary [role=alert]", `\S`)
			accessible(t, b)
			fill(t, b, "#text", "Sono 15 giorni, non 14.\nEtwas ist falsch.")
			fill(t, b, "#email", "anna.maria.della.valle@mail.example.com")
			press(t, b, "main form .button")
			accessible(t, b)

			visit(t, lead, s.url+"/write/suggestions")
			accessible(t, lead)
			press(t, lead, "main article h2 a")
			accessible(t, lead)
			shows(t, lead, "details .said", "15 giorni")
			visit(t, lead, s.url+"/write/suggestions")
			press(t, lead, "main article form .button")
			shows(t, lead, "main .notice.good", `\S`)
		})
	}
}
