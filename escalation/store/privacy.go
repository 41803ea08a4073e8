package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
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
		_, err = one(c.row(`SELECT email FROM former WHERE ticket = $1 AND email LIKE 'tel:%' ORDER BY place DESC LIMIT 1`, id), &former)
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
		former, err := c.texts(formerTickets, h.Key)
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
	return c.texts(journeysOfTicket, ticket, former)
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

// texts returns the one column of a query.
func (c conn) texts(query string, args ...any) ([]string, error) {
	var found []string
	err := c.each(func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		found = append(found, s)
		return err
	}, query, args...)
	return found, err
}

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

const (
	// An index of some rows is used only where its condition stands literally.
	oldAside = `
		SELECT id
		FROM ticket
		WHERE doubt <> '' AND doubt = $1 AND updated < $2 AND erased = 0
		ORDER BY updated, id
		LIMIT $3`
	expired = `
		SELECT id
		FROM ticket
		WHERE state IN ('closed', 'solved') AND updated < $1 AND erased = 0
		ORDER BY updated, id
		LIMIT $2`
	forgetForms = `DELETE FROM submission WHERE ticket = $1`
)

// Expired returns the ids of tickets that are settled and were not touched since before
// a time, and whose words are still there.
func (db *DB) Expired(ctx context.Context, before time.Time, limit int) ([]string, error) {
	ids, err := db.reader(ctx).texts(expired, before, limit)
	if err == nil && len(ids) < limit {
		var merged []string // these are settled with another one
		merged, err = db.reader(ctx).texts(oldAside, escalation.Merged, before, limit-len(ids))
		ids = append(ids, merged...)
	}
	if err != nil {
		return nil, fmt.Errorf("expired tickets: %w", err)
	}
	return ids, nil
}

// EraseTicket applies what rule makes of a ticket, a [escalation.Ticket.Erase]: its
// holes take the place of the entries that were there. What hangs on the ticket and
// says something goes too: letters, files, signals, and the words of the journeys that
// led to it, which from then on are those of nobody.
func (db *DB) EraseTicket(ctx context.Context, id string, rule func(escalation.Ticket) (escalation.Change, error)) (privacy.Gone, error) {
	var gone privacy.Gone
	err := db.repeat(ctx, func(tx conn) error {
		gone = privacy.Gone{}
		t, err := tx.ticket("id", id)
		if err != nil {
			return err
		}
		version := t.Version
		answers := answered(&t)
		journeys, err := tx.journeysOf(id, "")
		if err != nil {
			return err
		}
		for _, n := range t.Tenures() { // it goes as a whole
			more, err := tx.journeysOf(id, n.Key())
			if err != nil {
				return err
			}
			journeys = append(journeys, more...)
		}
		c, err := rule(t)
		if err != nil || len(c.Entries) == 0 {
			return err
		}
		gone.Erased = true
		if gone.Tasks, err = tx.taskIDs(id); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE ticket SET salt = '' WHERE id = $1`, id); err != nil {
			return err
		}
		if err := db.update(tx, version, answers, c); err != nil {
			return err
		}
		left := escalation.Ledger(c.Ticket.Entries[:version])
		for _, e := range left {
			if err := tx.hole(&e); err != nil {
				return err
			}
		}
		if err := tx.hangBack(&t, left, t.Requester.Key()); err != nil {
			return err
		}
		if err := tx.forgetHandoffs(&c.Ticket); err != nil {
			return err
		}
		if gone.Files, err = tx.filesOf(id); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM file WHERE ticket = $1 AND ticket <> ''`,
			`DELETE FROM letter WHERE ticket = $1 AND ticket IS NOT NULL`,
			forgetForms,
			`DELETE FROM demand_signal WHERE id = 'ticket-' || $1`,
			`DELETE FROM journey_event WHERE ticket = $1 AND ticket <> '' AND kind = 'ticket_seen'`,
		} {
			if _, err := tx.exec(query, id); err != nil {
				return err
			}
		}
		return tx.forgetVisitor(journeys)
	})
	if err != nil {
		return privacy.Gone{}, fmt.Errorf("erase ticket: %w", err)
	}
	return gone, nil
}

// forgetVisitor takes the words out of journeys, and the key by which they belonged to
// somebody. They go on counting as what they came to, under a new key that nobody has.
func (tx conn) forgetVisitor(journeys []string) error {
	nobody := rand.Text()
	for _, id := range journeys {
		if err := tx.forgetSearches(id); err != nil {
			return fmt.Errorf("searches: %w", err)
		}
		// One person may have been several visitors of one experiment.
		if _, err := tx.exec(`
			UPDATE suggestion_trigger SET visitor = $2
			WHERE visitor IN (SELECT visitor FROM journey WHERE id = $1 AND visitor <> '')`, id, rand.Text()); err != nil {
			return fmt.Errorf("triggers: %w", err)
		}
		for _, query := range []string{
			`UPDATE journey SET visitor = $2, state = '{}', harvested = ended, learned = ended WHERE id = $1`,
			`UPDATE journey_event SET visitor = $2, query = '', reason = '', network = '' WHERE journey = $1 AND journey <> ''`,
			`UPDATE demand_signal SET journey = '' WHERE journey = $1 AND journey <> '' AND kind = 'subscribe' AND $2 <> ''`, // goes with its address
			`DELETE FROM demand_signal WHERE journey = $1 AND journey <> '' AND $2 <> ''`,
			`DELETE FROM answer WHERE journey = $1 AND $2 <> ''`,
		} {
			if _, err := tx.exec(query, id, nobody); err != nil {
				return fmt.Errorf("journeys: %w", err)
			}
		}
	}
	return nil
}

// EraseAddress takes out what belongs to an address and to no ticket: letters, what
// they said about articles, what they want to be told of, and the sessions of browsers that followed its links.
func (db *DB) EraseAddress(ctx context.Context, email string) error {
	quoted, err := json.Marshal(fold(email))
	if err != nil {
		return err
	}
	err = db.change(ctx, func(tx conn) error {
		letters, err := tx.looseLetters(email)
		if err != nil {
			return err
		}
		corrections, err := tx.correctionsOf(email)
		if err != nil {
			return err
		}
		var sessions []string
		if err := tx.each(func(rows *sql.Rows) error {
			var id, data string
			err := rows.Scan(&id, &data)
			if strings.Contains(fold(data), string(quoted)) {
				sessions = append(sessions, id)
			}
			return err
		}, `SELECT id, data FROM session WHERE data LIKE '%@%'`); err != nil {
			return err
		}
		for query, ids := range map[string][]string{
			`DELETE FROM letter WHERE id = $1`:     letters,
			`DELETE FROM correction WHERE id = $1`: corrections,
			`DELETE FROM session WHERE id = $1`:    sessions,
		} {
			for _, id := range ids {
				if _, err := tx.exec(query, id); err != nil {
					return err
				}
			}
		}
		for _, query := range []string{
			`DELETE FROM demand_signal WHERE id IN (SELECT 'subscribe-' || id FROM subscription WHERE email = $1)`,
			`DELETE FROM subscription WHERE email = $1`,
		} {
			if _, err := tx.exec(query, fold(email)); err != nil {
				return err
			}
		}
		if _, err = tx.exec(`DELETE FROM links WHERE who = $1`, whoLinks(email)); err != nil {
			return err
		}
		_, err = tx.exec(`DELETE FROM reset_request WHERE email = $1`, fold(email))
		return err
	})
	if err != nil {
		return fmt.Errorf("erase address: %w", err)
	}
	return nil
}

const actColumns = `id, kind, who, by_kind, by_id, by_name, made, done, tickets, files, overwritten, remains`

// SaveAct keeps what was done with personal data, in place of that with the same ID.
func (db *DB) SaveAct(ctx context.Context, a privacy.Act) error {
	remains := ""
	if len(a.Remains) > 0 {
		remains = encode(a.Remains)
	}
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`
			INSERT INTO privacy_act (`+actColumns+`)
			VALUES (`+list(1, 12)+`)
			ON CONFLICT (id) DO UPDATE SET done = excluded.done, tickets = excluded.tickets, files = excluded.files, remains = excluded.remains`,
			a.ID, a.Kind, a.Who, a.By.Kind, a.By.ID, a.By.Name, a.Made, a.Done, a.Tickets, a.Files, a.Overwritten, remains)
		if err == nil && !a.Done.IsZero() {
			tx.did(audit.Act{At: a.Done, By: a.By, Kind: audit.Requester, Object: a.ID, What: string(a.Kind), Note: fmt.Sprintf("%d/%d", a.Tickets, a.Files)})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("save act: %w", err)
	}
	return nil
}

// Acts returns the newest acts; of one person, or of all without a hash.
func (db *DB) Acts(ctx context.Context, who string, limit int) ([]privacy.Act, error) {
	return db.acts(ctx, `$1 = '' OR who = $1`, who, limit)
}

// Undone returns the acts that are not done: of one person, or those of all of which
// something remains.
func (db *DB) Undone(ctx context.Context, who string) ([]privacy.Act, error) {
	return db.acts(ctx, `done = 0 AND (who = $1 AND who <> '' OR $1 = '' AND remains <> '')`, who, 1000)
}

func (db *DB) acts(ctx context.Context, where, who string, limit int) ([]privacy.Act, error) {
	var acts []privacy.Act
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var a privacy.Act
		err := rows.Scan(&a.ID, &a.Kind, &a.Who, &a.By.Kind, &a.By.ID, &a.By.Name, when{&a.Made}, when{&a.Done}, &a.Tickets, &a.Files, when{&a.Overwritten}, document{&a.Remains})
		acts = append(acts, a)
		return err
	}, `
		SELECT `+actColumns+`
		FROM privacy_act
		WHERE `+where+`
		ORDER BY made DESC, id
		LIMIT $2`, who, limit)
	if err != nil {
		return nil, fmt.Errorf("acts: %w", err)
	}
	return acts, nil
}

// Overwrite makes what was erased unreadable in the files of the database, if there
// was an erasure since the last time. On SQLite all that is left is written anew, and
// so is the log; who wants to write waits that long. PostgreSQL is told to use the
// room again; its own log is its administrator's.
func (db *DB) Overwrite(ctx context.Context) error {
	now := db.now()
	var any int
	if found, err := one(db.reader(ctx).row(`SELECT 1 FROM privacy_act WHERE overwritten = 0 AND done > 0 LIMIT 1`), &any); err != nil || !found {
		return err
	}
	err := db.rewrite(ctx)
	if err == nil {
		err = db.change(ctx, func(tx conn) error {
			_, err := tx.exec(`UPDATE privacy_act SET overwritten = $1 WHERE overwritten = 0 AND done > 0 AND done <= $2`, now, now)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	return nil
}

func (db *DB) rewrite(ctx context.Context) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return errClosed
	}
	if db.pg {
		alone, err := db.write.Conn(ctx)
		if err != nil {
			return err
		}
		defer alone.Close()
		if _, err := alone.ExecContext(ctx, `SET statement_timeout = 0`); err != nil {
			return err
		}
		for _, table := range []string{"ticket", "entry", "letter", "journey", "journey_event", "search_day", "demand_signal", "answer", "file", "upload", "submission", "correction", "session"} {
			if _, err := alone.ExecContext(ctx, `VACUUM `+table); err != nil {
				return err
			}
		}
		_, err = alone.ExecContext(ctx, `RESET statement_timeout`)
		return err
	}
	// There is one connection that writes, so this waits for the group before.
	if _, err := db.write.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, log, moved int
	if err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("somebody still reads what was there before")
	}
	return nil
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

// SweepLetters removes letters that were made before a time and wait for nothing.
func (db *DB) SweepLetters(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM letter WHERE id IN (
			SELECT id FROM letter WHERE made < $1 AND state <> 'waiting' ORDER BY made LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep letters: %w", err)
	}
	return nil
}

// SweepSubmissions forgets which forms were sent before a time.
func (db *DB) SweepSubmissions(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM submission WHERE once IN (
			SELECT once FROM submission WHERE made < $1 LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep submissions: %w", err)
	}
	return nil
}

// SweepActs forgets what was done with personal data before a time.
func (db *DB) SweepActs(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM privacy_act WHERE id IN (
			SELECT id FROM privacy_act WHERE made < $1 LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep acts: %w", err)
	}
	return nil
}
