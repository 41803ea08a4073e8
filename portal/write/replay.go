package write

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/search"
)

const (
	// replayed is how many different searches the page makes again at most.
	replayed = 500
	// logged is how many it chooses them from: those of other languages do not count.
	logged = 10_000
	// replaying is how long a reader waits for it.
	replaying = 10 * time.Second
)

// A replayPage says what people who searched would find if drafts were published.
type replayPage struct {
	web.Page
	Drafts []option
	Typed  *typed // instead of drafts

	Done   bool // searches were made again
	Days   int
	Asked  int // different searches
	Left   int // that were made less often, and not made again
	Replay search.Replay
	First  []shift
	Others []shift
	Staff  bool // customers find none of the articles that were chosen
	Busy   bool // no answer now
}

// A typed text is one that is being written, with what else the editor's form held.
type typed struct {
	File, Source, Base, Size, Current string
	Article                           *content.Article // nil while it cannot be understood
}

// Back is the address to which it goes to be written on.
func (t typed) Back() string { return editPath(t.File) }

// An option is a draft that may be chosen.
type option struct {
	*content.Article
	Chosen bool
}

// A shift is a search that would find something else.
type shift struct {
	search.Shift
	Why           string // address of the reasons
	Before, After []answer
}

// An answer is an article that a search finds.
type answer struct {
	*content.Article
	Edit   string
	Chosen bool // it is one of those whose publication is tried
}

// replay serves GET /write/search/replay: the searches of last month, made again
// as if the drafts that are chosen were published.
func (r *Room) replay(c *fiber.Ctx) error {
	p := replayPage{Page: r.Page(c, "write", "replay.title"), Days: journey.ReplayDays}
	var chosen []string
	for _, v := range c.Context().QueryArgs().PeekMulti("file") {
		chosen = append(chosen, string(v))
	}
	for _, a := range r.Articles.Library().All() {
		o := option{a, slices.Contains(chosen, a.File)}
		if (a.Status == content.Draft || a.Status == content.Review) && (o.Chosen || sought(a)) {
			p.Drafts = append(p.Drafts, o)
		}
	}
	slices.SortStableFunc(p.Drafts, func(a, b option) int {
		switch {
		case a.Chosen != b.Chosen && a.Chosen:
			return -1
		case a.Chosen != b.Chosen:
			return 1
		}
		return cmp.Or(b.Updated.Compare(a.Updated), strings.Compare(a.File, b.File))
	})
	p.Drafts = p.Drafts[:min(len(p.Drafts), web.AtOnce)]
	var with []*search.Draft
	for _, o := range p.Drafts {
		if !o.Chosen {
			continue
		}
		src, err := r.Articles.Source(o.Article)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted a moment ago
		}
		if err != nil {
			return err
		}
		d, err := r.asPublished(c.UserContext(), o.File, src)
		if err != nil {
			return err
		}
		if d != nil {
			with = append(with, d)
		}
	}
	return r.renderReplay(c, &p, with)
}

// sought reports whether searches of visitors can find an article.
func sought(a *content.Article) bool { return a.Audience < content.Agents && !a.Unlisted }

// replayTyped serves POST /write/search/replay: the same for a text that is being
// written. Nothing is saved.
func (r *Room) replayTyped(c *fiber.Ctx) error {
	p := replayPage{Page: r.Page(c, "write", "replay.title"), Days: journey.ReplayDays}
	t := &typed{File: c.FormValue("file"), Source: strings.ReplaceAll(c.FormValue("body"), "\r\n", "\n"), Base: c.FormValue("base"), Size: c.FormValue("change"), Current: c.FormValue("uptodate")}
	if !content.Savable(t.File) {
		return fiber.ErrNotFound
	}
	p.Typed = t
	d, err := r.asPublished(c.UserContext(), t.File, []byte(t.Source))
	if err != nil {
		return err
	}
	if d == nil {
		p.Problems = []web.Problem{{Field: "back", Text: p.T("replay.unreadable")}}
		return r.Render(c, fiber.StatusUnprocessableEntity, "write/replay", p)
	}
	t.Article = d.Article
	return r.renderReplay(c, &p, []*search.Draft{d})
}

// renderReplay makes the searches again, and shows what they find.
func (r *Room) renderReplay(c *fiber.Ctx, p *replayPage, with []*search.Draft) error {
	reader, langs, chosen := content.Public, map[string]bool{}, map[string]bool{}
	for _, d := range with {
		if a := d.Article; sought(a) {
			reader, langs[a.Lang], chosen[a.File] = max(reader, a.Audience), true, true
		}
	}
	p.Staff = len(with) > 0 && len(chosen) == 0
	if len(chosen) == 0 {
		return r.Render(c, fiber.StatusOK, "write/replay", p)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), replaying)
	defer cancel()
	most, left, err := r.Replayed(ctx, logged)
	if err != nil {
		return err
	}
	var asked []search.Asked
	for _, s := range most {
		switch {
		case !langs[s.Lang]: // finds the same
		case len(asked) == replayed:
			left++
		default:
			asked = append(asked, search.Asked{Text: s.Query, Lang: s.Lang, Times: s.Times})
		}
	}
	p.Done, p.Asked, p.Left = true, len(asked), left
	p.Replay, err = search.Compare(ctx, asked, reader, r.Search.Search, func(ctx context.Context, q search.Query) (search.Result, error) {
		q.With = with
		return r.Search.Search(ctx, q)
	})
	if errors.Is(err, search.ErrNotReady) {
		p.Busy = true
		c.Set(fiber.HeaderRetryAfter, "5")
		return r.Render(c, fiber.StatusServiceUnavailable, "write/replay", p)
	}
	if err != nil {
		return err
	}
	answers := func(hits []search.Hit) []answer {
		out := make([]answer, len(hits))
		for i, h := range hits {
			out[i] = answer{h.Article, editPath(h.Article.File), chosen[h.Article.File]}
		}
		return out
	}
	shifts := func(list []search.Shift) (out []shift) {
		for _, s := range list {
			out = append(out, shift{s, whyPath(s.Lang, s.Text, ""), answers(s.Before), answers(s.After)})
		}
		return out
	}
	p.First, p.Others = shifts(p.Replay.First), shifts(p.Replay.Others)
	return r.Render(c, fiber.StatusOK, "write/replay", p)
}

// Tried is how many searches were made again.
func (p replayPage) Tried() int { return p.Asked - p.Replay.Left }

// Skipped is how many searches were not made again.
func (p replayPage) Skipped() int { return p.Left + p.Replay.Left }
