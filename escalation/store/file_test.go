package store_test

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestFile stages files, attaches some, and forgets the rest after a day.
func TestFile(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		open(t, db, "ABCD1234", start)
		stage := func(id, hash string, at time.Time) evidence.Record {
			t.Helper()
			r := evidence.Record{ID: id, Hash: hash, Name: "foto.png", Type: "image/png", Size: 7, Created: at}
			if err := db.StageFile(ctx, r); err != nil {
				t.Fatal(err)
			}
			return r
		}
		attach := func(key string, ids ...string) (escalation.Entry, error) {
			e := escalation.Entry{By: asker, Kind: escalation.Public, Text: "see", Key: key}
			for _, id := range ids {
				e.Files = append(e.Files, escalation.File{ID: id, Name: "foto.png", Type: "image/png", Size: 7})
			}
			ticket, err := db.Change(ctx, "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
				return adding(t, old, start, e), nil
			})
			if err != nil {
				return e, err
			}
			return ticket.Entries[len(ticket.Entries)-1], nil
		}
		want := stage("f1", "h1", start)
		stage("f2", "h2", start)
		stage("f3", "h1", start)
		stage("f4", "h3", start.Add(time.Hour))
		if got, err := db.File(ctx, "f1"); err != nil || got != want {
			t.Errorf("staged %+v, %v", got, err)
		}
		e, err := attach("a", "f1")
		if err != nil {
			t.Fatal(err)
		}
		want.Ticket, want.Entry = "idABCD1234", e.ID
		if got, err := db.File(ctx, "f1"); err != nil || got != want {
			t.Errorf("attached %+v, %v, want %+v", got, err, want)
		}
		if _, err := attach("a", "f1"); err != nil {
			t.Errorf("the same form again: %v", err)
		}
		for _, id := range []string{"f1", "none"} {
			if _, err := attach("b"+id, id); escalation.KindOf(err) != escalation.Invalid {
				t.Errorf("attach %s: %v", id, err)
			}
		}
		if err := db.SweepFiles(ctx, start.Add(time.Minute)); err != nil {
			t.Error(err)
		}
		for hash, want := range map[string]bool{"h1": true, "h2": false, "none": false} {
			if got, err := db.KnowsFile(ctx, hash); err != nil || got != want {
				t.Errorf("bytes %s are known: %t, %v", hash, got, err)
			}
		}
		for id, there := range map[string]bool{"f1": true, "f2": false, "f3": false, "f4": true} {
			if _, err := db.File(ctx, id); (err == nil) != there || err != nil && escalation.KindOf(err) != escalation.NotFound {
				t.Errorf("after the sweep %s: %v", id, err)
			}
		}
	})
}
