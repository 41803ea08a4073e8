package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/evidence"
	"primalinea/escalation/privacy"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// verified is what a verification finds, in lines.
func verified(t *testing.T, db *store.DB, marks []audit.Mark) []string {
	t.Helper()
	v, err := db.VerifyAudit(t.Context(), marks)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range v.Found {
		lines = append(lines, f.String())
	}
	return lines
}

// recorded is a house in which each kind of thing was done, and a ticket was erased.
func recorded(t *testing.T, db *store.DB) (lead staff.Person, erased, alive escalation.Ticket) {
	t.Helper()
	files, err := evidence.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lead, erased = life(t, db, files)
	ctx := escalation.ActingAs(t.Context(), lead.Ref())
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(db.AddPerson(ctx, lead))
	for i := range 4 {
		alive, _, err = db.Open(ctx, escalation.NewID(), newTicket)
		check(err)
		for range i + 1 {
			alive, err = db.Change(ctx, alive.Number, func(k escalation.Ticket) (escalation.Change, error) {
				return k.Note(escalation.Message{Text: "Chiamato: non risponde."}, lead, escalation.NewID, start)
			})
			check(err)
		}
	}
	check(db.SetSetting(ctx, "outside_links", true))
	check(db.EditSetting(ctx, "brand", 0, map[string]string{"name": "Casa"}))
	check(db.EditSetting(ctx, "brand", 1, map[string]string{"name": "Casa nostra"}))
	_, err = db.ChangePerson(ctx, lead.ID, func(p *staff.Person) error {
		p.Note(staff.EventChanged, lead.Ref(), start)
		p.Tier = 2
		return nil
	})
	check(err)
	token, _, err := staff.NewToken("t1", "till", nil, start)
	check(err)
	check(db.AddToken(ctx, token))
	check(db.RevokeToken(ctx, "till"))
	check(db.SaveSession(ctx, staff.Session{Hash: "h", Person: lead.ID, Created: start, Seen: start}, "{}", start.AddDate(1, 0, 0)))
	gone, err := db.EraseTicket(ctx, erased.ID, func(k escalation.Ticket) (escalation.Change, error) {
		return k.Erase(true, lead, escalation.NewID, start)
	})
	check(err)
	check(db.SaveAct(ctx, privacy.Act{ID: "a1", Kind: privacy.Erased, Who: "0123", By: lead.Ref(), Made: start, Done: start, Tickets: 1, Files: len(gone.Files)}))
	return lead, erased, alive
}

// TestAudit looks at what a house wrote down: who did what, and no word that was
// erased. A digest of what was erased says nothing to who guesses the words.
func TestAudit(t *testing.T) {
	storetest.Each(t, store.Options{Clock: func() time.Time { return start }}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		lead, erased, alive := recorded(t, db)
		if found := verified(t, db, nil); len(found) > 0 {
			t.Fatalf("nobody changed anything:\n%s", strings.Join(found, "\n"))
		}
		all, err := db.Audit(ctx, audit.Query{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		did := map[string]string{}
		for _, a := range all.Acts {
			did[fmt.Sprintf("%s.%s", a.Kind, a.What)] = string(a.By.Kind) + " " + a.By.ID
			if a.By.Name != "" {
				t.Errorf("%+v names somebody", a)
			}
			for _, w := range words {
				if strings.Contains(strings.ToLower(fmt.Sprint(a)), w) {
					t.Errorf("%+v says %q", a, w)
				}
			}
		}
		for what, by := range map[string]string{
			"record.begun": "system audit", "ticket.opened": "requester ", "ticket.note": "staff lea", "ticket.erased": "staff lea",
			"setting.changed": "staff lea", "person.added": "staff lea", "person.changed": "staff lea", "token.created": "staff lea", "token.revoked": "staff lea",
			"session.signed_in": "staff lea", "requester.erase": "staff lea",
		} {
			if did[what] != by {
				t.Errorf("%s by %q, want %q", what, did[what], by)
			}
		}
		if salt, err := db.Rows(ctx, "ticket", []string{"id", "salt"}); err != nil || !slices.ContainsFunc(salt, func(row []any) bool { return row[0] == erased.ID && row[1] == "" }) {
			t.Errorf("the salt of what was erased is there: %v, %v", salt, err)
		}

		// Filters narrow, pages follow each other.
		of, err := db.Audit(ctx, audit.Query{Kind: audit.Ticket, Object: alive.Number})
		if err != nil || len(of.Acts) != 5 {
			t.Errorf("%d acts of a ticket, %v", len(of.Acts), err)
		}
		var paged []audit.Act
		for q := (audit.Query{By: lead.ID, Limit: 3}); ; {
			p, err := db.Audit(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			if paged = append(paged, p.Acts...); p.Next == "" {
				break
			}
			q.After = p.Next
		}
		if n := len(slices.DeleteFunc(slices.Clone(all.Acts), func(a audit.Act) bool { return a.By.ID != lead.ID })); len(paged) != n {
			t.Errorf("%d acts of the lead in pages, %d in all", len(paged), n)
		}
		since, till := start.Add(time.Millisecond), start.AddDate(0, 0, 1)
		p, err := db.Audit(ctx, audit.Query{Since: since, Till: till})
		want := slices.DeleteFunc(slices.Clone(all.Acts), func(a audit.Act) bool { return a.At.Before(since) || !a.At.Before(till) })
		if err != nil || len(want) == 0 || !slices.Equal(p.Acts, want) {
			t.Errorf("%d acts of a day, want %d, %v", len(p.Acts), len(want), err)
		}
	})
}

// TestDoing calls an act by what it was for, whatever was written down on the way.
func TestDoing(t *testing.T) {
	storetest.Each(t, store.Options{Clock: func() time.Time { return start }}, func(t *testing.T, db *store.DB) {
		ctx, number := t.Context(), open(t, db, "ABCD1234", start).Number
		lea := staff.Person{ID: "lea", Name: "Lea", Roles: []staff.Role{staff.Lead}}
		kind := shipped.Type("device")
		typed, err := db.Change(ctx, number, func(k escalation.Ticket) (escalation.Change, error) {
			return k.SetType(escalation.TypeCommand{Desk: shipped, Type: kind.ID}, lea, escalation.NewID, start)
		})
		if err != nil {
			t.Fatal(err)
		}
		facts := escalation.FactsCommand{Type: kind, Facts: map[string]string{"model": "X1", "imei": "- no label"}}
		if _, err = db.Change(ctx, typed.Number, func(k escalation.Ticket) (escalation.Change, error) {
			return k.Route(escalation.RouteCommand{FactsCommand: facts, Desk: shipped, Candidates: []string{"pia"}}, lea, escalation.NewID, start)
		}); err != nil {
			t.Fatal(err)
		}
		page, err := db.Audit(ctx, audit.Query{Kind: audit.Ticket, Object: number})
		if err != nil {
			t.Fatal(err)
		}
		var did []string
		for _, a := range page.Acts {
			did = append(did, a.What)
		}
		slices.Sort(did)
		if want := []string{"offered", "opened", "typed"}; !slices.Equal(did, want) {
			t.Errorf("did %q, want %q", did, want)
		}
	})
}

// TestTampered changes, takes out, moves, adds and cuts off at random, as who has the
// database may. Whatever it was, verification finds it; put back, it finds nothing.
func TestTampered(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		_, _, alive := recorded(t, db)
		marks, err := db.AuditMarks(ctx)
		if err != nil {
			t.Fatal(err)
		}
		put := keep(t, db, "audit", "audit_head", "entry", "setting")
		r := rand.New(rand.NewPCG(1, 2))
		acts, err := db.Rows(ctx, "audit", []string{"lane", "seq"})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := db.Rows(ctx, "entry", []string{"id"})
		if err != nil {
			t.Fatal(err)
		}
		act := func() string {
			a := acts[r.IntN(len(acts))]
			return fmt.Sprintf("lane = %d AND seq = %d", a[0], a[1])
		}
		entry := func() string { return fmt.Sprintf("id = '%s'", entries[r.IntN(len(entries))][0]) }
		columns := []string{"made = made + 1", "by_kind = by_kind || 'x'", "by_id = by_id || 'x'", "kind = 'letter' || kind", "object = object || 'x'", "what = what || 'x'",
			"first = first + 1", "last = last + 1", "note = note || 'x'", "digest = digest || 'x'", "hash = hash || 'x'"}
		ways := map[string]func() []string{
			"an act is another": func() []string {
				return []string{"UPDATE audit SET " + columns[r.IntN(len(columns))] + " WHERE " + act()}
			},
			"an act is gone": func() []string { return []string{"DELETE FROM audit WHERE " + act()} },
			"two acts change places": func() []string {
				i := r.IntN(len(acts))
				a, b := acts[i], acts[(i+1+r.IntN(len(acts)-1))%len(acts)]
				return []string{
					fmt.Sprintf("UPDATE audit SET lane = 99, seq = 1 WHERE lane = %d AND seq = %d", a[0], a[1]),
					fmt.Sprintf("UPDATE audit SET lane = %d, seq = %d WHERE lane = %d AND seq = %d", a[0], a[1], b[0], b[1]),
					fmt.Sprintf("UPDATE audit SET lane = %d, seq = %d WHERE lane = 99", b[0], b[1]),
				}
			},
			"the end is cut off": func() []string {
				a := acts[r.IntN(len(acts))]
				return []string{fmt.Sprintf("DELETE FROM audit WHERE lane = %d AND seq >= %d", a[0], a[1])}
			},
			"the end is cut off, and the head moved": func() []string {
				a := acts[r.IntN(len(acts))]
				return []string{
					fmt.Sprintf("DELETE FROM audit WHERE lane = %d AND seq >= %d", a[0], a[1]),
					fmt.Sprintf("UPDATE audit_head SET seq = %d - 1, hash = coalesce((SELECT hash FROM audit WHERE lane = %[2]d AND seq = %[1]d - 1), '') WHERE lane = %[2]d", a[1], a[0]),
				}
			},
			"all acts are gone": func() []string { return []string{"DELETE FROM audit", "UPDATE audit_head SET seq = 0, hash = ''"} },
			"a head is gone":    func() []string { return []string{"DELETE FROM audit_head WHERE lane = 0"} },
			"an act is added": func() []string {
				return []string{"INSERT INTO audit SELECT lane, seq + 1000, made, by_kind, by_id, kind, object, what, first, last, note, digest, hash FROM audit WHERE " + act()}
			},
			"an act is repeated": func() []string {
				return []string{"INSERT INTO audit SELECT 17, seq, made, by_kind, by_id, kind, object, what, first, last, note, digest, hash FROM audit WHERE " + act()}
			},
			"an entry says something else": func() []string {
				return []string{"UPDATE entry SET body = body || '.' WHERE " + entry()}
			},
			"an entry is another's": func() []string { return []string{"UPDATE entry SET by_id = by_id || 'x' WHERE " + entry()} },
			"an entry is gone":      func() []string { return []string{"DELETE FROM entry WHERE " + entry()} },
			"an entry is added": func() []string {
				return []string{fmt.Sprintf("INSERT INTO entry (id, ticket, seq, made, by_kind, by_id, by_name, kind, body, event, files, once) VALUES ('x', '%s', %d, 0, 'staff', 'lea', '', 'note', 'x', '', '', '')", alive.ID, alive.Version+1)}
			},
			"a setting is another": func() []string { return []string{`UPDATE setting SET value = '{"name":"Altri"}' WHERE name = 'brand'`} },
			"a setting is gone":    func() []string { return []string{`DELETE FROM setting WHERE name = 'brand'`} },
		}
		tries := 0
		for try := range 20 {
			for way, queries := range ways {
				tries++
				for _, q := range queries() {
					if err := db.Exec(ctx, q); err != nil {
						t.Fatalf("%s: %v", q, err)
					}
				}
				if found := verified(t, db, marks); len(found) == 0 {
					t.Errorf("%s: not found", way)
				} else if try == 0 {
					t.Logf("%s: %s", way, found[0])
				}
				put()
			}
		}
		if found := verified(t, db, marks); len(found) > 0 || tries < 200 {
			t.Errorf("%d tries, and what was put back is not as before: %v", tries, found)
		}

		// Whoever makes the whole chain anew from one act on has to know what was marked
		// elsewhere.
		if err := db.Exec(ctx, `UPDATE audit SET by_id = 'other' WHERE kind = 'token'`); err != nil {
			t.Fatal(err)
		}
		if err := db.Rechain(ctx); err != nil {
			t.Fatal(err)
		}
		if found := verified(t, db, nil); len(found) > 0 {
			t.Errorf("chained anew, and found without marks: %v", found)
		}
		if found := verified(t, db, marks); len(found) == 0 {
			t.Error("chained anew, and not found by the marks")
		}
		put()

		// A right that somebody took, and a ticket that somebody took away.
		if err := db.Exec(ctx, `UPDATE person SET tier = 3`); err != nil {
			t.Fatal(err)
		}
		if found := verified(t, db, marks); len(found) != 1 || !strings.Contains(found[0], "person lea") {
			t.Errorf("a right: %v", found)
		}
		for _, table := range []string{"entry", "handoff", "letter", "submission", "clock_event"} {
			if err := db.Exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE ticket = '%s'`, table, alive.ID)); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Exec(ctx, fmt.Sprintf(`DELETE FROM ticket WHERE id = '%s'`, alive.ID)); err != nil {
			t.Fatal(err)
		}
		if found := verified(t, db, marks); !slices.Contains(found, "ticket "+alive.Number+" is missing: acts wrote it") {
			t.Errorf("a ticket: %v", found)
		}
	})
}

// keep returns what puts tables back as they are now.
func keep(t *testing.T, db *store.DB, tables ...string) (put func()) {
	t.Helper()
	for _, table := range tables {
		if err := db.Exec(t.Context(), "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		t.Helper()
		for _, table := range tables {
			for _, q := range []string{"DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM kept_" + table} {
				if err := db.Exec(context.WithoutCancel(t.Context()), q); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestAuditSides lets many write at once: no act is lost, none is written of what was
// refused, and the chains hold.
func TestAuditSides(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		done := make(chan error)
		const sides, each = 24, 10
		for side := range sides {
			go func() {
				for i := range each {
					ticket, _, err := db.Open(ctx, escalation.NewID(), newTicket)
					if err == nil {
						// Refused in the transaction: nobody may read of it.
						_, wrong := db.Change(ctx, ticket.Number, func(k escalation.Ticket) (escalation.Change, error) {
							return escalation.Change{}, &escalation.Error{Kind: escalation.Invalid}
						})
						if escalation.KindOf(wrong) != escalation.Invalid {
							err = fmt.Errorf("refused: %v", wrong)
						}
					}
					if err == nil {
						err = db.SetSetting(ctx, fmt.Sprintf("s%d", side%3), i)
					}
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range sides {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		v, err := db.VerifyAudit(ctx, nil)
		if err != nil || len(v.Found) > 0 {
			t.Fatalf("%v, %v", v.Found, err)
		}
		if want := 2*sides*each + 1; v.Acts != want || v.Tickets != sides*each {
			t.Errorf("%d acts, want %d; %d tickets", v.Acts, want, v.Tickets)
		}
	})
}
