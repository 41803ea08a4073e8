package portal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestVariantsAndTerms reads an article with variants of a text and a term of the
// glossary by keyboard, with and without scripts: one variant shows at a time, a
// link into another opens it, and a term leads to its meaning and back.
func TestVariantsAndTerms(t *testing.T) {
	s := start(t)
	const text = "---\ntitle: Two ways\ndescription: d\n---\nHave the IMEI at hand.\n\n## Steps\n\n:::tabs\n== Android\nOpen the red one.\n== iPhone\nOpen the blue one.\n\n### Deeper {#deeper}\n\nDeep.\n:::\n"
	if err := os.WriteFile(filepath.Join(s.data, "articles", "en", "two-ways.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// shown are the parts that a reader sees.
	const shown = `[...document.querySelectorAll(".variant")].map(e => e.checkVisibility() ? e.querySelector("p").textContent : "").join("|")`
	const inSight = `(() => { const e = document.querySelector("dt:target"); if (!e) return false; const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight })()`
	for name, r := range map[string]reader{
		"scripts": {Lang: "en", Width: 320}, "plain": {Lang: "en", Width: 320, Plain: true}, "dark": {Lang: "en", Dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := open(t, r)
			for end := time.Now().Add(10 * time.Second); ; time.Sleep(200 * time.Millisecond) {
				visit(t, ctx, s.url+"/en/articles/two-ways")
				if title := ask(t, ctx, chromedp.Title()); strings.HasPrefix(title, "Two ways") {
					break
				}
				if time.Now().After(end) {
					fatal(t, ctx, "the article does not come")
				}
			}
			accessible(t, ctx)
			sees := func(when, want string) {
				t.Helper()
				if got := ask(t, ctx, chromedp.Evaluate[string](shown)); got != want {
					t.Errorf("%s: %q shows, want %q", when, got, want)
				}
			}
			sees("at first", "Open the red one.|")
			do(t, ctx, chromedp.SendKeys(chromedp.CSS(".variants input"), kb.ArrowRight))
			sees("after an arrow key", "|Open the blue one.")
			do(t, ctx, chromedp.Click(chromedp.CSS(".variants label")))
			sees("after a click", "Open the red one.|")
			do(t, ctx, chromedp.SendKeys(chromedp.CSS("a.term"), kb.Enter))
			if !ask(t, ctx, chromedp.Evaluate[bool](inSight)) {
				t.Error("a term does not lead to its meaning")
			}
			shows(t, ctx, ".glossary", "IMEI.*15-digit")
			do(t, ctx, chromedp.SendKeys(chromedp.CSS(".glossary [role=doc-backlink]"), kb.Enter))
			if !ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector("a.term:target") !== null`)) {
				t.Error("a meaning does not lead back")
			}
			visit(t, ctx, s.url+"/en/articles/two-ways#deeper")
			sees("linked to", "Open the red one.|Open the blue one.")
			accessible(t, ctx)
		})
	}
}
