package setting

import (
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
)

// Hours say when somebody is there, in words, and what customers may expect.
type Hours struct {
	Zone    string          `json:"zone,omitempty"`    // IANA; empty: that of the machine
	Opening escalation.Text `json:"opening,omitempty"` // by language
	Promise Promise         `json:"promise,omitempty"`
}

// A Promise is how soon the first reply comes. The catalog has them as
// "promise.<promise>".
type Promise string

// Promises are all of them, in the order of forms; the first promises nothing.
var Promises = []Promise{"", "same_day", "next_day", "two_days", "three_days", "week"}

// MaxOpening is how many characters the opening hours may have in one language.
const MaxOpening = 300

// NewHours returns hours as typed, or an Invalid error.
func NewHours(zone string, opening escalation.Text, promise string) (Hours, error) {
	h := Hours{Zone: strings.TrimSpace(zone), Promise: Promise(promise)}
	if _, ok := clock.Zone(h.Zone); !ok && h.Zone != "" {
		return h, invalid("zone", "error.zone", nil)
	}
	if !slices.Contains(Promises, h.Promise) {
		return h, invalid("promise", "error.choice", nil)
	}
	var err error
	h.Opening, err = escalation.NewText("opening", opening, MaxOpening, true)
	return h, err
}

// Location returns the zone in which the site tells the time.
func (h Hours) Location() *time.Location {
	if l, ok := clock.Zone(h.Zone); ok {
		return l
	}
	return time.Local
}

// Letters say how letters end.
type Letters struct {
	Signature escalation.Text `json:"signature,omitempty"` // by language
}

// MaxSignature is how many characters a signature may have in one language.
const MaxSignature = 500

// NewLetters returns a signature as typed, or an Invalid error.
func NewLetters(signature escalation.Text) (Letters, error) {
	s, err := escalation.NewText("signature", signature, MaxSignature, true)
	return Letters{Signature: s}, err
}
