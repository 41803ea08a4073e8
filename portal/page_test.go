package portal_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPublicPages looks at every kind of page that a stranger can open, as narrow
// as a page must still be read: axe finds nothing, and nothing is cut off.
func TestPublicPages(t *testing.T) {
	s := start(t)
	for _, test := range []struct {
		lang, search, article, section string
		dark                           bool
	}{
		{"it", "batteria", "batteria-si-scarica", "dispositivo", false},
		{"es", "batería", "bateria-se-agota", "dispositivo", true},
		{"en", "battery", "battery-drains", "device", false},
	} {
		t.Run(test.lang, func(t *testing.T) {
			ctx := open(t, reader{Lang: test.lang, Width: 320, Dark: test.dark})
			for _, path := range []string{
				"/",
				"/" + test.lang + "/sections/" + test.section,
				"/" + test.lang + "/articles/" + test.article,
				"/" + test.lang + "/search?q=" + test.search,
				"/" + test.lang + "/search?q=zzzzzz",
				"/" + test.lang + "/contact",
				"/" + test.lang + "/requests",
				"/" + test.lang + "/nothing-here",
				"/sign-in?lang=" + test.lang,
			} {
				visit(t, ctx, s.url+path)
				accessible(t, ctx)
				shows(t, ctx, "h1", `\S`)
				if lang := ask(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); lang != test.lang {
					t.Errorf("%s is in %s, want %s", path, lang, test.lang)
				}
			}
		})
	}
}
