package store

import (
	"context"
	"database/sql"
	"fmt"

	"primalinea/escalation"
)

const tasksOf = `
	SELECT id, number, version, state, turn, since, team, tier, owner, assignee, offered_team, offered_tier, subject, lang, channel, opened, updated, due, priority
	FROM ticket
	WHERE parent <> '' AND parent = $1
	ORDER BY opened, id`

// TasksOf returns what others do or did for the ticket with an id, as lists show it, the
// oldest first.
func (db *DB) TasksOf(ctx context.Context, ticket string) ([]escalation.QueueLine, error) {
	var list []escalation.QueueLine
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var l escalation.QueueLine
		err := rows.Scan(&l.ID, &l.Number, &l.Version, &l.State, &l.Turn, when{&l.Since}, &l.Team, &l.Tier, &l.Owner, &l.Assignee, &l.OfferedTeam, &l.OfferedTier,
			&l.Subject, &l.Lang, &l.Channel, when{&l.Opened}, when{&l.Updated}, due{&l.Due}, &l.Priority)
		list = append(list, l)
		return err
	}, tasksOf, ticket)
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return list, nil
}

// taskIDs are those of what others do or did for a ticket.
func (c conn) taskIDs(ticket string) ([]string, error) {
	return c.ids(`SELECT id FROM ticket WHERE parent <> '' AND parent = $1 AND erased = 0 ORDER BY opened, id`, ticket)
}
