package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// around is a store that counts what it is asked.
type around struct {
	mu      sync.Mutex
	asked   map[string]int
	changed []string // not asked for yet
	present []escalation.Presence
	kept    []escalation.Presence
	forgot  []escalation.Presence
	ended   map[string]bool // sessions
	people  []staff.Person
	version int // of all tickets
	broken  bool
	full    bool // nothing can be kept
	anew    int  // how often it was asked to begin anew
}

func (a *around) did(what string) func() {
	a.mu.Lock()
	a.asked[what]++
	return a.mu.Unlock
}

func (a *around) next(_ context.Context, anew bool) ([]string, bool, error) {
	defer a.did("changed")()
	if a.broken {
		return nil, false, errors.New("no database")
	}
	if anew {
		a.anew++
	}
	list := a.changed
	a.changed = nil
	return list, anew, nil
}

func (a *around) Present(context.Context, time.Time) ([]escalation.Presence, error) {
	defer a.did("present")()
	return slices.Clone(a.present), nil
}

func (a *around) KeepPresent(_ context.Context, list []escalation.Presence, _ time.Time) error {
	defer a.did("keep")()
	if a.full {
		return errors.New("the disk is full")
	}
	a.kept = append(a.kept, list...)
	return nil
}

func (a *around) Forget(_ context.Context, p escalation.Presence, _ time.Time) error {
	defer a.did("forget")()
	a.forgot = append(a.forgot, p)
	return nil
}

func (a *around) Sessions(_ context.Context, hashes []string) (list []staff.Session, err error) {
	defer a.did("sessions")()
	for _, h := range hashes {
		if !a.ended[h] {
			person, _, _ := strings.Cut(h, "/")
			s := staff.Session{Hash: h, Created: time.Now(), Seen: time.Now()}
			if i := slices.IndexFunc(a.people, func(p staff.Person) bool { return p.ID == person }); i >= 0 {
				s.Person, s.Proof = person, staff.Proof(a.people[i])
			}
			list = append(list, s)
		}
	}
	return list, nil
}

func (a *around) People(context.Context) ([]staff.Person, error) {
	defer a.did("people")()
	return slices.Clone(a.people), nil
}

func (a *around) Ticket(_ context.Context, number string) (escalation.Ticket, error) {
	defer a.did("ticket")()
	return escalation.Ticket{Number: number, Version: a.version}, nil
}

// change is what happens beside the test.
func (a *around) change(do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do()
}

// An ear is a page that listens.
type ear struct {
	mu    sync.Mutex
	in    io.Closer
	lines []string
	asked int // how often it was asked what there is to tell
	over  bool
}

func (e *ear) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.lines, " ")
}

func (e *ear) ended() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.over
}

// living returns a Live that runs, over a store with agents a and b, and how a page
// listens to it.
func living(t *testing.T) (*Live, *around, func(s Stream) *ear) {
	t.Helper()
	at := &around{asked: map[string]int{}, ended: map[string]bool{}}
	for _, id := range []string{"a", "b"} {
		at.people = append(at.people, staff.Person{ID: id, Name: id, Roles: []staff.Role{staff.Agent}, Tier: 1, PasswordHash: "x"})
	}
	l := NewLive(at, at.next, time.Now, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	go l.Run(ctx)
	t.Cleanup(func() {
		l.Close()
		stop()
		synctest.Wait()
	})
	return l, at, func(s Stream) *ear {
		t.Helper()
		e := &ear{}
		if s.Next == nil {
			s.Next = func(_ context.Context, now Moment) (tell []News, _ time.Duration, may bool, err error) {
				e.mu.Lock()
				defer e.mu.Unlock()
				e.asked++
				if now.Touched {
					tell = append(tell, News{"1", "news", "new"})
				}
				for _, p := range now.Present {
					tell = append(tell, News{"1", "there", p.Name})
				}
				return tell, 0, true, nil
			}
		}
		me, err := l.join(s)
		if err != nil {
			t.Fatal(err)
		}
		in, out := io.Pipe()
		e.in = in
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			defer out.Close()
			defer l.leave(me)
			if err := l.listen(ctx, bufio.NewWriter(out), me); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			for lines := bufio.NewScanner(in); lines.Scan(); {
				e.mu.Lock()
				if line := lines.Text(); line != "" {
					e.lines = append(e.lines, line)
				}
				e.mu.Unlock()
			}
			e.mu.Lock()
			e.over = true
			e.mu.Unlock()
		}()
		synctest.Wait()
		return e
	}
}

func of(person, number string) Stream {
	return Stream{Who: person, Session: person + "/1", Me: &staff.Person{ID: person, Name: person}, Number: number}
}

// pass lets time pass, and all that is due be done.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// TestLiveTells: who listens to a ticket hears of it and of no other, who listens to all
// hears of each, and when it is not known what changed everybody looks.
func TestLiveTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		one, other, all := listen(of("a", "1")), listen(of("b", "2")), listen(of("a", ""))
		pass(3 * look)
		for _, e := range []*ear{one, other, all} { // it began anew
			if got := e.heard(); strings.Count(got, "data: new") != 1 {
				t.Errorf("at the beginning: %q", got)
			}
		}
		at.change(func() { at.changed = []string{"2"} })
		pass(look + look/2)
		for e, want := range map[*ear]int{one: 1, other: 2, all: 2} {
			if got := e.heard(); strings.Count(got, "data: new") != want {
				t.Errorf("told: %q, want %d times", got, want)
			}
		}
		at.change(func() { at.broken = true })
		pass(5 * look)
		at.change(func() { at.broken = false })
		pass(2 * look)
		if got := one.heard(); strings.Count(got, "data: new") != 2 || at.anew != 2 {
			t.Errorf("after a fault: %q, begun anew %d times", got, at.anew)
		}
	})
}

// TestLiveReads: of a change a ticket is read once for all who are told of it, and they
// read what it became. Each is told as who they are then.
func TestLiveReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		var mu sync.Mutex
		read := map[string]string{}
		for i := range 100 {
			who := []string{"a", "b"}[i%2]
			s := of(who, "1")
			s.Who = fmt.Sprint(i)
			s.Next = func(_ context.Context, now Moment) ([]News, time.Duration, bool, error) {
				ticket, err := now.Ticket()
				mu.Lock()
				defer mu.Unlock()
				read[who] = fmt.Sprint(now.Me.Tier, " reads ", ticket.Version)
				return nil, 0, true, err
			}
			listen(s)
		}
		pass(2 * look)
		for version := range 3 {
			at.change(func() {
				clear(at.asked)
				at.changed, at.version = []string{"1", "2"}, version
				at.people[1].Tier = version + 1
			})
			pass(look + look/2)
			mu.Lock()
			if read["a"] != fmt.Sprint("1 reads ", version) || read["b"] != fmt.Sprint(version+1, " reads ", version) || at.asked["ticket"] != 1 {
				t.Errorf("at %d: %v, read %d times", version, read, at.asked["ticket"])
			}
			mu.Unlock()
		}
	})
}

// TestLiveCosts: a database is asked as often for five hundred pages as for one, and for
// none not at all. Nobody is asked what there is to tell while nothing happens.
func TestLiveCosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		pass(time.Hour)
		if len(at.asked) > 0 {
			t.Errorf("nobody listens, asked: %v", at.asked)
		}
		var ears []*ear
		for i := range 500 {
			s := of("a", fmt.Sprint(i))
			s.Who = fmt.Sprint(i)
			ears = append(ears, listen(s))
		}
		pass(2 * look)
		asked := 0
		for _, e := range ears {
			asked += e.asked
		}
		at.change(func() { clear(at.asked) })
		pass(time.Minute)
		want := map[string]int{"changed": 60, "present": 60, "keep": 4, "sessions": 6, "people": 6}
		for what, n := range want {
			if got := at.asked[what]; got < n-1 || got > n+1 {
				t.Errorf("%s: %d times in a minute, want %d", what, got, n)
			}
		}
		for _, e := range ears {
			asked -= e.asked
		}
		if asked != 0 {
			t.Errorf("they were asked %d times for nothing", -asked)
		}
		if got := ears[0].heard(); strings.Count(got, ":") < 6 {
			t.Errorf("a stream does not show that it lives: %q", got)
		}
	})
}

// TestLiveFull: where nothing can be kept, pages that are open are asked no more often
// than elsewhere what there is to tell, and still hear what changed.
func TestLiveFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		at.change(func() { at.full = true })
		e := listen(of("a", "1"))
		pass(3 * look)
		asked := e.asked
		pass(time.Minute)
		if e.asked != asked || at.anew != 1 {
			t.Errorf("asked %d times for nothing, begun anew %d times", e.asked-asked, at.anew)
		}
		at.change(func() { at.changed = []string{"1"} })
		pass(2 * look)
		if got := e.heard(); strings.Count(got, "data: new") != 2 {
			t.Errorf("told: %q", got)
		}
	})
}

// TestLiveSilent: nothing shows when something was done of which a reader is told nothing.
func TestLiveSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		asked := 0
		e := listen(Stream{Who: "ticket 1", Session: "g", Number: "1", Next: func(context.Context, Moment) ([]News, time.Duration, bool, error) {
			asked++
			return nil, 0, true, nil
		}})
		pass(2 * look)
		if got := e.heard(); got != "retry: 1000 :" {
			t.Errorf("at the beginning: %q", got)
		}
		was := asked
		at.change(func() { at.changed = []string{"1"} })
		pass(2 * look)
		if got := e.heard(); asked != was+1 || got != "retry: 1000 :" {
			t.Errorf("asked %d times, and shown %q", asked-was, got)
		}
	})
}

// TestLiveGone: who is gone without a word is forgotten, if they have the ticket open
// nowhere else.
func TestLiveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at, listen := living(t)
		one, two, list, guest := listen(of("a", "1")), listen(of("a", "1")), listen(of("a", "")), listen(Stream{Who: "ticket 1", Session: "g", Number: "1"})
		listen(of("b", "1"))
		pass(2 * look)
		for _, e := range []*ear{one, list, guest} {
			e.in.Close()
		}
		pass(2 * beat)
		if len(at.forgot) > 0 {
			t.Errorf("forgot %v, who has another page", at.forgot)
		}
		two.in.Close()
		pass(2 * beat)
		if len(at.forgot) != 1 || at.forgot[0] != (escalation.Presence{Number: "1", Person: "a", Name: "a"}) {
			t.Errorf("forgot %v", at.forgot)
		}
	})
}

// TestLiveSlow: who does not read what they are told keeps nobody waiting.
func TestLiveSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, at, listen := living(t)
		slow, err := l.join(of("a", "1"))
		if err != nil {
			t.Fatal(err)
		}
		slow.Next = func(context.Context, Moment) ([]News, time.Duration, bool, error) {
			return []News{{"1", "news", "new"}}, 0, true, nil
		}
		in, out := io.Pipe() // that nobody reads
		done := make(chan bool)
		go func() {
			l.listen(t.Context(), bufio.NewWriter(out), slow)
			l.leave(slow)
			close(done)
		}()
		e := listen(of("b", "1"))
		pass(2 * look)
		for range 5 {
			at.change(func() { at.changed = []string{"1"} })
			pass(look)
		}
		if got := e.heard(); strings.Count(got, "data: new") < 5 {
			t.Errorf("beside a slow one: %q", got)
		}
		in.Close()
		<-done
		if l.staff != 1 || len(l.of["a"]) != 0 {
			t.Errorf("%d listen, of whom %d are gone", l.staff, len(l.of["a"]))
		}
	})
}

// TestLiveBounds: nobody has more than six streams: the oldest ends and is told not to
// come again at once. Customers cannot take the places of the staff.
func TestLiveBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, listen := living(t)
		var ears []*ear
		for i := range mostStreamsFor + 2 {
			ears = append(ears, listen(of("a", fmt.Sprint(i))))
		}
		synctest.Wait()
		for i, e := range ears {
			if full := strings.Contains(e.heard(), "event: full"); full != (i < 2) || e.ended() != full {
				t.Errorf("stream %d: %q, ended %t", i, e.heard(), e.ended())
			}
		}
		if len(l.of["a"]) != mostStreamsFor || l.staff != mostStreamsFor {
			t.Errorf("%d and %d streams", len(l.of["a"]), l.staff)
		}
		for i := range mostStreams {
			if _, err := l.join(Stream{Who: fmt.Sprint("ticket ", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.join(Stream{Who: "another"}); err != fiber.ErrServiceUnavailable {
			t.Errorf("one guest too many: %v", err)
		}
		if _, err := l.join(of("b", "1")); err != nil {
			t.Errorf("an agent beside many customers: %v", err)
		}
	})
}

// TestLiveEnds: a stream ends with its session, with the right to read, when its reader
// goes away, and all of them at once when the program does.
func TestLiveEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, at, listen := living(t)
		first, second := of("a", "1"), of("a", "2")
		second.Session = "a/2"
		guest := Stream{Who: "ticket 1", Session: "g", Number: "1"}
		here, there, other, visitor := listen(first), listen(second), listen(of("b", "1")), listen(guest)
		pass(checkAfter + 2*look)
		for _, e := range []*ear{here, there, other, visitor} {
			if e.ended() {
				t.Fatal("it ends by itself:", e.heard())
			}
		}
		at.change(func() {
			at.ended["a/1"], at.ended["g"] = true, true
			at.people[1].Disabled = true
		})
		pass(checkAfter + 2*look)
		if !here.ended() || there.ended() || !other.ended() || !visitor.ended() {
			t.Errorf("signed out %t, elsewhere %t, disabled %t, link revoked %t", here.ended(), there.ended(), other.ended(), visitor.ended())
		}
		l.Left("a", "1")
		synctest.Wait()
		if there.ended() {
			t.Error("they left another ticket, and it ends")
		}
		l.Left("a", "2")
		synctest.Wait()
		if !there.ended() {
			t.Error("they left, and it goes on")
		}
		last := listen(second)
		l.Close()
		synctest.Wait()
		if !last.ended() || !listen(second).ended() {
			t.Error("the program ends, and a stream goes on")
		}
		if len(l.of) != 0 || l.staff != 0 || l.guests != 0 {
			t.Errorf("left behind: %v, %d, %d", l.of, l.staff, l.guests)
		}
	})
}

// TestLivePresence: who has a ticket open is kept as long as they have; others at it
// learn of it, and those at another one do not.
func TestLivePresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, at, listen := living(t)
		one, other := listen(of("a", "1")), listen(of("b", "2"))
		listen(of("a", "1")) // in two windows
		pass(look + look/2)
		if len(at.kept) != 2 {
			t.Errorf("kept: %v", at.kept)
		}
		at.change(func() { at.present = []escalation.Presence{{Number: "1", Person: "c", Name: "Carla"}} })
		pass(2 * look)
		if !strings.Contains(one.heard(), "Carla") || strings.Contains(other.heard(), "Carla") {
			t.Errorf("here %q, there %q", one.heard(), other.heard())
		}
		at.change(func() { at.kept = nil })
		pass(keepAfter)
		if len(at.kept) != 2 {
			t.Errorf("kept again: %v", at.kept)
		}
		l.Left("a", "1")
		at.change(func() { at.kept = nil })
		pass(2 * keepAfter)
		if len(at.kept) != 2 || slices.ContainsFunc(at.kept, func(p escalation.Presence) bool { return p.Person != "b" }) {
			t.Errorf("kept after one left: %v", at.kept)
		}
	})
}
