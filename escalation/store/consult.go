package store

import (
	"context"
	"database/sql"
	"slices"

	"primalinea/escalation"
)

// keepConsults keeps what a change did to what experts are asked.
func (tx conn) keepConsults(c escalation.Change) error {
	for _, k := range c.Ticket.Consults {
		fresh := slices.ContainsFunc(c.Entries, func(e escalation.Entry) bool {
			return e.Event != nil && e.Event.Consult != nil && e.Event.Consult.ID == k.ID
		})
		switch {
		case fresh:
			if _, err := tx.exec(`
				INSERT INTO consult (id, ticket, team, tier, from_id, staff, state, due)
				VALUES (`+list(1, 8)+`)`, k.ID, c.Ticket.ID, k.Team, k.Tier, k.From.ID, k.Staff, k.State, k.By); err != nil {
				return err
			}
		case k.State != escalation.Asked && len(c.Entries) > 0 && k.Answered.Equal(c.Entries[0].At):
			if _, err := tx.exec(`UPDATE consult SET state = $1 WHERE id = $2`, k.State, k.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// askedOf returns the condition of what a queue's experts are asked.
func askedOf(q escalation.Queue) (text string, args []any) {
	text, args = `state = 'asked' AND from_id <> ?`, []any{q.Asked}
	if len(q.Teams) > 0 {
		in, a := among("team", q.Teams)
		text, args = text+` AND `+in, append(args, a...)
	}
	if q.MaxTier > 0 {
		text, args = text+` AND tier <= ?`, append(args, q.MaxTier)
	}
	return text, args
}

// consulted adds to lines what is asked there: what one is asked in particular first, then
// what is to be answered first.
func (db *DB) consulted(ctx context.Context, q escalation.Queue, lines []escalation.QueueLine) error {
	if len(lines) == 0 {
		return nil
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	text, args := askedOf(q)
	in, a := among("ticket", ids)
	return db.reader(ctx).each(func(rows *sql.Rows) error {
		var ticket string
		k := escalation.Consult{State: escalation.Asked}
		err := rows.Scan(&ticket, &k.ID, &k.Team, &k.Tier, &k.From.ID, &k.Staff, when{&k.By})
		i := slices.Index(ids, ticket)
		if l := &lines[i]; l.Asked == nil || k.Staff == q.Asked && l.Asked.Staff != q.Asked {
			l.Asked = &k
		}
		return err
	}, numbered(`SELECT ticket, id, team, tier, from_id, staff, due FROM consult WHERE `+text+` AND `+in+` ORDER BY due, id`, 0), append(args, a...)...)
}
