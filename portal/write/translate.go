package write

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/portal/web"
)

// usual is the size of a change when nobody chose one.
const usual = "minor"

// translating finds out what the editor asks of a text that has translations, or
// is one.
func (r *Room) translating(lib *content.Library, p *editPage) {
	a := p.Article
	named := false // as the source of another language
	for _, t := range lib.Translations(a.Key) {
		if t.Lang == a.Lang {
			continue
		}
		p.Sizes = content.Changes()
		lang, _, _ := strings.Cut(t.Source, "@")
		named = named || lang == a.Lang
	}
	if !slices.Contains(p.Sizes, p.Size) {
		p.Size = usual
	}
	if a.Source != "" {
		p.Behind = lib.Behind(a)
		if p.Behind.Size != "" {
			p.Origin = p.Behind.Source
		}
		return
	}
	if !named && a.Lang != r.Offered()[0] {
		p.Origin = r.original(a.Key, a.Lang)
	}
}

var reference = regexp.MustCompile(`^([a-z]{2,3}(?:-[a-z0-9]{2,8})*)@[0-9a-f]{12}$`)

// noted writes into a text what the form says beside it: how large the change is,
// unless the text was given another size by hand, and that it says what its source
// said when the form was shown.
func (r *Room) noted(c *fiber.Ctx, p *editPage, disk, src []byte) ([]byte, error) {
	is, _ := content.Parse(p.File, src)
	if is == nil {
		return src, nil // it is about to be refused
	}
	set := map[string]any{}
	if was, _ := content.Parse(p.File, disk); was != nil && was.Revision != is.Revision && was.Change == is.Change &&
		is.Change != p.Size && slices.Contains(content.Changes(), p.Size) {
		set["change"] = p.Size
	}
	of := c.FormValue("uptodate")
	if m := reference.FindStringSubmatch(of); m != nil && m[1] != is.Lang && r.Articles.Library().ByKey(is.Key, m[1]) != nil && is.Source != of {
		set["source"] = of
	}
	if len(set) == 0 {
		return src, nil
	}
	return content.SetFrontMatter(src, set)
}

// A work is a translation that somebody should make.
type work struct {
	Article *content.Article // the text to translate, as it is now
	Lang    string           // into this language
	State   string           // "missing", "draft", "major" or "minor"
	Readers int              // openings of the article, in any language
	Path    string           // where the work begins
	Mine    *content.Article // what there is of it; nil when it is missing
}

// states of work, the most urgent first.
var states = []string{"missing", "major", "draft", "minor"}

// A translationsPage lists them.
type translationsPage struct {
	web.Page
	Pages    web.Pages
	Only     string // language
	State    string
	States   []string
	Rows     []work
	Total    int
	Counts   []langCount
	Untold   int // translations that do not say what they were made from
	Writable bool
}

// A langCount is how much work there is in one language.
type langCount struct {
	Lang, Name string
	By         map[string]int // by state
}

// Of returns how many there are of a state.
func (n langCount) Of(state string) int { return n.By[state] }

// Total returns how many there are in all.
func (n langCount) Total() (all int) {
	for _, of := range n.By {
		all += of
	}
	return all
}

// recent is how long ago readers still count.
const recent = 28 * 24 * time.Hour

// translations serves GET /write/translations: what is missing or behind, what
// most people read first.
func (r *Room) translations(c *fiber.Ctx) error {
	p := translationsPage{Page: r.Page(c, "write", "translations.title"), States: states, Writable: r.Articles.Writable()}
	query := url.Values{}
	if only := c.Query("only"); slices.ContainsFunc(p.Languages, func(l web.Alternate) bool { return l.Lang == only }) {
		p.Only = only
		query.Set("only", only)
	}
	if s := c.Query("state"); slices.Contains(states, s) {
		p.State = s
		query.Set("state", s)
	}
	all, untold, err := r.works(c.UserContext())
	if err != nil {
		return err
	}
	p.Untold = untold
	for _, l := range p.Languages {
		p.Counts = append(p.Counts, langCount{l.Lang, l.Name, map[string]int{}})
	}
	var shown []work
	for _, w := range all {
		for _, n := range p.Counts {
			if n.Lang == w.Lang {
				n.By[w.State]++
			}
		}
		if (p.Only == "" || w.Lang == p.Only) && (p.State == "" || w.State == p.State) {
			shown = append(shown, w)
		}
	}
	p.Total = len(shown)
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, query)
	p.Rows = shown[from:to]
	return r.Render(c, fiber.StatusOK, "write/translations", p)
}

// works returns all translations that are missing, begun or behind, and how many
// do not say what they were made from.
func (r *Room) works(ctx context.Context) (all []work, untold int, err error) {
	readers, err := r.Readers(ctx, r.Now().Add(-recent))
	if err != nil {
		return nil, 0, err
	}
	lib, now := r.Articles.Library(), r.Now()
	seen := map[string]bool{}
	for _, a := range lib.All() {
		if seen[a.Key] || a.Unlisted || !a.Live(now) {
			continue
		}
		seen[a.Key] = true
		for i, lang := range r.Offered() {
			w := work{Article: r.original(a.Key, lang), Lang: lang, Readers: readers[a.Key], Mine: lib.ByKey(a.Key, lang)}
			switch mine := w.Mine; {
			case w.Article == nil || !w.Article.Live(now):
				continue // this language's is the only one
			case mine == nil:
				w.State, w.Path = "missing", "/write/new?in="+lang+"&key="+url.QueryEscape(a.Key)
			case mine.Status == content.Archived:
				continue // somebody decided that this language has none
			case !mine.Live(now):
				w.State = "draft"
			case mine.Source == "":
				if i > 0 {
					untold++
				}
				continue
			default:
				behind := lib.Behind(mine)
				if w.State = behind.Size; w.State != "major" && w.State != "minor" {
					continue
				}
				w.Article = behind.Source
			}
			if w.Mine != nil {
				w.Path = editPath(w.Mine.File)
			}
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(a, b work) int {
		return cmp.Or(b.Readers-a.Readers, slices.Index(states, a.State)-slices.Index(states, b.State), strings.Compare(a.Article.Title, b.Article.Title), strings.Compare(a.Lang, b.Lang))
	})
	return all, untold, nil
}
