package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/index/scorch"

	"primalinea/content"
)

// A made world is a seeded library whose words are as unevenly common as those
// of a language.
type made struct {
	rand  *rand.Rand
	zipf  *rand.Zipf
	words []string
	lib   *content.Library
	body  map[string]string
}

func makeWorld(articles int) *made {
	m := &made{rand: rand.New(rand.NewPCG(1, uint64(articles))), body: map[string]string{}}
	const vocabulary = 20_000
	m.zipf = rand.NewZipf(m.rand, 1.1, 8, vocabulary-1)
	syllables := strings.Fields("ba ce di fo gu la me ni po ru sa te vi zo ka lo mu ner tas wil")
	for i := range vocabulary {
		w := ""
		for n := i + 400; n > 0; n /= len(syllables) {
			w += syllables[n%len(syllables)]
		}
		m.words = append(m.words, w)
	}
	var all []*content.Article
	for i := range articles {
		a := &content.Article{File: fmt.Sprintf("en/%06d.md", i), Key: fmt.Sprint(i), Slug: fmt.Sprint(i), Lang: "en",
			Section: fmt.Sprint("s", i%12), Title: m.text(7), Tags: []string{m.text(1)}, Status: content.Published, Hash: "1"}
		m.body[a.File] = m.text(330)
		all = append(all, a)
	}
	m.lib = content.NewLibrary(all, nil)
	return m
}

func (m *made) text(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(m.words[m.zipf.Uint64()])
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func (m *made) passages(a *content.Article) ([]content.Passage, error) {
	return []content.Passage{{Text: m.body[a.File]}}, nil
}

// queries are pieces of titles and bodies, as long as those that people type.
func (m *made) queries(n int) []string {
	var out []string
	for range n {
		out = append(out, m.text(2+m.rand.IntN(4)))
	}
	return out
}

func (m *made) index(b testing.TB) *Index {
	x := Open(b.TempDir(), Options{})
	b.Cleanup(func() { x.Close() })
	if _, err := x.Sync(context.Background(), m.lib, m.passages); err != nil {
		b.Fatal(err)
	}
	return x
}

// bare returns plain bleve over the same articles, to compare with.
func (m *made) bare(b testing.TB) bleve.Index {
	im := bleve.NewIndexMapping()
	im.ScoringModel = "bm25"
	im.DefaultAnalyzer = en.AnalyzerName
	im.DefaultMapping.Dynamic = false
	for _, f := range []string{"title", "body", "tags"} {
		fm := bleve.NewTextFieldMapping()
		fm.Store, fm.IncludeTermVectors, fm.DocValues = false, false, false
		im.DefaultMapping.AddFieldMappingsAt(f, fm)
	}
	x, err := bleve.NewUsing(b.TempDir()+"/x", im, scorch.Name, scorch.Name, map[string]any{"unsafe_batch": true})
	if err != nil {
		b.Fatal(err)
	}
	m.fill(b, x)
	return x
}

func (m *made) fill(b testing.TB, x bleve.Index) {
	batch := x.NewBatch()
	for i, a := range m.lib.All() {
		batch.Index(a.File, map[string]any{"title": a.Title, "body": m.body[a.File], "tags": a.Tags})
		if batch.Size() == batchSize || i == len(m.lib.All())-1 {
			if err := x.Batch(batch); err != nil {
				b.Fatal(err)
			}
			batch.Reset()
		}
	}
}

var sizes = []int{400, 10_000}

// cpu returns the processor time that the program took until now: on a busy
// machine it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// charge reports what one round of a benchmark took of the processor since.
func charge(b *testing.B, since time.Duration) {
	b.ReportMetric(float64((cpu()-since).Microseconds())/float64(b.N), "cpu-µs/op")
}

// BenchmarkSearch compares an uncached search with a plain match query of bleve
// over the same articles.
func BenchmarkSearch(b *testing.B) {
	for _, n := range sizes {
		m := makeWorld(n)
		queries := m.queries(256)
		b.Run(fmt.Sprintf("%d/ours", n), func(b *testing.B) {
			x := m.index(b)
			i, since := 0, cpu()
			for b.Loop() {
				x.cache = resultCache{}
				if _, err := x.Search(context.Background(), Query{Text: queries[i%len(queries)], Lang: "en"}); err != nil {
					b.Fatal(err)
				}
				i++
			}
			charge(b, since)
		})
		b.Run(fmt.Sprintf("%d/bare", n), func(b *testing.B) {
			x := m.bare(b)
			defer x.Close()
			i, since := 0, cpu()
			for b.Loop() {
				q := bleve.NewDisjunctionQuery()
				for _, f := range []string{"title", "body", "tags"} {
					mq := bleve.NewMatchQuery(queries[i%len(queries)])
					mq.SetField(f)
					q.AddQuery(mq)
				}
				if _, err := x.Search(bleve.NewSearchRequest(q)); err != nil {
					b.Fatal(err)
				}
				i++
			}
			charge(b, since)
		})
	}
}

// BenchmarkSuggest types queries up to half of their last word.
func BenchmarkSuggest(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := makeWorld(n)
			x := m.index(b)
			queries := m.queries(256)
			i, since := 0, cpu()
			for b.Loop() {
				text := queries[i%len(queries)]
				if _, err := x.Suggest(context.Background(), Query{Text: text[:len(text)-3], Lang: "en", Limit: 6}); err != nil {
					b.Fatal(err)
				}
				i++
			}
			charge(b, since)
		})
	}
}

// BenchmarkIndex builds an index, beside plain bleve with the same articles.
func BenchmarkIndex(b *testing.B) {
	m := makeWorld(2_000)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			m.index(b).Close()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(m.lib.All())), "µs/article")
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := m.bare(b).Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(m.lib.All())), "µs/article")
	})
}

// BenchmarkReopen opens the index of an unchanged library.
func BenchmarkReopen(b *testing.B) {
	m := makeWorld(10_000)
	dir := b.TempDir()
	x := Open(dir, Options{})
	if _, err := x.Sync(context.Background(), m.lib, m.passages); err != nil {
		b.Fatal(err)
	}
	x.Close()
	for b.Loop() {
		x := Open(dir, Options{})
		if c, err := x.Sync(context.Background(), m.lib, m.passages); err != nil || c != (Changes{}) {
			b.Fatal(c, err)
		}
		x.Close()
	}
}

// BenchmarkEdit changes one article of ten thousand.
func BenchmarkEdit(b *testing.B) {
	m := makeWorld(10_000)
	x := m.index(b)
	i := 0
	for b.Loop() {
		b.StopTimer()
		all := slices.Clone(m.lib.All())
		a := *all[i%10_000]
		a.Hash = fmt.Sprint("edit ", i)
		all[i%10_000] = &a
		m.lib = content.NewLibrary(all, nil)
		i++
		b.StartTimer()
		if c, err := x.Sync(context.Background(), m.lib, m.passages); err != nil || c.Indexed != 1 {
			b.Fatal(c, err)
		}
	}
}
