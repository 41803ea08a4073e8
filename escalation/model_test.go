package escalation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

// canary marks what a requester must never read.
const canary = "CANARY"

// TestModel lets random people do random things to a ticket, and checks after
// each what design.md and desk.md say always holds: each invariant in histories of
// its own. Many commands are refused: that is part of it.
func TestModel(t *testing.T) {
	done := map[string]int{}
	for _, inv := range invariants {
		t.Run(inv.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { live(rt, done, inv.wrong) })
		})
	}
	t.Log(done)
	for _, r := range rules {
		if done[r.name] == 0 {
			t.Errorf("%s was never reached: %v", r.name, done)
		}
	}
	if done["freeze"] == 0 {
		t.Errorf("nothing was frozen: %v", done)
	}
}

// live is one history of a ticket, after each step of which wrong has nothing to say.
func live(rt *rapid.T, done map[string]int, wrong func(s happened) string) {
	now, ids := monday, counter()
	q := question()
	d := ShippedDesk()
	if q.Desk = d; even(rt, "kind", []bool{true, false}) {
		q.RequestType, q.Facts, q.Tried = "device", map[string]string{"model": "Prima"}, []string{"restart", "nothing", "restart"}
	}
	q.Signs = even(rt, "signs", [][]string{nil, nil, {"links"}})
	c, err := NewTicket(q, RequesterOf{}, ids, now)
	if err != nil {
		rt.Fatal(err)
	}
	tk := c.Ticket
	if even(rt, "task", []bool{true, false, false, false}) {
		tk = jobOf(rt, &tk, ids, now)
	}
	me := RequesterOf{tk.ID, tk.Requester.Name}
	actors := []Actor{anna, bruno, carla, dora, elio, lead, pen, robot, me, RequesterOf{Ticket: "other"}}

	for i := range even(rt, "commands", []int{20, 200, 400}) {
		now = now.Add(even(rt, "hours", []time.Duration{0, 1, 2, 12}) * time.Hour)
		r := even(rt, "rule", rules)
		if tk.Frozen && even(rt, "the lead looks", []bool{true, false, false}) {
			r.name, r.needs, r.carry = "decide", Decide, decide
		}
		by := even(rt, "actor", able(actors, r.needs, &tk))
		if d := tk.LastDeed(); d != nil && r.name == "undo" {
			for _, p := range house { // mostly who did it
				if p.ID == d.By.ID && even(rt, "their own", []bool{true, true, true, false}) {
					by = p
				}
			}
		}
		c, err := r.carry(rt, &tk, by, ids, now, Message{Text: fmt.Sprintf("word %d %s", i, even(rt, "number", []string{"", "490154203237518", "356938035643809"}))})
		if err != nil {
			if KindOf(err) == Fault {
				rt.Fatalf("%s by %v: %v", r.name, by.Ref(), err)
			}
			continue
		}
		done[r.name]++
		s := happened{rt: rt, before: &tk, after: &c.Ticket, c: c, by: by, event: map[EventKind]*Event{}}
		for _, e := range c.Entries {
			if e.Event != nil {
				s.event[e.Event.Kind] = e.Event
			}
		}
		if problem := wrong(s); problem != "" {
			rt.Fatalf("%s by %v: %s", last(c), by.Ref(), problem)
		}
		if c.Ticket.Frozen {
			done["freeze"]++
		}
		tk = c.Ticket
		now = maxTime(now, tk.Updated)
	}
	forgets(rt, &tk, actors, ids, now.Add(time.Hour))
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// even draws evenly, while rapid prefers the first and the last.
func even[T interface{}](rt *rapid.T, label string, list []T) T {
	n := rapid.Uint32().Draw(rt, label)
	return list[int(n*2654435761>>8)%len(list)]
}

// able returns mostly those who have a right, so that something happens; now and
// then everybody.
func able(actors []Actor, a Action, t *Ticket) []Actor {
	var list []Actor
	for _, by := range actors {
		if by.May(a, t) {
			list = append(list, by, by, by)
		}
	}
	return append(list, actors...)
}

// rules are all of them, those more than once that lead far.
var rules = []struct {
	name  string
	needs Action
	carry func(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error)
}{
	{"offer", Offer, offer}, {"refuse", Answer, refuse}, {"accept", Answer, accept}, {"decide", Decide, decide},
	{"take", Take, take}, {"solve", Solve, solve}, {"not solved", Close, notSolved}, {"requester reply", Close, requesterReply},
	{"offer", Offer, offer}, {"offer", Offer, offer}, {"offer", Offer, offer}, {"offer", Offer, offer}, {"offer", Offer, offer},
	{"accept", Answer, accept}, {"refuse", Answer, refuse}, {"refuse", Answer, refuse}, {"refuse", Answer, refuse}, {"ask", Ask, askSomething},
	{"wait", Wait, wait}, {"resume", Wait, resume}, {"reply", Reply, reply}, {"note", Note, note}, {"fact", Note, fact},
	{"confirm fact", Note, confirmFact}, {"dispute fact", Note, disputeFact}, {"keep fact", Note, keepFact}, {"keep fact", Note, keepFact},
	{"type", Note, setType}, {"prioritize", Note, prioritize}, {"route", Offer, route}, {"step", Note, step}, {"ask step", Ask, askStep}, {"do step", Close, doStep}, {"tell tried", Close, tellTried}, {"release", Take, release}, {"withdraw", Decide, withdraw}, {"confirm", Close, confirm},
	{"verify", Follow, verify}, {"revoke", Reply, revoke}, {"inherit", Decide, inherit},
	{"set aside", Reply, setAside}, {"clear", Reply, clearDoubt}, {"clear", Reply, clearDoubt},
	{"consult", Ask, consult}, {"advise", Advise, advise}, {"unask", Decide, unask},
	{"watch", Decide, lookAt}, {"watch", Decide, lookAt}, {"call", Note, call}, {"acknowledge", Decide, acknowledge},
	{"merge", Reply, merge}, {"unmerge", Reply, unmerge}, {"unmerge", Reply, unmerge}, {"unmerge", Reply, unmerge}, {"join", Reply, join}, {"part", Reply, part},
	{"attach", Note, attach}, {"attach", Note, attach}, {"detach", Note, detach}, {"by hand", Reply, byHand}, {"hear", Decide, hear}, {"circular", Reply, answerAll}, {"circular", Reply, answerAll},
	{"carry", Reply, carry}, {"bring", Reply, bring}, {"split", Reply, split}, {"uncarry", Reply, uncarry}, {"uncarry", Reply, uncarry}, {"taken back", Reply, broughtBack}, {"taken back", Reply, broughtBack},
	{"give", Reply, give}, {"give", Reply, give}, {"give back", Reply, giveBack}, {"give back", Reply, giveBack},
	{"undo", Read, undo}, {"undo", Read, undo}, {"undo", Read, undo}, {"undo", Read, undo},
	{"task", Ask, addTask}, {"task", Ask, addTask}, {"answer task", Ask, answerTask}, {"do task", Solve, doTask}, {"drop task", Ask, dropTask}, {"solve with tasks", Solve, solveWith},
	{"propose address", Reply, proposeAddress}, {"confirm address", Follow, confirmAddress}, {"drop address", Reply, dropAddress},
}

func undo(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if d := t.LastDeed(); d != nil {
		now = d.At.Add(even(rt, "seconds", []time.Duration{1, 9, 10}) * time.Second)
	}
	c, err := t.Undo(0, by, ids, now)
	if err == nil && len(c.Entries) == 0 {
		err = &Error{Kind: Conflict} // it was taken back already
	}
	return c, err
}

func consult(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	team, tier := anywhere(rt)
	c := ConsultCommand{
		Desk: ShippedDesk(), Team: team, Tier: tier, Question: canary, By: soon(rt, now), Candidates: staff.Candidates(house, team, tier),
	}
	for range even(rt, "others", []int{0, 0, 1, 2}) {
		team, tier := anywhere(rt)
		c.Also = append(c.Also, Asking{Team: team, Tier: tier, By: soon(rt, now), Candidates: staff.Candidates(house, team, tier)})
	}
	return t.Consult(c, by, ids, now)
}

// asked is something that experts are or were asked.
func asked(rt *rapid.T, t *Ticket) string {
	if len(t.Consults) == 0 {
		return ""
	}
	return even(rt, "consult", t.Consults).ID
}

func advise(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.Advise(asked(rt, t), Message{Text: canary + m.Text}, by, ids, now)
}

func unask(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Unask(asked(rt, t), by, ids, now)
}

// lookAt lets the automatic rules look, as if it were the lead's doing.
func lookAt(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if by.Ref().ID != lead.ID {
		return Change{}, &Error{Kind: Forbidden}
	}
	d := ShippedDesk()
	return t.Watch(WatchCommand{d, d, func(team string, tier int) []string { return staff.Candidates(house, team, tier) }}, ids, now)
}

func call(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Call(even(rt, "cause", AlarmCauses), by, ids, now)
}

func acknowledge(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	id := ""
	if a := t.Alarm(); a != nil {
		id = a.ID
	}
	return t.Acknowledge(id, canary, by, ids, now)
}

// another is a ticket of the same requester, who is known there.
func another(rt *rapid.T, ids func() string, now time.Time) *Ticket {
	q := question()
	q.Number = "89ABCDEF"
	c, err := NewTicket(q, RequesterOf{}, ids, now)
	if err == nil {
		me := RequesterOf{c.Ticket.ID, q.Name}
		c, err = c.Ticket.Verify(q.Email, me, ids, now)
	}
	if err != nil {
		rt.Fatal(err)
	}
	return &c.Ticket
}

// first and second are the one ticket of two that a history is about.
func first(list []Change, err error) (Change, error) {
	if err != nil {
		return Change{}, err
	}
	return list[0], nil
}

func second(list []Change, err error) (Change, error) {
	if err != nil {
		return Change{}, err
	}
	return list[1], nil
}

func merge(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return first(t.Merge(another(rt, ids, now), by, ids, now))
}

func unmerge(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	on := another(rt, ids, now)
	if t.Into != nil {
		on.ID, on.Number = t.Into.Ticket, t.Into.Number
	}
	return first(t.Unmerge(on, by, ids, now))
}

func join(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return second(another(rt, ids, now).Merge(t, by, ids, now))
}

func part(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	o := another(rt, ids, now)
	o.Into = &Join{Other: Other{Ticket: t.ID, Number: t.Number}, At: now}
	if len(t.Joined) > 0 {
		o.ID, o.Number = t.Joined[0].Ticket, t.Joined[0].Number
	}
	return second(o.Unmerge(t, by, ids, now))
}

// fault is a known problem that many have.
func fault(rt *rapid.T, now time.Time) *Problem {
	p, err := NewProblem("fault", ProblemCommand{Title: canary}, lead, now)
	if err == nil && even(rt, "over", []bool{true, false, false}) {
		p, err = p.End(lead, now)
	}
	if err != nil {
		rt.Fatal(err)
	}
	return &p
}

func attach(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Attach(fault(rt, now), by, ids, now)
}

func detach(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Detach("fault", by, ids, now)
}

func byHand(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return did(t.ByHand("fault", even(rt, "by hand", []bool{true, false}), by, ids, now))
}

// hear is what the program tells a ticket, as if it were the lead's doing.
func hear(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if by.Ref().ID != lead.ID {
		return Change{}, &Error{Kind: Forbidden}
	}
	return did(t.Hear(fault(rt, now), ids, now))
}

// did leaves out what did nothing.
func did(c Change, err error) (Change, error) {
	if err == nil && len(c.Entries) == 0 {
		err = &Error{Kind: Conflict}
	}
	return c, err
}

// answerAll answers what has the problem, or was chosen; twice is once.
func answerAll(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	all := Circular{
		ID: ids(), Problem: even(rt, "problem", []string{"", "fault"}), Solves: even(rt, "solves", []bool{false, false, false, true}), Reason: canary,
		Body: Text{t.Lang: m.Text + " {number}"}, Copies: []Copy{{Number: t.Number}},
	}
	all, err := NewCircular(all, []string{t.Lang}, now)
	if err != nil {
		rt.Fatal(err)
	}
	c, err := t.Answer(&all, even(rt, "seen", []int{0, t.Version, 1}), nil, ShippedDesk(), ShippedDesk().Type(t.RequestType), by, ids, now)
	if err != nil {
		return c, err
	}
	letters := 0
	if c.Ticket.Requester.Email != "" {
		letters = 1
	}
	if len(c.Entries) != 1 || c.Entries[0].Kind != Public || c.Entries[0].Text != m.Text+" "+t.Number || len(c.Letters) != letters {
		rt.Fatalf("answered by %+v, %d letters", c.Entries, len(c.Letters))
	}
	if t.Doubt != "" || t.State == Closed || c.Ticket.Assignee != t.Assignee || all.Problem != "" && (t.Problem == nil || t.Problem.ByHand) {
		rt.Fatalf("answered although it is %s, %q, %+v", t.State, t.Doubt, t.Problem)
	}
	after := c.Ticket
	if again, err := after.Answer(&all, 1, nil, ShippedDesk(), nil, by, ids, now); err != nil || len(again.Entries)+len(again.Letters) > 0 {
		rt.Fatalf("answered twice: %+v, %v", again.Entries, err)
	}
	return c, nil
}

func setAside(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.SetAside(by, ids, now)
}

func clearDoubt(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Clear(by, ids, now)
}

func proposeAddress(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.ProposeAddress(even(rt, "address", []string{"", "x", t.Requester.Email, "one@example.com", "two@example.com"}), ids(), by, ids, now)
}

func confirmAddress(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.ConfirmAddress(by, ids, now)
}

func dropAddress(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.DropAddress(by, ids, now)
}

var keys = rapid.SampledFrom([]string{"model", "imei", "colour"})

// soon is mostly in the future.
func soon(rt *rapid.T, now time.Time) time.Time {
	return now.Add(even(rt, "until", []time.Duration{-1, 1, 5, 24, 90}) * time.Hour)
}

// anywhere is a team and a tier, mostly one of its own.
func anywhere(rt *rapid.T) (string, int) {
	team := even(rt, "team", ShippedDesk().Teams)
	return team.ID, rapid.IntRange(team.Min, min(3, team.Max+rapid.IntRange(0, 1).Draw(rt, "beyond"))).Draw(rt, "tier")
}

func take(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Take(rapid.SampledFrom([]string{"", t.Assignee}).Draw(rt, "instead"), by, ids, now)
}

func release(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Release(by, ids, now)
}

func reply(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.Reply(m, by, ids, now)
}

func requesterReply(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.RequesterReply(RequesterMessage{Message: m, Answers: map[string]string{keys.Draw(rt, "key"): "x"}}, by, ids, now)
}

// tellTried says of steps that nobody has to ask for them.
func tellTried(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	r := ShippedDesk().Type("device")
	id := even(rt, "remedy", r.Steps).ID
	failed := t.Failed()
	c, err := t.RequesterReply(RequesterMessage{Message: m, FactsCommand: FactsCommand{Type: r}, Tried: []string{id}}, by, ids, now)
	if err == nil && len(c.Entries) > 0 {
		if _, done := c.Ticket.Tried(id); !done || c.Ticket.Failed()-failed > c.Ticket.Reopened-t.Reopened {
			rt.Fatalf("%s was tried unasked, and is not, or as an attempt of ours", id)
		}
	}
	return c, err
}

func note(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.Note(Message{Text: canary + m.Text}, by, ids, now)
}

func askSomething(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	key, again := keys.Draw(rt, "key"), rapid.SampledFrom([]string{"", Outdated}).Draw(rt, "again")
	f, known := t.Fact(key)
	c, err := t.Ask(AskCommand{Message: m, Questions: []Question{{Key: key, Text: "Which?", Why: "Because.", Again: again}}, Until: soon(rt, now)}, by, ids, now)
	if err == nil && known && f.State != Disputed && again == "" {
		rt.Fatalf("%s was asked again without a reason", key)
	}
	return c, err
}

func fact(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.AddFact(Fact{Key: keys.Draw(rt, "key"), Value: canary}, by, ids, now)
}

// seen is a fact that somebody looks at.
func seen(rt *rapid.T, t *Ticket) Fact {
	if len(t.Facts) == 0 {
		return Fact{}
	}
	return even(rt, "seen", t.Facts)
}

func confirmFact(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	f := seen(rt, t)
	c, err := t.ConfirmFact(f.Key, f.Value, by, ids, now)
	if err == nil && len(c.Entries) == 0 {
		return c, &Error{Kind: Conflict} // it is already
	}
	return c, err
}

func disputeFact(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	f := seen(rt, t)
	return t.DisputeFact(f.Key, f.Value, canary, by, ids, now)
}

func keepFact(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	r := ShippedDesk().Type("device")
	finds := t.Finds(r)
	if len(finds) == 0 {
		return t.KeepFact(Fact{Key: "imei", Value: "490154203237518"}, r, by, ids, now)
	}
	return t.KeepFact(even(rt, "find", finds), r, by, ids, now)
}

func setType(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	d := ShippedDesk()
	d.Types[0].Impact, d.Types[0].Urgency = High, High
	return t.SetType(TypeCommand{Desk: d, Type: even(rt, "type", d.Types).ID}, by, ids, now)
}

func prioritize(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	degree := func(of string) Degree { return even(rt, of, []Degree{High, High, Medium, Low, "loud"}) }
	return t.SetPriority(PriorityCommand{degree("impact"), degree("urgency"), canary}, by, ids, now)
}

func route(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	d := ShippedDesk()
	r := d.Type(t.RequestType)
	if r == nil {
		return t.Route(RouteCommand{Desk: d}, by, ids, now)
	}
	facts := map[string]string{}
	for _, n := range r.Needs {
		if even(rt, "known", []bool{true, true, true, false}) {
			facts[n.Key] = "- " + canary
		}
	}
	missing := len(r.Missing(t, BeforeMove)) > 0
	c, err := t.Route(RouteCommand{FactsCommand{r, facts}, d, staff.Candidates(house, r.Team, r.Tier)}, by, ids, now)
	if err == nil && missing && len(r.Missing(&c.Ticket, BeforeMove)) > 0 {
		rt.Fatalf("handed on without %v", r.Missing(&c.Ticket, BeforeMove))
	}
	return c, err
}

func step(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	r := ShippedDesk().Type("device")
	c := StepCommand{Type: r, What: canary, Result: canary, Outcome: even(rt, "outcome", append([]Outcome{"", "perhaps"}, Outcomes...)), Minutes: 3}
	if even(rt, "named", []bool{true, false}) {
		c.Remedy = even(rt, "remedy", r.Steps).ID
	}
	return t.AddStep(c, by, ids, now)
}

// askStep asks the requester to do the best step that is left, or one that was done.
func askStep(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	r := ShippedDesk().Type("device")
	list := t.Untried(r)
	if len(list) == 0 || even(rt, "again", []bool{false, false, true}) {
		list = r.Steps
	}
	_, done := t.Tried(list[0].ID)
	c, err := t.Ask(AskCommand{Message: m, Type: r, Questions: []Question{{Key: list[0].Key(), Text: "Which?", Why: "Because."}}, Until: soon(rt, now)}, by, ids, now)
	if err == nil && done {
		rt.Fatalf("%s is asked for again without a reason", list[0].ID)
	}
	return c, err
}

// doStep answers what was asked for.
func doStep(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	for _, q := range t.Questions {
		if id, ok := RemedyOf(q.Key); ok {
			c, err := t.RequesterReply(RequesterMessage{Message: m, Answers: map[string]string{q.Key: "word"}, Outcomes: map[string]Outcome{q.Key: even(rt, "came", Outcomes)}}, by, ids, now)
			if err == nil {
				if s, done := c.Ticket.Tried(id); !done || s.By.Kind != ByRequester || slices.ContainsFunc(c.Ticket.Questions, func(o Question) bool { return o.Key == q.Key }) {
					rt.Fatalf("the step was answered, and is %+v", s)
				}
			}
			return c, err
		}
	}
	return Change{}, &Error{Kind: Conflict}
}

func wait(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Wait(WaitCommand{Party: "Courier", Until: soon(rt, now)}, by, ids, now)
}

func resume(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Resume(canary, by, ids, now)
}

func offer(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	team, tier := anywhere(rt)
	c := OfferCommand{
		Desk: ShippedDesk(),
		Team: team, Tier: tier, Problem: canary, Tried: []Tried{{What: canary, Result: canary}}, Asked: canary,
		By: soon(rt, now), Promised: canary, Tell: "We look into it.", Candidates: staff.Candidates(house, team, tier),
	}
	if even(rt, "incomplete", []bool{true, false, false, false, false, false}) {
		c.Tried = nil
	}
	ch, err := t.Offer(c, by, ids, now)
	if err == nil && (c.Tried == nil || !c.By.After(now)) {
		rt.Fatal("an incomplete handoff was offered")
	}
	return ch, err
}

func accept(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Accept("", by, ids, now)
}

func refuse(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Refuse("", RefuseCommand{Reason: MissingFacts, Missing: []string{canary}, Text: canary}, by, ids, now)
}

func withdraw(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Withdraw("", by, ids, now)
}

func decide(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	team, tier := anywhere(rt)
	return t.Decide(DecideCommand{Desk: ShippedDesk(), Team: team, Tier: tier, Reason: canary, Tell: "We decided."}, by, ids, now)
}

func solve(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.Solve(SolveCommand{Message: m, Article: NoArticle, Reason: canary}, by, ids, now)
}

func confirm(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if even(rt, "patience", []bool{true, true, true, false}) {
		return Change{}, &Error{Kind: Conflict} // a closed ticket is a dull one
	}
	return t.Confirm(Message{}, by, ids, now)
}

func notSolved(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.NotSolved(m, by, ids, now)
}

func verify(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Verify(t.Requester.Email, by, ids, now)
}

func revoke(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.Revoke(by, ids, now)
}

// inherit hands on what somebody of the house left.
func inherit(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	gone := even(rt, "gone", house)
	if gone.ID == lead.ID {
		return Change{}, &Error{Kind: Conflict}
	}
	c, err := t.Inherit(gone.ID, lead.ID, by, ids, now)
	if err == nil && len(c.Entries) == 0 {
		return c, &Error{Kind: Conflict} // nothing was left
	}
	return c, err
}

// A happened is one change of a ticket.
type happened struct {
	rt            *rapid.T
	before, after *Ticket
	c             Change
	by            Actor
	event         map[EventKind]*Event // what it made happen
}

// moved says whether the ticket is with another team, or at another tier.
func (s *happened) moved() bool {
	return s.before.Team != s.after.Team || s.before.Tier != s.after.Tier
}

// invariants are what holds of each change, by the numbers of desk.md 3.5 as far as it
// concerns what exists. wrong says what does not hold, or nothing.
var invariants = []struct {
	name  string
	wrong func(s happened) string
}{
	{"I-1 one owner", oneOwner},
	{"I-2 one turn", oneTurn},
	{"I-3 escalation leaves the owner", ownerStays},
	{"I-4 no move without a handoff or a decision", movesByHandoff},
	{"I-5 each move tells the customer once", toldOnce},
	{"I-6 entries stay as they are", entriesStay},
	{"I-7 a note reaches no requester", notesStay},
	{"I-8 the ticket is what its entries add up to", addsUp},
	{"I-13 the highest tier and the one that solved", tiersStay},
	{"bounces", bounces},
	{"consults", consults},
	{"alarms", alarms},
	{"priority", priorities},
	{"addresses", addresses},
	{"doubt", doubts},
	{"I-11 a merge is undone", undone},
	{"I-11 a change of requester is undone", gaveBack},
	{"I-9 a known problem", problems},
	{"facts", facts},
	{"tasks", tasks},
	{"what is taken back is as it was", takenBack},
	{"E3 by attempts", attempts},
	{"rights", rights},
}

// oneOwner: a person of the house, or the General desk while nobody has taken it. A
// program owns nothing, nor does who left.
func oneOwner(s happened) string {
	owns := s.after.Owner == ""
	for _, p := range house {
		owns = owns || p.ID == s.after.Owner
	}
	switch left := s.event[EventInherited]; {
	case !owns:
		return fmt.Sprintf("owned by %q", s.after.Owner)
	case s.before.Owner != "" && s.after.Owner == "" && s.event[EventUndone] == nil:
		return "nobody owns it any more"
	case left != nil && (s.after.State == Closed || s.after.Owner == left.From || s.after.Assignee == left.From):
		return fmt.Sprintf("left behind by %s: owner %q, assignee %q", left.From, s.after.Owner, s.after.Assignee)
	case s.after.State == New && s.after.Assignee != "":
		return fmt.Sprintf("new, and taken by %q", s.after.Assignee)
	}
	return ""
}

func oneTurn(s happened) string {
	after := s.after
	turn := map[State]Turn{New: Ours, Open: Ours, WaitCustomer: Theirs, WaitOther: Partys, Solved: Theirs, Closed: Nobodys}
	if w, ok := turn[after.State]; !ok || after.Turn() != w {
		return fmt.Sprintf("state %q, turn %q", after.State, after.Turn())
	}
	if (after.State == WaitOther) != (after.Party != "") || (after.State == WaitOther || after.State == WaitCustomer) != !after.Until.IsZero() {
		return fmt.Sprintf("%s waits for %q until %v", after.State, after.Party, after.Until)
	}
	return ""
}

// ownerStays: the first who takes it owns it; that changes only when they no longer
// work here, which is an act of its own.
func ownerStays(s happened) string {
	taken, left := s.event[EventTaken], s.event[EventInherited]
	switch {
	case s.before.Owner == s.after.Owner:
	case s.before.Owner == "" && taken != nil && taken.Staff == s.after.Owner:
	case left != nil && left.From == s.before.Owner && left.Staff == s.after.Owner:
	case s.event[EventUndone] != nil && s.after.Owner == "": // they had taken it by what they took back
	default:
		return fmt.Sprintf("the owner %q became %q", s.before.Owner, s.after.Owner)
	}
	return ""
}

// movesByHandoff: a move is accepted, refused to triage or decided by a lead; it goes
// where it was offered, and until then the sender has it.
func movesByHandoff(s happened) string {
	after, event := s.after, s.event
	if s.moved() {
		h := Handoff{}
		if n := len(after.Handoffs); n > 0 {
			h = after.Handoffs[n-1]
		}
		switch {
		case event[EventAccepted] != nil:
			if h.State != Accepted || h.Team != after.Team || h.Tier != after.Tier || h.AnsweredBy != s.by.Ref() ||
				h.Problem == "" || h.By.IsZero() || h.Rule == "" && (len(h.Tried) == 0 && h.Untried == "" || h.Asked == "" || h.Tell == "" && after.Parent == nil) {
				return fmt.Sprintf("moved by %+v", h)
			}
		case event[EventRefused] != nil:
			if after.Team != Triage || after.Tier != 1 || h.State != Refused {
				return "refused, and with " + after.Team
			}
		case event[EventDecided] != nil:
			if !s.before.Frozen || !s.by.May(Decide, s.before) {
				return "decided without need or right"
			}
		default:
			return fmt.Sprintf("moved from %s %d to %s %d", s.before.Team, s.before.Tier, after.Team, after.Tier)
		}
	}
	if to, ok := ShippedDesk().Team(after.Team); !ok || after.Tier < to.Min || after.Tier > to.Max {
		return fmt.Sprintf("is with %s at tier %d", after.Team, after.Tier)
	}
	if event[EventOffered] != nil && event[EventAccepted] == nil && (s.moved() || event[EventOffered].Handoff.From.Person() && after.Assignee == "") {
		return "offered, and nobody is responsible"
	}
	pending := 0
	for i, h := range after.Handoffs {
		if h.State == Offered {
			if pending++; i != len(after.Handoffs)-1 {
				return "an older offer is pending"
			}
		}
	}
	if pending > 0 && (after.State == Solved || after.State == Closed) {
		return fmt.Sprintf("%s, with an offer pending", after.State)
	}
	return ""
}

// toldOnce: by letter and on the page.
func toldOnce(s happened) string {
	letters, told, want := 0, 0, 0
	for _, l := range s.c.Letters {
		if l.Kind == MoveLetter {
			if letters++; l.Args.Team != s.after.Team {
				return "the letter names " + l.Args.Team
			}
		}
	}
	if s.event[EventUndone] != nil {
		return "" // see takenBack
	}
	for _, l := range s.after.EverForRequester() {
		if l.Kind == LineMoved && slices.ContainsFunc(s.c.Entries, func(e Entry) bool { return e.ID == l.ID }) {
			if told++; l.Team != s.after.Team {
				return "the page names " + l.Team
			}
		}
	}
	if s.moved() && s.after.Parent == nil {
		want = 1
	}
	written := want
	if s.after.Requester.Email == "" { // nobody can write to them
		written = 0
	}
	if letters != written || told != want {
		return fmt.Sprintf("moved %v, %d letters, %d lines", s.moved(), letters, told)
	}
	return ""
}

// entriesStay: what was there is there, unchanged, before what was added; an erasure
// leaves marked holes, which forgets looks at.
func entriesStay(s happened) string {
	if diff := differ(Ledger(s.before.Entries), Ledger(s.after.Entries[:len(s.before.Entries)])); diff != "" {
		return "entries were changed:\n" + diff
	}
	if differ(s.c.Entries, s.after.Entries[len(s.before.Entries):]) != "" {
		return "the change's entries are not those that the ticket has more"
	}
	return ""
}

func notesStay(s happened) string {
	b, _ := json.Marshal([]any{s.after.ForRequester(), s.c.Letters})
	if strings.Contains(string(b), canary) {
		return "told: " + string(b)
	}
	return ""
}

func addsUp(s happened) string {
	sound(s.rt, s.before, s.c)
	return ""
}

func tiersStay(s happened) string {
	before, after := s.before, s.after
	switch {
	case after.HighestTier < before.HighestTier || after.HighestTier < after.Tier:
		return fmt.Sprintf("highest tier %d after %d, at %d", after.HighestTier, before.HighestTier, after.Tier)
	case after.State == Solved && (after.SolvedTier != after.Tier || after.Solution == nil):
		return fmt.Sprintf("solved at tier %d, at %d", after.SolvedTier, after.Tier)
	case before.SolvedTier != after.SolvedTier && s.event[EventSolved] == nil && s.event[EventReopened] == nil && s.event[EventUndone] == nil:
		return fmt.Sprintf("solved at tier %d, and then at %d", before.SolvedTier, after.SolvedTier)
	}
	return ""
}

// bounces: the third freezes.
func bounces(s happened) string {
	if s.after.Bounces >= MaxBounces && !s.after.Frozen || s.after.Bounces > MaxBounces {
		return fmt.Sprintf("%d bounces, frozen %v", s.after.Bounces, s.after.Frozen)
	}
	return ""
}

// consults: an expert is asked, and nothing moves.
func consults(s happened) string {
	before, after := s.before, s.after
	for _, k := range after.Consults {
		if _, ok := ShippedDesk().Team(k.Team); !ok || k.Question == "" || k.By.IsZero() || (k.State == Asked) != k.Answered.IsZero() {
			return fmt.Sprintf("a consult %+v", k)
		}
		if k.State == Asked && (after.State == Solved || after.State == Closed) {
			return fmt.Sprintf("%s, and experts are asked", after.State)
		}
	}
	for _, kind := range []EventKind{EventConsulted, EventAdvised, EventUnasked} {
		if s.event[kind] != nil && (s.moved() || before.Owner != after.Owner && before.Owner != "" || before.Assignee != after.Assignee && before.Assignee != "" ||
			before.State != after.State && before.State != New || before.HighestTier != after.HighestTier || before.Doubt == after.Doubt && len(s.c.Letters) > 0 ||
			len(before.ForRequester()) != len(after.ForRequester())) {
			return "a consult moved something"
		}
	}
	return ""
}

// alarms: they call leads, and move nothing themselves.
func alarms(s happened) string {
	before, after := s.before, s.after
	for i, a := range after.Alarms {
		if a.ID == "" || len(a.Marks) == 0 || a.Rung < TeamLeads || a.Rung > Head || i < len(after.Alarms)-1 && a.Ended.IsZero() {
			return fmt.Sprintf("an alarm %+v", a)
		}
	}
	if after.Alarm() != nil && (after.State == Solved || after.State == Closed) {
		return fmt.Sprintf("%s, and leads are called", after.State)
	}
	if s.event[EventMarked] != nil && (s.moved() || before.Owner != after.Owner || before.Assignee != after.Assignee || before.State != after.State || len(s.c.Letters) > 0) {
		return "the automatic rules moved something"
	}
	return ""
}

// priorities: staff and the kind of a matter say how urgent it is, and what is most urgent
// calls leads at once, at any hour, and each time that it becomes so. The customer hears
// nothing of it.
func priorities(s happened) string {
	before, after := s.before, s.after
	if s.event[EventUndone] != nil {
		return "" // it is as it was, which takenBack looks at
	}
	said, typed := s.event[EventPrioritized], s.event[EventTyped]
	changed := before.Impact != after.Impact || before.Urgency != after.Urgency
	switch {
	case changed && said == nil && typed == nil:
		return fmt.Sprintf("its priority became %d", after.Priority())
	case said != nil && (said.Reason == "" || !s.by.May(Note, before) || !after.Weighed || after.Impact != said.Impact):
		return fmt.Sprintf("its priority was said: %+v", said)
	case typed != nil && changed && before.Weighed:
		return "its kind went before what somebody said"
	case (said != nil || changed) && (s.moved() || after.State != before.State || len(s.c.Letters) > 0 || len(before.ForRequester()) != len(after.ForRequester())):
		return "a priority moved something"
	case after.Priority() == TopPriority && before.Priority() != TopPriority && after.Doubt == "" && (after.Alarm() == nil || s.event[EventMarked] == nil):
		return "it has the top priority, and nobody is called"
	}
	return ""
}

// addresses: one becomes another only when somebody who reads mail there says so.
// Then the links that are out end, and the old address is told once, not where.
func addresses(s happened) string {
	before, after := s.before, s.after
	if s.event[EventGiven] != nil || s.event[EventGivenBack] != nil {
		return ""
	}
	moved := before.Requester.Email != after.Requester.Email
	if moved != (s.event[EventCorrected] != nil) {
		return "the address became " + after.Requester.Email
	}
	if !moved {
		return ""
	}
	if s.by.Ref().Kind != ByRequester || after.Requester.Email != before.Correction.Email || after.LinkGeneration <= before.LinkGeneration {
		return fmt.Sprintf("corrected to %+v, links %d", after.Requester, after.LinkGeneration)
	}
	if before.Requester.Email == "" && len(s.c.Letters) == 0 {
		return ""
	}
	if b, _ := json.Marshal(s.c.Letters); len(s.c.Letters) != 1 || s.c.Letters[0].To != before.Requester.Email || strings.Contains(string(b), after.Requester.Email) {
		return "told: " + string(b)
	}
	return ""
}

// doubts: nobody is written to about what is in doubt, but to learn an address.
func doubts(s happened) string {
	for _, l := range s.c.Letters {
		if s.after.Doubt != "" && l.Kind != AddressLetter && l.Kind != LeftLetter {
			return fmt.Sprintf("in doubt, and a letter %s", l.Kind)
		}
	}
	if s.by.Ref().Kind == ByRequester && (s.before.Doubt == "") != (s.after.Doubt == "") {
		return fmt.Sprintf("a requester made %q of %q", s.after.Doubt, s.before.Doubt)
	}
	return ""
}

// undone: what goes on elsewhere is left as it is, but for what staff note, and goes on
// as it was; nobody is written to from there.
func undone(s happened) string {
	before, after := s.before, s.after
	if (after.Doubt == Merged) != (after.Into != nil) {
		return fmt.Sprintf("it goes on in %+v, and its doubt is %q", after.Into, after.Doubt)
	}
	if s.event[EventMerged] != nil || s.event[EventUnmerged] != nil || before.Into != nil {
		if after.State != before.State || after.Turn() != before.Turn() || after.Team != before.Team || after.Tier != before.Tier ||
			(after.Owner != before.Owner || after.Assignee != before.Assignee) && s.event[EventInherited] == nil || len(s.c.Letters) > 0 {
			return fmt.Sprintf("it was %s with %s, and is %s with %s; %d letters", before.State, before.Assignee, after.State, after.Assignee, len(s.c.Letters))
		}
	}
	if before.Into != nil && after.Into != nil && s.event[EventMerged] != nil {
		return "merged twice"
	}
	return ""
}

// problems: that a ticket has one is noted, and nothing else: it is in progress as it
// was, until somebody answers it.
func problems(s happened) string {
	before, after := s.before, s.after
	noted := false
	for kind, is := range map[EventKind]bool{
		EventAttached: after.Problem != nil && !after.Problem.Solved && !after.Problem.ByHand, EventDetached: after.Problem == nil,
		EventByHand: after.Problem != nil && after.Problem.ByHand, EventWithAll: after.Problem != nil && !after.Problem.ByHand,
		EventCured: after.Problem != nil && after.Problem.Solved, EventBroken: after.Problem != nil && !after.Problem.Solved,
	} {
		if s.event[kind] != nil {
			noted = true
			if !is {
				return fmt.Sprintf("%s, and its problem is %+v", kind, after.Problem)
			}
		}
	}
	if !noted {
		if differ(before.Problem, after.Problem) != "" {
			return fmt.Sprintf("its problem became %+v", after.Problem)
		}
		return ""
	}
	if len(s.c.Entries) != 1 || len(s.c.Letters) > 0 || s.moved() || after.State != before.State || after.Owner != before.Owner || after.Assignee != before.Assignee ||
		after.Doubt != before.Doubt || len(after.Running) != len(before.Running) || len(after.ForRequester()) != len(before.ForRequester()) {
		return fmt.Sprintf("%+v changed more than its problem", s.event)
	}
	return ""
}

// facts: each has its source, and one that others took the place of stays in sight.
func facts(s happened) string {
	before, after := s.before, s.after
	if s.event[EventUndone] != nil {
		return "" // it is as it was, which takenBack looks at
	}
	has := func(id string) bool {
		return slices.ContainsFunc(after.Entries, func(e Entry) bool { return e.ID == id })
	}
	for _, f := range slices.Concat(after.Facts, after.Earlier) {
		if f.Value == "" || !has(f.Source) || (f.State == Confirmed || f.State == Disputed) != (f.Judged != "") || f.Judged != "" && !has(f.Judged) {
			return fmt.Sprintf("a fact %+v", f)
		}
	}
	for _, kind := range []EventKind{EventCarried, EventReturned, EventBrought, EventTakenBack} {
		if s.event[kind] != nil {
			return "" // facts go with the words that they come from
		}
	}
	if s.event[EventUndone] != nil {
		return "" // see takenBack
	}
	for _, f := range before.Facts {
		now, ok := after.Fact(f.Key)
		gone := !strings.EqualFold(now.Value, f.Value)
		if !ok || gone && f.State != Lacking && !slices.ContainsFunc(after.Earlier, func(o Fact) bool { return o.Key == f.Key && o.Value == f.Value }) {
			return fmt.Sprintf("%+v became %+v, and is nowhere", f, now)
		}
		if f.State != now.State && now.State == Confirmed && s.event[EventAffirmed] == nil {
			return fmt.Sprintf("%+v was confirmed by nobody", now)
		}
	}
	if !slices.Equal(before.Earlier, after.Earlier[:len(before.Earlier)]) {
		return "an earlier value was changed"
	}
	return ""
}

// takenBack: by who did it, in time, and nothing is left of it, for staff nor for the
// requester, who never knew of it.
func takenBack(s happened) string {
	ev := s.event[EventUndone]
	if ev == nil {
		return ""
	}
	deed, at := s.before.LastDeed(), s.after.Updated
	if deed == nil || deed.By != s.by.Ref() || at.Sub(deed.At) >= UndoTime {
		return fmt.Sprintf("took back %+v after %s", deed, at)
	}
	was, err := Rebuild(s.before.Entries[:s.before.Version-len(deed.Entries)])
	if err != nil {
		return err.Error()
	}
	known, err := s.before.ForPublic(at)
	if err != nil {
		return err.Error()
	}
	if diff := differ(was.ForRequester(), known.ForRequester()); diff != "" {
		return "the requester knew of it:\n" + diff
	}
	after := *s.after
	if diff := differ(was.Clocks.Counting(), after.Clocks.Counting()); diff != "" {
		return "the clocks:\n" + diff
	}
	after.Clocks, after.Entries, after.Version, after.Updated = was.Clocks, was.Entries, was.Version, was.Updated
	if diff := differ(&was, &after); diff != "" {
		return "it is another:\n" + diff
	}
	if len(s.c.Letters) > 0 || len(s.after.ForRequester()) != len(was.ForRequester()) {
		return fmt.Sprintf("%d letters", len(s.c.Letters))
	}
	return ""
}

// attempts: two that failed are offered to others once, and only then.
func attempts(s happened) string {
	if ev := s.event[EventOffered]; ev != nil && ev.Handoff.Rule == ByAttempts {
		if s.before.Failed() < 2 || s.before.Tier != 1 {
			return fmt.Sprintf("offered at tier %d after %d", s.before.Tier, s.before.Failed())
		}
		if slices.ContainsFunc(s.before.Marks, func(m Mark) bool { return m.Rule == ByAttempts }) {
			return "offered twice"
		}
	}
	return ""
}

// rights: what changed somebody was allowed to change.
func rights(s happened) string {
	switch by := s.by.(type) {
	case RequesterOf:
		if by.Ticket != s.after.ID {
			return "a stranger changed it"
		}
	case staff.Person:
		if by.ID == pen.ID {
			return "a writer changed it"
		}
	}
	return ""
}

// forgets erases a ticket: no word of it is left, how it went is, and that was all
// that can be done to it.
func forgets(rt *rapid.T, t *Ticket, actors []Actor, ids func() string, now time.Time) {
	if _, err := t.Erase(false, lead, ids, now); (KindOf(err) == Conflict) != t.InProgress() {
		rt.Fatalf("erase a ticket that is %s: %v", t.State, err)
	}
	if _, err := t.Erase(true, anna, ids, now); KindOf(err) != Forbidden {
		rt.Fatalf("an agent erases: %v", err)
	}
	c, err := t.Erase(true, lead, ids, now)
	if err != nil {
		rt.Fatal(err)
	}
	b, _ := json.Marshal(c)
	q := question()
	for _, word := range []string{canary, "word ", "Courier", "Which?", "Because.", "We look into it", "We decided", "@example.com", "490154203237518", q.Subject, q.Text, q.Name, q.Email, q.Phone} {
		if word != "" && strings.Contains(string(b), word) {
			rt.Fatalf("%q is left: %s", word, b)
		}
	}
	again, err := Rebuild(c.Ticket.Entries)
	if err != nil {
		rt.Fatal(err)
	}
	if diff := differ(&c.Ticket, &again); diff != "" {
		rt.Fatalf("rebuilt otherwise (-erased +rebuilt):\n%s", diff)
	}
	after := &c.Ticket
	timed(rt, t, after)
	if after.State != Closed || after.Erased.IsZero() || after.Version != t.Version+1 || after.LinkGeneration <= t.LinkGeneration ||
		after.Number != t.Number || after.Owner != t.Owner || after.Team != t.Team || after.Tier != t.Tier || after.HighestTier != t.HighestTier ||
		after.SolvedTier != t.SolvedTier || after.Reopened != t.Reopened || len(after.Handoffs) != len(t.Handoffs) || !after.Opened.Equal(t.Opened) {
		rt.Fatalf("how it went is another: %+v", after)
	}
	for i, e := range Ledger(after.Entries[:t.Version]) {
		if e.Event == nil || !e.Event.Hole || e.Kind != Ledger(t.Entries)[i].Kind {
			rt.Fatalf("entry %d is no hole: %+v", e.Seq, e)
		}
	}
	for _, r := range rules {
		for _, by := range actors {
			if c, err := r.carry(rt, after, by, ids, now, Message{Text: "late"}); err == nil && len(c.Entries) > 0 {
				rt.Fatalf("%s by %v after that", r.name, by.Ref())
			}
		}
	}
}

func last(c Change) string {
	if n := len(c.Entries); n > 0 && c.Entries[n-1].Event != nil {
		return string(c.Entries[n-1].Event.Kind)
	}
	return "a change"
}
