package escalation

import (
	"slices"
	"time"
)

// A StageStart says what begins a stage of a request. The catalog has them as
// "stage.<start>".
type StageStart string

// What begins a stage. Each but the first goes by what happens anyway, so that
// nobody has to remember to say it.
const (
	WhenSaid    StageStart = "said"    // somebody of staff says so
	WhenOpened  StageStart = "opened"  // the request came
	WhenTaken   StageStart = "taken"   // somebody took it, or answered
	WhenMoved   StageStart = "moved"   // another team, or a higher tier, has it
	WhenWaiting StageStart = "waiting" // we wait for a named party
)

// StageStarts are all of them, in the order of forms.
var StageStarts = []StageStart{WhenSaid, WhenOpened, WhenTaken, WhenMoved, WhenWaiting}

// Starts is what begins the stage. One from before that could be said begins when
// somebody says so.
func (s Stage) Starts() StageStart {
	if s.Begins == "" {
		return WhenSaid
	}
	return s.Begins
}

// Key tells a stage from the others of its type, also when one is put before it. One
// that is called otherwise is another one.
func (s Stage) Key() string { return s.Name.In() }

// A Passage is a stage of a ticket's type, and how the ticket went through it. Began is
// zero while it has not, or when it went past; Ended while it is there.
type Passage struct {
	Stage
	Began, Ended time.Time
}

// Now says whether the ticket is there.
func (p Passage) Now() bool { return !p.Began.IsZero() && p.Ended.IsZero() }

// Done says whether the ticket was there, and went on.
func (p Passage) Done() bool { return !p.Ended.IsZero() }

// Passages returns the stages of a ticket's type, as the ticket went through them. By
// itself a ticket goes only forward; back it goes when somebody says so. What is
// solved is in no stage.
func (t *Ticket) Passages(r *RequestType) []Passage {
	if r == nil || len(r.Stages) == 0 {
		return nil
	}
	list := make([]Passage, len(r.Stages))
	for i, s := range r.Stages {
		list[i].Stage = s
	}
	now := -1 // none yet
	enter := func(i int, at time.Time) {
		if now >= 0 {
			list[now].Ended = at
		}
		for j := i + 1; j < len(list); j++ { // it has yet to come there, again
			list[j].Began, list[j].Ended = time.Time{}, time.Time{}
		}
		if list[i].Began.IsZero() {
			list[i].Began = at
		}
		now, list[i].Ended = i, time.Time{}
	}
	begin := func(s StageStart, at time.Time) {
		if i := slices.IndexFunc(list[now+1:], func(p Passage) bool { return p.Starts() == s }); i >= 0 {
			enter(now+1+i, at)
		}
	}
	kind, team, tier, silenced := "", "", 0, false
	for _, e := range t.Entries {
		ev := e.Event
		if ev == nil {
			continue
		}
		switch ev.Kind {
		case EventOpened:
			kind, team, tier = ev.RequestType, ev.Team, ev.Tier
			begin(WhenOpened, e.At)
		case EventTyped:
			kind = ev.RequestType
		case EventTaken, EventAnswered, EventAsked:
			begin(WhenTaken, e.At)
		case EventWaiting:
			begin(WhenTaken, e.At)
			begin(WhenWaiting, e.At)
		case EventAccepted, EventDecided:
			if ev.Team != "" && (ev.Team != team && ev.Team != Triage || ev.Tier > tier) {
				begin(WhenMoved, e.At)
			}
			if ev.Team != "" {
				team, tier = ev.Team, ev.Tier
			}
		case EventRefused:
			if ev.Team != "" {
				team, tier = ev.Team, ev.Tier
			}
		case EventStaged:
			i := slices.IndexFunc(list, func(p Passage) bool { return p.Key() == ev.Stage })
			if i >= 0 && kind == r.ID {
				enter(i, e.At)
			}
		case EventSolved, EventConfirmed, EventSilenced, EventLapsed:
			silenced = ev.Kind == EventSilenced
			if now >= 0 && list[now].Ended.IsZero() {
				list[now].Ended = e.At
			}
		case EventReopened, EventKept:
			if now >= 0 && (silenced || ev.Kind == EventReopened) {
				list[now].Ended = time.Time{}
			}
		}
	}
	return list
}

// A StageCommand says in which stage a ticket is.
type StageCommand struct {
	Type  *RequestType // of the ticket, at its version
	Stage string       // its key
}

// SetStage says in which stage the ticket is, also when that is an earlier one.
func (t *Ticket) SetStage(c StageCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	passages := t.Passages(c.Type)
	i := slices.IndexFunc(passages, func(p Passage) bool { return p.Key() == c.Stage })
	if i < 0 {
		return Change{}, invalid("stage", "error.stage", nil)
	}
	if passages[i].Now() {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventStaged, Stage: c.Stage})
	return d.change()
}

// MinStages is how few requests say nothing about how long a stage takes.
const MinStages = 15

// StageDays is how far back it is measured.
const StageDays = 180

// A StageTime is how long requests really stayed in a stage, nights and holidays
// included.
type StageTime struct {
	N          int           // requests
	Half, Most time.Duration // in which half of them, and four in five, were through
}

// NewStageTime sums up how long requests stayed in a stage.
func NewStageTime(took []time.Duration) StageTime {
	took = slices.Sorted(slices.Values(took))
	return StageTime{N: len(took), Half: Rank(took, 50), Most: Rank(took, 80)}
}

// TooFew says whether there are too few requests to say anything.
func (s StageTime) TooFew() bool { return s.N < MinStages }
