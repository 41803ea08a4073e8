package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/privacy"
)

const (
	// An index of some rows is used only where its condition stands literally.
	oldAside = `
		SELECT id
		FROM ticket
		WHERE doubt <> '' AND doubt = $1 AND updated < $2 AND erased = 0
		ORDER BY updated, id
		LIMIT $3`
	expired = `
		SELECT id
		FROM ticket
		WHERE state IN ('closed', 'solved') AND updated < $1 AND erased = 0
		ORDER BY updated, id
		LIMIT $2`
	forgetForms = `DELETE FROM submission WHERE ticket = $1`
)

// Expired returns the ids of tickets that are settled and were not touched since before
// a time, and whose words are still there.
func (db *DB) Expired(ctx context.Context, before time.Time, limit int) ([]string, error) {
	ids, err := db.reader(ctx).ids(expired, before, limit)
	if err == nil && len(ids) < limit {
		var merged []string // these are settled with another one
		merged, err = db.reader(ctx).ids(oldAside, escalation.Merged, before, limit-len(ids))
		ids = append(ids, merged...)
	}
	if err != nil {
		return nil, fmt.Errorf("expired tickets: %w", err)
	}
	return ids, nil
}

// EraseTicket applies what rule makes of a ticket, a [escalation.Ticket.Erase]: its
// holes take the place of the entries that were there. What hangs on the ticket and
// says something goes too: letters, files, signals, and the words of the journeys that
// led to it, which from then on are those of nobody.
func (db *DB) EraseTicket(ctx context.Context, id string, rule func(escalation.Ticket) (escalation.Change, error)) (privacy.Gone, error) {
	var gone privacy.Gone
	err := db.repeat(ctx, func(tx conn) error {
		gone = privacy.Gone{}
		t, err := tx.ticket("id", id)
		if err != nil {
			return err
		}
		version := t.Version
		answers := answered(&t)
		journeys, err := tx.journeysOf(id, "")
		if err != nil {
			return err
		}
		for _, n := range t.Tenures() { // it goes as a whole
			more, err := tx.journeysOf(id, n.Key())
			if err != nil {
				return err
			}
			journeys = append(journeys, more...)
		}
		c, err := rule(t)
		if err != nil || len(c.Entries) == 0 {
			return err
		}
		gone.Erased = true
		if gone.Tasks, err = tx.taskIDs(id); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE ticket SET salt = '' WHERE id = $1`, id); err != nil {
			return err
		}
		if err := db.update(tx, version, answers, c); err != nil {
			return err
		}
		left := escalation.Ledger(c.Ticket.Entries[:version])
		for _, e := range left {
			if err := tx.hole(&e); err != nil {
				return err
			}
		}
		if err := tx.hangBack(&t, left, t.Requester.Key()); err != nil {
			return err
		}
		if err := tx.forgetHandoffs(&c.Ticket); err != nil {
			return err
		}
		if gone.Files, err = tx.filesOf(id); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM file WHERE ticket = $1 AND ticket <> ''`,
			`DELETE FROM letter WHERE ticket = $1 AND ticket IS NOT NULL`,
			forgetForms,
			`DELETE FROM demand_signal WHERE id = 'ticket-' || $1`,
			`DELETE FROM journey_event WHERE ticket = $1 AND ticket <> '' AND kind = 'ticket_seen'`,
		} {
			if _, err := tx.exec(query, id); err != nil {
				return err
			}
		}
		return tx.forgetVisitor(journeys)
	})
	if err != nil {
		return privacy.Gone{}, fmt.Errorf("erase ticket: %w", err)
	}
	return gone, nil
}

// forgetVisitor takes the words out of journeys, and the key by which they belonged to
// somebody. They go on counting as what they came to, under a new key that nobody has.
func (tx conn) forgetVisitor(journeys []string) error {
	nobody := rand.Text()
	for _, id := range journeys {
		if err := tx.forgetSearches(id); err != nil {
			return fmt.Errorf("searches: %w", err)
		}
		// One person may have been several visitors of one experiment.
		if _, err := tx.exec(`
			UPDATE suggestion_trigger SET visitor = $2
			WHERE visitor IN (SELECT visitor FROM journey WHERE id = $1 AND visitor <> '')`, id, rand.Text()); err != nil {
			return fmt.Errorf("triggers: %w", err)
		}
		for _, query := range []string{
			`UPDATE journey SET visitor = $2, state = '{}', harvested = ended, learned = ended WHERE id = $1`,
			`UPDATE journey_event SET visitor = $2, query = '', reason = '', network = '' WHERE journey = $1 AND journey <> ''`,
			`UPDATE demand_signal SET journey = '' WHERE journey = $1 AND journey <> '' AND kind = 'subscribe' AND $2 <> ''`, // goes with its address
			`DELETE FROM demand_signal WHERE journey = $1 AND journey <> '' AND $2 <> ''`,
			`DELETE FROM answer WHERE journey = $1 AND $2 <> ''`,
		} {
			if _, err := tx.exec(query, id, nobody); err != nil {
				return fmt.Errorf("journeys: %w", err)
			}
		}
	}
	return nil
}

// EraseAddress takes out what belongs to an address and to no ticket: letters, what
// they said about articles, what they want to be told of, and the sessions of browsers that followed its links.
func (db *DB) EraseAddress(ctx context.Context, email string) error {
	quoted, err := json.Marshal(fold(email))
	if err != nil {
		return err
	}
	err = db.change(ctx, func(tx conn) error {
		letters, err := tx.looseLetters(email)
		if err != nil {
			return err
		}
		corrections, err := tx.correctionsOf(email)
		if err != nil {
			return err
		}
		var sessions []string
		if err := tx.each(func(rows *sql.Rows) error {
			var id, data string
			err := rows.Scan(&id, &data)
			if strings.Contains(fold(data), string(quoted)) {
				sessions = append(sessions, id)
			}
			return err
		}, `SELECT id, data FROM session WHERE data LIKE '%@%'`); err != nil {
			return err
		}
		for query, ids := range map[string][]string{
			`DELETE FROM letter WHERE id = $1`:     letters,
			`DELETE FROM correction WHERE id = $1`: corrections,
			`DELETE FROM session WHERE id = $1`:    sessions,
		} {
			for _, id := range ids {
				if _, err := tx.exec(query, id); err != nil {
					return err
				}
			}
		}
		for _, query := range []string{
			`DELETE FROM demand_signal WHERE id IN (SELECT 'subscribe-' || id FROM subscription WHERE email = $1)`,
			`DELETE FROM subscription WHERE email = $1`,
		} {
			if _, err := tx.exec(query, fold(email)); err != nil {
				return err
			}
		}
		if _, err = tx.exec(`DELETE FROM links WHERE who = $1`, whoLinks(email)); err != nil {
			return err
		}
		_, err = tx.exec(`DELETE FROM reset_request WHERE email = $1`, fold(email))
		return err
	})
	if err != nil {
		return fmt.Errorf("erase address: %w", err)
	}
	return nil
}

// Overwrite makes what was erased unreadable in the files of the database, if there
// was an erasure since the last time. On SQLite all that is left is written anew, and
// so is the log; who wants to write waits that long. PostgreSQL is told to use the
// room again; its own log is its administrator's.
func (db *DB) Overwrite(ctx context.Context) error {
	now := db.now()
	var any int
	if found, err := one(db.reader(ctx).row(`SELECT 1 FROM privacy_act WHERE overwritten = 0 AND done > 0 LIMIT 1`), &any); err != nil || !found {
		return err
	}
	err := db.rewrite(ctx)
	if err == nil {
		err = db.change(ctx, func(tx conn) error {
			_, err := tx.exec(`UPDATE privacy_act SET overwritten = $1 WHERE overwritten = 0 AND done > 0 AND done <= $2`, now, now)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	return nil
}

func (db *DB) rewrite(ctx context.Context) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return errClosed
	}
	if db.pg {
		alone, err := db.write.Conn(ctx)
		if err != nil {
			return err
		}
		defer alone.Close()
		if _, err := alone.ExecContext(ctx, `SET statement_timeout = 0`); err != nil {
			return err
		}
		for _, table := range []string{"ticket", "entry", "letter", "journey", "journey_event", "search_day", "demand_signal", "answer", "file", "upload", "submission", "correction", "session"} {
			if _, err := alone.ExecContext(ctx, `VACUUM `+table); err != nil {
				return err
			}
		}
		_, err = alone.ExecContext(ctx, `RESET statement_timeout`)
		return err
	}
	// There is one connection that writes, so this waits for the group before.
	if _, err := db.write.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, log, moved int
	if err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("somebody still reads what was there before")
	}
	return nil
}

// SweepLetters removes letters that were made before a time and wait for nothing.
func (db *DB) SweepLetters(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM letter WHERE id IN (
			SELECT id FROM letter WHERE made < $1 AND state <> 'waiting' ORDER BY made LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep letters: %w", err)
	}
	return nil
}

// SweepSubmissions forgets which forms were sent before a time.
func (db *DB) SweepSubmissions(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM submission WHERE once IN (
			SELECT once FROM submission WHERE made < $1 LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep submissions: %w", err)
	}
	return nil
}
