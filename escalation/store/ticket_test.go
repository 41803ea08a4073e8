package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// shipped is how the desk is set up.
var shipped = escalation.ShippedDesk()

var asker = escalation.ActorRef{Kind: escalation.ByRequester, Name: "Ada"}

// opening returns a ticket with a number, as a form makes it.
func opening(t testing.TB, number string, at time.Time) escalation.Change {
	t.Helper()
	return adding(t, escalation.Ticket{}, at,
		escalation.Entry{By: asker, Kind: escalation.Happened, Event: &escalation.Event{
			Kind: escalation.EventOpened, Ticket: "id" + number, Number: number, Subject: "No signal " + number,
			Requester: &escalation.Requester{Name: "Ada", Email: "Ada@example.com"},
			Lang:      "it", Channel: escalation.Web, Team: escalation.Triage, Tier: 1,
		}},
		escalation.Entry{By: asker, Kind: escalation.Public, Text: "My phone finds no net.\nWhat now?"})
}

// adding returns the change that appends entries to a ticket.
func adding(t testing.TB, to escalation.Ticket, at time.Time, entries ...escalation.Entry) escalation.Change {
	t.Helper()
	for i := range entries {
		e := &entries[i]
		e.Seq, e.At = to.Version+1+i, at
		if e.ID == "" {
			e.ID = escalation.NewID()
		}
	}
	changed, err := escalation.Rebuild(append(slices.Clone(to.Entries), entries...))
	if err != nil {
		t.Fatal(err)
	}
	return escalation.Change{Ticket: changed, Entries: entries}
}

// open keeps a ticket and returns it.
func open(t testing.TB, db *store.DB, number string, at time.Time) escalation.Ticket {
	t.Helper()
	ticket, created, err := db.Open(t.Context(), "", func() (escalation.Change, error) { return opening(t, number, at), nil })
	if err != nil || !created {
		t.Fatalf("open %s: %v, %v", number, created, err)
	}
	return ticket
}

func same(t testing.TB, what string, got, want escalation.Ticket) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// TestTicket reads what was written, with all that an entry may hold.
func TestTicket(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ticket := open(t, db, "ABCD1234", start)
		got, err := db.Ticket(ctx, "ABCD1234")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "by number", got, ticket)
		if got, err = db.TicketByID(ctx, ticket.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "by id", got, ticket)

		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		want, err := db.Change(ctx, "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
			same(t, "before", old, ticket)
			return adding(t, old, start.Add(time.Minute),
				escalation.Entry{By: anna, Kind: escalation.Happened, Event: &escalation.Event{Kind: escalation.EventTaken, Staff: "anna"}},
				escalation.Entry{By: anna, Kind: escalation.Internal, Text: "a 'quote', a $1 and a ?", Key: "k"},
				escalation.Entry{By: anna, Kind: escalation.Happened, Event: &escalation.Event{
					Kind: escalation.EventOffered,
					Handoff: &escalation.Handoff{
						ID: "h1", From: anna, FromTeam: "general", FromTier: 1, Team: "tech", Tier: 2, Problem: "p",
						Tried: []escalation.Tried{{What: "w", Result: "r"}}, Asked: "a", By: start.Add(time.Hour), Tell: "t",
						State: escalation.Offered, Offered: start.Add(time.Minute),
					},
				}}), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err = db.Ticket(ctx, "ABCD1234"); err != nil {
			t.Fatal(err)
		}
		same(t, "changed", got, want)

		for _, number := range []string{"", "abcd1234", "ABCD1235", "' OR 1=1 --", "ABCD1234\x00", "\xff"} {
			if _, err := db.Ticket(ctx, number); escalation.KindOf(err) != escalation.NotFound {
				t.Errorf("ticket %q: %v, want NotFound", number, err)
			}
			if _, err := db.Change(ctx, number, nil); escalation.KindOf(err) != escalation.NotFound {
				t.Errorf("change %q: %v, want NotFound", number, err)
			}
		}
	})
}

// TestOpenTwice sends one form many times at once.
func TestOpenTwice(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		numbers := make([]string, 50)
		var created int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range numbers {
			wg.Go(func() {
				ticket, isNew, err := db.Open(t.Context(), "form", func() (escalation.Change, error) {
					return opening(t, fmt.Sprintf("NUMBER%02d", i), start), nil
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				numbers[i] = ticket.Number
				if isNew {
					created++
				}
			})
		}
		wg.Wait()
		if created != 1 || len(slices.Compact(numbers)) != 1 {
			t.Errorf("%d created, numbers %v", created, slices.Compact(numbers))
		}
	})
}

// TestNumberInUse asks for another number when one is in use.
func TestNumberInUse(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "SAME0000", start)
		free := []string{"SAME0000", "FREE0000"}
		ticket, created, err := db.Open(t.Context(), "k", func() (escalation.Change, error) {
			c := opening(t, free[0], start)
			c.Ticket.ID = escalation.NewID()
			c.Entries[0].Event.Ticket = c.Ticket.ID
			free = free[1:]
			return c, nil
		})
		if err != nil || !created || ticket.Number != "FREE0000" {
			t.Errorf("got %s, %v, %v", ticket.Number, created, err)
		}
	})
}

// TestChangeAtOnce loses no word of many who write at once: each is in the
// ledger, or its writer was told.
func TestChangeAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "ABCD1234", start)
		told := make([]bool, 20)
		var wg sync.WaitGroup
		for i := range told {
			wg.Go(func() {
				_, err := db.Change(t.Context(), "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
					return adding(t, old, start, escalation.Entry{By: asker, Kind: escalation.Public, Text: fmt.Sprint(i)}), nil
				})
				told[i] = escalation.KindOf(err) == escalation.Conflict
				if err != nil && !told[i] {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		ticket, err := db.Ticket(t.Context(), "ABCD1234")
		if err != nil {
			t.Fatal(err)
		}
		for i := range told {
			kept := slices.ContainsFunc(ticket.Entries, func(e escalation.Entry) bool { return e.Text == fmt.Sprint(i) })
			if kept == told[i] {
				t.Errorf("writer %d: kept %v, told of a conflict %v", i, kept, told[i])
			}
		}
		if ticket.Version != len(ticket.Entries) {
			t.Errorf("version %d of %d entries", ticket.Version, len(ticket.Entries))
		}
	})
}

// TestReplyTwice keeps one entry of a form that was sent many times.
func TestReplyTwice(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "ABCD1234", start)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := db.Change(t.Context(), "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
					return adding(t, old, start, escalation.Entry{By: asker, Kind: escalation.Public, Text: "again", Key: "form"}), nil
				})
				if err != nil && escalation.KindOf(err) != escalation.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		ticket, err := db.Ticket(t.Context(), "ABCD1234")
		if err != nil || ticket.Version != 3 {
			t.Errorf("version %d, %v; want 3", ticket.Version, err)
		}
	})
}

// TestNothing keeps nothing of a change that fails anywhere.
func TestNothing(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		before := open(t, db, "ABCD1234", start)
		_, err := db.Change(t.Context(), "ABCD1234", func(old escalation.Ticket) (escalation.Change, error) {
			c := adding(t, old, start, escalation.Entry{By: asker, Kind: escalation.Public, Text: "x", Files: []escalation.File{{ID: "gone"}}})
			c.Letters = []escalation.Letter{{ID: "l", Ticket: old.ID, To: "a@example.com"}}
			return c, nil
		})
		if escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("file that is gone: %v", err)
		}
		after, err := db.Ticket(t.Context(), "ABCD1234")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "after", after, before)
		if letters, err := db.LettersOf(t.Context(), before.ID); err != nil || len(letters) > 0 {
			t.Errorf("letters %v, %v", letters, err)
		}
	})
}

func numbers(p escalation.QueuePage) []string {
	var n []string
	for _, l := range p.Lines {
		n = append(n, l.Number)
	}
	return n
}

func TestQueue(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		anna := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		happen := func(number string, minute int, events ...escalation.Event) {
			t.Helper()
			if _, err := db.Change(ctx, number, func(old escalation.Ticket) (escalation.Change, error) {
				var entries []escalation.Entry
				for _, e := range events {
					entries = append(entries, escalation.Entry{By: anna, Kind: escalation.Happened, Event: &e})
				}
				return adding(t, old, start.Add(time.Duration(minute)*time.Minute), entries...), nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		offer := func(id, team string, tier int) escalation.Event {
			return escalation.Event{Kind: escalation.EventOffered, Handoff: &escalation.Handoff{ID: id, Team: team, Tier: tier, State: escalation.Offered}}
		}
		taken := escalation.Event{Kind: escalation.EventTaken, Staff: "anna"}
		for i, number := range []string{"NEW", "TAKEN", "OFFERED", "TECH", "ASKED", "CLOSED1", "CLOSED2"} {
			open(t, db, number, start.Add(time.Duration(-i)*time.Minute))
		}
		happen("TAKEN", 1, taken)
		happen("OFFERED", 1, offer("h1", "tech", 2))
		happen("TECH", 1, offer("h2", "tech", 3), escalation.Event{Kind: escalation.EventAccepted, HandoffID: "h2", Team: "tech", Tier: 3})
		happen("ASKED", 1, taken, escalation.Event{Kind: escalation.EventAsked, Questions: []escalation.Question{{Key: "imei", Text: "?"}}})
		happen("CLOSED1", 1, escalation.Event{Kind: escalation.EventConfirmed})
		happen("CLOSED2", 2, escalation.Event{Kind: escalation.EventConfirmed})

		for _, test := range []struct {
			name string
			q    escalation.Queue
			want []string
		}{
			{"all", escalation.Queue{}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"tier", escalation.Queue{Tier: 1}, []string{"OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"at most tier", escalation.Queue{MaxTier: 3}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"teams", escalation.Queue{Teams: []string{"tech", "rrr"}}, []string{"TECH"}},
			{"mine", escalation.Queue{Assignee: "anna"}, []string{"TECH", "TAKEN", "ASKED"}},
			{"free", escalation.Queue{Free: true, Teams: []string{"general"}}, []string{"OFFERED", "NEW"}},
			{"new", escalation.Queue{State: escalation.New}, []string{"OFFERED", "NEW"}},
			{"theirs", escalation.Queue{Turn: escalation.Theirs}, []string{"ASKED"}},
			{"offered", escalation.Queue{Offered: true}, []string{"OFFERED"}},
			{"offered to us", escalation.Queue{Offered: true, Teams: []string{"tech"}, MaxTier: 2}, []string{"OFFERED"}},
			{"offered above us", escalation.Queue{Offered: true, Teams: []string{"tech"}, MaxTier: 1}, nil},
			{"offered to others", escalation.Queue{Offered: true, Teams: []string{"general"}, MaxTier: 3}, nil},
			{"frozen", escalation.Queue{Frozen: true}, nil},
			{"closed", escalation.Queue{Closed: true}, []string{"CLOSED2", "CLOSED1"}},
			{"found", escalation.Queue{Found: &[]string{"NEW", "TECH", "CLOSED1", "none"}, By: escalation.ByTier}, []string{"NEW", "TECH"}},
			{"found in none", escalation.Queue{Found: &[]string{}}, nil},
			{"kind", escalation.Queue{Type: "payment"}, nil},
			{"language", escalation.Queue{Lang: "it"}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"other language", escalation.Queue{Lang: "es", By: escalation.BySubject}, nil},
			{"late", escalation.Queue{DueFrom: time.UnixMilli(0), DueTill: start}, nil},
			{"due within a day, those of tier 3 first", escalation.Queue{DueTill: start.Add(1000 * time.Hour), By: escalation.ByTier, Tier: 3}, []string{"TECH"}},
			{"not due", escalation.Queue{Undue: true}, []string{"ASKED"}},
			{"by tier", escalation.Queue{By: escalation.ByTier}, []string{"OFFERED", "TAKEN", "NEW", "ASKED", "TECH"}},
			{"newest", escalation.Queue{By: escalation.ByNewest}, []string{"NEW", "TAKEN", "OFFERED", "TECH", "ASKED"}},
			{"by state", escalation.Queue{By: escalation.ByState}, []string{"OFFERED", "NEW", "TECH", "TAKEN", "ASKED"}},
			{"by assignee, ours", escalation.Queue{By: escalation.ByAssignee, Turn: escalation.Ours}, []string{"OFFERED", "NEW", "TECH", "TAKEN"}},
			{"by language", escalation.Queue{By: escalation.ByLang}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"by name", escalation.Queue{By: escalation.ByName}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
			{"another order's cursor", escalation.Queue{By: escalation.ByTier, After: "lang.0.1.x.it"}, []string{"OFFERED", "TAKEN", "NEW", "ASKED", "TECH"}},
			{"closed, in no order", escalation.Queue{Closed: true, By: escalation.BySubject}, []string{"CLOSED2", "CLOSED1"}},
			{"no cursor of ours", escalation.Queue{After: "' OR 1=1"}, []string{"TECH", "OFFERED", "TAKEN", "NEW", "ASKED"}},
		} {
			t.Run(test.name, func(t *testing.T) {
				page, err := db.Queue(ctx, test.q)
				if err != nil {
					t.Fatal(err)
				}
				if got := numbers(page); !slices.Equal(got, test.want) || page.Next != "" {
					t.Errorf("got %v (next %q), want %v", got, page.Next, test.want)
				}
				for most, want := range map[int]int{99: len(test.want), 2: min(2, len(test.want))} {
					if n, err := db.Count(ctx, test.q, most); err != nil || n != want {
						t.Errorf("count to %d: %d (%v), want %d", most, n, err, want)
					}
				}
				// Pages of one line hang together.
				var got []string
				for q := test.q; ; {
					q.Limit = 1
					page, err := db.Queue(ctx, q)
					if err != nil || len(got) > len(test.want) {
						t.Fatal(got, err)
					}
					got = append(got, numbers(page)...)
					if q.After = page.Next; q.After == "" {
						break
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("by pages %v, want %v", got, test.want)
				}
			})
		}
	})
}

// TestCancelled keeps nothing when the caller has gone before the turn came.
func TestCancelled(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, err := db.Open(ctx, "", func() (escalation.Change, error) { return opening(t, "ABCD1234", start), nil })
		_, read := db.Ticket(t.Context(), "ABCD1234")
		if (err == nil) != (read == nil) {
			t.Errorf("open says %v, but reading says %v", err, read)
		}
	})
}

// TestUnsolved: what is solved is not open, although it is not closed.
func TestUnsolved(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "OPEN", start)
		open(t, db, "SOLVED", start)
		goesOn(t, db, "SOLVED", start.Add(time.Minute), escalation.Entry{Kind: escalation.Public, Text: "So.", By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna"},
			Event: &escalation.Event{Kind: escalation.EventSolved, Solution: &escalation.Solution{Reason: "rare"}}})
		for _, q := range []escalation.Queue{{Unsolved: true}, {Unsolved: true, By: escalation.ByTier}} {
			page, err := db.Queue(t.Context(), q)
			if got := numbers(page); err != nil || !slices.Equal(got, []string{"OPEN"}) {
				t.Errorf("%+v: %q, %v", q, got, err)
			}
			if n, err := db.Count(t.Context(), q, 99); err != nil || n != 1 {
				t.Errorf("%+v: %d, %v", q, n, err)
			}
		}
	})
}
