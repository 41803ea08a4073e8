package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/spam"
)

// receipts counts those to an address since a moment, no further than the last
// argument. A shop may open all its tickets with one address: those to which nothing
// happened since are not looked at.
const receipts = `
	SELECT count(*)
	FROM (
		SELECT 1
		FROM ticket JOIN letter ON letter.ticket = ticket.id
		WHERE ticket.email <> '' AND ticket.email = $1 AND ticket.updated >= $3 AND letter.kind = $2 AND letter.made >= $3
		LIMIT $4) AS few`

// post puts a letter into the outbox, with its cause. An unsent letter of the
// same ticket that it replaces, or without a ticket to the same recipient, is not
// sent any more; one that is just being sent is not tried again. Of one that was held
// that is noted: it is held again, if it comes back.
func (db *DB) post(tx conn, l escalation.Letter) error {
	now := db.now()
	if l.Replaces != "" {
		if _, err := tx.exec(`
			UPDATE letter
			SET state = 'replaced', settled = $1, problem = CASE state WHEN 'held' THEN 'held' ELSE problem END
			WHERE (ticket = $2 OR $2 = '' AND ticket IS NULL AND recipient = $3) AND replaces = $4 AND state IN ('waiting', 'held')`,
			now, l.Ticket, l.To, l.Replaces); err != nil {
			return err
		}
	}
	if l.Kind == escalation.ReceiptLetter {
		// Whoever types other people's addresses into the form bombs nobody with it.
		var n int
		if err := tx.row(receipts, fold(l.To), l.Kind, now.Add(-spam.Receipts.In), spam.Receipts.Most).Scan(&n); err != nil || n >= spam.Receipts.Most {
			return err
		}
	}
	state := escalation.LetterWaiting
	if db.hold {
		state = escalation.LetterHeld
	}
	_, err := tx.exec(`
		INSERT INTO letter (id, ticket, kind, recipient, lang, args, replaces, state, made, due, lease_until, attempts, problem, settled)
		VALUES ($1, NULLIF($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, '', 0)`,
		l.ID, l.Ticket, l.Kind, l.To, l.Lang, encode(l.Args), l.Replaces, state, now, l.NotBefore)
	return err
}

// PostLetter puts a letter that belongs to no change into the outbox.
func (db *DB) PostLetter(ctx context.Context, l escalation.Letter) error {
	err := db.change(ctx, func(tx conn) error { return db.post(tx, l) })
	if err != nil {
		return fmt.Errorf("post letter: %w", err)
	}
	db.wake()
	return nil
}

// Letter returns a letter and how far it got, or a NotFound error.
func (db *DB) Letter(ctx context.Context, id string) (escalation.Delivery, error) {
	var d escalation.Delivery
	found := false
	err := db.reader(ctx).each(func(rows *sql.Rows) (err error) {
		d, err = scanDelivery(rows)
		found = true
		return err
	}, `SELECT `+delivery+` FROM letter WHERE id = $1`, id)
	if err != nil {
		return d, fmt.Errorf("letter %s: %w", id, err)
	}
	if !found {
		return d, &escalation.Error{Kind: escalation.NotFound, Reason: "error.status.404"}
	}
	return d, nil
}

// Woken gets a value after letters were written here. Other processes write
// letters too, and some are due later: who waits for it looks also from time to
// time.
func (db *DB) Woken() <-chan struct{} { return db.woken }

// wake is called after a commit with letters.
func (db *DB) wake() {
	select {
	case db.woken <- struct{}{}:
	default: // there is a value already
	}
}

// delivery lists the columns that [scanDelivery] reads.
const delivery = `id, COALESCE(ticket, ''), kind, recipient, lang, args, replaces, state, made, due, attempts, problem, settled`

func scanDelivery(rows *sql.Rows) (escalation.Delivery, error) {
	var d escalation.Delivery
	err := rows.Scan(&d.ID, &d.Ticket, &d.Kind, &d.To, &d.Lang, document{&d.Args}, &d.Replaces,
		&d.State, when{&d.Made}, when{&d.Due}, &d.Attempts, &d.Problem, when{&d.Settled})
	d.NotBefore = d.Due
	return d, err
}

// lettersDue asks whether there is anything to send.
const lettersDue = `SELECT 1 FROM letter WHERE state = 'waiting' AND due <= $1 AND lease_until < $2 LIMIT 1`

// LeaseLetters returns up to n letters whose time has come, and gives them to
// nobody else until lease has passed. The attempt is counted before it is made,
// so that a letter that kills its sender is not tried for ever.
func (db *DB) LeaseLetters(ctx context.Context, n int, lease time.Duration) ([]escalation.Delivery, error) {
	now := db.now()
	// Most of the time there is nothing to send, and a look needs no turn of the writer.
	var due int
	if found, err := one(db.reader(ctx).row(lettersDue, now, now), &due); err != nil {
		return nil, fmt.Errorf("lease letters: %w", err)
	} else if !found {
		return nil, nil
	}
	var leased []escalation.Delivery
	err := db.change(ctx, func(tx conn) error {
		leased = nil
		return tx.each(func(rows *sql.Rows) error {
			d, err := scanDelivery(rows)
			leased = append(leased, d)
			return err
		}, `
			UPDATE letter
			SET lease_until = $1, attempts = attempts + 1
			WHERE id IN (
				SELECT id FROM letter
				WHERE state = 'waiting' AND due <= $2 AND lease_until < $3
				ORDER BY due, id
				LIMIT $4)
			AND state = 'waiting' AND lease_until < $3
			RETURNING `+delivery, now.Add(lease), now, now, n)
	})
	if err != nil {
		return nil, fmt.Errorf("lease letters: %w", err)
	}
	return leased, nil
}

// LetterWaits says whether a leased letter is still to be sent: it was neither replaced nor
// erased since.
func (db *DB) LetterWaits(ctx context.Context, id string) (bool, error) {
	var waits int
	found, err := one(db.reader(ctx).row(`SELECT 1 FROM letter WHERE id = $1 AND state = 'waiting'`, id), &waits)
	if err != nil {
		return false, fmt.Errorf("letter %s: %w", id, err)
	}
	return found, nil
}

// LetterSent notes that a mail server has taken a letter, also one that was replaced while
// it was being sent.
func (db *DB) LetterSent(ctx context.Context, id string) error {
	return db.settle(ctx, id, escalation.LetterSent, "", time.Time{})
}

// LetterFailed notes why a letter was not taken, and when to try again; at no
// time, if again is zero.
func (db *DB) LetterFailed(ctx context.Context, id, problem string, again time.Time) error {
	if again.IsZero() {
		return db.settle(ctx, id, escalation.LetterFailed, problem, again)
	}
	return db.settle(ctx, id, escalation.LetterWaiting, problem, again)
}

func (db *DB) settle(ctx context.Context, id string, s escalation.LetterState, problem string, again time.Time) error {
	var settled time.Time
	if s != escalation.LetterWaiting {
		settled = db.now()
	}
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			UPDATE letter
			SET state = $1, problem = $2, due = CASE WHEN $3 = 1 THEN $4 ELSE due END, lease_until = 0, settled = $5
			WHERE id = $6 AND (state = 'waiting' OR state = 'replaced' AND $7 = 1)`,
			s, problem, s == escalation.LetterWaiting, again, settled, id, s == escalation.LetterSent)
		return err
	})
	if err != nil {
		return fmt.Errorf("letter %s: %w", id, err)
	}
	return nil
}

// Letters returns the letters that are held or given up, the latest first; before
// is the id of the last one of the page before.
func (db *DB) Letters(ctx context.Context, s escalation.LetterState, before string, limit int) ([]escalation.Delivery, error) {
	var letters []escalation.Delivery
	query, args := lettersQuery(s, before, limit)
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		letters = append(letters, d)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	return letters, nil
}

// left is the condition of the index of letters that somebody has to look at.
const left = `state IN ('held', 'failed') AND state = $1`

func lettersQuery(s escalation.LetterState, before string, limit int) (string, []any) {
	if before == "" {
		return `
			SELECT ` + delivery + `
			FROM letter
			WHERE ` + left + `
			ORDER BY made DESC, id DESC
			LIMIT $2`, []any{s, limit}
	}
	return `
		SELECT ` + delivery + `
		FROM letter
		WHERE ` + left + ` AND (made, id) < (SELECT made, id FROM letter WHERE id = $2)
		ORDER BY made DESC, id DESC
		LIMIT $3`, []any{s, before, limit}
}

// LettersOf returns the letters of a ticket, oldest first.
func (db *DB) LettersOf(ctx context.Context, ticket string) ([]escalation.Delivery, error) {
	letters, err := db.reader(ctx).outboxOf(ticket)
	if err != nil {
		return nil, fmt.Errorf("letters of %s: %w", ticket, err)
	}
	return letters, nil
}

// LatestLetters returns the latest letters of a ticket, at most so many, oldest first.
func (db *DB) LatestLetters(ctx context.Context, ticket string, most int) ([]escalation.Delivery, error) {
	var letters []escalation.Delivery
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		letters = append(letters, d)
		return err
	}, `
		SELECT `+delivery+`
		FROM letter
		WHERE ticket = $1
		ORDER BY made DESC, id DESC
		LIMIT $2`, ticket, most)
	if err != nil {
		return nil, fmt.Errorf("letters of %s: %w", ticket, err)
	}
	slices.Reverse(letters)
	return letters, nil
}

// CountLetters returns how many letters are held or given up, counted no further
// than most.
func (db *DB) CountLetters(ctx context.Context, s escalation.LetterState, most int) (int, error) {
	var n int
	err := db.reader(ctx).row(`
		SELECT count(*) FROM (SELECT 1 FROM letter WHERE `+left+` LIMIT $2) AS few`, s, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count letters: %w", err)
	}
	return n, nil
}

// ReleaseLetter lets a held or given-up letter go now, with new attempts.
func (db *DB) ReleaseLetter(ctx context.Context, id string) error {
	err := db.change(ctx, func(tx conn) error {
		now := db.now()
		n, err := tx.exec(`
			UPDATE letter
			SET state = 'waiting', due = $1, attempts = 0, settled = 0
			WHERE id = $2 AND state IN ('held', 'failed')`, now, id)
		if n > 0 {
			tx.did(audit.Act{At: now, Kind: audit.Letter, Object: id, What: "released"})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("release letter %s: %w", id, err)
	}
	db.wake()
	return nil
}
