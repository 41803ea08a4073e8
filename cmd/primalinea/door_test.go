package main

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"primalinea/escalation/staff"
)

// bare is a site where nobody works yet, and the path of its set-up link.
func bare(t *testing.T) (*testSite, string) {
	t.Helper()
	s := newEmptySite(t)
	var out strings.Builder
	if err := s.invite(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(out.String(), "/set-up/")
	if !ok {
		t.Fatalf("no link: %s", out.String())
	}
	return s, "/set-up/" + strings.TrimSpace(code)
}

// TestSetUpRace lets fifty be the first lead at once. One is; for the others the
// link is as wrong as any.
func TestSetUpRace(t *testing.T) {
	s, path := bare(t)
	_, wrong := (&browser{s, map[string]string{}}).get("/set-up/WRONG")
	if resp, body := (&browser{s, map[string]string{}}).get(path); resp.StatusCode != 200 || !strings.Contains(body, `name="email"`) {
		t.Fatalf("the link shows %d", resp.StatusCode)
	}
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			b := &browser{s, map[string]string{}}
			resp, _ := b.post(path, url.Values{"name": {"Prima"}, "email": {"prima@example.com"}, "password": {password}, "lang": {"it"}})
			switch resp.StatusCode {
			case http.StatusSeeOther:
				won.Add(1)
				if resp, _ := b.get("/lead/people"); resp.StatusCode != 200 {
					t.Errorf("the first lead's people: %d", resp.StatusCode)
				}
			case http.StatusNotFound:
				lost.Add(1)
			default:
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 49 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
	people, err := s.db.People(t.Context())
	if err != nil || len(people) != 1 || !people[0].Is(staff.Lead) {
		t.Errorf("people: %v, %v", people, err)
	}
	resp, gone := (&browser{s, map[string]string{}}).get(path)
	if resp.StatusCode != http.StatusNotFound || words(gone) != words(wrong) {
		t.Errorf("a used link answers %d %q, a wrong one %q", resp.StatusCode, words(gone), words(wrong))
	}
}

// TestLinkStaysOutOfTheLog asks for a one-time link, and looks for it where many
// may read.
func TestLinkStaysOutOfTheLog(t *testing.T) {
	s, path := bare(t)
	var log strings.Builder
	s.web.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	(&browser{s, map[string]string{}}).get(path)
	(&browser{s, map[string]string{}}).post(path, url.Values{"name": {""}})
	for _, door := range []string{"/join/", "/reset/"} {
		(&browser{s, map[string]string{}}).get(door + "CANARY")
		(&browser{s, map[string]string{}}).post(door+"CANARY", url.Values{"password": {"CANARY"}})
	}
	if _, code, _ := strings.Cut(path, "/set-up/"); !strings.Contains(log.String(), "/set-up/") || !strings.Contains(log.String(), "/reset/") ||
		strings.Contains(log.String(), code) || strings.Contains(log.String(), "CANARY") {
		t.Errorf("the log:\n%s", log.String())
	}
}

// words is the sentence of a page for what did not work.
func words(body string) string {
	_, rest, _ := strings.Cut(body, `<p class="lead">`)
	said, _, _ := strings.Cut(rest, "<")
	return said
}

// TestJoinRace lets an invitation be used by many at once.
func TestJoinRace(t *testing.T) {
	s := newSite(t)
	i, code := staff.NewInvitation("agent1", time.Now())
	if err := s.db.AddInvitation(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	old := s.enter("agent1")
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			resp, _ := (&browser{s, map[string]string{}}).post("/join/"+code, url.Values{"name": {"Agente"}, "password": {"sette topi nel granaio"}, "roles": {"lead"}, "tier": {"3"}})
			if resp.StatusCode == http.StatusSeeOther {
				won.Add(1)
			} else if resp.StatusCode != http.StatusNotFound {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
	p, err := s.db.Person(t.Context(), "agent1")
	if err != nil || p.Name != "Agent1" || p.Is(staff.Lead) || p.Tier != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	// Sessions from before are over: the link is also for who lost a device.
	if resp, _ := old.get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("an old session: %d", resp.StatusCode)
	}
}

// TestLimiter guesses: after ten wrong passwords the right one must wait too,
// whatever is said of whom it is for; a quarter of an hour later it opens. A
// colleague at the same place who came in before is not hindered.
func TestLimiter(t *testing.T) {
	s := newSite(t)
	now := time.Now()
	s.web.Now = func() time.Time { return now }
	try := func(id, pass string) int {
		b := &browser{s, map[string]string{}}
		resp, _ := b.post("/sign-in", url.Values{"email": {id + "@example.com"}, "password": {pass}})
		return resp.StatusCode
	}
	if got := try("agent2", password); got != http.StatusSeeOther {
		t.Fatalf("sign in: %d", got)
	}
	for i := range staff.MaxAttempts {
		if got := try("agent1", "wrong"); got != http.StatusUnprocessableEntity {
			t.Fatalf("wrong password %d: %d", i+1, got)
		}
	}
	for _, id := range []string{"agent1", "nobody"} {
		if got := try(id, password); got != http.StatusTooManyRequests {
			t.Errorf("%s after too many: %d", id, got)
		}
	}
	if got := try("agent2", password); got != http.StatusSeeOther {
		t.Errorf("who was here before: %d", got)
	}
	now = now.Add(staff.AttemptWindow + time.Second)
	if got := try("agent1", password); got != http.StatusSeeOther {
		t.Errorf("a quarter of an hour later: %d", got)
	}
}

// TestSessions checks that a name for a session which somebody else chose is worth
// nothing, that signing out ends it on the server, and that who is disabled or has
// another password is out at once everywhere.
func TestSessions(t *testing.T) {
	s := newSite(t)
	b := &browser{s, map[string]string{"pl": strings.Repeat("A", 26)}}
	if resp, _ := b.post("/sign-in", url.Values{"email": {"agent1@example.com"}, "password": {password}}); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign in: %d", resp.StatusCode)
	}
	cookie := b.cookies["pl"]
	if cookie == strings.Repeat("A", 26) {
		t.Error("the session keeps a chosen name")
	}
	if resp, _ := b.post("/sign-in", url.Values{"email": {"agent1@example.com"}, "password": {password}}); resp.StatusCode != http.StatusSeeOther || b.cookies["pl"] == cookie {
		t.Errorf("signing in again: %d, a new name: %v", resp.StatusCode, b.cookies["pl"] != cookie)
	}
	cookie = b.cookies["pl"]
	b.post("/sign-out", nil)
	if resp, _ := (&browser{s, map[string]string{"pl": cookie}}).get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a session that was ended: %d", resp.StatusCode)
	}

	lead, agent := s.enter("lead"), s.enter("agent2")
	if resp, _ := agent.get("/desk"); resp.StatusCode != 200 {
		t.Fatalf("agent: %d", resp.StatusCode)
	}
	lead.post("/lead/people/agent2/disable", nil)
	if resp, _ := agent.get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("disabled: %d", resp.StatusCode)
	}
	lead.post("/lead/people/agent2/enable", nil)
	if resp, _ := agent.get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("enabled again, with the old session: %d", resp.StatusCode)
	}

	here, there := s.enter("agent3"), s.enter("agent3")
	if resp, _ := here.post("/account/password", url.Values{"current": {password}, "password": {"sette topi nel granaio"}}); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("change the password: %d", resp.StatusCode)
	}
	if resp, _ := here.get("/account"); resp.StatusCode != 200 {
		t.Errorf("here: %d", resp.StatusCode)
	}
	if resp, _ := there.get("/account"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("there: %d", resp.StatusCode)
	}
}

// TestForeignForms sends forms that did not start on our pages.
func TestForeignForms(t *testing.T) {
	s := newSite(t)
	b := s.enter("agent1")
	ticket := s.open()
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
		for _, path := range []string{"/desk/tickets/" + ticket.Number + "/note", "/sign-in", "/sign-out", "/account", "/desk/new"} {
			r, err := http.NewRequest("POST", path, strings.NewReader("note-text=Il+mio+testo&name=X"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			resp, body := b.do(r)
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "Il mio testo") {
				t.Errorf("%s: %d, text kept: %v", path, resp.StatusCode, strings.Contains(string(body), "Il mio testo"))
			}
		}
	}
	if got := s.ticket(ticket.Number); got.Version != ticket.Version {
		t.Error("the ticket has changed")
	}
	// Who was signed out in the meantime keeps the text too.
	resp, body := s.enter("").post("/desk/tickets/"+ticket.Number+"/note", url.Values{"note-text": {"Il mio testo"}})
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "Il mio testo") {
		t.Errorf("signed out: %d", resp.StatusCode)
	}
}
