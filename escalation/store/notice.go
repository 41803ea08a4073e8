package store

import (
	"database/sql"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// noticeGap is how long after a notice of a ticket its next one waits.
const noticeGap = 10 * time.Minute

// noticed are the events that somebody may want to hear of.
var noticed = []escalation.EventKind{
	escalation.EventOpened, escalation.EventOffered, escalation.EventReplied, escalation.EventReopened, escalation.EventRefused, escalation.EventInherited,
	escalation.EventCleared, escalation.EventConsulted, escalation.EventAdvised, escalation.EventMarked, escalation.EventRaised, escalation.EventTaskAnswered,
}

// noticeOf begins the word by which a notice replaces others, before the id of its ticket.
const noticeOf = "notice:"

// noticeBefore asks for the last notice of a ticket that somebody got or is to get.
const noticeBefore = `
	SELECT due, state
	FROM letter
	WHERE ticket IS NULL AND recipient = $1 AND replaces = $2 AND state <> 'replaced'
	ORDER BY due DESC
	LIMIT 1`

// heard says whether somebody may want to hear of a change.
func heard(c escalation.Change) bool {
	return slices.ContainsFunc(c.Entries, func(e escalation.Entry) bool {
		return e.Event != nil && slices.Contains(noticed, e.Event.Kind)
	})
}

// notify writes to those who want to hear of a change, with its cause. They get a
// number and the way to the desk and no more: letters are read by others too. Without a mail server none are written:
// those that are held would be told too late.
func (db *DB) notify(tx conn, c escalation.Change) error {
	if db.hold || !heard(c) {
		return nil
	}
	var people []staff.Person
	err := tx.each(func(rows *sql.Rows) error {
		p, err := scanPerson(rows)
		people = append(people, p)
		return err
	}, `SELECT `+person+` FROM person WHERE notices <> '[]' AND disabled = 0`)
	if err != nil {
		return err
	}
	deed := c.Ticket.LastDeed()
	for _, told := range staff.ToTell(c, people) {
		p, now := told.Person, db.now()
		l := escalation.Letter{
			ID: escalation.NewID(), Kind: told.Notice.Letter(), To: p.Email, Lang: p.Lang, NotBefore: now,
			Args:     escalation.LetterArgs{Number: c.Ticket.Number, Recipient: p.Email, Path: "/desk/tickets/" + c.Ticket.Number, Entry: told.Entry},
			Replaces: noticeOf + c.Ticket.ID,
		}
		if told.Many {
			l.Replaces, l.Args.Path = noticeOf+string(told.Notice), told.Notice.List()
		}
		if l.Lang == "" {
			l.Lang = c.Ticket.Lang
		}
		// The one before, if it was not sent yet, gives its time to this one; if it
		// was, this one waits until it is forgotten.
		var due time.Time
		var state escalation.LetterState
		found, err := one(tx.row(noticeBefore, l.To, l.Replaces), when{&due}, &state)
		if err != nil {
			return err
		}
		switch again := due.Add(noticeGap); {
		case !found:
		case state == escalation.LetterWaiting:
			l.NotBefore = due
		case again.After(now):
			l.NotBefore = again
		}
		if deed != nil && slices.ContainsFunc(deed.Entries, func(e escalation.Entry) bool { return e.ID == told.Entry }) {
			if late := deed.At.Add(escalation.UndoTime); late.After(l.NotBefore) { // they may take it back
				l.NotBefore = late
			}
		}
		if err := db.post(tx, l); err != nil {
			return err
		}
	}
	return nil
}

// noticesOf asks for the notices of a ticket that nothing replaced.
const noticesOf = `
	SELECT id, recipient, args, made
	FROM letter
	WHERE ticket IS NULL AND recipient IN (SELECT email FROM person) AND replaces = $1 AND state <> 'replaced'`

// unnotice takes notices of entries back that were taken back. Those that they replaced
// wait again, or are held as they were after a restore.
func (tx conn) unnotice(ticket string, list []escalation.Entry, now time.Time) error {
	var notices []escalation.Delivery
	if err := tx.each(func(rows *sql.Rows) error {
		var d escalation.Delivery
		err := rows.Scan(&d.ID, &d.To, document{&d.Args}, when{&d.Made})
		if slices.ContainsFunc(list, func(e escalation.Entry) bool { return e.ID == d.Args.Entry }) {
			notices = append(notices, d)
		}
		return err
	}, noticesOf, noticeOf+ticket); err != nil {
		return err
	}
	for _, d := range notices {
		n, err := tx.exec(`DELETE FROM letter WHERE id = $1 AND state IN ('waiting', 'held') AND lease_until < $2`, d.ID, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return errSent
		}
		if _, err := tx.exec(`
			UPDATE letter
			SET state = CASE problem WHEN 'held' THEN 'held' ELSE 'waiting' END, problem = CASE problem WHEN 'held' THEN '' ELSE problem END, settled = 0
			WHERE id IN (
				SELECT id FROM letter
				WHERE ticket IS NULL AND recipient = $1 AND replaces = $2 AND state = 'replaced' AND settled = $3
				ORDER BY made DESC
				LIMIT 1)`, d.To, noticeOf+ticket, d.Made); err != nil {
			return err
		}
	}
	return nil
}
