package main

import (
	"context"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
	"primalinea/portal"
	"primalinea/portal/api"
	"primalinea/portal/desk"
	"primalinea/portal/door"
	"primalinea/portal/help"
	"primalinea/portal/lead"
	"primalinea/portal/write"
	"primalinea/search"
)

// rooms wires the rooms of the site.
func (h *house) rooms(s *serveCmd) {
	setUp := &lead.Desk{Web: h.web, Keep: h.desks, Staff: h.db, Tickets: h.db}
	settings := &lead.Settings{Web: h.web, Keep: h.settings, Articles: h.folder, Outbox: h.db, Staff: h.db, IDs: escalation.NewID, From: sender(s)}
	work := tiers.Reporter{Tickets: h.db, Demand: h.backlog.List}
	h.site = portal.New(h.web, h.ready, h.db,
		&api.Room{Web: h.web, Receipts: h.receipts.Report, Tickets: h.db, Staff: h.db, Search: h.index, Articles: h.folder, Journeys: h.recorder, Deflection: h.db.Deflection, Experiments: h.experiments(), Searched: h.searched, Credits: h.credits, Demand: h.backlog, Price: h.db.Price, Tiers: work.Report},
		&lead.Overview{Web: h.web, Reports: h.db, Letters: h.db, Demand: h.backlog, Tickets: h.db, Experiments: h.experiments(), Folder: h.folder, Flush: h.recorder.Flush, Mail: h.mails()},
		&lead.Tiers{Web: h.web, Tiers: work.Report, Reports: h.db},
		&lead.Demand{Web: h.web, Lines: h.backlog, Prices: h.db, Folder: h.folder},
		&lead.HoldOut{Web: h.web, Experiments: h.experiments(), Folder: h.folder, Flush: h.recorder.Flush},
		&door.Room{Web: h.web, Letters: h.handedOut(), People: h.db, Passwords: staff.NewPasswords(4), Guesses: staff.Limiter{Attempts: h.db.Attempts()}, IDs: escalation.NewID, Mail: h.mails(), Samples: s.samples()},
		&desk.Room{Web: h.web, Tickets: h.db, Views: h.db, Found: h.sought, Staff: h.db, Files: h.files, Records: h.db, Quota: s.quota(), Mentions: h.db, Problems: h.db, Circulars: h.circulars(), Terms: h.index.Terms, Articles: h.index, Article: h.article, IDs: escalation.NewID, Ratings: h.db.Ratings, Inbox: h.inbox, Around: h.db},
		&lead.Worth{Web: h.web, Folder: h.folder, Credits: h.credits, Seen: h.db.SeenArticles, Ways: h.ways},
		&lead.Effects{Web: h.web, Receipts: h.receipts, Folder: h.folder, Line: h.backlog.Line, Rank: h.rank},
		setUp,
		&lead.Clocks{Desk: setUp, Past: h.db.PastClocks},
		&lead.Moves{Web: h.web, Tickets: h.db},
		&lead.Macros{Desk: setUp},
		&lead.Skills{Desk: setUp},
		&lead.Silence{Desk: setUp, Quiet: h.db.Quiet, Inbox: h.inbox},
		&lead.Status{Web: h.web, Settings: h.settings},
		settings,
		&lead.Privacy{Web: h.web, Keep: h.settings, Office: h.office, Acts: h.db, Files: h.files},
		&lead.Audit{Web: h.web, Acts: h.db, Staff: h.db},
		&lead.People{Web: h.web, Staff: h.db, Tickets: h.db, IDs: escalation.NewID, Mail: h.mails(), LinkKey: h.linkKey, Invited: settings.Invited},
		h.writers(),
		&help.Room{
			Web: h.web, Articles: h.folder, Search: h.index,
			Journeys: h.recorder, Visitors: &journey.Salts{Secret: h.db.Secret}, Granted: help.Holds(h.db), Wanted: h.db.Wanted, Times: h.db.AnswerTimes, StageTimes: h.db.StageTimes, Problem: h.db.Problem, Corrections: h.db,
			Asking: help.Asking{
				Tickets: h.db, Files: h.files, Records: h.db, Quota: s.quota(), Trails: h.recorder,
				LinkKey: h.linkKey, ArmKey: h.armKey, HoldOut: h.experiments().Now, Mail: h.mails(), Inbox: h.inbox,
				Forms: spam.Guard{Attempts: h.db.Attempts(), Off: !h.web.Limits}, Waiting: h.waiting,
			},
		},
	)
	h.count()
}

// writers wires the room of the writers.
func (h *house) writers() *write.Room {
	return &write.Room{
		Web: h.web, Articles: h.folder, Search: h.index, Replayed: h.replayed, Demand: h.backlog, Receipts: h.receipts, Tickets: h.db, Readers: h.db.Readers, Corrections: h.db, Learned: h.db, Searched: h.searched, Credits: h.db.CreditsOf,
		Outside: write.Outside{On: h.outsideOn, Set: h.setOutside, Known: h.outsideKnown},
	}
}

// replayed returns what enough people searched to be shown to writers.
func (h *house) replayed(ctx context.Context, limit int) ([]journey.Searched, int, error) {
	now := h.clock.Now()
	return h.db.MostSearched(ctx, journey.LastDays(journey.ReplayDays, "", now), search.Alike, now, limit)
}

// searched reports on what visitors searched until now.
func (h *house) searched(ctx context.Context, span journey.SearchSpan) (journey.SearchReport, error) {
	// While nothing can be kept, the report lacks the last moments.
	if err := h.recorder.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return journey.SearchReport{}, err
	}
	return h.db.Searches(ctx, span, search.Alike, h.clock.Now())
}

// credits returns what was counted of articles, with what happened until now.
func (h *house) credits(ctx context.Context, span journey.SearchSpan) (journey.Credits, error) {
	if err := h.recorder.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return journey.Credits{}, err
	}
	return h.db.Credits(ctx, span)
}

// ways returns the searches by which most people come to a text.
func (h *house) ways(ctx context.Context, t journey.Text, since time.Time) ([]journey.Way, error) {
	return h.db.SearchesTo(ctx, t, since, search.Alike, 10)
}

// experiments are those on the contact form.
func (h *house) experiments() journey.Experiments { return journey.Experiments{Store: h.db} }

// count gives the figures that are kept elsewhere to the metrics.
func (h *house) count() {
	m := h.web.Metrics
	m.Count("pages_cached_total", "Pages answered from the cache.", func() float64 { return float64(h.web.Cache.Hits.Load()) })
	m.Count("pages_built_total", "Pages built for the cache.", func() float64 { return float64(h.web.Cache.Misses.Load()) })
	m.Count("articles_rendered_total", "Articles rendered from Markdown.", func() float64 { return float64(h.folder.Renders()) })
	m.Count("journey_events_total", "Events of journeys that were taken.", func() float64 { return float64(h.recorder.Stats().Recorded) })
	m.Gauge("files_bytes", "Bytes of attached files, and of those on their way.", func() float64 { return float64(h.health.kept()) })
	m.Gauge("files_quota_bytes", "Bytes that attached files may take.", func() float64 { return float64(h.health.quota) })
	m.Count("journey_events_dropped_total", "Events of journeys that were lost.", func() float64 { return float64(h.recorder.Stats().Dropped) })
	m.Gauge("streams_staff", "Pages of the staff that are told what changes.", func() float64 { staff, _ := h.web.Live.Streams(); return float64(staff) })
	m.Gauge("streams_customers", "Pages of customers that are told what changes.", func() float64 { _, customers := h.web.Live.Streams(); return float64(customers) })
}
