package escalation

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Fact is something known, with the entry that says so.
type Fact struct {
	Key    string    `json:"key"`
	Value  string    `json:"value"`
	Source string    `json:"source"` // id of an entry
	State  FactState `json:"state,omitempty"`
	Judged string    `json:"judged,omitempty"` // id of the entry that confirmed or disputed it
}

// A FactState says how something is known. Empty is the word of staff. One that is
// disputed is [Disputed].
type FactState string

// The states of a fact.
const (
	Given     FactState = "given"     // the requester said so
	Lacking   FactState = "lacking"   // there is no such thing; the value says why
	Spotted   FactState = "spotted"   // the program read it in what the requester searched for
	Confirmed FactState = "confirmed" // somebody of the staff made sure
)

// A Confidence says how far a fact can be relied on. The catalog has them as
// "sure.<confidence>".
type Confidence string

// How far a fact can be relied on.
const (
	Certain  Confidence = "certain"
	Likely   Confidence = "likely"
	Unsure   Confidence = "unsure"
	Doubtful Confidence = "doubtful"
)

// Sure is the one rule about how far a fact can be relied on. What somebody made sure
// of is certain; one person's word, the requester's or a colleague's, is likely; what a
// program read in a search nobody has said, so it is unsure; and what is disputed is
// doubtful.
func (s FactState) Sure() Confidence {
	switch s {
	case Confirmed:
		return Certain
	case Spotted:
		return Unsure
	case Disputed:
		return Doubtful
	}
	return Likely
}

// know keeps the newest value of a fact, and crosses its question out. A value that it
// differs from is disputed by it, and stays where it can be seen.
func (t *Ticket) know(f Fact, entry string) {
	old, known := t.Fact(f.Key)
	switch same := strings.EqualFold(old.Value, f.Value); {
	case !known || old.State == Lacking:
	case same && old.State == Confirmed:
		f.State, f.Judged = old.State, old.Judged
	case !same:
		if old.State != Disputed {
			old.State, old.Judged = Disputed, entry
		}
		t.Earlier = append(t.Earlier, old)
	}
	t.Facts = slices.DeleteFunc(t.Facts, func(o Fact) bool { return o.Key == f.Key })
	t.Facts = append(t.Facts, f)
	t.Questions = without(t.Questions, f.Key)
}

// judge keeps what an entry says of a fact that is known.
func (t *Ticket) judge(e Entry, s FactState) {
	for i, f := range t.Facts {
		if f.Key == e.Event.Fact.Key && f.Value == e.Event.Fact.Value {
			t.Facts[i].State, t.Facts[i].Judged = s, e.ID
		}
	}
}

// ConfirmFact says that somebody of the staff made sure of what is known under a key.
// The value is the one that they saw.
func (t *Ticket) ConfirmFact(key, value string, by Actor, ids func() string, now time.Time) (Change, error) {
	f, err := t.judged(key, value, by)
	if err != nil {
		return Change{}, err
	}
	if f.State == Confirmed {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventAffirmed, Fact: &Fact{Key: f.Key, Value: f.Value}})
	return d.change()
}

// DisputeFact says that what is known under a key may be wrong, and why. From then on
// it counts as nothing that a move or a solution can rest on, and the requester may be
// asked again.
func (t *Ticket) DisputeFact(key, value, reason string, by Actor, ids func() string, now time.Time) (Change, error) {
	f, err := t.judged(key, value, by)
	if err != nil {
		return Change{}, err
	}
	if reason, err = wanted("reason", reason, "error.dispute_why", MaxLine); err != nil {
		return Change{}, err
	}
	if slices.ContainsFunc(t.Entries, func(e Entry) bool {
		return e.ID == f.Judged && e.By == by.Ref() && e.Event != nil && e.Event.Kind == EventDisputed && e.Event.Reason == reason
	}) {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventDisputed, Fact: &Fact{Key: f.Key, Value: f.Value}, Reason: reason})
	return d.change()
}

// judged returns the fact that somebody saw and judges.
func (t *Ticket) judged(key, value string, by Actor) (Fact, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Fact{}, err
	}
	f, ok := t.Fact(key)
	if !ok || f.Value != value {
		return Fact{}, conflict("error.fact_changed", nil)
	}
	return f, nil
}

// KeepFact keeps what the program read in an entry: the requester's words are theirs,
// a note is the word of staff. It must stand there.
func (t *Ticket) KeepFact(f Fact, r *RequestType, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	i := slices.IndexFunc(t.Finds(r), func(o Fact) bool { return o.Key == f.Key && o.Value == f.Value && o.Source == f.Source })
	if i < 0 && t.stated(f, by.Ref()) {
		return Change{Ticket: *t}, nil
	}
	if i < 0 {
		return Change{}, conflict("error.fact_changed", nil)
	}
	f = t.Finds(r)[i]
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventFact, Fact: &f})
	return d.change()
}

// What is looked through, and proposed, at most.
const (
	maxLooked = 100 // of the latest entries
	maxFinds  = 3   // values of one fact
)

// Finds returns what notes, the requester's words and their searches hold of the facts
// that are not known, by their type's order and the newest first. Nobody has kept it
// yet, and nothing is kept silently.
func (t *Ticket) Finds(r *RequestType) []Fact {
	if r == nil || !t.Erased.IsZero() {
		return nil
	}
	var finds []Fact
	gone := t.gone()
	for _, n := range r.Needs {
		if !n.recognisable() || n.Known(t) {
			continue
		}
		first := len(finds)
		for _, e := range slices.Backward(t.Entries[max(0, len(t.Entries)-maxLooked):]) {
			if gone[e.ID] {
				continue
			}
			for _, value := range n.recognise(&e) {
				old := func(o Fact) bool { return o.Key == n.Key && strings.EqualFold(o.Value, value) }
				if len(finds)-first < maxFinds && !slices.ContainsFunc(finds, old) && !slices.ContainsFunc(t.Earlier, old) && !slices.ContainsFunc(t.Facts, old) {
					finds = append(finds, Fact{Key: n.Key, Value: value, Source: e.ID, State: e.voice()})
				}
			}
		}
	}
	return finds
}

// voice is the state of a fact that an entry's words hold.
func (e *Entry) voice() FactState {
	switch {
	case e.Kind == Public:
		return Given
	case e.Kind == Happened:
		return Spotted
	}
	return ""
}

// words are what the requester or a colleague said in an entry, or what was searched
// for and read before. What we wrote to the customer says nothing of them.
func (e *Entry) words() []string {
	switch {
	case e.Kind == Public && e.By.Kind == ByRequester:
		if e.Event != nil {
			return []string{e.Event.Subject, e.Text}
		}
		return []string{e.Text}
	case e.Kind == Internal:
		return []string{e.Text}
	case e.Event == nil || e.Event.Trail == nil:
		return nil
	}
	var words []string
	for _, m := range e.Event.Trail.Moments {
		words = append(words, m.Query)
		if m.Kind == "open" || m.Kind == "vote_no" {
			words = append(words, m.Title)
		}
	}
	return words
}

// recognisable says whether a program can be sure to know a value when it sees one.
func (n *Need) recognisable() bool { return n.Kind == IMEIValue || len(n.Forms) > 0 }

// recognise returns the values that an entry's words hold.
func (n *Need) recognise(e *Entry) (values []string) {
	for _, text := range e.words() {
		text := []rune(text)
		for i := range text {
			if i > 0 && inWord(text[i-1]) || !inWord(text[i]) {
				continue
			}
			found := ""
			if n.Kind == IMEIValue {
				found = imeiIn(text[i:])
			}
			for _, form := range n.Forms {
				if v := formIn(form, text[i:]); len(v) > len(found) {
					found = v
				}
			}
			if value, lacks, err := n.Value("", found); err == nil && !lacks {
				values = append(values, value)
			}
		}
	}
	return values
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// imeiIn returns the number of a device with which a text begins, or nothing.
func imeiIn(text []rune) string {
	var digits []byte
	gap := true // between groups of digits there is one sign at most
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits, gap = append(digits, byte(r)), false
			if len(digits) < 15 {
				continue
			}
			if i+1 < len(text) && inWord(text[i+1]) || !luhn(string(digits)) || strings.Count(string(digits), string(digits[0])) == 15 {
				return ""
			}
			return string(digits)
		case !gap && strings.ContainsRune(" -/.", r):
			gap = true
		default:
			return ""
		}
	}
	return ""
}

// In a form of values one sign stands for a digit, and one for a letter.
const (
	anyDigit  = '#'
	anyLetter = '@'
)

// formIn returns what a text begins with, as a form has it, or nothing.
func formIn(form string, text []rune) string {
	var value strings.Builder
	i := 0
	for _, r := range form {
		if i == len(text) {
			return ""
		}
		is := text[i]
		switch {
		case r == anyDigit && is >= '0' && is <= '9', r == anyLetter && unicode.IsLetter(is):
			r = unicode.ToUpper(is)
		case r == anyDigit, r == anyLetter, unicode.ToLower(r) != unicode.ToLower(is):
			return ""
		}
		value.WriteRune(r)
		i++
	}
	if i < len(text) && inWord(text[i]) {
		return ""
	}
	return value.String()
}

// What forms of values there may be.
const (
	MaxForms = 50 // of one fact
	maxForm  = 60
)

// cleanForms returns the forms of a fact's values. One that would be found in words
// that mean something else is refused: it needs three letters or digits of its own, or
// as much as that in more places.
func cleanForms(field string, n Need) ([]string, error) {
	var out []string
	for _, form := range n.Forms {
		if form = CleanLine(form); form == "" || slices.Contains(out, form) {
			continue
		}
		own, places := 0, 0
		for _, r := range form {
			switch {
			case r == anyDigit || r == anyLetter:
				places++
			case !unicode.IsSpace(r):
				own++
			}
		}
		first := []rune(form)[0]
		switch {
		case len([]rune(form)) > maxForm:
			return nil, invalid(field, "error.too_long", map[string]any{"Max": maxForm})
		case n.Kind != LineValue && n.Kind != OrderValue:
			return nil, invalid(field, "error.form_kind", map[string]any{"Fact": n.Name})
		case 2*own+places < 6 || !inWord(first) && first != anyDigit && first != anyLetter:
			return nil, invalid(field, "error.form_vague", map[string]any{"Form": form})
		}
		out = append(out, form)
	}
	if len(out) > MaxForms {
		return nil, invalid(field, "error.forms_many", map[string]any{"Max": MaxForms})
	}
	return out, nil
}

// TrailRule is the rule that keeps what the requester's searches hold.
const TrailRule = "trail"

// spotted keeps what the searches before a ticket hold of the facts that its form did
// not say: of each, the newest.
func (d *draft) spotted(r *RequestType) {
	for _, f := range d.t.Finds(r) {
		if _, known := d.t.Fact(f.Key); !known && f.State == Spotted {
			d.add(Entry{By: System{Rule: TrailRule}.Ref(), Kind: Happened, Event: &Event{Kind: EventFact, Fact: &f}})
		}
	}
}
