package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"

	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
)

const visitorJourneys = `
	SELECT ` + journeyColumns + `, decided
	FROM journey
	WHERE visitor = $1
	ORDER BY started, id`

// VisitorJourneys returns the journeys of a visitor, oldest first.
func (db *DB) VisitorJourneys(ctx context.Context, visitor string) ([]journey.Journey, error) {
	var found []journey.Journey
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var decided int
		j, err := scanJourney(rows, &decided)
		found = append(found, j)
		return err
	}, visitorJourneys, visitor)
	if err != nil {
		return nil, fmt.Errorf("journeys of visitor: %w", err)
	}
	return found, nil
}

// ForgetVisitor takes out all that is kept of a visitor: steps, journeys, what was
// learned of them and what they asked in vain. A journey that became a request goes
// on counting as one, without its words and under a key that nobody has. One that is
// not decided yet counts as unknown. Requests stay as they are.
func (db *DB) ForgetVisitor(ctx context.Context, visitor string) error {
	err := db.change(ctx, func(tx conn) error {
		type row struct {
			journey.Journey
			decided int
		}
		var journeys []row
		if err := tx.each(func(rows *sql.Rows) error {
			var decided int
			j, err := scanJourney(rows, &decided)
			journeys = append(journeys, row{j, decided})
			return err
		}, visitorJourneys, visitor); err != nil {
			return err
		}
		nobody := rand.Text()
		for _, j := range journeys {
			if err := tx.forgetSearches(j.ID); err != nil {
				return fmt.Errorf("searches: %w", err)
			}
			for _, query := range []string{
				`DELETE FROM journey_event WHERE journey = $1 AND journey <> ''`,
				`DELETE FROM answer WHERE journey = $1`,
			} {
				if _, err := tx.exec(query, j.ID); err != nil {
					return err
				}
			}
			if _, err := tx.exec(`DELETE FROM demand_signal WHERE journey = $1 AND journey <> '' AND kind <> $2`, j.ID, demand.Ticket); err != nil {
				return err
			}
			if !j.Ticket.IsZero() {
				if _, err := tx.exec(`UPDATE journey SET visitor = $2, state = '{}', harvested = ended, learned = ended WHERE id = $1`, j.ID, nobody); err != nil {
					return err
				}
				continue
			}
			if _, err := tx.exec(`DELETE FROM journey WHERE id = $1`, j.ID); err != nil {
				return err
			}
			if j.decided > slices.Index(journey.Windows[:], journey.Window) {
				continue
			}
			if _, err := tx.exec(addUnknown, j.Started.UTC().Truncate(day), j.Lang, 1); err != nil {
				return err
			}
		}
		for _, query := range []string{
			`DELETE FROM journey_event WHERE ticket <> '' AND visitor = $1`,
			`DELETE FROM answer WHERE visitor = $1`,
		} {
			if _, err := tx.exec(query, visitor); err != nil {
				return err
			}
		}
		_, err := tx.exec(`UPDATE suggestion_trigger SET visitor = $2 WHERE visitor = $1`, visitor, rand.Text())
		return err
	})
	if err != nil {
		return fmt.Errorf("forget visitor: %w", err)
	}
	return nil
}
