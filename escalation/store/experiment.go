package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation/journey"
)

// HoldOuts returns the experiments on the contact form, and the version of their list.
func (db *DB) HoldOuts(ctx context.Context) (journey.HoldOuts, int64, error) {
	var h journey.HoldOuts
	var version int64
	if _, err := one(db.reader(ctx).row(`SELECT value, version FROM setting WHERE name = $1`, journey.ContactForm), document{&h}, &version); err != nil {
		return h, 0, fmt.Errorf("experiments: %w", err)
	}
	return h, version, nil
}

// SaveHoldOuts keeps what was made of a version of the list, or is a Conflict.
func (db *DB) SaveHoldOuts(ctx context.Context, version int64, h journey.HoldOuts) error {
	return db.EditSetting(ctx, journey.ContactForm, version, h)
}

const (
	triggers   = `SELECT experiment, visitor, arm, made, ticket, again, was_read, score FROM suggestion_trigger WHERE made >= $1`
	triggersOf = triggers + ` AND experiment = $2`
)

// Triggers returns those of an experiment; of any, without a name; since a time.
func (db *DB) Triggers(ctx context.Context, experiment string, since time.Time) ([]journey.Trigger, error) {
	query, args := triggers, []any{since}
	if experiment != "" {
		query, args = triggersOf, append(args, experiment)
	}
	var found []journey.Trigger
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var t journey.Trigger
		err := rows.Scan(&t.Experiment, &t.Visitor, &t.Arm, when{&t.At}, when{&t.Ticket}, when{&t.Again}, truth{&t.Read}, &t.Score)
		found = append(found, t)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("triggers: %w", err)
	}
	return found, nil
}

// saveTriggers keeps triggers, but for those that are not the first of their visitor
// in their experiment.
func (c conn) saveTriggers(triggers []journey.Trigger) error {
	return inParts(triggers, func(part []journey.Trigger) error {
		args := make([]any, 0, 7*len(part))
		for _, t := range part {
			args = append(args, t.Experiment, t.Visitor, t.Arm, t.At, t.Ticket, t.Again, t.Read)
		}
		_, err := c.exec(`
			INSERT INTO suggestion_trigger (experiment, visitor, arm, made, ticket, again, was_read)
			VALUES `+rowsOf(len(part), 7)+`
			ON CONFLICT (experiment, visitor) DO NOTHING`, args...)
		return err
	})
}

// follow notes what followed upon triggers, as [journey.Trigger.Follow] says. Most
// visitors have none.
func (c conn) follow(sequels []journey.Sequel) error {
	var visitors []string
	known := map[string]bool{}
	for _, s := range sequels {
		if _, ok := known[s.Visitor]; !ok {
			known[s.Visitor] = false
			visitors = append(visitors, s.Visitor)
		}
	}
	err := inParts(visitors, func(part []string) error {
		args := make([]any, len(part))
		for i, v := range part {
			args[i] = v
		}
		return c.each(func(rows *sql.Rows) error {
			var visitor string
			err := rows.Scan(&visitor)
			known[visitor] = true
			return err
		}, `SELECT visitor FROM suggestion_trigger WHERE visitor IN (`+list(1, len(part))+`)`, args...)
	})
	if err != nil {
		return err
	}
	for _, s := range sequels {
		if known[s.Visitor] {
			if err := c.followOne(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c conn) followOne(s journey.Sequel) error {
	if s.Kind == journey.ArticleRead {
		_, err := c.exec(`UPDATE suggestion_trigger SET was_read = 1 WHERE visitor = $1 AND made <= $2 AND was_read = 0`, s.Visitor, s.At)
		return err
	}
	if s.Kind == journey.TicketCreated {
		if _, err := c.exec(`
			UPDATE suggestion_trigger SET ticket = $2
			WHERE visitor = $1 AND made <= $2 AND (ticket = 0 OR ticket > $2)`, s.Visitor, s.At); err != nil {
			return err
		}
	}
	_, err := c.exec(`
		UPDATE suggestion_trigger SET again = $2
		WHERE visitor = $1 AND made < $3 AND (again = 0 OR again > $2)`, s.Visitor, s.At, s.At.Add(-journey.Pause))
	return err
}

// SweepTriggers forgets triggers of before a time.
func (db *DB) SweepTriggers(ctx context.Context, before time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM suggestion_trigger WHERE made < $1`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep triggers: %w", err)
	}
	return nil
}
