package escalation_test

import (
	"regexp"
	"testing"

	. "primalinea/escalation"
)

// TestKnows asks for what the ticket has, which is no fact.
func TestKnows(t *testing.T) {
	d := taken(t)
	r := &RequestType{ID: "return", Needs: []Need{{Key: "photos", Kind: PhotosValue}, {Key: "wish", Kind: LineValue}}}
	c := ask(d, "photos")
	c.Type = r
	if _, err := d.Ask(c, anna, d.ids, d.now); err != nil {
		t.Errorf("photos that nobody sent: %v", err)
	}
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Files: []File{{ID: "f", Name: "bill.pdf", Type: "application/pdf"}}}}, d.me(), d.ids, d.now))
	if _, err := d.Ask(c, anna, d.ids, d.now); err != nil {
		t.Errorf("a bill is no photo: %v", err)
	}
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Files: []File{{ID: "g", Name: "left.jpg", Type: "image/jpeg"}}}}, d.me(), d.ids, d.now))
	d.refused(d.Ask(c, anna, d.ids, d.now))(Invalid, "error.fact_known", "question-1-key")
	d.refused(d.Ask(ask(d, "email"), anna, d.ids, d.now))(Invalid, "error.fact_known", "question-1-key")
	c.Questions[0].Again = Outdated
	d.did(d.Ask(c, anna, d.ids, d.now))
	for key, want := range map[string]string{"email": "maria@example.com", "photos": "left.jpg", "wish": "", "phone": ""} {
		if got, known := d.Knows(key, r); got != want || known != (want != "") {
			t.Errorf("%s: %q, %v", key, got, known)
		}
	}
}

// TestFirstWord follows what was handed over until its new assignee wrote to the
// customer.
func TestFirstWord(t *testing.T) {
	d := taken(t)
	d.did(d.Reply(Message{Text: "I hand you over."}, anna, d.ids, d.now))
	d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
	if d.FirstWord("bruno") {
		t.Error("before he accepted")
	}
	d.did(d.Accept("", bruno, d.ids, d.now))
	d.did(d.Note(Message{Text: "I see."}, bruno, d.ids, d.now))
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "And?"}}, d.me(), d.ids, d.now))
	if !d.FirstWord("bruno") || d.FirstWord("anna") {
		t.Error("he has not written yet, and she handed it over")
	}
	d.did(d.Reply(Message{Text: "It is the cable."}, bruno, d.ids, d.now))
	if d.FirstWord("bruno") {
		t.Error("he wrote")
	}
}

// TestRouteDown lets no rule take a ticket down: it has no instruction.
func TestRouteDown(t *testing.T) {
	d := taken(t)
	d.did(d.SetType(TypeCommand{Desk: ShippedDesk(), Type: "payment"}, anna, d.ids, d.now))
	d.moveTo("tech", 3, carla)
	r := ShippedDesk().Type("payment")
	cmd := RouteCommand{Desk: ShippedDesk(), Candidates: []string{"dora"}}
	cmd.Type, cmd.Facts = r, map[string]string{}
	for _, n := range r.Needs {
		cmd.Facts[n.Key] = NoSuchFact
	}
	d.refused(d.Route(cmd, carla, d.ids, d.now))(Invalid, "error.route_down", "tier")
	down := d.up("payments", 2)
	down.Type, down.Facts, down.Asked = r, cmd.Facts, ""
	d.refused(d.Offer(down, carla, d.ids, d.now))(Invalid, "error.instruction_missing", "asked")
	down.Asked = "Pay back the second charge."
	d.did(d.Offer(down, carla, d.ids, d.now))
}

func FuzzFactKey(f *testing.F) {
	for _, s := range []string{"IMEI", "Data d'acquisto", "città", "型号", "a\x00b", "- -", "ﬁle"} {
		f.Add(s)
	}
	good := regexp.MustCompile(`^[a-z0-9][a-z0-9_]{0,59}$`)
	f.Fuzz(func(t *testing.T, s string) {
		if key := FactKey(s); key != "" && (!good.MatchString(key) || FactKey(key) != FactKey(FactKey(key))) {
			t.Errorf("%q: %q", s, key)
		}
	})
}
