package search

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"primalinea/content"
)

// madeDocs are documents of words that are as unevenly common as those of articles.
func madeDocs(n, words int) []*doc {
	r := rand.New(rand.NewPCG(1, 1))
	docs := make([]*doc, n)
	for i := range docs {
		counts := map[uint32]uint16{}
		for range words {
			c := [fields]int{fieldBody: 1 + r.IntN(1+r.IntN(300))}
			if r.IntN(20) == 0 {
				c = [fields]int{r.IntN(3), r.IntN(3), 1 + r.IntN(2), r.IntN(3)}
			}
			counts[number(fmt.Sprint("w", r.IntN(1+r.IntN(4*words))))] = packCounts(c)
		}
		d := &doc{file: fmt.Sprintf("it/%d.md", i), lang: []string{"it", "en", "es"}[i%3], audience: content.Audience(i % 3), print: [16]byte{byte(i), 15: 7},
			length: lengths{i, 2 * i, 3, 1 << 20}, names: []uint32{uint32(i), uint32(i) << 16}[:i%3%2+1]}
		for _, w := range slices.Sorted(maps.Keys(counts)) {
			d.words, d.counts = append(d.words, w), append(d.counts, counts[w])
		}
		docs[i] = d
	}
	return docs
}

// TestTable checks that a table says of documents what they are, and of words that
// they do not have nothing.
func TestTable(t *testing.T) {
	for _, test := range []struct{ docs, words, width int }{{0, 0, 3}, {1, 0, 3}, {1, 1, 3}, {40, 300, 3}, {2, 400_000, 4}} {
		docs := madeDocs(test.docs, test.words)
		tb := newTable(docs...)
		if tb.size != test.docs || tb.width != test.width {
			t.Errorf("%+v: %d documents, %d bytes a word", test, tb.size, tb.width)
		}
		all := map[uint32]bool{number("none"): true, 0: true, absent: true}
		for _, d := range docs {
			for _, w := range d.words {
				if len(all) < 3000 {
					all[w] = true
				}
			}
		}
		for n, d := range docs {
			r := tb.row(n, noSegment)
			if r.file() != d.file || r.lang() != d.lang || r.audience() != d.audience || r.print() != d.print {
				t.Errorf("%+v: document %d is %s %s %v %x", test, n, r.file(), r.lang(), r.audience(), r.print())
			}
			for f, n := range d.length {
				if r.length(f) != n {
					t.Errorf("%+v: field %d of %s is %d long, want %d", test, f, d.file, r.length(f), n)
				}
			}
			for _, name := range []uint32{d.names[0], uint32(n) << 16, 77} {
				if r.named(name) != slices.Contains(d.names, name) {
					t.Errorf("%+v: %s is named %d: %v", test, d.file, name, r.named(name))
				}
			}
			for w := range all {
				var want [fields]int
				i, has := slices.BinarySearch(d.words, w)
				if has {
					want = unpackCounts(d.counts[i])
				}
				s := sought{number: w}
				if got, ok := r.count(&s); ok != has || got != want || r.holds([]sought{s}) != has {
					t.Fatalf("%+v: %s has %08x %v %v, want %v %v", test, d.file, w, got, ok, want, has)
				}
			}
		}
	}
}

// TestTableFile flips every byte of a file, cuts it everywhere, and asks for the
// table of another segment: none of it is taken for a table.
func TestTableFile(t *testing.T) {
	var b bytes.Buffer
	var forms packedWords
	forms.add("", "resa", 3)
	forms.add("resa", "reso", 4)
	docs := madeDocs(3, 20)
	w := newTableWriter(&b, docs[0].words)
	for _, d := range docs {
		w.add(d)
	}
	if err := w.end(map[string]packedVocabulary{"it": {forms: forms}}, 42); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "table")
	open := func(b []byte, segment uint32) error {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		tb, err := openTable(path, segment)
		if err == nil {
			if words := tb.words["it"].forms.unpack(); !slices.Equal(words, []word{{"resa", 3}, {"reso", 4}}) {
				t.Errorf("its words are %v", words)
			}
			tb.acquire().release()
		}
		return err
	}
	whole := b.Bytes()
	if err := open(whole, 42); err != nil {
		t.Error(err)
	}
	if open(whole, 41) == nil {
		t.Error("the table of another segment was taken")
	}
	for i := range whole {
		flipped := slices.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		if open(flipped, 42) == nil {
			t.Errorf("byte %d was flipped", i)
		}
		if open(whole[:i], 42) == nil {
			t.Errorf("%d bytes were taken for all", i)
		}
	}
	old := slices.Clone(whole[:len(whole)-crc32.Size])
	old[len(old)-1]++ // the version
	if open(binary.LittleEndian.AppendUint32(old, crc32.ChecksumIEEE(old)), 42) == nil {
		t.Error("a table of another version was taken")
	}
}

// TestTableDamage breaks the tables of an index. They are made again of what it
// holds: nothing is indexed again, and answers are the same.
func TestTableDamage(t *testing.T) {
	s := &shelf{}
	for i := range 120 {
		s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Articolo ", i), fmt.Sprint("Testo del rimborso ", i%7))
	}
	each := func(do func(file string, b []byte) []byte) func(dir string) {
		return func(dir string) {
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				b, err := os.ReadFile(f)
				if err == nil {
					err = os.WriteFile(f, do(f, b), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, damage := range map[string]func(dir string){
		"none":      func(string) {},
		"deleted":   func(dir string) { os.RemoveAll(dir) },
		"empty":     each(func(string, []byte) []byte { return nil }),
		"truncated": each(func(_ string, b []byte) []byte { return b[:len(b)/2] }),
		"flipped":   each(func(_ string, b []byte) []byte { b[len(b)/3] ^= 1; return b }),
		"of others": each(func(f string, b []byte) []byte {
			os.WriteFile(f+"0", b, 0o600)
			return newTableFile(1)
		}),
		"half written": func(dir string) {
			os.RemoveAll(dir)
			os.Mkdir(dir, 0o700)
			os.WriteFile(filepath.Join(dir, "000000000001.new"), []byte(tableName), 0o600)
		},
		"a file in the way": func(dir string) {
			os.RemoveAll(dir)
			os.WriteFile(dir, nil, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			x := Open(dir, Options{Log: quiet()})
			s.sync(t, x)
			x.Close()
			x = Open(dir, Options{Log: quiet()}) // of the segments as they lie there
			path := x.path
			s.sync(t, x)
			want := search(t, x, Query{Text: "rimborso 3", Lang: "it"})
			x.Close()
			damage(filepath.Join(path, tableFolder))
			for range 2 {
				var log strings.Builder
				x = Open(dir, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
				if c := s.sync(t, x); c != (Changes{}) || x.path != path {
					t.Errorf("indexed again: %+v", c)
				}
				got := search(t, x, Query{Text: "rimborso 3", Lang: "it"})
				if keys(got.Hits) != keys(want.Hits) || got.Total != want.Total {
					t.Errorf("after the damage: %s, want %s", keys(got.Hits), keys(want.Hits))
				}
				// Segments may have been merged meanwhile: of each that there was, it is said once.
				again := regexp.MustCompile(`made again.*`).FindAllString(log.String(), -1)
				slices.Sort(again)
				if n := strings.Count(log.String(), "\n"); n > 2*len(again) || len(slices.Compact(again)) < len(again) {
					t.Errorf("of segments it is said:\n%s", log.String())
				}
				if entries, _ := os.ReadDir(filepath.Join(path, tableFolder)); name != "a file in the way" && len(entries) != len(x.tables.by) {
					t.Errorf("%d files of %d tables", len(entries), len(x.tables.by))
				}
				x.Close()
			}
		})
	}
}

// newTableFile is a whole table, of no segment of ours.
func newTableFile(segment uint32) []byte {
	var b bytes.Buffer
	newTableWriter(&b, nil).end(nil, segment)
	return b.Bytes()
}

// TestTableKept checks that tables go with their segments, in the folder and in
// memory, and that all are let go in the end.
func TestTableKept(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{}
	for i := range 30 {
		s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Articolo ", i), "Testo comune.")
	}
	x := Open(dir, Options{Log: quiet()})
	s.sync(t, x)
	seen := map[*table]bool{}
	for i := range 12 {
		a := *s.articles[i]
		a.Hash = "new"
		s.articles[i] = &a
		s.sync(t, x)
		search(t, x, Query{Text: "articolo", Lang: "it"})
		for _, tb := range x.tables.by {
			seen[tb] = true
		}
		if want := len(x.view.tables); len(x.tables.by) != want {
			t.Errorf("%d tables of %d segments", len(x.tables.by), want)
		}
		files, _ := filepath.Glob(filepath.Join(x.path, tableFolder, "*"))
		if mapped := len(slices.DeleteFunc(slices.Clone(x.view.tables), func(t *table) bool { return t.file == nil })); len(files) != mapped {
			t.Errorf("%d files of %d tables", len(files), mapped)
		}
	}
	x.Close()
	for tb := range seen {
		if n := tb.refs.Load(); n != 0 || tb.file != nil && len(tb.file) > 0 {
			t.Errorf("a table of %d documents has %d users and %d bytes after Close", tb.size, n, len(tb.file))
		}
	}
}

// TestVocabulary changes articles, on disk and in memory, and compares the words of
// the view that was changed with those of one that is put together anew.
func TestVocabulary(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		s := &shelf{}
		for i := range 40 {
			s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Articolo numero ", i), "Testo comune a tutti.")
		}
		x := Open(dir, Options{Log: quiet()})
		defer x.Close()
		for round := range 25 {
			s.sync(t, x)
			search(t, x, Query{Text: "articolo", Lang: "it"})
			v, _, _, err := x.acquire()
			if err != nil {
				t.Fatal(err)
			}
			is, want := v.langs["it"].read(), new(vocabulary).changed("it", v.tables, nil)
			if !slices.Equal(is.words, want.words) || !slices.Equal(is.stems, want.stems) || !slices.Equal(is.masks, want.masks) {
				t.Errorf("%q, round %d: %d words, want %d", dir, round, len(is.words), len(want.words))
			}
			if n := count(is.words, fmt.Sprint("girasole", round-1)); round > 0 && n != 1 {
				t.Errorf("%q, round %d: the new word is in %d articles", dir, round, n)
			}
			v.release()
			a := *s.articles[round]
			a.Title, a.Hash = fmt.Sprint("Girasole", round), fmt.Sprint("round ", round)
			s.articles[round] = &a
		}
	}
}

// FuzzPackedWords packs words, and unpacks them as they were.
func FuzzPackedWords(f *testing.F) {
	f.Add("resa reso rimborso")
	f.Add("è \xff\xfe a aa aaa")
	f.Fuzz(func(t *testing.T, text string) {
		forms := slices.Compact(slices.Sorted(slices.Values(strings.Fields(text))))
		var p packedWords
		var want []word
		last := ""
		for i, form := range forms {
			want = append(want, word{form, uint32(i * 1000)})
			p.add(last, form, uint32(i*1000))
			last = form
		}
		if got := p.unpack(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	})
}

// TestUnpacked keeps postings far apart, and words that stand there often.
func TestUnpacked(t *testing.T) {
	postings := [][2]uint64{{0, 1}, {1, 254}, {255, 255}, {256, 256}, {511, 1}, {766, 2}, {1022, 70_000}, {100_000, 3}}
	room := new(atomic.Int64)
	room.Store(commonRoom)
	c := commonWords{room: room}
	s := &segmentWalker{count: len(postings), walk: func(yield func(n, frequency uint64)) error {
		for _, p := range postings {
			yield(p[0], p[1])
		}
		return nil
	}}
	u, err := c.read(wordName{"it", "resa"}, s)
	if err != nil || c.get(wordName{"it", "resa"}) != u || room.Load() == commonRoom {
		t.Fatalf("it is not kept: %v", err)
	}
	var got [][2]uint64
	u.each(func(n uint32, frequency uint8) { got = append(got, [2]uint64{uint64(n), uint64(frequency)}) })
	for i := range postings {
		postings[i][1] = min(postings[i][1], 255)
	}
	if !slices.Equal(got, postings) {
		t.Errorf("%v, want %v", got, postings)
	}
	if c.forget(); room.Load() != commonRoom {
		t.Errorf("%d bytes of room are lost", commonRoom-room.Load())
	}
}
