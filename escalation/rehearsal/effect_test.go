package rehearsal_test

import (
	"flag"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	. "primalinea/escalation/rehearsal"
)

var effectCases = flag.Int("effects", 300, "how many articles of each kind to publish; the table of the manual has 10000")

// score takes cases on all processors; which case is which does not depend on how many
// those are.
func score(q Questions, leaves float64) Score {
	scores := make([]Score, runtime.NumCPU())
	var wg sync.WaitGroup
	for i := range scores {
		wg.Go(func() {
			from, to := i**effectCases/len(scores), (i+1)**effectCases/len(scores)
			scores[i] = q.Score(2026, from, to, leaves)
		})
	}
	wg.Wait()
	for _, s := range scores[1:] {
		scores[0].Add(s)
	}
	return scores[0]
}

// errors returns four standard errors of a share of so many cases.
func errors(share float64) float64 {
	return 4 * math.Sqrt(share*(1-share)/float64(*effectCases))
}

// TestNoEffect holds that an article that does nothing, and was chosen because its
// line was the highest, is called "worked" in at most 5 % of cases, however the
// tickets of a site go up and down. For the table of the manual:
//
//	go test ./escalation/rehearsal -run 'TestNoEffect|TestEffectIsFound' -v -effects 10000
func TestNoEffect(t *testing.T) {
	for _, q := range Worlds {
		s := score(q, 1)
		t.Logf("%-7s worked %.1f %%, no effect %.1f %%, inconclusive %.1f %%; naive worked %.1f %%; the interval holds the truth in %.1f %%",
			q.Name, 100*s.Worked.Rate, 100*s.NoEffect.Rate, 100*s.Inconclusive.Rate, 100*s.Naive.Rate, 100*s.Covered.Rate)
		if most := .05 + errors(.05); s.Worked.Rate > most {
			t.Errorf("%s: %.1f %% of articles without effect worked", q.Name, 100*s.Worked.Rate)
		}
		if least := .9 - errors(.9); s.Covered.Rate < least {
			t.Errorf("%s: the interval holds the truth in %.1f %% of cases", q.Name, 100*s.Covered.Rate)
		}
		// And that this could fail: four weeks before and after call it the article's
		// work when a line falls from its peak.
		if q.Bursts > 0 && s.Naive.Rate < .3 {
			t.Errorf("%s: four weeks before and after call only %.1f %% worked", q.Name, 100*s.Naive.Rate)
		}
	}
}

// TestEffectIsFound says how often an article that spares half of the tickets, or
// seven in ten, is found to have worked.
func TestEffectIsFound(t *testing.T) {
	least := map[string][2]float64{
		"chance": {.94, .99}, "wander": {.28, .70}, "bursts": {.27, .70}, "season": {.55, .93},
		"growth": {.74, .98}, "news": {.07, .23}, "small": {.17, .42}, "large": {.84, .99},
	}
	for _, q := range Worlds {
		for i, leaves := range []float64{.5, .3} {
			s := score(q, leaves)
			t.Logf("%-7s leaves %.0f %%: worked %.1f %%, no effect %.1f %%, inconclusive %.1f %%; naive worked %.1f %%; the interval holds the truth in %.1f %%",
				q.Name, 100*leaves, 100*s.Worked.Rate, 100*s.NoEffect.Rate, 100*s.Inconclusive.Rate, 100*s.Naive.Rate, 100*s.Covered.Rate)
			if want := least[q.Name][i]; s.Worked.Rate < want-errors(want) {
				t.Errorf("%s: %.1f %% of articles that leave %.0f %% worked, want %.0f %%", q.Name, 100*s.Worked.Rate, 100*leaves, 100*want)
			}
			if s.NoEffect.Rate > .06+errors(.06) {
				t.Errorf("%s: %.1f %% of articles that leave %.0f %% are said to do nothing", q.Name, 100*s.NoEffect.Rate, 100*leaves)
			}
		}
	}
}

// TestCase holds that a case is the same whenever it is taken.
func TestCase(t *testing.T) {
	q := Worlds[2]
	a, b, other := q.Case(1, 7, 1), q.Case(1, 7, 1), q.Case(1, 8, 1)
	if a.Naive != b.Naive || a.Receipt.Change != b.Receipt.Change {
		t.Errorf("%v and %v", a.Naive, b.Naive)
	}
	if a.Receipt.Change == other.Receipt.Change {
		t.Error("all cases are the same")
	}
}

// TestHistory has a receipt of each kind to show.
func TestHistory(t *testing.T) {
	articles := []Article{{Key: "a"}, {Key: "b"}, {Key: "c"}}
	until := monday.AddDate(0, 0, -92)
	promotions, counts := History(2026, articles, "it", escalation.ActorRef{Name: "Anna"}, until)
	var findings []demand.Finding
	for _, p := range promotions {
		r := demand.Effect(p, promotions, demand.NewCounts(counts), monday)
		findings = append(findings, r.Finding)
		if r.After.To > demand.DayOf(until) || r.Compared != demand.FromBaseline || r.Lines != 70 || r.Shown.Opened == 0 || len(r.Weeks) < 20 {
			t.Errorf("%s: %+v, %+v", p.Article, r.Look, r.Shown)
		}
	}
	if !slices.Equal(findings, []demand.Finding{demand.Worked, demand.NoEffect, demand.Inconclusive}) {
		t.Errorf("findings %v", findings)
	}
	for _, c := range counts {
		if c.Day >= demand.DayOf(until) {
			t.Fatalf("%+v lies in the rehearsal", c)
		}
	}
}
