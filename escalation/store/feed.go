package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"primalinea/escalation/audit"
)

// changedSince reads of a lane which tickets were changed after an act.
const changedSince = `SELECT seq, hash, kind, object FROM audit WHERE lane = $1 AND seq > $2 ORDER BY seq LIMIT $3`

// ChangedTickets returns the numbers of tickets that were changed after these marks,
// and the marks that are then reached. At most n acts are read of each lane; more says
// that others follow. known is false when the record does not hold the
// marks: they are of another database, or of one that was replaced by a backup.
//
// The record of acts is in the order of commits, whatever clocks said.
func (db *DB) ChangedTickets(ctx context.Context, since []audit.Mark, n int) (numbers []string, reached []audit.Mark, more, known bool, err error) {
	c := db.reader(ctx)
	ends := map[int]audit.Mark{}
	if err := c.each(func(rows *sql.Rows) error {
		var m audit.Mark
		err := rows.Scan(&m.Lane, &m.Seq, &m.Hash)
		ends[m.Lane] = m
		return err
	}, `SELECT lane, seq, hash FROM audit_head WHERE seq > 0`); err != nil {
		return nil, nil, false, false, fmt.Errorf("changed tickets: %w", err)
	}
	at := map[int]audit.Mark{}
	for _, m := range since {
		var hash string
		if end := ends[m.Lane]; end.Seq == m.Seq {
			hash = end.Hash
		} else if _, err := one(c.row(`SELECT hash FROM audit WHERE lane = $1 AND seq = $2`, m.Lane, m.Seq), &hash); err != nil {
			return nil, nil, false, false, fmt.Errorf("changed tickets: %w", err)
		}
		if hash != m.Hash {
			return nil, nil, false, false, nil
		}
		at[m.Lane] = m
	}
	seen := map[string]bool{}
	for lane, end := range ends {
		m := at[lane]
		m.Lane = lane
		if m.Seq < end.Seq {
			if err := c.each(func(rows *sql.Rows) error {
				var kind audit.Kind
				var object string
				if err := rows.Scan(&m.Seq, &m.Hash, &kind, &object); err != nil {
					return err
				}
				if kind == audit.Ticket && !seen[object] {
					seen[object] = true
					numbers = append(numbers, object)
				}
				return nil
			}, changedSince, lane, m.Seq, n); err != nil {
				return nil, nil, false, false, fmt.Errorf("changed tickets: %w", err)
			}
		}
		more = more || m.Seq < end.Seq
		reached = append(reached, m)
	}
	slices.SortFunc(reached, func(a, b audit.Mark) int { return a.Lane - b.Lane })
	return numbers, reached, more, true, nil
}
