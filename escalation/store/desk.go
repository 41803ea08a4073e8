package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

const deskColumns = `version, made, by_kind, by_id, by_name, body`

func scanDesk(row interface{ Scan(...any) error }) (*escalation.Desk, error) {
	var d escalation.Desk
	err := row.Scan(&d.Version, when{&d.Made}, &d.By.Kind, &d.By.ID, &d.By.Name, document{&d})
	return &d, err
}

// LastDesk returns the version of the desk that is in force, nil when there is none.
func (db *DB) LastDesk(ctx context.Context) (*escalation.Desk, error) {
	list, err := db.desks(ctx, `SELECT `+deskColumns+` FROM desk ORDER BY version DESC LIMIT 1`)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// DeskAt returns a version of the desk, or a [escalation.NotFound] error.
func (db *DB) DeskAt(ctx context.Context, version int) (*escalation.Desk, error) {
	return db.deskAt(db.reader(ctx), version)
}

// deskAt reads a version of the desk once: what is kept never changes.
func (db *DB) deskAt(c conn, version int) (*escalation.Desk, error) {
	if d, ok := db.desk.Load(version); ok {
		return d.(*escalation.Desk), nil
	}
	d, err := scanDesk(c.row(`SELECT `+deskColumns+` FROM desk WHERE version = $1`, version))
	if err != nil {
		return nil, fmt.Errorf("desk %d: %w", version, notFound(err, "error.no_desk"))
	}
	db.desk.Store(version, d)
	return d, nil
}

// DeskHistory returns the newest versions of the desk before one, the latest first.
func (db *DB) DeskHistory(ctx context.Context, before, limit int) ([]escalation.Desk, error) {
	return db.desks(ctx, `SELECT `+deskColumns+` FROM desk WHERE version < $1 ORDER BY version DESC LIMIT $2`, before, limit)
}

func (db *DB) desks(ctx context.Context, query string, args ...any) (list []escalation.Desk, err error) {
	err = db.reader(ctx).each(func(rows *sql.Rows) error {
		d, err := scanDesk(rows)
		list = append(list, *d)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("desks: %w", err)
	}
	return list, nil
}

// KeepDesk keeps a version of the desk. It is a Conflict if somebody was faster.
func (db *DB) KeepDesk(ctx context.Context, d escalation.Desk) error {
	body := encode(d)
	err := db.change(ctx, func(tx conn) error {
		tx.did(audit.Act{At: d.Made, By: d.By, Kind: audit.Desk, Object: strconv.Itoa(d.Version), What: audit.Changed, Last: int64(d.Version), Digest: audit.Digest("", []any{body})})
		n, err := tx.exec(`
			INSERT INTO desk (`+deskColumns+`)
			VALUES (`+list(1, 6)+`)
			ON CONFLICT (version) DO NOTHING`,
			d.Version, d.Made, d.By.Kind, d.By.ID, d.By.Name, body)
		if err == nil && n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.setting_changed"}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("desk %d: %w", d.Version, err)
	}
	return nil
}
