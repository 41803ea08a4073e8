package escalation

import "time"

// An EntryKind says who may read an entry.
type EntryKind string

// The kinds of entries.
const (
	Public   EntryKind = "public" // the requester and staff
	Internal EntryKind = "note"   // staff alone
	Happened EntryKind = "event"  // staff; the requester sees of it what [Ticket.ForRequester] lets through
)

// An Entry is one thing that was said or that happened. Entries are appended,
// never changed, but for the marked holes that [Ticket.Erase] leaves. Text is
// plain text.
type Entry struct {
	ID    string
	Seq   int // from 1 within its ticket
	At    time.Time
	By    ActorRef
	Kind  EntryKind
	Text  string
	Event *Event // what it changes; nil for mere words
	Files []File // attached to it
	Key   string // makes the same form sent twice one entry; may be empty

	// Was is the entry as it was appended, of one that was taken back: what is left of
	// it here says nothing and changes nothing. It is nil for all others.
	Was *Entry
}

// A File is something attached, as package evidence keeps it.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // as sniffed
	Size int64  `json:"size"`

	// Of its thumbnail, in points; 0 without one.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
}

// An EventKind names what happened.
type EventKind string

// What can happen to a ticket.
const (
	EventOpened       EventKind = "opened"
	EventTrail        EventKind = "trail"
	EventTaken        EventKind = "taken"
	EventReleased     EventKind = "released"
	EventAsked        EventKind = "asked"    // → wait_customer
	EventReplied      EventKind = "replied"  // the requester wrote
	EventAnswered     EventKind = "answered" // we wrote, and it stays our turn
	EventWaiting      EventKind = "waiting"  // → wait_other
	EventResumed      EventKind = "resumed"
	EventOffered      EventKind = "offered"
	EventAccepted     EventKind = "accepted"
	EventRefused      EventKind = "refused"
	EventWithdrawn    EventKind = "withdrawn"
	EventDecided      EventKind = "decided" // the lead, on a frozen ticket
	EventConsulted    EventKind = "consulted"
	EventAdvised      EventKind = "advised"      // a consult, by a note
	EventUnasked      EventKind = "unasked"      // a consult was withdrawn
	EventMarked       EventKind = "marked"       // by the automatic rules, or who calls a lead
	EventRaised       EventKind = "raised"       // an alarm, to the next who has more say
	EventAcknowledged EventKind = "acknowledged" // an alarm, with a decision
	EventSolved       EventKind = "solved"
	EventConfirmed    EventKind = "confirmed" // → closed
	EventReopened     EventKind = "reopened"
	EventVerified     EventKind = "verified"
	EventRevoked      EventKind = "revoked"   // the links that are out
	EventInherited    EventKind = "inherited" // what somebody left who no longer works here
	EventFact         EventKind = "fact"
	EventAffirmed     EventKind = "fact_confirmed"
	EventDisputed     EventKind = "fact_disputed" // with a reason
	EventTyped        EventKind = "typed"         // what kind of matter it is
	EventPrioritized  EventKind = "prioritized"
	EventStep         EventKind = "step"
	EventStaged       EventKind = "staged"    // how far it is, as its type names it
	EventSuspected    EventKind = "suspected" // at its opening, by the form it came from
	EventSpam         EventKind = "spam"      // somebody set it aside
	EventCleared      EventKind = "cleared"   // it is no spam, or no more
	EventProposed     EventKind = "address_proposed"
	EventDropped      EventKind = "address_dropped"
	EventCorrected    EventKind = "address_corrected" // who reads mail there said so
	EventMerged       EventKind = "merged"            // it goes on in another
	EventUnmerged     EventKind = "unmerged"          // it goes on by itself again
	EventJoined       EventKind = "joined"            // another goes on here
	EventParted       EventKind = "parted"            // that one goes on by itself again
	EventAttached     EventKind = "problem_attached"  // to a known one
	EventDetached     EventKind = "problem_detached"
	EventByHand       EventKind = "problem_by_hand"  // it is answered by itself
	EventWithAll      EventKind = "problem_with_all" // it is answered with all that have its problem
	EventCured        EventKind = "problem_solved"   // its problem is solved
	EventBroken       EventKind = "problem_open"     // its problem is there again
	EventMentioned    EventKind = "mentioned"        // a note calls colleagues
	EventUndone       EventKind = "undone"           // who did the last thing took it back
	EventSaid         EventKind = "said"             // mere words, which were erased
	EventErased       EventKind = "erased"           // the words of all entries before
)

// An Event is what an entry changes. Kind says which fields mean something.
type Event struct {
	Kind EventKind `json:"kind"`
	Hole bool      `json:"erased,omitempty"` // what somebody said here was erased

	// opened
	Ticket      string     `json:"ticket,omitempty"`     // id
	WrittenBy   *ActorRef  `json:"written_by,omitempty"` // staff who wrote it down for the requester
	Number      string     `json:"number,omitempty"`
	Subject     string     `json:"subject,omitempty"`
	Requester   *Requester `json:"requester,omitempty"` // and given
	Lang        string     `json:"lang,omitempty"`
	Channel     Channel    `json:"channel,omitempty"`
	RequestType string     `json:"request_type,omitempty"` // and typed
	Desk        int        `json:"desk,omitempty"`         // its version; and typed
	Journey     string     `json:"journey,omitempty"`
	Impact      Degree     `json:"impact,omitempty"` // and typed, prioritized: with Urgency, or neither
	Urgency     Degree     `json:"urgency,omitempty"`

	Trail     *Trail     `json:"trail,omitempty"`
	Staff     string     `json:"staff,omitempty"` // who takes it; inherited: who owns it from now on, empty when that stays
	From      string     `json:"from,omitempty"`  // inherited: who left it
	Questions []Question `json:"questions,omitempty"`
	Party     string     `json:"party,omitempty"`
	Until     time.Time  `json:"until,omitzero"`
	Handoff   *Handoff   `json:"handoff,omitempty"`    // offered
	HandoffID string     `json:"handoff_id,omitempty"` // accepted, refused, withdrawn
	Reason    string     `json:"reason,omitempty"`
	Missing   []string   `json:"missing,omitempty"`
	Team      string     `json:"team,omitempty"` // opened, and wherever the ticket moved
	Tier      int        `json:"tier,omitempty"`
	Tell      string     `json:"tell,omitempty"`       // the sentence for the customer
	Consult   *Consult   `json:"consult,omitempty"`    // consulted
	ConsultID string     `json:"consult_id,omitempty"` // advised, unasked
	Marks     []Mark     `json:"marks,omitempty"`
	AlarmID   string     `json:"alarm_id,omitempty"` // marked, when one opens; raised, acknowledged
	Rung      int        `json:"rung,omitempty"`     // raised
	Solution  *Solution  `json:"solution,omitempty"`
	Fact      *Fact      `json:"fact,omitempty"`
	Step      *Step      `json:"step,omitempty"`
	Score     Score      `json:"score,omitempty"`   // rated
	About     string     `json:"about,omitempty"`   // rated: id of the entry with the solution; undone: of the first that was taken back
	Stage     string     `json:"stage,omitempty"`   // staged: its key
	Signs     []string   `json:"signs,omitempty"`   // why it is suspected
	Address   *Address   `json:"address,omitempty"` // proposed
	Other     *Other     `json:"other,omitempty"`   // merged, unmerged, joined, parted; of a task: the other side of it
	Owed      bool       `json:"owed,omitempty"`    // joined, returned: its requester waits there for an answer
	Called    []ActorRef `json:"called,omitempty"`  // mentioned, task_answered
	Result    TaskResult `json:"result,omitempty"`  // task_answered, task_done; solved: tasks of merged tickets ended with it
	Problem   string     `json:"problem,omitempty"` // id; of what concerns a known one
	Title     string     `json:"title,omitempty"`   // attached: what the problem was called
	Zone      string     `json:"zone,omitempty"`    // opened, zoned: IANA, of the requester's clocks
	Proof     []Proof    `json:"proof,omitempty"`   // lapsed: of the warnings

	Carriage string   `json:"carriage,omitempty"` // carried, returned, brought, taken_back: the same in both tickets
	Entries  []string `json:"entries,omitempty"`  // carried
	Origin   *Origin  `json:"origin,omitempty"`   // brought
	Split    bool     `json:"split,omitempty"`    // carried, brought: to a ticket that was made of it
	Foreign  bool     `json:"foreign,omitempty"`  // carried, brought: the two are of different people, Requester is whose it was
}
