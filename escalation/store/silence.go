package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
)

// toHush asks for the tickets that the rules about silence want to look at.
const toHush = `SELECT ticket FROM fuse WHERE look <= $1 ORDER BY look, ticket LIMIT $2`

// Hush applies a rule to those of at most n tickets that the rules about silence want to
// look at now, those that wait longest first, and returns how many these were. The rule
// says when it wants to look again; a zero time is at no time.
func (db *DB) Hush(ctx context.Context, n int, rule func(q escalation.Quiet, promised *escalation.Desk) (c escalation.Change, again time.Time, err error)) (looked int, err error) {
	now := db.now()
	ids, err := db.reader(ctx).ids(toHush, now, n)
	if err != nil {
		return 0, fmt.Errorf("silence: %w", err)
	}
	var failed []error
	for _, id := range ids {
		var c escalation.Change
		err := db.repeat(ctx, func(tx conn) error {
			q, err := tx.quiet(id)
			if err != nil {
				return err
			}
			desk, err := db.deskOf(tx, &q.Ticket)
			if err != nil {
				return err
			}
			version, answers := q.Ticket.Version, answered(&q.Ticket)
			var again time.Time
			if c, again, err = rule(q, desk); err != nil {
				return err
			}
			switch {
			case len(c.Entries) > 0:
				return db.update(tx, version, answers, c)
			case again.IsZero():
				_, err = tx.exec(`DELETE FROM fuse WHERE ticket = $1`, id)
			default:
				_, err = tx.exec(`UPDATE fuse SET look = $1 WHERE ticket = $2`, again, id)
			}
			return err
		})
		switch {
		case err != nil:
			failed = append(failed, fmt.Errorf("ticket %s: %w", id, err), db.repeat(ctx, func(tx conn) error {
				_, err := tx.exec(`UPDATE fuse SET look = $1 WHERE ticket = $2`, now.Add(watchAgain), id)
				return err
			}))
		case len(c.Entries) > 0:
			db.wake()
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failed) > 0 {
		return len(ids), fmt.Errorf("silence: %w", errors.Join(failed...))
	}
	return len(ids), nil
}

// ended are the events by which a ticket may stop to wait for its customer.
var ended = []escalation.EventKind{
	escalation.EventReplied, escalation.EventReopened, escalation.EventResumed, escalation.EventWaiting, escalation.EventJoined,
	escalation.EventConfirmed, escalation.EventLapsed, escalation.EventErased, escalation.EventReturned,
}

// keepFuse lets the rules about silence look at a ticket that waits for its customer,
// soon. What somebody says takes their letters back that are not out yet; one that is
// just being sent is not tried again.
func (tx conn) keepFuse(c escalation.Change, now time.Time) error {
	if len(c.Entries) == 0 || c.Entries[0].Seq == 1 {
		return nil
	}
	id, said, over := c.Ticket.ID, false, false
	for _, e := range c.Entries {
		said = said || e.Kind == escalation.Public
		if e.Event != nil {
			said = said || e.Event.Kind == escalation.EventKept || e.Event.Kind == escalation.EventBrought || e.Event.Kind == escalation.EventTakenBack
			over = over || slices.Contains(ended, e.Event.Kind)
		}
	}
	var err error
	switch {
	case c.Ticket.Silent():
		_, err = tx.exec(`INSERT INTO fuse (ticket, look) VALUES ($1, 0) ON CONFLICT (ticket) DO UPDATE SET look = 0`, id)
	case over:
		_, err = tx.exec(`DELETE FROM fuse WHERE ticket = $1`, id)
	}
	warned := slices.ContainsFunc(c.Ticket.Entries, func(e escalation.Entry) bool {
		return e.Event != nil && e.Event.Kind == escalation.EventReminded
	})
	if err != nil || !warned || !said && !over {
		return err
	}
	_, err = tx.exec(`
		UPDATE letter
		SET state = 'replaced', settled = $1
		WHERE ticket = $2 AND replaces = $3 AND state IN ('waiting', 'held')`,
		now, id, escalation.SilenceLetters)
	return err
}

// outboxOf returns the letters of a ticket, oldest first.
func (c conn) outboxOf(ticket string) ([]escalation.Delivery, error) {
	var letters []escalation.Delivery
	err := c.each(func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		letters = append(letters, d)
		return err
	}, `SELECT `+delivery+` FROM letter WHERE ticket = $1 ORDER BY made, id`, ticket)
	return letters, err
}

// quiet returns what the rules about silence go by, of the ticket with an id.
func (c conn) quiet(id string) (q escalation.Quiet, err error) {
	if q.Ticket, err = c.ticket("id", id); err != nil {
		return q, err
	}
	if q.Letters, err = c.outboxOf(id); err != nil {
		return q, err
	}
	q.Joined, err = q.Ticket.Joining(func(id string) (escalation.Ticket, error) { return c.ticket("id", id) })
	return q, err
}

// waiting asks for tickets that wait for their customers, after one of them.
const waiting = `SELECT ticket FROM fuse WHERE ticket > $1 ORDER BY ticket LIMIT $2`

// Quiet returns tickets that wait for their customers, in the order of their ids; after
// is the last of the page before, and next that of this one if there are more.
func (db *DB) Quiet(ctx context.Context, after string, limit int) (list []escalation.Quiet, next string, err error) {
	c := db.reader(ctx)
	ids, err := c.ids(waiting, after, limit+1)
	if len(ids) > limit {
		ids = ids[:limit]
		next = ids[limit-1]
	}
	for _, id := range ids {
		var q escalation.Quiet
		if err == nil {
			q, err = c.quiet(id)
		}
		list = append(list, q)
	}
	if err != nil {
		return nil, "", fmt.Errorf("tickets that wait for customers: %w", err)
	}
	return list, next, nil
}

// SentLetters returns the last letters that a mail server took, the latest first: those
// to an address, or to any when it is empty.
func (db *DB) SentLetters(ctx context.Context, to string, limit int) ([]escalation.Delivery, error) {
	var letters []escalation.Delivery
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		letters = append(letters, d)
		return err
	}, `SELECT `+delivery+` FROM letter WHERE state = 'sent' AND ($1 = '' OR lower(recipient) = $1) ORDER BY made DESC, id DESC LIMIT $2`, strings.ToLower(to), limit)
	if err != nil {
		return nil, fmt.Errorf("letters that were sent: %w", err)
	}
	return letters, nil
}
