package lead

import (
	"math"
	"strings"
	"testing"
	"time"

	"primalinea/escalation/interval"
	"primalinea/portal/web"
	"primalinea/themes"
)

// TestLeft writes what is left of a rate, and no bound that only says how little is
// known.
func TestLeft(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	f := figures{web.Page{Speaker: theme.Words.Speaker("en").In(time.UTC)}}
	for _, test := range []struct {
		value, low, high float64
		want             string
	}{
		{.45, .26, .78, "45% (26%–78%)"},
		{0, 0, .6, "0% (0%–60%)"},
		{.67, .0001, 7.5e6, "67% (0.0% to over 1000%)"},
		{.67, .2, math.Inf(1), "67% (20% to over 1000%)"},
		{math.NaN(), 0, math.Inf(1), "–"},
		{0, 0, 0, "–"},
	} {
		got := strings.ReplaceAll(f.Left(interval.Estimate{Value: test.value, Low: test.low, High: test.high}), "\u00a0", " ")
		if got != test.want {
			t.Errorf("%v of %v to %v: %q, want %q", test.value, test.low, test.high, got, test.want)
		}
	}
}

// TestShort writes the days under a chart as the reader's language has them.
func TestShort(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"it": "28 ago", "es": "28 ago", "en": "28 Aug"} {
		f := figures{web.Page{Speaker: theme.Words.Speaker(lang)}}
		if got := f.short(time.Date(2026, 8, 28, 23, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
