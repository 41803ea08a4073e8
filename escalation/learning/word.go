package learning

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/scrub"
)

const (
	// Floor is how many different people have to be answered by an article after
	// searching with a word before the article learns it. Nobody sees it earlier.
	Floor = 3
	// Memory is how long an answer counts: what is asked once a year, before
	// Christmas or in the summer, is still known the next time.
	Memory = 365 * 24 * time.Hour
	// HalfLife is the age at which it counts half. What people say now outweighs
	// what they said a year ago four times.
	HalfLife = Memory / 2
	// PerVisitor is how many answers of one visitor count on one day. Nobody has
	// more matters than that.
	PerVisitor = 5
	// PerNetwork is how many of one network are kept on one day: enough for what
	// three networks together could teach, too few to fill the memory with.
	PerNetwork = 20
	// MaxWords is how many words an article learns in a language, those of most
	// people.
	MaxWords = 50

	maxTerms   = 12 // words of one query: a longer text was pasted
	maxLetters = 40 // of one word
	maxDigits  = 4  // of one word: a longer number is somebody's
)

// A Word is a word that brought people to the article that answered them.
type Word struct {
	Article string // key
	Lang    string
	Stem    string    // as Terms returns it
	Text    string    // as most people write it
	People  int       // different ones: at least [Floor]
	Weight  float64   // the same, each counting less from year to year
	Since   time.Time // when it was learned; [Store.SaveWords] knows
	Last    time.Time

	Removed time.Time // when a writer did so; zero: it counts
	By      escalation.ActorRef
}

// Words returns the words that are learned from answers, article by article, those
// of most people first.
//
// Browsers are no people: whoever throws the cookie away is a new visitor, and who
// goes elsewhere is on another network. So only those are different people who share
// neither a browser, nor a network, nor the address from which a ticket was written,
// with any that were counted before.
func Words(answers []Answer, terms Terms, now time.Time) []Word {
	answers = fair(answers, now)
	slices.SortStableFunc(answers, func(a, b Answer) int {
		return cmp.Or(strings.Compare(a.Article, b.Article), strings.Compare(a.Lang, b.Lang))
	})
	var words []Word
	for len(answers) > 0 {
		n := 1
		for n < len(answers) && answers[n].Article == answers[0].Article && answers[n].Lang == answers[0].Lang {
			n++
		}
		words = append(words, ofArticle(answers[:n], terms, now)...)
		answers = answers[n:]
	}
	return words
}

// fair returns the answers that count, the oldest first.
func fair(answers []Answer, now time.Time) []Answer {
	answers = slices.Clone(answers)
	slices.SortFunc(answers, oldestFirst)
	type day struct {
		visitor string
		number  int64
	}
	count := map[day]int{}
	return slices.DeleteFunc(answers, func(a Answer) bool {
		if a.At.Before(now.Add(-Memory)) {
			return true
		}
		d := day{a.Visitor, a.At.Unix() / (24 * 60 * 60)}
		count[d]++
		return count[d] > PerVisitor
	})
}

func oldestFirst(a, b Answer) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) }

// ofArticle returns what the answers of one article in one language teach it. They
// are sorted by time.
func ofArticle(answers []Answer, terms Terms, now time.Time) []Word {
	said := make([]map[string]string, len(answers)) // stems with how they were written
	type place struct{ stem, network string }
	here := map[place]bool{}
	places := map[string]int{} // networks by stem
	for i, a := range answers {
		said[i] = map[string]string{}
		for _, q := range a.Queries {
			maps.Copy(said[i], wordsOf(a.Lang, q, terms))
		}
		for stem := range said[i] {
			if p := (place{stem, a.Network}); !here[p] {
				here[p] = true
				places[stem]++
			}
		}
	}
	tallies := map[string]*tally{}
	for i, a := range slices.Backward(answers) {
		for stem, form := range said[i] {
			if places[stem] < Floor {
				continue // nearly all: nothing else is kept of them
			}
			t := tallies[stem]
			if t == nil {
				t = &tally{known: map[string]bool{}, forms: map[string]int{}}
				tallies[stem] = t
			}
			t.add(&a, form, now)
		}
	}
	var words []Word
	for stem, t := range tallies {
		if t.people >= Floor {
			words = append(words, Word{
				Article: answers[0].Article, Lang: answers[0].Lang, Stem: stem, Text: t.text(), People: t.people, Weight: t.weight, Last: t.last,
			})
		}
	}
	slices.SortFunc(words, func(a, b Word) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Stem, b.Stem)) })
	return words[:min(len(words), MaxWords)]
}

// A tally counts who says a word.
type tally struct {
	known  map[string]bool // browsers, networks and requesters of the people so far
	people int
	weight float64
	last   time.Time
	forms  map[string]int // people by how they write it
}

// add counts an answer, the newest first, if it is of somebody else.
func (t *tally) add(a *Answer, form string, now time.Time) {
	names := [...]string{"v" + a.Visitor, "n" + a.Network, "p" + a.Person}
	for _, name := range names {
		if t.known[name] {
			return
		}
	}
	for _, name := range names {
		t.known[name] = true
	}
	if t.last.IsZero() {
		t.last = a.At
	}
	t.people++
	// By days: what counts less by the minute would be news all day long.
	t.weight += math.Exp2(-max(0, float64(now.Truncate(24*time.Hour).Sub(a.At))/float64(HalfLife)))
	t.forms[form]++
}

// text returns how most people write it.
func (t *tally) text() string {
	best := ""
	for form, n := range t.forms {
		if best == "" || n > t.forms[best] || n == t.forms[best] && form < best {
			best = form
		}
	}
	return best
}

// wordsOf returns the words of a query that can be learned: each stem with how it
// was written. Marks of personal data, numbers of somebody and single letters cannot.
func wordsOf(lang, query string, terms Terms) map[string]string {
	query = scrub.Without(query)
	stems := terms(lang, query)
	if len(stems) > maxTerms {
		return nil
	}
	words := map[string]string{}
	for _, stem := range stems {
		if !private(stem) {
			words[stem] = ""
		}
	}
	// A word may be written with an article before it, or be part of a longer one.
	write := func(form string) {
		if of := terms(lang, form); len(of) == 1 {
			if _, wanted := words[of[0]]; wanted {
				words[of[0]] = strings.ToLower(form)
			}
		}
	}
	for whole := range strings.FieldsSeq(query) {
		whole = strings.TrimFunc(whole, isSign)
		write(whole)
		for part := range strings.FieldsFuncSeq(whole, isSign) {
			if part != whole {
				write(part)
			}
		}
	}
	for stem, form := range words {
		if form == "" {
			words[stem] = stem
		}
	}
	return words
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }

// private reports whether a word may say who somebody is rather than what they want,
// or says nothing.
func private(stem string) bool {
	digits, letters := 0, 0
	for _, r := range stem {
		if letters++; unicode.IsNumber(r) {
			digits++
		}
	}
	first, size := utf8.DecodeRuneInString(stem)
	single := size == len(stem) && first < 0x2E80 // beyond, a letter is a word
	return digits > maxDigits || letters > maxLetters || single
}
