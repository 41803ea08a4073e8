package store

import (
	"context"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
)

// LinksLife is how long the link to all requests of an address opens them, once. It is
// no longer than who lost it has to wait for another one.
const LinksLife = time.Hour

// PostLinks writes the letter with the link to all requests of an address, if
// there are any, and none was written within the hour. Its code has this hash.
// What it does takes as long, and says as much, when there is nothing to write
// about.
func (db *DB) PostLinks(ctx context.Context, l escalation.Letter, hash string) error {
	wake := false
	err := db.change(ctx, func(tx conn) error {
		wake = false
		now, email := db.now(), fold(l.To)
		who := whoLinks(email)
		if err := tx.guard("links:"+who[:32], now); err != nil {
			return err
		}
		var ticket, letter string
		if _, err := one(tx.row(`
			SELECT id FROM ticket WHERE email <> '' AND email = $1 AND doubt <> $2 LIMIT 1`, email, escalation.Spam), &ticket); err != nil {
			return err
		}
		var asked int
		if err := tx.row(`
			SELECT count(*) FROM links WHERE who = $1 AND made > $2`, who, now.Add(-spam.LinksTo.In)).Scan(&asked); err != nil {
			return err
		}
		if asked >= spam.LinksTo.Most {
			return nil
		}
		if ticket != "" {
			letter, wake = l.ID, true
		}
		if _, err := tx.exec(`
			INSERT INTO links (hash, who, letter, made, expires)
			VALUES ($1, $2, $3, $4, $5)`, hash, who, letter, now, now.Add(LinksLife)); err != nil {
			return err
		}
		if letter == "" {
			return nil
		}
		l.To = email
		return db.post(tx, l)
	})
	if err != nil {
		return fmt.Errorf("post links: %w", err)
	}
	if wake {
		db.wake()
	}
	return nil
}

// whoLinks is how table links names an address.
func whoLinks(email string) string { return staff.Hash("links " + fold(email)) }

// maxOfAddress is how many requests of one address are shown: the latest.
const maxOfAddress = 100

// LinksGood returns nil if the link with a hash still opens something, else a
// [escalation.NotFound] error.
func (db *DB) LinksGood(ctx context.Context, hash string) error {
	var letter string
	found, err := one(db.reader(ctx).row(`
		SELECT letter FROM links WHERE hash = $1 AND letter <> '' AND expires > $2`, hash, db.now()), &letter)
	if err == nil && !found {
		err = linksGone()
	}
	if err != nil {
		return fmt.Errorf("links: %w", err)
	}
	return nil
}

func linksGone() error {
	return &escalation.Error{Kind: escalation.NotFound, Reason: "error.links_gone"}
}

// UseLinks returns the tickets that the link with a hash opens, the latest first: all
// of the address that its letter went to. It opens them once: of two at the same time,
// one gets them. An unknown, used or expired one is a [escalation.NotFound] error.
func (db *DB) UseLinks(ctx context.Context, hash string) ([]escalation.Ticket, error) {
	var email string
	err := db.change(ctx, func(tx conn) error {
		now := db.now()
		n, err := tx.exec(`UPDATE links SET expires = $1 WHERE hash = $2 AND letter <> '' AND expires > $3`, now, hash, now)
		if err == nil && n == 0 {
			err = linksGone()
		}
		if err != nil {
			return err
		}
		return tx.row(`SELECT letter.recipient FROM links JOIN letter ON letter.id = links.letter WHERE links.hash = $1`, hash).Scan(&email)
	})
	var ids []string
	if err == nil {
		ids, err = db.reader(ctx).ids(`
			SELECT id
			FROM ticket
			WHERE email <> '' AND email = $1
			ORDER BY updated DESC
			LIMIT $2`, fold(email), maxOfAddress)
	}
	var tickets []escalation.Ticket
	for _, id := range ids {
		if err != nil {
			break
		}
		var t escalation.Ticket
		t, err = db.TicketByID(ctx, id)
		tickets = append(tickets, t)
	}
	if err != nil {
		return nil, fmt.Errorf("use links: %w", err)
	}
	return tickets, nil
}

// SweepLinks forgets links that opened nothing any more before a time.
func (db *DB) SweepLinks(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM links WHERE hash IN (
			SELECT hash FROM links WHERE expires < $1 ORDER BY expires LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep links: %w", err)
	}
	return nil
}

// OldSpam returns ids of tickets that were set aside and not touched since a time,
// and whose words are still there, the oldest first.
func (db *DB) OldSpam(ctx context.Context, before time.Time, limit int) ([]string, error) {
	ids, err := db.reader(ctx).ids(oldAside, escalation.Spam, before, limit)
	if err != nil {
		return nil, fmt.Errorf("old spam: %w", err)
	}
	return ids, nil
}

// doubted takes what is set aside out of the figures and of what articles learn, and
// puts what is cleared into them.
func (tx conn) doubted(c escalation.Change) error {
	t := &c.Ticket
	for _, e := range c.Entries {
		if e.Event == nil {
			continue
		}
		if k := e.Event.Kind; k == escalation.EventSpam || k == escalation.EventCleared {
			if _, err := tx.exec(learnAgain, t.Journey); err != nil {
				return err
			}
		}
		kind := e.Event.Kind
		switch {
		case kind != escalation.EventUndone:
		case t.Doubt == "" && undid(c, escalation.EventSpam):
			kind = escalation.EventCleared
		case t.Doubt != "" && undid(c, escalation.EventCleared):
			kind = escalation.EventSpam
		}
		switch kind {
		case escalation.EventSpam:
			if _, err := tx.exec(`DELETE FROM demand_signal WHERE id = 'ticket-' || $1`, t.ID); err != nil {
				return err
			}
			if t.Journey == "" {
				continue
			}
			// The form was sent by the one who opened the ticket, a moment before or after.
			if _, err := tx.exec(`
				UPDATE journey
				SET ticket = 0
				WHERE ticket BETWEEN $1 AND $2 AND visitor = (SELECT visitor FROM journey WHERE id = $3)`,
				t.Opened.Add(-time.Minute), t.Opened.Add(time.Minute), t.Journey); err != nil {
				return err
			}
		case escalation.EventCleared:
			var visitor string
			if t.Journey == "" {
				continue
			}
			found, err := one(tx.row(`SELECT visitor FROM journey WHERE id = $1`, t.Journey), &visitor)
			if err != nil {
				return err
			}
			if found && visitor != "" {
				if err := tx.joinTicket(journey.Join{Visitor: visitor, At: t.Opened}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// moved stops letters that wait to go to an address which is not the requester's any
// more: their links are dead, and their words are for somebody else. One that is just being
// sent is not tried again. That it is not, the old address is told all the same.
func (tx conn) moved(c escalation.Change, now time.Time) error {
	for _, e := range c.Entries {
		if e.Event == nil {
			continue
		}
		switch e.Event.Kind {
		case escalation.EventGivenBack: // it was no farewell
			if _, err := tx.exec(`
				UPDATE letter
				SET state = 'replaced', settled = $1
				WHERE ticket = $2 AND recipient = $3 AND kind = $4 AND state IN ('waiting', 'held')`,
				now, c.Ticket.ID, c.Ticket.Requester.Email, escalation.GivenLetter); err != nil {
				return err
			}
		case escalation.EventTakenBack: // there is nothing to tell of a split
			if _, err := tx.exec(`
				UPDATE letter
				SET state = 'replaced', settled = $1
				WHERE ticket = $2 AND kind = $3 AND state IN ('waiting', 'held')`,
				now, c.Ticket.ID, escalation.SplitLetter); err != nil {
				return err
			}
			continue
		case escalation.EventCorrected, escalation.EventGiven:
		default:
			continue
		}
		if _, err := tx.exec(`
			UPDATE letter
			SET state = 'replaced', settled = $1
			WHERE ticket = $2 AND recipient <> $3 AND kind NOT IN ($4, $5) AND state IN ('waiting', 'held')`,
			now, c.Ticket.ID, c.Ticket.Requester.Email, escalation.LeftLetter, escalation.GivenLetter); err != nil {
			return err
		}
	}
	return nil
}
