package journey_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.DB {
	return storetest.Open(t, storetest.SQLite(t), store.Options{})
}

func TestTrail(t *testing.T) {
	db := open(t)
	titles := func(lang, article string) string { return lang + ":" + article }
	r := journey.NewRecorder(db, nil, titles)
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	for _, e := range []journey.Event{
		{At: at(0), Visitor: "v", Kind: journey.Search, Lang: "it", Query: "batt", Hits: 3},
		{At: at(2), Visitor: "v", Kind: journey.Search, Lang: "it", Query: "batteria di mario@example.it"},
		{At: at(4), Visitor: "other", Kind: journey.Search, Lang: "it", Query: "altro"},
		{At: at(5), Visitor: "v", Kind: journey.ResultClick, Lang: "it", Article: "a"},
		{At: at(6), Visitor: "v", Kind: journey.ArticleOpen, Lang: "it", Article: "a"},
		{At: at(7), Kind: journey.Search, Lang: "es", Query: "nadie"},
		{At: at(30), Visitor: "v", Kind: journey.ArticleRead, Lang: "it", Article: "a", Seconds: 24},
		{At: at(31), Visitor: "v", Kind: journey.VoteNo, Lang: "it", Article: "a"},
		{At: at(35), Visitor: "v", Kind: journey.VoteNo, Lang: "it", Article: "a", Reason: "unclear"},
		{At: at(40), Visitor: "v", Kind: journey.FormOpen, Lang: "it"},
		{At: at(41), Visitor: "v", Kind: journey.SuggestionShown, Lang: "it", Article: "b", Rank: 1},
		{At: at(43), Visitor: "v", Kind: journey.SuggestionShown, Lang: "it", Article: "b", Rank: 1},
		{At: at(45), Visitor: "v", Kind: journey.SuggestionDeclined, Lang: "it", Article: "b"},
		{At: at(46), Visitor: "v", Source: journey.Staff, Kind: journey.Search, Lang: "it", Query: "di chi lavora qui"},
	} {
		r.Record(e)
	}
	trail, id, err := r.Trail(t.Context(), "v", at(3000)) // a long letter
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	var got []string
	for _, m := range trail.Moments {
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(m.Kind, " ", m.Query, " ", m.Hits, " ", m.Title, " ", m.Seconds, " ", m.Reason)), " "))
	}
	want := []string{
		"search batteria di [e-mail] 0 0",
		"open 0 it:a 24",
		"vote_no 0 it:a 0 unclear",
		"form 0 0",
		"suggested 0 it:b 0",
		"declined 0 it:b 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("trail\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s := r.Stats(); s.Recorded != 13 || s.KeptOut[journey.Staff] != 1 || s.Waiting != 0 {
		t.Errorf("stats %+v", s)
	}
	if other, otherID, err := r.Trail(t.Context(), "other", at(3000)); err != nil || otherID != "" || len(other.Moments) != 0 {
		t.Errorf("a journey that is over: %v, %q, %v", other, otherID, err)
	}
	if none, noID, err := r.Trail(t.Context(), "", noon); err != nil || noID != "" || len(none.Moments) != 0 {
		t.Errorf("of nobody: %v, %q, %v", none, noID, err)
	}
	r.Record(journey.Event{At: at(3001), Visitor: "v", Kind: journey.TicketCreated, Lang: "it", Ticket: "t1"})
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.DecideJourneys(t.Context(), nowhere, noon.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	report, err := db.Deflection(t.Context(), journey.LastDays(1, "", noon))
	if err != nil || report.Total.Decided() != 0 || report.Total.Sent != 1 || report.Total.Pending != 2 || report.Total.Unknown != 1 {
		t.Errorf("report %+v, %v", report.Total, err)
	}
}

// TestOrder holds that events of one millisecond stay in their order.
func TestOrder(t *testing.T) {
	db := open(t)
	r := journey.NewRecorder(db, nil, nil)
	var want []journey.Kind
	for range 50 {
		for _, kind := range []journey.Kind{journey.Search, journey.ResultClick, journey.ArticleOpen} {
			r.Record(journey.Event{At: noon, Visitor: "v", Kind: kind, Lang: "it", Query: "q", Hits: 1})
			want = append(want, kind)
		}
	}
	_, id, err := r.Trail(t.Context(), "v", noon)
	if err != nil {
		t.Fatal(err)
	}
	events, err := db.JourneyEvents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var got []journey.Kind
	for _, e := range events {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, want) {
		t.Errorf("order %v", got)
	}
}

// TestTicketCountsAgainstEarlierJourneys follows a visitor who comes back.
func TestTicketCountsAgainstEarlierJourneys(t *testing.T) {
	db := open(t)
	r := journey.NewRecorder(db, nil, nil)
	day := 24 * time.Hour
	for i, query := range []string{"uno", "due", "tre"} {
		r.Record(journey.Event{At: noon.Add(time.Duration(i) * 5 * day), Visitor: "v", Kind: journey.Search, Lang: "en", Query: query})
	}
	r.Record(journey.Event{At: noon.Add(16 * day), Visitor: "v", Kind: journey.FormOpen, Lang: "en"})
	r.Record(journey.Event{At: noon.Add(16 * day).Add(time.Minute), Visitor: "v", Kind: journey.TicketCreated, Lang: "en"})
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.DecideJourneys(t.Context(), nowhere, noon.Add(40*day)); err != nil {
		t.Fatal(err)
	}
	report, err := db.Deflection(t.Context(), journey.LastDays(20, "", noon.Add(19*day)))
	if err != nil {
		t.Fatal(err)
	}
	// 16 and 11 days before: failed. 6 days before, and the form itself: escalated.
	if f := report.Total; f.Escalated != 2 || f.Failed != 2 || f.Decided() != 4 {
		t.Errorf("figures %+v", f)
	}
}

func nowhere(journey.Text) string { return "" }

// TestStitching compares journeys with those of a naive reader who sees all
// events at once, however the recorder's batches fall.
func TestStitching(t *testing.T) {
	db := open(t)
	visits := 0
	rapid.Check(t, func(rt *rapid.T) {
		visits++
		visitor := fmt.Sprint("visitor", visits)
		r := journey.NewRecorder(db, nil, nil)
		kinds := []journey.Kind{journey.Search, journey.Zero, journey.ArticleOpen, journey.VoteNo, journey.FormOpen, journey.TicketCreated, journey.SuggestionClick}
		gaps := []time.Duration{time.Second, 20 * time.Second, 31 * time.Second, 10 * time.Minute, journey.Pause, journey.Pause + time.Millisecond, 5 * time.Hour, journey.Resume, journey.Resume + time.Millisecond}
		words := []string{"batteria", "batteria scarica", "schermo", "batteria scarica subito", "schermo rotto", "bat"}
		at := noon
		var events []journey.Event
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			at = at.Add(rapid.SampledFrom(gaps).Draw(rt, "gap"))
			e := journey.Event{At: at, Visitor: visitor, Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Lang: "it"}
			if e.Kind.IsSearch() {
				e.Query, e.Hits = rapid.SampledFrom(words).Draw(rt, "query"), 1
			}
			events = append(events, e)
			r.Record(e)
			if rapid.IntRange(0, 3).Draw(rt, "flush") == 0 {
				if err := r.Flush(context.Background()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if err := r.Flush(context.Background()); err != nil {
			rt.Fatal(err)
		}
		want := naive(events)
		ripe, err := db.UnharvestedJourneys(context.Background(), at.Add(time.Hour), 100_000)
		if err != nil {
			rt.Fatal(err)
		}
		var got [][]string
		for _, j := range ripe {
			if len(j.Events) == 0 || j.Events[0].Visitor != visitor {
				continue
			}
			var one []string
			for _, e := range j.Events {
				one = append(one, label(e))
			}
			got = append(got, one)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("journeys\n%v\nwant\n%v", got, want)
		}
	})
}

func label(e journey.Event) string {
	return strings.TrimSpace(e.At.Sub(noon).String() + " " + string(e.Kind) + " " + e.Query)
}

// naive cuts all events of a visitor into journeys, and drops the searches that
// were typed further.
func naive(events []journey.Event) [][]string {
	form := map[journey.Kind]bool{journey.FormOpen: true, journey.TicketCreated: true, journey.SuggestionClick: true}
	var cut [][]journey.Event
	for _, e := range events {
		n := len(cut)
		if n == 0 {
			cut = append(cut, []journey.Event{e})
			continue
		}
		now := cut[n-1]
		before := now[len(now)-1]
		gap := e.At.Sub(before.At)
		goesOn := gap <= 30*time.Minute
		if !goesOn && gap <= 24*time.Hour {
			if e.Kind.IsSearch() {
				searches := 0
				for i := len(now) - 1; i >= 0 && searches < 8; i-- {
					if now[i].Kind.IsSearch() {
						if i+1 == len(now) || !typedOn(now[i], now[i+1]) {
							searches++
							goesOn = goesOn || alike(now[i].Query, e.Query)
						}
					}
				}
			} else if e.Kind != journey.FormOpen && form[e.Kind] {
				goesOn = form[before.Kind]
			}
		}
		if goesOn {
			cut[n-1] = append(now, e)
		} else {
			cut = append(cut, []journey.Event{e})
		}
	}
	var out [][]string
	for _, j := range cut {
		var one []string
		for i, e := range j {
			if i+1 < len(j) && typedOn(e, j[i+1]) {
				continue
			}
			one = append(one, label(e))
		}
		out = append(out, one)
	}
	return out
}

func typedOn(a, b journey.Event) bool {
	return a.Kind.IsSearch() && b.Kind.IsSearch() && b.At.Sub(a.At) <= 30*time.Second &&
		(strings.HasPrefix(a.Query, b.Query) || strings.HasPrefix(b.Query, a.Query))
}

func alike(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	both := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			both++
		}
	}
	short := min(len(x), len(y))
	return both*2 >= short && (both >= 2 || both == short)
}

// A broken store fails as often as it is told to.
type broken struct {
	journey.Store
	mu    sync.Mutex
	fails int
	saved int
}

func (b *broken) LastJourneys(context.Context, []string, time.Time) (map[string]journey.Journey, error) {
	return nil, nil
}

func (b *broken) SaveJourneys(_ context.Context, batch journey.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails > 0 {
		b.fails--
		return errors.New("disk full")
	}
	b.saved += len(batch.Events)
	return nil
}

func TestRecorderIsBounded(t *testing.T) {
	b := &broken{fails: 1}
	r := journey.NewRecorder(b, nil, nil)
	for i := range 10_000 {
		r.Record(journey.Event{At: noon, Visitor: fmt.Sprint(i), Kind: journey.ArticleOpen, Query: strings.Repeat("x", 10_000)})
	}
	s := r.Stats()
	if s.Recorded+s.Dropped != 10_000 || s.Dropped == 0 || int64(s.Waiting) != s.Recorded {
		t.Errorf("stats %+v", s)
	}
	if err := r.Flush(t.Context()); err == nil || r.Stats().Waiting != s.Waiting || r.Stats().Failed != 1 {
		t.Errorf("after a failure %+v, %v: the events must wait", r.Stats(), err)
	}
	if err := r.Flush(t.Context()); err != nil || int64(b.saved) != s.Recorded || r.Stats().Waiting != 0 {
		t.Errorf("then %d were saved of %d, %v", b.saved, s.Recorded, err)
	}
}

// TestRun holds that what was recorded is kept within a second, and at the end.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broken{fails: 1}
		r := journey.NewRecorder(b, nil, nil)
		ctx, stop := context.WithCancel(t.Context())
		var failures []error
		done := make(chan struct{})
		go func() {
			r.Run(ctx, func(err error) { failures = append(failures, err) })
			close(done)
		}()
		r.Record(journey.Event{At: noon, Kind: journey.FormOpen})
		time.Sleep(time.Second)
		synctest.Wait()
		b.mu.Lock()
		if b.saved != 1 {
			t.Errorf("%d events are kept after a second", b.saved)
		}
		b.mu.Unlock()
		r.Record(journey.Event{At: noon, Kind: journey.FormOpen})
		stop()
		<-done
		if b.saved != 2 || len(failures) != 1 {
			t.Errorf("%d events are kept at the end, with failures %v", b.saved, failures)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	r := journey.NewRecorder(&broken{}, nil, nil)
	e := journey.Event{At: noon, Visitor: "v", Kind: journey.Search, Lang: "it", Query: "non riesco a pagare la bolletta", Hits: 3}
	n := 0
	for b.Loop() {
		r.Record(e)
		if n++; n%4000 == 0 {
			b.StopTimer()
			if err := r.Flush(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}
