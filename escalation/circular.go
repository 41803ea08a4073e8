package escalation

import (
	"maps"
	"slices"
	"time"
)

// A Circular is one answer to many tickets, to each in its language. It is kept before
// the first is sent, so that what was begun is finished, and to no ticket twice.
type Circular struct {
	ID      string
	Problem string // id of the known problem that they have; empty: somebody chose them
	By      ActorRef
	Made    time.Time
	Body    Text // in the languages of the tickets; taken out when all is sent
	Solves  bool // they are solved by it
	Article string
	Reason  string // why no article answers it, when it solves
	Done    time.Time
	Copies  []Copy
}

// A Copy is what became of a circular in one ticket.
type Copy struct {
	Number  string
	Seen    int    // version of the ticket that the sender saw
	Done    bool   // it was sent, or left out
	LeftOut string // why: catalog key of a sentence that names nobody; empty when it was sent
}

// LeftOut is why a ticket is left out, as a [Copy] keeps it.
func LeftOut(e *Error) string {
	if len(e.Args) > 0 { // it may name somebody
		return "error.circular_changed"
	}
	return e.Reason
}

// MaxCopies is to how many tickets a circular goes that somebody chose. All of a known
// problem are answered, however many they are.
const MaxCopies = 2000

// NewCircular returns an answer to many tickets, checked: it says something, in all of
// these languages, and leaves open only what is filled in for each.
func NewCircular(c Circular, langs []string, now time.Time) (Circular, error) {
	c.Made = stamp(now)
	get := 0
	for _, k := range c.Copies {
		if !k.Done {
			get++
		}
	}
	if get == 0 {
		return Circular{}, invalid("number", "error.circular_nobody", nil)
	}
	if c.Problem == "" && get > MaxCopies {
		return Circular{}, invalid("number", "error.circular_many", map[string]any{"Max": MaxCopies})
	}
	var err error
	if c.Body, err = NewText("text", c.Body, MaxMacro, true); err != nil {
		return Circular{}, err
	}
	for _, lang := range langs {
		if c.Body[lang] == "" {
			return Circular{}, invalid("text."+lang, "error.circular_text", nil)
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(c.Body)) {
		if err := onlyPlaceholders("text."+lang, c.Body[lang]); err != nil {
			return Circular{}, err
		}
	}
	return c, nil
}

// key makes what a circular says in a ticket one entry, however often it is tried.
func (c *Circular) key() string { return "circular:" + c.ID }

// Text returns what a ticket is answered by a circular, filled in.
func (c *Circular) Text(t *Ticket, by ActorRef, d *Desk) string {
	m := Macro{Body: Text{t.Lang: c.Body[t.Lang]}}
	return m.For(t, by, d)
}

// Answer answers the ticket by a circular, with what guards a single answer: who may not
// write to it does not, and what somebody wrote since the sender looked is read first.
// Nobody takes many tickets at once. Joined go on in the ticket; desk is in force, kind the
// type of the ticket.
func (t *Ticket) Answer(c *Circular, seen int, joined []Ticket, d *Desk, kind *RequestType, by Actor, ids func() string, now time.Time) (Change, error) {
	if t.again(c.key()) {
		return Change{Ticket: *t}, t.readable(by)
	}
	if why := t.leftOut(c, seen, joined, kind, by); why != "" {
		return Change{}, conflict(why, nil)
	}
	m := Message{Text: c.Text(t, by.Ref(), d), Key: c.key(), circular: true}
	if !c.Solves {
		return t.Reply(m, by, ids, now)
	}
	s := SolveCommand{Message: m, FactsCommand: FactsCommand{Type: kind}, Article: c.Article}
	if s.Article == "" {
		s.Article, s.Reason = NoArticle, c.Reason
	}
	return t.Solve(s, by, ids, now)
}

// leftOut says why a circular is not for the ticket, or nothing.
func (t *Ticket) leftOut(c *Circular, seen int, joined []Ticket, kind *RequestType, by Actor) string {
	switch {
	case !t.Erased.IsZero():
		return "error.circular_erased"
	case t.Into != nil:
		return "error.circular_merged"
	case t.Parent != nil:
		return "error.circular_task"
	case t.staffMay(by, Reply) != nil:
		return "error.circular_not_yours"
	case t.Doubt != "":
		return "error.circular_doubt"
	case c.Problem != "" && t.has(c.Problem) != nil:
		return "error.problem_detached"
	case c.Problem != "" && t.Problem.ByHand:
		return "error.circular_by_hand"
	case t.State == Closed:
		return "error.circular_closed"
	case c.Body[t.Lang] == "":
		return "error.circular_language"
	case t.unread(seen, by.Ref()) != nil:
		return "error.circular_newer"
	case !c.Solves:
		return ""
	case t.State == Solved:
		return "error.circular_solved"
	case t.Pending() != nil:
		return "error.circular_offered"
	case len(t.OpenTasks()) > 0 || slices.ContainsFunc(joined, func(o Ticket) bool { return len(o.OpenTasks()) > 0 }):
		return "error.circular_tasks"
	case kind != nil && len(kind.Missing(t, BeforeSolve)) > 0:
		return "error.circular_facts"
	}
	return ""
}
