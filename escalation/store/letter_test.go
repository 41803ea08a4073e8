package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// A watch is a clock that a test moves.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func newWatch() *watch { return &watch{now: start} }

func (w *watch) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func (w *watch) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// post puts a letter into the outbox.
func post(t *testing.T, db *store.DB, number string, l escalation.Letter) {
	t.Helper()
	_, err := db.Change(t.Context(), number, func(t escalation.Ticket) (escalation.Change, error) {
		l.Ticket = t.ID
		return escalation.Change{Ticket: t, Letters: []escalation.Letter{l}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// states returns what became of each letter of a ticket.
func states(t *testing.T, db *store.DB, ticket string) map[string]escalation.LetterState {
	t.Helper()
	letters, err := db.LettersOf(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]escalation.LetterState)
	for _, l := range letters {
		m[l.ID] = l.State
	}
	return m
}

func lease(t *testing.T, db *store.DB, n int) []escalation.Delivery {
	t.Helper()
	leased, err := db.LeaseLetters(t.Context(), n, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return leased
}

// TestLetter follows one letter: leased once, tried again later, sent for good.
// TestFreeLetter posts letters of no ticket, and lets a later one to the same
// person replace them.
func TestFreeLetter(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for _, l := range []escalation.Letter{
			{ID: "1", Kind: "reset", To: "a@example.com", Replaces: "reset", Args: escalation.LetterArgs{Path: "/join/", Nonce: "n"}},
			{ID: "2", Kind: "reset", To: "b@example.com", Replaces: "reset"},
			{ID: "3", Kind: "reset", To: "a@example.com", Replaces: "reset"},
		} {
			if err := db.PostLetter(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		for id, want := range map[string]escalation.LetterState{"1": escalation.LetterReplaced, "2": escalation.LetterWaiting, "3": escalation.LetterWaiting} {
			d, err := db.Letter(t.Context(), id)
			if err != nil || d.State != want || d.Ticket != "" {
				t.Errorf("letter %s: %+v, %v, want %s", id, d, err, want)
			}
		}
		if d, err := db.Letter(t.Context(), "1"); err != nil || d.Args.Path != "/join/" || d.Args.Nonce != "n" {
			t.Errorf("its arguments: %+v, %v", d.Args, err)
		}
		if _, err := db.Letter(t.Context(), "4"); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("no letter: %v", err)
		}
		leased, err := db.LeaseLetters(t.Context(), 10, time.Minute)
		if err != nil || len(leased) != 2 {
			t.Errorf("leased %d, %v", len(leased), err)
		}
	})
}

func TestLetter(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ctx, ticket := t.Context(), open(t, db, "ABCD1234", start)
		letter := escalation.Letter{
			ID: "l1", Kind: escalation.ReplyLetter, To: "ada@example.com", Lang: "it", NotBefore: w.time().Add(10 * time.Minute),
			Args: escalation.LetterArgs{Number: "ABCD1234", Text: "Sì", Recipient: "ada@example.com", Generation: 2},
		}
		post(t, db, "ABCD1234", letter)
		select {
		case <-db.Woken():
		default:
			t.Error("nobody was woken")
		}
		if n := len(lease(t, db, 5)); n != 0 {
			t.Errorf("%d letters before their time", n)
		}
		w.pass(10 * time.Minute)
		got := lease(t, db, 5)
		letter.Ticket = ticket.ID
		if len(got) != 1 || got[0].Letter != letter || got[0].Attempts != 1 {
			t.Fatalf("leased %+v, want %+v", got, letter)
		}
		if n := len(lease(t, db, 5)); n != 0 {
			t.Error("leased twice")
		}
		w.pass(time.Minute + time.Millisecond) // its sender died
		if got := lease(t, db, 5); len(got) != 1 || got[0].Attempts != 2 {
			t.Errorf("after the lease %+v", got)
		}
		if err := db.LetterFailed(ctx, "l1", "451 later", w.time().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour - time.Millisecond)
		if n := len(lease(t, db, 5)); n != 0 {
			t.Error("tried again too early")
		}
		w.pass(time.Millisecond)
		if got := lease(t, db, 5); len(got) != 1 || got[0].Problem != "451 later" {
			t.Errorf("an hour later %+v", got)
		}
		if err := db.LetterSent(ctx, "l1"); err != nil {
			t.Fatal(err)
		}
		if err := db.LetterFailed(ctx, "l1", "late news", w.time()); err != nil { // of a sender whose lease was over
			t.Fatal(err)
		}
		w.pass(time.Hour)
		if n := len(lease(t, db, 5)); n != 0 || states(t, db, ticket.ID)["l1"] != escalation.LetterSent {
			t.Errorf("%d leased, states %v", n, states(t, db, ticket.ID))
		}
	})
}

// TestReplace sends of several notices the last one.
func TestReplace(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time}, func(t *testing.T, db *store.DB) {
		ticket, other := open(t, db, "ABCD1234", start), open(t, db, "OTHER123", start)
		move := func(number, id string) {
			post(t, db, number, escalation.Letter{ID: id, Kind: escalation.MoveLetter, To: "a@example.com", Replaces: "move", NotBefore: w.time().Add(10 * time.Minute)})
		}
		move("OTHER123", "o1")
		move("ABCD1234", "l1")
		move("ABCD1234", "l2")
		post(t, db, "ABCD1234", escalation.Letter{ID: "r", Kind: escalation.ReplyLetter, To: "a@example.com"})
		w.pass(10 * time.Minute)
		lease(t, db, 5)        // l2 is being sent
		move("ABCD1234", "l3") // too late to replace it
		if err := db.LetterSent(t.Context(), "l2"); err != nil {
			t.Fatal(err)
		}
		w.pass(10 * time.Minute)
		lease(t, db, 5)        // l3 is, and fails
		move("ABCD1234", "l4") // so that this one goes instead
		if err := db.LetterFailed(t.Context(), "l3", "451 later", w.time()); err != nil {
			t.Fatal(err)
		}
		want := map[string]escalation.LetterState{"l1": "replaced", "l2": "sent", "l3": "replaced", "l4": "waiting", "r": "waiting"}
		if got := states(t, db, ticket.ID); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := states(t, db, other.ID); got["o1"] != escalation.LetterWaiting {
			t.Errorf("another ticket's letter is %v", got)
		}
	})
}

// TestHeld keeps letters while there is no mail server, and lets them go when a
// lead says so.
func TestHeld(t *testing.T) {
	w := newWatch()
	storetest.Each(t, store.Options{Clock: w.time, Hold: true}, func(t *testing.T, db *store.DB) {
		ctx, ticket := t.Context(), open(t, db, "ABCD1234", start)
		for i := range 5 {
			post(t, db, "ABCD1234", escalation.Letter{ID: fmt.Sprint("l", i), Kind: escalation.ReplyLetter, To: "a@example.com"})
			w.pass(time.Minute)
		}
		if n := len(lease(t, db, 9)); n != 0 {
			t.Errorf("%d held letters leased", n)
		}
		var listed []string
		for before := ""; ; {
			page, err := db.Letters(ctx, escalation.LetterHeld, before, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, l := range page {
				listed = append(listed, l.ID)
			}
			before = listed[len(listed)-1]
		}
		if got := fmt.Sprint(listed); got != "[l4 l3 l2 l1 l0]" {
			t.Errorf("listed %v", got)
		}
		for most, want := range map[int]int{99: 5, 3: 3} {
			if n, err := db.CountLetters(ctx, escalation.LetterHeld, most); err != nil || n != want {
				t.Errorf("counted %d, %v, want %d", n, err, want)
			}
		}
		for _, id := range []string{"l2", "l2", "none"} { // what waits already, or is not there, is not released
			if err := db.ReleaseLetter(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		for id, want := range map[string]int{"l2": 1, "none": 0} {
			if p, err := db.Audit(ctx, audit.Query{Kind: audit.Letter, Object: id}); err != nil || len(p.Acts) != want {
				t.Errorf("%s: %d acts, %v, want %d", id, len(p.Acts), err, want)
			}
		}
		if got := lease(t, db, 9); len(got) != 1 || got[0].ID != "l2" {
			t.Errorf("leased %+v", got)
		}
		if err := db.LetterFailed(ctx, "l2", "550 nobody", time.Time{}); err != nil {
			t.Fatal(err)
		}
		if got := states(t, db, ticket.ID); got["l2"] != escalation.LetterFailed {
			t.Errorf("states %v", got)
		}
	})
}

// TestLeaseAtOnce gives each letter to one of many.
func TestLeaseAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		open(t, db, "ABCD1234", start)
		const n = 60
		for i := range n {
			post(t, db, "ABCD1234", escalation.Letter{ID: fmt.Sprint("l", i), Kind: escalation.ReplyLetter, To: "a@example.com"})
		}
		var mu sync.Mutex
		times := make(map[string]int)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for empty := 0; empty < 3; {
					leased, err := db.LeaseLetters(t.Context(), 3, time.Hour)
					if err != nil {
						t.Error(err)
						return
					}
					if len(leased) == 0 {
						empty++
					}
					mu.Lock()
					for _, l := range leased {
						times[l.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(times) != n {
			t.Errorf("%d of %d letters leased", len(times), n)
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("letter %s leased %d times", id, n)
			}
		}
	})
}
