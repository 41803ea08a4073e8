package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"primalinea/escalation"
)

// How long a password is, in characters.
const (
	MinPassword = 10
	MaxPassword = 128
)

// cost is what one guess costs: 19 MiB, two passes.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobodys is the hash of a password that nobody has. Checking against it makes an
// unknown address take as long as a known one.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$NqRRpQ0yk0aZsYwD1jFh8w$oIu6D5EIYHmGDWyfcuU2Y5qNrnPK2UW9vPPPPYX2mkM"

// Passwords hashes and checks, a few at a time: each takes memory and time that
// pages need.
type Passwords struct{ slots chan struct{} }

// NewPasswords returns a Passwords for n at a time.
func NewPasswords(n int) *Passwords { return &Passwords{make(chan struct{}, max(n, 1))} }

// Hash returns what is kept of a password, or an Invalid error that says why it
// will not do. The person's name and address are no passwords.
func (p *Passwords) Hash(ctx context.Context, password string, of Person) (string, error) {
	password = norm.NFKC.String(password)
	if err := fit(password, of); err != nil {
		return "", err
	}
	done, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(password, cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// Check says whether a password belongs to a hash. An empty hash is of somebody
// who does not exist or cannot sign in, and takes as long.
func (p *Passwords) Check(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = nobodys
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		password = "" // no password of ours, and not worth hashing
	}
	done, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	ok, err := argon2id.ComparePasswordAndHash(norm.NFKC.String(password), hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return ok && known, nil
}

func (p *Passwords) enter(ctx context.Context) (done func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, &escalation.Error{Kind: escalation.TooMany, Reason: "error.busy", Err: ctx.Err()}
	}
}

// fit returns an error if a password is too short, too long or the first that
// anybody would guess.
func fit(password string, of Person) error {
	n := utf8.RuneCountInString(password)
	if n < MinPassword {
		return invalid("password", "error.password_short", map[string]any{"Min": MinPassword})
	}
	if n > MaxPassword {
		return invalid("password", "error.password_long", map[string]any{"Max": MaxPassword})
	}
	low := strings.ToLower(password)
	local, _, _ := strings.Cut(of.Email, "@")
	for _, s := range slices.Concat(guesses, []string{of.Email, local, strings.ToLower(of.Name)}) {
		// A guess with a few characters around it is still a guess.
		if s != "" && strings.Contains(low, s) && n-utf8.RuneCountInString(s) < 4 {
			return invalid("password", "error.password_common", nil)
		}
	}
	if distinct(low) < 5 {
		return invalid("password", "error.password_common", nil)
	}
	return nil
}

// guesses are what people choose who have to choose ten characters.
var guesses = []string{
	"1234567890", "0123456789", "9876543210", "0987654321", "123456789", "qwertyuiop", "1qaz2wsx3edc", "qwerty12345", "q1w2e3r4t5",
	"password", "passw0rd", "passwort", "contraseña", "contrasena", "changeme", "letmein", "welcome", "iloveyou", "administrator", "abcdefghij",
	"benvenuto", "bienvenido", "primalinea", "assistenza", "asistencia", "support", "helpdesk", "qwertyuio",
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
