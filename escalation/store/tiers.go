package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/tiers"
)

// casesSince asks for what happened to tickets that changed since a moment, or are not
// closed: what nobody touches comes due, too. Adding nothing keeps the index of what
// changed from being used for all that did not.
const casesSince = `
	SELECT id, request_type, team, tier, highest_tier, state, due, life
	FROM ticket
	WHERE updated >= $1 AND doubt = '' AND channel <> 'task'
	UNION ALL
	SELECT id, request_type, team, tier, highest_tier, state, due, life
	FROM ticket
	WHERE state <> 'closed' AND doubt = '' AND channel <> 'task' AND updated + 0 < $1`

// Cases names each ticket that changed since a moment or is not closed, but for spam and tasks, as
// a report on tiers reads it. One that was not reckoned yet is left out.
func (db *DB) Cases(ctx context.Context, since time.Time, each func(c *tiers.Case)) error {
	var c tiers.Case
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var state escalation.State
		var life string
		err := rows.Scan(&c.ID, &c.Type, &c.Team, &c.Tier, &c.Highest, &state, due{&c.Due}, &life)
		if err != nil || life == "" {
			return err
		}
		if c.Life, err = tiers.ParseLife(life); err != nil {
			return err
		}
		c.Open = state != escalation.Solved && state != escalation.Closed
		each(&c)
		return nil
	}, casesSince, since)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return nil
}

// ratedBetween counts what customers said from one moment to another.
const ratedBetween = `
	SELECT channel, tier, score, COUNT(*)
	FROM rating
	WHERE made >= $1 AND made < $2
	GROUP BY channel, tier, score`

// Rated counts what customers said from one moment to another.
func (db *DB) Rated(ctx context.Context, from, to time.Time) ([]escalation.RatingCount, error) {
	var list []escalation.RatingCount
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var n escalation.RatingCount
		err := rows.Scan(&n.Channel, &n.Tier, &n.Score, &n.N)
		list = append(list, n)
		return err
	}, ratedBetween, from, to)
	if err != nil {
		return nil, fmt.Errorf("ratings: %w", err)
	}
	return list, nil
}
