package setting

import (
	"time"

	"primalinea/escalation"
)

// A Status is one line that all readers are told while something does not work,
// so that nobody has to ask about it.
type Status struct {
	On    bool                `json:"on"`
	Text  escalation.Text     `json:"text,omitempty"` // a language without one shows none
	Until time.Time           `json:"until,omitzero"` // zero: until it is turned off
	By    escalation.ActorRef `json:"by"`
	At    time.Time           `json:"at,omitzero"` // of the last change
}

// MaxStatus is how many characters the line may have in one language: it stands
// above every page of the help centre.
const MaxStatus = 300

// farthest is how far ahead a line may end, in years.
const farthest = 2

// NewStatus returns the line as typed, or an Invalid error. What is turned off may
// keep its words for the next time.
func NewStatus(on bool, text escalation.Text, until time.Time, by escalation.ActorRef, now time.Time) (Status, error) {
	s := Status{On: on, Until: until.UTC(), By: by, At: now.UTC().Truncate(time.Millisecond)}
	var err error
	if s.Text, err = escalation.NewText("text", text, MaxStatus, false); err != nil {
		return s, err
	}
	switch {
	case until.IsZero():
		s.Until = time.Time{}
	case on && !until.After(now):
		return s, invalid("until", "error.date_past", nil)
	case on && until.After(now.AddDate(farthest, 0, 0)):
		return s, invalid("until", "error.date_far", nil)
	}
	if on && len(s.Text) == 0 {
		return s, invalid("text", "error.status_missing", nil)
	}
	return s, nil
}

// In returns what readers of a language are told at a moment, or "".
func (s Status) In(lang string, now time.Time) string {
	if !s.On || !s.Until.IsZero() && !now.Before(s.Until) {
		return ""
	}
	return s.Text[lang]
}
