package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"primalinea/escalation/journey"
)

const sweepAtOnce = 5000

// sizes are how many rows one statement takes. They are few, so that there are
// few statements.
var sizes = []int{64, 8, 1}

// inParts calls do with as many at once as a statement takes.
func inParts[T any](rows []T, do func(part []T) error) error {
	for _, size := range sizes {
		for len(rows) >= size {
			if err := do(rows[:size]); err != nil {
				return err
			}
			rows = rows[size:]
		}
	}
	return nil
}

// rowsOf returns "(…), (…)" for n rows of k arguments each.
func rowsOf(n, k int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + list(1+i*k, k) + ")")
	}
	return b.String()
}

const journeyColumns = `id, visitor, lang, started, ended, confirmed, was_read, answered, last_kind, ticket, state`

// LastJourneys returns the last journey of each visitor that ended since.
func (db *DB) LastJourneys(ctx context.Context, visitors []string, since time.Time) (map[string]journey.Journey, error) {
	last := make(map[string]journey.Journey, len(visitors))
	err := inParts(visitors, func(part []string) error {
		args := make([]any, 0, 1+len(part))
		args = append(args, since)
		for _, v := range part {
			args = append(args, v)
		}
		return db.reader(ctx).each(func(rows *sql.Rows) error {
			j, err := scanJourney(rows)
			last[j.Visitor] = j
			return err
		}, `
			SELECT `+journeyColumns+`
			FROM journey
			WHERE ended >= $1 AND visitor IN (`+list(2, len(part))+`)
			ORDER BY ended, started, id`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("last journeys: %w", err)
	}
	return last, nil
}

// scanJourney reads a row of journeyColumns, and what else it has.
func scanJourney(rows *sql.Rows, more ...any) (journey.Journey, error) {
	var j journey.Journey
	err := rows.Scan(append([]any{&j.ID, &j.Visitor, &j.Lang, when{&j.Started}, when{&j.Ended}, truth{&j.Confirmed},
		truth{&j.Read}, truth{&j.Answered}, &j.Last, when{&j.Ticket}, document{&j.State}}, more...)...)
	return j, err
}

const addUnknown = `
	INSERT INTO journey_unknown (day, lang, total)
	VALUES ($1, $2, $3)
	ON CONFLICT (day, lang) DO UPDATE SET total = journey_unknown.total + excluded.total`

// SaveJourneys keeps a batch whole, or nothing of it.
func (db *DB) SaveJourneys(ctx context.Context, b journey.Batch) error {
	err := db.change(ctx, func(tx conn) error {
		if err := inParts(b.Events, tx.saveEvents); err != nil {
			return err
		}
		for _, j := range b.Journeys {
			// Another replica may have joined a ticket meanwhile. The first one counts.
			if _, err := tx.exec(`
				INSERT INTO journey (`+journeyColumns+`, harvested)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)
				ON CONFLICT (id) DO UPDATE SET
					ended = excluded.ended,
					confirmed = excluded.confirmed,
					was_read = excluded.was_read,
					answered = excluded.answered,
					last_kind = excluded.last_kind,
					ticket = CASE
						WHEN excluded.ticket = 0 OR journey.ticket BETWEEN 1 AND excluded.ticket THEN journey.ticket
						ELSE excluded.ticket END,
					state = excluded.state`,
				j.ID, j.Visitor, j.Lang, j.Started, j.Ended, j.Confirmed, j.Read, j.Answered, j.Last, j.Ticket, encode(j.State)); err != nil {
				return err
			}
		}
		if err := tx.saveTriggers(b.Triggers); err != nil {
			return err
		}
		for _, t := range b.Tickets {
			if err := tx.joinTicket(t); err != nil {
				return err
			}
		}
		if err := tx.follow(b.Sequels); err != nil {
			return err
		}
		for _, u := range b.Unknown {
			if _, err := tx.exec(addUnknown, u.Day, u.Lang, u.Count); err != nil {
				return err
			}
		}
		for _, a := range b.Apart {
			if _, err := tx.exec(`
				INSERT INTO journey_apart (day, source, total)
				VALUES ($1, $2, $3)
				ON CONFLICT (day, source) DO UPDATE SET total = journey_apart.total + excluded.total`,
				a.Day, a.Source, a.Total); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save journeys: %w", err)
	}
	return nil
}

// joinTicket lets a ticket count against its visitor's journeys that it can be
// the outcome of, unless an earlier one does, and their triggers. What is decided
// does not change.
func (c conn) joinTicket(t journey.Join) error {
	longest := journey.Windows[len(journey.Windows)-1]
	if _, err := c.exec(`
		UPDATE journey SET ticket = $1
		WHERE visitor = $2 AND (ticket = 0 OR ticket > $1) AND ended >= $3 AND started <= $1`,
		t.At, t.Visitor, t.At.Add(-longest)); err != nil {
		return err
	}
	return c.followOne(journey.Sequel{Visitor: t.Visitor, At: t.At, Kind: journey.TicketCreated})
}

// unjoined asks for the visitors that a ticket is the outcome of, and does not count
// against yet: who sent it, who followed the link to it, and who did so with another
// of the same address. An address is known to belong to a visitor by tickets alone;
// where a request comes from says nothing, because many people share a network.
// A machine may send many tickets under one address, so addresses are looked at before
// their tickets are; SQLite takes the tables in the order of CROSS JOINs.
const unjoined = `
	WITH fresh AS (
		SELECT DISTINCT email FROM ticket WHERE opened >= $1 AND doubt = '' AND email <> ''),
	known AS (
		SELECT f.email, j.visitor
		FROM fresh f CROSS JOIN ticket o CROSS JOIN journey j
		WHERE o.email = f.email AND o.email <> '' AND o.doubt = '' AND o.journey <> '' AND j.id = o.journey
		UNION
		SELECT f.email, e.visitor
		FROM fresh f CROSS JOIN ticket o CROSS JOIN journey_event e
		WHERE o.email = f.email AND o.email <> '' AND o.doubt = '' AND e.ticket = o.id AND e.ticket <> '' AND e.kind = $2)
	SELECT DISTINCT v.visitor, v.opened
	FROM (
		SELECT k.visitor, t.opened
		FROM known k CROSS JOIN ticket t
		WHERE t.email = k.email AND t.email <> '' AND t.opened >= $1 AND t.doubt = ''
		UNION
		SELECT j.visitor, t.opened
		FROM ticket t CROSS JOIN journey j
		WHERE t.opened >= $1 AND t.doubt = '' AND t.journey <> '' AND j.id = t.journey
		UNION
		SELECT e.visitor, t.opened
		FROM ticket t CROSS JOIN journey_event e
		WHERE t.opened >= $1 AND t.doubt = '' AND e.ticket = t.id AND e.ticket <> '' AND e.kind = $2) v
	CROSS JOIN journey w
	WHERE w.visitor = v.visitor AND v.visitor <> '' AND +w.decided < $3 AND (w.ticket = 0 OR w.ticket > v.opened)
		AND w.ended >= v.opened - CAST($4 AS BIGINT) AND w.started <= v.opened
	ORDER BY v.opened, v.visitor
	LIMIT 1000`

// JoinTickets joins the tickets opened since with the journeys that led to them,
// where that was not known when they were opened, or the event that says so was lost.
// Tickets are durable and events are not; without this, what is lost would look
// like success.
func (db *DB) JoinTickets(ctx context.Context, since time.Time) error {
	longest := journey.Windows[len(journey.Windows)-1]
	for {
		var joins []journey.Join
		err := db.change(ctx, func(tx conn) error {
			joins = nil
			if err := tx.each(func(rows *sql.Rows) error {
				var j journey.Join
				err := rows.Scan(&j.Visitor, when{&j.At})
				joins = append(joins, j)
				return err
			}, unjoined, since, journey.TicketSeen, len(journey.Windows), longest.Milliseconds()); err != nil {
				return err
			}
			for _, j := range joins {
				if err := tx.joinTicket(j); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("join tickets with journeys: %w", err)
		}
		if len(joins) < 1000 {
			return nil
		}
	}
}

const eventColumns = `id, made, visitor, journey, kind, lang, article, revision, query, hits, place, seconds, reason, experiment, arm, ticket, network`

// saveEvents keeps events. A search that was typed further, and an article of
// which its page said how long it was open, replace what was there.
func (c conn) saveEvents(events []journey.Event) error {
	args := make([]any, 0, 17*len(events))
	for _, e := range events {
		args = append(args, e.ID, e.At, e.Visitor, e.Journey, e.Kind, e.Lang, e.Article, e.Revision, e.Query,
			e.Hits, e.Rank, e.Seconds, e.Reason, e.Experiment, e.Arm, e.Ticket, e.Network)
	}
	_, err := c.exec(`
		INSERT INTO journey_event (`+eventColumns+`)
		VALUES `+rowsOf(len(events), 17)+`
		ON CONFLICT (id) DO UPDATE SET
			made = excluded.made,
			kind = excluded.kind,
			query = excluded.query,
			hits = excluded.hits,
			seconds = excluded.seconds`, args...)
	return err
}

// JourneyEvents returns the events of a journey, oldest first.
func (db *DB) JourneyEvents(ctx context.Context, id string) ([]journey.Event, error) {
	byJourney, err := db.eventsOf(ctx, []string{id})
	if err != nil {
		return nil, fmt.Errorf("events of journey %s: %w", id, err)
	}
	return byJourney[id], nil
}

// maxEvents is how many events of one journey are read.
const maxEvents = 1000

func (db *DB) eventsOf(ctx context.Context, ids []string) (map[string][]journey.Event, error) {
	byJourney := make(map[string][]journey.Event, len(ids))
	err := inParts(ids, func(part []string) error {
		args := make([]any, 0, len(part))
		for _, id := range part {
			args = append(args, id)
		}
		return db.reader(ctx).each(func(rows *sql.Rows) error {
			var e journey.Event
			if err := rows.Scan(&e.ID, when{&e.At}, &e.Visitor, &e.Journey, &e.Kind, &e.Lang, &e.Article, &e.Revision, &e.Query,
				&e.Hits, &e.Rank, &e.Seconds, &e.Reason, &e.Experiment, &e.Arm, &e.Ticket, &e.Network); err != nil {
				return err
			}
			if len(byJourney[e.Journey]) < maxEvents {
				byJourney[e.Journey] = append(byJourney[e.Journey], e)
			}
			return nil
		}, `
			SELECT `+eventColumns+`
			FROM journey_event
			WHERE journey <> '' AND journey IN (`+list(1, len(part))+`)
			ORDER BY journey, made, id`, args...)
	})
	return byJourney, err
}

// SweepJourneys forgets what was done before one time, journeys that began before
// another, and the salts of which no cookie lives any more.
func (db *DB) SweepJourneys(ctx context.Context, steps, journeys, now time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM journey_event WHERE id IN (
			SELECT id FROM journey_event WHERE made < $1 ORDER BY made LIMIT $2)`, steps)
	if err == nil {
		err = db.change(ctx, func(tx conn) error {
			_, err := tx.exec(`DELETE FROM search_day WHERE day < $1`, steps)
			return err
		})
	}
	if err == nil {
		err = db.sweep(ctx, `
			DELETE FROM journey WHERE id IN (
				SELECT id FROM journey WHERE started < $1 ORDER BY started LIMIT $2)`, journeys)
	}
	if err == nil {
		err = db.change(ctx, func(tx conn) error {
			for _, query := range []string{
				`DELETE FROM journey_unknown WHERE day < $1`,
				`DELETE FROM journey_apart WHERE day < $1`,
				`DELETE FROM outcome_day WHERE day < $1`,
				`DELETE FROM credit_day WHERE day < $1`,
				`DELETE FROM vote_day WHERE day < $1`,
			} {
				if _, err := tx.exec(query, journeys); err != nil {
					return err
				}
			}
			var dead []string
			if err := tx.each(func(rows *sql.Rows) error {
				var name string
				err := rows.Scan(&name)
				if journey.DeadSalt(name, now) {
					dead = append(dead, name)
				}
				return err
			}, `SELECT name FROM secret WHERE name LIKE $1`, journey.SaltPrefix()+"%"); err != nil {
				return err
			}
			for _, name := range dead {
				if _, err := tx.exec(`DELETE FROM secret WHERE name = $1`, name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("sweep journeys: %w", err)
	}
	return nil
}

// sweep runs a statement that deletes at most $2 rows older than $1, until
// there are none, so that nobody waits long for it.
func (db *DB) sweep(ctx context.Context, query string, before time.Time) error {
	for {
		var n int64
		err := db.change(ctx, func(tx conn) (err error) {
			n, err = tx.exec(query, before, sweepAtOnce)
			return err
		})
		if err != nil || n < sweepAtOnce {
			return err
		}
	}
}

// AbandonForms notes, once, each contact form that was opened since a moment and
// left: its journey paused before another moment and no ticket came of it, not even
// one that may be spam, which no event tells of.
func (db *DB) AbandonForms(ctx context.Context, since, before time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		// What was asked in vain is looked at again: it ended otherwise than it seemed.
		const left = `
			FROM journey_event e
			JOIN journey j ON j.id = e.journey
			WHERE e.made >= $2 AND e.kind = $3 AND j.ended < $4 AND NOT EXISTS (
				SELECT 1 FROM journey_event c
				WHERE c.journey = e.journey AND c.made >= e.made AND (c.kind = $5 OR c.kind = $1))
			AND NOT EXISTS (
				SELECT 1 FROM ticket
				WHERE ticket.journey <> '' AND ticket.journey = e.journey AND ticket.opened >= e.made)`
		args := []any{journey.FormAbandon, since, journey.FormOpen, before, journey.TicketCreated}
		if _, err := tx.exec(`UPDATE journey SET harvested = 0 WHERE id IN (SELECT e.journey `+left+`)`, args...); err != nil {
			return err
		}
		_, err := tx.exec(`
			INSERT INTO journey_event (`+eventColumns+`)
			SELECT 'left-' || e.id, j.ended, e.visitor, e.journey, $1, e.lang, '', '', '', 0, 0, 0, '', '', '', '', ''`+left+`
			ON CONFLICT (id) DO NOTHING`, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("abandoned forms: %w", err)
	}
	return nil
}

// wantedBy is how many visitors have to open an article before it can be called
// wanted: one person alone does not choose what everybody sees first.
const wantedBy = 3

// Wanted returns the keys of the articles that visitors opened in a language since
// a moment, the most wanted first: a journey that opened one counts once, and once
// more when it ended with "this solved it".
func (db *DB) Wanted(ctx context.Context, lang string, since time.Time, n int) ([]string, error) {
	var keys []string
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, key)
		return err
	}, `
		SELECT article
		FROM journey_event
		WHERE made >= $1 AND lang = $2 AND article <> '' AND journey <> '' AND kind IN ($3, $4, $5)
		GROUP BY article
		HAVING COUNT(DISTINCT visitor) >= $6
		ORDER BY COUNT(DISTINCT CASE WHEN kind = $7 THEN journey END) + COUNT(DISTINCT CASE WHEN kind <> $8 THEN journey END) DESC, article
		LIMIT $9`, since, lang, journey.ArticleOpen, journey.VoteYes, journey.Confirm, wantedBy, journey.ArticleOpen, journey.ArticleOpen, n)
	if err != nil {
		return nil, fmt.Errorf("wanted articles: %w", err)
	}
	return keys, nil
}
