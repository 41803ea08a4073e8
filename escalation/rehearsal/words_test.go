package rehearsal

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

// TestWords says that every language has all of it.
func TestWords(t *testing.T) {
	for _, w := range languages {
		for _, m := range unmet {
			said := w.unmet[m.ID]
			if len(said.ask) < 3 || said.subject == "" || said.text == "" || said.answer == "" || (m.Section != "") != (said.title != "") {
				t.Errorf("%s: %s: %+v", w.lang, m.ID, said)
			}
			if m.Section != "" && strings.Count(said.answer, "\n") < 2 {
				t.Errorf("%s: %s: an article of one step", w.lang, m.ID)
			}
		}
		if len(w.unmet) != len(unmet) {
			t.Errorf("%s: %d matters, want %d", w.lang, len(w.unmet), len(unmet))
		}
		for _, team := range shipped.Teams {
			if w.tell[team.ID] == "" || w.party[team.ID] == "" {
				t.Errorf("%s: nothing to say of %s", w.lang, team.ID)
			}
		}
		for _, reason := range escalation.RefusalReasons {
			if w.refusals[reason] == "" {
				t.Errorf("%s: nothing to say for %s", w.lang, reason)
			}
		}
		for v, i := reflect.ValueOf(*w), 0; i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is missing", w.lang, v.Type().Field(i).Name)
			}
		}
	}
}

func TestWorking(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse("Mon 2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, test := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"Mon 2026-03-02 09:00", time.Hour, "Mon 2026-03-02 10:00"},
		{"Mon 2026-03-02 06:00", time.Hour, "Mon 2026-03-02 09:00"},
		{"Mon 2026-03-02 16:30", time.Hour, "Tue 2026-03-03 08:30"},
		{"Fri 2026-03-06 16:30", time.Hour, "Mon 2026-03-09 08:30"},
		{"Sat 2026-03-07 12:00", 0, "Mon 2026-03-09 08:00"},
		{"Mon 2026-03-02 11:30", time.Hour, "Mon 2026-03-02 13:30"}, // after the pause
		{"Mon 2026-03-02 08:00", 17 * time.Hour, "Wed 2026-03-04 09:00"},
		{"Fri 2026-03-27 16:30", time.Hour, "Mon 2026-03-30 07:30"}, // the clocks of Rome went ahead
	} {
		if got := working(at(test.from), test.d).Truncate(time.Minute); !got.Equal(at(test.want)) {
			t.Errorf("working(%s, %s) = %s, want %s", test.from, test.d, got.Format("Mon 2006-01-02 15:04"), test.want)
		}
	}
}

func TestClock(t *testing.T) {
	begins := time.Date(2026, 3, 2, 0, 0, 0, 1, time.UTC)
	c := NewClock(begins)
	if got := c.Now(); !got.Equal(begins.Truncate(time.Millisecond)) {
		t.Errorf("shows %v", got)
	}
	c.move(begins.Add(time.Hour))
	c.move(begins)
	if got, want := c.Now(), begins.Add(time.Hour).Truncate(time.Millisecond); !got.Equal(want) {
		t.Errorf("shows %v, want %v", got, want)
	}
}
