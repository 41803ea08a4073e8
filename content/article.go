// Package content turns a folder of Markdown files into a [Library] of
// articles: it loads, parses, checks, renders, watches and saves them.
//
// The files are the truth. A Library is an immutable snapshot of what they say;
// when a file changes, the [Folder] makes a new snapshot and swaps one pointer.
// A file that cannot be understood is a [Problem] with file and line, and its
// last good version stays in the Library.
//
// The package knows nothing of search, tickets or pages: it imports nothing of
// ours.
package content

import (
	"fmt"
	"strings"
	"time"
)

// A Status says how far an article has come. Only Published ones are read by
// customers, searched and counted.
type Status string

// The statuses of an article.
const (
	Draft     Status = "draft"
	Review    Status = "review"
	Published Status = "published"
	Archived  Status = "archived"
)

// An Audience is who may read an article, and also who a reader is: a reader of
// one audience may read the articles of that and of every lower one.
type Audience int

// The audiences, from the widest to the narrowest.
const (
	Public    Audience = iota // everybody
	Customers                 // who is a customer: holds a ticket of ours
	Agents                    // who works here
)

// MayRead reports whether a reader of audience r may read what is meant for a.
func (r Audience) MayRead(a Audience) bool { return r >= a }

// String returns the word that front matter uses.
func (r Audience) String() string {
	switch r {
	case Public:
		return "public"
	case Customers:
		return "customers"
	case Agents:
		return "agents"
	}
	return fmt.Sprintf("Audience(%d)", int(r))
}

// An Article is what one Markdown file says about itself: its front matter and
// where it lies, not its text, which [Folder.Render] and [Folder.Source] read
// when somebody asks for it. Articles are shared between goroutines and never
// changed.
type Article struct {
	File string // path below the folder, with slashes: "it/resi/quindici-giorni.md"
	Hash string // of the file's bytes, and of the files that it includes
	// Revision names what a translation translates: title, description and text.
	Revision string
	Lang     string // "it"
	Section  string // key of its section, empty at the top of a language
	Key      string // what its translations share
	Slug     string // last part of its address, unique within a language

	Title       string
	Description string
	Phrases     []string // how customers say it
	Expect      []string // searches that must find it in the first three
	Tags        []string
	Aliases     []string // old slugs of the same language
	Related     []string // keys
	Weight      int      // order within its section, small first

	Status     Status
	Audience   Audience
	Unlisted   bool      // readable by address, found by no search and no list
	PublishAt  time.Time // zero: at once
	ExpiresAt  time.Time // zero: never
	Confidence string    // "wip", "not_validated", "validated" or empty

	Owner          string
	LastReviewedOn time.Time
	ReviewIn       string // as written: "6 months"
	Change         string // "typo", "minor", "major" or empty
	Source         string // "lang@revision" of the text it was translated from

	Updated time.Time // front matter's date, else the file's
}

// Live reports whether an article is published at that moment.
func (a *Article) Live(now time.Time) bool {
	return a.Status == Published && !now.Before(a.PublishAt) && (a.ExpiresAt.IsZero() || now.Before(a.ExpiresAt))
}

// Due returns when the article is to be reviewed: its span after the last review, or
// after the last change if there was none. It is zero without a span, and of a text
// that is not a file yet.
func (a *Article) Due() time.Time {
	since := a.LastReviewedOn
	if since.IsZero() {
		since = a.Updated
	}
	due, ok := addSpan(since, a.ReviewIn)
	if !ok || a.ReviewIn == "" || since.IsZero() {
		return time.Time{}
	}
	return due
}

// Path returns the address of the article's page for a reader of a language,
// which is the article's own, or the reader's when it has no translation.
func (a *Article) Path() string { return "/" + a.Lang + "/articles/" + a.Slug }

// A Section is a folder of articles in one language; its _index.md gives title,
// weight and key. Sections nest at most one deep.
type Section struct {
	Lang, Key, Slug string
	Title           string
	Description     string
	Weight          int
	Parent          string // key of the section above, empty at the top
}

// Path returns the address of the section's page.
func (s *Section) Path() string { return "/" + s.Lang + "/sections/" + s.Slug }

// A Document is a rendered article.
type Document struct {
	HTML     string // sanitised; safe to place in a page
	TOC      []Heading
	Passages []Passage
	Minutes  int // reading time, at 200 words a minute, rounded up
}

// A Heading is a line of the table of contents.
type Heading struct {
	Level  int // 2 or 3
	ID     string
	Text   string
	Nested []Heading
}

// A Passage is the plain text between two headings: what search indexes and
// quotes, and what a result links to.
type Passage struct {
	ID      string // of the heading above it; empty before the first
	Heading string // its words
	Text    string // plain text, white space folded
}

// A Problem is something a writer should mend. It says where and how.
type Problem struct {
	File    string // path below the folder
	Line    int    // from 1; 0 when it is about the whole file
	Grave   bool   // the file cannot be shown as it is; its last good version stays
	Key     string // catalog key of the sentence, "check.title_missing"
	Args    map[string]any
	English string // the same in English, for the log and the command line
}

// String is one line for the log and the command line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(oneLine(p.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	b.WriteString(p.English)
	return b.String()
}
