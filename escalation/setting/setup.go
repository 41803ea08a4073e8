package setting

import (
	"slices"
	"time"
)

// A Step is one of those that make a site ready for strangers. The catalog has
// them as "setup.<step>".
type Step string

// Steps are all of them, in their order.
var Steps = []Step{"brand", "address", "letters", "hours", "channels", "articles", "people"}

// A SetUp is how far the first steps are. Until all are decided, no search engine
// is let in.
type SetUp struct {
	Decided []Step    `json:"decided,omitempty"`
	Done    time.Time `json:"done,omitzero"` // when the last one was decided
}

// Decide returns the set-up with one more step decided.
func (s SetUp) Decide(step Step, now time.Time) SetUp {
	if !slices.Contains(Steps, step) || s.Has(step) {
		return s
	}
	s.Decided = append(slices.Clone(s.Decided), step)
	if s.Done.IsZero() && len(s.Decided) == len(Steps) {
		s.Done = now.UTC().Truncate(time.Millisecond)
	}
	return s
}

// Has says whether a step was decided.
func (s SetUp) Has(step Step) bool { return slices.Contains(s.Decided, step) }

// Ready says whether strangers may find the site.
func (s SetUp) Ready() bool { return !s.Done.IsZero() }
