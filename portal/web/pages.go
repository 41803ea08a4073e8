package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"
)

// AtOnce is how many lines of a list a page has.
const AtOnce = 50

// Pages are the numbers of a list in parts.
type Pages struct {
	Number, Last int
	query        url.Values
	path         string
}

// Part cuts one part out of a list of n, which an address with that query shows.
func Part(c *fiber.Ctx, n int, query url.Values) (p Pages, from, to int) {
	p = Pages{Last: max(1, (n+AtOnce-1)/AtOnce), query: query, path: c.Path()}
	p.Number = min(max(c.QueryInt("page", 1), 1), p.Last)
	from = (p.Number - 1) * AtOnce
	return p, from, min(from+AtOnce, n)
}

// At is the address of one part.
func (p Pages) At(n int) string {
	q := url.Values{}
	for name, values := range p.query {
		q[name] = values
	}
	if n > 1 {
		q.Set("page", strconv.Itoa(n))
	}
	if len(q) == 0 {
		return p.path
	}
	return p.path + "?" + q.Encode()
}

// Before is the number of the part before, 0 on the first.
func (p Pages) Before() int { return p.Number - 1 }

// After is the number of the next part, 0 on the last.
func (p Pages) After() int {
	if p.Number < p.Last {
		return p.Number + 1
	}
	return 0
}
