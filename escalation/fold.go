package escalation

import (
	"fmt"
	"slices"
	"time"
)

// Rebuild returns the ticket that entries add up to. Every rule makes its new
// ticket by the same steps, so what is stored and what is rebuilt are equal.
func Rebuild(entries []Entry) (Ticket, error) {
	var t Ticket
	for _, e := range entries {
		if e.Was != nil {
			e = *e.Was // what takes it back follows
		}
		if err := t.apply(e); err != nil {
			return Ticket{}, fmt.Errorf("ticket %s, entry %d: %w", t.Number, e.Seq, err)
		}
	}
	if t.Version == 0 {
		return Ticket{}, fmt.Errorf("ticket without entries")
	}
	return t, nil
}

// clone returns a copy that shares nothing that apply changes.
func (t *Ticket) clone() *Ticket {
	n := *t
	n.Questions = slices.Clone(t.Questions)
	n.Facts = slices.Clone(t.Facts)
	n.Earlier = slices.Clip(t.Earlier)
	n.Steps = slices.Clip(t.Steps)
	n.Ratings = slices.Clip(t.Ratings)
	n.Handoffs = slices.Clone(t.Handoffs)
	n.Consults = slices.Clone(t.Consults)
	n.Marks = slices.Clip(t.Marks)
	n.Alarms = slices.Clone(t.Alarms)
	n.Joined = slices.Clone(t.Joined)
	n.Tasks = slices.Clone(t.Tasks)
	n.Given = slices.Clip(t.Given)
	n.Followed = slices.Clip(t.Followed)
	n.Carried = slices.Clip(t.Carried)
	n.Brought = slices.Clone(t.Brought)
	n.Entries = slices.Clip(t.Entries)
	n.Clocks = slices.Clip(t.Clocks)
	n.Running = slices.Clone(t.Running)
	return &n
}

// apply adds one entry. It trusts the rules about what may happen, and checks
// only that the ledger hangs together.
func (t *Ticket) apply(e Entry) error {
	if e.Seq != t.Version+1 {
		return fmt.Errorf("follows entry %d", t.Version)
	}
	if first := e.Event != nil && e.Event.Kind == EventOpened; first != (e.Seq == 1) {
		return fmt.Errorf("a ledger begins with its opening, and has one")
	}
	was := t.standing()
	if e.Event != nil {
		if err := t.happen(e); err != nil {
			return err
		}
	}
	if e.Kind == Public && e.By.Kind == ByStaff {
		t.Bounces = 0 // the customer heard from us
	}
	if e.Kind == Public && e.By.Kind == ByRequester {
		t.Held = time.Time{} // they need no more time; no word of ours takes it away
	}
	if e.Event == nil || e.Event.Kind != EventUndone { // which has its clocks
		t.tick(was, e)
	}
	t.Version = e.Seq
	t.Updated = e.At
	t.Entries = append(t.Entries, e)
	return nil
}

func (t *Ticket) happen(e Entry) error {
	ev := e.Event
	switch ev.Kind {
	case EventOpened:
		if ev.Requester == nil {
			return fmt.Errorf("nobody asks")
		}
		*t = Ticket{
			ID: ev.Ticket, Number: ev.Number,
			Subject: ev.Subject, Requester: *ev.Requester, Lang: ev.Lang,
			Channel: ev.Channel, RequestType: ev.RequestType, Desk: ev.Desk, Journey: ev.Journey, Zone: ev.Zone,
			Opened: e.At,
			State:  New, Team: ev.Team, Tier: ev.Tier, HighestTier: ev.Tier,
		}
		if ev.Channel == ForTask {
			if ev.Other == nil {
				return fmt.Errorf("a task for no ticket")
			}
			t.Parent, t.Wanted = ev.Other, ev.Until
		}
		t.weigh(ev, e.At)
	case EventTrail:
		t.Trail = ev.Trail
	case EventTaken:
		t.take(ActorRef{Kind: ByStaff, ID: ev.Staff})
	case EventReleased:
		t.Assignee = ""
	case EventAnswered:
		if t.State == New {
			t.State = Open
		}
	case EventReplied:
		if t.State != New {
			t.ours()
		}
		t.heard()
	case EventAsked:
		for _, q := range ev.Questions {
			t.Questions = append(without(t.Questions, q.Key), q)
		}
		t.State, t.Party, t.Until = WaitCustomer, "", ev.Until
	case EventWaiting:
		t.State, t.Party, t.Until = WaitOther, ev.Party, ev.Until
	case EventResumed:
		t.ours()
	case EventOffered:
		if ev.Handoff == nil {
			return fmt.Errorf("offer without handoff")
		}
		if t.Pending() != nil {
			return fmt.Errorf("two offers at once")
		}
		t.Handoffs = append(t.Handoffs, *ev.Handoff)
	case EventAccepted:
		h := t.Pending()
		back := h != nil && h.Team != t.Team && t.had(h.Team)
		if err := t.answer(e, Accepted); err != nil {
			return err
		}
		t.move(h.Team, h.Tier)
		t.Assignee = e.By.ID
		if t.State == New {
			t.State = Open
		}
		if back {
			t.bounce()
		}
	case EventRefused:
		if err := t.answer(e, Refused); err != nil {
			return err
		}
		if t.Team != Triage || t.Tier != 1 {
			t.move(Triage, 1)
			t.Assignee = ""
		}
		t.bounce()
	case EventWithdrawn:
		if err := t.answer(e, Withdrawn); err != nil {
			return err
		}
	case EventDecided:
		if t.Team != ev.Team || t.Tier != ev.Tier {
			t.move(ev.Team, ev.Tier)
			t.Assignee = ""
		}
		t.Frozen, t.Bounces = false, 0
	case EventConsulted:
		if ev.Consult == nil {
			return fmt.Errorf("consult without a question")
		}
		t.Consults = append(t.Consults, *ev.Consult)
	case EventAdvised, EventUnasked:
		state := Answered
		if ev.Kind == EventUnasked {
			state = ConsultWithdrawn
		}
		if !t.settle(ev.ConsultID, state, e) {
			return fmt.Errorf("consult %s is not open", ev.ConsultID)
		}
	case EventMarked:
		return t.mark(e)
	case EventRaised:
		a := t.Alarm()
		if a == nil || a.ID != ev.AlarmID {
			return fmt.Errorf("alarm %s is not open", ev.AlarmID)
		}
		a.Rung, a.Raised = ev.Rung, e.At
	case EventAcknowledged:
		if a := t.Alarm(); a == nil || a.ID != ev.AlarmID {
			return fmt.Errorf("alarm %s is not open", ev.AlarmID)
		}
		t.endAlarm(e.At, e.By, ev.Reason)
	case EventSolved:
		if ev.Solution == nil {
			return fmt.Errorf("solved without a solution")
		}
		t.rest(Solved, e)
		t.Solution, t.SolvedTier = ev.Solution, t.Tier
	case EventConfirmed:
		t.withdrawPending(e)
		t.rest(Closed, e)
	case EventReopened:
		t.ours()
		t.Solution, t.SolvedTier = nil, 0
		t.Reopened++
		t.heard()
	case EventVerified:
		t.Requester.Verified = true
	case EventRevoked:
		t.LinkGeneration++
	case EventInherited:
		if ev.From == "" {
			return fmt.Errorf("inherited from nobody")
		}
		if t.Owner == ev.From && ev.Staff != "" {
			t.Owner = ev.Staff
		}
		if t.Assignee == ev.From {
			t.Assignee = ""
		}
	case EventFact:
		if ev.Hole {
			break // that something was known is no knowledge
		}
		if ev.Fact == nil {
			return fmt.Errorf("no fact")
		}
		t.know(*ev.Fact, e.ID)
	case EventAffirmed, EventDisputed:
		if ev.Hole {
			break
		}
		if ev.Fact == nil {
			return fmt.Errorf("no fact")
		}
		t.judge(e, map[EventKind]FactState{EventAffirmed: Confirmed, EventDisputed: Disputed}[ev.Kind])
	case EventTyped:
		t.RequestType, t.Desk = ev.RequestType, ev.Desk
		t.weigh(ev, e.At)
	case EventPrioritized:
		t.weigh(ev, e.At)
		t.Weighed = true
	case EventRated:
		t.Ratings = append(t.Ratings, Rating{Solution: ev.About, Score: ev.Score, At: e.At})
	case EventStaged:
	case EventStep:
		if ev.Hole {
			break
		}
		if ev.Step == nil {
			return fmt.Errorf("no step")
		}
		t.Steps = append(t.Steps, *ev.Step)
		if ev.Step.Remedy != "" {
			t.Questions = without(t.Questions, stepKey+ev.Step.Remedy)
		}
	case EventSuspected:
		t.Doubt = Suspected
	case EventSpam:
		t.Doubt, t.Doubted = Spam, e.At
	case EventCleared:
		t.Doubt, t.Doubted = "", time.Time{}
	case EventProposed:
		if ev.Address == nil {
			return fmt.Errorf("no address")
		}
		t.Correction = ev.Address
	case EventDropped:
		t.Correction = nil
	case EventCorrected:
		if t.Correction == nil {
			return fmt.Errorf("no address was proposed")
		}
		t.Requester.Email, t.Requester.Verified = t.Correction.Email, true
		t.Correction = nil
		t.LinkGeneration++ // what went to the old address opens nothing
	case EventMerged, EventUnmerged, EventJoined, EventParted:
		return t.relate(e)
	case EventUndone:
		return t.undo(e)
	case EventAttached, EventDetached, EventByHand, EventWithAll, EventCured, EventBroken:
		return t.known(e)
	case EventGiven, EventGivenBack:
		return t.given(e)
	case EventReminded, EventSilenced, EventLapsed, EventKept, EventZoned:
		t.silenceHappened(e)
	case EventTaskOpened, EventTaskAnswered, EventTaskDone:
		return t.tasked(e)
	case EventFollows, EventFollowed:
		return t.follow(e)
	case EventCarried, EventReturned, EventBrought, EventTakenBack:
		return t.carried(e)
	case EventMentioned, EventSaid, EventForgotten:
	case EventErased:
		t.withdrawPending(e)
		t.rest(Closed, e)
		t.LinkGeneration++ // nobody is left whom they could lead here
		t.Correction = nil
		t.Erased = e.At
	default:
		return fmt.Errorf("unknown event %q", ev.Kind)
	}
	return nil
}

// withdrawPending settles what was offered: it is no longer needed.
func (t *Ticket) withdrawPending(e Entry) {
	if h := t.Pending(); h != nil {
		h.State, h.Answered, h.AnsweredBy = Withdrawn, e.At, e.By
	}
}

// take makes somebody the assignee, and the owner if there was none. What a
// program takes, the General desk goes on answering for.
func (t *Ticket) take(who ActorRef) {
	t.Assignee = who.ID
	if t.Owner == "" && !who.Token() {
		t.Owner = who.ID
	}
	if t.State == New {
		t.State = Open
	}
}

// ours gives us the turn.
func (t *Ticket) ours() {
	t.State, t.Party, t.Until, t.Unanswered = Open, "", time.Time{}, false
}

// rest is a state in which nothing is left to do for us.
func (t *Ticket) rest(s State, e Entry) {
	t.State, t.Party, t.Until, t.Unanswered = s, "", time.Time{}, false
	if s == Closed {
		t.Held = time.Time{}
	}
	t.Questions = nil
	t.Frozen, t.Bounces = false, 0
	t.unask(e)
	t.endAlarm(e.At, ActorRef{}, "")
}

func (t *Ticket) move(team string, tier int) {
	t.Team, t.Tier = team, tier
	t.HighestTier = max(t.HighestTier, tier)
}

// had says whether the ticket was with a team before.
func (t *Ticket) had(team string) bool {
	return team == Triage || slices.ContainsFunc(t.Handoffs, func(h Handoff) bool {
		return h.FromTeam == team || h.State == Accepted && h.Team == team
	})
}

// bounce counts a refusal or a return. The third stops the ball.
func (t *Ticket) bounce() {
	t.Bounces++
	if t.Bounces >= MaxBounces {
		t.Frozen = true
	}
}

// answer settles the pending handoff.
func (t *Ticket) answer(e Entry, s HandoffState) error {
	h := t.Pending()
	if h == nil || h.ID != e.Event.HandoffID {
		return fmt.Errorf("handoff %s is not pending", e.Event.HandoffID)
	}
	h.State, h.Answered, h.AnsweredBy = s, e.At, e.By
	h.Reason, h.Missing = e.Event.Reason, e.Event.Missing
	return nil
}

// without returns the questions but for those about key, nil when none is left.
func without(questions []Question, key string) []Question {
	questions = slices.DeleteFunc(questions, func(q Question) bool { return q.Key == key })
	if len(questions) == 0 {
		return nil
	}
	return questions
}
