package setting

import (
	"slices"
	"strconv"
	"time"
)

// A Kind is one kind of what the site keeps: in which tables, for how long while no
// lead says otherwise, and what a lead may say. The catalog has what it is as
// "kept.<kind>" and why it is kept as "kept.<kind>.why".
type Kind struct {
	Name    string
	Tables  []string
	Days    int   // 0: as long as the site
	Choices []int // days that a lead may choose, 0 for as long as the site; none: it is fixed
}

// Kinds are all of them. Pages show this list and jobs follow it, so what is said
// is what is done; a test knows the table that it forgets.
var Kinds = []Kind{
	{"tickets", []string{"ticket", "entry", "handoff", "consult", "alarm", "clock_event", "stage_time", "rating", "former", "file", "upload", "mention", "fuse", "problem_ticket", "circular_copy"}, 0, []int{0, 365, 2 * 365, 3 * 365, 5 * 365, 10 * 365}},
	{"spam", nil, 90, []int{30, 90, 180, 365}}, // of the same tables
	{"letters", []string{"letter"}, 180, []int{30, 90, 180, 365, 2 * 365}},
	{"steps", []string{"journey_event", "search_day"}, 90, []int{30, 60, 90, 180}},
	{"journeys", []string{"journey", "journey_unknown", "journey_apart", "outcome_day", "credit_day", "vote_day"}, 400, []int{120, 400, 800}},
	{"trials", []string{"suggestion_trigger"}, 400, []int{400, 800}}, // as long as an experiment may last
	{"signals", []string{"demand_signal", "proposal", "subscription"}, 180, []int{60, 180, 365}},
	{"answers", []string{"answer"}, 365, []int{90, 180, 365}},
	{"corrections", []string{"correction"}, 365, []int{90, 180, 365, 2 * 365}},
	{"submissions", []string{"submission"}, 30, []int{7, 30, 90}},
	{"acts", []string{"privacy_act"}, 3 * 365, []int{365, 3 * 365, 5 * 365, 10 * 365}},
	{"sessions", []string{"session"}, 60, nil},
	{"attempts", []string{"attempt", "invitation", "reset_request", "links", "guard"}, 30, nil},
	{"keys", []string{"secret"}, 0, nil},
	{"people", []string{"person", "token"}, 0, nil},
	{"audit", []string{"audit", "audit_head"}, 0, nil},
	{"decisions", []string{"setting", "desk", "saved_view", "problem", "circular", "demand_decision", "demand_act", "promotion", "demand_count", "learned"}, 0, nil},
	{"texts", []string{"revision", "outside_link", "article_seen"}, 0, nil},
	{"leases", []string{"lease", "presence"}, 0, nil},
}

// Retention is what a lead says about how long what is kept.
type Retention struct {
	Days map[string]int `json:"days,omitempty"` // by kind, where it is not the default
}

// NewRetention returns how long what is kept, as chosen in a form, by kind. Kinds
// that it does not name stay as they are shipped.
func NewRetention(chosen map[string]string) (Retention, error) {
	r := Retention{Days: map[string]int{}}
	for _, k := range Kinds {
		typed, ok := chosen[k.Name]
		if !ok || len(k.Choices) == 0 {
			continue
		}
		days, err := strconv.Atoi(typed)
		if err != nil || !slices.Contains(k.Choices, days) {
			return Retention{}, invalid(k.Name, "error.choice", nil)
		}
		if days != k.Days {
			r.Days[k.Name] = days
		}
	}
	return r, nil
}

// Of returns for how many days a kind is kept, 0 for as long as the site.
func (r Retention) Of(kind string) int {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == kind })
	if i < 0 {
		return 0
	}
	if days, ok := r.Days[kind]; ok && slices.Contains(Kinds[i].Choices, days) {
		return days
	}
	return Kinds[i].Days
}

// Before returns the moment before which a kind is kept no longer. It is zero when
// it is kept as long as the site: nothing is older than that.
func (r Retention) Before(kind string, now time.Time) time.Time {
	days := r.Of(kind)
	if days == 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(days) * 24 * time.Hour)
}
