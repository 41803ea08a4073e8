package rehearsal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	. "primalinea/escalation/rehearsal"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
)

// monday is when rehearsals of tests begin.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// shelf is a help centre of a few articles, in which a search finds what shares a
// word with the title or with how people ask.
type shelf struct {
	mu    sync.Mutex
	lists map[string][]Article
	files map[string][]byte
}

func newShelf() *shelf {
	s := &shelf{lists: map[string][]Article{}, files: map[string][]byte{}}
	for lang, asked := range map[string][2]string{
		"it": {"batteria scarica", "touchscreen bloccato"},
		"es": {"batería agotada", "pantalla bloqueada"},
		"en": {"battery empty", "touchscreen frozen"},
	} {
		for i, a := range asked {
			s.lists[lang] = append(s.lists[lang], Article{Key: []string{"device/not-charging", "device/touchscreen-not-responding"}[i], Title: strings.ToUpper(a), Revision: "r1", Asked: []string{a, a + "?"}})
		}
	}
	return s
}

func (s *shelf) Articles(lang string) []Article { return s.lists[lang] }

func (s *shelf) Find(_ context.Context, lang, text string) ([]Found, error) {
	var hits []Found
	for _, a := range s.lists[lang] {
		said := strings.Fields(strings.ToLower(a.Title + " " + strings.Join(a.Asked, " ")))
		if slices.ContainsFunc(strings.Fields(strings.ToLower(text)), func(w string) bool { return len(w) > 4 && slices.Contains(said, w) }) {
			hits = append(hits, Found{a.Key, lang, a.Revision})
		}
	}
	return hits, nil
}

func (s *shelf) Folder(lang, section string) string { return section }
func (s *shelf) Taken(slug string) bool             { return false }

func (s *shelf) Publish(_ context.Context, file string, src []byte) error {
	s.files[file] = src
	lang, _, _ := strings.Cut(file, "/")
	a := Article{Revision: "r1"}
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "key: "); ok {
			a.Key = v
		}
		if v, ok := strings.CutPrefix(line, "title: "); ok {
			a.Title = v
		}
		if v, ok := strings.CutPrefix(line, "- "); ok {
			a.Asked = append(a.Asked, v)
		}
	}
	s.lists[lang] = append(s.lists[lang], a)
	return nil
}

// A played is a rehearsal that is over, and what is left of it.
type played struct {
	*Rehearsal
	outcome Outcome
	shelf   *shelf
	db      *store.DB
	backlog *demand.Backlog
	taken   *ledger
}

// A ledger keeps a copy of every change and event on its way to the store.
type ledger struct {
	*store.DB
	*journey.Recorder
	t     *testing.T
	clock *Clock

	mu      sync.Mutex
	last    time.Time
	changes []step
	events  []journey.Event
}

// A step is a ticket before and after a change.
type step struct {
	before *escalation.Ticket
	after  escalation.Ticket
	change escalation.Change
}

func (l *ledger) note(s step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = append(l.changes, s)
}

func (l *ledger) Open(ctx context.Context, key string, open func() (escalation.Change, error)) (escalation.Ticket, bool, error) {
	var c escalation.Change
	t, created, err := l.DB.Open(ctx, key, func() (_ escalation.Change, err error) { c, err = open(); return c, err })
	l.note(step{nil, t, c})
	return t, created, err
}

func (l *ledger) Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error) {
	var s step
	t, err := l.DB.Change(ctx, number, func(t escalation.Ticket) (c escalation.Change, err error) {
		s.before = &t
		s.change, err = rule(t)
		return s.change, err
	})
	s.after = t
	l.note(s)
	return t, err
}

func (l *ledger) Record(e journey.Event) {
	l.mu.Lock()
	l.events = append(l.events, e)
	l.mu.Unlock()
	l.Recorder.Record(e)
}

// now is the clock as the store reads it. It must never go back.
func (l *ledger) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.clock.Now()
	if at.Before(l.last) {
		l.t.Errorf("the clock shows %v after %v", at, l.last)
	}
	l.last = at
	return at
}

func terms(_, text string) []string { return strings.Fields(strings.ToLower(text)) }

// play acts some days out, on a real store.
func play(t *testing.T, seed uint64, days, visits int) *played {
	t.Helper()
	p := &played{shelf: newShelf()}
	clock := NewClock(monday)
	p.taken = &ledger{t: t, clock: clock}
	db, err := store.Open(t.Context(), "", store.Options{Dir: t.TempDir(), Clock: p.taken.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p.db, p.taken.DB, p.taken.Recorder = db, db, journey.NewRecorder(db, terms, nil)
	p.backlog = &demand.Backlog{Store: db, Terms: terms, Key: []byte("key")}
	people, err := Cast(monday)
	if err != nil {
		t.Fatal(err)
	}
	for i := range people {
		people[i].PasswordHash = "somebody's"
	}
	waiting := &demand.Subscribers{
		Store: db, Backlog: p.backlog, Key: []byte("links"), IDs: escalation.NewID, Now: clock.Now,
		Title: func(string, string) (string, bool) { return "", false },
	}
	p.Rehearsal = &Rehearsal{
		Subscribe: func(ctx context.Context, s demand.Subscription) error {
			if err := waiting.Ask(ctx, s); err != nil {
				return err
			}
			letters, err := db.LettersTo(ctx, s.Email, nil)
			if err != nil || len(letters) != 1 {
				return fmt.Errorf("%d letters, %v", len(letters), err)
			}
			return waiting.Confirm(ctx, escalation.Code(waiting.Key, letters[0].Args.Nonce))
		},
		Seed: seed, Days: days, Visits: visits, Model: Usual, Clock: clock,
		Journeys: p.taken, Tickets: p.taken, Articles: p.shelf, Demand: p.backlog, People: people,
		Receipts:    &demand.Receipts{Store: db, Backlog: p.backlog, IDs: escalation.NewID},
		Experiments: journey.Experiments{Store: db}, ArmKey: []byte("arms"),
		Words: func(string) demand.Words {
			return demand.NewWords(func(key string) string { return key })
		},
		Night: func(ctx context.Context) error {
			if err := p.taken.Flush(ctx); err != nil {
				return err
			}
			if err := p.Experiments.Step(ctx, clock.Now()); err != nil {
				return err
			}
			_, err := p.backlog.Collect(ctx, clock.Now())
			return err
		},
	}
	if p.outcome, err = p.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := clock.Now(), monday.AddDate(0, 0, days); !got.Equal(want) {
		t.Errorf("the clock shows %v at the end, want %v", got, want)
	}
	return p
}

// said is everything that was recorded and written, in an order of its own.
func (p *played) said(t *testing.T) []string {
	var all []string
	for _, e := range p.taken.events {
		e.ID = ""
		b, _ := json.Marshal(e)
		all = append(all, string(b))
	}
	for _, s := range p.taken.changes {
		for _, e := range s.change.Entries {
			if e.Event != nil && e.Event.Journey != "" {
				e.Event.Journey = "some" // the recorder draws it by itself
			}
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s.after.Number+string(b))
		}
	}
	slices.Sort(all)
	return all
}

func TestTheSameSeedActsTheSame(t *testing.T) {
	one, two, other := play(t, 7, 24, 20), play(t, 7, 24, 20), play(t, 8, 24, 20)
	a, b, c := one.said(t), two.said(t), other.said(t)
	if fmt.Sprint(one.outcome) != fmt.Sprint(two.outcome) {
		t.Errorf("%+v and %+v", one.outcome, two.outcome)
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("differs:\n%s\n%s", a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d and %d things were said", len(a), len(b))
	}
	if slices.Equal(a, c) {
		t.Error("another seed acts the same")
	}
}

// TestWhatAlwaysHolds checks what design.md says of every ticket, after every
// change, and that a rehearsal has something of everything to show.
func TestWhatAlwaysHolds(t *testing.T) {
	p := play(t, 2, 45, 55)
	ends := monday.AddDate(0, 0, 45)
	turns := map[escalation.State]escalation.Turn{
		escalation.New: escalation.Ours, escalation.Open: escalation.Ours, escalation.WaitCustomer: escalation.Theirs,
		escalation.WaitOther: escalation.Partys, escalation.Solved: escalation.Theirs, escalation.Closed: escalation.Nobodys,
	}
	seen := map[string]int{}
	final := map[string]escalation.Ticket{}
	for _, s := range p.taken.changes {
		t.Run(s.after.Number, func(t *testing.T) {
			after := &s.after
			final[after.Number] = s.after
			seen["state "+string(after.State)]++
			if after.Turn() != turns[after.State] {
				t.Errorf("%s, and the turn is %q", after.State, after.Turn())
			}
			asked := map[string]int{}
			for i, e := range after.Entries {
				if e.At.After(ends) || i > 0 && e.At.Before(after.Entries[i-1].At) {
					t.Errorf("entry %d is of %v", i, e.At)
				}
				if e.Event != nil {
					seen[string(e.Event.Kind)]++
					for _, q := range e.Event.Questions {
						if asked[q.Key]++; asked[q.Key] > 1 {
							t.Errorf("%s is asked again", q.Key)
						}
					}
				}
			}
			if s.before == nil {
				if after.Team != escalation.Triage || after.Tier != 1 {
					t.Errorf("opened with %s %d", after.Team, after.Tier)
				}
				return
			}
			before := s.before
			if before.Owner != "" && after.Owner != before.Owner {
				t.Errorf("the owner %q became %q", before.Owner, after.Owner)
			}
			if after.HighestTier < before.HighestTier || after.HighestTier < after.Tier {
				t.Errorf("highest tier %d after %d", after.HighestTier, before.HighestTier)
			}
			told := 0
			for _, l := range s.change.Letters {
				if l.Kind == escalation.MoveLetter {
					told++
				}
			}
			if moved := before.Team != after.Team || before.Tier != after.Tier; moved != (told == 1) {
				t.Errorf("moved %t, told %d times", moved, told)
			}
			if after.State == escalation.Solved && (after.SolvedTier != after.Tier || after.Solution == nil) {
				t.Errorf("solved without a solution or tier")
			}
		})
	}
	solved, first := 0, 0
	for _, tk := range final {
		again, err := escalation.Rebuild(tk.Entries)
		if err != nil || again.State != tk.State || again.Tier != tk.Tier || again.Assignee != tk.Assignee {
			t.Errorf("%s is rebuilt as %s at %d: %v", tk.Number, again.State, again.Tier, err)
		}
		seen[fmt.Sprintf("tier %d", tk.Tier)]++
		seen["channel "+string(tk.Channel)]++
		for _, s := range tk.Steps {
			seen["outcome "+string(s.Outcome)]++
			if s.Remedy != "" && s.Before {
				seen["done before"]++
			}
		}
		for _, r := range tk.Ratings {
			seen["rating "+string(r.Score)]++
		}
		seen["lang "+tk.Lang]++
		if tk.Trail != nil {
			seen["trail"]++
		}
		if tk.Frozen {
			seen["frozen"]++
		}
		if tk.SolvedTier > 0 {
			if solved++; tk.SolvedTier == 1 {
				first++
			}
		}
	}
	if len(final) != p.outcome.Tickets {
		t.Errorf("%d tickets, %d counted", len(final), p.outcome.Tickets)
	}
	for _, what := range []string{
		"opened", "trail", "taken", "asked", "replied", "waiting", "resumed", "offered", "accepted", "refused", "decided", "solved",
		"confirmed", "reopened", "verified", "step", "fact", "task_opened", "task_answered",
		"state new", "state open", "state wait_customer", "state solved", "state closed", "tier 1", "tier 2", "tier 3",
		"typed", "outcome helped", "outcome no_help", "outcome not_possible", "done before", "rating good", "rating fair", "rating poor",
		"channel web", "channel phone", "lang it", "lang es", "lang en",
	} {
		if seen[what] == 0 {
			t.Errorf("nothing to show of %q: %v", what, seen)
		}
	}
	t.Logf("%+v; %d of %d solved at tier 1; %v", p.outcome, first, solved, seen)

	// The desk keeps most of its promises, and not all.
	past, err := p.db.PastClocks(t.Context(), monday, len(final))
	if err != nil {
		t.Fatal(err)
	}
	desk := escalation.ShippedDesk()
	promised := func(p escalation.Past) (*clock.Policy, *clock.Calendar) { return desk.Promise(p.Type) }
	for _, k := range escalation.Try(past, promised, promised, ends) {
		if k.Old == 0 || k.Old*4 > k.OldN {
			t.Errorf("%s: %d of %d are late", k.Clock, k.Old, k.OldN)
		}
	}
}

// TestDemandFalls follows what is asked in vain until it becomes an article.
func TestDemandFalls(t *testing.T) {
	p := play(t, 3, 60, 45)
	if len(p.outcome.Published) < 2 {
		t.Fatalf("published %v", p.outcome.Published)
	}
	for _, file := range p.outcome.Published {
		src := string(p.shelf.files[file])
		if !strings.Contains(src, "\nstatus: published\n") || !strings.Contains(src, "\n1. ") || !strings.Contains(src, "\nphrases:\n") {
			t.Errorf("%s:\n%s", file, src)
		}
	}
	list, err := p.backlog.List(t.Context(), "", p.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	langs := map[string]bool{}
	for _, l := range list.Lines {
		langs[l.Lang] = true
	}
	if len(langs) != 3 {
		t.Errorf("lines that wait for a decision in %v", langs)
	}
	// Searches that failed for what the first article answers, before and after it.
	decisions, err := p.db.Decisions(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	signals, err := p.db.Signals(t.Context(), monday, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	made, kinds := 0, map[demand.Choice]bool{}
	var before, after int
	var hoursBefore, hoursAfter float64
	for line, v := range decisions {
		if kinds[v.Choice] = true; v.Choice != demand.Write {
			continue
		}
		made++
		// Requests of before are answered for some days more.
		settled := v.At.AddDate(0, 0, 3)
		for _, s := range signals {
			switch {
			case s.Line != line:
			case s.At.Before(v.At):
				before++
			case s.At.After(settled):
				after++
			}
		}
		hoursBefore += v.At.Sub(monday).Hours()
		hoursAfter += p.Clock.Now().Sub(settled).Hours()
	}
	if made < 2 {
		t.Errorf("%d lines became articles", made)
	}
	for _, c := range []demand.Choice{demand.Improve, demand.Translate, demand.Product, demand.Snooze, demand.Decline} {
		if !kinds[c] {
			t.Errorf("nothing to show of %q", c)
		}
	}
	back := map[demand.Return]bool{}
	for _, l := range list.Lines {
		if l.Back != nil {
			back[l.Back.Why] = true
		}
	}
	if !back[demand.Asked] || !back[demand.Over] {
		t.Errorf("lines are back for %v", back)
	}
	waiting, err := p.db.Waiting(t.Context())
	if err != nil || len(waiting) == 0 || p.outcome.Subscribed < 3 {
		t.Errorf("%d left an address, who wait on %v, %v", p.outcome.Subscribed, waiting, err)
	}
	t.Logf("%d signals in %.0f hours of lines before their articles, %d in %.0f after", before, hoursBefore, after, hoursAfter)
	if float64(after)/hoursAfter > float64(before)/hoursBefore/2 {
		t.Error("what is asked in vain did not become half as much")
	}
}

// TestModelIsTheTruth says that what visitors do follows from the model alone.
func TestModelIsTheTruth(t *testing.T) {
	about := &Matter{ID: "m", Lang: "en", Ask: []string{"one", "two"}, Subject: "One", Article: "device/0"}
	find := func(string) []Found { return []Found{{"device/1", "en", "r"}, {"device/0", "en", "r"}} }
	for _, test := range []struct {
		name                 string
		model                Model
		satisfied, confirmed int
		writes               int
	}{
		{"helped, and say so", Model{Finds: 1, Helps: 1, Says: 1}, 100, 100, 0},
		{"helped, and silent", Model{Finds: 1, Helps: 1}, 100, 0, 0},
		{"not helped, and write", Model{Finds: 1, Writes: 1}, 0, 0, 100},
		{"not helped, and leave the form", Model{Finds: 1, Writes: 1, Leaves: 1}, 0, 0, 0},
		{"helped by what the form offers", Model{Direct: 1, Helps: 1, Accepts: 1}, 100, 100, 0},
		{"blind", Model{}, 0, 0, 0},
	} {
		var satisfied, confirmed, writes int
		for i := range uint64(100) {
			v := test.model.Visit("somebody", Lot{}, about, monday, false, find, NewChance(1, i))
			if v.Satisfied {
				satisfied++
			}
			if v.Writes {
				writes++
			}
			for i, e := range v.Events {
				if e.Kind == journey.Confirm || e.Kind == journey.VoteYes {
					confirmed++
				}
				if i > 0 && e.At.Before(v.Events[i-1].At) {
					t.Errorf("%s: %s comes before what led to it", test.name, e.Kind)
				}
			}
		}
		if satisfied != test.satisfied || confirmed != test.confirmed || writes != test.writes {
			t.Errorf("%s: %d satisfied, %d confirmed, %d write", test.name, satisfied, confirmed, writes)
		}
	}
}

func TestCast(t *testing.T) {
	people, err := Cast(monday)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[staff.Role]bool{}
	for i, p := range people {
		if p.ID != CastIDs()[i] || p.PasswordHash != "" || !strings.HasSuffix(p.Email, "@example.com") {
			t.Errorf("%+v", p)
		}
		for _, r := range p.Roles {
			roles[r] = true
		}
		people[i].PasswordHash = "set"
	}
	if len(roles) != len(staff.Roles) {
		t.Errorf("roles %v", roles)
	}
	for _, team := range escalation.ShippedDesk().Teams {
		for tier := team.Min; tier <= team.Max; tier++ {
			if len(staff.Candidates(people, team.ID, tier)) == 0 {
				t.Errorf("nobody is in %s at tier %d", team.ID, tier)
			}
		}
	}
}
