package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"primalinea/escalation/demand"
)

// Decisions returns the last decision on each line, by its ID, of the newest
// decisions.
func (db *DB) Decisions(ctx context.Context, limit int) (map[string]demand.Decision, error) {
	decisions := map[string]demand.Decision{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var d demand.Decision
		err := rows.Scan(&d.Line, &d.Choice, &d.Article, &d.Reason, &d.By.Kind, &d.By.ID, &d.By.Name, when{&d.At})
		if _, newer := decisions[d.Line]; !newer {
			decisions[d.Line] = d
		}
		return err
	}, `
		SELECT line, choice, article, reason, by_kind, by_id, by_name, made
		FROM demand_decision
		ORDER BY made DESC, id DESC
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("decisions: %w", err)
	}
	return decisions, nil
}

// SaveDecision keeps a decision, beside earlier ones.
func (db *DB) SaveDecision(ctx context.Context, d demand.Decision) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO demand_decision (id, line, choice, article, reason, by_kind, by_id, by_name, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			rand.Text(), d.Line, d.Choice, d.Article, d.Reason, d.By.Kind, d.By.ID, d.By.Name, d.At)
		return err
	})
	if err != nil {
		return fmt.Errorf("decision on %s: %w", d.Line, err)
	}
	return nil
}
