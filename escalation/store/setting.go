package store

import (
	"context"
	"database/sql"
	"fmt"

	"primalinea/escalation"
	"primalinea/escalation/setting"
)

// Setting reads what a lead decided into v, and leaves v alone when nobody has:
// it holds what is then true.
func (db *DB) Setting(ctx context.Context, name string, v any) error {
	if _, err := one(db.reader(ctx).row(`SELECT value FROM setting WHERE name = $1`, name), document{v}); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}

// Settings returns all that leads decided, by name.
func (db *DB) Settings(ctx context.Context) (map[string]setting.Row, error) {
	rows := map[string]setting.Row{}
	err := db.reader(ctx).each(func(r *sql.Rows) error {
		var name, value string
		var version int64
		err := r.Scan(&name, &value, &version)
		rows[name] = setting.Row{Value: []byte(value), Version: version}
		return err
	}, `SELECT name, value, version FROM setting`)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return rows, nil
}

// SetSetting keeps what a lead decided, whatever it was before.
func (db *DB) SetSetting(ctx context.Context, name string, v any) error {
	err := db.change(ctx, func(tx conn) error {
		var version int64
		value := encode(v)
		err := tx.row(`
			INSERT INTO setting (name, value, version)
			VALUES ($1, $2, 1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = setting.version + 1
			RETURNING version`, name, value).Scan(&version)
		tx.settled(name, version, value, db.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}

// EditSetting keeps what a lead made of a version of a setting, 0 when there was
// none. It is a Conflict if somebody was faster.
func (db *DB) EditSetting(ctx context.Context, name string, version int64, v any) error {
	err := db.change(ctx, func(tx conn) error {
		query := `
			UPDATE setting
			SET value = $2, version = version + 1
			WHERE name = $1 AND version = $3`
		if version == 0 {
			query = `
				INSERT INTO setting (name, value, version)
				VALUES ($1, $2, $3 + 1)
				ON CONFLICT (name) DO NOTHING`
		}
		value := encode(v)
		n, err := tx.exec(query, name, value, version)
		if err == nil && n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.setting_changed"}
		}
		tx.settled(name, version+1, value, db.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}
