package search

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"primalinea/content"
)

// cpu returns the processor time that the program took until now: on a busy
// machine it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// settle waits until the libraries have ended what they do in the background.
func settle(t testing.TB) {
	runtime.GC()
	for range 300 {
		since := cpu()
		time.Sleep(200 * time.Millisecond)
		if cpu()-since < 4*time.Millisecond {
			return
		}
	}
	t.Error("the index does not come to rest")
}

// charge reports what one round of a benchmark took of the processor.
func charge(b *testing.B, each func(i int)) {
	i, since := 0, cpu()
	for b.Loop() {
		each(i)
		i++
	}
	b.ReportMetric(float64((cpu()-since).Microseconds())/float64(b.N), "cpu-µs/op")
}

// A bout is a library and what is asked of it, to compare the index with plain
// bleve.
type bout struct {
	name    string
	lib     *content.Library
	text    texter
	queries []string
}

func (m *made) bout() bout {
	return bout{fmt.Sprint(len(m.lib.All())), m.lib, m.passages, m.queries(256)}
}

// bouts are a small help centre, of the judged Italian articles when they are
// there, and a large one.
func bouts(t testing.TB) []bout {
	large := makeWorld(10_000).bout()
	dir, err := searchbench()
	if err != nil {
		return []bout{makeWorld(400).bout(), large}
	}
	j := readJudged(t, filepath.Join(dir, "aqp-it"))
	small := bout{name: "400", lib: j.lib, text: j.text}
	for _, q := range j.queries {
		small.queries = append(small.queries, q.Text)
	}
	return []bout{small, large}
}

// asked returns a function that makes the searches of a bout in turn, each as if it were
// new.
func asked(t testing.TB, x *Index, queries []string) func(i int) {
	return func(i int) {
		x.cache = resultCache{}
		search(t, x, Query{Text: queries[i%len(queries)], Lang: "it"})
	}
}

func suggested(t testing.TB, x *Index, queries []string) func(i int) {
	queries = unfinished(queries)
	return func(i int) {
		if _, err := x.Suggest(context.Background(), Query{Text: queries[i%len(queries)], Lang: "it", Limit: 6}); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkSearch compares an uncached search with a plain match query of bleve
// over the same articles.
func BenchmarkSearch(b *testing.B) {
	for _, bout := range bouts(b) {
		b.Run(bout.name+"/ours", func(b *testing.B) {
			x := indexed(b, b.TempDir(), bout.lib, bout.text)
			settle(b)
			charge(b, asked(b, x, bout.queries))
		})
		b.Run(bout.name+"/bare", func(b *testing.B) {
			x := bare(b, b.TempDir(), "it", bout.lib, bout.text)
			defer x.Close()
			settle(b)
			charge(b, func(i int) { askBare(b, x, bout.queries[i%len(bout.queries)]) })
		})
	}
}

// BenchmarkSuggest types queries up to half of their last word.
func BenchmarkSuggest(b *testing.B) {
	for _, bout := range bouts(b) {
		b.Run(bout.name, func(b *testing.B) {
			x := indexed(b, b.TempDir(), bout.lib, bout.text)
			settle(b)
			charge(b, suggested(b, x, bout.queries))
		})
	}
}

// BenchmarkParallel searches with 32 at once for each processor.
func BenchmarkParallel(b *testing.B) {
	m := makeWorld(10_000)
	x := indexed(b, b.TempDir(), m.lib, m.passages)
	settle(b)
	queries := m.queries(10_000)
	var next atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1)
			// Each page is an answer of its own, so that none is kept.
			search(b, x, Query{Text: queries[i%10_000], Lang: "it", Limit: 1 + int(i/10_000)%50})
		}
	})
}

// BenchmarkHostile makes the searches that cost most.
func BenchmarkHostile(b *testing.B) {
	m := makeWorld(10_000)
	x := indexed(b, b.TempDir(), m.tuned(), m.passages)
	settle(b)
	dear := m.dear()
	for _, name := range slices.Sorted(maps.Keys(dear)) {
		b.Run(name, func(b *testing.B) { charge(b, asked(b, x, []string{dear[name]})) })
	}
}

// BenchmarkIndex builds an index, beside plain bleve with the same articles.
func BenchmarkIndex(b *testing.B) {
	m := makeWorld(2_000)
	m.write()
	b.Run("ours", func(b *testing.B) {
		charge(b, func(int) { indexed(b, b.TempDir(), m.lib, m.passages).Close() })
	})
	b.Run("bare", func(b *testing.B) {
		charge(b, func(int) { bare(b, b.TempDir(), "it", m.lib, m.passages).Close() })
	})
}

// BenchmarkReopen opens the index of an unchanged library.
func BenchmarkReopen(b *testing.B) {
	m := makeWorld(10_000)
	dir := b.TempDir()
	indexed(b, dir, m.lib, m.passages).Close()
	for b.Loop() {
		m.reopen(b, dir).Close()
	}
}

// reopen opens the index of an unchanged library.
func (m *made) reopen(t testing.TB, dir string) *Index {
	x := Open(dir, Options{Log: quiet()})
	if c, err := x.Sync(context.Background(), m.lib, m.passages); err != nil || c != (Changes{}) {
		t.Fatal(c, err)
	}
	return x
}

// BenchmarkEdit changes one article of ten thousand.
func BenchmarkEdit(b *testing.B) {
	m := makeWorld(10_000)
	x := indexed(b, b.TempDir(), m.lib, m.passages)
	i := 0
	for b.Loop() {
		b.StopTimer()
		m.edit(i)
		i++
		b.StartTimer()
		if c, err := x.Sync(context.Background(), m.lib, m.passages); err != nil || c.Indexed != 1 {
			b.Fatal(c, err)
		}
	}
}

// edit changes one article of a world.
func (m *made) edit(i int) {
	all := slices.Clone(m.lib.All())
	a := *all[i%len(all)]
	a.Hash = fmt.Sprint("edit ", i)
	all[i%len(all)] = &a
	m.lib = content.NewLibrary(all, nil)
}
