package escalation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Remedy is a step that requests of a type can try: what to do, and what whoever does
// it has to know beforehand.
type Remedy struct {
	ID       string   `json:"id"`
	What     Text     `json:"what"` // as the customer reads it
	Why      Text     `json:"why"`
	Minutes  int      `json:"minutes"` // about so many; an estimate
	Risk     Risk     `json:"risk"`
	Outcomes Text     `json:"outcomes,omitempty"` // what each result means, one to a line
	Evidence Text     `json:"evidence,omitempty"` // what shows the result
	Articles []string `json:"articles,omitempty"` // keys of those that say how
}

// A Risk says what a step can cost. The catalog has them as "risk.<risk>".
type Risk string

// The risks, the lowest first.
const (
	NoRisk       Risk = "none"
	SettingsLost Risk = "settings"
	DataLost     Risk = "data"
)

// Risks are all of them, in their order.
var Risks = []Risk{NoRisk, SettingsLost, DataLost}

// An Outcome is what came of a step. The catalog has them as "outcome.<outcome>".
type Outcome string

// What came of a step. Older ones say it in words alone.
const (
	Helped      Outcome = "helped"
	NoHelp      Outcome = "no_help"
	NotPossible Outcome = "not_possible" // it could not be done
)

// Outcomes are all of them, in the order of forms.
var Outcomes = []Outcome{Helped, NoHelp, NotPossible}

// A Step is something that was tried, with its result.
type Step struct {
	What    string    `json:"what"`
	Result  string    `json:"result"`
	By      ActorRef  `json:"by"` // who says so
	At      time.Time `json:"at"`
	Remedy  string    `json:"remedy,omitempty"` // id; empty for one that no type names
	Outcome Outcome   `json:"outcome,omitempty"`
	Who     ActorKind `json:"who,omitempty"`     // who did it: ByRequester or ByStaff; empty for older ones
	Before  bool      `json:"before,omitempty"`  // unasked: in self-service, or before a reply
	Minutes int       `json:"minutes,omitempty"` // that it took
	Files   []string  `json:"files,omitempty"`   // ids of those that show the result
}

// What a type may hold of steps.
const (
	MaxRemedies = 20
	MaxMinutes  = 600
	maxOutcomes = 600
)

// Remedy returns a step that requests of a type can try, nil when there is none.
func (r *RequestType) Remedy(id string) *Remedy {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Steps, func(s Remedy) bool { return s.ID == id }); i >= 0 {
		return &r.Steps[i]
	}
	return nil
}

// stepKey begins the key of a question that asks for a step to be done.
const stepKey = "step."

// Key is that of the question that asks for the step to be done.
func (s *Remedy) Key() string { return stepKey + s.ID }

// RemedyOf returns the id of the step that a question with a key asks for, and whether
// it asks for one.
func RemedyOf(key string) (id string, ok bool) { return strings.CutPrefix(key, stepKey) }

// Tried returns what came of a step that the type names, if it was done: the newest.
func (t *Ticket) Tried(remedy string) (Step, bool) {
	for _, s := range slices.Backward(t.Steps) {
		if s.Remedy == remedy {
			return s, true
		}
	}
	return Step{}, false
}

// Untried are the steps of the type that nobody has done or is asked to do: those that
// risk least first, then those that take least time. What was found to be no matter of
// software needs no more of them.
func (t *Ticket) Untried(r *RequestType) []Remedy {
	if r == nil || t.NoSoftware(r) || !t.Erased.IsZero() {
		return nil
	}
	var list []Remedy
	for _, s := range r.Steps {
		_, done := t.Tried(s.ID)
		if !done && !slices.ContainsFunc(t.Questions, func(q Question) bool { return q.Key == s.Key() }) {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Remedy) int {
		return cmp.Or(slices.Index(Risks, a.Risk)-slices.Index(Risks, b.Risk), a.Minutes-b.Minutes)
	})
	return list
}

// Failed counts the attempts to solve it that failed: steps done here that did not help,
// and solutions that did not last. What was tried unasked was none of ours.
func (t *Ticket) Failed() int {
	n := t.Reopened
	for _, s := range t.Steps {
		if s.Outcome == NoHelp && !s.Before {
			n++
		}
	}
	return n
}

// A StepCommand is something that was tried, as somebody writes it down.
type StepCommand struct {
	Type    *RequestType // of the ticket, at its version
	Remedy  string       // of the type; empty: What says it
	What    string
	Result  string // in words; may be empty when there is an outcome
	Outcome Outcome
	Who     ActorKind // ByRequester or ByStaff; empty: ByStaff
	Minutes int       // 0: nobody counted
	Files   []string  // of the ticket
}

// AddStep writes down something that was tried, with its result. It answers the question
// that asked for it.
func (t *Ticket) AddStep(c StepCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	s := Step{Outcome: c.Outcome, Who: cmp.Or(c.Who, ByStaff), Minutes: c.Minutes, Files: c.Files, By: d.by, At: d.now}
	if c.Remedy != "" {
		remedy := c.Type.Remedy(c.Remedy)
		if remedy == nil {
			return Change{}, invalid("remedy", "error.no_step", nil)
		}
		s.Remedy, c.What = remedy.ID, remedy.What.In(t.Lang)
	}
	var err error
	if s.What, err = wanted("what", c.What, "error.tried_what", MaxLine); err != nil {
		return Change{}, err
	}
	if s.Outcome == "" || !Blank(c.Result) {
		if s.Result, err = wanted("result", c.Result, "error.tried_result", MaxLine); err != nil {
			return Change{}, err
		}
	}
	switch {
	case s.Outcome != "" && !slices.Contains(Outcomes, s.Outcome):
		return Change{}, invalid("outcome", "error.choice", nil)
	case s.Who != ByRequester && s.Who != ByStaff:
		return Change{}, invalid("who", "error.choice", nil)
	case s.Minutes < 0 || s.Minutes > MaxMinutes:
		return Change{}, invalid("minutes", "error.minutes", map[string]any{"Max": MaxMinutes})
	}
	if len(s.Files) > MaxFiles {
		return Change{}, invalid("files", "error.step_files", map[string]any{"Max": MaxFiles})
	}
	for _, id := range s.Files {
		if !t.holds(id) {
			return Change{}, invalid("files", "error.step_file", nil)
		}
	}
	d.happened(Event{Kind: EventStep, Step: &s})
	return d.change()
}

// holds says whether a file is attached to the ticket.
func (t *Ticket) holds(file string) bool {
	return slices.ContainsFunc(t.Entries, func(e Entry) bool {
		return slices.ContainsFunc(e.Files, func(f File) bool { return f.ID == file })
	})
}

// Read returns the steps of the type that the articles somebody read say how to do, and
// whether they said of one of these that it did not help.
func (r *RequestType) Read(moments []Moment) (read []Remedy, vain map[string]bool) {
	vain = map[string]bool{}
	if r == nil {
		return nil, vain
	}
	for _, s := range r.Steps {
		in := false
		for _, m := range moments {
			if slices.Contains(s.Articles, m.Article) && (m.Kind == "open" || m.Kind == "vote_no" || m.Kind == "vote_yes") {
				in = true
				vain[s.ID] = vain[s.ID] || m.Kind == "vote_no"
			}
		}
		if in {
			read = append(read, s)
		}
	}
	return read, vain
}

// untold returns the steps with these ids of which nobody has said what came. What the
// type does not name is of another kind, or of the form of yesterday.
func (t *Ticket) untold(r *RequestType, remedies []string) []Remedy {
	var list []Remedy
	for _, id := range remedies {
		_, done := t.Tried(id)
		if remedy := r.Remedy(id); remedy != nil && !done && !slices.ContainsFunc(list, func(o Remedy) bool { return o.ID == id }) {
			list = append(list, *remedy)
		}
	}
	return list
}

// tried adds what the requester did unasked. It did not help: they still ask.
func (d *draft) tried(remedies []Remedy, by ActorRef) {
	for _, remedy := range remedies {
		d.add(Entry{By: by, Kind: Happened, Event: &Event{Kind: EventStep, Step: &Step{
			What: remedy.What.In(d.t.Lang), By: by, At: d.now, Remedy: remedy.ID, Outcome: NoHelp, Who: ByRequester, Before: true,
		}}})
	}
}

// step is that with which the requester answers a question that asked for it.
func (q *Question) step(words string, outcome Outcome, e Entry) *Step {
	id, _ := RemedyOf(q.Key)
	return &Step{What: q.Text, Result: words, By: e.By, At: e.At, Remedy: id, Outcome: outcome, Who: ByRequester}
}

// cleanRemedies returns the steps of a type as they are kept.
func cleanRemedies(field string, remedies []Remedy) ([]Remedy, error) {
	if len(remedies) > MaxRemedies {
		return nil, invalid(field, "error.steps_many", map[string]any{"Max": MaxRemedies})
	}
	out := slices.Clone(remedies)
	for i := range out {
		s, at := &out[i], fmt.Sprintf("%s.%d", field, i)
		var err error
		switch {
		case s.ID == "" || !typeKey.MatchString(s.ID):
			return nil, invalid(at+".id", "error.id", nil)
		case slices.ContainsFunc(out[:i], func(o Remedy) bool { return o.ID == s.ID }):
			return nil, invalid(at+".id", "error.id_twice", map[string]any{"ID": s.ID})
		case s.Minutes < 1 || s.Minutes > MaxMinutes:
			return nil, invalid(at+".minutes", "error.minutes", map[string]any{"Max": MaxMinutes})
		case !slices.Contains(Risks, s.Risk):
			return nil, invalid(at+".risk", "error.choice", nil)
		case slices.ContainsFunc(s.Articles, func(key string) bool { return !articleKey.MatchString(key) }):
			return nil, invalid(at+".articles", "error.article_key", nil)
		}
		if s.What, err = named(at+".what", s.What, maxWords); err != nil {
			return nil, err
		}
		if s.Why, err = NewText(at+".why", s.Why, maxWords, false); err != nil {
			return nil, err
		}
		if len(s.Why) == 0 {
			return nil, invalid(at+".why", "error.step_why", map[string]any{"Step": s.What})
		}
		if s.Outcomes, err = NewText(at+".outcomes", s.Outcomes, maxOutcomes, true); err != nil {
			return nil, err
		}
		if s.Evidence, err = NewText(at+".evidence", s.Evidence, maxWords, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}
