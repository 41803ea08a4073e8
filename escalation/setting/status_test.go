package setting

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

func TestStatus(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name       string
		on         bool
		text       string
		until      time.Time
		want       string // how it is refused
		now, later string // what is shown now, and an hour later
	}{
		{"on", true, " I pagamenti\nsono <b>lenti</b> ", time.Time{}, "", "I pagamenti sono <b>lenti</b>", "I pagamenti sono <b>lenti</b>"},
		{"for a while", true, "Lenti", now.Add(time.Hour), "", "Lenti", ""},
		{"off", false, "Lenti", time.Time{}, "", "", ""},
		{"off, after its end", false, "Lenti", now.Add(-time.Hour), "", "", ""},
		{"that nobody sees", true, "\u200b\u200f", time.Time{}, "error.status_missing (text)", "", ""},
		{"without a word", true, " \u202e\x00 ", time.Time{}, "error.status_missing (text)", "", ""},
		{"too long", true, strings.Repeat("è", MaxStatus+1), time.Time{}, "error.too_long (text.it)", "", ""},
		{"as long as may be", true, strings.Repeat("è", MaxStatus), now.Add(time.Minute), "", strings.Repeat("è", MaxStatus), ""},
		{"over already", true, "Lenti", now, "error.date_past (until)", "", ""},
		{"for ever", true, "Lenti", now.AddDate(2, 0, 1), "error.date_far (until)", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := NewStatus(test.on, escalation.Text{"it": test.text, "en": ""}, test.until, escalation.ActorRef{Name: "Anna"}, now)
			if got := wrong(err); got != test.want {
				t.Fatalf("refused by %q, want %q", got, test.want)
			}
			if err != nil {
				return
			}
			if got := s.In("it", now); got != test.now {
				t.Errorf("shows %q, want %q", got, test.now)
			}
			if got := s.In("it", now.Add(time.Hour)); got != test.later {
				t.Errorf("shows %q an hour later, want %q", got, test.later)
			}
			if got := s.In("en", now); got != "" {
				t.Errorf("shows %q to who reads English", got)
			}
		})
	}
}
