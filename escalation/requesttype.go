package escalation

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A RequestType is a kind of matter: what we have to know about it, and when, which
// team settles it when triage does not, and what its customer may expect.
type RequestType struct {
	ID      string   `json:"id"`
	Name    Text     `json:"name"`
	About   Text     `json:"about,omitempty"` // when to choose it
	Team    string   `json:"team"`            // id
	Tier    int      `json:"tier"`
	Needs   []Need   `json:"needs,omitempty"`
	Impact  Degree   `json:"impact,omitempty"` // which priority such requests begin with; with Urgency, or neither
	Urgency Degree   `json:"urgency,omitempty"`
	Ready   Text     `json:"ready,omitempty"`  // what to have at hand, one thing to a line
	Stages  []Stage  `json:"stages,omitempty"` // as the customer reads them
	Skills  []string `json:"skills,omitempty"` // ids of those that such requests want
	Steps   []Remedy `json:"steps,omitempty"`  // that can be tried
}

// A Need is a fact that requests of a type must have at some moment, and why.
type Need struct {
	Key  string    `json:"key"` // of the fact
	Name Text      `json:"name"`
	Why  Text      `json:"why"`
	Kind ValueKind `json:"kind"`
	When NeedTime  `json:"when"`

	// Forms are what its values look like, so that they are known where somebody
	// wrote one: # is a digit, @ a letter, and the rest stands for itself.
	Forms []string `json:"forms,omitempty"`
}

// A Stage is one that requests of a type go through, and how long it usually takes.
type Stage struct {
	Name  Text `json:"name"`
	Usual Text `json:"usual,omitempty"`

	Begins StageStart `json:"begins,omitempty"` // empty: when somebody says so
}

// A ValueKind says what the value of a fact looks like. The catalog has them as
// "value.<kind>".
type ValueKind string

// The kinds of values.
const (
	LineValue   ValueKind = "line"
	TextValue   ValueKind = "text"
	DateValue   ValueKind = "date"
	NumberValue ValueKind = "number"
	IMEIValue   ValueKind = "imei"
	OrderValue  ValueKind = "order"
	PhotosValue ValueKind = "photos"
	// FindingValue is what was at fault: [Software] or [Hardware].
	FindingValue ValueKind = "finding"
)

// What can be found to be at fault. They are the same words in all languages.
const (
	Software = "software"
	Hardware = "hardware"
)

// ValueKinds are all of them, in the order of forms.
var ValueKinds = []ValueKind{LineValue, TextValue, DateValue, NumberValue, IMEIValue, OrderValue, PhotosValue, FindingValue}

// A NeedTime says when which a fact must be known. The catalog has them as
// "need.<time>".
type NeedTime string

// The moments.
const (
	AtOnce      NeedTime = "now" // the customer's form asks for it
	BeforeMove  NeedTime = "move"
	BeforeSolve NeedTime = "solve"
)

// NeedTimes are all of them, in their order.
var NeedTimes = []NeedTime{AtOnce, BeforeMove, BeforeSolve}

// What a type may hold.
const (
	MaxTypes  = 30
	MaxNeeds  = 15
	MaxStages = 10
	maxReady  = 1000
)

// Type returns the type of requests with an id, nil when there is none.
func (d *Desk) Type(id string) *RequestType {
	if i := slices.IndexFunc(d.Types, func(t RequestType) bool { return t.ID == id }); i >= 0 {
		return &d.Types[i]
	}
	return nil
}

// TypeName returns the name of a type, its id when there is none of that.
func (d *Desk) TypeName(id, lang string) string {
	if t := d.Type(id); t != nil {
		return t.Name.In(lang)
	}
	return id
}

// Need returns what a type says of a fact, nil when it is none of its.
func (r *RequestType) Need(key string) *Need {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Needs, func(n Need) bool { return n.Key == key }); i >= 0 {
		return &r.Needs[i]
	}
	return nil
}

// Rule is the id of the rule by which triage hands on requests of a type.
func (r *RequestType) Rule() string { return "type:" + r.ID }

// Missing returns what a type demands of a ticket at a moment, and nobody has said.
// What was to be known at once is demanded at every moment.
func (r *RequestType) Missing(t *Ticket, at NeedTime) []Need {
	var missing []Need
	for _, n := range r.Needs {
		if (n.When == at || n.When == AtOnce) && !n.Known(t) {
			missing = append(missing, n)
		}
	}
	return missing
}

// Asked are the facts that forms ask for when a request of a type, which may be nil, is
// written: those that have to be known at once, but for pictures, which have a field of
// their own.
func (r *RequestType) Asked() (asked []Need) {
	if r == nil {
		return nil
	}
	for _, n := range r.Needs {
		if n.When == AtOnce && n.Kind != PhotosValue {
			asked = append(asked, n)
		}
	}
	return asked
}

// Known says whether somebody has said it of a ticket, and nobody disputes it.
func (n *Need) Known(t *Ticket) bool {
	if f, ok := t.Fact(n.Key); ok && f.State == Disputed {
		return false
	}
	_, known := t.Knows(n.Key, &RequestType{Needs: []Need{*n}})
	return known
}

// picture says whether a file shows something.
func (f File) picture() bool {
	return strings.HasPrefix(f.Type, "image/") || strings.HasPrefix(f.Type, "video/")
}

var (
	notDigits = strings.NewReplacer(" ", "", "-", "", "/", "", ".", "")
	imei      = regexp.MustCompile(`^[0-9]{15}$`)
	order     = regexp.MustCompile(`^#?[\p{L}0-9][\p{L}0-9/_. -]{1,39}$`)
	decimal   = regexp.MustCompile(`^[0-9]{1,15}([.,][0-9]{1,6})?$`)
)

// Value returns what somebody says of a fact, as it is kept, or an Invalid error about
// the field. A hyphen and a reason say that there is no such thing: then lacks is true.
// Nobody meets a wall because of a number that they never had.
func (n *Need) Value(field, typed string) (value string, lacks bool, err error) {
	if n.Kind == TextValue {
		typed = CleanText(typed)
	} else {
		typed = CleanLine(typed)
	}
	if Blank(typed) {
		return "", false, invalid(field, "error.need_missing", map[string]any{"Fact": n.Name})
	}
	most := MaxLine
	if n.Kind == TextValue {
		most = 4 * MaxLine
	}
	if utf8.RuneCountInString(typed) > most {
		return "", false, invalid(field, "error.too_long", map[string]any{"Max": most})
	}
	if rest := strings.TrimLeft(typed, "-–— "); rest != typed {
		if utf8.RuneCountInString(rest) < 3 {
			return "", false, invalid(field, "error.need_reason", map[string]any{"Fact": n.Name})
		}
		return "– " + rest, true, nil
	}
	switch n.Kind {
	case DateValue:
		for _, layout := range []string{time.DateOnly, "2/1/2006", "2.1.2006", "2-1-2006"} {
			if d, err := time.Parse(layout, typed); err == nil && d.Year() > 1900 && d.Year() < 2200 {
				return d.Format(time.DateOnly), false, nil
			}
		}
		return "", false, invalid(field, "error.need_date", map[string]any{"Fact": n.Name})
	case NumberValue:
		if typed = strings.ReplaceAll(typed, " ", ""); !decimal.MatchString(typed) {
			return "", false, invalid(field, "error.need_number", map[string]any{"Fact": n.Name})
		}
	case IMEIValue:
		if typed = notDigits.Replace(typed); !imei.MatchString(typed) || !luhn(typed) {
			return "", false, invalid(field, "error.need_imei", map[string]any{"Fact": n.Name})
		}
	case FindingValue:
		if typed = strings.ToLower(typed); typed != Software && typed != Hardware {
			return "", false, invalid(field, "error.need_finding", map[string]any{"Fact": n.Name})
		}
	case OrderValue:
		if !order.MatchString(typed) || !strings.ContainsAny(typed, "0123456789") {
			return "", false, invalid(field, "error.need_order", map[string]any{"Fact": n.Name})
		}
	}
	return typed, false, nil
}

// NoSuchFact is what says that there is none, for whoever tries a form.
const NoSuchFact = "- none"

// luhn says whether the last of these digits checks the others.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// said adds what somebody said of the facts of a ticket's type, in their order. source
// is the entry in which the requester said it; empty: it is the word of who writes it.
func (d *draft) said(r *RequestType, facts map[string]string, source string) error {
	if r == nil {
		return nil
	}
	for _, n := range r.Needs {
		if Blank(facts[n.Key]) {
			continue
		}
		value, lacks, err := n.Value(FactField+n.Key, facts[n.Key])
		if err != nil {
			return err
		}
		f := Fact{Key: n.Key, Value: value, Source: source}
		id := d.ids()
		if source == "" {
			f.Source = id
		} else {
			f.State = Given
		}
		if lacks {
			f.State = Lacking
		}
		e := Entry{ID: id, Kind: Happened, Event: &Event{Kind: EventFact, Fact: &f}}
		if source != "" {
			e.By = ActorRef{Kind: ByRequester, Name: d.t.Requester.Name}
		}
		d.add(e)
	}
	return nil
}

// knows returns an error that names what a ticket's type demands at a moment, and
// nobody has said.
func (d *draft) knows(r *RequestType, at NeedTime) error {
	if r == nil {
		return nil
	}
	missing := r.Missing(d.t, at)
	if len(missing) == 0 {
		return nil
	}
	var names Texts
	for _, n := range missing {
		names = append(names, n.Name)
	}
	return invalid(FactField+missing[0].Key, "error.facts_missing", map[string]any{"Facts": names})
}

// FactField begins the name of the field of a fact.
const FactField = "fact."

// A TypeCommand says what kind of matter a ticket is.
type TypeCommand struct {
	Desk *Desk // that is in force
	Type string
}

// SetType says what kind of matter the ticket is, as the desk is set up now. It can be
// said otherwise at any time; what is known stays known.
func (t *Ticket) SetType(c TypeCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.outside(); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if c.Desk.Type(c.Type) == nil {
		return Change{}, invalid("type", "error.request_type", nil)
	}
	if t.RequestType == c.Type && t.Desk == c.Desk.Version {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	ev := Event{Kind: EventTyped, RequestType: c.Type, Desk: c.Desk.Version}
	t.begins(&ev, c.Desk.Type(c.Type))
	d.happened(ev)
	d.urgent()
	return d.change()
}

// A FactsCommand are facts that the ticket's type asks for, by their keys.
type FactsCommand struct {
	Type  *RequestType // of the ticket, at its version
	Facts map[string]string
}

// SayFacts writes down what somebody of the staff knows of the facts that the type
// asks for; blank ones are left as they are.
func (t *Ticket) SayFacts(c FactsCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	if err := d.said(c.Type, c.Facts, ""); err != nil {
		return Change{}, err
	}
	return d.change()
}

// A RouteCommand hands a ticket on to the team of its type.
type RouteCommand struct {
	FactsCommand
	Desk       *Desk    // that is in force
	Candidates []string // as in [OfferCommand]
}

// routeTime is how long the team has to answer.
const routeTime = 24 * time.Hour

// Route offers the ticket to the team of its type. Why and what for is the type's
// rule, whose id it bears; the customer reads the catalog's sentence.
func (t *Ticket) Route(c RouteCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Offer); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if err := t.settled(); err != nil {
		return Change{}, err
	}
	r := c.Type
	if r == nil || r.ID != t.RequestType {
		return Change{}, invalid("type", "error.request_type", nil)
	}
	if err := c.Desk.place(r.Team, r.Tier); err != nil {
		return Change{}, err
	}
	if r.Team == t.Team && r.Tier == t.Tier {
		return Change{}, invalid("tier", "error.same_place", nil)
	}
	if r.Tier < t.Tier { // down it goes with an instruction, which no rule has
		return Change{}, invalid("tier", "error.route_down", nil)
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	if err := d.said(r, c.Facts, ""); err != nil {
		return Change{}, err
	}
	if err := d.knows(r, BeforeMove); err != nil {
		return Change{}, err
	}
	if len(c.Candidates) == 0 {
		return Change{}, invalid("team", "error.nobody_there", map[string]any{"Team": TeamID(r.Team), "Tier": r.Tier})
	}
	d.offer(d.byRule(r.Rule(), r.Team, r.Tier), c.Candidates, "")
	return d.change()
}
