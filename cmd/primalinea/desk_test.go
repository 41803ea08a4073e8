package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// enter returns a browser in which somebody is signed in, by the row of a
// session alone: hashing passwords is slow on purpose.
func (s *testSite) enter(id string) *browser {
	s.t.Helper()
	b := &browser{s, map[string]string{}}
	if id == "" {
		return b
	}
	p, err := s.db.Person(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	session, cookie := staff.NewSession(p, "test", time.Now())
	if err := s.db.SaveSession(s.t.Context(), session, "{}", time.Now().Add(time.Hour)); err != nil {
		s.t.Fatal(err)
	}
	b.cookies["pl"] = cookie
	return b
}

// post sends a form.
func (b *browser) post(path string, fields url.Values) (*http.Response, string) {
	b.site.t.Helper()
	r, err := http.NewRequest("POST", path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.site.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, body := b.do(r)
	return resp, string(body)
}

func (b *browser) get(path string) (*http.Response, string) {
	b.site.t.Helper()
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		b.site.t.Fatal(err)
	}
	resp, body := b.do(r)
	return resp, string(body)
}

// asking is what a visitor does who opens a ticket.
func asking() (escalation.Change, error) {
	return escalation.NewTicket(escalation.OpenCommand{
		Number: escalation.NewNumber(), Subject: "Il telefono si spegne", Text: "Al 40 %", Name: "Giulia", Email: "giulia@example.it", Lang: "it",
		Trail: &escalation.Trail{Moments: []escalation.Moment{
			{At: time.Now(), Kind: "search", Query: "batteria", Hits: 2},
			{At: time.Now(), Kind: "open", Article: "device/battery-drains", Title: "La batteria dura poco", Lang: "it", Seconds: 42},
			{At: time.Now(), Kind: "declined", Article: "device/battery-drains", Title: "La batteria dura poco", Lang: "it"},
			{At: time.Now(), Kind: "vote_no", Article: "device/battery-drains", Title: "La batteria dura poco", Lang: "it", Reason: "not_solved"},
			{At: time.Now(), Kind: "vote_no", Article: "device/battery-drains", Title: "La batteria dura poco", Lang: "it", Reason: "too long"},
		}},
	}, escalation.RequesterOf{}, escalation.NewID, time.Now())
}

// open opens a ticket as a visitor does.
func (s *testSite) open() escalation.Ticket {
	s.t.Helper()
	t, _, err := s.db.Open(s.t.Context(), "", asking)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

func (s *testSite) ticket(number string) escalation.Ticket {
	s.t.Helper()
	t, err := s.db.Ticket(s.t.Context(), number)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// pending returns the id of what is offered.
func (s *testSite) pending(number string) string {
	s.t.Helper()
	t := s.ticket(number)
	if t.Pending() == nil {
		s.t.Fatalf("nothing of %s is offered", number)
	}
	return t.Pending().ID
}

// handoff is a complete form.
func handoff(to string) url.Values {
	return url.Values{
		"handoff-to": {to}, "handoff-problem": {"La batteria cala"}, "handoff-untried": {"serve uno strumento"},
		"handoff-asked": {"Diagnosi"}, "handoff-by": {time.Now().AddDate(0, 0, 3).Format("2006-01-02T15:04")},
		"handoff-tell_customer": {"Un tecnico controlla."},
	}
}

func soon() string { return time.Now().AddDate(0, 0, 3).Format("2006-01-02T15:04") }

// TestDeskRights sends every form of the desk as everybody, to tickets in each
// place that makes a difference. Who may not changes nothing.
func TestDeskRights(t *testing.T) {
	s := newSite(t)
	s.hire("other", staff.Form{Roles: []staff.Role{staff.Agent}, Tier: 3, Teams: []string{"rrr"}})
	everybody := []string{"", "customer", "agent1", "agent2", "agent3", "other", "writer", "lead"}

	// What a form is sent to: a ticket of General, tier 1, that nobody has taken.
	fresh := func() escalation.Ticket { return s.open() }
	taken := func() escalation.Ticket {
		ticket := s.open()
		s.rule(ticket.Number, "agent1", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
			return t.Take("", by, escalation.NewID, time.Now())
		})
		return ticket
	}
	waiting := func() escalation.Ticket {
		ticket := taken()
		s.rule(ticket.Number, "agent1", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
			return t.Wait(escalation.WaitCommand{Party: "corriere", Until: time.Now().Add(time.Hour)}, by, escalation.NewID, time.Now())
		})
		return ticket
	}
	offered := func() escalation.Ticket { // by agent1 to Tech, tier 2
		ticket := taken()
		s.offer(ticket.Number, "agent1", "tech", 2)
		return ticket
	}
	frozen := func() escalation.Ticket {
		ticket := taken()
		for range escalation.MaxBounces {
			s.offer(ticket.Number, "agent1", "tech", 2)
			s.rule(ticket.Number, "agent2", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
				return t.Refuse("", escalation.RefuseCommand{Reason: "not_needed"}, by, escalation.NewID, time.Now())
			})
		}
		return ticket
	}
	asked := func() escalation.Ticket { // by agent1 of Tech, tier 2
		ticket := taken()
		s.rule(ticket.Number, "agent1", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
			return t.Consult(escalation.ConsultCommand{
				Desk: escalation.ShippedDesk(), Team: "tech", Tier: 2, Question: "Guasto noto?", By: time.Now().Add(time.Hour), Candidates: []string{"agent2"},
			}, by, escalation.NewID, time.Now())
		})
		return ticket
	}
	tasked := func() escalation.Ticket { // by agent1 to Tech, tier 2
		by, err := s.db.Person(t.Context(), "agent1")
		if err != nil {
			t.Fatal(err)
		}
		left, err := s.db.Relate(t.Context(), []string{taken().Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].AddTask(escalation.TaskCommand{
				Desk: escalation.ShippedDesk(), Number: escalation.NewNumber(), Team: "tech", Tier: 2, Subject: "Guasto noto?", Text: "Cercare.", Candidates: []string{"agent2"},
			}, by, escalation.NewID, time.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		return left[1]
	}
	alarmed := func() escalation.Ticket {
		ticket := taken()
		s.rule(ticket.Number, "agent1", func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
			return t.Call("manager", by, escalation.NewID, time.Now())
		})
		return ticket
	}
	for _, test := range []struct {
		path   string
		ticket func() escalation.Ticket
		form   url.Values
		who    string // may do so
	}{
		{"take", fresh, url.Values{}, "agent1 lead"},
		{"release", taken, url.Values{}, "agent1 lead"},
		{"resume", waiting, url.Values{}, "agent1 lead"},
		{"reply", fresh, url.Values{"reply-text": {"Ecco"}}, "agent1 lead"},
		{"note", fresh, url.Values{"note-text": {"Ecco"}}, "agent1 lead"},
		{"ask", fresh, url.Values{"ask-question-1-key": {"model"}, "ask-question-1-text": {"Quale?"}, "ask-question-1-why": {"Serve"}, "ask-until": {soon()}}, "agent1 lead"},
		{"wait", fresh, url.Values{"wait-party": {"corriere"}, "wait-until": {soon()}}, "agent1 lead"},
		{"solve", fresh, url.Values{"solve-text": {"Ecco"}, "solve-article": {"made"}}, "agent1 lead"},
		{"facts", fresh, url.Values{"fact-key": {"model"}, "fact-value": {"Aurora"}}, "agent1 lead"},
		{"steps", fresh, url.Values{"step-what": {"Riavvio"}, "step-result": {"nulla"}}, "agent1 lead"},
		{"handoffs", fresh, handoff("tech/2"), "agent1 lead"},
		{"handoffs/ID/accept", offered, url.Values{}, "agent2 agent3 lead"},
		{"handoffs/ID/refuse", offered, url.Values{"refuse-reason": {"no_capacity"}}, "agent2 agent3 lead"},
		{"handoffs/ID/withdraw", offered, url.Values{}, "agent1 lead"},
		{"consults", fresh, url.Values{"consult-to": {"tech/2"}, "consult-question": {"Guasto noto?"}, "consult-by": {soon()}}, "agent1 lead"},
		{"consults/ID/answer", asked, url.Values{"advise-text": {"Ecco"}}, "agent2 agent3 lead"},
		{"consults/ID/withdraw", asked, url.Values{}, "agent1 lead"},
		{"tasks", fresh, url.Values{"task-to": {"tech/2"}, "task-subject": {"Guasto"}, "task-text": {"Cercare."}}, "agent1 lead"},
		{"done", tasked, url.Values{"done-text": {"Trovato."}, "done-result": {"done"}}, "agent2 agent3 lead"},
		{"drop", tasked, url.Values{}, "agent1 lead"},
		{"alarms", fresh, url.Values{"call-cause": {"manager"}}, "agent1 lead"},
		{"alarms/ID/acknowledge", alarmed, url.Values{"acknowledge-decision": {"Chiamo io."}}, "lead"},
		{"decide", frozen, url.Values{"decide-to": {"tech/2"}, "decide-reason": {"Deciso"}, "decide-tell_customer": {"Va dai tecnici."}}, "lead"},
	} {
		for _, who := range everybody {
			ticket := s.ticket(test.ticket().Number)
			path := test.path
			if h := ticket.Pending(); h != nil {
				path = strings.Replace(path, "ID", h.ID, 1)
			}
			for _, k := range ticket.OpenConsults() {
				path = strings.Replace(path, "ID", k.ID, 1)
			}
			if a := ticket.Alarm(); a != nil {
				path = strings.Replace(path, "ID", a.ID, 1)
			}
			b := s.holder(ticket)
			if who != "customer" {
				b = s.enter(who)
			}
			resp, body := b.post("/desk/tickets/"+ticket.Number+"/"+path, test.form)
			after := s.ticket(ticket.Number)
			if slices.Contains(strings.Fields(test.who), who) {
				if resp.StatusCode != http.StatusSeeOther || after.Version == ticket.Version {
					t.Errorf("%s by %s: status %d, version %d → %d", test.path, who, resp.StatusCode, ticket.Version, after.Version)
				}
				continue
			}
			want := http.StatusForbidden
			if who == "writer" {
				want = http.StatusNotFound // tickets are none of a writer's business
			}
			if resp.StatusCode != want || after.Version != ticket.Version {
				t.Errorf("%s by %q: status %d, want %d; version %d → %d", test.path, who, resp.StatusCode, want, ticket.Version, after.Version)
			}
			if who == "writer" && strings.Contains(body, ticket.Subject) {
				t.Errorf("%s by %s: reads the subject", test.path, who)
			}
		}
	}
	// Reading, and what is of no ticket.
	ticket := s.open()
	if resp, _ := s.holder(ticket).get("/desk/tickets/" + ticket.Number); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a customer at the desk: status %d", resp.StatusCode)
	}
	for path, want := range map[string]map[string]int{
		"/desk":                          {"": 303, "writer": 403, "agent1": 200, "other": 200, "lead": 200},
		"/desk/new":                      {"": 303, "writer": 403, "agent1": 200, "lead": 200},
		"/desk/tickets/" + ticket.Number: {"": 303, "writer": 404, "agent1": 200, "other": 200, "lead": 200},
		"/desk/tickets?q=" + "ABCDEFGH":  {"": 303, "writer": 403, "agent1": 200},
		"/desk/articles?q=x&number=" + ticket.Number: {"": 303, "writer": 403, "agent1": 200},
		"/lead/people":      {"": 303, "writer": 403, "agent3": 403, "lead": 200},
		"/lead/people/lead": {"": 303, "writer": 403, "agent3": 403, "lead": 200},
	} {
		for who, status := range want {
			if resp, _ := s.enter(who).get(path); resp.StatusCode != status {
				t.Errorf("%s by %q: status %d, want %d", path, who, resp.StatusCode, status)
			}
		}
	}
}

// rule applies a rule as somebody of the staff, without a page.
func (s *testSite) rule(number, who string, do func(*escalation.Ticket, escalation.Actor) (escalation.Change, error)) {
	s.t.Helper()
	p, err := s.db.Person(s.t.Context(), who)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.db.Change(s.t.Context(), number, func(t escalation.Ticket) (escalation.Change, error) { return do(&t, p) }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) offer(number, who, team string, tier int) {
	s.t.Helper()
	s.rule(number, who, func(t *escalation.Ticket, by escalation.Actor) (escalation.Change, error) {
		return t.Offer(escalation.OfferCommand{
			Desk: escalation.ShippedDesk(),
			Team: team, Tier: tier, Problem: "Cala", Untried: "nulla", Asked: "Diagnosi", By: time.Now().Add(time.Hour), Tell: "Un tecnico.",
			Candidates: []string{"agent2", "agent3"},
		}, by, escalation.NewID, time.Now())
	})
}

// TestDeskAtOnce lets agents be as fast as each other: one takes, the others are
// told; who answers after somebody else sees that answer first, keeps what was
// typed, and may then send it.
func TestDeskAtOnce(t *testing.T) {
	s := newSite(t)
	s.hire("second", staff.Form{Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}})
	one, two := s.enter("agent1"), s.enter("second")
	ticket := s.open()
	path := "/desk/tickets/" + ticket.Number

	var wg sync.WaitGroup
	var statuses [2]int
	for i, b := range []*browser{one, two} {
		wg.Go(func() {
			resp, _ := b.post(path+"/take", url.Values{"take-instead": {""}})
			statuses[i] = resp.StatusCode
		})
	}
	wg.Wait()
	slices.Sort(statuses[:])
	if statuses != [2]int{303, 409} {
		t.Errorf("two take at once: %v", statuses)
	}

	seen := fmt.Sprint(s.ticket(ticket.Number).Version)
	if resp, _ := one.post(path+"/reply", url.Values{"seen": {seen}, "key": {"a"}, "reply-text": {"La prima risposta"}}); resp.StatusCode != 303 {
		t.Fatalf("first reply: %d", resp.StatusCode)
	}
	form := url.Values{"seen": {seen}, "key": {"b"}, "reply-text": {"La seconda risposta"}}
	resp, body := two.post(path+"/reply", form)
	if resp.StatusCode != http.StatusConflict {
		t.Errorf("reply over a newer one: %d", resp.StatusCode)
	}
	_, answer, _ := strings.Cut(body, `id="answer"`)
	newer, typed := strings.Index(answer, "La prima risposta"), strings.Index(answer, "La seconda risposta")
	if newer < 0 || typed < newer {
		t.Errorf("the newer answer is at %d, what was typed at %d", newer, typed)
	}
	now := fmt.Sprint(s.ticket(ticket.Number).Version)
	if !strings.Contains(body, `name="seen" value="`+now+`"`) {
		t.Errorf("the form does not know that version %s was shown", now)
	}
	form.Set("seen", now)
	if resp, _ := two.post(path+"/reply", form); resp.StatusCode != 303 {
		t.Errorf("the same once more: %d", resp.StatusCode)
	}
	if resp, _ := two.post(path+"/reply", form); resp.StatusCode != 303 { // a double click
		t.Errorf("and twice: %d", resp.StatusCode)
	}
	n := 0
	for _, e := range s.ticket(ticket.Number).Entries {
		if e.Text == "La seconda risposta" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d entries of one form", n)
	}

	// A handoff in the meantime leaves no place for a solution: its text is given back.
	s.offer(ticket.Number, "agent1", "tech", 2)
	resp, body = two.post(path+"/solve", url.Values{"solve-text": {"Tutto a posto"}, "solve-article": {"made"}})
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "Tutto a posto") {
		t.Errorf("solve while offered: %d, text kept: %v", resp.StatusCode, strings.Contains(body, "Tutto a posto"))
	}
}

// TestOnlyCandidate hands a ticket to a place where only the sender could accept it:
// it is accepted at once, and the page says so.
func TestOnlyCandidate(t *testing.T) {
	s := newSite(t)
	s.hire("alone", staff.Form{Roles: []staff.Role{staff.Agent}, Tier: 2, Teams: []string{"general", "payments"}})
	ticket := s.open()
	b := s.enter("alone")
	resp, body := b.post("/desk/tickets/"+ticket.Number+"/handoffs", handoff("payments/2"))
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("hand off: %d\n%s", resp.StatusCode, short([]byte(body)))
	}
	if _, body = b.get(resp.Header.Get("Location")); !strings.Contains(body, "You have accepted it") || strings.Contains(body, "/withdraw") {
		t.Error("the page does not say that it is accepted")
	}
	if got := s.ticket(ticket.Number); got.Team != "payments" || got.Assignee != "alone" {
		t.Errorf("with %s, %s", got.Team, got.Assignee)
	}
}

// TestNotesStayInside walks a ticket up with words that are for staff alone, and
// looks for them where customers look: their lines and their letters.
func TestNotesStayInside(t *testing.T) {
	s := newSite(t)
	ticket := s.open()
	path := "/desk/tickets/" + ticket.Number
	one, two, three := s.enter("agent1"), s.enter("agent2"), s.enter("agent3")
	must := func(b *browser, to string, form url.Values) {
		t.Helper()
		if resp, body := b.post(path+to, form); resp.StatusCode != 303 {
			t.Fatalf("%s: %d\n%s", to, resp.StatusCode, short([]byte(body)))
		}
	}
	const secret = "SEGRETO"
	must(one, "/note", url.Values{"note-text": {secret + " nota"}})
	must(one, "/facts", url.Values{"fact-key": {"model"}, "fact-value": {secret + " dato"}})
	must(one, "/steps", url.Values{"step-what": {secret + " prova"}, "step-result": {secret + " esito"}})
	h := handoff("tech/2")
	for _, name := range []string{"handoff-problem", "handoff-asked", "handoff-untried", "handoff-promised"} {
		h.Set(name, secret+" passaggio")
	}
	must(one, "/handoffs", h)
	must(two, "/handoffs/"+s.pending(ticket.Number)+"/refuse", url.Values{"refuse-reason": {"missing_facts"}, "refuse-missing": {secret}, "refuse-text": {secret}})
	must(one, "/handoffs", h)
	must(two, "/handoffs/"+s.pending(ticket.Number)+"/accept", nil)
	h.Set("handoff-to", "tech/3")
	must(two, "/handoffs", h)
	must(three, "/handoffs/"+s.pending(ticket.Number)+"/accept", nil)
	must(three, "/solve", url.Values{"solve-text": {"Ecco la soluzione"}, "solve-article": {"none"}, "solve-reason": {secret}})

	got := s.ticket(ticket.Number)
	if got.HighestTier != 3 || got.SolvedTier != 3 || got.Owner != "agent1" || got.State != escalation.Solved {
		t.Errorf("highest tier %d, solved at %d, owner %s, state %s", got.HighestTier, got.SolvedTier, got.Owner, got.State)
	}
	letters, err := s.db.LettersOf(t.Context(), ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) < 3 {
		t.Errorf("%d letters", len(letters))
	}
	for what, v := range map[string]any{"lines": got.ForRequester(), "letters": letters} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), secret) {
			t.Errorf("%s hold what is for staff alone: %s", what, text)
		}
	}
	// Each tier sees the trail.
	for _, b := range []*browser{one, two, three} {
		_, body := b.get(path)
		for _, want := range []string{"searched “batteria”: 2 results", "/it/articles/", "La batteria dura poco", "open for 42 seconds", "was offered, but went on:", "because: It did not solve my problem", "because: too long"} {
			if !strings.Contains(body, want) {
				t.Errorf("the trail does not say %q", want)
			}
		}
	}
}

// TestDeskBackButton sends a page's forms again after the way back: with other
// words, or from another part, it is another form, and nothing of it is lost.
func TestDeskBackButton(t *testing.T) {
	s := newSite(t)
	b, ticket := s.enter("agent1"), s.open()
	path, key := "/desk/tickets/"+ticket.Number, strings.Repeat("a", 26)
	for _, form := range []struct{ part, text string }{
		{"reply", "La prima risposta"}, {"reply", "La prima risposta"}, // a double click
		{"note", "La prima risposta"}, {"note", "Una nota"}, {"reply", "La seconda risposta"},
	} {
		resp, body := b.post(path+"/"+form.part, url.Values{"key": {key}, form.part + "-text": {form.text}})
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", form.part, resp.StatusCode, short([]byte(body)))
		}
	}
	var got []string
	for _, e := range s.ticket(ticket.Number).Entries {
		if e.By.Kind == escalation.ByStaff && e.Text != "" {
			got = append(got, string(e.Kind)+": "+e.Text)
		}
	}
	want := []string{"public: La prima risposta", "note: La prima risposta", "note: Una nota", "public: La seconda risposta"}
	if !slices.Equal(got, want) {
		t.Errorf("written %q, want %q", got, want)
	}

	numbers := map[string]string{}
	for _, caller := range []string{"Anna", "Anna", "Bruno"} {
		resp, body := b.post("/desk/new", url.Values{
			"key": {key}, "channel": {"phone"}, "name": {caller}, "phone": {"080 1234567"}, "lang": {"it"}, "subject": {"Non squilla"}, "text": {"Chiede aiuto"},
		})
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("a call from %s: %d\n%s", caller, resp.StatusCode, short([]byte(body)))
		}
		to := resp.Header.Get("Location")
		if numbers[caller] != "" && numbers[caller] != to {
			t.Errorf("a double click made %s and %s", numbers[caller], to)
		}
		numbers[caller] = to
	}
	if numbers["Anna"] == numbers["Bruno"] {
		t.Error("the second caller got the first one's ticket")
	}
}

// TestDeskHostileForms sends what no page of ours sends. Nothing of it is a fault,
// and nothing takes effect.
func TestDeskHostileForms(t *testing.T) {
	s := newSite(t)
	long := strings.Repeat("x", 20_000)
	hostile := []url.Values{
		{},
		{"seen": {"-1"}, "key": {"\x00\n"}, "reply-text": {"\x00"}, "note-text": {"\u202e"}, "solve-text": {" "}},
		{"seen": {"99999999999999999999"}, "reply-text": {long}, "note-text": {long}, "solve-text": {long}, "step-what": {long}, "fact-value": {long}},
		{"handoff-to": {"tech/99"}, "decide-to": {"/"}, "handoff-by": {"tomorrow"}, "ask-until": {"0000-00-00"}, "wait-until": {"9999-12-31T23:59"}},
		{"handoff-to": {"../../x"}, "handoff-tried-0-what": {"x"}, "handoff-tried-900-what": {"x"}, "ask-question-900-text": {"x"}},
		{"solve-article": {"../../etc/passwd", "none"}, "solve-text": {"x"}, "refuse-reason": {"because"}, "fact-key": {"<>"}, "fact-value": {"<script>alert(1)</script>"}},
		{"team": {"general"}, "tier": {"3"}, "state": {"closed"}, "owner": {"x"}, "assignee": {"x"}, "note-file": {"nothing"}, "reply-file": {"../x", "y"}},
	}
	for _, path := range []string{"take", "release", "resume", "reply", "note", "ask", "wait", "solve", "facts", "steps", "handoffs", "handoffs/nothing/accept", "handoffs/nothing/refuse", "handoffs/nothing/withdraw", "decide"} {
		for i, form := range hostile {
			ticket := s.open()
			resp, body := s.enter("lead").post("/desk/tickets/"+ticket.Number+"/"+path, form)
			if resp.StatusCode >= 500 {
				t.Errorf("%s, form %d: %d", path, i, resp.StatusCode)
			}
			if strings.Contains(body, "<script>alert") {
				t.Errorf("%s, form %d: comes back as a script", path, i)
			}
			got := s.ticket(ticket.Number)
			if path != "take" && got.Version != ticket.Version {
				t.Errorf("%s, form %d: version %d → %d: %+v", path, i, ticket.Version, got.Version, got.Entries[len(got.Entries)-1])
			}
			if got.State == escalation.Closed || got.Tier != 1 || got.Team != "general" {
				t.Errorf("%s, form %d: %s, %s, %d", path, i, got.State, got.Team, got.Tier)
			}
		}
	}
}

// TestQueuePages follows the pages of a list to its end: each ticket is on one.
func TestQueuePages(t *testing.T) {
	s := newSite(t)
	const n = 120
	for range n {
		s.open()
	}
	b := s.enter("agent1")
	seen := map[string]bool{}
	for path, pages := "/desk?view=all", 0; path != ""; pages++ {
		_, body := b.get(path)
		for _, line := range strings.Split(body, `<th scope="row"><a href="/desk/tickets/`)[1:] {
			number, _, _ := strings.Cut(line, `"`)
			if seen[number] {
				t.Errorf("%s is on two pages", number)
			}
			seen[number] = true
		}
		_, more, ok := strings.Cut(body, `rel="next" href="`)
		path = ""
		if ok {
			path, _, _ = strings.Cut(more, `"`)
			path = strings.ReplaceAll(path, "&amp;", "&")
		}
		if pages > 5 {
			t.Fatal("no end")
		}
	}
	if len(seen) != n {
		t.Errorf("%d tickets on the pages, want %d", len(seen), n)
	}
	if _, body := b.get("/desk?view=free-1"); !strings.Contains(body, `<span class="count">99&#43;</span>`) {
		t.Error("the tab does not say 99+")
	}
}

// holder returns a customer's browser, in which the link to a ticket was followed.
func (s *testSite) holder(ticket escalation.Ticket) *browser {
	s.t.Helper()
	b := &browser{s, map[string]string{"pl": strings.Repeat("C", 26)}}
	data, err := json.Marshal(web.Session{Tickets: map[string]web.Grant{ticket.Number: {Ticket: ticket.ID, Recipient: ticket.Requester.Email}}})
	if err == nil {
		err = s.db.SaveSession(s.t.Context(), staff.Session{Hash: staff.Hash(b.cookies["pl"]), Created: time.Now(), Seen: time.Now()}, string(data), time.Now().Add(time.Hour))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}
