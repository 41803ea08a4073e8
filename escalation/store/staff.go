package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
)

// guard lets one transaction at a time go on with what name names.
func (tx conn) guard(name string, now time.Time) error {
	_, err := tx.exec(`
		INSERT INTO guard (name, touched)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET touched = excluded.touched`, name, now)
	return err
}

// person lists the columns that [scanPerson] reads.
const person = `id, name, email, lang, roles, tier, teams, password, disabled, created, zone, notices, factor, heir`

func scanPerson(row interface{ Scan(...any) error }) (staff.Person, error) {
	var p staff.Person
	err := row.Scan(&p.ID, &p.Name, &p.Email, &p.Lang, document{&p.Roles}, &p.Tier, document{&p.Teams}, &p.PasswordHash, truth{&p.Disabled}, when{&p.Created},
		&p.Zone, document{&p.Notices}, document{&p.Factor}, &p.Heir)
	return p, err
}

// people returns everybody who works here, by name.
func (c conn) people() ([]staff.Person, error) {
	var people []staff.Person
	err := c.each(func(rows *sql.Rows) error {
		p, err := scanPerson(rows)
		people = append(people, p)
		return err
	}, `SELECT `+person+` FROM person`)
	slices.SortFunc(people, func(a, b staff.Person) int {
		return strings.Compare(strings.ToLower(a.Name)+"\x00"+a.ID, strings.ToLower(b.Name)+"\x00"+b.ID)
	})
	return people, err
}

// People returns everybody who works here or did, by name.
func (db *DB) People(ctx context.Context) ([]staff.Person, error) {
	people, err := db.reader(ctx).people()
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return people, nil
}

// Person returns the person with an id, or a [escalation.NotFound] error.
func (db *DB) Person(ctx context.Context, id string) (staff.Person, error) {
	return db.person(ctx, `SELECT `+person+` FROM person WHERE id = $1`, id)
}

// PersonByEmail returns the person who signs in with an address, or a
// [escalation.NotFound] error.
func (db *DB) PersonByEmail(ctx context.Context, email string) (staff.Person, error) {
	return db.person(ctx, `SELECT `+person+` FROM person WHERE email = $1`, staff.FoldEmail(email))
}

func (db *DB) person(ctx context.Context, query, arg string) (staff.Person, error) {
	p, err := scanPerson(db.reader(ctx).row(query, arg))
	if err != nil {
		return staff.Person{}, fmt.Errorf("person: %w", notFound(err, "error.no_person"))
	}
	return p, nil
}

// Candidates returns the ids of those who could accept what is offered to a
// team at a tier.
func (db *DB) Candidates(ctx context.Context, team string, tier int) ([]string, error) {
	people, err := db.People(ctx)
	if err != nil {
		return nil, err
	}
	return staff.Candidates(people, team, tier), nil
}

// AddPerson keeps somebody new. An address in use is an [escalation.Invalid].
func (db *DB) AddPerson(ctx context.Context, p staff.Person) error {
	err := db.change(ctx, func(tx conn) error { return db.insertPerson(tx, p) })
	if err != nil {
		return fmt.Errorf("add person: %w", err)
	}
	return nil
}

func (db *DB) insertPerson(tx conn, p staff.Person) error {
	_, err := tx.exec(`
		INSERT INTO person (`+person+`)
		VALUES (`+list(1, 14)+`)`,
		p.ID, p.Name, staff.FoldEmail(p.Email), p.Lang, encode(p.Roles), p.Tier, encode(p.Teams), p.PasswordHash, p.Disabled, p.Created,
		p.Zone, notices(p), factor(p), p.Heir)
	if err != nil {
		return inUse(err)
	}
	return db.aside(tx, p, "")
}

// notices is what a person wants to hear of, as it is looked for.
func notices(p staff.Person) string {
	if len(p.Notices) == 0 {
		return "[]"
	}
	return encode(p.Notices)
}

func factor(p staff.Person) string {
	if p.Factor == nil {
		return ""
	}
	return encode(p.Factor)
}

// aside keeps what a change of a person causes beside it. rights are those before, empty
// of somebody new.
func (db *DB) aside(tx conn, p staff.Person, rights string) error {
	var acts []audit.Act
	for _, e := range p.Aside.Events {
		acts = append(acts, audit.Act{At: e.At, By: e.By, Kind: audit.Person, Object: p.ID, What: e.What})
	}
	if now := personRights(&p); now != rights {
		var version int64 // of the rights; who changes them is alone with all people
		if err := tx.row(`SELECT coalesce(max(last), 0) FROM audit WHERE kind = $1 AND object = $2`, audit.Person, p.ID).Scan(&version); err != nil {
			return err
		}
		if len(acts) == 0 {
			what := audit.Rights
			if rights == "" {
				what = audit.Added
			}
			acts = append(acts, audit.Act{At: db.now(), Kind: audit.Person, Object: p.ID, What: what})
		}
		last := &acts[len(acts)-1]
		last.Last, last.Digest = version+1, now
	}
	for _, a := range acts {
		tx.did(a)
	}
	for _, l := range p.Aside.Letters {
		if err := db.post(tx, l); err != nil {
			return err
		}
	}
	return nil
}

const personEvents = `
	SELECT a.made, a.what, a.by_kind, a.by_id, coalesce(p.name, '')
	FROM audit a LEFT JOIN person p ON p.id = a.by_id
	WHERE a.kind = $1 AND a.object = $2 AND a.what <> 'adopted'
	ORDER BY a.made DESC, a.lane DESC, a.seq DESC
	LIMIT $3`

// PersonEvents returns what was done to somebody's account, the latest first.
func (db *DB) PersonEvents(ctx context.Context, id string, limit int) ([]staff.Event, error) {
	var events []staff.Event
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var e staff.Event
		err := rows.Scan(when{&e.At}, &e.What, &e.By.Kind, &e.By.ID, &e.By.Name)
		events = append(events, e)
		return err
	}, personEvents, audit.Person, id, limit)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", id, err)
	}
	return events, nil
}

// ChangePerson keeps what edit makes of a person. The last lead who can sign in
// stays one. Who is disabled is signed out everywhere; links that went to an
// address before do not work for another one.
func (db *DB) ChangePerson(ctx context.Context, id string, edit func(*staff.Person) error) (staff.Person, error) {
	var p staff.Person
	err := db.change(ctx, func(tx conn) error {
		if err := tx.guard("staff", db.now()); err != nil {
			return err
		}
		people, err := tx.people()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == id })
		if i < 0 {
			return &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_person"}
		}
		p = people[i]
		if err := edit(&p); err != nil {
			return err
		}
		// A house that has no lead yet has none to keep.
		if staff.KeepLead(people, people[i]) == nil {
			if err := staff.KeepLead(people, p); err != nil {
				return err
			}
		}
		if people[i].Email != staff.FoldEmail(p.Email) { // whoever reads mail at the old one is a stranger now
			if err := db.void(tx, people[i]); err != nil {
				return err
			}
		}
		return db.updatePerson(tx, people[i], p)
	})
	if err != nil {
		return staff.Person{}, fmt.Errorf("change person %s: %w", id, err)
	}
	return db.told(p), nil
}

// told lets the letters go that a change of a person caused, and forgets them.
func (db *DB) told(p staff.Person) staff.Person {
	if len(p.Aside.Letters) > 0 {
		db.wake()
	}
	p.Aside = staff.Aside{}
	return p
}

// updatePerson keeps what somebody was and is now. Who is disabled is signed out everywhere, no link
// of theirs works, and no letter reaches them any more.
func (db *DB) updatePerson(tx conn, was, p staff.Person) error {
	_, err := tx.exec(`
		UPDATE person
		SET name = $1, email = $2, lang = $3, roles = $4, tier = $5, teams = $6, password = $7, disabled = $8,
			zone = $9, notices = $10, factor = $11, heir = $12
		WHERE id = $13`,
		p.Name, staff.FoldEmail(p.Email), p.Lang, encode(p.Roles), p.Tier, encode(p.Teams), p.PasswordHash, p.Disabled,
		p.Zone, notices(p), factor(p), p.Heir, p.ID)
	if err != nil {
		return inUse(err)
	}
	if err := db.aside(tx, p, personRights(&was)); err != nil || !p.Disabled {
		return err
	}
	if _, err := tx.exec(`DELETE FROM session WHERE person = $1`, p.ID); err != nil {
		return err
	}
	return db.void(tx, p)
}

// void ends the one-time links of a person, and holds back what is on its way to
// their address: a letter that is just being sent is not tried again.
func (db *DB) void(tx conn, p staff.Person) error {
	now := db.now()
	if _, err := tx.exec(`UPDATE invitation SET used = $1 WHERE person = $2 AND used = 0`, now, p.ID); err != nil {
		return err
	}
	_, err := tx.exec(`
		UPDATE letter
		SET state = 'replaced', settled = $1
		WHERE ticket IS NULL AND recipient = $2 AND kind IN ($3, $4, $5, $6, $7) AND state IN ('waiting', 'held')`,
		now, p.Email, escalation.InvitationLetter, escalation.ResetLetter, escalation.NewNoticeLetter, escalation.ReturnedNoticeLetter, escalation.AlarmNoticeLetter)
	return err
}

// inUse says which field must be unique.
func inUse(err error) error {
	if taken(err) {
		return &escalation.Error{Kind: escalation.Invalid, Field: "email", Reason: "error.email_taken", Err: err}
	}
	return err
}

// notFound turns "no rows" into what a reader may be told.
func notFound(err error, reason string) error {
	if err == sql.ErrNoRows {
		return &escalation.Error{Kind: escalation.NotFound, Reason: reason}
	}
	return err
}

// AddInvitation keeps a one-time link, and the letters that bring it, if any do. A
// person's earlier ones stop working.
func (db *DB) AddInvitation(ctx context.Context, i staff.Invitation, letters ...escalation.Letter) error {
	err := db.change(ctx, func(tx conn) error { return db.insertInvitation(tx, i, letters) })
	if err != nil {
		return fmt.Errorf("invitation: %w", err)
	}
	if len(letters) > 0 {
		db.wake()
	}
	return nil
}

func (db *DB) insertInvitation(tx conn, i staff.Invitation, letters []escalation.Letter) error {
	if _, err := tx.exec(`
		UPDATE invitation SET used = $1 WHERE person = $2 AND person <> '' AND used = 0`, i.Created, i.Person); err != nil {
		return err
	}
	if _, err := tx.exec(`
		INSERT INTO invitation (hash, person, created, expires, used)
		VALUES ($1, $2, $3, $4, $5)`, i.Hash, i.Person, i.Created, i.Expires, i.Used); err != nil {
		return err
	}
	for _, l := range letters {
		if err := db.post(tx, l); err != nil {
			return err
		}
	}
	return nil
}

// Invitation returns the one-time link with a hash, used or not, or a
// [escalation.NotFound] error.
func (db *DB) Invitation(ctx context.Context, hash string) (staff.Invitation, error) {
	i, err := db.reader(ctx).invitation(hash)
	if err != nil {
		return staff.Invitation{}, fmt.Errorf("invitation: %w", err)
	}
	return i, nil
}

func (c conn) invitation(hash string) (staff.Invitation, error) {
	i := staff.Invitation{Hash: hash}
	err := c.row(`
		SELECT person, created, expires, used
		FROM invitation
		WHERE hash = $1`, hash).Scan(&i.Person, when{&i.Created}, when{&i.Expires}, when{&i.Used})
	return i, notFound(err, "error.link_used")
}

// UseInvitation uses a one-time link, of many at once for one: it keeps what
// accept makes of the person it is for. For the first lead accept gets nobody
// and makes one, while nobody works here yet. Passwords are hashed before, not
// in accept: others wait for it.
func (db *DB) UseInvitation(ctx context.Context, hash string, accept func(*staff.Person) error) (staff.Person, error) {
	var p staff.Person
	err := db.change(ctx, func(tx conn) error {
		now := db.now()
		if err := tx.guard("staff", now); err != nil {
			return err
		}
		i, err := tx.invitation(hash)
		if err != nil {
			return err
		}
		if i, err = i.Use(now); err != nil {
			return err
		}
		n, err := tx.exec(`UPDATE invitation SET used = $1 WHERE hash = $2 AND used = 0`, i.Used, hash)
		if err != nil {
			return err
		}
		used := &escalation.Error{Kind: escalation.NotFound, Reason: "error.link_used"}
		if n == 0 {
			return used
		}
		if i.Person == "" {
			var id string
			if found, err := one(tx.row(`SELECT id FROM person LIMIT 1`), &id); err != nil {
				return err
			} else if found {
				return used
			}
			p = staff.Person{}
			if err := accept(&p); err != nil {
				return err
			}
			return db.insertPerson(tx, p)
		}
		if p, err = scanPerson(tx.row(`SELECT `+person+` FROM person WHERE id = $1`, i.Person)); err != nil {
			return notFound(err, "error.link_used")
		}
		if p.Disabled {
			return used
		}
		was := p
		if err := accept(&p); err != nil {
			return err
		}
		return db.updatePerson(tx, was, p)
	})
	if err != nil {
		return staff.Person{}, fmt.Errorf("use invitation: %w", err)
	}
	return db.told(p), nil
}

// AddToken keeps a token of the API. A name in use is an [escalation.Invalid].
func (db *DB) AddToken(ctx context.Context, t staff.Token) error {
	err := db.change(ctx, func(tx conn) error {
		tx.did(audit.Act{At: t.Created, Kind: audit.Token, Object: t.Name, What: "created", Note: encode(t.Scopes)})
		_, err := tx.exec(`
			INSERT INTO token (id, name, hash, scopes, created, revoked)
			VALUES ($1, $2, $3, $4, $5, $6)`, t.ID, t.Name, t.Hash, encode(t.Scopes), t.Created, t.Revoked)
		if taken(err) {
			return &escalation.Error{Kind: escalation.Invalid, Field: "name", Reason: "error.token_taken", Err: err}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("token %s: %w", t.Name, err)
	}
	return nil
}

// token lists the columns that [scanToken] reads.
const token = `id, name, hash, scopes, created, revoked`

func scanToken(row interface{ Scan(...any) error }) (staff.Token, error) {
	var t staff.Token
	err := row.Scan(&t.ID, &t.Name, &t.Hash, document{&t.Scopes}, when{&t.Created}, when{&t.Revoked})
	return t, err
}

// TokenByHash returns the token whose secret has a hash, while it works; else a
// [escalation.NotFound] error.
func (db *DB) TokenByHash(ctx context.Context, hash string) (staff.Token, error) {
	t, err := scanToken(db.reader(ctx).row(`SELECT `+token+` FROM token WHERE hash = $1 AND revoked = 0`, hash))
	if err != nil {
		return staff.Token{}, fmt.Errorf("token: %w", notFound(err, "error.no_token"))
	}
	return t, nil
}

// Tokens returns all tokens, revoked ones too, the latest first.
func (db *DB) Tokens(ctx context.Context) ([]staff.Token, error) {
	var tokens []staff.Token
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		t, err := scanToken(rows)
		tokens = append(tokens, t)
		return err
	}, `SELECT `+token+` FROM token ORDER BY created DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	return tokens, nil
}

// RevokeToken ends the token with a name. Without one it is a
// [escalation.NotFound] error.
func (db *DB) RevokeToken(ctx context.Context, name string) error {
	err := db.change(ctx, func(tx conn) error {
		tx.did(audit.Act{At: db.now(), Kind: audit.Token, Object: name, What: "revoked"})
		n, err := tx.exec(`UPDATE token SET revoked = $1 WHERE name = $2 AND revoked = 0`, db.now(), name)
		if err == nil && n == 0 {
			err = &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_token"}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke token %s: %w", name, err)
	}
	return nil
}

// Attempts returns where attempts to sign in are written down.
func (db *DB) Attempts() staff.Attempts { return attempts{db} }

type attempts struct{ db *DB }

// Reserve implements [staff.Attempts].
func (a attempts) Reserve(ctx context.Context, key string, now, since time.Time, limit int) (ok bool, oldest time.Time, err error) {
	err = a.db.change(ctx, func(tx conn) error {
		ok, oldest = false, time.Time{}
		if err := tx.guard(key, now); err != nil {
			return err
		}
		var n int
		if err := tx.row(`
			SELECT count(*), coalesce(min(made), 0)
			FROM attempt
			WHERE name = $1 AND made >= $2`, key, since).Scan(&n, when{&oldest}); err != nil {
			return err
		}
		if n >= limit {
			return nil
		}
		ok = true
		_, err := tx.exec(`INSERT INTO attempt (name, made) VALUES ($1, $2)`, key, now)
		return err
	})
	if err != nil {
		return false, time.Time{}, fmt.Errorf("attempt: %w", err)
	}
	return ok, oldest, nil
}

// Count implements [staff.Attempts].
func (a attempts) Count(ctx context.Context, key string, since time.Time) (int, error) {
	var n int
	err := a.db.reader(ctx).row(`SELECT count(*) FROM attempt WHERE name = $1 AND made >= $2`, key, since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("attempts: %w", err)
	}
	return n, nil
}

// Forget implements [staff.Attempts].
func (a attempts) Forget(ctx context.Context, key string) error {
	err := a.db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM attempt WHERE name = $1`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget attempts: %w", err)
	}
	return nil
}

// SweepStaff removes attempts and one-time links that are of no use since before.
func (db *DB) SweepStaff(ctx context.Context, before time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		for _, query := range []string{
			`DELETE FROM attempt WHERE made < $1`,
			`DELETE FROM guard WHERE touched < $1`,
			`DELETE FROM invitation WHERE expires < $1`,
		} {
			if _, err := tx.exec(query, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep staff: %w", err)
	}
	return nil
}
