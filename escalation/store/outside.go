package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// An OutsideLink is what an address on another site answered last.
type OutsideLink struct {
	Address string
	State   string
	Status  int
	Failed  int // how often in a row
	Checked time.Time
}

// OutsideLinks returns what is known of all addresses.
func (db *DB) OutsideLinks(ctx context.Context) ([]OutsideLink, error) {
	var out []OutsideLink
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var l OutsideLink
		err := rows.Scan(&l.Address, &l.State, &l.Status, &l.Failed, when{&l.Checked})
		out = append(out, l)
		return err
	}, `
		SELECT address, state, status, failed, checked
		FROM outside_link
		ORDER BY address`)
	if err != nil {
		return nil, fmt.Errorf("links to other sites: %w", err)
	}
	return out, nil
}

// KeepOutsideLinks keeps what addresses answered, and forgets those to which
// nothing links any more.
func (db *DB) KeepOutsideLinks(ctx context.Context, fresh []OutsideLink, gone []string) error {
	err := db.change(ctx, func(tx conn) error {
		for _, l := range fresh {
			_, err := tx.exec(`
				INSERT INTO outside_link (address, state, status, failed, checked)
				VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (address) DO UPDATE SET state = excluded.state, status = excluded.status,
					failed = excluded.failed, checked = excluded.checked`,
				l.Address, l.State, l.Status, l.Failed, l.Checked)
			if err != nil {
				return err
			}
		}
		for _, address := range gone {
			if _, err := tx.exec(`DELETE FROM outside_link WHERE address = $1`, address); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep links to other sites: %w", err)
	}
	return nil
}
