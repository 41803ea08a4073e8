package write

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/themes"
)

// searchesIn is a report of 28 days in a language.
func searchesIn(t *testing.T, lang string) searchesPage {
	t.Helper()
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	return searchesPage{Page: web.Page{Speaker: theme.Words.Speaker(lang)}, Days: 28}
}

// TestTrends holds that a change is told with its interval, and only where there
// surely is one.
func TestTrends(t *testing.T) {
	some := interval.Newcombe(interval.Wilson(48, 80), interval.Wilson(56, 70)) // −0.20 (−0.33..−0.05)
	for _, test := range []struct {
		lang                    string
		change                  journey.Change
		people, nothing, opened string
	}{
		{"en", journey.Change{People: journey.Growth{Before: 40, Estimate: interval.RateRatio(18, 40, 1, 1)}, FoundNothing: some, OpenedNone: interval.Newcombe(interval.Wilson(5, 10), interval.Wilson(4, 10))},
			"▼ 0.45 times as many people as in the 28 days before (95% interval 0.26 to 0.78; 40 then)",
			"▼ 20.0 points less than in the 28 days before (95% interval 5.2 to 33.4)", ""},
		{"it", journey.Change{People: journey.Growth{Before: 0, Estimate: interval.RateRatio(18, 0, 1, 1)}, FoundNothing: interval.Estimate{Value: .2, Low: .0524, High: .3339}},
			"▲ Nei 28 giorni precedenti nessuno aveva cercato",
			"▲ 20,0 punti in più rispetto ai 28 giorni precedenti (intervallo al 95 %: da 5,2 a 33,4)", ""},
		{"es", journey.Change{People: journey.Growth{Before: 40, Estimate: interval.RateRatio(44, 40, 1, 1)}}, "", "", ""},
		{"es", journey.Change{People: journey.Growth{Before: 0, Estimate: interval.RateRatio(0, 0, 1, 1)}}, "", "", ""},
	} {
		p := searchesIn(t, test.lang)
		if p.MorePeople() != nil || p.MoreNothing() != nil || p.MoreUnopened() != nil {
			t.Error("a trend against nothing")
		}
		p.Report.Change = &test.change
		for _, pair := range []struct {
			got  *trend
			want string
		}{{p.MorePeople(), test.people}, {p.MoreNothing(), test.nothing}, {p.MoreUnopened(), test.opened}} {
			got := ""
			if pair.got != nil {
				got = map[bool]string{true: "▲ ", false: "▼ "}[pair.got.Up] + strings.ReplaceAll(pair.got.Text, "\u00a0", " ")
			}
			if got != pair.want {
				t.Errorf("%s: %q, want %q", test.lang, got, pair.want)
			}
		}
	}
}

// TestChart holds that bars fit the narrowest screen, and that the parts of the
// highest fill it.
func TestChart(t *testing.T) {
	p := searchesIn(t, "en")
	for n := 1; n <= 13; n++ {
		p.Report.Steps = nil
		for i := range n {
			count := journey.SearchCount{Searches: 10 * (i + 1), FoundNothing: interval.Wilson(i, 10*(i+1)), OpenedNone: interval.Wilson(3, 10*(i+1))}
			p.Report.Steps = append(p.Report.Steps, journey.SearchStep{From: time.Time{}, SearchCount: count})
		}
		c := p.Chart()
		if c.Width > 264 || len(c.Bars) != n {
			t.Errorf("%d bars in %d", len(c.Bars), c.Width)
		}
		last := c.Bars[n-1]
		if last.X+last.Width > c.Width || last.Width < 8 {
			t.Errorf("of %d bars the last is at %d, %d wide", n, last.X, last.Width)
		}
		sum := 0.0
		for _, part := range last.Parts {
			high, err := strconv.ParseFloat(part.Height, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += high
		}
		if math.Abs(sum-float64(c.Height-2)) > 0.2 || last.Parts[2].Y != "1.0" {
			t.Errorf("the highest of %d bars is %.1f high, from %s", n, sum, last.Parts[2].Y)
		}
	}
	p.Report.Steps = []journey.SearchStep{{}}
	if c := p.Chart(); c.Bars[0].Parts[2].Height != "0.0" {
		t.Errorf("of nothing: %+v", c)
	}
}
