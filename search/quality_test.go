package search

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2"

	"primalinea/content"
	"primalinea/escalation/learning"
)

// A judged set is articles, questions, and which articles answer which.
type judged struct {
	lib      *content.Library
	text     func(*content.Article) ([]content.Passage, error)
	lang     string
	queries  []struct{ ID, Text string }
	relevant map[string]map[string]bool // query id → keys
}

// searchbench returns where the judged sets lie, if they do.
func searchbench() (string, error) {
	dir := os.Getenv("PRIMALINEA_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared") // beside the module
	}
	dir = filepath.Join(dir, "searchbench")
	_, err := os.Stat(dir)
	return dir, err
}

// sharedFolder returns where the judged sets lie, or skips the test.
func sharedFolder(t testing.TB) string {
	dir, err := searchbench()
	if err != nil {
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

func (f figures) add(g figures, share float64) figures {
	return figures{f.ndcg + share*g.ndcg, f.mrr + share*g.mrr, f.first + share*g.first}
}

// A miss is a question whose first answer is none.
type miss struct {
	question string
	answers  []string // keys of those that are
	rank     int      // of the first of them, from 1; 0 when it is not among what was found
	found    []string // keys
}

func (m miss) String() string {
	return fmt.Sprintf("%2d %q: %s, after %s", m.rank, m.question, strings.Join(m.answers, " "), strings.Join(m.found[:min(3, len(m.found))], " "))
}

// ours searches for a text as the API does, and returns the keys of what is found.
func (j *judged) ours(t testing.TB, x *Index) func(text string) []string {
	return func(text string) []string {
		var keys []string
		for _, h := range search(t, x, Query{Text: text, Lang: j.lang, OneLang: true}).Hits {
			keys = append(keys, h.Article.Key)
		}
		return keys
	}
}

// plain asks plain bleve.
func (j *judged) plain(t testing.TB, x bleve.Index, lib *content.Library) func(text string) []string {
	return func(text string) []string {
		var keys []string
		for _, file := range askBare(t, x, text) {
			keys = append(keys, lib.ByFile(file).Key)
		}
		return keys
	}
}

// measure asks every question, changed by change.
func (j *judged) measure(ask func(text string) []string, change func(string) string) (f figures, misses []miss) {
	for _, q := range j.queries {
		found := ask(change(q.Text))
		relevant := j.relevant[q.ID]
		dcg, ideal, rank := 0.0, 0.0, 0
		for i, key := range found {
			if relevant[key] {
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
			misses = append(misses, miss{q.Text, slices.Sorted(maps.Keys(relevant)), rank, found})
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

// longWord is a word in which a mistake is to be mended.
var longWord = regexp.MustCompile(`\p{L}{5,}`)

// mistakes is how somebody types who mistypes one word of five letters or more of
// each question: any of them, and any of its letters but the first, which people
// hardly ever mistake. Two letters are swapped, or one is dropped, inserted or
// replaced, all as likely as each other.
func mistakes(seed uint64) func(string) string {
	r := rand.New(rand.NewPCG(seed, seed))
	return func(s string) string {
		words := longWord.FindAllStringIndex(s, -1)
		if words == nil {
			return s
		}
		at := words[r.IntN(len(words))]
		w := []rune(s[at[0]:at[1]])
		i, other := 1+r.IntN(len(w)-1), 'a'+r.Int32N(26)
		switch kind := r.IntN(4); {
		case kind == 0 && i+1 < len(w) && w[i] != w[i+1]:
			w[i], w[i+1] = w[i+1], w[i]
		case kind == 1:
			w = slices.Delete(w, i, i+1)
		case kind == 2:
			w = slices.Insert(w, i, other)
		default:
			if w[i] == other {
				other = 'a' + (other-'a'+1)%26
			}
			w[i] = other
		}
		return s[:at[0]] + string(w) + s[at[1]:]
	}
}

// cutWord leaves so many letters of the last word, as if it were still typed.
func cutWord(letters int) func(string) string {
	return func(s string) string {
		s = strings.TrimRight(s, " ?.!")
		i := strings.LastIndexByte(s, ' ') + 1
		if r := []rune(s[i:]); len(r) > letters {
			return s[:i] + string(r[:letters])
		}
		return s
	}
}

// loss is the share of the MRR that changed questions lose, in percent.
func (j *judged) loss(ask func(string) []string, typed figures, changes ...func(string) string) float64 {
	sum := 0.0
	for _, change := range changes {
		worse, _ := j.measure(ask, change)
		sum += worse.mrr
	}
	return 100 * (1 - sum/float64(len(changes))/typed.mrr)
}

// learned measures each half of the questions before and after the other was
// answered. Each answered question is told to the rules by three people, for all
// articles that answer it, or for the one of them alone that was found first.
func (j *judged) learned(t testing.TB, x *Index, all bool) (before, after figures) {
	ask := j.ours(t, x)
	for half := range 2 {
		rest := *j
		rest.queries = nil
		var answers []learning.Answer
		for i, q := range j.queries {
			if i%2 != half {
				rest.queries = append(rest.queries, q)
				continue
			}
			keys := slices.Sorted(maps.Keys(j.relevant[q.ID]))
			if !all {
				if i := slices.IndexFunc(ask(q.Text), func(key string) bool { return j.relevant[q.ID][key] }); i >= 0 {
					keys = ask(q.Text)[i:]
				}
				keys = keys[:1]
			}
			for _, key := range keys {
				for person := range 3 {
					who := fmt.Sprint(i, " ", person)
					answers = append(answers, learning.Answer{ID: fmt.Sprint(len(answers)), Article: key, Lang: j.lang,
						Queries: []string{q.Text}, Visitor: who, Person: who, Network: who, At: noon})
				}
			}
		}
		f, _ := rest.measure(ask, asTyped)
		before = before.add(f, 0.5)
		var words []Learned
		for _, w := range learning.Words(answers, x.Terms, noon) {
			words = append(words, Learned{Key: w.Article, Lang: w.Lang, Stem: w.Stem, People: w.Weight})
		}
		x.Learn(words)
		f, _ = rest.measure(ask, asTyped)
		after = after.add(f, 0.5)
		x.Learn(nil)
	}
	return before, after
}

// TestQuality measures the judged questions of ../shared/searchbench through
// Search itself, as the tables of [TestTables] do, and holds what was reached: the
// floors of the figures, the most that changed questions may lose, and what
// learning must give. Plain bleve with BM25 and the language's analyser reaches
// .59 .54 .40, .79 .82 .78 and .86 .82 .73.
func TestQuality(t *testing.T) {
	dir := sharedFolder(t)
	for _, test := range []struct {
		set                     string
		floor                   figures
		mistake, accents, ended float64 // % of the MRR
		taught                  float64 // success@1
	}{
		{"aqp-it", figures{.67, .625, .50}, 3, 0, 6, .57},
		{"stackfaq-en", figures{.79, .855, .80}, 2, 0, 1.5, .88},
		{"xquad-es", figures{.95, .94, .90}, 2, 0, 1.5, 0},
	} {
		t.Run(test.set, func(t *testing.T) {
			j := readJudged(t, filepath.Join(dir, test.set))
			x := indexed(t, "", j.lib, j.text)
			ask := j.ours(t, x)
			got, _ := j.measure(ask, asTyped)
			t.Logf("as typed: %v", got)
			if got.below(test.floor) {
				t.Errorf("below the floor: %v", test.floor)
			}
			for _, change := range []struct {
				name    string
				most    float64
				changes []func(string) string
			}{
				{"one mistake", test.mistake, []func(string) string{mistakes(1), mistakes(2), mistakes(3)}},
				{"without accents", test.accents, []func(string) string{withoutAccents}},
				{"last word cut", test.ended, []func(string) string{cutWord(3), cutWord(4)}},
			} {
				lost := j.loss(ask, got, change.changes...)
				t.Logf("%s: %.1f %% of the MRR is lost", change.name, lost)
				if lost > change.most+0.05 {
					t.Errorf("%s: more than %.1f %%", change.name, change.most)
				}
			}
			_, after := j.learned(t, x, true)
			t.Logf("when half of the questions are answered: %v", after)
			if after.first < test.taught {
				t.Errorf("success@1 after learning is below the floor: %.3f", test.taught)
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
