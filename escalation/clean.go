package escalation

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What a form may hold, in characters. Pages say so beforehand.
const (
	MaxSubject   = 200
	MaxText      = 10_000
	MaxName      = 100
	MaxLine      = 500 // one-line fields of handoffs, questions, steps and facts
	MaxKey       = 200 // of a form or of an Idempotency-Key
	MaxFiles     = 10  // of one message
	MaxTried     = 30
	maxFactKey   = 60
	MaxQuestions = 10
	maxMoments   = 200
	maxEmail     = 254
)

var (
	articleKey = regexp.MustCompile(`^[a-z0-9-]+(/[a-z0-9-]+)*$`)
	factKey    = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,59}$`)
	typeKey    = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]{0,39})?$`)
	langTag    = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	emailLocal = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$")
	emailHost  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	phone      = regexp.MustCompile(`^[0-9+()/. -]{5,40}$`)
)

// CleanText keeps line breaks and what can be read, and drops what only acts:
// control characters, and the marks that turn the direction of what follows.
func CleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), r == '\uFEFF', turns(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// turns says whether r embeds or overrides a direction.
func turns(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// CleanLine is [CleanText] on one line, with single spaces.
func CleanLine(s string) string {
	return strings.Join(strings.Fields(CleanText(s)), " ")
}

// FactKey makes the key of a fact of what somebody calls it, empty when nothing of it
// can be in one.
func FactKey(name string) string {
	key := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case unicode.Is(unicode.Mn, r):
			return -1 // an accent
		}
		return ' '
	}, norm.NFD.String(strings.ToLower(name)))
	return cut(strings.Join(strings.Fields(key), "_"), maxFactKey)
}

// Blank says whether there is nothing to read in s, invisible characters or not.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
	})
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// wanted returns s as one clean line, or an error about the field: one key for
// a missing text, one for all that are too long.
func wanted(field, s, missing string, most int) (string, error) {
	s = CleanLine(s)
	if Blank(s) {
		return "", invalid(field, missing, nil)
	}
	return optional(field, s, most)
}

// optional is wanted for a line that may be missing.
func optional(field, s string, most int) (string, error) {
	s = CleanLine(s)
	if utf8.RuneCountInString(s) > most {
		return "", invalid(field, "error.too_long", map[string]any{"Max": most})
	}
	return s, nil
}

// body returns what somebody wrote, cleaned.
func body(field, s string, must bool) (string, error) {
	s = CleanText(s)
	if Blank(s) {
		if must {
			return "", invalid(field, "error.text_missing", nil)
		}
		return "", nil
	}
	if utf8.RuneCountInString(s) > MaxText {
		return "", invalid(field, "error.too_long", map[string]any{"Max": MaxText})
	}
	return s, nil
}

// ParseEmail returns the address that somebody typed, alone and in its usual
// form, or an Invalid error. A name beside the address, comments, quotes and
// whatever could end a header are refused.
func ParseEmail(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", invalid(field, "error.email_missing", nil)
	}
	wrong := &Error{Kind: Invalid, Field: field, Reason: "error.email"}
	a, err := mail.ParseAddress(s)
	if err != nil {
		wrong.Err = err
		return "", wrong
	}
	if a.Address != s || len(s) > maxEmail {
		return "", wrong
	}
	at := strings.LastIndexByte(s, '@')
	local, host := s[:at], strings.ToLower(s[at+1:])
	if !emailLocal.MatchString(local) || !emailHost.MatchString(host) {
		return "", wrong
	}
	return local + "@" + host, nil
}

// parsePhone returns a telephone number as people write it; it may be empty.
func parsePhone(s string) (string, error) {
	s = CleanLine(s)
	if s == "" {
		return "", nil
	}
	digits := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	if !phone.MatchString(s) || digits < 5 {
		return "", invalid("phone", "error.phone", nil)
	}
	return s, nil
}

// future returns a date as the ledger keeps it, or an error if it is none or past.
func future(field string, at, now time.Time) (time.Time, error) {
	if at.IsZero() {
		return at, invalid(field, "error.date_missing", nil)
	}
	at = stamp(at)
	if !at.After(now) {
		return at, invalid(field, "error.date_past", nil)
	}
	if at.After(now.AddDate(2, 0, 0)) {
		return at, invalid(field, "error.date_far", nil)
	}
	return at, nil
}

// stamp is a time as the ledger keeps it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
