package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

// A conn runs statements, inside a transaction or outside.
type conn struct {
	ctx context.Context
	c   interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}
	pg   bool
	by   escalation.ActorRef // in a transaction: who wants it
	acts *[]audit.Act        // and what it did, until that is written
}

// reader reads what was committed.
func (db *DB) reader(ctx context.Context) conn { return conn{ctx: ctx, c: db.read, pg: db.pg} }

// exec returns how many rows a statement changed.
func (c conn) exec(query string, args ...any) (int64, error) {
	r, err := c.c.ExecContext(c.ctx, c.bind(query), values(args)...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c conn) row(query string, args ...any) *sql.Row {
	return c.c.QueryRowContext(c.ctx, c.bind(query), values(args)...)
}

// each calls scan for each row.
func (c conn) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := c.c.QueryContext(c.ctx, c.bind(query), values(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ids returns what a query of one column of text finds.
func (c conn) ids(query string, args ...any) ([]string, error) {
	var ids []string
	err := c.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	return ids, err
}

func (c conn) bind(query string) string {
	if c.pg {
		return query
	}
	if q, ok := bound.Load(query); ok {
		return q.(string)
	}
	q := bind(query)
	bound.Store(query, q)
	return q
}

// bound remembers the translations. There are as many as statements in this
// package: their text never depends on what somebody typed.
var bound sync.Map

// bind writes SQLite's numbered parameters ?n where PostgreSQL has $n. SQLite
// would take $n for a name, and number names by the order in which they appear.
func bind(query string) string {
	b := []byte(query)
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '$' && i+1 < len(b) && '0' <= b[i+1] && b[i+1] <= '9':
			b[i] = '?'
		}
	}
	return string(b)
}

// list returns "$n, $n+1, …" for k arguments from number n.
func list(n, k int) string {
	var b strings.Builder
	for i := range k {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", n+i)
	}
	return b.String()
}

// values makes arguments what both engines take alike: times are milliseconds,
// truths 0 and 1, and a text holds neither NUL nor broken UTF-8, which
// PostgreSQL refuses and SQLite keeps.
func values(args []any) []any {
	for i, a := range args {
		switch a := a.(type) {
		case time.Time:
			args[i] = millis(a)
		case bool:
			args[i] = 0
			if a {
				args[i] = 1
			}
		case string:
			args[i] = clean(a)
		default:
			if v := reflect.ValueOf(a); v.Kind() == reflect.String {
				args[i] = clean(v.String())
			}
		}
	}
	return args
}

func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// millis is a time as a column keeps it; 0 is no time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// A when scans a column of millis.
type when struct{ t *time.Time }

// Scan implements [sql.Scanner].
func (w when) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("time is %T", v)
	}
	*w.t = time.Time{}
	if n != 0 {
		*w.t = time.UnixMilli(n).UTC()
	}
	return nil
}

// A truth scans a column of 0 and 1.
type truth struct{ b *bool }

// Scan implements [sql.Scanner].
func (t truth) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("truth is %T", v)
	}
	*t.b = n != 0
	return nil
}

// errDamaged is why something that is there cannot be read: no other try reads it.
var errDamaged = errors.New("damaged")

// A document is a column of JSON text; the empty text is nothing.
type document struct{ v any }

// Scan implements [sql.Scanner].
func (d document) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("JSON is %T", v)
	}
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), d.v); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

// encode returns v as JSON text. The types of the domain can always be encoded.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T as JSON: %v", v, err))
	}
	return string(b)
}

// taken reports whether err is about a row that must be the only one of its kind.
func taken(err error) bool {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23505"
}

// mayRetry reports whether PostgreSQL undid a transaction because of another
// one. A lost connection is not that: the commit may have succeeded.
func mayRetry(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}
