package portal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"primalinea/escalation/evidence"
	"primalinea/escalation/spam"
)

// cut counts the bytes that a page sends of files, and loses its line after so many
// pieces.
const cut = `(pieces) => {
	const real = fetch;
	window.bytes = 0;
	window.cut = pieces;
	window.fetch = async (path, options) => {
		if (options?.method !== "PATCH") return real(path, options);
		if (window.cut-- <= 0) throw new TypeError("the line is gone");
		window.bytes += options.body.byteLength;
		return real(path, options);
	};
}`

// TestCutUpload loses the line of a telephone when nine tenths of a file are here. The
// page says so, and goes on by itself when the line is back; after a reload the same file
// is chosen again, and only the last tenth is sent.
func TestCutUpload(t *testing.T) {
	s := start(t)
	bill := filepath.Join(t.TempDir(), "bolletta.pdf")
	if err := os.WriteFile(bill, []byte("%PDF-1.7\n"+strings.Repeat("0123456789abcdef", 10*evidence.Piece/16)[9:]), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, reload := range map[string]bool{"the line comes back": false, "the page is loaded again": true} {
		t.Run(name, func(t *testing.T) {
			ctx := open(t, reader{Lang: "it", Width: 390})
			visit(t, ctx, s.url+"/it/contact")
			run := func(script string) { t.Helper(); ask(t, ctx, chromedp.Evaluate[int](script)) }
			// until waits for what a script needs its time for.
			until := func(what, script string) {
				t.Helper()
				for began := time.Now(); !ask(t, ctx, chromedp.Evaluate[bool](script)); time.Sleep(50 * time.Millisecond) {
					if time.Since(began) > 30*time.Second {
						fatal(t, ctx, what)
					}
				}
			}
			shows(t, ctx, "#files-hint", "20 MB.*200 MB")
			run("(" + cut + ")(9); 0")
			do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{bill}))
			until("it does not say that the line is gone", `document.querySelector("ul.files .meta")?.textContent.includes("connessione")`)
			if n := ask(t, ctx, chromedp.Evaluate[int](`window.bytes`)); n != 9*evidence.Piece {
				t.Errorf("%d bytes were sent before", n)
			}
			accessible(t, ctx)
			if dir := os.Getenv("PRIMALINEA_SHOTS"); dir != "" {
				png := ask(t, ctx, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, "upload-cut.png"), png, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if reload {
				visit(t, ctx, s.url+"/it/contact")
				run("(" + cut + ")(99); 0")
				do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{bill}))
			} else {
				run(`window.bytes = 0; window.cut = 99; dispatchEvent(new Event("online")); 0`)
			}
			until("it does not go on", `document.querySelector("ul.files input[name=file]") !== null`)
			if n := ask(t, ctx, chromedp.Evaluate[int](`window.bytes`)); n != evidence.Piece {
				t.Errorf("%d bytes were sent after the cut, want the last piece alone", n)
			}
			accessible(t, ctx)
			fill(t, ctx, "#subject", "La bolletta")
			fill(t, ctx, "#text", "Eccola.")
			fill(t, ctx, "#email", "ada@example.com")
			press(t, ctx, `main .button[name=do][value=next]`)
			if ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector("main .button[name=do][value=check]") !== null`)) {
				press(t, ctx, `main .button[name=do][value=check]`)
			}
			shows(t, ctx, "main", "bolletta.pdf")
			time.Sleep(spam.Hasty)
			press(t, ctx, `main .button[name=do][value=send]`)
			press(t, ctx, `main a[href^="/tickets/"]`)
			shows(t, ctx, "main", `bolletta.pdf.*5,0.MB`)
		})
	}
}
