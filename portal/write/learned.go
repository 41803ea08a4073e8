package write

import (
	"context"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/learning"
	"primalinea/portal/web"
)

// Learned are the words that articles learned from those whom they answered.
type Learned interface {
	// WordsOf returns those of an article in a language, the words of most people
	// first, and behind them what was removed.
	WordsOf(ctx context.Context, article, lang string) ([]learning.Word, error)
	CountWords(ctx context.Context) (learned, removed int, err error)
	// LatestWords returns some of all, the newest first.
	LatestWords(ctx context.Context, removed bool, limit, offset int) ([]learning.Word, error)
	// RemoveWord takes a word from an article for good; with a zero time it counts
	// again.
	RemoveWord(ctx context.Context, article, lang, stem string, by escalation.ActorRef, at time.Time) error
}

// A learnedWord is a word with the article that learned it.
type learnedWord struct {
	learning.Word
	About *content.Article // nil when it is gone
	Edit  string           // address of its editor
}

// A learnedPage lists the words that articles learned lately, or those that were
// removed.
type learnedPage struct {
	web.Page
	Pages   web.Pages
	Words   []learnedWord
	Learned int
	Gone    int    // words that were removed
	Removed bool   // they are listed
	Done    string // what was done a moment ago: "removed", "allowed"
}

// learned serves GET /write/search/learned.
func (r *Room) learned(c *fiber.Ctx) error { return r.showLearned(c, fiber.StatusOK, nil) }

func (r *Room) showLearned(c *fiber.Ctx, status int, refused error) error {
	p := learnedPage{Page: r.Page(c, "write", "learned.title"), Removed: c.Query("removed") != ""}
	p.Here("/write/search/learned")
	if refused != nil && !p.Refuse(refused) {
		return refused
	}
	if done := c.Query("done"); refused == nil && (done == "removed" || done == "allowed") {
		p.Done = done
	}
	ctx := c.UserContext()
	var err error
	if p.Learned, p.Gone, err = r.Learned.CountWords(ctx); err != nil {
		return err
	}
	total, query := p.Learned, url.Values(nil)
	if p.Removed {
		total, query = p.Gone, url.Values{"removed": {"1"}}
	}
	var from int
	p.Pages, from, _ = web.Part(c, total, query)
	words, err := r.Learned.LatestWords(ctx, p.Removed, web.AtOnce, from)
	if err != nil {
		return err
	}
	lib := r.Articles.Library()
	for _, w := range words {
		word := learnedWord{Word: w, About: lib.ByKey(w.Article, w.Lang)}
		if word.About != nil {
			word.Edit = editPath(word.About.File)
		}
		p.Words = append(p.Words, word)
	}
	return r.Render(c, status, "write/learned", p)
}

// judgeWord serves POST /write/search/learned: a writer takes a word from an article,
// or lets it count again.
func (r *Room) judgeWord(c *fiber.Ctx) error {
	remove := c.FormValue("do") != "allow"
	err := r.removeWord(c, c.FormValue("article"), c.FormValue("lang"), c.FormValue("stem"), remove)
	if err != nil {
		return r.showLearned(c, web.Status(escalation.KindOf(err)), err)
	}
	if !remove {
		return web.Redirect(c, "/write/search/learned?removed=1&done=allowed")
	}
	return web.Redirect(c, "/write/search/learned?done=removed")
}

// removeWord keeps what a writer decides about a word.
func (r *Room) removeWord(c *fiber.Ctx, article, lang, stem string, remove bool) error {
	var by escalation.ActorRef
	var at time.Time
	if remove {
		by, at = r.Me(c).Ref(), r.Now()
	}
	if err := r.Learned.RemoveWord(c.UserContext(), article, lang, stem, by, at); err != nil {
		return err
	}
	r.Log.InfoContext(c.UserContext(), "learned word", "article", article, "lang", lang, "removed", remove, "by", r.Me(c).ID)
	return nil
}
