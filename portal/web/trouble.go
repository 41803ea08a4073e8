package web

import (
	"time"

	"primalinea/escalation/staff"
)

// A Trouble keeps the site from doing its work, or soon will.
type Trouble struct {
	Since time.Time // nothing can be kept since then; zero: everything can
	Why   Why
	Left  int64 // bytes on a disk that is nearly full; 0: there is enough room
	Files int64 // bytes of attached files that come near to their quota; 0: there is enough room
	Quota int64
}

// A Why says why nothing can be kept, as far as it is known.
type Why string

// What may be the matter with a disk.
const (
	Full     Why = "full"
	ReadOnly Why = "read_only"
	Unknown  Why = "unknown"
)

// trouble says in words what troubles the site, to who works here: that nothing
// can be kept to everybody, that a disk fills up to who can have it seen to.
func (p Page) trouble(t Trouble) string {
	switch {
	case !t.Since.IsZero():
		return p.T("trouble."+string(t.Why), "Since", p.Time(t.Since))
	case t.Left > 0 && p.Me.May(staff.Settings, nil):
		return p.T("trouble.low", "Left", p.Size(t.Left))
	case t.Files > 0 && p.Me.May(staff.Settings, nil):
		return p.T("trouble.files", "Files", p.Size(t.Files), "Quota", p.Size(t.Quota))
	}
	return ""
}
