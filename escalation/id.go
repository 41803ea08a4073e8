package escalation

import (
	"crypto/rand"
	"strings"
	"time"
)

// crockford are the digits of a number: none looks like another, and no vowel
// but A and E makes a word.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// idDigits are the same in lower case, and sort by their value.
var idDigits = strings.ToLower(crockford)

const numberLength = 8

// idTime is how many digits of an id are its time: milliseconds until the year 3084.
const idTime = 9

// NewID returns an id for tickets, entries, letters and whatever else needs a name
// that nobody else has: the time, and 85 random bits. Ids that are made one after the
// other lie side by side in the indexes of the database, so that what is written at
// once touches few of their pages. An id is no secret: what opens something is made of
// random bits alone.
func NewID() string {
	var b [26]byte
	rand.Read(b[idTime:]) // never fails
	for i := idTime; i < len(b); i++ {
		b[i] = idDigits[b[i]&31]
	}
	for i, ms := idTime-1, time.Now().UnixMilli(); i >= 0; i, ms = i-1, ms>>5 {
		b[i] = idDigits[ms&31]
	}
	return string(b[:])
}

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
