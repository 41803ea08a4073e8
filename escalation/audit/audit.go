// Package audit is the one record of who did what: to tickets, settings, people,
// tokens, personal data. Each act holds the hash of the one before it, so that
// whoever changes, takes out, moves or cuts off acts has to change all that follow,
// and what lies elsewhere: the head of the chain, and the marks that the operator keeps.
//
// An act says what was done and by whom, never the words themselves. Of these it
// has a digest, salted where somebody may ask for the words to be erased: then the
// salt goes too, and what is left in their place has a digest of its own.
package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"primalinea/escalation"
)

// A Kind says what an act was done to.
type Kind string

// The kinds of what acts are done to. The catalog says an act as "audit.<kind>.<what>".
const (
	Ticket     Kind = "ticket"
	Person     Kind = "person"
	Setting    Kind = "setting"
	Session    Kind = "session" // of a person, who signed in
	Desk       Kind = "desk"    // how it is set up; named by its version
	View       Kind = "view"    // a saved list of tickets
	Problem    Kind = "problem" // a known one
	Token      Kind = "token"
	Requester  Kind = "requester" // all that is held about somebody; named by the act of package privacy
	Demand     Kind = "demand"
	Word       Kind = "word"
	Correction Kind = "correction"
	Letter     Kind = "letter"
	Record     Kind = "record" // this one
)

// What is done to more than one kind, or by the record itself.
const (
	Begun   = "begun"   // the record
	Adopted = "adopted" // what was there before the record was
	Added   = "added"
	Changed = "changed"
	Removed = "removed"
	Rights  = "rights" // of a person, whatever changed beside them
)

// An Act is something that somebody did. Acts are added, never changed.
type Act struct {
	Lane   int   // there may be several chains, so that writers need not wait for each other
	Seq    int64 // from 1 in its lane
	At     time.Time
	By     escalation.ActorRef // without the name, which may be that of a requester
	Kind   Kind
	Object string // id; of a ticket its number
	What   string
	// First and Last are which entries of a ticket it wrote; of other things, Last is
	// their version.
	First, Last int64
	Note        string // what else is worth saying; no word of a requester
	Digest      string // of what it left behind; empty: nothing that can be compared
	Hash        string // of all this, and of the act before
}

// Sum returns the hash of an act that follows one with the hash before.
func (a *Act) Sum(before string) string {
	return sum(before, a.Lane, a.Seq, a.At.UnixMilli(), a.By.Kind, a.By.ID, a.Kind, a.Object, a.What, a.First, a.Last, a.Note, a.Digest)
}

// Digest returns the digest of rows with a salt.
func Digest(salt string, rows ...[]any) string { return sum(salt, rows) }

func sum(parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("audit: %v", err)) // texts, numbers and truths
	}
	h := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// A Mark says how far a lane went at some moment, and with which hash. Marks are
// kept where the record is not.
type Mark struct {
	Lane int       `json:"lane"`
	Seq  int64     `json:"seq"`
	Hash string    `json:"hash"`
	At   time.Time `json:"at"`
}

// A Query asks for acts, the latest first. What is left empty does not narrow it.
type Query struct {
	By          string // id of a person, of a token ("api:name") or of a rule
	Kind        Kind   // with Object
	Object      string
	Since, Till time.Time
	After       string // Next of the page before
	Limit       int
}

// A Page is a part of the record.
type Page struct {
	Acts []Act
	Next string // for Query.After; empty on the last page
}
