package web

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/setting"
	"primalinea/themes"
)

// TestOpening: customers are told the hours by which the desk promises, and what
// differs soon, unless a lead says it in other words.
func TestOpening(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	days, err := clock.ParseDays("", "2026-12-08 Immacolata\n2026-12-24 9-13\n2026-12-25")
	if err != nil {
		t.Fatal(err)
	}
	desk := escalation.ShippedDesk()
	desk.Calendars[0].Days = days
	desk.Calendars[0].Week[time.Saturday] = desk.Calendars[0].Week[time.Friday][:1]
	site := setting.Default()
	site.Hours.Zone = "Europe/Rome"
	page := func(lang, now string) Page {
		at, err := time.Parse(time.DateOnly, now)
		if err != nil {
			t.Fatal(err)
		}
		return Page{Speaker: theme.Words.Speaker(lang), Dress: Dress{site: site}, desk: desk, now: at}
	}
	if got := page("en", "2026-12-01").Opening(); got != "" {
		t.Errorf("nobody has looked at the hours, and customers read %q", got)
	}
	site.SetUp = site.SetUp.Decide("hours", time.Now())
	for _, test := range []struct{ lang, now, want string }{
		{"en", "2026-11-20", "Mon–Fri 09:00–13:00, 14:00–18:00; Sat 09:00–13:00"},
		{"it", "2026-12-01", "lun–ven 09:00–13:00, 14:00–18:00; sab 09:00–13:00; 8 dicembre 2026 (Immacolata) chiuso"},
		{"es", "2026-12-12", "lun–vie 09:00–13:00, 14:00–18:00; sáb 09:00–13:00; 24 de diciembre de 2026 09:00–13:00; 25 de diciembre de 2026 cerrado"},
	} {
		if got := page(test.lang, test.now).Opening(); got != test.want {
			t.Errorf("%s: %q, want %q", test.now, got, test.want)
		}
	}
	site.Hours.Zone = "Europe/Madrid"
	if got, want := page("en", "2026-11-20").Opening(), "Mon–Fri 09:00–13:00, 14:00–18:00; Sat 09:00–13:00 (Europe/Rome)"; got != want {
		t.Errorf("elsewhere %q, want %q", got, want)
	}
	site.Hours.Opening = escalation.Text{"en": "Whenever you need us"}
	if got := page("it", "2026-11-20").Opening(); got != "Whenever you need us" {
		t.Errorf("a lead's words are %q", got)
	}
}
