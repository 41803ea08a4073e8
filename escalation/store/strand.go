package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/demand"
)

// Signals returns the newest signals since a time, in no order, without what they
// are about.
func (db *DB) Signals(ctx context.Context, since time.Time, limit int) ([]demand.Signal, error) {
	signals, err := db.reader(ctx).signals(`WHERE made >= $1 ORDER BY made DESC LIMIT $2`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("signals: %w", err)
	}
	return signals, nil
}

// SignalsOf returns the newest signals of a line since a time.
func (db *DB) SignalsOf(ctx context.Context, line string, since time.Time, limit int) ([]demand.Signal, error) {
	signals, err := db.reader(ctx).signals(`WHERE line = $1 AND made >= $2 ORDER BY made DESC LIMIT $3`, line, since, limit)
	if err != nil {
		return nil, fmt.Errorf("signals of %s: %w", line, err)
	}
	return signals, nil
}

// UnplacedSignals returns those on no line that were made since a time, the oldest
// first.
func (db *DB) UnplacedSignals(ctx context.Context, since time.Time, limit int) ([]demand.Signal, error) {
	signals, err := db.reader(ctx).signals(`WHERE line = '' AND made >= $1 ORDER BY made, id LIMIT $2`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("unplaced signals: %w", err)
	}
	return signals, nil
}

// CountSignals counts those since a time.
func (db *DB) CountSignals(ctx context.Context, since time.Time) (n int, err error) {
	if err := db.reader(ctx).row(`SELECT COUNT(*) FROM demand_signal WHERE made >= $1`, since).Scan(&n); err != nil {
		return 0, fmt.Errorf("count signals: %w", err)
	}
	return n, nil
}

const signalColumns = `id, kind, lang, body, who, made, journey, ticket, hits, minutes, article, strand, line`

func scanSignal(rows *sql.Rows, s *demand.Signal, more ...any) error {
	return rows.Scan(append([]any{&s.ID, &s.Kind, &s.Lang, &s.Text, &s.Who, when{&s.At}, &s.Journey, &s.Ticket, &s.Hits, &s.Minutes, &s.Article, &s.Strand, &s.Line}, more...)...)
}

func (c conn) signals(where string, args ...any) ([]demand.Signal, error) {
	var signals []demand.Signal
	err := c.each(func(rows *sql.Rows) error {
		var s demand.Signal
		err := scanSignal(rows, &s)
		signals = append(signals, s)
		return err
	}, `SELECT `+signalColumns+` FROM demand_signal `+where, args...)
	return signals, err
}

// EachPlaced calls a function with the signals made since a time and placed since
// another, in the order in which they were placed.
func (db *DB) EachPlaced(ctx context.Context, since, placed time.Time, each func(demand.Signal)) error {
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var s demand.Signal
		var about string
		err := scanSignal(rows, &s, &about)
		if err == nil && about != "" {
			err = json.Unmarshal([]byte(about), &s.About)
		}
		if err == nil {
			each(s)
		}
		return err
	}, `
		SELECT `+signalColumns+`, about
		FROM demand_signal
		WHERE line <> '' AND made >= $1 AND placed >= $2
		ORDER BY placed, made, id`, since, placed)
	if err != nil {
		return fmt.Errorf("placed signals: %w", err)
	}
	return nil
}

// again says that lines were arranged otherwise while something was done with
// them.
var again = &escalation.Error{Kind: escalation.Conflict, Reason: "error.arrange_again"}

// PlaceSignals keeps the strands and lines of signals that had none. Who was placed
// meanwhile stays where it is. When the last act has another number nothing is kept.
func (db *DB) PlaceSignals(ctx context.Context, placed []demand.Signal, at time.Time, last int64) error {
	err := db.change(ctx, func(tx conn) error {
		var number int64
		if err := tx.row(`SELECT COALESCE(MAX(number), 0) FROM demand_act`).Scan(&number); err != nil {
			return err
		}
		if number != last {
			return again
		}
		for _, s := range placed {
			about := []byte{}
			if len(s.About.Articles) > 0 {
				var err error
				if about, err = json.Marshal(s.About); err != nil {
					return err
				}
			}
			if _, err := tx.exec(`UPDATE demand_signal SET strand = $1, line = $2, about = $3, placed = $4 WHERE id = $5 AND line = ''`,
				s.Strand, s.Line, string(about), at, s.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("place signals: %w", err)
	}
	return nil
}

// LineActs returns what was done to lines after the act with a number, in order.
func (db *DB) LineActs(ctx context.Context, after int64) ([]demand.Act, error) {
	var acts []demand.Act
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var a demand.Act
		var pins string
		err := rows.Scan(&a.Number, &a.Kind, &a.Line, &a.Other, &a.Title, &pins, &a.By.Kind, &a.By.ID, &a.By.Name, when{&a.At})
		if err == nil && pins != "" {
			err = json.Unmarshal([]byte(pins), &a.Pins)
		}
		acts = append(acts, a)
		return err
	}, `
		SELECT number, kind, line, other, title, pins, by_kind, by_id, by_name, made
		FROM demand_act
		WHERE number > $1
		ORDER BY number`, after)
	if err != nil {
		return nil, fmt.Errorf("acts on demand: %w", err)
	}
	return acts, nil
}

// SaveLineAct keeps an act and what it moves: the signals with these IDs to the strand
// and line that a split made, those on these strands to the line they are joined
// to or become again.
func (db *DB) SaveLineAct(ctx context.Context, act demand.Act, ids, strands []string) error {
	pins := []byte{}
	if len(act.Pins) > 0 {
		var err error
		if pins, err = json.Marshal(act.Pins); err != nil {
			return fmt.Errorf("act on demand %s: %w", act.Line, err)
		}
	}
	err := db.change(ctx, func(tx conn) error {
		tx.did(audit.Act{At: act.At, By: act.By, Kind: audit.Demand, Object: act.Line, What: string(act.Kind), Note: act.Other})
		n, err := tx.exec(`
			INSERT INTO demand_act (number, kind, line, other, title, pins, by_kind, by_id, by_name, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (number) DO NOTHING`,
			act.Number, act.Kind, act.Line, act.Other, act.Title, string(pins), act.By.Kind, act.By.ID, act.By.Name, act.At)
		if err == nil && n == 0 {
			err = again
		}
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.exec(`UPDATE demand_signal SET strand = $1, line = $1, placed = $2 WHERE id = $3`, act.Other, act.At, id); err != nil {
				return err
			}
		}
		to := act.Line
		if act.Kind == demand.Part {
			to = act.Other
		}
		for _, strand := range strands {
			if _, err := tx.exec(`UPDATE demand_signal SET line = $1 WHERE strand = $2`, to, strand); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("act on demand %s: %w", act.Line, err)
	}
	return nil
}
