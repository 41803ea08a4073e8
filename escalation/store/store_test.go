package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestOpenRefuses gives one clear line for each reason not to start.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	used := filepath.Join(dir, "used.db")
	storetest.Open(t, used, store.Options{})
	for _, test := range []struct{ name, url, want string }{
		{"scheme", "mysql://host/db", "mysql:// is neither"},
		{"read-only", "/proc/primalinea/test.db", "data folder"},
		{"file as folder", filepath.Join(write("file", ""), "test.db"), "not a directory"},
		{"no database", write("text.db", strings.Repeat("This is no database. ", 100)), "damaged or no SQLite database"},
		{"folder", dir, "is a directory"},
		{"second server", used, "is used by another primalinea"},
		{"no such server", "postgres:///x?host=" + dir + "&user=nobody", "failed to connect"},
		{"bad address", "postgres://host:port/x", "cannot parse"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := store.Open(t.Context(), test.url, store.Options{})
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if s := err.Error(); !strings.Contains(s, test.want) || strings.Contains(s, "\n") {
				t.Errorf("got %q, want one line with %q", s, test.want)
			}
		})
	}
}

// TestBeside opens the database for a command while a server has it.
func TestBeside(t *testing.T) {
	url := storetest.SQLite(t)
	storetest.Open(t, url, store.Options{Beside: true}) // no server yet: it makes the tables
	server := storetest.Open(t, url, store.Options{})
	command := storetest.Open(t, url, store.Options{Beside: true})
	if err := command.SetSetting(t.Context(), "a", 1); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := server.Setting(t.Context(), "a", &n); err != nil || n != 1 {
		t.Errorf("server reads %d, %v", n, err)
	}
}

// TestFolder makes the data folder, whatever it is called, for its owner alone.
func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "né w", "a?b#c%20d&e")
	db := storetest.Open(t, "", store.Options{Dir: dir})
	if err := db.SetSetting(t.Context(), "a", 1); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "primalinea.db": 0o600, "primalinea.db-wal": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

// TestAgain opens a database a second time, as replicas do.
func TestAgain(t *testing.T) {
	url := storetest.PostgreSQL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSecret(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		got := make([][]byte, 8)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = db.Secret(t.Context(), "links"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, b := range got {
			if len(b) != 32 || string(b) != string(got[0]) {
				t.Errorf("secrets differ: %x and %x", b, got[0])
			}
		}
		other, err := db.Secret(t.Context(), "arms")
		if err != nil || string(other) == string(got[0]) {
			t.Errorf("secrets are alike (%v)", err)
		}
	})
}

func TestSetting(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		type arm struct{ Share int }
		v := arm{10}
		if err := db.Setting(t.Context(), "arm", &v); err != nil || v.Share != 10 {
			t.Errorf("unset: %+v, %v", v, err)
		}
		for _, share := range []int{20, 30} {
			if err := db.SetSetting(t.Context(), "arm", arm{share}); err != nil {
				t.Fatal(err)
			}
			if err := db.Setting(t.Context(), "arm", &v); err != nil || v.Share != share {
				t.Errorf("got %+v, %v, want %d", v, err, share)
			}
		}
	})
}

// TestEditSetting lets one of two leads who change the same version win.
func TestEditSetting(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for _, test := range []struct {
			version int64
			value   string
			want    escalation.Kind
			holds   string // afterwards
			is      int64  // its version
		}{
			{1, "a", escalation.Conflict, "", 0}, // there is none yet
			{0, "a", -1, `"a"`, 1},
			{0, "b", escalation.Conflict, `"a"`, 1},
			{1, "b", -1, `"b"`, 2},
			{1, "c", escalation.Conflict, `"b"`, 2},
		} {
			err := db.EditSetting(t.Context(), "brand", test.version, test.value)
			if test.want < 0 && err != nil || test.want >= 0 && escalation.KindOf(err) != test.want {
				t.Errorf("version %d: %v, want kind %d", test.version, err, test.want)
			}
			rows, err := db.Settings(t.Context())
			if err != nil || string(rows["brand"].Value) != test.holds || rows["brand"].Version != test.is {
				t.Errorf("after version %d: %s at %d, %v", test.version, rows["brand"].Value, rows["brand"].Version, err)
			}
		}
	})
}

// TestNewer refuses a database that a newer version has made, and leaves it as
// it is.
func TestNewer(t *testing.T) {
	for name, url := range map[string]string{"sqlite": storetest.SQLite(t), "postgresql": ""} {
		t.Run(name, func(t *testing.T) {
			if url == "" {
				url = storetest.PostgreSQL(t)
			}
			db, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.SetSchema(t.Context(), 9999); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for _, beside := range []bool{false, true} {
				db, err := store.Open(t.Context(), url, store.Options{Beside: beside})
				if err == nil {
					db.Close()
					t.Fatal("opened")
				}
				if s := err.Error(); !strings.Contains(s, "newer version of primalinea (schema 9999") || strings.Contains(s, "\n") {
					t.Errorf("got %q", s)
				}
			}
		})
	}
}

// TestReconnect goes on when a PostgreSQL server drops every connection, as it
// does when it is restarted.
func TestReconnect(t *testing.T) {
	db := storetest.Open(t, storetest.PostgreSQL(t), store.Options{})
	var wg sync.WaitGroup
	for range 8 { // so that there are connections to drop
		wg.Go(func() { db.Ready(t.Context()) })
	}
	wg.Wait()
	if err := db.Disconnect(t.Context()); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range 30 {
		if err := db.Ready(t.Context()); err != nil {
			failed++
		}
		if err := db.SetSetting(t.Context(), "a", i); err != nil {
			failed++
		}
	}
	if failed > 1 {
		t.Errorf("%d of 60 failed", failed)
	}
}

// TestLocked lets another program hold the file: a write waits, and then says that
// it is late, which pages answer with "try again". Afterwards all is as before.
func TestLocked(t *testing.T) {
	path := storetest.SQLite(t)
	db := storetest.Open(t, path, store.Options{})
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetSetting(t.Context(), "x", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write beside a lock: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.SetSetting(t.Context(), "x", 1); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// TestUnwritable says what it is that nothing can be kept, and goes on by itself.
func TestUnwritable(t *testing.T) {
	for _, test := range []struct {
		name       string
		url        func(testing.TB) string
		hurt, mend func(*store.DB) error
		want       error
	}{
		{"full", storetest.SQLite,
			func(db *store.DB) error { return db.Pragma("max_page_count = 1") }, // no more than there are
			func(db *store.DB) error { return db.Pragma("max_page_count = 1000000") }, escalation.ErrFull},
		{"read-only", storetest.SQLite,
			func(db *store.DB) error { return db.Pragma("query_only = on") },
			func(db *store.DB) error { return db.Pragma("query_only = off") }, escalation.ErrReadOnly},
		{"read-only postgresql", storetest.PostgreSQL,
			func(db *store.DB) error { return db.ReadOnly(t.Context(), true) },
			func(db *store.DB) error { return db.ReadOnly(t.Context(), false) }, escalation.ErrReadOnly},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			db := storetest.Open(t, test.url(t), store.Options{})
			kept, _, err := db.Open(ctx, escalation.NewID(), newTicket)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Probe(ctx); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := test.hurt(db); err != nil {
				t.Fatal(err)
			}
			acknowledged := 1
			for err = error(nil); err == nil && acknowledged < 1000; {
				if _, _, err = db.Open(ctx, escalation.NewID(), newTicket); err == nil {
					acknowledged++ // there was room in what the file has already
				}
			}
			if escalation.Unwritable(err) != test.want {
				t.Errorf("a ticket: %v, want %v", err, test.want)
			}
			if err := db.Probe(ctx); escalation.Unwritable(err) != test.want {
				t.Errorf("probe: %v, want %v", err, test.want)
			}
			if _, err := db.Ticket(ctx, kept.Number); err != nil {
				t.Errorf("reading: %v", err)
			}
			if err := test.mend(db); err != nil {
				t.Fatal(err)
			}
			if err := db.Probe(ctx); err != nil {
				t.Errorf("after: %v", err)
			}
			if _, _, err := db.Open(ctx, escalation.NewID(), newTicket); err != nil {
				t.Errorf("a ticket after: %v", err)
			}
			if n, err := db.Number(ctx, `SELECT count(*) FROM setting`); err != nil || n != 0 {
				t.Errorf("the probe left %d rows (%v)", n, err)
			}
			if n, err := db.Number(ctx, `SELECT count(*) FROM ticket`); err != nil || n != acknowledged+1 {
				t.Errorf("%d tickets (%v), %d acknowledged", n, err, acknowledged+1)
			}
		})
	}
}
