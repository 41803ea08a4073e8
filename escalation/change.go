package escalation

import "time"

// A Change is what a rule wants to happen: entries to append, and letters to
// write. The store applies the whole of it in one transaction, or nothing.
type Change struct {
	Ticket  Ticket  // as it is after the change
	Entries []Entry // to append; already applied to Ticket
	Letters []Letter
}

// A LetterKind names a letter's template.
type LetterKind string

// The letters.
const (
	ReceiptLetter LetterKind = "receipt"
	ReplyLetter   LetterKind = "reply"
	MoveLetter    LetterKind = "move"
	SolvedLetter  LetterKind = "solved"
	LinksLetter   LetterKind = "links"   // to all of somebody's requests; of no ticket
	AddressLetter LetterKind = "address" // to a new address: is it the requester's?
	LeftLetter    LetterKind = "left"    // to the old one: answers go elsewhere now
	MergedLetter  LetterKind = "merged"  // two requests are answered in one

	SplitLetter    LetterKind = "split"    // of one request two were made
	GivenLetter    LetterKind = "given"    // to whose request it was: it is not any more
	RegainedLetter LetterKind = "regained" // it is again
	ReminderLetter LetterKind = "reminder" // we wait for an answer
	WarningLetter  LetterKind = "warning"  // and say when we stop
	LapsedLetter   LetterKind = "lapsed"   // it is closed, because nothing was heard

	SubscribeLetter LetterKind = "subscribe" // do they want to be told of an answer?
	AnsweredLetter  LetterKind = "answered"  // there is one

	// To those who work here.
	TestLetter           LetterKind = "test" // to a lead, to see that letters go out
	InvitationLetter     LetterKind = "invitation"
	ResetLetter          LetterKind = "reset"
	PasswordLetter       LetterKind = "password"       // it changed
	FactorLetter         LetterKind = "factor_removed" // by a lead
	NewNoticeLetter      LetterKind = "notice_new"
	ReturnedNoticeLetter LetterKind = "notice_returned"
	AlarmNoticeLetter    LetterKind = "notice_alarm"
)

// A Letter is a message to a requester, or to one of staff, with its arguments frozen at the moment
// of its cause. Its ID makes its Message-ID, so that a copy can be known.
type Letter struct {
	ID        string
	Kind      LetterKind
	Ticket    string // id; empty when it is about no single ticket
	To        string
	Lang      string
	Args      LetterArgs
	NotBefore time.Time
	Replaces  string // an unsent letter of the ticket (without one: to the recipient) with the same word here is replaced; may be empty
}

// LetterArgs are what a letter's template may show. Fields that repeat what
// somebody typed are empty while the address is not verified.
type LetterArgs struct {
	Number  string `json:"number"`
	Name    string `json:"name,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"` // of the reply or solution
	Team    string `json:"team,omitempty"` // id
	Tell    string `json:"tell,omitempty"`
	By      string `json:"by,omitempty"`    // name of who invites, or did something
	Other   string `json:"other,omitempty"` // number of another ticket
	Entry   string `json:"entry,omitempty"` // id of the entry that it is about
	Given   bool   `json:"given,omitempty"` // of a receipt: somebody else wrote the request
	// Of a reminder or a warning: we wait to hear whether the solution is one.
	Solved bool `json:"solved,omitempty"`
	// Of a warning, when its ticket is closed; of a letter about a closed one, until when
	// it can be reopened. Zone is that of the requester's clocks.
	Until time.Time `json:"until,omitzero"`
	Zone  string    `json:"zone,omitempty"`
	// What the link is made of; the link itself is made when it is sent, so that
	// no secret lies in the outbox.
	Recipient  string `json:"recipient"`
	Generation int    `json:"generation"`
	// Of a letter whose link does not open its ticket to the requester: where the
	// link leads, and what its last part, a [Code], is made of. Without a nonce the
	// path is the whole link, and the page behind it asks who comes.
	Path  string `json:"path,omitempty"`
	Nonce string `json:"nonce,omitempty"`
}
