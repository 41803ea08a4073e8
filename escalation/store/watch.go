package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"primalinea/escalation"
)

// toLook asks for the tickets that the automatic rules want to look at.
const toLook = `
	SELECT number FROM ticket
	WHERE state <> 'closed' AND doubt = '' AND look <= $1
	ORDER BY look, id
	LIMIT $2`

// watchAgain is when the automatic rules look again at a ticket with which they failed:
// until then it keeps no other one waiting.
const watchAgain = 15 * time.Minute

// Watch applies a rule to those of at most n tickets that the automatic rules want to
// look at now, those that wait longest first, and returns how many it changed. desk
// returns how the desk was set up for a ticket.
func (db *DB) Watch(ctx context.Context, n int, rule func(t *escalation.Ticket, promised *escalation.Desk) (escalation.Change, error)) (changed int, err error) {
	now := db.now()
	numbers, err := db.reader(ctx).ids(toLook, now, n)
	if err != nil {
		return 0, fmt.Errorf("watch: %w", err)
	}
	var failed []error
	for _, number := range numbers {
		var c escalation.Change
		err := db.repeat(ctx, func(tx conn) error {
			t, err := tx.ticket("number", number)
			if err != nil {
				return err
			}
			version := t.Version
			answers := answered(&t)
			desk, err := db.deskOf(tx, &t)
			if err != nil {
				return err
			}
			if c, err = rule(&t, desk); err != nil {
				return err
			}
			if len(c.Entries) > 0 {
				return db.update(tx, version, answers, c)
			}
			// Nothing is to be done yet.
			_, look, _, err := db.due(tx, &t, now)
			if err != nil {
				return err
			}
			_, err = tx.exec(`UPDATE ticket SET look = $1 WHERE id = $2 AND version = $3`, look, t.ID, version)
			return err
		})
		switch {
		case err != nil:
			failed = append(failed, fmt.Errorf("ticket %s: %w", number, err), db.repeat(ctx, func(tx conn) error {
				_, err := tx.exec(`UPDATE ticket SET look = $1 WHERE number = $2`, now.Add(watchAgain), number)
				return err
			}))
		case len(c.Entries) > 0:
			changed++
			db.wake()
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failed) > 0 {
		return changed, fmt.Errorf("watch: %w", errors.Join(failed...))
	}
	return changed, nil
}

// keepAlarms keeps what a change did to what leads are called for.
func (tx conn) keepAlarms(c escalation.Change) error {
	for _, a := range c.Ticket.Alarms {
		touched := len(c.Entries) > 0 && (a.Ended.Equal(c.Entries[0].At) || a.Raised.Equal(c.Entries[0].At))
		if !touched {
			continue
		}
		if _, err := tx.exec(`
			INSERT INTO alarm (id, ticket, rung, opened, ended)
			VALUES (`+list(1, 5)+`)
			ON CONFLICT (id) DO UPDATE SET rung = excluded.rung, ended = excluded.ended`,
			a.ID, c.Ticket.ID, a.Rung, a.Opened, a.Ended); err != nil {
			return err
		}
	}
	return nil
}
