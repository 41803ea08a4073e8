package clock

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// reason returns what an error says, with the field, or "" without one.
func reason(err error) string {
	if err == nil {
		return ""
	}
	var m *Mistake
	if !errors.As(err, &m) {
		return err.Error()
	}
	return m.Field + " " + m.Reason
}

// TestNewCalendar: what no due date can be counted in is refused.
func TestNewCalendar(t *testing.T) {
	everyDay := func(from Date, n int) (list []Day) {
		for i := range n {
			list = append(list, Day{Date: from + Date(i)})
		}
		return list
	}
	for _, test := range []struct {
		name string
		with func(*Calendar)
		want string
	}{
		{"as it is", func(c *Calendar) {}, ""},
		{"no id", func(c *Calendar) { c.ID = "" }, "id error.clock_id"},
		{"an id that is no part of an address", func(c *Calendar) { c.ID = "../x" }, "id error.clock_id"},
		{"no name", func(c *Calendar) { c.Name = map[string]string{"en": " \u200b"} }, "name error.clock_name"},
		{"no zone", func(c *Calendar) { c.Zone = "" }, "zone error.zone"},
		{"an unknown zone", func(c *Calendar) { c.Zone = "Europe/Roma" }, "zone error.zone"},
		{"never open", func(c *Calendar) { c.Week = [7][]Window{} }, "week-mon error.calendar_closed"},
		{"open on a date alone", func(c *Calendar) { c.Week = [7][]Window{}; c.Days[0].Hours = nineToSix }, "week-mon error.calendar_closed"},
		{"a window of nothing", func(c *Calendar) { c.Week[2] = []Window{{3600, 3600}} }, "week-tue error.hours_unreadable"},
		{"a window before midnight", func(c *Calendar) { c.Week[2] = []Window{{-1, 3600}} }, "week-tue error.hours_unreadable"},
		{"windows that overlap", func(c *Calendar) { c.Week[3] = []Window{{9 * 3600, 13 * 3600}, {12 * 3600, 18 * 3600}} }, "week-wed error.hours_overlap"},
		{"a night, then an evening", func(c *Calendar) { c.Week[3] = []Window{{20 * 3600, 6 * 3600}, {22 * 3600, 23 * 3600}} }, "week-wed error.hours_overlap"},
		{"windows that touch", func(c *Calendar) { c.Week[3] = []Window{{9 * 3600, 13 * 3600}, {13 * 3600, 18 * 3600}} }, ""},
		{"windows in disorder", func(c *Calendar) { c.Week[3] = []Window{{14 * 3600, 18 * 3600}, {9 * 3600, 13 * 3600}} }, ""},
		{"many windows", func(c *Calendar) {
			for i := range Time(MaxWindows + 1) {
				c.Week[4] = append(c.Week[4], Window{22*3600 + i*60, 22*3600 + i*60 + 30})
			}
		}, "week-thu error.hours_many"},
		{"a date twice", func(c *Calendar) { c.Days = append(c.Days, c.Days[0]) }, "days error.date_twice"},
		{"a date long ago", func(c *Calendar) { c.Days = everyDay(date("1999-12-31"), 1) }, "days error.date_range"},
		{"dates in disorder", func(c *Calendar) { c.Days[0], c.Days[1] = c.Days[1], c.Days[0] }, ""},
		{"a holiday on every day of a year", func(c *Calendar) { c.Days = everyDay(date("2027-01-01"), 365) }, "days error.calendar_gap"},
		{"closed for a season", func(c *Calendar) { c.Days = everyDay(date("2026-11-01"), 180) }, ""},
		{"more dates than anybody means", func(c *Calendar) { c.Days = everyDay(date("2027-01-01"), MaxDays+1) }, "days error.dates_many"},
	} {
		c := office
		c.Days = append([]Day(nil), office.Days...)
		test.with(&c)
		if _, err := NewCalendar(c); reason(err) != test.want {
			t.Errorf("%s: %q, want %q", test.name, reason(err), test.want)
		}
	}
}

// TestNewPolicy: a promise that nobody can keep, or that was kept before it was made,
// is refused.
func TestNewPolicy(t *testing.T) {
	good := func() Policy {
		return Policy{ID: "standard", Name: map[string]string{"en": "Standard"}, Calendar: "office", Warn: []int{80, 50, 80},
			Targets: []Target{{Clock: Work, Tier: 2, Within: Span(16 * time.Hour)}, {Clock: First, Within: Span(8 * time.Hour)}, {Clock: Work, Tier: 1, Within: Span(8 * time.Hour)}},
			Pauses:  map[Kind][]string{Work: {WaitOther, WaitCustomer}, First: nil}}
	}
	brief := office
	brief.ID, brief.Week = "brief", [7][]Window{1: {{9 * 3600, 9*3600 + 60}}}
	for _, test := range []struct {
		name string
		with func(*Policy)
		want string
	}{
		{"as it is", func(p *Policy) {}, ""},
		{"no id", func(p *Policy) { p.ID = "" }, "id error.clock_id"},
		{"no name", func(p *Policy) { p.Name = nil }, "name error.clock_name"},
		{"an unknown calendar", func(p *Policy) { p.Calendar = "other" }, "calendar error.calendar_unknown"},
		{"no promise", func(p *Policy) { p.Targets = nil }, "target-first-0-0 error.policy_empty"},
		{"at once", func(p *Policy) { p.Targets[1].Within = 0 }, "target-first-0-0 error.target_zero"},
		{"before it began", func(p *Policy) { p.Targets[1].Within = Span(-time.Hour) }, "target-first-0-0 error.target_zero"},
		{"some day", func(p *Policy) { p.Targets[1].Within = Span(3000 * time.Hour) }, "target-first-0-0 error.target_long"},
		{"8 hours of a minute a week", func(p *Policy) { p.Calendar = "brief" }, "target-first-0-0 error.target_long"},
		{"an unknown clock", func(p *Policy) { p.Targets[1].Clock = "lunch" }, "target-lunch-0-0 error.target_unknown"},
		{"a tier that is none", func(p *Policy) { p.Targets[1].Tier = 4 }, "target-first-4-0 error.target_unknown"},
		{"two promises for one case", func(p *Policy) { p.Targets[0].Tier = 1 }, "target-work-1-0 error.target_twice"},
		{"a pause in a state that is ours", func(p *Policy) { p.Pauses[Work] = []string{"open"} }, "pauses error.pause_unknown"},
		{"a pause of an unknown clock", func(p *Policy) { p.Pauses["lunch"] = []string{WaitOther} }, "pauses error.pause_unknown"},
		{"a warning when it is too late", func(p *Policy) { p.Warn = []int{50, 100} }, "warn error.warn_range"},
		{"a warning at the start", func(p *Policy) { p.Warn = []int{0} }, "warn error.warn_range"},
	} {
		p := good()
		test.with(&p)
		if _, err := NewPolicy(p, []Calendar{office, brief}); reason(err) != test.want {
			t.Errorf("%s: %q, want %q", test.name, reason(err), test.want)
		}
	}

	p, err := NewPolicy(good(), []Calendar{office})
	if err != nil || fmt.Sprint(p.Warn) != "[50 80]" || p.Targets[0].Clock != First || p.Targets[2].Tier != 2 || fmt.Sprint(p.Pauses[Work]) != "[wait_customer wait_other]" {
		t.Errorf("%+v, %v", p, err)
	}
	kept, err := json.Marshal(p)
	var again Policy
	if err == nil {
		err = json.Unmarshal(kept, &again)
	}
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("kept as %s: %+v, %v", kept, again, err)
	}
}

// TestNever: a date that never comes is said, soon.
func TestNever(t *testing.T) {
	closed := office
	closed.Days = nil
	for d := date("2026-11-28"); d < date("2034-01-01"); d++ {
		closed.Days = append(closed.Days, Day{Date: d})
	}
	start := at("Europe/Rome", "2026-11-27 17:30")
	began := time.Now()
	if got, ok := closed.Add(start, time.Hour); ok {
		t.Errorf("it is due %s", got)
	}
	if open, until := closed.Open(start.Add(time.Hour)); open || !until.IsZero() {
		t.Errorf("open: %t until %s", open, until)
	}
	d := Dues(Ledger{{At: start, Act: Start, Clock: First}}, &Policy{Targets: []Target{{Clock: First, Within: Span(time.Hour)}}}, &closed)[0]
	if !d.Never || d.Standing(start) != Endless || NextDue([]Due{d}) != nil {
		t.Errorf("%+v", d)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v to say so", took)
	}
}

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		now, until string
		open       bool
	}{
		{"2026-11-27 10:00", "2026-11-27 13:00", true},
		{"2026-11-27 13:00", "2026-11-27 14:00", false},
		{"2026-11-27 18:00", "2026-11-30 09:00", false},
		{"2026-12-24 13:00", "2026-12-29 09:00", false},
	} {
		open, until := office.Open(at("Europe/Rome", test.now))
		if open != test.open || !until.Equal(at("Europe/Rome", test.until)) {
			t.Errorf("%s: %t until %s, want %t until %s", test.now, open, until, test.open, test.until)
		}
	}
}

func TestParseWindows(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"9-13, 14:30-18", "09:00-13:00, 14:30-18:00"},
		{"14.30–18 ; 9–13", "09:00-13:00, 14:30-18:00"},
		{"9 - 13   14 - 18", "09:00-13:00, 14:00-18:00"},
		{"22-6", "22:00-06:00"},
		{"0-24", "00:00-24:00"},
		{"18-0", "18:00-24:00"},
		{"08:59:30-09:00", "08:59:30-09:00"},
		{"", ""}, {" – ", ""},
		{"closed", "error.hours_unreadable"},
		{"9-25", "error.hours_unreadable"},
		{"9-13-18", "error.hours_unreadable"},
		{"9:5-13", "error.hours_unreadable"},
		{"9:60-13", "error.hours_unreadable"},
		{"9am-5pm", "error.hours_unreadable"},
		{"24-6", "error.hours_unreadable"},
		{"9-9", "error.hours_empty"},
		{"9-13, 12-18", "error.hours_overlap"},
	} {
		list, err := ParseWindows("week-mon", test.typed)
		got := FormatWindows(list)
		if err != nil {
			got = strings.TrimPrefix(reason(err), "week-mon ")
		}
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.typed, got, test.want)
		}
	}
}

func TestParseDays(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"2026-12-25 Natale\r\n\r\n 2026-01-01\tCapodanno", "2026-01-01 Capodanno\n2026-12-25 Natale"},
		{"2026-12-24 9–13 Vigilia", "2026-12-24 09:00-13:00 Vigilia"},
		{"2026-12-24 9-13, 14-16 Vigilia", "2026-12-24 09:00-13:00, 14:00-16:00 Vigilia"},
		{"2026-05-01: 1º maggio", "2026-05-01 1º maggio"},
		{"", ""},
		{"25/12/2026 Natale", "error.date_unreadable 1"},
		{"2026-12-25\n2026-02-30", "error.date_unreadable 2"},
		{"2026-12-24 9-25 Vigilia", "error.date_hours 1"},
		{"2026-12-24 9-13,12-14 Vigilia", "error.date_hours 1"},
		{"2026-12-25\n2026-12-25", "error.date_twice <nil>"},
	} {
		list, err := ParseDays("days", test.typed)
		got := FormatDays(list)
		if m := (*Mistake)(nil); errors.As(err, &m) {
			got = fmt.Sprint(m.Reason, " ", m.Args["Line"])
		}
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.typed, got, test.want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"8", "8 h"}, {" 8 h ", "8 h"}, {"1:30", "1:30"}, {"90 min", "1:30"}, {"2h30m", "2:30"}, {"0,5 h", "0:30"}, {"1.5", "1:30"}, {"1m30s", "1m30s"},
		{"0", "error.target_zero"}, {"-3", "error.target_zero"}, {"0:00", "error.target_zero"}, {"30s", "error.target_zero"},
		{"", "error.target_unreadable"}, {"soon", "error.target_unreadable"}, {"1:5", "error.target_unreadable"}, {"NaN", "error.target_unreadable"}, {"1e9", "error.target_unreadable"},
		{"999999999999", "error.target_unreadable"},
	} {
		s, err := ParseSpan("x", test.typed)
		got := s.String()
		if err != nil {
			got = strings.TrimPrefix(reason(err), "x ")
		}
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.typed, got, test.want)
		}
	}
}

// FuzzCalendar types anything into the form of a calendar. What is taken is written
// as it is read, lasts in the ledger of versions, is apart and in order, and opens
// within a season.
func FuzzCalendar(f *testing.F) {
	f.Add("9-13, 14:30-18", "22-6", "2026-12-25 Natale\n2026-12-24 9-13 Vigilia", "Europe/Rome")
	f.Add("0-24", "", "2026-12-25 9-13,14-18", "Pacific/Apia")
	f.Add("18-0;", "–", "2026-05-01: 1º maggio", "Australia/Lord_Howe")
	f.Add("\xb2", "9-13", "2000-01-01 \x7f0-", "Europe/Rome")
	f.Add("9.00—13.00", "closed", "25/12/2026", "Mars/Olympus")
	f.Fuzz(func(t *testing.T, weekdays, weekend, days, zone string) {
		c := Calendar{ID: "any", Name: map[string]string{"en": "Any"}, Zone: zone}
		var err error
		for i := range c.Week {
			typed := weekdays
			if d := time.Weekday(i); d == time.Saturday || d == time.Sunday {
				typed = weekend
			}
			if c.Week[i], err = ParseWindows("week", typed); err != nil {
				mustMend(t, err)
				return
			}
			again, err := ParseWindows("week", FormatWindows(c.Week[i]))
			if err != nil || !reflect.DeepEqual(again, c.Week[i]) {
				t.Fatalf("%q becomes %v, which becomes %v, %v", typed, c.Week[i], again, err)
			}
		}
		if c.Days, err = ParseDays("days", days); err != nil {
			mustMend(t, err)
			return
		}
		again, err := ParseDays("days", FormatDays(c.Days))
		if err != nil || !reflect.DeepEqual(again, c.Days) {
			t.Fatalf("%q becomes %v, which becomes %v, %v", days, c.Days, again, err)
		}
		if c, err = NewCalendar(c); err != nil {
			mustMend(t, err)
			return
		}
		kept, err := json.Marshal(c)
		var read Calendar
		if err == nil {
			err = json.Unmarshal(kept, &read)
		}
		if err != nil || !reflect.DeepEqual(read, c) {
			t.Fatalf("kept as %s: %+v, %v; want %+v", kept, read, err, c)
		}
		start := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
		if len(c.Days) > 0 {
			start = c.Days[0].Date.Time()
		}
		at, ok := c.Add(start, time.Second)
		if !ok || at.Sub(start) > (MaxClosed+14)*24*time.Hour {
			t.Fatalf("%+v: the first second after %s is %s, %t", c, start, at, ok)
		}
	})
}

// mustMend checks that an error says what to mend.
func mustMend(t *testing.T, err error) {
	t.Helper()
	m := (*Mistake)(nil)
	if !errors.As(err, &m) || m.Field == "" || m.Reason == "" {
		t.Fatalf("%v says nothing", err)
	}
	for _, v := range m.Args {
		if s, ok := v.(string); ok && !utf8.ValidString(s) {
			t.Fatalf("%v says %q", err, s)
		}
	}
}

// TestRegions: of the dates of regions, those of the calendar's count, and go before what
// is said for all.
func TestRegions(t *testing.T) {
	days, err := ParseDays("days", "2026-12-07 [Milan] Saint Ambrose\n2026-12-24 9-13 Eve\n2026-12-24 [Reggio Emilia] 10-11 Eve here\n2026-11-24 [reggio emilia]")
	if err != nil || len(days) != 4 {
		t.Fatal(days, err)
	}
	if again, err := ParseDays("days", FormatDays(days)); err != nil || !reflect.DeepEqual(again, days) {
		t.Errorf("%v, %v of %s", again, err, FormatDays(days))
	}
	for _, test := range []struct {
		region string
		want   string
	}{
		{"", "2026-12-24 09:00-13:00 Eve"},
		{"MILAN", "2026-12-07 [Milan] Saint Ambrose\n2026-12-24 09:00-13:00 Eve"},
		{"Reggio Emilia", "2026-11-24 [reggio emilia]\n2026-12-24 [Reggio Emilia] 10:00-11:00 Eve here"},
	} {
		c := office
		c.Days, c.Region = days, test.region
		if c, err = NewCalendar(c); err != nil || FormatDays(c.Here()) != test.want {
			t.Errorf("%q: %v\n%s", test.region, err, FormatDays(c.Here()))
		}
	}
	for _, wrong := range []string{"2026-12-07 [Milan", "2026-12-07 [] x", "2026-12-07 [a[b] x"} {
		if _, err := ParseDays("days", wrong); err == nil || err.(*Mistake).Reason != "error.region" {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if _, err := ParseDays("days", "2026-12-07 [Milan]\n2026-12-07 [milan]"); err == nil {
		t.Error("a date of a region twice")
	}
}
