package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"primalinea/content"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/search"
)

// maxReplayed is how many different searches are made again at most.
const maxReplayed = 10_000

// comparable refuses what cannot be compared with the folder that the site serves.
func (k checkCmd) comparable(live string) error {
	if k.Dir == "" {
		return errors.New("--replay compares a working copy with what the site serves: name the folder of the working copy")
	}
	served, err := os.Stat(live)
	if err != nil {
		return fmt.Errorf("the folder that the site serves: %w", err)
	}
	if copied, err := os.Stat(k.Dir); err == nil && os.SameFile(served, copied) {
		return fmt.Errorf("--replay compares a working copy with what the site serves, and that is %s itself", k.Dir)
	}
	return nil
}

// replay makes the searches of visitors again, before and after the working copy
// takes the place of what the site serves. It counts those that find nothing any
// more. What fewer people searched than a report names is not made again: what is
// printed here is kept by whoever runs it, such as a server that tests changes.
func (k checkCmd) replay(ctx context.Context, live string, after *search.Index, out io.Writer) (lost int, err error) {
	var asked []search.Asked
	var learned []search.Learned
	left := 0
	if err := k.with(func(ctx context.Context, db *store.DB) error {
		now := time.Now()
		most, more, err := db.MostSearched(ctx, journey.LastDays(journey.ReplayDays, "", now), search.Alike, now, maxReplayed)
		for _, s := range most {
			asked = append(asked, search.Asked{Text: s.Query, Lang: s.Lang, Times: s.Times})
		}
		left = more
		if err == nil {
			learned, err = learnedWords(ctx, db)
		}
		return err
	}); err != nil {
		return 0, err
	}
	if len(asked) == 0 {
		fmt.Fprintf(out, "replay: no search of %d people or more in the last %d days\n", journey.AskedBy, journey.ReplayDays)
		return 0, nil
	}
	folder, err := content.Open(live, content.Options{})
	if err != nil {
		return 0, err
	}
	before, err := indexed(ctx, folder)
	if err != nil {
		return 0, err
	}
	defer before.Close()
	before.Learn(learned)
	after.Learn(learned)
	r, err := search.Compare(ctx, asked, content.Public, before.Search, after.Search)
	if err != nil {
		return 0, err
	}
	for _, s := range r.First {
		fmt.Fprintf(out, "replay: %q (%s, %d×): %s → %s\n", s.Text, s.Lang, s.Times, first(s.Before), first(s.After))
	}
	fmt.Fprintf(out, "replay: %d different searches of the last %d days: %d would find another article first, %d others among the first %d, %d the same",
		len(asked), journey.ReplayDays, len(r.First), len(r.Others), search.ExpectWithin, r.Same)
	if left > 0 {
		fmt.Fprintf(out, "; %d that were made less often were left out", left)
	}
	_, err = fmt.Fprintln(out)
	return r.Lost, err
}

// first names what a search finds first.
func first(hits []search.Hit) string {
	if len(hits) == 0 {
		return "nothing"
	}
	return named(hits[0].Article)
}

// named is an article's file and title.
func named(a *content.Article) string { return fmt.Sprintf("%s (%s)", a.File, a.Title) }
