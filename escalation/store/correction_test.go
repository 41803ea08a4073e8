package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func TestCorrections(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		say := func(id, article string, at time.Time) escalation.Correction {
			t.Helper()
			c, err := escalation.NewCorrection(escalation.Correction{
				ID: id, Article: article, Lang: "it", Revision: "0123456789abcdef", Text: "Sono 15 giorni, non 14.\nPer chi legge: è vecchio.", Email: "anna@example.com",
			}, at)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.AddCorrection(ctx, c); err != nil {
				t.Fatal(err)
			}
			return c
		}
		open := func(article string, want ...escalation.Correction) {
			t.Helper()
			got, err := db.OpenCorrections(ctx, article, 10)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("open of %q: %v (-want +got)\n%s", article, err, d)
			}
		}
		b, a := say("b", "returns/days", start.Add(time.Minute)), say("a", "device/battery", start)
		say("b", "returns/days", start.Add(time.Hour)) // the same form again
		open("", a, b)
		open("returns/days", b)
		open("returns")
		if n, err := db.CountCorrections(ctx); n != 2 || err != nil {
			t.Errorf("%d wait: %v", n, err)
		}

		// Two writers decide at once.
		var won atomic.Int32
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				err := db.DecideCorrection(ctx, "b", func(c escalation.Correction) (escalation.Correction, error) {
					return c.Decide(escalation.CorrectionDone, escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}, start)
				})
				switch {
				case err == nil:
					won.Add(1)
				case escalation.KindOf(err) != escalation.Conflict:
					t.Errorf("decide: %v", err)
				}
			})
		}
		both.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of two decided", won.Load())
		}
		open("", a)
		no := errors.New("no")
		if err := db.DecideCorrection(ctx, "a", func(c escalation.Correction) (escalation.Correction, error) { return c, no }); !errors.Is(err, no) {
			t.Errorf("a refusal becomes %v", err)
		}
		if err := db.DecideCorrection(ctx, "c", nil); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("what is not there: %v", err)
		}

		if err := db.SweepCorrections(ctx, start); err != nil {
			t.Fatal(err)
		}
		open("", a)
		if err := db.SweepCorrections(ctx, start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		open("")
	})
}
