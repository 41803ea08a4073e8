package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

// errClosed is what a write after Close gets.
var errClosed = errors.New("database is closed")

// maxGroup is how many writes share a commit at most.
const maxGroup = 128

// A job is one write that waits for its turn.
type job struct {
	ctx     context.Context
	do      func(conn) error
	claimed atomic.Bool // by the writer, or by the caller who gives up
	err     error
	panic   any
	done    chan struct{}
}

// change runs do in a transaction, and returns after the commit. do may run
// more than once, and must return the first error of a statement.
//
// On SQLite one goroutine writes. What arrives while it waits for the disk
// shares the next commit, so that a durable write costs a fraction of one
// fsync; a savepoint for each lets one fail without the others.
func (db *DB) change(ctx context.Context, do func(tx conn) error) error {
	if db.writes == nil {
		return db.changeAlone(ctx, do)
	}
	j := &job{ctx: ctx, do: do, done: make(chan struct{})}
	db.closing.RLock()
	if db.closed {
		db.closing.RUnlock()
		return errClosed
	}
	db.writes <- j
	db.closing.RUnlock()

	select {
	case <-j.done:
	case <-ctx.Done():
		if j.claimed.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-j.done // it is being written: only the commit knows
	}
	if j.panic != nil {
		panic(j.panic)
	}
	return sorted(j.err)
}

// sorted says of an engine's error what matters to whoever asked. Where another
// program holds the file's lock, we waited in vain: they may ask again. Where
// nothing can be written, somebody has to mend that first.
func sorted(err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		switch e.Code {
		case sqlite3.ErrBusy:
			return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		case sqlite3.ErrFull:
			return fmt.Errorf("%w: %w", escalation.ErrFull, err)
		case sqlite3.ErrReadonly:
			return fmt.Errorf("%w: %w", escalation.ErrReadOnly, err)
		case sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
			return fmt.Errorf("%w: %w", escalation.ErrUnwritable, err)
		}
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "53100":
			return fmt.Errorf("%w: %w", escalation.ErrFull, err)
		case "25006":
			return fmt.Errorf("%w: %w", escalation.ErrReadOnly, err)
		case "58030":
			return fmt.Errorf("%w: %w", escalation.ErrUnwritable, err)
		}
	}
	return err
}

// changeAlone runs do in a transaction of its own, again when PostgreSQL undid
// it for the sake of another one.
func (db *DB) changeAlone(ctx context.Context, do func(tx conn) error) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return errClosed
	}
	for try := 0; ; try++ {
		err := func() error {
			tx, err := db.write.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback() // does nothing after a commit
			c := conn{ctx: ctx, c: tx, pg: db.pg, by: escalation.Acting(ctx), acts: new([]audit.Act)}
			if err := do(c); err != nil {
				return err
			}
			if err := c.seal(db.lane()); err != nil {
				return err
			}
			return tx.Commit()
		}()
		if try == 5 || !mayRetry(err) {
			return sorted(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(10 * time.Millisecond << try)):
		}
	}
}

// lane returns where a transaction of its own writes down what it did: with
// PostgreSQL each time another, so that few wait for the same.
func (db *DB) lane() int {
	if !db.pg {
		return 0
	}
	return int(db.turns.Add(1) % lanes)
}

// group is the one writer of SQLite. It ends when writes is closed and empty.
func (db *DB) group() {
	defer close(db.drained)
	for first := range db.writes {
		db.writeGroup(first)
	}
}

// writeGroup writes first and what waits behind it, and answers after the commit.
func (db *DB) writeGroup(first *job) {
	var jobs []*job
	err := func() error {
		// Callers may give up; what is begun is finished. SQLite would undo the
		// whole group if one statement of it was interrupted.
		ctx := context.Background()
		tx, err := db.write.BeginTx(ctx, nil)
		if err != nil {
			if first.claimed.CompareAndSwap(false, true) {
				jobs = append(jobs, first)
			}
			return err
		}
		defer tx.Rollback()
		c := conn{ctx: ctx, c: tx, acts: new([]audit.Act)}
		for j := first; j != nil; j = db.next(len(jobs)) {
			if !j.claimed.CompareAndSwap(false, true) {
				continue
			}
			jobs = append(jobs, j)
			if err := c.part(j); err != nil {
				return err
			}
		}
		if err := c.seal(0); err != nil {
			return err
		}
		return tx.Commit()
	}()
	for _, j := range jobs {
		if err != nil {
			j.err = err
		}
		close(j.done)
	}
}

// next returns a job that waits already, or nil.
func (db *DB) next(have int) *job {
	if have >= db.most {
		return nil
	}
	select {
	case j := <-db.writes: // nil when closed
		return j
	default:
		return nil
	}
}

// part runs one job of a group. Its error is the group's: the job has its own.
func (c conn) part(j *job) error {
	if _, err := c.exec("SAVEPOINT part"); err != nil {
		return err
	}
	acts := len(*c.acts)
	c.by = escalation.Acting(j.ctx)
	j.err = func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				// The caller panics instead: the writer serves everybody.
				j.panic, err = v, errors.New("panic")
			}
		}()
		return j.do(c)
	}()
	if j.err != nil {
		*c.acts = (*c.acts)[:acts]
		if _, err := c.exec("ROLLBACK TO part"); err != nil {
			return fmt.Errorf("%w (and undo: %w)", j.err, err) // the cause first: it says what to do
		}
	}
	_, err := c.exec("RELEASE part")
	return err
}

// one returns what a single row says; found is false when there is none.
func one(row *sql.Row, dest ...any) (found bool, err error) {
	err = row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
