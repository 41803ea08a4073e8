package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// call keeps whom the notes among entries of a ticket call, and the answers to its tasks.
func (tx conn) call(ticket string, entries []escalation.Entry) error {
	for _, e := range entries {
		if e.Event == nil || e.Event.Kind != escalation.EventMentioned && e.Event.Kind != escalation.EventTaskAnswered {
			continue
		}
		for _, c := range e.Event.Called {
			if _, err := tx.exec(`
				INSERT INTO mention (entry, person, ticket, made, done)
				VALUES ($1, $2, $3, $4, 0)`, e.ID, c.ID, ticket, e.At); err != nil {
				return fmt.Errorf("mentions: %w", err)
			}
		}
	}
	return nil
}

// Mentions returns the latest notes that call a person: those that they are not done
// with, or the others. Of an erased ticket there are none: nothing is left to read.
func (db *DB) Mentions(ctx context.Context, person string, done bool, limit int) ([]escalation.Mention, error) {
	// Those that are not done stand together in the index, and are a few.
	cond, order := `m.done = 0`, `m.made DESC, m.entry`
	if done {
		cond, order = `m.done > 0`, `m.done DESC, m.entry`
	}
	var list []escalation.Mention
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var m escalation.Mention
		t := &m.Ticket
		err := rows.Scan(&m.Entry, when{&m.At}, when{&m.Done}, &m.By.Kind, &m.By.ID, &m.By.Name,
			&t.ID, &t.Number, &t.Subject, &t.Lang, &t.State, &t.Team, &t.Tier)
		list = append(list, m)
		return err
	}, `
		SELECT m.entry, m.made, m.done, e.by_kind, e.by_id, e.by_name, t.id, t.number, t.subject, t.lang, t.state, t.team, t.tier
		FROM mention m
		JOIN entry e ON e.id = m.entry
		JOIN ticket t ON t.id = m.ticket
		WHERE m.person = $1 AND t.erased = 0 AND `+cond+`
		ORDER BY `+order+`
		LIMIT $2`, person, limit)
	if err != nil {
		return nil, fmt.Errorf("mentions of %s: %w", person, err)
	}
	return list, nil
}

// CountMentions returns how many notes call a person who is not done with them, counted
// to a limit.
func (db *DB) CountMentions(ctx context.Context, person string, most int) (n int, err error) {
	err = db.reader(ctx).row(`
		SELECT count(*)
		FROM (
			SELECT 1
			FROM mention m
			JOIN ticket t ON t.id = m.ticket
			WHERE m.person = $1 AND m.done = 0 AND t.erased = 0
			LIMIT $2) AS open`, person, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("mentions of %s: %w", person, err)
	}
	return n, nil
}

// DoneMentions notes that a person is done with what some notes call them for. What is
// not theirs, or done already, stays as it is.
func (db *DB) DoneMentions(ctx context.Context, person string, entries []string, now time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		for _, e := range entries {
			if _, err := tx.exec(`UPDATE mention SET done = $1 WHERE person = $2 AND entry = $3 AND done = 0`, now, person, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mentions of %s: %w", person, err)
	}
	return nil
}
