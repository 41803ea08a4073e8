package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
)

// linkIn returns the path of the link in a letter.
func linkIn(t *testing.T, letter string) string {
	t.Helper()
	m := regexp.MustCompile(`http://[^/\s]+(/[^\s]+)`).FindStringSubmatch(letter)
	if m == nil {
		t.Fatalf("no link in\n%s", letter)
	}
	return m[1]
}

// TestInvitationByLetter invites somebody by letter: the link lies nowhere until it
// is sent, works once, and then says what does.
func TestInvitationByLetter(t *testing.T) {
	site, sent := mailing(t)
	site.staffed()
	lead := site.enter("lead")
	resp, _ := lead.post("/lead/people", url.Values{"name": {"Nuova Persona"}, "email": {"new@example.com"}, "roles": {"writer"}, "lang": {"es"}})
	if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || !strings.HasSuffix(to, "?done=sent") {
		t.Fatalf("add: %d to %q", resp.StatusCode, to)
	}
	if _, body := lead.get(resp.Header.Get("Location")); !strings.Contains(body, "new@example.com") || strings.Contains(body, "/join/") {
		t.Errorf("the page: %s", words(body))
	}
	letter := sent()
	if !strings.Contains(letter, "Lead le ha invitado") || !strings.Contains(letter, "new@example.com") {
		t.Errorf("the letter:\n%s", letter)
	}
	link, guest := linkIn(t, letter), &browser{site, map[string]string{}}
	if resp, body := guest.get(link); resp.StatusCode != 200 || !strings.Contains(body, "new@example.com") {
		t.Fatalf("the link: %d", resp.StatusCode)
	}
	form := url.Values{"name": {"Nuova Persona"}, "password": {"sette topi nel granaio"}, "lang": {"es"}}
	if resp, _ := guest.post(link, form); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/write" {
		t.Errorf("joining: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	if resp, body := guest.post(link, form); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, `href="/sign-in/forgot"`) {
		t.Errorf("joining again: %d", resp.StatusCode)
	}
	// Who asks to see the link sees it, and no letter goes out.
	if resp, body := lead.post("/lead/people/agent2/link", url.Values{"do": {"show"}}); resp.StatusCode != 200 || !strings.Contains(body, "/join/") {
		t.Errorf("a link to be seen: %d", resp.StatusCode)
	}
	if letters, err := site.db.LeaseLetters(t.Context(), 5, time.Minute); err != nil || len(letters) > 0 {
		t.Errorf("letters: %v, %v", letters, err)
	}
	// A late one looks like any that does not work.
	lead.post("/lead/people/agent2/link", nil)
	link = linkIn(t, sent())
	site.web.Now = func() time.Time { return time.Now().Add(staff.InvitationLife + time.Minute) }
	if resp, body := (&browser{site, map[string]string{}}).get(link); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, `href="/sign-in/forgot"`) {
		t.Errorf("a late link: %d", resp.StatusCode)
	}
}

// TestForgottenPassword asks for a new password for known and unknown addresses,
// and uses the link many times at once.
func TestForgottenPassword(t *testing.T) {
	site, sent := mailing(t)
	site.staffed()
	old := site.enter("agent1")
	guest := &browser{site, map[string]string{}}
	answers := map[string]bool{}
	for _, email := range []string{"nobody@example.com", "agent1@example.com", "unknown@example.org"} {
		resp, body := guest.post("/sign-in/forgot", url.Values{"email": {email}})
		answers[fmt.Sprint(resp.StatusCode)+strings.ReplaceAll(body, email, "E")] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers", len(answers))
	}
	if resp, body := guest.post("/sign-in/forgot", url.Values{"email": {"no address"}}); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `value="no address"`) {
		t.Errorf("no address: %d", resp.StatusCode)
	}
	answer := func() {
		t.Helper()
		if _, err := site.db.AnswerResets(t.Context(), site.reset); err != nil {
			t.Fatal(err)
		}
	}
	answer()
	link := linkIn(t, sent())
	if !strings.HasPrefix(link, "/reset/") {
		t.Fatalf("link %q", link)
	}
	for range 2 { // programs that look at links come first
		if resp, body := guest.get(link); resp.StatusCode != 200 || !strings.Contains(body, "agent1@example.com") {
			t.Fatalf("the link: %d", resp.StatusCode)
		}
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			resp, _ := (&browser{site, map[string]string{}}).post(link, url.Values{"password": {"sette topi nel granaio"}})
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
	if letter := sent(); !strings.Contains(letter, "agent1@example.com") || !strings.Contains(letter, "/sign-in/forgot") || strings.Contains(letter, "/reset/") {
		t.Errorf("the letter about the new password:\n%s", letter)
	}
	if resp, _ := old.get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("an old session: %d", resp.StatusCode)
	}

	// Whoever reads somebody's mail does not get round the second step.
	if _, err := site.db.ChangePerson(t.Context(), "agent1", func(p *staff.Person) error {
		p.Factor = &staff.Factor{Secret: staff.NewSecret()}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	guest.post("/sign-in/forgot", url.Values{"email": {"agent1@example.com"}})
	answer()
	thief := &browser{site, map[string]string{}}
	resp, _ := thief.post(linkIn(t, sent()), url.Values{"password": {"otto topi nel granaio"}})
	if resp.Header.Get("Location") != "/sign-in/code" {
		t.Errorf("a new password: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	if resp, _ := thief.get("/desk"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("in without the second step: %d", resp.StatusCode)
	}

	// A lead takes the second step away, and the person is told by whom.
	sent()
	site.enter("lead").post("/lead/people/agent1/factor", nil)
	if letter := sent(); !strings.Contains(letter, "Lead removed the second step") || !strings.Contains(letter, "/account") {
		t.Errorf("the letter about the second step:\n%s", letter)
	}

	// However often an address is asked for, it hears of it now and then; and who asks
	// for many has to wait.
	var last int
	for i := range staff.MaxBlockResets + 1 {
		resp, _ := guest.post("/sign-in/forgot", url.Values{"email": {fmt.Sprintf("agent%d@example.com", 2+i/15)}})
		last = resp.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after %d: %d", staff.MaxBlockResets, last)
	}
	n, err := site.db.AnswerResets(t.Context(), site.reset)
	if err != nil || n > 2*staff.MaxResets {
		t.Errorf("%d are answered, %v", n, err)
	}
}

// TestGuessedCodes guesses codes after the right password: no oftener than
// passwords.
func TestGuessedCodes(t *testing.T) {
	s := newSite(t)
	var codes []string
	if _, err := s.db.ChangePerson(t.Context(), "agent1", func(p *staff.Person) (err error) {
		p.Factor = &staff.Factor{Secret: staff.NewSecret()}
		codes, err = p.NewRecovery()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b := &browser{s, map[string]string{"pl": strings.Repeat("A", 26)}}
	enter := func() {
		t.Helper()
		if resp, _ := b.post("/sign-in", url.Values{"email": {"agent1@example.com"}, "password": {password}}); resp.Header.Get("Location") != "/sign-in/code" {
			t.Fatalf("sign in: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
		}
	}
	enter()
	half := b.cookies["pl"]
	for i := range staff.MaxAttempts {
		if i == 5 {
			enter() // a right password begins nothing anew
		}
		if resp, _ := b.post("/sign-in/code", url.Values{"code": {fmt.Sprintf("%06d", i)}}); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: %d", i, resp.StatusCode)
		}
	}
	if resp, _ := b.post("/sign-in/code", url.Values{"code": {codes[0]}}); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after too many: %d", resp.StatusCode)
	}
	now := time.Now().Add(staff.AttemptWindow + time.Second)
	s.web.Now = func() time.Time { return now }
	if resp, _ := b.post("/sign-in/code", url.Values{"code": {codes[0]}}); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a quarter of an hour after the password: %d", resp.StatusCode)
	}
	enter()
	if resp, _ := b.post("/sign-in/code", url.Values{"code": {codes[0]}}); resp.StatusCode != http.StatusSeeOther || b.cookies["pl"] == half {
		t.Errorf("the right code: %d, a new name: %v", resp.StatusCode, b.cookies["pl"] != half)
	}
	if resp, _ := b.get("/desk"); resp.StatusCode != 200 {
		t.Errorf("inside: %d", resp.StatusCode)
	}
	// Another password meanwhile ends what the old one began.
	enter()
	if _, err := s.db.ChangePerson(t.Context(), "agent1", func(p *staff.Person) error { p.PasswordHash += "x"; return nil }); err != nil {
		t.Fatal(err)
	}
	if resp, _ := b.post("/sign-in/code", url.Values{"code": {codes[1]}}); resp.StatusCode != http.StatusForbidden {
		t.Errorf("with the old password: %d", resp.StatusCode)
	}
}

// TestTicketsLeft lets a crash come between disabling somebody and handing on what
// they left: the job finishes it, and what is reopened later too.
func TestTicketsLeft(t *testing.T) {
	s := newSite(t)
	agent, err := s.db.Person(t.Context(), "agent1")
	if err != nil {
		t.Fatal(err)
	}
	ticket, _, err := s.db.Open(t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "Nero", Text: "Da ieri.", Email: "maria@example.com", Lang: "it",
		}, escalation.RequesterOf{}, escalation.NewID, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Change(t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Take("", agent, escalation.NewID, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ChangePerson(t.Context(), "agent1", func(p *staff.Person) error { p.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.handOn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.db.Ticket(t.Context(), ticket.Number)
	if err != nil || got.Owner != "lead" || got.Assignee != "" || got.Version != 3 {
		t.Errorf("owner %q, assignee %q, version %d, %v", got.Owner, got.Assignee, got.Version, err)
	}
}

// TestStaffCommands disables somebody at the command line, and helps the only lead
// who lost the telephone.
func TestStaffCommands(t *testing.T) {
	dir := place{Data: t.TempDir()}
	var ticket escalation.Ticket
	err := dir.with(func(ctx context.Context, db *store.DB) error {
		site := &testSite{house: &house{db: db}, t: t}
		site.staffed()
		agent, err := db.Person(ctx, "agent1")
		if err != nil {
			return err
		}
		ticket, _, err = db.Open(ctx, "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{
				Number: escalation.NewNumber(), Subject: "Nero", Text: "Da ieri.", Email: "maria@example.com", Lang: "it",
			}, escalation.RequesterOf{}, escalation.NewID, time.Now())
		})
		if err != nil {
			return err
		}
		if _, err = db.Change(ctx, ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Take("", agent, escalation.NewID, time.Now())
		}); err != nil {
			return err
		}
		_, err = db.ChangePerson(ctx, "lead", func(p *staff.Person) error {
			p.Factor = &staff.Factor{Secret: staff.NewSecret()}
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, k := range []interface{ Run(io.Writer) error }{
		staffDisableCmd{place: dir, Email: "agent1@example.com"}, staffDisableCmd{place: dir, Email: "agent1@example.com"},
		staffResetCmd{place: dir, Email: "lead@example.com", Factor: true},
	} {
		if err := k.Run(&out); err != nil {
			t.Fatal(err)
		}
	}
	if got := out.String(); strings.Count(got, "open tickets now with lead@example.com: 1\n") != 1 || strings.Count(got, "/join/") != 1 {
		t.Errorf("it says\n%s", got)
	}
	err = dir.with(func(ctx context.Context, db *store.DB) error {
		lead, err := db.Person(ctx, "lead")
		if err != nil || lead.Factor != nil {
			t.Errorf("the lead's second step: %v", lead.Factor)
		}
		events, err := db.PersonEvents(ctx, "agent1", 9)
		if err != nil || len(events) != 2 || events[0].What != staff.EventDisabled || events[1].What != audit.Added {
			t.Errorf("%+v, %v", events, err)
		}
		got, err := db.Ticket(ctx, ticket.Number)
		if err != nil || got.Owner != "lead" || got.Assignee != "" {
			t.Errorf("owner %q, assignee %q, %v", got.Owner, got.Assignee, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
