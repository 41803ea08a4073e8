package journey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	. "primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

const day = 24 * time.Hour

// TestArmStays follows cookies through their lives: salts come and go, the arm stays,
// also of a browser that comes back on the last day.
func TestArmStays(t *testing.T) {
	secrets := map[string][]byte{}
	salts := func() *Salts { // of a process that was started again
		return &Salts{Secret: func(_ context.Context, name string) ([]byte, error) {
			if secrets[name] == nil {
				secrets[name] = fmt.Appendf(nil, "%-32s", name)
			}
			return secrets[name], nil
		}}
	}
	for hours := range 24 * 16 { // more than a turn of salts
		began := noon.Add(time.Duration(hours) * time.Hour)
		cookie := NewCookie(began)
		first := ""
		for _, after := range []time.Duration{0, day, 14 * day, 16 * day, 29 * day, CookieLife} {
			now := began.Add(after)
			for name := range secrets {
				if DeadSalt(name, now) {
					delete(secrets, name)
				}
			}
			visitor, err := salts().Visitor(t.Context(), cookie, now)
			if err != nil {
				t.Fatal(err)
			}
			arm := Arm([]byte("key"), "contact-1", visitor, Parts/2)
			if first == "" {
				first = arm
			}
			if arm == "" || arm != first {
				t.Fatalf("a cookie of %v is in %q after %v, and was in %q", began, arm, after, first)
			}
		}
	}
}

func TestTerms(t *testing.T) {
	for _, test := range []struct {
		effect, cost, currency string
		words                  []string
		wrong                  string // the field
		want                   Terms
	}{
		{"10", "", "", nil, "", Terms{Effect: .1}},
		{" 2,5 ", "8.5", "eur", []string{" Fuoco! ", "", "FUOCO", "gas  leak"}, "", Terms{Effect: .025, Cost: 850, Currency: "EUR", Words: []string{"fuoco", "gas leak"}}},
		{"10", "0", "whatever", nil, "", Terms{Effect: .1}},
		{"", "", "", nil, "effect", Terms{}},
		{"0.5", "", "", nil, "effect", Terms{}},
		{"51", "", "", nil, "effect", Terms{}},
		{"ten", "", "", nil, "effect", Terms{}},
		{"10", "-1", "EUR", nil, "cost", Terms{}},
		{"10", "10001", "EUR", nil, "cost", Terms{}},
		{"10", "9", "€", nil, "currency", Terms{}},
		{"10", "9", "", nil, "currency", Terms{}},
		{"10", "", "", slices.Collect(func(yield func(string) bool) {
			for i := range 51 {
				if !yield(fmt.Sprint("w", i)) {
					return
				}
			}
		}), "words", Terms{}},
	} {
		got, err := NewTerms(test.effect, test.cost, test.currency, nil, test.words, false)
		e, _ := err.(*escalation.Error)
		if (e == nil) != (test.wrong == "") || e != nil && (e.Field != test.wrong || e.Kind != escalation.Invalid) {
			t.Errorf("%+v: %v", test, err)
		} else if e == nil && !cmp.Equal(got, test.want) {
			t.Errorf("%+v: %+v", test, got)
		}
	}
}

func FuzzParseHundredths(f *testing.F) {
	for _, s := range []string{"1", "1,5", "1.50", ".5", "1.", "-1", "1e3", "1,2,3", "999999999.99", "12345678901", " 7 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseHundredths(s)
		if err != nil {
			return
		}
		if again, err := ParseHundredths(fmt.Sprintf("%d,%02d", n/100, n%100)); n < 0 || err != nil || again != n {
			t.Errorf("%q is %d, which is %d, %v", s, n, again, err)
		}
	})
}

func TestExempt(t *testing.T) {
	terms := Terms{Never: []string{"safety", "billing/lock"}, Words: []string{"gas", "carta bloccata"}}
	for _, test := range []struct {
		said     string
		sections []string
		want     bool
	}{
		{"La mia CARTA, bloccata!", nil, true},
		{"Esce gas", nil, true},
		{"Un gasdotto", nil, false},
		{"carta smarrita, è bloccata", nil, false},
		{"", []string{"device", "safety"}, true},
		{"", []string{"billing"}, false},
		{"", nil, false},
	} {
		if got := terms.Exempt(test.said, test.sections); got != test.want {
			t.Errorf("%q in %v: %t", test.said, test.sections, got)
		}
	}
}

// an arm's visitors, of whom some write.
func arm(name string, n, tickets int, at time.Time) []Trigger {
	list := make([]Trigger, n)
	for i := range list {
		list[i] = Trigger{Experiment: "x", Visitor: fmt.Sprint(name, i), Arm: name, At: at, Read: true}
		if i < tickets {
			list[i].Ticket = at.Add(time.Minute)
		}
	}
	return list
}

// TestSatisfied compares how content people are who wrote in time and said so, and says
// nothing of a few. Less content is a warning, and turns no verdict.
func TestSatisfied(t *testing.T) {
	say := func(list []Trigger, good, rated int) []Trigger {
		for i := range list[:rated] {
			list[i].Score = escalation.Poor
			if i < good {
				list[i].Score = escalation.Good
			}
		}
		return list
	}
	half := Experiment{Name: "x", Share: Parts / 2, Planned: 100}
	late := arm(Shown, 1, 1, noon)
	late[0].Ticket, late[0].Score = noon.Add(Window+time.Minute), escalation.Good
	for _, test := range []struct {
		name              string
		good, rated       int // of those who saw suggestions; of the others, 40 of 50
		want              string
		compared, warning bool
	}{
		{"alike", 36, 45, "36 of 45", true, false},
		{"less", 15, 45, "15 of 45", true, true},
		{"a few", 5, 29, "5 of 29", false, false},
		{"nobody", 0, 0, "0 of 0", false, false},
	} {
		c := Measure(half, slices.Concat(say(arm(HoldOut, 80, 60, noon), 40, 50), say(arm(Shown, 79, 50, noon), test.good, test.rated), late), noon.Add(30*day))
		got := fmt.Sprintf("%d of %d", c.Shown.Satisfied.K, c.Shown.Satisfied.N)
		if got != test.want || (c.Satisfied != nil) != test.compared || c.LessSatisfied() != test.warning || c.Verdict != NoEffect {
			t.Errorf("%s: %s, %+v, warned %v, %s", test.name, got, c.Satisfied, c.LessSatisfied(), c.Verdict)
		}
	}
}

// TestMeasure: the vectors of the specification, and each verdict.
func TestMeasure(t *testing.T) {
	now := noon.Add(Window)
	half := Experiment{Name: "x", Share: Parts / 2, Planned: 100, Terms: Terms{Cost: 850, Currency: "EUR"}}
	few := half
	few.Share, few.Planned = Parts/5, 1000
	change := func(list []Trigger, of string, n int, do func(*Trigger)) []Trigger {
		for i := range list {
			if t := &list[len(list)-1-i]; t.Arm == of && n > 0 { // the last ones wrote nothing
				n--
				do(t)
			}
		}
		return list
	}
	silent := func(t *Trigger) { t.Read = false }
	for _, test := range []struct {
		name             string
		e                Experiment
		triggers         []Trigger
		verdict          Verdict
		d, low, high     float64
		avoided          [3]float64
		pending, decided int
	}{
		{"newcombe 168/200 − 585/800", few, slices.Concat(arm(HoldOut, 200, 168, noon), arm(Shown, 800, 585, noon)), Avoids, .1088, .0444, .1633, [3]float64{87, 36, 131}, 0, 1000},
		{"newcombe 56/70 − 48/80", half, slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon)), Avoids, .2, .0524, .3339, [3]float64{16, 4, 27}, 0, 150},
		{"newcombe 41/50 − 150/200", few, slices.Concat(arm(HoldOut, 50, 41, noon), arm(Shown, 200, 150, noon)), Early, .07, -.0693, .1744, [3]float64{14, -14, 35}, 0, 250},
		{"as planned, and not distinguishable", Experiment{Share: Parts / 5, Planned: 250}, slices.Concat(arm(HoldOut, 50, 41, noon), arm(Shown, 200, 150, noon)), NoEffect, .07, -.0693, .1744, [3]float64{14, -14, 35}, 0, 250},
		{"more tickets", half, slices.Concat(arm(HoldOut, 80, 48, noon), arm(Shown, 70, 56, noon)), Adds, -.2, -.3339, -.0524, [3]float64{-14, -23, -4}, 0, 150},
		{"240 of 1,000 are just as planned", few, slices.Concat(arm(HoldOut, 240, 200, noon), arm(Shown, 760, 600, noon)), NoEffect, .0439, -.0152, .0956, [3]float64{33, -12, 73}, 0, 1000},
		{"245 of 1,000 are not", few, slices.Concat(arm(HoldOut, 245, 200, noon), arm(Shown, 755, 600, noon)), Broken, 0, 0, 0, [3]float64{}, 0, 1000},
		{"a few in an arm", half, slices.Concat(arm(HoldOut, 29, 20, noon), arm(Shown, 31, 20, noon)), TooFew, 0, 0, 0, [3]float64{}, 0, 60},
		{"those who may still write wait, also if they wrote", half,
			slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon), arm(HoldOut, 20, 20, noon.Add(time.Millisecond)), arm(Shown, 20, 0, noon.Add(time.Second))),
			Avoids, .2, .0524, .3339, [3]float64{16, 4, 27}, 40, 150},
		{"silent", half, change(slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon)), Shown, 20, silent), Hides, .2, .0524, .3339, [3]float64{16, 4, 27}, 0, 150},
		{"silent in both", half,
			change(change(slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon)), Shown, 12, silent), HoldOut, 10, silent), Avoids, .2, .0524, .3339, [3]float64{16, 4, 27}, 0, 150},
		{"back again", half,
			change(slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon)), Shown, 20, func(t *Trigger) { t.Again = t.At.Add(day) }), Hides, .2, .0524, .3339, [3]float64{16, 4, 27}, 0, 150},
		{"back too late to matter", half,
			change(slices.Concat(arm(HoldOut, 70, 56, noon), arm(Shown, 80, 48, noon)), Shown, 20, func(t *Trigger) { t.Again = t.At.Add(Window + 1) }), Avoids, .2, .0524, .3339, [3]float64{16, 4, 27}, 0, 150},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Measure(test.e, test.triggers, now)
			if c.Verdict != test.verdict || c.Pending != test.pending || c.Decided() != test.decided || c.Visitors() != test.pending+test.decided {
				t.Errorf("%s, %d pending, %d decided", c.Verdict, c.Pending, c.Decided())
			}
			within := func(got interval.Estimate, value, low, high, within float64) bool {
				return math.Abs(got.Value-value) <= within && math.Abs(got.Low-low) <= within && math.Abs(got.High-high) <= within
			}
			if !within(c.Difference, test.d, test.low, test.high, .0005) {
				t.Errorf("difference %.4f", c.Difference)
			}
			if !within(c.Avoided, test.avoided[0], test.avoided[1], test.avoided[2], .75) {
				t.Errorf("avoided %.2f", c.Avoided)
			}
			if money := c.Money; c.Effect() && test.e.Cost > 0 && (money == nil || math.Abs(money.Low-8.5*c.Avoided.Low) > 1e-9) {
				t.Errorf("money %v", money)
			}
			if text, err := json.Marshal(c); err != nil { // it is kept as the result
				t.Error(err)
			} else {
				var again Caused
				if json.Unmarshal(text, &again); !cmp.Equal(again, c) {
					t.Errorf("kept as %s", text)
				}
			}
		})
	}
	late := arm(HoldOut, 40, 40, noon)
	late[0].Ticket = noon.Add(Window)
	late[1].Ticket = noon.Add(Window + time.Millisecond)
	c := Measure(half, slices.Concat(late, arm(Shown, 40, 40, noon)), noon.Add(30*day))
	if c.HoldOut.Tickets.K != 39 {
		t.Errorf("%d of 40 wrote within the window, want 39", c.HoldOut.Tickets.K)
	}
	if s := c.Shown.Seconds; s == nil || s.Value != 60 || c.Slower() {
		t.Errorf("written after %v", s)
	}
}

func TestPlan(t *testing.T) {
	now := noon
	var recent []Trigger
	for i := range 8 * 7 * 10 { // ten a day
		tr := Trigger{Arm: Shown, Visitor: fmt.Sprint(i), At: now.Add(-time.Duration(i)*day/10 - time.Minute)}
		switch {
		case i%10 < 7:
			tr.Ticket = tr.At.Add(time.Minute)
		case i%10 == 7:
			tr.Read = true
		}
		recent = append(recent, tr)
	}
	p := MeasurePace(append(recent, Trigger{Arm: Shown, At: now.Add(-100 * day)}), now)
	if math.Abs(p.Week-70) > .5 || p.Tickets.K != 343 || p.Tickets.N != 490 || p.Helped.K != 49 {
		t.Fatalf("%+v", p)
	}
	if p.Share() != Parts/5 || (Pace{Week: 57}).Share() != Parts/2 || (Pace{Week: 58}).Share() != Parts/5 {
		t.Error("half of them below 250 a month, else a fifth")
	}
	plan, ok := p.Plan(.1, Parts/2, now)
	if !ok || plan.HoldOut != 293 || plan.Shown != 293 || plan.Guessed { // 80 % → 70 %
		t.Errorf("%+v", plan)
	}
	if weeks := plan.Weeks(now); weeks != 9 || plan.Ends.Sub(now) < 8*7*day+Window || plan.Ends.Sub(now) > 9*7*day+Window {
		t.Errorf("%d weeks, until %v", weeks, plan.Ends)
	}
	if math.Abs(plan.Extra.Value-29.3) > .1 || plan.Extra.Low > 23 || plan.Extra.High < 37 {
		t.Errorf("costs %v", plan.Extra)
	}
	if plan, ok := p.Plan(.02, Parts/2, now); ok {
		t.Errorf("%+v takes longer than its visitors are kept", plan)
	}
	if plan, ok := (Pace{}).Plan(.1, Parts/5, now); !ok || !plan.Guessed || !plan.Ends.IsZero() || plan.HoldOut != 131 || math.Abs(plan.Extra.Value-13.1) > 1e-9 {
		t.Errorf("of a site that nobody has used: %+v, %t", plan, ok)
	}
	sure := Pace{Week: 1000, Tickets: interval.Wilson(99, 100)}
	if plan, ok := sure.Plan(.1, Parts/2, now); !ok || plan.Visitors() <= 0 {
		t.Errorf("where all write: %+v, %t", plan, ok)
	}
}

// TestHoldOuts goes through the life of an experiment.
func TestHoldOuts(t *testing.T) {
	laura := escalation.ActorRef{Kind: "staff", ID: "laura"}
	terms := Terms{Effect: .1, Keep: true}
	var h HoldOuts
	if e := h.Now(); e.Share != 0 || e.Runs() || e.Name != "contact-0" {
		t.Errorf("nobody began one, and there is %+v", e)
	}
	if _, err := h.Stop(laura, noon); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("stop of none: %v", err)
	}
	h, err := h.Begin(terms, Parts/2, 60, laura, noon)
	if e := h.Now(); err != nil || e.Name != "contact-1" || e.Share != Parts/2 || !e.Runs() {
		t.Fatalf("%+v, %v", e, err)
	}
	if _, err := h.Begin(terms, Parts/2, 60, laura, noon); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("two at once: %v", err)
	}
	step := func(name string, c Caused, now time.Time, want bool) {
		t.Helper()
		before, _ := json.Marshal(h)
		next, changed := h.Step(c, now)
		if after, _ := json.Marshal(h); string(before) != string(after) {
			t.Errorf("%s: what others read was changed", name)
		}
		if changed != want {
			t.Fatalf("%s: changed %t", name, changed)
		}
		h = next
	}
	full := Measure(h.Now(), slices.Concat(arm(HoldOut, 30, 28, noon), arm(Shown, 30, 10, noon)), noon)
	step("one is missing", Measure(h.Now(), slices.Concat(arm(HoldOut, 30, 28, noon), arm(Shown, 29, 10, noon)), noon), noon, false)
	step("all are there", full, noon.Add(day), true)
	if e := h.Now(); e.Share != 0 || h.Last().Ended.IsZero() {
		t.Errorf("it is full, and %+v goes on", e)
	}
	if _, err := h.Begin(terms, Parts/2, 60, laura, noon); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("begun before the result of the last: %v", err)
	}
	step("windows are open", full, noon.Add(6*day), false)
	done := Measure(*h.Last(), slices.Concat(arm(HoldOut, 30, 28, noon), arm(Shown, 30, 10, noon)), noon.Add(8*day))
	step("windows are closed", done, noon.Add(8*day), true)
	if len(h.List) != 2 || h.List[0].Result == nil || h.List[0].Result.Verdict != Avoids {
		t.Fatalf("%+v", h.List)
	}
	if e := h.Now(); e.Name != "contact-2" || !e.Watch || e.Share != WatchShare || e.Planned < 100 || e.Effect != .1 {
		t.Errorf("after it a few are held out, to watch: %+v", e)
	}
	if next, changed := h.Step(Caused{Verdict: TooFew}, noon.Add(373*day)); !changed || next.Now().Share != 0 {
		t.Errorf("after a year it still runs: %+v", next.Now())
	}
	// A lead may stop it at any time.
	if h, err = h.Stop(laura, noon.Add(9*day)); err != nil || h.Now().Share != 0 {
		t.Errorf("%+v, %v", h.Now(), err)
	}
	if _, err := h.Stop(laura, noon.Add(9*day)); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("stopped twice: %v", err)
	}
	step("stopped, and open", Caused{Verdict: TooFew}, noon.Add(9*day), false)
	step("stopped, and closed", Caused{Verdict: TooFew}, noon.Add(16*day), true)
	if len(h.List) != 2 {
		t.Errorf("what showed nothing is not watched: %+v", h.List)
	}
	if h, err = h.Begin(terms, Parts/5, 60, laura, noon.Add(17*day)); err != nil || h.Now().Name != "contact-3" {
		t.Errorf("another one: %+v, %v", h.Now(), err)
	}
}

// TestTriggers holds that on both engines the same is kept of what visitors do, in
// whatever batches it comes, as a naive reader of all events makes of it: the first
// trigger of a visitor in an experiment, its arm, and what followed.
func TestTriggers(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			r := NewRecorder(db, nil, nil)
			at := noon
			seen := map[string]*Trigger{}
			for range rapid.IntRange(1, 30).Draw(rt, "events") {
				at = at.Add(rapid.SampledFrom([]time.Duration{time.Second, 9 * time.Minute, Pause, Pause + time.Millisecond, 3 * day}).Draw(rt, "gap"))
				e := Event{
					At: at, Lang: "it", Visitor: fmt.Sprintf("%d-%d", runs, rapid.IntRange(0, 2).Draw(rt, "who")), Article: "a", Seconds: 20,
					Kind: rapid.SampledFrom([]Kind{SuggestionEligible, SuggestionEligible, TicketCreated, FormOpen, SuggestionClick, Confirm, Search, VoteNo, SuggestionShown}).Draw(rt, "kind"),
				}
				if e.Kind == SuggestionEligible {
					e.Experiment = fmt.Sprintf("%d-%d", runs, rapid.IntRange(0, 1).Draw(rt, "experiment"))
					e.Arm = Arm(nil, e.Experiment, e.Visitor, Parts/2)
					if exempt := rapid.IntRange(0, 4).Draw(rt, "exempt") == 0; exempt {
						e.Experiment, e.Arm = "", ""
					} else if key := e.Experiment + e.Visitor; seen[key] == nil {
						seen[key] = &Trigger{Experiment: e.Experiment, Visitor: e.Visitor, Arm: e.Arm, At: at}
					}
				}
				for _, tr := range seen {
					if tr.Visitor != e.Visitor {
						continue
					}
					s := Sequel{e.Visitor, at, e.Kind}
					switch e.Kind {
					case SuggestionClick, Confirm:
						s.Kind = ArticleRead
						tr.Follow(s)
					case TicketCreated, FormOpen:
						tr.Follow(s)
					}
				}
				r.Record(e)
				if rapid.IntRange(0, 4).Draw(rt, "flush") == 0 {
					if err := r.Flush(context.Background()); err != nil {
						rt.Fatal(err)
					}
				}
			}
			if err := r.Flush(context.Background()); err != nil {
				rt.Fatal(err)
			}
			for i := range 2 {
				experiment := fmt.Sprintf("%d-%d", runs, i)
				got, err := db.Triggers(context.Background(), experiment, noon)
				if err != nil {
					rt.Fatal(err)
				}
				for _, tr := range got {
					want := seen[experiment+tr.Visitor]
					if want == nil || !cmp.Equal(*want, tr) {
						rt.Fatalf("kept %+v, want %+v", tr, want)
					}
					delete(seen, experiment+tr.Visitor)
				}
			}
			if len(seen) > 0 {
				rt.Fatalf("%d are missing", len(seen))
			}
		})
	})
}

// TestReadWithoutScript: an article that was open until the next request was read.
func TestReadWithoutScript(t *testing.T) {
	db := open(t)
	r := NewRecorder(db, nil, nil)
	for _, e := range []Event{
		{At: noon, Kind: FormOpen},
		{At: noon.Add(time.Minute), Kind: SuggestionEligible, Experiment: "x", Arm: Shown},
		{At: noon.Add(2 * time.Minute), Kind: ArticleOpen, Article: "a"},
		{At: noon.Add(3 * time.Minute), Kind: FormOpen},
	} {
		e.Visitor, e.Lang = "v", "en"
		r.Record(e)
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := db.Triggers(t.Context(), "x", noon)
		if err != nil || len(got) > 0 && got[0].Read != (e.At.Sub(noon) == 3*time.Minute) {
			t.Errorf("after %s: %+v, %v", e.Kind, got, err)
		}
	}
}
