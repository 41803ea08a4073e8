package search

import (
	"context"
	"path/filepath"
	"testing"
)

// TestMeantSeldom measures on the judged questions how often other words are
// offered: hardly ever for what was typed well; and when a word of it becomes
// another that is in some article too, seldom wrongly.
func TestMeantSeldom(t *testing.T) {
	dir := sharedFolder(t)
	for _, set := range []string{"aqp-it", "stackfaq-en", "xquad-es"} {
		t.Run(set, func(t *testing.T) {
			j := readJudged(t, filepath.Join(dir, set))
			x := Open("", Options{})
			defer x.Close()
			if _, err := x.Sync(context.Background(), j.lib, j.text); err != nil {
				t.Fatal(err)
			}
			v, _, _, err := x.acquire()
			if err != nil {
				t.Fatal(err)
			}
			defer v.release()
			vocab := v.vocabulary(v.langs[j.lang], j.lang)
			ask := func(text string) string {
				return search(t, x, Query{Text: text, Lang: j.lang, OneLang: true}).Meant
			}
			an, mistype := analyzerFor(j.lang), mistakes(1)
			asked, offered, mistyped, mistaken, right, wrong := 0, 0, 0, 0, 0, 0
			for _, q := range j.queries {
				asked++
				if ask(q.Text) != "" {
					offered++
				}
				if ask(mistype(q.Text)) != "" {
					mistyped++ // what it makes is in no article, and nearly always corrected
				}
				for _, w := range an.tokens(q.Text) {
					if w.stem == "" {
						continue
					}
					for i, n := range vocab.near(w.form) {
						if i == 2 || n.distance > 1 {
							break
						}
						if an.stemOf(n.form) == w.stem {
							continue
						}
						mistaken++
						switch ask(q.Text[:w.start] + n.form + q.Text[w.end:]) {
						case "":
						case q.Text[:w.start] + w.form + q.Text[w.end:]:
							right++
						default:
							wrong++
						}
					}
				}
			}
			t.Logf("offered for %d of %d questions, %d with one mistake; for %d other words right %d, wrong %d",
				offered, asked, mistyped, mistaken, right, wrong)
			if 100*offered > asked || 100*mistyped > asked || right < 5*wrong {
				t.Error("too often")
			}
		})
	}
}
