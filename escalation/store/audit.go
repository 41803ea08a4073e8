package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
)

// lanes is how many chains there are. A transaction holds the head of one from the
// time it writes its acts until it is durable. The one writer of SQLite needs no
// more than one; PostgreSQL would write one transaction at a time.
const lanes = 16

// did notes what a transaction does. It is written when all is done, in the same
// transaction. Where the act does not say by whom, it is whoever acts in the context.
func (tx conn) did(a audit.Act) {
	if a.By.Kind == "" {
		a.By = tx.by
	}
	a.By.Name = "" // a requester may want it erased; people are known by their ids
	*tx.acts = append(*tx.acts, a)
}

// seal writes the acts of a transaction, or of a group of them, at the end of a
// lane. It is the last that a transaction does before it commits: who holds a head
// waits for nothing else.
func (tx conn) seal(lane int) error {
	acts := *tx.acts
	if len(acts) == 0 {
		return nil
	}
	var end int64
	var hash string
	if err := tx.row(`
		UPDATE audit_head
		SET seq = seq + $1
		WHERE lane = $2
		RETURNING seq, hash`, len(acts), lane).Scan(&end, &hash); err != nil {
		return fmt.Errorf("head of the audit record: %w", err)
	}
	for i, a := range acts {
		a.Lane, a.Seq = lane, end-int64(len(acts)-1-i)
		a.By.ID, a.Object, a.Note = clean(a.By.ID), clean(a.Object), clean(a.Note)
		hash = a.Sum(hash)
		if _, err := tx.exec(`
			INSERT INTO audit (`+act+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			a.Lane, a.Seq, a.At, a.By.Kind, a.By.ID, a.Kind, a.Object, a.What, a.First, a.Last, a.Note, a.Digest, hash); err != nil {
			return fmt.Errorf("audit record: %w", err)
		}
	}
	*tx.acts = nil
	if _, err := tx.exec(`UPDATE audit_head SET hash = $1 WHERE lane = $2`, hash, lane); err != nil {
		return fmt.Errorf("head of the audit record: %w", err)
	}
	return nil
}

// act lists the columns that [scanAct] reads.
const act = `lane, seq, made, by_kind, by_id, kind, object, what, first, last, note, digest, hash`

func scanAct(rows *sql.Rows) (audit.Act, error) {
	var a audit.Act
	err := rows.Scan(&a.Lane, &a.Seq, when{&a.At}, &a.By.Kind, &a.By.ID, &a.Kind, &a.Object, &a.What, &a.First, &a.Last, &a.Note, &a.Digest, &a.Hash)
	return a, err
}

// acted notes what a change does to a ticket. erased says that it wrote all entries anew.
func (tx conn) acted(c escalation.Change, salt string, erased bool) {
	if len(c.Entries) == 0 {
		return
	}
	wrote := c.Entries
	var what escalation.EventKind
	for _, e := range wrote {
		// Who hands a ticket on may take it first, and say what they know: that is on the way.
		if e.Event != nil && (what == "" || what == escalation.EventTaken || what == escalation.EventFact) {
			what = e.Event.Kind
		}
	}
	a := audit.Act{At: wrote[0].At, By: wrote[0].By, Kind: audit.Ticket, Object: c.Ticket.Number, What: cmp.Or(string(what), string(wrote[0].Kind))}
	if erased {
		wrote = escalation.Ledger(c.Ticket.Entries)
	}
	rows := make([][]any, len(wrote))
	for i, e := range wrote {
		rows[i] = values(entryRow(c.Ticket.ID, &e))
	}
	a.First, a.Last, a.Digest = int64(wrote[0].Seq), int64(wrote[len(wrote)-1].Seq), audit.Digest(salt, rows...)
	tx.did(a)
}

// settled notes that somebody decided a setting.
func (tx conn) settled(name string, version int64, value string, now time.Time) {
	tx.did(audit.Act{At: now, Kind: audit.Setting, Object: name, What: audit.Changed, Last: version, Digest: audit.Digest("", []any{value})})
}

// personRights is what of a person's row only this program may change.
func personRights(p *staff.Person) string {
	return audit.Digest("", []any{encode(p.Roles), p.Tier, encode(p.Teams), p.Disabled})
}

// Audit returns a part of the record.
func (db *DB) Audit(ctx context.Context, q audit.Query) (audit.Page, error) {
	query, args, limit := auditQuery(q)
	var p audit.Page
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		a, err := scanAct(rows)
		p.Acts = append(p.Acts, a)
		return err
	}, query, args...)
	if err != nil {
		return audit.Page{}, fmt.Errorf("audit record: %w", err)
	}
	if len(p.Acts) > limit {
		p.Acts = p.Acts[:limit]
		last := p.Acts[limit-1]
		p.Next = fmt.Sprintf("%d.%d.%d", last.At.UnixMilli(), last.Lane, last.Seq)
	}
	return p, nil
}

func auditQuery(q audit.Query) (query string, args []any, limit int) {
	limit = q.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	var conds []string
	cond := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		conds = append(conds, text)
	}
	if q.By != "" {
		cond(`by_id <> '' AND by_id = ?`, q.By)
	}
	if q.Kind != "" {
		cond(`kind = ? AND object = ?`, q.Kind, q.Object)
	}
	if !q.Since.IsZero() {
		cond(`made >= ?`, q.Since)
	}
	if !q.Till.IsZero() {
		cond(`made < ?`, q.Till)
	}
	// A cursor that is not one of ours leads to the first page.
	var made, seq int64
	var lane int
	if n, _ := fmt.Sscanf(q.After, "%d.%d.%d", &made, &lane, &seq); n == 3 {
		cond(`(made, lane, seq) < (?, ?, ?)`, made, lane, seq)
	}
	where := ""
	if len(conds) > 0 {
		where = `WHERE ` + strings.Join(conds, ` AND `)
	}
	args = append(args, limit+1)
	return `
		SELECT ` + act + `
		FROM audit
		` + where + `
		ORDER BY made DESC, lane DESC, seq DESC
		LIMIT $` + strconv.Itoa(len(args)), args, limit
}

// AuditMarks returns where each lane ends that has begun.
func (db *DB) AuditMarks(ctx context.Context) ([]audit.Mark, error) {
	heads, err := db.reader(ctx).heads()
	if err != nil {
		return nil, fmt.Errorf("audit record: %w", err)
	}
	var marks []audit.Mark
	for lane := range lanes {
		if m := heads[lane]; m.Seq > 0 {
			m.At = db.now()
			marks = append(marks, m)
		}
	}
	return marks, nil
}

func (c conn) heads() (map[int]audit.Mark, error) {
	heads := map[int]audit.Mark{}
	err := c.each(func(rows *sql.Rows) error {
		var m audit.Mark
		err := rows.Scan(&m.Lane, &m.Seq, &m.Hash)
		heads[m.Lane] = m
		return err
	}, `SELECT lane, seq, hash FROM audit_head`)
	return heads, err
}

// decided asks for what leads decided: what it is called, its version, and what it says.
var decided = map[audit.Kind]string{
	audit.Setting: `SELECT name, version, value FROM setting`,
	audit.Desk:    `SELECT CAST(version AS TEXT), version, body FROM desk`,
}

// beginAudit begins the record, and takes into it what was there before it was: what
// was done to accounts, and how tickets, settings and rights stand. Once it has
// begun it does nothing.
func (db *DB) beginAudit(ctx context.Context) error {
	begun, err := db.reader(ctx).begun()
	if err != nil || begun {
		return err
	}
	err = db.changeAlone(ctx, func(tx conn) error {
		if err := tx.patient(); err != nil {
			return err
		}
		now := db.now()
		if _, err := tx.exec(`UPDATE audit_head SET seq = seq WHERE lane = 0`); err != nil { // replicas start together
			return err
		}
		if begun, err := tx.begun(); err != nil || begun {
			return err
		}
		if err := tx.chainLane(0); err != nil {
			return err
		}
		by := escalation.System{Rule: "audit"}.Ref()
		tx.did(audit.Act{At: now, By: by, Kind: audit.Record, What: audit.Begun})
		if err := tx.seal(0); err != nil {
			return err
		}
		var tickets [][2]string // ids and numbers
		if err := tx.each(func(rows *sql.Rows) error {
			var t [2]string
			err := rows.Scan(&t[0], &t[1])
			tickets = append(tickets, t)
			return err
		}, `SELECT id, number FROM ticket`); err != nil {
			return err
		}
		for _, t := range tickets {
			id, number := t[0], t[1]
			entries, err := tx.entryRows(id)
			if err != nil {
				return err
			}
			salt := rand.Text()
			n, err := tx.exec(`UPDATE ticket SET salt = $1 WHERE id = $2 AND erased = 0`, salt, id)
			if err != nil {
				return err
			}
			if n == 0 {
				salt = ""
			}
			tx.did(audit.Act{At: now, By: by, Kind: audit.Ticket, Object: number, What: audit.Adopted, First: 1, Last: int64(len(entries)), Digest: audit.Digest(salt, entries...)})
			if len(*tx.acts) >= maxGroup {
				if err := tx.seal(0); err != nil {
					return err
				}
			}
		}
		for kind, query := range decided {
			if err := tx.each(func(rows *sql.Rows) error {
				a := audit.Act{At: now, By: by, Kind: kind, What: audit.Adopted}
				var value string
				err := rows.Scan(&a.Object, &a.Last, &value)
				a.Digest = audit.Digest("", []any{value})
				tx.did(a)
				return err
			}, query); err != nil {
				return err
			}
		}
		people, err := tx.people()
		if err != nil {
			return err
		}
		for _, p := range people {
			tx.did(audit.Act{At: now, By: by, Kind: audit.Person, Object: p.ID, What: audit.Adopted, Last: 1, Digest: personRights(&p)})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("audit record: %w", err)
	}
	return nil
}

// begun reports whether there is a record.
func (c conn) begun() (bool, error) {
	var any int
	return one(c.row(`SELECT 1 FROM audit WHERE kind = $1 AND object = '' AND what = $2 LIMIT 1`, audit.Record, audit.Begun), &any)
}

// chainLane gives their hashes to the acts of a lane: those that a migration took
// from elsewhere have none.
func (tx conn) chainLane(lane int) error {
	var old []audit.Act
	if err := tx.each(func(rows *sql.Rows) error {
		a, err := scanAct(rows)
		old = append(old, a)
		return err
	}, `SELECT `+act+` FROM audit WHERE lane = $1 ORDER BY seq`, lane); err != nil {
		return err
	}
	hash := ""
	for _, a := range old {
		hash = a.Sum(hash)
		if _, err := tx.exec(`UPDATE audit SET hash = $1 WHERE lane = $2 AND seq = $3`, hash, lane, a.Seq); err != nil {
			return err
		}
	}
	_, err := tx.exec(`UPDATE audit_head SET hash = $1 WHERE lane = $2`, hash, lane)
	return err
}

// entryRow returns an entry as its columns keep it, in the order of the ledger.
func entryRow(ticket string, e *escalation.Entry) []any {
	var event, files string
	if e.Event != nil {
		event = encode(e.Event)
	}
	if len(e.Files) > 0 {
		files = encode(e.Files)
	}
	return []any{e.ID, ticket, e.Seq, e.At, e.By.Kind, e.By.ID, e.By.Name, e.Kind, e.Text, event, files, e.Key}
}

// entryColumns are those of entryRow.
const entryColumns = `id, ticket, seq, made, by_kind, by_id, by_name, kind, body, event, files, once`

// entryRows returns the rows of a ticket's ledger.
func (c conn) entryRows(ticket string) ([][]any, error) {
	var all [][]any
	err := c.each(func(rows *sql.Rows) error {
		row, err := scanEntryRow(rows)
		all = append(all, row)
		return err
	}, `SELECT `+entryColumns+` FROM entry WHERE ticket = $1 ORDER BY seq`, ticket)
	return all, err
}

func scanEntryRow(rows *sql.Rows) ([]any, error) {
	var s [10]string
	var seq, made int64
	err := rows.Scan(&s[0], &s[1], &seq, &made, &s[2], &s[3], &s[4], &s[5], &s[6], &s[7], &s[8], &s[9])
	return []any{s[0], s[1], seq, made, s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]}, err
}

// An Audited says how much a verification looked at, and what it found.
type Audited struct {
	Acts, Tickets, Entries int
	Ends                   []audit.Mark // of the lanes that have begun
	Found                  []audit.Finding
}

// VerifyAudit looks at the whole record, at one moment: whether each act is the one
// that was written, in its place, none is missing, and tickets, settings and rights
// are as the acts left them. marks are what was noted elsewhere of how far it went.
func (db *DB) VerifyAudit(ctx context.Context, marks []audit.Mark) (Audited, error) {
	var v Audited
	err := func() error {
		o := &sql.TxOptions{ReadOnly: true}
		if db.pg {
			o.Isolation = sql.LevelRepeatableRead
		}
		t, err := db.read.BeginTx(ctx, o)
		if err != nil {
			return err
		}
		defer t.Rollback()
		c := conn{ctx: ctx, c: t, pg: db.pg}
		if err := c.patient(); err != nil {
			return err
		}
		return errors.Join(v.chains(c, marks), v.tickets(c), v.rows(c))
	}()
	if err != nil {
		return v, fmt.Errorf("audit record: %w", err)
	}
	return v, nil
}

func (v *Audited) chains(c conn, marks []audit.Mark) error {
	heads, err := c.heads()
	if err != nil {
		return err
	}
	for lane := range lanes {
		chain := audit.Chain{Lane: lane}
		for _, m := range marks {
			if m.Lane == lane {
				chain.Marks = append(chain.Marks, m)
			}
		}
		if err := c.each(func(rows *sql.Rows) error {
			a, err := scanAct(rows)
			v.Acts++
			v.Found = append(v.Found, chain.Next(a)...)
			return err
		}, `SELECT `+act+` FROM audit WHERE lane = $1 ORDER BY seq`, lane); err != nil {
			return err
		}
		head, ok := heads[lane]
		v.Found = append(v.Found, chain.End(head, ok)...)
		if head.Seq > 0 {
			v.Ends = append(v.Ends, head)
		}
	}
	var beyond int
	if err := c.row(`SELECT count(*) FROM audit WHERE lane < 0 OR lane >= $1`, lanes).Scan(&beyond); err != nil {
		return err
	}
	if beyond > 0 {
		v.Found = append(v.Found, audit.Finding{Text: fmt.Sprintf("%d acts are in no lane of ours", beyond)})
	}
	return nil
}

// tickets compares the entries of all tickets with what acts wrote.
func (v *Audited) tickets(c conn) error {
	ids, err := c.ids(`SELECT id FROM ticket ORDER BY id`)
	if err != nil {
		return err
	}
	for len(ids) > 0 {
		n := min(200, len(ids))
		some := make([]any, n)
		for i, id := range ids[:n] {
			some[i] = id
		}
		if err := v.ticketsOf(c, some); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return c.each(func(rows *sql.Rows) error {
		var number string
		err := rows.Scan(&number)
		v.Found = append(v.Found, audit.Finding{Text: "ticket " + number + " is missing: acts wrote it"})
		return err
	}, `
		SELECT DISTINCT object
		FROM audit
		WHERE kind = $1 AND NOT EXISTS (SELECT 1 FROM ticket WHERE ticket.number = audit.object)`, audit.Ticket)
}

func (v *Audited) ticketsOf(c conn, ids []any) error {
	salts, numbers := map[string]string{}, map[string]string{}
	var named []any
	in := `(` + list(1, len(ids)) + `)`
	if err := c.each(func(rows *sql.Rows) error {
		var id, number, salt string
		err := rows.Scan(&id, &number, &salt)
		salts[id], numbers[id] = salt, number
		named = append(named, number)
		return err
	}, `SELECT id, number, salt FROM ticket WHERE id IN `+in, ids...); err != nil {
		return err
	}
	entries := map[string][][]any{}
	if err := c.each(func(rows *sql.Rows) error {
		row, err := scanEntryRow(rows)
		id, _ := row[1].(string)
		entries[id] = append(entries[id], row)
		v.Entries++
		return err
	}, `SELECT `+entryColumns+` FROM entry WHERE ticket IN `+in+` ORDER BY ticket, seq`, ids...); err != nil {
		return err
	}
	acts := map[string][]audit.Act{}
	if err := c.each(func(rows *sql.Rows) error {
		a, err := scanAct(rows)
		acts[a.Object] = append(acts[a.Object], a)
		return err
	}, `SELECT `+act+` FROM audit WHERE kind = 'ticket' AND object IN `+in, named...); err != nil {
		return err
	}
	for _, id := range ids {
		id := id.(string)
		v.Tickets++
		var most int64
		for _, row := range entries[id] {
			most = max(most, row[2].(int64))
		}
		answering, unwritten := audit.Covers(acts[numbers[id]], most)
		for _, a := range answering {
			var wrote [][]any
			for _, row := range entries[id] {
				if seq := row[2].(int64); a.First <= seq && seq <= a.Last {
					wrote = append(wrote, row)
				}
			}
			if audit.Digest(salts[id], wrote...) != a.Digest {
				v.Found = append(v.Found, audit.Finding{Act: &a, Text: fmt.Sprintf("wrote other entries %d to %d of ticket %s than there are", a.First, a.Last, numbers[id])})
			}
		}
		if unwritten > 0 {
			v.Found = append(v.Found, audit.Finding{Text: fmt.Sprintf("ticket %s: no act wrote entry %d", numbers[id], unwritten)})
		}
		if most == 0 {
			v.Found = append(v.Found, audit.Finding{Text: fmt.Sprintf("ticket %s has no entries", numbers[id])})
		}
	}
	return nil
}

// rows compares settings and rights with what the last acts left.
func (v *Audited) rows(c conn) error {
	now := map[audit.Kind]map[string]string{audit.Person: {}}
	for kind, query := range decided {
		now[kind] = map[string]string{}
		if err := c.each(func(rows *sql.Rows) error {
			var name, value string
			var version int64
			err := rows.Scan(&name, &version, &value)
			now[kind][name] = audit.Digest("", []any{value})
			return err
		}, query); err != nil {
			return err
		}
	}
	people, err := c.people()
	if err != nil {
		return err
	}
	for _, p := range people {
		now[audit.Person][p.ID] = personRights(&p)
	}
	for _, kind := range slices.Sorted(maps.Keys(now)) {
		last := map[string]audit.Act{}
		if err := c.each(func(rows *sql.Rows) error {
			a, err := scanAct(rows)
			if was, ok := last[a.Object]; !ok || cmp.Or(cmp.Compare(was.Last, a.Last), cmp.Compare(was.Seq, a.Seq)) < 0 {
				last[a.Object] = a
			}
			return err
		}, `SELECT `+act+` FROM audit WHERE kind = $1 AND digest <> ''`, kind); err != nil {
			return err
		}
		for id, digest := range now[kind] {
			if a, ok := last[id]; !ok {
				v.Found = append(v.Found, audit.Finding{Text: fmt.Sprintf("%s %s: no act left it as it is", kind, id)})
			} else if a.Digest != digest {
				v.Found = append(v.Found, audit.Finding{Act: &a, Text: fmt.Sprintf("left the %s otherwise than it is", kind)})
			}
			delete(last, id)
		}
		for _, a := range last {
			v.Found = append(v.Found, audit.Finding{Act: &a, Text: fmt.Sprintf("is about a %s that is not there", kind)})
		}
	}
	return nil
}
