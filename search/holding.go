package search

import (
	"context"

	index "github.com/blevesearch/bleve_index_api"

	"primalinea/content"
)

// Holding counts the articles of a language that hold all words of a wording, of
// those that a reader may see. Without words to look for there are none.
func (x *Index) Holding(ctx context.Context, lang, wording string, reader content.Audience) (n int, err error) {
	stems := x.Terms(lang, wording)
	v, _, now, err := x.acquire()
	if err != nil {
		return 0, err
	}
	defer v.release()
	if err := x.wait(ctx); err != nil {
		return 0, err
	}
	defer x.done()
	err = x.guard(func() error {
		had := map[uint64]int{} // how many of the words so far
		for i, stem := range stems {
			n = 0
			r, err := v.snap.TermFieldReader(ctx, []byte(stem), "stems_"+lang, false, false, false)
			if err != nil {
				return err
			}
			var pre index.TermFieldDoc
			for {
				d, err := r.Next(&pre)
				if err != nil {
					r.Close()
					return err
				}
				if d == nil {
					break
				}
				at := d.ID.Value()
				if had[at] == i && v.sees(at, reader, now) {
					had[at] = i + 1
					n++
				}
			}
			r.Close()
		}
		return nil
	})
	return n, err
}
