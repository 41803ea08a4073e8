package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/journey"
)

const (
	// decideAtOnce is how many journeys are decided in one transaction.
	decideAtOnce = 500
	// undecided asks for journeys that are decided under so many windows, and ended so
	// long ago that another one has passed.
	undecided = `
		SELECT ` + journeyColumns + `, section
		FROM journey
		WHERE decided < 4 AND decided = $1 AND ended <= $2
		ORDER BY ended
		LIMIT $3`
	oldestUndecided = `SELECT COALESCE(MIN(+started), 0) FROM journey WHERE decided < 4`
)

// DecideJourneys joins what tickets can be joined, and then decides how the journeys
// ended whose windows have passed, each under each window once. section says where
// a text lies.
func (db *DB) DecideJourneys(ctx context.Context, section func(journey.Text) string, now time.Time) error {
	// However long nothing was decided: a ticket counts against no journey that began
	// after it.
	var oldest time.Time
	if err := db.reader(ctx).row(oldestUndecided).Scan(when{&oldest}); err != nil {
		return fmt.Errorf("oldest undecided journey: %w", err)
	}
	if err := db.JoinTickets(ctx, oldest); err != nil {
		return err
	}
	for i := range journey.Windows {
		for {
			n, err := db.decideSome(ctx, i, section, now)
			if err != nil {
				return fmt.Errorf("decide journeys: %w", err)
			}
			if n < decideAtOnce {
				break
			}
		}
	}
	return nil
}

// decideSome decides journeys that are decided under so many windows.
func (db *DB) decideSome(ctx context.Context, under int, section func(journey.Text) string, now time.Time) (int, error) {
	type ripe struct {
		journey.Journey
		section string
	}
	var all []ripe
	if err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var section string
		j, err := scanJourney(rows, &section)
		all = append(all, ripe{j, section})
		return err
	}, undecided, under, now.Add(-journey.Windows[under]-journey.Settling), decideAtOnce); err != nil {
		return 0, err
	}
	return len(all), db.change(ctx, func(tx conn) error {
		var rows [][]any
		for i := range all {
			j := &all[i]
			if about := j.About(); under == 0 && about.Article != "" {
				j.section = section(about)
			}
			passed := j.Passed(now)
			var outcome journey.Outcome
			if slices.Contains(journey.Windows[under:passed], journey.Window) {
				outcome = journey.Decide(j.Journey, now, journey.Window)
			}
			rows = append(rows, []any{j.ID, passed, j.section, outcome, journey.Rules, under, j.Ended, j.Ticket})
		}
		written := map[string]bool{} // not what another process decided, or a ticket was joined to meanwhile
		if err := inParts(rows, func(part [][]any) error {
			ids, err := tx.ids(decide(len(part)), slices.Concat(part...)...)
			for _, id := range ids {
				written[id] = true
			}
			return err
		}); err != nil {
			return err
		}
		sums := map[journey.OutcomeSum]*journey.OutcomeSum{} // by what they are about
		for _, j := range all {
			if !written[j.ID] {
				continue
			}
			for _, w := range journey.Windows[under:j.Passed(now)] {
				about := journey.OutcomeSum{
					Day: j.Started.UTC().Truncate(day), Lang: j.Lang, Section: j.section, Days: int(w / day), Rules: journey.Rules,
				}
				if sums[about] == nil {
					sums[about] = new(about)
				}
				sums[about].Count(&j.Journey, journey.Decide(j.Journey, now, w))
			}
		}
		return tx.saveOutcomes(sums)
	})
}

// decide returns the statement that writes down how so many journeys ended, each with
// its id, what it is decided under, section, outcome and rules, and as it was: one round
// trip each would be most of what a database elsewhere costs.
func decide(n int) string {
	values := strings.TrimPrefix(rowsOf(n, 8), "($1, $2, $3, $4, $5, $6, $7, $8)")
	return `
		UPDATE journey
		SET decided = v.column2, section = v.column3,
			outcome = CASE WHEN v.column4 = '' THEN outcome ELSE v.column4 END,
			rules = CASE WHEN v.column4 = '' THEN rules ELSE v.column5 END
		FROM (VALUES (CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT))` + values + `) AS v
		WHERE id = v.column1 AND decided = v.column6 AND ended = v.column7 AND ticket = v.column8
		RETURNING id`
}

func (c conn) saveOutcomes(sums map[journey.OutcomeSum]*journey.OutcomeSum) error {
	var rows [][]any
	for _, s := range sums {
		rows = append(rows, []any{s.Day, s.Lang, s.Section, s.Days, s.Rules, s.Escalated, s.Confirmed, s.Presumed, s.Failed, s.Asked, s.Answered})
	}
	return inParts(rows, func(part [][]any) error {
		_, err := c.exec(`
			INSERT INTO outcome_day (day, lang, section, days, rules, escalated, confirmed, presumed, failed, asked, answered)
			VALUES `+rowsOf(len(part), 11)+`
			ON CONFLICT (day, lang, section, days, rules) DO UPDATE SET
				escalated = outcome_day.escalated + excluded.escalated,
				confirmed = outcome_day.confirmed + excluded.confirmed,
				presumed = outcome_day.presumed + excluded.presumed,
				failed = outcome_day.failed + excluded.failed,
				asked = outcome_day.asked + excluded.asked,
				answered = outcome_day.answered + excluded.answered`, slices.Concat(part...)...)
		return err
	})
}

const (
	outcomes = `
		SELECT day, lang, section, days, rules, escalated, confirmed, presumed, failed, asked, answered
		FROM outcome_day
		WHERE day >= $1 AND day < $2`
	// waitingOutcomes counts by days of UTC, without a look at the journeys themselves.
	waitingOutcomes = `
		SELECT started - started % CAST($3 AS BIGINT) AS day, lang, decided, COUNT(*), CAST(SUM(CASE WHEN ticket > 0 THEN 1 ELSE 0 END) AS BIGINT)
		FROM journey
		WHERE decided < 4 AND +started >= $1 AND +started < $2
		GROUP BY day, lang, decided`
)

// Deflection reports how the journeys ended that began in a span: what was decided,
// and how many wait for it.
func (db *DB) Deflection(ctx context.Context, span journey.SearchSpan) (journey.Report, error) {
	var counts journey.Counts
	c := db.reader(ctx)
	err := c.each(func(rows *sql.Rows) error {
		var s journey.OutcomeSum
		err := rows.Scan(when{&s.Day}, &s.Lang, &s.Section, &s.Days, &s.Rules, &s.Escalated, &s.Confirmed, &s.Presumed, &s.Failed, &s.Asked, &s.Answered)
		counts.Sums = append(counts.Sums, s)
		return err
	}, outcomes, span.From, span.To)
	if err == nil {
		err = c.each(func(rows *sql.Rows) error {
			var w journey.Waiting
			err := rows.Scan(when{&w.Day}, &w.Lang, &w.Decided, &w.Total, &w.Sent)
			counts.Waiting = append(counts.Waiting, w)
			return err
		}, waitingOutcomes, span.From, span.To, day.Milliseconds())
	}
	if err == nil {
		err = c.each(func(rows *sql.Rows) error {
			var u journey.UnknownDay
			err := rows.Scan(when{&u.Day}, &u.Lang, &u.Count)
			counts.Unknown = append(counts.Unknown, u)
			return err
		}, `SELECT day, lang, total FROM journey_unknown WHERE day >= $1 AND day < $2`, span.From, span.To)
	}
	if err == nil {
		err = c.each(func(rows *sql.Rows) error {
			var a journey.ApartDay
			err := rows.Scan(when{&a.Day}, &a.Source, &a.Total)
			counts.Apart = append(counts.Apart, a)
			return err
		}, `SELECT day, source, total FROM journey_apart WHERE day >= $1 AND day < $2`, span.From, span.To)
	}
	if err != nil {
		return journey.Report{}, fmt.Errorf("deflection: %w", err)
	}
	return journey.Summarize(span, counts), nil
}
