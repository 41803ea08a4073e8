package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func decide(t interface {
	Helper()
	Fatal(...any)
}, db *store.DB, now time.Time) {
	t.Helper()
	if err := db.DecideJourneys(context.Background(), sectionOf, now); err != nil {
		t.Fatal(err)
	}
}

// sendTicket opens one of an address, which came of a journey or of none.
func sendTicket(t interface {
	Helper()
	Fatal(...any)
}, db *store.DB, email, journeyID string, at time.Time) escalation.Ticket {
	t.Helper()
	ticket, _, err := db.Open(context.Background(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "S", Text: "T", Email: email, Lang: "it", Journey: journeyID,
		}, escalation.RequesterOf{}, escalation.NewID, at)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// seen is that a visitor followed the link to a ticket.
func seen(visitor string, ticket escalation.Ticket, at time.Time) journey.Event {
	return journey.Event{ID: fmt.Sprint("seen ", visitor, ticket.ID, at.UnixMilli()), At: at, Visitor: visitor, Kind: journey.TicketSeen, Lang: "it", Ticket: ticket.ID}
}

// TestTicketsAreJoined holds by what a ticket is known to be the outcome of a
// journey, and by what it is not.
func TestTicketsAreJoined(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		const day = 24 * time.Hour
		ticketAt := monday.Add(2 * day)
		var b journey.Batch
		visit := func(visitor string, at time.Time) {
			b.Journeys = append(b.Journeys, journey.Journey{ID: visitor + at.String(), Visitor: visitor, Lang: visitor, Started: at, Ended: at, Read: true, Last: journey.ArticleOpen})
		}
		save := func() {
			t.Helper()
			if err := db.SaveJourneys(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			b = journey.Batch{}
		}
		for _, visitor := range []string{"same", "link", "address", "address-later", "neighbour", "spam", "nobody", "gone"} {
			visit(visitor, monday)
		}
		visit("link", monday.Add(-20*day)) // too long before
		visit("link", ticketAt.Add(time.Minute))
		// The one and the other live in one house, and share its network.
		b.Events = append(b.Events,
			journey.Event{ID: "n1", At: monday, Visitor: "same", Journey: "same" + monday.String(), Kind: journey.VoteYes, Network: "1.abc"},
			journey.Event{ID: "n2", At: monday, Visitor: "neighbour", Journey: "neighbour" + monday.String(), Kind: journey.VoteYes, Network: "1.abc"})
		save()
		// By the visitor: the event is lost, the ticket is not.
		sendTicket(t, db, "same@example.com", "same"+monday.String(), ticketAt)
		// By the link: it came by telephone, and is read where the search was made.
		b.Events = append(b.Events, seen("link", sendTicket(t, db, "link@example.com", "", ticketAt), ticketAt.Add(time.Hour)))
		// By the address: it wrote from this visitor before, or does so later.
		visit("address", monday.Add(-90*day))
		save()
		sendTicket(t, db, "Address@example.com", "address"+monday.Add(-90*day).String(), monday.Add(-90*day))
		sendTicket(t, db, "address@example.com", "", ticketAt)
		sendTicket(t, db, "later@example.com", "", ticketAt)
		visit("address-later", monday.Add(3*day))
		save()
		sendTicket(t, db, "later@example.com", "address-later"+monday.Add(3*day).String(), monday.Add(3*day))
		// Not by what may be spam, nor by an address that is erased.
		if _, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{
				Number: escalation.NewNumber(), Subject: "S", Text: "T", Email: "spam@example.com", Lang: "it", Journey: "spam" + monday.String(), Signs: []string{"fast"},
			}, escalation.RequesterOf{}, escalation.NewID, ticketAt)
		}); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"gone@example.com", "nobody@example.com"} {
			id := ""
			if email == "gone@example.com" {
				id = "gone" + monday.String()
			}
			ticket := sendTicket(t, db, email, id, ticketAt)
			if _, err := db.EraseTicket(t.Context(), ticket.ID, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Erase(true, escalation.System{Rule: "test"}, escalation.NewID, ticketAt)
			}); err != nil {
				t.Fatal(err)
			}
		}
		now := monday.Add(60 * day)
		decide(t, db, now)
		r, err := db.Deflection(t.Context(), journey.LastDays(200, "", now))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range r.ByLang {
			got[f.Lang] = fmt.Sprintf("%d of %d", f.Escalated, f.Decided())
		}
		want := map[string]string{
			"same": "1 of 1", "link": "1 of 3", "address": "2 of 2", "address-later": "2 of 2",
			"neighbour": "0 of 1", "spam": "0 of 1", "nobody": "0 of 1", "gone": "1 of 1", // by the ticket itself
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("became requests (-want +got):\n%s", diff)
		}
	})
}

// TestRulesStay holds that what was decided by older rules stays, and is told apart.
func TestRulesStay(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		now := monday.Add(30 * 24 * time.Hour)
		decideAll := func(ids ...string) {
			t.Helper()
			var b journey.Batch
			for _, id := range ids {
				b.Journeys = append(b.Journeys, journey.Journey{ID: id, Visitor: id, Lang: "it", Started: monday, Ended: monday, Confirmed: true})
			}
			if err := db.SaveJourneys(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			decide(t, db, now)
		}
		decideAll("a", "b")
		if err := db.Exec(t.Context(), `UPDATE outcome_day SET rules = 0`); err != nil {
			t.Fatal(err)
		}
		decideAll("a", "b", "c") // again; what goes on after it is decided changes nothing
		r, err := db.Deflection(t.Context(), journey.LastDays(40, "", now))
		if err != nil || !slices.Equal(r.Rules, []int{0, journey.Rules}) || r.Total.Confirmed.K != 3 || r.Total.Decided() != 3 {
			t.Errorf("%v, rules %v: %+v", err, r.Rules, r.Total)
		}
	})
}

// A world is all that happens, as somebody sees it who sees everything at once.
type world struct {
	journeys []*seenJourney
	tickets  []*seenTicket
}

type seenJourney struct {
	journey.Journey
	decided []journey.Outcome // under the windows that passed
}

type seenTicket struct {
	escalation.Ticket
	email    string
	visitors map[string]bool // who sent it or followed its link
	told     string          // whose event was kept
}

// ticketOf returns when the first ticket was opened that a journey can have led to.
func (w *world) ticketOf(j *seenJourney) (first time.Time) {
	for _, t := range w.tickets {
		mine := t.told == j.Visitor
		for _, o := range w.tickets {
			mine = mine || o.email == t.email && o.visitors[j.Visitor]
		}
		if mine && !t.Opened.Before(j.Started) && !t.Opened.After(j.Ended.Add(14*24*time.Hour)) && (first.IsZero() || t.Opened.Before(first)) {
			first = t.Opened
		}
	}
	return first
}

// decide writes down what is known by now, and is not written down.
func (w *world) decide(now time.Time) {
	for _, j := range w.journeys {
		j.Ticket = w.ticketOf(j)
		for _, days := range []int{1, 3, 7, 14}[len(j.decided):] {
			window := time.Duration(days) * 24 * time.Hour
			if now.Sub(j.Ended) < window+journey.Settling {
				break
			}
			outcome := journey.Failed
			switch {
			case !j.Ticket.IsZero() && j.Ticket.Sub(j.Ended) <= window:
				outcome = journey.Escalated
			case j.Confirmed:
				outcome = journey.Confirmed
			case j.Read && j.Last == journey.ArticleOpen:
				outcome = journey.Presumed
			}
			j.decided = append(j.decided, outcome)
		}
	}
}

// report counts what is written down, journey by journey.
func (w *world) report(lang string) map[string]int {
	n := map[string]int{}
	for _, j := range w.journeys {
		if j.Lang != lang {
			continue
		}
		for i, o := range j.decided {
			n[fmt.Sprint(o, []int{1, 3, 7, 14}[i])]++
		}
		if len(j.decided) < 3 {
			n["pending"]++
		}
	}
	return n
}

func counted(f journey.Figures) map[string]int {
	n := map[string]int{"escalated7": f.Escalated, "failed7": f.Failed, "confirmed7": f.Confirmed.K, "pending": f.Pending}
	for _, p := range f.Presumed {
		n[fmt.Sprint("presumed", p.Days)] = p.K
	}
	maps.DeleteFunc(n, func(_ string, n int) bool { return n == 0 })
	return n
}

// TestDecidedOnce compares what the job decides, whenever it runs, with what
// somebody decides who sees all that happened until then, and never changes it.
func TestDecidedOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		db.Pragma("synchronous = OFF") // of SQLite; no test of the disk
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			round++
			var w world
			name := func(prefix string, n int) string { // of this round alone
				return fmt.Sprint(prefix, rapid.IntRange(1, n).Draw(t, prefix), ".", round)
			}
			lang, now := fmt.Sprint("l", round), monday
			var b journey.Batch // that waits to be kept
			save := func() {
				if err := db.SaveJourneys(context.Background(), b); err != nil {
					t.Fatal(err)
				}
				b = journey.Batch{}
			}
			last := func(visitor string) *seenJourney {
				for _, j := range slices.Backward(w.journeys) {
					if j.Visitor == visitor {
						return j
					}
				}
				return nil
			}
			check := func() {
				r, err := db.Deflection(context.Background(), journey.SearchSpan{From: monday.Truncate(24 * time.Hour), To: now.Add(24 * time.Hour), Lang: lang})
				if err != nil {
					t.Fatal(err)
				}
				want := w.report(lang)
				maps.DeleteFunc(want, func(key string, _ int) bool {
					return !strings.HasPrefix(key, "pres") && !strings.HasSuffix(key, "7") && key != "pending"
				})
				if diff := cmp.Diff(want, counted(r.Total)); diff != "" {
					t.Fatalf("round %d (-want +got):\n%s", round, diff)
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"wait": func(t *rapid.T) {
					now = now.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 1440, 1450, 3 * 1440, 7*1440 - 10, 20 * 1440}).Draw(t, "minutes")) * time.Minute)
				},
				"visit": func(t *rapid.T) {
					v := name("v", 4)
					j := last(v)
					if j == nil || now.Sub(j.Ended) > journey.Resume || rapid.Bool().Draw(t, "another") {
						j = &seenJourney{Journey: journey.Journey{ID: fmt.Sprint(len(w.journeys), ".", round), Visitor: v, Lang: lang, Started: now}}
						w.journeys = append(w.journeys, j)
					}
					j.Ended, j.Confirmed, j.Read = now, rapid.Bool().Draw(t, "confirmed"), rapid.Bool().Draw(t, "read")
					j.Last = rapid.SampledFrom([]journey.Kind{journey.ArticleOpen, journey.Search}).Draw(t, "last")
					kept := j.Journey
					kept.Ticket = time.Time{} // a recorder need not know of it
					b.Journeys = append(b.Journeys, kept)
				},
				"ticket": func(t *rapid.T) {
					v := name("v", 4)
					ticket := &seenTicket{email: strings.ToLower(name("A", 3)) + "@example.com", visitors: map[string]bool{}}
					id := ""
					if j := last(v); j != nil && now.Sub(j.Ended) < time.Hour && rapid.Bool().Draw(t, "with its trail") {
						id, ticket.visitors[v] = j.ID, true
					}
					ticket.Ticket = sendTicket(t, db, ticket.email, id, now)
					if rapid.Bool().Draw(t, "told") {
						ticket.told = v
						b.Tickets = append(b.Tickets, journey.Join{Visitor: v, At: now})
						save()
					}
					w.tickets = append(w.tickets, ticket)
				},
				"link": func(t *rapid.T) {
					if len(w.tickets) == 0 {
						t.Skip()
					}
					v, ticket := name("v", 4), w.tickets[rapid.IntRange(0, len(w.tickets)-1).Draw(t, "which")]
					ticket.visitors[v] = true
					b.Events = append(b.Events, seen(v, ticket.Ticket, now))
				},
				"decide": func(t *rapid.T) {
					save()
					decide(t, db, now)
					w.decide(now)
					check()
				},
				"": func(*rapid.T) {
					now = now.Add(time.Millisecond) // one thing after the other
				},
			})
		})
	})
}

// fill keeps journeys, evenly over the 30 days before a time, of which one in ten
// became a ticket.
func fill(b *testing.B, db *store.DB, n int, now time.Time) {
	b.Helper()
	const days = 30
	for from := 0; from < n; from += 5000 {
		var batch journey.Batch
		for i := from; i < min(n, from+5000); i++ {
			at := now.Add(-days * 24 * time.Hour / time.Duration(n) * time.Duration(i+1)).Truncate(time.Millisecond)
			j := journey.Journey{
				ID: fmt.Sprint(i), Visitor: fmt.Sprint(i), Lang: []string{"it", "es", "en"}[i%3], Started: at, Ended: at.Add(time.Minute),
				Read: i%2 == 0, Confirmed: i%5 == 0, Answered: i%4 == 0, Last: journey.ArticleOpen,
				State: journey.State{First: journey.Text{Article: string(rune('a'+i%12)) + "/x", Lang: "it"}, Queries: [][]string{{"battery", "empty", "again"}}},
			}
			if i%10 == 0 {
				j.Ticket = at.Add(time.Duration(i%200) * time.Hour)
			}
			batch.Journeys = append(batch.Journeys, j)
		}
		if err := db.SaveJourneys(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeflection makes the report of 30 days with 100,000 journeys.
func BenchmarkDeflection(b *testing.B) {
	db := storetest.Open(b, storetest.SQLite(b), store.Options{})
	now := monday.Add(365 * 24 * time.Hour)
	fill(b, db, 100_000, now)
	begin := time.Now()
	decide(b, db, now)
	b.Logf("decided in %v", time.Since(begin))
	for b.Loop() {
		r, err := db.Deflection(context.Background(), journey.LastDays(31, "", now))
		if err != nil || r.Total.Decided() < 50_000 || r.Total.Pending < 10_000 {
			b.Fatal(err, r.Total)
		}
	}
}

// BenchmarkDecideJourneys decides 10,000 journeys, of which half ended more than a
// week ago.
func BenchmarkDecideJourneys(b *testing.B) {
	now := monday.Add(365 * 24 * time.Hour)
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgresql": storetest.PostgreSQL} {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db, err := store.Open(b.Context(), url(b), store.Options{})
				if err != nil {
					b.Fatal(err)
				}
				fill(b, db, 10_000, now)
				b.StartTimer()
				decide(b, db, now)
				b.StopTimer()
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
