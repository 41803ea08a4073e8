package escalation

import (
	"fmt"
	"slices"
	"time"
)

// What can happen to single words of a ticket.
const (
	EventCarried   EventKind = "carried"    // words of this one stand in another
	EventReturned  EventKind = "returned"   // they stand here again
	EventBrought   EventKind = "brought"    // a word of another one stands here
	EventTakenBack EventKind = "taken_back" // such words stand where they were said again
)

// A Carriage is that words of one ticket stand in another one since somebody took them
// there: with all that they were, and without leaving the ledger in which they were said.
type Carriage struct {
	ID string // the same in both tickets
	Other
	Entries []string // ids, in the ticket that has this
	By      ActorRef
	At      time.Time
	Foreign bool // the two are of different people
	Split   bool // the other was made of them
}

// An Origin is where, when and by whom something was said that stands here now.
type Origin struct {
	Entry     string     `json:"entry"` // id
	Kind      EntryKind  `json:"kind"`
	By        ActorRef   `json:"by"`
	At        time.Time  `json:"at"`
	Questions []Question `json:"questions,omitempty"`
}

// MaxCarried is how many entries go at once.
const MaxCarried = 200

// A CarryCommand is what of a ticket goes to another one.
type CarryCommand struct {
	Entries []string // ids
	Others  bool     // somebody said that the other may be somebody else's
}

// Carry takes chosen entries to another ticket, with their files and the facts that come
// from them. A note stays a note. How both stand does not change: who is owed an answer
// is for who takes them there to say. It returns the changes of both, of the other last.
func (t *Ticket) Carry(c CarryCommand, into *Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if t.ID == into.ID {
		return nil, invalid("number", "error.carry_itself", nil)
	}
	if err := t.apartable(by); err != nil {
		return nil, err
	}
	number := map[string]any{"Number": into.Number}
	if on := into.Into; on != nil {
		return nil, invalid("number", "error.carry_on", map[string]any{"Number": into.Number, "On": on.Number})
	}
	if into.Parent != nil {
		return nil, invalid("number", "error.task_customer", map[string]any{"Number": into.Parent.Number})
	}
	if err := into.staffMay(by, Reply); err != nil {
		return nil, invalid("number", "error.carry_not_yours", number)
	}
	switch same := t.SameRequester(into); {
	case into.Doubt != "":
		return nil, invalid("number", "error.carry_doubt", nil)
	case into.State == Solved || into.State == Closed:
		return nil, invalid("number", "error.carry_done", number)
	case !same && !c.Others:
		return nil, invalid("others", "error.carry_person", number)
	case same && t.Requester.Verified && !into.Requester.Verified:
		return nil, invalid("number", "error.carry_unproved", number)
	}
	chosen, err := t.chosen(c.Entries)
	if err != nil {
		return nil, err
	}
	for _, e := range chosen {
		if e.Event != nil && e.Event.Kind == EventBrought && e.Event.Other.Ticket == into.ID {
			return nil, invalid("entries", "error.carry_back", number)
		}
	}
	d, on := t.draft(by, ids, now), into.draft(by, ids, now)
	d.carry(chosen, on, false, !t.SameRequester(into))
	return changes(d, on)
}

// A SplitCommand is what of a ticket becomes one of its own, what that is about, and
// whether it begins where the ticket is; else it begins with the General desk.
type SplitCommand struct {
	Entries []string
	Number  string // by [NewNumber]
	Subject string
	Here    bool
}

// Split makes a ticket of its own of chosen entries: of the same requester, with its own
// clocks. The requester is told once. It returns the changes of both, of the new one last.
func (t *Ticket) Split(c SplitCommand, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.apartable(by); err != nil {
		return nil, err
	}
	number, ok := ParseNumber(c.Number)
	if !ok {
		return nil, &Error{Kind: Fault, Reason: "error.number"}
	}
	chosen, err := t.chosen(c.Entries)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(chosen, func(e Entry) bool { return e.spoken().Kind == Public }) {
		return nil, invalid("entries", "error.split_notes", nil)
	}
	subject, err := wanted("subject", c.Subject, "error.subject_missing", MaxSubject)
	if err != nil {
		return nil, err
	}
	who, asks := by.Ref(), t.Requester
	ev := Event{
		Kind: EventOpened, Ticket: ids(), Number: number, Subject: subject, Requester: &asks, WrittenBy: &who,
		Lang: t.Lang, Channel: t.Channel, RequestType: t.RequestType, Desk: t.Desk, Team: Triage, Tier: 1, Other: t.other(),
	}
	if c.Here {
		ev.Team, ev.Tier = t.Team, t.Tier
	}
	d, on := t.draft(by, ids, now), (&Ticket{}).draft(by, ids, now)
	on.happened(ev)
	d.carry(chosen, on, true, false)
	on.letter(Letter{Kind: SplitLetter, NotBefore: on.now.Add(moveDelay)}, LetterArgs{Other: t.Number})
	return changes(d, on)
}

// apartable returns an error unless somebody may take words out of a ticket.
func (t *Ticket) apartable(by Actor) error {
	if err := t.staffMay(by, Reply); err != nil {
		return err
	}
	switch {
	case t.Doubt != "":
		return conflict("error.carry_doubt", nil)
	case t.State == Closed:
		return conflict("error.carry_closed", nil)
	}
	return nil
}

// carry takes entries from one draft's ticket to another's.
func (d *draft) carry(chosen []Entry, on *draft, split, foreign bool) {
	id := d.ids()
	out := Event{Kind: EventCarried, Carriage: id, Other: on.t.other(), Split: split, Foreign: foreign}
	copies := map[string]string{}
	for _, e := range chosen {
		out.Entries = append(out.Entries, e.ID)
		in := Event{Kind: EventBrought, Carriage: id, Other: d.t.other(), Split: split, Foreign: foreign, Origin: &Origin{Entry: e.ID, Kind: e.Kind, By: e.By, At: e.At}}
		if foreign {
			r := d.t.Requester
			in.Requester = &r
		}
		if ev := e.Event; ev != nil {
			in.Origin.Questions = ev.Questions
			if ev.Kind == EventBrought { // who said it, and when, stays
				o := *ev.Origin
				o.Entry = e.ID
				in.Origin = &o
				if ev.Foreign {
					in.Foreign, in.Requester = true, ev.Requester
				}
			}
		}
		copies[e.ID] = on.ids()
		on.add(Entry{ID: copies[e.ID], Kind: Happened, Text: e.Text, Files: e.Files, Event: &in})
	}
	for _, f := range d.t.Facts {
		source, comes := copies[f.Source]
		if _, known := on.t.Fact(f.Key); comes && !known {
			if f.Source = source; f.Judged != "" {
				f.Judged = source // that was made sure of there
			}
			on.happened(Event{Kind: EventFact, Fact: &f})
		}
	}
	d.happened(out)
}

// chosen returns the entries that are to go, in their order.
func (t *Ticket) chosen(entries []string) ([]Entry, error) {
	if len(entries) == 0 {
		return nil, invalid("entries", "error.carry_none", nil)
	}
	if len(entries) > MaxCarried {
		return nil, invalid("entries", "error.carry_many", map[string]any{"Max": MaxCarried})
	}
	may := t.Carriable()
	var list []Entry
	stays := false
	for _, e := range t.Entries {
		if !slices.Contains(entries, e.ID) {
			stays = stays || may[e.ID] && e.spoken().Kind == Public
			continue
		}
		if c := t.Away(e.ID); c != nil {
			return nil, conflict("error.carry_moved", map[string]any{"Number": c.Number})
		}
		if !may[e.ID] {
			return nil, invalid("entries", "error.carry_fixed", nil)
		}
		list = append(list, e)
	}
	switch {
	case len(list) < len(slices.Compact(slices.Sorted(slices.Values(entries)))):
		return nil, conflict("error.carry_gone", nil)
	case !stays:
		return nil, invalid("entries", "error.carry_all", nil)
	}
	return list, nil
}

// Carriable returns the ids of the entries that may go to another ticket: what was said,
// and stands here. What made the ticket what it is, a solution, stays.
func (t *Ticket) Carriable() map[string]bool {
	may := map[string]bool{}
	tenures := t.Tenures()
	away := t.AllAway()
	for i := range t.Entries {
		e := &t.Entries[i]
		if away[e.ID] != nil || !e.mere() {
			continue
		}
		if t.wentBack(e) {
			continue
		}
		may[e.ID] = true
		for _, n := range tenures {
			if n.Has(e.Seq) && !n.Now {
				delete(may, e.ID) // the words of somebody whose it is not
			}
		}
	}
	return may
}

// foreign says whether an entry has words of somebody else than whose the ticket is: who
// had it before, or from whose ticket they were brought.
func (t *Ticket) foreign(entry string) bool {
	i := slices.IndexFunc(t.Entries, func(e Entry) bool { return e.ID == entry })
	return i >= 0 && (t.Entries[i].Of() != nil || slices.ContainsFunc(t.Tenures(), func(n *Tenure) bool { return !n.Now && n.Has(t.Entries[i].Seq) }))
}

// mere says whether an entry is what somebody said, and no more.
func (e *Entry) mere() bool {
	ev := e.Event
	if ev == nil {
		return e.Kind != Happened
	}
	if ev.Hole || e.Text == "" && len(e.Files) == 0 && len(ev.Questions) == 0 && ev.Kind != EventBrought {
		return false
	}
	switch ev.Kind {
	case EventBrought:
		return true
	case EventOpened, EventReplied, EventAnswered, EventAsked, EventWaiting, EventReopened, EventMentioned, EventAdvised:
		return e.Kind != Happened
	}
	return false
}

// spoken returns where, when and by whom an entry was said first.
func (e *Entry) spoken() Origin {
	if e.Event != nil && e.Event.Origin != nil {
		return *e.Event.Origin
	}
	return Origin{Entry: e.ID, Kind: e.Kind, By: e.By, At: e.At}
}

// Spoken is the origin of an entry that was brought here; nil: it was said here.
func (e *Entry) Spoken() *Origin {
	if e.Event == nil {
		return nil
	}
	return e.Event.Origin
}

// Away returns how an entry went to another ticket; nil: it is here.
func (t *Ticket) Away(entry string) *Carriage {
	for i := range t.Carried {
		if slices.Contains(t.Carried[i].Entries, entry) {
			return &t.Carried[i]
		}
	}
	return nil
}

// AllAway is Away of all entries, by their ids.
func (t *Ticket) AllAway() map[string]*Carriage {
	all := map[string]*Carriage{}
	for i := range t.Carried {
		for _, id := range t.Carried[i].Entries {
			all[id] = &t.Carried[i]
		}
	}
	return all
}

func (t *Ticket) brought(carriage string) *Carriage {
	if i := slices.IndexFunc(t.Brought, func(c Carriage) bool { return c.ID == carriage }); i >= 0 {
		return &t.Brought[i]
	}
	return nil
}

// wentBack says whether an entry was brought here, and stands again where it was said.
func (t *Ticket) wentBack(e *Entry) bool {
	return e.Event != nil && e.Event.Kind == EventBrought && t.brought(e.Event.Carriage) == nil
}

// Uncarry takes entries back to where they were said. A ticket that was made of them
// goes on in this one again, with all that was said there since: nothing is lost, and the
// requester is told, if they were told of the new one.
func (t *Ticket) Uncarry(carriage string, on *Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.readable(by); err != nil {
		return nil, err
	}
	if !t.Erased.IsZero() || !on.Erased.IsZero() {
		return nil, conflict("error.carry_erased", nil)
	}
	if err := t.staffMay(by, Reply); err != nil {
		return nil, err
	}
	made := on.SplitFrom != nil && on.SplitFrom.ID == carriage
	untaken := made && (on.SplitFrom.By.ID == by.Ref().ID || on.Owner == "" && on.Assignee == "")
	if err := on.staffMay(by, Reply); err != nil && (!untaken || KindOf(err) != Forbidden) { // who split it may undo that, wherever it began
		return nil, err
	}
	i := slices.IndexFunc(t.Carried, func(c Carriage) bool { return c.ID == carriage && c.Other.Ticket == on.ID })
	there := on.brought(carriage)
	if i < 0 || there == nil {
		return nil, conflict("error.not_carried", nil)
	}
	c := t.Carried[i]
	switch {
	case t.Doubt != "" || on.Doubt != "":
		return nil, conflict("error.carry_doubt", nil)
	case stamp(now).Sub(c.At) > UndoDays*24*time.Hour:
		return nil, conflict("error.carry_long_ago", map[string]any{"Days": UndoDays})
	case !c.Foreign && !t.Requester.same(on.Requester):
		return nil, conflict("error.carry_given", map[string]any{"Number": on.Number})
	}
	for _, e := range slices.Concat(t.Entries, on.Entries) {
		if (slices.Contains(c.Entries, e.ID) || slices.Contains(there.Entries, e.ID)) && e.Event != nil && e.Event.Hole {
			return nil, conflict("error.carry_erased", nil)
		}
	}
	for _, id := range there.Entries {
		if further := on.Away(id); further != nil {
			return nil, conflict("error.carry_further", map[string]any{"Number": on.Number, "On": further.Number})
		}
	}
	passed := t.passed(carriage)
	owed := on.Turn() == Ours && slices.ContainsFunc(on.Entries, func(e Entry) bool {
		switch o := e.spoken(); {
		case o.Kind != Public || o.By.Kind != ByRequester:
			return false
		case e.Spoken() == nil:
			return made // else it stays there
		}
		return passed && slices.Contains(there.Entries, e.ID)
	})
	if owed && (t.State == Solved || t.State == Closed) {
		return nil, conflict("error.split_owed", map[string]any{"Number": on.Number})
	}
	d, o := t.draft(by, ids, now), on.draft(by, ids, now)
	d.happened(Event{Kind: EventReturned, Carriage: carriage, Other: on.other(), Owed: owed && !made})
	o.happened(Event{Kind: EventTakenBack, Carriage: carriage, Other: t.other()})
	if !made {
		return changes(d, o)
	}
	if on.Correction != nil {
		o.happened(Event{Kind: EventDropped})
	}
	o.happened(Event{Kind: EventMerged, Other: t.other()})
	d.happened(Event{Kind: EventJoined, Other: on.other(), Owed: owed})
	if d.now.Sub(c.At) >= moveDelay { // else the letter about the split was not sent
		d.letter(Letter{Kind: MergedLetter}, LetterArgs{Other: on.Number})
	}
	return changes(d, o)
}

// passed says whether we gave the turn away after words went to another ticket: what was
// said to do so answers them not.
func (t *Ticket) passed(carriage string) bool {
	went := slices.IndexFunc(t.Entries, func(e Entry) bool {
		return e.Event != nil && e.Event.Kind == EventCarried && e.Event.Carriage == carriage
	})
	return slices.ContainsFunc(t.Entries[went+1:], func(e Entry) bool {
		return e.Event != nil && (e.Event.Kind == EventAsked || e.Event.Kind == EventWaiting || e.Event.Kind == EventSolved)
	})
}

// Unsplit says whether the ticket was made of another one's words, and they went back.
func (t *Ticket) Unsplit() bool { return t.SplitFrom != nil && t.brought(t.SplitFrom.ID) == nil }

// carried applies that words went to another ticket, or back.
func (t *Ticket) carried(e Entry) error {
	ev := e.Event
	if ev.Other == nil || ev.Carriage == "" {
		return fmt.Errorf("%s, and no other ticket", ev.Kind)
	}
	c := Carriage{ev.Carriage, *ev.Other, ev.Entries, e.By, e.At, ev.Foreign, ev.Split}
	without := func(list []Carriage) []Carriage {
		if list = slices.DeleteFunc(slices.Clone(list), func(c Carriage) bool { return c.ID == ev.Carriage }); len(list) == 0 {
			return nil
		}
		return list
	}
	switch ev.Kind {
	case EventCarried:
		t.Carried = append(t.Carried, c)
	case EventReturned:
		t.Carried = without(t.Carried)
		if ev.Owed && t.State != New {
			t.ours()
		}
	case EventBrought:
		if ev.Origin == nil {
			return fmt.Errorf("brought from nowhere")
		}
		there := t.brought(c.ID)
		if there == nil {
			t.Brought = append(t.Brought, c)
			there = &t.Brought[len(t.Brought)-1]
			if ev.Split {
				t.SplitFrom = &c
			}
		}
		there.Entries = append(slices.Clip(there.Entries), e.ID)
		return nil
	case EventTakenBack:
		t.Brought = without(t.Brought)
	}
	t.learn()
	return nil
}

// gone says of each entry whether its words stand elsewhere: nothing is known by them here.
func (t *Ticket) gone() map[string]bool {
	away := t.AllAway()
	gone := map[string]bool{}
	for _, e := range t.Entries {
		gone[e.ID] = away[e.ID] != nil || t.wentBack(&e)
	}
	return gone
}

// learn collects the facts anew, of what stands here.
func (t *Ticket) learn() {
	gone := t.gone()
	questions := slices.Clone(t.Questions)
	t.Facts, t.Earlier = nil, nil
	for _, e := range t.Entries {
		if e.Event == nil || e.Event.Fact == nil || e.Event.Hole {
			continue
		}
		switch e.Event.Kind {
		case EventFact:
			if !gone[e.Event.Fact.Source] {
				t.know(*e.Event.Fact, e.ID)
			}
		case EventAffirmed:
			t.judge(e, Confirmed)
		case EventDisputed:
			t.judge(e, Disputed)
		}
	}
	t.Questions = questions
}

// Devices returns what two or more devices are called in a ticket, the first first, and
// where the later ones were named: a ticket is about one. A number that somebody mended
// is that of one device.
func (t *Ticket) Devices() (names []string, entries []string) {
	may := t.Carriable()
	seen := map[string][]string{}
	for _, e := range t.Entries {
		if e.Event == nil || e.Event.Kind != EventFact || e.Event.Hole || e.Event.Fact.State != Given {
			continue
		}
		f := e.Event.Fact
		if f.Key != "imei" && f.Key != "serial" || !may[f.Source] || slices.Contains(seen[f.Key], f.Value) {
			continue
		}
		if seen[f.Key] = append(seen[f.Key], f.Value); len(seen[f.Key]) > 1 && !slices.Contains(entries, f.Source) {
			entries = append(entries, f.Source)
		}
	}
	for _, key := range []string{"imei", "serial"} {
		if len(seen[key]) > 1 {
			names = append(names, seen[key]...)
		}
	}
	return names, entries
}

// Of returns whose words an entry has that was taken here from a ticket of somebody else;
// nil: it is none.
func (e *Entry) Of() *Requester {
	if e.Event == nil || e.Event.Kind != EventBrought || !e.Event.Foreign {
		return nil
	}
	return e.Event.Requester
}

// of says whether an entry has words of somebody else, who has an address or a
// [Requester.Key].
func (e *Entry) of(who string) bool {
	r := e.Of()
	return r != nil && r.is(who)
}

// Share returns what of a ticket was said by and to somebody, if it was of several people:
// while it was theirs, or where they said it first. Of others it is all. Who is an address
// or a [Tenure.Key]; empty: who has the ticket.
func (t *Ticket) Share(who string) []Entry {
	tenures := t.Tenures()
	if tenures == nil && !slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Of() != nil }) {
		return t.Entries
	}
	var share []Entry
	for _, e := range t.Entries {
		is := e.of(who)
		if e.Of() == nil {
			is = tenures == nil && (who == "" || t.Requester.is(who))
			for _, n := range tenures {
				is = is || n.Has(e.Seq) && (n.Was(who) || n.Now && who == "")
			}
		}
		if is {
			share = append(share, e)
		}
	}
	return share
}
