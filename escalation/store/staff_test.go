package store_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// hire keeps somebody who can sign in.
func hire(t *testing.T, db *store.DB, id string, tier int, team string, roles ...staff.Role) staff.Person {
	t.Helper()
	p, err := staff.NewPerson(id, staff.Form{Name: "Pia " + id, Email: id + "@Example.com", Lang: "it", Roles: roles, Tier: tier, Teams: []string{team}}, shipped, start)
	if err != nil {
		t.Fatal(err)
	}
	p.PasswordHash = "hash"
	if err := db.AddPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPeople(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		anna := hire(t, db, "anna", 3, "tech", staff.Agent, staff.Lead)
		bruno := hire(t, db, "bruno", 1, "general", staff.Agent)
		for _, get := range []func() (staff.Person, error){
			func() (staff.Person, error) { return db.Person(ctx, "anna") },
			func() (staff.Person, error) { return db.PersonByEmail(ctx, " ANNA@example.COM ") },
		} {
			got, err := get()
			if d := cmp.Diff(anna, got, cmpopts.EquateEmpty()); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		}
		people, err := db.People(ctx)
		if d := cmp.Diff([]staff.Person{anna, bruno}, people, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		if _, err := db.Person(ctx, "nobody"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("nobody: %v", err)
		}
		if err := db.AddPerson(ctx, staff.Person{ID: "x", Email: "Anna@example.com"}); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("address in use: %v", err)
		}
		if _, err := db.ChangePerson(ctx, "bruno", func(p *staff.Person) error { p.Email = anna.Email; return nil }); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("change to an address in use: %v", err)
		}
		for _, test := range []struct {
			team string
			tier int
			want []string
		}{{"tech", 1, []string{"anna"}}, {"tech", 3, []string{"anna"}}, {"general", 1, []string{"bruno"}}, {"general", 2, nil}, {"rrr", 2, nil}} {
			if got, err := db.Candidates(ctx, test.team, test.tier); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("candidates for %s %d: %v, %v, want %v", test.team, test.tier, got, err, test.want)
			}
		}
		if err := db.SaveSession(ctx, staff.Session{Hash: "s", Person: "bruno"}, "", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ChangePerson(ctx, "bruno", func(p *staff.Person) error { p.Disabled = true; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, _, found, err := db.Session(ctx, "s"); found || err != nil {
			t.Errorf("who is disabled is still signed in (%v)", err)
		}
	})
}

// TestLastLead lets two leads resign at once: one of them stays.
func TestLastLead(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		leads := []string{"anna", "bruno", "carla", "dario"}
		for _, id := range leads {
			hire(t, db, id, 1, "general", staff.Agent, staff.Lead)
		}
		var refused atomic.Int64
		var wg sync.WaitGroup
		for i, id := range leads {
			wg.Go(func() {
				_, err := db.ChangePerson(t.Context(), id, func(p *staff.Person) error {
					if i%2 == 0 {
						p.Disabled = true
					} else {
						p.Roles = []staff.Role{staff.Agent}
					}
					return nil
				})
				if escalation.KindOf(err) == escalation.Conflict {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := refused.Load(); n != 1 {
			t.Errorf("%d of %d leads stay, want 1", n, len(leads))
		}
	})
}

// TestInvitation uses a link many times at once: one wins.
func TestInvitation(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		use := func(hash string) (won int64) {
			var n atomic.Int64
			var wg sync.WaitGroup
			for i := range 50 {
				wg.Go(func() {
					_, err := db.UseInvitation(ctx, hash, func(p *staff.Person) error {
						if p.ID == "" {
							var err error
							*p, err = staff.Founder("lea"+fmt.Sprint(i), "Lea", "lea@example.com", "it", shipped, w.time())
							if err != nil {
								return err
							}
						}
						p.PasswordHash = fmt.Sprint("hash", i)
						return nil
					})
					if err == nil {
						n.Add(1)
					} else if escalation.KindOf(err) != escalation.NotFound {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return n.Load()
		}
		invite := func(person string) string {
			i, _ := staff.NewInvitation(person, w.time())
			if err := db.AddInvitation(ctx, i); err != nil {
				t.Fatal(err)
			}
			return i.Hash
		}
		first, second := invite(""), invite("") // of two replicas that start
		if n := use(first); n != 1 {
			t.Errorf("%d first leads", n)
		}
		if n := use(second); n != 0 {
			t.Errorf("%d founders beside the first lead", n)
		}
		bruno := hire(t, db, "bruno", 1, "general", staff.Agent)
		older, newer := invite("bruno"), invite("bruno")
		if n := use(older); n != 0 {
			t.Error("an older link works beside the newer one")
		}
		if n := use(newer); n != 1 {
			t.Errorf("%d used one link", n)
		}
		if p, err := db.Person(ctx, "bruno"); err != nil || p.PasswordHash == bruno.PasswordHash {
			t.Errorf("password unchanged (%v)", err)
		}
		late := invite("bruno")
		w.pass(staff.InvitationLife)
		if n := use(late); n != 0 {
			t.Error("a link works after its time")
		}
		if n := use("no such link"); n != 0 {
			t.Error("any link works")
		}
		if i, err := db.Invitation(ctx, newer); err != nil || i.Person != "bruno" || i.Used.IsZero() {
			t.Errorf("invitation %+v, %v", i, err)
		}
		w.pass(time.Hour)
		if err := db.SweepStaff(ctx, w.time()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Invitation(ctx, newer); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("after the sweep: %v", err)
		}
	})
}

func TestToken(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		add := func(id, name string) (staff.Token, error) {
			k, _, err := staff.NewToken(id, name, []staff.Scope{staff.TicketsRead}, start)
			if err != nil {
				t.Fatal(err)
			}
			return k, db.AddToken(ctx, k)
		}
		k, err := add("t1", "shop")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := add("t2", "shop"); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("name in use: %v", err)
		}
		got, err := db.TokenByHash(ctx, k.Hash)
		if d := cmp.Diff(k, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		if err := db.RevokeToken(ctx, "shop"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.TokenByHash(ctx, k.Hash); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("revoked: %v", err)
		}
		if err := db.RevokeToken(ctx, "shop"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("revoked twice: %v", err)
		}
		if _, err := add("t3", "shop"); err != nil {
			t.Errorf("name of a revoked token: %v", err)
		}
		if tokens, err := db.Tokens(ctx); err != nil || len(tokens) != 2 {
			t.Errorf("tokens %v, %v", tokens, err)
		}
	})
}

// TestAttempts lets many try at once: no more than the limit are let through.
func TestAttempts(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, a := t.Context(), db.Attempts()
		now := start.Add(time.Hour)
		since := now.Add(-15 * time.Minute)
		if _, _, err := a.Reserve(ctx, "k", start, start.Add(-time.Hour), 10); err != nil { // long ago
			t.Fatal(err)
		}
		var let atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				ok, oldest, err := a.Reserve(ctx, "k", now.Add(time.Duration(i)*time.Millisecond), since, 10)
				switch {
				case err != nil:
					t.Error(err)
				case ok:
					let.Add(1)
				case oldest.Before(now) || oldest.After(now.Add(40*time.Millisecond)):
					t.Errorf("oldest %v", oldest)
				}
			})
		}
		wg.Wait()
		if n := let.Load(); n != 10 {
			t.Errorf("%d of 10 were let through", n)
		}
		if n, err := a.Count(ctx, "k", since); n != 10 || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
		if ok, _, err := a.Reserve(ctx, "other", now, since, 10); !ok || err != nil {
			t.Errorf("another key: %v, %v", ok, err)
		}
		if err := db.SweepStaff(ctx, since); err != nil {
			t.Fatal(err)
		}
		if n, err := a.Count(ctx, "k", start.Add(-time.Hour)); n != 10 || err != nil {
			t.Errorf("after the sweep %d, %v", n, err)
		}
		if err := a.Forget(ctx, "k"); err != nil {
			t.Fatal(err)
		}
		if n, err := a.Count(ctx, "k", time.Time{}); n != 0 || err != nil {
			t.Errorf("forgotten, but %d (%v)", n, err)
		}
	})
}
