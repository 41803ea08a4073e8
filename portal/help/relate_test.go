package help_test

import (
	"testing"

	"primalinea/escalation"
)

// TestMergedLinks: the links of a merged request lead to the one that goes on only for
// who reads mail at the address of both. Whoever typed that address into a form, and got a
// link at once, reads no more than before.
func TestMergedLinks(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	ada, stranger := s.browser(), s.browser()
	a := ada.request("en", "My first words", "The battery of Ada.")
	b := stranger.request("en", "My second words", "Somebody wrote this.")
	s.outbox(escalation.ReceiptLetter)
	relate := func(rule func(list []escalation.Ticket) ([]escalation.Change, error)) {
		t.Helper()
		list, err := s.db.Relate(t.Context(), []string{a.Number, b.Number}, rule)
		if err != nil {
			t.Fatal(err)
		}
		a, b = list[0], list[1]
	}
	old := ada.get("/tickets/" + a.Number).want(200).form()
	relate(func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Merge(&list[1], boss, escalation.NewID, s.clock())
	})
	ada.post("/tickets/"+a.Number, old.with("text", "What I typed.", "do", "reply")).want(409, "What I typed.", "copy it").never(b.Number)
	if l := s.outbox(escalation.MergedLetter); len(l) != 1 || l[0].To != "ada@example.com" || l[0].Ticket != b.ID || l[0].Args.Other != a.Number || l[0].Args.Subject != "" {
		t.Errorf("told by %+v", l)
	}

	ada.get("/tickets/"+a.Number).want(200, "goes on in another one", "The battery of Ada.").never("Somebody wrote", b.Number, "<textarea")
	ada.get("/tickets/" + b.Number).want(404)
	stranger.get("/tickets/"+b.Number).want(200, "Somebody wrote").never("battery", a.Number)
	stranger.get("/tickets/" + a.Number + "?there=1").want(404)
	ada.get("/en/requests").want(200, a.Number, "goes on in another one")

	k := escalation.LinkToken(s.room.LinkKey, a.ID, "ada@example.com", 0)
	m := escalation.MailProof(s.room.LinkKey, a.ID, "ada@example.com", 0)
	linked := s.browser()
	linked.get("/tickets/" + a.Number + "?k=" + k).want(303)
	linked.get("/tickets/" + a.Number).want(200).never(b.Number)
	linked.get("/tickets/" + a.Number + "?k=" + k + "&m=" + m).want(303)
	linked.get("/tickets/" + a.Number).want(303)
	if linked.at != "/tickets/"+b.Number {
		t.Errorf("it leads to %q", linked.at)
	}
	linked.get(linked.at).want(200, "Somebody wrote", "We answer your request "+a.Number+" here too")
	linked.get("/tickets/"+a.Number+"?there=1").want(200, "The battery of Ada.", "Open request "+b.Number).never("<textarea")
	linked.get("/en/requests").want(200, b.Number)

	// The language that was chosen stays chosen on the way there and back.
	linked.get("/tickets/" + a.Number + "?lang=es").want(303)
	if linked.at != "/tickets/"+b.Number+"?lang=es" {
		t.Errorf("in Spanish it leads to %q", linked.at)
	}
	linked.get(linked.at).want(200, `href="/tickets/`+a.Number+`?there=1&lang=es"`)
	linked.get("/tickets/"+a.Number+"?there=1&lang=es").want(200, `href="/tickets/`+b.Number+`?lang=es"`)

	// Back: each is on its own.
	relate(func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Unmerge(&list[1], boss, escalation.NewID, s.clock())
	})
	linked.get("/tickets/"+a.Number).want(200, "The battery of Ada.", "<textarea").never("goes on in another one")

	// What goes on is somebody else's by now: then it leads nowhere.
	s.change(b.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Verify("ada@example.com", escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, s.clock())
	})
	relate(func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Merge(&list[1], boss, escalation.NewID, s.clock())
	})
	s.change(b.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.ProposeAddress("eva@example.com", "nonce", boss, escalation.NewID, s.clock())
	})
	s.change(b.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.ConfirmAddress(escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, s.clock())
	})
	linked.get("/tickets/"+a.Number).want(200, "goes on in another one").never(b.Number)
}
