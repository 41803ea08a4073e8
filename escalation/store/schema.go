package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// A Table is one of ours, as some set of migrations makes it.
type Table struct {
	Name    string
	Columns []string
	numbers []bool // of the columns; the others are texts
}

// Check says what is wrong with the values of a row, which are strings, int64s
// and nils.
func (t *Table) Check(row []any) error {
	if len(row) != len(t.Columns) {
		return fmt.Errorf("table %s: a row of %d values, not %d", t.Name, len(row), len(t.Columns))
	}
	for i, v := range row {
		ok := v == nil
		switch v.(type) {
		case int64:
			ok = t.numbers[i]
		case string:
			ok = !t.numbers[i]
		}
		if !ok {
			return fmt.Errorf("table %s: %s is %T", t.Name, t.Columns[i], v)
		}
	}
	return nil
}

// leftOut are the tables whose rows stay behind when a database moves: who is
// signed in, and who does a job just now.
var leftOut = []string{"session", "lease", "presence"}

// versions is goose's table, the only one that no migration makes.
const versions = goose.DefaultTablename

// Tables returns the tables that these migrations make and a backup keeps, a table
// after those that it refers to.
func Tables(ctx context.Context, schema []int64) ([]Table, error) {
	tables, err := allTables(ctx, schema)
	return slices.DeleteFunc(tables, func(t Table) bool { return slices.Contains(leftOut, t.Name) }), err
}

// allTables asks an empty database in memory, so that no list of tables has to be
// kept, and none can be forgotten.
func allTables(ctx context.Context, schema []int64) ([]Table, error) {
	scratch := &DB{write: sql.OpenDB(sqliteFile("file::memory:?_foreign_keys=on"))}
	scratch.write.SetMaxOpenConns(1)
	defer scratch.write.Close()
	c := conn{ctx: ctx, c: scratch.write}
	if err := c.build(schema); err != nil {
		return nil, err
	}
	var names []string
	if err := c.each(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> $1 ORDER BY rowid`, versions); err != nil {
		return nil, err
	}
	var tables []Table
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if done[name] {
			return nil
		}
		done[name] = true
		t := Table{Name: name}
		var before []string
		if err := c.each(func(rows *sql.Rows) error {
			var to string
			err := rows.Scan(&to)
			before = append(before, to)
			return err
		}, `SELECT "table" FROM pragma_foreign_key_list($1)`, name); err != nil {
			return err
		}
		for _, to := range before {
			if err := add(to); err != nil {
				return err
			}
		}
		if err := c.each(func(rows *sql.Rows) error {
			var column, kind string
			if err := rows.Scan(&column, &kind); err != nil {
				return err
			}
			if kind != "TEXT" && kind != "BIGINT" {
				return fmt.Errorf("table %s: column %s is %s; a backup keeps TEXT and BIGINT", name, column, kind)
			}
			t.Columns = append(t.Columns, column)
			t.numbers = append(t.numbers, kind == "BIGINT")
			return nil
		}, `SELECT name, type FROM pragma_table_info($1) ORDER BY cid`, name); err != nil {
			return err
		}
		tables = append(tables, t)
		return nil
	}
	for _, name := range names {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// texts returns the text of each migration that this binary knows, by its number.
func texts() (map[int64]string, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	texts := map[int64]string{}
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number", f.Name())
		}
		text, err := migrations.ReadFile(path.Join("migrations", f.Name()))
		if err != nil {
			return nil, err
		}
		texts[n] = string(text)
	}
	return texts, nil
}

// build makes the tables of these migrations in an empty database.
func (c conn) build(schema []int64) error {
	noted, err := c.noted()
	if err != nil {
		return err
	}
	if err := noted.CreateVersionTable(c.ctx, c.c); err != nil {
		return err
	}
	if err := noted.Insert(c.ctx, c.c, database.InsertRequest{}); err != nil {
		return err
	}
	return c.apply(noted, schema)
}

// apply applies migrations, and notes them as goose does. Goose itself wants a
// transaction for each; here they are all in the caller's, or none is.
func (c conn) apply(noted database.Store, schema []int64) error {
	texts, err := texts()
	if err != nil {
		return err
	}
	for _, n := range schema {
		text, ok := texts[n]
		if !ok {
			return fmt.Errorf("made by a newer version of primalinea: this one does not know schema %d", n)
		}
		if _, err := c.c.ExecContext(c.ctx, text); err != nil {
			return fmt.Errorf("migration %d: %w", n, err)
		}
		if err := noted.Insert(c.ctx, c.c, database.InsertRequest{Version: n}); err != nil {
			return err
		}
	}
	return nil
}

// noted is where goose notes what was applied.
func (c conn) noted() (database.Store, error) {
	if c.pg {
		return database.NewStore(database.DialectPostgres, versions)
	}
	return database.NewStore(database.DialectSQLite3, versions)
}

// applied returns the migrations that a database has, in order.
func (c conn) applied() ([]int64, error) {
	noted, err := c.noted()
	if err != nil {
		return nil, err
	}
	list, err := noted.ListMigrations(c.ctx, c.c)
	if err != nil {
		return nil, err
	}
	var schema []int64
	for _, m := range list {
		if m.Version > 0 {
			schema = append(schema, m.Version)
		}
	}
	slices.Sort(schema)
	return schema, nil
}

// Schema returns the numbers of all migrations that this binary knows, in order.
func Schema() ([]int64, error) {
	texts, err := texts()
	return slices.Sorted(maps.Keys(texts)), err
}
