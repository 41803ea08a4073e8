package store

import (
	"context"
	"database/sql"
	"fmt"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// AskReset notes that somebody forgot the password of an address. It does the same
// whether or not somebody has it: who asks learns nothing, not even by the clock.
func (db *DB) AskReset(ctx context.Context, email, lang string) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO reset_request (id, email, lang, made)
			VALUES ($1, $2, $3, $4)`, escalation.NewID(), staff.FoldEmail(email), lang, db.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for a reset: %w", err)
	}
	select {
	case db.asked <- struct{}{}:
	default: // there is a value already
	}
	return nil
}

// ResetAsked gets a value after somebody forgot a password here. Other processes
// hear of it too: who waits for it looks also from time to time.
func (db *DB) ResetAsked() <-chan struct{} { return db.asked }

// resetsAtOnce is how many are answered in one transaction.
const resetsAtOnce = 50

// AnswerResets writes to those who forgot their passwords and work here: answer
// makes the one-time link and its letter. A request is gone when its letter is in
// the outbox, and not before. It returns how many requests there were.
func (db *DB) AnswerResets(ctx context.Context, answer func(p staff.Person, lang string) (staff.Invitation, escalation.Letter)) (int, error) {
	var any int
	if found, err := one(db.reader(ctx).row(`SELECT 1 FROM reset_request LIMIT 1`), &any); err != nil || !found {
		return 0, err
	}
	var n int
	err := db.change(ctx, func(tx conn) error {
		asked := map[string]string{} // language by address
		n = 0
		err := tx.each(func(rows *sql.Rows) error {
			var email, lang string
			err := rows.Scan(&email, &lang)
			asked[email] = lang
			n++
			return err
		}, `
			DELETE FROM reset_request
			WHERE id IN (SELECT id FROM reset_request ORDER BY made, id LIMIT $1)
			RETURNING email, lang`, resetsAtOnce)
		if err != nil {
			return err
		}
		for email, lang := range asked {
			p, err := scanPerson(tx.row(`SELECT `+person+` FROM person WHERE email = $1`, email))
			if err == sql.ErrNoRows || err == nil && p.Disabled {
				continue
			}
			if err != nil {
				return err
			}
			i, l := answer(p, lang)
			if err := db.insertInvitation(tx, i, []escalation.Letter{l}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("answer resets: %w", err)
	}
	db.wake()
	return n, nil
}
