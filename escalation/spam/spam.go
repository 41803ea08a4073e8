// Package spam judges what comes through the forms that anybody can send. It
// refuses nothing: what looks like spam becomes a ticket that a person looks at
// first, and who asks too often is told when to go on and how else to reach us.
//
// There is no puzzle and no third party: a field that no person sees, the time
// that the form was open, what it says, and how often the like was sent.
package spam

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Form is what is known of one that was sent.
type Form struct {
	Trap          string        // what the field holds that no person sees
	Open          time.Duration // from when it was drawn until it was sent
	Subject, Text string

	// How many like it came before, within [Window].
	FromNetwork int // from the same network
	ByAddress   int // with the same address
	SameText    int // with the same words
}

// Window is how long a form is remembered, for those that are like it.
const Window = 24 * time.Hour

// A Sign is a reason to suspect. The catalog says it as "spam.sign.<sign>".
type Sign string

// The signs, the strongest first.
const (
	Trapped Sign = "trap"    // a program filled in what it found
	Fast    Sign = "fast"    // nobody reads, types and checks so quickly
	Markup  Sign = "markup"  // links as forums write them
	Links   Sign = "links"   // many of them, or one for a subject
	Same    Sign = "same"    // the same words again and again
	Network Sign = "network" // many from one network
	Address Sign = "address" // many with one address
)

// Signs are all of them.
var Signs = []Sign{Trapped, Fast, Markup, Links, Same, Network, Address}

// Suspect is the score from which a person looks first. No single weak sign
// reaches it: somebody may well send three links, or write twice.
const Suspect = 4

// Hasty is how long it takes a person, at the least, to fill in a form and to
// read it once more.
const Hasty = 3 * time.Second

// A Verdict is what a form looks like.
type Verdict struct {
	Score int
	Signs []Sign // in the order of [Signs]
}

// Suspected says whether a person has to look first.
func (v Verdict) Suspected() bool { return v.Score >= Suspect }

// Words are the signs of a suspected form, for the ledger; none if it is not.
func (v Verdict) Words() []string {
	if !v.Suspected() {
		return nil
	}
	var words []string
	for _, s := range v.Signs {
		words = append(words, string(s))
	}
	return words
}

var (
	address = regexp.MustCompile(`(?i)\bhttps?://|\bwww\.`)
	markup  = regexp.MustCompile(`(?i)\[(url|link)[=\]]|<a\s[^>]*href`)
)

// Judge adds up what speaks against a form.
func Judge(f Form) Verdict {
	var v Verdict
	sign := func(s Sign, weight int) {
		if weight > 0 {
			v.Score += weight
			v.Signs = append(v.Signs, s)
		}
	}
	if f.Trap != "" {
		sign(Trapped, 10)
	}
	if f.Open < Hasty {
		sign(Fast, Suspect)
	}
	if markup.MatchString(f.Subject) || markup.MatchString(f.Text) {
		sign(Markup, 3)
	}
	links := steps(len(address.FindAllString(f.Text, 10)), 3, 1, 6, 2, 10, 4)
	if address.MatchString(f.Subject) {
		links += 2
	}
	sign(Links, links)
	sign(Same, steps(f.SameText, 1, 1, 3, 4))
	sign(Network, steps(f.FromNetwork, 20, 1, 60, 2))
	sign(Address, steps(f.ByAddress, 5, 1, 10, 2))
	return v
}

// steps returns the weight of the highest step that n reaches, of pairs of a step
// and its weight.
func steps(n int, pairs ...int) int {
	weight := 0
	for i := 0; i+1 < len(pairs); i += 2 {
		if n >= pairs[i] {
			weight = pairs[i+1]
		}
	}
	return weight
}

// shortest is how many letters make a text: "Help!" is written by many.
const shortest = 30

// Likeness returns a name for what a form says, which is the same for texts that
// differ only in what programs vary: case, spaces, figures and signs. It is empty
// for a text that is too short to be told from others.
func Likeness(subject, text string) string {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, subject+text)
	if utf8.RuneCountInString(letters) < shortest {
		return ""
	}
	sum := sha256.Sum256([]byte(letters))
	return hex.EncodeToString(sum[:16])
}
