package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestBind(t *testing.T) {
	for _, test := range []struct{ pg, sqlite string }{
		{"SELECT 1", "SELECT 1"},
		{"a = $1 AND b = $12", "a = ?1 AND b = ?12"},
		{"a = $2 OR b = $1 OR c = $2", "a = ?2 OR b = ?1 OR c = ?2"},
		{"a = '$1' AND b = $1", "a = '$1' AND b = ?1"},
		{`"$1" = 'it''s $2' AND c = $3`, `"$1" = 'it''s $2' AND c = ?3`},
		{"a = '$' || $1", "a = '$' || ?1"},
		{"$x $", "$x $"},
	} {
		if got := bind(test.pg); got != test.sqlite {
			t.Errorf("bind(%q) = %q, want %q", test.pg, got, test.sqlite)
		}
	}
}

// FuzzBind changes nothing but dollar signs, and none within quotes.
func FuzzBind(f *testing.F) {
	f.Add("a = $1 AND b = '$2'")
	f.Fuzz(func(t *testing.T, query string) {
		got := bind(query)
		if len(got) != len(query) {
			t.Fatalf("bind(%q) = %q", query, got)
		}
		for i := range got {
			if got[i] != query[i] && (query[i] != '$' || got[i] != '?') {
				t.Errorf("bind(%q) = %q", query, got)
			}
		}
		if bind(got) != got {
			t.Errorf("bind(%q) is not bound", query)
		}
	})
}

func openFile(t testing.TB) *DB {
	t.Helper()
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestNumbers sends numbers that repeat and are out of order to SQLite.
func TestNumbers(t *testing.T) {
	db := openFile(t)
	var a, b, c string
	if err := db.reader(t.Context()).row("SELECT $2, $1, $2", "one", "two").Scan(&a, &b, &c); err != nil {
		t.Fatal(err)
	}
	if a != "two" || b != "one" || c != "two" {
		t.Errorf("got %s %s %s", a, b, c)
	}
}

// TestPragmas asks each connection, for a pragma holds for one alone.
func TestPragmas(t *testing.T) {
	db := openFile(t)
	check := func(name string, scan func(pragma string) (string, error)) {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1", "wal_autocheckpoint": "4000",
		} {
			if got, err := scan(pragma); got != want || err != nil {
				t.Errorf("%s: %s = %q (%v), want %q", name, pragma, got, err, want)
			}
		}
	}
	var held []func() error
	for range readers {
		c, err := db.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c.Close)
		check("reader", func(pragma string) (s string, err error) {
			err = c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&s)
			return s, err
		})
		if _, err := c.ExecContext(t.Context(), "DELETE FROM setting"); err == nil {
			t.Error("a reader may write")
		}
	}
	for _, release := range held {
		release()
	}
	check("writer", func(pragma string) (s string, err error) {
		err = db.write.QueryRow("PRAGMA " + pragma).Scan(&s)
		return s, err
	})
}

// TestGroup lets one write of a group fail, panic and give up, without harm to
// the others.
func TestGroup(t *testing.T) {
	db := openFile(t)
	wrong := errors.New("wrong")
	insert := func(tx conn, name string) error {
		_, err := tx.exec("INSERT INTO setting (name, value) VALUES ($1, 'x')", name)
		return err
	}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			name := string(rune('a' + i%4))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			defer func() {
				if v := recover(); v != nil && v != "panic" {
					t.Errorf("panic %v", v)
				}
			}()
			err := db.change(ctx, func(tx conn) error {
				if err := insert(tx, name+string(rune('0'+i))); err != nil {
					return err
				}
				switch name {
				case "b":
					return wrong
				case "c":
					panic("panic")
				case "d":
					cancel() // too late: it is begun
				}
				return nil
			})
			switch name {
			case "a", "d":
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			case "b":
				if err != wrong {
					t.Errorf("b: %v", err)
				}
			case "c":
				t.Error("c did not panic")
			}
		})
	}
	wg.Wait()
	var n int
	if err := db.reader(t.Context()).row("SELECT count(*) FROM setting").Scan(&n); err != nil || n != 100 {
		t.Errorf("%d rows (%v), want 100", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.change(ctx, func(tx conn) error { return insert(tx, "z") }); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestTaken knows the second row of a kind, and nothing else.
func TestTaken(t *testing.T) {
	db := openFile(t)
	insert := func(query string) error {
		return db.change(t.Context(), func(tx conn) error { _, err := tx.exec(query); return err })
	}
	one := "INSERT INTO secret (name, value) VALUES ('a', 'b')"
	if err := insert(one); err != nil {
		t.Fatal(err)
	}
	if err := insert(one); !taken(err) {
		t.Errorf("second row: %v", err)
	}
	if err := insert("INSERT INTO secret (name) VALUES ('c')"); err == nil || taken(err) {
		t.Errorf("row without value: %v", err)
	}
}

// TestClose lets go on what was begun, and refuses what comes later.
func TestClose(t *testing.T) {
	db := openFile(t)
	begun := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		var once sync.Once
		done <- db.change(t.Context(), func(tx conn) error {
			once.Do(func() { close(begun) })
			_, err := tx.exec("INSERT INTO setting (name, value) VALUES ('a', 'b')")
			return err
		})
	}()
	<-begun
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("begun before: %v", err)
	}
	if err := db.change(t.Context(), func(conn) error { return nil }); err != errClosed {
		t.Errorf("after: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("twice: %v", err)
	}
}

// TestFull refuses writes while there is no room, loses nothing that it
// acknowledged, and goes on when there is room again.
func TestFull(t *testing.T) {
	db := openFile(t)
	limit := func(pages int) {
		t.Helper()
		if _, err := db.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	// Room for one whole group and not for all: SQLite takes no limit below what the schema fills.
	var filled int
	if err := db.write.QueryRow("PRAGMA page_count").Scan(&filled); err != nil {
		t.Fatal(err)
	}
	limit(filled + maxGroup + 50)
	var kept, refused atomic.Int64
	write := func(name string) {
		err := db.change(t.Context(), func(tx conn) error {
			_, err := tx.exec("INSERT INTO setting (name, value) VALUES ($1, $2)", name, strings.Repeat("x", 3000))
			return err
		})
		if err == nil {
			kept.Add(1)
		} else {
			refused.Add(1)
		}
	}
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() { write(fmt.Sprint("a", i)) })
	}
	wg.Wait()
	if refused.Load() == 0 || kept.Load() == 0 {
		t.Fatalf("%d kept, %d refused", kept.Load(), refused.Load())
	}
	limit(1 << 20)
	before := kept.Load()
	for i := range 5 {
		write(fmt.Sprint("b", i))
	}
	if kept.Load() != before+5 {
		t.Errorf("%d of 5 kept when there was room again", kept.Load()-before)
	}
	var n int64
	var ok string
	if err := db.reader(t.Context()).row("SELECT count(*) FROM setting").Scan(&n); err != nil || n != kept.Load() {
		t.Errorf("%d rows (%v), %d acknowledged", n, err, kept.Load())
	}
	if err := db.reader(t.Context()).row("PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
		t.Errorf("integrity %s, %v", ok, err)
	}
}
