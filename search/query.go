// Package search finds articles: it keeps a bleve index of a [content.Library]
// and answers a [Query] with [Hit]s.
//
// What a visitor types is words, never a query language. The index is derived:
// it is rebuilt when it is missing, damaged or of another version, and starting
// the program never fails because of it. No more than a few searches run at
// once, so that pages stay quick beside them.
package search

import (
	"time"

	"primalinea/content"
)

// A Query is what somebody looks for, and who is looking.
type Query struct {
	Text    string // as typed; at most 512 runes count
	Lang    string // the page's language
	Reader  content.Audience
	Section string // key; empty searches all
	Limit   int    // hits per page, 10 when 0, at most 50
	Offset  int
	OneLang bool // leave other languages out
}

// A Result is the answer to a query.
type Result struct {
	Total     int     // hits in the page's language, on all pages
	Hits      []Hit   // best first
	Elsewhere []Hit   // the best in other languages, at most 5, best first
	Sections  []Facet // where the hits lie, most first
	Instead   string  // the words that were searched because those typed are in no article; empty otherwise
	Cut       bool    // the text was longer than counts
	Took      time.Duration
}

// A Hit is one article that answers a query, with the passage that does.
type Hit struct {
	Article *content.Article
	Score   float64 // comparable within one answer and one language only
	Title   []Piece
	Snippet []Piece // from the best passage
	Anchor  string  // id of the heading above that passage, empty at the top
	Heading string
}

// A Piece is a run of text that either matches the query or does not.
type Piece struct {
	Text string
	Mark bool
}

// A Facet counts the hits of one section.
type Facet struct {
	Section string // key
	Count   int
}
