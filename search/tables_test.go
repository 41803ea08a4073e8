package search

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"
)

var full = flag.Bool("full", false, "measure the tables of TestTables, which takes many minutes")

// measureTables is how the tables are measured.
const measureTables = "go test ./search -run TestTables -v -timeout 60m -full"

// TestTables prints what search reaches, and what it costs, beside plain bleve over
// the same articles: measured now, both in the same run. What does not reach what it
// must is an error.
//
//	go test ./search -run TestTables -v -timeout 60m -full
//
// A part of it is measured by its name, as TestTables/speed/growth.
func TestTables(t *testing.T) {
	if !*full {
		t.Skip("takes many minutes: " + measureTables)
	}
	t.Run("quality", qualityTable)
	t.Run("speed", speedTable)
}

// A figuresTable is printed when all of it is measured; its rows before, one by one.
type figuresTable struct {
	t    testing.TB
	rows [][5]string
}

func newFiguresTable(t testing.TB) *figuresTable {
	return &figuresTable{t, [][5]string{{"measure", "plain bleve", "must reach", "aim", "ours"}}}
}

// add measures a row. ok says that it reaches what it must.
func (tb *figuresTable) add(ok bool, measure, bare, must, aim, ours string) {
	if !ok {
		ours += " (missed)"
		tb.t.Errorf("%s: %s, must reach %s", measure, ours, must)
	}
	tb.t.Log(measure, " | ", bare, " | ", must, " | ", aim, " | ", ours)
	tb.rows = append(tb.rows, [5]string{measure, bare, must, aim, ours})
}

// atLeast adds a figure that is the better the larger it is.
func (tb *figuresTable) atLeast(measure string, bare, must, aim, ours float64) {
	show := func(f float64) string { return fmt.Sprintf("%.3f", f) }
	goal := func(f float64) string {
		if f == 0 {
			return "–"
		}
		return show(f)
	}
	tb.add(round(ours, 3) >= must, measure, goal(bare), goal(must), goal(aim), show(ours))
}

// lost adds a share that is lost, in percent: the less the better. Goals below zero
// are none.
func (tb *figuresTable) lost(measure string, bare, must, aim, ours float64) {
	show := func(f float64) string { return fmt.Sprintf("%.1f %%", f) }
	goal := func(f float64) string {
		if f < 0 {
			return "–"
		}
		return fmt.Sprint(f, " %")
	}
	tb.add(must < 0 || round(ours, 1) <= must, measure, show(bare), goal(must), goal(aim), show(ours))
}

func round(f float64, digits int) float64 {
	return math.Round(f*math.Pow10(digits)) / math.Pow10(digits)
}

func (tb *figuresTable) print() {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range tb.rows {
		fmt.Fprintln(w, strings.Join(r[:], "\t"))
	}
	w.Flush()
	tb.t.Logf("load %s\n%s", load(), &b)
}

// load is how busy the machine is.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

const none = -1

// qualityTable asks the judged questions of ../shared/searchbench, and those about
// the shipped articles, through Search itself. All languages have one configuration.
func qualityTable(t *testing.T) {
	dir := sharedFolder(t)
	tb := newFiguresTable(t)
	defer tb.print()
	one := []func(string) string{mistakes(1), mistakes(2), mistakes(3)}
	for _, set := range []struct {
		name      string
		must, aim figures
		mistake   [2]float64 // must and aim
		cut       [2]float64
		taught    [2]float64
	}{
		{name: "aqp-it", must: figures{.67, .625, .50}, aim: figures{.70, .655, .52}, mistake: [2]float64{3, 2}, cut: [2]float64{6, 4}, taught: [2]float64{.57, .62}},
		{name: "stackfaq-en", must: figures{.79, .855, .80}, aim: figures{.82, .87, .82}, mistake: [2]float64{2, .5}, cut: [2]float64{1.5, none}, taught: [2]float64{.88, .92}},
		{name: "xquad-es", must: figures{.95, .94, .90}, aim: figures{.97, .96, .93}, mistake: [2]float64{2, .5}, cut: [2]float64{1.5, none}},
	} {
		j := readJudged(t, filepath.Join(dir, set.name))
		x, b := indexed(t, "", j.lib, j.text), bare(t, "", j.lang, j.lib, j.text)
		ours, plain := j.ours(t, x), j.plain(t, b, j.lib)
		is, _ := j.measure(ours, asTyped)
		was, _ := j.measure(plain, asTyped)
		tb.atLeast(set.name+" nDCG@10", was.ndcg, set.must.ndcg, set.aim.ndcg, is.ndcg)
		tb.atLeast(set.name+" MRR@10", was.mrr, set.must.mrr, set.aim.mrr, is.mrr)
		tb.atLeast(set.name+" success@1", was.first, set.must.first, set.aim.first, is.first)
		lost := func(what string, goals [2]float64, changes ...func(string) string) {
			tb.lost(set.name+" MRR lost "+what, j.loss(plain, was, changes...), goals[0], goals[1], j.loss(ours, is, changes...))
		}
		lost("by one typing mistake", set.mistake, one...)
		lost("without accents", [2]float64{0, 0}, withoutAccents)
		lost("with 3 letters of the last word", [2]float64{none, none}, cutWord(3))
		lost("with 4 letters of the last word", [2]float64{none, none}, cutWord(4))
		lost("with 3 or 4 letters of it, the mean", set.cut, cutWord(3), cutWord(4))
		for _, all := range []bool{true, false} {
			what, goals := "all that answer", set.taught
			if !all {
				what, goals = "the first that answers", [2]float64{}
			}
			before, after := j.learned(t, x, all)
			tb.atLeast(fmt.Sprintf("%s success@1 learned from half, %s (before: %.3f)", set.name, what, before.first), 0, goals[0], goals[1], after.first)
		}
		b.Close()
		x.Close()
		if j.lang != "it" {
			continue
		}
		for _, n := range []int{10_000, 100_000} {
			goals := map[int][2]float64{10_000: {4, 2}, 100_000: {7, 4}}[n]
			lib, text := among(j.lib, j.text, n)
			b := bare(t, "", j.lang, lib, text)
			bareLoss := j.loss(j.plain(t, b, lib), was, asTyped)
			b.Close()
			x := indexed(t, "", lib, text)
			tb.lost(fmt.Sprintf("%s MRR lost among %d others", set.name, n), bareLoss, goals[0], goals[1], j.loss(j.ours(t, x), is, asTyped))
			x.Close()
		}
	}
	lib, x := shipped(t)
	for _, lang := range lib.Languages() {
		j := readShipped(t, lang)
		b := bare(t, "", lang, lib, shippedFolder(t).Text)
		is, _ := j.measure(j.ours(t, x), asTyped)
		was, _ := j.measure(j.plain(t, b, lib), asTyped)
		b.Close()
		for _, f := range []struct {
			name      string
			was, ours float64
		}{{"nDCG@10", was.ndcg, is.ndcg}, {"MRR@10", was.mrr, is.mrr}, {"success@1", was.first, is.first}} {
			tb.atLeast(fmt.Sprintf("shipped articles, %s %s", lang, f.name), f.was, 0, 0, f.ours)
		}
	}
}

// A cost is what one search costs, in microseconds of processor time.
type cost float64

func (c cost) String() string { return fmt.Sprintf("%.0f µs", float64(c)) }

// each returns the cost of a call, the mean of many.
func each(call func(i int), n int) cost {
	runtime.GC()
	since := cpu()
	for i := range n {
		call(i)
	}
	return cost((cpu() - since).Microseconds()) / cost(n)
}

// versus measures two calls in turns, and returns the median of each and of what
// the first costs in terms of the second.
func versus(ours, bare func(i int), n int) (is, was cost, ratio float64) {
	var all, alls, ratios []float64
	each(ours, n/4)
	each(bare, n/4)
	for range 5 {
		o, b := each(ours, n), each(bare, n)
		all, alls, ratios = append(all, float64(o)), append(alls, float64(b)), append(ratios, float64(o/b))
	}
	return cost(median(all)), cost(median(alls)), median(ratios)
}

func median(of []float64) float64 { return percentile(of, 50) }

func percentile(of []float64, p int) float64 {
	slices.Sort(of)
	return of[(len(of)-1)*p/100]
}

// speedTable measures processor time where it can, because a machine is never
// quiet: what of it is others' is not counted.
func speedTable(t *testing.T) {
	tb := newFiguresTable(t)
	defer tb.print()
	t.Logf("%d processors, load %s", runtime.GOMAXPROCS(0), load())
	for _, part := range []struct {
		name    string
		measure func(*testing.T, *figuresTable)
	}{{"query", queryRows}, {"parallel", parallelRow}, {"hostile", hostileRow}, {"build", buildRow}, {"restart", restartRow}, {"growth", growthRows}} {
		t.Run(part.name, func(t *testing.T) { part.measure(t, tb) })
	}
}

func times(f float64) string { return fmt.Sprintf("≤ %v×", f) }

// queryRows compare single queries with plain bleve's.
func queryRows(t *testing.T, tb *figuresTable) {
	for _, b := range bouts(t) {
		x, plain := indexed(t, t.TempDir(), b.lib, b.text), bare(t, t.TempDir(), "it", b.lib, b.text)
		settle(t)
		goal := map[string][2]float64{"400": {2, 1}, "10000": {1.5, 0.7}}[b.name]
		askPlain := func(i int) { askBare(t, plain, b.queries[i%len(b.queries)]) }
		rows := func(measure string, goal [2]float64, ours func(i int)) {
			is, was, ratio := versus(ours, askPlain, 3000)
			tb.add(ratio <= goal[0], measure+", "+b.name+" articles", was.String(), times(goal[0]), times(goal[1]), fmt.Sprintf("%v, %.2f×", is, ratio))
		}
		rows("CPU of a query", goal, asked(t, x, b.queries))
		if b.name == "10000" {
			rows("CPU of a suggestion", [2]float64{1.6, 1}, suggested(t, x, b.queries))
		}
		plain.Close()
		x.Close()
	}
}

// parallelRow makes 32 searches at once, and measures how long each waits.
func parallelRow(t *testing.T, tb *figuresTable) {
	m := makeWorld(10_000)
	x := indexed(t, t.TempDir(), m.lib, m.passages)
	defer x.Close()
	settle(t)
	queries := m.queries(3 * 5000)
	var p50s, p99s, ratios []float64
	for range 3 {
		round := queries[:5000]
		queries = queries[5000:]
		took := make([]float64, len(round))
		var next atomic.Int64
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(round); i = int(next.Add(1)) - 1 {
					start := time.Now()
					search(t, x, Query{Text: round[i], Lang: "it"})
					took[i] = float64(time.Since(start).Microseconds()) / 1000
				}
			})
		}
		all.Wait()
		p50, p99 := percentile(took, 50), percentile(took, 99)
		p50s, p99s, ratios = append(p50s, p50), append(p99s, p99), append(ratios, p99/p50)
	}
	tb.add(median(ratios) <= 4, "p99 / p50 of 32 at once, 10000 articles", "–", "≤ 4×", "–",
		fmt.Sprintf("%.1f×, %.1f ms / %.1f ms", median(ratios), median(p99s), median(p50s)))
}

// hostileRow makes the queries that cost most.
func hostileRow(t *testing.T, tb *figuresTable) {
	m := makeWorld(10_000)
	x := indexed(t, t.TempDir(), m.tuned(), m.passages)
	defer x.Close()
	settle(t)
	queries := m.dear()
	for i, q := range hostile() {
		queries[fmt.Sprintf("hostile %d", i)] = q
	}
	worst, most := "", time.Duration(0)
	for name, q := range queries {
		best := time.Duration(math.MaxInt64)
		for range 3 {
			x.cache = resultCache{}
			since := cpu()
			search(t, x, Query{Text: q, Lang: "it"})
			best = min(best, cpu()-since)
		}
		if best > most {
			worst, most = name, best
		}
	}
	tb.add(most <= 20*time.Millisecond, fmt.Sprintf("CPU of the worst of %d hostile queries, 10000 articles", len(queries)), "–", "≤ 20 ms", "–",
		fmt.Sprintf("%.1f ms (%s)", most.Seconds()*1000, worst))
}

// buildRow builds an index of 10,000 articles, and measures the stages of it.
func buildRow(t *testing.T, tb *figuresTable) {
	m := makeWorld(10_000)
	m.write()
	build := func(call func()) float64 {
		settle(t)
		since := cpu()
		call()
		settle(t)
		return (cpu() - since).Seconds()
	}
	var ours, plain, ratios, analysis, memory []float64
	for range 3 {
		var x *Index
		o := build(func() { x = indexed(t, t.TempDir(), m.lib, m.passages) })
		x.Close()
		b := build(func() {
			x := bare(t, t.TempDir(), "it", m.lib, m.passages)
			settle(t)
			x.Close()
		})
		ours, plain, ratios = append(ours, o), append(plain, b), append(ratios, b/o)
		memory = append(memory, build(func() { x = indexed(t, "", m.lib, m.passages) }))
		x.Close()
		analysis = append(analysis, build(func() {
			for _, a := range m.lib.All() {
				if _, err := prepareOne(a, m.passages); err != nil {
					t.Fatal(err)
				}
			}
		}))
	}
	a, mem, all := median(analysis), median(memory), median(ours)
	tb.add(median(ratios) >= 0.6, "index build, 10000 articles of 330 words, CPU", fmt.Sprintf("%.1f s", median(plain)), "≥ 0.6× as fast", "–",
		fmt.Sprintf("%.1f s, %.2f×: analysis %.1f s, bleve %.1f s, disk %.1f s", all, median(ratios), a, mem-a, all-mem))
}

// restartRow opens the index of an unchanged library, and changes one article.
func restartRow(t *testing.T, tb *figuresTable) {
	m := makeWorld(10_000)
	dir := t.TempDir()
	indexed(t, dir, m.lib, m.passages).Close()
	var took, edits []float64
	for i := range 5 {
		start := time.Now()
		x := m.reopen(t, dir)
		took = append(took, time.Since(start).Seconds()*1000)
		m.edit(i)
		start = time.Now()
		if c, err := x.Sync(t.Context(), m.lib, m.passages); err != nil || c != (Changes{Indexed: 1}) {
			t.Errorf("one changed article: %+v, %v", c, err)
		}
		edits = append(edits, time.Since(start).Seconds()*1000)
		x.Close()
	}
	tb.add(median(took) <= 500, "restart, 10000 unchanged articles", "–", "≤ 500 ms", "–", fmt.Sprintf("%.0f ms", median(took)))
	tb.add(true, "one changed article of 10000", "–", "indexes 1", "–", fmt.Sprintf("1 indexed, %.0f ms", median(edits)))
}

// growthRows measure a hundred times as many articles.
func growthRows(t *testing.T, tb *figuresTable) {
	p50 := func(n int, dir string) (cost, float64) {
		m := makeWorld(n)
		x := indexed(t, dir, m.lib, m.passages)
		defer x.Close()
		settle(t)
		queries := m.queries(1000)
		one := asked(t, x, queries)
		for i := range queries[:100] {
			one(i)
		}
		runtime.GC()
		var took []float64
		for i := range queries {
			since := cpu()
			one(i)
			took = append(took, float64((cpu() - since).Microseconds()))
		}
		return cost(median(took)), percentile(took, 99) / 1000
	}
	dir := t.TempDir()
	small, _ := p50(1000, t.TempDir())
	large, slow := p50(100_000, dir)
	tb.add(large <= 4000, "p50 of the CPU of a query, 100000 articles", "–", "≤ 4 ms", "–", fmt.Sprintf("%.2f ms (p99 %.1f ms)", float64(large)/1000, slow))
	tb.add(large/small <= 15, "growth of it from 1000 to 100000", "–", "≤ 15×", "–", fmt.Sprintf("%.1f×, from %v", large/small, small))
	runtime.GC()

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PRIMALINEA_RESIDENT="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var r residence
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	tb.add(r.Resident <= 400, "memory for 100000 articles", "–", "≤ 400 MB", "–",
		fmt.Sprintf("%d MB resident (%d anonymous, %d of files); Go heap %d MB, of it the library %d MB", r.Resident, r.Anonymous, r.Files, r.Heap, r.Library))
}

// A residence is what a process takes that does nothing but search, in MB.
type residence struct{ Resident, Anonymous, Files, Heap, Library int }

// TestMain also is the process that opens an index of 100,000 articles.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PRIMALINEA_RESIDENT"); dir != "" {
		r, err := reside(dir)
		if err == nil {
			err = json.NewEncoder(os.Stdout).Encode(r)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func reside(dir string) (r residence, err error) {
	heap := func() int {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return int(s.HeapAlloc >> 20)
	}
	m := makeWorld(100_000)
	r.Library = heap()
	x := Open(dir, Options{})
	defer x.Close()
	if c, err := x.Sync(context.Background(), m.lib, m.passages); err != nil || c != (Changes{}) {
		return r, cmp.Or(err, fmt.Errorf("the index is not reused: %+v", c))
	}
	// The last ones come before anything is given back: that is when most is mapped.
	for _, q := range m.queries(500*mappedReads + mappedReads - 1) {
		if _, err := x.Search(context.Background(), Query{Text: q, Lang: "it"}); err != nil {
			return r, err
		}
	}
	f, err := os.Open("/proc/self/smaps_rollup")
	if err != nil {
		return r, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), ":")
		if at, ok := map[string]*int{"Rss": &r.Resident, "Anonymous": &r.Anonymous}[name]; ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				return r, err
			}
			*at = kb >> 10
		}
	}
	r.Files = r.Resident - r.Anonymous
	r.Heap = heap()
	return r, nil
}
