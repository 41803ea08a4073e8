package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestTickets reads several tickets at once as each would be read by itself.
func TestTickets(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		want := map[string]escalation.Ticket{}
		numbers := []string{"00000000"} // nobody's
		for range 3 {
			ticket := ask(t, db, "eve@example.com", start)
			numbers = append(numbers, ticket.Number)
			alone, err := db.Ticket(t.Context(), ticket.Number)
			if err != nil {
				t.Fatal(err)
			}
			want[ticket.Number] = alone
		}
		ask(t, db, "eve@example.com", start) // not asked for
		list, err := db.Tickets(t.Context(), numbers)
		got := map[string]escalation.Ticket{}
		for _, ticket := range list {
			got[ticket.Number] = ticket
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" || len(list) != len(want) {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if list, err := db.Tickets(t.Context(), nil); err != nil || len(list) > 0 {
			t.Errorf("of no number: %v, %v", list, err)
		}
	})
}

// ask opens a ticket of an address.
func ask(t *testing.T, db *store.DB, email string, now time.Time, signs ...string) escalation.Ticket {
	t.Helper()
	ticket, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "Schermo", Text: "Nero.", Email: email, Lang: "it", Signs: signs,
		}, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// change applies a rule of somebody who may do everything.
func change(t *testing.T, db *store.DB, number string, rule func(t *escalation.Ticket, by escalation.Actor, ids func() string, now time.Time) (escalation.Change, error), now time.Time) escalation.Ticket {
	t.Helper()
	lead := staff.Person{ID: "lea", Name: "Lea", Roles: []staff.Role{staff.Lead}}
	ticket, err := db.Change(t.Context(), number, func(tk escalation.Ticket) (escalation.Change, error) {
		return rule(&tk, lead, escalation.NewID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// TestLinks writes one letter an hour to an address that has requests, none to
// another, and opens all of them with its code, once, for an hour.
func TestLinks(t *testing.T) {
	clock := newWatch()
	storetest.Each(t, store.Options{Clock: clock.time}, func(t *testing.T, db *store.DB) {
		older := ask(t, db, "Ada@example.com", clock.time())
		clock.pass(time.Minute)
		newer := ask(t, db, "ada@example.com", clock.time())
		ask(t, db, "eve@example.com", clock.time())
		junk := ask(t, db, "junk@example.com", clock.time(), "links")
		change(t, db, junk.Number, (*escalation.Ticket).SetAside, clock.time())
		post := func(to, id string) {
			t.Helper()
			if err := db.PostLinks(t.Context(), escalation.Letter{ID: id, Kind: escalation.LinksLetter, To: to, Lang: "it"}, "hash of "+id); err != nil {
				t.Fatal(err)
			}
		}
		posted := func(id string) bool { _, err := db.Letter(t.Context(), id); return err == nil }
		// Of many at once, one.
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				db.PostLinks(t.Context(), escalation.Letter{ID: fmt.Sprint("first", i), Kind: escalation.LinksLetter, To: "ADA@example.com", Lang: "it"}, fmt.Sprint("hash of first", i))
			})
		}
		wg.Wait()
		first := -1
		for i := range 8 {
			if posted(fmt.Sprint("first", i)) {
				if first >= 0 {
					t.Error("two letters at once")
				}
				first = i
			}
		}
		post("nobody@example.com", "none")
		post("junk@example.com", "junk")
		for _, id := range []string{"none", "junk"} {
			good := db.LinksGood(t.Context(), "hash of "+id)
			if _, err := db.UseLinks(t.Context(), "hash of "+id); posted(id) || escalation.KindOf(err) != escalation.NotFound || escalation.KindOf(good) != escalation.NotFound {
				t.Errorf("%s: a letter %v, good %v, opens %v", id, posted(id), good, err)
			}
		}
		// Looked at often, used at once by several: one gets in.
		hash, opened := fmt.Sprint("hash of first", first), make(chan []escalation.Ticket, 8)
		for range 3 {
			if err := db.LinksGood(t.Context(), hash); err != nil {
				t.Error(err)
			}
		}
		for range 8 {
			wg.Go(func() {
				tickets, err := db.UseLinks(t.Context(), hash)
				if err == nil {
					opened <- tickets
				} else if escalation.KindOf(err) != escalation.NotFound {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(opened) != 1 {
			t.Fatalf("used %d times", len(opened))
		}
		if tickets := <-opened; len(tickets) != 2 || tickets[0].ID != newer.ID || tickets[1].ID != older.ID {
			t.Errorf("opens %d tickets", len(tickets))
		}
		if err := db.LinksGood(t.Context(), hash); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("after its use: %v", err)
		}
		clock.pass(spam.LinksTo.In - time.Second)
		post("ada@example.com", "soon")
		clock.pass(time.Second)
		post("ada@example.com", "later")
		if posted("soon") || !posted("later") {
			t.Errorf("within the hour %v, after it %v", posted("soon"), posted("later"))
		}
		clock.pass(store.LinksLife)
		if _, err := db.UseLinks(t.Context(), "hash of later"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("too late: %v", err)
		}
		if err := db.SweepLinks(t.Context(), clock.time()); err != nil {
			t.Error(err)
		}
	})
}

// TestMovedLetters sends nothing more to an address that is not the requester's any
// more, but that it is not.
func TestMovedLetters(t *testing.T) {
	clock := newWatch()
	storetest.Each(t, store.Options{Clock: clock.time}, func(t *testing.T, db *store.DB) {
		ticket, other := ask(t, db, "Ada@example.com", clock.time()), ask(t, db, "Ada@example.com", clock.time())
		move := func(email string) {
			t.Helper()
			change(t, db, ticket.Number, func(tk *escalation.Ticket, by escalation.Actor, ids func() string, now time.Time) (escalation.Change, error) {
				return tk.ProposeAddress(email, ids(), by, ids, now)
			}, clock.time())
			if _, err := db.Change(t.Context(), ticket.Number, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.ConfirmAddress(escalation.RequesterOf{Ticket: tk.ID}, escalation.NewID, clock.time())
			}); err != nil {
				t.Fatal(err)
			}
		}
		move("grace@example.com")
		move("mary@example.com")
		letters, err := db.LeaseLetters(t.Context(), 100, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range letters {
			if l.Ticket == other.ID {
				got = append(got, "other")
			} else {
				got = append(got, string(l.Kind)+" "+l.To)
			}
		}
		slices.Sort(got)
		if want := []string{"address mary@example.com", "left Ada@example.com", "left grace@example.com", "other"}; !slices.Equal(got, want) {
			t.Errorf("sent are %q, want %q", got, want)
		}
	})
}

// TestReceipts stops writing receipts to an address that gets many; its tickets
// open all the same.
func TestReceipts(t *testing.T) {
	clock := newWatch()
	storetest.Each(t, store.Options{Clock: clock.time}, func(t *testing.T, db *store.DB) {
		for i := range spam.Receipts.Most + 2 {
			email := "ada@example.com"
			if i%2 == 1 {
				email = "Ada@example.com"
			}
			letters, err := db.LettersOf(t.Context(), ask(t, db, email, clock.time()).ID)
			if want := i < spam.Receipts.Most; err != nil || (len(letters) == 1) != want {
				t.Errorf("ticket %d: %d letters, %v", i, len(letters), err)
			}
		}
		if letters, _ := db.LettersOf(t.Context(), ask(t, db, "eve@example.com", clock.time()).ID); len(letters) != 1 {
			t.Error("another address has none")
		}
		clock.pass(spam.Receipts.In + time.Second)
		if letters, _ := db.LettersOf(t.Context(), ask(t, db, "ada@example.com", clock.time()).ID); len(letters) != 1 {
			t.Error("none on the next day")
		}
	})
}

// TestDoubt keeps what is suspected out of the queues and of the figures, and puts
// it back when it is cleared.
func TestDoubt(t *testing.T) {
	clock := newWatch()
	storetest.Each(t, store.Options{Clock: clock.time}, func(t *testing.T, db *store.DB) {
		now := clock.time()
		plain := ask(t, db, "ada@example.com", now)
		doubtful := ask(t, db, "eve@example.com", now, "links")
		queue := func(q escalation.Queue) (ids []string) {
			t.Helper()
			page, err := db.Queue(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			n, err := db.Count(t.Context(), q, 100)
			if err != nil || n != len(page.Lines) {
				t.Errorf("counts %d of %d, %v", n, len(page.Lines), err)
			}
			for _, l := range page.Lines {
				ids = append(ids, l.ID)
			}
			return ids
		}
		holds := func(q escalation.Queue, want ...string) {
			t.Helper()
			got := queue(q)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%+v: %v, want %v", q, got, want)
			}
		}
		suspects, aside := escalation.Queue{Doubt: escalation.Suspected}, escalation.Queue{Doubt: escalation.Spam}
		holds(escalation.Queue{}, plain.ID)
		holds(escalation.Queue{Free: true, Tier: 1}, plain.ID)
		holds(suspects, doubtful.ID)
		if letters, err := db.LettersOf(t.Context(), doubtful.ID); err != nil || len(letters) != 0 {
			t.Errorf("letters %v, %v", letters, err)
		}
		change(t, db, doubtful.Number, (*escalation.Ticket).SetAside, now)
		change(t, db, doubtful.Number, (*escalation.Ticket).SetAside, now)
		holds(suspects)
		holds(aside, doubtful.ID)
		old, err := db.OldSpam(t.Context(), now.Add(time.Millisecond), 10)
		if err != nil || !slices.Equal(old, []string{doubtful.ID}) {
			t.Errorf("old spam %v, %v", old, err)
		}
		if old, err := db.OldSpam(t.Context(), now, 10); err != nil || len(old) != 0 {
			t.Errorf("spam that is not old %v, %v", old, err)
		}
		change(t, db, doubtful.Number, (*escalation.Ticket).Clear, now)
		holds(escalation.Queue{}, plain.ID, doubtful.ID)
		holds(aside)
		if letters, err := db.LettersOf(t.Context(), doubtful.ID); err != nil || len(letters) != 1 {
			t.Errorf("letters after all %v, %v", letters, err)
		}
		// Pages hang together.
		for range 5 {
			change(t, db, ask(t, db, "x@example.com", now, "links").Number, (*escalation.Ticket).SetAside, now)
		}
		seen := map[string]bool{}
		q := escalation.Queue{Doubt: escalation.Spam, Limit: 2}
		for {
			page, err := db.Queue(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range page.Lines {
				if seen[l.ID] {
					t.Error("a line comes twice")
				}
				seen[l.ID] = true
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d of 5 lines", len(seen))
		}
	})
}

// TestDoubtJourneys lets no spam count as a visitor who needed a person.
func TestDoubtJourneys(t *testing.T) {
	clock := newWatch()
	storetest.Each(t, store.Options{Clock: clock.time}, func(t *testing.T, db *store.DB) {
		now := clock.time()
		j := journey.Journey{ID: "j1", Visitor: "v1", Lang: "it", Started: now, Ended: now}
		if err := db.SaveJourneys(t.Context(), journey.Batch{Journeys: []journey.Journey{j}}); err != nil {
			t.Fatal(err)
		}
		tk, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{
				Number: escalation.NewNumber(), Subject: "Schermo", Text: "Nero.", Email: "a@example.com", Lang: "it", Journey: "j1", Signs: []string{"links"},
			}, escalation.RequesterOf{}, escalation.NewID, now)
		})
		if err != nil {
			t.Fatal(err)
		}
		escalated := func() bool {
			t.Helper()
			if err := db.JoinTickets(t.Context(), now.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			r, err := db.Deflection(t.Context(), journey.LastDays(2, "", now))
			if err != nil {
				t.Fatal(err)
			}
			return r.Total.Sent > 0
		}
		if escalated() {
			t.Error("a suspected ticket counts")
		}
		change(t, db, tk.Number, (*escalation.Ticket).Clear, now)
		if !escalated() {
			t.Error("a cleared ticket does not count")
		}
		change(t, db, tk.Number, (*escalation.Ticket).SetAside, now)
		if escalated() {
			t.Error("spam counts")
		}
	})
}
