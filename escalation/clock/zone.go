package clock

import (
	"sync"
	"time"
)

// zones remembers the zones that were asked for: every page tells the time, and
// the library reads a zone's file anew each time. Only names of zones are kept.
var zones sync.Map // name → *time.Location

// Zone returns the time zone with an IANA name, such as Europe/Rome. No name is
// none, and "Local" is no name: it says nothing to who reads it.
func Zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), true
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, l)
	return l, true
}
