package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
)

// Session returns what belongs to the hash of a cookie, and the data that pages
// keep with it. found is false when there is no such session any more. Person is
// empty while nobody has signed in.
func (db *DB) Session(ctx context.Context, hash string) (s staff.Session, data string, found bool, err error) {
	s.Hash = hash
	found, err = one(db.reader(ctx).row(`
		SELECT person, proof, created, seen, agent, data
		FROM session
		WHERE id = $1 AND expires > $2`, hash, db.now()),
		&s.Person, &s.Proof, when{&s.Created}, when{&s.Seen}, &s.Agent, &data)
	if err != nil {
		return staff.Session{}, "", false, fmt.Errorf("session: %w", err)
	}
	return s, data, found, nil
}

// SaveSession keeps a session, new or changed, and its data until it expires.
func (db *DB) SaveSession(ctx context.Context, s staff.Session, data string, expires time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		if s.Person != "" {
			var was string
			if _, err := one(tx.row(`SELECT person FROM session WHERE id = $1`, s.Hash), &was); err != nil {
				return err
			}
			if was != s.Person {
				tx.did(audit.Act{At: s.Seen, By: escalation.ActorRef{Kind: escalation.ByStaff, ID: s.Person}, Kind: audit.Session, Object: s.Person, What: "signed_in"})
			}
		}
		_, err := tx.exec(`
			INSERT INTO session (id, person, proof, agent, data, created, seen, expires)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET person = excluded.person, proof = excluded.proof, agent = excluded.agent,
				data = excluded.data, created = excluded.created, seen = excluded.seen, expires = excluded.expires`,
			s.Hash, s.Person, s.Proof, s.Agent, data, s.Created, s.Seen, expires)
		return err
	})
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// TouchSession notes that a session was used, and prolongs it. found is false
// when there is no such session any more: who signed out stays so, whatever else
// their browser is just asking for.
func (db *DB) TouchSession(ctx context.Context, hash string, seen, expires time.Time) (found bool, err error) {
	err = db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`UPDATE session SET seen = $1, expires = $2 WHERE id = $3 AND expires > $4`, seen, expires, hash, db.now())
		found = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("touch session: %w", err)
	}
	return found, nil
}

// SessionsOf returns where a person is signed in, the last used first.
func (db *DB) SessionsOf(ctx context.Context, person string) ([]staff.Session, error) {
	var sessions []staff.Session
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		s := staff.Session{Person: person}
		err := rows.Scan(&s.Hash, &s.Proof, when{&s.Created}, when{&s.Seen}, &s.Agent)
		sessions = append(sessions, s)
		return err
	}, `
		SELECT id, proof, created, seen, agent
		FROM session
		WHERE person = $1 AND person <> '' AND expires > $2
		ORDER BY seen DESC, id`, person, db.now())
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return sessions, nil
}

// DeleteSession ends a session.
func (db *DB) DeleteSession(ctx context.Context, hash string) error {
	return db.deleteSessions(ctx, `DELETE FROM session WHERE id = $1`, hash)
}

// DeleteSessionOf ends one session, if it is that person's.
func (db *DB) DeleteSessionOf(ctx context.Context, person, hash string) error {
	return db.deleteSessions(ctx, `DELETE FROM session WHERE person = $1 AND person <> '' AND id = $2`, person, hash)
}

// DeleteSessionsOf ends all sessions of a person, except the one with a hash,
// which may be empty.
func (db *DB) DeleteSessionsOf(ctx context.Context, person, except string) error {
	return db.deleteSessions(ctx, `DELETE FROM session WHERE person = $1 AND person <> '' AND id <> $2`, person, except)
}

// SweepSessions removes the rows of sessions that have expired.
func (db *DB) SweepSessions(ctx context.Context) error {
	return db.deleteSessions(ctx, `DELETE FROM session WHERE expires <= $1`, db.now())
}

func (db *DB) deleteSessions(ctx context.Context, query string, args ...any) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete sessions: %w", err)
	}
	return nil
}
