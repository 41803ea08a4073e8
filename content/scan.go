package content

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A stamp tells whether a file changed without reading it.
type stamp struct {
	size  int64
	mtime int64 // Unix nanoseconds
}

// A record is what is known of one article's file.
type record struct {
	stamp
	seen     int64    // when it was read, Unix nanoseconds
	hash     string   // of its bytes
	parts    []part   // what it includes
	shows    []string // images it may show
	article  *Article // last good; nil when it never was
	problems []Problem
}

// A part is a file that an article includes, as it was when the article was read.
type part struct {
	file string
	stamp
}

// An indexRecord is what is known of one section's _index.md.
type indexRecord struct {
	stamp
	seen     int64
	section  *Section
	problems []Problem
}

// A state is what is known of the folder.
type state struct {
	records  map[string]*record
	indexes  map[string]*indexRecord // by folder
	images   map[string]stamp
	problems []Problem // of the folder itself

	lexicons map[string]*lexiconRecord // by file
}

// racy is how old a file must be before its time is trusted: a second change
// within the clock's grain would not show.
const racy = 2 * time.Second

func (s stamp) trusted(seen int64) bool { return s.mtime < seen-int64(racy) }

// found is what lies in the folder now.
type found struct {
	articles map[string]stamp
	indexes  map[string]stamp
	parts    map[string]stamp // any other .md file, which may be included
	lexicons map[string]stamp
	images   map[string]stamp
	dirs     []string
	unread   []string // folders that could not be listed
	problems []Problem
	elapsed  time.Duration
}

// notArticle reports whether a file has another purpose, by its name.
func notArticle(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, "_") ||
		!strings.Contains(file, "/") && (strings.HasPrefix(base, "glossary.") || strings.EqualFold(base, "README.md"))
}

// walk lists the folder, which may be reached by a link itself. It follows none
// inside.
func walk(dir string) found {
	begin := time.Now()
	f := found{articles: map[string]stamp{}, indexes: map[string]stamp{}, parts: map[string]stamp{}, lexicons: map[string]stamp{}, images: map[string]stamp{}}
	wrong := map[string]bool{}
	_ = filepath.WalkDir(dir+string(filepath.Separator), func(full string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(dir, full)
		if relErr != nil {
			return nil
		}
		file := filepath.ToSlash(rel)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) || file == "." {
				f.unread = append(f.unread, file)
				key := "check.file_unreadable"
				if file == "." {
					key = "check.folder"
				}
				f.problems = append(f.problems, grave(file, 0, key, "Reason", reason(err)))
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if file == "." {
			f.dirs = append(f.dirs, full)
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if strings.HasSuffix(d.Name(), ".md") {
				f.problems = append(f.problems, grave(file, 0, "check.directory_name"))
				return fs.SkipDir
			}
			f.dirs = append(f.dirs, full)
			return nil
		}
		markdown := strings.HasSuffix(d.Name(), ".md")
		kind, _ := lexiconOf(file)
		if !markdown && kind == "" && !imageName(file) && d.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil // gone since
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			target, err := filepath.EvalSymlinks(full)
			if err == nil {
				info, err = os.Stat(target)
			}
			home, homeErr := filepath.EvalSymlinks(dir)
			if err != nil || homeErr != nil || !strings.HasPrefix(target, home+string(filepath.Separator)) || info.IsDir() {
				if markdown || kind != "" || imageName(file) || err == nil && info.IsDir() {
					f.problems = append(f.problems, grave(file, 0, "check.symlink"))
				}
				return nil
			}
		}
		s := stamp{info.Size(), info.ModTime().UnixNano()}
		if kind != "" {
			f.lexicons[file] = s
		}
		if !markdown {
			if imageName(file) && info.Mode().IsRegular() {
				f.images[file] = s
			}
			return nil
		}
		f.parts[file] = s
		switch {
		case d.Name() == "_index.md":
			f.indexes[path.Dir(file)] = s
		case hiddenPath(file), notArticle(file):
		default:
			if _, key := placeOf(file); key != "" {
				top, _, _ := strings.Cut(file, "/")
				if key != "check.not_a_language" || !wrong[top] {
					f.problems = append(f.problems, grave(file, 0, key, "Name", top))
				}
				wrong[top] = true
				return nil
			}
			f.articles[file] = s
		}
		return nil
	})
	f.elapsed = time.Since(begin)
	return f
}

// hiddenPath reports whether one of the folders above a file begins with "_".
func hiddenPath(file string) bool {
	return strings.HasPrefix(file, "_") || strings.Contains(path.Dir(file)+"/", "/_")
}

// Reload looks at the folder now and makes a new Library if anything changed.
// Watch does it by itself.
func (f *Folder) Reload() *Library {
	lib, _ := f.reload()
	return lib
}

func (f *Folder) reload() (*Library, found) {
	f.scanning.Lock()
	defer f.scanning.Unlock()
	at := walk(f.dir)
	changed := f.update(at) || f.stale
	f.stale = false
	if !changed {
		return f.Library(), at
	}
	lib := f.assemble()
	f.lib.Store(lib)
	f.tell(lib)
	f.keepRevisions()
	f.dirty = true
	return lib, at
}

// tell logs new problems and calls those who asked.
func (f *Folder) tell(lib *Library) {
	now := map[string]bool{}
	for _, p := range lib.problems {
		line := p.String()
		now[line] = true
		if !f.logged[line] && p.Grave {
			f.log.Warn("content problem", "file", p.File, "line", p.Line, "problem", p.English)
		}
	}
	f.logged = now
	f.listeners.Lock()
	all := slices.Clone(f.listeners.all)
	f.listeners.Unlock()
	for _, fn := range all {
		fn(lib)
	}
}

// update brings the state up to what was found and reports whether it changed.
func (f *Folder) update(at found) bool {
	st := &f.state
	if st.records == nil {
		st.records, st.indexes = map[string]*record{}, map[string]*indexRecord{}
	}
	changed := !sameProblems(st.problems, at.problems)
	st.problems = at.problems
	kept := func(file string) bool { // in a folder that cannot be listed just now
		for _, dir := range at.unread {
			if dir == "." || strings.HasPrefix(file, dir+"/") {
				return true
			}
		}
		return false
	}
	if slices.Contains(at.unread, ".") {
		return changed
	}
	for file := range st.records {
		if _, ok := at.articles[file]; !ok && !kept(file) {
			delete(st.records, file)
			changed = true
		}
	}
	for dir := range st.indexes {
		if _, ok := at.indexes[dir]; !ok && !kept(dir+"/x") {
			delete(st.indexes, dir)
			changed = true
		}
	}
	changed = f.readLexicons(at.lexicons) || changed
	if !equalStamps(st.images, at.images) {
		st.images = at.images
		changed = true
	}
	var todo []string
	for file, s := range at.articles {
		if r := st.records[file]; r == nil || !r.fresh(s, at.parts) {
			todo = append(todo, file)
		}
	}
	slices.Sort(todo)
	for i, r := range f.readAll(todo, at) {
		if r == nil {
			continue
		}
		old := st.records[todo[i]]
		if old != nil {
			if r.article == nil {
				r.article, r.shows = old.article, old.shows // the last good version stays
			} else if old.article != nil && old.hash == r.hash && old.article.Hash == r.article.Hash && old.mtime == r.mtime {
				r.article = old.article
			}
			if old.hash == r.hash && old.article == r.article && sameProblems(old.problems, r.problems) {
				st.records[todo[i]] = r
				continue
			}
		}
		st.records[todo[i]] = r
		changed = true
	}
	for dir, s := range at.indexes {
		old := st.indexes[dir]
		if old != nil && old.stamp == s && s.trusted(old.seen) {
			continue
		}
		r := &indexRecord{stamp: s, seen: time.Now().UnixNano()}
		file := dir + "/_index.md"
		if place, _, _ := strings.Cut(dir, "/"); !langForm.MatchString(place) || strings.Count(dir, "/") > 2 || dir == "." {
			continue
		}
		src, err := f.readFile(file)
		if err != nil {
			r.section, r.problems = emptySection(dir), []Problem{grave(file, 0, "check.file_unreadable", "Reason", reason(err))}
		} else {
			r.section, r.problems = parseSection(file, src)
		}
		if old != nil && anyGrave(r.problems) {
			r.section = old.section
		}
		if old == nil || *old.section != *r.section || !sameProblems(old.problems, r.problems) {
			changed = true
		}
		st.indexes[dir] = r
	}
	return changed
}

func sameProblems(a, b []Problem) bool {
	return slices.EqualFunc(a, b, func(a, b Problem) bool { return a.String() == b.String() })
}

func equalStamps(a, b map[string]stamp) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// fresh reports whether the record still tells what lies on disk.
func (r *record) fresh(s stamp, parts map[string]stamp) bool {
	if r.stamp != s || !s.trusted(r.seen) {
		return false
	}
	for _, p := range r.parts {
		if now := parts[p.file]; now != p.stamp || !now.trusted(r.seen) {
			return false
		}
	}
	return true
}

// readAll reads files on all processors; the records come in the files' order.
func (f *Folder) readAll(files []string, at found) []*record {
	out := make([]*record, len(files))
	if len(files) == 0 {
		return out
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return out
	}
	defer root.Close()
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wait.Go(func() {
			for i := range next {
				out[i] = f.read(root, files[i], at)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wait.Wait()
	return out
}

// read makes the record of one file.
func (f *Folder) read(root *os.Root, file string, at found) (r *record) {
	r = &record{stamp: at.articles[file], seen: time.Now().UnixNano()}
	defer func() {
		if e := recover(); e != nil {
			r.article, r.problems = nil, []Problem{grave(file, 0, "check.file_unreadable", "Reason", fmt.Sprint(e))}
		}
	}()
	if r.size > maxArticle {
		r.problems = []Problem{grave(file, 0, "check.too_large", "Limit", maxArticle>>10)}
		r.hash = fmt.Sprint(r.stamp)
		return r
	}
	src, a, p, problems := load(func(file string) ([]byte, error) { return readIn(root, file) }, file)
	r.problems = problems
	if src != nil {
		r.hash = Hash(src)
	}
	if p != nil {
		for _, name := range p.parts {
			r.parts = append(r.parts, part{name, at.parts[name]})
		}
		r.shows = shown(file, p.src)
	}
	if a == nil {
		return r
	}
	if a.Updated.IsZero() {
		a.Updated = time.Unix(0, r.mtime).UTC().Truncate(time.Second)
	}
	r.article = a
	if err := f.good.put(a.Hash, p.src); err != nil {
		f.log.Warn("last good text not kept", "file", file, "error", err)
	}
	return r
}

// assemble makes a Library of the state, with what is wrong among articles.
func (f *Folder) assemble() *Library {
	st := &f.state
	problems := slices.Clone(st.problems)
	files := make([]string, 0, len(st.records))
	dirs := map[string]*Section{}
	for file, r := range st.records {
		files = append(files, file)
		problems = append(problems, r.problems...)
		if r.article == nil {
			continue
		}
		for dir := path.Dir(file); strings.Contains(dir, "/"); dir = path.Dir(dir) {
			dirs[dir] = nil
		}
	}
	slices.Sort(files)
	for dir, r := range st.indexes {
		problems = append(problems, r.problems...)
		if strings.Contains(dir, "/") {
			dirs[dir] = r.section
		}
	}
	sections, bad := sectionsOf(dirs)
	problems = append(problems, bad...)

	type owner = map[name]*Article
	slugs, keys := make(owner, len(files)), make(owner, len(files))
	articles := make([]*Article, 0, len(files))
	shows := map[string][]*Article{}
	for _, file := range files {
		r := st.records[file]
		a := r.article
		if a == nil {
			continue
		}
		section := ""
		if s := dirs[path.Dir(file)]; s != nil {
			section = s.Key
		}
		if a.Section != section {
			moved := *a
			moved.Section = section
			a = &moved
			r.article = a
		}
		if other := slugs[name{a.Lang, a.Slug}]; other != nil {
			problems = append(problems, grave(file, f.lineOf(file, "slug"), "check.slug_twice", "Slug", a.Slug, "Other", other.File))
			continue
		}
		if other := keys[name{a.Lang, a.Key}]; other != nil {
			problems = append(problems, grave(file, f.lineOf(file, "key"), "check.key_taken", "Name", a.Key, "Other", other.File))
			continue
		}
		slugs[name{a.Lang, a.Slug}], keys[name{a.Lang, a.Key}] = a, a
		articles = append(articles, a)
		for _, image := range r.shows {
			shows[image] = append(shows[image], a)
		}
	}
	problems = append(problems, aliasProblems(articles, slugs)...)

	weight := map[name]int{} // where a section comes among those of its language
	for i, s := range sections {
		weight[name{s.Lang, s.Key}] = i + 1
	}
	slices.SortFunc(articles, func(a, b *Article) int {
		return cmp.Or(strings.Compare(a.Lang, b.Lang), weight[name{a.Lang, a.Section}]-weight[name{b.Lang, b.Section}], listed(a, b))
	})
	lib := newLibrary(articles, sections, f.now)
	for dir, s := range dirs {
		if s != nil {
			lib.sectByDir[dir] = s
		}
	}
	lib.assets, lib.shows = st.images, shows
	lib.glossaries, lib.texts = map[string]*glossary{}, map[string]string{}
	lib.synonyms, lib.setLines, lib.pins = map[string][][]string{}, map[string][]int{}, map[string][]Pin{}
	for file, r := range st.lexicons {
		problems = append(problems, r.problems...)
		if r.lexicon != nil {
			problems = append(problems, lib.take(file, r.lexicon)...)
			lib.texts[file] = r.good
		}
	}
	f.note(lib)
	sortProblems(problems)
	lib.problems = problems
	return lib
}

// lineOf returns the line on which the file of an article says something, as
// [lineOf] does.
func (f *Folder) lineOf(file, key string) int {
	src, err := f.readFile(file)
	if err != nil {
		return 0 // it went away; the next look at the folder says so
	}
	return lineOf(file, src, key)
}

// sectionsOf returns the sections in their order; those of two that want one
// address or key, the second by path gets another.
func sectionsOf(dirs map[string]*Section) (sections []*Section, problems []Problem) {
	paths := make([]string, 0, len(dirs))
	for dir := range dirs {
		paths = append(paths, dir)
	}
	slices.Sort(paths)
	slugs, keys := map[name]string{}, map[name]string{}
	for _, dir := range paths {
		s := dirs[dir]
		if s == nil {
			s = emptySection(dir)
			problems = append(problems, problem(dir+"/_index.md", 0, "check.section_title"))
		} else {
			own := *s
			s = &own
		}
		if above := path.Dir(dir); strings.Contains(above, "/") && dirs[above] != nil {
			s.Parent = dirs[above].Key
		}
		if other := slugs[name{s.Lang, s.Slug}]; other != "" {
			if s.Parent == "" || s.Slug != Slug(path.Base(dir)) {
				problems = append(problems, problem(dir+"/_index.md", 0, "check.section_slug_twice", "Slug", s.Slug, "Other", other))
			}
			s.Slug = free(slugs, s.Lang, Slug(strings.ReplaceAll(strings.TrimPrefix(dir, s.Lang+"/"), "/", "-")))
		}
		if other := keys[name{s.Lang, s.Key}]; other != "" {
			problems = append(problems, problem(dir+"/_index.md", 0, "check.section_key_twice", "Name", s.Key, "Other", other))
			s.Key = free(keys, s.Lang, keyOf(strings.TrimPrefix(dir, s.Lang+"/")))
		}
		slugs[name{s.Lang, s.Slug}], keys[name{s.Lang, s.Key}] = dir, dir
		dirs[dir] = s
		sections = append(sections, s)
	}
	slices.SortStableFunc(sections, func(a, b *Section) int {
		return cmp.Or(strings.Compare(a.Lang, b.Lang), byWeight(a.Weight, b.Weight), strings.Compare(a.Title, b.Title))
	})
	return sections, problems
}

// free returns a word that no other section of the language has.
func free(taken map[name]string, lang, want string) string {
	got := want
	for n := 2; got == "" || taken[name{lang, got}] != ""; n++ {
		got = fmt.Sprintf("%s-%d", cmp.Or(want, "section"), n)
	}
	return got
}

func aliasProblems(articles []*Article, slugs map[name]*Article) (problems []Problem) {
	first := map[name]*Article{}
	for _, a := range articles {
		for _, old := range a.Aliases {
			k := name{a.Lang, old}
			switch other := slugs[k]; {
			case other == a:
				problems = append(problems, problem(a.File, 0, "check.alias_self", "Alias", old))
			case other != nil:
				problems = append(problems, problem(a.File, 0, "check.alias_taken", "Alias", old, "Other", other.File))
			case first[k] != nil:
				problems = append(problems, problem(a.File, 0, "check.alias_twice", "Alias", old, "Other", first[k].File))
			default:
				first[k] = a
			}
		}
	}
	return problems
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.English, b.English))
	})
}
