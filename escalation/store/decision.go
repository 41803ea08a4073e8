package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/audit"
	"primalinea/escalation/demand"
)

const decisionColumns = `id, line, choice, article, lang, revision, owner, reason, until, people, by_kind, by_id, by_name, made`

func (c conn) decisions(where string, args ...any) ([]demand.Decision, error) {
	var list []demand.Decision
	err := c.each(func(rows *sql.Rows) error {
		var d demand.Decision
		err := rows.Scan(&d.ID, &d.Line, &d.Choice, &d.Article, &d.Lang, &d.Revision, &d.Owner, &d.Reason, when{&d.Until}, &d.People, &d.By.Kind, &d.By.ID, &d.By.Name, when{&d.At})
		list = append(list, d)
		return err
	}, `SELECT `+decisionColumns+` FROM demand_decision `+where, args...)
	return list, err
}

// Decisions returns the last decision on each line, by its ID, of the newest
// decisions.
func (db *DB) Decisions(ctx context.Context, limit int) (map[string]demand.Decision, error) {
	list, err := db.reader(ctx).decisions(`ORDER BY made DESC, id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("decisions: %w", err)
	}
	last := map[string]demand.Decision{}
	for _, d := range list {
		if _, newer := last[d.Line]; !newer {
			last[d.Line] = d
		}
	}
	return last, nil
}

// DecisionsOf returns all decisions on some lines, the newest first.
func (db *DB) DecisionsOf(ctx context.Context, lines []string) ([]demand.Decision, error) {
	var all []demand.Decision
	err := inParts(lines, func(part []string) error {
		args := make([]any, len(part))
		for i, line := range part {
			args[i] = line
		}
		list, err := db.reader(ctx).decisions(`WHERE line IN (`+list(1, len(part))+`)`, args...)
		all = append(all, list...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decisions: %w", err)
	}
	slices.SortFunc(all, func(a, b demand.Decision) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID))
	})
	return all, nil
}

// SaveDecision keeps a decision, beside earlier ones; of two with the same ID the
// first.
func (db *DB) SaveDecision(ctx context.Context, d demand.Decision) error {
	err := db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`
			INSERT INTO demand_decision (`+decisionColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT (id) DO NOTHING`,
			cmp.Or(d.ID, rand.Text()), d.Line, d.Choice, d.Article, d.Lang, d.Revision, d.Owner, d.Reason, d.Until, d.People, d.By.Kind, d.By.ID, d.By.Name, d.At)
		if err == nil && n > 0 {
			tx.did(audit.Act{At: d.At, By: d.By, Kind: audit.Demand, Object: d.Line, What: string(d.Choice), Note: d.Article})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("decision on %s: %w", d.Line, err)
	}
	return nil
}

// Confirmed counts the visitors who asked on a line since a time and were answered by
// an article in the end, by its key.
func (db *DB) Confirmed(ctx context.Context, line string, since time.Time) (map[string]int, error) {
	confirmed := map[string]int{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var article string
		var n int
		err := rows.Scan(&article, &n)
		confirmed[article] = n
		return err
	}, `
		SELECT article, COUNT(DISTINCT visitor)
		FROM answer
		WHERE journey IN (SELECT journey FROM demand_signal WHERE line = $1 AND journey <> '' AND made >= $2)
		GROUP BY article`, line, since)
	if err != nil {
		return nil, fmt.Errorf("answered on %s: %w", line, err)
	}
	return confirmed, nil
}

// hourName is the setting that says what an hour of work costs.
const hourName = "hour of work"

// Price returns what an hour of work costs, and the version of that.
func (db *DB) Price(ctx context.Context) (demand.Price, int64, error) {
	var p demand.Price
	var version int64
	if _, err := one(db.reader(ctx).row(`SELECT value, version FROM setting WHERE name = $1`, hourName), document{&p}, &version); err != nil {
		return p, 0, fmt.Errorf("price of an hour: %w", err)
	}
	return p, version, nil
}

// SavePrice keeps what was made of a version of the price, or is a Conflict.
func (db *DB) SavePrice(ctx context.Context, version int64, p demand.Price) error {
	return db.EditSetting(ctx, hourName, version, p)
}
