package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What can happen to whose a ticket is.
const (
	EventGiven     EventKind = "given"      // it is somebody else's now
	EventGivenBack EventKind = "given_back" // it is theirs again whose it was
	EventForgotten EventKind = "forgotten"  // the words of somebody whose it was
)

// A Giving is that a ticket became somebody else's: whose it was, and what of it hung
// on them.
type Giving struct {
	From           Requester
	Seq            int // of the entry that says so
	By             ActorRef
	At             time.Time
	Reason         string
	Correction     *Address
	LinkGeneration int
	Zone           string
	Held           time.Time
	Questions      []Question // that they were asked
}

// A GiveCommand says whose a ticket is from now on, and why.
type GiveCommand struct {
	Name, Email, Phone string
	Reason             string // for staff
	Seen               int
}

// Give makes a ticket somebody else's. What was said stays, and the new requester reads
// the public part of it; the links that are out open nothing any more, and the new
// address is proved as any other. Its receipt says nothing that anybody typed.
func (t *Ticket) Give(c GiveCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	switch {
	case t.Doubt != "":
		return Change{}, conflict("error.give_doubt", nil)
	case t.State == Closed:
		return Change{}, conflict("error.give_closed", nil)
	case len(t.Joined) > 0: // whose requester waits for an answer here
		return Change{}, conflict("error.give_joined", map[string]any{"Number": t.Joined[0].Number})
	}
	r, err := requester(OpenCommand{Name: c.Name, Email: c.Email, Phone: c.Phone}, false)
	if err != nil {
		return Change{}, err
	}
	if t.Requester.same(*r) {
		return Change{}, invalid("email", "error.give_same", nil)
	}
	reason, err := wanted("reason", c.Reason, "error.give_reason", MaxLine)
	if err != nil {
		return Change{}, err
	}
	if err := t.unread(c.Seen, by.Ref()); err != nil {
		return Change{}, err
	}
	for _, e := range t.Entries {
		if c.Seen > 0 && e.Seq > c.Seen && e.Event != nil && (e.Event.Kind == EventGiven || e.Event.Kind == EventGivenBack) {
			return Change{}, conflict("error.given_meanwhile", nil)
		}
	}
	was := t.Requester
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventGiven, Requester: r, Reason: reason})
	d.letter(Letter{Kind: ReceiptLetter}, LetterArgs{Given: true})
	d.farewell(was)
	return d.change()
}

// GiveBack makes a ticket theirs again whose it was before. All is as it was for them:
// what they had opens it, and what was said meanwhile with somebody else they do not
// read.
func (t *Ticket) GiveBack(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.readable(by); err != nil {
		return Change{}, err
	}
	if !t.Erased.IsZero() {
		return Change{}, conflict("error.give_erased", nil)
	}
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	if len(t.Given) == 0 {
		return Change{}, conflict("error.not_given", nil)
	}
	g := t.Given[len(t.Given)-1]
	for _, j := range t.Joined {
		if j.At.After(g.At) { // it is of who has this one now
			return Change{}, conflict("error.give_joined", map[string]any{"Number": j.Number})
		}
	}
	switch age := stamp(now).Sub(g.At); {
	case g.From.unknown():
		return Change{}, conflict("error.give_erased", nil)
	case age > UndoDays*24*time.Hour:
		return Change{}, conflict("error.give_long_ago", map[string]any{"Days": UndoDays})
	}
	was := t.Requester
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventGivenBack})
	if g.From.Verified && d.now.Sub(g.At) >= moveDelay { // else they were told nothing
		d.letter(Letter{Kind: RegainedLetter}, LetterArgs{})
	}
	d.farewell(was)
	asked := slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Seq > g.Seq && e.Event != nil && e.Event.Kind == EventAsked })
	if asked && d.t.State == WaitCustomer && len(d.t.Questions) == 0 { // for who is asked no more
		d.happened(Event{Kind: EventResumed})
	}
	return d.change()
}

// farewell tells somebody that the ticket is not theirs any more, and not whose it is.
// Only who reads mail at the address is told, for they may wait for an answer. An
// address that nobody proved may be a stranger's, who would learn of something that
// they never wrote.
func (d *draft) farewell(was Requester) {
	if was.Email == "" || !was.Verified || d.t.Doubt != "" {
		return
	}
	d.letters = append(d.letters, Letter{
		ID: d.ids(), Kind: GivenLetter, Ticket: d.t.ID, To: was.Email, Lang: d.t.Lang,
		NotBefore: d.now.Add(moveDelay), // so that a mistake is mended before
		Args:      LetterArgs{Number: d.t.Number, Recipient: was.Email, Path: "/" + d.t.Lang + "/contact"},
	})
}

// same says whether two are one person, as far as that is known.
func (r Requester) same(o Requester) bool {
	if (&Ticket{Requester: r}).SameRequester(&Ticket{Requester: o}) {
		return true
	}
	return r.Email+o.Email+r.Phone+o.Phone == "" && strings.EqualFold(r.Name, o.Name)
}

// unknown says that nothing is known of who it was: it was erased.
func (r Requester) unknown() bool { return r.Name == "" && r.Email == "" && r.Phone == "" }

// given applies whose a ticket is.
func (t *Ticket) given(e Entry) error {
	zone, held := t.Zone, t.Held
	t.Zone, t.Held = "", time.Time{} // of whose it was
	if e.Event.Kind == EventGivenBack {
		n := len(t.Given) - 1
		if n < 0 {
			return fmt.Errorf("given back, and was not given")
		}
		g := t.Given[n]
		t.Requester, t.Correction, t.LinkGeneration, t.Zone = g.From, g.Correction, g.LinkGeneration, g.Zone
		if t.Silent() {
			t.Held = g.Held
		}
		t.askedBack(g)
		if t.Given = slices.Clip(t.Given[:n]); n == 0 {
			t.Given = nil
		}
		return nil
	}
	if e.Event.Requester == nil {
		return fmt.Errorf("given to nobody")
	}
	t.Given = append(t.Given, Giving{t.Requester, e.Seq, e.By, e.At, e.Event.Reason, t.Correction, t.LinkGeneration, zone, held, slices.Clone(t.Questions)})
	t.Requester, t.Correction = *e.Event.Requester, nil
	t.LinkGeneration = e.Seq // no generation before was as high
	return nil
}

// askedBack leaves of the open questions those that somebody was asked whose ticket it is
// again.
func (t *Ticket) askedBack(g Giving) {
	var list []Question
	for _, q := range g.Questions {
		if slices.ContainsFunc(t.Questions, func(o Question) bool { return o.Key == q.Key }) {
			list = append(list, q)
		}
	}
	t.Questions = list
}

// A Tenure is the time in which a ticket was of one person: theirs it may become again.
type Tenure struct {
	Requester        // as they were known last
	First     bool   // they opened it
	Now       bool   // it is theirs
	Undone    bool   // it was theirs by mistake
	From      int    // the first entry
	ticket    string // id
	emails    []string
	new       string       // address that waits
	entries   map[int]bool // by Seq
}

// Has says whether an entry was made in that time.
func (n *Tenure) Has(seq int) bool { return n.entries[seq] }

// Tenures returns whose a ticket was, the first first; nil while it was of one person
// alone.
func (t *Ticket) Tenures() []*Tenure {
	var all, stack []*Tenure
	begin := func(e Entry) {
		n := &Tenure{First: e.Seq == 1, From: e.Seq, ticket: t.ID, entries: map[int]bool{}}
		if e.Event.Requester != nil {
			n.Requester = *e.Event.Requester
		}
		n.emails = append(n.emails, n.Email)
		all, stack = append(all, n), append(stack, n)
	}
	if !slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Event != nil && e.Event.Kind == EventGiven }) {
		return nil
	}
	for _, e := range t.Entries {
		if e.Event != nil {
			switch ev := e.Event; ev.Kind {
			case EventOpened, EventGiven:
				begin(e)
			case EventGivenBack:
				n := len(stack) - 1
				stack[n].Undone, stack = true, stack[:n]
			case EventVerified:
				stack[len(stack)-1].Verified = true
			case EventProposed:
				if ev.Address != nil {
					stack[len(stack)-1].new = ev.Address.Email
				}
			case EventCorrected:
				n := stack[len(stack)-1]
				n.Email, n.Verified = n.new, true
				n.emails = append(n.emails, n.new)
			}
		}
		stack[len(stack)-1].entries[e.Seq] = true
	}
	stack[len(stack)-1].Now = true
	return all
}

// byTimeAlone begins the key of who left nothing but a name, which others may have too: they
// are told from others by that time alone.
const byTimeAlone = "who:"

// Key is [Requester.Key]. Of who left neither address nor number, and has the ticket no
// more, it is one of that time; of who was erased it is empty.
func (n *Tenure) Key() string {
	key := n.Requester.Key()
	if key == "" && !n.Now && !n.Requester.unknown() {
		key = strings.ToLower(fmt.Sprintf("%s%s/%d", byTimeAlone, n.ticket, n.From))
	}
	return key
}

// Was says whether somebody is meant, who had an address, or the [Tenure.Key], in that
// time.
func (n *Tenure) Was(who string) bool {
	return n.Key() != "" && n.Key() == strings.ToLower(strings.TrimSpace(who)) || slices.ContainsFunc(n.emails, func(e string) bool { return (Requester{Email: e}).is(who) })
}

// Forget takes out of a ticket what somebody said, and what was said to and about them,
// while it was theirs; it is somebody else's now, and what is theirs stays. What was known
// by their words goes too, where others repeat it. Who looks reads that something was
// taken out, and nobody can give it back. Who is an address, or a [Tenure.Key].
//
// As with [Ticket.Erase], the store puts the holes in the place of what was there.
func (t *Ticket) Forget(who string, by Actor, ids func() string, now time.Time) (Change, error) {
	if by.Ref().Kind != BySystem {
		if err := t.staffMay(by, EraseWords); err != nil {
			return Change{}, err
		}
	}
	tenures := t.Tenures()
	gone := func(n *Tenure) bool { return !n.Now && n.Was(who) }
	theirs := func(e Entry) bool { return e.of(who) }
	if !slices.ContainsFunc(tenures, gone) && !slices.ContainsFunc(t.Entries, theirs) {
		return Change{Ticket: *t}, nil
	}
	entries := Ledger(t.Entries)
	asked := map[string]bool{} // ids of what others were asked about them
	for i, e := range entries {
		if theirs(e) || asked[e.answers()] {
			entries[i] = e.hole()
		}
		for _, n := range tenures {
			switch {
			case gone(n) && n.Has(e.Seq):
				entries[i] = e.hole()
				if id := e.asks(); id != "" {
					asked[id] = true
				}
			case n.From == e.Seq && e.Seq > 1: // why it was given on may be about who is gone
				ev := *e.Event
				ev.Reason, ev.Hole = "", true
				entries[i].Event = &ev
			}
		}
	}
	repeated(Ledger(t.Entries), entries)
	left, err := Rebuild(entries)
	if err != nil {
		return Change{}, err
	}
	d := left.draft(by, ids, now)
	d.happened(Event{Kind: EventForgotten})
	return d.change()
}

// asks returns the id of what others are asked by an entry; empty: nothing.
func (e *Entry) asks() string {
	switch ev := e.Event; {
	case ev == nil:
	case ev.Kind == EventConsulted:
		return ev.Consult.ID
	case ev.Kind == EventOffered:
		return ev.Handoff.ID
	case ev.Kind == EventTaskOpened:
		return ev.Other.Ticket
	}
	return ""
}

// answers returns the id of what an entry answers in words; empty: nothing.
func (e *Entry) answers() string {
	switch ev := e.Event; {
	case ev == nil:
	case ev.Kind == EventAdvised:
		return ev.ConsultID
	case ev.Kind == EventRefused:
		return ev.HandoffID
	case ev.Kind == EventTaskAnswered:
		return ev.Other.Ticket
	}
	return ""
}

// repeated takes out of left what others repeat of what was known by words that are holes
// there; was is what was there before.
func repeated(was, left []Entry) {
	hole := map[string]bool{}
	lost := map[string]string{} // values, by their keys
	forgetful := func(questions []Question) ([]Question, bool) {
		questions = slices.Clone(questions)
		found := false
		for i, q := range questions {
			if q.Was != "" && strings.EqualFold(q.Was, lost[q.Key]) {
				questions[i].Was, found = "", true
			}
		}
		return questions, found
	}
	for i := range left {
		e, ev := &left[i], was[i].Event
		hole[e.ID] = e.Event != nil && e.Event.Hole
		if ev == nil {
			continue
		}
		if f := ev.Fact; f != nil {
			if ev.Kind == EventFact {
				if delete(lost, f.Key); hole[e.ID] || hole[f.Source] {
					lost[f.Key] = f.Value
				}
			}
			if !hole[e.ID] && lost[f.Key] != "" && lost[f.Key] == f.Value {
				*e, hole[e.ID] = e.hole(), true
			}
			continue
		}
		if hole[e.ID] {
			continue
		}
		n := *ev
		var asked, told bool
		n.Questions, asked = forgetful(ev.Questions)
		if o := ev.Origin; o != nil {
			c := *o
			c.Questions, told = forgetful(o.Questions)
			n.Origin = &c
		}
		if asked || told {
			e.Event = &n
		}
	}
}
