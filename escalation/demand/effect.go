package demand

import (
	"cmp"
	"math"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

// A Day is a day of UTC, counted from 1970.
type Day int64

// DayOf returns the day of a moment.
func DayOf(t time.Time) Day { return Day(t.UTC().Unix() / 86400) }

// Time returns when a day begins.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// What is counted by day: tickets of a strand, by when they were opened; journeys;
// and, of an article that was promoted, the [journey.Kind] of what was done with it.
const (
	CountTickets  = "tickets"
	CountJourneys = "journeys"
)

// Counted are the steps of journeys that are counted of a promoted article.
var Counted = []journey.Kind{
	journey.SuggestionShown, journey.SuggestionClick, journey.ResultClick, journey.ArticleOpen, journey.VoteYes, journey.VoteNo, journey.Confirm,
}

// A Count is how often something was counted on a day. It names nobody, so that it
// can be kept when what was counted is forgotten.
type Count struct {
	What    string // CountTickets, CountJourneys, or a kind of [Counted]
	Subject string // strand, or key of the article; empty of journeys
	Lang    string
	Day     Day
	Total   int
}

// A Unit is a line in one language: what an article in that language can change.
type Unit struct{ Line, Lang string }

// Counts are all that was counted.
type Counts struct {
	tickets  map[Unit]map[Day]int
	journeys map[string]map[Day]int
	steps    map[string]map[Unit]map[Day]int // of articles, by what
}

// NewCounts sorts counts, those of tickets by their lines.
func NewCounts(list []Count) *Counts {
	c := &Counts{tickets: map[Unit]map[Day]int{}, journeys: map[string]map[Day]int{}, steps: map[string]map[Unit]map[Day]int{}}
	for _, n := range list {
		switch n.What {
		case CountJourneys:
			add(c.journeys, n.Lang, n)
		case CountTickets:
			add(c.tickets, Unit{n.Subject, n.Lang}, n)
		default:
			if c.steps[n.What] == nil {
				c.steps[n.What] = map[Unit]map[Day]int{}
			}
			add(c.steps[n.What], Unit{n.Subject, n.Lang}, n)
		}
	}
	return c
}

func add[K comparable](in map[K]map[Day]int, key K, n Count) {
	if in[key] == nil {
		in[key] = map[Day]int{}
	}
	in[key][n.Day] += n.Total
}

// since returns from which day on journeys were counted without a break of a week,
// until a day: no ticket without a journey can be compared.
func (c *Counts) since(until Day) Day {
	var days []Day
	for _, byDay := range c.journeys {
		for d := range byDay {
			if d < until {
				days = append(days, d)
			}
		}
	}
	slices.Sort(days)
	first := until
	for _, d := range slices.Backward(days) {
		if first-d > week {
			break
		}
		first = d
	}
	return first
}

// A Window is some days, the last one not included.
type Window struct{ From, To Day }

// Days is how many.
func (w Window) Days() int { return max(0, int(w.To-w.From)) }

// Last is the day before it ends.
func (w Window) Last() Day { return w.To - 1 }

func (w Window) sum(days map[Day]int) (n int) {
	if len(days) < w.Days() {
		for d, total := range days {
			if w.From <= d && d < w.To {
				n += total
			}
		}
		return n
	}
	for d := w.From; d < w.To; d++ {
		n += days[d]
	}
	return n
}

// tally counts the tickets of a unit, and thousands of journeys in its language.
func (c *Counts) tally(u Unit, w Window) interval.Tally {
	return interval.Tally{Events: float64(w.sum(c.tickets[u])), Over: float64(w.sum(c.journeys[u.Lang])) / 1000}
}

func (c *Counts) shift(u Unit, after, before Window) interval.Shift {
	return interval.Shift{After: c.tally(u, after), Before: c.tally(u, before)}
}

// A Promotion is an article that was written, or improved, because of what people
// asked in vain. Its receipt says whether that helped.
type Promotion struct {
	ID        string
	Line      string // id; empty when the ticket was too old to lie on one
	Ticket    string // id, when it was made of one
	Article   string // key
	Lang      string
	Was       string // the revision that was improved; empty when there was none
	By        escalation.ActorRef
	Asked     time.Time // first, in vain
	Chosen    time.Time
	Published time.Time // zero until it is
}

func (p *Promotion) unit() Unit { return Unit{p.Line, p.Lang} }

// A Finding is what a receipt says.
type Finding string

// What receipts say. The catalog says them as "effects.<finding>".
const (
	Unpublished  Finding = "unpublished"  // it is not an article yet
	TooEarly     Finding = "too_early"    // four weeks are not over
	Worked       Finding = "worked"       // fewer tickets, surely
	NoEffect     Finding = "no_effect"    // they did not fall by half, surely
	Inconclusive Finding = "inconclusive" // too few tickets to know
)

// What the numbers of a receipt are compared with.
const (
	FromBaseline = "baseline" // the weeks before the peak for which it was chosen
	FromPeak     = "peak"     // that peak, against questions that rose alike
)

const (
	week = 7
	// peakDays are those that a lead looks at when choosing: the line was chosen
	// because it was high then, and would have fallen anyway.
	peakDays = 28
	// settling are the day on which an article is published and the week after it:
	// search engines and people have to find it first.
	settling = 1 + week
	// worthwhile is the least change that is looked for. Most lines are too small
	// for less.
	worthwhile = .5
	// shortest are the fewest days before that tell how much was asked.
	shortest = 2 * week
	// few is how many tickets before cannot be judged, alone or together: even if none
	// was left.
	few = 10
	// enough is how many tickets a line has to have before its ups and downs tell
	// how much lines wander.
	enough = 5
)

// looks are for how many weeks after, and at most before, tickets are compared. The
// second look is only taken when the first leaves it open. There are no others:
// who looks again and again finds an effect in the end.
var looks = []int{4, 12}

// A Look compares the time after with the time before.
type Look struct {
	Weeks         int
	After, Before Window
	Compared      string           // FromBaseline or FromPeak
	Tickets       interval.Shift   // of the line, over thousands of journeys
	Controls      []interval.Shift // of all other lines that were left alone, by language
	Lines         int              // how many those are
	Wander        float64          // how much they wander by themselves

	Alone   interval.Estimate // the ratio of the line's rates
	Others  interval.Estimate // and of the controls'
	Change  interval.Estimate // one against the other: what is left for the article
	Finding Finding
	Needed  int // tickets before, to see that they fell by half; 0 when no number is enough
}

// Have is how many tickets there were before.
func (l Look) Have() int { return int(l.Tickets.Before.Events) }

// A Receipt says what became of the tickets of a line after its article was
// published.
type Receipt struct {
	Promotion
	Look    // the last that was taken; zero while none was
	Finding Finding
	Next    time.Time // when the next look is taken; zero when none is
	Ahead   Look      // what is known of it: how many tickets there were before, and are needed

	Weeks []Week // around the publication, for a chart
	Shown Use    // since then
}

// A Week is one of a chart.
type Week struct {
	Window
	Phase  string            // before, between, peak, settling, after
	Rate   interval.Estimate // tickets per thousand journeys
	Others interval.Estimate // of the controls
	Count  int
}

// A Use says what readers did with an article.
type Use struct {
	Offered int // by the contact form
	Clicked int // there and in results
	Opened  int
	Helped  int // "yes" and "this solved it"
	VotedNo int
}

// Effect returns the receipt of a promotion. all are those of the site: lines of
// others of that time are no controls.
//
// The rate of tickets per thousand journeys after publication is divided by that
// of some weeks before the peak for which the line was chosen. What is chosen for a
// peak falls by itself afterwards (regression to the mean; A. Barnett, J. van der
// Pols and A. Dobson, International Journal of Epidemiology 34, 2005). The weeks
// before lie as far from the peak as those after do: what is left of the peak is
// then the same on both sides. That ratio is divided by the same of all lines that
// were left alone (difference in differences; D. Card and A. Krueger, American
// Economic Review 84, 1994), and is no surer than lines wander by themselves. A
// line that had no ticket before its peak is compared with that peak, and only
// with lines that rose alike.
func Effect(p Promotion, all []Promotion, c *Counts, now time.Time) Receipt {
	r := Receipt{Promotion: p, Finding: Unpublished}
	if p.Published.IsZero() {
		return r
	}
	r.Finding = TooEarly
	today := DayOf(now)
	for _, weeks := range looks {
		l := c.look(&p, all, weeks, today)
		if l.After.To > today {
			r.Next, r.Ahead = l.After.To.Time(), l
			break
		}
		r.Look, r.Finding = l, l.Finding
		if l.Finding != Inconclusive {
			break
		}
	}
	r.Weeks, r.Shown = c.weeks(&p, all, today), c.use(&p, today)
	return r
}

// windows returns the times that a look compares, and the peak between them.
func (p *Promotion) windows(weeks int) (before, peak, after Window) {
	chosen, begins := DayOf(p.Chosen), DayOf(p.Published)+settling
	peak = Window{chosen - peakDays, chosen}
	ends := peak.From - (begins - chosen)
	return Window{ends - Day(weeks*week), ends}, peak, Window{begins, begins + Day(weeks*week)}
}

// look compares. While the time after is not over, nothing is found yet; what will be
// needed is told from how the controls did until the peak.
func (c *Counts) look(p *Promotion, all []Promotion, weeks int, today Day) Look {
	before, peak, after := p.windows(weeks)
	before.From = max(before.From, min(c.since(peak.To), before.To))
	l := Look{Weeks: weeks, After: after, Before: before, Compared: FromBaseline, Finding: Inconclusive}
	if l.Tickets = c.shift(p.unit(), after, before); l.Tickets.Before.Events == 0 || before.Days() < shortest {
		l.Compared, l.Before = FromPeak, peak
		l.Tickets = c.shift(p.unit(), after, peak)
	}
	controls := c.controls(p, all, Window{l.Before.From, after.To})
	if l.Compared == FromPeak {
		// Those that had no ticket before either, and at least half as many in the peak.
		controls = slices.DeleteFunc(controls, func(u Unit) bool {
			return before.sum(c.tickets[u]) > 0 || 2*peak.sum(c.tickets[u]) < l.Have()
		})
	}
	byLang := map[string]interval.Shift{}
	var large []interval.Shift
	for _, u := range controls {
		s := c.shift(u, after, l.Before)
		n := s.After.Events + s.Before.Events
		if n == 0 {
			continue
		}
		l.Lines++
		known := s
		if after.To > today && l.Compared == FromBaseline {
			known = c.shift(u, peak, before)
		}
		if known.After.Events+known.Before.Events >= enough {
			large = append(large, known)
		}
		sum := byLang[u.Lang]
		s.After.Events += sum.After.Events
		s.Before.Events += sum.Before.Events
		byLang[u.Lang] = s
	}
	var langs []string
	for lang := range byLang {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	for _, lang := range langs {
		l.Controls = append(l.Controls, byLang[lang])
	}
	l.Wander = interval.Wander(large)
	if after.To > today {
		longer := float64(after.Days()) / float64(max(1, l.Before.Days()))
		l.Needed = l.needed(longer, func(s interval.Shift) float64 { return longer * s.Before.Events })
		return l
	}
	l.judge(l.Tickets)
	return l
}

// judge compares shifts of lines with those of the controls.
func (l *Look) judge(lines ...interval.Shift) {
	l.Alone, l.Others = interval.Pool(lines...), interval.Pool(l.Controls...)
	l.Change = interval.Against(l.Alone, l.Others, l.Wander)
	switch {
	case l.Have() < few:
		l.Finding = Inconclusive
	case l.Change.High < 1:
		l.Finding = Worked
	case l.Change.Low > worthwhile:
		l.Finding = NoEffect
	default:
		l.Finding = Inconclusive
	}
	l.Needed = l.needed(l.Tickets.After.Over/l.Tickets.Before.Over, func(s interval.Shift) float64 { return s.After.Events })
}

// needed is how many tickets before make it likely to see a change that is
// worthwhile, when so many times as many journeys come after as before, with what the
// controls leave unsure. of is how many tickets a control has after.
func (l *Look) needed(exposure float64, of func(interval.Shift) float64) int {
	var after, before float64
	for _, s := range l.Controls {
		after, before = after+of(s), before+s.Before.Events
	}
	const seen = .0612 // the variance with which it is seen in 80 % of cases: (ln 2 / 2.80)²
	left := seen - l.Wander*l.Wander - 1/after - 1/before
	if !(left > 0) || !(exposure > 0) { // or not known
		return 0
	}
	n := interval.EventsNeeded(worthwhile, exposure)
	return int(math.Ceil(float64(n) * seen / left))
}

// controls returns the lines that nobody wrote anything about in a time.
func (c *Counts) controls(p *Promotion, all []Promotion, during Window) []Unit {
	touched := map[string]bool{p.Line: true}
	for i := range all {
		if q := &all[i]; !q.Published.IsZero() {
			if at := DayOf(q.Published); during.From <= at && at < during.To {
				touched[q.Line] = true
			}
		}
	}
	var units []Unit
	for u := range c.tickets {
		if !touched[u.Line] {
			units = append(units, u)
		}
	}
	slices.SortFunc(units, func(a, b Unit) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Lang, b.Lang)) })
	return units
}

// weeks returns the weeks around a publication, until today. They are counted from
// where those after it begin; a week belongs to the time of its middle.
func (c *Counts) weeks(p *Promotion, all []Promotion, today Day) []Week {
	before, peak, after := p.windows(looks[len(looks)-1])
	first, since := after.From, c.since(min(peak.To, today))
	for first-week >= max(before.From, since) {
		first -= week
	}
	last := min(today, after.To)
	controls := slices.DeleteFunc(c.controls(p, all, Window{first, last}), func(u Unit) bool { return u.Lang != p.Lang })
	phase := func(middle Day) string {
		switch published := DayOf(p.Published); {
		case middle < before.To:
			return "before"
		case peak.From <= middle && middle < peak.To:
			return "peak"
		case middle < published:
			return "between"
		case middle < after.From:
			return "settling"
		}
		return "after"
	}
	var list []Week
	for w := (Window{first, first + week}); w.To <= last; w = (Window{w.To, w.To + week}) {
		t := c.tally(p.unit(), w)
		others := interval.Tally{Over: t.Over}
		for _, u := range controls {
			others.Events += float64(w.sum(c.tickets[u]))
		}
		list = append(list, Week{Window: w, Phase: phase(w.From + week/2), Rate: t.Rate(), Others: others.Rate(), Count: int(t.Events)})
	}
	return list
}

// use counts what readers did with the article since it was published.
func (c *Counts) use(p *Promotion, today Day) Use {
	_, _, after := p.windows(looks[len(looks)-1])
	w := Window{DayOf(p.Published), min(after.To, today+1)}
	of := func(kinds ...journey.Kind) (n int) {
		for _, k := range kinds {
			n += w.sum(c.steps[string(k)][Unit{p.Article, p.Lang}])
		}
		return n
	}
	return Use{
		Offered: of(journey.SuggestionShown), Clicked: of(journey.SuggestionClick, journey.ResultClick), Opened: of(journey.ArticleOpen),
		Helped: of(journey.VoteYes, journey.Confirm), VotedNo: of(journey.VoteNo),
	}
}

// A Pooled is what small lines say together.
type Pooled struct {
	Section  string
	Articles int
	Look
}

// PoolBySection returns what the receipts of small lines say together, by the
// section of their articles. It takes them by how many tickets there were before,
// not by what came out; the first look of each, so that none counts twice; and
// controls that several have in common once.
func PoolBySection(promotions []Promotion, c *Counts, section func(journey.Text) string, now time.Time) []Pooled {
	type pool struct {
		looks  []Look
		shifts []interval.Shift
	}
	pools := map[string]*pool{}
	for i := range promotions {
		p := &promotions[i]
		if p.Published.IsZero() {
			continue
		}
		l := c.look(p, promotions, looks[0], DayOf(now))
		if l.After.To > DayOf(now) || l.Compared != FromBaseline || l.Have() >= interval.EventsNeeded(worthwhile, 1) {
			continue
		}
		name := section(journey.Text{Article: p.Article, Lang: p.Lang})
		if pools[name] == nil {
			pools[name] = &pool{}
		}
		pools[name].looks = append(pools[name].looks, l)
		pools[name].shifts = append(pools[name].shifts, l.Tickets)
	}
	var list []Pooled
	for name, of := range pools {
		if len(of.looks) < 2 {
			continue
		}
		out := Pooled{Section: name, Articles: len(of.looks)}
		out.Weeks, out.Compared = looks[0], FromBaseline
		var weight, squares float64
		for _, l := range of.looks {
			for _, s := range l.Controls {
				s.After.Events /= float64(len(of.looks))
				s.Before.Events /= float64(len(of.looks))
				out.Controls = append(out.Controls, s)
			}
			n := l.Tickets.After.Events + l.Tickets.Before.Events
			weight, squares = weight+n, squares+n*n*l.Wander*l.Wander
			out.Lines = max(out.Lines, l.Lines)
			out.Tickets.After.Events += l.Tickets.After.Events
			out.Tickets.After.Over += l.Tickets.After.Over
			out.Tickets.Before.Events += l.Tickets.Before.Events
			out.Tickets.Before.Over += l.Tickets.Before.Over
		}
		if weight > 0 {
			out.Wander = math.Sqrt(squares) / weight
		}
		out.judge(of.shifts...)
		list = append(list, out)
	}
	slices.SortFunc(list, func(a, b Pooled) int { return cmp.Compare(a.Section, b.Section) })
	return list
}
