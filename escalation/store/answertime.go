package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
)

// answerTimes asks for the first reply to each ticket that was opened from a moment on.
const answerTimes = `
	SELECT t.channel, t.state, t.opened, COALESCE(MIN(e.made), 0)
	FROM ticket t
	LEFT JOIN entry e ON e.ticket = t.id AND e.kind = 'public' AND e.by_kind <> 'requester'
		AND NOT EXISTS (SELECT 1 FROM entry u WHERE u.ticket = e.ticket AND u.once = 'undone:' || e.id AND u.once <> '')
	WHERE t.opened >= $1 AND t.doubt = '' AND t.channel <> 'task'
	GROUP BY t.id, t.channel, t.state, t.opened`

// AnswerTimes returns how long customers waited for a first reply, by channel, of the
// tickets that were opened from a moment on. One that its customer closed before
// a reply is not counted: nobody knows how long it would have been.
func (db *DB) AnswerTimes(ctx context.Context, from time.Time) (map[escalation.Channel]escalation.AnswerTime, error) {
	replies, waiting := map[escalation.Channel][]time.Duration{}, map[escalation.Channel]int{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var channel escalation.Channel
		var state escalation.State
		var opened, replied time.Time
		if err := rows.Scan(&channel, &state, when{&opened}, when{&replied}); err != nil {
			return err
		}
		switch {
		case !replied.IsZero():
			replies[channel] = append(replies[channel], replied.Sub(opened))
		case state != escalation.Closed:
			waiting[channel]++
		}
		return nil
	}, answerTimes, from)
	if err != nil {
		return nil, fmt.Errorf("answer times: %w", err)
	}
	out := map[escalation.Channel]escalation.AnswerTime{}
	for channel := range replies {
		out[channel] = escalation.NewAnswerTime(replies[channel], waiting[channel])
	}
	for channel, n := range waiting {
		if _, ok := out[channel]; !ok {
			out[channel] = escalation.NewAnswerTime(nil, n)
		}
	}
	return out, nil
}
