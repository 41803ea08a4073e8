package store

import (
	"context"
	"database/sql"
	"fmt"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

const viewColumns = `id, owner, team, name, filter, version, made, by_kind, by_id, by_name`

func (c conn) views(where string, args ...any) (list []escalation.View, err error) {
	err = c.each(func(rows *sql.Rows) error {
		var v escalation.View
		err := rows.Scan(&v.ID, &v.Owner, &v.Team, &v.Name, document{&v.Filter}, &v.Version, when{&v.Made}, &v.By.Kind, &v.By.ID, &v.By.Name)
		list = append(list, v)
		return err
	}, `SELECT `+viewColumns+` FROM saved_view WHERE `+where, args...)
	return list, err
}

// viewsOf are those of a person, and those of all teams.
const viewsOf = `owner IN ('', $1) ORDER BY owner DESC, team, made, id`

// Views returns the saved lists of a person, and after them those of all teams.
func (db *DB) Views(ctx context.Context, person string) ([]escalation.View, error) {
	list, err := db.reader(ctx).views(viewsOf, person)
	if err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	return list, nil
}

// KeepView keeps a version of a saved list. It is a Conflict if somebody was faster,
// or if its owner or team has [escalation.MaxViews].
func (db *DB) KeepView(ctx context.Context, v escalation.View) error {
	err := db.change(ctx, func(tx conn) error {
		if err := tx.alone("saved_view"); err != nil { // those of a moment count each other
			return err
		}
		query, what := `
			UPDATE saved_view
			SET owner = $2, team = $3, name = $4, filter = $5, version = $6, made = $7, by_kind = $8, by_id = $9, by_name = $10
			WHERE id = $1 AND version = $6 - 1`, audit.Changed
		if v.Version == 1 {
			query, what = `
				INSERT INTO saved_view (`+viewColumns+`)
				VALUES (`+list(1, 10)+`)
				ON CONFLICT (id) DO NOTHING`, audit.Added
		}
		filter := encode(v.Filter)
		n, err := tx.exec(query, v.ID, v.Owner, v.Team, v.Name, filter, v.Version, v.Made, v.By.Kind, v.By.ID, v.By.Name)
		if err != nil {
			return err
		}
		if n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.view_changed"}
		}
		if err := tx.row(`SELECT count(*) FROM saved_view WHERE owner = $1 AND team = $2`, v.Owner, v.Team).Scan(&n); err != nil {
			return err
		}
		if n > escalation.MaxViews {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.views_many", Args: map[string]any{"Max": escalation.MaxViews}}
		}
		tx.did(audit.Act{At: v.Made, By: v.By, Kind: audit.View, Object: v.ID, What: what, Last: int64(v.Version), Note: v.Team, Digest: audit.Digest("", []any{v.Owner, v.Name, filter})})
		return nil
	})
	if err != nil {
		return fmt.Errorf("view %s: %w", v.ID, err)
	}
	return nil
}

// RemoveView removes a version of a saved list. It is a Conflict if somebody was faster.
func (db *DB) RemoveView(ctx context.Context, v escalation.View) error {
	err := db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`DELETE FROM saved_view WHERE id = $1 AND version = $2`, v.ID, v.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.view_changed"}
		}
		tx.did(audit.Act{At: db.now(), Kind: audit.View, Object: v.ID, What: audit.Removed, Last: int64(v.Version), Note: v.Team})
		return nil
	})
	if err != nil {
		return fmt.Errorf("view %s: %w", v.ID, err)
	}
	return nil
}
