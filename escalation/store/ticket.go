package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

// errStale is a write that somebody else was faster than.
var errStale = errors.New("somebody was faster")

// tries is how often a change is made anew because somebody was faster.
const tries = 3

// Ticket returns the ticket with a number, or a [escalation.NotFound] error.
func (db *DB) Ticket(ctx context.Context, number string) (escalation.Ticket, error) {
	t, err := db.reader(ctx).ticket("number", number)
	if err != nil {
		return t, fmt.Errorf("ticket %q: %w", number, err)
	}
	return t, nil
}

// TicketByID returns the ticket with an id, or a [escalation.NotFound] error.
func (db *DB) TicketByID(ctx context.Context, id string) (escalation.Ticket, error) {
	t, err := db.reader(ctx).ticket("id", id)
	if err != nil {
		return t, fmt.Errorf("ticket %q: %w", id, err)
	}
	return t, nil
}

// Tickets returns the tickets that have these numbers, in one go: whoever holds many does
// not ask for them one by one. Those that there are not are left out.
func (db *DB) Tickets(ctx context.Context, numbers []string) ([]escalation.Ticket, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	cond, args := among("number", numbers)
	var ledgers [][]escalation.Entry
	last := ""
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var ticket string
		e, err := scanEntry(rows, &ticket)
		if ticket != last {
			ledgers, last = append(ledgers, nil), ticket
		}
		ledgers[len(ledgers)-1] = append(ledgers[len(ledgers)-1], e)
		return err
	}, numbered(`
		SELECT `+ledgerColumns+`, ticket
		FROM entry
		WHERE ticket IN (SELECT id FROM ticket WHERE `+cond+`)
		ORDER BY ticket, seq`, 0), args...)
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	list := make([]escalation.Ticket, len(ledgers))
	for i, entries := range ledgers {
		if list[i], err = escalation.Rebuild(entries); err != nil {
			return nil, fmt.Errorf("tickets: %w", err)
		}
	}
	return list, nil
}

// ticket rebuilds the ticket whose column by is value from its ledger.
func (c conn) ticket(by, value string) (escalation.Ticket, error) {
	var id string
	found, err := one(c.row(`SELECT id FROM ticket WHERE `+by+` = $1`, value), &id)
	if err != nil {
		return escalation.Ticket{}, err
	}
	if !found {
		return escalation.Ticket{}, escalation.NoTicket()
	}
	entries, err := c.entries(id)
	if err != nil {
		return escalation.Ticket{}, err
	}
	t, err := escalation.Rebuild(entries)
	if err != nil {
		return t, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return t, nil
}

const ledgerColumns = `id, seq, made, by_kind, by_id, by_name, kind, body, event, files, once`

// scanEntry reads the columns of a ledger, and into more what was asked besides.
func scanEntry(rows *sql.Rows, more ...any) (e escalation.Entry, err error) {
	err = rows.Scan(append([]any{&e.ID, &e.Seq, when{&e.At}, &e.By.Kind, &e.By.ID, &e.By.Name,
		&e.Kind, &e.Text, document{&e.Event}, document{&e.Files}, &e.Key}, more...)...)
	return e, err
}

// ledger reads a ticket's entries.
const ledger = `
	SELECT ` + ledgerColumns + `
	FROM entry
	WHERE ticket = $1
	ORDER BY seq`

// entries returns the ledger of a ticket.
func (c conn) entries(ticket string) ([]escalation.Entry, error) {
	var entries []escalation.Entry
	err := c.each(func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		entries = append(entries, e)
		return err
	}, ledger, ticket)
	return entries, err
}

// Open keeps the ticket that open returns. The same key twice makes one ticket:
// the second time created is false, and open is not asked, or in vain. An empty
// key is nobody's. open may be asked again, for another number.
func (db *DB) Open(ctx context.Context, key string, open func() (escalation.Change, error)) (t escalation.Ticket, created bool, err error) {
	defer func() {
		if err != nil {
			t, created, err = escalation.Ticket{}, false, fmt.Errorf("open ticket: %w", err)
		}
	}()
	for try := 1; ; try++ {
		var first string // id of the ticket that has the key already
		if key != "" {
			if _, err := one(db.reader(ctx).row(`SELECT ticket FROM submission WHERE once = $1`, key), &first); err != nil {
				return t, false, err
			}
		}
		if first == "" {
			// Whatever can be done outside the transaction is: others wait for it.
			c, err := open()
			if err != nil {
				return t, false, err
			}
			t = c.Ticket
			row, err := db.projected(db.reader(ctx), &t)
			if err != nil {
				return t, false, err
			}
			err = db.change(ctx, func(tx conn) (err error) {
				first, err = db.insert(tx, key, row, c)
				return err
			})
			if taken(err) && try < tries {
				continue // the number is in use
			}
			if err != nil {
				return t, false, err
			}
			if first == "" {
				if len(c.Letters) > 0 || heard(c) {
					db.wake()
				}
				return t, true, nil
			}
		}
		t, err = db.reader(ctx).ticket("id", first)
		return t, false, err
	}
}

// Change applies what rule makes of the ticket with a number: all of it, or
// nothing. rule may be asked again when somebody was faster; after a few times
// that is a [escalation.Conflict]. An entry whose key the ticket has already
// changes nothing. rule must not use the database: others wait for it.
func (db *DB) Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error) {
	var t escalation.Ticket
	var letters bool
	err := db.repeat(ctx, func(tx conn) error {
		letters = false
		var err error
		if t, err = tx.ticket("number", number); err != nil {
			return err
		}
		version := t.Version
		keys := make(map[string]bool)
		for _, e := range t.Entries {
			if e.Key != "" {
				keys[e.Key] = true
			}
		}
		answers := answered(&t)
		c, err := rule(t)
		if err != nil {
			return err
		}
		for _, e := range c.Entries {
			if keys[e.Key] {
				t, err = tx.ticket("number", number) // rule may have worked on ours
				return err
			}
		}
		t, letters = c.Ticket, len(c.Letters) > 0 || heard(c)
		return db.update(tx, version, answers, c)
	})
	if err != nil {
		return escalation.Ticket{}, fmt.Errorf("change ticket %q: %w", number, err)
	}
	if letters {
		db.wake()
	}
	return t, nil
}

// repeat runs do in a transaction, and again when somebody was faster.
func (db *DB) repeat(ctx context.Context, do func(tx conn) error) error {
	for try := 1; ; try++ {
		err := db.change(ctx, do)
		if err == nil || !errors.Is(err, errStale) && !taken(err) {
			return err
		}
		if try == tries {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.conflict", Err: err}
		}
	}
}

// projection lists the columns of table ticket that a change may change, in the
// order of [projected].
const projection = `version, state, turn, place, since, team, tier, highest_tier, solved_tier, owner, assignee,
	offered_team, offered_tier, frozen, subject, name, email, lang, channel, request_type, journey, opened, updated, until, doubt, erased, desk, due, look, alarmed, priority, subject_key, name_key, life, parent`

// projected returns what table ticket repeats of a ticket.
func (db *DB) projected(c conn, t *escalation.Ticket) ([]any, error) {
	due, look, life, err := db.due(c, t, t.Updated)
	if err != nil {
		return nil, err
	}
	var offeredTeam string
	var offeredTier int
	if h := t.Pending(); h != nil {
		offeredTeam, offeredTier = h.Team, h.Tier
	}
	var parent string
	if t.Parent != nil {
		parent = t.Parent.Ticket
	}
	return []any{t.Version, t.State, t.Turn(), place(t.Turn()), t.WaitingSince(), t.Team, t.Tier, t.HighestTier, t.SolvedTier, t.Owner, t.Assignee,
		offeredTeam, offeredTier, t.Frozen, t.Subject, t.Requester.Name, fold(t.Requester.Email), t.Lang, t.Channel, t.RequestType, t.Journey, t.Opened, t.Updated, t.Until, t.Doubt, t.Erased, t.Desk, due, look, t.Alarm() != nil, t.Priority(), sortKey(t.Subject), sortKey(t.Requester.Name), life, parent}, nil
}

// columns is how many there are in projection.
var columns = strings.Count(projection, ",") + 1

// place sorts turns: whoever opens a queue looks for what waits for us.
func place(t escalation.Turn) int {
	switch t {
	case escalation.Ours:
		return 0
	case escalation.Partys:
		return 1
	case escalation.Theirs:
		return 2
	}
	return 3
}

// fold makes addresses comparable.
func fold(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// insertTicket and updateTicket are written once, from the projection.
var (
	insertTicket = `INSERT INTO ticket (` + projection + `, id, number, salt) VALUES (` + list(1, columns+3) + `)`
	updateTicket = `UPDATE ticket SET (` + projection + `) = (` + list(1, columns) + `) ` +
		fmt.Sprintf(`WHERE id = $%d AND version = $%d RETURNING salt`, columns+1, columns+2)
)

// insert keeps a new ticket, of which table ticket repeats a row. If there is one with
// its key, it returns the id of that, and keeps nothing.
func (db *DB) insert(tx conn, key string, row []any, c escalation.Change) (first string, err error) {
	t := &c.Ticket
	if key != "" {
		n, err := tx.exec(`
			INSERT INTO submission (once, ticket, made)
			VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, key, t.ID, t.Opened)
		if err != nil {
			return "", err
		}
		if n == 0 {
			err := tx.row(`SELECT ticket FROM submission WHERE once = $1`, key).Scan(&first)
			return first, err
		}
	}
	salt := rand.Text()
	if _, err := tx.exec(insertTicket, append(row, t.ID, t.Number, salt)...); err != nil {
		return "", err
	}
	tx.acted(c, salt, false)
	return "", db.attach(tx, nil, c)
}

// update keeps a change of the ticket that had version.
func (db *DB) update(tx conn, version int, answers map[string]escalation.HandoffState, c escalation.Change) error {
	if len(c.Entries) > 0 {
		row, err := db.projected(tx, &c.Ticket)
		if err != nil {
			return err
		}
		var salt string
		found, err := one(tx.row(updateTicket, append(row, c.Ticket.ID, version)...), &salt)
		if err != nil {
			return err
		}
		if !found {
			return errStale
		}
		tx.acted(c, salt, !c.Ticket.Erased.IsZero() || slices.ContainsFunc(c.Entries, func(e escalation.Entry) bool {
			return e.Event != nil && e.Event.Kind == escalation.EventForgotten
		}))
	}
	return db.attach(tx, answers, c)
}

// attach keeps what belongs to a change beside the row of its ticket. answers
// has the handoffs as they were.
func (db *DB) attach(tx conn, answers map[string]escalation.HandoffState, c escalation.Change) error {
	id := c.Ticket.ID
	for part := range slices.Chunk(c.Entries, 64) { // a statement takes no more arguments than thousands
		var args []any
		for _, e := range part {
			args = append(args, entryRow(id, &e)...)
		}
		if _, err := tx.exec(`
			INSERT INTO entry (`+entryColumns+`)
			VALUES `+rowsOf(len(part), len(args)/len(part)), args...); err != nil {
			return fmt.Errorf("entries: %w", err)
		}
	}
	if err := tx.undone(c, db.now()); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	if err := tx.call(id, c.Entries); err != nil {
		return err
	}
	for _, e := range c.Entries {
		if e.Event != nil && (e.Event.Kind == escalation.EventBrought || e.Event.Kind == escalation.EventTakenBack) {
			if err := tx.carryFiles(&c.Ticket, &e); err != nil {
				return fmt.Errorf("files: %w", err)
			}
			continue
		}
		for _, f := range e.Files {
			if err := tx.claimFile(f.ID, id, e.ID); err != nil {
				return err
			}
		}
	}
	if len(c.Entries) > 0 { // else it is letters alone: the clocks are kept already
		if err := tx.keepClocks(&c.Ticket, c.Entries[0].Seq); err != nil {
			return fmt.Errorf("clocks: %w", err)
		}
	}
	if err := db.keepStages(tx, c); err != nil {
		return fmt.Errorf("stages: %w", err)
	}
	if err := tx.keepRatings(c); err != nil {
		return fmt.Errorf("ratings: %w", err)
	}
	events := journey.OfTicket(c)
	if err := inParts(events, tx.saveEvents); err != nil {
		return fmt.Errorf("journey: %w", err)
	}
	if len(events) > 0 {
		if _, err := tx.exec(learnAgain, c.Ticket.Journey); err != nil {
			return fmt.Errorf("journey: %w", err)
		}
	}
	if err := tx.doubted(c); err != nil {
		return fmt.Errorf("doubt: %w", err)
	}
	if err := tx.keepFuse(c, db.now()); err != nil {
		return fmt.Errorf("silence: %w", err)
	}
	if err := tx.moved(c, db.now()); err != nil {
		return fmt.Errorf("letters: %w", err)
	}
	for _, h := range c.Ticket.Handoffs {
		if state, old := answers[h.ID]; old && state == h.State {
			continue
		}
		if _, err := tx.exec(`
			INSERT INTO handoff (id, ticket, rule, from_id, from_team, from_tier, team, tier, state, reason, offered, answered)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, answered = excluded.answered`,
			h.ID, id, h.Rule, h.From.ID, h.FromTeam, h.FromTier, h.Team, h.Tier, h.State, h.Reason, h.Offered, h.Answered); err != nil {
			return fmt.Errorf("handoff: %w", err)
		}
	}
	if err := tx.keepFormer(c); err != nil {
		return fmt.Errorf("whose it was: %w", err)
	}
	if err := tx.keepAlarms(c); err != nil {
		return fmt.Errorf("alarms: %w", err)
	}
	if err := tx.keepConsults(c); err != nil {
		return fmt.Errorf("consults: %w", err)
	}
	if err := tx.keepKnown(c); err != nil {
		return fmt.Errorf("problem: %w", err)
	}
	for _, l := range c.Letters {
		if err := db.post(tx, l); err != nil {
			return fmt.Errorf("letter: %w", err)
		}
	}
	if err := db.notify(tx, c); err != nil {
		return fmt.Errorf("notices: %w", err)
	}
	return nil
}

// where returns the condition of a queue, and its arguments. Its text is made
// of the pieces below alone.
func where(q escalation.Queue) (string, []any) {
	var cond []string
	var args []any
	and := func(text string, a ...any) {
		cond = append(cond, numbered(text, len(args)))
		args = append(args, a...)
	}
	// An index of some rows is used only where its condition stands literally.
	team, tier := "team", "tier"
	switch {
	case q.Doubt != "":
		and(`doubt <> ''`)
		and(`doubt = ?`, q.Doubt)
		and(`erased = 0`) // there is nothing to look at any more
	case q.Closed:
		and(`state = 'closed'`)
		and(`doubt = ''`)
	case q.Asked != "": // of a settled one nothing is asked; the few that are left need no index of the ticket's
		and(`doubt IN ('', '` + string(escalation.Merged) + `')`) // the answer is wanted where it was merged, too
	default:
		and(`state <> 'closed'`)
		and(`doubt = ''`)
	}
	if q.Offered {
		and(`offered_team <> ''`)
		team, tier = "offered_team", "offered_tier"
		if q.By == escalation.ByWait {
			team, tier = "offered_team || ''", "+offered_tier" // the index by them has another order
		}
	}
	if q.Asked != "" {
		text, a := askedOf(q)
		and(`id IN (SELECT ticket FROM consult WHERE `+text+`)`, a...)
		q.Teams, q.Tier, q.MaxTier = nil, 0, 0
	}
	if len(q.Teams) > 0 {
		text, a := among(team, q.Teams)
		and(text, a...)
	}
	if q.Tier > 0 {
		and(tier+` = ?`, q.Tier)
	}
	if q.MaxTier > 0 {
		and(tier+` <= ?`, q.MaxTier)
	}
	if q.Assignee != "" {
		and(`assignee <> ''`)
		and(`assignee = ?`, q.Assignee)
	}
	if q.Free {
		and(`assignee = ''`)
	}
	if q.Unsolved {
		and(`state <> 'solved'`)
	}
	if q.Type != "" {
		and(`request_type = ?`, q.Type)
	}
	if q.Lang != "" {
		and(`lang = ?`, q.Lang)
	}
	if q.Priority > 0 {
		and(`priority = ?`, q.Priority)
	}
	if q.Found != nil {
		var a []any
		for _, number := range *q.Found {
			a = append(a, number)
		}
		if len(a) == 0 {
			a = append(a, "") // nobody's
		}
		and(`number IN (?`+strings.Repeat(`, ?`, len(a)-1)+`)`, a...)
	}
	switch from, till := !q.DueFrom.IsZero(), !q.DueTill.IsZero(); {
	case from && till && q.By != escalation.ByDue:
		// So it leads to no index by due, which has another order, and PostgreSQL takes
		// it for a third of all.
		and(`CASE WHEN due >= ? AND due < ? THEN 1 ELSE 0 END > 0`, q.DueFrom, q.DueTill)
	case from && till:
		and(`due >= ?`, q.DueFrom)
		and(`due < ?`, q.DueTill)
	case from:
		and(`due >= ?`, q.DueFrom)
	case till:
		and(`due < ?`, q.DueTill)
	}
	if q.Undue {
		and(`due = ?`, int64(noDue))
	}
	if q.State != "" {
		and(`state = ?`, q.State)
		q.Turn = (&escalation.Ticket{State: q.State}).Turn() // it has no other, and that has a place in the order
	}
	switch {
	case q.Turn != "" && q.By != escalation.ByWait:
		and(`+place = ?`, place(q.Turn)) // an index by place has another order
	case q.Turn != "":
		and(`place = ?`, place(q.Turn))
	}
	if q.Frozen {
		and(`frozen = 1`)
	}
	if q.Alarmed {
		and(`alarmed = 1`)
	}
	return strings.Join(cond, " AND "), args
}

// numbered writes the arguments of a condition, each a question mark, as those after
// the first n.
func numbered(text string, n int) string {
	parts := strings.Split(text, "?")
	for i := range parts[1:] {
		parts[i] += "$" + strconv.Itoa(n+i+1)
	}
	return strings.Join(parts, "")
}

// among says that a column is one of these.
func among(column string, list []string) (text string, args []any) {
	for _, v := range list {
		args = append(args, v)
	}
	return column + ` IN (?` + strings.Repeat(`, ?`, len(list)-1) + `)`, args
}

// Queue returns a page of tickets. Pages hang together by the last line of the
// one before, so the hundredth costs what the first does.
func (db *DB) Queue(ctx context.Context, q escalation.Queue) (escalation.QueuePage, error) {
	query, args, limit := queueQuery(q)
	var page escalation.QueuePage
	var keys []string
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var l escalation.QueueLine
		var key string
		err := rows.Scan(&l.ID, &l.Number, &l.Version, &l.State, &l.Turn, when{&l.Since}, &l.Team, &l.Tier, &l.HighestTier, &l.Owner, &l.Assignee,
			&l.OfferedTeam, &l.OfferedTier, truth{&l.Frozen}, &l.Subject, &l.Name, &l.Lang, &l.Channel, when{&l.Opened}, when{&l.Updated}, when{&l.Until}, &l.Desk, &l.RequestType, due{&l.Due}, truth{&l.Alarmed}, &l.Priority, &key)
		page.Lines, keys = append(page.Lines, l), append(keys, key)
		return err
	}, query, args...)
	if err != nil {
		return escalation.QueuePage{}, fmt.Errorf("queue: %w", err)
	}
	if len(page.Lines) > limit {
		page.Lines = page.Lines[:limit]
		page.Next = cursor(q, &page.Lines[limit-1], keys[limit-1])
	}
	if q.Asked != "" {
		if err := db.consulted(ctx, q, page.Lines); err != nil {
			return escalation.QueuePage{}, fmt.Errorf("queue: %w", err)
		}
	}
	return page, nil
}

// latestFirst says whether a queue begins with what was changed last.
func latestFirst(q escalation.Queue) bool { return q.Closed || q.Doubt != "" }

// Count returns how many tickets a queue has, counted no further than most: a
// tab that says "99+" stays quick whatever lies behind it.
func (db *DB) Count(ctx context.Context, q escalation.Queue, most int) (int, error) {
	query, args := countQuery(q, most)
	var n int
	err := db.reader(ctx).row(query, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// countQuery returns the statement of a count. It has the order of the list, though
// nobody sees it: SQLite, which knows nothing of how many rows are what, then takes
// the index of the list, and not the one of all open tickets to look for a few.
func countQuery(q escalation.Queue, most int) (query string, args []any) {
	cond, args := where(q)
	order := "place, since, id"
	switch {
	case latestFirst(q):
		order = "updated DESC, id DESC"
	case q.By == escalation.ByDue:
		order = "due, id"
	}
	args = append(args, most)
	return `
		SELECT count(*)
		FROM (
			SELECT 1
			FROM ticket
			WHERE ` + cond + `
			ORDER BY ` + order + `
			LIMIT ` + fmt.Sprintf("$%d", len(args)) + `) AS few`, args
}
