package escalation

import (
	"crypto/rand"
	"strings"
)

// crockford are the digits of a number: none looks like another, and no vowel
// but A and E makes a word.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const numberLength = 8

// NewID returns a random id of 128 bits, for tickets, entries, letters and
// whatever else needs a name that nobody else has.
func NewID() string { return strings.ToLower(rand.Text()) }

// NewNumber returns a random number for a ticket: 8 digits of 5 bits. Numbers
// are for people and open nothing; the store refuses one that is in use.
func NewNumber() string {
	b := make([]byte, numberLength)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return string(b)
}

// ParseNumber returns the number that somebody typed: in any case, with spaces
// or dashes, and with the letters that look like digits. ok is false when it can
// be no number.
func ParseNumber(s string) (number string, ok bool) {
	if len(s) > 4*numberLength {
		return "", false
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '-', '#':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if !strings.ContainsRune(crockford, r) {
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), b.Len() == numberLength
}
