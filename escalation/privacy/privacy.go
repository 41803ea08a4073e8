// Package privacy answers who asks what a site knows about them, and who wants to be
// forgotten: what is held about a requester, a copy of it, and how it is taken out.
//
// Who was asked about is noted only as a keyed hash, so that the note of an erasure
// does not keep what was erased.
package privacy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
)

// A Holding is what is held about a requester, counted.
type Holding struct {
	Who      string // as somebody looked for them: an address, or the number of a ticket without one
	Email    string // empty: nobody knows an address
	Key      string // [escalation.Requester.Key], or [escalation.Tenure.Key]
	Tickets  []Held // newest first
	Messages int    // public entries
	Notes    int
	Files    int
	Bytes    int64 // of the files
	Letters  int
	Journeys int // that are joined to the tickets, or of the same visitor
	Searches int // on them
	Answers  int // articles that answered these
	// Corrections are what they said should change in articles.
	Corrections int
	// Subscriptions are answers that they want to be told of.
	Subscriptions int
}

// Held is a ticket of a requester.
type Held struct {
	ID, Number, Subject string
	State               escalation.State
	Doubt               escalation.Doubt
	Opened              time.Time
	Former              bool // it is somebody else's now
	Task                bool // what others did for one of them
}

// Open returns the tickets for which somebody still has to do something.
func (h Holding) Open() []Held {
	var open []Held
	for _, t := range h.Tickets {
		if !t.Former && (&escalation.Ticket{State: t.State, Doubt: t.Doubt}).InProgress() {
			open = append(open, t)
		}
	}
	return open
}

// None says that nothing is held.
func (h Holding) None() bool {
	return len(h.Tickets) == 0 && h.Letters == 0 && h.Corrections == 0 && h.Subscriptions == 0
}

// An ActKind says what was done with somebody's data.
type ActKind string

// The kinds of acts.
const (
	Exported ActKind = "export"
	Erased   ActKind = "erase"
	Expired  ActKind = "expire" // tickets that were older than the site keeps them
)

// An Act is something that was done with personal data.
type Act struct {
	ID      string
	Kind    ActKind
	Who     string // keyed hash of the address; empty: of many
	By      escalation.ActorRef
	Made    time.Time
	Done    time.Time // zero: not yet, or it was interrupted
	Taken   bool      // all but the bytes that remain was taken out
	Tickets int
	Files   int
	// Overwritten is when the place where it lay was; zero: not yet.
	Overwritten time.Time
	// Remains are bytes that could not be removed. While there are some, it is not done.
	Remains []Remains
}

// Remains are bytes of a file that nothing names any more.
type Remains struct {
	Hash  string    `json:"hash"`
	Since time.Time `json:"since"` // when they came
}

// Gone is what went with a ticket.
type Gone struct {
	Erased bool              // false: it was already
	Files  []evidence.Record // whose bytes may be left
	Tasks  []string          // ids of what others did for it, which speaks of the same
}

// A Store holds what is known.
type Store interface {
	Holding(ctx context.Context, email string) (Holding, error)
	// HoldingOf is Holding of whose the ticket with a number is, or was and left no
	// address. Has the ticket none, it is all that is known; is there none, nothing is held.
	HoldingOf(ctx context.Context, number string) (Holding, error)
	// Expired returns the ids of settled tickets that were touched last before a time.
	Expired(ctx context.Context, before time.Time, limit int) ([]string, error)
	// OldSpam returns those of tickets that were set aside and not touched since.
	OldSpam(ctx context.Context, before time.Time, limit int) ([]string, error)
	// EraseTicket applies what rule makes of a ticket, and takes out all that hangs
	// on it.
	EraseTicket(ctx context.Context, id string, rule func(escalation.Ticket) (escalation.Change, error)) (Gone, error)
	// EraseFormer applies what rule makes of a ticket that was somebody's, by their key,
	// and is somebody else's now, and takes out what hangs on that time.
	EraseFormer(ctx context.Context, id, who string, rule func(escalation.Ticket) (escalation.Change, error)) (Gone, error)
	// EraseAddress takes out what belongs to an address and to no ticket.
	EraseAddress(ctx context.Context, email string) error
	KnowsFile(ctx context.Context, hash string) (bool, error)
	// SaveAct keeps an act, or what it came to further.
	SaveAct(ctx context.Context, a Act) error
	// SettleAct notes that bytes of an act were removed, and, when it says so, that all
	// else was taken out. It is done at this time if it was not, and nothing is left.
	SettleAct(ctx context.Context, id string, taken bool, removed []Remains, at time.Time) error
	Acts(ctx context.Context, who string, limit int) ([]Act, error)
	// Undone returns the acts of one person that are not done; for nobody, those of all of
	// which bytes remain, and what expired and is not done.
	Undone(ctx context.Context, who string) ([]Act, error)

	TicketByID(ctx context.Context, id string) (escalation.Ticket, error)
	LettersTo(ctx context.Context, who string, tickets []string) ([]escalation.Delivery, error)
	JourneysOf(ctx context.Context, who string, tickets []string) ([]journey.Event, error)
	AnswersOf(ctx context.Context, who string, tickets []string) ([]learning.Answer, error)
	FilesOf(ctx context.Context, ticket string) ([]evidence.Record, error)
	CorrectionsOf(ctx context.Context, email string) ([]escalation.Correction, error)
	// SubscriptionsOf returns what they want to be told of.
	SubscriptionsOf(ctx context.Context, email string) ([]demand.Subscription, error)
}

// Bytes are where files lie.
type Bytes interface {
	// Remove removes the bytes of a hash, unless somebody knows them or they were put
	// there again since.
	Remove(ctx context.Context, hash string, since time.Time, known func(ctx context.Context, hash string) (bool, error)) error
}

// An Office does what requesters may ask for.
type Office struct {
	Store Store
	Files Bytes
	// Flush writes down what visitors did until now.
	Flush func(context.Context) error
	Key   []byte // of the hashes of addresses
	IDs   func() string
	Now   func() time.Time
}

// Who returns how acts name somebody, by an address or a number.
func (o *Office) Who(who string) string {
	mac := hmac.New(sha256.New, o.Key)
	mac.Write([]byte(fold(who)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Look returns what is held about who has an address, or who asked by the ticket with
// a number: callers may have left no address.
func (o *Office) Look(ctx context.Context, who string) (Holding, error) {
	number, ok := escalation.ParseNumber(who)
	email := ""
	if !ok {
		var err error
		if email, err = escalation.ParseEmail("email", who); err != nil {
			return Holding{}, &escalation.Error{Kind: escalation.Invalid, Field: "email", Reason: "error.whose", Err: err}
		}
	}
	if err := o.Flush(ctx); err != nil {
		return Holding{}, err
	}
	if ok {
		return o.Store.HoldingOf(ctx, number)
	}
	return o.Store.Holding(ctx, email)
}

// Erase takes out all that is held about somebody. Typed is what they were looked for
// by, as somebody wrote it to confirm. While tickets are open it is a Conflict, and
// nothing is taken out, unless open says that they are closed by this. What was
// interrupted is finished by it; bytes that cannot be removed are a Conflict too, and
// are tried again by [Office.Finish].
func (o *Office) Erase(ctx context.Context, who, typed string, open bool, by escalation.Actor) error {
	h, err := o.Look(ctx, who)
	if err != nil {
		return err
	}
	if fold(typed) != fold(h.Who) {
		return &escalation.Error{Kind: escalation.Invalid, Field: "confirm", Reason: "error.erase_confirm"}
	}
	if len(h.Open()) > 0 && !open {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.erase_open", Args: map[string]any{"Number": h.Open()[0].Number}}
	}
	undone, err := o.Store.Undone(ctx, o.Who(h.Who))
	if err != nil {
		return err
	}
	if h.None() && len(undone) == 0 {
		return &escalation.Error{Kind: escalation.Invalid, Field: "email", Reason: "error.nothing_held"}
	}
	if !h.None() {
		a := Act{ID: o.IDs(), Kind: Erased, Who: o.Who(h.Who), By: by.Ref(), Made: o.Now()}
		if err := o.take(ctx, &a, h.Tickets, h.Key, open, by); err != nil {
			return err
		}
		undone = append(undone, a)
	}
	if h.Email != "" {
		if err := o.Store.EraseAddress(ctx, h.Email); err != nil {
			return err
		}
	}
	return o.finish(ctx, undone, true)
}

// Finish removes bytes that earlier could not be removed, and ends what expired when that
// was interrupted: what was left of it is another act's. An erasure that was interrupted
// is not done by that: who it was about, whoever asks for it again says.
func (o *Office) Finish(ctx context.Context) error {
	undone, err := o.Store.Undone(ctx, "")
	if err != nil {
		return err
	}
	return o.finish(ctx, undone, false)
}

// finish removes the bytes that remain of acts, whose all else is taken out or may not be.
func (o *Office) finish(ctx context.Context, undone []Act, taken bool) error {
	var faults []error
	for _, a := range undone {
		var removed []Remains
		for _, r := range a.Remains {
			if err := o.Files.Remove(ctx, r.Hash, r.Since, o.Store.KnowsFile); err != nil {
				faults = append(faults, err)
			} else {
				removed = append(removed, r)
			}
		}
		over := taken || a.Kind == Expired && o.Now().Sub(a.Made) >= expireTime
		if err := o.Store.SettleAct(ctx, a.ID, over, removed, o.Now()); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.erase_remains", Err: errors.Join(faults...)}
	}
	return nil
}

// Expire takes the words out of settled tickets that were touched last before a time,
// and out of those set aside as spam before another, some at once. It returns how many.
func (o *Office) Expire(ctx context.Context, settled, spam time.Time) (int, error) {
	ids, err := o.Store.Expired(ctx, settled, expireAtOnce)
	if err != nil {
		return 0, err
	}
	more, err := o.Store.OldSpam(ctx, spam, expireAtOnce)
	if ids = append(ids, more...); err != nil || len(ids) == 0 {
		return 0, err
	}
	by := escalation.System{Rule: "retention"}
	a := Act{ID: o.IDs(), Kind: Expired, By: by.Ref(), Made: o.Now()}
	var tickets []Held
	for _, id := range ids {
		tickets = append(tickets, Held{ID: id})
	}
	err = o.take(ctx, &a, tickets, "", false, by)
	// The next one takes what this could not.
	return a.Tickets, errors.Join(err, o.finish(ctx, []Act{a}, true))
}

const (
	expireAtOnce = 100
	expireTime   = 10 * time.Minute // much longer than these take
)

// take erases tickets, but for the bytes of their files: these remain. One that cannot be
// erased holds up no other. The act is noted before: whoever finds it without an end knows
// that it has to be done again.
func (o *Office) take(ctx context.Context, a *Act, tickets []Held, who string, open bool, by escalation.Actor) error {
	if err := o.Store.SaveAct(ctx, *a); err != nil {
		return err
	}
	var faults []error
	for i := 0; i < len(tickets) && ctx.Err() == nil; i++ {
		held := tickets[i]
		var gone Gone
		var err error
		if held.Former {
			gone, err = o.Store.EraseFormer(ctx, held.ID, who, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Forget(who, by, o.IDs, o.Now())
			})
		} else {
			gone, err = o.Store.EraseTicket(ctx, held.ID, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Erase(open || held.Task, by, o.IDs, o.Now())
			})
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if gone.Erased {
			a.Tickets++
		}
		a.Files += len(gone.Files)
		for _, id := range gone.Tasks { // nothing else finds them any more
			tickets = slices.Insert(tickets, i+1, Held{ID: id, Task: true})
		}
		for _, f := range gone.Files {
			a.Remains = append(a.Remains, Remains{f.Hash, f.Created})
			if f.Thumb != "" {
				a.Remains = append(a.Remains, Remains{f.Thumb, f.Created})
			}
		}
		if gone.Erased || len(gone.Files) > 0 { // the rows of files are gone: else nobody would know of them
			if err := o.Store.SaveAct(ctx, *a); err != nil {
				return errors.Join(append(faults, err)...)
			}
		}
	}
	return errors.Join(append(faults, ctx.Err())...)
}
