package web

import (
	"io"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestPages(t *testing.T) {
	p := Pages{Number: 2, Last: 3, path: "/write", query: map[string][]string{"q": {"a b&c"}}}
	if got := p.At(3); got != "/write?page=3&q=a+b%26c" {
		t.Error(got)
	}
	if got := p.At(1); got != "/write?q=a+b%26c" {
		t.Error(got)
	}
	if p.Before() != 1 || p.After() != 3 || (Pages{Number: 1, Last: 1}).After() != 0 {
		t.Error("neighbours")
	}
}

// TestSendCSV holds that no cell is a formula, whoever wrote it.
func TestSendCSV(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		return SendCSV(c, "a.csv", [][]string{{"title", "difference"}, {`=HYPERLINK("http://x")`, "-0.5"}, {"@it, \"so\"", "+"}, {"", "-a"}})
	})
	a, err := app.Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(a.Body)
	want := "title,difference\n\"'=HYPERLINK(\"\"http://x\"\")\",-0.5\n\"'@it, \"\"so\"\"\",'+\n,'-a\n"
	if string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	if h := a.Header; h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("Content-Disposition") != `attachment; filename="a.csv"` {
		t.Errorf("%v", h)
	}
}
