package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"reflect"
	"slices"

	"primalinea/escalation"
	"primalinea/escalation/privacy"
)

// keepFormer keeps whose a ticket was before, when that changes.
func (tx conn) keepFormer(c escalation.Change) error {
	if !slices.ContainsFunc(c.Entries, func(e escalation.Entry) bool {
		if e.Event == nil {
			return false
		}
		switch e.Event.Kind {
		case escalation.EventGiven, escalation.EventGivenBack, escalation.EventForgotten, escalation.EventErased:
			return true
		case escalation.EventBrought:
			return e.Event.Foreign
		}
		return false
	}) {
		return nil
	}
	t := &c.Ticket
	if _, err := tx.exec(`DELETE FROM former WHERE ticket = $1`, t.ID); err != nil || !t.Erased.IsZero() {
		return err
	}
	of := func(e escalation.Entry) *escalation.Tenure { return nil }
	if tenures := t.Tenures(); tenures != nil {
		of = func(e escalation.Entry) *escalation.Tenure {
			return tenures[slices.IndexFunc(tenures, func(n *escalation.Tenure) bool { return n.Has(e.Seq) })]
		}
	}
	var first escalation.Entry
	for _, e := range t.Entries {
		if r := e.Of(); r != nil { // words of somebody else, that were taken here
			if _, err := tx.exec(`
				INSERT INTO former (ticket, place, email, made, ended)
				VALUES ($1, $2, $3, $4, $4)`, t.ID, e.Seq, r.Key(), e.At); err != nil {
				return err
			}
		}
		if first.Seq == 0 {
			first = e
		}
		was, is := of(first), of(e)
		if was == is {
			continue
		}
		if !was.Now {
			if _, err := tx.exec(`
				INSERT INTO former (ticket, place, email, made, ended)
				VALUES ($1, $2, $3, $4, $5)`, t.ID, first.Seq, was.Key(), first.At, e.At); err != nil {
				return err
			}
		}
		first = e
	}
	return nil
}

// formerly returns who a holding is of, if a ticket was theirs and is not any more; else
// nothing.
func (c conn) formerly(ticket, who string) (string, error) {
	if who == "" {
		return "", nil
	}
	var found string
	_, err := one(c.row(`
		SELECT f.email
		FROM former f JOIN ticket t ON t.id = f.ticket
		WHERE f.ticket = $1 AND f.email <> '' AND f.email = $2 AND t.email <> $2
		LIMIT 1`, ticket, fold(who)), &found)
	return found, err
}

// toOthers says of each address whether letters of a ticket to it are none of somebody:
// they went to somebody else whose it is or was.
func (c conn) toOthers(ticket, who string) (func(to string) bool, error) {
	if who == "" {
		return func(string) bool { return false }, nil
	}
	others, err := c.ids(`
		SELECT email FROM former WHERE ticket = $1 AND email <> $2
		UNION SELECT t.email FROM ticket t WHERE t.id = $1 AND t.email <> $2 AND EXISTS (SELECT 1 FROM former WHERE ticket = $1)`, ticket, fold(who))
	return func(to string) bool { return slices.Contains(others, fold(to)) }, err
}

// EraseFormer applies what rule makes of a ticket that was somebody's, by an address or a
// [escalation.Tenure.Key], and is somebody else's now, a [escalation.Ticket.Forget]: its holes take the place of
// what was there. What else hangs on their time goes too.
func (db *DB) EraseFormer(ctx context.Context, id, who string, rule func(escalation.Ticket) (escalation.Change, error)) (privacy.Gone, error) {
	var gone privacy.Gone
	err := db.repeat(ctx, func(tx conn) error {
		gone = privacy.Gone{}
		t, err := tx.ticket("id", id)
		if err != nil {
			return err
		}
		version, answers := t.Version, answered(&t)
		journeys, err := tx.journeysOf(id, fold(who))
		if err != nil {
			return err
		}
		c, err := rule(t)
		if err != nil || len(c.Entries) == 0 {
			return err
		}
		gone.Erased = true
		if _, err := tx.exec(`UPDATE ticket SET salt = $2 WHERE id = $1`, id, rand.Text()); err != nil {
			return err
		}
		if err := db.update(tx, version, answers, c); err != nil {
			return err
		}
		was, left := escalation.Ledger(t.Entries), escalation.Ledger(c.Ticket.Entries[:version])
		if err := tx.hangBack(&t, left, fold(who)); err != nil {
			return err
		}
		files, err := tx.filesOf(id)
		if err != nil {
			return err
		}
		for i, e := range left {
			if reflect.DeepEqual(e, was[i]) {
				continue
			}
			if err := tx.hole(&e); err != nil {
				return err
			}
			for _, f := range files {
				if f.Entry == e.ID && len(e.Files) == 0 {
					gone.Files = append(gone.Files, f)
				}
			}
		}
		for _, f := range gone.Files {
			if _, err := tx.exec(`DELETE FROM file WHERE id = $1`, f.ID); err != nil {
				return err
			}
		}
		if err := tx.forgetHandoffs(&c.Ticket); err != nil {
			return err
		}
		letters, err := tx.whose(who, `SELECT id, recipient FROM letter WHERE ticket = $1`, id)
		if err != nil {
			return err
		}
		for _, l := range letters {
			if _, err := tx.exec(`DELETE FROM letter WHERE id = $1`, l); err != nil {
				return err
			}
		}
		for _, query := range []string{forgetForms, `DELETE FROM demand_signal WHERE id = 'ticket-' || $1`} {
			if _, err := tx.exec(query, id); err != nil {
				return err
			}
		}
		return tx.forgetVisitor(journeys)
	})
	if err != nil {
		return privacy.Gone{}, fmt.Errorf("erase what was of somebody: %w", err)
	}
	return gone, nil
}

// hole writes an entry as an erasure left it.
func (tx conn) hole(e *escalation.Entry) error {
	row := entryRow("", e)
	if _, err := tx.exec(`
		UPDATE entry
		SET by_name = $1, body = $2, event = $3, files = $4, once = $5
		WHERE id = $6`, row[6], row[8], row[9], row[10], row[11], e.ID); err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	return nil
}

// forgetHandoffs leaves of handoffs what an erasure left.
func (tx conn) forgetHandoffs(t *escalation.Ticket) error {
	for _, h := range t.Handoffs {
		if _, err := tx.exec(`UPDATE handoff SET reason = $1 WHERE id = $2`, h.Reason, h.ID); err != nil {
			return fmt.Errorf("handoffs: %w", err)
		}
	}
	return nil
}

// formerTickets returns the ids of tickets that were somebody's, and are somebody else's
// now.
const formerTickets = `
	SELECT DISTINCT f.ticket
	FROM former f JOIN ticket t ON t.id = f.ticket
	WHERE f.email <> '' AND f.email = $1 AND t.email <> $1`

// heldOf counts what of a ticket is of whose it was.
func (c conn) heldOf(h *privacy.Holding, id string) error {
	t, err := c.ticket("id", id)
	if err != nil {
		return err
	}
	h.Tickets = append(h.Tickets, privacy.Held{ID: t.ID, Number: t.Number, State: t.State, Doubt: t.Doubt, Opened: t.Opened, Former: true})
	for _, e := range t.Share(h.Key) {
		if e.Seq == 1 {
			h.Tickets[len(h.Tickets)-1].Subject = t.Subject
		}
		kind := e.Kind
		if o := e.Spoken(); o != nil {
			kind = o.Kind
		}
		switch kind {
		case escalation.Public:
			h.Messages++
		case escalation.Internal:
			h.Notes++
		}
		for _, f := range e.Files {
			h.Files, h.Bytes = h.Files+1, h.Bytes+f.Size
		}
	}
	letters, err := c.whose(h.Email, `SELECT id, recipient FROM letter WHERE ticket = $1`, id)
	h.Letters += len(letters)
	return err
}

// lettersOf counts the letters of a ticket that went to nobody else.
func (c conn) lettersOf(ticket, email string) (n int, err error) {
	others, err := c.toOthers(ticket, email)
	if err != nil {
		return 0, err
	}
	err = c.each(func(rows *sql.Rows) error {
		var to string
		err := rows.Scan(&to)
		if !others(to) {
			n++
		}
		return err
	}, `SELECT recipient FROM letter WHERE ticket = $1 AND ticket IS NOT NULL`, ticket)
	return n, err
}
