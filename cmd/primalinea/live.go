package main

import (
	"context"

	"primalinea/escalation/audit"
	"primalinea/escalation/store"
)

// changes are the tickets that change, in this process or another one: they are read
// from the record of acts.
type changes struct {
	db    *store.DB
	since []audit.Mark
}

// next returns which tickets changed since it was asked last; anew it begins with now.
func (f *changes) next(ctx context.Context, anew bool) (numbers []string, all bool, err error) {
	if !anew {
		numbers, reached, _, known, err := f.db.ChangedTickets(ctx, f.since, fedAtOnce)
		if err != nil || known {
			f.since = reached
			return numbers, false, err
		}
	}
	f.since, err = f.db.AuditMarks(ctx)
	return nil, true, err
}
