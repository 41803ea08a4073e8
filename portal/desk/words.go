package desk

import (
	"html/template"
	"time"
)

// A speaker says sentences of the catalog in one language; every page is one.
type speaker interface {
	T(key string, args ...any) string
	Local(t time.Time) time.Time
}

// moment writes a time as lists do, short: the time of day when it is today.
func moment(s speaker, t, now time.Time) template.HTML {
	t, now = s.Local(t), s.Local(now)
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
