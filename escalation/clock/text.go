package clock

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Time is a time of the day on the wall, in seconds after midnight; [Midnight]
// is the end of the day.
type Time int

// Midnight is 24:00.
const Midnight Time = 24 * 60 * 60

// ParseTime reads what people type for a time: 9, 9:30, 9.30, 09:30:15 or 24:00.
func ParseTime(s string) (Time, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) == 0 || len(parts) > 3 || len(s) != len(strings.Join(parts, ":")) {
		return 0, false
	}
	var t int
	for i, most := range []int{24, 59, 59}[:len(parts)] {
		p := parts[i]
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || int(n) > most || len(p) > 2 || i > 0 && len(p) != 2 {
			return 0, false
		}
		t += int(n) * [...]int{3600, 60, 1}[i]
	}
	return Time(t), Time(t) <= Midnight
}

// String returns 09:30, and 09:30:15 where there are seconds.
func (t Time) String() string {
	s := fmt.Sprintf("%02d:%02d", int(t)/3600, int(t)/60%60)
	if t%60 != 0 {
		s += fmt.Sprintf(":%02d", int(t)%60)
	}
	return s
}

// A Window is a part of a day in which somebody works. It belongs to the day on
// which it begins: does it not end after it begins, it ends on the next day.
type Window struct{ From, To Time }

// overnight says whether it ends on the day after.
func (w Window) overnight() bool { return w.To <= w.From }

// String returns 09:00-13:00.
func (w Window) String() string { return w.From.String() + "-" + w.To.String() }

// MarshalText returns 09:00-13:00.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (w *Window) UnmarshalText(text []byte) (err error) {
	*w, err = parseWindow(string(text))
	return err
}

func parseWindow(s string) (Window, error) {
	from, to, ok := strings.Cut(s, "-")
	w := Window{}
	var ok1, ok2 bool
	w.From, ok1 = ParseTime(from)
	w.To, ok2 = ParseTime(to)
	switch {
	case !ok || !ok1 || !ok2:
		return w, mistake("", "error.hours_unreadable", map[string]any{"Text": cut(s, 40)})
	case w.From == Midnight:
		return w, mistake("", "error.hours_unreadable", map[string]any{"Text": cut(s, 40)}) // it begins on the next day
	case w.To == 0:
		w.To = Midnight
	}
	if w.From == w.To {
		return w, mistake("", "error.hours_empty", map[string]any{"Text": s})
	}
	return w, nil
}

// typed returns what somebody typed with one kind of dash, whatever their telephone
// made of it.
func typed(s string) string { return dashes.Replace(strings.ToValidUTF8(s, "\uFFFD")) }

var dashes = strings.NewReplacer("–", "-", "—", "-", "‑", "-", "−", "-")

// MaxWindows is how many windows a day may have.
const MaxWindows = 12

// ParseWindows reads the windows of a day as people type them, such as
// "9-13, 14:30-18". Nothing, or a mere dash, is a day without any. They come back in order.
func ParseWindows(field, s string) ([]Window, error) {
	s = typed(s)
	if strings.Trim(s, "- \t") == "" {
		return nil, nil
	}
	for strings.Contains(s, " -") || strings.Contains(s, "- ") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, " -", "-"), "- ", "-")
	}
	var list []Window
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		w, err := parseWindow(part)
		if err != nil {
			err.(*Mistake).Field = field
			return nil, err
		}
		list = append(list, w)
	}
	return orderly(field, list)
}

// orderly returns the windows of a day in order, if they are apart.
func orderly(field string, list []Window) ([]Window, error) {
	if len(list) > MaxWindows {
		return nil, mistake(field, "error.hours_many", map[string]any{"Max": MaxWindows})
	}
	list = slices.Clone(list)
	for _, w := range list {
		if w.From < 0 || w.From >= Midnight || w.To <= 0 || w.To > Midnight || w.From == w.To {
			return nil, mistake(field, "error.hours_unreadable", map[string]any{"Text": w.String()})
		}
	}
	slices.SortFunc(list, func(a, b Window) int { return int(a.From - b.From) })
	for i := 1; i < len(list); i++ {
		if before, w := list[i-1], list[i]; before.overnight() || before.To > w.From {
			return nil, mistake(field, "error.hours_overlap", map[string]any{"First": before.String(), "Second": w.String()})
		}
	}
	return list, nil
}

// FormatWindows writes windows as [ParseWindows] reads them.
func FormatWindows(list []Window) string {
	var parts []string
	for _, w := range list {
		parts = append(parts, w.String())
	}
	return strings.Join(parts, ", ")
}

// A Date is a day of the calendar that hangs on the wall, in days after 1 January 1970.
type Date int

// DateOf returns the day that a moment shows in its zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// firstDate and lastDate are the bounds of dates that somebody means.
var (
	firstDate = DateOf(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	lastDate  = DateOf(time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC))
)

// String returns 2026-12-25.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// Time returns the beginning of the day in UTC, for those who write dates.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// MarshalText returns 2026-12-25.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err == nil {
		*d = DateOf(t)
	}
	return err
}

// A Day is a date with other hours than its weekday has: with none it is a holiday.
type Day struct {
	Date  Date     `json:"date"`
	Hours []Window `json:"hours,omitempty"`
	Name  string   `json:"name,omitempty"`

	Region string `json:"region,omitempty"` // empty: it counts everywhere
}

// String returns "2026-12-24 [Milan] 09:00-13:00 Christmas Eve", as [ParseDays] reads it.
func (d Day) String() string {
	s := d.Date.String()
	if d.Region != "" {
		s += " [" + d.Region + "]"
	}
	for i, w := range d.Hours {
		if i > 0 {
			s += ","
		}
		s += " " + w.String()
	}
	if d.Name != "" {
		s += " " + d.Name
	}
	return s
}

// MaxDays is how many dated days a calendar may have, and MaxName how many
// characters a name.
const (
	MaxDays = 1000
	MaxName = 100
)

// region returns the name of a region in one line, as it can stand between brackets.
func region(field, s string) (string, error) {
	if s = name(s); strings.ContainsAny(s, "[]") {
		return "", mistake(field, "error.region", map[string]any{"Text": cut(s, 40)})
	}
	return s, nil
}

// ParseDays reads dated days as people type them, one a line: the date, then the region
// in brackets if it counts in one alone, then other hours if the day has some, then its
// name if it has one. They come back in order.
func ParseDays(field, text string) ([]Day, error) {
	var list []Day
	for i, line := range strings.Split(typed(text), "\n") {
		line = seen(line)
		if line == "" {
			continue
		}
		wrong := func(reason string, args map[string]any) error {
			if args == nil {
				args = map[string]any{}
			}
			args["Line"] = i + 1
			return mistake(field, reason, args)
		}
		word, rest, _ := strings.Cut(line, " ")
		var d Day
		if err := d.Date.UnmarshalText([]byte(strings.TrimRight(word, ":,;"))); err != nil {
			return nil, wrong("error.date_unreadable", map[string]any{"Text": cut(word, 20)})
		}
		if in, ok := strings.CutPrefix(rest, "["); ok {
			of, after, closed := strings.Cut(in, "]")
			if d.Region = name(of); !closed || d.Region == "" || strings.Contains(d.Region, "[") {
				return nil, wrong("error.region", map[string]any{"Text": cut(rest, 40)})
			}
			rest = strings.TrimSpace(after)
		}
		for rest != "" {
			word, after, _ := strings.Cut(rest, " ")
			if !looksLikeHours(word) {
				break
			}
			for _, part := range strings.FieldsFunc(word, func(r rune) bool { return r == ',' || r == ';' }) {
				w, err := parseWindow(part)
				if err != nil {
					m := err.(*Mistake)
					return nil, wrong("error.date_hours", map[string]any{"Text": m.Args["Text"]})
				}
				d.Hours = append(d.Hours, w)
			}
			rest = after
		}
		d.Name = name(rest)
		if list = append(list, d); len(list) > MaxDays {
			return nil, wrong("error.dates_many", map[string]any{"Max": MaxDays})
		}
		var err error
		if d.Hours, err = orderly(field, d.Hours); err != nil {
			return nil, wrong("error.date_hours", map[string]any{"Text": FormatWindows(d.Hours)})
		}
		list[len(list)-1] = d
	}
	return dated(field, list)
}

// dated returns days in order, if each is there once and within bounds.
func dated(field string, list []Day) ([]Day, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Day) int {
		// Those of all regions come last: what a region says goes before them.
		return cmp.Or(int(a.Date-b.Date), -strings.Compare(strings.ToLower(a.Region), strings.ToLower(b.Region)))
	})
	for i, d := range list {
		if d.Date < firstDate || d.Date > lastDate {
			return nil, mistake(field, "error.date_range", map[string]any{"Date": d.Date.String()})
		}
		if i > 0 && list[i-1].Date == d.Date && strings.EqualFold(list[i-1].Region, d.Region) {
			return nil, mistake(field, "error.date_twice", map[string]any{"Date": d.Date.String()})
		}
	}
	return list, nil
}

// FormatDays writes dated days as [ParseDays] reads them.
func FormatDays(list []Day) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// looksLikeHours says whether a word is meant to be hours: 9-13, or two of them.
func looksLikeHours(word string) bool {
	return strings.Contains(word, "-") && strings.Trim(word, "0123456789:.-,;") == "" && word[0] >= '0' && word[0] <= '9'
}

// name returns a name in one line, cut to [MaxName] characters.
func name(s string) string { return strings.TrimSpace(cut(seen(s), MaxName)) }

// seen returns the words of a text in one line, without what nobody sees.
func seen(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// cut returns the first n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// ParseSpan reads what people type for how long something may take: "8" or "8 h",
// "1:30", "90 min", "2h30m". Zero and less is refused: nothing can be due at once.
func ParseSpan(field, s string) (Span, error) {
	text := strings.ToLower(strings.Join(strings.Fields(typed(s)), ""))
	wrong := mistake(field, "error.target_unreadable", map[string]any{"Text": cut(text, 40)})
	var d time.Duration
	if h, m, ok := strings.Cut(text, ":"); ok {
		hours, err1 := strconv.ParseUint(h, 10, 16)
		minutes, err2 := strconv.ParseUint(m, 10, 8)
		if err1 != nil || err2 != nil || minutes > 59 || len(m) != 2 {
			return 0, wrong
		}
		d = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	} else {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "min", "m"), ",", ".")
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			text += "h"
		}
		var err error
		if d, err = time.ParseDuration(text); err != nil {
			return 0, wrong
		}
	}
	if d < time.Minute {
		return 0, mistake(field, "error.target_zero", nil)
	}
	return Span(d.Truncate(time.Second)), nil
}

// FormatSpan writes a span as [ParseSpan] reads it: 8 h, 1:30, 90 s is 0h1m30s.
func FormatSpan(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d%time.Minute == 0:
		return fmt.Sprintf("%d:%02d", int(d/time.Hour), int(d/time.Minute)%60)
	}
	return d.String()
}

// String returns the span as [ParseSpan] reads it.
func (s Span) String() string { return FormatSpan(time.Duration(s)) }

// MarshalText returns the span as [ParseSpan] reads it.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan("", string(text))
	return err
}
