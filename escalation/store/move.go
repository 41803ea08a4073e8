package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// movesSince asks for what was offered of tickets, but for spam and tasks, of which an offer was
// answered since a moment: by ticket, and from its first offer.
const movesSince = `
	SELECT h.ticket, h.from_team, h.team, h.state, h.offered, h.answered
	FROM handoff h
	JOIN ticket t ON t.id = h.ticket
	WHERE h.ticket IN (SELECT ticket FROM handoff WHERE answered >= $1) AND t.doubt <> 'spam' AND t.channel <> 'task'
	ORDER BY h.ticket, h.offered, h.answered, h.id`

// Moves returns what was offered of tickets of which an offer was answered since a
// moment, by ticket and in its order. Spam is left out, and tasks, which no customer asked.
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
