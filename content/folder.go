package content

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a [Folder] needs besides its files. All may be left out.
type Options struct {
	// Catalog is a file outside the folder that remembers what the articles say
	// about themselves, so that the next start need not read them all. Beside
	// it, in Catalog + ".good", lies the last good text of each article.
	Catalog string
	Log     *slog.Logger
	Now     func() time.Time
	// Revisions are those that were noted before, the oldest first; Keep is handed
	// the new ones. Without them, a translation is as far behind as the last change
	// of its source was large.
	Revisions []Revision
	Keep      func([]Revision) error
}

// A Folder is a folder of articles: it knows the last good Library of what lies
// there and renders, checks and saves its articles. All methods may be called
// at once.
type Folder struct {
	dir  string
	log  *slog.Logger
	now  func() time.Time
	lib  atomic.Pointer[Library]
	good goodTexts

	scanning sync.Mutex // one scan at a time; guards what follows
	state    state
	logged   map[string]bool
	catalog  string
	stale    bool // what the catalog said was not verified yet
	dirty    bool // the catalog on disk is older than the state

	revisions map[name][]Revision
	unkept    []Revision
	keep      func([]Revision) error

	listeners struct {
		sync.Mutex
		all []func(*Library)
	}
	saving   sync.Mutex
	pictures sync.Map // file → what picture found
	slots    chan struct{}
	rendered cache
	renders  atomic.Int64
	checked  atomic.Pointer[checked]
}

// Open reads the folder. With a catalog it answers from that at once, and Watch
// verifies it; without one it reads every file first. It fails only when there
// is no such folder: files that cannot be understood are problems of the Library.
func Open(dir string, o Options) (*Folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("content folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("content folder: %s is not a folder", dir)
	}
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("content folder: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("content folder: %w", err)
	}
	f := &Folder{dir: dir, log: o.Log, now: o.Now, catalog: o.Catalog, logged: map[string]bool{}}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if f.now == nil {
		f.now = time.Now
	}
	f.revisions, f.keep = map[name][]Revision{}, o.Keep
	for _, r := range o.Revisions {
		k := name{r.Lang, r.Key}
		f.revisions[k] = append(f.revisions[k], r)
	}
	f.slots = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))
	f.rendered = cache{limit: 64 << 20, entries: map[pageKey]*list.Element{}, order: list.New(), running: map[pageKey]*call{}}
	f.good = goodTexts{memory: map[string][]byte{}}
	if o.Catalog != "" {
		f.good.dir = o.Catalog + ".good"
	}
	if f.loadCatalog() {
		f.stale = true
		return f, nil
	}
	f.lib.Store(newLibrary(nil, nil, f.now))
	f.Reload()
	f.saveCatalog()
	return f, nil
}

// Library returns the newest snapshot.
func (f *Folder) Library() *Library { return f.lib.Load() }

// Dir returns the folder's path.
func (f *Folder) Dir() string { return f.dir }

// OnChange asks for a call after each new Library, one call at a time. The
// function must not call Reload.
func (f *Folder) OnChange(fn func(*Library)) {
	f.listeners.Lock()
	defer f.listeners.Unlock()
	f.listeners.all = append(f.listeners.all, fn)
}

// Renders is how many articles were rendered so far, for the metrics: once all
// are kept it stands still.
func (f *Folder) Renders() int64 { return f.renders.Load() }

// Writable reports whether articles can be saved.
func (f *Folder) Writable() bool {
	probe, err := os.CreateTemp(f.dir, ".primalinea-*")
	if err != nil {
		return false
	}
	probe.Close()
	return os.Remove(probe.Name()) == nil
}

// Source returns the article's file as it lies on disk now.
func (f *Folder) Source(a *Article) ([]byte, error) { return f.readFile(a.File) }

// readFile reads a file below the folder; no link leads out of it.
func (f *Folder) readFile(file string) ([]byte, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readIn(root, file)
}

// readIn reads no more of a file than shows that it is too large.
func readIn(root *os.Root, file string) ([]byte, error) {
	info, err := root.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, errors.New("not a regular file")
	}
	in, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, maxArticle+1))
}

// load reads and parses a file with what it includes.
func load(read func(string) ([]byte, error), file string) (src []byte, a *Article, p *prose, problems []Problem) {
	src, err := read(file)
	if err != nil {
		return nil, nil, nil, []Problem{grave(file, 0, "check.file_unreadable", "Reason", reason(err))}
	}
	a, p, problems = understand(read, file, src)
	return src, a, p, problems
}

// understand parses a file that was read. The prose comes without an article
// when only its includes are wrong.
func understand(read func(string) ([]byte, error), file string, src []byte) (*Article, *prose, []Problem) {
	a, m, problems := parse(file, src)
	if a == nil {
		return nil, nil, problems
	}
	p, bad := expand(file, m.body, m.first, read)
	problems = append(problems, bad...)
	if anyGrave(bad) {
		return nil, p, problems
	}
	if line, key, limit := intricate(p.src); key != "" {
		o := origin{file, line}
		if line-1 < len(p.lines) {
			o = p.lines[line-1]
		}
		return nil, p, append(problems, grave(o.file, o.line, key, "Limit", limit))
	}
	if len(p.parts) > 0 {
		a.Hash = Hash(append(append([]byte(Hash(src)), m.head...), p.src...))
	}
	return a, p, problems
}

// reason is an error without the path of our machine.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// text returns the article and its last good text: what lies on disk if that is
// still the article's, else what was kept of it.
func (f *Folder) text(a *Article) (*prose, error) {
	src, err := f.readFile(a.File)
	if err == nil && Hash(src) == a.Hash { // it includes nothing
		m, _ := split(a.File, src)
		p, _ := expand(a.File, m.body, m.first, f.readFile)
		return p, nil
	}
	_, now, p, problems := load(f.readFile, a.File)
	if now != nil && now.Hash == a.Hash {
		return p, nil
	}
	if src, ok := f.good.get(a.Hash); ok {
		p := &prose{src: src}
		return p, nil
	}
	if now != nil { // changed a moment ago; the watcher is about to tell
		return p, nil
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("article %s", problems[0])
	}
	return nil, fmt.Errorf("article %s cannot be read", a.File)
}

func (f *Folder) sheet(lib *Library, file, lang, readerLang string, p *prose) *sheet {
	return &sheet{file: file, lang: lang, prose: p, words: lib.glossaryOf(file), links: &linker{
		lib: lib, file: file, lang: lang, reader: readerLang,
		picture: func(file string) (picture, error) { return f.picture(lib, file) },
	}}
}

// Text returns the article's words, cut at its headings, for the search index.
func (f *Folder) Text(a *Article) ([]Passage, error) {
	p, err := f.text(a)
	if err != nil {
		return nil, err
	}
	s := f.sheet(f.Library(), a.File, a.Lang, a.Lang, p)
	if !s.read() {
		return nil, fmt.Errorf("article %s", s.problems[0])
	}
	return s.passages(), nil
}

// RenderSource renders what a writer is typing as the article at a path, with
// what is wrong with it. The Document is nil when it cannot be shown.
func (f *Folder) RenderSource(ctx context.Context, file string, src []byte, readerLang string) (*Document, []Problem, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	a, p, problems := understand(f.readFile, file, src)
	if a == nil {
		return nil, problems, nil
	}
	s := f.sheet(f.Library(), file, a.Lang, readerLang, p)
	if !s.read() {
		return nil, append(problems, s.problems...), nil
	}
	d, err := s.document()
	return d, append(problems, s.problems...), err
}

// goodTexts keeps the last good text of each article, with what it includes, by
// the article's hash.
type goodTexts struct {
	dir string // empty: in memory, as far as there is room

	mu     sync.Mutex
	memory map[string][]byte
	size   int
}

const maxGoodMemory = 64 << 20

func (g *goodTexts) put(hash string, src []byte) error {
	if g.dir == "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		if _, ok := g.memory[hash]; !ok && g.size+len(src) <= maxGoodMemory {
			g.memory[hash] = src
			g.size += len(src)
		}
		return nil
	}
	file := filepath.Join(g.dir, hash[:2], hash)
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	// Not synced to disk: after a power cut the text is read again.
	tmp := file + ".tmp"
	if err := os.WriteFile(tmp, src, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

func (g *goodTexts) get(hash string) ([]byte, bool) {
	if g.dir == "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		b, ok := g.memory[hash]
		return b, ok
	}
	b, err := os.ReadFile(filepath.Join(g.dir, hash[:2], hash))
	return b, err == nil
}

// keep forgets the texts of articles that are no more.
func (g *goodTexts) keep(wanted map[string]bool) {
	if g.dir == "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		for hash, b := range g.memory {
			if !wanted[hash] {
				g.size -= len(b)
				delete(g.memory, hash)
			}
		}
		return
	}
	_ = filepath.WalkDir(g.dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !wanted[path.Base(filepath.ToSlash(p))] {
			_ = os.Remove(p)
		}
		return nil
	})
}
