package clock

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestStretches is how a week is told in few words.
func TestStretches(t *testing.T) {
	for week, want := range map[string]string{ // from Monday
		"9-13,14-18|9-13,14-18|9-13,14-18|9-13,14-18|9-13,14-18||": "Monday–Friday 09:00-13:00, 14:00-18:00",
		"9-18|9-18|9-13|9-18|9-18|10-12|":                          "Monday–Tuesday 09:00-18:00; Wednesday 09:00-13:00; Thursday–Friday 09:00-18:00; Saturday 10:00-12:00",
		"9-18||9-18||||9-18":                                       "Monday 09:00-18:00; Wednesday 09:00-18:00; Sunday 09:00-18:00",
		"0-24|0-24|0-24|0-24|0-24|0-24|0-24":                       "Monday–Sunday 00:00-24:00",
		"||||22-6|22-6|":                                           "Friday–Saturday 22:00-06:00",
		"||||||":                                                   "",
	} {
		var c Calendar
		for i, hours := range strings.Split(week, "|") {
			c.Week[(i+1)%7], _ = ParseWindows("", hours)
		}
		var got []string
		for _, s := range c.Stretches() {
			days := s.From.String()
			if s.To != s.From {
				days += "–" + s.To.String()
			}
			got = append(got, days+" "+FormatWindows(s.Hours))
		}
		if said := strings.Join(got, "; "); said != want {
			t.Errorf("%s is told as %q, want %q", week, said, want)
		}
	}
}

// TestComing: which dates lie ahead is told by the calendar's own wall.
func TestComing(t *testing.T) {
	days, err := ParseDays("", "2026-12-08 Immacolata\n2026-12-24 9-13\n2026-12-25\n2026-12-26")
	if err != nil {
		t.Fatal(err)
	}
	c := Calendar{Zone: "Pacific/Auckland", Days: days}
	for at, want := range map[string]string{
		"2026-12-07T10:00:00Z": "[2026-12-08 Immacolata]", // still the 7th there
		"2026-12-08T10:59:00Z": "[2026-12-08 Immacolata]",
		"2026-12-08T11:00:00Z": "[]",
		"2026-12-11T11:00:00Z": "[2026-12-24 09:00-13:00 2026-12-25]", // the 12th: two weeks are up to the 25th
		"2027-01-01T00:00:00Z": "[]",
	} {
		now, _ := time.Parse(time.RFC3339, at)
		if got := fmt.Sprint(c.Coming(now, 14)); got != want {
			t.Errorf("at %s %s are coming, want %s", at, got, want)
		}
	}
}
