package escalation_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	. "primalinea/escalation"
)

// twice are two tickets of one requester.
func twice(t *testing.T) (a, b *desk) {
	t.Helper()
	a, b = opened(t), &desk{TB: t, now: monday, ids: counter()}
	q := question()
	q.Number = "4567EFGH"
	b.did(NewTicket(q, RequesterOf{}, func() string { return "b" + a.ids() }, b.now))
	b.ids = a.ids
	return a, b
}

// both applies the two changes of a rule.
func both(t *testing.T, a, b *desk, list []Change, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	a.did(list[0], nil)
	b.did(list[1], nil)
}

// TestMerge lets a ticket go on in another and back: it stays as it was, nothing can be
// done to it meanwhile but note, and the other has our turn if somebody waits.
func TestMerge(t *testing.T) {
	a, b := twice(t)
	a.did(a.Take("", anna, a.ids, a.now))
	b.did(b.Ask(AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Parts differ."}}, Until: b.now.AddDate(0, 0, 2)}, anna, b.ids, b.now))
	was, said := a.Ticket, len(b.ForRequester())
	list, err := a.Merge(&b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	if a.Into == nil || a.Into.Number != b.Number || a.Into.By != anna.Ref() || len(a.letters) > 0 {
		t.Errorf("it goes on in %+v, %d letters", a.Into, len(a.letters))
	}
	if b.State != Open || len(b.Joined) != 1 || b.Joined[0].Number != a.Number || len(b.Questions) != 1 {
		t.Errorf("the other is %s, joined by %+v, questions %v", b.State, b.Joined, b.Questions)
	}
	if len(b.letters) != 1 || b.letters[0].Kind != MergedLetter || b.letters[0].Args.Other != a.Number || b.letters[0].Args.Number != b.Number {
		t.Errorf("letters %+v", b.letters)
	}
	if len(b.ForRequester()) != said {
		t.Error("the requester of the other reads more than before")
	}
	for name, try := range map[string]func() (Change, error){
		"reply": func() (Change, error) { return a.Reply(Message{Text: "x"}, anna, a.ids, a.now) },
		"take":  func() (Change, error) { return a.Take("", elio, a.ids, a.now) },
		"spam":  func() (Change, error) { return a.SetAside(anna, a.ids, a.now) },
		"clear": func() (Change, error) { return a.Clear(anna, a.ids, a.now) },
		"requester": func() (Change, error) {
			return a.RequesterReply(RequesterMessage{Message: Message{Text: "x"}}, RequesterOf{Ticket: a.ID}, a.ids, a.now)
		},
		"program": func() (Change, error) { return a.Resume("x", System{Rule: "any"}, a.ids, a.now) },
	} {
		want := "error.merged"
		if name == "requester" {
			want = "error.merged_yours"
		}
		if _, err := try(); KindOf(err) != Conflict || reason(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.did(a.Note(Message{Text: "both the same"}, anna, a.ids, a.now))
	a.did(a.Inherit("anna", "lea", System{Rule: DisabledRule}, a.ids, a.now))
	if a.Owner != "lea" {
		t.Errorf("owned by %q", a.Owner)
	}

	day := a.Into.At.AddDate(0, 0, UndoDays)
	if _, err := a.Unmerge(&b.Ticket, anna, a.ids, day.Add(time.Minute)); reason(err) != "error.merge_long_ago" {
		t.Errorf("too late: %v", err)
	}
	if _, err := a.Unmerge(&a.Ticket, anna, a.ids, day); reason(err) != "error.not_merged" {
		t.Errorf("from another: %v", err)
	}
	if _, err := a.Unmerge(&b.Ticket, RequesterOf{Ticket: a.ID}, a.ids, day); KindOf(err) != Forbidden {
		t.Errorf("by its requester: %v", err)
	}
	list, err = a.Unmerge(&b.Ticket, anna, a.ids, day)
	both(t, a, b, list, err)
	if a.Into != nil || a.Doubt != "" || a.State != was.State || len(b.Joined) > 0 || b.State != Open {
		t.Errorf("it goes on in %+v as %s; the other is %s with %+v", a.Into, a.State, b.State, b.Joined)
	}
	a.did(a.Reply(Message{Text: "here again"}, anna, a.ids, day))
}

// TestMergeRefused says why two tickets cannot be one.
func TestMergeRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(a, b *desk)
		by   Actor
		want string
	}{
		{"itself", func(a, b *desk) { b.Ticket = a.Ticket }, anna, "error.merge_itself (number)"},
		{"in a ring", func(a, b *desk) { b.Into = &Join{Other: Other{Ticket: a.ID, Number: a.Number}} }, anna, "error.merge_ring (number)"},
		{"into what goes on elsewhere", func(a, b *desk) { b.Into = &Join{Other: Other{Ticket: "c", Number: "C"}} }, anna, "error.merge_on (number)"},
		{"what goes on elsewhere", func(a, b *desk) { a.Into = &Join{Other: Other{Ticket: "c", Number: "C"}} }, anna, "error.merged"},
		{"of another person", func(a, b *desk) { b.Requester.Email = "eva@example.com" }, anna, "error.merge_person (number)"},
		{"of two without address", func(a, b *desk) { a.Requester, b.Requester = Requester{Name: "Maria"}, Requester{Name: "Maria"} }, anna, "error.merge_person (number)"},
		{"of one telephone", func(a, b *desk) {
			a.Requester, b.Requester = Requester{Phone: "+39 055 1234"}, Requester{Phone: "+390551234"}
		}, anna, ""},
		{"of another case", func(a, b *desk) { b.Requester.Email = "MARIA@example.com" }, anna, ""},
		{"into what nobody proved", func(a, b *desk) { a.Requester.Verified = true }, anna, "error.merge_unproved (number)"},
		{"what nobody proved", func(a, b *desk) { b.Requester.Verified = true }, anna, ""},
		{"into what is solved", func(a, b *desk) { b.State = Solved }, anna, "error.merge_done (number)"},
		{"spam", func(a, b *desk) { a.Doubt = Spam }, anna, "error.merge_doubt (number)"},
		{"into what is in doubt", func(a, b *desk) { b.Doubt = Suspected }, anna, "error.merge_doubt (number)"},
		{"into a team's that is not mine", func(a, b *desk) { b.Team, b.Tier = "tech", 3 }, anna, "error.merge_not_yours (number)"},
		{"a team's that is not mine", func(a, b *desk) { a.Team, a.Tier = "tech", 3 }, anna, "error.not_allowed"},
		{"by its requester", func(a, b *desk) {}, RequesterOf{Ticket: "other"}, "error.no_ticket"},
	} {
		a, b := twice(t)
		test.set(a, b)
		if _, err := a.Merge(&b.Ticket, test.by, a.ids, a.now); reason(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// TestGiveJoined: what another request goes on in stays whose it is: its requester waits
// for the answer here.
func TestGiveJoined(t *testing.T) {
	a, b := twice(t)
	list, err := a.Merge(&b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	if _, err := b.Give(toEva, anna, b.ids, b.now); KindOf(err) != Conflict {
		t.Errorf("given away: %v", err)
	}
	list, err = a.Unmerge(&b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	b.did(b.Give(toEva, anna, b.ids, b.now))

	// Nor is it given back while another one of hers goes on in it.
	a.did(a.Give(toEva, anna, a.ids, a.now))
	a.now = b.now.Add(time.Minute)
	list, err = a.Merge(&b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	b.now = a.now
	if _, err := b.GiveBack(anna, b.ids, b.now); KindOf(err) != Conflict {
		t.Errorf("given back: %v", err)
	}
	list, err = a.Unmerge(&b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	b.did(b.GiveBack(anna, b.ids, b.now))
}

// TestJoining finds all that goes on in a ticket, in the order in which it came. What was
// made one by itself again meanwhile, or goes on elsewhere by then, does not.
func TestJoining(t *testing.T) {
	into := map[string]string{"b": "a", "c": "a", "d": "b", "e": "d"}
	meanwhile := map[string]*Join{}
	load := func(id string) (Ticket, error) {
		o := Ticket{ID: id}
		if on, ok := into[id]; ok {
			o.Into = &Join{Other: Other{Ticket: on}}
		}
		if on, ok := meanwhile[id]; ok {
			o.Into = on
		}
		for _, from := range slices.Sorted(maps.Keys(into)) {
			if into[from] == id {
				o.Joined = append(o.Joined, Join{Other: Other{Ticket: from}})
			}
		}
		return o, nil
	}
	a, _ := load("a")
	joins := func(want string) {
		t.Helper()
		list, err := a.Joining(load)
		var got string
		for _, o := range list {
			got += o.ID
		}
		if err != nil || got != want {
			t.Errorf("%s, want %s, %v", got, want, err)
		}
	}
	joins("bcde")
	meanwhile["c"] = nil
	joins("bde")
	meanwhile["d"] = &Join{Other: Other{Ticket: "c"}}
	joins("b")
	if _, err := a.Joining(func(string) (Ticket, error) { return Ticket{}, NoTicket() }); KindOf(err) != NotFound {
		t.Errorf("one is not there: %v", err)
	}
}
