package clock

import (
	"strings"
	"testing"
	"time"
)

// TestEvening: what is hoped for by the end of a day is hoped for by the end of a day on
// which somebody works, where the calendar is.
func TestEvening(t *testing.T) {
	days, err := ParseDays("", "2026-12-08 Immacolata\n2026-12-24 9-13\n2026-12-25\n2026-12-26")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		week string // from Monday
		at   string
		n    int
		want string // in Rome; empty: never
	}{
		{"9-13,14-18|9-13,14-18|9-13,14-18|9-13,14-18|9-17||", "2026-11-26T10:00:00+01:00", 1, "Fri 2026-11-27 17:00"},
		{"9-13,14-18|9-13,14-18|9-13,14-18|9-13,14-18|9-17||", "2026-11-28T10:00:00+01:00", 1, "Mon 2026-11-30 18:00"}, // a Saturday
		{"9-13,14-18|9-13,14-18|9-13,14-18|9-13,14-18|9-17||", "2026-11-29T23:30:00Z", 1, "Tue 2026-12-01 18:00"},      // it is Monday there
		{"9-18|9-18|9-18|9-18|9-18||", "2026-12-07T10:00:00+01:00", 3, "Fri 2026-12-11 18:00"},
		{"9-18|9-18|9-18|9-18|9-18||", "2026-12-23T10:00:00+01:00", 1, "Thu 2026-12-24 13:00"},
		{"22-6|22-6|||||", "2026-11-30T10:00:00+01:00", 1, "Wed 2026-12-02 06:00"},
		{"||||||", "2026-11-30T10:00:00+01:00", 1, ""},
	} {
		c := Calendar{Zone: "Europe/Rome", Days: days}
		if test.week == "||||||" {
			c.Days = nil
		}
		for i, hours := range strings.Split(test.week, "|") {
			c.Week[(i+1)%7], _ = ParseWindows("", hours)
		}
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if evening, ok := c.Evening(at, test.n); ok {
			got = evening.In(c.Location()).Format("Mon 2006-01-02 15:04")
		}
		if got != test.want {
			t.Errorf("%s, %d after %s: %q, want %q", test.week, test.n, test.at, got, test.want)
		}
	}
}
