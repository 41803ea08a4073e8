package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// BeginCircular keeps an answer to many tickets, of which nothing is sent yet, and who is
// left out of it from the beginning. The same one twice is one.
func (db *DB) BeginCircular(ctx context.Context, c escalation.Circular) error {
	err := db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`
			INSERT INTO circular (id, problem, maker, made, body, solves, article, reason, done)
			VALUES (`+list(1, 9)+`)
			ON CONFLICT (id) DO NOTHING`,
			c.ID, c.Problem, encode(c.By), c.Made, encode(c.Body), c.Solves, c.Article, c.Reason, c.Done)
		if err != nil || n == 0 {
			return err
		}
		return inParts(c.Copies, func(part []escalation.Copy) error {
			var args []any
			for _, k := range part {
				args = append(args, c.ID, k.Number, k.Seen, k.Done, k.LeftOut)
			}
			_, err := tx.exec(`INSERT INTO circular_copy (circular, number, seen, done, left_out) VALUES `+rowsOf(len(part), 5), args...)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("circular %s: %w", c.ID, err)
	}
	return nil
}

// circulars returns answers to many tickets, without their copies.
func (c conn) circulars(where string, args ...any) (list []escalation.Circular, err error) {
	err = c.each(func(rows *sql.Rows) error {
		var l escalation.Circular
		err := rows.Scan(&l.ID, &l.Problem, document{&l.By}, when{&l.Made}, document{&l.Body}, truth{&l.Solves}, &l.Article, &l.Reason, when{&l.Done})
		list = append(list, l)
		return err
	}, `SELECT id, problem, maker, made, body, solves, article, reason, done FROM circular WHERE `+where, args...)
	return list, err
}

// Circular returns an answer to many tickets with its copies, or a
// [escalation.NotFound] error.
func (db *DB) Circular(ctx context.Context, id string) (escalation.Circular, error) {
	c := db.reader(ctx)
	list, err := c.circulars(`id = $1`, id)
	if err == nil && len(list) == 0 {
		err = &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_circular"}
	}
	if err == nil {
		err = c.each(func(rows *sql.Rows) error {
			var k escalation.Copy
			err := rows.Scan(&k.Number, &k.Seen, truth{&k.Done}, &k.LeftOut)
			list[0].Copies = append(list[0].Copies, k)
			return err
		}, `SELECT number, seen, done, left_out FROM circular_copy WHERE circular = $1 ORDER BY number`, id)
	}
	if err != nil {
		return escalation.Circular{}, fmt.Errorf("circular %s: %w", id, err)
	}
	return list[0], nil
}

// CircularsOf returns the answers to all tickets of a problem, the latest first, without
// their copies.
func (db *DB) CircularsOf(ctx context.Context, problem string) ([]escalation.Circular, error) {
	list, err := db.reader(ctx).circulars(`problem = $1 AND problem <> '' ORDER BY made DESC, id`, problem)
	if err != nil {
		return nil, fmt.Errorf("circulars of problem %s: %w", problem, err)
	}
	return list, nil
}

// OpenCirculars returns the ids of those that are not finished, the oldest first.
func (db *DB) OpenCirculars(ctx context.Context) ([]string, error) {
	ids, err := db.reader(ctx).ids(`SELECT id FROM circular WHERE done = 0 ORDER BY made, id`)
	if err != nil {
		return nil, fmt.Errorf("open circulars: %w", err)
	}
	return ids, nil
}

// EndCopy notes what became of a circular in a ticket: why it was left out, or nothing.
// What is noted already stays.
func (db *DB) EndCopy(ctx context.Context, id, number, leftOut string) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`UPDATE circular_copy SET done = 1, left_out = $1 WHERE circular = $2 AND number = $3 AND done = 0`, leftOut, id, number)
		return err
	})
	if err != nil {
		return fmt.Errorf("circular %s: %w", id, err)
	}
	return nil
}

// EndCircular notes that all of a circular is sent or left out. Its words are in the
// tickets then, where they can be erased.
func (db *DB) EndCircular(ctx context.Context, id string, now time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			UPDATE circular
			SET body = '', done = $1
			WHERE id = $2 AND done = 0 AND NOT EXISTS (SELECT 1 FROM circular_copy WHERE circular = $2 AND done = 0)`, now, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("circular %s: %w", id, err)
	}
	return nil
}
