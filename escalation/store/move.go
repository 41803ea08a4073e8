package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// movesSince asks for what was offered since a moment, by ticket and in its order.
const movesSince = `
	SELECT ticket, from_team, team, state, offered, answered
	FROM handoff
	WHERE offered >= $1
	ORDER BY ticket, offered, answered, id`

// Moves returns what was offered since a moment, by ticket and in its order.
func (db *DB) Moves(ctx context.Context, since time.Time) ([]escalation.Move, error) {
	var list []escalation.Move
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var m escalation.Move
		err := rows.Scan(&m.Ticket, &m.From, &m.To, &m.State, when{&m.Offered}, when{&m.Answered})
		list = append(list, m)
		return err
	}, movesSince, since)
	if err != nil {
		return nil, fmt.Errorf("moves: %w", err)
	}
	return list, nil
}
