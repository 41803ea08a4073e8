package desk

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
)

// TestWhy is how due dates say where they come from.
func TestWhy(t *testing.T) {
	rome, _ := clock.Zone("Europe/Rome")
	now := time.Date(2026, 11, 27, 17, 30, 0, 0, rome) // a Friday
	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, rome)
	started := func(kind clock.Kind, at time.Time) clock.Ledger {
		return clock.Ledger{{At: at, Act: clock.Start, Clock: kind, Tier: 1}}
	}
	desk := escalation.ShippedDesk()
	desk.Calendars[0].Days = []clock.Day{{Date: clock.DateOf(time.Date(2026, 12, 8, 0, 0, 0, 0, rome)), Name: "Immacolata"}}
	words := speak(t)
	for _, test := range []struct {
		lang   string
		ledger clock.Ledger
		what   string
		says   string
		why    string
	}{
		{"en", started(clock.Accept, now), "Taking it at tier 1", "in 2 days",
			"2 h (Office hours) from Fri 17:30, closed until Mon 09:00, due Mon 10:30."},
		{"it", started(clock.Accept, now), "Presa in carico al livello 1", "fra 2 giorni",
			"2 h (Orario d’ufficio) da ven 17:30, chiuso fino a lun 09:00, scadenza lun 10:30."},
		{"es", started(clock.Accept, now), "Alguien la toma en el nivel 1", "en 2 días",
			"2 h (Horario de oficina) desde vie 17:30, cerrado hasta lun 09:00, vence lun 10:30."},
		{"en", started(clock.Resolution, now), "Solution", "in 7 days",
			"40 h (Office hours) from Fri 17:30, closed until Mon 09:00, closed until Mon 14:00, closed 8 more times until Fri 4 Dec, 14:00, due Fri 4 Dec, 17:30."},
		{"en", started(clock.First, time.Date(2026, 12, 7, 17, 0, 0, 0, rome)), "First answer", "in 11 days",
			"8 h (Office hours) from Mon 7 Dec, 17:00, closed until Wed 9 Dec, 09:00 (Immacolata), closed until Wed 9 Dec, 14:00, due Wed 9 Dec, 17:00."},
		{"en", append(started(clock.Resolution, now.Add(-time.Hour)), clock.Event{At: now, Act: clock.Pause, Cause: clock.WaitCustomer}), "Solution", "stands still, 39 h left",
			"40 h (Office hours) from Fri 16:30, stands still since Fri 17:30 because it was the customer’s turn, 39 h left."},
		{"en", append(started(clock.First, now.Add(-9*time.Hour)), clock.Event{At: now.Add(-time.Hour), Act: clock.Stop, Clock: clock.First}), "First answer", "done in time",
			"8 h (Office hours) from Fri 08:30, closed until Fri 09:00, closed until Fri 14:00, due Fri 18:00, done Fri 16:30."},
		{"en", started(clock.Next, monday.AddDate(0, 0, -7)), "Next answer", "overdue: 3 days",
			"8 h (Office hours) from Mon 09:00, closed until Mon 14:00, due Mon 18:00."},
		{"en", started(clock.Accept, now.Add(-time.Hour-45*time.Minute)), "Taking it at tier 1", "soon: 15 min",
			"2 h (Office hours) from Fri 15:45, due Fri 17:45."},
	} {
		s := words.Speaker(test.lang).In(rome)
		list := dues(s, test.lang, desk, &escalation.Ticket{Clocks: test.ledger}, now)
		if len(list) != 1 || list[0].What != test.what || list[0].Says != test.says || list[0].Why != test.why {
			t.Errorf("got %+v\nwant %s %s\n%s", list, test.what, test.says, test.why)
		}
	}
}

// TestDuesInOrder: what is due next comes first, what is over last, and of each clock
// only the last run.
func TestDuesInOrder(t *testing.T) {
	nine := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	at := func(h int, a clock.Act, k clock.Kind, tier int) clock.Event {
		return clock.Event{At: nine.Add(time.Duration(h) * time.Hour), Act: a, Clock: k, Tier: tier}
	}
	l := clock.Ledger{at(0, clock.Start, clock.Resolution, 1), at(0, clock.Start, clock.First, 1), at(0, clock.Start, clock.Accept, 1),
		at(1, clock.Stop, clock.Accept, 0), at(1, clock.Start, clock.Work, 1), at(2, clock.Start, clock.Accept, 2)}
	var got []string
	for _, d := range dues(speak(t).Speaker("en").In(time.UTC), "en", escalation.ShippedDesk(), &escalation.Ticket{Clocks: l}, nine.Add(3*time.Hour)) {
		got = append(got, d.What)
	}
	if want := "Taking it at tier 2; First answer; Work at tier 1; Solution"; strings.Join(got, "; ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
