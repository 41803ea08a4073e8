package store

import (
	"slices"
	"time"

	"primalinea/escalation"
)

// undid says whether a change takes back something of a kind.
func undid(c escalation.Change, kind escalation.EventKind) bool {
	return slices.ContainsFunc(takenBack(c), func(e escalation.Entry) bool { return e.Event != nil && e.Event.Kind == kind })
}

// takenBack are the entries that a change takes back, as they were.
func takenBack(c escalation.Change) (list []escalation.Entry) {
	for _, u := range c.Entries {
		if u.Event == nil || u.Event.Kind != escalation.EventUndone {
			continue
		}
		for _, e := range slices.Backward(c.Ticket.Entries[:u.Seq-1]) {
			if e.Was != nil {
				list = append(list, *e.Was)
			}
			if e.ID == u.Event.About {
				break
			}
		}
	}
	return list
}

// errSent is why nothing is taken back: a letter is on its way, or was, and is not called
// back.
var errSent = &escalation.Error{Kind: escalation.Conflict, Reason: "error.undo_sent"}

// undone keeps what a change takes back: letters, also those to colleagues, are not sent,
// files wait for another form, and what is kept beside the ledger is as it was.
func (tx conn) undone(c escalation.Change, now time.Time) error {
	list := takenBack(c)
	if len(list) == 0 {
		return nil
	}
	t := &c.Ticket
	if err := tx.unnotice(t.ID, list, now); err != nil {
		return err
	}
	for _, e := range list {
		word := escalation.UndoneKey + e.ID
		if _, err := tx.exec(`
			UPDATE letter
			SET state = 'replaced', settled = $1
			WHERE ticket = $2 AND replaces = $3 AND state IN ('waiting', 'held') AND lease_until < $4`, now, t.ID, word, now); err != nil {
			return err
		}
		var sent int
		if found, err := one(tx.row(`SELECT 1 FROM letter WHERE ticket = $1 AND replaces = $2 AND state <> 'replaced'`, t.ID, word), &sent); err != nil {
			return err
		} else if found {
			return errSent
		}
		if _, err := tx.exec(`UPDATE file SET ticket = '', entry = '', made = $1 WHERE ticket = $2 AND entry = $3`, now, t.ID, e.ID); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM journey_event WHERE id = 't-' || $1`, e.ID); err != nil {
			return err
		}
		if h := e.Event.Handoff; h != nil {
			if _, err := tx.exec(`DELETE FROM handoff WHERE id = $1`, h.ID); err != nil {
				return err
			}
		}
	}
	if _, err := tx.exec(learnAgain, t.Journey); err != nil {
		return err
	}
	for _, k := range t.Consults {
		if _, err := tx.exec(`UPDATE consult SET state = $1 WHERE id = $2`, k.State, k.ID); err != nil {
			return err
		}
	}
	for _, a := range t.Alarms {
		if _, err := tx.exec(`UPDATE alarm SET ended = $1 WHERE id = $2`, a.Ended, a.ID); err != nil {
			return err
		}
	}
	return nil
}
