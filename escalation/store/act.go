package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation/audit"
	"primalinea/escalation/privacy"
)

const actColumns = `id, kind, who, by_kind, by_id, by_name, made, done, tickets, files, overwritten, remains`

// SaveAct keeps what was done with personal data, in place of that with the same ID.
func (db *DB) SaveAct(ctx context.Context, a privacy.Act) error {
	remains := ""
	if len(a.Remains) > 0 {
		remains = encode(a.Remains)
	}
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO privacy_act (`+actColumns+`)
			VALUES (`+list(1, 12)+`)
			ON CONFLICT (id) DO UPDATE SET done = excluded.done, tickets = excluded.tickets, files = excluded.files, remains = excluded.remains`,
			a.ID, a.Kind, a.Who, a.By.Kind, a.By.ID, a.By.Name, a.Made, a.Done, a.Tickets, a.Files, a.Overwritten, remains)
		if err == nil && !a.Done.IsZero() {
			tx.did(audit.Act{At: a.Done, By: a.By, Kind: audit.Requester, Object: a.ID, What: string(a.Kind), Note: fmt.Sprintf("%d/%d", a.Tickets, a.Files)})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("save act: %w", err)
	}
	return nil
}

// Acts returns the newest acts; of one person, or of all without a hash.
func (db *DB) Acts(ctx context.Context, who string, limit int) ([]privacy.Act, error) {
	return db.acts(ctx, `$1 = '' OR who = $1`, who, limit)
}

// Undone returns the acts that are not done: of one person, or those of all of which
// something remains.
func (db *DB) Undone(ctx context.Context, who string) ([]privacy.Act, error) {
	return db.acts(ctx, `done = 0 AND (who = $1 AND who <> '' OR $1 = '' AND remains <> '')`, who, 1000)
}

func (db *DB) acts(ctx context.Context, where, who string, limit int) ([]privacy.Act, error) {
	var acts []privacy.Act
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var a privacy.Act
		err := rows.Scan(&a.ID, &a.Kind, &a.Who, &a.By.Kind, &a.By.ID, &a.By.Name, when{&a.Made}, when{&a.Done}, &a.Tickets, &a.Files, when{&a.Overwritten}, document{&a.Remains})
		acts = append(acts, a)
		return err
	}, `
		SELECT `+actColumns+`
		FROM privacy_act
		WHERE `+where+`
		ORDER BY made DESC, id
		LIMIT $2`, who, limit)
	if err != nil {
		return nil, fmt.Errorf("acts: %w", err)
	}
	return acts, nil
}

// SweepActs forgets what was done with personal data before a time.
func (db *DB) SweepActs(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM privacy_act WHERE id IN (
			SELECT id FROM privacy_act WHERE made < $1 LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep acts: %w", err)
	}
	return nil
}
