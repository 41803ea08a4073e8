package demand_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// A promotedSite is a desk with a store, on which articles can be published.
type promotedSite struct {
	t        *testing.T
	db       *store.DB
	receipts *demand.Receipts
	anna     staff.Person
	now      time.Time

	live     map[string]string // hash by article and language
	expected []string
	told     []string
	fails    bool
}

func newPromotedSite(t *testing.T, db *store.DB) *promotedSite {
	s := &promotedSite{t: t, db: db, now: monday, live: map[string]string{}}
	terms := func(_, text string) []string { return strings.Fields(strings.ToLower(text)) }
	s.receipts = &demand.Receipts{
		Store: db, Backlog: &demand.Backlog{Store: db, Terms: terms, Key: []byte("key")}, IDs: escalation.NewID,
		Live: func(article, lang string, _ time.Time) (string, bool) {
			h, ok := s.live[article+" "+lang]
			return h, ok
		},
		Section: func(journey.Text) string { return "device" },
		Expect: func(_ context.Context, article, lang string, searches []string) error {
			s.expected = append(s.expected, fmt.Sprint(article, lang, searches))
			return nil
		},
		Answered: func(_ context.Context, line, article, lang string) error {
			if s.fails {
				return errors.New("no mail today")
			}
			s.told = append(s.told, article+lang)
			return nil
		},
	}
	var err error
	if s.anna, err = staff.Founder("anna", "Anna", "anna@example.com", "it", escalation.ShippedDesk(), monday); err != nil {
		t.Fatal(err)
	}
	return s
}

// ticket opens a ticket, and solves it unless it is to stay open.
func (s *promotedSite) ticket(subject, article string, solved bool) escalation.Ticket {
	s.t.Helper()
	ticket, _, err := s.db.Open(s.t.Context(), escalation.NewID(), func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: subject, Text: "Help.", Email: escalation.NewID() + "@example.it", Lang: "it",
		}, escalation.RequesterOf{}, escalation.NewID, s.now)
	})
	if err == nil && solved {
		ticket, err = s.db.Change(s.t.Context(), ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			c := escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Article: article}
			if article == escalation.NoArticle {
				c.Reason = "none yet"
			}
			return t.Solve(c, s.anna, escalation.NewID, s.now.Add(time.Hour))
		})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return ticket
}

func (s *promotedSite) collect() {
	s.t.Helper()
	if _, err := s.receipts.Backlog.Collect(s.t.Context(), s.now); err != nil {
		s.t.Fatal(err)
	}
}

func (s *promotedSite) publish() {
	s.t.Helper()
	if err := s.receipts.Publish(s.t.Context(), s.now); err != nil {
		s.t.Fatal(err)
	}
}

// TestPromotion follows an article from the line that it is written for until it is
// published, and what follows.
func TestPromotion(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), newPromotedSite(t, db)
		recorder := journey.NewRecorder(db, s.receipts.Backlog.Terms, nil)
		for _, visitor := range []string{"a", "b", "c"} {
			recorder.Record(journey.Event{At: s.now, Visitor: visitor, Kind: journey.Search, Lang: "it", Query: "batteria gonfia"})
		}
		if err := recorder.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		solved := s.ticket("batteria gonfia", escalation.NoArticle, true)
		open, other := s.ticket("La batteria gonfia", "", false), s.ticket("schermo nero", "", false)
		s.now = s.now.Add(24 * time.Hour)
		s.collect()
		line, err := s.receipts.Backlog.LineOfTicket(ctx, solved.ID, s.now)
		if err != nil {
			t.Fatal(err)
		}
		p := demand.Promotion{Line: line, Article: "gonfia", Lang: "it", By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}, Chosen: s.now}
		for range 2 { // the same form sent twice
			if err := s.receipts.Promote(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		list, err := db.Promotions(ctx, 10)
		if err != nil || len(list) != 1 || !list[0].Asked.Equal(monday) || !list[0].Chosen.Equal(s.now) || list[0].By != p.By || list[0].Line != line {
			t.Fatalf("promotions %+v, %v", list, err)
		}
		did, err := db.Audit(ctx, audit.Query{Kind: audit.Demand, Object: line})
		if err != nil || len(did.Acts) != 1 || did.Acts[0].What != "promoted" || !did.Acts[0].At.Equal(s.now) {
			t.Errorf("the record says %+v, %v", did.Acts, err)
		}
		if waiting, err := s.receipts.Waiting(ctx, "gonfia", "it"); err != nil || len(waiting) != 1 {
			t.Errorf("waiting %v, %v", waiting, err)
		}
		s.publish()
		if len(s.told) != 0 {
			t.Fatalf("it is a draft, and they were told: %v", s.told)
		}

		// The watcher sees it. What fails is done again, and keeps nothing else waiting.
		if err := s.receipts.Promote(ctx, demand.Promotion{Article: "vecchio", Lang: "it", Chosen: s.now.Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		s.live["gonfia it"], s.live["vecchio it"], s.fails = "h1", "h1", true
		if err := s.receipts.Publish(ctx, s.now); err == nil {
			t.Error("it failed, and nobody hears of it")
		}
		if waiting, err := s.receipts.Waiting(ctx, "vecchio", "it"); err != nil || len(waiting) != 0 {
			t.Errorf("behind one that fails waits %v, %v", waiting, err)
		}
		s.fails = false
		s.now = s.now.Add(24 * time.Hour)
		for range 2 {
			s.publish()
		}
		if !slices.Equal(s.told, []string{"gonfiait"}) || !slices.Equal(s.expected, []string{"gonfiait[batteria gonfia]"}) {
			t.Errorf("told %v, expected %v", s.told, s.expected)
		}
		for _, test := range []struct {
			ticket escalation.Ticket
			want   []string
		}{{open, []string{"gonfia"}}, {other, nil}, {solved, nil}} {
			if got, err := db.Proposed(ctx, test.ticket.ID); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("at %q agents see %v, %v", test.ticket.Subject, got, err)
			}
		}
		if list, err := db.Promotions(ctx, 10); err != nil || !list[0].Published.Equal(s.now) {
			t.Errorf("published %v, %v", list[0].Published, err)
		}
		if err := db.SweepDemand(ctx, s.now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, _ := db.Proposed(ctx, open.ID); len(got) != 0 {
			t.Errorf("long after, agents see %v", got)
		}
	})
}

// TestPromotionOfWhatIsThere is published when its text is another one. A line of
// fewer people than the floor teaches no searches.
func TestPromotionOfWhatIsThere(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), newPromotedSite(t, db)
		ticket := s.ticket("schermo nero", escalation.NoArticle, true)
		s.collect()
		line, err := s.receipts.Backlog.LineOfTicket(ctx, ticket.ID, s.now)
		if err != nil {
			t.Fatal(err)
		}
		s.live["schermo it"] = "h1"
		for _, p := range []demand.Promotion{
			{Line: line, Ticket: ticket.ID, Article: "schermo", Lang: "it", Was: "h1", Chosen: s.now},
			{Article: "schermo", Lang: "it", Was: "h1", Chosen: s.now}, // of a ticket too old to lie on a line
		} {
			if err := s.receipts.Promote(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		s.publish()
		if waiting, err := s.receipts.Waiting(ctx, "schermo", "it"); err != nil || len(waiting) != 2 {
			t.Errorf("waiting %v, %v", waiting, err)
		}
		s.live["schermo it"] = "h2"
		s.publish()
		if waiting, _ := s.receipts.Waiting(ctx, "schermo", "it"); len(waiting) != 0 || !slices.Equal(s.told, []string{"schermoit"}) || s.expected != nil {
			t.Errorf("waiting %v, told %v, expected %v", waiting, s.told, s.expected)
		}
	})
}

// TestReceiptsOutliveTheirSource counts, day by day, and says the same when all that
// was counted is forgotten.
func TestReceiptsOutliveTheirSource(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), newPromotedSite(t, db)
		kept := func() demand.Kept {
			since := s.now.AddDate(0, 0, -90)
			return demand.Kept{Signals: since, Journeys: since, Steps: since}
		}
		count := func() {
			t.Helper()
			if err := s.receipts.Count(ctx, kept(), s.now); err != nil {
				t.Fatal(err)
			}
		}
		begin := monday.AddDate(0, 0, -60)
		var journeys []journey.Journey
		for day := range 61 {
			at := begin.AddDate(0, 0, day)
			for i := range 10 {
				journeys = append(journeys, journey.Journey{ID: fmt.Sprint("j", day, "-", i), Visitor: fmt.Sprint("v", day, "-", i), Lang: "it", Started: at, Ended: at})
			}
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Journeys: journeys, Events: []journey.Event{
			{ID: "e1", At: monday, Visitor: "v", Journey: "j", Kind: journey.ArticleOpen, Lang: "it", Article: "gonfia"},
			{ID: "e2", At: monday, Visitor: "v", Journey: "j", Kind: journey.ArticleOpen, Lang: "it", Article: "other"},
			{ID: "e3", At: monday, Visitor: "v", Journey: "j", Kind: journey.Search, Lang: "it", Article: "gonfia"},
		}}); err != nil {
			t.Fatal(err)
		}
		s.now = begin
		for day := range 60 {
			s.now = begin.AddDate(0, 0, day)
			if day%10 == 0 {
				s.ticket("batteria gonfia", escalation.NoArticle, true)
			}
		}
		s.now = monday
		s.ticket("batteria gonfia", "", false) // as it will be counted when it is solved
		s.collect()
		line := ""
		if signals, err := db.Signals(ctx, begin, 100); err != nil || len(signals) != 6 {
			t.Fatalf("signals %v, %v", signals, err)
		} else {
			line = signals[0].Line
		}
		if err := s.receipts.Promote(ctx, demand.Promotion{Line: line, Article: "gonfia", Lang: "it", Chosen: s.now}); err != nil {
			t.Fatal(err)
		}
		s.live["gonfia it"] = "h1"
		s.publish()
		count()
		all := func() string {
			t.Helper()
			list, err := db.Counts(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			sums := map[string]int{}
			for _, c := range list {
				sums[c.What+" "+c.Subject+" "+c.Lang] += c.Total
			}
			return fmt.Sprint(sums)
		}
		want := fmt.Sprintf("map[article_open gonfia it:1 journeys  it:610 tickets %s it:7]", line)
		if got := all(); got != want {
			t.Errorf("counted %s, want %s", got, want)
		}
		if first, err := db.CountedSince(ctx); err != nil || first != demand.DayOf(begin) {
			t.Errorf("counted since %v, %v", first.Time(), err)
		}
		count() // again, and nothing twice
		if got := all(); got != want {
			t.Errorf("counted again %s, want %s", got, want)
		}

		// Half a year later all of it is forgotten, and the counts are there.
		s.now = monday.AddDate(0, 0, 200)
		if err := db.SweepDemand(ctx, s.now.AddDate(0, 0, -90)); err != nil {
			t.Fatal(err)
		}
		if err := db.SweepJourneys(ctx, s.now.AddDate(0, 0, -90), s.now.AddDate(0, 0, -90), s.now); err != nil {
			t.Fatal(err)
		}
		count()
		if got := all(); got != want {
			t.Errorf("when it was forgotten there is %s, want %s", got, want)
		}
		report, err := s.receipts.Report(ctx, s.now)
		if err != nil || len(report.Receipts) != 1 {
			t.Fatalf("report %+v, %v", report, err)
		}
		r := report.Receipts[0]
		if r.Finding != demand.Inconclusive || r.Tickets.Before.Events == 0 || r.Shown.Opened != 1 {
			t.Errorf("receipt %+v", r)
		}
		one, err := s.receipts.Receipt(ctx, r.ID, s.now)
		if err != nil || one.Look.Tickets != r.Look.Tickets || one.Change.High != r.Change.High || len(one.Weeks) != len(r.Weeks) {
			t.Errorf("alone it is %+v, %v", one.Look, err)
		}
		if of, err := s.receipts.Of(ctx, "gonfia", "it", s.now); err != nil || len(of) != 1 {
			t.Errorf("of the article %v, %v", of, err)
		}
		if of, err := s.receipts.Of(ctx, "gonfia", "es", s.now); err != nil || len(of) != 0 {
			t.Errorf("of the translation %v, %v", of, err)
		}
		if _, err := s.receipts.Receipt(ctx, "none", s.now); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("no such receipt: %v", err)
		}
	})
}

// TestMeasures are those of knowledge-centred support.
func TestMeasures(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, s := t.Context(), newPromotedSite(t, db)
		for i := range 10 {
			article := "known"
			if i < 4 {
				article = escalation.NoArticle
			}
			s.ticket(fmt.Sprint("domanda", i), article, true)
		}
		s.now = s.now.AddDate(0, 0, 10)
		s.collect()
		for i, article := range []string{"a", "b"} {
			signals, err := db.Signals(ctx, monday, 10)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.receipts.Promote(ctx, demand.Promotion{Line: signals[i].Line, Article: article, Lang: "it", Chosen: s.now}); err != nil {
				t.Fatal(err)
			}
		}
		s.live["a it"], s.live["b it"] = "h", "h"
		s.publish()
		report, err := s.receipts.Report(ctx, s.now.Add(time.Hour))
		k := report.KCS
		if err != nil || k.Linked.K != 6 || k.Linked.N != 10 || k.Reused.K != 6 || k.Reused.N != 8 || k.Waits != 2 || k.Wait.Value < 9.9 || k.Wait.Value > 10 {
			t.Errorf("measures %+v, %v", k, err)
		}
		// Long ago it counts no more.
		if report, err := s.receipts.Report(ctx, s.now.AddDate(0, 0, 100)); err != nil || report.KCS.Linked.N != 0 || report.KCS.Waits != 0 {
			t.Errorf("measures %+v, %v", report.KCS, err)
		}
	})
}
