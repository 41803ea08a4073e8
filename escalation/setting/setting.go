// Package setting is what a lead decides about the site as a whole: what it is
// called and looks like, when somebody is there, how its letters end, how else a
// company can be reached, and whether the first steps are done.
//
// It keeps nothing: rows of the store hold each part as JSON with a version, so
// that of two leads who change the same part at once one is told.
package setting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"primalinea/escalation"
)

// The names of the rows.
const (
	BrandName   = "brand"
	HoursName   = "hours"
	LettersName = "letters"
	SetUpName   = "set_up"
	StatusName  = "status"

	RetentionName = "retention"
)

// A Row is a part as the store keeps it.
type Row struct {
	Value   []byte // JSON
	Version int64  // 0 for none
}

// A Site is all of it at one moment. It never changes, so everybody may read it.
type Site struct {
	Brand    Brand
	Hours    Hours
	Letters  Letters
	SetUp    SetUp
	Channels Channels
	Status   Status

	Retention Retention

	versions map[string]int64
	edition  int64
}

// Version returns the version of the part with a name, 0 while nobody changed it.
func (s *Site) Version(name string) int64 { return s.versions[name] }

// Edition changes whenever some part does: what was made with one edition is not
// shown with another.
func (s *Site) Edition() int64 { return s.edition }

// Default is what is true before a lead decides anything.
func Default() *Site {
	return &Site{Brand: Brand{Name: "Primalinea"}}
}

// Read returns the site that rows make. A row of a name that is not ours is left
// to whose it is.
func Read(rows map[string]Row) (*Site, error) {
	s := Default()
	s.versions = map[string]int64{}
	for name, part := range map[string]any{BrandName: &s.Brand, HoursName: &s.Hours, LettersName: &s.Letters, SetUpName: &s.SetUp, ChannelsName: &s.Channels, StatusName: &s.Status,
		RetentionName: &s.Retention} {
		row, ok := rows[name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(row.Value, part); err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
		s.versions[name] = row.Version
		s.edition += row.Version
	}
	return s, nil
}

// Rows keeps the parts.
type Rows interface {
	Settings(ctx context.Context) (map[string]Row, error)
	// EditSetting keeps what was made of a version, or is a Conflict.
	EditSetting(ctx context.Context, name string, version int64, v any) error
}

// A Keeper knows the site as it was last read. Readers never wait for the
// database.
type Keeper struct {
	rows    Rows
	site    atomic.Pointer[Site]
	reading sync.Mutex // what was read later is shown later
}

// Open reads the site.
func Open(ctx context.Context, rows Rows) (*Keeper, error) {
	k := &Keeper{rows: rows}
	return k, k.Refresh(ctx)
}

// Site returns the site as it was last read.
func (k *Keeper) Site() *Site { return k.site.Load() }

// Refresh reads the site again: another process may have changed it.
func (k *Keeper) Refresh(ctx context.Context) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	rows, err := k.rows.Settings(ctx)
	if err != nil {
		return err
	}
	s, err := Read(rows)
	if err != nil {
		return err
	}
	k.site.Store(s)
	return nil
}

// Change keeps what was made of a version of a part, and shows it at once. It is
// a Conflict if somebody changed the part meanwhile; then that is shown.
func (k *Keeper) Change(ctx context.Context, name string, version int64, v any) error {
	err := k.rows.EditSetting(ctx, name, version, v)
	if err == nil || escalation.KindOf(err) == escalation.Conflict {
		err = errors.Join(err, k.Refresh(ctx))
	}
	return err
}

func invalid(field, reason string, args map[string]any) error {
	return &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason, Args: args}
}
