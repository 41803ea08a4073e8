package help

import (
	"errors"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"primalinea/portal/web"
	"primalinea/search"
)

const (
	maxMeant = 5
	// meantPatience is how long the page of a dead link waits for its offer.
	meantPatience = 500 * time.Millisecond
	// maxGuess is how much of an address says what was looked for.
	maxGuess = 100
)

// meant returns what a reader may have been looking for at an address that leads
// nowhere: the words of the address, and the articles that are nearest to them.
// Only addresses of this room say anything: others belong to machines, or to who
// works here.
func (r *Room) meant(c *fiber.Ctx, lang string) (words string, pages []web.Alternate) {
	_, short := strings.CutPrefix(c.Path(), "/a/")
	if !short && !strings.HasPrefix(c.Path(), "/"+lang+"/") {
		return "", nil
	}
	if words = guess(unescaped(c.Path())); words == "" {
		return "", nil
	}
	lib, reader := r.Articles.Library(), r.reader(c)
	ctx, cancel := timeout(c, meantPatience)
	defer cancel()
	found, err := r.Search.Search(ctx, search.Query{Text: words, Lang: lang, Reader: reader, Limit: maxMeant})
	hits := append(found.Hits, found.Elsewhere...)
	if err == nil && len(hits) == 0 {
		hits, err = r.Search.Nearest(ctx, lang, words, maxMeant, reader)
	}
	if err != nil && !errors.Is(err, search.ErrNotReady) {
		r.Log.WarnContext(ctx, "nothing offered for a dead link", "error", err, "request", web.RequestID(c))
	}
	for _, h := range r.hits(lib, hits[:min(len(hits), maxMeant)], lang, reader) {
		page := web.Alternate{Name: h.Article.Title, Path: h.Path}
		if h.Article.Lang != lang {
			page.Lang = h.Article.Lang
		}
		pages = append(pages, page)
	}
	return words, pages
}

// guess makes words of the last part of an address: of "/en/articles/
// 360012-return-a-device.html", "return a device". Numbers that some other
// program gave its pages say nothing.
func guess(address string) string {
	last := path.Base(strings.TrimSuffix(strings.TrimRight(address, "/"), "/suggest"))
	if i := strings.LastIndexByte(last, '.'); i > 0 && len(last)-i <= len(".html") {
		last = last[:i]
	}
	words := strings.FieldsFunc(last, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' })
	var said []string
	for _, w := range words {
		if len(w) > 4 && strings.Trim(w, "0123456789") == "" {
			continue
		}
		said = append(said, w)
	}
	text, _ := tidy(strings.Join(said, " "), maxGuess)
	return text
}
