package store

import (
	"context"
	"fmt"
)

// Setting reads what a lead decided into v, and leaves v alone when nobody has:
// it holds what is then true.
func (db *DB) Setting(ctx context.Context, name string, v any) error {
	if _, err := one(db.reader(ctx).row(`SELECT value FROM setting WHERE name = $1`, name), document{v}); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}

// SetSetting keeps what a lead decided.
func (db *DB) SetSetting(ctx context.Context, name string, v any) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO setting (name, value)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, encode(v))
		return err
	})
	if err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}
