package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

const promotionColumns = `id, line, ticket, article, lang, was, by_kind, by_id, by_name, asked, chosen, published`

// AddPromotion keeps a promotion. The same article promoted again for the same line
// while it is not published is the same promotion.
func (db *DB) AddPromotion(ctx context.Context, p demand.Promotion) error {
	err := db.change(ctx, func(tx conn) error {
		var any int
		there, err := one(tx.row(`
			SELECT 1 FROM promotion WHERE article = $1 AND lang = $2 AND line = $3 AND published = 0 LIMIT 1`, p.Article, p.Lang, p.Line), &any)
		if err != nil || there {
			return err
		}
		tx.did(audit.Act{At: p.Chosen, By: p.By, Kind: audit.Demand, Object: p.Line, What: "promoted", Note: p.Article})
		_, err = tx.exec(`
			INSERT INTO promotion (`+promotionColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			p.ID, p.Line, p.Ticket, p.Article, p.Lang, p.Was, p.By.Kind, p.By.ID, p.By.Name, p.Asked, p.Chosen, p.Published)
		return err
	})
	if err != nil {
		return fmt.Errorf("promotion of %s: %w", p.Article, err)
	}
	return nil
}

// Promotions returns the newest promotions, the last chosen first.
func (db *DB) Promotions(ctx context.Context, limit int) ([]demand.Promotion, error) {
	var list []demand.Promotion
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var p demand.Promotion
		err := rows.Scan(&p.ID, &p.Line, &p.Ticket, &p.Article, &p.Lang, &p.Was, &p.By.Kind, &p.By.ID, &p.By.Name, when{&p.Asked}, when{&p.Chosen}, when{&p.Published})
		list = append(list, p)
		return err
	}, `SELECT `+promotionColumns+` FROM promotion ORDER BY chosen DESC, id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("promotions: %w", err)
	}
	return list, nil
}

// Published notes when the article of a promotion was.
func (db *DB) Published(ctx context.Context, id string, at time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`UPDATE promotion SET published = $1 WHERE id = $2 AND published = 0`, at, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("promotion %s: %w", id, err)
	}
	return nil
}

// Propose lets agents see an article at open tickets.
func (db *DB) Propose(ctx context.Context, tickets []string, article, lang string, at time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		for _, id := range tickets {
			if _, err := tx.exec(`
				INSERT INTO proposal (ticket, article, lang, made)
				VALUES ($1, $2, $3, $4)
				ON CONFLICT (ticket, article) DO NOTHING`, id, article, lang, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("propose %s: %w", article, err)
	}
	return nil
}

// Proposed returns the keys of the articles that agents are to see at a ticket, the
// newest first.
func (db *DB) Proposed(ctx context.Context, ticket string) ([]string, error) {
	keys, err := db.reader(ctx).ids(`SELECT article FROM proposal WHERE ticket = $1 ORDER BY made DESC, article`, ticket)
	if err != nil {
		return nil, fmt.Errorf("proposed for ticket %s: %w", ticket, err)
	}
	return keys, nil
}

// OpenTickets returns the signals that tickets will be which are not solved, the
// newest first.
func (db *DB) OpenTickets(ctx context.Context, limit int) ([]demand.Signal, error) {
	var list []demand.Signal
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var t escalation.Ticket
		err := rows.Scan(&t.ID, &t.Subject, &t.Lang, &t.Journey, when{&t.Opened})
		list = append(list, demand.FromTicket(&t, ""))
		return err
	}, `
		SELECT id, subject, lang, journey, opened
		FROM ticket
		WHERE state <> 'closed' AND state <> 'solved' AND doubt = '' AND erased = 0 AND channel <> 'task'
		ORDER BY opened DESC, id
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("open tickets: %w", err)
	}
	return list, nil
}

// PlacedTickets returns the tickets that lie on strands and were opened since a
// time, each at that time.
func (db *DB) PlacedTickets(ctx context.Context, since time.Time) ([]demand.Signal, error) {
	var list []demand.Signal
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		s := demand.Signal{Kind: demand.Ticket}
		err := rows.Scan(&s.ID, &s.Lang, &s.Strand, &s.Ticket, when{&s.At})
		list = append(list, s)
		return err
	}, `
		SELECT s.id, s.lang, s.strand, s.ticket, t.opened
		FROM demand_signal s JOIN ticket t ON t.id = s.ticket
		WHERE s.kind = $1 AND s.strand <> '' AND t.opened >= $2`, demand.Ticket, since)
	if err != nil {
		return nil, fmt.Errorf("placed tickets: %w", err)
	}
	return list, nil
}

// CountJourneys counts the journeys that began since a day, by day and language.
func (db *DB) CountJourneys(ctx context.Context, since demand.Day) ([]demand.Count, error) {
	var found []demand.Count
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		c := demand.Count{What: demand.CountJourneys}
		err := rows.Scan(&c.Lang, &c.Day, &c.Total)
		found = append(found, c)
		return err
	}, `
		SELECT lang, started / 86400000, COUNT(*)
		FROM journey
		WHERE started >= $1
		GROUP BY lang, started / 86400000`, since.Time())
	if err != nil {
		return nil, fmt.Errorf("count journeys: %w", err)
	}
	return found, nil
}

// CountSteps counts what was done with articles since a day, by day.
func (db *DB) CountSteps(ctx context.Context, since demand.Day, articles []string) ([]demand.Count, error) {
	var found []demand.Count
	err := inParts(articles, func(part []string) error {
		args := []any{since.Time()}
		for _, k := range demand.Counted {
			args = append(args, k)
		}
		for _, key := range part {
			args = append(args, key)
		}
		return db.reader(ctx).each(func(rows *sql.Rows) error {
			var c demand.Count
			var kind journey.Kind
			err := rows.Scan(&kind, &c.Subject, &c.Lang, &c.Day, &c.Total)
			c.What = string(kind)
			found = append(found, c)
			return err
		}, `
			SELECT kind, article, lang, made / 86400000, COUNT(*)
			FROM journey_event
			WHERE made >= $1 AND kind IN (`+list(2, len(demand.Counted))+`) AND article IN (`+list(2+len(demand.Counted), len(part))+`)
			GROUP BY kind, article, lang, made / 86400000`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("count steps: %w", err)
	}
	return found, nil
}

// SaveCounts keeps counts in place of those of the same kinds since a day. What stays
// is not written again.
func (db *DB) SaveCounts(ctx context.Context, what []string, since demand.Day, counts []demand.Count) error {
	err := db.change(ctx, func(tx conn) error {
		was := map[demand.Count]int{}
		args := []any{int64(since)}
		for _, w := range what {
			args = append(args, w)
		}
		if err := tx.each(func(rows *sql.Rows) error {
			c, err := scanCount(rows)
			total := c.Total
			c.Total = 0
			was[c] = total
			return err
		}, `SELECT `+countColumns+` FROM demand_count WHERE day >= $1 AND what IN (`+list(2, len(what))+`)`, args...); err != nil {
			return err
		}
		for _, c := range counts {
			same := c
			same.Total = 0
			total, there := was[same]
			delete(was, same)
			if there && total == c.Total {
				continue
			}
			if _, err := tx.exec(`
				INSERT INTO demand_count (`+countColumns+`)
				VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (what, subject, lang, day) DO UPDATE SET total = excluded.total`,
				c.What, c.Subject, c.Lang, int64(c.Day), c.Total); err != nil {
				return err
			}
		}
		for c := range was {
			if _, err := tx.exec(`DELETE FROM demand_count WHERE what = $1 AND subject = $2 AND lang = $3 AND day = $4`, c.What, c.Subject, c.Lang, int64(c.Day)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save counts: %w", err)
	}
	return nil
}

const countColumns = `what, subject, lang, day, total`

func scanCount(rows *sql.Rows) (demand.Count, error) {
	var c demand.Count
	err := rows.Scan(&c.What, &c.Subject, &c.Lang, &c.Day, &c.Total)
	return c, err
}

// Counts returns what was counted since a day.
func (db *DB) Counts(ctx context.Context, since demand.Day) ([]demand.Count, error) {
	var found []demand.Count
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		c, err := scanCount(rows)
		found = append(found, c)
		return err
	}, `SELECT `+countColumns+` FROM demand_count WHERE day >= $1`, int64(since))
	if err != nil {
		return nil, fmt.Errorf("counts: %w", err)
	}
	return found, nil
}

// CountedSince returns the first day of which journeys were counted, or 0.
func (db *DB) CountedSince(ctx context.Context) (demand.Day, error) {
	var first sql.NullInt64
	err := db.reader(ctx).row(`SELECT MIN(day) FROM demand_count WHERE what = $1`, demand.CountJourneys).Scan(&first)
	if err != nil {
		return 0, fmt.Errorf("first counts: %w", err)
	}
	return demand.Day(first.Int64), nil
}

// Linked counts the tickets that were solved in a time and are signals, and those of
// them with an article.
func (db *DB) Linked(ctx context.Context, from, to time.Time) (interval.Proportion, error) {
	var linked, all int
	err := db.reader(ctx).row(`
		SELECT COUNT(*), COUNT(CASE WHEN article <> '' AND article <> $1 THEN 1 END)
		FROM demand_signal
		WHERE kind = $2 AND made >= $3 AND made < $4`, escalation.NoArticle, demand.Ticket, from, to).Scan(&all, &linked)
	if err != nil {
		return interval.Proportion{}, fmt.Errorf("linked tickets: %w", err)
	}
	return interval.Wilson(linked, all), nil
}

// sweepProposals forgets those that were made before a time: the tickets are settled.
func (db *DB) sweepProposals(ctx context.Context, before time.Time) error {
	return db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM proposal WHERE made < $1`, before)
		return err
	})
}
