package search

import (
	"path/filepath"
	"strings"
	"testing"

	"primalinea/content"
)

// readShipped reads the judged questions about the shipped articles of one
// language: question, tab, keys of the articles that answer it in no order.
func readShipped(t testing.TB, lang string) *judged {
	j := &judged{lang: lang, relevant: map[string]map[string]bool{}}
	lines(t, filepath.Join("testdata", "judged", lang+".tsv"), func(line []byte) {
		if len(line) == 0 || line[0] == '#' {
			return
		}
		question, answers, _ := strings.Cut(string(line), "\t")
		if j.relevant[question] != nil {
			t.Errorf("%q is asked twice", question)
		}
		j.relevant[question] = map[string]bool{}
		for key := range strings.SplitSeq(answers, ",") {
			j.relevant[question][key] = true
		}
		j.queries = append(j.queries, struct{ ID, Text string }{question, question})
	})
	return j
}

// TestShippedQuality measures judged questions about the articles that the
// program brings along, as anybody may ask them. The floors are a little below
// what was reached. Run it with -v to see the questions whose answer is not
// first: its rank, what answers, and what stood above.
func TestShippedQuality(t *testing.T) {
	lib, x := shipped(t)
	for _, test := range []struct {
		lang  string
		floor figures
	}{
		{"it", figures{.86, .855, .785}},
		{"es", figures{.845, .84, .775}},
		{"en", figures{.84, .825, .74}},
	} {
		t.Run(test.lang, func(t *testing.T) {
			j := readShipped(t, test.lang)
			got, misses := j.measure(j.ours(t, x), asTyped)
			t.Logf("%d questions  %v", len(j.queries), got)
			for _, m := range misses {
				t.Log(m)
			}
			if got.below(test.floor) {
				t.Errorf("%v is below the floor: %v", got, test.floor)
			}
		})
	}
	t.Run("every article is asked for", func(t *testing.T) {
		for _, lang := range lib.Languages() {
			asked := map[string]int{}
			for question, answers := range readShipped(t, lang).relevant {
				for key := range answers {
					if a := lib.ByKey(key, lang); a == nil || a.Audience != content.Public {
						t.Errorf("%s: %q is answered by %q, which is no article for everybody", lang, question, key)
					}
					asked[key]++
				}
			}
			for _, a := range lib.All() {
				if a.Lang == lang && a.Audience == content.Public && a.Status == content.Published && asked[a.Key] < 2 {
					t.Errorf("%s: %d questions are answered by %s, want 2 at least", lang, asked[a.Key], a.Key)
				}
			}
		}
	})
}
