package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/privacy"
)

// Holding counts what is held about who has an address.
func (db *DB) Holding(ctx context.Context, email string) (privacy.Holding, error) {
	return db.held(ctx, privacy.Holding{Who: email, Email: email, Key: fold(email)}, `email <> '' AND email = $1`, fold(email))
}

// HoldingOf counts what is held about whose the ticket with a number is, or was: of who
// has no address, whom nothing else finds, before who has one, of whom it is the whole
// address.
func (db *DB) HoldingOf(ctx context.Context, number string) (privacy.Holding, error) {
	var id, email, former string
	c := db.reader(ctx)
	// A task is about whose the ticket is that it is for.
	_, err := one(c.row(`SELECT p.number FROM ticket t JOIN ticket p ON p.id = t.parent WHERE t.number = $1 AND t.parent <> ''`, number), &number)
	if err != nil {
		return privacy.Holding{}, fmt.Errorf("what is held: %w", err)
	}
	found, err := one(c.row(`SELECT id, email FROM ticket WHERE number = $1`, number), &id, &email)
	if err == nil && found && email != "" {
		_, err = one(c.row(`SELECT email FROM former WHERE ticket = $1 AND (email LIKE 'tel:%' OR email LIKE 'who:%') ORDER BY place DESC LIMIT 1`, id), &former)
	}
	if err == nil && found && email == "" {
		var t escalation.Ticket
		t, err = c.ticket("id", id)
		former = t.Requester.Key()
	}
	switch {
	case err != nil:
		return privacy.Holding{}, fmt.Errorf("what is held: %w", err)
	case email != "" && former == "":
		return db.Holding(ctx, email)
	}
	return db.held(ctx, privacy.Holding{Who: number, Key: former}, `number = $1 AND email = '' AND erased = 0`, number)
}

// held fills in what is held, with the tickets that a condition finds.
func (db *DB) held(ctx context.Context, h privacy.Holding, cond, arg string) (privacy.Holding, error) {
	email := h.Email
	c := db.reader(ctx)
	err := func() error {
		if err := c.each(func(rows *sql.Rows) error {
			var t privacy.Held
			err := rows.Scan(&t.ID, &t.Number, &t.Subject, &t.State, &t.Doubt, when{&t.Opened})
			h.Tickets = append(h.Tickets, t)
			return err
		}, `
			SELECT id, number, subject, state, doubt, opened
			FROM ticket
			WHERE `+cond+`
			ORDER BY opened DESC, id`, arg); err != nil {
			return err
		}
		visitors := map[string]bool{}
		former, err := c.ids(formerTickets, h.Key)
		if err != nil {
			return err
		}
		for _, id := range former {
			if slices.ContainsFunc(h.Tickets, func(t privacy.Held) bool { return t.ID == id }) {
				continue // it is theirs again
			}
			if err := c.heldOf(&h, id); err != nil {
				return err
			}
		}
		if err := c.heldTasks(&h); err != nil {
			return err
		}
		slices.SortStableFunc(h.Tickets, func(a, b privacy.Held) int { return b.Opened.Compare(a.Opened) })
		for _, t := range h.Tickets {
			js, err := c.journeysOf(t.ID, map[bool]string{true: h.Key}[t.Former])
			if err != nil {
				return err
			}
			for _, j := range js {
				if visitors[j] {
					continue
				}
				visitors[j] = true
				var searches, answers int
				if err := c.row(`SELECT COUNT(*) FROM journey_event WHERE journey = $1 AND journey <> '' AND query <> ''`, j).Scan(&searches); err != nil {
					return err
				}
				if err := c.row(`SELECT COUNT(*) FROM answer WHERE journey = $1`, j).Scan(&answers); err != nil {
					return err
				}
				h.Journeys, h.Searches, h.Answers = h.Journeys+1, h.Searches+searches, h.Answers+answers
			}
			if t.Former {
				continue
			}
			var public, notes, files, letters int
			var bytes int64
			if err := c.row(`
				SELECT COALESCE(SUM(CASE WHEN kind = 'public' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN kind = 'note' THEN 1 ELSE 0 END), 0)
				FROM entry
				WHERE ticket = $1`, t.ID).Scan(&public, &notes); err != nil {
				return err
			}
			if err := c.row(`SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM file WHERE ticket = $1 AND ticket <> ''`, t.ID).Scan(&files, &bytes); err != nil {
				return err
			}
			if letters, err = c.lettersOf(t.ID, h.Key); err != nil {
				return err
			}
			h.Messages, h.Notes, h.Files, h.Bytes, h.Letters = h.Messages+public, h.Notes+notes, h.Files+files, h.Bytes+bytes, h.Letters+letters
		}
		loose, err := c.looseLetters(email)
		if err != nil {
			return err
		}
		corrections, err := c.correctionsOf(email)
		if err != nil {
			return err
		}
		h.Letters, h.Corrections = h.Letters+len(loose), len(corrections)
		if email == "" {
			return nil
		}
		return c.row(`SELECT COUNT(*) FROM subscription WHERE email = $1`, fold(email)).Scan(&h.Subscriptions)
	}()
	if err != nil {
		return privacy.Holding{}, fmt.Errorf("what is held: %w", err)
	}
	return h, nil
}

// heldTasks adds what others did for the tickets of a holding: it speaks of their
// requester. Of a ticket that is somebody else's now, that is what was asked in their time.
func (c conn) heldTasks(h *privacy.Holding) error {
	for _, parent := range h.Tickets {
		former := ""
		if parent.Former {
			former = h.Key
		}
		if err := c.each(func(rows *sql.Rows) error {
			t := privacy.Held{Task: true}
			err := rows.Scan(&t.ID, &t.Number, &t.Subject, &t.State, &t.Doubt, when{&t.Opened})
			h.Tickets = append(h.Tickets, t)
			return err
		}, heldTasks, parent.ID, former); err != nil {
			return err
		}
	}
	return nil
}

const heldTasks = `
	SELECT id, number, subject, state, doubt, opened
	FROM ticket
	WHERE parent <> '' AND parent = $1 AND erased = 0
		AND ($2 = '' OR EXISTS (SELECT 1 FROM former f WHERE f.ticket = $1 AND f.email = $2 AND f.made <= opened AND opened < f.ended))`

// journeysOf returns the ids of the journeys that are joined to a ticket, and of all
// others of the same visitors: who they are is known by the ticket. Answers are kept
// longer than what they were taken from. They are those of its requester, or of who
// had an address formerly.
func (c conn) journeysOf(ticket, former string) ([]string, error) {
	return c.ids(journeysOfTicket, ticket, former)
}

// Who opened a ticket came by its journey; who follows its link does so while it is theirs.
const (
	theirJourney = `EXISTS (SELECT 1 FROM former f WHERE f.ticket = $1 AND f.place = 1 AND ($2 = '' OR f.email = $2)) = ($2 <> '')`
	theirSight   = `EXISTS (SELECT 1 FROM former f WHERE f.ticket = $1 AND f.made <= e.made AND e.made < f.ended AND ($2 = '' OR f.email = $2)) = ($2 <> '')`
	theirEvent   = `(e.kind = 'ticket_seen' AND ` + theirSight + ` OR e.kind <> 'ticket_seen' AND ` + theirJourney + `)`
)

const journeysOfTicket = `
	SELECT t.journey FROM ticket t WHERE t.id = $1 AND t.journey <> '' AND ` + theirJourney + `
	UNION SELECT e.journey FROM journey_event e WHERE e.ticket = $1 AND e.ticket <> '' AND e.journey <> '' AND ` + theirEvent + `
	UNION SELECT o.id
		FROM ticket t JOIN journey j ON j.id = t.journey JOIN journey o ON o.visitor = j.visitor
		WHERE t.id = $1 AND t.journey <> '' AND j.visitor <> '' AND ` + theirJourney + `
	UNION SELECT o.id
		FROM journey_event e JOIN journey j ON j.id = e.journey JOIN journey o ON o.visitor = j.visitor
		WHERE e.ticket = $1 AND e.ticket <> '' AND j.visitor <> '' AND ` + theirEvent + `
	UNION SELECT o.journey
		FROM ticket t JOIN answer a ON a.journey = t.journey JOIN answer o ON o.visitor = a.visitor
		WHERE t.id = $1 AND t.journey <> '' AND ` + theirJourney + `
`

// looseLetters returns the ids of letters to an address that belong to no ticket. How
// the address was written does not matter; only Go folds it as we do.
func (c conn) looseLetters(email string) ([]string, error) {
	return c.whose(email, `SELECT id, recipient FROM letter WHERE ticket IS NULL`)
}

func (c conn) correctionsOf(email string) ([]string, error) {
	return c.whose(email, `SELECT id, email FROM correction WHERE email <> ''`)
}

// whose returns the ids of rows whose second column is an address.
func (c conn) whose(email, query string, args ...any) ([]string, error) {
	var ids []string
	if email == "" {
		return nil, nil
	}
	err := c.each(func(rows *sql.Rows) error {
		var id, to string
		err := rows.Scan(&id, &to)
		if fold(to) == fold(email) {
			ids = append(ids, id)
		}
		return err
	}, query, args...)
	return ids, err
}

// LettersTo returns somebody's letters of tickets, and those of no ticket to an address.
func (db *DB) LettersTo(ctx context.Context, who string, tickets []string) ([]escalation.Delivery, error) {
	var letters []escalation.Delivery
	for _, id := range tickets {
		more, err := db.LettersOf(ctx, id)
		if err != nil {
			return nil, err
		}
		others, err := db.reader(ctx).toOthers(id, who)
		if err != nil {
			return nil, fmt.Errorf("letters: %w", err)
		}
		for _, l := range more {
			if !others(l.To) {
				letters = append(letters, l)
			}
		}
	}
	loose, err := db.reader(ctx).looseLetters(who)
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	for _, id := range loose {
		l, err := db.Letter(ctx, id)
		if err != nil {
			return nil, err
		}
		letters = append(letters, l)
	}
	return letters, nil
}

// JourneysOf returns what happened on the journeys of somebody, or of the visitors who
// opened tickets.
func (db *DB) JourneysOf(ctx context.Context, who string, tickets []string) ([]journey.Event, error) {
	ids, err := db.reader(ctx).journeysOfAll(who, tickets)
	if err != nil {
		return nil, fmt.Errorf("journeys: %w", err)
	}
	var events []journey.Event
	for _, id := range ids {
		more, err := db.JourneyEvents(ctx, id)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	return events, nil
}

// AnswersOf returns which articles answered them.
func (db *DB) AnswersOf(ctx context.Context, who string, tickets []string) ([]learning.Answer, error) {
	c := db.reader(ctx)
	ids, err := c.journeysOfAll(who, tickets)
	var answers []learning.Answer
	for _, id := range ids {
		var more []learning.Answer
		if more, err = c.answers(ofJourney, id); err != nil {
			break
		}
		answers = append(answers, more...)
	}
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	return answers, nil
}

func (c conn) journeysOfAll(who string, tickets []string) ([]string, error) {
	var all []string
	for _, ticket := range tickets {
		former, err := c.formerly(ticket, who)
		if err != nil {
			return nil, err
		}
		ids, err := c.journeysOf(ticket, former)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all, nil
}

// FilesOf returns the files of a ticket.
func (db *DB) FilesOf(ctx context.Context, ticket string) ([]evidence.Record, error) {
	files, err := db.reader(ctx).filesOf(ticket)
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", ticket, err)
	}
	return files, nil
}

func (c conn) filesOf(ticket string) ([]evidence.Record, error) {
	var files []evidence.Record
	err := c.each(func(rows *sql.Rows) error {
		r := evidence.Record{Ticket: ticket}
		err := rows.Scan(&r.ID, &r.Hash, &r.Entry, &r.Name, &r.Type, &r.Size, when{&r.Created}, &r.Thumb, &r.Width, &r.Height)
		files = append(files, r)
		return err
	}, `
		SELECT id, hash, entry, name, type, size, made, thumb, width, height
		FROM file
		WHERE ticket = $1 AND ticket <> ''
		ORDER BY made, id`, ticket)
	return files, err
}

// CorrectionsOf returns what who has an address said about articles, while nobody
// decided it: after that, no address is kept.
func (db *DB) CorrectionsOf(ctx context.Context, email string) ([]escalation.Correction, error) {
	ids, err := db.reader(ctx).correctionsOf(email)
	var found []escalation.Correction
	for _, id := range ids {
		var c escalation.Correction
		if c, err = scanCorrection(db.reader(ctx).row(`SELECT `+correction+` FROM correction WHERE id = $1`, id)); err != nil {
			break
		}
		found = append(found, c)
	}
	if err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	return found, nil
}
