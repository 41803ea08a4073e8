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
