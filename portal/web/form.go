package web

import "github.com/gofiber/fiber/v2"

// maxValues is how many values of one name a form may have: more than any form
// of ours has.
const maxValues = 100

// Values returns all values of a form's field, such as of boxes that share a
// name.
func Values(c *fiber.Ctx, name string) []string {
	var out []string
	if form, err := c.MultipartForm(); err == nil {
		out = form.Value[name]
	} else {
		for _, v := range c.Request().PostArgs().PeekMulti(name) {
			out = append(out, string(v))
		}
	}
	return out[:min(len(out), maxValues)]
}

// Names returns the names of a form's fields.
func Names(c *fiber.Ctx) []string {
	var out []string
	if form, err := c.MultipartForm(); err == nil {
		for name := range form.Value {
			out = append(out, name)
		}
	} else {
		for name := range c.Request().PostArgs().All() {
			out = append(out, string(name))
		}
	}
	return out
}
