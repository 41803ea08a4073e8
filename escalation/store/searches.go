package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation/journey"
)

const day = 24 * time.Hour

// searchEvents are the events of a time that say what was searched, and what came
// of it, in their order.
const searchEvents = `
	SELECT made, visitor, journey, kind, lang, query
	FROM journey_event
	WHERE made >= $1 AND made < $2 AND kind IN ($3, $4, $5, $6, $7)
	ORDER BY made, id`

// searchesOf returns what was searched from one moment until another, as of now. A
// search from just before may go on, and what came of the last ones shows just
// after.
func (c conn) searchesOf(from, until time.Time, fold func(string) string, now time.Time) (journey.SearchLog, error) {
	var events []journey.Event
	err := c.each(func(rows *sql.Rows) error {
		var e journey.Event
		err := rows.Scan(when{&e.At}, &e.Visitor, &e.Journey, &e.Kind, &e.Lang, &e.Query)
		events = append(events, e)
		return err
	}, searchEvents, from.Add(-journey.Pause), until.Add(journey.Pause),
		journey.Search, journey.Zero, journey.ResultClick, journey.SuggestionClick, journey.ArticleOpen)
	if err != nil {
		return "", err
	}
	all := slices.DeleteFunc(journey.Searches(events, fold, now), func(s journey.Sought) bool {
		return s.At.Before(from) || !s.At.Before(until)
	})
	return journey.NewSearchLog(all), nil
}

// firstDay returns the first day of which events are kept, or the zero time.
func (c conn) firstDay() (time.Time, error) {
	var first time.Time
	_, err := one(c.row(`SELECT made FROM journey_event ORDER BY made LIMIT 1`), when{&first})
	return first.Truncate(day), err
}

// A searchDay is what is written down of a day.
type searchDay struct {
	until time.Time
	log   journey.SearchLog
}

// searchDays returns what is written down of the days of a time, by the day.
func (c conn) searchDays(from, to time.Time) (map[time.Time]searchDay, error) {
	days := map[time.Time]searchDay{}
	err := c.each(func(rows *sql.Rows) error {
		var d time.Time
		var found searchDay
		err := rows.Scan(when{&d}, when{&found.until}, &found.log)
		days[d] = found
		return err
	}, `SELECT day, until, log FROM search_day WHERE day >= $1 AND day < $2`, from, to)
	return days, err
}

// LogSearches writes down what was searched, where that is not done yet. Who is
// forgotten meanwhile is so in what is written, too: the row of the day makes one
// wait for the other.
func (db *DB) LogSearches(ctx context.Context, fold func(string) string, now time.Time) error {
	err := func() error {
		first, err := db.reader(ctx).firstDay()
		if err != nil || first.IsZero() {
			return err
		}
		written, err := db.reader(ctx).searchDays(first, now)
		if err != nil {
			return err
		}
		// By then it is known what came of a search, and its events are kept.
		decided := now.Add(-journey.Pause - time.Minute)
		for d := first; d.Before(decided); d = d.Add(day) {
			until := d.Add(day)
			if until.After(decided) {
				until = decided
			}
			if !written[d].until.Before(until) {
				continue
			}
			if err := db.change(ctx, func(tx conn) error {
				if _, err := tx.exec(`
					INSERT INTO search_day (day, until, log) VALUES ($1, 0, '')
					ON CONFLICT (day) DO UPDATE SET until = 0`, d); err != nil {
					return err
				}
				log, err := tx.searchesOf(d, until, fold, now)
				if err != nil {
					return err
				}
				_, err = tx.exec(`UPDATE search_day SET until = $2, log = $3 WHERE day = $1`, d, until, log)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		return fmt.Errorf("log searches: %w", err)
	}
	return nil
}

// searchLogs returns what was searched from one day until another, by the day, and
// the first day of which anything is kept.
func (c conn) searchLogs(from, to time.Time, fold func(string) string, now time.Time) (map[time.Time]journey.SearchLog, time.Time, error) {
	first, err := c.firstDay()
	if err != nil {
		return nil, first, err
	}
	written, err := c.searchDays(from, to)
	if err != nil {
		return nil, first, err
	}
	if from.Before(first) {
		from = first
	}
	logs := map[time.Time]journey.SearchLog{}
	for d := from; !first.IsZero() && d.Before(to) && !d.After(now); d = d.Add(day) {
		known := written[d]
		logs[d] = known.log
		if end := d.Add(day); known.until.Before(end) {
			from := d
			if known.until.After(from) {
				from = known.until
			}
			late, err := c.searchesOf(from, end, fold, now)
			if err != nil {
				return nil, first, err
			}
			logs[d] += late
		}
	}
	return logs, first, nil
}

// Searches reports on what was searched in a span. fold takes away what makes no
// other wording.
func (db *DB) Searches(ctx context.Context, span journey.SearchSpan, fold func(string) string, now time.Time) (journey.SearchReport, error) {
	logs, first, err := db.reader(ctx).searchLogs(span.Before().From, span.To, fold, now)
	if err != nil {
		return journey.SearchReport{}, fmt.Errorf("searches: %w", err)
	}
	return journey.ReportSearches(span, logs, first, now), nil
}

// MostSearched returns what enough people searched in a span to be shown, what was
// searched most first, at most limit wordings, and how many more there are.
func (db *DB) MostSearched(ctx context.Context, span journey.SearchSpan, fold func(string) string, now time.Time, limit int) ([]journey.Searched, int, error) {
	logs, _, err := db.reader(ctx).searchLogs(span.From, span.To, fold, now)
	if err != nil {
		return nil, 0, fmt.Errorf("most searched: %w", err)
	}
	most, more := journey.MostSearched(span, logs, limit)
	return most, more, nil
}

// forgetSearches lets the days of journeys be read again, without those who are
// forgotten.
func (c conn) forgetSearches(journeyID string) error {
	days := map[time.Time]bool{}
	if err := c.each(func(rows *sql.Rows) error {
		var at time.Time
		err := rows.Scan(when{&at})
		days[at.Truncate(day)] = true
		return err
	}, `
		SELECT made FROM journey_event
		WHERE journey = $1 AND journey <> '' AND kind IN ($2, $3)`, journeyID, journey.Search, journey.Zero); err != nil {
		return err
	}
	for d := range days {
		if _, err := c.exec(`
			INSERT INTO search_day (day, until, log) VALUES ($1, 0, '')
			ON CONFLICT (day) DO UPDATE SET until = 0, log = ''`, d); err != nil {
			return err
		}
	}
	return nil
}
