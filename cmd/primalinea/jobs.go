package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"primalinea/content/outside"
	"primalinea/escalation"
	"primalinea/escalation/circular"
	"primalinea/escalation/demand"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/search"
)

// A job is done every so often, by one process at a time.
type job struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

// once does the job. What it panics with is an error: the next time may go well.
func (j job) once(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return j.do(ctx)
}

// table is all that is done beside requests.
func (h *house) table() []job {
	const day = 24 * time.Hour
	return []job{
		{"collect demand", time.Minute, func(ctx context.Context) error {
			_, err := h.backlog.Collect(ctx, h.clock.Now())
			return err
		}},
		{"follow promotions", 20 * time.Second, func(ctx context.Context) error { return h.receipts.Publish(ctx, h.clock.Now()) }},
		{"count demand", time.Hour, func(ctx context.Context) error { return h.countDemand(ctx, h.clock.Now()) }},
		{"learn words", 10 * time.Minute, func(ctx context.Context) error { return h.learner.Collect(ctx, h.clock.Now()) }},
		{"decide journeys", 10 * time.Minute, func(ctx context.Context) error {
			return h.db.DecideJourneys(ctx, h.sectionOf, h.clock.Now())
		}},
		{"abandoned forms", 10 * time.Minute, func(ctx context.Context) error {
			return h.db.AbandonForms(ctx, h.clock.Now().Add(-2*day), h.clock.Now().Add(-journey.Pause))
		}},
		{"log searches", 10 * time.Minute, func(ctx context.Context) error {
			return h.db.LogSearches(ctx, search.Alike, h.clock.Now())
		}},
		{"credit articles", 10 * time.Minute, func(ctx context.Context) error {
			return h.db.CreditArticles(ctx, h.sectionOf, h.clock.Now())
		}},
		{"reckon clocks", 10 * time.Minute, h.db.ReckonClocks},
		{"watch tickets", time.Minute, h.watch},
		{"send circulars", time.Minute, h.circulars().Resume},
		{"silence", time.Minute, h.hush},
		{"see articles", time.Hour, func(ctx context.Context) error { return h.seeArticles(ctx, h.clock.Now()) }},
		{"sweep journeys", day, func(ctx context.Context) error {
			return h.db.SweepJourneys(ctx, h.keptSince("steps"), h.keptSince("journeys"), h.clock.Now())
		}},
		{"hold-out", time.Hour, func(ctx context.Context) error { return h.experiments().Step(ctx, h.clock.Now()) }},
		{"sweep triggers", day, func(ctx context.Context) error { return h.db.SweepTriggers(ctx, h.keptSince("trials")) }},
		{"sweep demand", day, func(ctx context.Context) error { return h.db.SweepDemand(ctx, h.keptSince("signals")) }},
		{"sweep subscriptions", day, func(ctx context.Context) error {
			return h.db.SweepSubscriptions(ctx, h.keptSince("signals"), h.clock.Now().Add(-demand.ConfirmLife))
		}},
		{"sweep answers", day, func(ctx context.Context) error { return h.db.SweepAnswers(ctx, h.keptSince("answers")) }},
		{"sweep corrections", day, func(ctx context.Context) error { return h.db.SweepCorrections(ctx, h.keptSince("corrections")) }},
		{"sweep letters", day, func(ctx context.Context) error { return h.db.SweepLetters(ctx, h.keptSince("letters")) }},
		{"sweep submissions", day, func(ctx context.Context) error { return h.db.SweepSubmissions(ctx, h.keptSince("submissions")) }},
		{"sweep acts", day, func(ctx context.Context) error { return h.db.SweepActs(ctx, h.keptSince("acts")) }},
		{"erase old tickets", day, h.eraseOld},
		{"overwrite erased", time.Minute, h.db.Overwrite},
		{"tickets left", time.Minute, h.handOn},
		{"mark audit", 10 * time.Minute, func(ctx context.Context) error { return markAudit(ctx, h.db, h.marks) }},
		{"sweep sessions", time.Hour, h.db.SweepSessions},
		{"sweep staff", day, func(ctx context.Context) error { return h.db.SweepStaff(ctx, h.keptSince("attempts")) }},
		{"sweep links", time.Hour, func(ctx context.Context) error {
			// How many were asked for lately counts as long as that.
			return h.db.SweepLinks(ctx, h.clock.Now().Add(-spam.LinksTo.In))
		}},
		{"sweep files", time.Hour, h.sweepFiles},
		{"finish erasures", time.Hour, h.office.Finish},
		{"ask other sites", time.Hour, func(ctx context.Context) error {
			return h.askOutside(ctx, &outside.Asker{Agent: "Primalinea link check (" + h.web.Link("/") + ")"})
		}},
	}
}

// sectionOf returns the key of the section in which a text lies now.
func (h *house) sectionOf(t journey.Text) string {
	if a := h.folder.Library().ByKey(t.Article, t.Lang); a != nil {
		return a.Section
	}
	return ""
}

// seeArticles notes which articles are published, and what was opened last.
func (h *house) seeArticles(ctx context.Context, now time.Time) error {
	var published []journey.Text
	for _, a := range h.folder.Library().All() {
		if a.Live(now) {
			published = append(published, journey.Text{Article: a.Key, Lang: a.Lang})
		}
	}
	return h.db.SeeArticles(ctx, published, now)
}

// handOn finishes what disabling somebody began: a crash may have interrupted it,
// a ticket may have been reopened since.
func (h *house) handOn(ctx context.Context) error {
	people, err := h.db.People(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, gone := range people {
		if !gone.Disabled {
			continue
		}
		if heir, ok := staff.Heir(people, gone); ok {
			_, err := staff.HandOn(ctx, h.db, gone, heir, escalation.NewID, h.clock.Now)
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// watchAtOnce is how many tickets the automatic rules look at in a minute. After a time
// in which nobody looked they come one after another, so that people can keep up.
const watchAtOnce = 50

// watch lets the automatic rules look at the tickets that want it.
func (h *house) watch(ctx context.Context) error {
	people, err := h.db.People(ctx)
	if err != nil {
		return err
	}
	_, err = h.db.Watch(ctx, watchAtOnce, func(t *escalation.Ticket, promised *escalation.Desk) (escalation.Change, error) {
		return t.Watch(escalation.WatchCommand{
			Desk: h.desks.Current(), Promised: promised,
			Candidates: func(team string, tier int) []string { return staff.Candidates(people, team, tier) },
		}, escalation.NewID, h.clock.Now())
	})
	return err
}

// circulars sends one answer to many tickets.
func (h *house) circulars() *circular.Sender {
	return &circular.Sender{
		Store: h.db, Desk: h.desks.Current, TypeOf: h.web.TypeOf, IDs: escalation.NewID, Now: h.clock.Now,
		Person: func(ctx context.Context, id string) (escalation.Actor, error) { return h.db.Person(ctx, id) },
	}
}

// countDemand counts what receipts are made of, before it is forgotten.
func (h *house) countDemand(ctx context.Context, now time.Time) error {
	kept := h.settings.Site().Retention
	return h.receipts.Count(ctx, demand.Kept{Signals: kept.Before("signals", now), Journeys: kept.Before("journeys", now), Steps: kept.Before("steps", now)}, now)
}

// keptSince is the moment since when a kind of what is kept stays.
func (h *house) keptSince(kind string) time.Time {
	return h.settings.Site().Retention.Before(kind, h.clock.Now())
}

// eraseOld takes the words out of tickets that are older than a lead wants.
func (h *house) eraseOld(ctx context.Context) error {
	for {
		n, err := h.office.Expire(ctx, h.keptSince("tickets"), h.keptSince("spam"))
		if err != nil || n == 0 {
			return err
		}
	}
}

// sweepFiles forgets uploads that came to nothing, and removes their bytes.
func (h *house) sweepFiles(ctx context.Context) error {
	now := h.clock.Now()
	if err := h.db.SweepFiles(ctx, now.Add(-evidence.OrphanAge)); err != nil {
		return err
	}
	abandoned, err := h.db.SweepUploads(ctx, now.Add(-evidence.UploadAge))
	if err != nil {
		return err
	}
	for _, id := range abandoned {
		if err := h.files.Abandon(id); err != nil {
			return err
		}
	}
	_, err = h.files.Sweep(ctx, now, h.db.KnowsFile)
	return err
}

// jobs starts them. A lease makes sure that of several processes one does each.
func (h *house) jobs(ctx context.Context) {
	for _, j := range h.table() {
		h.run(j.name, func() error {
			tick := time.NewTicker(min(j.every, h.clock.look()))
			defer tick.Stop()
			for {
				mine, err := h.db.Lease(ctx, j.name, j.every)
				if err == nil && mine {
					err = j.once(ctx)
				}
				if err != nil && ctx.Err() == nil {
					h.log.Error("job failed", "job", j.name, "error", err)
				}
				select {
				case <-ctx.Done():
					return nil
				case <-tick.C:
				}
			}
		})
	}
}
