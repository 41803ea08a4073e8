package escalation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
)

// entryWith returns the id of the entry with a text.
func entryWith(t *testing.T, tk *Ticket, text string) string {
	t.Helper()
	for _, e := range tk.Entries {
		if strings.Contains(e.Text, text) {
			return e.ID
		}
	}
	t.Fatalf("nobody said %q", text)
	return ""
}

// names lets the requester have said an IMEI in the entry with a text.
func names(a *desk, text, imei string) {
	a.did(a.AddFact(Fact{Key: "imei", Value: imei, State: Given, Source: entryWith(a.TB.(*testing.T), &a.Ticket, text)}, anna, a.ids, a.now))
}

// texts is what a requester reads in a ticket.
func texts(t *Ticket) string {
	var b strings.Builder
	for _, l := range t.ForRequester() {
		fmt.Fprintf(&b, "%s %s moved=%s from=%s\n", l.Name, l.Text, l.Moved, l.From)
	}
	return b.String()
}

// TestSplit makes a ticket of its own of what was said about a second device: with its
// facts and files, their authors and dates, and of the same requester. Undone, nothing of
// what was said there since is lost.
func TestSplit(t *testing.T) {
	a := opened(t)
	maria := RequesterOf{Ticket: a.ID, Name: a.Requester.Name}
	a.did(a.Verify(a.Requester.Email, maria, a.ids, a.now))
	photo := File{ID: "photo", Name: "photo.jpg", Type: "image/jpeg"}
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet.", Files: []File{photo}}}, maria, a.ids, a.now))
	names(a, "tablet", "second")
	a.did(a.Note(Message{Text: canary}, anna, a.ids, a.now))
	was := a.Ticket
	said, note := entryWith(t, &a.Ticket, "tablet"), entryWith(t, &a.Ticket, canary)
	saidAt := a.now

	a.letters = nil
	now := a.now.Add(time.Hour)
	list, err := a.Split(SplitCommand{Entries: []string{note, said}, Number: "VWXYZ234", Subject: "The tablet", Here: true}, anna, a.ids, now)
	if err != nil {
		t.Fatal(err)
	}
	old, made := list[0].Ticket, list[1].Ticket
	if made.Number != "VWXYZ234" || made.Requester != was.Requester || made.Team != was.Team || made.State != New || made.SplitFrom.Number != a.Number || !made.Opened.Equal(now) {
		t.Errorf("made: %+v", made)
	}
	if f, ok := made.Fact("imei"); !ok || f.Value != "second" || f.State != Given {
		t.Errorf("its facts: %+v", made.Facts)
	}
	if _, ok := old.Fact("imei"); ok {
		t.Error("the fact stays here too")
	}
	l := made.ForRequester()
	if len(l) != 2 || l[0].Kind != LineSplit || l[1].Text != "And my tablet." || l[1].By != ByRequester || !l[1].At.Before(saidAt.Add(time.Second)) || l[1].From != a.Number || len(l[1].Files) != 1 {
		t.Errorf("she reads there %+v", l)
	}
	if got := texts(&old); strings.Contains(got, "tablet") || !strings.Contains(got, "moved=VWXYZ234") || strings.Contains(got+texts(&made), canary) {
		t.Errorf("she reads here %s", got)
	}
	if c := list[1].Letters; len(c) != 1 || c[0].Kind != SplitLetter || c[0].Args.Other != a.Number || len(list[0].Letters) != 0 {
		t.Errorf("letters %+v", c)
	}
	if differ(was.Entries, old.Entries[:len(was.Entries)]) != "" {
		t.Error("entries were changed")
	}

	// She writes there; the undo owes her an answer here.
	c, err := made.RequesterReply(RequesterMessage{Message: Message{Text: "It is white."}}, RequesterOf{Ticket: made.ID}, a.ids, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	made = c.Ticket
	id := old.Carried[0].ID
	for name, try := range map[string]struct {
		at   time.Time
		by   Actor
		want string
	}{
		"too late":      {now.AddDate(0, 0, UndoDays).Add(time.Minute), anna, "error.carry_long_ago"},
		"by a stranger": {now, RequesterOf{Ticket: "x"}, "error.no_ticket"},
		"by her":        {now, maria, "error.not_allowed"},
	} {
		if _, err := old.Uncarry(id, &made, try.by, a.ids, try.at); reason(err) != try.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err = old.Uncarry(id, &made, anna, a.ids, now.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	back, gone := list[0].Ticket, list[1].Ticket
	if differ(back.Facts, was.Facts) != "" || texts(&back) != texts(&was) || len(back.Carried) > 0 {
		t.Errorf("back: %+v\n%s", back.Facts, texts(&back))
	}
	if gone.Into == nil || gone.Into.Number != a.Number || len(back.Joined) != 1 || !strings.Contains(texts(&gone), "It is white.") || strings.Contains(texts(&gone), "tablet") {
		t.Errorf("the other goes on in %+v: %s", gone.Into, texts(&gone))
	}
	if l := list[0].Letters; len(l) != 1 || l[0].Kind != MergedLetter || l[0].Args.Other != "VWXYZ234" {
		t.Errorf("letters %+v", l)
	}
	if _, err := gone.Unmerge(&back, anna, a.ids, now.Add(3*time.Hour)); reason(err) != "error.split_undone" {
		t.Errorf("unmerged: %v", err)
	}
	if _, err := back.Uncarry(id, &gone, anna, a.ids, now.Add(3*time.Hour)); reason(err) != "error.merged" {
		t.Errorf("twice: %v", err)
	}
}

// TestCarry takes words to another ticket, and on to a third; they come back one by one.
func TestCarry(t *testing.T) {
	a, b := twice(t)
	a.did(a.Reply(Message{Text: "About the other one."}, anna, a.ids, a.now))
	id := entryWith(t, &a.Ticket, "other one")
	was, there := a.Ticket, b.Ticket
	list, err := a.Carry(CarryCommand{Entries: []string{id}}, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	if !strings.Contains(texts(&b.Ticket), "About the other one. moved= from="+a.Number) || b.State != there.State || b.Bounces != there.Bounces || len(a.Clocks) != len(was.Clocks) || len(b.Clocks) != len(there.Clocks) {
		t.Errorf("she reads there %s", texts(&b.Ticket))
	}
	if _, err := a.Carry(CarryCommand{Entries: []string{id}}, &b.Ticket, anna, a.ids, a.now); reason(err) != "error.carry_moved" {
		t.Errorf("moved twice: %v", err)
	}
	copied := b.Brought[0].Entries
	if _, err := b.Carry(CarryCommand{Entries: copied}, &a.Ticket, anna, a.ids, a.now); reason(err) != "error.carry_back (entries)" {
		t.Errorf("in a ring: %v", err)
	}
	q := question()
	q.Number = "89ABCDEF"
	third := &desk{TB: t, now: monday, ids: a.ids}
	third.did(NewTicket(q, RequesterOf{}, func() string { return "c" + a.ids() }, monday))
	list, err = b.Carry(CarryCommand{Entries: copied}, &third.Ticket, anna, a.ids, a.now)
	both(t, b, third, list, err)
	o := third.Entries[len(third.Entries)-1].Spoken()
	if o == nil || o.By != anna.Ref() || !o.At.Equal(was.Entries[len(was.Entries)-1].At) {
		t.Errorf("its origin is %+v", o)
	}
	if _, err := a.Uncarry(a.Carried[0].ID, &b.Ticket, anna, a.ids, a.now); reason(err) != "error.carry_further" {
		t.Errorf("back although it went on: %v", err)
	}
	list, err = b.Uncarry(b.Carried[0].ID, &third.Ticket, anna, a.ids, a.now)
	both(t, b, third, list, err)
	list, err = a.Uncarry(a.Carried[0].ID, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	if texts(&a.Ticket) != texts(&was) || texts(&b.Ticket) != texts(&there) {
		t.Errorf("back, she reads %s and %s", texts(&a.Ticket), texts(&b.Ticket))
	}
}

// TestCarryToOthers takes somebody's words to somebody else only when that is said, and
// an erasure finds them there.
func TestCarryToOthers(t *testing.T) {
	a, b := twice(t)
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "Eva's matter."}}, RequesterOf{Ticket: a.ID, Name: "Maria"}, a.ids, a.now))
	b.did(b.Give(toEva, anna, b.ids, b.now))
	c := CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "Eva's")}}
	if _, err := a.Carry(c, &b.Ticket, anna, a.ids, a.now); reason(err) != "error.carry_person (others)" {
		t.Errorf("unasked: %v", err)
	}
	c.Others = true
	list, err := a.Carry(c, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	l := b.ForRequester()
	if last := l[len(l)-1]; !last.Other || last.From != Hidden || last.Text != "Eva's matter." {
		t.Errorf("Eva reads %+v", last)
	}
	if l := a.ForRequester(); l[len(l)-1].Moved != Hidden {
		t.Errorf("Maria reads %+v", l[len(l)-1])
	}
	gone, err := b.Forget(a.Requester.Email, lead, a.ids, a.now)
	if err != nil || strings.Contains(texts(&gone.Ticket), "Eva's matter") {
		t.Errorf("left is %s, %v", texts(&gone.Ticket), err)
	}
	if _, err := a.Uncarry(a.Carried[0].ID, &gone.Ticket, anna, a.ids, a.now); reason(err) != "error.carry_erased" {
		t.Errorf("back: %v", err)
	}
}

// TestCarryRefused says why words cannot go.
func TestCarryRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(a, b *desk, c *CarryCommand)
		by   Actor
		want string
	}{
		{"nothing", func(a, b *desk, c *CarryCommand) { c.Entries = nil }, anna, "error.carry_none (entries)"},
		{"all", func(a, b *desk, c *CarryCommand) { c.Entries = append(c.Entries, a.Entries[0].ID) }, anna, "error.carry_all (entries)"},
		{"too much", func(a, b *desk, c *CarryCommand) { c.Entries = make([]string, MaxCarried+1) }, anna, "error.carry_many (entries)"},
		{"what was never said", func(a, b *desk, c *CarryCommand) { c.Entries = append(c.Entries, "x") }, anna, "error.carry_gone"},
		{"what happened", func(a, b *desk, c *CarryCommand) {
			a.did(a.AddFact(Fact{Key: "model", Value: "x"}, anna, a.ids, a.now))
			c.Entries = append(c.Entries, a.Entries[len(a.Entries)-1].ID)
		}, anna, "error.carry_fixed (entries)"},
		{"the solution", func(a, b *desk, c *CarryCommand) {
			a.did(a.Solve(SolveCommand{Message: Message{Text: "Done."}, Article: NoArticle, Reason: "x"}, anna, a.ids, a.now))
			c.Entries = []string{entryWith(a.TB.(*testing.T), &a.Ticket, "Done.")}
		}, anna, "error.carry_fixed (entries)"},
		{"into itself", func(a, b *desk, c *CarryCommand) { b.Ticket = a.Ticket }, anna, "error.carry_itself (number)"},
		{"from what goes on elsewhere", func(a, b *desk, c *CarryCommand) { a.Into = &Join{Other: Other{Number: "C"}} }, anna, "error.merged"},
		{"into what goes on elsewhere", func(a, b *desk, c *CarryCommand) { b.Into = &Join{Other: Other{Number: "C"}} }, anna, "error.carry_on (number)"},
		{"from what is closed", func(a, b *desk, c *CarryCommand) { a.State = Closed }, anna, "error.carry_closed"},
		{"into what is solved", func(a, b *desk, c *CarryCommand) { b.State = Solved }, anna, "error.carry_done (number)"},
		{"from what is in doubt", func(a, b *desk, c *CarryCommand) { a.Doubt = Suspected }, anna, "error.carry_doubt"},
		{"into spam", func(a, b *desk, c *CarryCommand) { b.Doubt = Spam }, anna, "error.carry_doubt (number)"},
		{"into what nobody proved", func(a, b *desk, c *CarryCommand) { a.Requester.Verified = true }, anna, "error.carry_unproved (number)"},
		{"into another team's", func(a, b *desk, c *CarryCommand) { b.Team, b.Tier = "tech", 3 }, anna, "error.carry_not_yours (number)"},
		{"from another team's", func(a, b *desk, c *CarryCommand) { a.Team, a.Tier = "tech", 3 }, anna, "error.not_allowed"},
		{"by a requester", func(a, b *desk, c *CarryCommand) {}, RequesterOf{Ticket: "x"}, "error.no_ticket"},
		{"from what was erased", func(a, b *desk, c *CarryCommand) {
			gone, _ := a.Erase(true, lead, a.ids, a.now)
			a.Ticket = gone.Ticket
		}, anna, "error.not_allowed"},
	} {
		a, b := twice(t)
		a.did(a.Reply(Message{Text: "About the other one."}, anna, a.ids, a.now))
		c := CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "other one")}}
		test.set(a, b, &c)
		if _, err := a.Carry(c, &b.Ticket, test.by, a.ids, a.now); reason(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	a := opened(t)
	a.did(a.Note(Message{Text: canary}, anna, a.ids, a.now))
	s := SplitCommand{Entries: []string{entryWith(t, &a.Ticket, canary)}, Number: "VWXYZ234", Subject: "x"}
	if _, err := a.Split(s, anna, a.ids, a.now); reason(err) != "error.split_notes (entries)" {
		t.Errorf("of notes alone: %v", err)
	}
}

// TestDevices says which entries name a second device (I-15); a number that was mended
// by staff is no second one.
func TestDevices(t *testing.T) {
	a := opened(t)
	maria := RequesterOf{Ticket: a.ID}
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "first"}}, maria, a.ids, a.now))
	names(a, "first", "one")
	a.did(a.AddFact(Fact{Key: "imei", Value: "mended"}, anna, a.ids, a.now))
	if devices, _ := a.Devices(); devices != nil {
		t.Errorf("devices %q", devices)
	}
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "second"}}, maria, a.ids, a.now))
	names(a, "second", "two")
	devices, entries := a.Devices()
	if len(devices) != 2 || len(entries) != 1 || entries[0] != entryWith(t, &a.Ticket, "second") {
		t.Errorf("devices %q in %q", devices, entries)
	}
	list, err := a.Split(SplitCommand{Entries: entries, Number: "VWXYZ234", Subject: "x"}, anna, a.ids, a.now)
	if err != nil {
		t.Fatal(err)
	}
	if devices, _ := list[0].Ticket.Devices(); devices != nil {
		t.Errorf("and still %q", devices)
	}
}

// TestCarryLong takes words out of a ticket with 10,000 entries.
func TestCarryLong(t *testing.T) {
	a, b := twice(t)
	entries := a.Entries
	for len(entries) < 10_000 {
		entries = append(entries, Entry{ID: fmt.Sprint("n", len(entries)), Seq: len(entries) + 1, At: a.now, By: anna.Ref(), Kind: Internal, Text: "x"})
	}
	long, err := Rebuild(entries)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range entries[len(entries)-MaxCarried:] {
		ids = append(ids, e.ID)
	}
	begun := time.Now()
	list, err := long.Carry(CarryCommand{Entries: ids}, &b.Ticket, anna, a.ids, a.now)
	if err != nil || len(list[1].Entries) != MaxCarried {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}
