package staff

import (
	"context"
	"net/netip"
	"time"

	"primalinea/escalation"
)

// How often a password may be wrong.
const (
	MaxAttempts   = 10
	AttemptWindow = 15 * time.Minute
	knownWindow   = 30 * 24 * time.Hour
)

// Attempts is where attempts are written down. Rows older than 31 days are of no
// use to anybody.
type Attempts interface {
	// Reserve writes down an attempt under key, unless limit of them were written
	// since the given time; then it returns when the oldest of those was. Of two
	// at once, each counts the other.
	Reserve(ctx context.Context, key string, now, since time.Time, limit int) (ok bool, oldest time.Time, err error)
	// Count returns how many were written since the given time.
	Count(ctx context.Context, key string, since time.Time) (int, error)
	// Forget removes all under key.
	Forget(ctx context.Context, key string) error
}

// A Limiter slows down who guesses passwords: per account and per block of
// addresses, so many in a quarter of an hour. It locks nobody out for good: what
// is refused does not count, and who signed in from a block before is counted
// there apart, so that a stranger's guesses are no hindrance.
type Limiter struct{ Attempts Attempts }

// Begin is called before a password is checked. It returns a TooMany error if it
// may not be.
func (l Limiter) Begin(ctx context.Context, email string, from netip.Addr, now time.Time) error {
	known, err := l.Attempts.Count(ctx, knownKey(email, from), now.Add(-knownWindow))
	if err != nil {
		return err
	}
	keys := []string{pairKey(email, from)}
	if known == 0 {
		keys = []string{blockKey(from), accountKey(email)}
	}
	for _, key := range keys {
		ok, oldest, err := l.Attempts.Reserve(ctx, key, now, now.Add(-AttemptWindow), MaxAttempts)
		if err != nil {
			return err
		}
		if !ok {
			return tooMany(oldest.Add(AttemptWindow).Sub(now))
		}
	}
	return nil
}

// Succeeded is called when the password was right. The block begins anew too: a
// whole office may sign in on one morning. The account's count stays.
func (l Limiter) Succeeded(ctx context.Context, email string, from netip.Addr, now time.Time) error {
	known := knownKey(email, from)
	for _, key := range []string{pairKey(email, from), blockKey(from), known} {
		if err := l.Attempts.Forget(ctx, key); err != nil {
			return err
		}
	}
	_, _, err := l.Attempts.Reserve(ctx, known, now, now.Add(-knownWindow), 1)
	return err
}

// How often a new password may be asked for: for one address, and by one block of
// addresses.
const (
	MaxResets      = 3
	MaxBlockResets = 20
	ResetWindow    = time.Hour
)

// Ask is called before a new password is asked for by letter. For an address that
// was asked for often enough, known or not, ok is false: who asks is answered as
// ever, and nothing is done. A block that asks too much is told to wait.
func (l Limiter) Ask(ctx context.Context, email string, from netip.Addr, now time.Time) (ok bool, err error) {
	since := now.Add(-ResetWindow)
	ok, oldest, err := l.Attempts.Reserve(ctx, "reset "+blockKey(from), now, since, MaxBlockResets)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, tooMany(oldest.Add(ResetWindow).Sub(now))
	}
	ok, _, err = l.Attempts.Reserve(ctx, "reset "+accountKey(email), now, since, MaxResets)
	return ok, err
}

// tooMany is the answer to who has to wait.
func tooMany(wait time.Duration) error {
	minutes := max(1, int((wait+time.Minute-1)/time.Minute))
	return &escalation.Error{
		Kind: escalation.TooMany, Reason: "error.attempts",
		Args: map[string]any{"Minutes": minutes, "Count": minutes},
	}
}

// Block is an address as networks are given out: one of version 4, or what a
// household gets of version 6.
func Block(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		p, err := a.WithZone("").Prefix(56)
		if err == nil {
			return p.String()
		}
	}
	return a.String()
}

// The keys hold hashes: no address of anybody lies about in them.
func blockKey(a netip.Addr) string   { return "block:" + Hash(Block(a))[:32] }
func accountKey(email string) string { return "account:" + Hash(FoldEmail(email))[:32] }
func pairKey(email string, a netip.Addr) string {
	return "pair:" + Hash(FoldEmail(email) + " " + Block(a))[:32]
}
func knownKey(email string, a netip.Addr) string {
	return "known:" + Hash(FoldEmail(email) + " " + Block(a))[:32]
}
