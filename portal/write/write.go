// Package write is the room of those who write articles: the list of all
// articles, the editor with what readers will see and what is wrong beside it,
// and promotion, by which what people asked in vain becomes a draft.
//
// Nothing here publishes by itself: the room saves files, and the site shows
// what lies in the folder.
package write

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

// Articles is the folder that the site serves.
type Articles interface {
	Library() *content.Library
	Writable() bool
	Source(a *content.Article) ([]byte, error)
	Save(file string, src []byte, base string) (hash string, err error)
	Check(ctx context.Context) ([]content.Problem, error)
	Outlinks(ctx context.Context) ([]content.Outlink, error)
	CheckSource(file string, src []byte) []content.Problem
	Translate(source *content.Article, dir, title string) ([]byte, error)
	RenderSource(ctx context.Context, file string, src []byte, readerLang string) (*content.Document, []content.Problem, error)
}

// A Finder says what searches find now.
type Finder interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Nearest(ctx context.Context, lang, text string, n int, reader content.Audience) ([]search.Hit, error)
	// Try says at which place a search finds an article, and what stands above it.
	Try(ctx context.Context, a *content.Article, text string, with ...*search.Draft) (search.Trial, error)
	// Why explains the place of an article among the answers to a search.
	Why(ctx context.Context, q search.Query, file string) (search.Why, error)
	// Holding counts the articles that hold all words of a wording.
	Holding(ctx context.Context, lang, wording string, reader content.Audience) (int, error)
	// Terms analyses words.
	Terms(lang, text string) []string
}

// Backlog is what people ask in vain.
type Backlog interface {
	Line(ctx context.Context, id string, now time.Time) (demand.Line, error)
	LineOfTicket(ctx context.Context, ticket string, now time.Time) (string, error)
	Solved(ctx context.Context, t *escalation.Ticket) error
	Decide(ctx context.Context, d demand.Decision) error
	LinesOf(ctx context.Context, queries []string, now time.Time) (map[demand.Query]string, error)
	// Improving returns the decisions to improve articles that still count.
	Improving(ctx context.Context) ([]demand.Decision, error)
}

// Receipts follow what is promoted.
type Receipts interface {
	Promote(ctx context.Context, p demand.Promotion) error
	// Waiting returns the promotions of an article that is not published yet, and
	// Searches how people search for what one was promoted for.
	Waiting(ctx context.Context, article, lang string) ([]demand.Promotion, error)
	Searches(ctx context.Context, p demand.Promotion, now time.Time) ([]string, error)
	// Of returns the receipts of an article.
	Of(ctx context.Context, article, lang string, now time.Time) ([]demand.Receipt, error)
}

// Tickets is where tickets are kept.
type Tickets interface {
	Ticket(ctx context.Context, number string) (escalation.Ticket, error)
	TicketByID(ctx context.Context, id string) (escalation.Ticket, error)
}

// A Room serves /write.
type Room struct {
	*web.Web
	Articles Articles
	Search   Finder
	Demand   Backlog
	Receipts Receipts
	Tickets  Tickets
	// Readers returns how often each article was opened since a moment, by its key.
	Readers func(ctx context.Context, since time.Time) (map[string]int, error)
	// Replayed returns what enough people searched lately, what was searched most
	// first, at most limit searches, and how many more there are.
	Replayed func(ctx context.Context, limit int) ([]journey.Searched, int, error)
	// Searched reports on what visitors searched.
	Searched func(ctx context.Context, span journey.SearchSpan) (journey.SearchReport, error)
	// Credits returns what was counted of a text in a span.
	Credits func(ctx context.Context, span journey.SearchSpan, t journey.Text) (journey.Credits, error)
	Outside Outside

	Corrections Corrections
	Learned     Learned
}

// Mount gives the room its addresses.
func (r *Room) Mount(app fiber.Router) {
	app.Get("/write", r.SignedIn, r.Allowed(staff.ProposeArticles), r.list)
	app.Get("/write/problems", r.SignedIn, r.Allowed(staff.ProposeArticles), r.problems)
	app.Get("/write/translations", r.SignedIn, r.Allowed(staff.EditArticles), r.translations)
	app.Get("/write/phrases", r.SignedIn, r.Allowed(staff.EditArticles), r.phrases)
	app.Post("/write/phrases", r.SignedIn, r.Allowed(staff.EditArticles), r.teach)
	app.Post("/write/improve", r.SignedIn, r.Allowed(staff.EditArticles), r.improve)
	app.Post("/write/translate", r.SignedIn, r.Allowed(staff.EditArticles), r.translate)
	app.Get("/write/reviews", r.SignedIn, r.Allowed(staff.EditArticles), r.reviews)
	app.Post("/write/reviews", r.SignedIn, r.Allowed(staff.EditArticles), r.reviewed)
	app.Get("/write/suggestions", r.SignedIn, r.Allowed(staff.ProposeArticles), r.corrections)
	app.Post("/write/suggestions/:id", r.SignedIn, r.Allowed(staff.EditArticles), r.decide)
	app.Get("/write/links", r.SignedIn, r.Allowed(staff.EditArticles), r.links)
	app.Post("/write/links", r.SignedIn, r.Allowed(staff.Settings), r.setLinks)
	app.Get("/write/search", r.SignedIn, r.Allowed(staff.ReadSearch), r.searches)
	app.Get("/write/search/synonyms", r.SignedIn, r.Allowed(staff.EditArticles), r.showWords(synonymList))
	app.Post("/write/search/synonyms", r.SignedIn, r.Allowed(staff.EditArticles), r.setWords(synonymList))
	app.Get("/write/search/pins", r.SignedIn, r.Allowed(staff.EditArticles), r.showWords(pinList))
	app.Post("/write/search/pins", r.SignedIn, r.Allowed(staff.EditArticles), r.setWords(pinList))
	app.Get("/write/search/learned", r.SignedIn, r.Allowed(staff.EditArticles), r.learned)
	app.Post("/write/search/learned", r.SignedIn, r.Allowed(staff.EditArticles), r.judgeWord)
	app.Get("/write/search/replay", r.SignedIn, r.Allowed(staff.ReadSearch), r.replay)
	app.Post("/write/search/replay", r.SignedIn, r.Allowed(staff.ReadSearch), r.replayTyped)
	app.Get("/write/search/why", r.SignedIn, r.Allowed(staff.ReadSearch), r.why)
	app.Get("/write/new", r.SignedIn, r.Allowed(staff.EditArticles), r.fresh)
	app.Post("/write/new", r.SignedIn, r.Allowed(staff.EditArticles), r.create)
	app.Get("/write/edit/*", r.SignedIn, r.Allowed(staff.ProposeArticles), r.edit)
	app.Post("/write/edit/*", r.SignedIn, r.Allowed(staff.ProposeArticles), r.change)
	app.Get("/write/drafts", r.SignedIn, r.Allowed(staff.ProposeArticles), r.draft)
	app.Post("/write/drafts", r.SignedIn, r.Allowed(staff.ProposeArticles), r.promote)
}

// maySave says whether somebody may leave a text of one status where one of
// another lies. Who only proposes stays among what is not published yet.
func maySave(me *staff.Person, was, is content.Status) bool {
	proposal := func(s content.Status) bool { return s == content.Draft || s == content.Review }
	return me.May(staff.EditArticles, nil) || me.May(staff.ProposeArticles, nil) && proposal(was) && proposal(is)
}

// A finding is something to mend, in the reader's words.
type finding struct {
	File  string
	Line  int // 0 when it is about the whole file
	Grave bool
	Text  string
	Open  bool // there is an editor for the file
}

// findings says problems in the reader's language, the grave ones first.
func findings(p web.Page, problems []content.Problem) []finding {
	out := make([]finding, len(problems))
	for i, problem := range problems {
		out[i] = finding{problem.File, problem.Line, problem.Grave, p.TM(problem.Key, problem.Args), content.Savable(problem.File) || listPath(problem.File) != ""}
	}
	slices.SortStableFunc(out, func(a, b finding) int {
		switch {
		case a.Grave == b.Grave:
			return 0
		case a.Grave:
			return -1
		}
		return 1
	})
	return out
}

// A struck is a mark that stands where personal data was.
type struck struct {
	Line int
	Kind string // in words
}

func struckOut(p web.Page, found []scrub.Finding) []struck {
	out := make([]struck, len(found))
	for i, f := range found {
		out[i] = struck{f.Line, p.T("scrub." + string(f.Kind))}
	}
	return out
}

// A place is where an article can lie: the top of a language, or a section.
type place struct {
	Dir   string // below the folder: "it", "it/resi"
	Lang  string
	Title string
}

// places returns where articles of a language can lie, in the order of the
// site; of all languages when it is empty.
func (r *Room) places(p web.Page, lang string) []place {
	lib := r.Articles.Library()
	order := map[string]int{}
	for i, s := range lib.Sections() {
		order[s.Lang+"\n"+s.Key] = i
	}
	var out []place
	for _, l := range r.Offered() {
		if lang != "" && l != lang {
			continue
		}
		out = append(out, place{l, l, p.T("write.top", "Language", p.LanguageName(l))})
		first := len(out)
		for dir, s := range lib.Places() {
			if s.Lang == l && content.Savable(dir+"/a.md") {
				out = append(out, place{dir, l, s.Title})
			}
		}
		slices.SortFunc(out[first:], func(a, b place) int {
			x, y := lib.Places()[a.Dir], lib.Places()[b.Dir]
			return cmp.Or(order[x.Lang+"\n"+x.Key]-order[y.Lang+"\n"+y.Key], strings.Compare(a.Dir, b.Dir))
		})
	}
	return out
}

// placed reports whether one of the places has that path.
func placed(places []place, dir string) bool {
	return slices.ContainsFunc(places, func(p place) bool { return p.Dir == dir })
}

// taken reports whether a name is in use as address, key, or old address, in any
// language.
func (r *Room) taken(name string) bool {
	lib := r.Articles.Library()
	if len(lib.Translations(name)) > 0 {
		return true
	}
	for _, lang := range append(slices.Clone(r.Offered()), lib.Languages()...) {
		if lib.Article(lang, name) != nil || lib.Alias(lang, name) != nil {
			return true
		}
	}
	return false
}

// readOnly is the refusal of a folder that cannot be written.
func readOnly() error {
	return &escalation.Error{Kind: escalation.Conflict, Reason: "write.read_only"}
}
