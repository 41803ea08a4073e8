package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

const correction = `id, article, lang, revision, body, email, made, state, by_kind, by_id, by_name, decided`

func scanCorrection(row interface{ Scan(...any) error }) (escalation.Correction, error) {
	var c escalation.Correction
	err := row.Scan(&c.ID, &c.Article, &c.Lang, &c.Revision, &c.Text, &c.Email, when{&c.Made}, &c.State, &c.By.Kind, &c.By.ID, &c.By.Name, when{&c.Decided})
	return c, err
}

// AddCorrection keeps what a reader said. Whoever sends the same form again has
// said it once.
func (db *DB) AddCorrection(ctx context.Context, c escalation.Correction) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO correction (`+correction+`)
			VALUES (`+list(1, 12)+`)
			ON CONFLICT (id) DO NOTHING`,
			c.ID, c.Article, c.Lang, c.Revision, c.Text, c.Email, c.Made, c.State, c.By.Kind, c.By.ID, c.By.Name, c.Decided)
		return err
	})
	if err != nil {
		return fmt.Errorf("add correction: %w", err)
	}
	return nil
}

// OpenCorrections returns those that wait for somebody, the oldest first; of one
// article, or of all without a key.
func (db *DB) OpenCorrections(ctx context.Context, article string, limit int) ([]escalation.Correction, error) {
	var found []escalation.Correction
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		c, err := scanCorrection(rows)
		found = append(found, c)
		return err
	}, `
		SELECT `+correction+`
		FROM correction
		WHERE state = 'open' AND ($1 = '' OR article = $1)
		ORDER BY made, id
		LIMIT $2`, article, limit)
	if err != nil {
		return nil, fmt.Errorf("open corrections: %w", err)
	}
	return found, nil
}

// CountCorrections counts those that wait for somebody.
func (db *DB) CountCorrections(ctx context.Context) (n int, err error) {
	if err := db.reader(ctx).row(`SELECT COUNT(*) FROM correction WHERE state = 'open'`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count corrections: %w", err)
	}
	return n, nil
}

// DecideCorrection keeps what decide makes of a correction. Of two who decide at
// once the second is told.
func (db *DB) DecideCorrection(ctx context.Context, id string, decide func(escalation.Correction) (escalation.Correction, error)) error {
	err := db.change(ctx, func(tx conn) error {
		c, err := scanCorrection(tx.row(`SELECT `+correction+` FROM correction WHERE id = $1`, id))
		if err != nil {
			return notFound(err, "error.no_correction")
		}
		if c, err = decide(c); err != nil {
			return err
		}
		tx.did(audit.Act{At: c.Decided, By: c.By, Kind: audit.Correction, Object: id, What: string(c.State), Note: c.Article})
		n, err := tx.exec(`
			UPDATE correction
			SET state = $1, by_kind = $2, by_id = $3, by_name = $4, decided = $5, email = $6
			WHERE id = $7 AND state = 'open'`, c.State, c.By.Kind, c.By.ID, c.By.Name, c.Decided, c.Email, id)
		if err == nil && n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.correction_decided"}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("decide correction: %w", err)
	}
	return nil
}

// SweepCorrections removes those that were made before a time, decided or not.
func (db *DB) SweepCorrections(ctx context.Context, before time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM correction WHERE made < $1`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep corrections: %w", err)
	}
	return nil
}
