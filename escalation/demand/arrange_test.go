package demand_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// A hall is a backlog with people who ask.
type hall struct {
	*testing.T
	*demand.Backlog
	db  *store.DB
	now time.Time
	n   int
}

func newHall(t *testing.T, db *store.DB) *hall {
	return &hall{T: t, db: db, now: monday, Backlog: &demand.Backlog{
		Store: db, Key: []byte("key"),
		Terms: func(_, text string) []string {
			return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		},
	}}
}

// ask lets so many people search in vain.
func (h *hall) ask(lang, query string, people int) {
	h.Helper()
	for range people {
		h.n++
		id := fmt.Sprint("j", h.n)
		h.now = h.now.Add(time.Second)
		if err := h.db.SaveJourneys(h.Context(), journey.Batch{
			Journeys: []journey.Journey{{ID: id, Visitor: "v" + id, Lang: lang, Started: h.now, Ended: h.now}},
			Events:   []journey.Event{{ID: "e" + id, At: h.now, Visitor: "v" + id, Journey: id, Kind: journey.Zero, Lang: lang, Query: query}},
		}); err != nil {
			h.Fatal(err)
		}
	}
	h.now = h.now.Add(demand.Settle + time.Second)
	h.collect(h.Backlog)
}

// solve lets an article solve a ticket.
func (h *hall) solve(lang, subject, article string) {
	h.Helper()
	h.n++
	if err := h.Solved(h.Context(), &escalation.Ticket{
		ID: fmt.Sprint("t", h.n), Lang: lang, Subject: subject, Requester: escalation.Requester{Email: fmt.Sprintf("r%d@example.it", h.n)},
		Solution: &escalation.Solution{At: h.now, Article: article},
	}); err != nil {
		h.Fatal(err)
	}
	h.collect(h.Backlog)
}

func (h *hall) collect(b *demand.Backlog) {
	h.Helper()
	if _, err := b.Collect(h.Context(), h.now); err != nil {
		h.Fatal(err)
	}
}

// lines shows the lines: title and people.
func (h *hall) lines() string {
	h.Helper()
	l, err := h.List(h.Context(), "", h.now)
	if err != nil {
		h.Fatal(err)
	}
	var lines []string
	for _, l := range l.Lines {
		lines = append(lines, fmt.Sprint(l.Title, " ", l.People))
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// line returns the line with a title.
func (h *hall) line(title string) demand.Line {
	h.Helper()
	l, err := h.List(h.Context(), "", h.now)
	if err != nil {
		h.Fatal(err)
	}
	i := slices.IndexFunc(l.Lines, func(l demand.Line) bool { return l.Title == title })
	if i < 0 {
		h.Fatalf("no line %q among %s", title, h.lines())
	}
	return l.Lines[i]
}

func (h *hall) arrange(act demand.Act, said ...demand.Query) demand.Act {
	h.Helper()
	act.By = escalation.ActorRef{Kind: escalation.ByStaff, ID: "p1", Name: "Ada"}
	done, err := h.Arrange(h.Context(), act, said, h.now)
	if err != nil {
		h.Fatal(err)
	}
	return done
}

func (h *hall) want(when, lines string) {
	h.Helper()
	if got := h.lines(); got != lines {
		h.Errorf("%s: %s, want %s", when, got, lines)
	}
}

// TestArrange follows a lead who puts lines right by hand: what she did holds for
// those who ask later, in another process, and when all that was said is gone.
func TestArrange(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h, ctx := newHall(t, db), t.Context()
		h.ask("it", "batteria gonfia", 4)
		h.ask("it", "batteria gonfia originale", 3)
		h.ask("it", "schermo nero", 3)
		h.want("at first", "batteria gonfia 7, schermo nero 3")
		battery, screen := h.line("batteria gonfia"), h.line("schermo nero")

		h.arrange(demand.Act{Kind: demand.Rename, Line: battery.ID, Title: "La batteria si gonfia"})
		h.ask("it", "batteria gonfia", 1)
		h.want("renamed", "La batteria si gonfia 8, schermo nero 3")
		h.arrange(demand.Act{Kind: demand.Rename, Line: battery.ID})
		h.want("called as people say again", "batteria gonfia 8, schermo nero 3")

		split := h.arrange(demand.Act{Kind: demand.Split, Line: battery.ID}, demand.Query{Lang: "it", Text: "Batteria gonfia  ORIGINALE"})
		h.want("split", "batteria gonfia 5, batteria gonfia originale 3, schermo nero 3")
		h.ask("it", "originale gonfia batteria", 1)
		h.ask("it", "batteria gonfia", 1)
		h.want("who asks later", "batteria gonfia 6, batteria gonfia originale 4, schermo nero 3")

		h.arrange(demand.Act{Kind: demand.Join, Line: battery.ID, Other: screen.ID})
		h.want("joined", "batteria gonfia 9, batteria gonfia originale 4")
		if l, err := h.Line(ctx, screen.ID, h.now); err != nil || l.ID != battery.ID {
			t.Errorf("the old address leads to %s, %v", l.ID, err)
		}
		h.ask("it", "schermo tutto nero", 1)
		h.want("joined, and asked again", "batteria gonfia 10, batteria gonfia originale 4")

		bench, err := h.Bench(ctx, battery.ID, h.now)
		if err != nil {
			t.Fatal(err)
		}
		if len(bench.Joined) != 1 || bench.Joined[0] != (demand.Name{ID: screen.ID, Title: "schermo nero"}) {
			t.Errorf("joined %+v", bench.Joined)
		}
		if len(bench.Kept) != 1 || bench.Kept[0].ID != split.Other || len(bench.Others) != 0 {
			t.Errorf("kept apart from %+v, offered %+v", bench.Kept, bench.Others)
		}
		if len(bench.Acts) != 4 || bench.Acts[0].Kind != demand.Join || bench.Acts[0].By.Name != "Ada" || !bench.Acts[0].At.Equal(h.now.Truncate(time.Millisecond)) && bench.Acts[0].At.After(h.now) {
			t.Errorf("acts %+v", bench.Acts)
		}

		// Another process, and all signals are gone: by hand is by hand.
		h.now = h.now.Add(time.Hour)
		if err := db.SweepDemand(ctx, h.now); err != nil {
			t.Fatal(err)
		}
		h.Backlog = newHall(t, db).Backlog
		h.want("all is forgotten", "")
		h.ask("it", "batteria gonfia originale", 3)
		h.ask("it", "batteria gonfia", 3)
		h.ask("it", "schermo nero", 4)
		h.want("and said again", "batteria gonfia originale 3, schermo nero 7")
		if l := h.line("schermo nero"); l.ID != battery.ID {
			t.Errorf("the line is %s, was %s", l.ID, battery.ID)
		}
		if l := h.line("batteria gonfia originale"); l.ID != split.Other {
			t.Errorf("what was split off is on %s, was on %s", l.ID, split.Other)
		}

		h.arrange(demand.Act{Kind: demand.Part, Line: battery.ID, Other: screen.ID})
		h.want("taken off", "batteria gonfia 3, batteria gonfia originale 3, schermo nero 4")
		h.arrange(demand.Act{Kind: demand.Join, Line: battery.ID, Other: split.Other})
		h.want("the split is undone", "batteria gonfia 6, schermo nero 4")
	})
}

// TestArrangeMistakes refuses what makes no sense and says why.
func TestArrangeMistakes(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h, ctx := newHall(t, db), t.Context()
		h.ask("it", "batteria gonfia", 3)
		h.ask("it", "schermo nero", 3)
		h.ask("it", "tastiera bagnata", 2)
		battery, screen := h.line("batteria gonfia"), h.line("schermo nero")
		hidden, err := db.UnplacedSignals(ctx, monday, 1)
		if err != nil || len(hidden) > 0 {
			t.Fatalf("unplaced %v, %v", hidden, err)
		}
		all, err := db.Signals(ctx, monday, 100)
		if err != nil {
			t.Fatal(err)
		}
		few := all[slices.IndexFunc(all, func(s demand.Signal) bool { return s.Text == "tastiera bagnata" })].Line
		for _, test := range []struct {
			name string
			act  demand.Act
			said []demand.Query
			want string
		}{
			{"into itself", demand.Act{Kind: demand.Join, Line: battery.ID, Other: battery.ID}, nil, "error.arrange_itself"},
			{"a line that is not shown", demand.Act{Kind: demand.Join, Line: battery.ID, Other: few}, nil, "error.arrange_other_gone"},
			{"from a line that is not shown", demand.Act{Kind: demand.Rename, Line: few, Title: "x"}, nil, "error.arrange_gone"},
			{"no wordings", demand.Act{Kind: demand.Split, Line: battery.ID}, nil, "error.arrange_none"},
			{"wordings of another line", demand.Act{Kind: demand.Split, Line: battery.ID}, []demand.Query{{Lang: "it", Text: "schermo nero"}}, "error.arrange_none"},
			{"all wordings", demand.Act{Kind: demand.Split, Line: battery.ID}, []demand.Query{{Lang: "it", Text: "batteria gonfia"}}, "error.arrange_all"},
		} {
			_, err := h.Arrange(ctx, test.act, test.said, h.now)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want %s", test.name, err, test.want)
			}
		}
		// Two leads at once: one of them finds it done.
		failed := make(chan error, 2)
		for _, act := range []demand.Act{{Kind: demand.Join, Line: battery.ID, Other: screen.ID}, {Kind: demand.Join, Line: screen.ID, Other: battery.ID}} {
			other := newHall(t, db)
			go func() {
				_, err := other.Arrange(ctx, act, nil, h.now)
				failed <- err
			}()
		}
		a, b := <-failed, <-failed
		if (a == nil) == (b == nil) || escalation.KindOf(cmpOr(a, b)) != escalation.Conflict {
			t.Errorf("both at once: %v, %v", a, b)
		}
		acts, err := db.LineActs(ctx, 0)
		if err != nil || len(acts) != 1 {
			t.Errorf("%d acts are kept, %v", len(acts), err)
		}
	})
}

func cmpOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// TestLanguages joins what one article or one code answered in several languages,
// one line of each language at most, and never what a lead took apart.
func TestLanguages(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h, ctx := newHall(t, db), t.Context()
		h.ask("it", "batteria gonfia", 3)
		h.ask("es", "la pila está hinchada", 3)
		h.ask("it", "schermo nero", 3)
		h.want("no tickets yet", "batteria gonfia 3, la pila está hinchada 3, schermo nero 3")
		h.solve("it", "batteria gonfia", "battery")
		h.solve("it", "schermo nero", "battery") // it says a bit of everything
		h.solve("it", "batteria gonfia", "battery")
		h.solve("es", "la pila está hinchada", "battery")
		h.want("one article", "batteria gonfia 9, schermo nero 4")
		line := h.line("batteria gonfia")
		if !slices.Equal(line.Langs, []string{"it", "es"}) || line.Lang != "it" {
			t.Errorf("the line speaks %v", line.Langs)
		}
		bench, err := h.Bench(ctx, line.ID, h.now)
		if err != nil || len(bench.Acts) != 1 || bench.Acts[0].By.ID != demand.SameArticle || bench.Acts[0].By.Kind != escalation.BySystem {
			t.Fatalf("acts %+v, %v", bench.Acts, err)
		}
		h.arrange(demand.Act{Kind: demand.Part, Line: line.ID, Other: bench.Joined[0].ID})
		h.solve("es", "la pila está hinchada", "battery")
		h.want("taken apart by hand", "batteria gonfia 5, la pila está hinchada 5, schermo nero 4")
		h.arrange(demand.Act{Kind: demand.Allow, Line: line.ID, Other: bench.Joined[0].ID})
		h.solve("es", "la pila está hinchada", "battery")
		h.want("allowed again", "la pila está hinchada 11, schermo nero 4")

		h.ask("it", "errore e104", 3)
		h.ask("en", "e104 shown", 3)
		h.ask("it", "telefono a52 lento", 3)
		h.ask("it", "cover per a52 rossa", 3)
		h.ask("en", "a52 cracked", 3)
		h.want("a code, and a name that many matters share",
			"a52 cracked 3, cover per a52 rossa 3, e104 shown 6, la pila está hinchada 11, schermo nero 4, telefono a52 lento 3")
	})
}

// TestDecidedLinesStay holds that what was decided about a line is not lost when
// lines are joined by themselves.
func TestDecidedLinesStay(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h, ctx := newHall(t, db), t.Context()
		h.ask("it", "batteria gonfia", 3)
		h.ask("es", "la pila está hinchada", 3)
		decided := h.line("la pila está hinchada")
		if err := h.Decide(ctx, demand.Decision{Line: decided.ID, Choice: demand.Decline, Reason: "no", At: h.now}); err != nil {
			t.Fatal(err)
		}
		h.solve("it", "batteria gonfia", "battery")
		h.solve("es", "la pila está hinchada", "battery")
		l, err := h.Line(ctx, decided.ID, h.now)
		if err != nil || l.ID != decided.ID || l.Decision == nil || len(l.Langs) != 2 {
			t.Errorf("the line is %s with %+v in %v, %v", l.ID, l.Decision, l.Langs, err)
		}
	})
}

// TestReplicas holds that what one process placed is known to the next one, and
// that signals that are gone, or were taken back, are no longer shown.
func TestReplicas(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h, ctx := newHall(t, db), t.Context()
		other := newHall(t, db).Backlog
		h.collect(other)
		for i, query := range []string{"batteria gonfia", "gonfia la batteria", "la batteria è gonfia", "batteria molto gonfia"} {
			if i%2 == 1 {
				h.Backlog, other = other, h.Backlog
			}
			h.ask("it", query, 1)
		}
		h.want("in turns", "batteria molto gonfia 4")
		if err := db.SweepDemand(ctx, monday.Add(2*time.Second)); err != nil {
			t.Fatal(err)
		}
		h.want("the first is forgotten", "batteria molto gonfia 3")
		if l, err := h.Line(ctx, h.line("batteria molto gonfia").ID, h.now); err != nil || slices.ContainsFunc(l.Wordings, func(w demand.Wording) bool { return w.Text == "batteria gonfia" }) {
			t.Errorf("line %+v, %v", l, err)
		}
	})
}

// TestBusy holds that a search that fails loses nothing.
func TestBusy(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		h := newHall(t, db)
		busy := true
		h.Nearest = func(context.Context, string, string, int) ([]demand.Near, error) {
			if busy {
				return nil, fmt.Errorf("busy")
			}
			return nil, nil
		}
		h.n = 1
		if err := db.SaveSignal(t.Context(), demand.Signal{ID: "s", Kind: demand.Zero, Lang: "it", Text: "batteria", Who: "v", At: monday}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Collect(t.Context(), monday); err == nil {
			t.Error("nobody says that it failed")
		}
		busy = false
		h.collect(h.Backlog)
		if left, err := db.UnplacedSignals(t.Context(), monday.Add(-time.Hour), 10); err != nil || len(left) > 0 {
			t.Errorf("left %v, %v", left, err)
		}
	})
}
