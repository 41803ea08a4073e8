package search

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"primalinea/content"
)

// Changes says what a Sync did.
type Changes struct {
	Indexed int // articles that are new or changed
	Removed int // articles that are gone, or not for searching any more
	Failed  int // articles whose text could not be read; their last good text stays
}

// batchSize is how many articles become searchable together. More would make a
// rebuild a little quicker and its first answers later.
const batchSize = 100

// The fields of a document, in the order in which they are kept.
const (
	fieldTitle = iota
	fieldPhrases
	fieldTags
	fieldBody
	fields
)

// repeat is how often a word of a field counts among the joined words of a
// document, from which candidates are taken.
var repeat = [fields]int{2, 2, 2, 1}

type lengths [fields]int

// A doc is what ranking needs to know of one document, as it is stored beside it.
type doc struct {
	file     string
	lang     string
	audience content.Audience // when it was indexed
	print    [16]byte         // of what was indexed
	length   lengths          // words in each field
	names    []uint32         // the title's words as one number, and each phrase's
	words    []uint32         // sorted numbers of its stems
	counts   []uint16         // how often each occurs, by field
}

// counts of a word: 3 bits title, 3 phrases, 2 tags, 8 body.
var countBits = [fields]struct{ shift, max int }{{13, 7}, {10, 7}, {8, 3}, {0, 255}}

func packCounts(c [fields]int) uint16 {
	var p uint16
	for f, b := range countBits {
		p |= uint16(min(c[f], b.max)) << b.shift
	}
	return p
}

func unpackCounts(p uint16) (c [fields]int) {
	for f, b := range countBits {
		c[f] = int(p>>b.shift) & b.max
	}
	return c
}

// number names a word. Two words may share a number once in four thousand
// million times: too rare to be seen in a ranking.
func number(word string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(word))
	return h.Sum32()
}

// name is one number for the words of a title or a query, in their order.
func name(tokens []token) uint32 {
	h := fnv.New32a()
	for _, t := range tokens {
		if t.stem != "" {
			h.Write([]byte(t.stem))
			h.Write([]byte{0})
		}
	}
	return h.Sum32()
}

// Sync makes the index say what a library says: changed articles are indexed
// again, those that are gone are removed, the others are left alone. What is no
// longer for searching is out of every answer at once; what is new comes in
// batches, and searches are answered meanwhile from what is there.
//
// The text of an article is asked for only when it is indexed.
func (x *Index) Sync(ctx context.Context, lib *content.Library, text func(*content.Article) ([]content.Passage, error)) (Changes, error) {
	x.sync.Lock()
	defer x.sync.Unlock()
	var done Changes
	if x.store == nil {
		return done, ErrNotReady
	}
	x.last = func(ctx context.Context) (Changes, error) { return x.Sync(ctx, lib, text) }
	x.mu.Lock()
	joined := x.view != nil && x.view.lib == lib
	x.mu.Unlock()
	if !joined {
		if err := x.refresh(lib); err != nil {
			x.mend(err)
			return done, err
		}
	}
	x.mu.Lock()
	v := x.view
	x.ready = x.ready || v.size() > 0
	x.mu.Unlock()

	batch := x.store.NewBatch()
	same := make(map[*content.Article]bool, v.size())
	if err := x.guard(func() error {
		for n, r := range v.rows() {
			if a := v.articles[n]; a != nil && r.print() == fingerprint(a) {
				same[a] = true
			} else if a = lib.ByFile(r.file()); a == nil || !searchable(a) {
				batch.Delete(r.file())
				done.Removed++
			}
		}
		return nil
	}); err != nil {
		return Changes{}, err
	}
	var todo []*content.Article
	for _, a := range lib.All() {
		if searchable(a) && !same[a] {
			todo = append(todo, a)
		}
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var failed error
	shown, pause := time.Now(), time.Second
	flush := func(last bool) error {
		if batch.Size() == 0 && !last {
			return nil
		}
		if batch.Size() > 0 {
			if err := x.store.Batch(batch); err != nil {
				return fmt.Errorf("write search index: %w", err)
			}
			batch.Reset()
		}
		if last && done == (Changes{Failed: done.Failed}) {
			return nil
		}
		if last || time.Since(shown) > pause {
			start := time.Now()
			if err := x.refresh(nil); err != nil {
				x.mend(err)
				return err
			}
			shown = time.Now()
			pause = max(pause, 10*shown.Sub(start)) // most of the time is for indexing
		}
		return nil
	}
	for r := range prepare(ctx, todo, text) {
		if r.err != nil {
			done.Failed++
			failed = errors.Join(failed, fmt.Errorf("index %s: %w", r.article.File, r.err))
			continue
		}
		if err := batch.IndexAdvanced(r.doc); err != nil {
			return done, fmt.Errorf("index %s: %w", r.article.File, err)
		}
		done.Indexed++
		if batch.Size() >= batchSize {
			if err := flush(false); err != nil {
				return done, err
			}
		}
	}
	if err := flush(true); err != nil {
		return done, err
	}
	if err := ctx.Err(); err != nil {
		return done, err
	}
	if done.Indexed+done.Removed > 0 && x.path != "" {
		x.persisted()
	}
	x.mu.Lock()
	x.ready = true
	x.mu.Unlock()
	return done, failed
}

// persisted waits until the disk has what was indexed, so that a program that
// is closed after it finds it again.
func (x *Index) persisted() {
	done := make(chan error, 1)
	batch := x.store.NewBatch()
	batch.SetInternal([]byte("format"), []byte(format))
	batch.SetPersistedCallback(func(err error) { done <- err })
	err := x.store.Batch(batch)
	if err == nil {
		select {
		case err = <-done:
		case <-time.After(30 * time.Second):
			err = errors.New("it takes too long")
		}
	}
	if err != nil {
		x.log.Warn("search index is not on disk", "err", err)
	}
}

type prepared struct {
	article *content.Article
	doc     *document.Document
	err     error
}

// prepare reads and analyses articles, as many at once as there are processors.
func prepare(ctx context.Context, todo []*content.Article, text func(*content.Article) ([]content.Passage, error)) <-chan prepared {
	in := make(chan *content.Article)
	out := make(chan prepared, batchSize)
	var workers sync.WaitGroup
	go func() {
		defer close(in)
		for _, a := range todo {
			select {
			case in <- a:
			case <-ctx.Done():
				return
			}
		}
	}()
	for range min(runtime.GOMAXPROCS(0), len(todo)) {
		workers.Go(func() {
			for a := range in {
				p := prepared{article: a}
				p.doc, p.err = prepareOne(a, text)
				select {
				case out <- p:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		workers.Wait()
		close(out)
	}()
	return out
}

func prepareOne(a *content.Article, text func(*content.Article) ([]content.Passage, error)) (d *document.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	passages, err := text(a)
	if err != nil {
		return nil, err
	}
	return newDocument(a, passages), nil
}

// fingerprint changes with everything of an article that the index keeps.
func fingerprint(a *content.Article) (p [16]byte) {
	b := make([]byte, 0, 1024)
	for _, s := range [...]string{format, a.Hash, a.Lang, a.Key, a.Title, a.Description} {
		b = appendString(b, s)
	}
	b = binary.AppendVarint(b, int64(a.Audience))
	for _, list := range [...][]string{a.Phrases, a.Tags} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, s := range list {
			b = appendString(b, s)
		}
	}
	sum := sha256.Sum256(b)
	copy(p[:], sum[:])
	return p
}

// words is the analysis of a field whose words are known already.
type words analysis.TokenStream

func (w words) Analyze([]byte) analysis.TokenStream { return analysis.TokenStream(w) }

// An analysed article is one as search sees it.
type analysed struct {
	counts map[string]*[fields]int // by stem
	forms  map[string]struct{}
	length lengths
	names  []uint32
}

// analyse reads an article once.
func analyse(a *content.Article, passages []content.Passage) *analysed {
	an := analyzerFor(a.Lang)
	is := &analysed{counts: map[string]*[fields]int{}, forms: map[string]struct{}{}}
	buf := new(wordBuffer)
	add := func(f int, text string) {
		an.each(text, nil, buf, func(_, _ int, form []byte) {
			stem := an.stemOfBytes(form)
			if stem == "" {
				return
			}
			c := is.counts[stem]
			if c == nil {
				c = new([fields]int)
				is.counts[stem] = c
			}
			c[f]++
			is.length[f]++
			if _, ok := is.forms[string(form)]; !ok {
				is.forms[string(form)] = struct{}{}
			}
		})
	}
	add(fieldTitle, a.Title)
	is.names = append(is.names, name(an.tokens(a.Title)))
	for _, p := range a.Phrases {
		add(fieldPhrases, p)
		is.names = append(is.names, name(an.tokens(p)))
	}
	for _, t := range a.Tags {
		add(fieldTags, t)
	}
	add(fieldBody, a.Description)
	for _, p := range passages {
		add(fieldBody, p.Heading)
		add(fieldBody, p.Text)
	}
	return is
}

// doc is the vector by which an article is ranked.
func (is *analysed) doc(a *content.Article) *doc {
	type entry struct {
		word   uint32
		counts uint16
	}
	vector := make([]entry, 0, len(is.counts))
	for stem, c := range is.counts {
		vector = append(vector, entry{number(stem), packCounts(*c)})
	}
	slices.SortFunc(vector, func(a, b entry) int { return cmp.Compare(a.word, b.word) })
	d := &doc{file: a.File, lang: a.Lang, audience: a.Audience, print: fingerprint(a), length: is.length, names: is.names}
	d.words, d.counts = make([]uint32, len(vector)), make([]uint16, len(vector))
	for i, e := range vector {
		d.words[i], d.counts[i] = e.word, e.counts
	}
	return d
}

// newDocument makes of an article the postings from which candidates come, and
// the vector by which they are ranked.
func newDocument(a *content.Article, passages []content.Passage) *document.Document {
	is := analyse(a, passages)
	var stems, surface words
	for stem, c := range is.counts {
		t := &analysis.Token{Term: []byte(stem), Position: 1}
		for f, n := range c {
			for range n * repeat[f] {
				stems = append(stems, t)
			}
		}
	}
	for form := range is.forms {
		surface = append(surface, &analysis.Token{Term: []byte(form), Position: 1})
	}
	bleve := document.NewDocument(a.File)
	stored := index.StoreField
	bleve.AddField(document.NewTextFieldCustom("vector", nil, is.doc(a).encode(), stored, words(nil)))
	bleve.AddField(document.NewTextFieldCustom("passages", nil, encodePassages(passages), stored, words(nil)))
	bleve.AddField(document.NewTextFieldCustom("stems_"+a.Lang, nil, nil, index.IndexField, stems))
	bleve.AddField(document.NewTextFieldCustom("forms_"+a.Lang, nil, nil, index.IndexField|index.SkipFreqNorm, surface))
	return bleve
}

// encode writes what readDoc reads.
func (d *doc) encode() []byte {
	b := make([]byte, 0, 64+6*len(d.words))
	b = appendString(b, d.lang)
	b = binary.AppendUvarint(b, uint64(d.audience))
	b = append(b, d.print[:]...)
	for _, n := range d.length {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(d.names)))
	for _, n := range d.names {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(d.words)))
	for _, w := range d.words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	for _, c := range d.counts {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}

// readDoc reads one document of a segment.
func readDoc(s *scorch.SegmentSnapshot, n uint64) (*doc, error) {
	d := &doc{}
	var bad error
	found := false
	err := s.VisitDocument(n, func(field string, _ byte, value []byte, _ []uint64) bool {
		switch field {
		case "_id":
			d.file = string(value)
		case "vector":
			found = true
			bad = d.decode(value)
			return false
		}
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	if !found || d.file == "" {
		return nil, errors.New("a document is not whole")
	}
	return d, nil
}

func (d *doc) decode(b []byte) error {
	r := reader{b: b}
	d.lang = r.string()
	d.audience = content.Audience(r.int())
	copy(d.print[:], r.bytes(len(d.print)))
	for f := range d.length {
		d.length[f] = r.int()
	}
	d.names = make([]uint32, r.size(4))
	for i := range d.names {
		d.names[i] = binary.LittleEndian.Uint32(r.bytes(4))
	}
	d.words = make([]uint32, r.size(6))
	words := r.bytes(4 * len(d.words))
	counts := r.bytes(2 * len(d.words))
	if r.bad {
		return errors.New("a document is not whole")
	}
	d.counts = make([]uint16, len(d.words))
	for i := range d.words {
		d.words[i] = binary.LittleEndian.Uint32(words[4*i:])
		d.counts[i] = binary.LittleEndian.Uint16(counts[2*i:])
	}
	return nil
}

func encodePassages(passages []content.Passage) []byte {
	b := binary.AppendUvarint(nil, uint64(len(passages)))
	for _, p := range passages {
		b = appendString(b, p.ID)
		b = appendString(b, p.Heading)
		b = appendString(b, p.Text)
	}
	return b
}

func decodePassages(b []byte) ([]content.Passage, error) {
	// One copy of it all: the texts are pieces of it.
	all, r := string(b), reader{b: b}
	piece := func() string {
		n := len(r.bytes(r.size(1)))
		end := len(all) - len(r.b)
		return all[end-n : end]
	}
	out := make([]content.Passage, 0, r.size(3))
	for range cap(out) {
		out = append(out, content.Passage{ID: piece(), Heading: piece(), Text: piece()})
	}
	if r.bad {
		return nil, errors.New("passages are not whole")
	}
	return out, nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A reader reads what was appended; what is not whole makes it bad instead of
// panicking.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) int() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > math.MaxInt32 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

// size reads how many things follow that take at least each bytes.
func (r *reader) size(each int) int {
	n := r.int()
	if n*each > len(r.b) {
		r.bad, r.b = true, nil
		return 0
	}
	return n
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) string() string { return string(r.bytes(r.size(1))) }
