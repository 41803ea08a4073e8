package lead

import (
	"html"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/themes"
)

// TestHoldOutPage shows each verdict in each language: with the effect where there is
// one, in grey where chance can still turn it, and without any where the arms are
// broken.
func TestHoldOutPage(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	c := journey.Caused{
		HoldOut: journey.ArmFigures{Assigned: 200, Tickets: interval.Wilson(168, 200), Seconds: &interval.Estimate{Value: 58, Low: 44, High: 70}},
		Shown:   journey.ArmFigures{Assigned: 800, Tickets: interval.Wilson(585, 800), Seconds: &interval.Estimate{Value: 830, Low: 730, High: 950}},
		Ratio:   .25, Pending: 3,
		Silent: interval.Estimate{Value: .05, Low: .01, High: .08}, Again: interval.Estimate{Value: -.001, Low: -.02, High: .02},
	}
	c.Difference = interval.Newcombe(c.HoldOut.Tickets, c.Shown.Tickets)
	c.Avoided = interval.Estimate{Value: 87, Low: 36, High: 131}
	c.Money = &interval.Estimate{Value: 739.5, Low: 302, High: 1110}
	for _, lang := range []string{"it", "es", "en"} {
		for _, verdict := range []journey.Verdict{journey.Broken, journey.TooFew, journey.Early, journey.Avoids, journey.Hides, journey.Adds, journey.NoEffect} {
			c.Verdict = verdict
			e := journey.Experiment{
				Name: "contact-1", Share: 2000, Planned: 1500, Started: now.AddDate(0, -1, 0), By: escalation.ActorRef{ID: "a", Name: "Laura <b>"},
				Terms: journey.Terms{Effect: .1, Cost: 850, Currency: "EUR"},
			}
			p := &holdOutPage{Page: web.Page{Speaker: theme.Words.Speaker(lang).In(time.UTC), Area: "lead", Me: &staff.Person{Roles: []staff.Role{staff.Lead}}}, Now: now}
			p.Held = journey.Held{HoldOuts: journey.HoldOuts{List: []journey.Experiment{e}}, Newest: &c, Pace: journey.Pace{Week: 70}}
			p.Newest = &tried{e, c, p.Page}
			page, err := theme.Part("lead/holdout", "main", p)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(html.UnescapeString(string(page)), "\u00a0", " ")
			for _, key := range []string{"holdout.is.", "holdout.means."} {
				if !strings.Contains(text, p.T(key+string(verdict))) {
					t.Errorf("%s, %s: no %s", lang, verdict, key)
				}
			}
			effect := verdict != journey.Broken && verdict != journey.TooFew
			for _, part := range []string{p.T("holdout.points", "N", p.Decimal(10.9, 1)), "87", "740 EUR", p.T("holdout.more"), "−" + p.Decimal(10.9, 1), "−" + p.Decimal(16.3, 1)} {
				if strings.Contains(text, part) != effect {
					t.Errorf("%s, %s: %q is there: %t", lang, verdict, part, !effect)
				}
			}
			if grey := strings.Contains(text, `class="figures soft"`); grey != (verdict == journey.Early || verdict == journey.TooFew) {
				t.Errorf("%s, %s: grey is %t", lang, verdict, grey)
			}
			if !strings.Contains(text, "58 s") || !strings.Contains(text, "13 min") || !strings.Contains(text, p.T("holdout.longer")) || strings.Contains(string(page), "<b>") {
				t.Errorf("%s, %s: times, or a name: %.3000s", lang, verdict, text)
			}
			if strings.Contains(text, "(-") || strings.Contains(text, "NaN") || strings.Contains(text, "holdout.") {
				t.Errorf("%s, %s: a number, or a key", lang, verdict)
			}
		}
	}
}

func TestSigned(t *testing.T) {
	for in, want := range map[string]string{"-0": "0", "-0,0": "0,0", "-12.5": "−12.5", "3": "3", "-0.1": "−0.1"} {
		if got := signed(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
