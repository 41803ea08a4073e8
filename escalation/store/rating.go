package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// keepRatings keeps what a change says of a solution.
func (tx conn) keepRatings(c escalation.Change) error {
	t := &c.Ticket
	for _, e := range c.Entries {
		if e.Event == nil || e.Event.Kind != escalation.EventRated || t.Solution == nil {
			continue
		}
		if _, err := tx.exec(`
			INSERT INTO rating (solution, entry, ticket, score, channel, team, tier, agent, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			e.Event.About, e.ID, t.ID, e.Event.Score, t.Channel, t.Team, t.SolvedTier, t.Solution.By.ID, e.At); err != nil {
			return err
		}
		if _, err := tx.exec(rateTrigger, t.Journey, e.Event.Score, t.Opened.Add(-eventLag), t.Opened.Add(eventLag)); err != nil {
			return err
		}
	}
	return nil
}

// eventLag is how far the event of a ticket may lie from its opening.
const eventLag = time.Minute

// rateTrigger tells experiments what the visitor of a journey said of a solution: those
// that the ticket came of, and not what the visitor asked at another time.
const rateTrigger = `
	UPDATE suggestion_trigger SET score = $2
	WHERE visitor IN (SELECT visitor FROM journey WHERE id = $1 AND visitor <> '') AND ticket >= $3 AND ticket <= $4`

const (
	ratingCounts = `
		SELECT channel, tier, score, COUNT(*)
		FROM rating
		WHERE made >= $1 AND ($2 = '' OR agent = $3)
		GROUP BY channel, tier, score`
	latestRatings = `
		SELECT t.number, t.subject, t.lang, e.body, r.score, r.channel, r.team, r.tier, r.agent, r.made
		FROM rating r
		JOIN ticket t ON t.id = r.ticket
		JOIN entry e ON e.id = r.entry
		WHERE r.made >= $1
		ORDER BY r.made DESC
		LIMIT $2`
	latestRatingsOf = `
		SELECT t.number, t.subject, t.lang, e.body, r.score, r.channel, r.team, r.tier, r.agent, r.made
		FROM rating r
		JOIN ticket t ON t.id = r.ticket
		JOIN entry e ON e.id = r.entry
		WHERE r.agent = $3 AND r.made >= $1
		ORDER BY r.made DESC
		LIMIT $2`
)

// Ratings returns what customers said of solutions since a moment, counted by channel
// and tier, and the latest of it in full: of those of one agent, or of all.
func (db *DB) Ratings(ctx context.Context, agent string, since time.Time, limit int) (escalation.Ratings, error) {
	var out escalation.Ratings
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var n escalation.RatingCount
		err := rows.Scan(&n.Channel, &n.Tier, &n.Score, &n.N)
		out.Counts = append(out.Counts, n)
		return err
	}, ratingCounts, since, agent, agent)
	if err != nil {
		return out, fmt.Errorf("ratings: %w", err)
	}
	query, args := latestRatings, []any{since, limit}
	if agent != "" {
		query, args = latestRatingsOf, append(args, agent)
	}
	err = db.reader(ctx).each(func(rows *sql.Rows) error {
		var l escalation.RatingLine
		err := rows.Scan(&l.Number, &l.Subject, &l.Lang, &l.Text, &l.Score, &l.Channel, &l.Team, &l.Tier, &l.Agent, when{&l.At})
		out.Latest = append(out.Latest, l)
		return err
	}, query, args...)
	if err != nil {
		return out, fmt.Errorf("ratings: %w", err)
	}
	return out, nil
}
