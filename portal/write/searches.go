package write

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/portal/web"
)

// A searchesPage says what people search.
type searchesPage struct {
	web.Page
}

// searches serves GET /write/search.
func (r *Room) searches(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "write/searches", searchesPage{Page: r.Page(c, "write", "searches.title")})
}
