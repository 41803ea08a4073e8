package search

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"primalinea/content"
)

// A judged set is articles, questions, and which articles answer which.
type judged struct {
	lib      *content.Library
	text     func(*content.Article) ([]content.Passage, error)
	lang     string
	queries  []struct{ ID, Text string }
	relevant map[string]map[string]bool // query id → keys
}

// sharedFolder returns where the judged sets lie, or skips the test.
func sharedFolder(t testing.TB) string {
	dir := os.Getenv("PRIMALINEA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared") // beside the module
	}
	dir = filepath.Join(dir, "searchbench")
	if _, err := os.Stat(dir); err != nil {
		for name := range strings.SplitSeq(os.Getenv("PRIMALINEA_TEST_REQUIRE"), ",") {
			if name == "searchbench" {
				t.Fatalf("searchbench is required: %v", err)
			}
		}
		t.Skipf("searchbench is not there: %v", err)
	}
	return dir
}

func lines(t testing.TB, file string, each func(line []byte)) {
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

func readJudged(t testing.TB, dir string) *judged {
	j := &judged{relevant: map[string]map[string]bool{}}
	var articles []*content.Article
	bodies := map[string]string{}
	lines(t, filepath.Join(dir, "docs.jsonl"), func(line []byte) {
		var d struct {
			ID, Lang, Question, Answer string
			Tags                       []string
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		j.lang = d.Lang
		a := &content.Article{File: d.Lang + "/" + d.ID + ".md", Lang: d.Lang, Key: d.ID, Slug: d.ID,
			Title: d.Question, Tags: d.Tags, Status: content.Published}
		articles = append(articles, a)
		bodies[a.File] = d.Answer
	})
	lines(t, filepath.Join(dir, "queries.jsonl"), func(line []byte) {
		var q struct{ ID, Text string }
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		j.queries = append(j.queries, q)
	})
	lines(t, filepath.Join(dir, "qrels.tsv"), func(line []byte) {
		f := strings.Split(string(line), "\t")
		if j.relevant[f[0]] == nil {
			j.relevant[f[0]] = map[string]bool{}
		}
		j.relevant[f[0]][f[1]] = true
	})
	j.lib = content.NewLibrary(articles, nil)
	j.text = func(a *content.Article) ([]content.Passage, error) {
		return []content.Passage{{Text: bodies[a.File]}}, nil
	}
	return j
}

// figures are means over all queries of a set.
type figures struct{ ndcg, mrr, first float64 }

func (f figures) String() string {
	return fmt.Sprintf("nDCG@10 %.3f  MRR@10 %.3f  success@1 %.3f", f.ndcg, f.mrr, f.first)
}

func (f figures) below(floor figures) bool {
	return f.ndcg < floor.ndcg || f.mrr < floor.mrr || f.first < floor.first
}

// A miss is a question whose first hit does not answer it.
type miss struct {
	question string
	answers  []string // keys
	rank     int      // of the first answer, from 1; 0 when it is not among the hits
	hits     []Hit
}

func (m miss) String() string {
	return fmt.Sprintf("%2d %q: %s, after %s", m.rank, m.question, strings.Join(m.answers, " "), keys(m.hits[:min(3, len(m.hits))]))
}

// measure searches every question, changed by change, as the API would.
func (j *judged) measure(t testing.TB, x *Index, change func(string) string) (f figures, misses []miss) {
	for _, q := range j.queries {
		r, err := x.Search(context.Background(), Query{Text: change(q.Text), Lang: j.lang, OneLang: true})
		if err != nil {
			t.Fatalf("Search(%q): %v", q.Text, err)
		}
		relevant := j.relevant[q.ID]
		dcg, ideal, rank := 0.0, 0.0, 0
		for i, h := range r.Hits {
			if relevant[h.Article.Key] {
				dcg += 1 / math.Log2(float64(i+2))
				if rank == 0 {
					rank = i + 1
				}
			}
		}
		for i := range min(len(relevant), 10) {
			ideal += 1 / math.Log2(float64(i+2))
		}
		f.ndcg += dcg / ideal
		if rank > 0 {
			f.mrr += 1 / float64(rank)
		}
		if rank == 1 {
			f.first++
		} else {
			misses = append(misses, miss{q.Text, slices.Sorted(maps.Keys(relevant)), rank, r.Hits})
		}
	}
	n := float64(len(j.queries))
	return figures{f.ndcg / n, f.mrr / n, f.first / n}, misses
}

func asTyped(s string) string { return s }

// withoutAccents is how somebody types on a foreign keyboard.
func withoutAccents(s string) string {
	var b strings.Builder
	for _, r := range s {
		if f, ok := folds[r]; ok {
			b.WriteString(f)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// withMistake swaps two letters of the longest word.
func withMistake(s string) string {
	words := strings.Fields(s)
	long := -1
	for i, w := range words {
		if len(w) >= 5 && lettersOnly(strings.ToLower(w)) && (long < 0 || len(w) > len(words[long])) {
			long = i
		}
	}
	if long >= 0 {
		w := []byte(words[long])
		w[2], w[3] = w[3], w[2]
		words[long] = string(w)
	}
	return strings.Join(words, " ")
}

// withCutWord leaves four letters of the last word.
func withCutWord(s string) string {
	s = strings.TrimRight(s, " ?.!")
	i := strings.LastIndexByte(s, ' ')
	if r := []rune(s[i+1:]); len(r) > 4 {
		return s[:i+1] + string(r[:4])
	}
	return s
}

// TestQuality measures the judged questions of ../shared/searchbench through
// Search itself. The floors are a little below what was reached, and nowhere
// below what plain bleve reaches with BM25 and the language's analyser.
func TestQuality(t *testing.T) {
	dir := sharedFolder(t)
	for _, test := range []struct {
		set   string
		floor figures
	}{
		{"aqp-it", figures{.67, .625, .50}},     // plain bleve: .59 .54 .40
		{"stackfaq-en", figures{.79, .84, .79}}, // .79 .82 .78
		{"xquad-es", figures{.94, .925, .885}},  // .86 .82 .73
	} {
		t.Run(test.set, func(t *testing.T) {
			j := readJudged(t, filepath.Join(dir, test.set))
			x := Open("", Options{})
			defer x.Close()
			if _, err := x.Sync(context.Background(), j.lib, j.text); err != nil {
				t.Fatal(err)
			}
			got, _ := j.measure(t, x, asTyped)
			t.Logf("%-16s %v", "as typed", got)
			if got.below(test.floor) {
				t.Errorf("below the floor: %v", test.floor)
			}
			for _, change := range []struct {
				name string
				f    func(string) string
			}{
				{"without accents", withoutAccents},
				{"one mistake", withMistake},
				{"last word cut", withCutWord},
			} {
				worse, _ := j.measure(t, x, change.f)
				t.Logf("%-16s %v (MRR %+.1f %%)", change.name, worse, 100*(worse.mrr/got.mrr-1))
			}
		})
	}
}

// shippedFolder opens the articles that the program brings along.
func shippedFolder(t testing.TB) *content.Folder {
	folder, err := content.Open("../content/articles", content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// shipped indexes them.
func shipped(t testing.TB) (*content.Library, *Index) {
	folder := shippedFolder(t)
	x := Open("", Options{})
	t.Cleanup(func() { x.Close() })
	if _, err := x.Sync(context.Background(), folder.Library(), folder.Text); err != nil {
		t.Fatal(err)
	}
	return folder.Library(), x
}

// TestExpect runs the searches that the shipped articles say must find them.
func TestExpect(t *testing.T) {
	lib, x := shipped(t)
	searches := 0
	for _, a := range lib.All() {
		if a.Status != content.Published || a.Unlisted {
			continue
		}
		for _, q := range append([]string{a.Title}, a.Expect...) {
			searches++
			r, err := x.Search(context.Background(), Query{Text: q, Lang: a.Lang, Reader: a.Audience})
			if err != nil {
				t.Fatal(err)
			}
			first := r.Hits[:min(3, len(r.Hits))]
			if !slices.ContainsFunc(first, func(h Hit) bool { return h.Article.File == a.File }) {
				t.Errorf("%q does not find %s among its first three, but %s", q, a.File, keys(first))
			}
		}
	}
	if searches == 0 {
		t.Error("no article expects anything")
	}
	t.Logf("%d searches", searches)
}
