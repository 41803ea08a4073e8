package demand

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
)

// A PromotionStore keeps promotions, and what receipts are made of.
type PromotionStore interface {
	// AddPromotion keeps a promotion. The same article promoted again for the same
	// line while it is not published is the same promotion.
	AddPromotion(ctx context.Context, p Promotion) error
	// Promotions returns the newest, the last chosen first.
	Promotions(ctx context.Context, limit int) ([]Promotion, error)
	// Published notes when the article of a promotion was.
	Published(ctx context.Context, id string, at time.Time) error
	// Propose lets agents see an article at open tickets, by their ids.
	Propose(ctx context.Context, tickets []string, article, lang string, at time.Time) error

	// OpenTickets returns tickets that are not solved, the newest first: of each what
	// its signal will say.
	OpenTickets(ctx context.Context, limit int) ([]Signal, error)
	// PlacedTickets returns the tickets that lie on strands and were opened since a
	// time, each at that time.
	PlacedTickets(ctx context.Context, since time.Time) ([]Signal, error)
	// CountJourneys and CountSteps count what began or was done since a day; the latter
	// with these articles.
	CountJourneys(ctx context.Context, since Day) ([]Count, error)
	CountSteps(ctx context.Context, since Day, articles []string) ([]Count, error)
	// SaveCounts keeps counts in place of those of the same kinds since a day.
	SaveCounts(ctx context.Context, what []string, since Day, counts []Count) error
	// Counts returns what was counted since a day. CountedSince is the first day of
	// journeys, 0 when none were counted.
	Counts(ctx context.Context, since Day) ([]Count, error)
	CountedSince(ctx context.Context) (Day, error)

	// Linked counts the tickets that were solved in a time and those of them with
	// an article.
	Linked(ctx context.Context, from, to time.Time) (interval.Proportion, error)
}

// Receipts follow what is promoted: until it is published, and what comes of it.
type Receipts struct {
	Store   PromotionStore
	Backlog *Backlog
	// Live returns the hash of the article that readers can read at a time; ok is false
	// when there is none.
	Live func(article, lang string, at time.Time) (hash string, ok bool)
	// Section returns the key of the section in which a text lies.
	Section func(journey.Text) string
	// Expect adds searches to those that must find an article.
	Expect func(ctx context.Context, article, lang string, searches []string) error
	// Answered tells those who asked to be told; it may be nil. It may be called again
	// for the same line and article.
	Answered func(ctx context.Context, line, article, lang string) error
	IDs      func() string
}

const (
	maxPromotions  = 2000
	maxOpenTickets = 2000
)

// Promote notes that an article is made, or improved, because of a line. The line may
// be new, or empty.
func (r *Receipts) Promote(ctx context.Context, p Promotion) error {
	p.ID, p.Published = r.IDs(), time.Time{}
	p.Asked = p.Chosen
	l, err := r.Backlog.find(ctx, p.Chosen, func(l *Line) bool { return l.ID == p.Line })
	if err == nil {
		p.Asked = l.First
	}
	if err == nil || escalation.KindOf(err) == escalation.NotFound {
		err = r.Store.AddPromotion(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("promote %s: %w", p.Article, err)
	}
	return nil
}

// Publish does what follows when promoted articles are there to be read: those who
// asked are told, agents see the article at open tickets, and how people search is
// what must find it from now on. Whatever fails is done again the next time, and keeps
// no other one waiting.
func (r *Receipts) Publish(ctx context.Context, now time.Time) error {
	all, err := r.promotions(ctx)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	var failed []error
	for _, p := range all {
		if !p.Published.IsZero() {
			continue
		}
		if hash, live := r.Live(p.Article, p.Lang, now); !live || hash == p.Was {
			continue
		}
		if err := r.publish(ctx, p, now); err != nil {
			failed = append(failed, fmt.Errorf("publish %s: %w", p.Article, err))
		}
	}
	return errors.Join(failed...)
}

func (r *Receipts) publish(ctx context.Context, p Promotion, now time.Time) error {
	if p.Line != "" {
		open, err := r.open(ctx, now)
		if err != nil {
			return err
		}
		var tickets []string
		for _, s := range open {
			if s.Line == p.Line && s.Lang == p.Lang {
				tickets = append(tickets, s.Ticket)
			}
		}
		if err := r.Store.Propose(ctx, tickets, p.Article, p.Lang, now); err != nil {
			return err
		}
		if r.Answered != nil {
			if err := r.Answered(ctx, p.Line, p.Article, p.Lang); err != nil {
				return err
			}
		}
		searches, err := r.Searches(ctx, p, now)
		if err == nil && len(searches) > 0 {
			err = r.Expect(ctx, p.Article, p.Lang, searches)
		}
		if err != nil {
			return err
		}
	}
	return r.Store.Published(ctx, p.ID, now)
}

// Waiting returns the promotions of an article that is not published yet.
func (r *Receipts) Waiting(ctx context.Context, article, lang string) ([]Promotion, error) {
	all, err := r.promotions(ctx)
	if err != nil {
		return nil, fmt.Errorf("promotions of %s: %w", article, err)
	}
	return slices.DeleteFunc(all, func(p Promotion) bool {
		return p.Article != article || p.Lang != lang || !p.Published.IsZero()
	}), nil
}

// Searches returns how people search for what an article was promoted for: in its
// language, on a line of [Floor] people or more.
func (r *Receipts) Searches(ctx context.Context, p Promotion, now time.Time) ([]string, error) {
	l, err := r.Backlog.find(ctx, now, func(l *Line) bool { return l.ID == p.Line && l.People >= Floor })
	if escalation.KindOf(err) == escalation.NotFound {
		return nil, nil
	}
	return Expected(InLang(l, p.Lang).Searches), err
}

// open returns the signals that open tickets will be, on the strands and lines on
// which they will lie.
func (r *Receipts) open(ctx context.Context, now time.Time) ([]Signal, error) {
	open, err := r.Store.OpenTickets(ctx, maxOpenTickets)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return r.Backlog.where(ctx, open, now)
}

// where returns signals with the strands and lines on which they would lie, and keeps
// nothing of them.
func (b *Backlog) where(ctx context.Context, signals []Signal, now time.Time) ([]Signal, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, err := b.arranged(ctx)
	if err == nil {
		err = b.catchUp(ctx, now)
	}
	if err != nil {
		return nil, err
	}
	return b.index.placer.Where(ctx, signals, a)
}

// Kept are the moments since when what is counted is kept.
type Kept struct{ Signals, Journeys, Steps time.Time }

// recounted is how far back a count may still change, in days. Tickets change as far
// back as lines look: lines are split.
const recounted = 28

// Count counts what receipts are made of, before it is forgotten.
func (r *Receipts) Count(ctx context.Context, kept Kept, now time.Time) error {
	since, err := r.Store.CountedSince(ctx)
	if err != nil {
		return fmt.Errorf("count demand: %w", err)
	}
	whole := func(t time.Time, again Day) Day {
		if first := DayOf(t) + 2; first > again || since == 0 {
			return max(0, first)
		}
		return again
	}
	again := DayOf(now) - recounted
	if err = r.countTickets(ctx, whole(kept.Signals, DayOf(now.Add(-Span))), now); err == nil {
		from := whole(kept.Journeys, again)
		var counts []Count
		if counts, err = r.Store.CountJourneys(ctx, from); err == nil {
			err = r.Store.SaveCounts(ctx, []string{CountJourneys}, from, counts)
		}
	}
	if err == nil {
		err = r.countSteps(ctx, whole(kept.Steps, again))
	}
	if err != nil {
		return fmt.Errorf("count demand: %w", err)
	}
	return nil
}

func (r *Receipts) countTickets(ctx context.Context, from Day, now time.Time) error {
	tickets, err := r.Store.PlacedTickets(ctx, from.Time())
	if err != nil {
		return err
	}
	open, err := r.open(ctx, now)
	if err != nil {
		return err
	}
	byDay, known := map[Count]int{}, map[string]bool{}
	for _, s := range append(tickets, open...) {
		if d := DayOf(s.At); d >= from && !known[s.ID] { // one was solved before, and is open again
			known[s.ID] = true
			byDay[Count{What: CountTickets, Subject: s.Strand, Lang: s.Lang, Day: d}]++
		}
	}
	counts := make([]Count, 0, len(byDay))
	for c, n := range byDay {
		c.Total = n
		counts = append(counts, c)
	}
	return r.Store.SaveCounts(ctx, []string{CountTickets}, from, counts)
}

func (r *Receipts) countSteps(ctx context.Context, from Day) error {
	all, err := r.promotions(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	var articles, what []string
	for _, p := range all {
		if !slices.Contains(articles, p.Article) {
			articles = append(articles, p.Article)
		}
	}
	for _, k := range Counted {
		what = append(what, string(k))
	}
	counts, err := r.Store.CountSteps(ctx, from, articles)
	if err == nil {
		err = r.Store.SaveCounts(ctx, what, from, counts)
	}
	return err
}

// A Report is what became of what was promoted.
type Report struct {
	Receipts []Receipt // the last chosen first
	Pools    []Pooled
	KCS      Measures
}

// Measures are what knowledge-centred support looks at (KCS v6, Consortium for
// Service Innovation), of the last so many days.
type Measures struct {
	Days   int
	Linked interval.Proportion // of solved tickets, those with an article
	Reused interval.Proportion // of articles that settled a ticket or were published, those that were there before
	Wait   interval.Estimate   // median days from the first sign to the published article
	Waits  int                 // of how many articles
}

// measured is over how many days.
const measured = 90

// Report returns the receipts of all that was promoted lately.
func (r *Receipts) Report(ctx context.Context, now time.Time) (Report, error) {
	all, err := r.promotions(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("receipts: %w", err)
	}
	out := Report{KCS: Measures{Days: measured}}
	if len(all) > 0 {
		counts, err := r.counts(ctx, all)
		if err != nil {
			return Report{}, fmt.Errorf("receipts: %w", err)
		}
		for _, p := range all {
			out.Receipts = append(out.Receipts, Effect(p, all, counts, now))
		}
		out.Pools = PoolBySection(all, counts, r.Section, now)
	}
	from := now.AddDate(0, 0, -measured)
	if out.KCS.Linked, err = r.Store.Linked(ctx, from, now); err != nil {
		return Report{}, fmt.Errorf("linked tickets: %w", err)
	}
	made := 0
	var waits []float64
	for _, p := range all {
		if p.Published.After(from) {
			if p.Was == "" {
				made++
			}
			waits = append(waits, p.Published.Sub(p.Asked).Hours()/24)
		}
	}
	out.KCS.Reused = interval.Wilson(out.KCS.Linked.K, out.KCS.Linked.K+made)
	out.KCS.Wait, out.KCS.Waits = interval.Median(waits), len(waits)
	return out, nil
}

// Receipt returns one, by the id of its promotion.
func (r *Receipts) Receipt(ctx context.Context, id string, now time.Time) (Receipt, error) {
	list, err := r.receipts(ctx, func(p *Promotion) bool { return p.ID == id }, now)
	if err == nil && len(list) == 0 {
		err = &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_receipt"}
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt %s: %w", id, err)
	}
	return list[0], nil
}

// Of returns the receipts of an article, the last chosen first.
func (r *Receipts) Of(ctx context.Context, article, lang string, now time.Time) ([]Receipt, error) {
	list, err := r.receipts(ctx, func(p *Promotion) bool { return p.Article == article && p.Lang == lang }, now)
	if err != nil {
		return nil, fmt.Errorf("receipts of %s: %w", article, err)
	}
	return list, nil
}

func (r *Receipts) receipts(ctx context.Context, is func(*Promotion) bool, now time.Time) (list []Receipt, err error) {
	all, err := r.promotions(ctx)
	if err != nil || !slices.ContainsFunc(all, func(p Promotion) bool { return is(&p) }) {
		return nil, err
	}
	counts, err := r.counts(ctx, slices.DeleteFunc(slices.Clone(all), func(p Promotion) bool { return !is(&p) }))
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if is(&p) {
			list = append(list, Effect(p, all, counts, now))
		}
	}
	return list, nil
}

// counts returns what the receipts of some promotions are made of.
func (r *Receipts) counts(ctx context.Context, of []Promotion) (*Counts, error) {
	first := slices.MinFunc(of, func(a, b Promotion) int { return cmp.Compare(a.earliest(), b.earliest()) })
	list, err := r.Store.Counts(ctx, first.earliest())
	if err != nil {
		return nil, err
	}
	a, err := r.Backlog.arrangement(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].What == CountTickets {
			list[i].Subject = a.LineOf(list[i].Subject)
		}
	}
	return NewCounts(list), nil
}

// promotions returns all of them, on the lines that theirs became part of.
func (r *Receipts) promotions(ctx context.Context) ([]Promotion, error) {
	all, err := r.Store.Promotions(ctx, maxPromotions)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	a, err := r.Backlog.arrangement(ctx)
	for i := range all {
		all[i].Line = a.LineOf(all[i].Line)
	}
	return all, err
}

// earliest is the first day that a receipt asks for.
func (p *Promotion) earliest() Day {
	if p.Published.IsZero() {
		return DayOf(p.Chosen)
	}
	before, _, _ := p.windows(looks[len(looks)-1])
	return before.From
}
