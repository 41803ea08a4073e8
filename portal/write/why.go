package write

import (
	"context"
	"errors"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

const (
	// suggested is how many keys of articles the page suggests.
	suggested = 300
	// explained is how many answers it lists.
	explained = 10
)

// A whyPage explains why a search finds an article where it does.
type whyPage struct {
	web.Page
	Text     string
	In       string // language that is searched
	Key      string
	Keys     []*content.Article
	Found    []found  // what the search finds, best first
	Reasons  *reasons // of the article that was asked about
	First    *reasons // of the first answer beside it
	Draft    bool     // it is not published, and explained as if it were
	Unlisted bool     // no search finds it
	Missing  []string // words that it does not hold
	Cut      bool     // the text is longer than a search
	Busy     bool     // no answer now
}

// A found is an answer, with the address of its reasons.
type found struct {
	*content.Article
	Pinned bool
	Why    string
	Chosen bool
}

// Reasons are why an article stands where it does.
type reasons struct {
	*content.Article
	Edit   string
	Rank   int
	Pinned bool
	Of     int // what its words are worth, in percent of those of the better one
	Parts  []reason
}

// A reason is one part of what an article is worth for a search.
type reason struct {
	Share int // percent
	Text  string
}

// whyPath is the address of the reasons for which a search finds an article; of
// the search's answers without its key.
func whyPath(lang, text, key string) string {
	q := url.Values{"q": {text}, "in": {lang}}
	if key != "" {
		q.Set("article", key)
	}
	return "/write/search/why?" + q.Encode()
}

// why serves GET /write/search/why.
func (r *Room) why(c *fiber.Ctx) error {
	p := whyPage{Page: r.Page(c, "write", "why.title"), Text: strings.TrimSpace(c.Query("q")), In: c.Query("in"), Key: strings.TrimSpace(c.Query("article"))}
	if !slices.ContainsFunc(p.Languages, func(l web.Alternate) bool { return l.Lang == p.In }) {
		p.In = p.Lang
		if !slices.ContainsFunc(p.Languages, func(l web.Alternate) bool { return l.Lang == p.In }) {
			p.In = r.Offered()[0]
		}
	}
	lib := r.Articles.Library()
	reader := content.Public
	if p.Me.May(staff.ReadAgentArticles, nil) {
		reader = content.Agents
	}
	for _, a := range lib.All() {
		if a.Lang == p.In && a.Status == content.Published && reader.MayRead(a.Audience) && len(p.Keys) < suggested {
			p.Keys = append(p.Keys, a)
		}
	}
	var a *content.Article
	if p.Key != "" {
		a = lib.ByKey(namesIn(lib, p.In).meant(p.Key), p.In)
		if a == nil || !reader.MayRead(a.Audience) {
			p.Problems = []web.Problem{{Field: "article", Text: p.T("words.no_article", "Typed", p.Key, "Language", p.LanguageName(p.In))}}
			a = nil
		}
	}
	if p.Text == "" && a != nil {
		p.Problems = []web.Problem{{Field: "q", Text: p.T("why.no_search")}}
	}
	status := fiber.StatusOK
	if len(p.Problems) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	if p.Text == "" {
		return r.Render(c, status, "write/why", p)
	}
	err := r.explain(c, &p, a)
	if errors.Is(err, search.ErrNotReady) {
		p.Busy, status = true, fiber.StatusServiceUnavailable
		c.Set(fiber.HeaderRetryAfter, "5")
	} else if err != nil {
		return err
	}
	return r.Render(c, status, "write/why", p)
}

// explain makes the search as the widest circle of the article's readers does, and
// says what it finds and why. An article that is not published is explained as if
// it were, as it was saved.
func (r *Room) explain(c *fiber.Ctx, p *whyPage, a *content.Article) error {
	ctx := c.UserContext()
	q := search.Query{Text: p.Text, Lang: p.In, Limit: explained, OneLang: true}
	if a != nil {
		q.Reader = a.Audience
		p.Unlisted = a.Unlisted
		if !a.Live(r.Now()) {
			p.Draft = true
			src, err := r.Articles.Source(a)
			if err != nil {
				return err
			}
			d, err := r.asPublished(ctx, a.File, src)
			if err != nil {
				return err
			}
			if d != nil {
				q.With = []*search.Draft{d}
			}
		}
	}
	result, err := r.Search.Search(ctx, q)
	if err != nil {
		return err
	}
	p.Cut = result.Cut
	for _, h := range result.Hits {
		p.Found = append(p.Found, found{h.Article, h.Pinned, whyPath(p.In, p.Text, h.Article.Key), a != nil && h.Article.File == a.File})
	}
	if a == nil || a.Unlisted {
		return nil
	}
	w, err := r.Search.Why(ctx, q, a.File)
	if err != nil {
		return err
	}
	best := max(w.Score, w.FirstScore)
	if w.First != nil {
		p.First = &reasons{w.First.Article, editPath(w.First.Article.File), 1, w.First.Pinned, percent(w.FirstScore, best), p.reasons(w.FirstParts, w.FirstScore)}
	}
	p.Missing = w.Missing
	p.Reasons = &reasons{a, editPath(a.File), w.Rank, w.Pinned, percent(w.Score, best), p.reasons(w.Parts, w.Score)}
	return nil
}

// asPublished is what a text would be to searches if it were published; nil while
// it cannot be shown.
func (r *Room) asPublished(ctx context.Context, file string, src []byte) (*search.Draft, error) {
	a, _ := content.Parse(file, src)
	if a == nil {
		return nil, nil
	}
	d, _, err := r.Articles.RenderSource(ctx, file, src, a.Lang)
	if d == nil || err != nil {
		return nil, err
	}
	return search.NewDraft(a, d.Passages), nil
}

// percent is a part of a whole in percent; what is there is never nothing.
func percent(part, whole float64) int {
	if part <= 0 || whole <= 0 {
		return 0
	}
	return max(1, int(math.Round(100*part/whole)))
}

// reasons says in words what an article is worth.
func (p whyPage) reasons(parts []search.Part, score float64) []reason {
	out := make([]reason, 0, len(parts))
	for _, part := range parts {
		key := "why.by." + part.Rung.String()
		if part.Rung == search.RungWord && strings.EqualFold(part.Word, part.Found) {
			key = "why.by.same"
		}
		text := p.T(key, "Word", part.Word, "Found", part.Found)
		if len(part.Fields) > 0 {
			text += " " + p.fields(part.Fields)
		}
		out = append(out, reason{percent(part.Worth, score), text})
	}
	return out
}

// fields says in which parts of an article something stands.
func (p whyPage) fields(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, p.T("why.in."+name))
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " " + p.T("why.and") + " " + out[n-1]
	}
	return strings.Join(out, "")
}
