package clock

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Kind names a clock of a ticket.
type Kind string

// The clocks. The catalog has them as "clock.<kind>".
const (
	First      Kind = "first"      // until our first answer
	Next       Kind = "next"       // until our answer to the requester's next word
	Update     Kind = "update"     // until we say again how it stands
	Resolution Kind = "resolution" // until it is solved
	Accept     Kind = "accept"     // within the house: until somebody takes it, or answers an offer
	Work       Kind = "work"       // within the house: while it is at a tier
)

// Kinds are all clocks, in the order of pages.
var Kinds = []Kind{First, Next, Update, Resolution, Accept, Work}

// Internal says whether a clock is a promise between teams, not to a customer.
func (k Kind) Internal() bool { return k == Accept || k == Work }

// What clocks pause for. That somebody else has the turn pauses those that the policy
// names; the others pause every clock under any policy.
const (
	WaitCustomer = "wait_customer"
	WaitOther    = "wait_other"
	Aside        = "aside"   // the ticket was taken for spam
	Settled      = "settled" // it stopped, and went on later
)

// Waits are the states that a policy may let pause a clock.
var Waits = []string{WaitCustomer, WaitOther}

// A Policy is what is promised, in time that its calendar is open.
type Policy struct {
	ID       string            `json:"id"`
	Name     map[string]string `json:"name"`            // by language
	Types    []string          `json:"types,omitempty"` // ids of the kinds of requests that it is for; none: all that no other is for
	Calendar string            `json:"calendar"`        // id
	Targets  []Target          `json:"targets"`
	Pauses   map[Kind][]string `json:"pauses,omitempty"` // the states in which a clock stands still
	Warn     []int             `json:"warn,omitempty"`   // percent of a target at which it is in danger, rising
}

// A Target is how long a clock may run. With a tier or a priority it is for
// tickets with that alone, before one without.
type Target struct {
	Clock    Kind `json:"clock"`
	Tier     int  `json:"tier,omitempty"`
	Priority int  `json:"priority,omitempty"`
	Within   Span `json:"within"`
}

// A Span is how long something may take.
type Span time.Duration

// Bounds of what a policy may say.
const (
	MaxTarget   = 2000 * time.Hour
	MaxTier     = 3
	MaxPriority = 4
	MaxWarn     = 4
	// NormalPriority is that of a ticket that nobody weighed. 1 is the most urgent.
	NormalPriority = 3
	// MaxWeeks is how many weeks of its calendar a target may take.
	MaxWeeks = 52
)

// NewPolicy returns a policy in order, or the [Mistake] that somebody has to mend.
// Its calendar is one of calendars, and each target can be met within [MaxWeeks] of it.
func NewPolicy(p Policy, calendars []Calendar) (Policy, error) {
	if !goodID(p.ID) {
		return p, mistake("id", "error.clock_id", nil)
	}
	var err error
	if p.Name, err = names(p.Name); err != nil {
		return p, err
	}
	i := slices.IndexFunc(calendars, func(c Calendar) bool { return c.ID == p.Calendar })
	if i < 0 {
		return p, mistake("calendar", "error.calendar_unknown", nil)
	}
	weekly := calendars[i].Weekly()
	if len(p.Targets) == 0 {
		return p, mistake(Target{Clock: First}.Field(), "error.policy_empty", nil)
	}
	p.Targets = slices.Clone(p.Targets)
	slices.SortStableFunc(p.Targets, func(a, b Target) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Clock), slices.Index(Kinds, b.Clock)),
			cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Priority, b.Priority))
	})
	for i, t := range p.Targets {
		field := t.Field()
		within := time.Duration(t.Within)
		switch {
		case !slices.Contains(Kinds, t.Clock), t.Tier < 0, t.Tier > MaxTier, t.Priority < 0, t.Priority > MaxPriority:
			return p, mistake(field, "error.target_unknown", nil)
		case i > 0 && t.sameCase(p.Targets[i-1]):
			return p, mistake(field, "error.target_twice", nil)
		case within < time.Minute:
			return p, mistake(field, "error.target_zero", nil)
		case within > MaxTarget, within > weekly*MaxWeeks:
			most := min(MaxTarget, weekly*MaxWeeks)
			return p, mistake(field, "error.target_long", map[string]any{"Hours": int(most / time.Hour), "Weekly": FormatSpan(weekly)})
		}
	}
	pauses := map[Kind][]string{}
	for k, states := range p.Pauses {
		for _, s := range states {
			if !slices.Contains(Kinds, k) || !slices.Contains(Waits, s) {
				return p, mistake("pauses", "error.pause_unknown", nil)
			}
		}
		if len(states) > 0 {
			pauses[k] = slices.Compact(slices.Sorted(slices.Values(states)))
		}
	}
	p.Pauses = pauses
	p.Warn = slices.Compact(slices.Sorted(slices.Values(p.Warn)))
	if len(p.Warn) > MaxWarn || len(p.Warn) > 0 && (p.Warn[0] < 1 || p.Warn[len(p.Warn)-1] > 99) {
		return p, mistake("warn", "error.warn_range", map[string]any{"Max": MaxWarn})
	}
	return p, nil
}

// Field is the name of the form's field with a target.
func (t Target) Field() string {
	return fmt.Sprintf("target-%s-%d-%d", t.Clock, t.Tier, t.Priority)
}

func (t Target) sameCase(o Target) bool {
	return t.Clock == o.Clock && t.Tier == o.Tier && t.Priority == o.Priority
}

// Target returns how long a clock may run at a tier for a priority: what is said
// for both goes before what is said for the priority, that before the tier, and that
// before what is said for all.
func (p *Policy) Target(k Kind, tier, priority int) (time.Duration, bool) {
	var best time.Duration
	rank := -1
	for _, t := range p.Targets {
		if t.Clock != k || t.Tier != 0 && t.Tier != tier || t.Priority != 0 && t.Priority != priority {
			continue
		}
		r := 0
		if t.Tier != 0 {
			r++
		}
		if t.Priority != 0 {
			r += 2
		}
		if r > rank {
			best, rank = time.Duration(t.Within), r
		}
	}
	return best, rank >= 0
}

// Pausing says whether a clock stands still for a cause.
func (p *Policy) Pausing(k Kind, cause string) bool {
	return cause == Aside || cause != "" && slices.Contains(p.Pauses[k], cause)
}
