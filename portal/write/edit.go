package write

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/learning"
	"primalinea/escalation/scrub"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

// An editPage is a text being written, and all that there is to know about it.
type editPage struct {
	web.Page
	File     string
	Source   string
	Base     string           // hash of the text that the writer began from
	Article  *content.Article // as the text says; nil while it cannot be understood
	Live     *content.Article // as the site shows it; nil when it does not
	Findings []finding
	Grave    int
	Struck   []struck // marks of personal data that stand in the text
	Personal []struck // what looks like personal data and still stands there
	Body     template.HTML
	Minutes  int
	Searches []searched
	Missed   int       // of them, how many do not find it as they must
	Asking   []finding // questions of its draft that nobody answered yet
	Hold     bool      // it was not published because of these or of searches
	Others   []version
	Said     []said           // what readers say should change in it
	Receipts []demand.Receipt // what became of the tickets that it was written for; of those who may know
	Learned  []learning.Word  // from those whom it answered; of those who may remove them
	Judged   bool             // one of them was, a moment ago
	Worth    *worth           // what it does for its readers; of what the site shows, for those who may know

	Sizes   []string         // of a change, when translations are to know; else empty
	Size    string           // chosen
	Origin  *content.Article // the text that this one may be said to translate, as it is now; nil when it is none
	Behind  content.Lag
	Current bool // it is said to

	Unsaved  bool   // the text differs from what was saved
	Done     string // what was done a moment ago
	Ready    bool   // and the site shows it already
	Locked   bool   // not a text that a browser can edit
	Writable bool
	MaySave  bool
	MayPub   bool

	overtaken
}

// An overtaken is what somebody else saved meanwhile.
type overtaken struct {
	Conflict bool
	Theirs   string
	Gone     bool // it was deleted meanwhile
	Diff     []diffLine
}

// overtake compares what was to be saved with what lies there now, and returns
// the hash of that.
func (o *overtaken) overtake(e *content.ConflictError, mine []byte) (base string) {
	o.Conflict, o.Gone = true, e.Current == nil
	if o.Gone {
		return ""
	}
	o.Theirs, o.Diff = string(e.Current), diff(string(e.Current), string(mine))
	return content.Hash(e.Current)
}

// Action is where the page's form goes.
func (p editPage) Action() string { return editPath(p.File) }

// A searched is a search that is to find the article, and what it would find if the
// text were published as it is.
type searched struct {
	Text   string
	Expect bool     // it must find it among the first three
	Rank   int      // from 1; 0 when it does not
	Above  []answer // what stands above it
}

// Missed reports whether it does not find the article as it must.
func (s searched) Missed() bool {
	return s.Expect && (s.Rank == 0 || s.Rank > search.ExpectWithin)
}

// Well reports whether nothing is to be done: it must find the article among the
// first, or the words are the article's own.
func (s searched) Well() bool { return s.Rank == 1 || s.Expect && !s.Missed() }

// SearchPath is the address of the search, as a reader would make it.
func (p editPage) SearchPath(s searched) string {
	return "/" + p.Article.Lang + "/search?q=" + url.QueryEscape(s.Text)
}

// WhyPath is the address of the reasons for its place. They are of the text that
// was saved.
func (p editPage) WhyPath(s searched) string { return whyPath(p.Article.Lang, s.Text, p.Article.Key) }

// A version is the article in one of the site's languages.
type version struct {
	Lang, Name, Path string
	Status           content.Status // empty when there is none
	Current          bool
}

// done are the words for what was done, as addresses name it, with the status
// that the site is to show then.
var done = map[string]content.Status{
	"created": content.Draft, "drafted": content.Draft, "saved": "", "improve": "",
	"published": content.Published, "unpublished": content.Draft, "archived": content.Archived,
}

// file returns the file that an address names, and its text on disk.
func (r *Room) file(c *fiber.Ctx) (file string, src []byte, err error) {
	file, err = url.PathUnescape(c.Params("*"))
	if err != nil || !content.Savable(file) && r.Articles.Library().ByFile(file) == nil {
		return "", nil, fiber.ErrNotFound
	}
	src, err = r.Articles.Source(&content.Article{File: file})
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil, fs.ErrNotExist
	}
	if err != nil {
		return "", nil, &escalation.Error{Kind: escalation.Conflict, Reason: "write.unreadable", Err: err}
	}
	return file, src, nil
}

func (r *Room) editPage(c *fiber.Ctx, file string, src []byte) editPage {
	p := editPage{Page: r.Page(c, "write", "write.edit"), File: file, Source: string(src), Base: content.Hash(src), Writable: r.Articles.Writable()}
	p.Locked = !utf8.Valid(src) || len(src) > maxText || bytes.IndexByte(src, 0) >= 0
	p.MayPub = p.Me.May(staff.EditArticles, nil)
	p.MaySave = maySave(p.Me, statusOf(file, src), content.Draft)
	return p
}

// maxText is how many bytes an article may have, as package content holds.
const maxText = 256 << 10

// statusOf is the status that a text gives its article; empty when it cannot be
// understood.
func statusOf(file string, src []byte) content.Status {
	if a, _ := content.Parse(file, src); a != nil {
		return a.Status
	}
	return ""
}

// edit serves GET /write/edit/{file}.
func (r *Room) edit(c *fiber.Ctx) error {
	file, src, err := r.file(c)
	if errors.Is(err, fs.ErrNotExist) {
		return fiber.ErrNotFound
	}
	if err != nil {
		return err
	}
	p := r.editPage(c, file, src)
	if status, ok := done[c.Query("done")]; ok {
		p.Done = c.Query("done")
		p.Ready = status == "" || r.settled(c.UserContext(), file, status)
	}
	return r.renderEdit(c, fiber.StatusOK, &p)
}

// settling is how long a page waits until the site shows what was saved.
const settling = 2 * time.Second

// settled waits until the site shows a file with a status, and says whether it
// does.
func (r *Room) settled(ctx context.Context, file string, want content.Status) bool {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if a := r.Articles.Library().ByFile(file); a != nil && a.Status == want && (want != content.Published || r.findable(ctx, a)) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// findable says whether searches know an article already, if they ever will.
func (r *Room) findable(ctx context.Context, a *content.Article) bool {
	if !a.Live(r.Now()) || a.Unlisted {
		return true
	}
	t, err := r.Search.Try(ctx, a, a.Title)
	return err == nil && t.Rank > 0
}

// maxSearches is how many searches the page tries at most.
const maxSearches = 24

// fill finds out all there is to know about the text as it is now.
func (r *Room) fill(c *fiber.Ctx, p *editPage) error {
	ctx, lib, src := c.UserContext(), r.Articles.Library(), []byte(p.Source)
	p.Article, _ = content.Parse(p.File, src)
	p.Findings = findings(p.Page, r.Articles.CheckSource(p.File, src))
	for _, f := range p.Findings {
		if f.Grave {
			p.Grave++
		}
	}
	if a := lib.ByFile(p.File); a != nil && a.Live(r.Now()) {
		p.Live = a
	}
	p.Asking = r.asking(p)
	p.Findings = append(p.Findings, p.Asking...)
	p.Struck = struckOut(p.Page, scrub.Marks(p.Source))
	if !p.Locked {
		_, left := scrub.Text(p.Source)
		p.Personal = struckOut(p.Page, left)
	}
	p.Title = p.T("write.edit_title", "Title", p.File)
	if p.Article == nil {
		return nil
	}
	p.Title = p.T("write.edit_title", "Title", p.Article.Title)
	d, _, err := r.Articles.RenderSource(ctx, p.File, src, p.Article.Lang)
	if err != nil {
		return err
	}
	if d != nil {
		p.Body, p.Minutes = template.HTML(d.HTML), d.Minutes
	}
	if d != nil {
		if err := r.try(ctx, p, search.NewDraft(p.Article, d.Passages)); err != nil {
			return err
		}
	}
	r.translating(lib, p)
	for _, l := range p.Languages {
		v := version{Lang: l.Lang, Name: l.Name, Current: l.Lang == p.Article.Lang}
		if a := lib.ByKey(p.Article.Key, l.Lang); a != nil {
			v.Status, v.Path = a.Status, editPath(a.File)
		} else if p.MayPub && len(lib.Translations(p.Article.Key)) > 0 {
			v.Path = "/write/new?in=" + l.Lang + "&key=" + url.QueryEscape(p.Article.Key)
		}
		if !v.Current {
			p.Others = append(p.Others, v)
		}
	}
	return nil
}

// try makes the searches that are to find the article, as if its text were published.
func (r *Room) try(ctx context.Context, p *editPage, d *search.Draft) error {
	if d.Article.Unlisted {
		return nil // none finds it
	}
	tried := map[string]bool{}
	for i, text := range slices.Concat(d.Article.Expect, d.Article.Phrases) {
		if tried[strings.ToLower(text)] || len(p.Searches) == maxSearches {
			continue
		}
		tried[strings.ToLower(text)] = true
		t, err := r.Search.Try(ctx, d.Article, text, d)
		if errors.Is(err, search.ErrNotReady) {
			return nil // nothing is known of any; the text is edited all the same
		}
		if err != nil {
			return err
		}
		s := searched{Text: text, Expect: i < len(d.Article.Expect), Rank: t.Rank}
		for _, h := range t.Above {
			s.Above = append(s.Above, answer{Article: h.Article, Edit: editPath(h.Article.File)})
		}
		if s.Missed() {
			p.Missed++
		}
		p.Searches = append(p.Searches, s)
	}
	return nil
}

// asking returns the lines of a text that still hold a question of its draft.
func (r *Room) asking(p *editPage) (list []finding) {
	lang, _, _ := strings.Cut(p.File, "/")
	words := r.words(lang)
	questions := words.Questions()
	for i, line := range strings.Split(p.Source, "\n") {
		if slices.Contains(questions, strings.TrimSpace(strings.TrimPrefix(line, "- "))) {
			list = append(list, finding{File: p.File, Line: i + 1, Text: p.T("draft.unanswered")})
		}
	}
	return list
}

// misses reports whether a search that must find a text's article does not.
func (r *Room) misses(ctx context.Context, file string, src []byte) (bool, error) {
	d, err := r.asPublished(ctx, file, src)
	if d == nil || err != nil {
		return false, err // saving says what is wrong
	}
	p := editPage{Article: d.Article}
	err = r.try(ctx, &p, d)
	return p.Missed > 0, err
}

func (r *Room) renderEdit(c *fiber.Ctx, status int, p *editPage) error {
	if err := r.fill(c, p); err != nil {
		return err
	}
	if a := r.Articles.Library().ByFile(p.File); a != nil {
		list, err := r.Corrections.OpenCorrections(c.UserContext(), a.Key, web.AtOnce)
		if err != nil {
			return err
		}
		p.Said = r.about(list)
		if p.Live != nil && p.Me.May(staff.ReadSearch, nil) {
			if p.Worth, err = r.worth(c.UserContext(), p.Live); err != nil {
				return err
			}
		}
		if p.MayPub {
			if p.Learned, err = r.Learned.WordsOf(c.UserContext(), a.Key, a.Lang); err != nil {
				return err
			}
		}
	}
	if p.MayPub && p.Article != nil {
		var err error
		if p.Receipts, err = r.Receipts.Of(c.UserContext(), p.Article.Key, p.Article.Lang, r.Now()); err != nil {
			return err
		}
	}
	return r.Render(c, status, "write/edit", p)
}

// change serves POST /write/edit/{file}: preview, save, publish, take back,
// archive, and what the article is not to learn. Whatever goes wrong, the text comes
// back.
func (r *Room) change(c *fiber.Ctx) error {
	file, disk, err := r.file(c)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p := r.editPage(c, file, disk)
	typed := strings.ReplaceAll(c.FormValue("body"), "\r\n", "\n")
	p.Source, p.Base = typed, c.FormValue("base")
	p.Size, p.Current = c.FormValue("change"), c.FormValue("uptodate") != ""
	p.Unsaved = typed != strings.ReplaceAll(string(disk), "\r\n", "\n")
	src := typedAs(typed, disk)
	said := "saved"
	do, stem, _ := strings.Cut(c.FormValue("do"), " ")
	switch do {
	case "save":
	case "publish", "publish-anyway":
		said = "published"
	case "unpublish":
		said = "unpublished"
	case "archive":
		said = "archived"
	case "unlearn", "learn": // what is typed stays as it is
		a := r.Articles.Library().ByFile(file)
		if a == nil || !p.MayPub {
			return web.NotAllowed()
		}
		if err := r.removeWord(c, a.Key, a.Lang, stem, do == "unlearn"); err != nil {
			return r.refuse(c, &p, err)
		}
		p.Judged = true
		return r.preview(c, &p)
	default:
		return r.preview(c, &p)
	}
	if said == "published" {
		if src, err = r.expecting(c.UserContext(), file, src); err != nil {
			return r.refuse(c, &p, err)
		}
		p.Source = strings.ReplaceAll(string(src), "\r\n", "\n")
	}
	src, err = r.noted(c, &p, disk, src)
	if err != nil {
		return r.refuse(c, &p, err)
	}
	if status := done[said]; status != "" {
		changed, err := content.SetFrontMatter(src, map[string]any{"status": string(status), "draft": nil})
		if err != nil {
			return r.refuse(c, &p, err)
		}
		src = changed
	}
	was, is := statusOf(file, disk), statusOf(file, src)
	switch {
	case p.Locked:
		err = &escalation.Error{Kind: escalation.Conflict, Reason: "write.locked"}
	case !maySave(p.Me, was, is) && is != "":
		err = web.NotAllowed()
	case !p.Writable:
		err = readOnly()
	case c.FormValue("do") == "publish":
		var missed bool
		if missed, err = r.misses(c.UserContext(), file, src); missed {
			p.Problems = append(p.Problems, web.Problem{Field: "anyway", Text: p.T("trial.held")})
		}
		if len(r.asking(&p)) > 0 {
			p.Problems = append(p.Problems, web.Problem{Field: "anyway", Text: p.T("draft.held")})
		}
		p.Hold = len(p.Problems) > 0
	}
	if err == nil && p.Hold {
		return r.renderEdit(c, fiber.StatusUnprocessableEntity, &p)
	}
	if err == nil {
		_, err = r.Articles.Save(file, src, p.Base)
	}
	if e, ok := errors.AsType[*content.ConflictError](err); ok && bytes.Equal(e.Current, src) {
		err = nil // sent twice, or both wrote the same
	}
	if err != nil {
		return r.refuse(c, &p, err)
	}
	r.Log.InfoContext(c.UserContext(), "article saved", "file", file, "status", string(is), "by", p.Me.ID, "hash", content.Hash(src))
	return web.Redirect(c, editPath(file)+"?done="+said)
}

// preview shows the text without saving it.
func (r *Room) preview(c *fiber.Ctx, p *editPage) error {
	if c.Get("X-Fragment") == "" {
		return r.renderEdit(c, fiber.StatusOK, p)
	}
	if err := r.fill(c, p); err != nil {
		return err
	}
	return r.RenderPart(c, "write/edit", "results", p)
}

// refuse shows the text again with what is wrong.
func (r *Room) refuse(c *fiber.Ctx, p *editPage, err error) error {
	if e, ok := errors.AsType[*content.InvalidError](err); ok {
		p.Problems = append(p.Problems, graveOnes(p.Page, e.Problems)...)
		return r.renderEdit(c, fiber.StatusUnprocessableEntity, p)
	}
	if e, ok := errors.AsType[*content.ConflictError](err); ok {
		p.Base = p.overtake(e, []byte(p.Source))
		p.Problems = append(p.Problems, web.Problem{Field: "body", Text: p.T("write.conflict")})
		return r.renderEdit(c, fiber.StatusConflict, p)
	}
	if !p.Refuse(err) {
		return err
	}
	return r.renderEdit(c, web.Status(escalation.KindOf(err)), p)
}

// typedAs returns what was typed with the ends of lines that lie on the disk:
// browsers send all alike.
func typedAs(typed string, disk []byte) []byte {
	typed = strings.ReplaceAll(typed, "\r\n", "\n")
	if bytes.Contains(disk, []byte("\r\n")) {
		typed = strings.ReplaceAll(typed, "\n", "\r\n")
	}
	return []byte(typed)
}

// graveOnes are the problems that keep a text from being saved.
func graveOnes(p web.Page, problems []content.Problem) (out []web.Problem) {
	for _, f := range findings(p, problems) {
		if f.Grave {
			text := f.Text
			if f.Line > 0 {
				text = p.T("write.at_line", "Line", f.Line) + " " + text
			}
			out = append(out, web.Problem{Field: "body", Text: text})
		}
	}
	return out
}
