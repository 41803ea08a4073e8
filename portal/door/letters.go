package door

import (
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/portal/web"
)

// A Letter is one of a demo, as its recipient reads it.
type Letter struct {
	ID, To, Lang  string
	Sent          time.Time
	Subject, Text string
}

// Body is its text, with the addresses in it made clickable.
func (l Letter) Body() template.HTML { return web.Linked(l.Text) }

// letters serves GET /demo/letters: the last letters of a demo, which leave it on no
// other way. Whoever comes through a proxy is a stranger.
func (r *Room) letters(c *fiber.Ctx) error {
	if !r.Local(c) {
		return web.NotAllowed()
	}
	p := struct {
		web.Page
		To   string
		Sent []Letter
	}{Page: r.Page(c, "door", "sample.letters"), To: strings.TrimSpace(c.Query("to"))}
	p.NoIndex = true
	var err error
	if p.Sent, err = r.Letters(c.UserContext(), p.To); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "door/letters", p)
}
