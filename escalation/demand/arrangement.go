package demand

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/scrub"
)

// An ActKind is what was done to lines.
type ActKind string

// What can be done to lines. Each undoes another.
const (
	Join   ActKind = "join"   // Other became part of Line
	Part   ActKind = "part"   // Other became a line of its own again, and is never joined by itself
	Split  ActKind = "split"  // wordings left Line for the new line Other
	Rename ActKind = "rename" // Line got a title, or lost it
	Apart  ActKind = "apart"  // Line and Other are not the same
	Allow  ActKind = "allow"  // they may be, after all
)

// An Act is one thing that was done to lines, by a person or, of [Join], by what
// we find out. Acts are kept as long as the site and name no signals, so they
// hold when signals are erased or too old.
type Act struct {
	Number int64 // from 1, without gaps
	Kind   ActKind
	Line   string
	Other  string
	Title  string
	Pins   []Pin
	By     escalation.ActorRef
	At     time.Time
}

// Why lines were joined without a person: the ID of [Act.By].
const (
	SameArticle = "same_article"
	SameCode    = "same_code"
)

// A Pin holds a wording on a strand, whatever it is like. The wording is a hash:
// what somebody typed is not kept longer than the signal.
type Pin struct {
	Wording string `json:"wording"`
	Strand  string `json:"strand"`
}

const (
	maxPinned    = 100 // wordings that an act pins
	maxLineTitle = 100
)

// An Arrangement is what acts made of strands: which line each belongs to, what
// is never joined, which wordings stay where, and what lines are called.
type Arrangement struct {
	acts   []Act
	line   map[string]string   // of strands on another line than their own
	came   map[string][]string // the lines a strand was on before, the last one last
	apart  map[[2]string]bool  // strands, in order
	pins   map[string]string   // strand by wording
	titles map[string]string   // by line
	of     map[string][]string // strands by line, of those in line
}

// NewArrangement returns what acts made, the oldest first.
func NewArrangement(acts []Act) *Arrangement {
	a := &Arrangement{
		line: map[string]string{}, came: map[string][]string{}, apart: map[[2]string]bool{},
		pins: map[string]string{}, titles: map[string]string{}, of: map[string][]string{},
	}
	for _, act := range acts {
		a.take(act)
	}
	return a
}

// with returns an arrangement that has more acts; this one stays as it is.
func (a *Arrangement) with(acts []Act) *Arrangement {
	if a == nil {
		return NewArrangement(acts)
	}
	return NewArrangement(slices.Concat(a.acts, acts))
}

// Last returns the number of the last act.
func (a *Arrangement) Last() int64 {
	if a == nil || len(a.acts) == 0 {
		return 0
	}
	return a.acts[len(a.acts)-1].Number
}

// LineOf returns the line of a strand. Given the ID of a line that was joined to
// another it returns that other one.
func (a *Arrangement) LineOf(strand string) string {
	if a != nil {
		if line, ok := a.line[strand]; ok {
			return line
		}
	}
	return strand
}

// Strands returns the strands of a line, its own first.
func (a *Arrangement) Strands(line string) []string {
	return append([]string{line}, a.of[line]...)
}

// Title returns what a person called a line, if anybody did.
func (a *Arrangement) Title(line string) string {
	if a == nil {
		return ""
	}
	return a.titles[line]
}

// Apart reports whether two lines must not be joined without a person.
func (a *Arrangement) Apart(line, other string) bool {
	if a == nil || len(a.apart) == 0 {
		return false
	}
	for _, s := range a.Strands(line) {
		for _, o := range a.Strands(other) {
			if a.apart[pair(s, o)] {
				return true
			}
		}
	}
	return false
}

// Of returns what was done to a line, the newest first.
func (a *Arrangement) Of(line string) []Act {
	var acts []Act
	for _, act := range slices.Backward(a.acts) {
		if act.Line == line || act.Other == line {
			acts = append(acts, act)
		}
	}
	return acts
}

// Joined returns the lines that became part of a line and can be taken off again.
func (a *Arrangement) Joined(line string) []string {
	var joined []string
	for _, s := range a.of[line] {
		if from := a.last(s); !slices.Contains(joined, from) {
			joined = append(joined, from)
		}
	}
	return joined
}

// parted returns the strands that leave a line when one that was joined to it is
// taken off again.
func (a *Arrangement) parted(line, other string) []string {
	return slices.DeleteFunc(slices.Clone(a.of[line]), func(s string) bool { return a.last(s) != other })
}

// last returns the line on which a strand was before it was joined to that on
// which it is.
func (a *Arrangement) last(strand string) string { return a.came[strand][len(a.came[strand])-1] }

// Kept returns the lines from which a line is kept apart.
func (a *Arrangement) Kept(line string) []string {
	lines := map[string]bool{}
	for p := range a.apart {
		switch x, y := a.LineOf(p[0]), a.LineOf(p[1]); line {
		case x:
			lines[y] = true
		case y:
			lines[x] = true
		}
	}
	delete(lines, line)
	return slices.Sorted(maps.Keys(lines))
}

func pair(a, b string) [2]string { return [2]string{min(a, b), max(a, b)} }

func (a *Arrangement) setApart(line, other string, apart bool) {
	for _, s := range a.Strands(line) {
		for _, o := range a.Strands(other) {
			if apart {
				a.apart[pair(s, o)] = true
			} else {
				delete(a.apart, pair(s, o))
			}
		}
	}
}

func (a *Arrangement) take(act Act) {
	a.acts = append(a.acts, act)
	for _, p := range act.Pins {
		a.pins[p.Wording] = p.Strand
	}
	switch act.Kind {
	case Join:
		a.setApart(act.Line, act.Other, false)
		for _, s := range a.Strands(act.Other) {
			a.line[s], a.came[s] = act.Line, append(a.came[s], act.Other)
			a.of[act.Line] = append(a.of[act.Line], s)
		}
		delete(a.of, act.Other)
	case Part:
		leave := a.parted(act.Line, act.Other)
		a.of[act.Line] = slices.DeleteFunc(a.of[act.Line], func(s string) bool { return slices.Contains(leave, s) })
		for _, s := range leave {
			a.came[s] = a.came[s][:len(a.came[s])-1]
			if s == act.Other {
				delete(a.line, s)
			} else {
				a.line[s] = act.Other
				a.of[act.Other] = append(a.of[act.Other], s)
			}
		}
		a.setApart(act.Line, act.Other, true)
	case Split, Apart:
		a.setApart(act.Line, act.Other, true)
	case Allow:
		a.setApart(act.Line, act.Other, false)
	case Rename:
		if act.Title == "" {
			delete(a.titles, act.Line)
		} else {
			a.titles[act.Line] = act.Title
		}
	}
}

// strandOf returns the strand on which a wording is held, if it is.
func (a *Arrangement) strandOf(lang, text string, terms func(lang, text string) []string) string {
	if a == nil || len(a.pins) == 0 {
		return ""
	}
	for _, key := range pinKeys(lang, text, terms) {
		if strand, ok := a.pins[key]; ok {
			return strand
		}
	}
	return ""
}

// pinKeys returns what a wording is known by: its letters, and its words.
func pinKeys(lang, text string, terms func(lang, text string) []string) [2]string {
	said := sha256.Sum256([]byte(lang + "\x00" + fold(text)))
	words := sha256.Sum256([]byte(lang + "\x00\x00" + strings.Join(normal(terms(lang, text)), "\x00")))
	return [2]string{hex.EncodeToString(said[:8]), hex.EncodeToString(words[:8])}
}

// normal returns terms as a sorted set.
func normal(terms []string) []string {
	terms = slices.Clone(terms)
	slices.Sort(terms)
	return slices.Compact(terms)
}

// next checks an act on what is there now and gives it its number. lines are
// those that have signals.
func (a *Arrangement) next(act Act, exists func(line string) bool) (Act, error) {
	act.Number = a.Last() + 1
	act.At = act.At.UTC().Truncate(time.Millisecond)
	invalid := func(field, reason string) error {
		return &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason}
	}
	conflict := func(reason string) error {
		return &escalation.Error{Kind: escalation.Conflict, Reason: reason}
	}
	if a.LineOf(act.Line) != act.Line || !exists(act.Line) {
		return act, conflict("error.arrange_gone")
	}
	switch act.Kind {
	default:
		return act, invalid("act", "error.arrange_kind")
	case Join, Apart:
		switch {
		case act.Other == "":
			return act, invalid("other", "error.arrange_choose")
		case act.Other == act.Line:
			return act, invalid("other", "error.arrange_itself")
		case a.LineOf(act.Other) == act.Line:
			return act, conflict("error.arrange_joined")
		case a.LineOf(act.Other) != act.Other || !exists(act.Other):
			return act, conflict("error.arrange_other_gone")
		}
	case Part:
		if !slices.Contains(a.Joined(act.Line), act.Other) {
			return act, conflict("error.arrange_parted")
		}
	case Allow:
		if !slices.Contains(a.Kept(act.Line), act.Other) {
			return act, conflict("error.arrange_allowed")
		}
	case Split:
		sum := sha256.Sum256([]byte("split\x00" + act.Line + "\x00" + act.At.String()))
		act.Other = hex.EncodeToString(sum[:8])
	case Rename:
		title, _ := scrub.Text(printable(act.Title, false))
		act.Title = tidy(title)
		if utf8.RuneCountInString(act.Title) > maxLineTitle {
			return act, invalid("title", "error.arrange_title")
		}
	}
	return act, nil
}
