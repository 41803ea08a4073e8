package journey

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"primalinea/escalation/interval"
)

// An Outcome is how a journey ended.
type Outcome string

// The outcomes. Only the first four are in the denominator of a rate.
const (
	Escalated Outcome = "escalated" // a ticket within the window
	Confirmed Outcome = "confirmed" // "this solved it", and no ticket within the window
	Presumed  Outcome = "presumed"  // read, and neither asked further nor wrote; not proof
	Failed    Outcome = "failed"    // none of these: gave up, as far as we can see
	Pending   Outcome = "pending"   // too young to say
	Unknown   Outcome = "unknown"   // cannot be joined with a ticket
)

// Window is the time within which a ticket means that self-service did not
// help.
const Window = 7 * 24 * time.Hour

// Windows are shown side by side for [Presumed], because what it counts depends
// on them.
var Windows = [...]time.Duration{24 * time.Hour, 3 * 24 * time.Hour, Window, 14 * 24 * time.Hour}

// Rules is the version of the rules below. It is raised when they change: what was
// decided by older ones stays as it is, and a report says by which it was.
const Rules = 1

// Settling is how long after a window has passed it is decided under it how a
// journey ended. By then what waited to be written is written, and tickets are
// joined.
const Settling = 10 * time.Minute

// Passed returns how many of [Windows] have passed, and settled, since a journey
// ended. Nothing can go on with it by then: [Resume] is no longer than the first.
func (j *Journey) Passed(now time.Time) int {
	n := 0
	for n < len(Windows) && !now.Before(j.Ended.Add(Windows[n]+Settling)) {
		n++
	}
	return n
}

// Decide returns how a journey ended, seen from a moment, with a window that
// runs from its last event. It asks in this order: a ticket is known at once;
// everything else is known when the window has passed without one. Figures count
// journeys when it has passed, also those with a ticket: else the last week would
// be full of them.
func Decide(j Journey, now time.Time, window time.Duration) Outcome {
	switch {
	case j.Visitor == "":
		return Unknown
	case !j.Ticket.IsZero() && !j.Ticket.After(j.Ended.Add(window)):
		return Escalated
	case now.Before(j.Ended.Add(window)):
		return Pending
	case j.Confirmed:
		return Confirmed
	case j.Read && !j.Last.IsSearch() && j.Last != VoteNo && j.Last != FormOpen && j.Last != FormAbandon:
		return Presumed
	}
	return Failed
}

// About returns the text that a journey is about: the one that was confirmed, else
// the one that was read last, else the first that was opened. It is empty when none
// was.
func (j *Journey) About() Text {
	s := &j.State
	for i := len(s.Opens) - 1; i >= 0; i-- {
		open := s.Opens[i]
		if j.Confirmed && s.Solved != "" {
			if open.Article == s.Solved {
				return Text{open.Article, open.Lang}
			}
		} else if read(open) {
			return Text{open.Article, open.Lang}
		}
	}
	if j.Confirmed && s.Solved != "" { // by a suggestion that was read where it was offered
		return Text{s.Solved, j.Lang}
	}
	return s.First
}

// An OutcomeSum counts the journeys that began on a day, in a language, about a
// section, and are decided under a window by the same rules. It is all that is kept
// of what was decided, so that later rules do not change it.
type OutcomeSum struct {
	Day       time.Time // midnight UTC
	Lang      string
	Section   string // key; empty: no article was opened, or it lies in none
	Days      int    // of the window
	Rules     int
	Escalated int
	Confirmed int
	Presumed  int
	Failed    int
	Asked     int // on which an article was read, at the end of which stands "did this help?"
	Answered  int // on which that was answered
}

// Count counts a journey that is decided.
func (s *OutcomeSum) Count(j *Journey, o Outcome) {
	switch o {
	case Escalated:
		s.Escalated++
	case Confirmed:
		s.Confirmed++
	case Presumed:
		s.Presumed++
	case Failed:
		s.Failed++
	}
	if j.Read || j.Answered {
		s.Asked++
	}
	if j.Answered {
		s.Answered++
	}
}

// A Waiting counts journeys that are not decided under all windows.
type Waiting struct {
	Day     time.Time // on which they began
	Lang    string
	Decided int // under how many windows they are
	Total   int
	Sent    int // that became requests meanwhile
}

// An ApartDay counts what a source of requests did on a day that was not recorded.
type ApartDay struct {
	Day    time.Time // midnight UTC
	Source Source
	Total  int
}

// Counts are what a report is made of.
type Counts struct {
	Sums    []OutcomeSum
	Waiting []Waiting
	Unknown []UnknownDay
	Apart   []ApartDay
}

// A Report says how the journeys of a time ended. Its rates are never added
// together.
type Report struct {
	SearchSpan       // in which the journeys began
	Rules      []int // by which they were decided, the oldest first
	Total      Figures
	ByLang     []Figures // in the order of their codes
	BySection  []Figures // those of most journeys first; what waits or is unknown has none
	Steps      []Step
	Apart      []ApartSum // of each source that there was
}

// Figures count journeys by how they ended.
type Figures struct {
	Lang      string
	Section   string
	Escalated int
	Failed    int
	Pending   int // not counted yet
	Sent      int // of them: that became requests already
	Unknown   int // beginnings that cannot be joined to anything: at most so many journeys
	Confirmed interval.Proportion
	Presumed  []PresumedIn        // one for each of [Windows]
	Answered  interval.Proportion // of those who read an article: who said whether it helped
}

// A Step is a week of a report, or a day of one that is no longer than a week.
type Step struct {
	From, To time.Time // the last day not included
	Figures
}

// An ApartSum counts what a source did in each step of a report.
type ApartSum struct {
	Source Source
	Total  int
	Steps  []int
}

// Decided returns how many journeys of known outcome there are: the
// denominator.
func (f Figures) Decided() int { return f.Confirmed.N }

// UnknownShare returns the part of everything that cannot be joined.
func (f Figures) UnknownShare() interval.Proportion {
	return interval.Wilson(f.Unknown, f.Unknown+f.Pending+f.Decided())
}

// EscalatedRate returns the part of the decided journeys that became tickets.
func (f Figures) EscalatedRate() interval.Proportion {
	return interval.Wilson(f.Escalated, f.Decided())
}

// SentShare returns the part of the pending journeys that became tickets already.
func (f Figures) SentShare() interval.Proportion { return interval.Wilson(f.Sent, f.Pending) }

// PresumedWithin returns the presumed rate under [Window].
func (f Figures) PresumedWithin() interval.Proportion {
	for _, p := range f.Presumed {
		if p.Days == days(Window) {
			return p.Proportion
		}
	}
	return interval.Wilson(0, 0)
}

// A PresumedIn is the presumed rate under one window.
type PresumedIn struct {
	Days int
	interval.Proportion
}

func days(window time.Duration) int { return int(window / day) }

// Summarize makes a report of what was counted in a span.
func Summarize(span SearchSpan, c Counts) Report {
	r := Report{SearchSpan: span}
	var total tally
	byLang, bySection := map[string]*tally{}, map[string]*tally{}
	of := func(m map[string]*tally, key string) *tally {
		if m[key] == nil {
			m[key] = &tally{}
		}
		return m[key]
	}
	steps := span.steps()
	byStep := make([]tally, len(steps))
	step := func(day time.Time) int {
		return slices.IndexFunc(steps, func(s SearchStep) bool { return !day.Before(s.From) && day.Before(s.To) })
	}
	each := func(lang string, day time.Time, do func(*tally)) {
		if !span.takes(lang, day) {
			return
		}
		do(&total)
		if lang != "" {
			do(of(byLang, lang))
		}
		do(&byStep[step(day)])
	}
	for _, s := range c.Sums {
		if !span.takes(s.Lang, s.Day) {
			continue
		}
		each(s.Lang, s.Day, func(t *tally) { t.add(s) })
		of(bySection, s.Section).add(s)
		if !slices.Contains(r.Rules, s.Rules) {
			r.Rules = append(r.Rules, s.Rules)
		}
	}
	slices.Sort(r.Rules)
	for _, w := range c.Waiting {
		if w.Decided <= slices.Index(Windows[:], Window) {
			each(w.Lang, w.Day, func(t *tally) { t.pending, t.sent = t.pending+w.Total, t.sent+w.Sent })
		}
	}
	for _, u := range c.Unknown {
		each(u.Lang, u.Day, func(t *tally) { t.unknown += u.Count })
	}
	r.Total = total.figures()
	for lang, t := range byLang {
		f := t.figures()
		f.Lang = lang
		r.ByLang = append(r.ByLang, f)
	}
	slices.SortFunc(r.ByLang, func(a, b Figures) int { return strings.Compare(a.Lang, b.Lang) })
	for section, t := range bySection {
		f := t.figures()
		f.Section = section
		r.BySection = append(r.BySection, f)
	}
	slices.SortFunc(r.BySection, func(a, b Figures) int {
		return cmp.Or(b.Decided()-a.Decided(), strings.Compare(a.Section, b.Section))
	})
	for i, s := range steps {
		r.Steps = append(r.Steps, Step{s.From, s.To, byStep[i].figures()})
	}
	for _, a := range c.Apart {
		if !span.holds(a.Day) {
			continue
		}
		i := slices.IndexFunc(r.Apart, func(s ApartSum) bool { return s.Source == a.Source })
		if i < 0 {
			i = len(r.Apart)
			r.Apart = append(r.Apart, ApartSum{Source: a.Source, Steps: make([]int, len(steps))})
		}
		r.Apart[i].Total += a.Total
		r.Apart[i].Steps[step(a.Day)] += a.Total
	}
	slices.SortFunc(r.Apart, func(a, b ApartSum) int {
		return cmp.Or(b.Total-a.Total, strings.Compare(string(a.Source), string(b.Source)))
	})
	return r
}

// A tally adds up what becomes figures.
type tally struct {
	within                 [len(Windows)]OutcomeSum
	pending, sent, unknown int
}

func (t *tally) add(s OutcomeSum) {
	for i, w := range Windows {
		if days(w) != s.Days {
			continue
		}
		o := &t.within[i]
		o.Escalated, o.Confirmed, o.Presumed, o.Failed = o.Escalated+s.Escalated, o.Confirmed+s.Confirmed, o.Presumed+s.Presumed, o.Failed+s.Failed
		o.Asked, o.Answered = o.Asked+s.Asked, o.Answered+s.Answered
	}
}

func (t *tally) figures() Figures {
	f := Figures{Pending: t.pending, Sent: t.sent, Unknown: t.unknown}
	for i, w := range Windows {
		o := t.within[i]
		n := o.Escalated + o.Confirmed + o.Presumed + o.Failed
		f.Presumed = append(f.Presumed, PresumedIn{days(w), interval.Wilson(o.Presumed, n)})
		if w == Window {
			f.Escalated, f.Failed = o.Escalated, o.Failed
			f.Confirmed, f.Answered = interval.Wilson(o.Confirmed, n), interval.Wilson(o.Answered, o.Asked)
		}
	}
	return f
}

// Table writes the report as rows for a spreadsheet, whose head is the first: each
// rate with its cases and interval, of everything, by language, section and step.
func (r Report) Table() [][]string {
	rows := [][]string{{"of", "key", "measure", "window_days", "k", "n", "rate", "low", "high"}}
	write := func(of, key string, f Figures) {
		rate := func(measure string, window int, p interval.Proportion) {
			row := []string{of, key, measure, ""}
			if window > 0 {
				row[3] = strconv.Itoa(window)
			}
			row = append(row, strconv.Itoa(p.K), strconv.Itoa(p.N))
			for _, x := range []float64{p.Rate, p.Low, p.High} {
				row = append(row, strconv.FormatFloat(x, 'f', 4, 64))
			}
			rows = append(rows, row)
		}
		rate("confirmed", days(Window), f.Confirmed)
		for _, p := range f.Presumed {
			rate("presumed", p.Days, p.Proportion)
		}
		rate("escalated", days(Window), f.EscalatedRate())
		rate("failed", days(Window), interval.Wilson(f.Failed, f.Decided()))
		rate("answered", days(Window), f.Answered)
		if of != "section" { // what waits or is unknown has none
			rate("pending_escalated", 0, f.SentShare())
			rate("unknown", 0, f.UnknownShare())
		}
	}
	write("all", r.Lang, r.Total)
	for _, f := range r.ByLang {
		write("language", f.Lang, f)
	}
	for _, f := range r.BySection {
		write("section", f.Section, f)
	}
	for _, s := range r.Steps {
		write("from", s.From.Format(time.DateOnly), s.Figures)
	}
	return rows
}
