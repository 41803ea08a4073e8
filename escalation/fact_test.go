package escalation_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "primalinea/escalation"
)

// aware is a kind of request whose facts a program knows when it sees them.
func aware() *RequestType {
	return &RequestType{ID: "device", Needs: []Need{
		{Key: "model", Name: Text{"en": "Model"}, Kind: LineValue, When: AtOnce, Forms: []string{"Prima ##", "Prima ## Pro"}},
		{Key: "imei", Name: Text{"en": "IMEI"}, Kind: IMEIValue, When: BeforeMove},
		{Key: "order", Name: Text{"en": "Order"}, Kind: OrderValue, When: BeforeMove, Forms: []string{"PL-####@"}},
		{Key: "bought_on", Name: Text{"en": "Bought on"}, Kind: DateValue, When: BeforeSolve},
	}}
}

// TestFinds says what is read in somebody's words, and what is not: nothing that may
// mean something else.
func TestFinds(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"my PRIMA 10 pro is dead", "model=Prima 10 Pro"},
		{"my Prima 10, and a Prima 12", "model=Prima 10 model=Prima 12"},
		{"Prima 100", ""},
		{"a prima10", ""},
		{"suprima 10", ""},
		{"imei 49-015420-323751-8.", "imei=490154203237518"},
		{"(490154203237518)", "imei=490154203237518"},
		{"490154203237519", ""},
		{"000000000000000", ""},
		{"4901542032375180", ""},
		{"49 0154 2032 37518 7", "imei=490154203237518"},
		{"49  0154203237518", ""},
		{"order pl-0042x, bought 1/2/2026", "order=PL-0042X"},
		{"PL-00423", ""},
		{"XPL-0042x", ""},
	} {
		d := opened(t)
		d.did(d.Note(Message{Text: test.text}, anna, d.ids, d.now))
		var got []string
		for _, f := range d.Finds(aware()) {
			got = append(got, f.Key+"="+f.Value)
			if f.Source != d.Entries[1].ID || f.State != "" {
				t.Errorf("%q is from %s, %q", test.text, f.Source, f.State)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

// FuzzFinds checks that what is read in a text stands in it, whatever the text.
func FuzzFinds(f *testing.F) {
	f.Add("PRIMA 10 pro 49-015420-323751-8 pl-0042x")
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.RuneCountInString(text) > MaxText || Blank(text) {
			return
		}
		d := opened(t)
		d.did(d.Note(Message{Text: text}, anna, d.ids, d.now))
		plain := func(s string) string {
			return strings.NewReplacer(" ", "", "-", "", "/", "", ".", "", "\n", "").Replace(strings.ToLower(s))
		}
		for _, f := range d.Finds(aware()) {
			if !strings.Contains(plain(d.Entries[1].Text), plain(f.Value)) {
				t.Errorf("%q is said to hold %s", text, f.Value)
			}
			if _, err := d.KeepFact(f, aware(), anna, d.ids, d.now); err != nil {
				t.Errorf("%v cannot be kept: %v", f, err)
			}
		}
	})
}

// TestKeepFact keeps what was read in words with one click: as whose word it is, and
// from where. Nothing is kept that stands nowhere, and what we wrote says nothing.
func TestKeepFact(t *testing.T) {
	c := question()
	c.Text, c.Trail = "My Prima 10 is dead.", &Trail{Moments: []Moment{{Kind: "search", Query: "prima 12 black"}, {Kind: "suggested", Title: "Prima 14"}}}
	d := &desk{TB: t, now: monday, ids: counter()}
	d.did(NewTicket(c, RequesterOf{}, d.ids, d.now))
	d.did(d.Reply(Message{Text: "Is it PL-0001A?"}, anna, d.ids, d.now))
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "It is PL-0042B."}}, d.me(), d.ids, d.now))
	if len(d.Facts) > 0 {
		t.Fatalf("kept silently: %+v", d.Facts)
	}
	finds := d.Finds(aware())
	want := []Fact{
		{Key: "model", Value: "Prima 12", Source: d.Entries[1].ID, State: Spotted},
		{Key: "model", Value: "Prima 10", Source: d.Entries[0].ID, State: Given},
		{Key: "order", Value: "PL-0042B", Source: d.Entries[len(d.Entries)-1].ID, State: Given},
	}
	if !slices.Equal(finds, want) {
		t.Fatalf("found %+v, want %+v", finds, want)
	}
	d.did(d.KeepFact(Fact{Key: "model", Value: "Prima 10", Source: d.Entries[0].ID}, aware(), anna, d.ids, d.now))
	if f, _ := d.Fact("model"); f != want[1] {
		t.Errorf("kept %+v", f)
	}
	if finds := d.Finds(aware()); len(finds) != 1 {
		t.Errorf("still found %+v", finds)
	}
	for _, f := range []Fact{want[0], {Key: "order", Value: "PL-0042C", Source: want[2].Source}, {Key: "order", Value: "PL-0042B", Source: d.Entries[0].ID}} {
		d.refused(d.KeepFact(f, aware(), anna, d.ids, d.now))(Conflict, "error.fact_changed", "")
	}
	d.refused(d.KeepFact(want[2], aware(), d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
}

// TestSpotted: what the searches before a ticket hold of its type's facts comes along
// with it, unsure, after what the form says; without the searches nothing does.
func TestSpotted(t *testing.T) {
	desk := ShippedDesk()
	desk.Types = []RequestType{*aware()}
	c := question()
	c.Desk, c.RequestType = desk, "device"
	c.Facts = map[string]string{"model": "Prima 10"}
	c.Trail = &Trail{Moments: []Moment{{Kind: "search", Query: "prima 12 pl-0001a"}, {Kind: "open", Article: "a", Title: "If PL-0002B does not come"}}}
	ch, err := NewTicket(c, RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, &Ticket{}, ch)
	model, _ := ch.Ticket.Fact("model")
	order, _ := ch.Ticket.Fact("order")
	if len(ch.Ticket.Facts) != 2 || model.State != Given || order.State != Spotted || order.State.Sure() != Unsure || order.Value != "PL-0001A" {
		t.Errorf("%+v", ch.Ticket.Facts)
	}
	last := ch.Entries[len(ch.Entries)-1]
	if last.By != (System{Rule: TrailRule}).Ref() || order.Source != ch.Entries[len(ch.Entries)-2].ID {
		t.Errorf("%+v, from %+v", last, order)
	}
	c.Trail = nil
	if ch, err = NewTicket(c, RequesterOf{}, counter(), monday); err != nil || len(ch.Ticket.Facts) != 1 {
		t.Errorf("without the searches: %+v, %v", ch.Ticket.Facts, err)
	}
	c.Facts = nil
	if _, err = NewTicket(c, RequesterOf{}, counter(), monday); reason(err) != "error.need_missing (fact.model)" {
		t.Errorf("a search stands in for the form: %v", err)
	}
}

// TestJudge confirms and disputes what is known, and lets the customer say otherwise:
// the old value stays where it can be seen.
func TestJudge(t *testing.T) {
	d := taken(t)
	d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now))
	reply := func(value string) {
		t.Helper()
		d.did(d.RequesterReply(RequesterMessage{Answers: map[string]string{"model": value}}, d.me(), d.ids, d.now))
	}
	is := func(value string, state FactState, sure Confidence, earlier ...string) {
		t.Helper()
		f, _ := d.Fact("model")
		var was []string
		for _, e := range d.Earlier {
			if was = append(was, e.Value); e.State != Disputed || e.Judged == "" {
				t.Errorf("earlier: %+v", e)
			}
		}
		if f.Value != value || f.State != state || f.State.Sure() != sure || !slices.Equal(was, earlier) {
			t.Errorf("%+v (%s), earlier %v; want %s, %q, %s, %v", f, f.State.Sure(), was, value, state, sure, earlier)
		}
	}
	reply("P10")
	is("P10", Given, Likely)
	d.refused(d.ConfirmFact("model", "P11", anna, d.ids, d.now))(Conflict, "error.fact_changed", "")
	d.refused(d.ConfirmFact("order", "", anna, d.ids, d.now))(Conflict, "error.fact_changed", "")
	d.refused(d.ConfirmFact("model", "P10", d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.ConfirmFact("model", "P10", anna, d.ids, d.now))
	is("P10", Confirmed, Certain)
	confirmed, _ := d.Fact("model")
	if confirmed.Judged != d.Entries[len(d.Entries)-1].ID {
		t.Errorf("confirmed by %s", confirmed.Judged)
	}
	if c, err := d.ConfirmFact("model", "P10", elio, d.ids, d.now); err != nil || len(c.Entries) > 0 {
		t.Errorf("confirmed twice: %+v, %v", c.Entries, err)
	}
	d.did(d.AddFact(Fact{Key: "model", Value: "p10"}, anna, d.ids, d.now))
	is("p10", Confirmed, Certain) // the same again is no less sure

	d.refused(d.DisputeFact("model", "p10", " ", anna, d.ids, d.now))(Invalid, "error.dispute_why", "reason")
	d.did(d.DisputeFact("model", "p10", "The photo shows another.", anna, d.ids, d.now))
	is("p10", Disputed, Doubtful)
	if n := (&Need{Key: "model", Kind: LineValue}); n.Known(&d.Ticket) {
		t.Error("what is disputed counts as known")
	}
	d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now)) // without saying why: a colleague did
	if q := d.Questions[0]; q.Again != Disputed {
		t.Errorf("asked as %+v", q)
	}
	reply("P12")
	is("P12", Given, Likely, "p10")
	reply2 := AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "x", Again: Outdated}}, Until: d.now.AddDate(0, 0, 1)}
	d.did(d.Ask(reply2, anna, d.ids, d.now))
	reply("P13")
	is("P13", Given, Likely, "p10", "P12") // the newer answer disputes the older
}

// TestForms says which forms of values are sure enough.
func TestForms(t *testing.T) {
	for _, test := range []struct {
		form string
		kind ValueKind
		want string
	}{
		{"Prima ##", LineValue, ""},
		{"E-###", LineValue, ""},
		{"######", OrderValue, ""},
		{"###", OrderValue, "error.form_vague"},
		{"X1", LineValue, "error.form_vague"},
		{"-1234", LineValue, "error.form_vague"}, // no word begins like that
		{"1234", DateValue, "error.form_kind"},
		{strings.Repeat("x", 61), LineValue, "error.too_long"},
	} {
		d := *ShippedDesk()
		d.Types = []RequestType{*aware()}
		d.Types[0].Name, d.Types[0].Team, d.Types[0].Tier = Text{"en": "Device"}, "tech", 1
		d.Types[0].Needs = []Need{{Key: "k", Name: Text{"en": "It"}, Why: Text{"en": "So."}, Kind: test.kind, When: BeforeMove, Forms: []string{"", test.form, " " + test.form}}}
		got, err := d.Clean()
		want := test.want
		if want != "" {
			want += " (types.device.needs.0.forms)"
		}
		if reason(err) != want {
			t.Errorf("%q: %v, want %s", test.form, err, want)
		}
		if err == nil && !slices.Equal(got.Types[0].Needs[0].Forms, []string{test.form}) {
			t.Errorf("%q is kept as %q", test.form, got.Types[0].Needs[0].Forms)
		}
	}
}
