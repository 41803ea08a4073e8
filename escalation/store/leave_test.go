package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func openTicket(t *testing.T, db *store.DB, now time.Time) escalation.Ticket {
	t.Helper()
	tk, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "Black screen", Text: "Since today.", Email: "maria@example.com", Lang: "it",
		}, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tk
}

// offer has somebody offer a ticket to the first tier of tech, whose candidates these are.
func offer(t *testing.T, db *store.DB, tk escalation.Ticket, by escalation.Actor, now time.Time, candidates ...string) {
	t.Helper()
	carry(t, db, tk, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Offer(escalation.OfferCommand{
			Desk: shipped, Team: "tech", Tier: 1, Problem: "Rete", Untried: "urgente", Asked: "Controllare", By: now.Add(time.Hour),
			Tell: "Un tecnico guarda.", Candidates: candidates,
		}, by, escalation.NewID, now)
	})
}

func carry(t *testing.T, db *store.DB, tk escalation.Ticket, rule func(t escalation.Ticket) (escalation.Change, error)) escalation.Ticket {
	t.Helper()
	tk, err := db.Change(t.Context(), tk.Number, rule)
	if err != nil {
		t.Fatal(err)
	}
	return tk
}

func takenBy(t *testing.T, db *store.DB, tk escalation.Ticket, p staff.Person, now time.Time) escalation.Ticket {
	t.Helper()
	return carry(t, db, tk, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Take("", p, escalation.NewID, now)
	})
}

// TestHandOn disables somebody while colleagues and they themselves go on working:
// whatever they hold in the end goes to the lead, and the customer hears nothing.
func TestHandOn(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		anna := hire(t, db, "anna", 1, "general", staff.Agent)
		lea := hire(t, db, "lea", 1, "general", staff.Lead)
		var tickets []escalation.Ticket
		for range 12 {
			tickets = append(tickets, openTicket(t, db, time.Now()))
		}
		var wg sync.WaitGroup
		for _, tk := range tickets {
			wg.Go(func() { // as the handler did that saw anna signed in
				db.Change(ctx, tk.Number, func(t escalation.Ticket) (escalation.Change, error) {
					return t.Take("", anna, escalation.NewID, time.Now())
				})
			})
		}
		wg.Go(func() {
			gone, err := db.ChangePerson(ctx, "anna", func(p *staff.Person) error { p.Disabled, p.Heir = true, lea.ID; return nil })
			if err == nil {
				_, err = staff.HandOn(ctx, db, gone, lea, escalation.NewID, time.Now)
			}
			if err != nil && escalation.KindOf(err) != escalation.Conflict {
				t.Error(err)
			}
		})
		wg.Wait()
		// The job finishes what the race left.
		if _, err := staff.HandOn(ctx, db, anna, lea, escalation.NewID, time.Now); err != nil {
			t.Fatal(err)
		}
		if left, err := db.LeftBy(ctx, "anna", 100); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
		for _, tk := range tickets {
			got, err := db.Ticket(ctx, tk.Number)
			if err != nil || got.Owner != "lea" || got.Assignee != "" || got.State != escalation.Open {
				t.Errorf("owner %q, assignee %q, %s, %v", got.Owner, got.Assignee, got.State, err)
			}
		}
		if n, err := staff.HandOn(ctx, db, anna, lea, escalation.NewID, time.Now); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

// TestLeftBy finds what somebody owns, works on or has offered, and nothing else.
func TestLeftBy(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		anna := hire(t, db, "anna", 1, "general", staff.Agent)
		elio := hire(t, db, "elio", 1, "general", staff.Agent)
		hire(t, db, "toni", 2, "tech", staff.Agent)
		free, owned, offered, closed := openTicket(t, db, time.Now()), openTicket(t, db, time.Now()), openTicket(t, db, time.Now()), openTicket(t, db, time.Now())
		takenBy(t, db, owned, anna, time.Now())
		carry(t, db, owned, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Take("anna", elio, escalation.NewID, time.Now())
		})
		takenBy(t, db, offered, elio, time.Now())
		carry(t, db, offered, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Offer(escalation.OfferCommand{
				Desk: shipped,
				Team: "tech", Tier: 2, Problem: "Black", Untried: "No tools", Asked: "Look", By: time.Now().Add(time.Hour), Tell: "Tech looks.", Candidates: []string{"toni"},
			}, elio, escalation.NewID, time.Now())
		})
		takenBy(t, db, closed, anna, time.Now())
		carry(t, db, closed, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Article: escalation.NoArticle, Reason: "Rare"}, anna, escalation.NewID, time.Now())
		})
		carry(t, db, closed, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Confirm(escalation.Message{}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, time.Now())
		})
		for who, want := range map[string][]string{"anna": {owned.Number}, "elio": {owned.Number, offered.Number}, "toni": nil, "": nil} {
			got, err := db.LeftBy(t.Context(), who, 10)
			slices.Sort(got)
			slices.Sort(want)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("left by %q: %v, %v, want %v (free: %s)", who, got, err, want, free.Number)
			}
		}
	})
}

// TestStaffLife keeps all that a person says and shows, and what was done to them.
func TestStaffLife(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		lea := hire(t, db, "lea", 1, "general", staff.Lead, staff.Agent)
		want := hire(t, db, "anna", 1, "general", staff.Agent)
		change := func(p *staff.Person) error {
			if err := p.Live("America/Bogota", []staff.Notice{staff.ReturnedNotice}); err != nil {
				return err
			}
			p.Factor = &staff.Factor{Secret: "S", Step: 7, Recovery: []string{"a", "b"}}
			p.Note(staff.EventFactor, lea.Ref(), w.time())
			p.Write(escalation.FactorLetter, "es", escalation.LetterArgs{Path: "/account", By: "Lea"}, escalation.NewID, w.time())
			return nil
		}
		if err := change(&want); err != nil {
			t.Fatal(err)
		}
		want.Aside = staff.Aside{}
		got, err := db.ChangePerson(ctx, "anna", change)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		got, err = db.Person(ctx, "anna")
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		events, err := db.PersonEvents(ctx, "anna", 10)
		if err != nil || len(events) != 2 || events[1].What != audit.Added || events[0].What != staff.EventFactor || events[0].By.Name != lea.Name || !events[0].At.Equal(w.time()) {
			t.Errorf("events: %+v, %v", events, err)
		}
		letters, err := db.LeaseLetters(ctx, 10, time.Minute)
		if err != nil || len(letters) != 1 || letters[0].To != "anna@example.com" || letters[0].Lang != "it" || letters[0].Args.By != "Lea" {
			t.Errorf("letters: %+v, %v", letters, err)
		}
	})
}

// TestAnswerResets asks for known, unknown and disabled addresses: those who work
// here get a link that replaces earlier ones, once however often it was asked for.
func TestAnswerResets(t *testing.T) {
	w := newWatch()
	key := []byte("0123456789abcdef")
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		hire(t, db, "lea", 1, "general", staff.Lead, staff.Agent)
		anna := hire(t, db, "anna", 1, "general", staff.Agent)
		hire(t, db, "gone", 1, "general", staff.Agent)
		if _, err := db.ChangePerson(ctx, "gone", func(p *staff.Person) error { p.Disabled = true; return nil }); err != nil {
			t.Fatal(err)
		}
		old, _ := staff.NewInvitation("anna", w.time())
		if err := db.AddInvitation(ctx, old); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"Anna@example.com ", "anna@example.com", "gone@example.com", "nobody@example.com"} {
			if err := db.AskReset(ctx, email, "es"); err != nil {
				t.Fatal(err)
			}
		}
		answer := func(p staff.Person, lang string) (staff.Invitation, escalation.Letter) {
			return staff.InviteByLetter(p, escalation.ResetLetter, key, lang, escalation.LetterArgs{}, escalation.NewID, w.time())
		}
		var wg sync.WaitGroup
		for range 3 { // several processes
			wg.Go(func() {
				if _, err := db.AnswerResets(ctx, answer); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		letters, err := db.LeaseLetters(ctx, 10, time.Minute)
		if err != nil || len(letters) != 1 || letters[0].To != anna.Email || letters[0].Args.Path != "/reset/" || letters[0].Lang != "it" {
			t.Fatalf("letters: %+v, %v", letters, err)
		}
		i, err := db.Invitation(ctx, staff.Hash(escalation.Code(key, letters[0].Args.Nonce)))
		if err != nil || i.Person != "anna" || !i.Expires.Equal(w.time().Add(staff.ResetLife)) || !i.Used.IsZero() {
			t.Errorf("%+v, %v", i, err)
		}
		if i, err := db.Invitation(ctx, staff.Hash(letters[0].Args.Nonce)); err == nil {
			t.Errorf("what lies in the outbox opens: %+v", i)
		}
		if i, err := db.Invitation(ctx, old.Hash); err != nil || i.Used.IsZero() {
			t.Errorf("an earlier link works: %+v, %v", i, err)
		}
		if n, err := db.AnswerResets(ctx, answer); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

// TestLinksEnd changes the address of somebody who was written to, and disables
// somebody: their links are worth nothing, and what is not sent yet never is.
func TestLinksEnd(t *testing.T) {
	w := newWatch()
	key := []byte("0123456789abcdef")
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		hire(t, db, "lea", 1, "general", staff.Lead, staff.Agent)
		for id, edit := range map[string]func(*staff.Person) error{
			"moved": func(p *staff.Person) error { p.Email = "new@example.com"; return nil },
			"gone":  func(p *staff.Person) error { p.Disabled = true; return nil },
			"named": func(p *staff.Person) error { p.Name = "Other"; return nil },
		} {
			p := hire(t, db, id, 1, "general", staff.Agent)
			i, l := staff.InviteByLetter(p, escalation.InvitationLetter, key, "it", escalation.LetterArgs{By: "Lea"}, escalation.NewID, w.time())
			if err := db.AddInvitation(ctx, i, l); err != nil {
				t.Fatal(err)
			}
			if len(lease(t, db, 5)) != 1 {
				t.Fatal("the letter is not being sent")
			}
			if _, err := db.ChangePerson(ctx, id, edit); err != nil {
				t.Fatal(err)
			}
			if err := db.LetterFailed(ctx, l.ID, "451 later", w.time().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			got, err := db.Invitation(ctx, i.Hash)
			d, err2 := db.Letter(ctx, l.ID)
			if works := id == "named"; err != nil || err2 != nil || got.Used.IsZero() != works || (d.State == escalation.LetterWaiting) != works {
				t.Errorf("%s: used %v, letter %s, %v, %v", id, got.Used, d.State, err, err2)
			}
		}
	})
}

// TestFactorAtOnce shows the same code many times at once: it is good for one.
func TestFactorAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		anna := hire(t, db, "anna", 1, "general", staff.Agent)
		hire(t, db, "lea", 1, "general", staff.Lead)
		var codes []string
		if _, err := db.ChangePerson(t.Context(), anna.ID, func(p *staff.Person) (err error) {
			p.Factor = &staff.Factor{Secret: staff.NewSecret()}
			codes, err = p.NewRecovery()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		won := make(chan bool, 20)
		var wg sync.WaitGroup
		for range cap(won) {
			wg.Go(func() {
				_, err := db.ChangePerson(context.Background(), anna.ID, func(p *staff.Person) error { return p.Show(codes[3], time.Now()) })
				if err == nil {
					won <- true
				} else if escalation.KindOf(err) != escalation.Invalid {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Errorf("%d won", len(won))
		}
		p, err := db.Person(t.Context(), anna.ID)
		if err != nil || len(p.Factor.Recovery) != len(codes)-1 {
			t.Errorf("%d codes are left of %d, %v", len(p.Factor.Recovery), len(codes), err)
		}
	})
}

// TestNotices writes to who asked for it: of one ticket at most once in ten
// minutes, with its number and no word of it, and never to who left.
func TestNotices(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		hire(t, db, "lea", 1, "general", staff.Lead)
		anna := hire(t, db, "anna", 1, "general", staff.Agent)
		hire(t, db, "dull", 1, "general", staff.Agent)
		for _, id := range []string{"anna", "gone"} {
			if id == "gone" {
				hire(t, db, id, 1, "general", staff.Agent)
			}
			if _, err := db.ChangePerson(ctx, id, func(p *staff.Person) error { return p.Live("", staff.Notices) }); err != nil {
				t.Fatal(err)
			}
		}
		// sent are the notices that go out now.
		sent := func() (kinds []escalation.LetterKind) {
			t.Helper()
			letters, err := db.LeaseLetters(ctx, 20, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range letters {
				if l.Ticket == "" {
					if l.To != anna.Email || l.Args.Path != "/desk/tickets/"+l.Args.Number || l.Args.Subject+l.Args.Text+l.Args.Name != "" {
						t.Errorf("%+v", l)
					}
					kinds = append(kinds, l.Kind)
				}
				if err := db.LetterSent(ctx, l.ID); err != nil {
					t.Fatal(err)
				}
			}
			return kinds
		}
		says := func(want ...escalation.LetterKind) {
			t.Helper()
			if got := sent(); !slices.Equal(got, want) {
				t.Errorf("sent %v, want %v", got, want)
			}
		}
		tk := openTicket(t, db, w.time())
		if _, err := db.ChangePerson(ctx, "gone", func(p *staff.Person) error { p.Disabled = true; return nil }); err != nil {
			t.Fatal(err)
		}
		says(escalation.NewNoticeLetter)
		takenBy(t, db, tk, anna, w.time())
		says()
		write := func(text string) {
			t.Helper()
			carry(t, db, tk, func(t escalation.Ticket) (escalation.Change, error) {
				return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: text}}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, w.time())
			})
		}
		w.pass(time.Minute)
		write("One")
		w.pass(5 * time.Minute)
		write("Two")
		says() // ten minutes have not passed
		w.pass(4 * time.Minute)
		says(escalation.ReturnedNoticeLetter)
		openTicket(t, db, w.time())
		says(escalation.NewNoticeLetter) // another ticket
		w.pass(time.Hour)
		write("Three")
		says(escalation.ReturnedNoticeLetter)
	})
}
