package portal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"primalinea/escalation/spam"
)

// TestContactForm carries a question through the form to its own page, at the
// width of the smallest phone, with and without JavaScript; axe looks at each
// step, and the way back loses nothing.
func TestContactForm(t *testing.T) {
	s := start(t)
	dot, err := filepath.Abs("../cmd/primalinea/testdata/photo.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, lang, subject, error, offer, check, sent string
		plain, dark                                    bool
	}{
		{"it", "it", "La batteria dura poco", "Errore", "possono aiutare", "Controllare", "è arrivata", false, true},
		{"es plain", "es", "La batería dura poco", "Error", "pueden ayudar", "Revise", "Hemos recibido", true, false},
		{"en", "en", "The battery drains", "Error", "may help", "Check", "We have received", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := open(t, reader{Lang: test.lang, Width: 320, Plain: test.plain, Dark: test.dark})
			look := func(name string) {
				t.Helper()
				if !test.plain { // axe is a script
					accessible(t, ctx)
				}
				if dir := os.Getenv("PRIMALINEA_SHOTS"); dir != "" {
					png := ask(t, ctx, chromedp.FullScreenshot(100))
					if err := os.WriteFile(filepath.Join(dir, "contact-"+test.lang+"-"+name+".png"), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			next := func(do string) { t.Helper(); press(t, ctx, `main .button[name=do][value=`+do+`]`) }
			visit(t, ctx, s.url+"/"+test.lang+"/contact")
			fill(t, ctx, "#subject", test.subject)
			fill(t, ctx, "#text", "<b>12:00</b>")
			do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{dot}))
			if !test.plain { // its picture moves the button when it has arrived
				do(t, ctx, chromedp.WaitVisible(chromedp.CSS("ul.files img")), chromedp.WaitReady(chromedp.CSS("ul.files input[name=file]")))
			}
			next("next")
			shows(t, ctx, ".summary", "e-mail|correo")
			if title := ask(t, ctx, chromedp.Title()); title[:len(test.error)] != test.error {
				t.Errorf("title %q", title)
			}
			if !test.plain && !ask(t, ctx, chromedp.Evaluate[bool](`document.activeElement.matches(".summary")`)) {
				t.Error("the summary of mistakes has no focus")
			}
			look("1")
			fill(t, ctx, "#email", "ada@example.com")
			next("next")
			shows(t, ctx, "h1", test.offer)
			look("2")
			next("check")
			shows(t, ctx, "h1", test.check)
			shows(t, ctx, "main", "photo.png")
			shows(t, ctx, "main", "<b>12:00</b>")
			look("3")
			do(t, ctx, chromedp.NavigateBack())
			shows(t, ctx, "h1", test.offer)
			do(t, ctx, chromedp.NavigateForward())
			time.Sleep(spam.Hasty) // as long as anybody reads it once more
			next("send")
			shows(t, ctx, "h1", test.sent)
			look("4")
			press(t, ctx, `main a[href^="/tickets/"]`)
			shows(t, ctx, "h1", test.subject)
			look("5")
			fill(t, ctx, "#text", "more")
			next("reply")
			shows(t, ctx, "#newest", "more")
			next("solved")
			look("6")
		})
	}
}

// TestSuggestionsWhileTyping offers answers beside the form: announced, without
// taking the focus, and read in place.
func TestSuggestionsWhileTyping(t *testing.T) {
	s := start(t)
	ctx := open(t, reader{Lang: "en"})
	visit(t, ctx, s.url+"/en/contact")
	do(t, ctx,
		chromedp.SendKeys(chromedp.CSS("#subject"), "The battery drains quickly"),
		chromedp.WaitVisible(chromedp.CSS(".offers")),
		chromedp.WaitVisible(chromedp.CSS(".offers details[open] .prose")),
	)
	if focus := ask(t, ctx, chromedp.Evaluate[string](`document.activeElement.id`)); focus != "subject" {
		t.Errorf("the focus is on %q", focus)
	}
	accessible(t, ctx)
	// A draft outlives the page.
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#text"), "It is empty by noon."))
	press(t, ctx, ".offers a")
	visit(t, ctx, s.url+"/en/contact")
	if got := ask(t, ctx, chromedp.Value(chromedp.CSS("#text"))); got != "It is empty by noon." {
		t.Errorf("the draft is %q", got)
	}
	shows(t, ctx, "[data-restored]", "is back")
	do(t, ctx, chromedp.WaitVisible(chromedp.CSS(".offers")))
	press(t, ctx, ".offers button[name=solved]")
	shows(t, ctx, "h1", "Thank you")
	accessible(t, ctx)
	press(t, ctx, ".button[value=write]")
	if got := ask(t, ctx, chromedp.Value(chromedp.CSS("#text"))); got != "It is empty by noon." {
		t.Errorf("after all it is %q", got)
	}
}
