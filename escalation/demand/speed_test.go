package demand_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation/demand"
	"primalinea/escalation/store"
	"primalinea/search"
)

const many = 100_000

// cpu is how long this process has been at work.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// A crowd is signals made of the words of judged questions, as many different as
// real ones are: half of them say what nobody else says, few words are in most.
type crowd struct {
	index   *search.Index
	signals []demand.Signal
}

func newCrowd(b *testing.B) *crowd {
	folder, err := content.Open(filepath.Join("..", "..", "content", "articles"), content.Options{})
	if err != nil {
		b.Fatal(err)
	}
	c := &crowd{index: indexOf(b, folder.Library(), folder.Text)}
	words := map[string][]string{}
	langs := []string{"it", "es", "en"}
	for _, lang := range langs {
		eachLine(b, filepath.Join("..", "..", "search", "testdata", "judged", lang+".tsv"), func(line []byte) {
			if question, _, ok := strings.Cut(string(line), "\t"); ok {
				words[lang] = append(words[lang], strings.Fields(question)...)
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range many {
		s := demand.Signal{
			ID: fmt.Sprint("s", i), Kind: demand.Zero, Lang: langs[i%3], Who: fmt.Sprint("v", r.IntN(many/3)), Journey: fmt.Sprint("j", i),
			At: monday.Add(time.Duration(i) * time.Second),
		}
		if i >= 300 && r.IntN(2) == 0 {
			s.Text = c.signals[i-3*(1+int(float64(i/3)*r.Float64()*r.Float64()))%i].Text // somebody said it before
			s.Lang = langs[i%3]
		}
		if s.Text == "" {
			var said []string
			for range 2 + r.IntN(5) {
				of := words[s.Lang]
				w := of[int(float64(len(of))*r.Float64()*r.Float64())]
				if r.IntN(12) == 0 {
					w = fmt.Sprint("x", r.IntN(20_000)) // a name, a slip
				}
				said = append(said, w)
			}
			s.Text = strings.Join(said, " ")
		}
		c.signals = append(c.signals, s)
	}
	return c
}

func (c *crowd) placer() *demand.Placer {
	j := judged{index: c.index}
	return demand.NewPlacer(c.index.Terms, j.nearest)
}

// place puts all on lines, as the minute job does.
func (c *crowd) place(b *testing.B, p *demand.Placer) []demand.Signal {
	var placed []demand.Signal
	for i := 0; i < len(c.signals); i += 2000 {
		some, err := p.Place(b.Context(), c.signals[i:i+2000], nil)
		if err != nil {
			b.Fatal(err)
		}
		placed = append(placed, some...)
	}
	return placed
}

// BenchmarkPlace places 100,000 signals with the words and articles of the real
// search; then one more, again and again; and reads all as a process does at its
// start. Run with -benchtime 1x.
//
// cpu-s/op is what the processors took, whatever else runs beside.
func BenchmarkPlace(b *testing.B) {
	c := newCrowd(b)
	var p *demand.Placer
	var placed []demand.Signal
	b.Run("all", func(b *testing.B) {
		began, before := cpu(), heap()
		for b.Loop() {
			p = c.placer()
			placed = c.place(b, p)
		}
		b.ReportMetric((cpu()-began).Seconds()/float64(b.N), "cpu-s/op")
		placed = slices.Clip(placed)
		b.ReportMetric(heap()-before, "MB-kept")
		wordings, lines := map[string]bool{}, map[string]bool{}
		for _, s := range placed {
			wordings[s.Lang+s.Text], lines[s.Line] = true, true
		}
		b.ReportMetric(float64(len(wordings)), "wordings")
		b.ReportMetric(float64(len(lines)), "lines")
	})
	b.Run("one", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			s := c.signals[n*7919%many]
			s.ID, s.Text = fmt.Sprint("one", n), s.Text+" "+c.signals[n*104729%many].Text
			if _, err := p.Place(context.Background(), []demand.Signal{s}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			c.placer().Add(placed)
		}
	})
	b.Run("lines", func(b *testing.B) {
		for b.Loop() {
			demand.Lines(placed, nil)
		}
	})
}

// BenchmarkCollect is the minute job on a database that holds 100,000 signals: with
// nothing new, with one more, and a page that shows the list.
func BenchmarkCollect(b *testing.B) {
	c := newCrowd(b)
	db, err := store.Open(b.Context(), "", store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	j := judged{index: c.index}
	backlog := &demand.Backlog{Store: db, Terms: c.index.Terms, Nearest: j.nearest}
	for i := 0; i < many; i += 1000 {
		if err := db.SaveHarvests(b.Context(), []demand.Harvest{{Journey: fmt.Sprint("h", i), Signals: c.signals[i : i+1000]}}); err != nil {
			b.Fatal(err)
		}
	}
	now := monday.Add(40 * time.Hour)
	collect := func(b *testing.B) {
		if _, err := backlog.Collect(b.Context(), now); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("all", func(b *testing.B) {
		began := cpu()
		for b.Loop() {
			collect(b)
		}
		b.ReportMetric((cpu()-began).Seconds()/float64(b.N), "cpu-s/op")
	})
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			collect(b)
		}
	})
	now = now.Add(time.Hour)
	b.Run("one", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			now = now.Add(time.Minute)
			s := c.signals[n*7919%many]
			s.ID, s.At = fmt.Sprint("one", n), now.Add(-time.Minute)
			if err := db.SaveSignal(b.Context(), s); err != nil {
				b.Fatal(err)
			}
			collect(b)
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := backlog.List(b.Context(), "", now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list anew", func(b *testing.B) {
		for b.Loop() {
			now = now.Add(time.Minute)
			if _, err := backlog.List(b.Context(), "", now); err != nil {
				b.Fatal(err)
			}
		}
	})
}
