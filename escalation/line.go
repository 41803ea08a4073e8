package escalation

import (
	"strings"
	"time"
)

// A LineKind says what a requester reads in a line.
type LineKind string

// The kinds of lines.
const (
	LineOpened   LineKind = "opened"
	LineSaid     LineKind = "said"
	LineAsked    LineKind = "asked"   // Questions, Until
	LineWaiting  LineKind = "waiting" // Party, Until
	LineMoved    LineKind = "moved"   // Team, Tell
	LineSolved   LineKind = "solved"
	LineReopened LineKind = "reopened"
	LineClosed   LineKind = "closed"
	LineGiven    LineKind = "given"    // it is the reader's since
	LineRated    LineKind = "rated"    // Score
	LineReminded LineKind = "reminded" // Until
	LineSilenced LineKind = "silenced"
	LineLapsed   LineKind = "lapsed"
	LineKept     LineKind = "kept"  // Until
	LineSplit    LineKind = "split" // it was made of another one; From
)

// Hidden is the place of something that is none of the reader's business.
const Hidden = "-"

// A Line is something in a ticket as its requester may see it.
type Line struct {
	ID    string // of its entry
	At    time.Time
	Kind  LineKind
	By    ActorKind // on whose side
	Name  string    // the requester's, or the first name of staff; empty: the team's
	Text  string    // may be empty
	Other bool      // said by somebody else, whose request it was
	Moved string    // number of the request in which it stands now; Hidden: nobody says where
	From  string    // number of the request in which it was said; Hidden likewise; empty: here
	Files []File

	Questions []Question
	Party     string
	Until     time.Time
	Team      string // id
	Score     Score
	Tell      string // why it moved; empty: the catalog's sentence
}

// ForRequester returns what the requester may see of a ticket, oldest first. It is
// the only way there: notes, the trail, facts, steps and what travels with a
// handoff have no line, and a line has no field for them.
func (t *Ticket) ForRequester() []Line {
	return t.linesFor(false)
}

// EverForRequester is ForRequester of all whose ticket it was, each in their time.
func (t *Ticket) EverForRequester() []Line { return t.linesFor(true) }

func (t *Ticket) linesFor(ever bool) []Line {
	if t.Parent != nil {
		return nil // a task has no requester
	}
	var lines []Line
	tenures, away := t.Tenures(), t.AllAway()
	for _, e := range t.Entries {
		l, ok := e.line()
		for _, n := range tenures {
			if ok && n.Has(e.Seq) {
				l.Other = l.Other || !n.Now && l.By == ByRequester
				ok = ever || !n.Undone // that was meant for somebody else
			}
		}
		ok = ok && !t.wentBack(&e)
		if c := away[e.ID]; c != nil && !ever {
			l.Moved, l.Text, l.Files, l.Questions = c.Number, "", nil, nil
			if c.Foreign {
				l.Moved = Hidden
			}
		}
		if ok {
			lines = append(lines, l)
		}
	}
	return lines
}

// line returns the public part of an entry. ok is false when there is none.
func (e *Entry) line() (l Line, ok bool) {
	l = Line{ID: e.ID, At: e.At, By: e.By.Kind, Name: publicName(e.By)}
	switch e.Kind {
	case Public:
		l.Kind, l.Text, l.Files = LineSaid, e.Text, e.Files
	case Happened:
		// Its words, if any, are for staff.
	default:
		return Line{}, false
	}
	if e.Event == nil {
		return l, e.Kind == Public
	}
	switch ev := e.Event; ev.Kind {
	case EventOpened:
		if l.Kind = LineOpened; ev.Other != nil {
			l.Kind, l.Name, l.From = LineSplit, "", ev.Other.Number
		}
	case EventBrought:
		if ev.Hole || ev.Origin.Kind != Public {
			return Line{}, false
		}
		o := ev.Origin
		l = Line{ID: e.ID, At: o.At, Kind: LineSaid, By: o.By.Kind, Name: publicName(o.By), Text: e.Text, Files: e.Files, Questions: o.Questions, From: ev.Other.Number}
		if ev.Foreign {
			l.From, l.Other = Hidden, o.By.Kind == ByRequester
		}
	case EventAsked:
		l.Kind, l.Questions, l.Until = LineAsked, ev.Questions, ev.Until
	case EventWaiting:
		l.Kind, l.Party, l.Until = LineWaiting, ev.Party, ev.Until
	case EventAccepted, EventRefused, EventDecided:
		if ev.Team == "" || ev.Kind == EventDecided && ev.Tell == "" {
			return Line{}, false // nothing moved
		}
		// Who accepted, refused or decided is ours to know.
		l.Kind, l.Team, l.Tell, l.Name = LineMoved, ev.Team, ev.Tell, ""
	case EventSolved:
		l.Kind = LineSolved
	case EventReopened:
		l.Kind = LineReopened
	case EventConfirmed:
		l.Kind = LineClosed
	case EventGiven:
		l.Kind, l.Name = LineGiven, ""
	case EventReminded:
		l.Kind, l.Until = LineReminded, ev.Until
	case EventSilenced:
		l.Kind = LineSilenced
	case EventLapsed:
		l.Kind = LineLapsed
	case EventKept:
		l.Kind, l.Until = LineKept, ev.Until
	case EventRated:
		l.Kind, l.Score = LineRated, ev.Score
	default:
		return l, e.Kind == Public
	}
	return l, true
}

// publicName is what a requester reads of somebody's name.
func publicName(r ActorRef) string {
	switch {
	case r.Kind == ByRequester:
		return r.Name
	case r.Person():
		first, _, _ := strings.Cut(r.Name, " ")
		return first
	}
	return ""
}
