package main

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

// TestSilenceCard says of a long silence what the rules go by: all letters, not those
// alone that stand beside the request.
func TestSilenceCard(t *testing.T) {
	s := newSite(t)
	ticket := s.solved("it", "Lo schermo trema", "Da ieri.", "anna@example.com", "Ecco.", nil)
	lead, err := s.db.Person(t.Context(), "lead")
	if err != nil {
		t.Fatal(err)
	}
	for range 25 {
		if _, err := s.db.Change(t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Reply(escalation.Message{Text: "E ancora."}, lead, escalation.NewID, time.Now())
		}); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := s.db.LettersOf(t.Context(), ticket.ID)
	if err != nil || len(letters) < 26 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	const undelivered = "what we wrote is not known to be delivered"
	shows := func() bool {
		t.Helper()
		_, body := s.enter("lead").get("/desk/tickets/" + ticket.Number)
		if !strings.Contains(body, "silence-h") {
			t.Fatalf("no card: %s", short([]byte(body)))
		}
		return strings.Contains(body, undelivered)
	}
	if !shows() {
		t.Error("the test is blind")
	}
	for _, l := range letters {
		if err := s.db.ReleaseLetter(t.Context(), l.ID); err == nil {
			err = s.db.LetterSent(t.Context(), l.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if shows() {
		t.Errorf("it says: %s", undelivered)
	}
}

// TestSilenceJoined says of a solved request that another team still works for one that
// was merged into it, to staff and to the lead; and its customer reads of no end.
func TestSilenceJoined(t *testing.T) {
	s := newSite(t)
	ctx, now := t.Context(), time.Now()
	s.own = true // answers would come in
	lead, err := s.db.Person(ctx, "lead")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, subject := range []string{"The second payment", "The bill"} {
		opened, _, err := s.db.Open(ctx, escalation.NewID(), func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{Number: escalation.NewNumber(), Subject: subject, Text: "?", Email: "ada@example.com", Lang: "en", Channel: escalation.Web}, escalation.RequesterOf{}, escalation.NewID, now)
		})
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, opened.Number)
	}
	var task escalation.Ticket
	relate := func(rule func([]escalation.Ticket) ([]escalation.Change, error)) {
		t.Helper()
		left, err := s.db.Relate(ctx, numbers, rule)
		if err != nil {
			t.Fatal(err)
		}
		task = left[len(left)-1]
	}
	relate(func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].AddTask(escalation.TaskCommand{Desk: escalation.ShippedDesk(), Number: escalation.NewNumber(), Team: "tech", Tier: 2, Subject: "Look", Text: "?", Candidates: []string{"agent2"}}, lead, escalation.NewID, now)
	})
	given := task
	relate(func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Merge(&list[1], lead, escalation.NewID, now)
	})
	on, err := s.db.RelateAll(ctx, numbers[1], func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].SolveWith(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Made: true, Tasks: escalation.LeaveTasks}, list[1:], lead, escalation.NewID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	letters, err := s.db.LettersOf(ctx, on[0].ID)
	for _, l := range letters {
		if err == nil {
			err = s.db.ReleaseLetter(ctx, l.ID)
		}
		if err == nil {
			err = s.db.LetterSent(ctx, l.ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	reader := s.holder(on[0])
	open := func(want bool) {
		t.Helper()
		for _, page := range []struct {
			who   *browser
			path  string
			says  string
			while bool // it is open
		}{
			{s.enter("lead"), "/desk/tickets/" + numbers[1], "in a request that was merged into it", true},
			{s.enter("lead"), "/lead/desk/silence", "in a request that was merged into it", true},
			{reader, "/tickets/" + numbers[1], "Unless we hear from you we close it on", false},
		} {
			if _, body := page.who.get(page.path); strings.Contains(body, page.says) != (want == page.while) {
				t.Errorf("%s: %q while it is open: %v, want %v", page.path, page.says, !page.while, page.while)
			}
		}
	}
	open(true)
	if _, err := s.db.Relate(ctx, []string{numbers[0], given.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].DropTask(&list[1], lead, escalation.NewID, now)
	}); err != nil {
		t.Fatal(err)
	}
	open(false)
}
