package escalation_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
)

// TestValue says what is taken as the value of a fact, and how it is kept.
func TestValue(t *testing.T) {
	for _, test := range []struct {
		kind        ValueKind
		typed, want string // want begins with "error." when it is refused
	}{
		{LineValue, "  Prima  10\nPro ", "Prima 10 Pro"},
		{LineValue, "\u200b", "error.need_missing"},
		{LineValue, strings.Repeat("x", MaxLine+1), "error.too_long"},
		{TextValue, "one\r\n two", "one\n two"},
		{DateValue, "2026-02-28", "2026-02-28"},
		{DateValue, "28/2/2026", "2026-02-28"},
		{DateValue, "28.02.2026", "2026-02-28"},
		{DateValue, "30/02/2026", "error.need_date"},
		{DateValue, "yesterday", "error.need_date"},
		{DateValue, "01/01/0001", "error.need_date"},
		{NumberValue, "1 049,90", "1049,90"},
		{NumberValue, "49.9", "49.9"},
		{NumberValue, "1,2,3", "error.need_number"},
		{NumberValue, "lots", "error.need_number"},
		{IMEIValue, "49-015420-323751-8", "490154203237518"},
		{IMEIValue, "490154203237518", "490154203237518"},
		{IMEIValue, "490154203237519", "error.need_imei"}, // the last digit checks the others
		{IMEIValue, "940154203237518", "error.need_imei"}, // two digits changed places
		{IMEIValue, "49015420323751", "error.need_imei"},
		{IMEIValue, "4901542032375180", "error.need_imei"},
		{IMEIValue, "٤٩٠١٥٤٢٠٣٢٣٧٥١٨", "error.need_imei"},
		{OrderValue, "#PL-2026/0042", "#PL-2026/0042"},
		{OrderValue, "ordine", "error.need_order"},
		{OrderValue, "<b>1</b>", "error.need_order"},
		{OrderValue, "1", "error.need_order"},
		{PhotosValue, "in the shop, seen by me", "in the shop, seen by me"},

		{OrderValue, "- it was a gift", "– it was a gift"},
		{IMEIValue, "—  the phone is dead", "– the phone is dead"},
		{DateValue, "- nobody knows", "– nobody knows"},
		{OrderValue, "-", "error.need_reason"},
		{OrderValue, "- x", "error.need_reason"},
	} {
		n := Need{Key: "k", Name: Text{"en": "It"}, Kind: test.kind}
		got, lacks, err := n.Value("f", test.typed)
		if err != nil {
			got = strings.TrimSuffix(err.Error(), " (f)")
		}
		if got != test.want || lacks != strings.HasPrefix(test.want, "–") {
			t.Errorf("%s %q: %q (lacks: %v), want %q", test.kind, test.typed, got, lacks, test.want)
		}
	}
}

// FuzzValue checks that what is taken can be typed again, and stays what it is.
func FuzzValue(f *testing.F) {
	f.Add("490154203237518")
	f.Add("28/2/2026")
	f.Add("- - none of it")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, kind := range ValueKinds {
			n := Need{Kind: kind}
			value, lacks, err := n.Value("f", typed)
			if err != nil {
				continue
			}
			again, still, err := n.Value("f", value)
			if err != nil || again != value || still != lacks {
				t.Errorf("%s %q becomes %q, which becomes %q: %v", kind, typed, value, again, err)
			}
			if Blank(value) {
				t.Errorf("%s %q becomes nothing", kind, typed)
			}
		}
	})
}

// TestOpenTyped opens tickets of a kind: what has to be known at once is demanded of
// who asks, and of nobody who writes for them.
func TestOpenTyped(t *testing.T) {
	typed := func(id string, facts map[string]string) OpenCommand {
		c := question()
		c.Desk, c.RequestType, c.Facts = ShippedDesk(), id, facts
		return c
	}
	for _, test := range []struct {
		name string
		c    OpenCommand
		want string
	}{
		{"no such kind", typed("moon", nil), "error.request_type (request_type)"},
		{"nothing known", typed("return", nil), "error.need_missing (fact.order)"},
		{"the other missing", typed("return", map[string]string{"order": "A 12"}), "error.need_missing (fact.wish)"},
		{"wrong", typed("return", map[string]string{"order": "?", "wish": "refund"}), "error.need_order (fact.order)"},
		{"not needed yet, and wrong", typed("device", map[string]string{"model": "P1", "imei": "12"}), "error.need_imei (fact.imei)"},
		{"all", typed("return", map[string]string{"order": "A 12", "wish": "refund", "other": "x"}), ""},
		{"none, with a reason", typed("return", map[string]string{"order": "- a gift", "wish": "refund"}), ""},
		{"no kind", typed("", map[string]string{"order": "A 12"}), ""},
	} {
		ch, err := NewTicket(test.c, RequesterOf{}, counter(), monday)
		if got := reason(err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
			continue
		}
		if err == nil {
			sound(t, &Ticket{}, ch)
		}
		if test.name == "all" {
			f, ok := ch.Ticket.Fact("order")
			if !ok || f != (Fact{Key: "order", Value: "A 12", Source: ch.Entries[0].ID, State: Given}) || ch.Ticket.Desk != 1 || len(ch.Ticket.Facts) != 2 {
				t.Errorf("known: %+v, at desk %d", ch.Ticket.Facts, ch.Ticket.Desk)
			}
			if by := ch.Entries[1].By; by.Kind != ByRequester || by.Name != "Maria Conti" {
				t.Errorf("said by %+v", by)
			}
		}
	}
	c := typed("return", nil)
	c.Channel = Phone
	if _, err := NewTicket(c, anna, counter(), monday); err != nil {
		t.Errorf("for a caller: %v", err)
	}
	c.Channel = API
	if _, err := NewTicket(c, robot, counter(), monday); err != nil {
		t.Errorf("by a program: %v", err)
	}
	photos := ShippedDesk()
	photos.Types[0].Needs = []Need{{"photos", Text{"en": "Photos"}, Text{"en": "To see it."}, PhotosValue, AtOnce, nil}}
	c = question()
	c.Desk, c.RequestType = photos, "device"
	if _, err := NewTicket(c, RequesterOf{}, counter(), monday); reason(err) != "error.need_photos (files)" {
		t.Errorf("without photos: %v", err)
	}
	c.Files = []File{{ID: "f", Name: "a.pdf", Type: "application/pdf"}}
	if _, err := NewTicket(c, RequesterOf{}, counter(), monday); reason(err) != "error.need_photos (files)" {
		t.Errorf("with a letter: %v", err)
	}
	c.Files = append(c.Files, File{ID: "g", Name: "a.mp4", Type: "video/mp4"})
	if _, err := NewTicket(c, RequesterOf{}, counter(), monday); err != nil {
		t.Errorf("with a video: %v", err)
	}
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestTriage walks a ticket through triage: its kind is said, what is missing stops
// it, and the rule of its kind hands it on, to be accepted like any handoff.
func TestTriage(t *testing.T) {
	d := taken(t)
	shipped := ShippedDesk()
	set := func(desk *Desk, id string, by Actor) (Change, error) {
		return d.SetType(TypeCommand{desk, id}, by, d.ids, d.now)
	}
	d.refused(set(shipped, "moon", anna))(Invalid, "error.request_type", "type")
	d.refused(set(shipped, "", anna))(Invalid, "error.request_type", "type")
	d.refused(set(shipped, "return", dora))(Forbidden, "error.not_allowed", "")
	d.refused(set(shipped, "return", d.me()))(Forbidden, "error.not_allowed", "")
	d.did(set(shipped, "return", anna))
	if e := d.Entries[len(d.Entries)-1]; d.RequestType != "return" || d.Ticket.Desk != 1 || e.Event.Kind != EventTyped || e.Event.Desk != 1 || len(d.letters) > 0 {
		t.Fatalf("typed: %+v", e)
	}
	if ch, err := set(shipped, "return", anna); err != nil || len(ch.Entries) > 0 {
		t.Errorf("said twice: %+v, %v", ch.Entries, err)
	}

	// A move and a solution name what is missing; back to triage, and for a lead who
	// decides, nothing is.
	kind := shipped.Type("return")
	up := d.up("payments", 2)
	up.Type = kind
	ch, err := d.Offer(up, anna, d.ids, d.now)
	d.refused(ch, err)(Invalid, "error.facts_missing", "fact.order")
	e, _ := errors.AsType[*Error](err)
	names, _ := e.Args["Facts"].(Texts)
	var said []string
	for _, n := range names {
		said = append(said, n.In("it"))
	}
	if got := strings.Join(said, ", "); got != "Numero d'ordine, Reso, sostituzione o rimborso?, Giorno della consegna, Foto dell'apparecchio" {
		t.Errorf("missing: %s", got)
	}
	solve := SolveCommand{Message: Message{Text: "Done."}, FactsCommand: FactsCommand{Type: kind}, Article: "a"}
	ch, err = d.Solve(solve, anna, d.ids, d.now)
	d.refused(ch, err)(Invalid, "error.facts_missing", "fact.order")

	// In the form of the move they are filled in, and checked.
	route := func(facts map[string]string, by Actor) (Change, error) {
		return d.Route(RouteCommand{FactsCommand{kind, facts}, shipped, []string{"rita"}}, by, d.ids, d.now)
	}
	facts := map[string]string{"order": "A 12", "wish": "refund", "delivered_on": "31/11/2026", "photos": "seen in the shop"}
	d.refused(route(facts, anna))(Invalid, "error.need_date", "fact.delivered_on")
	facts["delivered_on"] = "- lost in the post"
	d.refused(route(facts, dora))(Forbidden, "error.not_allowed", "")
	d.refused(d.Route(RouteCommand{FactsCommand{kind, facts}, shipped, nil}, anna, d.ids, d.now))(Invalid, "error.nobody_there", "team")
	d.refused(d.Route(RouteCommand{FactsCommand{shipped.Type("device"), facts}, shipped, nil}, anna, d.ids, d.now))(Invalid, "error.request_type", "type")
	d.did(route(facts, anna))
	h := d.Pending()
	if h == nil || h.Rule != "type:return" || h.From != anna.Ref() || h.Team != "rrr" || h.Tier != 2 || d.Team != Triage || d.Assignee != "anna" {
		t.Fatalf("offered: %+v, with %s", h, d.Team)
	}
	if f, _ := d.Fact("delivered_on"); f.State != Lacking || f.Value != "– lost in the post" {
		t.Errorf("not known, and why: %+v", f)
	}
	if f, _ := d.Fact("order"); f.State != "" || d.Entries[len(d.Entries)-5].ID != f.Source {
		t.Errorf("known by the word of staff: %+v", f)
	}
	d.refused(route(facts, anna))(Conflict, "error.handoff_pending", "")
	rita := agent("rita", "Rita Blu", 2, "rrr")
	d.did(d.Accept("", rita, d.ids, d.now))
	if d.Team != "rrr" || d.Assignee != "rita" || d.Owner != "anna" || len(d.letters) != 1 || d.letters[0].Kind != MoveLetter {
		t.Errorf("accepted: %s, %s, %+v", d.Team, d.Assignee, d.letters)
	}
	d.did(d.Solve(solve, rita, d.ids, d.now))
	d.refused(set(shipped, "other", rita))(Conflict, "error.ticket_solved", "")
}

// TestBackToTriage hands back without anything that only other teams need.
func TestBackToTriage(t *testing.T) {
	d := taken(t)
	d.moveTo("tech", 2, bruno)
	d.did(d.SetType(TypeCommand{ShippedDesk(), "return"}, bruno, d.ids, d.now))
	back := d.up(Triage, 1)
	back.Type = ShippedDesk().Type("return")
	d.did(d.Offer(back, bruno, d.ids, d.now))
}

// TestPastVersion keeps a ticket under the version at which its kind was said: what is
// demanded later is demanded of later ones.
func TestPastVersion(t *testing.T) {
	old, now := ShippedDesk(), ShippedDesk()
	now.Version = 2
	now.Types[0].Needs = append(slices.Clone(now.Types[0].Needs), Need{"colour", Text{"en": "Colour"}, Text{"en": "x"}, LineValue, AtOnce, nil})
	d := taken(t)
	d.did(d.SetType(TypeCommand{old, "device"}, anna, d.ids, d.now))
	at := map[int]*Desk{1: old, 2: now}
	asked := func() bool { return at[d.Ticket.Desk].Type(d.RequestType).Need("colour") != nil }
	if asked() {
		t.Error("an old ticket is asked for what only new ones need")
	}
	// Said again, it is of the version that is in force.
	d.did(d.SetType(TypeCommand{now, "device"}, anna, d.ids, d.now))
	if !asked() {
		t.Error("a ticket that was typed anew is as it was")
	}
	again, err := Rebuild(d.Entries)
	if err != nil || again.Desk != 2 || again.RequestType != "device" {
		t.Errorf("rebuilt: %d, %v", again.Desk, err)
	}
}

// TestAnswersAreRead reads an answer as the form of its type reads the fact, so that a
// number that cannot be is asked for again at once, and "there is none" is known.
func TestAnswersAreRead(t *testing.T) {
	device := ShippedDesk().Type("device")
	asked := func() *desk {
		d := taken(t)
		d.did(d.Ask(AskCommand{Questions: []Question{{Key: "imei", Text: "IMEI?", Why: "Which one it is."}, {Key: "finding", Text: "What is it?", Why: "To know."}, {Key: "colour", Text: "Colour?", Why: "To find it."}}, Until: d.now.Add(time.Hour)}, anna, d.ids, d.now))
		return d
	}
	for typed, want := range map[string]Fact{
		"49-015420-323751-8": {Value: "490154203237518", State: Given},
		"490154203237510":    {},
		"my telephone":       {},
		"- it was stolen":    {Value: "– it was stolen", State: Lacking},
	} {
		d := asked()
		ch, err := d.RequesterReply(RequesterMessage{FactsCommand: FactsCommand{Type: device}, Answers: map[string]string{"imei": typed, "finding": "it is broken", "colour": "12"}}, d.me(), d.ids, d.now)
		if want.Value == "" {
			d.refused(ch, err)(Invalid, "error.need_imei", "answer-imei")
			continue
		}
		d.did(ch, err)
		if f, _ := d.Fact("imei"); f.Value != want.Value || f.State != want.State {
			t.Errorf("%q is %+v, want %+v", typed, f, want)
		}
		if f, _ := d.Fact("finding"); f.Value != "it is broken" {
			t.Errorf("a customer is quoted, not held to the words of staff: %+v", f)
		}
	}
	d := asked()
	d.did(d.RequesterReply(RequesterMessage{Answers: map[string]string{"imei": "under the battery"}}, d.me(), d.ids, d.now)) // of no type
}
