package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation/clock"
	"primalinea/escalation/tiers"
)

// casesSince asks for what happened to the clocks of tickets that changed since a moment,
// or are not closed: what nobody touches comes due, too.
const casesSince = `
	SELECT t.id, t.desk, t.request_type, t.team, t.tier, t.highest_tier, e.made, e.act, e.clock, e.cause, e.tier, e.entry
	FROM (
		SELECT id, desk, request_type, team, tier, highest_tier, updated
		FROM ticket
		WHERE updated >= $1 AND doubt = ''
		UNION
		SELECT id, desk, request_type, team, tier, highest_tier, updated
		FROM ticket
		WHERE state <> 'closed' AND doubt = ''
	) t
	JOIN clock_event e ON e.ticket = t.id
	ORDER BY t.updated, t.id, e.seq`

// Cases returns the tickets that changed since a moment or are not closed, but for spam,
// as a report on tiers reads them.
func (db *DB) Cases(ctx context.Context, since time.Time) ([]tiers.Case, error) {
	var list []tiers.Case
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var c tiers.Case
		var e clock.Event
		if err := rows.Scan(&c.ID, &c.Desk, &c.Type, &c.Team, &c.Tier, &c.Highest, when{&e.At}, &e.Act, &e.Clock, &e.Cause, &e.Tier, &e.Entry); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].ID != c.ID {
			list = append(list, c)
		}
		last := &list[len(list)-1]
		last.Clocks = append(last.Clocks, e)
		return nil
	}, casesSince, since)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	return list, nil
}

// unsolved asks for what is not solved.
const unsolved = `
	SELECT team, tier, opened, due
	FROM ticket
	WHERE state <> 'closed' AND doubt = '' AND state <> 'solved'`

// Unsolved returns what waits to be solved.
func (db *DB) Unsolved(ctx context.Context) ([]tiers.Waiting, error) {
	var list []tiers.Waiting
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var w tiers.Waiting
		err := rows.Scan(&w.Team, &w.Tier, when{&w.Opened}, due{&w.Due})
		list = append(list, w)
		return err
	}, unsolved)
	if err != nil {
		return nil, fmt.Errorf("unsolved tickets: %w", err)
	}
	return list, nil
}
