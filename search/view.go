package search

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"

	"primalinea/content"
)

// A view is what searches read: one snapshot of the bleve index, the table of
// its documents, and the library that says what may be seen. It never changes.
type view struct {
	snap      *scorch.IndexSnapshot
	tables    []*table // of the snapshot's segments
	segment   []uint16 // of each document, by its number: place among the tables
	first     []int    // number of each segment's first document
	articles  []*content.Article
	norm      []float32 // what each document's length takes from its words, in the first stage
	level     []uint8   // audience that a document needs, or hidden
	section   []uint16  // place of its section among sections
	sections  []string  // keys
	timed     []bool    // whether PublishAt or ExpiresAt must be looked at
	lib       *content.Library
	langs     map[string]*language
	languages []string           // languages in the order of the library
	turns     []time.Time        // moments at which something appears or expires
	tuned     map[string]*tuning // by language

	learned      *learned
	learnedDocs  []*learnedDoc                      // by document; nil where nothing was learned
	learnedStems map[string]map[string]*learnedStem // by language

	mapped [][]byte // files of the segments, of a large index
	reads  atomic.Int64

	refs atomic.Int32 // who reads it, and the index itself; the last one closes the snapshot
}

// hidden is the level of documents that nobody may see.
const hidden = 255

// A language is what is known about all documents of one language.
type language struct {
	n     int
	sum   lengths
	avg   [fields]float64
	joint float64
	level uint8 // who may see all of them now and later; hidden when nobody

	mu    sync.Mutex
	vocab *vocabulary // nil until it is needed
}

func newView(store bleve.Index, tables *tables, old *view, lib *content.Library, learned *learned) (*view, error) {
	low, err := store.Advanced()
	if err != nil {
		return nil, err
	}
	reader, err := low.Reader()
	if err != nil {
		return nil, err
	}
	snap, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		reader.Close()
		return nil, fmt.Errorf("index of another kind: %T", reader)
	}
	v := &view{snap: snap, langs: map[string]*language{}}
	v.refs.Add(1)
	if err := v.load(tables, old); err != nil {
		v.release()
		return nil, err
	}
	if lib == nil && old != nil {
		lib = old.lib
	}
	v.join(lib)
	v.tune()
	v.learn(learned)
	return v, nil
}

// load finds the tables of the segments, and counts what is in them.
func (v *view) load(tables *tables, old *view) error {
	mapped := 0
	for _, s := range v.snap.Segments() {
		t, err := tables.of(s)
		if err != nil {
			return err
		}
		v.first = append(v.first, len(v.segment))
		v.segment = append(v.segment, slices.Repeat([]uint16{uint16(len(v.tables))}, t.size)...)
		v.tables = append(v.tables, t)
		if s, ok := s.Segment().(onDisk); ok {
			v.mapped = append(v.mapped, s.Data())
			mapped += len(s.Data())
		}
	}
	if mapped < mappedRoom {
		v.mapped = nil
	}
	tables.keep(v.snap)
	for _, r := range v.rows() {
		l := v.langs[r.lang()]
		if l == nil {
			l = &language{}
			v.langs[r.lang()] = l
		}
		l.n++
		for f := range l.sum {
			l.sum[f] += r.length(f)
		}
	}
	for _, l := range v.langs {
		for f, n := range l.sum {
			l.avg[f] = max(1, float64(n)/float64(l.n))
			l.joint += float64(repeat[f]) * l.avg[f]
		}
	}
	v.norm = make([]float32, len(v.segment))
	for n, r := range v.rows() {
		length := 0
		for f, c := range repeat {
			length += r.length(f) * c
		}
		v.norm[n] = float32(joinedK1 * (1 - joinedB + joinedB*float64(length)/v.langs[r.lang()].joint))
	}
	if old == nil {
		return nil
	}
	// What was put together is only changed, before somebody waits for it.
	without := func(of, others []*table) []*table {
		return slices.DeleteFunc(slices.Clone(of), func(t *table) bool { return slices.Contains(others, t) })
	}
	more, less := without(v.tables, old.tables), without(old.tables, v.tables)
	for lang, l := range v.langs {
		if was := old.langs[lang].read(); was != nil {
			l.vocab = was.changed(lang, more, less)
		}
	}
	return nil
}

// An index is mapped from disk. What was read of it counts as memory of ours until
// the system wants it back, and where we read a few hundred bytes it maps 64 kB: soon
// that is all of a large index. So it is given back now and then. The system goes on
// keeping it, and to map a page again costs less than to find an article.
const (
	mappedRoom  = 64 << 20 // bytes of segments that may stay mapped for good
	mappedReads = 2        // until what they mapped is given back
)

// read counts those who read the segments.
func (v *view) read() {
	if len(v.mapped) > 0 && v.reads.Add(1)%mappedReads == 0 {
		for _, file := range v.mapped {
			giveBack(file)
		}
	}
}

// size returns how many documents there are, those deleted among them.
func (v *view) size() int { return len(v.segment) }

// row returns what is known of a document.
func (v *view) row(n uint32) row {
	segment := int(v.segment[n])
	return v.tables[segment].row(int(n)-v.first[segment], segment)
}

// rows yields the documents that were not deleted, by their numbers.
func (v *view) rows() iter.Seq2[int, row] {
	return func(yield func(int, row) bool) {
		for i, s := range v.snap.Segments() {
			for it := s.DocNumbersLive().Iterator(); it.HasNext(); {
				n := int(it.Next())
				if !yield(v.first[i]+n, v.tables[i].row(n, i)) {
					return
				}
			}
		}
	}
}

// join finds each document's article.
func (v *view) join(lib *content.Library) {
	if lib == nil {
		lib = content.NewLibrary(nil, nil)
	}
	v.lib = lib
	v.articles = make([]*content.Article, v.size())
	v.level = make([]uint8, v.size())
	v.timed = make([]bool, v.size())
	v.section = make([]uint16, v.size())
	sections := map[string]uint16{}
	for _, a := range lib.All() {
		if !searchable(a) {
			continue
		}
		if !slices.Contains(v.languages, a.Lang) {
			v.languages = append(v.languages, a.Lang)
		}
		for _, t := range []time.Time{a.PublishAt, a.ExpiresAt} {
			if !t.IsZero() {
				v.turns = append(v.turns, t)
			}
		}
	}
	slices.SortFunc(v.turns, time.Time.Compare)
	for n := range v.level {
		v.level[n] = hidden
	}
	for n, r := range v.rows() {
		// The text in the index may be older than the article: it is shown to
		// those only who might read both.
		a := lib.ByFile(r.file())
		if a == nil || !searchable(a) || a.Lang != r.lang() {
			continue
		}
		v.articles[n] = a
		v.level[n] = uint8(max(a.Audience, r.audience()))
		section, ok := sections[a.Section]
		if !ok {
			section = uint16(len(v.sections))
			sections[a.Section] = section
			v.sections = append(v.sections, a.Section)
		}
		v.section[n] = section
		v.timed[n] = !a.PublishAt.IsZero() || !a.ExpiresAt.IsZero()
	}
	for n, r := range v.rows() {
		l := v.langs[r.lang()]
		if l.level = max(l.level, v.level[n]); v.timed[n] {
			l.level = hidden
		}
	}
}

// searchable reports whether an article may ever be found by a search.
func searchable(a *content.Article) bool {
	return a.Status == content.Published && !a.Unlisted && a.Audience >= content.Public && a.Audience <= content.Agents
}

// visible reports whether a reader may see an article now.
func visible(a *content.Article, reader content.Audience, now time.Time) bool {
	return a != nil && searchable(a) && reader.MayRead(a.Audience) && a.Live(now)
}

// sees reports whether a reader may see a document now.
func (v *view) sees(n uint64, reader content.Audience, now time.Time) bool {
	if int(v.level[n]) > int(reader) {
		return false
	}
	return !v.timed[n] || v.articles[n].Live(now)
}

// open reports whether a reader may see all documents of a language.
func (v *view) open(l *language, reader content.Audience) bool { return int(l.level) <= int(reader) }

// passed counts the moments at which something appeared or expired until now.
func (v *view) passed(now time.Time) uint64 {
	n, _ := slices.BinarySearchFunc(v.turns, now, func(t, now time.Time) int {
		if t.After(now) {
			return 1
		}
		return -1
	})
	return uint64(n)
}

// hasTranslation reports whether a reader may read an article in a language.
func (v *view) hasTranslation(key, lang string, reader content.Audience, now time.Time) bool {
	for _, a := range v.lib.Translations(key) {
		if a.Lang == lang && visible(a, reader, now) {
			return true
		}
	}
	return false
}

// release gives a view back. It may be called on nil.
func (v *view) release() {
	if v != nil && v.refs.Add(-1) == 0 {
		for _, t := range v.tables {
			t.release()
		}
		v.snap.Close()
	}
}

// compareHits orders by score and then by key, so that pages do not overlap.
func compareHits(a, b scored) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return cmp.Or(strings.Compare(a.article.Key, b.article.Key), strings.Compare(a.article.File, b.article.File))
}
