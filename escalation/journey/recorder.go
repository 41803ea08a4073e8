package journey

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/scrub"
)

// A Store keeps journeys and their events.
type Store interface {
	// LastJourneys returns the last journey of each visitor that ended since.
	LastJourneys(ctx context.Context, visitors []string, since time.Time) (map[string]Journey, error)
	// SaveJourneys keeps a batch whole, or nothing of it.
	SaveJourneys(ctx context.Context, b Batch) error
	// JourneyEvents returns the events of a journey, oldest first.
	JourneyEvents(ctx context.Context, journey string) ([]Event, error)
	// VisitorJourneys returns the journeys of a visitor, oldest first.
	VisitorJourneys(ctx context.Context, visitor string) ([]Journey, error)
	// ForgetVisitor takes out all that is kept of a visitor.
	ForgetVisitor(ctx context.Context, visitor string) error
}

// A Batch is what a recorder has to say since last time. Events and journeys
// replace those with the same ID.
type Batch struct {
	Events   []Event
	Journeys []Journey
	Tickets  []Join
	Triggers []Trigger // only the first of a visitor and an experiment stays
	Sequels  []Sequel  // of triggers that may have come before
	Unknown  []UnknownDay
	Apart    []ApartDay
}

// A Join says that a visitor opened a ticket: earlier journeys of the same
// visitor, within the longest of [Windows], led to it, and it is a [Sequel] of
// their triggers.
type Join struct {
	Visitor string
	At      time.Time
}

// An UnknownDay is a number of beginnings of which nobody knows more.
type UnknownDay struct {
	Day   time.Time // midnight UTC
	Lang  string
	Count int
}

const (
	held     = 8192 // events that wait at most
	atOnce   = 1000 // events in one transaction
	every    = 500 * time.Millisecond
	maxQuery = 512
	maxWord  = 200
	maxTrail = 50

	maxSeconds = 24 * 60 * 60
)

// A Recorder notes what visitors do without making them wait. It is best
// effort: what does not fit into its memory, or lies there when the machine
// stops, is lost and, as far as possible, counted.
type Recorder struct {
	store Store
	terms func(lang, text string) []string
	title func(lang, article string) string

	mu      sync.Mutex
	waiting []Event
	apart   map[ApartDay]int // what is not from visitors, by day and source
	stats   Stats
	seq     uint32 // of events, to keep their order

	flushing sync.Mutex
	soon     chan struct{}
}

// Stats count what a recorder did since it was made.
type Stats struct {
	Recorded int64            // taken
	Dropped  int64            // lost because too many waited
	Failed   int64            // batches that could not be kept at first
	KeptOut  map[Source]int64 // not from visitors
	Waiting  int
}

// NewRecorder returns a recorder. terms analyses a query's words and title names
// an article in a language; either may be nil.
func NewRecorder(store Store, terms func(lang, text string) []string, title func(lang, article string) string) *Recorder {
	if terms == nil {
		terms = func(_, text string) []string { return strings.Fields(strings.ToLower(text)) }
	}
	if title == nil {
		title = func(string, string) string { return "" }
	}
	return &Recorder{
		store: store, terms: terms, title: title,
		apart: map[ApartDay]int{}, stats: Stats{KeptOut: map[Source]int64{}},
		soon: make(chan struct{}, 1),
	}
}

// Record notes an event. It never waits for the store.
func (r *Recorder) Record(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Source != Visitors {
		r.stats.KeptOut[e.Source]++
		r.apart[ApartDay{Day: e.At.UTC().Truncate(day), Source: e.Source}]++
		return
	}
	if len(r.waiting) >= held {
		r.stats.Dropped++
		return
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	r.seq++
	e.ID = eventID(e.At, r.seq)
	if e.Kind == Search && e.Hits == 0 {
		e.Kind = Zero
	}
	e.Hits, e.Rank, e.Seconds = max(e.Hits, 0), max(e.Rank, 0), min(max(e.Seconds, 0), maxSeconds)
	// Bounded, and copies: what the caller passed may belong to a request.
	e.Query, e.Reason = cut(e.Query, maxQuery), cut(e.Reason, maxWord)
	e.Visitor, e.Lang, e.Article = cut(e.Visitor, maxWord), cut(e.Lang, maxWord), cut(e.Article, maxWord)
	e.Revision, e.Ticket, e.Journey = cut(e.Revision, maxWord), cut(e.Ticket, maxWord), cut(e.Journey, maxWord)
	e.Experiment, e.Arm, e.Network = cut(e.Experiment, maxWord), cut(e.Arm, maxWord), cut(e.Network, maxWord)
	r.waiting = append(r.waiting, e)
	r.stats.Recorded++
	if len(r.waiting) == held/2 {
		select {
		case r.soon <- struct{}{}:
		default:
		}
	}
}

// eventID returns an ID that sorts as events were recorded: a page may record
// several in one millisecond, and a click must not come before its search.
func eventID(at time.Time, seq uint32) string {
	return fmt.Sprintf("%012x%08x%s", uint64(at.UnixMilli())&(1<<48-1), seq, rand.Text()[:13])
}

// cut returns a copy of at most n runes of valid text.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	for i := range s {
		if n--; n < 0 {
			s = s[:i]
			break
		}
	}
	return strings.Clone(s)
}

// Stats returns what happened so far, for the metrics.
func (r *Recorder) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Waiting = len(r.waiting)
	s.KeptOut = make(map[Source]int64, len(r.stats.KeptOut))
	for source, n := range r.stats.KeptOut {
		s.KeptOut[source] = n
	}
	return s
}

// Run keeps what was recorded within a second, until ctx is done, and then once
// more. failed is told of batches that could not be kept; they are tried again.
func (r *Recorder) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := r.Flush(last); err != nil {
				failed(err)
			}
			return
		case <-tick.C:
		case <-r.soon:
		}
		if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// Flush keeps what was recorded until now.
func (r *Recorder) Flush(ctx context.Context) error {
	r.flushing.Lock()
	defer r.flushing.Unlock()
	r.mu.Lock()
	events, apart := r.waiting, r.apart
	r.waiting, r.apart = nil, map[ApartDay]int{}
	r.mu.Unlock()

	if len(apart) > 0 {
		if err := r.store.SaveJourneys(ctx, Batch{Apart: apartDays(apart)}); err != nil {
			r.putBack(events, apart)
			return fmt.Errorf("keep what is counted apart: %w", err)
		}
	}

	for len(events) > 0 {
		n := min(len(events), atOnce)
		if err := r.keep(ctx, events[:n]); err != nil {
			r.putBack(events, nil)
			return fmt.Errorf("keep %d events of journeys: %w", len(events), err)
		}
		events = events[n:]
	}
	return nil
}

func apartDays(counts map[ApartDay]int) []ApartDay {
	var days []ApartDay
	for d, n := range counts {
		d.Total = n
		days = append(days, d)
	}
	slices.SortFunc(days, func(a, b ApartDay) int {
		return cmp.Or(a.Day.Compare(b.Day), strings.Compare(string(a.Source), string(b.Source)))
	})
	return days
}

// putBack lets events wait for the next time, as far as there is room, and with
// them what is counted apart.
func (r *Recorder) putBack(events []Event, apart map[ApartDay]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Failed++
	for d, n := range apart {
		r.apart[d] += n
	}
	room := max(0, held-len(r.waiting))
	if lost := len(events) - room; lost > 0 {
		r.stats.Dropped += int64(lost)
		events = events[lost:]
	}
	r.waiting = append(slices.Clone(events), r.waiting...)
}

// keep stitches events into journeys and saves both.
func (r *Recorder) keep(ctx context.Context, events []Event) error {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })

	var visitors []string
	seen := map[string]bool{}
	for _, e := range events {
		if e.Visitor != "" && !seen[e.Visitor] {
			seen[e.Visitor] = true
			visitors = append(visitors, e.Visitor)
		}
	}
	last := map[string]Journey{}
	if len(visitors) > 0 {
		var err error
		if last, err = r.store.LastJourneys(ctx, visitors, events[0].At.Add(-Resume)); err != nil {
			return err
		}
	}
	var b Batch
	unknown := map[UnknownDay]int{}
	current := map[string]*Journey{}
	var touched []*Journey
	place := map[string]int{} // of an event in the batch
	put := func(e Event) {
		if i, ok := place[e.ID]; ok {
			b.Events[i] = e
			return
		}
		place[e.ID] = len(b.Events)
		b.Events = append(b.Events, e)
	}
	for _, e := range events {
		e.Query, _ = scrub.Text(e.Query)
		e.Reason, _ = scrub.Text(e.Reason)
		if e.Visitor == "" || e.Kind.ofTicket() {
			if e.begins() {
				unknown[UnknownDay{Day: e.At.Truncate(24 * time.Hour), Lang: e.Lang}]++
			}
			put(e)
			continue
		}
		var terms []string
		if e.Kind.IsSearch() {
			terms = r.terms(e.Lang, scrub.Without(e.Query))
		}
		j := current[e.Visitor]
		if j == nil {
			if found, ok := last[e.Visitor]; ok {
				j = &found
			}
		}
		if j == nil || !j.Takes(e, terms) {
			if e.Kind == ArticleRead {
				continue // of a page that nobody remembers
			}
			j = &Journey{ID: rand.Text()}
		}
		if current[e.Visitor] != j {
			current[e.Visitor] = j
			touched = append(touched, j)
		}
		for _, kept := range j.Add(e, terms) {
			put(kept)
			if s, ok := kept.sequel(); ok {
				b.Sequels = append(b.Sequels, s)
			}
		}
		if t, ok := e.trigger(); ok {
			b.Triggers = append(b.Triggers, t)
		}
		if e.Kind == TicketCreated {
			b.Tickets = append(b.Tickets, Join{e.Visitor, e.At})
		}
	}
	for _, j := range touched {
		b.Journeys = append(b.Journeys, *j)
	}
	for day, n := range unknown {
		day.Count = n
		b.Unknown = append(b.Unknown, day)
	}
	slices.SortFunc(b.Unknown, func(a, b UnknownDay) int {
		if c := a.Day.Compare(b.Day); c != 0 {
			return c
		}
		return strings.Compare(a.Lang, b.Lang)
	})
	return r.store.SaveJourneys(ctx, b)
}

// Trail returns what a visitor did on the journey they are on, for the contact
// form to show and for the ticket to keep, and the journey's id. Both are empty
// for who is unknown or has done nothing.
func (r *Recorder) Trail(ctx context.Context, visitor string, now time.Time) (escalation.Trail, string, error) {
	var trail escalation.Trail
	if visitor == "" {
		return trail, "", nil
	}
	if err := r.Flush(ctx); err != nil {
		return trail, "", fmt.Errorf("trail: %w", err)
	}
	last, err := r.store.LastJourneys(ctx, []string{visitor}, now.Add(-Resume))
	if err != nil {
		return trail, "", fmt.Errorf("trail: %w", err)
	}
	j, ok := last[visitor]
	if !ok || !j.Takes(Event{Kind: TicketCreated, At: now}, nil) {
		return trail, "", nil
	}
	events, err := r.store.JourneyEvents(ctx, j.ID)
	if err != nil {
		return trail, "", fmt.Errorf("trail: %w", err)
	}
	trail.Moments = r.moments(events)
	return trail, j.ID, nil
}

// momentKind says by which word a ticket keeps an event; others it leaves out.
var momentKind = map[Kind]string{
	Search:             "search",
	Zero:               "search",
	ArticleOpen:        "open",
	VoteYes:            "vote_yes",
	Confirm:            "vote_yes",
	VoteNo:             "vote_no",
	SuggestionShown:    "suggested",
	SuggestionDeclined: "declined",
	FormOpen:           "form",
}

func (r *Recorder) moments(events []Event) []escalation.Moment {
	var moments []escalation.Moment
	for _, e := range events {
		kind, ok := momentKind[e.Kind]
		if !ok {
			continue
		}
		m := escalation.Moment{
			At: e.At, Kind: kind, Query: e.Query, Hits: e.Hits,
			Article: e.Article, Lang: e.Lang, Seconds: e.Seconds, Reason: e.Reason,
		}
		if e.Article != "" {
			m.Title = r.title(e.Lang, e.Article)
		}
		// A form that is opened or shows a suggestion again adds nothing; a vote that
		// is repeated may add its reason.
		if kind != "search" && kind != "open" {
			again := slices.IndexFunc(moments, func(o escalation.Moment) bool {
				return o.Kind == kind && o.Article == m.Article && o.Lang == m.Lang
			})
			if again >= 0 {
				moments[again].Reason = cmp.Or(m.Reason, moments[again].Reason)
				continue
			}
		}
		moments = append(moments, m)
	}
	return lastOf(moments, maxTrail)
}
