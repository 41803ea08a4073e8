package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"primalinea/content"
	"primalinea/escalation/demand"
	"primalinea/escalation/store"
	"primalinea/portal/write"
	"primalinea/search"
)

// openFolder opens the folder of articles, and keeps in the database what their
// files cannot say: what they were before.
func (h *house) openFolder(ctx context.Context, s *serveCmd, now func() time.Time) error {
	known, err := h.db.Revisions(ctx)
	if err != nil {
		return err
	}
	o := content.Options{Catalog: filepath.Join(s.Data, "catalog"), Log: h.log, Now: now}
	for _, r := range known {
		o.Revisions = append(o.Revisions, content.Revision{Key: r.Article, Lang: r.Lang, Hash: r.Hash, Change: r.Change, At: r.At})
	}
	o.Keep = func(fresh []content.Revision) error {
		rows := make([]store.Revision, len(fresh))
		for i, r := range fresh {
			rows[i] = store.Revision{Article: r.Key, Lang: r.Lang, Hash: r.Hash, Change: r.Change, At: r.At}
		}
		return h.db.KeepRevisions(context.WithoutCancel(ctx), rows)
	}
	h.folder, err = content.Open(s.articles(), o)
	return err
}

// liveArticle returns the hash of the article that readers can read at a time.
func (h *house) liveArticle(key, lang string, at time.Time) (hash string, ok bool) {
	a := h.folder.Library().ByKey(key, lang)
	if a == nil || !a.Live(at) {
		return "", false
	}
	return a.Hash, true
}

// expect adds searches to those that must find an article, where a writer sees them. A
// folder that cannot be written stays as it is.
func (h *house) expect(_ context.Context, key, lang string, searches []string) error {
	a := h.folder.Library().ByKey(key, lang)
	if a == nil || !h.folder.Writable() || !content.Savable(a.File) {
		return nil
	}
	src, err := h.folder.Source(a)
	if err != nil {
		return err
	}
	with, err := write.Expect(a, src, searches)
	if err == nil && !bytes.Equal(with, src) {
		_, err = h.folder.Save(a.File, with, content.Hash(src))
	}
	return err
}

// rank says at which place a search finds an article; 0 when it does not, or while
// there is no index.
func (h *house) rank(ctx context.Context, a *content.Article, text string) (int, error) {
	t, err := h.index.Try(ctx, a, text)
	if errors.Is(err, search.ErrNotReady) {
		err = nil
	}
	return t.Rank, err
}

// nearest returns the articles that may already say what somebody asks.
func (h *house) nearest(ctx context.Context, lang, text string, n int) ([]demand.Near, error) {
	hits, err := h.index.About(ctx, lang, text, n, content.Agents)
	if errors.Is(err, search.ErrNotReady) {
		return nil, nil // a line is shown all the same
	}
	if err != nil {
		return nil, err
	}
	near := make([]demand.Near, len(hits))
	for i, hit := range hits {
		near[i] = demand.Near{Key: hit.Article.Key, Lang: hit.Article.Lang, Title: hit.Article.Title, Score: hit.Score, Held: hit.Held}
	}
	return near, nil
}

// article returns the article with a key, in the first of these languages that
// has it, else in any; nil when there is none.
func (h *house) article(key string, langs ...string) *content.Article {
	return h.folder.Library().BestFor(key, langs...)
}

type checkCmd struct {
	place   `embed:""`
	Content string `help:"Folder of the articles that the site serves, instead of the one in the data folder." placeholder:"DIR"`
	Dir     string `arg:"" optional:"" help:"Folder of the articles; without it, the one that the site serves."`
	Replay  bool   `help:"Make last month's searches again, in that folder and in the one that the site serves; print what would be found first instead."`
}

// Run prints what a writer should mend, a line each, and the searches that do not
// find the article they should. Grave problems, expected searches that miss, and
// searches of visitors that find nothing any more make the exit code 1.
func (k checkCmd) Run(out io.Writer) error {
	ctx := context.Background()
	live := k.articlesIn(k.Content)
	if k.Replay {
		if err := k.comparable(live); err != nil {
			return usageError{err}
		}
	} else if k.Dir == "" {
		k.Dir = live
	}
	folder, err := content.Open(k.Dir, content.Options{})
	if err != nil {
		return usageError{err}
	}
	problems, err := folder.Check(ctx)
	if err != nil {
		return err
	}
	problems = append(problems, search.Problems(folder.Library())...)
	grave := 0
	for _, p := range problems {
		if p.Grave {
			grave++
		}
		fmt.Fprintln(out, p)
	}
	index, err := indexed(ctx, folder)
	if err != nil {
		return err
	}
	defer index.Close()
	missed, asked, unfit, err := expected(ctx, index, folder.Library(), out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d articles, %d problems, %d of %d expected searches find their article in the first %d\n",
		len(folder.Library().All()), len(problems)+unfit, asked-missed, asked, search.ExpectWithin)
	var wrong []string
	if grave > 0 || missed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d grave problems, %d expected searches that miss", grave, missed))
	}
	if k.Replay {
		lost, err := k.replay(ctx, live, index, out)
		if err != nil {
			return err
		}
		if lost > 0 {
			wrong = append(wrong, fmt.Sprintf("%d searches of visitors that find nothing any more", lost))
		}
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, ", "))
	}
	return nil
}

// indexed makes an index of a folder's articles, in memory.
func indexed(ctx context.Context, folder *content.Folder) (*search.Index, error) {
	index := search.Open("", search.Options{})
	if _, err := index.Sync(ctx, folder.Library(), folder.Text); err != nil {
		index.Close()
		return nil, err
	}
	return index, nil
}

// expected tries the searches that articles are to be found by. It counts those
// they expect and how many of them miss, and the phrases for which another article
// stands first.
func expected(ctx context.Context, index *search.Index, lib *content.Library, out io.Writer) (missed, asked, unfit int, err error) {
	for _, a := range lib.All() {
		if !a.Live(time.Now()) || a.Unlisted {
			continue
		}
		for _, text := range a.Expect {
			asked++
			t, err := index.Try(ctx, a, text)
			if err != nil {
				return 0, 0, 0, err
			}
			if t.Rank == 0 || t.Rank > search.ExpectWithin {
				missed++
				fmt.Fprintf(out, "%s: expected search %q: %s\n", a.File, text, placed(t))
			}
		}
		for _, text := range a.Phrases {
			t, err := index.Try(ctx, a, text)
			if err != nil {
				return 0, 0, 0, err
			}
			if len(t.Above) > 0 {
				unfit++
				fmt.Fprintf(out, "%s: phrase %q: %s\n", a.File, text, placed(t))
			}
		}
	}
	return missed, asked, unfit, nil
}

// placed says at which place an article was found, and what stands above it.
func placed(t search.Trial) string {
	place := fmt.Sprintf("it is number %d", t.Rank)
	if t.Rank == 0 {
		place = "it is not found"
	}
	if len(t.Above) == 0 {
		return place + ", and nothing else is"
	}
	above := make([]string, len(t.Above))
	for i, h := range t.Above {
		above[i] = named(h.Article)
	}
	return place + "; above it: " + strings.Join(above, ", ")
}

type importCmd struct {
	From string `required:"" enum:"jsonl,csv" help:"Format of the file: jsonl or csv."`
	File string `arg:"" help:"The export; - reads standard input."`
	To   string `required:"" help:"Folder that the articles are written to." placeholder:"DIR"`
	Lang string `required:"" help:"Language of what does not name its own." placeholder:"it"`
}

// Run writes one article for each record.
func (k importCmd) Run(out io.Writer) error {
	in := io.Reader(os.Stdin)
	if k.File != "-" {
		f, err := os.Open(k.File)
		if err != nil {
			return usageError{err}
		}
		defer f.Close()
		in = f
	}
	report, err := content.Import(context.Background(), in, k.From, k.To, k.Lang)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		// The line is that of the record; the file is what would have been made of it.
		said := p.English
		if p.File != "" {
			said = p.File + ": " + said
		}
		fmt.Fprintf(out, "%s:%d: %s\n", k.File, p.Line, said)
	}
	fmt.Fprintf(out, "%d articles written to %s, %d already there, %d left out\n", report.Written, k.To, report.Unchanged, len(report.Problems))
	return nil
}
