//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// cpu is how long this process has worked so far, on all processors.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// each asks for a page again and again, and reports what it costs of a processor.
func (b *browser) each(bench *testing.B, path string) {
	bench.Helper()
	bench.ReportAllocs()
	before := cpu(bench)
	for bench.Loop() {
		if resp, _ := b.do(httptest.NewRequest("GET", path, nil)); resp.StatusCode != http.StatusOK {
			bench.Fatalf("%s answers %d", path, resp.StatusCode)
		}
	}
	bench.ReportMetric(float64(cpu(bench)-before)/float64(bench.N)/1e6, "cpu-ms/op")
}

// A crowd opens many tickets, by the rules: those up to open are in progress, in
// every state there is, the others are closed. Each is written at once, with all that
// happened to it.
func (s *testSite) crowd(many, open int) {
	s.t.Helper()
	ctx := s.t.Context()
	people, err := s.db.People(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	by := map[string]staff.Person{}
	for _, p := range people {
		by[p.ID] = p
	}
	begin := time.Now().Add(-90 * 24 * time.Hour)
	var next atomic.Int64
	var openers sync.WaitGroup
	for range 32 {
		openers.Go(func() {
			for n := int(next.Add(1)); n <= many; n = int(next.Add(1)) {
				if _, _, err := s.db.Open(ctx, "", func() (escalation.Change, error) {
					return fated(n, n <= open, by, begin.Add(time.Duration(n)*time.Minute))
				}); err != nil {
					s.t.Errorf("ticket %d: %v", n, err)
					return
				}
			}
		})
	}
	openers.Wait()
}

// fated is the whole life so far of the nth ticket, as one change.
func fated(n int, open bool, by map[string]staff.Person, now time.Time) (escalation.Change, error) {
	number, id := escalation.NewNumber(), escalation.NewID
	c, err := escalation.NewTicket(escalation.OpenCommand{
		Number: number, Subject: fmt.Sprintf("Il telefono %d non trova la rete", n), Name: "Ada", Email: number + "@example.com", Lang: []string{"it", "es", "en"}[n%3],
		Desk: escalation.ShippedDesk(), Text: "Da ieri il telefono non trova la rete. Ho già provato a riavviarlo.", Signs: map[bool][]string{true: {"links"}}[open && n%40 == 7],
	}, escalation.RequesterOf{}, id, now)
	if err != nil {
		return c, err
	}
	then := func(rule func(t *escalation.Ticket) (escalation.Change, error)) {
		if err != nil {
			return
		}
		var more escalation.Change
		now = now.Add(time.Hour)
		t := c.Ticket
		if more, err = rule(&t); err == nil {
			c.Ticket, c.Entries, c.Letters = more.Ticket, append(c.Entries, more.Entries...), append(c.Letters, more.Letters...)
		}
	}
	agent, specialist, lead := by["agent1"], by["agent2"], by["lead"]
	me := escalation.RequesterOf{Ticket: c.Ticket.ID, Name: "Ada"}
	said := escalation.Message{Text: "Si può provare con un'altra scheda?"}
	offer := func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Offer(escalation.OfferCommand{
			Desk: escalation.ShippedDesk(), Team: "tech", Tier: 2, Problem: "Nessuna rete", Tried: []escalation.Tried{{What: "SIM", Result: "niente"}},
			Asked: "Controllare", By: now.Add(24 * time.Hour), Tell: "Serve un tecnico", Candidates: []string{"agent2", "agent3"},
		}, agent, id, now)
	}
	accept := func(t *escalation.Ticket) (escalation.Change, error) { return t.Accept("", specialist, id, now) }
	take := func(t *escalation.Ticket) (escalation.Change, error) { return t.Take("", agent, id, now) }
	solve := func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Solve(escalation.SolveCommand{Message: said, Article: escalation.NoArticle, Reason: "caso raro"}, lead, id, now)
	}
	if c.Ticket.Doubt != "" {
		if n%80 == 7 {
			then(func(t *escalation.Ticket) (escalation.Change, error) { return t.SetAside(lead, id, now) })
		}
		return c, err
	}
	if !open {
		then(take)
		then(solve)
		then(func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Confirm(escalation.Message{}, me, id, now)
		})
		return c, err
	}
	switch n % 10 {
	case 0, 1, 2: // new
	case 3:
		then(take)
	case 4:
		then(take)
		then(func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Ask(escalation.AskCommand{Message: said, Questions: []escalation.Question{{Key: "model", Text: "Quale modello?", Why: "Per capire."}}, Until: now.Add(72 * time.Hour)}, agent, id, now)
		})
	case 5:
		then(take)
		then(func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Wait(escalation.WaitCommand{Message: said, Party: "il corriere", Until: now.Add(72 * time.Hour)}, agent, id, now)
		})
	case 6:
		then(take)
		then(solve)
	case 7:
		then(offer)
	default:
		then(offer)
		if n%100 != 8 {
			then(accept)
			then(func(t *escalation.Ticket) (escalation.Change, error) { return t.Release(specialist, id, now) })
			break
		}
		for err == nil { // refused until the lead has to decide
			then(func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Refuse("", escalation.RefuseCommand{Reason: "wrong_team", Text: "non noi"}, specialist, id, now)
			})
			if c.Ticket.Frozen {
				break
			}
			then(offer)
		}
	}
	return c, err
}

// BenchmarkQueuePage asks for each list of a lead and of an agent, with 100,000
// tickets of which 20,000 are in progress: the page that they see, from a real SQLite.
//
//	go test ./cmd/primalinea -run '^$' -bench 'QueuePage|TicketPage' -benchtime 200x -timeout 30m
func BenchmarkQueuePage(b *testing.B) {
	site := newSite(b)
	site.crowd(100_000, 20_000)
	for _, who := range []string{"lead", "agent1", "agent2"} {
		reader := site.enter(who)
		for _, view := range []string{
			"", "mine", "offered", "free-1", "free-2", "customer", "other", "solved", "frozen", "alarms", "all", "closed", "suspected", "spam",
			"all&by=due", "free-1&by=due", "all&by=priority",
		} {
			b.Run(who+"/"+strings.ReplaceAll(view, "&", ","), func(b *testing.B) { reader.each(b, "/desk?view="+view) })
		}
	}
	for _, filter := range []string{"team=payments", "lang=es&who=~nobody", "due=late&by=-due", "state=~ours&type=payment&lang=en", "state=closed&lang=it", "by=subject", "by=-name&state=open", "priority=2&by=priority"} {
		reader := site.enter("lead")
		b.Run("lead/f/"+strings.ReplaceAll(filter, "&", ","), func(b *testing.B) { reader.each(b, "/desk?f=1&"+filter) })
	}
	_, first := site.enter("lead").get("/desk?view=all")
	more := regexp.MustCompile(`href="(/desk\?view=all&amp;after=[^"]*)"`).FindStringSubmatch(first)
	if more == nil {
		b.Fatal("the list of all tickets has one page")
	}
	reader := site.enter("lead")
	b.Run("lead/all,after", func(b *testing.B) { reader.each(b, strings.ReplaceAll(more[1], "&amp;", "&")) })
}

// BenchmarkTicketPage asks for tickets of more and more entries, and for one in which
// others go on.
func BenchmarkTicketPage(b *testing.B) {
	site := newSite(b)
	for _, entries := range []int{20, 200, 2000} {
		number := site.long(entries)
		agent := site.enter("agent1")
		b.Run(fmt.Sprint(entries), func(b *testing.B) { agent.each(b, "/desk/tickets/"+number) })
	}
	me, err := site.db.Person(b.Context(), "agent1")
	if err != nil {
		b.Fatal(err)
	}
	into := site.long(20)
	for range 8 {
		_, err := site.db.Relate(b.Context(), []string{site.long(200), into}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Merge(&list[1], me, escalation.NewID, time.Now())
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	agent := site.enter("agent1")
	b.Run("20+8x200", func(b *testing.B) { agent.each(b, "/desk/tickets/"+into) })
}
