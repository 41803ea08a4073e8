package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A Snapshot is all that a database held at one moment, whatever is written
// meanwhile.
type Snapshot struct {
	Engine string  // sqlite or postgresql
	Schema []int64 // the migrations it has
	Tables []Table

	db  *DB
	tx  *sql.Tx
	c   conn
	dir string // of a copy, to be removed
}

// Snap begins a snapshot of the database at url, for a backup beside a server or
// without. It changes nothing: not even tables that are older than this binary.
func Snap(ctx context.Context, url string, o Options) (s *Snapshot, err error) {
	s = &Snapshot{Engine: "sqlite", db: &DB{}}
	defer func() {
		if err != nil {
			s.Close()
			s, err = nil, fmt.Errorf("database: %w", err)
		}
	}()
	path, err := sqlitePath(url, o.Dir)
	switch {
	case err != nil:
		return s, err
	case path == "":
		s.Engine = "postgresql"
		if err := s.db.attachPostgres(url); err != nil {
			return s, err
		}
	default:
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return s, fmt.Errorf("there is none at %s", path)
		}
		s.db.attachSQLite(path)
	}
	err = s.begin(ctx)
	if err != nil && path != "" && readOnly(filepath.Dir(path)) {
		err = s.copied(ctx, path)
	}
	if err != nil && path != "" {
		err = sayFile(path, err)
	}
	return s, err
}

// readOnly reports whether a folder is on a file system that can only be read, as
// Linux makes one whose disk fails.
func readOnly(dir string) bool {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return errors.Is(err, syscall.EROFS)
	}
	f.Close()
	os.Remove(f.Name())
	return false
}

// copied begins a snapshot of a copy. SQLite reads no log where it cannot write;
// but there nobody else can either, so the copy is of one moment.
func (s *Snapshot) copied(ctx context.Context, path string) (err error) {
	if s.dir, err = os.MkdirTemp("", "primalinea-*"); err != nil {
		return err
	}
	to := filepath.Join(s.dir, "primalinea.db")
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(to+suffix, path+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	if s.tx != nil {
		s.tx.Rollback()
	}
	s.db.release()
	s.db.attachSQLite(to)
	return s.begin(ctx)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// begin reads something, for it is with the first row that a snapshot begins.
func (s *Snapshot) begin(ctx context.Context) (err error) {
	o := &sql.TxOptions{ReadOnly: true}
	if s.db.pg {
		o.Isolation = sql.LevelRepeatableRead
	}
	if s.tx, err = s.db.read.BeginTx(ctx, o); err != nil {
		return err
	}
	s.c = conn{ctx: ctx, c: s.tx, pg: s.db.pg}
	if err := s.c.patient(); err != nil {
		return err
	}
	if there, err := s.c.tables(); err != nil {
		return err
	} else if !slices.Contains(there, versions) {
		return errors.New("it has no tables of primalinea")
	}
	if s.Schema, err = s.c.applied(); err != nil {
		return err
	}
	s.Tables, err = Tables(ctx, s.Schema)
	return err
}

// Rows calls each with every row of a table, in the order of its first column.
func (s *Snapshot) Rows(t Table, each func(row []any) error) error {
	row := make([]any, len(t.Columns))
	to := make([]any, len(row))
	for i := range row {
		to[i] = &row[i]
	}
	rows, err := s.c.c.QueryContext(s.c.ctx, `SELECT `+strings.Join(t.Columns, ", ")+` FROM `+t.Name+` ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = string(b)
			}
		}
		if err := t.Check(row); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	return nil
}

// Files returns the hashes of all files that rows name, thumbnails among them.
func (s *Snapshot) Files() ([]string, error) {
	var hashes []string
	err := s.c.each(func(rows *sql.Rows) error {
		var hash string
		err := rows.Scan(&hash)
		hashes = append(hashes, hash)
		return err
	}, `SELECT hash FROM file UNION SELECT thumb FROM file WHERE thumb <> '' ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return hashes, nil
}

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	if s.tx != nil {
		s.tx.Rollback()
	}
	err := s.db.release()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}

// patient lets the statements of a transaction take their time: PostgreSQL would
// break off what moves a whole database.
func (c conn) patient() error {
	if !c.pg {
		return nil
	}
	_, err := c.c.ExecContext(c.ctx, `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`)
	return err
}

// alone makes other transactions wait that write to a table, until this one ends.
// SQLite has one writer.
func (c conn) alone(table string) error {
	if !c.pg {
		return nil
	}
	_, err := c.c.ExecContext(c.ctx, `LOCK TABLE `+table+` IN SHARE ROW EXCLUSIVE MODE`)
	return err
}

// tables returns the names of all tables that are there, whoever made them.
func (c conn) tables() ([]string, error) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if c.pg {
		query = `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()`
	}
	var names []string
	err := c.each(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, query)
	slices.Sort(names)
	return names, err
}

// Load fills the empty database at url with the tables of a schema, and with the
// rows that give hands to insert, each table after those that it refers to; then
// it brings the tables up to date. It is all in one transaction: after an error
// the database is as empty as before.
//
// Letters that were not sent yet are held: somebody has read them already, or
// nobody should any more.
//
// It returns how many letters that were.
func Load(ctx context.Context, url string, schema []int64, give func(insert func(table string, row []any) error) error) (held int64, err error) {
	db := &DB{}
	made := ""
	var given error // by give: it says itself what it is about
	defer func() {
		if err = errors.Join(err, db.release()); err != nil && given == nil {
			err = fmt.Errorf("database: %w", err)
		}
		if err != nil && made != "" {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				os.Remove(made + suffix)
			}
		}
	}()
	path, err := sqlitePath(url, "")
	switch {
	case err != nil:
		return 0, err
	case path == "":
		if err := db.attachPostgres(url); err != nil {
			return 0, err
		}
	default:
		// Made by us so that nobody else on the machine can read it.
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return 0, err
		}
		f.Close()
		made = path
		db.attachSQLite(path)
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // does nothing after a commit
	c := conn{ctx: ctx, c: tx, pg: db.pg}
	if held, err = c.load(schema, func(insert func(string, []any) error) error {
		given = give(insert)
		return given
	}); err != nil {
		return 0, err
	}
	return held, tx.Commit()
}

func (c conn) load(schema []int64, give func(insert func(table string, row []any) error) error) (held int64, err error) {
	if err := c.patient(); err != nil {
		return 0, err
	}
	there, err := c.tables()
	if err != nil {
		return 0, err
	}
	if len(there) > 0 {
		return 0, fmt.Errorf("it is not empty: there is a table %s", there[0])
	}
	tables, err := Tables(c.ctx, schema)
	if err != nil {
		return 0, err
	}
	if err := c.build(schema); err != nil {
		return 0, err
	}
	for _, t := range tables {
		if _, err := c.exec(`DELETE FROM ` + t.Name); err != nil { // what a migration put there is in the rows
			return 0, err
		}
	}
	w := rowWriter{c: c, tables: tables}
	if err := give(w.write); err != nil {
		return 0, err
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	if held, err = c.exec(`UPDATE letter SET state = 'held', lease_until = 0 WHERE state = 'waiting'`); err != nil {
		return 0, err
	}
	all, err := Schema()
	if err != nil {
		return 0, err
	}
	noted, err := c.noted()
	if err != nil {
		return 0, err
	}
	return held, c.apply(noted, slices.DeleteFunc(all, func(n int64) bool { return slices.Contains(schema, n) }))
}

// batch is how many values one statement inserts at most.
const batch = 900

// A rowWriter writes the rows of a table many at a time.
type rowWriter struct {
	c      conn
	tables []Table // in their order
	rows   int     // that wait
	values []any
}

// write adds a row. Tables come in their order, each with all its rows.
func (w *rowWriter) write(table string, row []any) error {
	for len(w.tables) > 0 && w.tables[0].Name != table {
		if err := w.flush(); err != nil {
			return err
		}
		w.tables = w.tables[1:]
	}
	if len(w.tables) == 0 {
		return fmt.Errorf("table %s is unknown, or not in its place", table)
	}
	t := &w.tables[0]
	if err := t.Check(row); err != nil {
		return err
	}
	w.rows++
	w.values = append(w.values, row...)
	if len(w.values)+len(row) > batch {
		return w.flush()
	}
	return nil
}

// flush writes the rows that wait.
func (w *rowWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	t := &w.tables[0]
	var query strings.Builder
	fmt.Fprintf(&query, `INSERT INTO %s (%s) VALUES `, t.Name, strings.Join(t.Columns, ", "))
	for i := range w.rows {
		if i > 0 {
			query.WriteString(", ")
		}
		query.WriteString("(" + list(1+i*len(t.Columns), len(t.Columns)) + ")")
	}
	text := query.String()
	if !w.c.pg {
		text = bind(text)
	}
	if _, err := w.c.c.ExecContext(w.c.ctx, text, values(w.values)...); err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	w.rows, w.values = 0, w.values[:0]
	return nil
}
