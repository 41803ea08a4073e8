package store_test

import (
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var boss = staff.Person{ID: "lea", Name: "Lea", Roles: []staff.Role{staff.Lead}}

// TestMerge keeps both sides of a merge or none: each is what its entries add up to, the
// merged one is in no queue, and is back where it was when it is undone.
func TestMerge(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		a, b := open(t, db, "AAAA1111", start), open(t, db, "BBBB2222", start.Add(time.Minute))
		also := func(of string, want ...string) {
			t.Helper()
			lines, err := db.AlsoOf(ctx, "ADA@example.com", "id"+of, 5)
			if err != nil || len(lines) != len(want) || len(want) > 0 && lines[0].Number != want[0] {
				t.Errorf("besides %s: %+v, %v, want %q", of, lines, err, want)
			}
		}
		queued := func(want int) {
			t.Helper()
			if n, err := db.Count(ctx, escalation.Queue{Teams: []string{escalation.Triage}}, 10); err != nil || n != want {
				t.Errorf("%d in the queue, %v, want %d", n, err, want)
			}
		}
		also(a.Number, b.Number)
		queued(2)
		merge := func(numbers ...string) ([]escalation.Ticket, error) {
			return db.Relate(ctx, numbers, func(list []escalation.Ticket) ([]escalation.Change, error) {
				return list[0].Merge(&list[1], boss, escalation.NewID, start.Add(time.Hour))
			})
		}
		left, err := merge(a.Number, b.Number)
		if err != nil || len(left) != 2 {
			t.Fatal(left, err)
		}
		for _, want := range left {
			got, err := db.Ticket(ctx, want.Number)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "after the merge", got, want)
		}
		also(b.Number)
		queued(1)
		if n, err := db.Count(ctx, escalation.Queue{Doubt: escalation.Suspected}, 10); err != nil || n != 0 {
			t.Errorf("%d are in doubt, %v", n, err)
		}
		if _, err := merge(b.Number, a.Number); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("in a ring: %v", err)
		}
		if _, err := merge(a.Number, "CCCC3333"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("into nothing: %v", err)
		}
		// Its words go when those of what is settled go.
		if ids, err := db.Expired(ctx, start.Add(24*time.Hour), 10); err != nil || len(ids) != 1 || ids[0] != a.ID {
			t.Errorf("expired are %q, %v", ids, err)
		}
		left, err = db.Relate(ctx, []string{a.Number, b.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Unmerge(&list[1], boss, escalation.NewID, start.Add(2*time.Hour))
		})
		if err != nil || left[0].Into != nil || len(left[1].Joined) > 0 {
			t.Fatal(left, err)
		}
		queued(2)
	})
}

// TestMergeAtOnce merges two tickets into each other at the same moment, again and again:
// one is merged, the other is told why not.
func TestMergeAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for i := range 10 {
			a, b := "AAAA111"+string(rune('0'+i)), "BBBB222"+string(rune('0'+i))
			open(t, db, a, start)
			open(t, db, b, start)
			var all sync.WaitGroup
			errs := make([]error, 2)
			for j, numbers := range [][]string{{a, b}, {b, a}} {
				all.Go(func() {
					_, errs[j] = db.Relate(t.Context(), numbers, func(list []escalation.Ticket) ([]escalation.Change, error) {
						return list[0].Merge(&list[1], boss, escalation.NewID, start)
					})
				})
			}
			all.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("both or none: %v, %v", errs[0], errs[1])
			}
		}
	})
}

// TestSplit keeps both sides of a split: the new ticket is in its queue, its files are
// opened by who may read it, and both are as they were when it is undone. Of two who split
// at once, one is told that the words are gone.
func TestSplit(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		a := open(t, db, "AAAA1111", start)
		if err := db.StageFile(ctx, evidence.Record{ID: "f1", Hash: "h1", Name: "a.pdf", Type: "application/pdf", Size: 1, Created: start}); err != nil {
			t.Fatal(err)
		}
		a, err := db.Change(ctx, a.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "And the tablet.", Files: []escalation.File{{ID: "f1", Name: "a.pdf", Type: "application/pdf", Size: 1}}}}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, start)
		})
		if err != nil {
			t.Fatal(err)
		}
		said := a.Entries[len(a.Entries)-1].ID
		at := start.Add(time.Hour)
		split := func() ([]escalation.Ticket, error) {
			return db.Relate(ctx, []string{a.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
				return list[0].Split(escalation.SplitCommand{Entries: []string{said}, Number: escalation.NewNumber(), Subject: "The tablet", Here: true}, boss, escalation.NewID, at)
			})
		}
		var all sync.WaitGroup
		errs, left := make([]error, 2), make([][]escalation.Ticket, 2)
		for i := range 2 {
			all.Go(func() { left[i], errs[i] = split() })
		}
		all.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		if errs[won] != nil || escalation.KindOf(errs[1-won]) != escalation.Conflict {
			t.Fatalf("both or none: %v, %v", errs[0], errs[1])
		}
		for _, want := range left[won] {
			kept(t, db, "split", want)
		}
		made := left[won][1]
		file := func(want string) {
			t.Helper()
			if f, err := db.File(ctx, "f1"); err != nil || f.Ticket != want {
				t.Errorf("the file hangs on %q, %v", f.Ticket, err)
			}
		}
		file(made.ID)
		if n, err := db.Count(ctx, escalation.Queue{Teams: []string{escalation.Triage}}, 10); err != nil || n != 2 {
			t.Errorf("%d in the queue, %v", n, err)
		}
		left[0], err = db.Relate(ctx, []string{a.Number, made.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Uncarry(list[0].Carried[0].ID, &list[1], boss, escalation.NewID, at.Add(time.Minute))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range left[0] {
			kept(t, db, "undone", want)
		}
		file(a.ID)
		letters, err := db.LettersOf(ctx, made.ID)
		if err != nil || len(letters) != 1 || letters[0].Kind != escalation.SplitLetter || letters[0].State != escalation.LetterReplaced {
			t.Errorf("letters %+v, %v", letters, err)
		}
	})
}
