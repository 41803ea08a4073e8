package help_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
)

// TestGivenLinks: a request that is somebody else's now is opened by the link in their
// letter alone, is in their list alone, and tells them apart from who had it before. Back
// again, what was said meanwhile stays where it was said.
func TestGivenLinks(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	ada := s.browser()
	a := ada.request("en", "The battery", "The battery of Ada.")
	s.outbox(escalation.ReceiptLetter)
	change := func(rule func(t *escalation.Ticket) (escalation.Change, error)) {
		t.Helper()
		var err error
		if a, err = s.db.Change(t.Context(), a.Number, func(t escalation.Ticket) (escalation.Change, error) { return rule(&t) }); err != nil {
			t.Fatal(err)
		}
	}
	change(func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Note(escalation.Message{Text: "CANARY"}, boss, escalation.NewID, s.clock())
	})
	change(func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Give(escalation.GiveCommand{Email: "eva@example.com", Reason: "CANARY"}, boss, escalation.NewID, s.clock())
	})
	ada.get("/tickets/" + a.Number).want(404)
	ada.get("/en/requests").want(200).never(a.Number)
	if l := s.outbox(escalation.ReceiptLetter); len(l) != 1 || l[0].To != "eva@example.com" || l[0].Args.Subject != "" || l[0].Args.Name != "" {
		t.Errorf("told by %+v", l)
	}

	eva := s.browser()
	k := escalation.LinkToken(s.room.LinkKey, a.ID, "eva@example.com", a.LinkGeneration)
	m := escalation.MailProof(s.room.LinkKey, a.ID, "eva@example.com", a.LinkGeneration)
	eva.get("/tickets/" + a.Number + "?k=" + k + "&m=" + m).want(303)
	eva.get("/tickets/"+a.Number).want(200, "The battery of Ada.", "From here on the request is yours").never("CANARY", "You opened", "ada@example.com")
	eva.get("/en/requests").want(200, a.Number)
	eva.post("/tickets/"+a.Number, eva.get("/tickets/"+a.Number).form().with("text", "I am Eva.", "do", "reply")).want(303)
	if a, _ = s.db.Ticket(t.Context(), a.Number); !a.Requester.Verified {
		t.Error("her link proved nothing")
	}

	change(func(t *escalation.Ticket) (escalation.Change, error) {
		return t.GiveBack(boss, escalation.NewID, s.clock().Add(time.Hour))
	})
	eva.get("/tickets/" + a.Number).want(404)
	ada.get("/tickets/"+a.Number).want(200, "The battery of Ada.").never("I am Eva", "From here on", "CANARY")
	ada.get("/en/requests").want(200, a.Number)
	letters, err := s.db.LettersOf(t.Context(), a.ID)
	if !slices.ContainsFunc(letters, func(l escalation.Delivery) bool { return l.Kind == escalation.GivenLetter && l.To == "eva@example.com" }) {
		t.Errorf("told by %+v, %v", letters, err)
	}
}

// TestSplitLinks: who reads a request reads what was made of it, and where its words are;
// once that is somebody else's, only they do. Notes that go along reach nobody.
func TestSplitLinks(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	ada := s.browser()
	a := ada.request("en", "The battery", "The battery of Ada.")
	ada.post("/tickets/"+a.Number, ada.get("/tickets/"+a.Number).form().with("text", "And my tablet.", "do", "reply")).want(303)
	a, err := s.db.Change(t.Context(), a.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Note(escalation.Message{Text: "CANARY"}, boss, escalation.NewID, s.clock())
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range a.Entries {
		if e.Text == "And my tablet." || e.Text == "CANARY" {
			ids = append(ids, e.ID)
		}
	}
	list, err := s.db.Relate(t.Context(), []string{a.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Split(escalation.SplitCommand{Entries: ids, Number: escalation.NewNumber(), Subject: "The tablet"}, boss, escalation.NewID, s.clock())
	})
	if err != nil {
		t.Fatal(err)
	}
	b := list[1]
	s.browser().get("/tickets/" + b.Number).want(404)
	ada.get("/tickets/"+a.Number).want(200, "The battery of Ada.", `This message stands in your request <a href="/tickets/`+b.Number).never("And my tablet", "CANARY")
	ada.get("/tickets/"+b.Number).want(200, "And my tablet.", `From your request <a href="/tickets/`+a.Number, "request of its own").never("CANARY", "The battery of Ada.")
	ada.get("/en/requests").want(200, a.Number, b.Number)

	if b, err = s.db.Change(t.Context(), b.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Give(escalation.GiveCommand{Email: "eva@example.com", Reason: "hers"}, boss, escalation.NewID, s.clock())
	}); err != nil {
		t.Fatal(err)
	}
	ada.get("/tickets/"+a.Number).want(200).never("And my tablet", `href="/tickets/`+b.Number)
	ada.get("/tickets/" + b.Number).want(404)
}

// stale are tickets of which one is read as it was, whatever became of it since.
type stale struct {
	*store.DB
	was escalation.Ticket
}

func (s stale) TicketByID(ctx context.Context, id string) (escalation.Ticket, error) {
	if id == s.was.ID {
		return s.was, nil
	}
	return s.DB.TicketByID(ctx, id)
}

// TestFollowUpGiven: what the requester of a closed request has to say further reaches
// nobody else, although the request in which it went on is given to them just then.
func TestFollowUpGiven(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	ada := s.browser()
	a := ada.request("en", "The battery", "The battery of Ada.")
	a, err := s.db.Change(t.Context(), a.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Confirm(escalation.Message{}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, s.clock())
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wait(a.Reopens().Sub(s.clock()) + time.Hour)
	ada.get("/tickets/" + a.Number + "?k=" + escalation.LinkToken(s.room.LinkKey, a.ID, a.Requester.Email, a.LinkGeneration)).want(303)
	say := func(text string) *browser {
		t.Helper()
		return ada.post("/tickets/"+a.Number, ada.get("/tickets/"+a.Number).form().with("text", text, "do", "reply"))
	}
	say("It is back.").want(303)
	if a, err = s.db.Ticket(t.Context(), a.Number); err != nil || len(a.Followed) != 1 {
		t.Fatalf("followed by %+v, %v", a.Followed, err)
	}
	on, err := s.db.TicketByID(t.Context(), a.Followed[0].Ticket)
	if err != nil {
		t.Fatal(err)
	}
	s.room.Tickets = stale{s.db, on}
	if _, err := s.db.Change(t.Context(), on.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Give(escalation.GiveCommand{Email: "eva@example.com", Reason: "hers"}, boss, escalation.NewID, s.clock())
	}); err != nil {
		t.Fatal(err)
	}
	say("CANARY of Ada.").want(409, "CANARY of Ada.")
	if on, err = s.db.Ticket(t.Context(), on.Number); err != nil || strings.Contains(on.Entries[len(on.Entries)-1].Text, "CANARY") {
		t.Errorf("Eva reads %+v, %v", on.Entries[len(on.Entries)-1], err)
	}
	s.room.Tickets = s.db
	say("CANARY of Ada.").want(303)
	if a, err = s.db.Ticket(t.Context(), a.Number); err != nil || len(a.Followed) != 2 {
		t.Errorf("followed by %+v, %v", a.Followed, err)
	}
}
