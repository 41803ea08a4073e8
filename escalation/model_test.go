package escalation_test

import (
	"encoding/json"
	"fmt"
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
// each what design.md says always holds. Many commands are refused: that is part
// of it.
func TestModel(t *testing.T) {
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		now, ids := monday, counter()
		q := question()
		q.Signs = even(rt, "signs", [][]string{nil, nil, {"links"}})
		c, err := NewTicket(q, RequesterOf{}, ids, now)
		if err != nil {
			rt.Fatal(err)
		}
		tk := c.Ticket
		me := RequesterOf{tk.ID, tk.Requester.Name}
		actors := []Actor{anna, bruno, carla, dora, elio, lead, pen, robot, me, RequesterOf{Ticket: "other"}}

		for i := range even(rt, "commands", []int{20, 200, 400}) {
			now = now.Add(even(rt, "hours", []time.Duration{0, 1, 2, 12}) * time.Hour)
			r := even(rt, "rule", rules)
			if tk.Frozen && even(rt, "the lead looks", []bool{true, false, false}) {
				r.name, r.needs, r.carry = "decide", Decide, decide
			}
			by := even(rt, "actor", able(actors, r.needs, &tk))
			c, err := r.carry(rt, &tk, by, ids, now, Message{Text: fmt.Sprintf("word %d", i)})
			if err != nil {
				if KindOf(err) == Fault {
					rt.Fatalf("%s by %v: %v", r.name, by.Ref(), err)
				}
				continue
			}
			done[r.name]++
			sound(rt, &tk, c)
			holds(rt, &tk, &c.Ticket, c, by)
			if c.Ticket.Frozen {
				done["freeze"]++
			}
			tk = c.Ticket
		}
		forgets(rt, &tk, actors, ids, now.Add(time.Hour))
	})
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
	{"type", Note, setType}, {"route", Offer, route}, {"step", Note, step}, {"release", Take, release}, {"withdraw", Decide, withdraw}, {"confirm", Close, confirm},
	{"verify", Follow, verify}, {"revoke", Reply, revoke}, {"inherit", Decide, inherit},
	{"set aside", Reply, setAside}, {"clear", Reply, clearDoubt}, {"clear", Reply, clearDoubt},
	{"propose address", Reply, proposeAddress}, {"confirm address", Follow, confirmAddress}, {"drop address", Reply, dropAddress},
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
	return t.RequesterReply(RequesterMessage{m, map[string]string{keys.Draw(rt, "key"): "x"}}, by, ids, now)
}

func note(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	return t.Note(Message{Text: canary + m.Text}, by, ids, now)
}

func askSomething(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	key, again := keys.Draw(rt, "key"), rapid.SampledFrom([]string{"", Outdated}).Draw(rt, "again")
	_, known := t.Fact(key)
	c, err := t.Ask(AskCommand{m, []Question{{Key: key, Text: "Which?", Why: "Because.", Again: again}}, soon(rt, now)}, by, ids, now)
	if err == nil && known && again == "" {
		rt.Fatalf("%s was asked again without a reason", key)
	}
	return c, err
}

func fact(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.AddFact(Fact{Key: keys.Draw(rt, "key"), Value: canary}, by, ids, now)
}

func setType(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	d := ShippedDesk()
	return t.SetType(TypeCommand{Desk: d, Type: even(rt, "type", d.Types).ID}, by, ids, now)
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

func step(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.AddStep(Tried{canary, canary}, by, ids, now)
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
		Team: team, Tier: tier, Problem: canary, Tried: []Tried{{canary, canary}}, Asked: canary,
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

// holds checks what always holds, of one change.
func holds(rt *rapid.T, before, after *Ticket, c Change, by Actor) {
	bad := func(format string, args ...any) {
		rt.Helper()
		rt.Fatalf("%s by %v: %s", last(c), by.Ref(), fmt.Sprintf(format, args...))
	}
	// 1. One turn, one owner; who owns it changes once, from the desk to a person,
	// and again only when that person no longer works here.
	turn := map[State]Turn{New: Ours, Open: Ours, WaitCustomer: Theirs, WaitOther: Partys, Solved: Theirs, Closed: Nobodys}
	if w, ok := turn[after.State]; !ok || after.Turn() != w {
		bad("state %q, turn %q", after.State, after.Turn())
	}
	if (after.State == WaitOther) != (after.Party != "") || (after.State == WaitOther || after.State == WaitCustomer) != !after.Until.IsZero() {
		bad("%s waits for %q until %v", after.State, after.Party, after.Until)
	}
	left := ""
	for _, e := range c.Entries {
		if e.Event != nil && e.Event.Kind == EventInherited {
			left = e.Event.From
			if after.State == Closed || after.Owner == left || after.Assignee == left || e.Kind != Happened {
				bad("left behind by %s: owner %q, assignee %q", left, after.Owner, after.Assignee)
			}
		}
	}
	if before.Owner != "" && after.Owner != before.Owner && (before.Owner != left || after.Owner == "") || strings.HasPrefix(after.Owner, "api:") {
		bad("the owner %q became %q", before.Owner, after.Owner)
	}
	if after.State == New && after.Assignee != "" {
		bad("new, and taken by %q", after.Assignee)
	}

	// 2. A move is accepted, a rule's or decided; and goes where it was offered.
	moved := before.Team != after.Team || before.Tier != after.Tier
	event := map[EventKind]*Event{}
	for _, e := range c.Entries {
		if e.Event != nil {
			event[e.Event.Kind] = e.Event
		}
	}
	if moved {
		h := Handoff{}
		if n := len(after.Handoffs); n > 0 {
			h = after.Handoffs[n-1]
		}
		switch {
		case event[EventAccepted] != nil:
			if h.State != Accepted || h.Team != after.Team || h.Tier != after.Tier || h.AnsweredBy != by.Ref() ||
				h.Problem == "" || h.By.IsZero() || h.Rule == "" && (len(h.Tried) == 0 && h.Untried == "" || h.Asked == "" || h.Tell == "") {
				bad("moved by %+v", h)
			}
		case event[EventRefused] != nil:
			if after.Team != Triage || after.Tier != 1 || h.State != Refused {
				bad("refused, and with %s", after.Team)
			}
		case event[EventDecided] != nil:
			if !before.Frozen || !by.May(Decide, before) {
				bad("decided without need or right")
			}
		default:
			bad("moved from %s %d to %s %d", before.Team, before.Tier, after.Team, after.Tier)
		}
	}
	if to, ok := ShippedDesk().Team(after.Team); !ok || after.Tier < to.Min || after.Tier > to.Max {
		bad("is with %s at tier %d", after.Team, after.Tier)
	}
	if event[EventOffered] != nil && event[EventAccepted] == nil && (moved || by.Ref().Person() && after.Assignee == "") {
		bad("offered, and nobody is responsible")
	}
	pending := 0
	for i, h := range after.Handoffs {
		if h.State == Offered {
			if pending++; i != len(after.Handoffs)-1 {
				bad("an older offer is pending")
			}
		}
	}
	if pending > 0 && (after.State == Solved || after.State == Closed) {
		bad("%s, with an offer pending", after.State)
	}

	// 3. Each move tells the customer once, by letter and on the page.
	letters := 0
	for _, l := range c.Letters {
		if l.Kind == MoveLetter {
			if letters++; l.Args.Team != after.Team {
				bad("the letter names %s", l.Args.Team)
			}
		}
	}
	lines, had := after.ForRequester(), before.ForRequester()
	told := 0
	for _, l := range lines[len(had):] {
		if l.Kind == LineMoved {
			if told++; l.Team != after.Team {
				bad("the page names %s", l.Team)
			}
		}
	}
	want := 0
	if moved {
		want = 1
	}
	if letters != want || told != want {
		bad("moved %v, %d letters, %d lines", moved, letters, told)
	}

	// 4. What is internal reaches no requester.
	b, _ := json.Marshal([]any{lines, c.Letters})
	if strings.Contains(string(b), canary) {
		bad("told: %s", b)
	}

	// 5. The highest tier, the tier that solved, the third bounce.
	if after.HighestTier < before.HighestTier || after.HighestTier < after.Tier {
		bad("highest tier %d after %d, at %d", after.HighestTier, before.HighestTier, after.Tier)
	}
	if after.State == Solved && (after.SolvedTier != after.Tier || after.Solution == nil) {
		bad("solved at tier %d, at %d", after.SolvedTier, after.Tier)
	}
	if after.Bounces >= MaxBounces && !after.Frozen || after.Bounces > MaxBounces {
		bad("%d bounces, frozen %v", after.Bounces, after.Frozen)
	}

	// An address becomes another only when somebody who reads mail there says so.
	// Then the links that are out end, and the old address is told once, not where.
	if moved := before.Requester.Email != after.Requester.Email; moved != (event[EventCorrected] != nil) {
		bad("the address became %s", after.Requester.Email)
	} else if moved {
		if by.Ref().Kind != ByRequester || after.Requester.Email != before.Correction.Email || after.LinkGeneration <= before.LinkGeneration {
			bad("corrected to %+v, links %d", after.Requester, after.LinkGeneration)
		}
		if b, _ := json.Marshal(c.Letters); len(c.Letters) != 1 || c.Letters[0].To != before.Requester.Email || strings.Contains(string(b), after.Requester.Email) {
			bad("told: %s", b)
		}
	}

	// Nobody is written to about what is in doubt, but to learn an address.
	for _, l := range c.Letters {
		if after.Doubt != "" && l.Kind != AddressLetter && l.Kind != LeftLetter {
			bad("in doubt, and a letter %s", l.Kind)
		}
	}
	if by.Ref().Kind == ByRequester && (before.Doubt == "") != (after.Doubt == "") {
		bad("a requester made %q of %q", after.Doubt, before.Doubt)
	}

	// Rights: what changed somebody was allowed to change.
	switch by := by.(type) {
	case RequesterOf:
		if by.Ticket != after.ID {
			bad("a stranger changed it")
		}
	case staff.Person:
		if by.ID == pen.ID {
			bad("a writer changed it")
		}
	}
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
	for _, word := range []string{canary, "word ", "Courier", "Which?", "Because.", "We look into it", "We decided", "@example.com", q.Subject, q.Text, q.Name, q.Email, q.Phone} {
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
	for i, e := range after.Entries[:t.Version] {
		if e.Event == nil || !e.Event.Hole || e.Kind != t.Entries[i].Kind {
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
