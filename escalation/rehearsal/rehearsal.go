// Package rehearsal acts out a help centre and its desk: made-up visitors search,
// read, give up and write, and made-up staff answer, hand over and promote, over
// weeks, in seconds, by a simulated clock and from a seed.
//
// It makes no rule of its own. What happens goes through the same rules and the
// same recorder as what real people do, so that what comes of it can be looked at
// on the same pages. How visitors behave is a [Model], apart from who drives them
// ([Rehearsal]): estimates can be compared with what the model knows to be true.
package rehearsal

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
)

// Journeys takes down what visitors do; [journey.Recorder] is one.
type Journeys interface {
	Record(journey.Event)
	// Trail returns what a visitor did on the journey they are on, and its id.
	Trail(ctx context.Context, visitor string, now time.Time) (escalation.Trail, string, error)
}

// Tickets keeps tickets.
type Tickets interface {
	// Open keeps what open returns; with the same key twice, once.
	Open(ctx context.Context, key string, open func() (escalation.Change, error)) (t escalation.Ticket, created bool, err error)
	// Change applies what rule makes of a ticket, or nothing.
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
	// Relate is Change of several tickets at once. It returns them as they are then.
	Relate(ctx context.Context, numbers []string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
}

// An Article is one that visitors can find.
type Article struct {
	Key, Title, Revision string
	Asked                []string // how people ask for it
}

// Articles are what visitors search, and what writers publish.
type Articles interface {
	// Articles returns those of a language, in the order of their keys.
	Articles(lang string) []Article
	// Find returns what a search shows, best first.
	Find(ctx context.Context, lang, text string) ([]Found, error)
	// Folder returns where articles of a section lie, below the language.
	Folder(lang, section string) string
	// Taken reports whether a slug is in use.
	Taken(slug string) bool
	// Publish keeps a new article, and lets searches find it.
	Publish(ctx context.Context, file string, src []byte) error
}

// Backlog is what people ask in vain; [demand.Backlog] is one.
type Backlog interface {
	List(ctx context.Context, lang string, now time.Time) (demand.List, error)
	Decide(ctx context.Context, d demand.Decision) error
}

// Receipts follow what is promoted; [demand.Receipts] are some.
type Receipts interface {
	Promote(ctx context.Context, p demand.Promotion) error
}

// A Rehearsal is what is acted out, and what it is acted out on.
type Rehearsal struct {
	Seed   uint64
	Days   int
	Visits int // on a working day, about
	Model  Model
	Clock  *Clock // shows when it begins

	Journeys Journeys
	Tickets  Tickets
	Articles Articles
	Demand   Backlog
	Receipts Receipts
	People   []staff.Person // who works at the desk
	// Experiments are those on the contact form, and ArmKey draws their arms.
	Experiments journey.Experiments
	ArmKey      []byte
	// Subscribe lets somebody wait to be told of an answer, and confirm it.
	Subscribe func(ctx context.Context, s demand.Subscription) error
	// Words are the sentences of a draft in a language.
	Words func(lang string) demand.Words
	// Night is what the program does by itself, once a day.
	Night func(ctx context.Context) error
	// Progress is told of each day that is over; it may be nil.
	Progress func(day, of int)

	desk    desk
	ends    time.Time
	matters map[string][]*Matter // by language
	found   map[string][]Found   // by language and text, until an article is published
	agenda  agenda
	seq     uint64
	outcome Outcome
	affairs []*affair
	decided map[*Matter]bool // made into an article, or set aside
	rested  bool             // one was to rest
	holdOut journey.Experiment
}

// An Outcome says how much was acted out.
type Outcome struct {
	Visits    int
	Tickets   int
	Handoffs  int
	Reopened  int
	Published []string // files of the articles that demand was made into
	// Subscribed is how many wait, or waited, to be told of an answer.
	Subscribed int
}

// slice is what is acted out between two looks at the clock. What happens to
// different tickets within it happens at once, so that a store can group writes.
const slice = time.Hour

const (
	reviewFrom  = 21 // days, until lines are worth a look
	reviewEvery = 9  // days
	wanted      = 5  // people, to make an article for

	holdOutFrom = 14 // days, until a lead knows how often suggestions come up
)

// Play acts everything out, until the clock shows the end.
func (r *Rehearsal) Play(ctx context.Context) (Outcome, error) {
	begins := r.Clock.Now()
	r.ends = begins.AddDate(0, 0, r.Days)
	r.desk, r.found, r.decided, r.matters = r.People, map[string][]Found{}, map[*Matter]bool{}, map[string][]*Matter{}
	for _, w := range languages {
		if articles := r.Articles.Articles(w.lang); len(articles) > 0 {
			r.matters[w.lang] = w.matters(articles, begins.AddDate(0, 0, r.Days*2/3))
		}
	}
	if len(r.matters) == 0 {
		return Outcome{}, fmt.Errorf("rehearsal: there is no article to search for")
	}
	for day := range r.Days {
		if err := r.experiment(ctx, day); err != nil {
			return r.outcome, fmt.Errorf("rehearsal, hold-out on day %d: %w", day+1, err)
		}
		r.plan(begins, day)
		if err := r.day(ctx, begins.AddDate(0, 0, day+1)); err != nil {
			return r.outcome, fmt.Errorf("rehearsal, day %d: %w", day+1, err)
		}
		if err := r.Night(ctx); err != nil {
			return r.outcome, fmt.Errorf("rehearsal, night %d: %w", day+1, err)
		}
		if ago := r.Days - day - 1; day+1 >= reviewFrom && (day+1-reviewFrom)%reviewEvery == 0 && ago >= reviewEvery {
			if err := r.review(ctx); err != nil {
				return r.outcome, fmt.Errorf("rehearsal, review on day %d: %w", day+1, err)
			}
		}
		if day == r.Days-2 && day >= reviewFrom {
			if err := r.decide(ctx); err != nil {
				return r.outcome, fmt.Errorf("rehearsal, day %d: %w", day+1, err)
			}
		}
		if r.Progress != nil {
			r.Progress(day+1, r.Days)
		}
	}
	for _, a := range r.affairs {
		r.outcome.Tickets++
		r.outcome.Handoffs += len(a.ticket.Handoffs)
		r.outcome.Reopened += a.ticket.Reopened
	}
	return r.outcome, nil
}

// experiment begins a hold-out on the day for it, and sees which one it is now.
func (r *Rehearsal) experiment(ctx context.Context, day int) (err error) {
	if day == holdOutFrom {
		if err := r.beginHoldOut(ctx, r.Clock.Now()); err != nil {
			return err
		}
	}
	r.holdOut, err = r.Experiments.Now(ctx)
	return err
}

// beginHoldOut begins one that looks for the smallest effect of which the result is
// known some time before the end; if there is none, for a large one.
func (r *Rehearsal) beginHoldOut(ctx context.Context, now time.Time) error {
	held, err := r.Experiments.Look(ctx, now)
	if err != nil {
		return err
	}
	effects := []float64{.1, .15, .2, .3}
	for i, effect := range effects {
		plan, ok := held.Pace.Plan(effect, journey.Parts/2, now)
		if ok && (i == len(effects)-1 || plan.Ends.Before(r.ends.Add(-journey.Window))) {
			terms := journey.Terms{Effect: effect, Cost: 850, Currency: "EUR", Keep: true}
			return r.Experiments.Begin(ctx, held.Version, terms, journey.Parts/2, r.desk.with(staff.Lead).Ref(), now)
		}
	}
	return nil
}

// An act is due at a time: a visit, or a ticket's next step.
type act struct {
	at     time.Time
	seq    uint64
	visit  *visitor
	affair *affair
}

// A visitor is somebody with a matter, who may come more than once.
type visitor struct {
	Chance
	key    string // empty for who cannot be known
	matter *Matter
	words  *words
	form   bool // comes to write
	times  int
}

// agenda is what is due, the soonest first.
type agenda []act

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(a[i].at.Compare(a[j].at), cmp.Compare(a[i].seq, a[j].seq)) < 0
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(act)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// due puts an act on the agenda, unless it would come after the end.
func (r *Rehearsal) due(a act) {
	if a.at.IsZero() || !a.at.Before(r.ends) {
		return
	}
	r.seq++
	a.seq = r.seq
	heap.Push(&r.agenda, a)
}

// hours are how many visits come in each hour of a day, in any unit.
var hours = [24]float64{.4, .2, .1, .1, .1, .3, 1, 2.5, 4.5, 6, 6, 5.5, 5, 5, 5.5, 5.5, 5, 5, 5, 5.5, 5.5, 4.5, 2.5, 1}

// plan puts the visits of a day on the agenda. There are fewer at weekends, and
// more from week to week; some people call instead.
func (r *Rehearsal) plan(begins time.Time, day int) {
	from := begins.AddDate(0, 0, day)
	of := NewChance(r.Seed, uint64(day)<<32)
	n := float64(r.Visits) * (.85 + .3*float64(day)/float64(r.Days)) * (.9 + .2*of.Float64())
	if w := from.Weekday(); w == time.Saturday || w == time.Sunday {
		n *= .55
	}
	for i := range int(n) {
		c := NewChance(r.Seed, uint64(day)<<32|uint64(i+1))
		at := from.Truncate(24 * time.Hour).Add(time.Duration(c.weighted(24, func(h int) float64 { return hours[h] })) * time.Hour).
			Add(c.between(0, time.Hour))
		if at.Before(from) { // the days of a rehearsal need not begin at midnight
			at = at.AddDate(0, 0, 1)
		}
		v := &visitor{Chance: c, words: r.language(c)}
		if !c.is(r.Model.NoCookie) {
			v.key = c.visitor()
		}
		v.matter = r.want(v.words, c)
		if calls := c.is(.012); calls {
			r.call(v, at)
			continue
		}
		r.due(act{at: stamp(at), visit: v})
	}
}

// language draws one of those that have articles.
func (r *Rehearsal) language(c Chance) *words {
	var spoken []*words
	for _, w := range languages {
		if r.matters[w.lang] != nil {
			spoken = append(spoken, w)
		}
	}
	return spoken[c.weighted(len(spoken), func(i int) float64 { return spoken[i].share })]
}

// want draws a matter.
func (r *Rehearsal) want(w *words, c Chance) *Matter {
	list := r.matters[w.lang]
	return list[c.weighted(len(list), func(i int) float64 { return list[i].Share })]
}

// call lets somebody ring up, when the desk is open.
func (r *Rehearsal) call(v *visitor, at time.Time) {
	r.begin(v, v.matter.subject(v.Chance), working(at, 0), true)
}

// begin puts a new ticket on the agenda.
func (r *Rehearsal) begin(v *visitor, subject string, at time.Time, caller bool) {
	luck := v.Uint64() | 1<<63
	a := &affair{
		Rehearsal: r, Chance: NewChance(r.Seed, luck), aside: NewChance(^r.Seed, luck), matter: v.matter, subject: subject, words: v.words, visitor: v.key, caller: caller,
	}
	r.due(act{at: stamp(at), affair: a})
}

// day acts out what is due until a time.
func (r *Rehearsal) day(ctx context.Context, until time.Time) error {
	for at := r.Clock.Now(); at.Before(until); {
		if at = at.Add(slice); at.After(until) {
			at = until
		}
		// What is due within the slice may have more due within it.
		for len(r.agenda) > 0 && !r.agenda[0].at.After(at) {
			r.Clock.move(at)
			var now []act
			for len(r.agenda) > 0 && !r.agenda[0].at.After(at) {
				now = append(now, heap.Pop(&r.agenda).(act))
			}
			if err := r.round(ctx, now); err != nil {
				return err
			}
		}
		r.Clock.move(at)
	}
	return nil
}

// round does what is due: visits one after the other, for they only take notes,
// and what happens to tickets at once.
func (r *Rehearsal) round(ctx context.Context, acts []act) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var wg sync.WaitGroup
	next, errs := make([]time.Time, len(acts)), make([]error, len(acts))
	for _, a := range acts {
		if a.visit != nil {
			if err := r.visit(ctx, a.visit, a.at); err != nil {
				return err
			}
		}
	}
	for i, a := range acts {
		if a.affair == nil {
			continue
		}
		if a.affair.ticket.ID == "" {
			r.affairs = append(r.affairs, a.affair)
		}
		wg.Go(func() { next[i], errs[i] = a.affair.act(ctx, a.at) })
	}
	wg.Wait()
	for i, a := range acts {
		if errs[i] != nil {
			return errs[i]
		}
		if a.affair != nil {
			r.due(act{at: stamp(next[i]), affair: a.affair})
		}
	}
	return nil
}

// others look at pages, too, once in so many visits: no visitor does, so they are
// counted apart.
var others = []struct {
	source journey.Source
	each   int
}{{journey.Crawlers, 2}, {journey.Prefetches, 9}, {journey.Staff, 14}, {journey.Program, 25}, {journey.Probes, 40}}

// visit lets a visitor come.
func (r *Rehearsal) visit(ctx context.Context, v *visitor, at time.Time) error {
	var failed error
	find := func(text string) []Found {
		hits, err := r.find(ctx, v.words.lang, text)
		if err != nil {
			failed = err
		}
		return hits
	}
	lot := Lot{r.holdOut.Name, journey.Arm(r.ArmKey, r.holdOut.Name, v.key, r.holdOut.Share)}
	done := r.Model.Visit(v.key, lot, v.matter.asOf(at), at, v.form, find, v.Chance)
	if failed != nil {
		return failed
	}
	r.outcome.Visits++
	for _, e := range done.Events {
		if e.At.Before(r.ends) {
			r.Journeys.Record(e)
		}
	}
	for _, o := range others {
		if r.outcome.Visits%o.each == 0 {
			r.Journeys.Record(journey.Event{At: at, Kind: journey.ArticleOpen, Lang: v.words.lang, Source: o.source})
		}
	}
	if err := r.subscribe(ctx, v, done); err != nil {
		return err
	}
	if done.Writes {
		r.begin(v, done.Subject, done.Ends, false)
		return nil
	}
	if v.times++; v.times == 3 || v.key == "" {
		return nil
	}
	if after, form, comes := r.Model.Next(done, v.Chance); comes {
		v.form = form
		r.due(act{at: stamp(done.Ends.Add(after)), visit: v})
	}
	return nil
}

// find returns what a search shows.
func (r *Rehearsal) find(ctx context.Context, lang, text string) ([]Found, error) {
	key := lang + "\x00" + text
	if hits, ok := r.found[key]; ok {
		return hits, nil
	}
	hits, err := r.Articles.Find(ctx, lang, text)
	if err != nil {
		return nil, fmt.Errorf("search %q: %w", text, err)
	}
	r.found[key] = hits
	return hits, nil
}

// review is when a lead and a writer look at what is asked in vain: the line of
// most people that somebody can write about becomes an article, and one that only
// a person can settle is set aside.
func (r *Rehearsal) review(ctx context.Context) error {
	now := r.Clock.Now()
	list, err := r.Demand.List(ctx, "", now)
	if err != nil {
		return err
	}
	published, dismissed := false, false
	for _, l := range list.Lines {
		m, w := r.meant(l)
		switch {
		case m == nil || l.People < wanted || m.Article != "":
		case m.Section != "" && !published:
			published = true
			err = r.promote(ctx, l, m, now)
		case m.Section == "" && !dismissed && len(r.decided) > 0 && !r.decided[m]:
			dismissed, r.decided[m] = true, true
			err = r.Demand.Decide(ctx, demand.Decision{
				Line: l.ID, Choice: demand.Decline, Reason: w.dismissed, By: r.desk.with(staff.Lead).Ref(), At: now,
			})
		}
		if err != nil {
			return err
		}
	}
	if ago := r.ends.Sub(now); !r.rested && ago > resting && ago <= 2*resting {
		return r.rest(ctx, list.Lines, now)
	}
	return nil
}

// meant returns the matter that a line is about.
func (r *Rehearsal) meant(l demand.Line) (*Matter, *words) {
	for _, w := range languages {
		if w.lang != l.Lang {
			continue
		}
		for _, m := range r.matters[w.lang] {
			said := func(s string) bool { return strings.EqualFold(s, l.Title) }
			if said(m.Subject) || slices.ContainsFunc(m.Ask, said) {
				return m, w
			}
		}
	}
	return nil, nil
}

// promote makes a draft of a line, as the page for writers does, writes down the
// answer, and publishes it.
func (r *Rehearsal) promote(ctx context.Context, l demand.Line, m *Matter, now time.Time) error {
	src := demand.InLang(l, l.Lang)
	src.Title, src.Problem, src.Solution = m.Title, m.Text, steps(m.Answer)
	src.Folder, src.Owner = r.Articles.Folder(l.Lang, m.Section), r.desk.with(staff.Writer).Name
	words := r.Words(l.Lang)
	d, err := demand.NewDraft(src, words, r.Articles.Taken)
	if err != nil {
		return err
	}
	body := bytes.Replace(d.Src, []byte("\nstatus: draft\n"), []byte("\nstatus: published\n"), 1)
	for heading, asked := range map[string]string{words.Environment: words.NoEnvironment, words.Cause: words.NoCause} { // nobody knows
		body = bytes.Replace(body, fmt.Appendf(nil, "\n## %s\n\n%s\n", heading, asked), nil, 1)
	}
	if err := r.Articles.Publish(ctx, d.File, body); err != nil {
		return fmt.Errorf("publish %s: %w", d.File, err)
	}
	m.Article, r.decided[m], r.found = d.Key, true, map[string][]Found{}
	r.outcome.Published = append(r.outcome.Published, d.File)
	by := r.desk.with(staff.Writer).Ref()
	if err := r.Receipts.Promote(ctx, demand.Promotion{Line: l.ID, Article: d.Key, Lang: l.Lang, By: by, Chosen: now}); err != nil {
		return err
	}
	return r.Demand.Decide(ctx, demand.Decision{Line: l.ID, Choice: demand.Write, Article: d.Key, Lang: l.Lang, By: by, At: now})
}

// steps numbers the lines of an answer.
func steps(s string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(s) {
		n++
		fmt.Fprintf(&b, "%d. %s", n, line)
	}
	return b.String()
}
