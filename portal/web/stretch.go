package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// linesAtOnce is how many lines of a conversation a page shows.
const linesAtOnce = 100

// A Stretch is the part of a long conversation that a page shows: its first line, for
// that is what it is about, and those from From to before To.
type Stretch struct {
	From, To int
	Earlier  string // address that shows what lies before; empty when nothing does
	Hidden   int    // how many lines that are
	Newest   string // address that shows the end; empty when this page does
}

// StretchOf returns which of so many lines the page at a path shows: the latest, or
// those before the one that the query names. Its end has an anchor.
func StretchOf(c *fiber.Ctx, lines int, path, end string) Stretch {
	return stretch(lines, c.QueryInt("before"), path, end)
}

func stretch(lines, before int, path, end string) Stretch {
	s := Stretch{To: lines}
	if before > 1 && before < lines {
		s.To, s.Newest = before, path+end
	}
	s.From = min(max(1, s.To-linesAtOnce+1), s.To)
	if s.Hidden = s.From - 1; s.Hidden > 0 {
		and := "?"
		if strings.Contains(path, and) {
			and = "&"
		}
		s.Earlier = path + and + "before=" + strconv.Itoa(s.From)
	}
	return s
}

// Shows says whether a line belongs to it.
func (s Stretch) Shows(line int) bool { return line == 0 || s.From <= line && line < s.To }
