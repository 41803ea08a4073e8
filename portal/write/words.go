package write

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal/web"
	"primalinea/search"
)

// A wordList is one of the two lists by which writers tune the search: which
// wordings mean the same, and what stands first for a search. A set of synonyms
// is read here as a pin without articles.
type wordList struct {
	name  string // "synonyms" or "pins", in addresses and words
	field string // of a row's wordings
	most  int    // rows
	file  func(lang string) string
	parse func(file string, src []byte) ([]content.Pin, []content.Problem)
	set   func(file string, src []byte, rows []content.Pin) ([]byte, error)
}

var synonymList = &wordList{
	name: "synonyms", field: "set", most: content.MaxSets, file: content.SynonymsFile,
	parse: func(file string, src []byte) ([]content.Pin, []content.Problem) {
		sets, problems := content.ParseSynonyms(file, src)
		rows := make([]content.Pin, len(sets))
		for i, s := range sets {
			rows[i] = content.Pin{Queries: s.Wordings, Line: s.Line}
		}
		return rows, problems
	},
	set: func(file string, src []byte, rows []content.Pin) ([]byte, error) {
		sets := make([]content.Set, len(rows))
		for i, row := range rows {
			sets[i] = content.Set{Wordings: row.Queries}
		}
		return content.SetSynonyms(file, src, sets)
	},
}

var pinList = &wordList{
	name: "pins", field: "search", most: content.MaxPins, file: content.PinsFile,
	parse: content.ParsePins, set: content.SetPins,
}

// Path is the address of the list's page.
func (l *wordList) path(lang string) string { return "/write/search/" + l.name + "?in=" + lang }

// A wordsPage edits one of the lists, row by row.
type wordsPage struct {
	web.Page
	list     *wordList
	names    *names
	In       string // language of the list
	File     string
	Base     string    // hash of the text that the writer began from
	Rows     []wordRow // with empty ones for what is new
	Findings []finding // what is wrong in the file, and stands in no row
	Raw      bool      // the file cannot be shown in rows, but as it is
	Source   string    // the file as it is
	Locked   bool      // nor can a browser edit it
	Writable bool
	Done     bool   // it was saved a moment ago
	Ready    bool   // and searches know it already
	Brought  string // row of the search that the writer comes with
	Pinnable []*content.Article

	overtaken
}

// A wordRow is an entry as it was typed.
type wordRow struct {
	N        int
	Wordings string
	Articles []pinned
	Wrong    []string // what is to be corrected in it, in words
	Held     []held
	Answered []answered
}

// A pinned is an article as it was typed.
type pinned struct{ ID, Typed string }

// A held is a wording with how many articles hold it.
type held struct {
	Wording string
	Count   int
}

// An answered is a search with what it answers first, without the row's pin and
// with it; nil for nothing.
type answered struct {
	Query, Path   string
	Without, With *content.Article
}

// listPath is the address of the page that edits a file of synonyms or pins; empty
// for any other file.
func listPath(file string) string {
	for _, l := range []*wordList{synonymList, pinList} {
		if parts := strings.Split(file, "."); len(parts) == 3 && file == l.file(parts[1]) {
			return l.path(parts[1])
		}
	}
	return ""
}

const (
	spare       = 3   // empty rows that a page offers
	maxPinnable = 500 // articles that it offers to choose from
	maxTried    = 200 // searches that it makes at most, to tell what pins change

	// weighing is how long it tells what rows are worth: a full list has thousands
	// of wordings, and among many articles the rows below go without.
	weighing = 2 * time.Second
)

// ID is the row's field, to which what is wrong with it links.
func (p *wordsPage) ID(n int) string { return fmt.Sprintf("%s.%d", p.list.field, n) }

// articleID is the field of one of a row's articles.
func articleID(row, n int) string { return fmt.Sprintf("article.%d.%d", row, n) }

// Name is that of the list, in addresses and words.
func (p *wordsPage) Name() string { return p.list.name }

// Pins reports whether the list is that of pins.
func (p *wordsPage) Pins() bool { return p.list == pinList }

// Next is the first row for what is new.
func (p *wordsPage) Next() string {
	for _, row := range p.Rows {
		if row.Wordings == "" && len(row.Wrong) == 0 {
			return p.ID(row.N)
		}
	}
	return ""
}

// Action is where the page's form goes.
func (p *wordsPage) Action() string { return p.list.path(p.In) }

// At is the page of the same list in another language.
func (p *wordsPage) At(lang string) string { return p.list.path(lang) }

// wordsPage returns the page of a list without its rows, and the file as it is.
func (r *Room) wordsPage(c *fiber.Ctx, l *wordList) (*wordsPage, []byte, error) {
	p := &wordsPage{Page: r.Page(c, "write", "words."+l.name), list: l, Writable: r.Articles.Writable()}
	p.In = p.Lang
	if in := c.Query("in"); slices.Contains(r.Offered(), in) {
		p.In = in
	}
	p.File = l.file(p.In)
	p.names = namesIn(r.Articles.Library(), p.In)
	disk, err := r.Articles.Source(&content.Article{File: p.File})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		disk = nil
	case err != nil:
		return nil, nil, &escalation.Error{Kind: escalation.Conflict, Reason: "write.unreadable", Err: err}
	default:
		p.Base = content.Hash(disk)
	}
	p.Locked = !utf8.Valid(disk) || len(disk) > maxText || bytes.IndexByte(disk, 0) >= 0
	return p, disk, nil
}

// showWords serves GET /write/search/synonyms and /write/search/pins.
func (r *Room) showWords(l *wordList) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p, disk, err := r.wordsPage(c, l)
		if err != nil {
			return err
		}
		if c.Query("done") == "saved" {
			p.Done, p.Ready = true, r.known(c.UserContext(), p.File, p.Base)
		}
		rows, problems := l.parse(p.File, disk)
		if len(rows) > l.most {
			return r.renderRaw(c, fiber.StatusOK, p, disk)
		}
		if same, err := l.set(p.File, disk, rows); err != nil || !bytes.Equal(same, disk) {
			return r.renderRaw(c, fiber.StatusOK, p, disk)
		}
		r.lay(p, rows, problems)
		if query := strings.Join(typedWordings(c.Query("q")), " "); query != "" && p.Writable {
			p.bring(query)
		}
		return r.renderWords(c, fiber.StatusOK, p)
	}
}

// bring begins a row with a search, unless there is one that has it.
func (p *wordsPage) bring(query string) {
	at := slices.IndexFunc(p.Rows, func(row wordRow) bool {
		return slices.ContainsFunc(typedWordings(row.Wordings), func(w string) bool { return search.Alike(w) == search.Alike(query) })
	})
	if at < 0 {
		if at = len(p.Rows); at >= p.list.most {
			return
		}
		p.Rows = append(p.Rows, wordRow{Wordings: query})
	}
	p.Brought = p.ID(at)
}

// known waits until the site knows a text of a list, and says whether it does.
func (r *Room) known(ctx context.Context, file, hash string) bool {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !r.Articles.Library().Knows(file, hash) {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// setWords serves POST /write/search/synonyms and /write/search/pins. Whatever
// goes wrong, what was typed comes back.
func (r *Room) setWords(l *wordList) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p, disk, err := r.wordsPage(c, l)
		if err != nil {
			return err
		}
		p.Base = c.FormValue("base")
		if slices.Contains(web.Names(c), "body") {
			return r.setRaw(c, p, disk)
		}
		typed, rows := r.typed(c, p)
		src, err := l.set(p.File, disk, rows)
		if err != nil { // rows cannot be told in it any more, and it is compared as a whole
			if src, err = l.set(p.File, nil, rows); err != nil {
				return err
			}
		}
		before, _ := l.parse(p.File, disk)
		after, problems := l.parse(p.File, src)
		problems = slices.DeleteFunc(problems, func(problem content.Problem) bool {
			n := rowOf(after, problem)
			return problem.Key == "check.pin_article_missing" && len(typed[n].Wrong) > 0 // it does, a wrong one
		})
		r.lay(p, after, problems)
		for i := range p.Rows {
			row, t := &p.Rows[i], typed[i]
			old := slices.ContainsFunc(before, func(b content.Pin) bool {
				return slices.Equal(b.Queries, rows[i].Queries) && slices.Equal(b.Articles, rows[i].Articles)
			})
			row.Wordings, row.Articles = t.Wordings, t.Articles
			row.Wrong = slices.Concat(t.Wrong, row.Wrong)
			for _, text := range row.Wrong {
				if !old || len(t.Wrong) > 0 {
					p.Problems = append(p.Problems, web.Problem{Field: p.ID(i), Text: text})
				}
			}
		}
		if len(p.Problems) > 0 {
			return r.renderWords(c, fiber.StatusUnprocessableEntity, p)
		}
		return r.saveWords(c, p, disk, src, func(status int) error { return r.renderWords(c, status, p) })
	}
}

// typed returns the rows of a form, as they were typed and as they are meant.
func (r *Room) typed(c *fiber.Ctx, p *wordsPage) (typed []wordRow, rows []content.Pin) {
	names := map[string]bool{}
	for _, name := range web.Names(c) {
		names[name] = true
	}
	for n := 0; names[p.ID(n)] && n < p.list.most+spare; n++ {
		t := wordRow{Wordings: c.FormValue(p.ID(n))}
		row := content.Pin{Queries: typedWordings(t.Wordings)}
		for i := range content.MaxPinned {
			said := strings.TrimSpace(c.FormValue(articleID(n, i)))
			if said == "" {
				continue
			}
			t.Articles = append(t.Articles, pinned{Typed: said})
			if key := p.names.meant(said); key != "" {
				row.Articles = append(row.Articles, key)
			} else {
				t.Wrong = append(t.Wrong, p.T("words.no_article", "Typed", said, "Language", p.LanguageName(p.In)))
			}
		}
		if len(row.Queries) > 0 || len(t.Articles) > 0 {
			typed, rows = append(typed, t), append(rows, row)
		}
	}
	return typed, rows
}

// names are those of the articles of a language: of each title, in lower case, the
// key of the first article that has it.
type names struct {
	lib    *content.Library
	lang   string
	titles map[string]string
}

func namesIn(lib *content.Library, lang string) *names {
	n := &names{lib, lang, map[string]string{}}
	for _, a := range lib.All() {
		if title := strings.ToLower(a.Title); a.Lang == lang && n.titles[title] == "" {
			n.titles[title] = a.Key
		}
	}
	return n
}

// meant returns the key of the article that somebody means by its key, its title,
// or an address of it; empty when there is none in that language.
func (n *names) meant(said string) string {
	lib, lang := n.lib, n.lang
	if a := lib.ByKey(strings.Trim(said, "/"), lang); a != nil {
		return a.Key
	}
	if u, err := url.Parse(said); err == nil {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if key, ok := strings.CutPrefix(strings.Trim(u.Path, "/"), "a/"); ok && lib.ByKey(key, lang) != nil {
			return key
		}
		if len(parts) == 3 && parts[1] == "articles" {
			a := lib.Article(parts[0], parts[2])
			if a == nil {
				a = lib.Alias(parts[0], parts[2])
			}
			if a != nil && lib.ByKey(a.Key, lang) != nil {
				return a.Key
			}
		}
	}
	return n.titles[strings.ToLower(said)]
}

// called returns what an article is called in a form: its title, unless another
// one has the same.
func (n *names) called(key string) string {
	if a := n.lib.ByKey(key, n.lang); a != nil && n.meant(a.Title) == key {
		return a.Title
	}
	return key
}

// setRaw saves the file as it was typed.
func (r *Room) setRaw(c *fiber.Ctx, p *wordsPage, disk []byte) error {
	src := typedAs(c.FormValue("body"), disk)
	return r.saveWords(c, p, disk, src, func(status int) error { return r.renderRaw(c, status, p, src) })
}

// saveWords saves a list, or shows what was typed again with what is wrong.
func (r *Room) saveWords(c *fiber.Ctx, p *wordsPage, disk, src []byte, again func(status int) error) error {
	var err error
	switch {
	case p.Locked:
		err = &escalation.Error{Kind: escalation.Conflict, Reason: "write.locked"}
	case !p.Writable:
		err = readOnly()
	case len(disk)+len(src) == 0: // there is nothing, and nothing to be made
	default:
		_, err = r.Articles.Save(p.File, src, p.Base)
	}
	if e, ok := errors.AsType[*content.ConflictError](err); ok && bytes.Equal(e.Current, src) {
		err = nil // sent twice, or both wrote the same
	}
	if err == nil {
		r.Log.InfoContext(c.UserContext(), "list saved", "file", p.File, "by", p.Me.ID, "hash", content.Hash(src))
		return web.Redirect(c, p.list.path(p.In)+"&done=saved")
	}
	if e, ok := errors.AsType[*content.InvalidError](err); ok {
		p.Problems = append(p.Problems, graveOnes(p.Page, e.Problems)...)
		return again(fiber.StatusUnprocessableEntity)
	}
	if e, ok := errors.AsType[*content.ConflictError](err); ok {
		p.Base = p.overtake(e, src)
		p.Problems = append(p.Problems, web.Problem{Text: p.T("write.conflict")})
		return again(fiber.StatusConflict)
	}
	if !p.Refuse(err) {
		return err
	}
	return again(web.Status(escalation.KindOf(err)))
}

// renderRaw shows a file as it is.
func (r *Room) renderRaw(c *fiber.Ctx, status int, p *wordsPage, src []byte) error {
	p.Raw, p.Source = true, string(src)
	_, problems := p.list.parse(p.File, src)
	p.Findings = findings(p.Page, problems)
	return r.Render(c, status, "write/words", p)
}

// lay makes the rows of entries, and puts what is wrong where it stands.
func (r *Room) lay(p *wordsPage, rows []content.Pin, problems []content.Problem) {
	p.Rows = make([]wordRow, len(rows))
	for i, row := range rows {
		p.Rows[i].Wordings = strings.Join(row.Queries, ", ")
		for _, key := range row.Articles {
			p.Rows[i].Articles = append(p.Rows[i].Articles, pinned{Typed: p.names.called(key)})
		}
	}
	var rest []content.Problem
	for _, problem := range slices.Concat(problems, r.useless(p, rows)) {
		if n := rowOf(rows, problem); n >= 0 {
			p.Rows[n].Wrong = append(p.Rows[n].Wrong, p.TM(problem.Key, problem.Args))
		} else {
			rest = append(rest, problem)
		}
	}
	p.Findings = findings(p.Page, rest)
}

// useless says which rows are sound and yet lead nobody anywhere.
func (r *Room) useless(p *wordsPage, rows []content.Pin) []content.Problem {
	lib := r.Articles.Library()
	if p.list == pinList {
		tuned := lib.Tuned(map[string][]content.Pin{p.In: rows}, nil)
		return append(lib.PinProblems(p.In, rows), search.Problems(tuned)...)
	}
	sets := make([][]string, len(rows))
	for i, row := range rows {
		sets[i] = row.Queries
	}
	return search.Problems(lib.Tuned(nil, map[string][][]string{p.In: sets}))
}

// rowOf returns the row that a problem is in: the last one that begins on its line
// or before; -1 when it is about what is no row, or the file.
func rowOf(rows []content.Pin, p content.Problem) int {
	n := -1
	if p.Key == "check.synonyms_form" || p.Key == "check.pin_form" {
		return n
	}
	for i, row := range rows {
		if wording, _ := p.Args["Wording"].(string); row.Line <= p.Line || p.Line == 0 && slices.Contains(row.Queries, wording) {
			n = i
		}
	}
	return n
}

// renderWords shows the rows, with empty ones below.
func (r *Room) renderWords(c *fiber.Ctx, status int, p *wordsPage) error {
	lib := r.Articles.Library()
	p.Rows = append(p.Rows, make([]wordRow, min(spare, max(p.list.most-len(p.Rows), 0)))...)
	for i := range p.Rows {
		row := &p.Rows[i]
		row.N = i
		if p.list == pinList && len(row.Articles) < content.MaxPinned {
			row.Articles = append(row.Articles, pinned{})
		}
		for j := range row.Articles {
			row.Articles[j].ID = articleID(i, j)
		}
	}
	if p.list == pinList {
		p.Pinnable = pinnable(lib, p.In)
	}
	if err := r.weigh(c.UserContext(), p); err != nil {
		return err
	}
	return r.Render(c, status, "write/words", p)
}

// weigh finds out what the rows are worth to a customer: how many articles use
// each wording, or what a pin changes. When that takes too long, the rows below go
// without.
func (r *Room) weigh(ctx context.Context, p *wordsPage) (err error) {
	ctx, cancel := context.WithTimeout(ctx, weighing)
	defer cancel()
	defer func() {
		if errors.Is(err, search.ErrNotReady) || errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}()
	lib, tried := r.Articles.Library(), 0
	for i := range p.Rows {
		row := &p.Rows[i]
		if p.list == synonymList {
			for _, w := range content.Wordings(row.Wordings) {
				n, err := r.Search.Holding(ctx, p.In, w, content.Public)
				if err != nil {
					return err
				}
				row.Held = append(row.Held, held{w, n})
			}
			continue
		}
		var first *content.Article
		for _, a := range row.Articles {
			if b := lib.ByKey(p.names.meant(a.Typed), p.In); b != nil && len(lib.Readable([]*content.Article{b}, content.Public)) > 0 {
				first = b
				break
			}
		}
		for _, text := range typedWordings(row.Wordings) {
			if tried++; tried > maxTried {
				return nil
			}
			found, err := r.Search.Search(ctx, search.Query{Text: text, Lang: p.In, Limit: 1, OneLang: true, Unpinned: true})
			if err != nil {
				return err
			}
			a := answered{Query: text, Path: "/" + p.In + "/search?q=" + url.QueryEscape(text), With: first}
			if len(found.Hits) > 0 {
				a.Without = found.Hits[0].Article
			}
			if first == nil {
				a.With = a.Without
			}
			row.Answered = append(row.Answered, a)
		}
	}
	return nil
}

// typedWordings parts what was typed at commas and at the ends of lines.
func typedWordings(typed string) []string {
	return content.Wordings(strings.ReplaceAll(typed, "\n", ","))
}

// pinnable returns the articles that the page offers to choose from: those that
// customers find, unless they are too many for a list. Others are named by their
// title or address.
func pinnable(lib *content.Library, lang string) (out []*content.Article) {
	for _, a := range lib.Readable(lib.All(), content.Public) {
		if a.Lang == lang {
			out = append(out, a)
		}
	}
	if len(out) > maxPinnable {
		return nil
	}
	return out
}
