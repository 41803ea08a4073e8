package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store/storetest"
)

// serves lets the site answer through its port until the test ends, or until stop.
func (s *testSite) serves() (stop func() error) {
	s.t.Helper()
	s.serving = true
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.serve(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-over
	})
	s.t.Cleanup(func() {
		if err := stop(); err != nil {
			s.t.Error(err)
		}
	})
	return stop
}

// A stream is what a page hears.
type stream struct {
	t     testing.TB
	mu    sync.Mutex
	heard []string // "news: words"
	id    string   // of the last
	ended bool
	close func()
}

// listen opens a stream; status is not 200 when it is refused.
func (b *browser) listen(path, last string) (s *stream, status int) {
	b.site.t.Helper()
	return b.listenAs("text/event-stream", path, last)
}

// listenAs opens a stream as who takes answers of these types; none: of any.
func (b *browser) listenAs(accept, path, last string) (s *stream, status int) {
	b.site.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.site.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", b.site.web.Base.String()+path, nil)
	if err != nil {
		b.site.t.Fatal(err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	transport := &http.Transport{}
	b.site.t.Cleanup(transport.CloseIdleConnections)
	resp, err := transport.RoundTrip(r)
	if err != nil {
		b.site.t.Fatal(err)
	}
	s = &stream{t: b.site.t, close: cancel}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return s, resp.StatusCode
	}
	if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") || resp.Header.Get("Cache-Control") != "no-store" {
		b.site.t.Errorf("%s: %v", path, resp.Header)
	}
	go func() {
		defer resp.Body.Close()
		name := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			s.mu.Lock()
			switch key {
			case "event":
				name = value
			case "id":
				s.id = value
			case "data", "data:":
				s.heard = append(s.heard, name+": "+value)
			}
			s.mu.Unlock()
		}
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
	}()
	return s, resp.StatusCode
}

// hears waits until something of a kind was heard last.
func (s *stream) hears(kind, want string) {
	s.t.Helper()
	got := ""
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		if got = s.last(kind); got == want {
			return
		}
	}
	s.t.Fatalf("%s is %q, want %q", kind, got, want)
}

func (s *stream) last(kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := "-"
	for _, h := range s.heard {
		if name, text, _ := strings.Cut(h, ": "); name == kind {
			got = text
		}
	}
	return got
}

func (s *stream) ends() {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		ended := s.ended
		s.mu.Unlock()
		if ended {
			return
		}
	}
	s.t.Fatalf("it goes on: %q", s.heard)
}

// note writes one, without a request.
func (s *testSite) note(number, who string) {
	s.t.Helper()
	s.rule(number, who, func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
		return t.Note(escalation.Message{Text: "Ha chiamato."}, by, escalation.NewID, s.clock.Now())
	})
}

// TestLive has two agents and a customer look at a request while others write: each hears
// what they may know, by whatever process it was done, and nothing of what they did.
func TestLive(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s := newSite(t)
		s.serves()
		live(t, s, s)
	})
	t.Run("postgresql, two processes", func(t *testing.T) {
		database := storetest.PostgreSQL(t)
		here, there := newSiteOn(t, database).staffed(), newSiteOn(t, database)
		here.serves()
		there.serves()
		live(t, here, there)
	})
}

// live has agents at one process write what others hear at another one.
func live(t *testing.T, here, there *testSite) {
	ticket := here.open()
	other := here.open()
	page := "/desk/tickets/" + ticket.Number
	path := page + "/live?lang=en&seen=2"
	one, two := here.enter("agent1"), there.enter("agent2")
	mine, _ := one.listen(path, "")
	theirs, _ := two.listen(path, "")
	elsewhere, _ := two.listen("/desk/tickets/"+other.Number+"/live?lang=en&seen=2", "")
	list, _ := two.listen(fmt.Sprintf("/desk/live?view=all&since=%d&lang=en", time.Now().UnixMilli()), "")
	mine.hears("there", "Agent2 is reading this.")
	theirs.hears("there", "Agent1 is reading this.")

	// Somebody begins to write, gives it up, and writes again.
	for _, does := range []string{"write", "read", "write"} {
		if resp, _ := one.post(page+"/presence", url.Values{"does": {does}}); resp.StatusCode != http.StatusNoContent {
			t.Fatalf("presence: %d", resp.StatusCode)
		}
		theirs.hears("there", map[string]string{"write": "Agent1 is writing here.", "read": "Agent1 is reading this."}[does])
	}
	if resp, _ := one.post(page+"/presence", url.Values{"does": {"sing"}}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a presence that is none: %d", resp.StatusCode)
	}

	// What they write, others hear.
	if resp, _ := one.post(page+"/note", url.Values{"note-text": {"Ha chiamato: vuole il rimborso."}}); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("note: %d", resp.StatusCode)
	}
	theirs.hears("news", "1 new entry. Agent1 has written.")
	list.hears("news", "1 request is new here or has changed.")
	if got := mine.last("news"); got != "-" {
		t.Errorf("who wrote is told %q", got)
	}
	if got := elsewhere.last("news"); got != "-" {
		t.Errorf("at another request they are told %q", got)
	}
	if all := fmt.Sprint(theirs.heard, list.heard); strings.Contains(all, "rimborso") {
		t.Errorf("words are told: %s", all)
	}
	here.note(ticket.Number, "agent1")
	theirs.hears("news", "2 new entries. Agent1 has written.")

	// Who comes again is told what they were not told.
	theirs.close()
	again, _ := two.listen(path, theirs.id)
	again.hears("there", "Agent1 is writing here.")
	if got := again.last("news"); got != "-" {
		t.Errorf("told again: %q", got)
	}
	again.close()
	here.note(ticket.Number, "lead")
	again, _ = two.listen(path, theirs.id)
	again.hears("news", "3 new entries. Lead has written.")

	// Without a script the page says it when it is asked for anew.
	if _, body := two.get(page + "?lang=en&seen=2"); !strings.Contains(body, "3 new entries. Lead has written. <a href=\"#e") || !strings.Contains(body, page+"?seen=5") {
		t.Errorf("the page does not say what is new")
	}
	if _, body := one.get(page + "?lang=en&seen=5"); strings.Contains(body, "new entr") {
		t.Errorf("the page says that something is new")
	}

	// They go away.
	if resp, _ := one.post(page+"/presence", url.Values{"does": {"leave"}}); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("they leave: %d", resp.StatusCode)
	}
	mine.ends()
	again.hears("there", "")
}

// TestLiveRights: a stream is refused to whom its page is, and it ends when they may not
// come in any more. Of what is internal the customer hears nothing.
func TestLiveRights(t *testing.T) {
	s := newSite(t)
	if err := s.wait(0); err != nil { // from the beginning on it has a clock that is moved
		t.Fatal(err)
	}
	s.serves()
	ticket := s.open()
	desk, theirs := "/desk/tickets/"+ticket.Number+"/live?lang=en&seen=2", "/tickets/"+ticket.Number+"/live?lang=en&seen=1"
	customer := s.enter("")
	customer.get("/tickets/" + ticket.Number + "?k=" + escalation.LinkToken(s.linkKey, ticket.ID, ticket.Requester.Email, ticket.LinkGeneration))
	for _, test := range []struct {
		who  *browser
		path string
		want int
	}{
		{s.enter(""), desk, http.StatusSeeOther},
		{s.enter(""), "/desk/live", http.StatusSeeOther},
		{s.enter(""), theirs, http.StatusNotFound},
		{s.enter("writer"), desk, http.StatusNotFound},
		{s.enter("writer"), "/desk/live", http.StatusForbidden},
		{s.enter("writer"), theirs, http.StatusNotFound},
		{customer, desk, http.StatusSeeOther},
		{customer, "/tickets/" + s.open().Number + "/live", http.StatusNotFound},
		{s.enter("agent1"), "/desk/tickets/00000000/live", http.StatusNotFound},
		{s.enter("agent1"), desk, http.StatusOK},
		{customer, theirs, http.StatusOK},
	} {
		st, got := test.who.listen(test.path, "")
		st.close()
		if got != test.want {
			t.Errorf("%s: %d, want %d", test.path, got, test.want)
		}
	}
	if resp, _ := s.enter("writer").post("/desk/tickets/"+ticket.Number+"/presence", url.Values{"does": {"write"}}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a writer is present: %d", resp.StatusCode)
	}
	for accept, want := range map[string]int{
		"": http.StatusOK, "*/*": http.StatusOK, "text/*": http.StatusOK, "text/html, */*;q=0.1": http.StatusOK,
		"text/html": http.StatusNotAcceptable, "text/event-stream;q=0": http.StatusNotAcceptable, "*/*;q=0": http.StatusNotAcceptable,
	} {
		st, got := s.enter("agent1").listenAs(accept, desk, "")
		st.close()
		if got != want {
			t.Errorf("who takes %q gets %d, want %d", accept, got, want)
		}
	}

	visitor, _ := customer.listen(theirs, "")
	s.note(ticket.Number, "agent1")
	agent := s.enter("agent1")
	if resp, _ := agent.post("/desk/tickets/"+ticket.Number+"/presence", url.Values{"does": {"write"}}); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("presence: %d", resp.StatusCode)
	}
	other := s.enter("agent3")
	colleague, _ := other.listen(desk, "")
	colleague.hears("news", "1 new entry. Agent1 has written.")
	if resp, _ := agent.post("/desk/tickets/"+ticket.Number+"/reply", url.Values{"reply-text": {"Togliere la batteria."}}); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("reply: %d", resp.StatusCode)
	}
	colleague.hears("news", "3 new entries. Agent1 has written.") // who answers takes it
	if len(visitor.heard) > 0 {
		t.Errorf("before it can no longer be taken back, the customer hears %q", visitor.heard)
	}
	visitor.hears("news", "There is something new for you.")
	if _, body := customer.get("/tickets/" + ticket.Number + "?lang=en&seen=1"); !strings.Contains(body, "There is something new for you.") {
		t.Error("the page of the customer does not say that something is new")
	}

	// A stream ends with its session, with its person's work here, and with its link.
	second, _ := s.enter("agent2").listen(desk, "")
	lead, _ := s.enter("lead").listen("/desk/live", "")
	if resp, _ := other.post("/sign-out", nil); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign out: %d", resp.StatusCode)
	}
	if _, err := s.db.ChangePerson(t.Context(), "agent2", func(p *staff.Person) error { p.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.db.DeleteSession(t.Context(), staff.Hash(customer.cookies["pl"])); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	colleague.ends()
	second.ends()
	visitor.ends()
	lead.mu.Lock()
	defer lead.mu.Unlock()
	if lead.ended {
		t.Error("everybody's stream ends")
	}
}

// TestLiveSeventh: at a customer's request six pages listen. Of a seventh the oldest makes
// room, and is told to come again later; it says nothing wrong, and works by hand.
func TestLiveSeventh(t *testing.T) {
	s := newSite(t)
	s.serves()
	ticket := s.open()
	page := "/tickets/" + ticket.Number
	customer := s.enter("")
	customer.get(page + "?k=" + escalation.LinkToken(s.linkKey, ticket.ID, ticket.Requester.Email, ticket.LinkGeneration))
	var streams []*stream
	for range 7 {
		st, status := customer.listen(page+"/live?lang=en&seen=1", "")
		if status != http.StatusOK {
			t.Fatal(status)
		}
		streams = append(streams, st)
	}
	streams[0].ends()
	if got := fmt.Sprint(streams[0].heard); got != "[full: ]" {
		t.Errorf("the oldest hears %s", got)
	}
	if _, body := customer.get(page + "?lang=en&seen=1"); !strings.Contains(body, `seen=1">Refresh (as of `) || strings.Contains(body, "something new") {
		t.Error("the page says something wrong, or cannot be loaded anew")
	}
	s.rule(ticket.Number, "agent1", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
		return t.Reply(escalation.Message{Text: "Togliere la batteria."}, by, escalation.NewID, s.clock.Now().Add(-escalation.UndoTime))
	})
	for _, st := range streams[1:] {
		st.hears("news", "There is something new for you.")
	}
	if got := fmt.Sprint(streams[0].heard); got != "[full: ]" {
		t.Errorf("the oldest hears %s", got)
	}
	if _, body := customer.get(page + "?lang=en&seen=1"); !strings.Contains(body, "There is something new for you.") || !strings.Contains(body, "Togliere la batteria.") {
		t.Error("loaded anew, the page does not show what is new")
	}
}

// TestLiveShutdown: open streams do not keep the program, and who does not read what they
// are told keeps nobody.
func TestLiveShutdown(t *testing.T) {
	s := newSite(t)
	stop := s.serves()
	ticket := s.open()
	path := "/desk/tickets/" + ticket.Number + "/live?lang=en&seen=2"
	var streams []*stream
	for _, who := range []string{"agent1", "agent2", "lead"} {
		st, status := s.enter(who).listen(path, "")
		if status != http.StatusOK {
			t.Fatal(status)
		}
		streams = append(streams, st)
	}
	// One asks, and never reads.
	deaf, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	fmt.Fprintf(deaf, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nCookie: pl=%s\r\n\r\n", path, s.web.Base.Host, s.enter("agent3").cookies["pl"])
	streams[0].hears("there", "Agent2, Agent3, Lead are reading this.")
	if _, body := s.enter("").get("/metrics"); !strings.Contains(body, "primalinea_streams_staff 4\n") || !strings.Contains(body, "primalinea_streams_customers 0\n") {
		t.Errorf("no figures of streams in the metrics:\n%s", body)
	}
	for i := range 20 {
		s.note(ticket.Number, "agent1")
		if i%5 == 0 {
			time.Sleep(time.Second)
		}
	}
	streams[1].hears("news", "20 new entries. Agent1 has written.")
	began := time.Now()
	if err := stop(); err != nil {
		t.Errorf("it does not end well: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it ends after %v", took)
	}
	for _, st := range streams {
		st.ends()
	}
}

// BenchmarkLive tells what a stream costs: the memory of one, what a second costs that
// nothing happens in, and what it costs that all of them are told of a change. A third
// of them are at the ticket that changes, and the others at lists.
func BenchmarkLive(b *testing.B) {
	for _, n := range []int{30, 300} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSite(b)
			s.serves()
			ticket := s.open()
			memory := func() float64 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				return float64(m.HeapInuse + m.StackInuse)
			}
			before := memory()
			var streams []*stream
			for i := range n {
				who := fmt.Sprint("p", i/3)
				path := fmt.Sprintf("/desk/live?view=all&since=%d&lang=en", time.Now().UnixMilli())
				if i%3 == 0 {
					s.hire(who, staff.Form{Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}})
					path = "/desk/tickets/" + ticket.Number + "/live?lang=en&seen=2"
				}
				st, status := s.enter(who).listen(path, "")
				if status != http.StatusOK {
					b.Fatal(status)
				}
				streams = append(streams, st)
			}
			time.Sleep(6 * time.Second) // all lists have said what there was
			held := (memory() - before) / float64(n)
			idle := cpu(b)
			time.Sleep(12 * time.Second)
			idle = cpu(b) - idle
			told := 0
			spent := time.Duration(0)
			for b.Loop() {
				told++
				began := cpu(b)
				s.note(ticket.Number, "lead")
				want := fmt.Sprintf("%d new entries. Lead has written.", told)
				if told == 1 {
					want = "1 new entry. Lead has written."
				}
				for i, st := range streams {
					if i%3 == 0 {
						st.hears("news", want)
					} else if told == 1 {
						st.hears("news", "1 request is new here or has changed.")
					}
				}
				time.Sleep(6 * time.Second)
				spent += cpu(b) - began
			}
			b.ReportMetric(held, "B/stream")
			b.ReportMetric(float64(idle.Microseconds())/12, "idle-cpu-us/s")
			b.ReportMetric(float64(spent.Microseconds())/float64(told)/float64(n), "event-cpu-us/stream")
		})
	}
}
