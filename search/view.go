package search

import (
	"cmp"
	"fmt"
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
	segments  map[uint64][]*doc // by bleve's segment id; nil where a document was deleted
	docs      []*doc            // by document number
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

	dictionaries *dictionaries
	common       commonWords

	learned      *learned
	learnedDocs  []*learnedDoc                  // by document; nil where nothing was learned
	learnedStems map[string]map[string][]uint32 // language → stem → documents

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

	once  sync.Once
	vocab *vocabulary
	err   error
}

func newView(store bleve.Index, old *view, lib *content.Library, learned *learned) (*view, error) {
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
	v := &view{snap: snap, segments: map[uint64][]*doc{}, langs: map[string]*language{}}
	v.common = commonWords{by: map[wordName]*unpacked{}, room: commonRoom}
	if old != nil {
		v.dictionaries = old.dictionaries
	} else {
		v.dictionaries = &dictionaries{by: map[dictionaryKey][]word{}}
	}
	v.refs.Add(1)
	if err := v.load(old); err != nil {
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

// load reads the table of documents. Segments never change, so those that the
// old view knew are not read again.
func (v *view) load(old *view) error {
	for _, s := range v.snap.Segments() {
		var known []*doc
		if old != nil {
			known = old.segments[s.Id()]
		}
		live := s.DocNumbersLive()
		table := make([]*doc, s.FullSize())
		for it := live.Iterator(); it.HasNext(); {
			n := it.Next()
			var d *doc
			if known != nil {
				d = known[n]
			} else {
				var err error
				if d, err = readDoc(s, uint64(n)); err != nil {
					return err
				}
			}
			table[n] = d
		}
		v.segments[s.Id()] = table
		v.docs = append(v.docs, table...)
	}
	v.dictionaries.keep(v.segments)
	for _, d := range v.docs {
		if d == nil {
			continue
		}
		l := v.langs[d.lang]
		if l == nil {
			l = &language{}
			v.langs[d.lang] = l
		}
		l.n++
		for f, n := range d.length {
			l.sum[f] += n
		}
	}
	for _, l := range v.langs {
		for f, n := range l.sum {
			l.avg[f] = max(1, float64(n)/float64(l.n))
			l.joint += float64(repeat[f]) * l.avg[f]
		}
	}
	v.norm = make([]float32, len(v.docs))
	for n, d := range v.docs {
		if d == nil {
			continue
		}
		length := 0
		for f, c := range d.length {
			length += c * repeat[f]
		}
		v.norm[n] = float32(joinedK1 * (1 - joinedB + joinedB*float64(length)/v.langs[d.lang].joint))
	}
	return nil
}

// join finds each document's article.
func (v *view) join(lib *content.Library) {
	if lib == nil {
		lib = content.NewLibrary(nil, nil)
	}
	v.lib = lib
	v.articles = make([]*content.Article, len(v.docs))
	v.level = make([]uint8, len(v.docs))
	v.timed = make([]bool, len(v.docs))
	v.section = make([]uint16, len(v.docs))
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
	for n, d := range v.docs {
		v.level[n] = hidden
		if d == nil {
			continue
		}
		// The text in the index may be older than the article: it is shown to
		// those only who might read both.
		a := lib.ByFile(d.file)
		if a == nil || !searchable(a) || a.Lang != d.lang {
			continue
		}
		v.articles[n] = a
		v.level[n] = uint8(max(a.Audience, d.audience))
		section, ok := sections[a.Section]
		if !ok {
			section = uint16(len(v.sections))
			sections[a.Section] = section
			v.sections = append(v.sections, a.Section)
		}
		v.section[n] = section
		v.timed[n] = !a.PublishAt.IsZero() || !a.ExpiresAt.IsZero()
	}
	for n, d := range v.docs {
		if d == nil {
			continue
		}
		l := v.langs[d.lang]
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
