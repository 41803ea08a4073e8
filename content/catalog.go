package content

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// catalogMagic names the form of the catalog; another one is not read, and all
// files are.
const catalogMagic = "primalinea catalog 3\n"

// The catalog is one run of numbers and strings. Strings are cut out of the
// file's text without copying, so that 100,000 articles are there in a moment.

type catalogWriter struct{ b []byte }

func (w *catalogWriter) number(n int64) { w.b = binary.AppendVarint(w.b, n) }
func (w *catalogWriter) text(s string)  { w.number(int64(len(s))); w.b = append(w.b, s...) }
func (w *catalogWriter) stamp(s stamp)  { w.number(s.size); w.number(s.mtime) }
func (w *catalogWriter) texts(s []string) {
	w.number(int64(len(s)))
	for _, t := range s {
		w.text(t)
	}
}

func (w *catalogWriter) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	w.number(1)
	w.number(t.Unix())
	w.number(int64(t.Nanosecond()))
}

func (w *catalogWriter) problems(ps []Problem) {
	if len(ps) == 0 {
		w.text("")
		return
	}
	b, err := json.Marshal(ps)
	if err != nil {
		b = nil // the problems are found again when the file is next read
	}
	w.text(string(b))
}

func (w *catalogWriter) section(s *Section) {
	w.texts([]string{s.Lang, s.Key, s.Slug, s.Title, s.Description, s.Parent})
	w.number(int64(s.Weight))
}

func (w *catalogWriter) article(a *Article) {
	for _, s := range [...]string{
		a.File, a.Hash, a.Revision, a.Lang, a.Section, a.Key, a.Slug, a.Title, a.Description, string(a.Status), a.Confidence, a.Owner, a.ReviewIn, a.Change, a.Source,
	} {
		w.text(s)
	}
	for _, s := range [...][]string{a.Phrases, a.Expect, a.Tags, a.Aliases, a.Related} {
		w.texts(s)
	}
	w.number(int64(a.Weight))
	w.number(int64(a.Audience))
	unlisted := int64(0)
	if a.Unlisted {
		unlisted = 1
	}
	w.number(unlisted)
	for _, t := range [...]time.Time{a.PublishAt, a.ExpiresAt, a.LastReviewedOn, a.Updated} {
		w.time(t)
	}
}

type catalogReader struct {
	s   string
	bad bool
}

func (r *catalogReader) number() int64 {
	var n uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.s = r.s[i+1:]
			return int64(n>>1) ^ -int64(n&1)
		}
	}
	r.bad, r.s = true, ""
	return 0
}

// count is a number of things that follow, each of at least one byte.
func (r *catalogReader) count() int {
	n := r.number()
	if n < 0 || n > int64(len(r.s)) {
		r.bad, r.s = true, ""
		return 0
	}
	return int(n)
}

func (r *catalogReader) text() string {
	n := r.count()
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *catalogReader) texts() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = r.text()
	}
	return out
}

func (r *catalogReader) stamp() stamp { return stamp{r.number(), r.number()} }

func (r *catalogReader) time() time.Time {
	if r.number() == 0 {
		return time.Time{}
	}
	return time.Unix(r.number(), r.number()).UTC()
}

func (r *catalogReader) problems() (ps []Problem) {
	if s := r.text(); s != "" {
		r.bad = r.bad || json.Unmarshal([]byte(s), &ps) != nil
	}
	return ps
}

func (r *catalogReader) section() *Section {
	t := r.texts()
	if len(t) != 6 {
		r.bad = true
		return &Section{}
	}
	return &Section{t[0], t[1], t[2], t[3], t[4], int(r.number()), t[5]}
}

func (r *catalogReader) article(a *Article) {
	for _, s := range [...]*string{&a.File, &a.Hash, &a.Revision, &a.Lang, &a.Section, &a.Key, &a.Slug, &a.Title, &a.Description} {
		*s = r.text()
	}
	a.Status = Status(r.text())
	for _, s := range [...]*string{&a.Confidence, &a.Owner, &a.ReviewIn, &a.Change, &a.Source} {
		*s = r.text()
	}
	for _, s := range [...]*[]string{&a.Phrases, &a.Expect, &a.Tags, &a.Aliases, &a.Related} {
		*s = r.texts()
	}
	a.Weight = int(r.number())
	a.Audience = Audience(r.number())
	a.Unlisted = r.number() == 1
	for _, t := range [...]*time.Time{&a.PublishAt, &a.ExpiresAt, &a.LastReviewedOn, &a.Updated} {
		*t = r.time()
	}
}

// encode writes the state down.
func (st *state) encode() []byte {
	w := &catalogWriter{b: []byte(catalogMagic + "0000")}
	w.number(int64(len(st.records)))
	for file, r := range st.records {
		w.text(file)
		w.stamp(r.stamp)
		w.number(r.seen)
		w.text(r.hash)
		w.number(int64(len(r.parts)))
		for _, p := range r.parts {
			w.text(p.file)
			w.stamp(p.stamp)
		}
		w.texts(r.shows)
		w.problems(r.problems)
		if r.article == nil {
			w.number(0)
			continue
		}
		w.number(1)
		w.article(r.article)
	}
	w.number(int64(len(st.indexes)))
	for dir, r := range st.indexes {
		w.text(dir)
		w.stamp(r.stamp)
		w.number(r.seen)
		w.problems(r.problems)
		w.section(r.section)
	}
	w.number(int64(len(st.images)))
	for file, s := range st.images {
		w.text(file)
		w.stamp(s)
	}
	w.number(int64(len(st.lexicons)))
	for file, r := range st.lexicons {
		w.text(file)
		w.text(r.good)
	}
	w.problems(st.problems)
	binary.BigEndian.PutUint32(w.b[len(catalogMagic):], crc32.ChecksumIEEE(w.b[len(catalogMagic)+4:]))
	return w.b
}

// decode reads a state; ok is false when the bytes are no whole catalog of ours.
func decode(b []byte) (st state, ok bool) {
	head := len(catalogMagic)
	if len(b) < head+4 || string(b[:head]) != catalogMagic || binary.BigEndian.Uint32(b[head:]) != crc32.ChecksumIEEE(b[head+4:]) {
		return st, false
	}
	r := &catalogReader{s: string(b[head+4:])}
	n := r.count()
	st.records = make(map[string]*record, n)
	records, articles := make([]record, n), make([]Article, n)
	for i := range n {
		file := r.text()
		rec := &records[i]
		rec.stamp, rec.seen, rec.hash = r.stamp(), r.number(), r.text()
		for range r.count() {
			rec.parts = append(rec.parts, part{r.text(), r.stamp()})
		}
		rec.shows, rec.problems = r.texts(), r.problems()
		if r.number() == 1 {
			rec.article = &articles[i]
			r.article(rec.article)
		}
		st.records[file] = rec
		if r.bad {
			return state{}, false
		}
	}
	n = r.count()
	st.indexes = make(map[string]*indexRecord, n)
	for range n {
		dir := r.text()
		st.indexes[dir] = &indexRecord{stamp: r.stamp(), seen: r.number(), problems: r.problems(), section: r.section()}
	}
	n = r.count()
	st.images = make(map[string]stamp, n)
	for range n {
		file := r.text()
		st.images[file] = r.stamp()
	}
	n = r.count()
	st.lexicons = make(map[string]*lexiconRecord, n)
	for range n {
		file := r.text()
		st.lexicons[file] = &lexiconRecord{good: r.text()}
	}
	st.problems = r.problems()
	return st, !r.bad
}

// loadCatalog makes the first Library of the catalog, if there is one.
func (f *Folder) loadCatalog() bool {
	if f.catalog == "" {
		return false
	}
	b, err := os.ReadFile(f.catalog)
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			f.log.Warn("content catalog not read, reading all articles", "error", err)
		}
		return false
	}
	// The first string is the folder, so that another one is not taken for it.
	folder, rest, ok := strings.Cut(string(b), "\n")
	if !ok || folder != f.dir {
		return false
	}
	st, ok := decode([]byte(rest))
	if !ok {
		f.log.Warn("content catalog is damaged or of another version, reading all articles")
		return false
	}
	f.state = st
	f.readLexicons(f.findLexicons())
	f.lib.Store(f.assemble())
	return true
}

// saveCatalog writes the state beside the database, if it changed, and forgets
// texts that it does not name. A failure costs only time at the next start.
func (f *Folder) saveCatalog() {
	if !f.dirty {
		return
	}
	f.dirty = false
	wanted := make(map[string]bool, len(f.state.records))
	for _, r := range f.state.records {
		if r.article != nil {
			wanted[r.article.Hash] = true
		}
	}
	for _, r := range f.state.lexicons {
		wanted[r.good] = true
	}
	defer f.good.keep(wanted)
	if f.catalog == "" {
		return
	}
	err := os.MkdirAll(filepath.Dir(f.catalog), 0o755)
	if err == nil {
		err = writeFile(f.catalog, append([]byte(f.dir+"\n"), f.state.encode()...), 0o600)
	}
	if err != nil {
		f.log.Warn("content catalog not saved, the next start reads all articles", "error", err)
	}
}
