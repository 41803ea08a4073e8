package store

import (
	"context"
	"database/sql"
	"fmt"

	"primalinea/escalation"
)

const alsoOf = `
	SELECT id, number, state, subject, opened, lang
	FROM ticket
	WHERE email <> '' AND email = $1 AND id <> $2 AND doubt = '' AND erased = 0 AND state <> 'closed' AND state <> 'solved'
	ORDER BY updated DESC, id
	LIMIT $3`

// AlsoOf returns what else is in progress of who asks under an address, besides one
// ticket, the latest first.
func (db *DB) AlsoOf(ctx context.Context, email, ticket string, limit int) ([]escalation.QueueLine, error) {
	var lines []escalation.QueueLine
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var l escalation.QueueLine
		err := rows.Scan(&l.ID, &l.Number, &l.State, &l.Subject, when{&l.Opened}, &l.Lang)
		lines = append(lines, l)
		return err
	}, alsoOf, fold(email), ticket, limit)
	if err != nil {
		return nil, fmt.Errorf("tickets of the same requester: %w", err)
	}
	return lines, nil
}
