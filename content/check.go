package content

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

const maxDescription = 200 // characters that search results show

// A checked is what Check found in one Library.
type checked struct {
	lib      *Library
	day      string // reviews fall due with the days
	problems []Problem
	outlinks []Outlink
}

// An Outlink is a link to another site, and where it stands.
type Outlink struct {
	Address string
	File    string
	Line    int
}

// Outlinks returns the links to other sites, by file and line. It takes the time of
// Check.
func (f *Folder) Outlinks(ctx context.Context) ([]Outlink, error) {
	c, err := f.check(ctx)
	if err != nil {
		return nil, err
	}
	return c.outlinks, nil
}

// Check returns all that a writer should mend in the folder: the problems of the
// Library, and those that show only when every text is read. It takes the time of
// rendering all articles once; while nothing changes, the answer is kept.
func (f *Folder) Check(ctx context.Context) ([]Problem, error) {
	c, err := f.check(ctx)
	if err != nil {
		return nil, err
	}
	return c.problems, nil
}

func (f *Folder) check(ctx context.Context) (*checked, error) {
	lib, day := f.Library(), f.now().UTC().Format(time.DateOnly)
	if c := f.checked.Load(); c != nil && c.lib == lib && c.day == day {
		return c, nil
	}
	texts := make([]*examined, len(lib.articles))
	next := make(chan int)
	var wait sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				texts[i] = f.examine(lib, lib.articles[i])
			}
		})
	}
	for i := range texts {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	problems := slices.Clone(lib.problems)
	ids := map[string]map[string]bool{}
	for i, a := range lib.articles {
		ids[a.File] = texts[i].ids
	}
	var outlinks []Outlink
	linked := map[string]bool{} // keys that another article leads to
	for i, a := range lib.articles {
		problems = append(problems, texts[i].problems...)
		l := &linker{lib: lib, file: a.File, lang: a.Lang}
		for _, r := range texts[i].links {
			to := parseLink(r.raw)
			if !r.image && (to.scheme == "http" || to.scheme == "https") {
				outlinks = append(outlinks, Outlink{r.raw, r.at.fileOr(a.File), r.at.line})
			}
			if r.image || to.dead || to.scheme != "" {
				continue
			}
			other := a
			if to.path != "" {
				other = l.article(to)
			}
			if other == nil {
				continue
			}
			if other != a {
				linked[other.Key] = true
			}
			if to.anchor != "" && !ids[other.File][to.anchor] && !slices.Contains(PageIDs, to.anchor) {
				problems = append(problems, problem(r.at.fileOr(a.File), r.at.line, "check.anchor_dead", "Link", r.raw))
			}
		}
		for _, key := range a.Related {
			linked[key] = true
		}
	}
	titles := titlesOf(lib)
	for _, a := range lib.articles {
		problems = append(problems, f.among(lib, a, titles)...)
		if a.Status == Published && a.Section == "" && !a.Unlisted && !linked[a.Key] {
			problems = append(problems, problem(a.File, 0, "check.orphan"))
		}
	}
	sortProblems(problems)
	problems = slices.CompactFunc(problems, func(a, b Problem) bool {
		return a.File == b.File && a.Line == b.Line && a.English == b.English
	})
	slices.SortFunc(outlinks, func(a, b Outlink) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Address, b.Address))
	})
	c := &checked{lib, day, problems, slices.Compact(outlinks)}
	f.checked.Store(c)
	return c, nil
}

// CheckSource returns what a writer should mend in a text before it is saved as
// the article at a path: all that Check would say of it.
func (f *Folder) CheckSource(file string, src []byte) []Problem {
	a, p, problems := understand(f.readFile, file, src)
	if a == nil {
		return problems
	}
	lib := f.Library()
	s := f.sheet(lib, file, a.Lang, a.Lang, p)
	if !s.read() {
		return append(problems, s.problems...)
	}
	s.checkReading()
	problems = append(problems, s.problems...)
	problems = append(problems, taken(lib, a, src)...)
	if len(s.passages()) == 0 {
		problems = append(problems, problem(file, 0, "check.body_empty"))
	}
	ids := s.ids()
	others := map[string]map[string]bool{}
	for _, r := range s.toCheck {
		to := parseLink(r.raw)
		if r.image || to.dead || to.scheme != "" || to.anchor == "" || slices.Contains(PageIDs, to.anchor) {
			continue
		}
		there := ids
		if to.path != "" {
			other := s.links.article(to)
			if other == nil {
				continue
			}
			if others[other.File] == nil {
				others[other.File] = f.examine(lib, other).ids
			}
			there = others[other.File]
		}
		if !there[to.anchor] {
			problems = append(problems, problem(r.at.fileOr(file), r.at.line, "check.anchor_dead", "Link", r.raw))
		}
	}
	slugs := map[name]*Article{}
	for _, b := range lib.articles {
		if b.File != file {
			slugs[name{b.Lang, b.Slug}] = b
		}
	}
	for _, old := range a.Aliases {
		k := name{a.Lang, old}
		switch other := slugs[k]; {
		case old == a.Slug:
			problems = append(problems, problem(file, 0, "check.alias_self", "Alias", old))
		case other != nil:
			problems = append(problems, problem(file, 0, "check.alias_taken", "Alias", old, "Other", other.File))
		default:
			if other := lib.byAlias[k]; other != nil && other.File != file {
				problems = append(problems, problem(file, 0, "check.alias_twice", "Alias", old, "Other", other.File))
			}
		}
	}
	problems = append(problems, f.among(lib, a, titlesOf(lib))...)
	sortProblems(problems)
	return problems
}

// article returns the article that a local link names, by file, address or key.
func (l *linker) article(to link) *Article {
	if !strings.HasPrefix(to.path, "/") {
		a, _ := l.find(to)
		return a
	}
	parts := strings.Split(strings.Trim(to.path, "/"), "/")
	switch {
	case len(parts) == 3 && parts[1] == "articles":
		if a := l.lib.Article(parts[0], parts[2]); a != nil {
			return a
		}
		return l.lib.Alias(parts[0], parts[2])
	case len(parts) > 1 && parts[0] == "a":
		return l.lib.BestFor(strings.Join(parts[1:], "/"), l.readerLang())
	}
	return nil
}

func (o origin) fileOr(file string) string {
	if o.file == "" {
		return file
	}
	return o.file
}

// An examined is what a text says about itself.
type examined struct {
	problems []Problem
	links    []reference
	ids      map[string]bool
}

func (f *Folder) examine(lib *Library, a *Article) *examined {
	_, now, p, _ := load(f.readFile, a.File)
	if now == nil {
		return &examined{} // the Library's problems tell why
	}
	s := f.sheet(lib, a.File, a.Lang, a.Lang, p)
	if !s.read() {
		return &examined{problems: s.problems}
	}
	s.checkReading()
	e := &examined{s.problems, s.toCheck, s.ids()}
	if len(s.passages()) == 0 {
		e.problems = append(e.problems, problem(a.File, 0, "check.body_empty"))
	}
	return e
}

// ids returns the ids of the text's headings.
func (s *sheet) ids() map[string]bool {
	ids := make(map[string]bool, len(s.heads))
	for _, h := range s.heads {
		ids[h.id] = true
	}
	return ids
}

// titlesOf joins articles whose titles say the same, or nearly.
func titlesOf(lib *Library) map[name][]*Article {
	titles := make(map[name][]*Article, len(lib.articles))
	for _, a := range lib.articles {
		if a.Status != Archived {
			k := name{a.Lang, gist(a.Title)}
			titles[k] = append(titles[k], a)
		}
	}
	return titles
}

// gist is what remains of a title when order, endings, accents, and the shortest
// words do not count.
func gist(title string) string {
	var words []string
	for _, w := range strings.Split(Slug(title), "-") {
		if len(w) > 4 {
			w = strings.TrimRight(w, "aeious")
		} else if len(w) < 3 && (w == "" || w[0] > '9') {
			continue
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return fold(title)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// among checks an article against the others and against the calendar.
func (f *Folder) among(lib *Library, a *Article, titles map[name][]*Article) (problems []Problem) {
	report := func(key string, args ...any) { problems = append(problems, problem(a.File, 0, key, args...)) }
	if a.Description == "" {
		report("check.description_missing")
	} else if len([]rune(a.Description)) > maxDescription {
		report("check.description_long", "Limit", maxDescription)
	}
	for _, b := range titles[name{a.Lang, gist(a.Title)}] {
		if b.File == a.File || a.Status == Archived {
			continue
		}
		if strings.EqualFold(a.Title, b.Title) {
			report("check.title_twice", "Other", b.File)
		} else {
			report("check.title_near", "Other", b.File, "Title", b.Title)
		}
		break
	}
	for _, key := range a.Related {
		if len(lib.Translations(key)) == 0 {
			report("check.related_missing", "Name", key)
		}
	}
	now := f.now()
	if a.Status == Published {
		var missing []string
		for _, lang := range lib.Languages() {
			if b := lib.ByKey(a.Key, lang); lang != a.Lang && (b == nil || b.Status != Published) {
				missing = append(missing, lang)
			}
		}
		if len(missing) > 0 {
			report("check.translation_missing", "Langs", strings.Join(missing, ", "))
		}
		if !a.ExpiresAt.IsZero() && !now.Before(a.ExpiresAt) {
			report("check.expired", "Date", a.ExpiresAt.Format(time.DateOnly))
		}
		if due := a.Due(); !due.IsZero() && now.After(due) {
			report("check.review_overdue", "Date", due.Format(time.DateOnly))
		}
	}
	if lang, _, ok := strings.Cut(a.Source, "@"); ok && a.Status != Archived {
		switch behind := lib.Behind(a); {
		case behind.Source == nil:
			report("check.source_missing", "Lang", lang)
		case behind.Size == "major":
			report("check.translation_behind", "Other", behind.Source.File, "Source", behind.Source.Reference())
		case behind.Size == "minor":
			report("check.translation_near", "Other", behind.Source.File, "Source", behind.Source.Reference())
		}
	}
	return problems
}

// Summary returns a sentence or two about an article: its description, else the
// beginning of its text.
func (a *Article) Summary(d *Document) string {
	if a.Description != "" || d == nil {
		return a.Description
	}
	for _, p := range d.Passages {
		if p.Text == "" {
			continue
		}
		if r := []rune(p.Text); len(r) > maxDescription {
			cut := string(r[:maxDescription])
			if i := strings.LastIndexByte(cut, ' '); i > 0 {
				cut = cut[:i]
			}
			return strings.TrimRight(cut, " ,;:") + "…"
		}
		return p.Text
	}
	return ""
}
