package demand

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

const (
	// Span is how far back lines look.
	Span = 90 * 24 * time.Hour
	// Settle is how long a visitor has to pause before the searches of a journey
	// are looked at. When the journey goes on, they are looked at again.
	Settle = 2 * time.Minute

	maxSignals   = 200_000 // the newest that lines are made of
	maxHarvest   = 200     // journeys looked at in one transaction
	maxNearest   = 3
	maxShown     = 200
	maxDecisions = 50_000
)

// A Harvest is what one journey says.
type Harvest struct {
	Journey string
	Ended   time.Time // of the journey, as it was seen
	Signals []Signal
}

// A Store keeps signals and decisions.
type Store interface {
	// UnharvestedJourneys returns journeys that ended before a time and went on
	// since they were harvested, the oldest first, each with its events.
	UnharvestedJourneys(ctx context.Context, before time.Time, limit int) ([]Ripe, error)
	// UnharvestedTickets returns solved and closed tickets that were touched since
	// and are no signals yet.
	UnharvestedTickets(ctx context.Context, since time.Time, limit int) ([]escalation.Ticket, error)
	// SaveHarvests keeps signals in place of those of the same journeys.
	SaveHarvests(ctx context.Context, harvests []Harvest) error
	// SaveSignal keeps one signal, in place of that with the same ID.
	SaveSignal(ctx context.Context, s Signal) error
	Shelf
	// Decisions returns the last decision on each line, by its ID.
	Decisions(ctx context.Context, limit int) (map[string]Decision, error)
	// LinesOf returns the lines on which so many visitors or more asked in these very
	// words since a time.
	LinesOf(ctx context.Context, queries []string, since time.Time, people int) (map[Query]string, error)
	// DecisionsOf returns all decisions on some lines, the newest first.
	DecisionsOf(ctx context.Context, lines []string) ([]Decision, error)
	// SaveDecision keeps a decision, beside earlier ones; of two with the same ID the
	// first.
	SaveDecision(ctx context.Context, d Decision) error
	// Confirmed counts the visitors who asked on a line and were answered by an article
	// in the end, by its key.
	Confirmed(ctx context.Context, line string, since time.Time) (map[string]int, error)
	// Waiting counts who waits to be told of an answer, by line.
	Waiting(ctx context.Context) (map[string]int, error)
}

// Articles are what there is to be found.
type Articles interface {
	// Shown returns the first articles in a language that a search for a text shows to
	// visitors.
	Shown(ctx context.Context, lang, text string) ([]Shown, error)
	// Titles returns the titles under which visitors can read an article, by language.
	Titles(key string) map[string]string
	// Debit says how often a request followed when an article was read; nil when nothing
	// is known of its readers.
	Debit(ctx context.Context, key, lang string, now time.Time) (*Debit, error)
	// Edition changes whenever an answer may.
	Edition() uint64
}

// A Ripe is a journey whose searches can be looked at.
type Ripe struct {
	Journey string
	Ended   time.Time
	Events  []journey.Event // oldest first
}

// A Backlog is what people ask in vain.
type Backlog struct {
	Store Store
	// Terms analyses words, as search does.
	Terms func(lang, text string) []string
	// Nearest returns the published articles that are nearest to a text; it may be
	// nil.
	Nearest func(ctx context.Context, lang, text string, n int) ([]Near, error)
	// Articles are asked for verdicts; without them there are none.
	Articles Articles
	// Key hashes requesters.
	Key []byte

	mu    sync.Mutex
	index index
	known knownLines

	judging sync.Mutex
	judged  map[string]judged // by line
}

// A List is what waits for a decision, or was decided upon.
type List struct {
	Lines  []Line // asked for by [Floor] people or more, what is worth most first
	Hidden int    // lines of fewer people: counted, not shown
	More   int    // lines that did not fit
}

// Collect takes signals from the journeys that paused until now and from the
// tickets that were solved, and puts what is new on lines. It returns how many
// signals it took.
func (b *Backlog) Collect(ctx context.Context, now time.Time) (int, error) {
	n, err := b.harvest(ctx, now)
	if err == nil {
		var m int
		m, err = b.harvestTickets(ctx, now)
		n += m
	}
	if err == nil {
		err = b.place(ctx, now)
	}
	if err != nil {
		return n, fmt.Errorf("collect demand: %w", err)
	}
	return n, nil
}

func (b *Backlog) harvest(ctx context.Context, now time.Time) (taken int, err error) {
	for {
		ripe, err := b.Store.UnharvestedJourneys(ctx, now.Add(-Settle), maxHarvest)
		if err != nil || len(ripe) == 0 {
			return taken, err
		}
		var harvests []Harvest
		for _, r := range ripe {
			h := Harvest{Journey: r.Journey, Ended: r.Ended, Signals: FromJourney(r.Events)}
			taken += len(h.Signals)
			harvests = append(harvests, h)
		}
		err = b.Store.SaveHarvests(ctx, harvests)
		b.forget()
		if err != nil || len(ripe) < maxHarvest {
			return taken, err
		}
	}
}

// harvestTickets takes what [Backlog.Solved] was not told of. What is more than
// fits is taken the next time.
func (b *Backlog) harvestTickets(ctx context.Context, now time.Time) (int, error) {
	tickets, err := b.Store.UnharvestedTickets(ctx, now.Add(-Span), maxHarvest)
	for i := range tickets {
		if err == nil {
			err = b.Solved(ctx, &tickets[i])
		}
	}
	return len(tickets), err
}

// Solved takes the signal of a solved ticket at once; [Backlog.Collect] would in
// a while. Taking it again only brings it up to date.
func (b *Backlog) Solved(ctx context.Context, t *escalation.Ticket) error {
	s := FromTicket(t, t.RequesterHash(b.Key))
	defer b.forget()
	if err := b.Store.SaveSignal(ctx, s); err != nil {
		return fmt.Errorf("demand of ticket %s: %w", t.ID, err)
	}
	return nil
}

// List returns what waits for a decision, in one language or, if it is empty, in
// all.
func (b *Backlog) List(ctx context.Context, lang string, now time.Time) (List, error) {
	list, err := b.list(ctx, lang, true, now)
	if err != nil {
		return list, fmt.Errorf("demand: %w", err)
	}
	return list, nil
}

// Decided returns what was decided upon and is not back, the last decided first.
func (b *Backlog) Decided(ctx context.Context, lang string, now time.Time) (List, error) {
	list, err := b.list(ctx, lang, false, now)
	if err != nil {
		return list, fmt.Errorf("decided demand: %w", err)
	}
	slices.SortStableFunc(list.Lines, func(a, b Line) int { return b.Decision.At.Compare(a.Decision.At) })
	return list, nil
}

func (b *Backlog) list(ctx context.Context, lang string, open bool, now time.Time) (list List, err error) {
	lines, err := b.lines(ctx, now)
	if err != nil {
		return list, err
	}
	for _, l := range lines {
		switch {
		case lang != "" && !slices.Contains(l.Langs, lang), l.Open() != open:
		case l.People < Floor:
			list.Hidden++
		case len(list.Lines) == maxShown:
			list.More++
		default:
			list.Lines = append(list.Lines, l)
		}
	}
	return list, nil
}

// Line returns a line with its verdict and the articles nearest to it, whether it
// waits for a decision or not. One of fewer than [Floor] people is not found; one that
// was joined to another is that other one.
func (b *Backlog) Line(ctx context.Context, id string, now time.Time) (Line, error) {
	a, err := b.arrangement(ctx)
	if err != nil {
		return Line{}, fmt.Errorf("demand %s: %w", id, err)
	}
	id = a.LineOf(id)
	l, err := b.find(ctx, now, func(l *Line) bool { return l.ID == id && l.People >= Floor })
	if err == nil && b.Nearest != nil {
		l.Nearest, err = b.Nearest(ctx, l.Lang, l.Title, maxNearest)
	}
	if err == nil {
		l.Verdict, err = b.judge(ctx, &l, now)
	}
	if err != nil {
		return Line{}, fmt.Errorf("demand %s: %w", id, err)
	}
	return l, nil
}

// Judge gives lines of [Floor] people or more their verdicts.
func (b *Backlog) Judge(ctx context.Context, lines []Line, now time.Time) (err error) {
	for i := range lines {
		if lines[i].Verdict, err = b.judge(ctx, &lines[i], now); err != nil {
			return fmt.Errorf("judge demand %s: %w", lines[i].ID, err)
		}
	}
	return nil
}

// History returns what was decided on a line, and on those that became part of it, the
// newest first.
func (b *Backlog) History(ctx context.Context, id string) ([]Decision, error) {
	a, err := b.arrangement(ctx)
	var list []Decision
	if err == nil {
		id = a.LineOf(id)
		list, err = b.Store.DecisionsOf(ctx, append([]string{id}, a.Joined(id)...))
	}
	if err != nil {
		return nil, fmt.Errorf("decisions on %s: %w", id, err)
	}
	return list, nil
}

// Improving returns the decisions to improve articles that still count, the newest
// first.
func (b *Backlog) Improving(ctx context.Context) ([]Decision, error) {
	last, err := b.Store.Decisions(ctx, maxDecisions)
	if err != nil {
		return nil, fmt.Errorf("articles to improve: %w", err)
	}
	list := slices.DeleteFunc(slices.Collect(maps.Values(last)), func(d Decision) bool { return d.Choice != Improve })
	slices.SortFunc(list, func(a, b Decision) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Line, b.Line)) })
	return list, nil
}

// A Query is what somebody typed.
type Query struct{ Lang, Text string }

// LinesOf returns the lines on which [Floor] people or more asked in these very
// words, by their language and the words.
func (b *Backlog) LinesOf(ctx context.Context, queries []string, now time.Time) (map[Query]string, error) {
	lines, err := b.Store.LinesOf(ctx, queries, now.Add(-Span), Floor)
	if err != nil {
		return nil, fmt.Errorf("demand of searches: %w", err)
	}
	return lines, nil
}

// LineOfTicket returns the ID of the line on which a solved ticket lies, however
// few people asked, so that an article made of the ticket settles it.
func (b *Backlog) LineOfTicket(ctx context.Context, ticket string, now time.Time) (string, error) {
	l, err := b.find(ctx, now, func(l *Line) bool { return slices.Contains(l.Tickets, ticket) })
	if err != nil {
		return "", fmt.Errorf("demand of ticket %s: %w", ticket, err)
	}
	return l.ID, nil
}

func (b *Backlog) find(ctx context.Context, now time.Time, is func(*Line) bool) (Line, error) {
	lines, err := b.lines(ctx, now)
	if err != nil {
		return Line{}, err
	}
	for i := range lines {
		if is(&lines[i]) {
			return lines[i], nil
		}
	}
	return Line{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_demand"}
}

// Decide keeps a decision on a line that exists, with how many people asked by then.
func (b *Backlog) Decide(ctx context.Context, d Decision) error {
	d, err := NewDecision(d)
	if err != nil {
		return err
	}
	l, err := b.find(ctx, d.At, func(l *Line) bool { return l.ID == d.Line })
	if err == nil {
		d.People = l.PeopleBetween(d.At.Add(-Month), d.At.Add(time.Millisecond))
		err = b.Store.SaveDecision(ctx, d)
	}
	if err != nil {
		return fmt.Errorf("decide on demand %s: %w", d.Line, err)
	}
	return nil
}
