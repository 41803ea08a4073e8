package escalation_test

import (
	"slices"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/staff"
)

// A watched desk is a ticket at which the automatic rules look.
type watched struct {
	*desk
	people []staff.Person
	at     func(day, hour, minute int) time.Time // of the week of monday, as the clock of the desk shows it
}

func watch(t *testing.T) *watched {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{opened(t), house, nil}
	first := monday.In(rome)
	w.at = func(day, hour, minute int) time.Time {
		return time.Date(first.Year(), first.Month(), first.Day()+day, hour, minute, 0, 0, rome)
	}
	return w
}

// look lets the rules look at a moment, and returns the events that came of it.
func (w *watched) look(at time.Time) []EventKind {
	w.Helper()
	c, err := w.Watch(WatchCommand{ShippedDesk(), ShippedDesk(), func(team string, tier int) []string { return staff.Candidates(w.people, team, tier) }}, w.ids, at)
	if err != nil {
		w.Fatal(err)
	}
	sound(w, &w.Ticket, c)
	if len(c.Letters) > 0 {
		w.Errorf("the customer is written to: %+v", c.Letters)
	}
	if c.Ticket.Team != w.Team || c.Ticket.Tier != w.Tier || c.Ticket.Assignee != w.Assignee || c.Ticket.Owner != w.Owner || c.Ticket.State != w.State {
		w.Errorf("it left its place: %+v", c.Ticket)
	}
	var kinds []EventKind
	for _, e := range c.Entries {
		kinds = append(kinds, e.Event.Kind)
	}
	w.Ticket = c.Ticket
	return kinds
}

// wants checks what the rules do at a moment, that they do it once, and when they want
// to look the next time.
func (w *watched) wants(at time.Time, kinds ...EventKind) {
	w.Helper()
	if got := w.look(at); !slices.Equal(got, kinds) {
		w.Errorf("at %v: %v, want %v", at, got, kinds)
	}
	if got := w.look(at); len(got) > 0 {
		w.Errorf("at %v once more: %v", at, got)
	}
}

func (w *watched) next() time.Time {
	return w.Look(ShippedDesk(), w.Dues(ShippedDesk()), w.Updated)
}

// TestByAge follows a ticket that nobody works on: half of the time, most of it, all of
// it. Then it is offered upward and a lead is called; its assignee keeps it.
func TestByAge(t *testing.T) {
	w := watch(t)
	w.now = w.at(0, 9, 0)
	w.did(w.SetType(TypeCommand{Desk: ShippedDesk(), Type: "other"}, anna, w.ids, w.now))
	w.moveTo("tech", 1, anna)
	w.did(w.Reply(Message{Text: "We look into it."}, anna, w.ids, w.now)) // no other clock is as early
	w.now = w.Updated
	w.wants(w.at(0, 10, 0))
	half := w.next()
	if want := w.now.Add(4 * time.Hour); half.Before(want) || half.After(want.Add(2*time.Hour)) {
		t.Errorf("half of eight hours from %v is %v", w.now, half)
	}
	w.wants(half, EventMarked)
	if m := w.Marks[0]; m.Rule != ByAge || m.Clock != clock.Work || m.Percent != 50 || m.Alarm || w.Alarm() != nil {
		t.Errorf("marked %+v", m)
	}
	most := w.next()
	w.wants(most, EventMarked)
	all := w.next()
	w.wants(all.Add(-time.Millisecond))
	w.wants(all, EventOffered, EventMarked)
	h := w.Pending()
	if h == nil || h.Rule != ByAge || h.From != (ActorRef{Kind: BySystem, ID: ByAge}) || h.Team != "tech" || h.Tier != 2 || w.Assignee != "anna" {
		t.Fatalf("offered %+v", h)
	}
	if a := w.Alarm(); a == nil || a.Rung != TeamLeads || len(a.Marks) != 1 {
		t.Errorf("alarm %+v", w.Alarm())
	}
	w.did(w.Accept("", bruno, w.ids, all.Add(time.Minute)))
	if w.Tier != 2 || w.Owner != "lea" || w.HighestTier != 2 || len(w.letters) != 1 {
		t.Errorf("accepted: %+v", w.Ticket)
	}
}

// TestNoPlace calls a lead where nobody can be offered the ticket.
func TestNoPlace(t *testing.T) {
	for name, change := range map[string]func(w *watched){
		"no kind, and no tier above": func(w *watched) {},
		"facts are missing": func(w *watched) {
			w.did(w.SetType(TypeCommand{Desk: ShippedDesk(), Type: "device"}, anna, w.ids, w.now))
		},
		"nobody there": func(w *watched) { w.moveTo("tech", 1, anna); w.people = []staff.Person{anna} },
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(t)
			w.now = w.at(0, 9, 0)
			w.did(w.Take("", anna, w.ids, w.now))
			change(w)
			w.wants(w.at(8, 10, 0), EventMarked)
			if w.Pending() != nil || w.Alarm() == nil {
				t.Errorf("offered %+v, alarm %+v", w.Pending(), w.Alarm())
			}
		})
	}
}

// TestDowntime lets nobody look for a week: of each clock one mark comes of it, and one
// offer. At night and on Sundays nothing does.
func TestDowntime(t *testing.T) {
	w := watch(t)
	w.now = w.at(0, 9, 0)
	w.moveTo("tech", 1, anna)
	for _, closed := range []time.Time{w.at(8, 3, 0), w.at(8, 13, 30), w.at(6, 11, 0)} {
		w.wants(closed)
	}
	w.wants(w.at(8, 9, 0), EventOffered, EventMarked)
	if len(w.Alarms) != 1 || w.Pending().Rule != ByAge {
		t.Fatalf("%d alarms, offered by %s", len(w.Alarms), w.Pending().Rule)
	}
	seen := map[clock.Kind]int{}
	for _, m := range w.Marks {
		if seen[m.Clock]++; m.Percent != 100 || !m.Alarm || seen[m.Clock] > 1 {
			t.Errorf("%+v, %d times", m, seen[m.Clock])
		}
	}
	if seen[clock.Work] != 1 || seen[clock.First]+seen[clock.Resolution] < 1 {
		t.Errorf("marks %+v", w.Marks)
	}
}

// TestByAttempts offers what came back twice, once.
func TestByAttempts(t *testing.T) {
	w := watch(t)
	w.now = w.at(0, 9, 0)
	w.moveTo("tech", 1, anna)
	for range 2 {
		w.now = w.now.Add(time.Minute)
		w.solve(anna)
		w.wants(w.now)
		w.did(w.NotSolved(Message{Text: "Still black."}, w.me(), w.ids, w.now))
	}
	if got := w.next(); !got.Equal(w.Updated) {
		t.Errorf("looked at %v, not at once", got)
	}
	w.wants(w.now, EventOffered, EventMarked)
	if h := w.Pending(); h == nil || h.Rule != ByAttempts || h.Tier != 2 {
		t.Fatalf("offered %+v", h)
	}
	w.did(w.Refuse("", RefuseCommand{Reason: "not_needed"}, bruno, w.ids, w.now))
	w.wants(w.now)
}

// TestByEvidence hands what was found to be hardware to those who repair, when all that
// they need is known.
func TestByEvidence(t *testing.T) {
	w := watch(t)
	rita := agent("rita", "Rita", 2, Returns)
	w.people = append(slices.Clone(house), rita)
	w.now = w.at(0, 9, 0)
	w.did(w.SetType(TypeCommand{Desk: ShippedDesk(), Type: "device"}, anna, w.ids, w.now))
	w.did(w.Take("", anna, w.ids, w.now))
	say := func(facts map[string]string) {
		w.did(w.SayFacts(FactsCommand{ShippedDesk().Type("device"), facts}, anna, w.ids, w.now))
	}
	w.refused(w.SayFacts(FactsCommand{ShippedDesk().Type("device"), map[string]string{"finding": "the cable"}}, anna, w.ids, w.now))(Invalid, "error.need_finding", "fact.finding")
	say(map[string]string{"finding": "software", "model": "Aurora", "imei": "490154203237518"})
	w.wants(w.now)
	say(map[string]string{"finding": "Hardware"})
	w.wants(w.now, EventOffered, EventMarked)
	if h := w.Pending(); h == nil || h.Rule != ByEvidence || h.Team != Returns || h.Tier != 2 || w.Alarm() != nil {
		t.Fatalf("offered %+v", h)
	}
	w.did(w.Accept("", rita, w.ids, w.now))
	w.wants(w.now)
}

// TestLadder climbs while nobody decides, in the hours of the desk, and ends with a
// decision.
func TestLadder(t *testing.T) {
	w := watch(t)
	w.now = w.at(0, 17, 29)
	w.did(w.Reply(Message{Text: "A colleague will phone you."}, anna, w.ids, w.now))
	w.now = w.at(0, 17, 30)
	w.refused(w.Call("boredom", anna, w.ids, w.now))(Invalid, "error.alarm_cause", "cause")
	w.refused(w.Call("manager", dora, w.ids, w.now))(Forbidden, "error.not_allowed", "")
	w.did(w.Call("manager", anna, w.ids, w.now))
	w.did(w.Call("manager", anna, w.ids, w.now))
	w.now = w.now.Add(time.Minute)
	w.did(w.Call("legal", anna, w.ids, w.now))
	a := w.Alarm()
	if a == nil || a.Rung != TeamLeads || len(a.Marks) != 2 || len(w.Alarms) != 1 {
		t.Fatalf("called %+v", w.Alarms)
	}
	w.wants(w.at(0, 18, 0))
	w.wants(w.at(1, 9, 29))
	if got := w.next(); !got.Equal(w.at(1, 9, 30)) {
		t.Errorf("the next are called at %v", got)
	}
	w.wants(w.at(1, 9, 30), EventRaised)
	w.wants(w.at(1, 11, 30), EventRaised)
	if a = w.Alarm(); a.Rung != Head {
		t.Errorf("at rung %d", a.Rung)
	}
	w.refused(w.Acknowledge(a.ID, "Done.", anna, w.ids, w.now))(Forbidden, "error.not_allowed", "")
	w.refused(w.Acknowledge(a.ID, " ", lead, w.ids, w.now))(Invalid, "error.alarm_decision", "decision")
	w.refused(w.Acknowledge("other", "Done.", lead, w.ids, w.now))(NotFound, "error.no_alarm", "")
	id := a.ID
	w.did(w.Acknowledge(id, "I phone her today.", lead, w.ids, w.at(1, 12, 0)))
	if last := w.Alarms[0]; w.Alarm() != nil || last.Decision != "I phone her today." || last.Decided != lead.Ref() {
		t.Errorf("decided %+v", w.Alarms)
	}
	w.refused(w.Acknowledge(id, "Again.", lead, w.ids, w.now))(Conflict, "error.alarm_over", "")
	w.did(w.Call("manager", anna, w.ids, w.at(1, 12, 30)))
	w.solve(anna)
	if w.Alarm() != nil || w.Alarms[1].Decided != (ActorRef{}) {
		t.Errorf("settled, and there is an alarm: %+v", w.Alarms)
	}
}

// TestPingPong calls a lead when the ticket is frozen, and when it went round without a
// word to the customer. That the lead decides ends the alarm.
func TestPingPong(t *testing.T) {
	w := watch(t)
	w.now = w.at(0, 9, 0)
	w.did(w.Take("", anna, w.ids, w.now))
	for range MaxBounces {
		w.did(w.Offer(w.up("tech", 2), anna, w.ids, w.now))
		w.did(w.Refuse("", RefuseCommand{Reason: "not_needed"}, bruno, w.ids, w.now))
	}
	w.wants(w.now, EventMarked)
	if a := w.Alarm(); a == nil || a.Marks[0].Rule != ByPingPong {
		t.Fatalf("alarm %+v", w.Alarm())
	}
	w.did(w.Decide(DecideCommand{Desk: ShippedDesk(), Team: "tech", Tier: 2, Reason: "It is yours.", Tell: "The technicians look."}, lead, w.ids, w.now))
	if w.Alarm() != nil || w.Alarms[0].Decision != "It is yours." {
		t.Errorf("decided: %+v", w.Alarms)
	}

	w = watch(t)
	w.now = w.at(0, 9, 0)
	w.moveTo("tech", 2, bruno)
	w.moveTo("payments", 2, dora)
	w.wants(w.now)
	w.moveTo("tech", 3, carla)
	if w.Frozen {
		t.Error("one return does not freeze")
	}
	w.wants(w.now, EventMarked)
	w.did(w.Reply(Message{Text: "It is with me now."}, carla, w.ids, w.now))
	w.wants(w.now)
}
