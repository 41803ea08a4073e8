package journey

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/interval"
)

const day = 24 * time.Hour

// A SearchSpan says which searches a report is about.
type SearchSpan struct {
	From, To time.Time // days of UTC, the last one not included
	Lang     string    // empty: all
}

// LastDays returns the span of n days of which today is the last.
func LastDays(n int, lang string, now time.Time) SearchSpan {
	to := now.UTC().Truncate(day).Add(day)
	return SearchSpan{From: to.Add(-time.Duration(n) * day), To: to, Lang: lang}
}

// Days returns how many there are.
func (s SearchSpan) Days() int { return int(s.To.Sub(s.From) / day) }

// Before returns the span before, of as many days.
func (s SearchSpan) Before() SearchSpan {
	return SearchSpan{From: s.From.Add(s.From.Sub(s.To)), To: s.From, Lang: s.Lang}
}

func (s SearchSpan) holds(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// takes reports whether a report is about what happened at a time in a language.
func (s SearchSpan) takes(lang string, t time.Time) bool {
	return s.holds(t) && (s.Lang == "" || lang == s.Lang)
}

// steps returns the weeks of a span, of which the first may be shorter, or the
// days of one that is no longer than a week.
func (s SearchSpan) steps() []SearchStep {
	length := 7 * day
	if s.Days() <= 7 {
		length = day
	}
	var steps []SearchStep
	for to := s.To; to.After(s.From); to = to.Add(-length) {
		from := to.Add(-length)
		if from.Before(s.From) {
			from = s.From
		}
		steps = append(steps, SearchStep{From: from, To: to})
	}
	slices.Reverse(steps)
	return steps
}

const (
	// AskedBy is how many different people have to search for something before it
	// is shown to anybody.
	AskedBy = 3
	// maxLines is how many wordings a list has at most.
	maxLines = 25
)

// A SearchReport says what was searched, and what came of it. People are told
// apart by their browsers.
type SearchReport struct {
	SearchSpan
	SearchCount
	Since  time.Time // first day of which anything is kept; zero when nothing is
	Change *Change   // since the span before; nil when not all of that is kept
	Steps  []SearchStep

	Nothing  SearchList // by searches that found nothing
	Unopened SearchList // by searches after which nothing was opened
	Most     SearchList // by searches
	Rare     int        // wordings of fewer than [AskedBy] people: counted, not shown
}

// A SearchCount counts searches by what came of them.
type SearchCount struct {
	Searches int
	People   int
	Apart    int // searches of visitors that cannot be told apart; they count nowhere else

	FoundNothing interval.Proportion
	OpenedNone   interval.Proportion // of those of which it is known by now
}

// A Change says how a span differs from the one before.
type Change struct {
	People       Growth
	FoundNothing interval.Estimate // difference of the shares
	OpenedNone   interval.Estimate
}

// A Growth is a number of people as a ratio to that of the span before.
type Growth struct {
	Before int
	interval.Estimate
}

// A SearchStep counts the searches of a week or a day. How many people they were
// of is not counted.
type SearchStep struct {
	From, To time.Time // the last day not included
	SearchCount
}

// A SearchList lists wordings.
type SearchList struct {
	Lines []SearchLine
	More  int // that did not fit
}

// A SearchLine is a wording, together with those that are alike.
type SearchLine struct {
	Query string // as most often typed
	Lang  string
	SearchCount
	Share  interval.Proportion // of all searches of the report
	Growth *Growth             // nil when there is nothing to compare with
}

// A pile is what was searched in wordings that are alike.
type pile struct {
	sum
	lines  *line    // of the span
	before []uint64 // who searched for it in the one before, if it is listed
}

// A line is one of a log, and knows the one before it on its pile.
type line struct {
	logged
	next *line
}

// people returns who searched, each as often as they did.
func (p *pile) people() (who []uint64) {
	for l := p.lines; l != nil; l = l.next {
		who = appendPeople(who, l.codes)
	}
	return who
}

// wording returns what was typed most often.
func (p *pile) wording() (most string) {
	times := map[string]int{}
	for l := p.lines; l != nil; l = l.next {
		times[l.typed] += len(l.codes)
	}
	for typed, n := range times {
		if n > times[most] || n == times[most] && typed < most {
			most = typed
		}
	}
	return most
}

// mayShow reports whether enough people searched for it.
func (p *pile) mayShow() bool {
	var known [AskedBy]string
	n := 0
	for l := p.lines; l != nil; l = l.next {
		for codes := l.codes; codes != ""; codes = codes[codeLen+1:] {
			if who := codes[:codeLen]; who != nobody && !slices.Contains(known[:n], who) {
				known[n] = who
				if n++; n == AskedBy {
					return true
				}
			}
		}
	}
	return false
}

// piles are those of what was searched, by the key of their lines.
type piles map[string]*pile

// add puts a line, with what it counts, on its pile.
func (ps piles) add(l logged, n sum) {
	p := ps[l.key]
	if p == nil {
		p = &pile{}
		ps[l.key] = p
	}
	p.lines = &line{l, p.lines}
	p.sum.add(n)
}

// shown returns those that may be shown, and how many may not.
func (ps piles) shown() (shown []*pile, rare int) {
	for key, p := range ps {
		switch {
		case strings.HasSuffix(key, "\t"): // nothing is left of what was typed
		case p.mayShow():
			shown = append(shown, p)
		default:
			rare++
		}
	}
	return shown, rare
}

// mostOf returns the piles that have most of something, at most [maxLines], and how
// many more have any. Of two that have as much, that comes first of which it is more.
func mostOf(piles []*pile, of func(*pile) int) (most []*pile, more int) {
	order := func(a, b *pile) int {
		return cmp.Or(of(b)-of(a), a.searches-b.searches, strings.Compare(a.lines.key, b.lines.key))
	}
	for _, p := range piles {
		if of(p) == 0 {
			continue
		}
		if at, _ := slices.BinarySearchFunc(most, p, order); at < maxLines {
			most = slices.Insert(most, at, p)
			most = most[:min(len(most), maxLines)]
		}
		more++
	}
	return most, more - len(most)
}

// each calls do for the lines of the days of a span in its language.
func (s SearchSpan) each(days map[time.Time]SearchLog, do func(day time.Time, l logged)) {
	for d, log := range days {
		if !s.holds(d) {
			continue
		}
		for l := range log.lines() {
			if s.Lang == "" || s.Lang == l.lang {
				do(d, l)
			}
		}
	}
}

// ReportSearches makes a report of what was searched on the days of the span and
// of the one before. since is the first day of which anything is kept.
func ReportSearches(span SearchSpan, days map[time.Time]SearchLog, since, now time.Time) SearchReport {
	r := SearchReport{SearchSpan: span, Since: since, Steps: span.steps()}
	var all sum
	var people []uint64
	steps := make([]sum, len(r.Steps))
	wordings := piles{}
	span.each(days, func(d time.Time, l logged) {
		n := sumOf(l.codes)
		wordings.add(l, n)
		steps[slices.IndexFunc(r.Steps, func(s SearchStep) bool { return d.Before(s.To) })].add(n)
		all.add(n)
		people = appendPeople(people, l.codes)
	})
	for i := range steps {
		r.Steps[i].SearchCount = steps[i].count()
	}
	r.SearchCount = all.count()
	r.People = different(people)

	shown, rare := wordings.shown()
	r.Rare = rare
	lists := []struct {
		list *SearchList
		of   func(*pile) int
		most []*pile
	}{
		{&r.Nothing, func(p *pile) int { return p.nothing }, nil},
		{&r.Unopened, func(p *pile) int { return p.none }, nil},
		{&r.Most, func(p *pile) int { return p.searches }, nil},
	}
	listed := map[string]*pile{}
	for i := range lists {
		l := &lists[i]
		l.most, l.list.More = mostOf(shown, l.of)
		for _, p := range l.most {
			listed[p.lines.key] = p
		}
	}

	before := span.Before()
	comparable := !since.IsZero() && !since.After(before.From)
	whole := span.To.Sub(span.From)
	passed := min(whole, now.Sub(span.From)) // today is not over
	growth := func(after int, before []uint64) Growth {
		n := different(before)
		return Growth{n, interval.RateRatio(after, n, passed.Hours(), whole.Hours())}
	}
	if comparable {
		all, people = sum{}, people[:0]
		before.each(days, func(_ time.Time, l logged) {
			all.add(sumOf(l.codes))
			people = appendPeople(people, l.codes)
			if p := listed[l.key]; p != nil {
				p.before = appendPeople(p.before, l.codes)
			}
		})
		then := all.count()
		r.Change = &Change{
			People:       growth(r.People, people),
			FoundNothing: interval.Newcombe(r.FoundNothing, then.FoundNothing),
			OpenedNone:   interval.Newcombe(r.OpenedNone, then.OpenedNone),
		}
	}
	for _, l := range lists {
		for _, p := range l.most {
			line := SearchLine{Query: p.wording(), Lang: p.lines.lang, SearchCount: p.count(), Share: interval.Wilson(p.searches, r.Searches)}
			line.People = different(p.people())
			if comparable {
				line.Growth = new(growth(line.People, p.before))
			}
			l.list.Lines = append(l.list.Lines, line)
		}
	}
	return r
}

// count says what came of searches. How many people made them is counted apart.
func (s sum) count() SearchCount {
	return SearchCount{
		Searches: s.searches, Apart: s.apart,
		FoundNothing: interval.Wilson(s.nothing, s.searches),
		OpenedNone:   interval.Wilson(s.none, s.searches-s.undecided),
	}
}
