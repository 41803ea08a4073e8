package escalation_test

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

func TestNewTicket(t *testing.T) {
	d := opened(t)
	if d.State != New || d.Team != Triage || d.Tier != 1 || d.HighestTier != 1 || d.Owner != "" || d.Assignee != "" ||
		d.Turn() != Ours || d.Channel != Web || d.Number != "0123ABCD" || d.Requester.Verified {
		t.Errorf("opened as %+v", d.Ticket)
	}
	if len(d.letters) != 1 || d.letters[0].Kind != ReceiptLetter || d.letters[0].Lang != "it" || d.letters[0].To != "maria@example.com" {
		t.Errorf("letters %+v", d.letters)
	}
}

func TestNewTicketCleans(t *testing.T) {
	c := question()
	c.Subject = "  The\tscreen\u202E is\x00 \x1b[31mblack\r\nBcc: x@example.com "
	c.Text = "\ufeffone\r\ntwo\rthree\x07\u2066four\xff"
	c.Email = " Maria@EXAMPLE.com "
	c.Trail = &Trail{Moments: []Moment{
		{Kind: "search", Query: strings.Repeat("è", 600), Hits: -1},
		{Kind: "open", Article: "../etc", Title: "A\nB", Lang: "<b>"},
	}}
	c.Key = "form-1"
	ch, err := NewTicket(c, RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	tk := ch.Ticket
	if want := "The screen is [31mblack Bcc: x@example.com"; tk.Subject != want {
		t.Errorf("subject %q, want %q", tk.Subject, want)
	}
	if want := "one\ntwo\nthreefour\uFFFD"; tk.Entries[0].Text != want {
		t.Errorf("text %q, want %q", tk.Entries[0].Text, want)
	}
	if tk.Requester.Email != "Maria@example.com" {
		t.Errorf("address %q", tk.Requester.Email)
	}
	if tk.Entries[0].Key != "form-1" {
		t.Errorf("key %q", tk.Entries[0].Key)
	}
	m := tk.Trail.Moments
	if len([]rune(m[0].Query)) != 512 || m[0].Hits != 0 || m[1].Article != "" || m[1].Title != "A B" || m[1].Lang != "" {
		t.Errorf("trail %+v", m)
	}
}

func TestNewTicketBy(t *testing.T) {
	for _, test := range []struct {
		name  string
		by    Actor
		with  func(*OpenCommand)
		kind  Kind
		error string // reason (field); empty: it is opened
	}{
		{"visitor", RequesterOf{}, nil, 0, ""},
		{"visitor on the telephone", RequesterOf{}, func(c *OpenCommand) { c.Channel = Phone }, Invalid, "error.channel (channel)"},
		{"visitor who wants a call", RequesterOf{}, func(c *OpenCommand) { c.Channel, c.Email, c.Phone = CallBack, "", "+39 055 123-456" }, 0, ""},
		{"visitor who wants a call, without a number", RequesterOf{}, func(c *OpenCommand) { c.Channel = CallBack }, Invalid, "error.phone_missing (phone)"},
		{"agent who wants a call", anna, func(c *OpenCommand) { c.Channel, c.Phone = CallBack, "+39 055 123-456" }, Invalid, "error.channel (channel)"},
		{"visitor as a program", RequesterOf{}, func(c *OpenCommand) { c.Channel = API }, Invalid, "error.channel (channel)"},
		{"visitor without address", RequesterOf{}, func(c *OpenCommand) { c.Email = "" }, Invalid, "error.email_missing (email)"},
		{"program", robot, nil, 0, ""},
		{"program without address", robot, func(c *OpenCommand) { c.Email = " " }, Invalid, "error.email_missing (email)"},
		{"program that may only read", staff.Token{Name: "r", Scopes: []staff.Scope{staff.TicketsRead}}, nil, Forbidden, "error.not_allowed"},
		{"agent for a caller", anna, func(c *OpenCommand) { c.Channel, c.Email, c.Phone = Phone, "", "+39 055 123-456" }, 0, ""},
		{"agent for a visitor with a name", anna, func(c *OpenCommand) { c.Channel, c.Email = Visit, "" }, 0, ""},
		{"agent for a letter from nobody", anna, func(c *OpenCommand) { c.Channel, c.Email, c.Name = Paper, "", " " }, Invalid, "error.requester_missing (name)"},
		{"agent for a caller with a wrong address", anna, func(c *OpenCommand) { c.Channel, c.Email = Phone, "maria" }, Invalid, "error.email (email)"},
		{"agent through the form", anna, nil, Invalid, "error.channel (channel)"},
		{"agent as a program", anna, func(c *OpenCommand) { c.Channel = API }, Invalid, "error.channel (channel)"},
		{"writer", pen, func(c *OpenCommand) { c.Channel = Phone }, Forbidden, "error.not_allowed"},

		{"no subject", RequesterOf{}, func(c *OpenCommand) { c.Subject = " \u200b\u2062\n" }, Invalid, "error.subject_missing (subject)"},
		{"longest subject", RequesterOf{}, func(c *OpenCommand) { c.Subject = strings.Repeat("è", MaxSubject) }, 0, ""},
		{"too long a subject", RequesterOf{}, func(c *OpenCommand) { c.Subject = strings.Repeat("è", MaxSubject+1) }, Invalid, "error.too_long (subject)"},
		{"no text", RequesterOf{}, func(c *OpenCommand) { c.Text = "\r\n \u00a0" }, Invalid, "error.text_missing (text)"},
		{"longest text", RequesterOf{}, func(c *OpenCommand) { c.Text = strings.Repeat("è", MaxText) }, 0, ""},
		{"too long a text", RequesterOf{}, func(c *OpenCommand) { c.Text = strings.Repeat("è", MaxText+1) }, Invalid, "error.too_long (text)"},
		{"too long a name", RequesterOf{}, func(c *OpenCommand) { c.Name = strings.Repeat("n", MaxName+1) }, Invalid, "error.too_long (name)"},
		{"no telephone number", RequesterOf{}, func(c *OpenCommand) { c.Phone = "call me" }, Invalid, "error.phone (phone)"},
		{"no language", RequesterOf{}, func(c *OpenCommand) { c.Lang = "" }, Invalid, "error.lang (lang)"},
		{"no request type", RequesterOf{}, func(c *OpenCommand) { c.RequestType = "A b" }, Invalid, "error.request_type (request_type)"},
		{"too many files", RequesterOf{}, func(c *OpenCommand) { c.Files = make([]File, MaxFiles+1) }, Invalid, "error.files_many (files)"},
		{"endless key", RequesterOf{}, func(c *OpenCommand) { c.Key = strings.Repeat("k", MaxKey+1) }, Invalid, "error.form_key"},
		{"no number", RequesterOf{}, func(c *OpenCommand) { c.Number = "" }, Fault, "error.number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := question()
			if test.with != nil {
				test.with(&c)
			}
			ch, err := NewTicket(c, test.by, counter(), monday)
			if test.error == "" {
				if err != nil {
					t.Fatal(err)
				}
				sound(t, &Ticket{}, ch)
				who, first := test.by.Ref(), ch.Entries[0]
				if first.By.Kind != ByRequester || (who.Kind == ByStaff) != (first.Event.WrittenBy != nil && *first.Event.WrittenBy == who) {
					t.Errorf("first entry by %+v", first.By)
				}
				if got := len(ch.Letters); got != 1 && ch.Ticket.Requester.Email != "" || got != 0 && ch.Ticket.Requester.Email == "" {
					t.Errorf("%d letters", got)
				}
				return
			}
			if err == nil || KindOf(err) != test.kind || !strings.HasPrefix(err.Error(), test.error) {
				t.Errorf("got kind %d, %v, want kind %d, %s", KindOf(err), err, test.kind, test.error)
			}
		})
	}
}

// TestMistakes tells all that is to be corrected at once.
func TestMistakes(t *testing.T) {
	device := ShippedDesk().Type("device").ID
	for _, test := range []struct {
		name string
		by   Actor
		with func(*OpenCommand)
		want []string
	}{
		{"nothing", RequesterOf{}, func(c *OpenCommand) {}, nil},
		{"a visitor's", RequesterOf{}, func(c *OpenCommand) {
			c.Subject, c.Text, c.Email, c.Phone, c.Name = "", " ", "maria", "no", strings.Repeat("n", MaxName+1)
		}, []string{"subject", "text", "name", "phone", "email"}},
		{"a caller's", anna, func(c *OpenCommand) {
			c.Channel, c.Email, c.Name, c.Text = Phone, "", "", ""
			c.Desk, c.RequestType, c.Facts = ShippedDesk(), device, map[string]string{"imei": "490154203237519"}
		}, []string{"text", "name", "fact.imei"}},
		{"of no channel", anna, func(c *OpenCommand) { c.Channel, c.Text = "dove", "" }, []string{"channel", "text"}},
		{"a wish to be called", RequesterOf{}, func(c *OpenCommand) { c.Channel, c.Email, c.Text = CallBack, "", "" }, []string{"text", "phone"}},
		{"nobody may", pen, func(c *OpenCommand) { c.Channel, c.Text = Phone, "" }, []string{""}},
	} {
		c := question()
		test.with(&c)
		facts := maps.Clone(c.Facts)
		var got []string
		for _, err := range c.Mistakes(test.by, counter(), monday) {
			e, _ := errors.AsType[*Error](err)
			got = append(got, e.Field)
		}
		if !slices.Equal(got, test.want) || !maps.Equal(facts, c.Facts) {
			t.Errorf("%s: %q, want %q, facts %v", test.name, got, test.want, c.Facts)
		}
	}
}

func TestParseEmail(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"maria@example.com", "maria@example.com"},
		{" Maria.Conti+shop@Mail.Example.COM\n", "Maria.Conti+shop@mail.example.com"},
		{"o'neill@example.ie", "o'neill@example.ie"},
		{"", ""},
		{"maria", ""},
		{"maria@localhost", ""},
		{"Maria <maria@example.com>", ""},
		{"<maria@example.com>", ""},
		{"maria@example.com, eve@example.com", ""},
		{"maria@example.com\r\nBcc: eve@example.com", ""},
		{"maria(comment)@example.com", ""},
		{`"maria conti"@example.com`, ""},
		{"maria@[127.0.0.1]", ""},
		{"maria@127.0.0.1", ""},
		{"maria@example..com", ""},
		{"maria@-example.com", ""},
		{"maría@example.com", ""},
		{strings.Repeat("m", 65) + "@example.com", ""},
		{"m@" + strings.Repeat("example.", 40) + "com", ""},
	} {
		got, err := ParseEmail("email", test.in)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("ParseEmail(%q) = %q, %v, want %q", test.in, got, err, test.want)
		}
	}
}

// TestRequesterHash tells people apart, and does not say who they are.
func TestRequesterHash(t *testing.T) {
	hash := func(id string, r Requester) string {
		return (&Ticket{ID: id, Requester: r}).RequesterHash([]byte("key"))
	}
	ada := hash("t1", Requester{Email: "ada@example.it", Phone: "021234567"})
	if ada != hash("t2", Requester{Email: " Ada@Example.it"}) {
		t.Error("the same address is two people")
	}
	for _, other := range []string{
		hash("t1", Requester{Email: "eva@example.it"}),
		hash("t1", Requester{Phone: "021234567"}), hash("t1", Requester{}), hash("t2", Requester{}),
		(&Ticket{ID: "t1", Requester: Requester{Email: "ada@example.it"}}).RequesterHash([]byte("another")),
	} {
		if other == ada {
			t.Error("others are the same person")
		}
	}
	if hash("t1", Requester{}) == hash("t2", Requester{}) {
		t.Error("two tickets of nobody known are one person's")
	}
}

func TestID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`)
	synctest.Test(t, func(t *testing.T) {
		made := make(map[string]bool)
		last := ""
		for range 40 {
			var highest string
			for range 100 {
				id := NewID()
				if !form.MatchString(id) || made[id] || id < last {
					t.Fatalf("NewID() = %q (made before: %v), after %q", id, made[id], last)
				}
				made[id], highest = true, max(highest, id)
			}
			last = highest
			time.Sleep(time.Millisecond)
		}
		// All 17 digits after the time are random.
		for i := len(last) - 17; i < len(last); i++ {
			digits := make(map[byte]bool)
			for id := range made {
				digits[id[i]] = true
			}
			if len(digits) != 32 {
				t.Errorf("place %d has %d of 32 digits", i, len(digits))
			}
		}
	})
}

func TestNumber(t *testing.T) {
	for range 100 {
		n := NewNumber()
		if got, ok := ParseNumber(n); !ok || got != n || len(n) != 8 {
			t.Fatalf("NewNumber() = %q, parsed as %q", n, got)
		}
	}
	for _, test := range []struct{ in, want string }{
		{"oi1l-abcd", "0111ABCD"},
		{"#0123 ABCD", "0123ABCD"},
		{"0123ABC", ""},
		{"0123ABCDE", ""},
		{"0123ABCU", ""},
		{"", ""},
		{"../../etc", ""},
	} {
		if got, ok := ParseNumber(test.in); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("ParseNumber(%q) = %q, %v", test.in, got, ok)
		}
	}
}

func TestTake(t *testing.T) {
	d := taken(t)
	if d.State != Open || d.Assignee != "anna" || d.Owner != "anna" {
		t.Fatalf("state %s, assignee %s, owner %s", d.State, d.Assignee, d.Owner)
	}
	d.refused(d.Take("", elio, d.ids, d.now))(Conflict, "error.taken", "")
	d.refused(d.Take("", bruno, d.ids, d.now))(Forbidden, "error.not_allowed", "") // not his team
	d.refused(d.Take("", dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Take("", pen, d.ids, d.now))(NotFound, "error.no_ticket", "")
	d.refused(d.Take("", d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Take("", RequesterOf{Ticket: "other"}, d.ids, d.now))(NotFound, "error.no_ticket", "")

	d.did(d.Take("anna", elio, d.ids, d.now))
	if d.Assignee != "elio" || d.Owner != "anna" {
		t.Errorf("assignee %s, owner %s", d.Assignee, d.Owner)
	}
	d.refused(d.Release(anna, d.ids, d.now))(Conflict, "error.taken", "")
	d.did(d.Release(lead, d.ids, d.now))
	if d.Assignee != "" || d.Owner != "anna" || d.State != Open {
		t.Errorf("assignee %s, owner %s, %s", d.Assignee, d.Owner, d.State)
	}
	d.refused(d.Release(anna, d.ids, d.now))(Conflict, "error.not_taken", "")
	d.did(d.Take("anna", elio, d.ids, d.now)) // Anna was faster to leave

	d.did(d.Solve(SolveCommand{Message: Message{Text: "Done."}, Made: true}, elio, d.ids, d.now))
	d.refused(d.Take("elio", anna, d.ids, d.now))(Conflict, "error.ticket_solved", "")
	d.refused(d.Release(elio, d.ids, d.now))(Conflict, "error.ticket_solved", "")
}

// TestDoneAlready: what somebody did just now is done once, whoever clicks twice; who says
// otherwise is heard, and so is somebody else who says the same.
func TestDoneAlready(t *testing.T) {
	source := func(d *desk) string { return d.Entries[0].ID }
	for _, test := range []struct {
		name      string
		begin     func(d *desk)
		do        func(d *desk, by Actor) (Change, error)
		otherwise func(d *desk) (Change, error) // by the same person
		other     string                        // why somebody else may not; empty: they may
	}{
		{"take", nil, func(d *desk, by Actor) (Change, error) { return d.Take("", by, d.ids, d.now) }, nil, "error.taken"},
		{"put back", nil, func(d *desk, by Actor) (Change, error) { return d.Release(by, d.ids, d.now) }, nil, "error.not_taken"},
		{"stop waiting", func(d *desk) {
			d.did(d.Wait(WaitCommand{Party: "Courier", Until: d.now.AddDate(0, 0, 1)}, anna, d.ids, d.now))
		}, func(d *desk, by Actor) (Change, error) { return d.Resume("", by, d.ids, d.now) }, nil, "error.our_turn"},
		{"reopen", func(d *desk) { d.solve(anna) },
			func(d *desk, by Actor) (Change, error) { return d.Resume("Too soon", by, d.ids, d.now) }, nil, "error.our_turn"},
		{"new address", nil, func(d *desk, by Actor) (Change, error) {
			return d.ProposeAddress("mary@example.com", "nonce", by, d.ids, d.now)
		}, func(d *desk) (Change, error) {
			return d.ProposeAddress("marie@example.com", "nonce", anna, d.ids, d.now)
		}, "error.address_waits"},
		{"no new address", func(d *desk) { d.did(d.ProposeAddress("mary@example.com", "nonce", anna, d.ids, d.now)) },
			func(d *desk, by Actor) (Change, error) { return d.DropAddress(by, d.ids, d.now) }, nil, "error.address_gone"},
		{"priority", nil, func(d *desk, by Actor) (Change, error) {
			return d.SetPriority(PriorityCommand{High, Medium, "A shop stands still"}, by, d.ids, d.now)
		}, func(d *desk) (Change, error) {
			return d.SetPriority(PriorityCommand{High, Medium, "Two shops stand still"}, anna, d.ids, d.now)
		}, ""},
		{"fact", nil, func(d *desk, by Actor) (Change, error) {
			return d.AddFact(Fact{Key: "model", Value: "P10"}, by, d.ids, d.now)
		}, func(d *desk) (Change, error) {
			return d.AddFact(Fact{Key: "model", Value: "P10", Source: source(d)}, anna, d.ids, d.now)
		}, ""},
		{"fact from an entry", nil, func(d *desk, by Actor) (Change, error) {
			return d.AddFact(Fact{Key: "model", Value: "P10", Source: source(d)}, by, d.ids, d.now)
		}, func(d *desk) (Change, error) { return d.AddFact(Fact{Key: "model", Value: "P11"}, anna, d.ids, d.now) }, ""},
		{"doubt", func(d *desk) { d.did(d.AddFact(Fact{Key: "model", Value: "P10"}, anna, d.ids, d.now)) },
			func(d *desk, by Actor) (Change, error) {
				return d.DisputeFact("model", "P10", "It has a button", by, d.ids, d.now)
			}, func(d *desk) (Change, error) {
				return d.DisputeFact("model", "P10", "It is too thin", anna, d.ids, d.now)
			}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := func() *desk {
				d := opened(t)
				if test.name != "take" {
					d = taken(t)
				}
				if test.begin != nil {
					test.begin(d)
				}
				c, err := test.do(d, anna)
				if d.did(c, err); len(c.Entries) == 0 {
					t.Fatal("nothing is done at first")
				}
				return d
			}
			d := begin()
			if c, err := test.do(d, anna); err != nil || len(c.Entries)+len(c.Letters) > 0 {
				t.Errorf("again: %+v, %+v, %v", c.Entries, c.Letters, err)
			}
			if d = begin(); test.other != "" {
				_, err := test.do(d, elio)
				d.refused(Change{}, err)(Conflict, test.other, "")
			} else if c, err := test.do(d, elio); err != nil || len(c.Entries) == 0 {
				t.Errorf("by somebody else: %+v, %v", c.Entries, err)
			}
			if test.otherwise == nil {
				return
			}
			d = begin()
			if c, err := test.otherwise(d); err != nil || len(c.Entries) == 0 {
				t.Errorf("otherwise: %+v, %v", c.Entries, err)
			}
		})
	}
}

func TestProgramOwnsNothing(t *testing.T) {
	d := opened(t)
	d.did(d.Take("", robot, d.ids, d.now))
	if d.Assignee != "api:crm" || d.Owner != "" || d.State != Open {
		t.Errorf("assignee %q, owner %q, %s", d.Assignee, d.Owner, d.State)
	}
}

func TestReply(t *testing.T) {
	d := opened(t)
	d.refused(d.Reply(Message{Text: " "}, anna, d.ids, d.now))(Invalid, "error.text_missing", "text")
	d.refused(d.Reply(Message{Text: strings.Repeat("x", MaxText+1)}, anna, d.ids, d.now))(Invalid, "error.too_long", "text")
	d.refused(d.Reply(Message{Files: make([]File, 11)}, anna, d.ids, d.now))(Invalid, "error.files_many", "files")
	d.refused(d.Reply(Message{Text: "x", Key: "\n"}, anna, d.ids, d.now))(Invalid, "error.form_key", "")
	d.refused(d.Reply(Message{Text: "x"}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Reply(Message{Text: "x"}, dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")

	seen := d.Version
	d.did(d.Reply(Message{Text: "Try this.", Key: "k1", Seen: seen}, anna, d.ids, d.now))
	if d.State != Open || d.Assignee != "anna" || d.Owner != "anna" {
		t.Errorf("who answers takes: %s, %q", d.State, d.Assignee)
	}
	if l := d.letters; len(l) != 1 || l[0].Kind != ReplyLetter || l[0].Args.Text != "" {
		t.Errorf("letters %+v", l)
	}
	version := d.Version
	d.did(d.Reply(Message{Text: "Try this.", Key: "k1", Seen: seen}, anna, d.ids, d.now))
	if d.Version != version || len(d.letters) > 0 {
		t.Errorf("the same form sent twice made %d entries", d.Version-version)
	}
	d.refused(d.Reply(Message{Text: "Or that.", Seen: seen}, elio, d.ids, d.now))(Conflict, "error.written_meanwhile", "")
	d.did(d.Note(Message{Text: "hm"}, elio, d.ids, d.now))
	d.did(d.Reply(Message{Text: "Or that.", Seen: version}, elio, d.ids, d.now)) // one's own note is known
	d.did(d.Note(Message{Text: "He called: it is solved."}, anna, d.ids, d.now))
	d.refused(d.Reply(Message{Text: "Or this.", Seen: d.Version - 1}, elio, d.ids, d.now))(Conflict, "error.written_meanwhile", "")
	d.did(d.Note(Message{Text: "He wants his money back.", Seen: 1}, elio, d.ids, d.now)) // which nothing can come before

	d.did(d.Verify("maria@example.com", d.me(), d.ids, d.now))
	d.did(d.Reply(Message{Files: []File{{ID: "f1", Name: "how.pdf"}}}, anna, d.ids, d.now))
	if a := d.letters[0].Args; a.Name != "Maria Conti" || a.Subject == "" {
		t.Errorf("letter to a verified address says %+v", a)
	}

	d.did(d.Confirm(Message{}, d.me(), d.ids, d.now))
	d.refused(d.Reply(Message{Text: "x"}, anna, d.ids, d.now))(Conflict, "error.ticket_closed", "")
}

func TestRequesterReply(t *testing.T) {
	say := RequesterMessage{Message: Message{Text: "It is still black."}}
	for _, test := range []struct {
		name string
		to   func(d *desk)
		want State
	}{
		{"new", func(d *desk) {}, New},
		{"open", func(d *desk) { d.did(d.Take("", anna, d.ids, d.now)) }, Open},
		{"asked", func(d *desk) { d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now)) }, Open},
		{"waiting", func(d *desk) {
			d.did(d.Wait(WaitCommand{Party: "Courier", Until: d.now.AddDate(0, 0, 2)}, anna, d.ids, d.now))
		}, Open},
		{"solved", func(d *desk) { d.solve(anna) }, Open},
		{"closed", func(d *desk) { d.solve(anna); d.did(d.Confirm(Message{}, d.me(), d.ids, d.now)) }, Open},
		{"closed long ago", func(d *desk) {
			d.solve(anna)
			d.did(d.Confirm(Message{}, d.me(), d.ids, d.now))
			d.now = d.now.AddDate(0, 0, ReopenDays+1)
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := opened(t)
			test.to(d)
			was := d.State
			c, err := d.RequesterReply(say, d.me(), d.ids, d.now)
			if test.want == "" {
				d.refused(c, err)(Invalid, "error.closed_long_ago", "")
				return
			}
			d.did(c, err)
			reopened := 0
			if was == Solved || was == Closed {
				reopened = 1
			}
			if d.State != test.want || d.Reopened != reopened || d.Turn() != Ours || d.Party != "" || !d.Until.IsZero() {
				t.Errorf("state %s, reopened %d, party %q until %v", d.State, d.Reopened, d.Party, d.Until)
			}
			if reopened > 0 && (d.Solution != nil || d.SolvedTier != 0) {
				t.Errorf("still solved by %+v", d.Solution)
			}
		})
	}
	d := taken(t)
	d.refused(d.RequesterReply(RequesterMessage{}, d.me(), d.ids, d.now))(Invalid, "error.text_missing", "text")
	d.refused(d.RequesterReply(say, anna, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.RequesterReply(say, RequesterOf{Ticket: "other"}, d.ids, d.now))(NotFound, "error.no_ticket", "")
}

func ask(d *desk, keys ...string) AskCommand {
	c := AskCommand{Until: d.now.AddDate(0, 0, 7)}
	for _, k := range keys {
		c.Questions = append(c.Questions, Question{Key: k, Text: "Which " + k + "?", Why: "It decides what we do."})
	}
	return c
}

func (d *desk) solve(by Actor) {
	d.Helper()
	d.did(d.Solve(SolveCommand{Message: Message{Text: "Hold the button for ten seconds."}, Article: "screen/black"}, by, d.ids, d.now))
}

func TestAsk(t *testing.T) {
	d := taken(t)
	refuse := func(change func(*AskCommand), reason, field string) {
		t.Helper()
		c := ask(d, "model")
		change(&c)
		d.refused(d.Ask(c, anna, d.ids, d.now))(Invalid, reason, field)
	}
	refuse(func(c *AskCommand) { c.Questions = []Question{{}} }, "error.question_missing", "question-1-text")
	refuse(func(c *AskCommand) { c.Questions[0].Key = "The Model" }, "error.fact_name", "question-1-key")
	refuse(func(c *AskCommand) { c.Questions[0].Text = "" }, "error.question_text", "question-1-text")
	refuse(func(c *AskCommand) { c.Questions[0].Why = " " }, "error.question_why", "question-1-why")
	refuse(func(c *AskCommand) { c.Questions = append(c.Questions, c.Questions[0]) }, "error.question_twice", "question-2-key")
	refuse(func(c *AskCommand) { *c = ask(d, strings.Split("abcdefghijk", "")...) }, "error.questions_many", "question-1-text")
	refuse(func(c *AskCommand) { c.Until = time.Time{} }, "error.date_missing", "until")
	refuse(func(c *AskCommand) { c.Until = d.now }, "error.date_past", "until")
	refuse(func(c *AskCommand) { c.Until = d.now.AddDate(3, 0, 0) }, "error.date_far", "until")
	d.refused(d.Ask(ask(d, "model"), d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")

	d.did(d.Verify("maria@example.com", d.me(), d.ids, d.now))
	d.did(d.Ask(ask(d, "model", "imei"), anna, d.ids, d.now))
	if d.State != WaitCustomer || d.Turn() != Theirs || len(d.Questions) != 2 || d.Until.IsZero() {
		t.Fatalf("asked: %s, %+v", d.State, d.Questions)
	}
	if want := "1. Which model?\n   It decides what we do.\n2. Which imei?\n   It decides what we do."; d.letters[0].Args.Text != want {
		t.Errorf("letter %q", d.letters[0].Args.Text)
	}

	d.refused(d.RequesterReply(RequesterMessage{Answers: map[string]string{"model": strings.Repeat("x", 501)}}, d.me(), d.ids, d.now))(Invalid, "error.too_long", "answer-model")
	d.did(d.RequesterReply(RequesterMessage{Answers: map[string]string{"model": "P2", "imei": "", "other": "x"}}, d.me(), d.ids, d.now))
	f, ok := d.Fact("model")
	if !ok || f.Value != "P2" || len(d.Facts) != 1 || len(d.Questions) != 1 || d.State != Open {
		t.Fatalf("facts %+v, questions %+v, %s", d.Facts, d.Questions, d.State)
	}
	if i := slices.IndexFunc(d.Entries, func(e Entry) bool { return e.ID == f.Source }); d.Entries[i].Text != "Which model? P2" {
		t.Errorf("the source says %q", d.Entries[i].Text)
	}

	// What is known is not asked again without a reason.
	d.refused(d.Ask(ask(d, "imei", "model"), anna, d.ids, d.now))(Invalid, "error.fact_known", "question-2-key")
	again := ask(d, "model")
	again.Questions[0].Again = "because"
	d.refused(d.Ask(again, anna, d.ids, d.now))(Invalid, "error.fact_known", "question-1-key")
	again.Questions[0].Again = Disputed
	d.did(d.Ask(again, anna, d.ids, d.now))
	lines := d.ForRequester()
	if q := lines[len(lines)-1].Questions[0]; q.Again != Disputed || q.Was != "P2" {
		t.Errorf("the customer reads %+v", q)
	}

	// What staff found out by themselves is not told along with a question.
	d.did(d.AddFact(Fact{Key: "imei", Value: "secret"}, anna, d.ids, d.now))
	again = ask(d, "imei")
	again.Questions[0].Again, again.Questions[0].Was = Outdated, "forged"
	d.did(d.Ask(again, anna, d.ids, d.now))
	for _, q := range d.Questions {
		if q.Key == "imei" && q.Was != "" {
			t.Errorf("the customer reads %q", q.Was)
		}
	}
	d.solve(anna)
	d.refused(d.Ask(ask(d, "color"), anna, d.ids, d.now))(Conflict, "error.ticket_solved", "")
}

func TestFactsAndSteps(t *testing.T) {
	d := taken(t)
	d.refused(d.AddFact(Fact{Key: "", Value: "x"}, anna, d.ids, d.now))(Invalid, "error.fact_name", "key")
	d.refused(d.AddFact(Fact{Key: "k", Value: " "}, anna, d.ids, d.now))(Invalid, "error.fact_value", "value")
	d.refused(d.AddFact(Fact{Key: "k", Value: "x", Source: "?"}, anna, d.ids, d.now))(Invalid, "error.fact_source", "source")
	d.refused(d.AddFact(Fact{Key: "k", Value: "x"}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.AddStep(StepCommand{Result: "x"}, anna, d.ids, d.now))(Invalid, "error.tried_what", "what")
	d.refused(d.AddStep(StepCommand{What: "x"}, anna, d.ids, d.now))(Invalid, "error.tried_result", "result")
	d.refused(d.AddStep(StepCommand{What: "x", Result: "y"}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.AddFact(Fact{Key: "k", Value: "1", Source: d.Entries[0].ID}, anna, d.ids, d.now))
	d.did(d.AddFact(Fact{Key: "k", Value: "2"}, anna, d.ids, d.now))
	d.did(d.AddStep(StepCommand{What: "Restarted", Result: "No change"}, anna, d.ids, d.now))
	if len(d.Facts) != 1 || d.Facts[0].Value != "2" || d.Facts[0].Source != d.Entries[len(d.Entries)-2].ID {
		t.Errorf("facts %+v", d.Facts)
	}
	if len(d.Steps) != 1 || d.Steps[0].By != anna.Ref() {
		t.Errorf("steps %+v", d.Steps)
	}
}

func TestWaitAndResume(t *testing.T) {
	d := taken(t)
	until := d.now.AddDate(0, 0, 2)
	d.refused(d.Wait(WaitCommand{Until: until}, anna, d.ids, d.now))(Invalid, "error.party_missing", "party")
	d.refused(d.Wait(WaitCommand{Party: "Courier"}, anna, d.ids, d.now))(Invalid, "error.date_missing", "until")
	d.refused(d.Wait(WaitCommand{Party: "Courier", Until: monday}, anna, d.ids, d.now))(Invalid, "error.date_past", "until")
	d.refused(d.Wait(WaitCommand{Party: "Courier", Until: until}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Resume("", anna, d.ids, d.now))(Conflict, "error.our_turn", "")
	d.did(d.Wait(WaitCommand{Party: "Courier", Until: until}, anna, d.ids, d.now))
	if d.State != WaitOther || d.Turn() != Partys || d.Party != "Courier" || !d.Until.Equal(until) || len(d.letters) > 0 {
		t.Errorf("%s, %q until %v", d.State, d.Party, d.Until)
	}
	d.did(d.Resume("", anna, d.ids, d.now))
	if d.State != Open || d.Party != "" || !d.Until.IsZero() {
		t.Errorf("%s, %q until %v", d.State, d.Party, d.Until)
	}
	d.did(d.Wait(WaitCommand{Message: Message{Text: "A part is on its way."}, Party: "Depot", Until: until}, anna, d.ids, d.now))
	if len(d.letters) != 1 {
		t.Error("no letter about it")
	}
	d.solve(anna)
	d.refused(d.Resume("", anna, d.ids, d.now))(Invalid, "error.reason_missing", "reason")
	d.did(d.Resume("She called: it is black again.", anna, d.ids, d.now))
	if d.State != Open || d.Reopened != 1 {
		t.Errorf("%s, reopened %d", d.State, d.Reopened)
	}
	d.did(d.Confirm(Message{}, d.me(), d.ids, d.now))
	d.refused(d.Wait(WaitCommand{Party: "Courier", Until: until}, anna, d.ids, d.now))(Conflict, "error.ticket_closed", "")
	d.now = d.now.AddDate(0, 0, ReopenDays+1)
	d.refused(d.Resume("x", anna, d.ids, d.now))(Invalid, "error.closed_long_ago", "")
}

func TestOfferRefusals(t *testing.T) {
	d := taken(t)
	refuse := func(change func(*OfferCommand), reason, field string) {
		t.Helper()
		c := d.up("tech", 2)
		change(&c)
		d.refused(d.Offer(c, anna, d.ids, d.now))(Invalid, reason, field)
	}
	refuse(func(c *OfferCommand) { c.Team = "moon" }, "error.team_unknown", "team")
	refuse(func(c *OfferCommand) { c.Tier = 4 }, "error.tier_wrong", "tier")
	refuse(func(c *OfferCommand) { c.Team = "payments"; c.Tier = 1 }, "error.tier_wrong", "tier")
	refuse(func(c *OfferCommand) { c.Team = "general"; c.Tier = 1 }, "error.same_place", "tier")
	refuse(func(c *OfferCommand) { c.Problem = "" }, "error.problem_missing", "problem")
	refuse(func(c *OfferCommand) { c.Problem = strings.Repeat("x", MaxLine+1) }, "error.too_long", "problem")
	refuse(func(c *OfferCommand) { c.Tried = nil }, "error.tried_missing", "untried")
	refuse(func(c *OfferCommand) { c.Tried = []Tried{{}, {What: "x"}} }, "error.tried_result", "tried-2-result")
	refuse(func(c *OfferCommand) { c.Tried = []Tried{{Result: "x"}} }, "error.tried_what", "tried-1-what")
	refuse(func(c *OfferCommand) { c.Tried = slices.Repeat([]Tried{{What: "x", Result: "y"}}, MaxTried+1) }, "error.tried_many", "tried-1-what")
	refuse(func(c *OfferCommand) { c.Asked = "" }, "error.asked_missing", "asked")
	refuse(func(c *OfferCommand) { c.By = time.Time{} }, "error.date_missing", "by")
	refuse(func(c *OfferCommand) { c.By = monday }, "error.date_past", "by")
	refuse(func(c *OfferCommand) { c.Promised = strings.Repeat("x", MaxLine+1) }, "error.too_long", "promised")
	refuse(func(c *OfferCommand) { c.Tell = "" }, "error.tell_missing", "tell_customer")
	refuse(func(c *OfferCommand) { c.Candidates = nil }, "error.nobody_there", "team")
	nobody := d.up("tech", 2)
	nobody.Candidates = nil
	d.refused(d.Offer(nobody, robot, d.ids, d.now))(Invalid, "error.nobody_there", "team")
	d.refused(d.Offer(d.up("tech", 2), dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Offer(d.up("tech", 2), d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")

	untried := d.up("tech", 2)
	untried.Tried, untried.Untried = nil, "The device does not start."
	d.did(d.Offer(untried, anna, d.ids, d.now))
	d.refused(d.Offer(d.up("tech", 2), anna, d.ids, d.now))(Conflict, "error.handoff_pending", "")
	d.refused(d.Take("anna", elio, d.ids, d.now))(Conflict, "error.handoff_pending", "")
	d.refused(d.Release(anna, d.ids, d.now))(Conflict, "error.handoff_pending", "")
	d.refused(d.Solve(SolveCommand{Message: Message{Text: "x"}, Made: true}, anna, d.ids, d.now))(Conflict, "error.handoff_pending", "")
	id := d.Pending().ID
	d.did(d.Withdraw("", anna, d.ids, d.now))
	d.refused(d.Accept(id, bruno, d.ids, d.now))(Conflict, "error.handoff_withdrawn", "")
	d.refused(d.Accept("", bruno, d.ids, d.now))(NotFound, "error.no_handoff", "")

	d.solve(anna)
	d.refused(d.Offer(d.up("tech", 2), anna, d.ids, d.now))(Conflict, "error.ticket_solved", "")
}

// TestOfferSentTwice: a double click offers once; what was withdrawn may be offered anew
// by the same form.
func TestOfferSentTwice(t *testing.T) {
	d := taken(t)
	c := d.up("tech", 2)
	c.Key = "form"
	again := func(by Actor, when string) {
		t.Helper()
		if ch, err := d.Offer(c, by, d.ids, d.now); err != nil || len(ch.Entries) != 0 {
			t.Errorf("sent again when it was %s: %v, %v", when, ch.Entries, err)
		}
	}
	d.did(d.Offer(c, anna, d.ids, d.now))
	again(anna, "offered")
	d.did(d.Withdraw("", anna, d.ids, d.now))
	d.did(d.Offer(c, anna, d.ids, d.now))
	if d.Pending() == nil || len(d.Handoffs) != 2 {
		t.Errorf("after it was withdrawn: %+v", d.Handoffs)
	}
	d.did(d.Withdraw("", anna, d.ids, d.now))
	c.Candidates, c.Key = []string{lead.Ref().ID}, "alone"
	d.did(d.Offer(c, lead, d.ids, d.now))
	if d.Pending() != nil || d.Team != "tech" {
		t.Fatalf("to oneself: %+v", d.Handoffs)
	}
	again(lead, "accepted")

	// A program sends its key again when it did not hear the answer, however long ago.
	d.did(d.Take("anna", lead, d.ids, d.now))
	c = d.up("payments", 2)
	c.Key = "api:crm:handoff"
	d.did(d.Offer(c, robot, d.ids, d.now))
	again(robot, "offered by a program")
	d.did(d.Refuse("", RefuseCommand{Reason: "wrong_team"}, dora, d.ids, d.now))
	again(robot, "refused")
}

func TestHandoff(t *testing.T) {
	d := taken(t)
	d.did(d.Verify("maria@example.com", d.me(), d.ids, d.now))
	d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
	h := *d.Pending()
	if d.Team != Triage || d.Tier != 1 || d.Assignee != "anna" || len(d.letters) > 0 || len(h.Tried) != 1 || h.FromTeam != Triage || h.FromTier != 1 {
		t.Fatalf("an offer moves nothing: %+v", d.Ticket)
	}
	d.refused(d.Accept("", dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Accept("", anna, d.ids, d.now))(Forbidden, "error.not_allowed", "") // tier 1
	d.refused(d.Accept("", pen, d.ids, d.now))(NotFound, "error.no_ticket", "")
	d.refused(d.Accept("", d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Accept("?", bruno, d.ids, d.now))(NotFound, "error.no_handoff", "")
	d.did(d.Accept(h.ID, bruno, d.ids, d.now))
	if d.Team != "tech" || d.Tier != 2 || d.HighestTier != 2 || d.Assignee != "bruno" || d.Owner != "anna" || d.Pending() != nil {
		t.Fatalf("accepted: %+v", d.Ticket)
	}
	l := d.letters[0]
	if l.Kind != MoveLetter || l.Args.Team != "tech" || l.Args.Tell != h.Tell || l.Replaces != "move:"+d.ID || l.NotBefore.Sub(d.Updated) != 10*time.Minute {
		t.Errorf("letter %+v", l)
	}
	d.refused(d.Accept(h.ID, carla, d.ids, d.now))(Conflict, "error.handoff_answered", "")
	d.refused(d.Refuse(h.ID, RefuseCommand{Reason: "not_needed"}, carla, d.ids, d.now))(Conflict, "error.handoff_answered", "")
	d.refused(d.Withdraw(h.ID, anna, d.ids, d.now))(Conflict, "error.handoff_answered", "")

	// Up to tier 3, where nobody else is.
	c := d.up("tech", 3)
	c.Candidates = []string{"bruno", "carla"}
	d.did(d.Offer(c, bruno, d.ids, d.now))
	d.refused(d.Accept("", staff.Person{ID: "bruno", Roles: []staff.Role{staff.Agent}, Tier: 3, Teams: []string{"tech"}}, d.ids, d.now))(Forbidden, "error.own_offer", "")
	d.did(d.Accept("", carla, d.ids, d.now))
	// And down again, with an instruction.
	c = d.up("tech", 2)
	c.Asked = ""
	d.refused(d.Offer(c, carla, d.ids, d.now))(Invalid, "error.instruction_missing", "asked")
	d.did(d.Offer(d.up("tech", 2), carla, d.ids, d.now))
	d.did(d.Accept("", bruno, d.ids, d.now))
	if d.Tier != 2 || d.HighestTier != 3 || d.Bounces != 0 || d.Frozen {
		t.Errorf("tier %d, highest %d, bounces %d", d.Tier, d.HighestTier, d.Bounces)
	}
	d.solve(bruno)
	if d.SolvedTier != 2 || d.Owner != "anna" {
		t.Errorf("solved at tier %d, owner %s", d.SolvedTier, d.Owner)
	}
}

func TestHandoffToOneself(t *testing.T) {
	d := taken(t)
	boss := agent("boss", "Bo", 3, "general", "tech")
	c := d.up("tech", 3)
	c.Candidates = []string{"boss"}
	d.did(d.Offer(c, boss, d.ids, d.now))
	if d.Tier != 3 || d.Assignee != "boss" || d.Owner != "anna" || d.Pending() != nil || len(d.letters) != 1 {
		t.Errorf("not accepted at once: %+v", d.Ticket)
	}
	kinds := []EventKind{d.Entries[len(d.Entries)-2].Event.Kind, d.Entries[len(d.Entries)-1].Event.Kind}
	if !slices.Equal(kinds, []EventKind{EventOffered, EventAccepted}) {
		t.Errorf("recorded as %v", kinds)
	}

	// A program never accepts by offering, but may do it in a second call.
	d = opened(t)
	c = d.up("tech", 2)
	c.Tell = ""
	d.did(d.Offer(c, robot, d.ids, d.now))
	if d.Pending() == nil || d.State != New {
		t.Fatal("a program's offer was accepted at once")
	}
	d.did(d.Accept("", robot, d.ids, d.now))
	if d.Tier != 2 || d.Assignee != "api:crm" || d.Owner != "" || d.State != Open {
		t.Errorf("accepted: %+v", d.Ticket)
	}

	// Who routes what nobody has taken, answers for it until it is accepted.
	d = opened(t)
	d.did(d.Offer(d.up("payments", 2), anna, d.ids, d.now))
	if d.Assignee != "anna" {
		t.Errorf("%q is responsible", d.Assignee)
	}
	// A rule leaves its id.
	d = opened(t)
	d.did(d.Offer(d.up("payments", 2), System{"route"}, d.ids, d.now))
	if h := d.Pending(); h == nil || h.Rule != "route" {
		t.Errorf("offered: %+v", h)
	}
	d.refused(d.Accept("", System{"route"}, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Withdraw("", elio, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Withdraw("x", lead, d.ids, d.now))(NotFound, "error.no_handoff", "")
	d.did(d.Withdraw("", lead, d.ids, d.now))
}

func TestRefuse(t *testing.T) {
	d := taken(t)
	d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
	d.refused(d.Refuse("", RefuseCommand{Reason: "lazy"}, bruno, d.ids, d.now))(Invalid, "error.refusal_reason", "reason")
	d.refused(d.Refuse("", RefuseCommand{Reason: MissingFacts, Missing: []string{" "}}, bruno, d.ids, d.now))(Invalid, "error.missing_unnamed", "missing")
	d.refused(d.Refuse("", RefuseCommand{Reason: "not_needed"}, dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.Refuse("", RefuseCommand{Reason: MissingFacts, Missing: []string{"IMEI", "IMEI", ""}, Text: "Which one?"}, bruno, d.ids, d.now))
	h := d.Handoffs[0]
	if h.State != Refused || h.AnsweredBy != bruno.Ref() || !slices.Equal(h.Missing, []string{"IMEI"}) {
		t.Errorf("refused: %+v", h)
	}
	if d.Team != Triage || d.Assignee != "anna" || d.Bounces != 1 || d.State != Open || len(d.letters) > 0 {
		t.Errorf("it was in triage, and the sender keeps it: %+v", d.Ticket)
	}

	// From elsewhere it returns to triage, and the customer is told.
	d.moveTo("tech", 2, bruno)
	d.did(d.Offer(d.up("payments", 2), bruno, d.ids, d.now))
	d.did(d.Refuse("", RefuseCommand{Reason: "wrong_team"}, dora, d.ids, d.now))
	if d.Team != Triage || d.Tier != 1 || d.Assignee != "" || d.Owner != "anna" || d.HighestTier != 2 || d.Bounces != 2 {
		t.Errorf("refused: %+v", d.Ticket)
	}
	if len(d.letters) != 1 || d.letters[0].Args.Team != Triage {
		t.Errorf("letters %+v", d.letters)
	}

	// The third freezes it.
	d.did(d.Offer(d.up("payments", 2), anna, d.ids, d.now))
	d.did(d.Refuse("", RefuseCommand{Reason: "no_capacity"}, dora, d.ids, d.now))
	if !d.Frozen || d.Bounces != 3 {
		t.Fatalf("not frozen: %+v", d.Ticket)
	}
	d.refused(d.Offer(d.up("tech", 2), anna, d.ids, d.now))(Conflict, "error.frozen", "")
	d.refused(d.Take("anna", elio, d.ids, d.now))(Conflict, "error.frozen", "")
	d.did(d.Reply(Message{Text: "We are sorting out who helps you."}, anna, d.ids, d.now))
	if !d.Frozen {
		t.Error("an answer does not decide")
	}
	decide := DecideCommand{Desk: ShippedDesk(), Team: "payments", Tier: 2, Reason: "It is an invoice.", Tell: "Payments looks at your invoice."}
	d.refused(d.Decide(decide, anna, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Decide(DecideCommand{Desk: ShippedDesk(), Team: "moon"}, lead, d.ids, d.now))(Invalid, "error.team_unknown", "team")
	d.refused(d.Decide(DecideCommand{Desk: ShippedDesk(), Team: "payments", Tier: 1}, lead, d.ids, d.now))(Invalid, "error.tier_wrong", "tier")
	d.refused(d.Decide(DecideCommand{Desk: ShippedDesk(), Team: "payments", Tier: 2}, lead, d.ids, d.now))(Invalid, "error.reason_missing", "reason")
	d.refused(d.Decide(DecideCommand{Desk: ShippedDesk(), Team: "payments", Tier: 2, Reason: "x"}, lead, d.ids, d.now))(Invalid, "error.tell_missing", "tell_customer")
	stay, err := d.Decide(DecideCommand{Desk: ShippedDesk(), Team: Triage, Tier: 1, Reason: "Keep it."}, lead, d.ids, d.now)
	if err != nil || len(stay.Letters) > 0 || stay.Ticket.Assignee != "anna" || stay.Ticket.Frozen {
		t.Errorf("decided to stay: %v, %+v", err, stay.Ticket)
	}
	if n := len(stay.Ticket.ForRequester()); n != len(d.ForRequester()) {
		t.Error("the customer reads of a move that was none")
	}
	d.did(d.Decide(decide, lead, d.ids, d.now))
	if d.Frozen || d.Bounces != 0 || d.Team != "payments" || d.Assignee != "" || d.Owner != "anna" || len(d.letters) != 1 {
		t.Errorf("decided: %+v", d.Ticket)
	}
	d.refused(d.Decide(decide, lead, d.ids, d.now))(Conflict, "error.not_frozen", "")
}

func TestReturnsBounce(t *testing.T) {
	d := taken(t)
	d.moveTo("tech", 2, bruno)
	if d.Bounces != 0 {
		t.Errorf("%d bounces after the first move", d.Bounces)
	}
	d.moveTo(Triage, 1, elio)
	d.moveTo("tech", 2, bruno)
	if d.Bounces != 2 || d.Frozen {
		t.Errorf("%d bounces", d.Bounces)
	}
	d.did(d.Reply(Message{Text: "We found it."}, bruno, d.ids, d.now))
	if d.Bounces != 0 {
		t.Error("an answer begins anew")
	}
	d.moveTo(Triage, 1, elio)
	d.moveTo("tech", 2, bruno)
	d.moveTo(Triage, 1, elio)
	if !d.Frozen {
		t.Error("the third return does not freeze")
	}
	d.solve(elio)
	if d.Frozen || d.Bounces != 0 {
		t.Error("nothing is left to decide")
	}
}

func TestSolve(t *testing.T) {
	d := taken(t)
	refuse := func(c SolveCommand, reason, field string) {
		t.Helper()
		d.refused(d.Solve(c, anna, d.ids, d.now))(Invalid, reason, field)
	}
	said := Message{Text: "Done."}
	refuse(SolveCommand{Article: "a"}, "error.text_missing", "text")
	refuse(SolveCommand{Message: said}, "error.article_missing", "article")
	refuse(SolveCommand{Message: said, Article: "a", Made: true}, "error.article_missing", "article")
	refuse(SolveCommand{Message: said, Article: NoArticle, Made: true, Reason: "x"}, "error.article_missing", "article")
	refuse(SolveCommand{Message: said, Article: NoArticle}, "error.no_article_why", "reason")
	refuse(SolveCommand{Message: said, Article: "../A"}, "error.article_key", "article")
	d.refused(d.Solve(SolveCommand{Message: said, Made: true}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Solve(SolveCommand{Message: said, Made: true}, dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")

	seen := d.Version
	d.did(d.RequesterReply(RequesterMessage{Message: said}, d.me(), d.ids, d.now))
	d.refused(d.Solve(SolveCommand{Message: Message{Text: "Done.", Seen: seen}, Made: true}, anna, d.ids, d.now))(Conflict, "error.written_meanwhile", "")

	d.did(d.Solve(SolveCommand{Message: said, Article: NoArticle, Reason: "A one-off."}, anna, d.ids, d.now))
	if d.State != Solved || d.Turn() != Theirs || d.SolvedTier != 1 || d.Solution.Reason != "A one-off." || d.Solution.Article != "" ||
		d.Solution.Entry != d.Entries[len(d.Entries)-1].ID || d.letters[0].Kind != SolvedLetter {
		t.Errorf("solved: %+v", d.Ticket)
	}
	d.refused(d.Solve(SolveCommand{Message: said, Made: true}, anna, d.ids, d.now))(Conflict, "error.ticket_solved", "")
}

func TestSettle(t *testing.T) {
	d := taken(t)
	d.refused(d.NotSolved(Message{Text: "x"}, d.me(), d.ids, d.now))(Conflict, "error.not_solved_yet", "")
	d.solve(anna)
	d.refused(d.NotSolved(Message{}, d.me(), d.ids, d.now))(Invalid, "error.still_wrong", "text")
	d.refused(d.NotSolved(Message{Text: "x"}, anna, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Confirm(Message{}, anna, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.NotSolved(Message{Text: "Still black."}, d.me(), d.ids, d.now))
	if d.State != Open || d.Reopened != 1 || d.Assignee != "anna" {
		t.Errorf("reopened: %+v", d.Ticket)
	}
	d.solve(anna)
	d.did(d.Confirm(Message{Text: "Thank you!"}, d.me(), d.ids, d.now))
	if d.State != Closed || d.Turn() != Nobodys || d.SolvedTier != 1 {
		t.Errorf("closed: %+v", d.Ticket)
	}
	version := d.Version
	d.did(d.Confirm(Message{}, d.me(), d.ids, d.now)) // once more changes nothing
	if d.Version != version {
		t.Error("closed twice")
	}
	d.now = d.now.AddDate(0, 0, 13)
	d.did(d.NotSolved(Message{Text: "Black again."}, d.me(), d.ids, d.now))
	d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
	d.did(d.Confirm(Message{}, d.me(), d.ids, d.now)) // she found it herself
	if d.Pending() != nil || d.Handoffs[0].State != Withdrawn || d.State != Closed {
		t.Errorf("an offer outlives its ticket: %+v", d.Handoffs)
	}
	d.now = d.now.AddDate(0, 0, 15)
	d.refused(d.NotSolved(Message{Text: "x"}, d.me(), d.ids, d.now))(Invalid, "error.closed_long_ago", "")
	d.did(d.Note(Message{Text: "For the record."}, anna, d.ids, d.now))
	d.refused(d.Note(Message{}, anna, d.ids, d.now))(Invalid, "error.text_missing", "text")
	d.refused(d.Note(Message{Text: "x"}, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
}

func TestAddress(t *testing.T) {
	d := opened(t)
	d.did(d.Verify("eve@example.com", d.me(), d.ids, d.now))
	if d.Requester.Verified || d.Version != 1 {
		t.Error("another address was verified")
	}
	d.refused(d.Verify("maria@example.com", RequesterOf{Ticket: "other"}, d.ids, d.now))(NotFound, "error.no_ticket", "")
	d.did(d.Verify("maria@example.com", d.me(), d.ids, d.now))
	d.did(d.Verify("maria@example.com", d.me(), d.ids, d.now))
	if !d.Requester.Verified || d.Version != 2 {
		t.Errorf("verified %v at version %d", d.Requester.Verified, d.Version)
	}
	d.refused(d.Revoke(d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.Revoke(anna, d.ids, d.now))
	d.did(d.Reply(Message{Text: "Hello"}, anna, d.ids, d.now))
	if d.LinkGeneration != 1 || d.letters[0].Args.Generation != 1 {
		t.Errorf("generation %d, in the letter %d", d.LinkGeneration, d.letters[0].Args.Generation)
	}
}

func TestForRequester(t *testing.T) {
	d := taken(t)
	d.did(d.Note(Message{Text: "secret note"}, anna, d.ids, d.now))
	d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now))
	d.did(d.RequesterReply(RequesterMessage{Answers: map[string]string{"model": "P2"}}, d.me(), d.ids, d.now))
	d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
	d.did(d.Accept("", bruno, d.ids, d.now))
	d.did(d.Wait(WaitCommand{Party: "Courier", Until: d.now.AddDate(0, 0, 1)}, bruno, d.ids, d.now))
	d.did(d.Resume("secret reason", bruno, d.ids, d.now))
	d.did(d.Offer(d.up("payments", 2), bruno, d.ids, d.now))
	d.did(d.Refuse("", RefuseCommand{Reason: "not_needed", Text: "secret words"}, dora, d.ids, d.now))
	d.did(d.Reply(Message{Text: "Hello."}, robot, d.ids, d.now))
	d.did(d.Solve(SolveCommand{Message: Message{Text: "Done."}, Article: NoArticle, Reason: "secret"}, anna, d.ids, d.now))
	d.did(d.Resume("secret", anna, d.ids, d.now))
	d.did(d.Confirm(Message{}, d.me(), d.ids, d.now))
	var got []string
	for _, l := range d.ForRequester() {
		got = append(got, strings.TrimSpace(strings.Join([]string{string(l.Kind), string(l.By), l.Name, l.Team, l.Tell, l.Party, l.Text}, "|")))
	}
	want := []string{
		"opened|requester|Maria Conti||||Since this morning.",
		"asked|staff|Anna||||",
		"said|requester|Maria Conti||||Which model? P2",
		"moved|staff||tech|Our technicians will look at the screen.||",
		"waiting|staff|Bruno|||Courier|",
		"moved|staff||general|||",
		"said|staff|||||Hello.",
		"solved|staff|Anna||||Done.",
		"reopened|staff|Anna||||",
		"closed|requester|Maria Conti||||",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if b, _ := json.Marshal(d.ForRequester()); strings.Contains(string(b), "secret") {
		t.Errorf("a secret is told: %s", b)
	}
}

// TestJSON checks that an entry that went through a database means the same.
func TestJSON(t *testing.T) {
	d := taken(t)
	d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now.Add(123456*time.Nanosecond)))
	d.moveTo("tech", 2, bruno)
	d.solve(bruno)
	for i := range d.Entries {
		b, err := json.Marshal(d.Entries[i].Event)
		if err != nil {
			t.Fatal(err)
		}
		d.Entries[i].Event = nil
		if err := json.Unmarshal(b, &d.Entries[i].Event); err != nil {
			t.Fatal(err)
		}
	}
	back, err := Rebuild(d.Entries)
	if err != nil {
		t.Fatal(err)
	}
	back.Entries, d.Ticket.Entries = nil, nil
	if !reflect.DeepEqual(back, d.Ticket) {
		t.Errorf("got %+v\nwant %+v", back, d.Ticket)
	}
}

func TestRebuildRefuses(t *testing.T) {
	good := taken(t).Entries
	for name, entries := range map[string][]Entry{
		"nothing":     nil,
		"a hole":      {good[0], {Seq: 3, Kind: Internal}},
		"no opening":  good[1:],
		"two of them": {good[0], {Seq: 2, Event: good[0].Event}},
		"no event":    {good[0], {Seq: 2, Event: &Event{Kind: "?"}}},
		"no offer":    {good[0], {Seq: 2, Event: &Event{Kind: EventAccepted, HandoffID: "h"}}},
		"no solution": {good[0], {Seq: 2, Event: &Event{Kind: EventSolved}}},
		"no handoff":  {good[0], {Seq: 2, Event: &Event{Kind: EventOffered}}},
		"no consult":  {good[0], {Seq: 2, Event: &Event{Kind: EventConsulted}}},
		"no question": {good[0], {Seq: 2, Event: &Event{Kind: EventAdvised, ConsultID: "k"}}},
		"no fact":     {good[0], {Seq: 2, Event: &Event{Kind: EventFact}}},
		"no step":     {good[0], {Seq: 2, Event: &Event{Kind: EventStep}}},
		"nobody":      {{Seq: 1, Event: &Event{Kind: EventOpened}}},
	} {
		if _, err := Rebuild(entries); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzNewTicket(f *testing.F) {
	f.Add("The screen", "It is black.", "maria@example.com", "Maria", "", "it", "key")
	f.Add("a\r\nBcc: x@example.com", "\x00\u202e", "Maria <m@example.com>", "\u200b", "+39", "it-IT", "")
	f.Fuzz(func(t *testing.T, subject, text, email, name, phone, lang, key string) {
		c := OpenCommand{Number: "0123ABCD", Subject: subject, Text: text, Email: email, Name: name, Phone: phone, Lang: lang, Key: key}
		ch, err := NewTicket(c, RequesterOf{}, counter(), monday)
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatalf("kind %d: %v", KindOf(err), err)
			}
			return
		}
		sound(t, &Ticket{}, ch)
		r := ch.Ticket.Requester
		for _, line := range []string{ch.Ticket.Subject, r.Email, r.Name, r.Phone, ch.Ticket.Lang, ch.Entries[0].Key} {
			if strings.ContainsAny(line, "\r\n\x00\x1b\u202e\u2066") {
				t.Errorf("%q has control characters", line)
			}
		}
		if strings.TrimSpace(ch.Ticket.Subject) == "" || strings.TrimSpace(ch.Entries[0].Text) == "" || strings.Count(r.Email, "@") != 1 {
			t.Errorf("opened %+v", ch.Ticket)
		}
	})
}
