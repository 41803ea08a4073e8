package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation/audit"
	"primalinea/escalation/privacy"
)

const actColumns = `id, kind, who, by_kind, by_id, by_name, made, done, tickets, files, overwritten, remains, taken`

// SaveAct keeps what was done with personal data, or what it came to further.
func (db *DB) SaveAct(ctx context.Context, a privacy.Act) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO privacy_act (`+actColumns+`)
			VALUES (`+list(1, 13)+`)
			ON CONFLICT (id) DO UPDATE SET tickets = excluded.tickets, files = excluded.files, remains = excluded.remains`,
			a.ID, a.Kind, a.Who, a.By.Kind, a.By.ID, a.By.Name, a.Made, a.Done, a.Tickets, a.Files, a.Overwritten, remaining(a.Remains), a.Taken)
		if err == nil && !a.Done.IsZero() {
			tx.doneWith(&a)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("save act: %w", err)
	}
	return nil
}

// doneWith notes that an act is done.
func (tx conn) doneWith(a *privacy.Act) {
	tx.did(audit.Act{At: a.Done, By: a.By, Kind: audit.Requester, Object: a.ID, What: string(a.Kind), Note: fmt.Sprintf("%d/%d", a.Tickets, a.Files)})
}

// SettleAct notes that bytes of an act were removed, and, when it says so, that all else
// was taken out. It is done at this time if it was not, and nothing is left: however many
// settle it at once, that is noted once.
func (db *DB) SettleAct(ctx context.Context, id string, taken bool, removed []privacy.Remains, at time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		// Who changed the row keeps others from it until the end.
		if _, err := tx.exec(`UPDATE privacy_act SET taken = CASE WHEN $1 = 1 THEN 1 ELSE taken END WHERE id = $2`, taken, id); err != nil {
			return err
		}
		list, err := tx.privacyActs(`id = $1`, id, 1)
		if err != nil || len(list) == 0 {
			return err
		}
		a := list[0]
		a.Remains = slices.DeleteFunc(a.Remains, func(r privacy.Remains) bool {
			return slices.ContainsFunc(removed, func(o privacy.Remains) bool { return o.Hash == r.Hash && o.Since.Equal(r.Since) })
		})
		ends := a.Taken && a.Done.IsZero() && len(a.Remains) == 0
		if ends {
			a.Done = at
		}
		_, err = tx.exec(`UPDATE privacy_act SET remains = $1, done = $2 WHERE id = $3`, remaining(a.Remains), a.Done, id)
		if err == nil && ends {
			tx.doneWith(&a)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("settle act: %w", err)
	}
	return nil
}

// remaining is how the bytes that remain of an act are kept.
func remaining(list []privacy.Remains) string {
	if len(list) == 0 {
		return ""
	}
	return encode(list)
}

// Acts returns the newest acts; of one person, or of all without a hash.
func (db *DB) Acts(ctx context.Context, who string, limit int) ([]privacy.Act, error) {
	return db.acts(ctx, `$1 = '' OR who = $1`, who, limit)
}

// Undone returns the acts of one person that are not done; for nobody, those of all of
// which bytes remain, and what expired and is not done.
func (db *DB) Undone(ctx context.Context, who string) ([]privacy.Act, error) {
	return db.acts(ctx, `done = 0 AND who = $1 AND who <> '' OR $1 = '' AND (remains <> '' OR kind = 'expire' AND done = 0)`, who, 1000)
}

func (db *DB) acts(ctx context.Context, where, who string, limit int) ([]privacy.Act, error) {
	acts, err := db.reader(ctx).privacyActs(where, who, limit)
	if err != nil {
		return nil, fmt.Errorf("acts: %w", err)
	}
	return acts, nil
}

func (c conn) privacyActs(where, arg string, limit int) (acts []privacy.Act, err error) {
	err = c.each(func(rows *sql.Rows) error {
		var a privacy.Act
		err := rows.Scan(&a.ID, &a.Kind, &a.Who, &a.By.Kind, &a.By.ID, &a.By.Name, when{&a.Made}, when{&a.Done}, &a.Tickets, &a.Files, when{&a.Overwritten}, document{&a.Remains}, truth{&a.Taken})
		acts = append(acts, a)
		return err
	}, `
		SELECT `+actColumns+`
		FROM privacy_act
		WHERE `+where+`
		ORDER BY made DESC, id
		LIMIT $2`, arg, limit)
	return acts, err
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
