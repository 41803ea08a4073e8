package escalation

import (
	"context"
	"strings"
)

// An ActorKind says on whose side somebody stands.
type ActorKind string

// The kinds of actors.
const (
	ByRequester ActorKind = "requester"
	ByStaff     ActorKind = "staff"
	BySystem    ActorKind = "system"
)

// An ActorRef is who did something, as the ledger keeps it. ID is empty for the
// requester and for the system; a token of the API is staff "api:name".
type ActorRef struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
	Name string    `json:"name,omitempty"`
}

// tokenPrefix begins the ids of the API's tokens.
const tokenPrefix = "api:"

// TokenRef is how the ledger names a token of the API.
func TokenRef(name string) ActorRef {
	return ActorRef{Kind: ByStaff, ID: tokenPrefix + name, Name: name}
}

// Token says whether a program acts, with a token of the API.
func (r ActorRef) Token() bool { return r.Kind == ByStaff && strings.HasPrefix(r.ID, tokenPrefix) }

// Person says whether somebody of the staff acts in person.
func (r ActorRef) Person() bool { return r.Kind == ByStaff && !r.Token() }

type actingKey struct{}

// ActingAs returns a context for what somebody does, so that whatever comes of it can
// be put down to them.
func ActingAs(ctx context.Context, by ActorRef) context.Context {
	return context.WithValue(ctx, actingKey{}, by)
}

// Acting returns who acts in a context; where nobody does, the program itself.
func Acting(ctx context.Context) ActorRef {
	if by, ok := ctx.Value(actingKey{}).(ActorRef); ok {
		return by
	}
	return ActorRef{Kind: BySystem}
}

// An Action is what somebody may or may not do to a ticket.
type Action string

// The actions on a ticket. The table of who may do them is in package staff.
const (
	Read    Action = "read"   // all of it, notes and trail included
	Follow  Action = "follow" // the public part of one's own ticket
	Reply   Action = "reply"
	Note    Action = "note"
	Take    Action = "take"
	Ask     Action = "ask"
	Wait    Action = "wait"
	Solve   Action = "solve"
	Offer   Action = "offer"
	Answer  Action = "answer"   // accept or refuse what is offered
	Advise  Action = "advise"   // answer a consult
	Decide  Action = "decide"   // where a frozen ticket goes
	Close   Action = "close"    // confirm the solution, or say that it is not one
	OpenFor Action = "open_for" // open on behalf of a caller or visitor

	KeepProblem Action = "keep_problem" // note known problems; asked for without a ticket
	EndProblem  Action = "end_problem"  // say of anybody's that it is solved; likewise

	EraseWords Action = "erase_words" // take out what was said, for ever
)

// An Actor does things to tickets. Whether they may is asked for each ticket,
// in the rule, so that no address can be forgotten.
type Actor interface {
	Ref() ActorRef
	May(Action, *Ticket) bool
}

// RequesterOf is the requester of one ticket, who proved it by its link. Without
// a ticket it is a visitor, who may open one.
type RequesterOf struct {
	Ticket string // id
	Name   string
}

// Ref returns how the ledger names the requester.
func (r RequesterOf) Ref() ActorRef { return ActorRef{Kind: ByRequester, Name: r.Name} }

// May allows following, answering and closing the one ticket. A task is nobody's.
func (r RequesterOf) May(a Action, t *Ticket) bool {
	return t != nil && t.ID != "" && t.Parent == nil && t.Erased.IsZero() && t.ID == r.Ticket && (a == Follow || a == Reply || a == Close)
}

// CommandRule is whoever uses the command line: the operator.
const CommandRule = "command"

// System is what the program does by itself, by a rule with an id.
type System struct{ Rule string }

// Ref returns how the ledger names the program.
func (s System) Ref() ActorRef { return ActorRef{Kind: BySystem, ID: s.Rule} }

// May allows the program everything: its rules are ours.
func (System) May(Action, *Ticket) bool { return true }
