package demand_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func TestNewSubscription(t *testing.T) {
	for _, test := range []struct{ email, query, field, want string }{
		{"Ada@Example.org ", "  batteria\n gonfia ", "", "batteria gonfia"},
		{"ada@example.org", "rimborso di ada@example.org", "", "rimborso di [e-mail]"},
		{"ada@example.org", strings.Repeat("è", 300), "", strings.Repeat("è", 200)},
		{"", "batteria", "email", ""},
		{"ada", "batteria", "email", ""},
		{"ada@example.org", " \u200b ", "q", ""},
		{"ada@example.org", "bob@example.org", "q", ""}, // nothing is left to be told of
	} {
		s, err := demand.NewSubscription(demand.Subscription{Email: test.email, Query: test.query, Lang: "it"}, monday)
		if test.field != "" {
			if e, ok := err.(*escalation.Error); !ok || e.Field != test.field {
				t.Errorf("%q, %q: %v, want a problem with %s", test.email, test.query, err, test.field)
			}
			continue
		}
		if err != nil || s.Query != test.want || s.Email != "ada@example.org" || !s.Confirmed.IsZero() {
			t.Errorf("%q: %+v, %v", test.query, s, err)
		}
	}
}

// A waiting is somebody's way from a search that failed to the letter with the answer.
type waiting struct {
	*demand.Subscribers
	*testing.T
	db  *store.DB
	now time.Time
}

func newWaiting(t *testing.T, url string) *waiting {
	w := &waiting{T: t, now: monday}
	w.db = storetest.Open(t, url, store.Options{Clock: func() time.Time { return w.now }})
	backlog := &demand.Backlog{Store: w.db, Terms: func(_, text string) []string { return strings.Fields(text) }, Key: []byte("key")}
	n := 0
	var mu sync.Mutex
	w.Subscribers = &demand.Subscribers{
		Store: w.db, Backlog: backlog, Key: []byte("a key of links"), Now: func() time.Time { return w.now },
		IDs: func() string { mu.Lock(); defer mu.Unlock(); n++; return fmt.Sprintf("id%04d", n) },
		Title: func(article, lang string) (string, bool) {
			return map[string]string{"it": "Batterie gonfie", "es": "Baterías"}[lang], article == "battery" && lang != "en"
		},
	}
	return w
}

func (w *waiting) ask(email, lang, query string) {
	w.Helper()
	if err := w.Ask(w.Context(), demand.Subscription{Email: email, Lang: lang, Query: query, Journey: "j-" + email}); err != nil {
		w.Fatal(err)
	}
}

// letters returns those that were written to an address.
func (w *waiting) letters(to string) []escalation.Delivery {
	w.Helper()
	all, err := w.db.LettersTo(w.Context(), to, nil)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// code is that of the link in the last letter to an address.
func (w *waiting) code(to string) string {
	w.Helper()
	var nonce string
	var last time.Time
	for _, l := range w.letters(to) {
		if l.Kind == escalation.SubscribeLetter && !l.Made.Before(last) {
			nonce, last = l.Args.Nonce, l.Made
		}
	}
	if nonce == "" {
		w.Fatalf("no letter to %s", to)
	}
	return escalation.Code(w.Key, nonce)
}

func (w *waiting) confirm(email string) {
	w.Helper()
	if err := w.Confirm(w.Context(), w.code(email)); err != nil {
		w.Fatal(err)
	}
}

// line is that on which the words of somebody lie who waits.
func (w *waiting) line(people int) demand.Line {
	w.Helper()
	list, err := w.Backlog.List(w.Context(), "", w.now)
	if err != nil || len(list.Lines) != 1 || list.Lines[0].People != people {
		w.Fatalf("%+v, %v", list, err)
	}
	return list.Lines[0]
}

func onEach(t *testing.T, test func(t *testing.T, w *waiting)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgresql": storetest.PostgreSQL} {
		t.Run(name, func(t *testing.T) { test(t, newWaiting(t, url(t))) })
	}
}

// TestTold follows three who search in vain and wait: each is asked once, counts from
// when they confirm, and is told once.
func TestTold(t *testing.T) {
	onEach(t, func(t *testing.T, w *waiting) {
		ctx := t.Context()
		for _, who := range []string{"a@example.it", "b@example.it", "c@example.it"} {
			w.ask(who, "it", "batteria gonfia")
			letters := w.letters(who)
			if len(letters) != 1 || strings.Contains(fmt.Sprintf("%+v", letters[0].Args), "batteria") {
				t.Fatalf("letters %+v: one, that repeats nothing that was typed", letters)
			}
		}
		if list, err := w.Backlog.List(ctx, "", w.now); err != nil || list.Hidden != 0 {
			t.Fatalf("who is not sure counts: %+v, %v", list, err)
		}
		// One had searched in this browser before: that is the same person.
		if err := w.db.SaveSignal(ctx, demand.Signal{ID: "search-1", Kind: demand.Zero, Lang: "it", Text: "batteria gonfia", Who: "visitor", At: w.now, Journey: "j-a@example.it"}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"a@example.it", "b@example.it", "c@example.it"} {
			w.confirm(who)
			w.confirm(who) // programs follow links, people press twice
		}
		l := w.line(3)
		if l.Waiting != 3 || l.Searches != 1 || l.Title != "batteria gonfia" {
			t.Errorf("the line: %+v", l)
		}
		// Journeys are looked at again when they go on: who waits stays.
		if err := w.db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j-b@example.it", Ended: w.now}}); err != nil {
			t.Fatal(err)
		}
		if l := w.line(3); l.Waiting != 3 {
			t.Errorf("%d wait after the journey went on", l.Waiting)
		}
		if err := w.Stop(ctx, w.code("c@example.it")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Find(ctx, w.code("c@example.it")); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("who stopped is found: %v", err)
		}
		for _, article := range []struct{ key, lang string }{{"battery", "es"}, {"other", "it"}} { // not theirs to read
			if err := w.Answered(ctx, l.ID, article.key, article.lang); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Answered(ctx, "another line", "battery", "it"); err != nil {
			t.Fatal(err)
		}
		if n := len(w.letters("a@example.it")); n != 1 {
			t.Fatalf("%d letters before there is an answer", n)
		}
		var told sync.WaitGroup
		for range 4 {
			told.Go(func() {
				if err := w.Answered(context.WithoutCancel(ctx), l.ID, "battery", "it"); err != nil {
					t.Error(err)
				}
			})
		}
		told.Wait()
		for who, want := range map[string]int{"a@example.it": 2, "b@example.it": 2, "c@example.it": 1} {
			letters := w.letters(who)
			if len(letters) != want {
				t.Errorf("%d letters to %s, want %d", len(letters), who, want)
			}
			for _, l := range letters {
				if l.Kind == escalation.AnsweredLetter && (l.Args.Path != "/a/battery?lang=it" || l.Args.Subject != "Batterie gonfie" || l.Args.Text != "batteria gonfia") {
					t.Errorf("the letter says %+v", l.Args)
				}
			}
			if n, err := w.db.SubscriptionsOf(ctx, who); err != nil || len(n) != 0 {
				t.Errorf("%s is still kept: %+v, %v", who, n, err)
			}
		}
		// They were people who asked, and the searches of one of them stay hers.
		if l, err := w.Backlog.List(ctx, "", w.now); err != nil || l.Hidden != 1 || len(l.Lines) != 0 {
			t.Errorf("after c stopped, two had asked: %+v, %v", l, err)
		}
	})
}

// TestAskedOnce holds that an address gets no more letters than it should, whatever
// is typed into the form, and that what the form answers is always the same.
func TestAskedOnce(t *testing.T) {
	onEach(t, func(t *testing.T, w *waiting) {
		count := func() int { return len(w.letters("a@example.it")) }
		w.ask("a@example.it", "it", "batteria gonfia")
		first := w.code("a@example.it")
		w.ask("A@example.it", "it", "Batteria  GONFIA")
		if n := count(); n != 1 {
			t.Errorf("the same twice: %d letters", n)
		}
		w.now = w.now.Add(demand.AskAgain + time.Minute)
		w.ask("a@example.it", "it", "batteria gonfia")
		if n := count(); n != 2 {
			t.Errorf("asked again the next day: %d letters", n)
		}
		if _, err := w.Find(t.Context(), first); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("the first link works beside the second: %v", err)
		}
		w.confirm("a@example.it")
		w.now = w.now.Add(demand.AskAgain + time.Minute)
		w.ask("a@example.it", "it", "batteria gonfia")
		if n := count(); n != 2 {
			t.Errorf("what is confirmed is asked: %d letters", n)
		}
		for i := range 10 {
			w.ask("a@example.it", "it", fmt.Sprintf("un'altra cosa %d", i))
		}
		if n := count(); n != 2+demand.LettersADay {
			t.Errorf("%d letters in a day", n-2)
		}
		w.ask("b@example.it", "it", "batteria gonfia")
		code := w.code("b@example.it")
		w.now = w.now.Add(demand.ConfirmLife - time.Second)
		if err := w.db.SweepSubscriptions(t.Context(), monday.AddDate(-1, 0, 0), w.now.Add(-demand.ConfirmLife)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Find(t.Context(), code); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		w.now = w.now.Add(time.Second)
		if err := w.Confirm(t.Context(), code); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("a week later: %v", err)
		}
		if err := w.db.SweepSubscriptions(t.Context(), monday.AddDate(-1, 0, 0), w.now.Add(-demand.ConfirmLife).Add(time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if left, err := w.db.SubscriptionsOf(t.Context(), "b@example.it"); err != nil || len(left) != 0 {
			t.Errorf("kept: %+v, %v", left, err)
		}
		if left, err := w.db.SubscriptionsOf(t.Context(), "a@example.it"); err != nil || len(left) != 1 || left[0].Confirmed.IsZero() || left[0].Journey != "" {
			t.Errorf("kept of a: %+v, %v", left, err)
		}
	})
}

// TestToldLate tells who confirms after an article was chosen for what they asked.
func TestToldLate(t *testing.T) {
	onEach(t, func(t *testing.T, w *waiting) {
		ctx := t.Context()
		w.ask("early@example.it", "it", "batteria gonfia")
		w.confirm("early@example.it")
		w.ask("late@example.it", "it", "batteria gonfia")
		line, err := w.db.LineOfSignal(ctx, "subscribe-id0001")
		if err != nil || line == "" {
			t.Fatalf("line %q, %v", line, err)
		}
		w.now = w.now.Add(time.Hour)
		if err := w.Backlog.Decide(ctx, demand.Decision{Line: line, Choice: demand.Write, Article: "battery", Lang: "it", At: w.now}); err != nil {
			t.Fatal(err)
		}
		if err := w.Answered(ctx, line, "battery", "it"); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		w.confirm("late@example.it")
		w.ask("later@example.it", "it", "batteria gonfia")
		w.confirm("later@example.it") // the article did not answer them
		for who, want := range map[string]int{"early@example.it": 2, "late@example.it": 2, "later@example.it": 1} {
			if n := len(w.letters(who)); n != want {
				t.Errorf("%d letters to %s, want %d", n, who, want)
			}
		}
	})
}
