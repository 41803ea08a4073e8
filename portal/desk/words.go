package desk

import (
	"html/template"
	"slices"
	"time"
)

// A speaker says sentences of the catalog in one language; every page is one.
type speaker interface {
	T(key string, args ...any) string
	Local(t time.Time) time.Time
	Span(d time.Duration) string
	ShortMonth(t time.Time) string
}

// moment writes a time as lists do, short: the time of day when it is today.
func moment(s speaker, t, now time.Time) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(shortly(s, t, now)) + `</time>`)
}

// shortly is moment without its element.
func shortly(s speaker, t, now time.Time) string {
	t, now = s.Local(t), s.Local(now)
	switch {
	case t.Year() != now.Year():
		return s.T("desk.year_time", "Day", t.Day(), "Month", s.ShortMonth(t), "Year", t.Year(), "Time", t.Format("15:04"))
	case t.YearDay() != now.YearDay():
		return s.T("desk.day_time", "Day", t.Day(), "Month", s.ShortMonth(t), "Time", t.Format("15:04"))
	}
	return t.Format("15:04")
}

// speakers are the languages that customers can be written to in: those of this site
// first, in its order.
func (r *Room) speakers() []string {
	list := slices.Clone(r.Offered())
	for _, lang := range r.Theme.Words.Languages() {
		if !slices.Contains(list, lang) {
			list = append(list, lang)
		}
	}
	return list
}
