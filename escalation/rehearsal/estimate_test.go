package rehearsal_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	. "primalinea/escalation/rehearsal"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// full asks for as many sites as the manual tells of, with the bounds that they allow.
var full = flag.Bool("full", false, "TestEstimator simulates 10,000 sites of each kind, which takes many minutes")

// A world is a kind of site of which is known what suggestions cause there. People
// come to its contact form; for each there is something to suggest.
type world struct {
	name  string
	share int // held out, of journey.Parts
	n     int // visitors, with which the experiment ends

	writes  float64 // the part of people who write when nothing helps them
	mixed   float64 // some people write so much more often than that, and others less
	helps   float64 // the part of those who see suggestions that read one and need no more
	relapse float64 // and write some days later all the same
	later   float64 // come back within days, of those who left
	offput  float64 // the part of those who see suggestions that leaves because of them, without reading
	misled  float64 // who see suggestions and would leave, but write because of them

	aged    bool    // cookies are of any age: some end before people are back
	comes   float64 // people who come with another matter, after their cookie has ended
	crawls  float64 // crawlers that say so, for one person
	lies    float64 // programs that do not, for one person
	away    float64 // tickets that cannot be joined: by telephone, from another device
	devices float64 // people who look at the form on a telephone, and go on elsewhere

	// So few do not write that whole numbers cannot hit 95 %: the interval is wider.
	rare bool
}

// worlds are the kinds that the manual tells of.
var worlds = []world{
	{name: "no effect, half held out", share: 5000, n: 586, writes: .8, later: .3},
	{name: "no effect, a fifth held out", share: 2000, n: 500, writes: .8, later: .3},
	{name: "no effect, a few visitors", share: 5000, n: 160, writes: .9},
	{name: "no effect, a few visitors, nearly all write", share: 5000, n: 160, writes: .96, rare: true},
	{name: "no effect, 5 % held out", share: 500, n: 1200, writes: .7, later: .3},
	{name: "small effect", share: 5000, n: 500, writes: .8, later: .3, helps: .03, relapse: .1},
	{name: "effect as planned, half held out", share: 5000, n: 586, writes: .8, helps: .125},
	{name: "effect as planned, a fifth held out", share: 2000, n: 941, writes: .8, helps: .125},
	{name: "large effect, a few visitors", share: 5000, n: 160, writes: .85, later: .2, helps: .35, relapse: .1},
	{name: "large effect, 5 % held out", share: 500, n: 1200, writes: .7, later: .3, helps: .35, relapse: .1},
	{name: "suggestions mislead: more tickets", share: 5000, n: 400, writes: .6, misled: .4},
	{name: "returning visitors", share: 5000, n: 400, writes: .75, mixed: .2, later: .5, helps: .15, relapse: .2, aged: true, comes: .4},
	{name: "returning visitors, no effect", share: 5000, n: 400, writes: .75, mixed: .2, later: .5, aged: true, comes: .4},
	{name: "crawlers", share: 5000, n: 400, writes: .8, later: .3, helps: .15, crawls: 1, lies: .2},
	{name: "crawlers, no effect", share: 5000, n: 400, writes: .8, later: .3, crawls: 1, lies: .2},
	{name: "leaky identity", share: 5000, n: 400, writes: .8, later: .3, helps: .15, away: .2, devices: .15},
	{name: "leaky identity, no effect", share: 5000, n: 400, writes: .8, later: .3, away: .2, devices: .15},
}

// Who comes back does so within these times, at any of them alike. Some are too late.
const (
	soonest = 24 * time.Hour
	latest  = 12 * 24 * time.Hour
)

// truth is what is measured: how much rarer a ticket within the window, which can be
// joined, is among visitors who were to see suggestions. all is the same of all
// tickets, if each could be joined and nobody used two devices.
func (w world) truth() (joined, all float64) {
	days := func(d time.Duration) float64 { return d.Hours() / 24 }
	// The part of those who come back that does so within the window, and with the
	// cookie of before.
	back := (days(journey.Window) - days(soonest)) / (days(latest) - days(soonest))
	kept := back
	if w.aged { // of a cookie of any age, the time that is left is anything up to its life
		life := days(journey.CookieLife)
		kept = back - (days(journey.Window)*days(journey.Window)-days(soonest)*days(soonest))/2/life/(days(latest)-days(soonest))
	}
	effect := func(back float64) float64 {
		d := 0.0
		for _, writes := range []float64{w.writes - w.mixed, w.writes + w.mixed} {
			none := writes + (1-writes)*w.later*back*writes
			rest := 1 - w.helps - w.offput
			d += (w.helps*(none-w.relapse*back) + w.offput*none - rest*w.misled*(1-none)) / 2
		}
		return d
	}
	// Programs never write, and who goes on elsewhere does not write where they were.
	second := w.devices * (1 - (1-float64(w.share)/journey.Parts)*w.helps)
	return effect(kept) * (1 - w.away) * (1 - w.devices + second) / (1 + second + w.lies), effect(back)
}

// A memory keeps of journeys what an experiment needs. TestMemory holds it against the
// real store.
type memory struct {
	journey.Store                             // nil: nothing else is asked of it
	triggers      map[string]*journey.Trigger // by visitor
	order         []*journey.Trigger
}

func (m *memory) LastJourneys(context.Context, []string, time.Time) (map[string]journey.Journey, error) {
	return nil, nil // all that a visitor does comes in one batch
}

func (m *memory) SaveJourneys(_ context.Context, b journey.Batch) error {
	for _, t := range b.Triggers {
		if m.triggers[t.Visitor] == nil {
			m.triggers[t.Visitor] = &t
			m.order = append(m.order, &t)
		}
	}
	follow := func(s journey.Sequel) {
		if t := m.triggers[s.Visitor]; t != nil {
			t.Follow(s)
		}
	}
	for _, t := range b.Tickets {
		follow(journey.Sequel{Visitor: t.Visitor, At: t.At, Kind: journey.TicketCreated})
	}
	for _, s := range b.Sequels {
		follow(s)
	}
	return nil
}

// A simulation is one site of a world, with the parts of the program that know what
// visitors do.
type simulation struct {
	world
	Chance
	recorder *journey.Recorder
	salts    *journey.Salts
	key      []byte // of the arms
	name     string // of the experiment
	units    int    // visitors who were drawn
	lost     func(arm string) bool
	now      time.Time
}

func newSimulation(w world, into journey.Store, seed, site uint64) *simulation {
	s := &simulation{world: w, Chance: NewChance(seed, site), recorder: journey.NewRecorder(into, nil, nil), name: "contact-1", now: monday}
	s.key = binary.BigEndian.AppendUint64(nil, s.Uint64())
	s.salts = &journey.Salts{Secret: func(_ context.Context, name string) ([]byte, error) {
		return fmt.Appendf(nil, "%s %d %d", name, seed, site), nil
	}}
	return s
}

// run lets people come until the experiment has its visitors.
func (s *simulation) run(ctx context.Context) error {
	for s.units < s.n {
		s.person()
		if s.recorder.Stats().Waiting > 200 {
			if err := s.recorder.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return s.recorder.Flush(ctx)
}

func (s *simulation) is(p float64) bool { return s.Float64() < p }

func (s *simulation) between(least, most time.Duration) time.Duration {
	return least + time.Duration(s.Float64()*float64(most-least))
}

// person lets somebody come, and all that they do afterwards.
func (s *simulation) person() {
	s.now = s.now.Add(s.between(0, 30*time.Minute))
	for s.is(s.crawls / (1 + s.crawls)) { // they have no cookie, and say what they are
		s.recorder.Record(journey.Event{At: s.now, Kind: journey.SuggestionEligible, Source: journey.Crawlers, Experiment: s.name, Arm: journey.Shown, Visitor: "crawler"})
	}
	if s.is(s.lies / (1 + s.lies)) {
		s.trigger(s.browser(s.now, 0), s.now)
		return
	}
	writes := s.writes - s.mixed
	if s.is(.5) {
		writes = s.writes + s.mixed
	}
	at := s.now
	s.matter(writes, at)
	for s.is(s.comes) { // with another matter, and another cookie
		at = at.Add(journey.CookieLife + s.between(0, 20*24*time.Hour))
		s.matter(writes, at)
	}
}

// A browser is known by a cookie, until that ends.
type browser struct {
	cookie, visitor string
	ends            time.Time
}

func (s *simulation) browser(at time.Time, age time.Duration) browser {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.Uint64())
	began := at.Add(-age)
	number, _, _ := strings.Cut(journey.NewCookie(began), ".") // of the salt; the rest is from the seed
	cookie := number + "." + base64.RawURLEncoding.EncodeToString(b[:])
	return browser{cookie, s.visitor(cookie, at), began.Add(journey.CookieLife)}
}

// visitor is who the site takes a cookie for.
func (s *simulation) visitor(cookie string, at time.Time) string {
	visitor, err := s.salts.Visitor(context.Background(), cookie, at)
	if err != nil || visitor == "" {
		panic(fmt.Sprint("nobody: ", err))
	}
	return visitor
}

func (s *simulation) note(b browser, at time.Time, e journey.Event) {
	if !at.Before(b.ends) { // it is somebody new, of whom nothing is known
		b = s.browser(at, 0)
	}
	e.At, e.Lang, e.Visitor = at, "en", b.visitor
	s.recorder.Record(e)
}

// trigger opens the form, where there is something to suggest, and returns the arm.
func (s *simulation) trigger(b browser, at time.Time) string {
	arm := journey.Arm(s.key, s.name, b.visitor, s.share)
	s.units++
	s.note(b, at, journey.Event{Kind: journey.FormOpen})
	if s.lost == nil || !s.lost(arm) {
		s.note(b, at, journey.Event{Kind: journey.SuggestionEligible, Experiment: s.name, Arm: arm, Article: "a", Hits: 1})
	}
	if arm == journey.Shown {
		s.note(b, at, journey.Event{Kind: journey.SuggestionShown, Experiment: s.name, Arm: arm, Article: "a"})
	}
	return arm
}

// matter is what somebody does who wants to know or to have something.
func (s *simulation) matter(writes float64, at time.Time) {
	var age time.Duration
	if s.aged {
		age = time.Duration(s.Float64() * float64(journey.CookieLife))
	}
	b := s.browser(at, age)
	if s.is(s.devices) { // they look at it on the telephone, and write nothing there
		if s.trigger(s.browser(at.Add(-time.Hour), 0), at.Add(-time.Hour)) == journey.Shown && s.is(s.helps) {
			return
		}
	}
	shown := s.trigger(b, at) == journey.Shown
	wrote := func(after time.Duration) {
		if !s.is(s.away) {
			s.note(b, at.Add(after), journey.Event{Kind: journey.TicketCreated, Ticket: "t"})
		}
	}
	helped := s.Float64()
	switch {
	case shown && helped < s.helps:
		s.note(b, at.Add(time.Minute), journey.Event{Kind: journey.SuggestionClick, Article: "a"})
		if s.is(.3) {
			s.note(b, at.Add(2*time.Minute), journey.Event{Kind: journey.Confirm, Article: "a"})
		}
		if s.is(s.relapse) {
			wrote(s.between(soonest, latest))
		}
		return
	case shown && helped < s.helps+s.offput:
		return
	case s.is(writes), shown && s.is(s.misled):
		wrote(s.between(time.Minute, 10*time.Minute))
		return
	}
	if s.is(s.later) {
		after := s.between(soonest, latest)
		s.note(b, at.Add(after-time.Minute), journey.Event{Kind: journey.FormOpen})
		if s.is(writes) {
			wrote(after)
		}
	}
}

// measure says what the experiment shows of a site when all windows have passed.
func (s *simulation) measure(m *memory) (journey.Caused, []journey.Trigger) {
	triggers := make([]journey.Trigger, len(m.order))
	for i, t := range m.order {
		triggers[i] = *t
	}
	slices.SortStableFunc(triggers, func(a, b journey.Trigger) int { return a.At.Compare(b.At) })
	e := journey.Experiment{Name: s.name, Share: s.share, Planned: 1}
	return journey.Measure(e, triggers, s.now.Add(1000*24*time.Hour)), triggers
}

// each simulates so many sites of a world, on all cores.
func each(t *testing.T, w world, sites int, lost func(s *simulation) func(arm string) bool, seen func(journey.Caused, []journey.Trigger)) {
	t.Helper()
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				site := next.Add(1)
				if site > int64(sites) {
					return
				}
				m := &memory{triggers: map[string]*journey.Trigger{}}
				s := newSimulation(w, m, 2026, uint64(site))
				if lost != nil {
					s.lost = lost(s)
				}
				if err := s.run(context.Background()); err != nil {
					t.Error(err)
					return
				}
				c, triggers := s.measure(m)
				mu.Lock()
				seen(c, triggers)
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

// few is how many sites of each kind are simulated while nobody asks for all.
const few = 200

// TestEstimator holds what the page of a hold-out says against what is true, on
// simulated sites of which that is known, through the code that the site itself runs.
//
//	go test ./escalation/rehearsal -run TestEstimator -v -timeout 60m -full
func TestEstimator(t *testing.T) {
	sites, least, most, wrong := few, 0.0, 1.0, 0.0
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // it keeps little, and makes much
	if *full {
		sites, least, most, wrong = 10_000, .935, .97, .055
	} else { // four standard errors of what the full run has to be
		se := math.Sqrt(.05 * .95 / few)
		least, wrong = .95-4*se, .05+4*se
	}
	t.Logf("%-45s %8s %8s %8s %8s %8s %8s", "site", "truth", "mean", "covered", "called", "broken", "all")
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			truth, all := w.truth()
			var covered, called, broken, tooFew, looked, n int
			var sum, squares float64
			each(t, w, sites, nil, func(c journey.Caused, triggers []journey.Trigger) {
				switch c.Verdict {
				case journey.Broken:
					broken++
					return
				case journey.TooFew: // no effect is shown
					tooFew++
					return
				}
				n++
				sum += c.Difference.Value
				squares += c.Difference.Value * c.Difference.Value
				if !c.Difference.Excludes(truth) {
					covered++
				}
				if c.Verdict != journey.NoEffect {
					called++
				}
				// Who looks ten times, and stops when they like what they see.
				if truth == 0 && looks(w, triggers) {
					looked++
				}
			})
			mean := sum / float64(n)
			se := math.Sqrt((squares/float64(n) - mean*mean) / float64(n))
			share := func(k int) float64 { return float64(k) / float64(n) }
			t.Logf("%-45s %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f  looked at ten times: %.4f", w.name, truth, mean, share(covered), share(called), float64(broken)/float64(sites), all, share(looked))
			most := most
			if w.rare {
				most = max(most, .98)
			}
			if c := share(covered); c < least || c > most {
				t.Errorf("the interval has the truth in %.4f of %d sites", c, n)
			}
			if truth == 0 && share(called) > wrong {
				t.Errorf("no effect is called one in %.4f of %d sites", share(called), n)
			}
			if math.Abs(mean-truth) > 4*se {
				t.Errorf("the mean is %.5f ± %.5f, the truth %.5f", mean, se, truth)
			}
			if tooFew > sites/20 {
				t.Errorf("%d sites have too few visitors: nothing is learned of them", tooFew)
			}
			if broken > 2+sites/250 { // one in a thousand is by chance
				t.Errorf("the arms of %d sites are called broken, which are as planned", broken)
			}
		})
	}
}

// looks reports whether an effect would be seen in one of ten looks at what came so far.
func looks(w world, triggers []journey.Trigger) bool {
	for i := range 10 {
		e := journey.Experiment{Share: w.share, Planned: 1}
		some := triggers[:len(triggers)*(i+1)/10]
		if c := journey.Measure(e, some, some[len(some)-1].At.Add(1000*24*time.Hour)); c.Effect() && c.Difference.Excludes(0) {
			return true
		}
	}
	return false
}

// TestBrokenArms says how surely arms are called broken that do not get who is drawn,
// and that fewer tickets are called hidden when people were put off.
func TestBrokenArms(t *testing.T) {
	sites := few / 2
	if *full {
		sites = 1000
	}
	for _, n := range []int{500, 1000, 2000} {
		for _, part := range []float64{.1, .2, .3} {
			if n > 1000 && !*full {
				continue
			}
			w := world{share: 5000, n: n, writes: .8, helps: .125}
			broken := 0
			each(t, w, sites, func(s *simulation) func(string) bool {
				return func(arm string) bool { return arm == journey.Shown && s.is(part) }
			}, func(c journey.Caused, _ []journey.Trigger) {
				if c.Verdict == journey.Broken {
					broken++
				}
			})
			// As theory has it: χ² is the square of a normal number around what is missing.
			kept := float64(n) * (1 - part/2)
			mean := math.Sqrt(kept) * (1/(2-part) - .5) / math.Sqrt((1-part)/(2-part)/(2-part))
			root := math.Sqrt(interval.Broken) * .5 / math.Sqrt((1-part)/(2-part)/(2-part))
			want := math.Erfc((root-mean)/math.Sqrt2) / 2
			got := float64(broken) / float64(sites)
			t.Logf("of %4d visitors, %2.0f %% of those shown are lost: broken in %.4f", n, 100*part, got)
			if math.Abs(got-want) > .02+4*math.Sqrt(want*(1-want)/float64(sites)) {
				t.Errorf("broken in %.4f of the sites, want about %.4f", got, want)
			}
		}
	}
	put := world{share: 5000, n: 700, writes: .8, offput: .2}
	var hidden, avoids int
	each(t, put, sites, nil, func(c journey.Caused, _ []journey.Trigger) {
		switch c.Verdict {
		case journey.Hides:
			hidden++
		case journey.Avoids:
			avoids++
		}
	})
	t.Logf("20 %% are put off: hidden tickets in %.4f of the sites, and avoided ones in %.4f", float64(hidden)/float64(sites), float64(avoids)/float64(sites))
	if float64(hidden) < .95*float64(sites) || float64(avoids) > .02*float64(sites) {
		t.Errorf("hidden tickets in %d of %d sites, and avoided ones in %d", hidden, sites, avoids)
	}
}

// TestMemory holds the memory of simulations against the real store: the same visitors
// come to the same triggers, and to the same result.
func TestMemory(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for i, w := range worlds {
			w.n = min(w.n, 200)
			m := &memory{triggers: map[string]*journey.Trigger{}}
			tame := newSimulation(w, m, 7, uint64(i))
			if err := tame.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			real := newSimulation(w, db, 7, uint64(i))
			if err := real.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, triggers := tame.measure(m)
			got, err := db.Triggers(t.Context(), tame.name, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			byVisitor := func(a, b journey.Trigger) int { return strings.Compare(a.Visitor, b.Visitor) }
			slices.SortFunc(got, byVisitor)
			slices.SortFunc(triggers, byVisitor)
			if diff := cmp.Diff(triggers, got); diff != "" {
				t.Fatalf("%s: triggers differ:\n%.2000s", w.name, diff)
			}
			if len(got) < w.n {
				t.Errorf("%s: %d triggers", w.name, len(got))
			}
			if err := db.SweepTriggers(t.Context(), time.Now().AddDate(10, 0, 0)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
