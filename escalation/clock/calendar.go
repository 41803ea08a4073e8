// Package clock says when something is due, and why. A [Calendar] has the hours in
// which somebody works, a [Policy] what is promised in such hours, and a [Ledger]
// what happened; [Dues] makes of the three when each clock runs out.
//
// All of it is pure: the same ledger, policy and calendar give the same dates,
// whatever was changed since. Times are whole milliseconds. What lawmakers decide
// about a zone is the one thing that comes from outside, with the program.
package clock

import (
	"iter"
	"slices"
	"sort"
	"strings"
	"time"
)

// A Calendar is when somebody works: windows of each weekday on the wall of a zone,
// and dates on which it is otherwise.
//
// A moment is open when the wall shows a time within a window. So an hour that a
// zone skips in spring is worked by nobody, and one that it repeats in autumn is
// worked twice.
type Calendar struct {
	ID   string            `json:"id"`
	Name map[string]string `json:"name"` // by language
	Zone string            `json:"zone"` // IANA
	Week [7][]Window       `json:"week"` // by [time.Weekday], in order
	Days []Day             `json:"days,omitempty"`

	Region string `json:"region,omitempty"` // where it is: of the dates of regions, those of this one count
}

// Bounds of what a calendar may say, and of how far it is searched.
const (
	// MaxClosed is how many days on end a calendar may be closed.
	MaxClosed = 190
	// Horizon is how far ahead a due date is looked for; beyond, it never comes.
	Horizon = 5 * 366 * 24 * time.Hour
)

// NewCalendar returns a calendar with its days in order, or the [Mistake] that
// somebody has to mend: a calendar that it returns is open again and again.
func NewCalendar(c Calendar) (Calendar, error) {
	if !goodID(c.ID) {
		return c, mistake("id", "error.clock_id", nil)
	}
	var err error
	if c.Name, err = names(c.Name); err != nil {
		return c, err
	}
	c.Zone = strings.TrimSpace(c.Zone)
	if _, ok := Zone(c.Zone); !ok {
		return c, mistake("zone", "error.zone", nil)
	}
	for i, windows := range c.Week {
		if c.Week[i], err = orderly(WeekField(time.Weekday(i)), windows); err != nil {
			return c, err
		}
	}
	if c.Weekly() == 0 {
		return c, mistake(WeekField(time.Monday), "error.calendar_closed", nil)
	}
	if len(c.Days) > MaxDays {
		return c, mistake("days", "error.dates_many", map[string]any{"Max": MaxDays, "Line": MaxDays + 1})
	}
	if c.Region, err = region("region", c.Region); err != nil {
		return c, err
	}
	c.Days = slices.Clone(c.Days)
	for i, d := range c.Days {
		c.Days[i].Name = name(d.Name)
		if c.Days[i].Region, err = region("days", d.Region); err != nil {
			return c, err
		}
		if c.Days[i].Hours, err = orderly("days", d.Hours); err != nil {
			return c, err
		}
	}
	if c.Days, err = dated("days", c.Days); err != nil {
		return c, err
	}
	if from, to, ok := c.longClosed(); ok {
		return c, mistake("days", "error.calendar_gap", map[string]any{"From": from.String(), "To": to.String(), "Max": MaxClosed})
	}
	return c, nil
}

// WeekField is the name of the form's field with the hours of a weekday.
func WeekField(d time.Weekday) string { return "week-" + strings.ToLower(d.String()[:3]) }

// longClosed returns the bounds of a stretch of dates longer than MaxClosed in
// which no window begins.
func (c *Calendar) longClosed() (from, to Date, ok bool) {
	if len(c.Days) == 0 {
		return 0, 0, false
	}
	last := c.Days[0].Date - 8 // somewhere in the week before
	for d := last; d <= c.Days[len(c.Days)-1].Date+8; d++ {
		if len(c.windows(d)) > 0 {
			if d-last > MaxClosed {
				return last + 1, d - 1, true
			}
			last = d
		}
	}
	return 0, 0, false
}

// Weekly returns how long the windows of a week are together.
func (c *Calendar) Weekly() time.Duration {
	var sum Time
	for _, windows := range c.Week {
		for _, w := range windows {
			if sum += w.To - w.From; w.overnight() {
				sum += Midnight
			}
		}
	}
	return time.Duration(sum) * time.Second
}

// windows are the windows that begin on a date.
func (c *Calendar) windows(d Date) []Window {
	if day := c.day(d); day != nil {
		return day.Hours
	}
	return c.Week[weekday(d)]
}

// day returns the date if it is a special one here. What is said for the region comes
// before what is said for all.
func (c *Calendar) day(d Date) *Day {
	i := sort.Search(len(c.Days), func(i int) bool { return c.Days[i].Date >= d })
	for ; i < len(c.Days) && c.Days[i].Date == d; i++ {
		if r := c.Days[i].Region; r == "" || strings.EqualFold(r, c.Region) {
			return &c.Days[i]
		}
	}
	return nil
}

// Here returns the special dates that count for the calendar.
func (c *Calendar) Here() []Day {
	var list []Day
	for i := range c.Days {
		if d := &c.Days[i]; c.day(d.Date) == d {
			list = append(list, *d)
		}
	}
	return list
}

// weekday of a date: the first of them was a Thursday.
func weekday(d Date) time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// Location returns the calendar's zone. One that the program no longer knows reads
// as UTC: a date that is some hours off is better than none.
func (c *Calendar) Location() *time.Location {
	if l, ok := Zone(c.Zone); ok {
		return l
	}
	return time.UTC
}

const dayMillis = 24 * 60 * 60 * 1000

// open yields the stretches between two moments in which the calendar is open, in
// milliseconds, in order and apart; those that touch may come in pieces.
//
// Between two changes of its clock a zone is a fixed distance from UTC. So each such
// part is walked by itself, with nothing but sums: what the change skips is in no
// part, and what it repeats is in two.
func (c *Calendar) open(from, until int64) iter.Seq2[int64, int64] {
	return func(yield func(from, to int64) bool) {
		loc := c.Location()
		for t := from; t < until; {
			at := time.UnixMilli(t).In(loc)
			_, seconds := at.Zone()
			offset := int64(seconds) * 1000
			end := until
			if _, change := at.ZoneBounds(); !change.IsZero() {
				end = min(end, change.UnixMilli())
			}
			for d := Date(floor(t+offset, dayMillis)); t < end; d++ {
				start := int64(d)*dayMillis - offset
				stretch := func(from, to Time) bool {
					a, b := max(start+int64(from)*1000, t), min(start+int64(to)*1000, end)
					if a >= b {
						return true
					}
					t = b
					return yield(a, b)
				}
				for _, w := range c.windows(d - 1) {
					if w.overnight() && !stretch(0, w.To) {
						return
					}
				}
				for _, w := range c.windows(d) {
					to := w.To
					if w.overnight() {
						to = Midnight
					}
					if !stretch(w.From, to) {
						return
					}
				}
				t = max(t, min(start+dayMillis, end))
			}
		}
	}
}

func floor(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// Add returns the first moment at which the calendar was open for d since from. It
// says false when that never comes, or not within the [Horizon].
func (c *Calendar) Add(from time.Time, d time.Duration) (time.Time, bool) {
	left := d.Milliseconds()
	if left <= 0 {
		return from, true
	}
	start := from.UnixMilli()
	for a, b := range c.open(start, start+Horizon.Milliseconds()) {
		if b-a >= left {
			return utc(a + left), true
		}
		left -= b - a
	}
	return time.Time{}, false
}

// Between returns how long the calendar is open from one moment to a later one; 0
// if it is not later.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	var sum int64
	for a, b := range c.open(from.UnixMilli(), to.UnixMilli()) {
		sum += b - a
	}
	return time.Duration(sum) * time.Millisecond
}

// Open says whether somebody works at a moment, and when that changes next; with
// no change within the [Horizon] the time is zero.
func (c *Calendar) Open(at time.Time) (open bool, until time.Time) {
	now := at.UnixMilli()
	end := now
	for a, b := range c.open(now, now+Horizon.Milliseconds()) {
		switch {
		case a == end:
			end = b
		case end == now:
			return false, utc(a)
		default:
			return true, utc(end)
		}
	}
	return end > now, time.Time{}
}

func utc(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// holidays are the names of the dates without hours from one moment up to another;
// one without a name is its date.
func (c *Calendar) holidays(from, to int64) []string {
	loc := c.Location()
	first, last := DateOf(time.UnixMilli(from).In(loc)), DateOf(time.UnixMilli(to-1).In(loc))
	var list []string
	i := sort.Search(len(c.Days), func(i int) bool { return c.Days[i].Date >= first })
	for ; i < len(c.Days) && c.Days[i].Date <= last; i++ {
		if d := &c.Days[i]; c.day(d.Date) == d && len(d.Hours) == 0 && len(c.Week[weekday(d.Date)]) > 0 {
			name := d.Name
			if name == "" {
				name = d.Date.String()
			}
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// goodID says whether an id can stand in an address.
func goodID(id string) bool {
	return id != "" && len(id) <= 40 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && id[0] != '-'
}

// names returns a name by language, cleaned; in one language there has to be one.
func names(by map[string]string) (map[string]string, error) {
	clean := map[string]string{}
	for lang, n := range by {
		if n = name(n); n != "" {
			clean[lang] = n
		}
	}
	if len(clean) == 0 {
		return nil, mistake("name", "error.clock_name", nil)
	}
	return clean, nil
}
