package escalation

import (
	"fmt"
	"strings"
	"time"
)

// A Problem is a fault that many tickets have in common: each of them goes on by
// itself, and all are answered together. It is kept in versions, each whole.
type Problem struct {
	ID      string
	Title   string    // for staff
	Text    string    // for staff: what is known, and what is done; may be empty
	Tell    Text      // the sentence that customers read, in their language
	Article string    // key of the one that helps meanwhile; may be empty
	Solved  time.Time // zero while it is open
	Opened  time.Time
	Opener  ActorRef

	Version int // 1 is the first
	Made    time.Time
	By      ActorRef
}

// A ProblemCommand is what somebody says of a problem.
type ProblemCommand struct {
	Title, Text string
	Tell        Text
	Article     string // whether there is such an article, the caller knows
}

// maxProblemTitle is how long a title may be: it stands on each of its tickets.
const maxProblemTitle = 120

// NewProblem notes a known problem.
func NewProblem(id string, c ProblemCommand, by Actor, now time.Time) (Problem, error) {
	p := Problem{ID: id, Opened: stamp(now), Opener: by.Ref()}
	return p.Say(c, by, now)
}

// Say returns the next version of the problem, of which something else is said.
func (p Problem) Say(c ProblemCommand, by Actor, now time.Time) (Problem, error) {
	if !by.May(KeepProblem, nil) {
		return Problem{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	var err error
	if p.Title, err = wanted("title", c.Title, "error.problem_title", maxProblemTitle); err != nil {
		return Problem{}, err
	}
	if p.Text, err = body("text", c.Text, false); err != nil {
		return Problem{}, err
	}
	if p.Tell, err = NewText("tell", c.Tell, MaxLine, false); err != nil {
		return Problem{}, err
	}
	if p.Article = strings.TrimSpace(c.Article); p.Article != "" && (len(p.Article) > MaxSubject || !articleKey.MatchString(p.Article)) {
		return Problem{}, invalid("article", "error.article_key", nil)
	}
	return p.next(by, now), nil
}

// End returns the next version of the problem, which is solved. Whoever noted it says
// so, or a lead: what waits for it may be closed by rules from then on.
func (p Problem) End(by Actor, now time.Time) (Problem, error) {
	if !p.Endable(by) {
		return Problem{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	if !p.Solved.IsZero() {
		return Problem{}, conflict("error.problem_solved", nil)
	}
	p.Solved = stamp(now)
	return p.next(by, now), nil
}

// Resume returns the next version of the problem, which is there again.
func (p Problem) Resume(by Actor, now time.Time) (Problem, error) {
	if !p.Endable(by) {
		return Problem{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	if p.Solved.IsZero() {
		return Problem{}, conflict("error.problem_open", nil)
	}
	p.Solved = time.Time{}
	return p.next(by, now), nil
}

// Endable says whether somebody may say that the problem is solved, or that it is not.
func (p Problem) Endable(by Actor) bool {
	return by.May(EndProblem, nil) || by.May(KeepProblem, nil) && by.Ref().ID == p.Opener.ID
}

func (p Problem) next(by Actor, now time.Time) Problem {
	p.Version++
	p.Made, p.By = stamp(now), by.Ref()
	return p
}

// A Known is that a ticket has a known problem.
type Known struct {
	ID     string // of the problem
	By     ActorRef
	At     time.Time
	ByHand bool // who answers all of its tickets leaves this one out
	Solved bool // the problem is: until then, no rule closes the ticket
}

// ProblemRule tells the tickets of a problem that it is solved, or is not.
const ProblemRule = "problem"

// Attach notes that the ticket has a known problem. Nothing else changes: whoever works
// on it goes on, and what was promised stays.
func (t *Ticket) Attach(p *Problem, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.outside(); err != nil {
		return Change{}, err
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	switch {
	case t.State == Closed:
		return Change{}, conflict("error.ticket_closed", nil)
	case !p.Solved.IsZero():
		return Change{}, conflict("error.problem_solved", nil)
	case t.Problem != nil && t.Problem.ID == p.ID:
		return Change{}, conflict("error.problem_already", nil)
	case t.Problem != nil:
		return Change{}, conflict("error.problem_other", nil)
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventAttached, Problem: p.ID, Title: p.Title})
	return d.change()
}

// Detach notes that the ticket does not have the problem with an id after all.
func (t *Ticket) Detach(id string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.has(id); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventDetached, Problem: id})
	return d.change()
}

// ByHand says whether the ticket is answered by itself, or with all others that have its
// problem.
func (t *Ticket) ByHand(id string, byHand bool, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if err := t.has(id); err != nil {
		return Change{}, err
	}
	if t.Problem.ByHand == byHand {
		return Change{Ticket: *t}, nil
	}
	kind := EventWithAll
	if byHand {
		kind = EventByHand
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: kind, Problem: id})
	return d.change()
}

// Hear notes in a ticket whether its problem is solved.
func (t *Ticket) Hear(p *Problem, ids func() string, now time.Time) (Change, error) {
	solved := !p.Solved.IsZero()
	if t.Problem == nil || t.Problem.ID != p.ID || t.Problem.Solved == solved || !t.Erased.IsZero() {
		return Change{Ticket: *t}, nil
	}
	kind := EventBroken
	if solved {
		kind = EventCured
	}
	d := t.draft(System{Rule: ProblemRule}, ids, now)
	d.happened(Event{Kind: kind, Problem: p.ID})
	return d.change()
}

// has returns an error unless the ticket has the problem with an id.
func (t *Ticket) has(id string) error {
	if t.Problem == nil || t.Problem.ID != id {
		return conflict("error.problem_detached", nil)
	}
	return nil
}

// known applies what concerns a ticket's known problem.
func (t *Ticket) known(e Entry) error {
	ev := e.Event
	if ev.Kind == EventAttached {
		if t.Problem != nil {
			return fmt.Errorf("two problems at once")
		}
		t.Problem = &Known{ID: ev.Problem, By: e.By, At: e.At}
		return nil
	}
	if t.Problem == nil || t.Problem.ID != ev.Problem {
		return fmt.Errorf("%s, and no such problem", ev.Kind)
	}
	k := *t.Problem // a copy of the ticket may have it too
	switch ev.Kind {
	case EventDetached:
		t.Problem = nil
		return nil
	case EventByHand, EventWithAll:
		k.ByHand = ev.Kind == EventByHand
	case EventCured, EventBroken:
		k.Solved = ev.Kind == EventCured
	}
	t.Problem = &k
	return nil
}

// An Affected is a ticket that has a known problem, as lists show it.
type Affected struct {
	Number  string
	Version int
	State   State
	Subject string
	Lang    string
	Team    string
	Tier    int
	Doubt   Doubt
	Opened  time.Time
	Erased  time.Time
	ByHand  bool
}

// Answerable says whether an answer to all may be for the ticket, as far as a list knows.
func (a *Affected) Answerable(solves bool) bool {
	return a.Erased.IsZero() && a.Doubt == "" && !a.ByHand && a.State != Closed && !(solves && a.State == Solved)
}
