package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"primalinea/content"
	"primalinea/escalation/store"
	"primalinea/search"
)

// expectWithin is the place by which an expected search must find its article.
const expectWithin = 3

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

type checkCmd struct {
	Dir string `arg:"" default:"./data/articles" help:"Folder of the articles."`
}

// Run prints what a writer should mend, a line each, and the expected searches
// that do not find their article. Grave problems make the exit code 1.
func (k checkCmd) Run(out io.Writer) error {
	ctx := context.Background()
	folder, err := content.Open(k.Dir, content.Options{})
	if err != nil {
		return usageError{err}
	}
	problems, err := folder.Check(ctx)
	if err != nil {
		return err
	}
	grave := 0
	for _, p := range problems {
		if p.Grave {
			grave++
		}
		fmt.Fprintln(out, p)
	}
	missed, asked, err := expected(ctx, folder, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d articles, %d problems, %d of %d expected searches find their article in the first %d\n",
		len(folder.Library().All()), len(problems), asked-missed, asked, expectWithin)
	if grave > 0 || missed > 0 {
		return fmt.Errorf("%d grave problems, %d expected searches that miss", grave, missed)
	}
	return nil
}

// expected asks the searches that articles expect to be found by, as the widest
// circle of their readers does: what is for staff takes no customer's place.
func expected(ctx context.Context, folder *content.Folder, out io.Writer) (missed, asked int, err error) {
	index := search.Open("", search.Options{})
	defer index.Close()
	lib := folder.Library()
	if _, err := index.Sync(ctx, lib, folder.Text); err != nil {
		return 0, 0, err
	}
	for _, a := range lib.All() {
		if !a.Live(time.Now()) || a.Unlisted {
			continue
		}
		for _, text := range a.Expect {
			asked++
			result, err := index.Search(ctx, search.Query{Text: text, Lang: a.Lang, Reader: a.Audience, Limit: 10, OneLang: true})
			if err != nil {
				return 0, 0, err
			}
			rank := 0
			for i, h := range result.Hits {
				if h.Article == a {
					rank = i + 1
				}
			}
			if rank > 0 && rank <= expectWithin {
				continue
			}
			missed++
			first := "nothing"
			if len(result.Hits) > 0 {
				first = result.Hits[0].Article.File
			}
			place := "is not in the first 10"
			if rank > 0 {
				place = fmt.Sprintf("is number %d", rank)
			}
			fmt.Fprintf(out, "%s: expected search %q: it %s; the first is %s\n", a.File, text, place, first)
		}
	}
	return missed, asked, nil
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
