// Package evidence keeps what is attached to tickets: which files are taken, how
// they are named, and where they lie.
package evidence

import "time"

// A Record is a file as its ticket knows it. The bytes lie under Hash, once for
// all who attached them.
type Record struct {
	ID      string
	Hash    string // of the content
	Ticket  string // id
	Entry   string // id
	Name    string // as the sender called it, cleaned
	Type    string // as sniffed
	Size    int64
	Created time.Time
}
