// Package escalation is what happens when reading is not enough: a question
// becomes a [Ticket], people answer it, hand it up and down the tiers, and
// settle it.
//
// A rule is a pure method of Ticket: it takes who acts, what they ask for and
// the time, and returns a [Change] or an [Error]. A change consists of entries,
// which are only ever appended: the ticket is what they add up to ([Rebuild]).
// The package opens no database, sends no letter and knows no page.
package escalation

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"primalinea/escalation/clock"
)

// A State is where a ticket stands. One public word per state.
type State string

// The states of a ticket.
const (
	New          State = "new"           // our turn: nobody has taken it
	Open         State = "open"          // our turn
	WaitCustomer State = "wait_customer" // the customer's turn: we asked something
	WaitOther    State = "wait_other"    // the turn of a named party, until a date
	Solved       State = "solved"        // the customer's turn: is it?
	Closed       State = "closed"        // nobody's turn
)

// A Turn says who has to act next.
type Turn string

// Whose turn it is.
const (
	Ours    Turn = "us"
	Theirs  Turn = "customer"
	Partys  Turn = "party"
	Nobodys Turn = "nobody"
)

// A Channel is how a question reached us.
type Channel string

// The channels of a ticket.
const (
	Web   Channel = "web"
	API   Channel = "api"
	Phone Channel = "phone"
	Visit Channel = "visit"
	Paper Channel = "letter"
	// CallBack is a visitor's wish to be called.
	CallBack Channel = "call_back"
)

// A Ticket is one matter of one requester. It is what its entries add up to,
// and is changed only by appending to them.
type Ticket struct {
	ID      string
	Number  string // 8 random Crockford-32 characters, for people
	Version int    // number of entries that were applied; guards against lost updates

	Subject     string
	Requester   Requester
	Lang        string // of the requester: of letters and of their page
	Zone        string // IANA, of the requester's clocks; empty while nobody knows
	Channel     Channel
	RequestType string // empty until somebody says
	Desk        int    // version of the desk under which it got its type, and its promises; 0 for older ones
	Journey     string // id of the journey that led here; empty when there is none
	Impact      Degree // with Urgency, its priority; empty while neither was said
	Urgency     Degree
	Weighed     bool      // somebody said so, not its kind
	Ranked      time.Time // when its priority became what it is; zero: it was never another
	Opened      time.Time
	Updated     time.Time // of the last entry

	State    State
	Party    string    // whom WaitOther waits for
	Until    time.Time // how long WaitOther waits, or when we hope for an answer
	Held     time.Time // until when the customer needs, if they said so
	Team     string    // id
	Tier     int       // 1 to 3
	Owner    string    // staff id; empty while the General desk answers for it
	Assignee string    // staff id; empty while nobody works on it

	HighestTier int
	SolvedTier  int // 0 until it was solved
	Solution    *Solution
	Unanswered  bool     // solved because nothing was heard; its questions are still open
	Ratings     []Rating // of the solutions that it had
	Reopened    int
	Bounces     int  // refusals and returns since the last public answer of ours
	Frozen      bool // three bounces: the lead decides

	Questions []Question // open ones, that the customer was asked
	Facts     []Fact
	Earlier   []Fact // that others took the place of, oldest first
	Steps     []Step
	Handoffs  []Handoff // oldest first; only the last may be pending
	Consults  []Consult // oldest first
	Marks     []Mark    // what the automatic rules noted
	Alarms    []Alarm   // oldest first; only the last may be open
	Trail     *Trail    // what the requester searched and read before; nil when left out

	Doubt      Doubt     // whether it may be spam; beside its state
	Doubted    time.Time // when it was set aside as spam
	Correction *Address  // of the requester, as staff proposed it; nil when nothing waits

	Into   *Join  // where it goes on; nil when that is here
	Joined []Join // those that go on here, oldest first

	Problem  *Known   // that it has in common with others; nil: none that is known
	Given    []Giving // whose it was before, the first first
	Follows  *Other   // the closed one whose requester wrote again; nil: none
	Followed []Other  // those that follow this one

	Carried   []Carriage // what of it stands in others, oldest first
	Brought   []Carriage // what of others stands here
	SplitFrom *Carriage  // what it was made of; nil: it was opened by itself

	Parent *Other     // of a task: the ticket that it is for
	Wanted time.Time  // of a task: by when its answer is wanted; zero: nobody said
	Result TaskResult // of a task that is over
	Tasks  []Task     // that others do for this one, oldest first

	Erased time.Time // when all that somebody said was taken out; zero: it is there

	LinkGeneration int // raising it revokes the links that are out
	Entries        []Entry

	Clocks  clock.Ledger // what the entries did to its clocks
	Running []clock.Kind // those that run, or would if nothing was waited for
}

// A Requester is who asks. Verified means that a letter to the address was
// answered by its link; before, letters repeat nothing that was typed.
type Requester struct {
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"` // empty for a caller without one
	Phone    string `json:"phone,omitempty"`
	Verified bool   `json:"verified,omitempty"`
}

// Key tells a requester from others, as far as that is known: by their address, or by
// their number where there is none. It is empty where there is neither.
func (r Requester) Key() string {
	if email := strings.ToLower(strings.TrimSpace(r.Email)); email != "" {
		return email
	}
	if n := digits(r.Phone); n != "" {
		return "tel:" + n
	}
	return ""
}

// is says whether somebody is meant, by an address or a key.
func (r Requester) is(who string) bool {
	return r.Key() != "" && r.Key() == strings.ToLower(strings.TrimSpace(who))
}

// RequesterHash returns a keyed hash of the requester, so that people can be told
// apart without keeping who they are. Who left neither address nor number is told by
// this ticket alone.
func (t *Ticket) RequesterHash(key []byte) string {
	who := cmp.Or(t.Requester.Email, t.Requester.Phone, t.ID)
	h := hmac.New(sha256.New, key)
	h.Write([]byte("requester\x00" + strings.ToLower(strings.TrimSpace(who))))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// A Solution is how a ticket was settled.
type Solution struct {
	Article string    `json:"article,omitempty"` // key of the article that answers it
	Made    bool      `json:"made,omitempty"`    // an article is to be made of it
	Reason  string    `json:"reason,omitempty"`  // why none
	Entry   string    `json:"entry"`             // id of the public entry with the answer
	By      ActorRef  `json:"by"`
	At      time.Time `json:"at"`
}

// A Question is something named that we need from the customer, and why.
type Question struct {
	Key  string `json:"key"` // of the fact that answers it
	Text string `json:"text"`
	Why  string `json:"why"`

	// Again says why it is asked although it was answered: Outdated or Disputed.
	// Was is the answer we had, if the customer may know it.
	Again string `json:"again,omitempty"`
	Was   string `json:"was,omitempty"`
}

// The reasons for asking again. The catalog says them as "again.<reason>".
const (
	Outdated = "outdated"
	Disputed = "disputed"
)

// A Trail is what the requester did before asking. It is shown to them before
// it is sent, and every tier sees it.
type Trail struct {
	Moments []Moment `json:"moments"`
}

// A Moment is one thing the requester did.
type Moment struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // search, open, vote_yes, vote_no, suggested, declined, form
	Query   string    `json:"query,omitempty"`
	Hits    int       `json:"hits,omitempty"`
	Article string    `json:"article,omitempty"` // key
	Title   string    `json:"title,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	Seconds int       `json:"seconds,omitempty"` // an article was open
	Reason  string    `json:"reason,omitempty"`  // of a "no"
}

// Turn says who has to act next.
func (t *Ticket) Turn() Turn {
	switch t.State {
	case WaitCustomer, Solved:
		return Theirs
	case WaitOther:
		return Partys
	case Closed:
		return Nobodys
	}
	return Ours
}

// Pending returns the handoff that waits for an answer, or nil.
func (t *Ticket) Pending() *Handoff {
	if n := len(t.Handoffs); n > 0 && t.Handoffs[n-1].State == Offered {
		return &t.Handoffs[n-1]
	}
	return nil
}
