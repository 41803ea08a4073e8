package store_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// schema20 are the migrations of the version before letters of no ticket.
// testdata/schema20 has what that version wrote while people asked, answered,
// handed on, searched and were invited: rows in every table that it had.
var schema20 = []int64{1, 2, 3, 4, 5, 6, 10, 20}

// oldRows returns the rows of a table in testdata/schema20, in the order of its
// columns.
func oldRows(t testing.TB, table store.Table) [][]any {
	t.Helper()
	text, err := os.ReadFile("testdata/schema20/" + table.Name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	var columns []string
	for line := range bytes.Lines(text) {
		if columns == nil {
			if err := json.Unmarshal(line, &columns); err != nil {
				t.Fatal(err)
			}
			continue
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		var said []any
		if err := d.Decode(&said); err != nil {
			t.Fatal(err)
		}
		row := make([]any, len(said))
		for i, v := range said {
			if n, ok := v.(json.Number); ok {
				if v, err = n.Int64(); err != nil {
					t.Fatal(err)
				}
			}
			row[slices.Index(table.Columns, columns[i])] = v
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		t.Errorf("testdata/schema20 has no row of table %s", table.Name)
	}
	return all
}

// makeOld makes the database that the older version left.
func makeOld(t testing.TB, url string) []store.Table {
	t.Helper()
	var tables []store.Table
	if err := store.Make(t.Context(), url, schema20, func(table store.Table) [][]any {
		tables = append(tables, table)
		return oldRows(t, table)
	}); err != nil {
		t.Fatal(err)
	}
	return tables
}

// today returns a table as this version has it: later migrations renamed what was
// decided on demand.
func today(table store.Table, rows [][]any) (name string, columns []string, now [][]any) {
	if table.Name != "demand_verdict" {
		return table.Name, table.Columns, rows
	}
	at := slices.Index(table.Columns, "decision")
	columns = slices.Clone(table.Columns)
	columns[at] = "choice"
	for _, row := range rows {
		row = slices.Clone(row)
		row[at] = map[any]any{"made": "write", "dismissed": "decline"}[row[at]]
		now = append(now, row)
	}
	return "demand_decision", columns, now
}

// byFirst sorts rows as both engines may not: by bytes.
func byFirst(rows [][]any) [][]any {
	slices.SortFunc(rows, func(a, b []any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return rows
}

// TestUpgrade opens a database of the older version: everything is there, as it
// was, and is understood.
func TestUpgrade(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgresql": storetest.PostgreSQL} {
		t.Run(name, func(t *testing.T) {
			url := url(t)
			tables := makeOld(t, url)
			db := storetest.Open(t, url, store.Options{})
			ctx := t.Context()
			for _, table := range tables {
				name, columns, want := today(table, oldRows(t, table))
				got, err := db.Rows(ctx, name, columns)
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(byFirst(want), byFirst(got)); diff != "" {
					t.Errorf("table %s (-old +new):\n%s", table.Name, diff)
				}
			}
			if err := db.ReckonClocks(ctx); err != nil { // as the server does when it starts
				t.Error(err)
			}
			for _, number := range []string{"W7MJ2Z0X", "NVZN6KZV", "9ZKMRXV9", "7RWHXG5B", "6M0KAHA9"} {
				ticket, err := db.Ticket(ctx, number)
				if err != nil {
					t.Fatal(err)
				}
				stored, rebuilt, err := db.Projection(ctx, ticket.ID)
				if err != nil || stored != rebuilt {
					t.Errorf("ticket %s (%v): %s", number, err, gocmp.Diff(stored, rebuilt))
				}
				if letters, err := db.LettersOf(ctx, ticket.ID); err != nil || len(letters) == 0 && number != "9ZKMRXV9" {
					t.Errorf("ticket %s: %d letters, %v", number, len(letters), err)
				}
			}
			if people, err := db.People(ctx); err != nil || len(people) != 6 {
				t.Errorf("%d people, %v", len(people), err)
			}
			if held, err := db.Letters(ctx, escalation.LetterHeld, "", 100); err != nil || len(held) == 0 {
				t.Errorf("%d letters held, %v", len(held), err)
			}
			var arms struct{ Share int }
			if err := db.Setting(ctx, "contact form", &arms); err != nil || arms.Share != 10 {
				t.Errorf("setting %+v, %v", arms, err)
			}
			if key, err := db.Secret(ctx, "link"); err != nil || fmt.Sprintf("%x", key) != "b379bf956f7c99ad64f0bf71e20763d9718b25ce56116f5998b44dbdca8c6a3e" {
				t.Errorf("key of links %x, %v", key, err)
			}
			// It goes on.
			if _, _, err := db.Open(ctx, escalation.NewID(), newTicket); err != nil {
				t.Errorf("a new ticket: %v", err)
			}
		})
	}
}
