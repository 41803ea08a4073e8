package write

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"primalinea/content"
	"primalinea/search"
)

// slow takes a while for each search, unless it is told to stop.
type slow struct {
	Finder
	Articles
	fails error
}

func (s slow) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return s.fails
	}
}

func (s slow) Search(ctx context.Context, q search.Query) (search.Result, error) {
	return search.Result{}, s.wait(ctx)
}

func (s slow) Holding(ctx context.Context, lang, wording string, reader content.Audience) (int, error) {
	return 7, s.wait(ctx)
}

func (s slow) Library() *content.Library { return content.NewLibrary(nil, nil) }

// TestWeighingEnds shows a long list without what its last rows are worth, instead of
// making the writer and all other searches wait.
func TestWeighingEnds(t *testing.T) {
	fault := errors.New("fault")
	for _, list := range []*wordList{synonymList, pinList} {
		for _, test := range []struct {
			rows, told int
			fails      error
			took       time.Duration
			want       error
		}{
			{rows: 3, told: 3, took: 900 * time.Millisecond},
			{rows: 1000, told: 6, took: weighing},
			{rows: 3, fails: search.ErrNotReady, took: 300 * time.Millisecond},
			{rows: 3, fails: fault, took: 300 * time.Millisecond, want: fault},
		} {
			t.Run(fmt.Sprint(list.name, test.rows, test.fails), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := slow{fails: test.fails}
					r := &Room{Search: s, Articles: s}
					p := &wordsPage{list: list, In: "it", Rows: make([]wordRow, test.rows)}
					for i := range p.Rows {
						p.Rows[i].Wordings = "telefono"
					}
					begin := time.Now()
					err := r.weigh(t.Context(), p)
					told := 0
					for _, row := range p.Rows {
						told += len(row.Held) + len(row.Answered)
					}
					if err != test.want || told != test.told || time.Since(begin) != test.took {
						t.Errorf("%d rows are told after %v, %v; want %d after %v, %v", told, time.Since(begin), err, test.told, test.took, test.want)
					}
				})
			})
		}
	}
}
