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
// each what design.md says always holds. Most commands are refused: that is part
// of it.
func TestModel(t *testing.T) {
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		now, ids := monday, counter()
		c, err := NewTicket(question(), RequesterOf{}, ids, now)
		if err != nil {
			rt.Fatal(err)
		}
		tk := c.Ticket
		me := RequesterOf{tk.ID, tk.Requester.Name}
		actors := []Actor{anna, bruno, carla, dora, elio, lead, pen, robot, me, RequesterOf{Ticket: "other"}}

		for i := range rapid.IntRange(1, 40).Draw(rt, "commands") {
			now = now.Add(time.Duration(rapid.IntRange(0, 72).Draw(rt, "hours")) * time.Hour)
			by := rapid.SampledFrom(actors).Draw(rt, "actor")
			name, c, err := command(rt, &tk, by, ids, now, i)
			if err != nil {
				if KindOf(err) == Fault {
					rt.Fatalf("%s by %v: %v", name, by.Ref(), err)
				}
				continue
			}
			done[name]++
			sound(rt, &tk, c)
			holds(rt, &tk, &c.Ticket, c, by)
			tk = c.Ticket
		}
	})
	if !testing.Short() && len(done) < 16 {
		t.Errorf("too few rules were reached: %v", done)
	}
}

// command carries out a random rule.
func command(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, i int) (name string, c Change, err error) {
	some := Message{Text: fmt.Sprintf("word %d", i)}
	secret := Message{Text: fmt.Sprint(canary, i)}
	later := now.Add(time.Duration(rapid.IntRange(-1, 50).Draw(rt, "until")) * time.Hour)
	team := rapid.SampledFrom(Teams).Draw(rt, "team").ID
	tier := rapid.IntRange(1, 3).Draw(rt, "tier")
	key := rapid.SampledFrom([]string{"model", "imei", "colour"}).Draw(rt, "key")
	pick := rapid.IntRange(0, 19).Draw(rt, "rule")
	switch pick {
	case 0:
		c, err = t.Take(rapid.SampledFrom([]string{"", t.Assignee}).Draw(rt, "instead"), by, ids, now)
		name = "take"
	case 1:
		c, err = t.Release(by, ids, now)
		name = "release"
	case 2:
		c, err = t.Reply(some, by, ids, now)
		name = "reply"
	case 3:
		c, err = t.RequesterReply(RequesterMessage{Message: some, Answers: map[string]string{key: "x"}}, by, ids, now)
		name = "requester reply"
	case 4:
		c, err = t.Note(secret, by, ids, now)
		name = "note"
	case 5:
		again := rapid.SampledFrom([]string{"", Outdated}).Draw(rt, "again")
		_, known := t.Fact(key)
		c, err = t.Ask(AskCommand{Message: some, Questions: []Question{{Key: key, Text: "Which?", Why: "Because.", Again: again}}, Until: later}, by, ids, now)
		if err == nil && known && again == "" {
			rt.Fatalf("%s was asked again without a reason", key)
		}
		name = "ask"
	case 6:
		c, err = t.AddFact(Fact{Key: key, Value: canary + " fact"}, by, ids, now)
		name = "fact"
	case 7:
		c, err = t.AddStep(Tried{canary, canary}, by, ids, now)
		name = "step"
	case 8:
		c, err = t.Wait(WaitCommand{Party: "Courier", Until: later}, by, ids, now)
		name = "wait"
	case 9:
		c, err = t.Resume(canary, by, ids, now)
		name = "resume"
	case 10, 11, 12:
		offer := OfferCommand{
			Team: team, Tier: tier, Problem: canary, Tried: []Tried{{canary, canary}}, Asked: canary,
			By: later, Promised: canary, Tell: "We look into it.", Candidates: staff.Candidates(house, team, tier),
		}
		if rapid.Bool().Draw(rt, "incomplete") {
			offer.Tried = nil
		}
		c, err = t.Offer(offer, by, ids, now)
		if err == nil && (offer.Tried == nil || !later.After(now)) {
			rt.Fatal("an incomplete handoff was offered")
		}
		name = "offer"
	case 13, 14:
		c, err = t.Accept("", by, ids, now)
		name = "accept"
	case 15:
		c, err = t.Refuse("", RefuseCommand{Reason: MissingFacts, Missing: []string{canary}, Text: canary}, by, ids, now)
		name = "refuse"
	case 16:
		if rapid.Bool().Draw(rt, "decide") {
			c, err = t.Decide(DecideCommand{Team: team, Tier: tier, Reason: canary, Tell: "We decided."}, by, ids, now)
			name = "decide"
		} else {
			c, err = t.Withdraw("", by, ids, now)
			name = "withdraw"
		}
	case 17:
		c, err = t.Solve(SolveCommand{Message: some, Article: NoArticle, Reason: canary}, by, ids, now)
		name = "solve"
	case 18:
		if rapid.Bool().Draw(rt, "yes") {
			c, err = t.Confirm(Message{}, by, ids, now)
			name = "confirm"
		} else {
			c, err = t.NotSolved(some, by, ids, now)
			name = "not solved"
		}
	default:
		if rapid.Bool().Draw(rt, "verify") {
			c, err = t.Verify(t.Requester.Email, by, ids, now)
			name = "verify"
		} else {
			c, err = t.Revoke(by, ids, now)
			name = "revoke"
		}
	}
	return name, c, err
}

// holds checks what always holds, of one change.
func holds(rt *rapid.T, before, after *Ticket, c Change, by Actor) {
	bad := func(format string, args ...any) {
		rt.Helper()
		rt.Fatalf("%s by %v: %s", last(c), by.Ref(), fmt.Sprintf(format, args...))
	}
	// 1. One turn, one owner; who owns it changes once, from the desk to a person.
	turn := map[State]Turn{New: Ours, Open: Ours, WaitCustomer: Theirs, WaitOther: Partys, Solved: Theirs, Closed: Nobodys}
	if w, ok := turn[after.State]; !ok || after.Turn() != w {
		bad("state %q, turn %q", after.State, after.Turn())
	}
	if (after.State == WaitOther) != (after.Party != "") || (after.State == WaitOther || after.State == WaitCustomer) != !after.Until.IsZero() {
		bad("%s waits for %q until %v", after.State, after.Party, after.Until)
	}
	if before.Owner != "" && after.Owner != before.Owner || strings.HasPrefix(after.Owner, "api:") {
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
				h.Problem == "" || len(h.Tried) == 0 && h.Untried == "" || h.Asked == "" || h.By.IsZero() || h.Tell == "" {
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
	if to, ok := TeamByID(after.Team); !ok || after.Tier < to.Min || after.Tier > to.Max {
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

func last(c Change) string {
	if n := len(c.Entries); n > 0 && c.Entries[n-1].Event != nil {
		return string(c.Entries[n-1].Event.Kind)
	}
	return "a change"
}
