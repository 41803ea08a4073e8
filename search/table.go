package search

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/mmap-go"

	"primalinea/content"
)

// A table is what ranking and planning need to know of one of bleve's segments: of
// its documents all but the text, and its words. Like the segment it never changes.
// It has a file beside the segment's, which is mapped: so it takes no room in the
// heap, an index is opened without reading its documents, and they lie close
// together instead of each beside its text.
//
// All that a table says is in the segment too. One whose file is missing, damaged or
// of another segment is made again from there.
//
// First come the vectors, one for each document: its words, each as its place among
// the numbers of the table and how often it stands in the body; the counts of those
// for which that is not all; the names; the file. Then a record for each document,
// the numbers of all words in their order, the words of each language, and a foot.
type table struct {
	data    []byte
	file    mmap.MMap // data, when it is mapped
	size    int       // documents
	records []byte
	numbers []byte // sorted
	width   int    // bytes of a word in a vector
	mask    uint32
	langs   []string
	words   map[string]packedVocabulary

	unsaved bool // its file could not be written

	refs   atomic.Int32 // who uses it: views, and the index
	common commonWords
}

const (
	tableName   = "primali1" // with the version of what the file holds
	tableFolder = "tables"   // in that of the index

	bodyBits   = 6     // of a word in a vector; 0: its counts follow
	countsSize = 4 + 2 // the place of the word in its vector, and its packed counts
	recordSize = 5*4 + fields*4 + 16 + 2
	footSize   = 3*8 + 4*4 + len(tableName) + crc32.Size
)

// absent is the place of a word that a table has not.
const absent = ^uint32(0)

// errTable says that a file is no table of a segment, or a damaged one.
var errTable = errors.New("no table of this segment")

// A tableWriter writes a table. The first mistake ends it, and comes with end.
type tableWriter struct {
	w       *bufio.Writer
	sum     uint32
	at      uint64
	err     error
	numbers []uint32
	width   int
	langs   []string
	size    int
	records []byte
	row     []byte
}

// newTableWriter begins the table of documents that have these words, by their
// numbers.
func newTableWriter(w io.Writer, numbers []uint32) *tableWriter {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	width := 3
	if len(numbers) > 1<<(3*8-bodyBits) {
		width = 4
	}
	return &tableWriter{w: bufio.NewWriterSize(w, 1<<16), numbers: numbers, width: width}
}

func (w *tableWriter) write(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
	w.sum = crc32.Update(w.sum, crc32.IEEETable, b)
	w.at += uint64(len(b))
}

// lang returns the place of a language among those of the table.
func (w *tableWriter) lang(lang string) byte {
	i := slices.Index(w.langs, lang)
	if i < 0 {
		i = len(w.langs)
		w.langs = append(w.langs, lang)
	}
	return byte(i)
}

// add writes the next document.
func (w *tableWriter) add(d *doc) {
	b, words, more := w.row[:0], 0, 0
	var counts []byte
	at := 0 // among the numbers: both are sorted
	for i, n := range d.words {
		place, ok := slices.BinarySearch(w.numbers[at:], n)
		if at += place; !ok {
			continue // a word of no article can be asked for by nobody
		}
		e := uint32(at) << bodyBits
		if c := d.counts[i]; c < 1<<bodyBits {
			e |= uint32(c)
		} else {
			counts = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint32(counts, uint32(words)), c)
			more++
		}
		b = binary.LittleEndian.AppendUint32(b, e)[:len(b)+w.width]
		words++
	}
	b = append(b, counts...)
	for _, n := range d.names {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, d.file...)
	r := w.records
	for _, n := range [...]int{int(w.at), words, more, len(d.names), len(d.file)} {
		r = binary.LittleEndian.AppendUint32(r, uint32(n))
	}
	for _, n := range d.length {
		r = binary.LittleEndian.AppendUint32(r, uint32(n))
	}
	r = append(r, d.print[:]...)
	w.records = append(r, w.lang(d.lang), byte(d.audience))
	w.row = b
	w.size++
	w.write(b)
}

// end writes what follows the documents. words are those of each language, and
// segment the sum of the segment.
func (w *tableWriter) end(words map[string]packedVocabulary, segment uint32) error {
	if w.at > 1<<32-1 || len(w.langs) > 256 {
		return errors.New("too large for a table")
	}
	records := w.at
	w.write(w.records)
	numbers := w.at
	b := make([]byte, 0, 4*len(w.numbers))
	for _, n := range w.numbers {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	w.write(b)
	lists := w.at
	for _, lang := range w.langs {
		is := words[lang]
		b := appendString(nil, lang)
		for _, p := range [...]packedWords{is.forms, is.stems} {
			b = binary.AppendUvarint(b, uint64(p.count))
			b = binary.AppendUvarint(b, uint64(p.letters))
			b = binary.AppendUvarint(b, uint64(len(p.data)))
			b = append(b, p.data...)
		}
		w.write(b)
	}
	var foot []byte
	for _, at := range [...]uint64{records, numbers, lists} {
		foot = binary.LittleEndian.AppendUint64(foot, at)
	}
	for _, n := range [...]int{w.size, len(w.numbers), w.width} {
		foot = binary.LittleEndian.AppendUint32(foot, uint32(n))
	}
	foot = binary.LittleEndian.AppendUint32(foot, segment)
	w.write(append(foot, tableName...))
	w.write(binary.LittleEndian.AppendUint32(nil, w.sum))
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

// newTable returns the table of some documents, without their words.
func newTable(docs ...*doc) *table {
	var numbers []uint32
	for _, d := range docs {
		numbers = append(numbers, d.words...)
	}
	var b bytes.Buffer
	w := newTableWriter(&b, numbers)
	for _, d := range docs {
		w.add(d)
	}
	err := w.end(nil, 0)
	t := &table{}
	if err == nil {
		err = t.read(b.Bytes(), 0)
	}
	if err != nil {
		panic(err) // nothing outside of the program can make this fail
	}
	return t
}

// writeTable reads the documents and words of a segment, and writes its table.
func writeTable(out io.Writer, s *scorch.SegmentSnapshot, sum uint32) error {
	words := map[string]packedVocabulary{}
	var numbers []uint32
	for _, field := range s.Fields() {
		kind, lang, ok := strings.Cut(field, "_")
		if !ok || kind != "stems" {
			continue
		}
		var is packedVocabulary
		var err error
		if is.forms, err = packField(s, "forms_"+lang, nil); err != nil {
			return err
		}
		if is.stems, err = packField(s, field, func(stem string) { numbers = append(numbers, number(stem)) }); err != nil {
			return err
		}
		words[lang] = is
	}
	w := newTableWriter(out, numbers)
	for n := range uint64(s.FullSize()) {
		// Those that were deleted too: after a crash they may be there again.
		d, err := readDoc(s, n)
		if err != nil {
			return err
		}
		w.add(d)
	}
	return w.end(words, sum)
}

// packField packs the dictionary of a field. It reads it itself, because bleve would
// start a goroutine for it, in which a damaged file ends the program.
func packField(s *scorch.SegmentSnapshot, field string, each func(word string)) (p packedWords, err error) {
	dict, err := s.Segment().Dictionary(field)
	if err != nil {
		return p, err
	}
	var last string
	for it := dict.AutomatonIterator(nil, nil, nil); ; {
		e, err := it.Next()
		if err != nil {
			return p, err
		}
		if e == nil {
			return p, nil
		}
		p.add(last, e.Term, uint32(e.Count))
		if last = strings.Clone(e.Term); each != nil {
			each(last)
		}
	}
}

// read finds its way in the bytes of a table.
func (t *table) read(b []byte, segment uint32) error {
	if len(b) < footSize {
		return errTable
	}
	end := len(b) - footSize
	at := func(n int) uint64 { return binary.LittleEndian.Uint64(b[end+8*n:]) }
	n := func(n int) int { return int(binary.LittleEndian.Uint32(b[end+3*8+4*n:])) }
	if string(b[end+3*8+4*4:][:len(tableName)]) != tableName || n(3) != int(segment) {
		return errTable
	}
	t.data, t.size, t.width = b, n(0), n(2)
	t.records, t.numbers = b[at(0):at(1)], b[at(1):at(2)]
	t.mask = uint32(1)<<(8*t.width) - 1
	t.words = map[string]packedVocabulary{}
	for r := (reader{b: b[at(2):end]}); len(r.b) > 0; {
		lang := r.string()
		var is packedVocabulary
		for _, p := range [...]*packedWords{&is.forms, &is.stems} {
			p.count, p.letters = r.int(), r.int()
			p.data = r.bytes(r.size(1))
		}
		if r.bad {
			return errTable
		}
		t.langs = append(t.langs, lang)
		t.words[lang] = is
	}
	if len(t.records) != t.size*recordSize || len(t.numbers) != 4*n(1) {
		return errTable
	}
	return nil
}

// openTable maps the table in a file, when it is whole and that of a segment.
func openTable(path string, segment uint32) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < int64(footSize) {
		return nil, fmt.Errorf("%s: %w", path, errTable)
	}
	// Reading it, instead of the mapped bytes, takes no memory.
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.LimitReader(f, info.Size()-crc32.Size)); err != nil {
		return nil, err
	}
	var want [crc32.Size]byte
	if _, err := io.ReadFull(f, want[:]); err != nil || sum.Sum32() != binary.LittleEndian.Uint32(want[:]) {
		return nil, fmt.Errorf("%s is damaged", path)
	}
	m, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, err
	}
	t := &table{file: m}
	if err := t.read(m, segment); err != nil {
		m.Unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// saveTable writes a file of a table, whole or not at all, and maps it.
func saveTable(path string, s *scorch.SegmentSnapshot, sum uint32) (t *table, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := writeTable(f, s, sum); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return nil, err
	}
	return openTable(path, sum)
}

// acquire and release count the views that use a table. The last one closes it.
func (t *table) acquire() *table {
	t.refs.Add(1)
	return t
}

func (t *table) release() {
	if t.refs.Add(-1) > 0 {
		return
	}
	t.common.forget()
	if t.file != nil {
		t.file.Unmap()
	}
}

// place returns the place of a word among the numbers of the table, or absent.
func (t *table) place(number uint32) uint32 {
	lo, hi := 0, len(t.numbers)/4
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if binary.LittleEndian.Uint32(t.numbers[4*mid:]) < number {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if 4*lo < len(t.numbers) && binary.LittleEndian.Uint32(t.numbers[4*lo:]) == number {
		return uint32(lo)
	}
	return absent
}

// A row is what a table says of one document.
type row struct {
	table   *table
	segment int // place of the table among those of the view, or none of them
	record  []byte
}

// noSegment is the segment of a row that is in no view.
const noSegment = -1

func (t *table) row(n, segment int) row {
	return row{t, segment, t.records[n*recordSize:][:recordSize]}
}

// field returns one of the numbers with which a record begins.
func (r row) field(i int) int { return int(binary.LittleEndian.Uint32(r.record[4*i:])) }

func (r row) length(field int) int            { return r.field(5 + field) }
func (r row) lang() string                    { return r.table.langs[r.record[recordSize-2]] }
func (r row) audience() content.Audience      { return content.Audience(r.record[recordSize-1]) }
func (r row) print() (p [16]byte)             { copy(p[:], r.record[4*(5+fields):]); return p }
func (r row) sizes() (words, more, names int) { return r.field(1), r.field(2), r.field(3) }

// file returns the name of the article's file.
func (r row) file() string {
	words, more, names := r.sizes()
	at := r.field(0) + words*r.table.width + more*countsSize + names*4
	return string(r.table.data[at : at+r.field(4)])
}

// named reports whether a name is that of its title or of a phrase.
func (r row) named(name uint32) bool {
	words, more, names := r.sizes()
	at := r.field(0) + words*r.table.width + more*countsSize
	for i := range names {
		if binary.LittleEndian.Uint32(r.table.data[at+4*i:]) == name {
			return true
		}
	}
	return false
}

// A sought word is one that documents are asked for.
type sought struct {
	number uint32
	places []uint32 // in each table of a view
}

// sought returns a word as the documents of the view know it.
func (v *view) sought(stem string) sought {
	w := sought{number(stem), make([]uint32, len(v.tables))}
	for i, t := range v.tables {
		w.places[i] = t.place(w.number)
	}
	return w
}

// find returns the place of a word in the vector of a document, and how often it
// stands in its body, or 0 when there is more to say.
func (r row) find(w *sought) (at int, body uint32, ok bool) {
	var place uint32
	if r.segment == noSegment {
		place = r.table.place(w.number)
	} else {
		place = w.places[r.segment]
	}
	if place == absent {
		return 0, 0, false
	}
	width, mask := r.table.width, r.table.mask
	words := r.field(1)
	vector := r.table.data[r.field(0):] // four bytes can be read of the last word too
	lo, hi := 0, words
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if binary.LittleEndian.Uint32(vector[mid*width:])&mask>>bodyBits < place {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == words {
		return 0, 0, false
	}
	e := binary.LittleEndian.Uint32(vector[lo*width:]) & mask
	return lo, e & (1<<bodyBits - 1), e>>bodyBits == place
}

// count returns how often a document has a word, by field.
func (r row) count(w *sought) (c [fields]int, ok bool) {
	i, body, ok := r.find(w)
	if !ok {
		return c, false
	}
	if body > 0 {
		c[fieldBody] = int(body)
		return c, true
	}
	words, more, _ := r.sizes()
	counts := r.table.data[r.field(0)+words*r.table.width:][:more*countsSize]
	at := sort.Search(more, func(n int) bool { return int(binary.LittleEndian.Uint32(counts[n*countsSize:])) >= i })
	return unpackCounts(binary.LittleEndian.Uint16(counts[at*countsSize+4:])), true
}

// holds reports whether a document has all of some words.
func (r row) holds(words []sought) bool {
	for i := range words {
		if _, _, ok := r.find(&words[i]); !ok {
			return false
		}
	}
	return true
}

// tables are those of the segments of an index, each made once. Who changes the
// index uses them.
type tables struct {
	dir  string // where their files lie; empty: in memory
	log  *slog.Logger
	room *atomic.Int64 // for common words
	by   map[uint64]*table
}

func newTables(index string, log *slog.Logger) *tables {
	ts := &tables{log: log, room: new(atomic.Int64), by: map[uint64]*table{}}
	ts.room.Store(commonRoom)
	if index != "" {
		ts.dir = filepath.Join(index, tableFolder)
	}
	return ts
}

// onDisk is a segment that is mapped from its file.
type onDisk interface {
	Path() string
	Data() []byte
}

// of returns the table of a segment, which the caller must release.
func (ts *tables) of(s *scorch.SegmentSnapshot) (*table, error) {
	t := ts.by[s.Id()]
	file, saved := s.Segment().(onDisk)
	saved = saved && ts.dir != ""
	if t != nil && (t.file != nil || t.unsaved || !saved) {
		return t.acquire(), nil
	}
	var next *table
	if saved {
		path, sum := filepath.Join(ts.dir, fmt.Sprintf("%012x", s.Id())), binary.BigEndian.Uint32(file.Data()[len(file.Data())-crc32.Size:])
		var err error
		if next, err = openTable(path, sum); err != nil {
			if !errors.Is(err, os.ErrNotExist) {
				ts.log.Warn("table of search index is made again", "reason", err)
			}
			next, err = saveTable(path, s, sum)
			giveBack(file.Data())
		}
		if err != nil {
			ts.log.Warn("table of search index is kept in memory", "reason", err)
		}
	}
	if next == nil {
		var b bytes.Buffer
		if err := writeTable(&b, s, 0); err != nil {
			return nil, err
		}
		next = &table{unsaved: saved}
		if err := next.read(bytes.Clone(b.Bytes()), 0); err != nil {
			return nil, err
		}
	}
	if next.size != int(s.FullSize()) {
		next.release()
		return nil, errTable
	}
	next.common.room = ts.room
	if t != nil {
		t.release()
	}
	ts.by[s.Id()] = next.acquire()
	return next.acquire(), nil
}

// keep forgets the tables of segments that are gone.
func (ts *tables) keep(snap *scorch.IndexSnapshot) {
	here := map[uint64]bool{}
	for _, s := range snap.Segments() {
		here[s.Id()] = true
	}
	for id, t := range ts.by {
		if !here[id] {
			delete(ts.by, id)
			t.release()
		}
	}
	if ts.dir == "" {
		return
	}
	entries, err := os.ReadDir(ts.dir)
	if err != nil {
		return // there are none yet
	}
	for _, e := range entries {
		if id, err := strconv.ParseUint(e.Name(), 16, 64); err != nil || !here[id] {
			os.Remove(filepath.Join(ts.dir, e.Name())) // what cannot be removed now can be later
		}
	}
}

// close forgets all tables. It may be called on nil.
func (ts *tables) close() {
	if ts == nil {
		return
	}
	for id, t := range ts.by {
		delete(ts.by, id)
		t.release()
	}
}
