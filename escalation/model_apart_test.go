package escalation_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	. "primalinea/escalation"
)

func give(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	who := even(rt, "whom", []GiveCommand{{Name: "Eva", Email: "eva@example.com"}, {Phone: "+39 055 1234567"}, {Name: "Ugo"}, {Email: t.Requester.Email}, {}})
	who.Reason = canary
	return t.Give(who, by, ids, now)
}

func giveBack(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.GiveBack(by, ids, now)
}

// gaveBack: a ticket becomes somebody else's when somebody says so, nobody's link of
// before opens it then, and who undoes that leaves it as it was for its requester and for
// agents, but for the trace.
func gaveBack(s happened) string {
	before, after := s.before, s.after
	if (before.Requester.Name != after.Requester.Name) && s.event[EventGiven] == nil && s.event[EventGivenBack] == nil {
		return "it became that of " + after.Requester.Name
	}
	if s.event[EventGiven] == nil {
		return ""
	}
	key := []byte("key")
	if after.Requester.Verified || after.Opens(key, LinkToken(key, before.ID, before.Requester.Email, before.LinkGeneration)) {
		return "the old link opens it, or the new address is proved"
	}
	c, err := after.GiveBack(s.by, counter(), after.Updated)
	if err != nil {
		return "not undone: " + err.Error()
	}
	return asBefore(before, &c.Ticket)
}

// asBefore says what is otherwise in a ticket after something was undone, besides the
// trace of it: for agents, or for its requester.
func asBefore(before, after *Ticket) string {
	if diff := differ(traceless(before), traceless(after)); diff != "" {
		return "undone, and another ticket:\n" + diff
	}
	if diff := differ(before.ForRequester(), after.ForRequester()); diff != "" {
		return "undone, and another conversation:\n" + diff
	}
	return ""
}

// traceless is a ticket without its ledger.
func traceless(t *Ticket) *Ticket {
	n := *t
	n.Entries, n.Version, n.Updated = nil, 0, time.Time{}
	return &n
}

// besides are the other tickets of a history, by their ids, as they were left.
var besides = map[string]*Ticket{}

// some are ids of some entries of a ticket, mostly of such as may go.
func some(rt *rapid.T, t *Ticket) []string {
	var may, list []string
	for id := range t.Carriable() {
		may = append(may, id)
	}
	slices.Sort(may)
	if len(may) > 0 {
		list = append(list, even(rt, "entry", may), even(rt, "another entry", may))
	}
	if even(rt, "any", []bool{true, false, false, false}) {
		list = append(list, even(rt, "any entry", t.Entries).ID)
	}
	return slices.Compact(list)
}

// apart looks at what was taken from one ticket to another: undone at once, both are as
// they were.
func apart(rt *rapid.T, list []Change, err error, from, to *Ticket, by Actor) ([]Change, error) {
	if err != nil {
		return nil, err
	}
	a, b := list[0].Ticket, list[1].Ticket
	id := a.Carried[len(a.Carried)-1].ID
	back, err := a.Uncarry(id, &b, by, counter(), b.Updated)
	if err != nil {
		rt.Fatalf("not undone: %v", err)
	}
	was := to
	if to == nil { // what was split goes on where it came from: that is the trace
		back[0].Ticket.Joined, was = from.Joined, &Ticket{}
		if on := back[1].Ticket; on.Into == nil || on.Into.Ticket != from.ID || len(on.ForRequester()) != 1 {
			rt.Fatalf("undone, and the new one is %+v", on)
		}
	} else if problem := asBefore(to, &back[1].Ticket); problem != "" {
		rt.Fatalf("there: %s", problem)
	}
	if problem := asBefore(from, &back[0].Ticket); problem != "" {
		rt.Fatalf("here: %s", problem)
	}
	for _, l := range slices.Concat(a.ForRequester(), b.ForRequester()) {
		if strings.Contains(l.Text, canary) {
			rt.Fatalf("a note reaches a requester: %+v", l)
		}
	}
	for i := range list {
		sound(rt, []*Ticket{from, was}[i], list[i])
		t := list[i].Ticket
		besides[t.ID] = &t
	}
	return list, nil
}

func carry(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	to := another(rt, ids, now)
	list, err := t.Carry(CarryCommand{Entries: some(rt, t), Others: even(rt, "others", []bool{true, false})}, to, by, ids, now)
	return first(apart(rt, list, err, t, to, by))
}

func bring(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	from := another(rt, ids, now)
	c, err := from.RequesterReply(RequesterMessage{Message: Message{Text: "word of another"}, Answers: map[string]string{"imei": "x"}}, RequesterOf{from.ID, from.Requester.Name}, ids, now)
	if err != nil {
		rt.Fatal(err)
	}
	from = &c.Ticket
	list, err := from.Carry(CarryCommand{Entries: some(rt, from)[:1], Others: true}, t, by, ids, now)
	return second(apart(rt, list, err, from, t, by))
}

func split(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	list, err := t.Split(SplitCommand{Entries: some(rt, t), Number: "VWXYZ234", Subject: "Another matter", Here: even(rt, "here", []bool{true, false})}, by, ids, now)
	return first(apart(rt, list, err, t, nil, by))
}

func uncarry(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if len(t.Carried) == 0 {
		return Change{}, &Error{Kind: Conflict}
	}
	c := even(rt, "carriage", t.Carried)
	on := besides[c.Other.Ticket]
	if on == nil {
		return Change{}, &Error{Kind: Conflict}
	}
	list, err := t.Uncarry(c.ID, on, by, ids, now)
	if err == nil {
		lost(rt, t, on, c, &list[0].Ticket)
	}
	return first(list, err)
}

// lost looks for words of the customer that were taken back from where they waited for an
// answer to under a later word of ours, where nobody owes one.
func lost(rt *rapid.T, t, on *Ticket, c Carriage, after *Ticket) {
	if on.Turn() != Ours || after.Turn() == Ours {
		return
	}
	for i, e := range t.Entries {
		if !e.At.After(c.At) || e.Event == nil || !slices.Contains([]EventKind{EventSolved, EventAsked, EventWaiting}, e.Event.Kind) {
			continue
		}
		for _, w := range t.Entries[:i] {
			if o := w.Spoken(); slices.Contains(c.Entries, w.ID) && (w.Kind == Public && w.By.Kind == ByRequester || o != nil && o.Kind == Public && o.By.Kind == ByRequester) {
				rt.Fatalf("nobody owes an answer to %q, and it is %s", w.Text, after.State)
			}
		}
	}
}

func broughtBack(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if len(t.Brought) == 0 {
		return Change{}, &Error{Kind: Conflict}
	}
	c := even(rt, "carriage", t.Brought)
	from := besides[c.Other.Ticket]
	if from == nil {
		return Change{}, &Error{Kind: Conflict}
	}
	return second(from.Uncarry(c.ID, t, by, ids, now))
}
