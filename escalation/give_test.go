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
	if len(a.letters) != 2 || a.letters[0].Kind != ReceiptLetter || !a.letters[0].Args.Given || a.letters[0].To != "eva@example.com" || a.letters[1].Kind != GivenLetter ||
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

// TestForgetRepeated takes out of a ticket what others repeat there of what somebody said
// who is erased: facts that went along with their words, or were read in them later, what
// staff made sure of, and what somebody else was reminded of when asked.
func TestForgetRepeated(t *testing.T) {
	const imei, colour = "490154203237518", "midnight blue"
	a, b := twice(t)
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "Eva's has " + imei}}, RequesterOf{Ticket: a.ID, Name: "Maria"}, a.ids, a.now))
	names(a, "Eva's has", imei)
	b.did(b.Give(toEva, anna, b.ids, b.now))
	list, err := a.Carry(CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "Eva's has")}, Others: true}, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	brought := b.Brought[0].Entries[0]
	b.did(b.AddFact(Fact{Key: "colour", Value: colour, Source: brought}, anna, b.ids, b.now))
	b.did(b.ConfirmFact("imei", imei, anna, b.ids, b.now))
	b.did(b.Ask(AskCommand{Questions: []Question{{Key: "imei", Text: "Which number?", Why: "It changed.", Again: Outdated}}, Until: b.now.AddDate(0, 0, 2)}, anna, b.ids, b.now))
	b.did(b.DisputeFact("colour", colour, "Maria is not sure.", anna, b.ids, b.now))
	b.did(b.AddFact(Fact{Key: "model", Value: "Prima"}, anna, b.ids, b.now))
	forgotten(t, b, a.Requester.Email, imei, colour, "Maria")
	if f, ok := b.Fact("model"); !ok || f.Value != "Prima" || len(b.Facts) != 1 || len(b.Questions) != 1 {
		t.Errorf("left are %+v, %+v", b.Facts, b.Questions)
	}

	// A change of requester: what Eva says herself stays, also when it is the same.
	a = opened(t)
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "It has " + imei}}, RequesterOf{Ticket: a.ID}, a.ids, a.now))
	names(a, "It has", imei)
	a.did(a.Give(toEva, anna, a.ids, a.now))
	a.did(a.AddFact(Fact{Key: "colour", Value: colour, Source: entryWith(t, &a.Ticket, "It has")}, anna, a.ids, a.now))
	a.did(a.ConfirmFact("imei", imei, anna, a.ids, a.now))
	same := a.Ticket
	forgotten(t, a, question().Email, imei, colour)
	a.Ticket = same
	a.did(a.Ask(AskCommand{Questions: []Question{{Key: "imei", Text: "Which number?", Why: "It changed.", Again: Outdated}}, Until: a.now.AddDate(0, 0, 2)}, anna, a.ids, a.now))
	a.did(a.RequesterReply(RequesterMessage{Answers: map[string]string{"imei": imei}}, RequesterOf{Ticket: a.ID, Name: "Eva"}, a.ids, a.now))
	forgotten(t, a, question().Email, colour)
	if f, ok := a.Fact("imei"); !ok || f.Value != imei || f.State != Given { // what was made sure of was the word before
		t.Errorf("what she said is %+v", f)
	}
	for _, e := range a.Entries {
		if e.Event != nil && len(e.Event.Questions) > 0 && e.Event.Questions[0].Was != "" {
			t.Errorf("she was asked again for what somebody else had said: %+v", e.Event.Questions)
		}
	}
}

// forgotten forgets somebody, and looks for words that may not be left.
func forgotten(t *testing.T, a *desk, who string, words ...string) {
	t.Helper()
	c, err := a.Forget(who, lead, a.ids, a.now)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(c.Ticket)
	for _, w := range words {
		if strings.Contains(string(b), w) {
			t.Errorf("%q is left: %s", w, b)
		}
	}
	again, err := Rebuild(c.Ticket.Entries)
	if err != nil || differ(&again, &c.Ticket) != "" {
		t.Errorf("%v: %s", err, differ(&again, &c.Ticket))
	}
	a.Ticket = c.Ticket
}

// TestForgetAnswered takes out what others answered later, when the ticket was somebody
// else's already, to what they were asked about who is erased; what was asked about who
// has it now stays.
func TestForgetAnswered(t *testing.T) {
	a, k := withTask(t)
	asks := func(question string) {
		t.Helper()
		a.did(a.Consult(ConsultCommand{Desk: ShippedDesk(), Team: "tech", Tier: 2, Question: question, By: a.now.Add(time.Hour), Candidates: []string{"bruno"}}, anna, a.ids, a.now))
	}
	asks("What of Maria?")
	a.did(a.Give(toEva, anna, a.ids, a.now))
	list, err := k.AnswerTask(TaskAnswer{Message{Text: "Maria paid twice."}, TaskDone}, []Ticket{a.Ticket}, dora, k.ids, k.now)
	both(t, k, a, list, err)
	a.did(a.Advise(a.OpenConsults()[0].ID, Message{Text: "Maria dropped it."}, bruno, a.ids, a.now))
	asks("And of Eva?")
	a.did(a.Advise(a.OpenConsults()[0].ID, Message{Text: "Eva did not."}, bruno, a.ids, a.now))
	forgotten(t, a, question().Email, "Maria")
	if entryWith(t, &a.Ticket, "Eva did not.") == "" || len(a.OpenTasks()) > 0 || len(a.OpenConsults()) > 0 {
		t.Errorf("left are %+v, %+v", a.Tasks, a.Consults)
	}
}

// TestForgetCaller forgets who left nothing but a number.
func TestForgetCaller(t *testing.T) {
	q := question()
	q.Channel, q.Email, q.Phone = Phone, "", "+39 055 123-456"
	a := &desk{TB: t, now: monday, ids: counter()}
	a.did(NewTicket(q, anna, a.ids, a.now))
	who := a.Requester.Key()
	a.did(a.Give(toEva, anna, a.ids, a.now))
	if len(a.Share(who)) != a.Version-1 {
		t.Errorf("theirs are %d of %d", len(a.Share(who)), a.Version)
	}
	forgotten(t, a, who, q.Text, q.Subject, q.Name, "055")
}

// TestGiveBackAsked gives a ticket back whose second requester was asked something: the
// first one is not, and their clocks, and the time that they asked for, are theirs again.
func TestGiveBackAsked(t *testing.T) {
	q := quietly(t, "America/Bogota")
	q.do(q.Keep(KeepCommand{Until: q.now.AddDate(0, 0, 9).Format(time.DateOnly), Desk: q.set}, q.me(), q.ids, q.now))
	was := q.Ticket
	ask := func(key string) {
		q.do(q.Ask(AskCommand{Questions: []Question{{Key: key, Text: "For Eva?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
	}
	q.do(q.Give(toEva, anna, q.ids, q.now))
	if q.Zone != "" || !q.Held.IsZero() {
		t.Errorf("Eva's clocks show %q, held until %v", q.Zone, q.Held)
	}
	given := q.Ticket
	q.do(q.GiveBack(anna, q.ids, q.now))
	if q.Zone != was.Zone || !q.Held.Equal(was.Held) || q.State != WaitCustomer || differ(q.Questions, was.Questions) != "" {
		t.Errorf("given back: %q, %v, %s, %+v", q.Zone, q.Held, q.State, q.Questions)
	}
	q.Ticket = given
	ask("colour")
	ask("model") // that Maria was asked too
	q.do(q.GiveBack(anna, q.ids, q.now))
	if differ(q.Questions, was.Questions) != "" || q.State != WaitCustomer {
		t.Errorf("she is asked %+v, and it is %s", q.Questions, q.State)
	}
	q.Ticket = given
	q.do(q.RequesterReply(RequesterMessage{Answers: map[string]string{"model": "Eva's"}}, RequesterOf{Ticket: q.ID, Name: "Eva"}, q.ids, q.now))
	ask("colour")
	q.do(q.GiveBack(anna, q.ids, q.now))
	if len(q.Questions) > 0 || q.State != Open {
		t.Errorf("she is asked %+v, and it is %s", q.Questions, q.State)
	}
	// What Eva said is nothing that Maria may be reminded of.
	q.do(q.Ask(AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Because.", Again: Outdated}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
	if q.Questions[0].Was != "" {
		t.Errorf("she is reminded of %q", q.Questions[0].Was)
	}
}
