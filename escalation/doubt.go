package escalation

import (
	"slices"
	"time"
)

// A Doubt says whether a ticket may be spam. It is beside the ticket's state: what
// is in doubt keeps its number, its place and its words, but is in no queue that
// people work through and in no figure, and nobody is written to about it.
type Doubt string

// The doubts; a ticket without one is empty here.
const (
	Suspected Doubt = "suspected" // a person has to look
	Spam      Doubt = "spam"      // a person looked, and set it aside
	Merged    Doubt = "merged"    // no doubt of its own: it goes on in another ticket
)

// SpamRule names the rule that suspects, in the ledger.
const SpamRule = "spam"

// UndoDays are the days in which what was set aside can be taken back.
const UndoDays = 30

// SetAside marks a ticket as spam, on sight of what it says. Nothing is deleted.
// Who set it aside twice did it once.
func (t *Ticket) SetAside(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if t.Doubt == Spam {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventSpam})
	return d.change()
}

// Clear says that a ticket is no spam. Its requester gets the receipt that was
// kept back when it was suspected at its opening.
func (t *Ticket) Clear(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if t.Doubt == "" {
		return Change{Ticket: *t}, nil
	}
	if t.Doubt == Spam && stamp(now).Sub(t.Doubted) > UndoDays*24*time.Hour {
		return Change{}, conflict("error.spam_long_ago", map[string]any{"Days": UndoDays})
	}
	happened := func(k EventKind) bool {
		return slices.ContainsFunc(t.Entries, func(e Entry) bool { return e.Event != nil && e.Event.Kind == k })
	}
	owed := happened(EventSuspected) && !happened(EventCleared)
	d := t.draft(by, ids, now)
	d.clear()
	if owed {
		d.letter(Letter{Kind: ReceiptLetter}, LetterArgs{})
	}
	return d.change()
}

// clear ends a doubt.
func (d *draft) clear() {
	if d.t.Doubt != "" {
		d.happened(Event{Kind: EventCleared})
	}
}

// heard lets a person look at what was set aside, when its requester says more.
func (t *Ticket) heard() {
	if t.Doubt == Spam {
		t.Doubt, t.Doubted = Suspected, time.Time{}
	}
}

// notSpam returns an error if the ticket was set aside as spam: it is taken
// back first.
func (t *Ticket) notSpam() error {
	if t.Doubt == Spam {
		return conflict("error.is_spam", nil)
	}
	return nil
}
