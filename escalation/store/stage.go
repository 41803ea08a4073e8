package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"primalinea/escalation"
)

// keepStages keeps how long a ticket stayed in its stages once it is settled. What is
// opened again was not through, and what is set aside never was in any.
func (db *DB) keepStages(tx conn, c escalation.Change) error {
	t, settled, changed := &c.Ticket, false, false
	for _, e := range c.Entries {
		if e.Event == nil {
			continue
		}
		switch e.Event.Kind {
		case escalation.EventSolved, escalation.EventConfirmed:
			settled, changed = true, true
		case escalation.EventReopened, escalation.EventSpam:
			settled, changed = false, true
		case escalation.EventUndone, escalation.EventCleared:
			settled, changed = t.State == escalation.Solved || t.State == escalation.Closed, true
		}
	}
	if !changed || t.RequestType == "" {
		return nil
	}
	if _, err := tx.exec(`DELETE FROM stage_time WHERE ticket = $1`, t.ID); err != nil || !settled || t.Doubt != "" {
		return err
	}
	desk, err := db.deskAt(tx, max(t.Desk, 1))
	if escalation.KindOf(err) == escalation.NotFound {
		return nil // it was opened under a desk of another house
	}
	if err != nil {
		return err
	}
	var rows []string
	var args []any
	for _, p := range t.Passages(desk.Type(t.RequestType)) {
		if p.Done() && !p.Began.IsZero() {
			rows = append(rows, "("+list(len(args)+1, 5)+")")
			args = append(args, t.ID, t.RequestType, p.Key(), p.Ended.Sub(p.Began).Milliseconds(), p.Ended)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = tx.exec(`
		INSERT INTO stage_time (ticket, request_type, stage, took, ended)
		VALUES `+strings.Join(rows, ", "), args...)
	return err
}

// stageTimes asks for the latest times of a type.
const stageTimes = `
	SELECT stage, took
	FROM stage_time
	WHERE request_type = $1 AND ended >= $2
	ORDER BY ended DESC
	LIMIT 5000`

// StageTimes returns how long requests of a type really stayed in its stages, by their
// keys, of those that left them since a moment.
func (db *DB) StageTimes(ctx context.Context, kind string, since time.Time) (map[string]escalation.StageTime, error) {
	took := map[string][]time.Duration{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var stage string
		var millis int64
		err := rows.Scan(&stage, &millis)
		took[stage] = append(took[stage], time.Duration(millis)*time.Millisecond)
		return err
	}, stageTimes, kind, since)
	if err != nil {
		return nil, fmt.Errorf("stage times: %w", err)
	}
	out := make(map[string]escalation.StageTime, len(took))
	for stage, times := range took {
		out[stage] = escalation.NewStageTime(times)
	}
	return out, nil
}
