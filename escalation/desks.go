package escalation

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DeskRows keeps the versions of the desk.
type DeskRows interface {
	// LastDesk returns the newest version, nil when there is none.
	LastDesk(ctx context.Context) (*Desk, error)
	// DeskAt returns a version, or a NotFound error. It is asked for each page, and may
	// remember: what is kept never changes.
	DeskAt(ctx context.Context, version int) (*Desk, error)
	// DeskHistory returns the newest versions before one, the latest first.
	DeskHistory(ctx context.Context, before, limit int) ([]Desk, error)
	// KeepDesk keeps a version. It is a Conflict if it is there already.
	KeepDesk(ctx context.Context, d Desk) error
}

// Desks knows the versions of the desk. Readers of the one that is in force never
// wait for the database.
type Desks struct {
	rows    DeskRows
	current atomic.Pointer[Desk]
	reading sync.Mutex // what was read later is in force later
}

// OpenDesks reads the desk that is in force. While no lead has decided anything, that
// is the one that this program ships.
func OpenDesks(ctx context.Context, rows DeskRows, now time.Time) (*Desks, error) {
	k := &Desks{rows: rows}
	last, err := rows.LastDesk(ctx)
	if err != nil {
		return nil, err
	}
	next := *ShippedDesk()
	next.Made = stamp(now)
	switch {
	case last == nil:
	case last.By == next.By && !last.same(&next):
		next.Version = last.Version + 1
	default:
		return k, k.Refresh(ctx)
	}
	// Another process may be faster: it keeps the same.
	if err := rows.KeepDesk(ctx, next); err != nil && KindOf(err) != Conflict {
		return nil, err
	}
	return k, k.Refresh(ctx)
}

// same says whether two versions say the same.
func (d *Desk) same(other *Desk) bool {
	a, err := json.Marshal(d)
	b, err2 := json.Marshal(other)
	return err == nil && err2 == nil && string(a) == string(b)
}

// Current returns the desk as it was last read.
func (k *Desks) Current() *Desk { return k.current.Load() }

// At returns the desk at a version. Version 0, of tickets that are older than all
// versions, is the first.
func (k *Desks) At(ctx context.Context, version int) (*Desk, error) {
	version = max(version, 1)
	if now := k.Current(); now.Version == version {
		return now, nil
	}
	return k.rows.DeskAt(ctx, version)
}

// Refresh reads the desk that is in force again: another process may have changed
// it.
func (k *Desks) Refresh(ctx context.Context) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	d, err := k.rows.LastDesk(ctx)
	if err != nil {
		return err
	}
	if d == nil {
		return fmt.Errorf("no version of the desk is kept")
	}
	if now := k.Current(); now == nil || now.Version != d.Version {
		k.current.Store(d)
	}
	return nil
}

// History returns the newest versions before one, the latest first.
func (k *Desks) History(ctx context.Context, before, limit int) ([]Desk, error) {
	return k.rows.DeskHistory(ctx, before, limit)
}

// Change keeps what somebody made of a version, checked, as the next one, and puts it
// into force. It is a Conflict if somebody changed the desk meanwhile; then theirs is
// shown.
func (k *Desks) Change(ctx context.Context, d Desk, by ActorRef, now time.Time) (*Desk, error) {
	d, err := d.Clean()
	if err != nil {
		return nil, err
	}
	d.Version, d.By, d.Made = d.Version+1, by, stamp(now)
	err = k.rows.KeepDesk(ctx, d)
	if err == nil || KindOf(err) == Conflict {
		if failed := k.Refresh(ctx); failed != nil {
			return nil, failed
		}
	}
	return k.Current(), err
}
