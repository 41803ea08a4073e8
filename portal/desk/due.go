package desk

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
)

// A due is something promised for a ticket, and how that stands, in words.
type due struct {
	What   string
	Says   string // how it stands
	Colour string // beside these words
	At     template.HTML
	Why    string // how the date comes about
}

// dues says what is promised for a ticket: of each clock the last run. What runs
// comes first, what is due next before all.
func dues(s speaker, lang string, desk *escalation.Desk, t *escalation.Ticket, now time.Time) []due {
	_, calendar := desk.Promise(t.RequestType)
	called := escalation.Text(calendar.Name).In(lang)
	all := t.Dues(desk)
	var list []clock.Due
	for i := len(all) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(list, func(d clock.Due) bool { return d.Clock == all[i].Clock }) {
			list = append(list, all[i])
		}
	}
	slices.SortStableFunc(list, func(a, b clock.Due) int {
		if a.Stopped.IsZero() != b.Stopped.IsZero() {
			if a.Stopped.IsZero() {
				return -1
			}
			return 1
		}
		if a.At.IsZero() != b.At.IsZero() {
			if b.At.IsZero() {
				return -1
			}
			return 1
		}
		return a.At.Compare(b.At)
	})
	var said []due
	for i := range list {
		said = append(said, saidDue(s, called, &list[i], now))
	}
	return said
}

// saidDue says one run of a clock.
func saidDue(s speaker, calendar string, d *clock.Due, now time.Time) due {
	standing := d.Standing(now)
	out := due{
		What:   s.T("clock."+string(d.Clock), "Tier", d.Tier),
		Colour: map[clock.Standing]string{clock.Nearly: "warn", clock.Breached: "bad", clock.Late: "bad", clock.Endless: "warn"}[standing],
		Why:    why(s, calendar, d, now),
	}
	var span time.Duration
	switch standing {
	case clock.Running, clock.Nearly:
		span = d.At.Sub(now)
	case clock.Breached:
		span = now.Sub(d.At)
	case clock.Late:
		span = d.Stopped.Sub(d.At)
	}
	out.Says = s.T("due."+string(standing), "Span", s.Span(span), "Left", hours(s, d.Left))
	if !d.At.IsZero() {
		out.At = moment(s, d.At, now)
	}
	return out
}

// hours writes a time in which somebody works. It is never written in days: theirs
// are shorter than those of the calendar.
func hours(s speaker, d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case m == 0 && h > 0:
		return s.T("span.hours", "N", h)
	case h == 0:
		return s.T("span.minutes", "N", m)
	}
	return s.T("span.hours_minutes", "Hours", h, "Minutes", m)
}

// fewClosings is how many closings in a row are said one by one.
const fewClosings = 2

// why says how a due date comes about: "2 h (Office hours) from Fri 17:30, closed until
// Mon 09:00, due Mon 10:30".
func why(s speaker, calendar string, d *clock.Due, now time.Time) string {
	at := func(t time.Time) string { return weekday(s, t, now) }
	from := "clock.why.from"
	if d.Priority != clock.NormalPriority {
		from = "clock.why.from_priority"
	}
	parts := []string{s.T(from, "Target", hours(s, d.Target), "Priority", d.Priority, "Calendar", calendar, "At", at(d.Start))}
	var closed []clock.Reason // in a row, with what counts between them
	flush := func() {
		for i, r := range closed {
			if i == fewClosings && len(closed) > fewClosings+1 {
				parts = append(parts, s.T("clock.why.again", "Count", len(closed)-i, "Until", at(closed[len(closed)-1].To)))
				break
			}
			key := "clock.why.closed"
			if len(r.Holidays) > 0 {
				key = "clock.why.holidays"
			}
			parts = append(parts, s.T(key, "Until", at(r.To), "Names", strings.Join(r.Holidays, ", ")))
		}
		closed = nil
	}
	for _, r := range d.Reasons {
		switch r.Kind {
		case clock.Closed:
			closed = append(closed, r)
		case clock.Paused:
			flush()
			key, until := "clock.why.paused", ""
			if r.To.IsZero() {
				key = "clock.why.waiting"
			} else {
				until = at(r.To)
			}
			parts = append(parts, s.T(key, "From", at(r.From), "Until", until, "Cause", s.T("clock.cause."+r.Cause)))
		}
	}
	flush()
	switch {
	case !d.At.IsZero():
		parts = append(parts, s.T("clock.why.due", "At", at(d.At)))
	case d.Never:
		parts = append(parts, s.T("clock.why.never"))
	default:
		parts = append(parts, s.T("clock.why.left", "Left", hours(s, d.Left)))
	}
	if !d.Stopped.IsZero() {
		parts = append(parts, s.T("clock.why.done", "At", at(d.Stopped)))
	}
	return strings.Join(parts, ", ") + "."
}

// weekday writes a time by its weekday, and by its date where that could be another
// week's.
func weekday(s speaker, t, now time.Time) string {
	l, n := s.Local(t), s.Local(now)
	day := s.T("weekday." + strconv.Itoa(int(l.Weekday())))
	if apart := l.Sub(n).Abs(); apart < 6*24*time.Hour {
		return day + " " + l.Format("15:04")
	}
	return day + " " + shortly(s, t, now)
}
