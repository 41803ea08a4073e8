// Package search finds articles: it keeps a bleve index of a [content.Library]
// and answers a [Query] with [Hit]s.
//
// What a visitor types is words, never a query language. The index is derived:
// it is rebuilt when it is missing, damaged or of another version, and starting
// the program never fails because of it. No more than a few searches run at
// once, so that pages stay quick beside them.
package search

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/content"
)

// A Query is what somebody looks for, and who is looking.
type Query struct {
	Text     string // as typed; at most 512 runes count
	Lang     string // the page's language
	Reader   content.Audience
	Section  string // key; empty searches all
	Limit    int    // hits per page, 10 when 0, at most 50
	Offset   int
	OneLang  bool     // leave other languages out
	Exact    bool     // words that are in no article stand for nothing: search what was typed
	With     []*Draft // articles as they would be, instead of those that are; the answer is not kept
	Unpinned bool     // as if no article were pinned; the answer is not kept
}

// A Result is the answer to a query.
type Result struct {
	Total     int     // hits in the page's language, on all pages
	Hits      []Hit   // best first
	Elsewhere []Hit   // with the first page: the best in other languages, at most 5, best first
	Languages []Facet // of those, when this one does not know the words, and how many hits each has
	Sections  []Facet // where the hits lie, most first
	Instead   string  // the words that were searched because those typed are in no article; empty otherwise
	Meant     string  // with the first page: other words that would find more, to be offered; empty otherwise
	Cut       bool    // the text was longer than counts
	Took      time.Duration
}

// A Hit is one article that answers a query, with the passage that does.
type Hit struct {
	Article *content.Article
	Score   float64 // comparable within one answer and one language only
	Held    float64 // how much of the query it is about, to 1; 0 of what writers chose
	Title   []Piece
	Snippet []Piece // from the best passage
	Anchor  string  // id of the heading above that passage, empty at the top
	Heading string
	Pinned  bool // a writer chose it for this query
}

// A Piece is a run of text that either matches the query or does not.
type Piece struct {
	Text string
	Mark bool
}

// A Facet counts the hits of one section or language.
type Facet struct {
	Key   string
	Count int
}

// What counts of a query, however much is typed.
const (
	maxText   = 512  // runes of what is typed into a search field
	maxLong   = 4096 // runes of a text for which near articles are sought
	maxTerms  = 32   // different words after analysis, the rarest kept
	maxLimit  = 50
	maxOffset = 10_000
)

// clean makes a text of at most max runes out of whatever was sent: well-formed,
// without control characters, white space folded. It reports whether something
// was cut off.
func clean(s string, max int) (string, bool) {
	// What is longer than this in bytes is longer in runes, even when much of it
	// is white space that would be folded.
	cut := false
	if limit := max * utf8.UTFMax * 4; len(s) > limit {
		s, cut = s[:limit], true
	}
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			space = true
			continue
		}
		if n >= max {
			return b.String(), true
		}
		if space {
			// A space at the end stays: it says that the last word is whole.
			if n > 0 {
				b.WriteByte(' ')
				n++
			}
			space = false
			if n >= max {
				return b.String(), true
			}
		}
		b.WriteRune(r)
		n++
	}
	if space && n > 0 {
		b.WriteByte(' ')
	}
	return b.String(), cut
}

// window returns a query's page, whatever was asked for.
func (q Query) window() (limit, offset int) {
	limit = q.Limit
	if limit <= 0 {
		limit = 10
	}
	return min(limit, maxLimit), min(max(q.Offset, 0), maxOffset)
}
