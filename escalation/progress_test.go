package escalation_test

import (
	"slices"
	"testing"
	"time"

	. "primalinea/escalation"
)

// parcel is a type whose stages begin in each of the ways.
var parcel = RequestType{ID: "return", Name: Text{"en": "Return"}, Team: "rrr", Tier: 2, Stages: []Stage{
	{Name: Text{"en": "received"}, Begins: WhenOpened},
	{Name: Text{"en": "checked"}, Begins: WhenTaken},
	{Name: Text{"en": "moved"}, Begins: WhenMoved},
	{Name: Text{"en": "travels"}, Begins: WhenWaiting},
	{Name: Text{"en": "depot"}},
}}

// TestPassages leads a ticket through its stages, by what happens and by what is said.
func TestPassages(t *testing.T) {
	at := func(hour int) time.Time { return monday.Add(time.Duration(hour) * time.Hour) }
	event := func(hour int, ev Event) Entry { return Entry{At: at(hour), Event: &ev} }
	opened := event(0, Event{Kind: EventOpened, RequestType: "return", Team: Triage, Tier: 1})
	taken := event(1, Event{Kind: EventTaken})
	moved := event(2, Event{Kind: EventAccepted, Team: "rrr", Tier: 2})
	waits := event(3, Event{Kind: EventWaiting})
	said := func(hour int, stage string) Entry { return event(hour, Event{Kind: EventStaged, Stage: stage}) }
	for _, test := range []struct {
		name    string
		entries []Entry
		now     string
		done    []string
	}{
		{"it came", []Entry{opened}, "received", nil},
		{"taken", []Entry{opened, taken}, "checked", []string{"received"}},
		{"words alone change nothing", []Entry{opened, {At: at(1)}}, "received", nil},
		{"a move", []Entry{opened, taken, moved}, "moved", []string{"received", "checked"}},
		{"accepted where it is", []Entry{opened, taken, event(2, Event{Kind: EventAccepted, Team: Triage, Tier: 1})}, "checked", []string{"received"}},
		{"back to triage", []Entry{opened, taken, moved, event(4, Event{Kind: EventAccepted, Team: Triage, Tier: 1})}, "moved", []string{"received", "checked"}},
		{"past a stage", []Entry{opened, waits}, "travels", []string{"received", "checked"}},
		{"never back by itself", []Entry{opened, waits, moved}, "travels", []string{"received", "checked"}},
		{"what nobody says does not begin", []Entry{opened, taken, moved, waits, event(9, Event{Kind: EventResumed})}, "travels", []string{"received", "checked", "moved"}},
		{"said", []Entry{opened, said(5, "depot")}, "depot", []string{"received"}},
		{"back, because somebody says so", []Entry{opened, waits, said(5, "checked")}, "checked", []string{"received"}},
		{"a stage of another type", []Entry{opened, event(1, Event{Kind: EventTyped, RequestType: "other"}), said(5, "depot")}, "received", nil},
		{"solved", []Entry{opened, taken, event(4, Event{Kind: EventSolved})}, "", []string{"received", "checked"}},
		{"opened again", []Entry{opened, taken, event(4, Event{Kind: EventSolved}), event(5, Event{Kind: EventReopened})}, "checked", []string{"received"}},
	} {
		tk := Ticket{Entries: test.entries}
		now, done := "", []string(nil)
		for _, p := range tk.Passages(&parcel) {
			if p.Now() {
				now += p.Key()
			}
			if p.Done() {
				done = append(done, p.Key())
			}
			if p.Done() && p.Began.IsZero() {
				t.Errorf("%s: %s ended, and never began", test.name, p.Key())
			}
		}
		if now != test.now || !slices.Equal(done, test.done) {
			t.Errorf("%s: now in %q after %q, want %q after %q", test.name, now, done, test.now, test.done)
		}
	}
	if list := new(Ticket).Passages(nil); list != nil {
		t.Errorf("without a type: %v", list)
	}
}

// TestStageTime says what is said of how long a stage takes.
func TestStageTime(t *testing.T) {
	var took []time.Duration
	for i := range MinStages {
		if s := NewStageTime(took); !s.TooFew() {
			t.Errorf("%d requests are enough: %v", i, s)
		}
		took = append(took, time.Duration(MinStages-i)*time.Hour)
	}
	if s := NewStageTime(took); s.TooFew() || s.Half != 8*time.Hour || s.Most != 12*time.Hour {
		t.Errorf("of 1 to 15 hours: %+v, want half in 8 and four in five in 12", s)
	}
	if took[0] != MinStages*time.Hour {
		t.Error("the list that was given is not in its order any more")
	}
}

// TestVolunteered lets a requester say what nobody has asked yet.
func TestVolunteered(t *testing.T) {
	kind := ShippedDesk().Type("return")
	q := question()
	q.Desk, q.RequestType, q.Facts = ShippedDesk(), "return", map[string]string{"order": "PL-1", "wish": "refund"}
	c, err := NewTicket(q, RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	me := RequesterOf{Ticket: c.Ticket.ID, Name: c.Ticket.Requester.Name}
	say := func(facts map[string]string) (Change, error) {
		return c.Ticket.RequesterReply(RequesterMessage{FactsCommand: FactsCommand{kind, facts}}, me, counter(), monday.Add(time.Hour))
	}
	if _, err := say(nil); err == nil {
		t.Error("nothing at all was a reply")
	}
	if _, err := say(map[string]string{"order": "PL-2"}); err == nil {
		t.Error("what is known was overwritten from an old page")
	}
	if _, err := say(map[string]string{"delivered_on": "soon"}); err == nil {
		t.Error("no date was one")
	}
	got, err := say(map[string]string{"delivered_on": "20/11/2026", "order": "PL-2"})
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := got.Ticket.Fact("delivered_on"); !ok || f.Value != "2026-11-20" || f.State != Given || f.Source != got.Entries[0].ID {
		t.Errorf("the fact is %+v", f)
	}
	if f, _ := got.Ticket.Fact("order"); f.Value != "PL-1" {
		t.Errorf("the order is %+v", f)
	}
	if e := got.Entries[0]; e.Kind != Public || e.Text != "Giorno della consegna: 20/11/2026" {
		t.Errorf("the words are %q", e.Text)
	}
}
