package demand_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation/demand"
	"primalinea/search"
)

// A judged set is questions, each with the articles that answer it. Questions that
// the same articles answer are one matter.
type judged struct {
	lang      string
	questions []string
	matter    []string
	index     *search.Index
}

// nearest is what the program gives to a [demand.Placer].
func (j *judged) nearest(ctx context.Context, lang, text string, n int) ([]demand.Near, error) {
	hits, err := j.index.About(ctx, lang, text, n, content.Agents)
	near := make([]demand.Near, len(hits))
	for i, h := range hits {
		near[i] = demand.Near{Key: h.Article.Key, Lang: h.Article.Lang, Score: h.Score, Held: h.Held}
	}
	return near, err
}

// A clustering gives each question a cluster.
type clustering []string

// ours places the questions one after the other, in an order drawn by lot.
func (j *judged) ours(t testing.TB, seed uint64, nearest func(context.Context, string, string, int) ([]demand.Near, error)) clustering {
	p := demand.NewPlacer(j.index.Terms, nearest)
	clusters := make(clustering, len(j.questions))
	for n, i := range rand.New(rand.NewPCG(seed, 1)).Perm(len(j.questions)) {
		placed, err := p.Place(t.Context(), []demand.Signal{{
			ID: fmt.Sprint(i), Kind: demand.Zero, Lang: j.lang, Text: j.questions[i], At: time.UnixMilli(int64(n)),
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		clusters[i] = placed[0].Line
	}
	return clusters
}

// baseline is what others do: questions with two stems in common, and half of
// those of the shorter one, lie together, and so does what lies together with
// either.
func (j *judged) baseline() clustering {
	root := make([]int, len(j.questions))
	var find func(i int) int
	find = func(i int) int {
		if root[i] != i {
			root[i] = find(root[i])
		}
		return root[i]
	}
	terms := make([][]string, len(j.questions))
	for i, q := range j.questions {
		root[i], terms[i] = i, j.index.Terms(j.lang, q)
		for k := range i {
			shared := 0
			for _, t := range terms[i] {
				if slices.Contains(terms[k], t) {
					shared++
				}
			}
			if shared >= 2 && 2*shared >= min(len(terms[i]), len(terms[k])) {
				root[find(i)] = find(k)
			}
		}
	}
	clusters := make(clustering, len(root))
	for i := range root {
		clusters[i] = fmt.Sprint(find(i))
	}
	return clusters
}

// A bcubed is how right clusters are, as seen by each question: the share of those
// it lies with that ask the same (precision), of those that ask the same with
// which it lies (recall), and their harmonic mean (A. Bagga and B. Baldwin,
// "Entity-Based Cross-Document Coreferencing Using the Vector Space Model",
// ACL 1998).
type bcubed struct{ precision, recall, f1 float64 }

func (j *judged) measure(c clustering) bcubed {
	type cell struct{ cluster, matter string }
	clusters, matters, cells := map[string]int{}, map[string]int{}, map[cell]int{}
	for i := range c {
		clusters[c[i]]++
		matters[j.matter[i]]++
		cells[cell{c[i], j.matter[i]}]++
	}
	var b bcubed
	for i := range c {
		both := float64(cells[cell{c[i], j.matter[i]}])
		b.precision += both / float64(clusters[c[i]]) / float64(len(c))
		b.recall += both / float64(matters[j.matter[i]]) / float64(len(c))
	}
	b.f1 = 2 * b.precision * b.recall / (b.precision + b.recall)
	return b
}

// orders is in how many orders questions are placed; figures are means over them.
const orders = 5

func (j *judged) mean(t testing.TB, nearest func(context.Context, string, string, int) ([]demand.Near, error)) (mean bcubed) {
	for seed := range uint64(orders) {
		b := j.measure(j.ours(t, seed, nearest))
		mean.precision += b.precision / orders
		mean.recall += b.recall / orders
		mean.f1 += b.f1 / orders
	}
	return mean
}

func (b bcubed) String() string {
	return fmt.Sprintf("precision %.3f  recall %.3f  F1 %.3f", b.precision, b.recall, b.f1)
}

// half says which matters have no article when half of them are taken away.
func half(matter string) bool { return crc32.ChecksumIEEE([]byte(matter))%2 == 0 }

// TestSearchbench measures clusters on the judged questions of ../shared/searchbench:
// ours with the articles there; with half of the questions' articles taken away,
// which is nearer to demand; without any; and what others do. Run it with -v to see
// the table of the manual. The floors are a little below what was reached.
func TestSearchbench(t *testing.T) {
	dir := os.Getenv("PRIMALINEA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared") // beside the module
	}
	dir = filepath.Join(dir, "searchbench")
	if _, err := os.Stat(dir); err != nil {
		if slices.Contains(strings.Split(os.Getenv("PRIMALINEA_TEST_REQUIRE"), ","), "searchbench") {
			t.Fatalf("searchbench is required: %v", err)
		}
		t.Skipf("searchbench is not there: %v", err)
	}
	for _, test := range []struct {
		set               string
		whole, half, none float64 // floors of F1
		over              float64 // by how much all three are better than what others do
	}{
		{"stackfaq-en", .67, .64, .60, .35},
		{"aqp-it", .58, .56, .56, .12},
		{"xquad-es", .74, .72, .68, -.02},
	} {
		t.Run(test.set, func(t *testing.T) {
			whole := readSearchbench(t, filepath.Join(dir, test.set), func(string) bool { return true })
			missing := readSearchbench(t, filepath.Join(dir, test.set), func(matter string) bool { return !half(matter) })
			base := whole.measure(whole.baseline())
			t.Logf("%d questions about %d matters", len(whole.questions), len(slices.Compact(slices.Sorted(slices.Values(whole.matter)))))
			t.Logf("others              %v", base)
			for _, run := range []struct {
				name  string
				got   bcubed
				floor float64
			}{
				{"ours               ", whole.mean(t, whole.nearest), test.whole},
				{"half of the articles", missing.mean(t, missing.nearest), test.half},
				{"no articles         ", whole.mean(t, nil), test.none},
			} {
				t.Logf("%s %v", run.name, run.got)
				if run.got.f1 < run.floor || run.got.f1 < base.f1+test.over {
					t.Errorf("%s is below the floor %.2f or not %.2f better than %v", run.name, run.floor, test.over, base)
				}
			}
		})
	}
}

// readSearchbench reads a set, with the articles of those matters that it should
// know.
func readSearchbench(t testing.TB, dir string, knows func(matter string) bool) *judged {
	j := &judged{}
	answers := map[string][]string{}
	eachLine(t, filepath.Join(dir, "qrels.tsv"), func(line []byte) {
		f := strings.Split(string(line), "\t")
		answers[f[0]] = append(answers[f[0]], f[1])
	})
	gone := map[string]bool{}
	eachLine(t, filepath.Join(dir, "queries.jsonl"), func(line []byte) {
		var q struct{ ID, Text string }
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		matter := strings.Join(slices.Sorted(slices.Values(answers[q.ID])), ",")
		if !knows(matter) {
			for _, key := range answers[q.ID] {
				gone[key] = true
			}
		}
		j.questions, j.matter = append(j.questions, q.Text), append(j.matter, matter)
	})
	var articles []*content.Article
	bodies := map[string]string{}
	eachLine(t, filepath.Join(dir, "docs.jsonl"), func(line []byte) {
		var d struct {
			ID, Lang, Question, Answer string
			Tags                       []string
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		j.lang = d.Lang
		if gone[d.ID] {
			return
		}
		a := &content.Article{File: d.Lang + "/" + d.ID + ".md", Lang: d.Lang, Key: d.ID, Slug: d.ID,
			Title: d.Question, Tags: d.Tags, Status: content.Published}
		articles = append(articles, a)
		bodies[a.File] = d.Answer
	})
	j.index = indexOf(t, content.NewLibrary(articles, nil), func(a *content.Article) ([]content.Passage, error) {
		return []content.Passage{{Text: bodies[a.File]}}, nil
	})
	return j
}

func indexOf(t testing.TB, lib *content.Library, text func(*content.Article) ([]content.Passage, error)) *search.Index {
	x := search.Open(t.TempDir(), search.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	t.Cleanup(func() { x.Close() })
	if _, err := x.Sync(t.Context(), lib, text); err != nil {
		t.Fatal(err)
	}
	return x
}

func eachLine(t testing.TB, file string, each func(line []byte)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		each(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestShipped measures clusters on the judged questions about the help centre that
// the program brings along, which are there wherever this is built.
func TestShipped(t *testing.T) {
	folder, err := content.Open(filepath.Join("..", "..", "content", "articles"), content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	index := indexOf(t, folder.Library(), folder.Text)
	for _, test := range []struct {
		lang  string
		floor float64 // of F1
		over  float64 // by how much it is better than what others do
	}{
		{"it", .55, .01},
		{"es", .56, .04},
		{"en", .53, .02},
	} {
		t.Run(test.lang, func(t *testing.T) {
			j := &judged{lang: test.lang, index: index}
			eachLine(t, filepath.Join("..", "..", "search", "testdata", "judged", test.lang+".tsv"), func(line []byte) {
				if len(line) == 0 || line[0] == '#' {
					return
				}
				question, answers, _ := strings.Cut(string(line), "\t")
				keys := strings.Split(answers, ",")
				slices.Sort(keys)
				j.questions, j.matter = append(j.questions, question), append(j.matter, strings.Join(keys, ","))
			})
			got, base := j.mean(t, j.nearest), j.measure(j.baseline())
			t.Logf("%d questions  ours %v  others %v", len(j.questions), got, base)
			if got.f1 < test.floor || got.f1 < base.f1+test.over {
				t.Errorf("%v is below the floor %.2f or not %.2f better than %v", got, test.floor, test.over, base)
			}
		})
	}
}
