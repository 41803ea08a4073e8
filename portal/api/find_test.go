package api

import (
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/portal/web"
)

// TestArticleForEverybody holds that a text for colleagues neither shows nor
// hides what everybody may read in another language.
func TestArticleForEverybody(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"it/reso.md":      "---\ntitle: Reso\nkey: return\naudience: agents\nstatus: published\n---\n\nSolo per noi.\n",
		"en/return.md":    "---\ntitle: Return\nkey: return\naudience: public\nstatus: published\n---\n\nFor everybody.\n",
		"en/checklist.md": "---\ntitle: Checklist\nkey: checklist\naudience: agents\nstatus: published\n---\n\nFor us.\n",
	} {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := content.Open(dir, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Room{Web: &web.Web{Base: &url.URL{Scheme: "http", Host: "help.example"}, Now: time.Now, Offered: func() []string { return []string{"it", "en"} }}, Articles: folder}
	app := fiber.New()
	app.Get("/articles/*", r.article)
	for _, test := range []struct {
		path string
		code int
		text string
	}{
		{"/articles/return", 200, `"lang":"en"`},
		{"/articles/return?lang=it", 200, `"languages":["en"]`},
		{"/articles/return?lang=en", 200, "For everybody."},
		{"/articles/checklist", 404, ""},
	} {
		resp, err := app.Test(httptest.NewRequest("GET", test.path, nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != test.code || !strings.Contains(string(body), test.text) || strings.Contains(string(body), "Solo per noi") {
			t.Errorf("GET %s: %d %s, want %d with %s", test.path, resp.StatusCode, body, test.code, test.text)
		}
	}
}
