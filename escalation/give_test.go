package escalation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
)

var toEva = GiveCommand{Name: "Eva", Email: "eva@example.com", Reason: "The wrong name."}

// TestGive makes a ticket somebody else's: their link alone opens it, they read what was
// said, and it is told apart who said what. Then it is given back, and is as it was.
func TestGive(t *testing.T) {
	a := opened(t)
	maria := RequesterOf{Ticket: a.ID, Name: a.Requester.Name}
	a.did(a.Verify(a.Requester.Email, maria, a.ids, a.now))
	a.did(a.Note(Message{Text: canary}, anna, a.ids, a.now))
	was, read := a.Ticket, a.ForRequester()
	key := []byte("key")
	old, proof := LinkToken(key, a.ID, a.Requester.Email, a.LinkGeneration), MailProof(key, a.ID, a.Requester.Email, a.LinkGeneration)

	a.letters = nil
	a.did(a.Give(toEva, anna, a.ids, a.now))
	if r := a.Requester; r.Name != "Eva" || r.Email != "eva@example.com" || r.Phone != "" || r.Verified {
		t.Errorf("it is of %+v", r)
	}
	if a.Opens(key, old) || a.Proves(key, proof) || !a.Opens(key, LinkToken(key, a.ID, "eva@example.com", a.LinkGeneration)) {
		t.Error("the link of before opens it, or the new one does not")
	}
	b, _ := json.Marshal(a.letters)
	if len(a.letters) != 2 || a.letters[0].Kind != ReceiptLetter || a.letters[0].To != "eva@example.com" || a.letters[1].Kind != GivenLetter ||
		a.letters[1].To != was.Requester.Email || !a.letters[1].NotBefore.After(a.now) || strings.Contains(string(b), was.Subject) || strings.Contains(string(b), "Eva") {
		t.Errorf("letters %s", b)
	}
	lines := a.ForRequester()
	if n := len(lines); n != len(read)+1 || !lines[0].Other || lines[n-1].Kind != LineGiven {
		t.Errorf("she reads %+v", lines)
	}
	eva := RequesterOf{Ticket: a.ID, Name: "Eva"}
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "It is mine."}}, eva, a.ids, a.now))
	if l := a.ForRequester(); l[len(l)-1].Other || l[len(l)-1].Name != "Eva" {
		t.Errorf("her own line is %+v", l[len(l)-1])
	}

	day := a.Given[0].At.AddDate(0, 0, UndoDays)
	if _, err := a.GiveBack(anna, a.ids, day.Add(time.Minute)); reason(err) != "error.give_long_ago" {
		t.Errorf("too late: %v", err)
	}
	if _, err := a.GiveBack(eva, a.ids, day); KindOf(err) != Forbidden {
		t.Errorf("by a requester: %v", err)
	}
	a.letters = nil
	a.did(a.GiveBack(anna, a.ids, day))
	if a.Requester != was.Requester || a.LinkGeneration != was.LinkGeneration || !a.Opens(key, old) || a.Given != nil {
		t.Errorf("it is of %+v, %+v", a.Requester, a.Given)
	}
	if len(a.letters) != 1 || a.letters[0].Kind != RegainedLetter || a.letters[0].To != was.Requester.Email {
		t.Errorf("letters %+v", a.letters) // Eva proved nothing
	}
	if diff := differ(a.ForRequester(), read); diff != "" {
		t.Errorf("she reads another conversation (-now +before):\n%s", diff)
	}
	if _, err := a.GiveBack(anna, a.ids, day); reason(err) != "error.not_given" {
		t.Errorf("twice: %v", err)
	}
}

// TestGiveAtOnce undoes a mistake before anybody was told.
func TestGiveAtOnce(t *testing.T) {
	a := opened(t)
	a.did(a.Verify(a.Requester.Email, RequesterOf{Ticket: a.ID}, a.ids, a.now))
	a.did(a.Give(toEva, anna, a.ids, a.now))
	a.letters = nil
	a.did(a.GiveBack(anna, a.ids, a.Given[0].At.Add(9*time.Minute)))
	if len(a.letters) != 0 {
		t.Errorf("letters %+v", a.letters)
	}
}

// TestGiveRefused says why a ticket cannot become somebody else's.
func TestGiveRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(a *desk, c *GiveCommand)
		by   Actor
		want string
	}{
		{"to nobody", func(a *desk, c *GiveCommand) { c.Name, c.Email = " ", "" }, anna, "error.requester_missing (name)"},
		{"to no address", func(a *desk, c *GiveCommand) { c.Email = "eva" }, anna, "error.email (email): mail: missing '@' or angle-addr"},
		{"to a number alone", func(a *desk, c *GiveCommand) { c.Name, c.Email, c.Phone = "", "", "+39 055 123456" }, anna, ""},
		{"to who has it", func(a *desk, c *GiveCommand) { c.Email = strings.ToUpper(a.Requester.Email) }, anna, "error.give_same (email)"},
		{"without why", func(a *desk, c *GiveCommand) { c.Reason = "\u200b " }, anna, "error.give_reason (reason)"},
		{"when it is closed", func(a *desk, c *GiveCommand) { a.State = Closed }, anna, "error.give_closed"},
		{"in doubt", func(a *desk, c *GiveCommand) { a.Doubt = Suspected }, anna, "error.give_doubt"},
		{"when it goes on elsewhere", func(a *desk, c *GiveCommand) { a.Into, a.Doubt = &Join{Other: Other{Number: "C"}}, Merged }, anna, "error.merged"},
		{"another team's", func(a *desk, c *GiveCommand) { a.Team, a.Tier = "tech", 3 }, anna, "error.not_allowed"},
		{"by its requester", func(a *desk, c *GiveCommand) {}, RequesterOf{Ticket: "t"}, "error.no_ticket"},
		{"after another word", func(a *desk, c *GiveCommand) {
			c.Seen = a.Version
			a.did(a.Note(Message{Text: "x"}, lead, a.ids, a.now))
		}, anna, "error.written_meanwhile"},
		{"after a colleague did", func(a *desk, c *GiveCommand) {
			c.Seen = a.Version
			a.did(a.Give(GiveCommand{Name: "Ugo", Reason: "x"}, lead, a.ids, a.now))
		}, anna, "error.given_meanwhile"},
	} {
		a, c := opened(t), toEva
		test.set(a, &c)
		if _, err := a.Give(c, test.by, a.ids, a.now); reason(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// TestForget takes out what somebody said whose ticket it was, and nothing else; then it
// cannot be given back.
func TestForget(t *testing.T) {
	a := opened(t)
	q := question()
	a.did(a.Reply(Message{Text: "Dear " + q.Name}, anna, a.ids, a.now))
	a.did(a.AddFact(Fact{Key: "imei", Value: "490154203237518"}, anna, a.ids, a.now))
	a.did(a.Give(GiveCommand{Name: "Eva", Email: "eva@example.com", Reason: q.Name + " is not her."}, anna, a.ids, a.now))
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "It is mine."}}, RequesterOf{Ticket: a.ID, Name: "Eva"}, a.ids, a.now))
	before := a.Ticket
	if _, err := a.Forget(q.Email, anna, a.ids, a.now); KindOf(err) != Forbidden {
		t.Errorf("an agent forgets: %v", err)
	}
	if c, err := a.Forget("eva@example.com", lead, a.ids, a.now); err != nil || len(c.Entries) > 0 {
		t.Errorf("who has it is forgotten: %v", err)
	}
	c, err := a.Forget(strings.ToUpper(q.Email), lead, a.ids, a.now)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(c.Ticket)
	for _, word := range []string{q.Text, q.Subject, q.Name, q.Email, "Dear", "4901542"} {
		if strings.Contains(string(b), word) {
			t.Errorf("%q is left: %s", word, b)
		}
	}
	for _, word := range []string{"Eva", "eva@example.com", "It is mine."} {
		if !strings.Contains(string(b), word) {
			t.Errorf("%q is gone: %s", word, b)
		}
	}
	if after := c.Ticket; after.State != before.State || after.Owner != before.Owner || after.Version != before.Version+1 || after.LinkGeneration != before.LinkGeneration {
		t.Errorf("it is another ticket: %+v", after)
	}
	again, err := Rebuild(c.Ticket.Entries)
	if err != nil || differ(&again, &c.Ticket) != "" {
		t.Errorf("%v: %s", err, differ(&again, &c.Ticket))
	}
	if _, err := c.Ticket.GiveBack(anna, a.ids, a.now); KindOf(err) != Conflict || reason(err) != "error.give_erased" {
		t.Errorf("given back: %v", err)
	}
}
