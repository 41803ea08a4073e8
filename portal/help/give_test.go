package help_test

import (
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
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
