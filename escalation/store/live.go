package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
)

// actsSince asks for what was done since a moment, the latest first.
const actsSince = `
	SELECT kind, object, by_kind, by_id
	FROM audit
	WHERE made >= $1
	ORDER BY made DESC, lane DESC, seq DESC
	LIMIT $2`

// TouchedSince returns the numbers of the tickets that others than a person of the staff
// changed since a moment, the latest first. At most so many acts are read.
func (db *DB) TouchedSince(ctx context.Context, since time.Time, me string, most int) ([]string, error) {
	var numbers []string
	seen := map[string]bool{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var kind audit.Kind
		var number string
		var by escalation.ActorRef
		if err := rows.Scan(&kind, &number, &by.Kind, &by.ID); err != nil {
			return err
		}
		mine := by == escalation.ActorRef{Kind: escalation.ByStaff, ID: me}
		if kind == audit.Ticket && !mine && !seen[number] {
			seen[number] = true
			numbers = append(numbers, number)
		}
		return nil
	}, actsSince, since, most)
	if err != nil {
		return nil, fmt.Errorf("touched tickets: %w", err)
	}
	return numbers, nil
}

const present = `SELECT ticket, person, name, writes FROM presence WHERE until > $1`

// Present returns who is at tickets now, in the order of their names.
func (db *DB) Present(ctx context.Context, now time.Time) ([]escalation.Presence, error) {
	return db.present(ctx, present+` ORDER BY ticket, name, person`, now)
}

// PresentAt is [DB.Present] of one ticket.
func (db *DB) PresentAt(ctx context.Context, number string, now time.Time) ([]escalation.Presence, error) {
	return db.present(ctx, present+` AND ticket = $2 ORDER BY name, person`, now, number)
}

func (db *DB) present(ctx context.Context, query string, args ...any) ([]escalation.Presence, error) {
	var list []escalation.Presence
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var p escalation.Presence
		err := rows.Scan(&p.Number, &p.Person, &p.Name, truth{&p.Writes})
		list = append(list, p)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("who is there: %w", err)
	}
	return list, nil
}

// keepPresent is that somebody is at a ticket.
const keepPresent = `
	INSERT INTO presence (ticket, person, name, writes, until)
	VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (ticket, person) DO UPDATE SET name = excluded.name, writes = excluded.writes, until = excluded.until`

// KeepPresent keeps that people have tickets open, and forgets those whose time is over.
// Who writes goes on to write until theirs is.
func (db *DB) KeepPresent(ctx context.Context, list []escalation.Presence, now time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		if _, err := tx.exec(`DELETE FROM presence WHERE until <= $1`, now); err != nil {
			return err
		}
		for _, p := range list {
			if _, err := tx.exec(keepPresent+` WHERE presence.writes = 0`, p.Number, p.Person, p.Name, p.Writes, now.Add(escalation.PresenceTime)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep who is there: %w", err)
	}
	return nil
}

// SetPresent keeps what somebody does at a ticket, whatever they did there before.
func (db *DB) SetPresent(ctx context.Context, p escalation.Presence, now time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(keepPresent, p.Number, p.Person, p.Name, p.Writes, now.Add(escalation.PresenceTime))
		return err
	})
	if err != nil {
		return fmt.Errorf("set who is there: %w", err)
	}
	return nil
}

// Forget is [DB.Leave] of who read and was kept last at a time: their page is gone. Whom
// another page keeps since is there, and who writes says so by themselves.
func (db *DB) Forget(ctx context.Context, p escalation.Presence, kept time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM presence WHERE ticket = $1 AND person = $2 AND writes = 0 AND until <= $3`, p.Number, p.Person, kept.Add(escalation.PresenceTime))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget who is there: %w", err)
	}
	return nil
}

// Leave forgets that somebody is at a ticket.
func (db *DB) Leave(ctx context.Context, number, person string) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM presence WHERE ticket = $1 AND person = $2`, number, person)
		return err
	})
	if err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}

// Sessions returns those of the sessions with these hashes that have not ended.
func (db *DB) Sessions(ctx context.Context, hashes []string) ([]staff.Session, error) {
	var sessions []staff.Session
	for part := range slices.Chunk(hashes, 500) {
		args := []any{db.now()}
		for _, h := range part {
			args = append(args, h)
		}
		if err := db.reader(ctx).each(func(rows *sql.Rows) error {
			var s staff.Session
			err := rows.Scan(&s.Hash, &s.Person, &s.Proof, when{&s.Created}, when{&s.Seen})
			sessions = append(sessions, s)
			return err
		}, `SELECT id, person, proof, created, seen FROM session WHERE expires > $1 AND id IN (`+list(2, len(part))+`)`, args...); err != nil {
			return nil, fmt.Errorf("sessions: %w", err)
		}
	}
	return sessions, nil
}
