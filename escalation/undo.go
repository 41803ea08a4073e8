package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/clock"
)

// UndoTime is how long a person can take back what they did last to a ticket. As long
// its letters wait, also those to colleagues, and its requester sees the ticket as it was:
// nothing that was sent to anybody is taken back.
const UndoTime = 10 * time.Second

// undoable are the events that a person can take back. Those that are false come along
// with others: what somebody took on the way, or said.
var undoable = map[EventKind]bool{
	EventTaken: true, EventReleased: true, EventAsked: true, EventAnswered: true, EventWaiting: true,
	EventOffered: true, EventSolved: true, EventTyped: true, EventSpam: true,
	EventCleared: false, EventFact: false,
}

// A Deed is what a person did last to a ticket, at one go, and can take back.
type Deed struct {
	By      ActorRef
	At      time.Time
	Entries []Entry // in their order, the last ones of the ticket
}

// Main is the entry that the deed is about: the words to the customer, else what it
// changed, not what was done on the way.
func (d *Deed) Main() Entry {
	main := d.Entries[len(d.Entries)-1]
	for _, e := range d.Entries {
		switch {
		case e.Kind == Public:
			return e
		case e.Event.Kind != EventTaken && undoable[e.Event.Kind]:
			main = e
		}
	}
	return main
}

// Left is how long the deed can be taken back; not positive when it is too late, or when
// the clock was set back since: for as long nobody would see what was said.
func (d *Deed) Left(now time.Time) time.Duration {
	left := d.At.Add(UndoTime).Sub(now)
	if left > 2*UndoTime {
		return 0
	}
	return left
}

// LastDeed returns what a person did last, nil when something happened since, or when
// it is nothing that can be taken back, at whatever time. What moved the ticket is not:
// it goes back by a handoff.
func (t *Ticket) LastDeed() *Deed {
	if len(t.Entries) < 2 || !t.Erased.IsZero() {
		return nil
	}
	last := t.Entries[len(t.Entries)-1]
	first, main := len(t.Entries), false
	for ; first > 1; first-- {
		e := &t.Entries[first-1]
		if e.By != last.By || !e.At.Equal(last.At) || e.Was != nil || e.Event != nil && e.Event.Kind == EventUndone {
			break
		}
		if e.Event == nil {
			return nil
		}
		is, ok := undoable[e.Event.Kind]
		if !ok || e.Event.Kind == EventSolved && e.Event.Result != "" { // tasks that ended stay so
			return nil
		}
		main = main || is
	}
	if !last.By.Person() || !main {
		return nil
	}
	return &Deed{last.By, last.At, t.Entries[first:]}
}

// Undo takes back what the actor did last, within [UndoTime]. The ticket and its clocks
// are as they were; what was said is a marked hole. Seen is the version that they left;
// 0 is not asked. Whoever takes it back twice did it once.
func (t *Ticket) Undo(seen int, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Read); err != nil {
		return Change{}, err
	}
	last := t.Entries[len(t.Entries)-1]
	if last.Event != nil && last.Event.Kind == EventUndone && last.By == by.Ref() && (seen <= 0 || seen == t.Version-1) {
		return Change{Ticket: *t}, nil
	}
	deed := t.LastDeed()
	switch {
	case deed == nil || deed.By != by.Ref() || seen > 0 && seen != t.Version:
		return Change{}, conflict("error.undo_meanwhile", nil)
	case deed.Left(stamp(now)) <= 0:
		return Change{}, conflict("error.undo_late", map[string]any{"Seconds": int(UndoTime / time.Second)})
	}
	d := t.draft(by, ids, now)
	d.add(Entry{Kind: Happened, Key: UndoneKey + deed.Main().ID, Event: &Event{Kind: EventUndone, About: deed.Entries[0].ID}})
	return d.change()
}

// UndoneKey begins the key of an entry that takes back another one, before its id.
const UndoneKey = "undone:"

// ForPublic returns the ticket as its requester may know it at a moment: without what can
// still be taken back.
func (t *Ticket) ForPublic(now time.Time) (Ticket, error) {
	deed := t.LastDeed()
	if deed == nil || deed.Left(now) <= 0 {
		return *t, nil
	}
	return Rebuild(t.Entries[:len(t.Entries)-len(deed.Entries)])
}

// Ledger returns entries as they were appended, also those that were taken back.
func Ledger(entries []Entry) []Entry {
	entries = slices.Clone(entries)
	for i := range entries {
		if was := entries[i].Was; was != nil {
			entries[i] = *was
		}
	}
	return entries
}

// undo applies an entry that takes back all since another one.
func (t *Ticket) undo(by Entry) error {
	first := slices.IndexFunc(t.Entries, func(e Entry) bool { return e.ID == by.Event.About })
	if first < 1 {
		return fmt.Errorf("nothing is taken back")
	}
	was, err := Rebuild(t.Entries[:first])
	if err != nil {
		return err
	}
	entries := slices.Clone(t.Entries)
	for i := first; i < len(entries); i++ {
		if entries[i].Was != nil {
			continue
		}
		e := entries[i]
		entries[i] = Entry{ID: e.ID, Seq: e.Seq, At: e.At, By: e.By, Kind: Happened, Was: &e}
	}
	clocks := t.Clocks
	for _, c := range slices.Backward(t.Clocks[len(was.Clocks):]) {
		clocks = append(clocks, clock.Event{At: by.At, Act: clock.Undo, Clock: c.Clock, Cause: string(EventUndone), Entry: by.Seq})
	}
	*t = was
	t.Clocks, t.Entries = clocks, entries
	return nil
}

// fresh returns the key of a form as the ledger keeps it. A form whose words were taken
// back may be sent again as it is.
func (t *Ticket) fresh(key string) string {
	for key != "" && slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Was != nil && e.Was.Key == key }) {
		key += anew
	}
	return key
}

// anew ends the key of a form that was sent again after it was taken back.
const anew = "+"

func sameKey(kept, sent string) bool { return kept != "" && strings.TrimRight(kept, anew) == sent }
