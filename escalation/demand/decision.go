package demand

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"primalinea/escalation"
)

// A Choice is what becomes of a line.
type Choice string

// The choices.
const (
	Write     Choice = "write"     // an article
	Phrases   Choice = "phrases"   // an article learns how people say it
	Improve   Choice = "improve"   // an article that is found does not help
	Translate Choice = "translate" // an article, into a language in which it is missing
	Product   Choice = "product"   // no article mends it: somebody else has to
	Snooze    Choice = "snooze"    // not now
	Decline   Choice = "decline"   // not for us
)

// Choices are all of them, as a page offers them.
var Choices = []Choice{Write, Phrases, Improve, Translate, Product, Snooze, Decline}

// OfArticle reports whether something is done to an article.
func (c Choice) OfArticle() bool {
	return c == Write || c == Phrases || c == Improve || c == Translate
}

const (
	maxReason = 500
	maxOwner  = 100
	maxSnooze = 366 * 24 * time.Hour
)

// A Decision is what a lead or writer decided on a line. It is kept for ever; the
// last one of a line counts, until the line comes back.
type Decision struct {
	ID       string // of the form it was made with; may be empty
	Line     string // id
	Choice   Choice
	Article  string    // key, of one that is [Choice.OfArticle]
	Lang     string    // of the article
	Revision string    // hash of the text that is to be improved
	Owner    string    // of Product: who is to mend it
	Reason   string    // of Decline; of Product: where it is written down
	Until    time.Time // of Snooze
	People   int       // who had asked within [Month]
	By       escalation.ActorRef
	At       time.Time
}

// NewDecision checks a decision.
func NewDecision(d Decision) (Decision, error) {
	d.Reason, d.Owner = tidy(d.Reason), tidy(d.Owner)
	d.At, d.Until = d.At.UTC().Truncate(time.Millisecond), d.Until.UTC().Truncate(time.Millisecond)
	wrong := func(field, reason string) (Decision, error) {
		return Decision{}, &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason}
	}
	switch d.Choice {
	case Write, Phrases, Improve, Translate:
		if d.Article == "" {
			return wrong("article", "error.demand_article")
		}
		if d.Choice == Translate && d.Lang == "" {
			return wrong("lang", "error.demand_lang")
		}
	case Product:
		if d.Owner == "" {
			return wrong("owner", "error.demand_owner")
		}
	case Snooze:
		if !d.Until.After(d.At) || d.Until.Sub(d.At) > maxSnooze {
			return wrong("until", "error.demand_until")
		}
	case Decline:
		if d.Reason == "" {
			return wrong("reason", "error.demand_reason")
		}
	default:
		return wrong("choice", "error.demand_decision")
	}
	switch {
	case d.Line == "":
		return Decision{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_demand"}
	case utf8.RuneCountInString(d.Reason) > maxReason:
		return wrong(cmp.Or(map[Choice]string{Product: "reference"}[d.Choice], "reason"), "error.demand_reason_long")
	case utf8.RuneCountInString(d.Owner) > maxOwner:
		return wrong("owner", "error.demand_owner_long")
	}
	return d, nil
}

// ParseDay reads a day as a date field sends it, as its end in a time zone.
func ParseDay(s string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(s), zone)
	if err != nil {
		return time.Time{}, &escalation.Error{Kind: escalation.Invalid, Field: "until", Reason: "error.demand_until", Err: err}
	}
	return day.AddDate(0, 0, 1).Add(-time.Millisecond), nil
}

// A Back says why a line that was decided upon waits for a decision again.
type Back struct {
	Why    Return
	People int // who asked since the decision
}

// A Return is a reason to come back.
type Return string

// The reasons.
const (
	Asked   Return = "asked"   // [Floor] people asked in vain since
	Over    Return = "over"    // it was to rest until now
	Doubled Return = "doubled" // it was to rest, but twice as many ask
)

// returned says why the line is back, or nil. What rests until a day is not woken by
// those who go on asking as before.
func (l *Line) returned(now time.Time) *Back {
	d := l.Decision
	if d == nil {
		return nil
	}
	since := d.At.Add(time.Millisecond)
	until := l.Last.Add(time.Millisecond)
	b := Back{People: l.PeopleBetween(since, until)}
	switch {
	case d.Choice != Snooze && b.People >= Floor:
		b.Why = Asked
	case d.Choice == Snooze && !now.Before(d.Until):
		b.Why = Over
	case d.Choice == Snooze && l.PeopleBetween(later(since, now.Add(-Month)), until) >= 2*max(d.People, Floor):
		b.Why = Doubled
	default:
		return nil
	}
	return &b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Open reports whether the line waits for a decision: there is none, or it is back.
func (l *Line) Open() bool { return l.Decision == nil || l.Back != nil }
