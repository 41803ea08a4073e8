package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
)

// A Scope is a part of the API.
type Scope string

// The scopes.
const (
	TicketsRead  Scope = "tickets:read"
	TicketsWrite Scope = "tickets:write"
	ReportsRead  Scope = "reports:read"
)

// Scopes are all of them; a token made without a choice has them.
var Scopes = []Scope{TicketsRead, TicketsWrite, ReportsRead}

// A Token lets a program act, as "api:name". Only the hash of its secret is kept.
type Token struct {
	ID      string
	Name    string // unique among those that are not revoked
	Scopes  []Scope
	Hash    string // of the secret, by Hash; unique
	Created time.Time
	Revoked time.Time // zero while it works
}

var tokenName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// NewToken returns a token and its secret, which is shown once.
func NewToken(id, name string, scopes []Scope, now time.Time) (t Token, secret string, err error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !tokenName.MatchString(name) {
		return t, "", invalid("name", "error.token_name", nil)
	}
	if len(scopes) == 0 {
		scopes = Scopes
	}
	t = Token{ID: id, Name: name, Created: now.UTC().Truncate(time.Millisecond)}
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return Token{}, "", invalid("scope", "error.token_scope", nil)
		}
		if !slices.Contains(t.Scopes, s) {
			t.Scopes = append(t.Scopes, s)
		}
	}
	secret = "pl_" + rand.Text()
	t.Hash = Hash(secret)
	return t, secret, nil
}

// Ref returns how the ledger names the program.
func (k Token) Ref() escalation.ActorRef { return escalation.TokenRef(k.Name) }

// Hash is how the secrets that we made are kept and looked up: of tokens, links
// and sessions. They have 128 random bits and more, so one round is enough; for
// passwords see [Passwords].
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
