package desk

import (
	"html/template"
	"time"
)

// A speaker says sentences of the catalog in one language; every page is one.
type speaker interface {
	T(key string, args ...any) string
}

// span says how long something took, as exactly as people ask.
func span(s speaker, d time.Duration) string {
	minutes := int(d / time.Minute)
	hours, days := minutes/60, minutes/60/24
	switch {
	case minutes < 1:
		return s.T("span.now")
	case hours < 1:
		return s.T("span.minutes", "N", minutes)
	case hours < 10:
		return s.T("span.hours_minutes", "Hours", hours, "Minutes", minutes%60)
	case days < 2:
		return s.T("span.hours", "N", hours)
	}
	return s.T("span.days", "Count", days)
}

// moment writes a time as lists do, short: the time of day when it is today.
func moment(s speaker, t, now time.Time) template.HTML {
	t, now = t.Local(), now.Local()
	text := t.Format("15:04")
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		month := []rune(s.T("date.month." + t.Format("1")))
		text = s.T("desk.day_time", "Day", t.Day(), "Month", string(month[:min(3, len(month))]), "Time", text)
		if t.Year() != now.Year() {
			text = s.T("desk.year_time", "Day", t.Day(), "Month", string(month[:min(3, len(month))]), "Year", t.Year(), "Time", t.Format("15:04"))
		}
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(text) + `</time>`)
}
