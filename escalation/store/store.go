// Package store keeps everything that must not be lost: tickets, letters,
// staff, sessions. It holds all SQL of the product, one text for SQLite and
// PostgreSQL, and one file for each noun.
//
// What was answered is durable: a write returns after its commit. Rules are not
// here; the store runs those it is given inside the transaction that keeps
// their outcome.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// Options are what the operator decides, apart from the place.
type Options struct {
	Dir    string           // data folder: where the SQLite file lies when no database is named
	Beside bool             // a command that works beside a running server takes no lock
	Hold   bool             // no mail server is configured: new letters are held, not sent
	Clock  func() time.Time // nil: time.Now
}

// A DB is an open database. It is safe for concurrent use.
type DB struct {
	read  *sql.DB
	write *sql.DB // the same as read on PostgreSQL; one connection on SQLite
	pg    bool
	hold  bool
	clock func() time.Time
	lock  *os.File // nil on PostgreSQL and beside a server

	desk sync.Map // *escalation.Desk by version: what is kept never changes

	closing sync.RWMutex // held for reading while a write is handed over
	closed  bool
	writes  chan *job // nil on PostgreSQL
	most    int       // writes that share a commit
	drained chan struct{}

	turns atomic.Uint32 // of the lanes

	woken chan struct{} // a letter was written
	asked chan struct{} // somebody forgot a password
}

// Open opens the database at url, and makes or migrates its tables. An empty
// url is the file primalinea.db in the data folder, postgres://… a PostgreSQL
// server, and everything else the path of an SQLite file.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	db := &DB{
		hold:    o.Hold,
		clock:   o.Clock,
		most:    maxGroup,
		drained: make(chan struct{}),
		woken:   make(chan struct{}, 1),
		asked:   make(chan struct{}, 1),
	}
	if db.clock == nil {
		db.clock = time.Now
	}
	path, err := sqlitePath(url, o.Dir)
	switch {
	case err != nil:
	case path == "":
		if err = db.attachPostgres(url); err == nil {
			err = db.migrate(ctx)
		}
	default:
		err = db.openSQLite(ctx, path, o.Beside)
	}
	if err != nil {
		db.release()
		return nil, fmt.Errorf("database: %w", err)
	}
	if db.writes != nil {
		go db.group()
	} else {
		close(db.drained)
	}
	return db, nil
}

// sqlitePath returns where the SQLite file at url lies; "" means PostgreSQL.
func sqlitePath(url, dir string) (string, error) {
	scheme, _, found := strings.Cut(url, "://")
	switch {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return "", nil
	case found:
		return "", fmt.Errorf("%s:// is neither a file nor postgres://", scheme)
	case url == "":
		url = filepath.Join(dir, "primalinea.db")
	}
	return filepath.Abs(url)
}

// sqlitePragmas hold for each connection, so they are in its address.
const sqlitePragmas = "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=on&_stmt_cache_size=100"

// readers is how many connections read an SQLite file at once.
const readers = 8

// A sqliteFile makes connections to the SQLite file with an address.
type sqliteFile string

// Connect implements [driver.Connector].
func (f sqliteFile) Connect(context.Context) (driver.Conn, error) { return f.Driver().Open(string(f)) }

// Driver implements [driver.Connector].
func (sqliteFile) Driver() driver.Driver {
	return &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		// The address has no word for it: write the log back at 16 MB instead of 4,
		// for it costs an fsync of its own.
		// And what is deleted is overwritten where it lay.
		_, err := c.Exec("PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ON", nil)
		return err
	}}
}

func (db *DB) openSQLite(ctx context.Context, path string, beside bool) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	db.lock, err = lockFile(ctx, path+".lock", beside)
	if err != nil {
		return err
	}
	// Made by us so that nobody else on the machine can read it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	f.Close()

	db.attachSQLite(path)
	if db.lock == nil {
		err = db.checkSchema(ctx)
	} else {
		err = db.migrate(ctx)
	}
	if err != nil {
		return sayFile(path, err)
	}
	if beside && db.lock != nil {
		// There was no server, so the tables are ours to migrate; but one may start.
		db.lock.Close()
		db.lock = nil
	}
	db.writes = make(chan *job, maxGroup)
	return nil
}

// attachSQLite prepares the connections to a file.
func (db *DB) attachSQLite(path string) {
	name := (&url.URL{Scheme: "file", Path: path}).String() + "?" + sqlitePragmas
	// Numbers and the keys of forms are random, and old tickets are changed, too: each
	// write touches other pages of its indexes. 32 MB of them are at hand where it is
	// written, instead of 2.
	db.write = sql.OpenDB(sqliteFile(name + "&_txlock=immediate&_cache_size=-32000"))
	db.write.SetMaxOpenConns(1)
	db.read = sql.OpenDB(sqliteFile(name + "&_query_only=on"))
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
}

// sayFile says in words why an SQLite file cannot be opened.
func sayFile(path string, err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		switch e.Code {
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return fmt.Errorf("%s is locked by another program", path)
		case sqlite3.ErrReadonly:
			return fmt.Errorf("%s cannot be written", path)
		case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
			return fmt.Errorf("%s is damaged or no SQLite database", path)
		}
	}
	return fmt.Errorf("%s: %w", path, err)
}

// attachPostgres prepares the connections to a server.
func (db *DB) attachPostgres(url string) error {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	c.ConnectTimeout = 5 * time.Second
	for name, value := range map[string]string{
		"application_name":                    "primalinea",
		"statement_timeout":                   "30s",
		"lock_timeout":                        "5s",
		"idle_in_transaction_session_timeout": "60s",
	} {
		if c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = value
		}
	}
	db.pg = true
	db.read = stdlib.OpenDB(*c)
	db.read.SetMaxOpenConns(16)
	db.read.SetMaxIdleConns(16)
	db.read.SetConnMaxLifetime(30 * time.Minute)
	db.write = db.read
	return nil
}

// Close waits for the writes that were begun, and closes the database.
func (db *DB) Close() error {
	db.closing.Lock()
	if db.closed {
		db.closing.Unlock()
		return nil
	}
	db.closed = true
	if db.writes != nil {
		close(db.writes)
	}
	db.closing.Unlock()
	<-db.drained
	return db.release()
}

func (db *DB) release() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil && db.write != db.read {
		errs = append(errs, db.write.Close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

// Ready returns an error while the database cannot be read.
func (db *DB) Ready(ctx context.Context) error {
	var one int
	if err := db.reader(ctx).row("SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Probe returns an error while nothing can be kept. It writes what has the size of
// a long ticket, durably, and leaves nothing behind.
func (db *DB) Probe(ctx context.Context) error {
	err := db.change(ctx, func(tx conn) error {
		const name = "probe"
		if _, err := tx.exec(`INSERT INTO setting (name, value) VALUES ($1, $2)`, name, strings.Repeat(" ", 64<<10)); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM setting WHERE name = $1`, name); err != nil {
			return err
		}
		_, err := tx.exec(`
			INSERT INTO guard (name, touched)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET touched = excluded.touched`, name, db.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// now is the time of what the store itself does.
func (db *DB) now() time.Time { return db.clock().UTC().Truncate(time.Millisecond) }
