package store_test

import (
	"errors"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var engines = map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgresql": storetest.PostgreSQL}

// TestTables compares what a backup keeps with what either engine says it has: a
// table or column of a later migration cannot be forgotten.
func TestTables(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		schema, err := store.Schema()
		if err != nil {
			t.Fatal(err)
		}
		tables, err := store.Tables(t.Context(), schema)
		if err != nil {
			t.Fatal(err)
		}
		kept := map[string][]string{}
		for _, table := range tables {
			kept[table.Name] = slices.Sorted(slices.Values(table.Columns))
		}
		there, err := db.OwnTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// Who is signed in, who does a job just now, and goose's own.
		maps.DeleteFunc(there, func(name string, _ []string) bool {
			return name == "session" || name == "lease" || name == "presence" || name == "goose_db_version"
		})
		if diff := gocmp.Diff(there, kept); diff != "" {
			t.Errorf("the database and a backup of it (-there +kept):\n%s", diff)
		}
	})
}

// move loads what a snapshot of one database has into another.
func move(t testing.TB, s *store.Snapshot, to string) (held int64) {
	t.Helper()
	held, err := store.Load(t.Context(), to, s.Schema, func(insert func(string, []any) error) error {
		for _, table := range s.Tables {
			if err := s.Rows(table, func(row []any) error { return insert(table.Name, row) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func snap(t testing.TB, url string) *store.Snapshot {
	t.Helper()
	s, err := store.Snap(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestMove takes a database of the older version, as it is and brought up to
// date, to another one on either engine: nothing is lost, letters are held.
func TestMove(t *testing.T) {
	for from, fromURL := range engines {
		for to, toURL := range engines {
			for _, old := range []bool{true, false} {
				name := from + " to " + to
				if old {
					name += " from the older version"
				}
				t.Run(name, func(t *testing.T) {
					ctx, url, target := t.Context(), fromURL(t), toURL(t)
					makeOld(t, url)
					if !old {
						db := storetest.Open(t, url, store.Options{})
						if err := db.SetSetting(ctx, "odd", []any{"\"\\\n\u2028 è 🦉 $1 ?1", int64(math.MaxInt64), int64(math.MinInt64)}); err != nil {
							t.Fatal(err)
						}
					}
					s := snap(t, url)
					if s.Engine != from || old != slices.Equal(s.Schema, schema20) {
						t.Errorf("engine %s, schema %v", s.Engine, s.Schema)
					}
					if held := move(t, s, target); held != 3 {
						t.Errorf("%d letters held back, want 3", held)
					}
					db := storetest.Open(t, target, store.Options{})
					for _, table := range s.Tables {
						var want [][]any
						if err := s.Rows(table, func(row []any) error {
							row = slices.Clone(row)
							if i := slices.Index(table.Columns, "state"); table.Name == "letter" && row[i] == "waiting" {
								row[i] = "held"
							}
							want = append(want, row)
							return nil
						}); err != nil {
							t.Fatal(err)
						}
						name, columns, want := today(table, want)
						got, err := db.Rows(ctx, name, columns)
						if err != nil {
							t.Fatal(err)
						}
						if diff := gocmp.Diff(byFirst(want), byFirst(got)); diff != "" {
							t.Errorf("table %s (-want +got):\n%s", table.Name, diff)
						}
					}
					for _, table := range []string{"session", "lease"} {
						if rows, err := db.Rows(ctx, table, []string{"1"}); err != nil || len(rows) > 0 {
							t.Errorf("%d rows of table %s moved (%v)", len(rows), table, err)
						}
					}
					if _, _, err := db.Open(ctx, escalation.NewID(), newTicket); err != nil {
						t.Errorf("a new ticket: %v", err)
					}
				})
			}
		}
	}
}

// TestSnapshotOfOneMoment reads table after table while others write: each ticket
// that it has is whole.
func TestSnapshotOfOneMoment(t *testing.T) {
	for engine, url := range engines {
		t.Run(engine, func(t *testing.T) {
			url := url(t)
			db := storetest.Open(t, url, store.Options{})
			var acknowledged atomic.Int64
			stop := make(chan struct{})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						if _, _, err := db.Open(t.Context(), escalation.NewID(), newTicket); err != nil {
							t.Error(err)
							return
						}
						acknowledged.Add(1)
					}
				})
			}
			more := func(n int64) {
				for acknowledged.Load() < n {
					time.Sleep(time.Millisecond)
				}
			}
			more(20)
			before := acknowledged.Load()
			s := snap(t, url)
			rows := map[string]int64{}
			for _, table := range slices.Backward(s.Tables) { // tickets last
				more(acknowledged.Load() + 1)
				if err := s.Rows(table, func([]any) error { rows[table.Name]++; return nil }); err != nil {
					t.Fatal(err)
				}
			}
			close(stop)
			wg.Wait()
			n := rows["ticket"]
			if n < before || n >= acknowledged.Load() || rows["submission"] != n || rows["letter"] != n || rows["entry"]%n != 0 {
				t.Errorf("%d tickets acknowledged before, %d after; the snapshot has %v", before, acknowledged.Load(), rows)
			}
		})
	}
}

// TestLoadRefuses leaves a database as it was, empty or not, when it is not filled
// to the end.
func TestLoadRefuses(t *testing.T) {
	schema, err := store.Schema()
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	person := func(insert func(string, []any) error) error {
		return insert("secret", []any{"a", "b"})
	}
	for engine, url := range engines {
		t.Run(engine, func(t *testing.T) {
			for _, test := range []struct {
				name, want string
				schema     []int64
				give       func(insert func(string, []any) error) error
			}{
				{"broken off", "broken", schema, func(insert func(string, []any) error) error { return errors.Join(person(insert), broken) }},
				{"unknown table", "table goose_db_version is unknown", schema, func(insert func(string, []any) error) error {
					return errors.Join(person(insert), insert("goose_db_version", []any{int64(1)}))
				}},
				{"wrong value", "value is int64", schema, func(insert func(string, []any) error) error { return insert("secret", []any{"a", int64(1)}) }},
				{"twice", "table secret", schema, func(insert func(string, []any) error) error { return errors.Join(person(insert), person(insert)) }},
				{"no ticket", "table entry", schema, func(insert func(string, []any) error) error {
					return insert("entry", []any{"e", "none", int64(1), int64(0), "", "", "", "", "", "", "", ""})
				}},
				{"newer", "newer version of primalinea", append(slices.Clone(schema), 9999), person},
			} {
				url := url(t)
				_, err := store.Load(t.Context(), url, test.schema, test.give)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error %v, want %q", test.name, err, test.want)
				}
				if engine == "sqlite" {
					if _, err := os.Stat(url); err == nil {
						t.Errorf("%s: the file is left", test.name)
					}
				}
				if s, err := store.Snap(t.Context(), url, store.Options{}); err == nil {
					s.Close()
					t.Errorf("%s: tables are left", test.name)
				}
			}
			used := url(t)
			db := storetest.Open(t, used, store.Options{})
			if err := db.SetSetting(t.Context(), "a", 1); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Load(t.Context(), used, schema, person); err == nil {
				t.Error("filled a database that was in use")
			}
			var n int
			if err := db.Setting(t.Context(), "a", &n); err != nil || n != 1 {
				t.Errorf("it then has %d, %v", n, err)
			}
		})
	}
}

// TestSnapRefuses makes no database where there is none.
func TestSnapRefuses(t *testing.T) {
	missing, empty := storetest.SQLite(t), storetest.SQLite(t)
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		missing: "there is none at", empty: "no tables of primalinea", storetest.PostgreSQL(t): "no tables of primalinea",
		"mysql://x": "is neither",
	} {
		s, err := store.Snap(t.Context(), url, store.Options{})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", url, err, want)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("it made a file")
	}
}
