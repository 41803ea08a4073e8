package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func TestSignals(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		signals := func() []demand.Signal {
			t.Helper()
			s, err := db.Signals(ctx, monday, 10)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(s, func(a, b demand.Signal) int { return cmp.Compare(a.ID, b.ID) })
			return s
		}
		a := demand.Signal{ID: "a", Kind: demand.Zero, Lang: "it", Text: "batteria", Who: "v", At: monday, Journey: "j"}
		b := demand.Signal{ID: "b", Kind: demand.No, Lang: "it", Text: "schermo", Who: "v", At: monday.Add(time.Second), Journey: "j", Hits: 3, Article: "x"}
		c := demand.Signal{ID: "c", Kind: demand.Ticket, Lang: "es", Text: "pantalla", Who: "r", At: monday, Journey: "j", Ticket: "t"}
		ended := monday.Add(time.Minute)
		if err := db.SaveJourneys(ctx, journey.Batch{
			Journeys: []journey.Journey{{ID: "j", Visitor: "v", Started: monday, Ended: ended}},
			Events:   []journey.Event{{ID: "2", At: ended, Journey: "j"}, {ID: "1", At: monday, Journey: "j"}},
		}); err != nil {
			t.Fatal(err)
		}
		ripe := func() []demand.Ripe {
			t.Helper()
			r, err := db.UnharvestedJourneys(ctx, ended.Add(2*time.Hour), 10)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r, err := db.UnharvestedJourneys(ctx, ended, 10); err != nil || len(r) != 0 {
			t.Errorf("before its end: %v, %v", r, err)
		}
		if r := ripe(); len(r) != 1 || r[0].Journey != "j" || !r[0].Ended.Equal(ended) || len(r[0].Events) != 2 || r[0].Events[0].ID != "1" {
			t.Errorf("ripe %+v", r)
		}
		if err := db.SaveSignal(ctx, c); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j", Ended: ended, Signals: []demand.Signal{a, b}}}); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]demand.Signal{a, b, c}, signals()); diff != "" {
			t.Errorf("signals differ:\n%s", diff)
		}
		if r := ripe(); len(r) != 0 {
			t.Errorf("harvested already: %+v", r)
		}

		// The lines stay when the journey goes on, and what was no failure goes.
		a.Line, b.Line, a.Strand, b.Strand = "l", "m", "s", "m"
		if err := db.PlaceSignals(ctx, []demand.Signal{a, b}, monday, 0); err != nil {
			t.Fatal(err)
		}
		elsewhere := a
		elsewhere.Line = "other"
		if err := db.PlaceSignals(ctx, []demand.Signal{elsewhere}, monday, 0); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveJourneys(ctx, journey.Batch{Journeys: []journey.Journey{{ID: "j", Visitor: "v", Started: monday, Ended: ended.Add(time.Hour)}}}); err != nil {
			t.Fatal(err)
		}
		if r := ripe(); len(r) != 1 {
			t.Errorf("it went on: %+v", r)
		}
		again := a
		again.Line, again.Strand, again.Kind = "", "", demand.Form
		if err := db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j", Ended: ended.Add(time.Hour), Signals: []demand.Signal{again}}}); err != nil {
			t.Fatal(err)
		}
		again.Line, again.Strand = "l", "s"
		if diff := gocmp.Diff([]demand.Signal{again, c}, signals()); diff != "" {
			t.Errorf("signals differ after the second harvest:\n%s", diff)
		}

		if err := db.SweepDemand(ctx, monday); err != nil || len(signals()) != 2 {
			t.Errorf("swept too early: %v", err)
		}
		if err := db.SweepDemand(ctx, monday.Add(time.Second)); err != nil || len(signals()) != 0 {
			t.Errorf("not swept: %v", err)
		}
	})
}

// TestLineActs keeps acts in order, each number once, with what they move; what
// was placed in ignorance of the last one is not kept.
func TestLineActs(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		about := demand.About{Held: 0.5, Articles: []demand.Share{{Article: "a/b", Weight: 1}, {Article: "c", Weight: 0.25}}}
		place := func(id, strand string, last int64) error {
			s := demand.Signal{ID: id, Kind: demand.Zero, Lang: "it", Text: id, Who: "v", At: monday}
			if err := db.SaveSignal(ctx, s); err != nil {
				t.Fatal(err)
			}
			s.Strand, s.Line, s.About = strand, strand, about
			return db.PlaceSignals(ctx, []demand.Signal{s}, monday, last)
		}
		placed := func(since time.Time) string {
			t.Helper()
			var all []string
			if err := db.EachPlaced(ctx, monday, since, func(s demand.Signal) {
				all = append(all, s.ID+" "+s.Strand+" "+s.Line)
				if !gocmp.Equal(s.About, about) {
					t.Errorf("%s is about %+v", s.ID, s.About)
				}
			}); err != nil {
				t.Fatal(err)
			}
			return strings.Join(all, ", ")
		}
		for id, strand := range map[string]string{"1": "a", "2": "b", "3": "b"} {
			if err := place(id, strand, 0); err != nil {
				t.Fatal(err)
			}
		}
		by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "p", Name: "Ada"}
		acts := []demand.Act{
			{Number: 1, Kind: demand.Join, Line: "a", Other: "b", By: by, At: monday},
			{Number: 2, Kind: demand.Split, Line: "a", Other: "n", Pins: []demand.Pin{{Wording: "w", Strand: "n"}}, By: by, At: monday.Add(time.Hour)},
			{Number: 3, Kind: demand.Part, Line: "a", Other: "b", By: by, At: monday},
			{Number: 4, Kind: demand.Rename, Line: "a", Title: "T", By: by, At: monday},
		}
		for i, test := range []struct {
			ids, strands []string
			want         string
		}{
			{nil, []string{"b"}, "1 a a, 2 b a, 3 b a"},
			{[]string{"2"}, nil, "1 a a, 3 b a, 2 n n"},
			{nil, []string{"b"}, "1 a a, 3 b b, 2 n n"},
			{nil, nil, "1 a a, 3 b b, 2 n n"},
		} {
			for try := range 2 {
				err := db.SaveLineAct(ctx, acts[i], test.ids, test.strands)
				if try == 0 && err != nil || try == 1 && escalation.KindOf(err) != escalation.Conflict {
					t.Fatalf("act %d, try %d: %v", i+1, try+1, err)
				}
			}
			if got := placed(time.Time{}); got != test.want {
				t.Errorf("after act %d: %s, want %s", i+1, got, test.want)
			}
		}
		if got := placed(monday.Add(time.Minute)); got != "2 n n" {
			t.Errorf("placed since: %s", got)
		}
		got, err := db.LineActs(ctx, 1)
		if diff := gocmp.Diff(acts[1:], got); err != nil || diff != "" {
			t.Errorf("acts: %v\n%s", err, diff)
		}
		if err := place("4", "b", 3); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("placed as things were: %v", err)
		}
		if left, err := db.UnplacedSignals(ctx, monday, 10); err != nil || len(left) != 1 || left[0].ID != "4" {
			t.Errorf("unplaced %+v, %v", left, err)
		}
		if of, err := db.SignalsOf(ctx, "b", monday, 10); err != nil || len(of) != 1 || of[0].ID != "3" {
			t.Errorf("on line b: %+v, %v", of, err)
		}
		if n, err := db.CountSignals(ctx, monday); err != nil || n != 4 {
			t.Errorf("%d signals, %v", n, err)
		}
	})
}

// TestLinesOf finds the line of what was searched, if enough people did in these
// words.
func TestLinesOf(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		n := 0
		ask := func(lang, text, line string, people int, ago time.Duration) {
			for i := range people {
				n++
				s := demand.Signal{ID: fmt.Sprint("s", n), Kind: demand.Zero, Lang: lang, Text: text, Who: fmt.Sprint("v", i), At: monday.Add(-ago)}
				if err := db.SaveSignal(ctx, s); err != nil {
					t.Fatal(err)
				}
				if s.Line = line; line != "" {
					if err := db.PlaceSignals(ctx, []demand.Signal{s}, monday, 0); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		ask("it", "antivirus", "few", 3, 0)
		ask("it", "antivirus", "most", 4, 0)
		ask("es", "antivirus", "spanish", 3, 0)
		ask("it", "rare", "rare", 2, 0)
		ask("it", "rare", "rare", 2, 0) // the same two
		ask("it", "old", "old", 3, 2*time.Hour)
		ask("it", "unplaced", "", 3, 0)
		ask("it", "not asked for", "other", 3, 0)
		got, err := db.LinesOf(ctx, []string{"antivirus", "rare", "old", "unplaced", "never", "'; --"}, monday.Add(-time.Hour), 3)
		if err != nil {
			t.Fatal(err)
		}
		want := map[demand.Query]string{{Lang: "it", Text: "antivirus"}: "most", {Lang: "es", Text: "antivirus"}: "spanish"}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("lines differ:\n%s", diff)
		}
		if got, err := db.LinesOf(ctx, nil, monday, 3); err != nil || len(got) != 0 {
			t.Errorf("of nothing: %v, %v", got, err)
		}
	})
}

func TestDecisions(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "s", Name: "Ada"}
		first := demand.Decision{ID: "1", Line: "l", Choice: demand.Product, Owner: "Eva", Reason: "BUG-7", People: 4, By: by, At: monday}
		last := demand.Decision{ID: "2", Line: "l", Choice: demand.Improve, Article: "a", Lang: "it", Revision: "r", By: by, At: monday.Add(time.Hour)}
		other := demand.Decision{ID: "3", Line: "m", Choice: demand.Snooze, Until: monday.AddDate(0, 1, 0), By: by, At: monday}
		again := other
		again.Until = monday.AddDate(0, 2, 0) // the same form, sent twice
		for _, d := range []demand.Decision{last, first, other, again} {
			if err := db.SaveDecision(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Decisions(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(map[string]demand.Decision{"l": last, "m": other}, got); diff != "" {
			t.Errorf("decisions differ:\n%s", diff)
		}
		history, err := db.DecisionsOf(ctx, []string{"l", "none"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]demand.Decision{last, first}, history); diff != "" {
			t.Errorf("history differs:\n%s", diff)
		}
	})
}

// TestConfirmed counts visitors whom an article answered after they had asked on a
// line, each once.
func TestConfirmed(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for _, a := range []struct {
			journey, visitor string
			articles         []string
		}{{"j1", "v", []string{"a"}}, {"j2", "v", []string{"a"}}, {"j3", "w", []string{"a", "b"}}, {"elsewhere", "x", []string{"a"}}} {
			if a.journey != "elsewhere" {
				s := demand.Signal{ID: a.journey, Kind: demand.Zero, Lang: "it", Text: "t", Who: a.visitor, At: monday, Journey: a.journey, Line: "l", Strand: "l"}
				if err := db.SaveSignal(ctx, s); err != nil {
					t.Fatal(err)
				}
			}
			r := learning.Ripe{Journey: a.journey, Visitor: a.visitor, Ended: monday, Events: []journey.Event{{ID: "seen"}}}
			for _, key := range a.articles {
				r.Answers = append(r.Answers, learning.Answer{
					ID: a.journey + key, Article: key, Lang: "it", Queries: []string{"t"}, Visitor: a.visitor, Person: a.visitor, Network: "n", Journey: a.journey, At: monday,
				})
			}
			if err := db.SaveJourneys(ctx, journey.Batch{Journeys: []journey.Journey{{ID: a.journey, Visitor: a.visitor, Started: monday, Ended: monday}}}); err != nil {
				t.Fatal(err)
			}
			if err := db.SaveAnswers(ctx, []learning.Ripe{r}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Confirmed(ctx, "l", monday)
		if diff := gocmp.Diff(map[string]int{"a": 2, "b": 1}, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

// TestSolvedTickets follows a ticket whose events were lost: its journey is
// joined, and its question becomes a signal, once.
func TestSolvedTickets(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.SaveJourneys(ctx, journey.Batch{Journeys: []journey.Journey{
			{ID: "j", Visitor: "v", Started: start, Ended: start}, {ID: "before", Visitor: "v", Started: start.Add(-time.Hour), Ended: start.Add(-time.Hour)},
			{ID: "other", Visitor: "w", Started: start, Ended: start},
		}}); err != nil {
			t.Fatal(err)
		}
		ticket, _, err := db.Open(ctx, "", func() (escalation.Change, error) {
			c := opening(t, "SOLVED01", start.Add(time.Minute))
			c.Ticket.Journey, c.Entries[0].Event.Journey = "j", "j"
			return c, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		open(t, db, "OPEN0001", start)
		if err := db.JoinTickets(ctx, start); err != nil {
			t.Fatal(err)
		}
		report, err := db.Deflection(ctx, journey.LastDays(2, "", start))
		if err != nil || report.Total.Sent != 2 || report.Total.Pending != 3 {
			t.Errorf("report %+v, %v", report.Total, err)
		}
		unharvested := func() []escalation.Ticket {
			t.Helper()
			tickets, err := db.UnharvestedTickets(ctx, start, 10)
			if err != nil {
				t.Fatal(err)
			}
			return tickets
		}
		if got := unharvested(); len(got) != 0 {
			t.Errorf("nothing is solved yet: %+v", got)
		}
		ticket, err = db.Change(ctx, ticket.Number, func(to escalation.Ticket) (escalation.Change, error) {
			by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "s"}
			return adding(t, to, start.Add(time.Hour),
				escalation.Entry{ID: "answer", By: by, Kind: escalation.Public, Text: "Restart it.", Event: &escalation.Event{
					Kind: escalation.EventSolved, Solution: &escalation.Solution{Entry: "answer", By: by, At: start.Add(time.Hour)},
				}}), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got := unharvested()
		if len(got) != 1 || got[0].ID != ticket.ID || got[0].Solution == nil {
			t.Fatalf("unharvested %+v", got)
		}
		if err := db.SaveSignal(ctx, demand.FromTicket(&got[0], "r")); err != nil {
			t.Fatal(err)
		}
		if got := unharvested(); len(got) != 0 {
			t.Errorf("unharvested again: %+v", got)
		}
		if src := demand.OfTicket(&ticket, func(_, text string) []string { return strings.Fields(text) }); src.Solution != "Restart it." || src.Problem == "" || src.Lang != "it" {
			t.Errorf("source of a draft: %+v", src)
		}
	})
}
