package store_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestUpload knows uploads by their browser and their file, stages what they became,
// and forgets the rest after a day.
func TestUpload(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		begin := func(id, browser, sender, print string, size int64, at time.Time) evidence.Upload {
			t.Helper()
			u := evidence.Upload{ID: id, Browser: browser, Sender: sender, Name: "film.mp4", Size: size, Print: print, Created: at}
			if err := db.BeginUpload(ctx, u, func(evidence.Usage) error { return nil }); err != nil {
				t.Fatal(err)
			}
			return u
		}
		one := begin("u1", "b1", "s1", "p", 100, start)
		begin("u2", "b2", "s1", "p", 100, start)
		begin("u3", "b1", "", "q", 1000, start.Add(time.Hour))
		if got, err := db.Upload(ctx, "u1"); err != nil || got != one {
			t.Errorf("got %+v, %v", got, err)
		}
		for _, test := range []struct {
			browser, print string
			size           int64
			want           string
		}{{"b1", "p", 100, "u1"}, {"b2", "p", 100, "u2"}, {"b3", "p", 100, ""}, {"b1", "p", 101, ""}, {"b1", "r", 100, ""}} {
			got, err := db.UploadLike(ctx, evidence.Upload{Browser: test.browser, Print: test.print, Size: test.size, Created: start.Add(evidence.UploadAge)})
			if got.ID != test.want || (err == nil) != (test.want != "") || err != nil && escalation.KindOf(err) != escalation.NotFound {
				t.Errorf("like %+v: %q, %v", test, got.ID, err)
			}
		}
		late := one
		late.Created = start.Add(evidence.UploadAge + time.Millisecond)
		if _, err := db.UploadLike(ctx, late); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("one that is too old goes on: %v", err)
		}
		usage := func(sender string, want evidence.Usage) {
			t.Helper()
			if got, err := db.Usage(ctx, sender); err != nil || got != want {
				t.Errorf("of %q are here %+v, %v, want %+v", sender, got, err, want)
			}
		}
		usage("s1", evidence.Usage{Sender: 200, Uploads: 2, Staged: 1200, All: 1200})
		usage("s2", evidence.Usage{Staged: 1200, All: 1200})

		rec := evidence.Record{ID: "f1", Hash: "h1", Name: "film.mp4", Type: "video/mp4", Size: 90, Created: start, Sender: "s1"}
		if err := db.FinishUpload(ctx, "u1", rec); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Upload(ctx, "u1"); err != nil || got.File != "f1" {
			t.Errorf("finished %+v, %v", got, err)
		}
		if got, err := db.File(ctx, "f1"); err != nil || got.Hash != "h1" || got.Ticket != "" {
			t.Errorf("staged %+v, %v", got, err)
		}
		if _, err := db.UploadLike(ctx, one); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("one that is finished goes on: %v", err)
		}
		usage("s1", evidence.Usage{Sender: 190, Uploads: 1, Staged: 1190, All: 1190})

		if ids, err := db.SweepUploads(ctx, start.Add(time.Minute)); err != nil || len(ids) != 1 || ids[0] != "u2" {
			t.Errorf("abandoned are %q, %v", ids, err)
		}
		for id, there := range map[string]bool{"u1": false, "u2": false, "u3": true} {
			if _, err := db.Upload(ctx, id); (err == nil) != there {
				t.Errorf("after the sweep %s: %v", id, err)
			}
		}
		if err := db.DropUpload(ctx, "u3"); err != nil {
			t.Error(err)
		}
		usage("s1", evidence.Usage{Sender: 90, Staged: 90, All: 90})

		// What is attached is nobody's load, and counts all the same.
		open(t, db, "ABCD1234", start)
		if _, err := db.Change(ctx, "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
			return adding(t, old, start, escalation.Entry{By: asker, Kind: escalation.Public, Text: "see", Key: "a", Files: []escalation.File{rec.File()}}), nil
		}); err != nil {
			t.Fatal(err)
		}
		usage("s1", evidence.Usage{All: 90})
	})
}

// TestUploadsAtOnce: of many that begin at the same moment no more are taken in than
// there is room for.
func TestUploadsAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		const room = evidence.Quota(350)
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				u := evidence.Upload{ID: "u" + strconv.Itoa(i), Name: "film.mp4", Size: 100, Created: start}
				err := db.BeginUpload(t.Context(), u, func(used evidence.Usage) error { return room.Admit(used, "", u.Size) })
				if err != nil && escalation.KindOf(err) != escalation.TooMany {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got, err := db.Usage(t.Context(), ""); err != nil || got.All != 300 {
			t.Errorf("here are %+v, %v, want 300 bytes", got, err)
		}
	})
}
