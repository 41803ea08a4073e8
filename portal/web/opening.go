package web

import (
	"strconv"
	"strings"
	"time"

	"primalinea/escalation/clock"
)

// comingDays is how many days ahead customers are told of holidays.
const comingDays = 14

// Opening says when somebody is there: in the words of a lead, else as the calendar
// says by which the desk promises. It is empty until a lead has looked at the hours.
func (p Page) Opening() string {
	if said := p.site.Hours.Opening.In(p.Lang); said != "" || !p.site.SetUp.Has("hours") {
		return said
	}
	return p.CalendarSays()
}

// CalendarSays tells the calendar by which the desk promises: its week, and the dates
// that differ soon.
func (p Page) CalendarSays() string {
	_, c := p.desk.Promise("")
	day := func(d time.Weekday) string { return p.T("weekday." + strconv.Itoa(int(d))) }
	hours := func(list []clock.Window) string { return strings.ReplaceAll(clock.FormatWindows(list), "-", "–") }
	var week []string
	for _, s := range c.Stretches() {
		days := day(s.From)
		if s.To != s.From {
			days += "–" + day(s.To)
		}
		week = append(week, days+" "+hours(s.Hours))
	}
	said := []string{strings.Join(week, "; ")}
	if c.Zone != p.site.Hours.Location().String() {
		said[0] += " (" + c.Zone + ")"
	}
	for _, d := range c.Coming(p.now, comingDays) {
		date := p.In(time.UTC).Date(d.Date.Time())
		if d.Name != "" {
			date += " (" + d.Name + ")"
		}
		if len(d.Hours) == 0 {
			said = append(said, p.T("opening.closed", "Date", date))
		} else {
			said = append(said, date+" "+hours(d.Hours))
		}
	}
	return strings.Join(said, "; ")
}
