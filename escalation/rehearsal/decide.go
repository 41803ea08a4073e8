package rehearsal

import (
	"context"
	"fmt"
	"time"

	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
)

const (
	// resting is how long a lead lets the first line rest that is not worth a look yet.
	resting = 14 * 24 * time.Hour
	// tells is the part of those who found nothing, and do not write, who leave an
	// address to be told of an answer.
	tells = .03
)

// decide is when a lead looks through the whole list, the day before it ends: one line
// of each kind is decided upon that is not worth an article of its own.
func (r *Rehearsal) decide(ctx context.Context) error {
	now := r.Clock.Now()
	list, err := r.Demand.List(ctx, "", now)
	if err != nil {
		return err
	}
	lead, done := r.desk.with(staff.Lead).Ref(), map[demand.Choice]bool{}
	for _, l := range list.Lines {
		if l.Decision != nil {
			continue
		}
		m, w := r.meant(l)
		if m == nil {
			continue
		}
		d := demand.Decision{Line: l.ID, By: lead, At: now}
		switch elsewhere := r.elsewhere(m); {
		case m.Section == "" && !done[demand.Product]:
			d.Choice, d.Owner, d.Reason = demand.Product, w.mends, "ERP-2741"
		case elsewhere != "" && !done[demand.Translate]:
			d.Choice, d.Article, d.Lang = demand.Translate, elsewhere, m.Lang
		case m.Article != "" && !done[demand.Improve]:
			d.Choice, d.Article, d.Lang, d.Revision = demand.Improve, m.Article, m.Lang, m.Revision
		case m.Article == "" && m.Section != "" && done[demand.Translate] && !done[demand.Snooze]:
			d.Choice, d.Until = demand.Snooze, now.AddDate(0, 0, 21)
		default:
			continue
		}
		done[d.Choice], r.decided[m] = true, true
		if err := r.Demand.Decide(ctx, d); err != nil {
			return fmt.Errorf("decide: %w", err)
		}
	}
	return nil
}

// elsewhere returns the article that was made of the same matter in another language;
// it is empty when there is none, or one in the matter's own.
func (r *Rehearsal) elsewhere(m *Matter) string {
	if m.Article != "" {
		return ""
	}
	for _, w := range languages { // in their order, for it must be the same each time
		for _, o := range r.matters[w.lang] {
			if o.ID == m.ID && o.Article != "" {
				return o.Article
			}
		}
	}
	return ""
}

// rest lets one line rest that few people ask; by the end it is back.
func (r *Rehearsal) rest(ctx context.Context, lines []demand.Line, now time.Time) error {
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		if m, _ := r.meant(l); m == nil || r.decided[m] || l.Decision != nil {
			continue
		} else {
			r.decided[m], r.rested = true, true
		}
		return r.Demand.Decide(ctx, demand.Decision{
			Line: l.ID, Choice: demand.Snooze, Until: now.Add(resting), By: r.desk.with(staff.Lead).Ref(), At: now,
		})
	}
	return nil
}

// subscribe lets a visitor who found nothing leave an address, now and then.
func (r *Rehearsal) subscribe(ctx context.Context, v *visitor, done Visit) error {
	c := NewChance(r.Seed, uint64(r.outcome.Visits)|1<<62)
	if v.key == "" || done.Writes || done.Satisfied || v.matter.Article != "" || !c.is(tells) {
		return nil
	}
	query := ""
	for _, e := range done.Events {
		if e.Kind.IsSearch() {
			query = e.Query
		}
	}
	if query == "" || !done.Ends.Before(r.ends) {
		return nil
	}
	r.Journeys.Record(journey.Event{At: done.Ends, Kind: journey.Subscribe, Visitor: v.key, Lang: v.words.lang})
	r.outcome.Subscribed++
	return r.Subscribe(ctx, demand.Subscription{Email: fmt.Sprintf("reader%d@example.com", r.outcome.Subscribed), Lang: v.words.lang, Query: query})
}
