package escalation_test

import (
	"testing"
	"time"

	. "primalinea/escalation"
)

// tablet is a ticket of which Anna made another one, of a customer's words about a tablet.
func tablet(t *testing.T, here bool) (a *desk, made *Ticket) {
	t.Helper()
	a = taken(t)
	maria := RequesterOf{Ticket: a.ID, Name: a.Requester.Name}
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet."}}, maria, a.ids, a.now))
	return a, apartFrom(t, a, "tablet", here)
}

// apartFrom makes a ticket of the entry with a text.
func apartFrom(t *testing.T, a *desk, text string, here bool) *Ticket {
	t.Helper()
	list, err := a.Split(SplitCommand{Entries: []string{entryWith(t, &a.Ticket, text)}, Number: "VWXYZ234", Subject: "The tablet", Here: here}, anna, a.ids, a.now)
	if err != nil {
		t.Fatal(err)
	}
	a.did(list[0], nil)
	return &list[1].Ticket
}

var (
	charge = SolveCommand{Message: Message{Text: "Charge the telephone."}, Article: NoArticle, Reason: "once"}
	which  = AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Parts differ."}}, Until: monday.AddDate(0, 0, 2)}
)

// TestUncarryOwed keeps what the customer still waits for: it goes back to no ticket that
// was solved meanwhile, where nobody would answer it, and one that waits is ours again.
func TestUncarryOwed(t *testing.T) {
	for _, test := range []struct {
		name  string
		since func(a *desk, on *Ticket) // the words stand in on
		want  State                     // empty: it is refused
	}{
		{"nothing", func(a *desk, on *Ticket) {}, Open},
		{"solved", func(a *desk, on *Ticket) { a.did(a.Solve(charge, anna, a.ids, a.now)) }, ""},
		{"solved and closed", func(a *desk, on *Ticket) {
			a.did(a.Solve(charge, anna, a.ids, a.now))
			a.did(a.Confirm(Message{}, RequesterOf{Ticket: a.ID}, a.ids, a.now))
		}, ""},
		{"solved, and answered there", func(a *desk, on *Ticket) {
			a.did(a.Solve(charge, anna, a.ids, a.now))
			c, err := on.Solve(charge, lead, a.ids, a.now)
			if err != nil {
				a.Fatal(err)
			}
			*on = c.Ticket
		}, Solved},
		{"solved and reopened", func(a *desk, on *Ticket) {
			a.did(a.Solve(charge, anna, a.ids, a.now))
			a.did(a.Resume("the tablet", anna, a.ids, a.now))
		}, Open},
		{"asked", func(a *desk, on *Ticket) { a.did(a.Ask(which, anna, a.ids, a.now)) }, Open},
	} {
		undo := func(how string, a *desk, on *Ticket) {
			test.since(a, on)
			list, err := a.Uncarry(a.Carried[0].ID, on, anna, a.ids, a.now)
			if test.want == "" {
				if reason(err) != "error.split_owed" {
					t.Errorf("%s, %s: %v", how, test.name, err)
				}
				return
			}
			if err != nil {
				t.Errorf("%s, %s: %v", how, test.name, err)
			} else if a.did(list[0], nil); a.State != test.want {
				t.Errorf("%s, %s: it is %s, want %s", how, test.name, a.State, test.want)
			}
		}
		a, made := tablet(t, true)
		undo("split", a, made)

		a, b := twice(t)
		a.did(a.Take("", anna, a.ids, a.now))
		a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet."}}, RequesterOf{Ticket: a.ID}, a.ids, a.now))
		list, err := a.Carry(CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "tablet")}}, &b.Ticket, anna, a.ids, a.now)
		both(t, a, b, list, err)
		undo("moved", a, &b.Ticket)
	}
	// What was under a solution when it was taken from there goes back under it.
	a := taken(t)
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet."}}, RequesterOf{Ticket: a.ID}, a.ids, a.now))
	a.did(a.Solve(charge, anna, a.ids, a.now))
	made := apartFrom(t, a, "tablet", true)
	if list, err := a.Uncarry(a.Carried[0].ID, made, anna, a.ids, a.now); err != nil || list[0].Ticket.State != Solved {
		t.Errorf("split when it was solved: %v", err)
	}
}

// TestUncarryRights undoes a split that began with another team while nobody there works
// on it; afterwards who split it does, and who may answer it there.
func TestUncarryRights(t *testing.T) {
	a, made := tablet(t, false)
	move := *made
	move.Team, move.Tier = "tech", 2 // where Anna answers nothing
	other := anna
	other.ID = "another"
	for _, test := range []struct {
		name  string
		taken bool
		by    Actor
		want  string
	}{
		{"nobody took it", false, other, ""},
		{"somebody took it", true, other, "error.not_allowed"},
		{"somebody took it, by who split it", true, anna, ""},
		{"somebody took it, by a lead", true, lead, ""},
	} {
		on := move
		if test.taken {
			on.Owner, on.Assignee = "carla", "carla"
		}
		if _, err := a.Uncarry(a.Carried[0].ID, &on, test.by, a.ids, a.now); reason(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestCarrySettles takes an answer elsewhere that its author could still take back: as
// with all that happens since, it is too late for that then, and the letter leaves.
func TestCarrySettles(t *testing.T) {
	for _, split := range []bool{true, false} {
		a, b := twice(t)
		a.did(a.Take("", anna, a.ids, a.now))
		a.did(a.Reply(Message{Text: "About the tablet."}, anna, a.ids, a.now))
		said := a.Updated
		if a.LastDeed() == nil {
			t.Fatal("nothing to take back")
		}
		a.now = said.Add(2 * time.Second)
		on := &b.Ticket
		if split {
			on = apartFrom(t, a, "tablet", true)
		} else {
			list, err := a.Carry(CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "tablet")}}, on, anna, a.ids, a.now)
			both(t, a, b, list, err)
		}
		for _, tk := range []*Ticket{&a.Ticket, on} {
			if _, err := tk.Undo(0, anna, a.ids, said.Add(3*time.Second)); reason(err) != "error.undo_meanwhile" {
				t.Errorf("taken back: %v", err)
			}
			if now, err := tk.ForPublic(said.Add(3 * time.Second)); err != nil || now.Version != tk.Version {
				t.Errorf("the customer sees version %d of %d, %v", now.Version, tk.Version, err)
			}
		}
	}
}

// TestCarryMeanwhile tells who writes what came to the ticket since they began, also when
// it was said elsewhere; not who brought it there or said it.
func TestCarryMeanwhile(t *testing.T) {
	a, b := twice(t)
	a.did(a.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet."}}, RequesterOf{Ticket: a.ID, Name: "Maria"}, a.ids, a.now))
	a.did(a.Reply(Message{Text: "Which one?"}, elio, a.ids, a.now))
	seen := b.Version
	reply := func(by Actor, want string) {
		t.Helper()
		if _, err := b.Reply(Message{Text: "So.", Seen: seen}, by, b.ids, b.now); reason(err) != want {
			t.Errorf("%s: %v, want %q", by.Ref().Name, err, want)
		}
	}
	list, err := a.Carry(CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "Which one")}}, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	reply(lead, "error.written_meanwhile")
	reply(anna, "")
	reply(elio, "")
	list, err = a.Uncarry(a.Carried[0].ID, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	reply(lead, "")
	list, err = a.Carry(CarryCommand{Entries: []string{entryWith(t, &a.Ticket, "tablet")}}, &b.Ticket, anna, a.ids, a.now)
	both(t, a, b, list, err)
	reply(elio, "error.written_meanwhile")
}
