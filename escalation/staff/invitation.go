package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
)

// How long a one-time link works: one that a lead made, and one that somebody asked
// for who forgot the password.
const (
	InvitationLife = 7 * 24 * time.Hour
	ResetLife      = time.Hour
)

// An Invitation is a link that lets somebody set a password, once. It serves the
// first lead, new people and those who forgot theirs.
type Invitation struct {
	Hash    string // of the code in the link; unique
	Person  string // id; empty: whoever comes first becomes the first lead
	Created time.Time
	Expires time.Time
	Used    time.Time // zero while it works
}

// NewInvitation returns an invitation and the code of its link: /join/{code},
// or /set-up/{code} with an empty person for a house without staff.
func NewInvitation(person string, now time.Time) (i Invitation, code string) {
	code = rand.Text()
	now = now.UTC().Truncate(time.Millisecond)
	return Invitation{Hash: Hash(code), Person: person, Created: now, Expires: now.Add(InvitationLife)}, code
}

// InviteByLetter returns an invitation and the letter with its link. Neither the
// letter in the outbox nor the invitation opens anything: the link is made of both
// and of key when it is sent.
func InviteByLetter(p Person, kind escalation.LetterKind, key []byte, lang string, args escalation.LetterArgs, ids func() string, now time.Time) (Invitation, escalation.Letter) {
	i, nonce := NewInvitation(p.ID, now)
	args.Path, args.Nonce = "/join/", nonce
	if kind == escalation.ResetLetter {
		args.Path = "/reset/"
		if args.By == "" { // whoever asked for it is waiting
			i.Expires = i.Created.Add(ResetLife)
		}
	}
	i.Hash = Hash(escalation.Code(key, nonce))
	l := p.letter(kind, lang, args, ids, now)
	l.Replaces = "join" // earlier links do not work any more
	return i, l
}

// Use returns the invitation as it is afterwards, or a NotFound error: why a link
// does not work is nobody's business who does not hold a working one. The store
// writes Used only where it was empty, so that one of two wins.
func (i Invitation) Use(now time.Time) (Invitation, error) {
	if !i.Used.IsZero() || !now.Before(i.Expires) {
		return i, &escalation.Error{Kind: escalation.NotFound, Reason: "error.link_used"}
	}
	i.Used = now.UTC().Truncate(time.Millisecond)
	return i, nil
}

// How long a session lives: without being used, and at all.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// A Session is somebody signed in on a device. The cookie holds the id, the row
// its hash.
type Session struct {
	Hash    string // unique
	Person  string // id
	Proof   string // of the password it began with; another password ends it
	Created time.Time
	Seen    time.Time // last use, to the minute or so
	Agent   string    // what the browser calls itself, for the list of sessions
}

// NewSession returns a session and the id for its cookie.
func NewSession(p Person, agent string, now time.Time) (s Session, id string) {
	id = rand.Text()
	now = now.UTC().Truncate(time.Millisecond)
	if len(agent) > 200 {
		agent = agent[:200]
	}
	agent = strings.Map(func(r rune) rune { // it comes from outside, and goes into a database
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, agent)
	return Session{Hash: Hash(id), Person: p.ID, Proof: Proof(p), Created: now, Seen: now, Agent: agent}, id
}

// Valid says whether the session still is p's.
func (s Session) Valid(p Person, now time.Time) bool {
	return s.Person == p.ID && p.active() && s.Proof == Proof(p) &&
		now.Before(s.Seen.Add(SessionIdle)) && now.Before(s.Created.Add(SessionLife))
}

// Proof changes with the password, and with what is shown beside it, and says
// nothing about them.
func Proof(p Person) string {
	text := "session " + p.ID + " " + p.PasswordHash
	if p.Factor != nil {
		text += " " + p.Factor.Secret
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
