package escalation_test

import (
	"slices"
	"testing"
	"time"

	. "primalinea/escalation"
)

const day = 24 * time.Hour

// suspected is a ticket of a form that looked like spam.
func suspected(t *testing.T) *desk {
	t.Helper()
	q := question()
	q.Signs = []string{"links", "fast"}
	c, err := NewTicket(q, RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Letters) != 0 {
		t.Errorf("a suspected ticket has letters: %+v", c.Letters)
	}
	d := opened(t)
	d.Ticket, d.letters = c.Ticket, nil
	return d
}

// TestSuspected says what a person does to what a form was suspected of.
func TestSuspected(t *testing.T) {
	d := suspected(t)
	if d.Doubt != Suspected || d.State != New || d.Turn() != Ours || !slices.Equal(d.Entries[1].Event.Signs, []string{"links", "fast"}) {
		t.Fatalf("opened as %+v", d.Ticket)
	}
	for _, l := range d.ForRequester() {
		if l.Kind != LineOpened {
			t.Errorf("the requester reads %+v", l)
		}
	}
	rules := []struct {
		name    string
		rule    func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error)
		letters []LetterKind
		doubt   Doubt
	}{
		{"cleared", (*Ticket).Clear, []LetterKind{ReceiptLetter}, ""},
		{"set aside", (*Ticket).SetAside, nil, Spam},
		{"answered", func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error) {
			return t.Reply(Message{Text: "Hello"}, by, ids, now)
		}, []LetterKind{ReplyLetter}, ""},
		{"taken", func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error) {
			return t.Take("", by, ids, now)
		}, nil, ""},
		{"noted", func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error) {
			return t.Note(Message{Text: "Looks odd"}, by, ids, now)
		}, nil, Suspected},
	}
	for _, test := range rules {
		c, err := test.rule(&d.Ticket, anna, counter(), monday.Add(time.Hour))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var kinds []LetterKind
		for _, l := range c.Letters {
			kinds = append(kinds, l.Kind)
		}
		if c.Ticket.Doubt != test.doubt || !slices.Equal(kinds, test.letters) {
			t.Errorf("%s: in doubt %q, letters %v", test.name, c.Ticket.Doubt, kinds)
		}
	}
}

// TestSetAside takes spam back in time, and lets its sender be heard.
func TestSetAside(t *testing.T) {
	d, ids := opened(t), counter()
	tk := d.Ticket
	step := func(rule func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error), by Actor, at time.Time) Change {
		t.Helper()
		c, err := rule(&tk, by, ids, at)
		if err != nil {
			t.Fatal(err)
		}
		tk = c.Ticket
		return c
	}
	step((*Ticket).SetAside, anna, monday)
	if again := step((*Ticket).SetAside, anna, monday); len(again.Entries) != 0 {
		t.Error("set aside twice")
	}
	for name, rule := range map[string]func() (Change, error){
		"reply": func() (Change, error) { return tk.Reply(Message{Text: "x"}, anna, ids, monday) },
		"take":  func() (Change, error) { return tk.Take("", anna, ids, monday) },
		"solve": func() (Change, error) {
			return tk.Solve(SolveCommand{Message: Message{Text: "x"}, Made: true}, anna, ids, monday)
		},
		"address":  func() (Change, error) { return tk.ProposeAddress("b@example.com", "n", anna, ids, monday) },
		"too late": func() (Change, error) { return tk.Clear(anna, ids, monday.Add(UndoDays*day+time.Hour)) },
	} {
		if _, err := rule(); KindOf(err) != Conflict {
			t.Errorf("%s of spam: %v", name, err)
		}
	}
	for _, by := range []Actor{pen, RequesterOf{Ticket: tk.ID}, RequesterOf{}} {
		if _, err := tk.Clear(by, ids, monday); KindOf(err) != Forbidden && KindOf(err) != NotFound {
			t.Errorf("%v takes it back: %v", by.Ref(), err)
		}
	}
	// A receipt went out before: there is no second one.
	if c := step((*Ticket).Clear, anna, monday.Add(UndoDays*day)); len(c.Letters) != 0 || tk.Doubt != "" {
		t.Errorf("taken back: %q, %+v", tk.Doubt, c.Letters)
	}
	step((*Ticket).SetAside, anna, monday)
	step(func(t *Ticket, by Actor, ids func() string, now time.Time) (Change, error) {
		return t.RequesterReply(RequesterMessage{Message: Message{Text: "I am a person"}}, by, ids, now)
	}, RequesterOf{Ticket: tk.ID}, monday)
	if tk.Doubt != Suspected {
		t.Errorf("who was set aside and writes again is %q", tk.Doubt)
	}
}

// TestCorrectAddress follows a new address from its proposal to its confirmation.
func TestCorrectAddress(t *testing.T) {
	key := []byte("a key of links")
	d, ids := opened(t), counter()
	tk, old := d.Ticket, d.Requester.Email
	link := LinkToken(key, tk.ID, old, tk.LinkGeneration)
	for email, reason := range map[string]string{
		"": "error.email_missing", "x": "error.email", "A <b@example.com>": "error.email", " MARIA@example.com": "error.address_same",
	} {
		_, err := tk.ProposeAddress(email, "n", anna, ids, monday)
		if e, ok := err.(*Error); !ok || e.Reason != reason || e.Field != "email" {
			t.Errorf("%q: %v", email, err)
		}
	}
	propose := func(email, nonce string) Change {
		t.Helper()
		c, err := tk.ProposeAddress(email, nonce, anna, ids, monday)
		if err != nil {
			t.Fatal(err)
		}
		tk = c.Ticket
		return c
	}
	propose("wrong@example.com", "first")
	if _, err := tk.ProposeAddress("Wrong@example.com", "again", elio, ids, monday); KindOf(err) != Conflict {
		t.Errorf("the same address twice: %v", err)
	}
	c := propose("mary@example.com", "second")
	l := c.Letters[0]
	if len(c.Letters) != 1 || l.Kind != AddressLetter || l.To != "mary@example.com" || l.Args.Nonce != "second" || l.Args.Subject != "" || l.Args.Name != "" {
		t.Errorf("letters %+v", c.Letters)
	}
	if tk.Requester.Email != old || !tk.Opens(key, link) {
		t.Error("a proposal changed the address")
	}
	for _, test := range []struct {
		nonce string
		at    time.Time
		want  bool
	}{
		{"first", monday, false}, {"second", monday, true}, {"second", monday.Add(AddressDays*day - 1), true}, {"second", monday.Add(AddressDays * day), false},
	} {
		if got := tk.Confirms(key, Code(key, test.nonce), test.at); got != test.want {
			t.Errorf("the link %s confirms at %v: %v", test.nonce, test.at, got)
		}
	}
	if _, err := tk.ConfirmAddress(anna, ids, monday); KindOf(err) != Forbidden {
		t.Errorf("staff confirms: %v", err)
	}
	dropped, err := tk.DropAddress(anna, ids, monday)
	if err != nil || dropped.Ticket.Correction != nil || dropped.Ticket.Confirms(key, Code(key, "second"), monday) {
		t.Errorf("taken back: %+v, %v", dropped.Ticket.Correction, err)
	}
	// What was set aside is handed to nobody until it is taken back.
	aside, err := tk.SetAside(anna, ids, monday)
	if err != nil || aside.Ticket.Confirms(key, Code(key, "second"), monday) {
		t.Errorf("set aside, it is confirmed: %v", err)
	}
	if cleared, err := aside.Ticket.Clear(anna, ids, monday); err != nil || !cleared.Ticket.Confirms(key, Code(key, "second"), monday) {
		t.Errorf("taken back, it is not confirmed: %v", err)
	}
	me := RequesterOf{Ticket: tk.ID}
	c, err = tk.ConfirmAddress(me, ids, monday)
	if err != nil {
		t.Fatal(err)
	}
	tk = c.Ticket
	if tk.Requester.Email != "mary@example.com" || !tk.Requester.Verified || tk.Correction != nil || tk.Opens(key, link) {
		t.Errorf("corrected: %+v", tk.Requester)
	}
	if len(c.Letters) != 1 || c.Letters[0].Kind != LeftLetter || c.Letters[0].To != old {
		t.Errorf("letters %+v", c.Letters)
	}
	if _, err := tk.ConfirmAddress(me, ids, monday); KindOf(err) != Conflict {
		t.Errorf("confirmed twice: %v", err)
	}
}
