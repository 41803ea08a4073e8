package journey

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"primalinea/escalation"
)

// The arms of an experiment.
const (
	Shown   = "shown"
	HoldOut = "hold-out" // suggestions are computed and logged, but not drawn
)

// Parts is of how many parts a hold-out's share is counted.
const Parts = 10_000

// Arm returns the arm of a visitor in an experiment, always the same for the
// same key: holdoutShare of 10,000 visitors are held out. A share of 0 holds
// nobody out, and who is unknown is not part of any experiment: the arm is
// empty, and suggestions are drawn.
//
// A visitor's key stays the same as long as their cookie lives, whatever salts come
// after it (see [SaltLife]), and so does their arm. Who comes back with a new cookie
// is a new visitor.
func Arm(key []byte, experiment, visitor string, holdoutShare int) string {
	if visitor == "" {
		return ""
	}
	// 64 bits modulo 10,000: no part is favoured by more than 1 in 10^15.
	if n := binary.BigEndian.Uint64(mac(key, experiment+"\x00"+visitor)); int(n%Parts) < holdoutShare {
		return HoldOut
	}
	return Shown
}

// ContactForm names the setting that has the experiments on the contact form, and
// the secret that their arms are drawn with.
const ContactForm = "hold-out-contact"

// An Experiment is a hold-out on the contact form: some visitors, drawn by lot, see no
// suggestions, so that it shows what these are worth. It has a new name whenever it
// begins anew.
type Experiment struct {
	Name  string `json:"name"`
	Share int    `json:"share"` // of [Parts] visitors held out; 0 is nobody
	Terms
	// Planned is how many visitors it takes. With that many it ends; looking at it
	// before and stopping when it pleases would make chance look like an effect.
	Planned int `json:"planned,omitempty"`
	// Watch says that the effect is known, and a few are held out to see whether it
	// lasts.
	Watch   bool                `json:"watch,omitempty"`
	Started time.Time           `json:"started,omitzero"`
	By      escalation.ActorRef `json:"by,omitzero"`
	Ended   time.Time           `json:"ended,omitzero"`
	Stopped escalation.ActorRef `json:"stopped,omitzero"` // who ended it before its time
	// Result is what it showed, once the windows of all its visitors have passed. It
	// stays as it is, whatever is forgotten or counted otherwise later.
	Result *Caused `json:"result,omitempty"`
}

// Terms are what a lead decides about a hold-out.
type Terms struct {
	// Effect is the smallest that is worth knowing, as a part of those who would write.
	Effect float64 `json:"effect,omitempty"`
	// Cost is that of a ticket, in hundredths of Currency; 0 when nobody said.
	Cost     int64  `json:"cost,omitempty"`
	Currency string `json:"currency,omitempty"`
	// Never are the keys of sections, and Words what a request says, of which nobody
	// is ever held out: a danger, an outage, a payment that is blocked.
	Never []string `json:"never,omitempty"`
	Words []string `json:"words,omitempty"`
	// Keep says that a few are to be held out afterwards, if there was an effect.
	Keep bool `json:"keep,omitempty"`
}

const (
	maxNever = 100
	maxWords = 50
)

// NewTerms returns the terms of a hold-out, or an Invalid error that names the field
// to correct. points is the smallest effect in points of a hundred, cost what a ticket
// costs, both as typed.
func NewTerms(points, cost, currency string, never, words []string, keep bool) (Terms, error) {
	t := Terms{Keep: keep}
	n, err := ParseHundredths(points)
	if err != nil || n < 100 || n > 5000 {
		return t, invalid("effect", "error.effect")
	}
	t.Effect = float64(n) / 10_000
	if strings.TrimSpace(cost) != "" {
		if t.Cost, err = ParseHundredths(cost); err != nil || t.Cost > 1_000_000 {
			return t, invalid("cost", "error.cost")
		}
	}
	if t.Currency = strings.ToUpper(strings.TrimSpace(currency)); t.Cost == 0 {
		t.Currency = ""
	} else if len(t.Currency) != 3 || strings.ContainsFunc(t.Currency, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return t, invalid("currency", "error.currency")
	}
	for _, key := range never {
		if key = cut(key, maxWord); key != "" && len(t.Never) < maxNever && !slices.Contains(t.Never, key) {
			t.Never = append(t.Never, key)
		}
	}
	for _, w := range words {
		w = strings.Join(asWords(cut(w, maxWord)), " ")
		if w == "" || slices.Contains(t.Words, w) {
			continue
		}
		if len(t.Words) == maxWords {
			return t, &escalation.Error{Kind: escalation.Invalid, Field: "words", Reason: "error.words_many", Args: map[string]any{"Max": maxWords}}
		}
		t.Words = append(t.Words, w)
	}
	return t, nil
}

func invalid(field, reason string) error {
	return &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason}
}

// ParseHundredths reads a number with at most two digits after its sign, a point or a
// comma, as hundredths.
func ParseHundredths(s string) (int64, error) {
	whole, part, split := strings.Cut(strings.Replace(strings.TrimSpace(s), ",", ".", 1), ".")
	if whole == "" || len(whole) > 9 || len(part) > 2 || split && part == "" {
		return 0, fmt.Errorf("%.20q is no such number", s)
	}
	part += "00"[len(part):]
	n := int64(0)
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("%.20q is no such number", s)
		}
		n = 10*n + int64(r-'0')
	}
	return n, nil
}

// Exempt reports whether nobody is held out from what may answer a request: its words
// say so, or one of the sections in which the answers lie.
func (t *Terms) Exempt(request string, sections []string) bool {
	if slices.ContainsFunc(sections, func(key string) bool { return slices.Contains(t.Never, key) }) {
		return true
	}
	if len(t.Words) == 0 {
		return false
	}
	said := " " + strings.Join(asWords(request), " ") + " "
	return slices.ContainsFunc(t.Words, func(w string) bool { return strings.Contains(said, " "+w+" ") })
}

// asWords cuts a text into words, without regard to case.
func asWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
}

// Runs reports whether visitors are held out by it now.
func (e *Experiment) Runs() bool { return !e.Started.IsZero() && e.Ended.IsZero() }

// HoldOuts are the experiments on the contact form, the oldest first. At most one runs.
type HoldOuts struct {
	List []Experiment `json:"list,omitempty"`
}

// none is the hold-out until a lead turns one on, and between two of them. Its arm is
// computed and logged all the same: that is how a lead can plan one.
func none() Experiment { return Experiment{Name: "contact-0"} }

// Now returns the experiment that visitors are in.
func (h HoldOuts) Now() Experiment {
	if e := h.Last(); e != nil && e.Runs() {
		return *e
	}
	return none()
}

// Last returns the newest experiment, or nil when there was none.
func (h HoldOuts) Last() *Experiment {
	if len(h.List) == 0 {
		return nil
	}
	return &h.List[len(h.List)-1]
}

// Begin starts an experiment of so many visitors. It is a Conflict while one runs, or
// while it is not known what the last one showed.
func (h HoldOuts) Begin(t Terms, share, planned int, by escalation.ActorRef, now time.Time) (HoldOuts, error) {
	if last := h.Last(); last != nil && last.Result == nil {
		return h, &escalation.Error{Kind: escalation.Conflict, Reason: "error.holdout_runs"}
	}
	return h.with(Experiment{Share: share, Terms: t, Planned: planned, By: by, Started: now}), nil
}

func (h HoldOuts) with(e Experiment) HoldOuts {
	e.Name = fmt.Sprintf("contact-%d", len(h.List)+1)
	return HoldOuts{append(slices.Clip(h.List), e)}
}

// Stop ends the experiment before its time. From now on all see suggestions. It is a
// Conflict when none runs any more.
func (h HoldOuts) Stop(by escalation.ActorRef, now time.Time) (HoldOuts, error) {
	if last := h.Last(); last == nil || !last.Runs() {
		return h, &escalation.Error{Kind: escalation.Conflict, Reason: "error.holdout_over"}
	}
	return h.change(func(e *Experiment) { e.Ended, e.Stopped = now, by }), nil
}

func (h HoldOuts) change(do func(*Experiment)) HoldOuts {
	h.List = slices.Clone(h.List)
	do(h.Last())
	return h
}

// WatchShare is held out to see whether an effect lasts.
const WatchShare = Parts / 20

// Step does what is due by itself, given what the newest experiment shows so far: it
// ends with the planned number of visitors, or when too few came in a year, its result is noted once all windows have
// passed, and where it avoided tickets, a few are held out from then on if the lead
// wanted that. changed is false when nothing is due.
func (h HoldOuts) Step(c Caused, now time.Time) (next HoldOuts, changed bool) {
	switch e := h.Last(); {
	case e == nil || e.Result != nil:
		return h, false
	case e.Runs() && (c.Visitors() >= e.Planned || now.Sub(e.Started) > longest*7*24*time.Hour):
		return h.change(func(e *Experiment) { e.Ended = now }), true
	case !e.Runs() && c.Pending == 0 && !now.Before(e.Ended.Add(Window)):
		h = h.change(func(e *Experiment) { e.Result = &c })
		if e := h.Last(); e.Keep && c.Verdict == Avoids {
			a, b := sizes(c.Shown.Tickets.Rate, e.Effect, WatchShare)
			h = h.with(Experiment{Share: WatchShare, Terms: e.Terms, Planned: a + b, Watch: true, Started: now})
		}
		return h, true
	}
	return h, false
}
