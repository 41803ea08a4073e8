package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/tiers"
)

// noDue is when a ticket is due that is due at no time: after all others.
const noDue = math.MaxInt64

// dueMillis is a due date as a column keeps it.
func dueMillis(t time.Time) int64 {
	if t.IsZero() {
		return noDue
	}
	return t.UnixMilli()
}

// A due scans a column of dueMillis.
type due struct{ t *time.Time }

// Scan implements [sql.Scanner].
func (d due) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("due is %T", v)
	}
	*d.t = time.Time{}
	if n != noDue && n >= 0 {
		*d.t = time.UnixMilli(n).UTC()
	}
	return nil
}

// due returns when a ticket is due next, as the desk promised at its version, when the
// automatic rules look at it next, at or after a moment, and what reports read of it.
func (db *DB) due(c conn, t *escalation.Ticket, now time.Time) (due, look int64, life string, err error) {
	desk, err := db.deskOf(c, t)
	if err != nil {
		return 0, 0, "", err
	}
	dues := t.Dues(desk)
	due = dueMillis(t.NextDue(dues))
	lived := tiers.NewLife(t.Clocks, dues)
	return due, dueMillis(t.Look(desk, dues, now)), lived.String(), nil
}

// deskOf returns how the desk was set up for a ticket.
func (db *DB) deskOf(c conn, t *escalation.Ticket) (*escalation.Desk, error) {
	desk, err := db.deskAt(c, max(t.Desk, 1)) // older ones than all versions are of the first
	if escalation.KindOf(err) == escalation.NotFound {
		return escalation.ShippedDesk(), nil // nobody has set it up yet
	}
	return desk, err
}

// keepClocks keeps what the clocks of a ticket did since they were kept last. That was
// before the entry with a number.
func (tx conn) keepClocks(t *escalation.Ticket, entry int) error {
	kept := 0
	if len(t.Clocks) > 0 && t.Clocks[0].Entry < entry {
		if err := tx.row(`SELECT COALESCE(MAX(seq), 0) FROM clock_event WHERE ticket = $1`, t.ID).Scan(&kept); err != nil {
			return err
		}
	}
	const columns, most = 9, 1000 // as many as a statement may have arguments for
	for kept < len(t.Clocks) {
		var rows []string
		var args []any
		for ; kept < len(t.Clocks) && len(rows) < most; kept++ {
			e := t.Clocks[kept]
			rows = append(rows, "("+list(len(args)+1, columns)+")")
			args = append(args, t.ID, kept+1, e.At, string(e.Act), string(e.Clock), e.Cause, e.Tier, e.Entry, e.Priority)
		}
		if _, err := tx.exec(`INSERT INTO clock_event (ticket, seq, made, act, clock, cause, tier, entry, priority) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return err
		}
	}
	return nil
}

// Clocks returns the ledgers of tickets by their ids.
func (db *DB) Clocks(ctx context.Context, tickets []string) (map[string]clock.Ledger, error) {
	all := make(map[string]clock.Ledger, len(tickets))
	if len(tickets) == 0 {
		return all, nil
	}
	args := make([]any, len(tickets))
	for i, id := range tickets {
		args[i] = id
	}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id string
		var e clock.Event
		err := rows.Scan(&id, when{&e.At}, &e.Act, &e.Clock, &e.Cause, &e.Tier, &e.Entry, &e.Priority)
		all[id] = append(all[id], e)
		return err
	}, `SELECT ticket, made, act, clock, cause, tier, entry, priority
		FROM clock_event
		WHERE ticket IN (`+list(1, len(args))+`)
		ORDER BY ticket, seq`, args...)
	if err != nil {
		return nil, fmt.Errorf("clocks: %w", err)
	}
	return all, nil
}

// reckonAtOnce is how many tickets are reckoned in one transaction.
const reckonAtOnce = 100

// unreckoned asks for tickets whose clocks nobody reckoned.
const unreckoned = `SELECT id FROM ticket WHERE due = -1 AND id > $1 ORDER BY id LIMIT $2`

// ReckonClocks makes the clocks of tickets that are older than clocks, or came back
// from a backup that is. One that cannot be rebuilt is left, and said at the end.
func (db *DB) ReckonClocks(ctx context.Context) error {
	last, failed := "", 0
	var first error
	for {
		ids, err := db.reader(ctx).ids(unreckoned, last, reckonAtOnce)
		if err != nil {
			return fmt.Errorf("reckon clocks: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		var left []error
		err = db.repeat(ctx, func(tx conn) error {
			left = nil
			for _, id := range ids {
				t, err := tx.ticket("id", id)
				if err != nil {
					left = append(left, fmt.Errorf("ticket %s: %w", id, err))
					continue
				}
				at, look, life, err := db.due(tx, &t, t.Updated)
				if err != nil {
					return err
				}
				if err := tx.keepClocks(&t, t.Version+1); err != nil {
					return err
				}
				if _, err := tx.exec(`UPDATE ticket SET due = $1, look = $2, subject_key = $3, name_key = $4, life = $5 WHERE id = $6 AND version = $7`,
					at, look, sortKey(t.Subject), sortKey(t.Requester.Name), life, id, t.Version); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reckon clocks: %w", err)
		}
		if failed += len(left); failed > 0 && first == nil {
			first = left[0]
		}
	}
	if failed > 0 {
		return fmt.Errorf("reckon clocks: %d tickets are left, the first: %w", failed, first)
	}
	return nil
}

// pastClocks asks for what happened to the latest tickets that were opened since.
const pastClocks = `
	SELECT t.id, t.desk, t.request_type, e.made, e.act, e.clock, e.cause, e.tier, e.entry, e.priority
	FROM (SELECT id, desk, request_type, opened FROM ticket WHERE opened >= $1 AND doubt = '' ORDER BY opened DESC LIMIT $2) t
	JOIN clock_event e ON e.ticket = t.id
	ORDER BY t.opened DESC, t.id, e.seq`

// PastClocks returns what happened to the clocks of the latest tickets that were
// opened since a moment, at most so many.
func (db *DB) PastClocks(ctx context.Context, since time.Time, most int) ([]escalation.Past, error) {
	var list []escalation.Past
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id, kind string
		var desk int
		var e clock.Event
		if err := rows.Scan(&id, &desk, &kind, when{&e.At}, &e.Act, &e.Clock, &e.Cause, &e.Tier, &e.Entry, &e.Priority); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].ID != id {
			list = append(list, escalation.Past{ID: id, Desk: desk, Type: kind})
		}
		last := &list[len(list)-1]
		last.Clocks = append(last.Clocks, e)
		return nil
	}, pastClocks, since, most)
	if err != nil {
		return nil, fmt.Errorf("past clocks: %w", err)
	}
	return list, nil
}
