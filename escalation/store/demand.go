package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
)

// UnharvestedJourneys returns journeys that ended before a time and went on
// since they were harvested, the oldest first, each with its events.
func (db *DB) UnharvestedJourneys(ctx context.Context, before time.Time, limit int) ([]demand.Ripe, error) {
	var ripe []demand.Ripe
	var ids []string
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var r demand.Ripe
		err := rows.Scan(&r.Journey, when{&r.Ended})
		ripe, ids = append(ripe, r), append(ids, r.Journey)
		return err
	}, `
		SELECT id, ended
		FROM journey
		WHERE harvested < ended AND ended < $1
		ORDER BY ended, id
		LIMIT $2`, before, limit)
	if err != nil {
		return nil, fmt.Errorf("unharvested journeys: %w", err)
	}
	events, err := db.eventsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("unharvested journeys: %w", err)
	}
	for i := range ripe {
		ripe[i].Events = events[ripe[i].Journey]
	}
	return ripe, nil
}

// UnharvestedTickets returns tickets that are solved or closed, were touched
// since, and are no signals yet, the longest untouched first.
func (db *DB) UnharvestedTickets(ctx context.Context, since time.Time, limit int) ([]escalation.Ticket, error) {
	ids, err := db.reader(ctx).ids(`
		SELECT id
		FROM ticket
		WHERE solved_tier > 0 AND doubt = '' AND erased = 0 AND subject <> '' AND updated >= $1 AND state IN ('solved', 'closed')
			AND NOT EXISTS (SELECT 1 FROM demand_signal WHERE demand_signal.id = 'ticket-' || ticket.id)
		ORDER BY updated, id
		LIMIT $2`, since, limit)
	var tickets []escalation.Ticket
	for _, id := range ids {
		var t escalation.Ticket
		if t, err = db.TicketByID(ctx, id); err != nil {
			break
		}
		tickets = append(tickets, t)
	}
	if err != nil {
		return nil, fmt.Errorf("unharvested tickets: %w", err)
	}
	return tickets, nil
}

// SaveHarvests keeps signals in place of those of the same journeys. Signals
// that stay keep their lines.
func (db *DB) SaveHarvests(ctx context.Context, harvests []demand.Harvest) error {
	err := db.change(ctx, func(tx conn) error {
		for _, h := range harvests {
			// Its words may be gone for good since it was read.
			var any int
			gone, err := one(tx.row(`SELECT 1 FROM journey WHERE id = $1 AND state = '{}' AND harvested = ended AND ended >= $2`, h.Journey, h.Ended), &any)
			if err != nil {
				return err
			}
			if gone {
				continue
			}
			stays := map[string]bool{}
			for _, s := range h.Signals {
				stays[s.ID] = true
			}
			var left []string
			if err := tx.each(func(rows *sql.Rows) error {
				var id string
				err := rows.Scan(&id)
				if !stays[id] {
					left = append(left, id)
				}
				return err
			}, `SELECT id FROM demand_signal WHERE journey <> '' AND journey = $1 AND kind NOT IN ($2, $3)`, h.Journey, demand.Ticket, demand.Waits); err != nil {
				return err
			}
			for _, id := range left {
				if _, err := tx.exec(`DELETE FROM demand_signal WHERE id = $1`, id); err != nil {
					return err
				}
			}
			for _, s := range h.Signals {
				if err := tx.saveSignal(s); err != nil {
					return err
				}
			}
			if _, err := tx.exec(`UPDATE journey SET harvested = $1 WHERE id = $2`, h.Ended, h.Journey); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save harvests: %w", err)
	}
	return nil
}

// SaveSignal keeps one signal, in place of that with the same ID, whose line it
// keeps. Of a ticket that was erased since it was read, or set aside as spam, none
// is kept.
func (db *DB) SaveSignal(ctx context.Context, s demand.Signal) error {
	err := db.change(ctx, func(tx conn) error {
		var any int
		gone, err := one(tx.row(`SELECT 1 FROM ticket WHERE id = $1 AND (erased > 0 OR doubt = $2)`, s.Ticket, escalation.Spam), &any)
		if err != nil || gone {
			return err
		}
		return tx.saveSignal(s)
	})
	if err != nil {
		return fmt.Errorf("signal %s: %w", s.ID, err)
	}
	return nil
}

func (c conn) saveSignal(s demand.Signal) error {
	// What is said otherwise may belong elsewhere.
	_, err := c.exec(`
		INSERT INTO demand_signal (`+signalColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET
			kind = excluded.kind,
			body = excluded.body,
			who = excluded.who,
			made = excluded.made,
			ticket = excluded.ticket,
			hits = excluded.hits,
			minutes = excluded.minutes,
			article = excluded.article,
			strand = CASE WHEN demand_signal.body = excluded.body THEN demand_signal.strand ELSE '' END,
			line = CASE WHEN demand_signal.body = excluded.body THEN demand_signal.line ELSE '' END`,
		s.ID, s.Kind, s.Lang, s.Text, s.Who, s.At, s.Journey, s.Ticket, s.Hits, s.Minutes, s.Article, s.Strand, s.Line)
	return err
}

// LinesOf returns the lines on which so many people or more asked in these very
// words since a time; of several, that of most people.
func (db *DB) LinesOf(ctx context.Context, queries []string, since time.Time, people int) (map[demand.Query]string, error) {
	lines := map[demand.Query]string{}
	err := inParts(queries, func(part []string) error {
		args := []any{since, people}
		for _, q := range part {
			args = append(args, q)
		}
		return db.reader(ctx).each(func(rows *sql.Rows) error {
			var q demand.Query
			var line string
			err := rows.Scan(&q.Lang, &q.Text, &line)
			lines[q] = line
			return err
		}, `
			SELECT lang, body, line
			FROM demand_signal
			WHERE made >= $1 AND line <> '' AND body IN (`+list(3, len(part))+`)
			GROUP BY lang, body, line
			HAVING COUNT(DISTINCT who) >= $2
			ORDER BY COUNT(DISTINCT who), line`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("lines of searches: %w", err)
	}
	return lines, nil
}

// SweepDemand forgets signals that were made before a time. Decisions are few, and stay.
func (db *DB) SweepDemand(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM demand_signal WHERE id IN (
			SELECT id FROM demand_signal WHERE made < $1 ORDER BY made LIMIT $2)`, before)
	if err == nil {
		err = db.sweepProposals(ctx, before)
	}
	if err != nil {
		return fmt.Errorf("sweep demand: %w", err)
	}
	return nil
}
