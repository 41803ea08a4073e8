package escalation

import (
	"slices"
	"strings"
	"time"
)

// A draft is a change in the making. What is added to it is applied at once, so
// that a rule sees the ticket as it will be.
type draft struct {
	t       *Ticket
	by      ActorRef
	ids     func() string
	now     time.Time
	entries []Entry
	letters []Letter
	err     error
}

// draft begins a change of t.
func (t *Ticket) draft(by Actor, ids func() string, now time.Time) *draft {
	return &draft{t: t.clone(), by: by.Ref(), ids: ids, now: stamp(now)}
}

// add appends an entry and returns it.
func (d *draft) add(e Entry) {
	if e.ID == "" {
		e.ID = d.ids()
	}
	e.Seq, e.At, e.Key = d.t.Version+1, d.now, d.t.fresh(e.Key)
	if e.By == (ActorRef{}) {
		e.By = d.by
	}
	if d.err == nil {
		d.err = d.t.apply(e)
	}
	d.entries = append(d.entries, e)
}

// happened appends an event that only staff read.
func (d *draft) happened(ev Event) { d.add(Entry{Kind: Happened, Event: &ev}) }

// letter writes to the requester, if there is an address. While nobody answered
// from it, the letter repeats nothing that anybody typed: else the form could
// be used to send a stranger words of one's own.
//
// Nobody is written to about what may be spam. Who writes to them all the same, of
// staff, has no doubt.
func (d *draft) letter(l Letter, a LetterArgs) {
	if d.by.Kind == ByStaff {
		d.clear()
	}
	r := d.t.Requester
	if r.Email == "" || d.t.Doubt != "" {
		return
	}
	if r.Verified {
		a.Name, a.Subject = r.Name, d.t.Subject
	} else {
		a.Text, a.Tell = "", ""
	}
	a.Number, a.Recipient, a.Generation = d.t.Number, r.Email, d.t.LinkGeneration
	if n := len(d.entries); n > 0 {
		a.Entry = d.entries[n-1].ID
	}
	l.ID, l.Ticket, l.To, l.Lang, l.Args = d.ids(), d.t.ID, r.Email, d.t.Lang, a
	if l.NotBefore.IsZero() {
		l.NotBefore = d.now
	}
	if d.by.Person() && (l.Kind == ReplyLetter || l.Kind == SolvedLetter) { // they may take it back
		l.NotBefore, l.Replaces = d.now.Add(UndoTime), UndoneKey+d.entries[len(d.entries)-1].ID
	}
	d.letters = append(d.letters, l)
}

// moveDelay lets a second move overtake the letter about the first.
const moveDelay = 10 * time.Minute

// moved tells the requester which team has the ticket now, and why.
func (d *draft) moved(tell string) {
	d.letter(Letter{
		Kind:      MoveLetter,
		NotBefore: d.now.Add(moveDelay),
		Replaces:  "move:" + d.t.ID,
	}, LetterArgs{Team: d.t.Team, Tell: tell})
}

// change is what the draft came to.
func (d *draft) change() (Change, error) {
	if d.err != nil {
		return Change{}, d.err
	}
	return Change{Ticket: *d.t, Entries: d.entries, Letters: d.letters}, nil
}

// may returns nil, or why the actor may not: who sees the ticket is told so, to
// others it does not exist.
func (t *Ticket) may(by Actor, a Action) error {
	switch {
	case by.May(a, t):
		return t.elsewhere(by, a)
	case by.May(Read, t) || by.May(Follow, t):
		return &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	return NoTicket()
}

// staffMay is may for what no requester does, whatever an Actor says.
func (t *Ticket) staffMay(by Actor, a Action) error {
	if by.Ref().Kind == ByRequester && by.May(Follow, t) {
		return &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	return t.may(by, a)
}

// requesterMay is may for what only the requester does.
func (t *Ticket) requesterMay(by Actor, a Action) error {
	if by.Ref().Kind != ByRequester && by.May(Read, t) {
		return &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	return t.may(by, a)
}

// NoTicket is the answer about a ticket that does not exist, or that is none of
// the reader's business.
func NoTicket() error { return &Error{Kind: NotFound, Reason: "error.no_ticket"} }

// again says whether the form with this key was taken in before; then the change
// is empty, and the ticket is as it was left.
func (t *Ticket) again(key string) bool {
	return key != "" && slices.ContainsFunc(t.Entries, func(e Entry) bool { return sameKey(e.Key, key) })
}

// justDid says whether the actor was the last person to do something to the ticket, and it
// was one of these: a second click on the same button is to do nothing, and nothing is
// wrong with it.
func (t *Ticket) justDid(by Actor, kinds ...EventKind) bool {
	for _, e := range slices.Backward(t.Entries) {
		if e.By.Kind != BySystem {
			return e.By == by.Ref() && e.Event != nil && slices.Contains(kinds, e.Event.Kind)
		}
	}
	return false
}

// sameForm returns the key of a form, checked.
func sameForm(key string) (string, error) {
	if len(key) > MaxKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", invalid("", "error.form_key", nil)
	}
	return key, nil
}

// active returns an error if the ticket is solved, closed or set aside.
func (t *Ticket) active() error {
	if err := t.notSpam(); err != nil {
		return err
	}
	switch t.State {
	case Solved:
		return conflict("error.ticket_solved", nil)
	case Closed:
		return conflict("error.ticket_closed", nil)
	}
	return nil
}

// settled returns an error while an offer waits for its answer, or the lead has
// to decide.
func (t *Ticket) settled() error {
	if h := t.Pending(); h != nil {
		return conflict("error.handoff_pending", map[string]any{"Team": TeamID(h.Team), "Tier": h.Tier})
	}
	if t.Frozen {
		return conflict("error.frozen", nil)
	}
	return nil
}

// unread returns a Conflict if somebody else wrote something after the actor began
// to write: to the customer, or to colleagues, who may say not to. Seen is the
// ticket's version at that time; 0 is not asked.
func (t *Ticket) unread(seen int, by ActorRef) error {
	if seen <= 0 {
		return nil
	}
	for _, e := range t.Entries {
		said := e.spoken() // also where it was brought here
		if e.Seq > seen && e.By != by && said.By != by && said.Kind != Happened && !t.wentBack(&e) {
			return conflict("error.written_meanwhile", map[string]any{"Name": publicName(said.By)})
		}
	}
	return nil
}

// pick lets a person who works on a ticket that nobody has taken take it.
func (d *draft) pick(by Actor) {
	if d.by.Person() {
		d.clear()
	}
	if d.by.Person() && d.t.Assignee == "" && d.t.settled() == nil && by.May(Take, d.t) {
		d.happened(Event{Kind: EventTaken, Staff: d.by.ID})
	}
}

// nameOf is how the ledger last named somebody of the staff.
func (t *Ticket) nameOf(id string) string {
	for _, e := range slices.Backward(t.Entries) {
		if e.By.Kind == ByStaff && e.By.ID == id && e.By.Name != "" {
			return e.By.Name
		}
	}
	return id
}

// reopenable returns an error if too much time has passed since the ticket was
// closed.
func (t *Ticket) reopenable(now time.Time) error {
	if until := t.Reopens(); !until.IsZero() && now.After(until) {
		return invalid("", "error.closed_long_ago", nil)
	}
	return nil
}

// ReopenDays are the days after its closing in which a ticket can be reopened.
const ReopenDays = 14
