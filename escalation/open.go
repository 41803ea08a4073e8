package escalation

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/clock"
)

// An OpenCommand is a question as somebody puts it to us.
type OpenCommand struct {
	Number      string // by [NewNumber]; another one when the store says that it is in use
	Subject     string
	Text        string
	Name        string
	Email       string
	Phone       string
	Lang        string
	Zone        string            // IANA, of the requester's clocks; may be empty
	Channel     Channel           // empty: Web for a visitor, API for a token
	Desk        *Desk             // that is in force; nil: promises are those of the first version, and no type is said
	RequestType string            // empty until somebody says
	Facts       map[string]string // that the type asks for, by their keys
	Journey     string            // id
	Trail       *Trail
	Tried       []string // ids of steps that the type names, done in self-service
	Files       []File
	Key         string // the same form sent twice makes one ticket

	// Signs say why it may be spam. Then it is a ticket all the same, but nobody is
	// written to before a person has looked at it.
	Signs []string
}

// NewTicket opens a ticket: in triage, at tier 1, where nobody has taken it yet.
// Visitors and tokens give an address, or a telephone number to be called at; staff who open it for a caller, a visitor
// or a letter's sender may give a telephone number or a name instead.
//
// NewTicket checks, and the store keeps only what NewTicket made: a subject is
// never blank and an address always parses.
func NewTicket(c OpenCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	who := by.Ref()
	if c.Channel == "" {
		c.Channel = Web
		if who.Token() {
			c.Channel = API
		}
	}
	ev := Event{
		Kind: EventOpened, Ticket: ids(),
		Lang: c.Lang, Channel: c.Channel, RequestType: c.RequestType, Journey: c.Journey,
		Team: Triage, Tier: 1,
	}
	if c.Desk != nil {
		ev.Desk = c.Desk.Version
	}
	t := &Ticket{ID: ev.Ticket, State: New, Team: Triage, Tier: 1}
	forOther := who.Kind != ByRequester
	if forOther {
		if err := t.may(by, OpenFor); err != nil {
			return Change{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
		}
		ev.WrittenBy = &who
	}
	if ok := map[Channel]bool{
		Web: who.Kind == ByRequester, CallBack: who.Kind == ByRequester, API: who.Token(),
		Phone: forOther, Visit: forOther, Paper: forOther,
	}[c.Channel]; !ok {
		return Change{}, invalid("channel", "error.channel", nil)
	}

	var ok bool
	var err error
	if ev.Number, ok = ParseNumber(c.Number); !ok {
		return Change{}, &Error{Kind: Fault, Reason: "error.number"}
	}
	if ev.Subject, err = wanted("subject", c.Subject, "error.subject_missing", MaxSubject); err != nil {
		return Change{}, err
	}
	text, err := body("text", c.Text, true)
	if err != nil {
		return Change{}, err
	}
	if ev.Requester, err = requester(c, c.Channel == Web || c.Channel == API); err != nil {
		return Change{}, err
	}
	if !langTag.MatchString(c.Lang) {
		return Change{}, invalid("lang", "error.lang", nil)
	}
	if ev.Zone = c.Zone; ev.Zone != "" {
		if _, ok := clock.Zone(ev.Zone); !ok {
			return Change{}, invalid("zone", "error.zone", nil)
		}
	}
	var kind *RequestType
	if c.Desk != nil {
		kind = c.Desk.Type(c.RequestType)
	}
	if c.RequestType != "" && kind == nil {
		return Change{}, invalid("request_type", "error.request_type", nil)
	}
	t.begins(&ev, kind)
	if len(c.Files) > MaxFiles {
		return Change{}, invalid("files", "error.files_many", map[string]any{"Max": MaxFiles})
	}
	key, err := sameForm(c.Key)
	if err != nil {
		return Change{}, err
	}

	d := (&Ticket{}).draft(by, ids, now)
	asker := ActorRef{Kind: ByRequester, Name: ev.Requester.Name}
	opening := Entry{ID: ids(), By: asker, Kind: Public, Text: text, Event: &ev, Files: c.Files, Key: key}
	d.add(opening)
	if err := d.said(kind, c.Facts, opening.ID); err != nil {
		return Change{}, err
	}
	if !forOther && kind != nil { // who writes for somebody may not know yet
		for _, n := range kind.Missing(d.t, AtOnce) {
			if n.Kind == PhotosValue {
				return Change{}, invalid("files", "error.need_photos", map[string]any{"Fact": n.Name})
			}
			return Change{}, invalid(FactField+n.Key, "error.need_missing", map[string]any{"Fact": n.Name})
		}
	}
	d.tried(d.t.untold(kind, c.Tried), asker)
	if trail := cleanTrail(c.Trail); trail != nil {
		d.add(Entry{By: asker, Kind: Happened, Event: &Event{Kind: EventTrail, Trail: trail}})
		d.spotted(kind)
	}
	if len(c.Signs) > 0 {
		d.add(Entry{By: System{Rule: SpamRule}.Ref(), Kind: Happened, Event: &Event{Kind: EventSuspected, Signs: c.Signs}})
		return d.change()
	}
	d.letter(Letter{Kind: ReceiptLetter}, LetterArgs{})
	d.urgent()
	return d.change()
}

// Mistakes returns all that is to be corrected before [NewTicket] accepts the command, in
// the order of forms: the rules name one mistake at a time, so each is stood in for and
// the rest asked again.
func (c OpenCommand) Mistakes(by Actor, ids func() string, now time.Time) (wrong []error) {
	c.Facts = maps.Clone(c.Facts)
	for range 7 + len(c.Facts) {
		_, err := NewTicket(c, by, ids, now)
		if err == nil {
			break
		}
		wrong = append(wrong, err)
		field := ""
		if e, ok := errors.AsType[*Error](err); ok {
			field = e.Field
		}
		if key, ok := strings.CutPrefix(field, FactField); ok {
			c.Facts[key] = NoSuchFact
			continue
		}
		switch field {
		case "channel":
			c.Channel = Phone
		case "subject":
			c.Subject = "x"
		case "text":
			c.Text = "x"
		case "name":
			c.Name = "x"
		case "email":
			c.Email = "somebody@example.com"
		case "phone":
			c.Phone = "055 123456"
		default:
			return wrong
		}
	}
	return wrong
}

// requester returns who asks.
func requester(c OpenCommand, needsEmail bool) (*Requester, error) {
	var r Requester
	var err error
	if r.Name, err = optional("name", c.Name, MaxName); err != nil {
		return nil, err
	}
	if Blank(r.Name) {
		r.Name = ""
	}
	if r.Phone, err = parsePhone(c.Phone); err != nil {
		return nil, err
	}
	if c.Email != "" || needsEmail {
		if r.Email, err = ParseEmail("email", c.Email); err != nil {
			return nil, err
		}
	}
	if c.Channel == CallBack && r.Phone == "" {
		return nil, invalid("phone", "error.phone_missing", nil)
	}
	if r.Email == "" && r.Phone == "" && r.Name == "" {
		return nil, invalid("name", "error.requester_missing", nil)
	}
	return &r, nil
}

// cleanTrail returns the trail within its bounds: the newest moments, each no
// longer than a query may be. It comes from a browser's form.
func cleanTrail(tr *Trail) *Trail {
	if tr == nil || len(tr.Moments) == 0 {
		return nil
	}
	moments := tr.Moments
	if n := len(moments) - maxMoments; n > 0 {
		moments = moments[n:]
	}
	moments = slices.Clone(moments)
	for i, m := range moments {
		m.At = stamp(m.At)
		m.Kind = cut(CleanLine(m.Kind), 20)
		m.Query = cut(CleanLine(m.Query), 512)
		m.Title = cut(CleanLine(m.Title), 300)
		m.Reason = cut(CleanLine(m.Reason), MaxLine)
		if !articleKey.MatchString(m.Article) {
			m.Article = ""
		}
		if !langTag.MatchString(m.Lang) {
			m.Lang = ""
		}
		m.Hits, m.Seconds = max(m.Hits, 0), max(m.Seconds, 0)
		moments[i] = m
	}
	return &Trail{Moments: moments}
}
