package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
)

// StageFile keeps the record of a file whose form is not sent yet. Its ticket
// and entry are set by the change that attaches it.
func (db *DB) StageFile(ctx context.Context, r evidence.Record) error {
	err := db.change(ctx, func(tx conn) error { return tx.stageFile(r) })
	if err != nil {
		return fmt.Errorf("stage file: %w", err)
	}
	return nil
}

func (tx conn) stageFile(r evidence.Record) error {
	_, err := tx.exec(`
		INSERT INTO file (id, hash, ticket, entry, name, type, size, made, sender, thumb, width, height)
		VALUES ($1, $2, '', '', $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.ID, r.Hash, r.Name, r.Type, r.Size, r.Created, r.Sender, r.Thumb, r.Width, r.Height)
	return err
}

// File returns the record of a file, or a [escalation.NotFound] error. Who may
// read it is asked of its ticket.
func (db *DB) File(ctx context.Context, id string) (evidence.Record, error) {
	r := evidence.Record{ID: id}
	err := db.reader(ctx).row(`
		SELECT hash, ticket, entry, name, type, size, made, thumb, width, height
		FROM file
		WHERE id = $1`, id).Scan(&r.Hash, &r.Ticket, &r.Entry, &r.Name, &r.Type, &r.Size, when{&r.Created}, &r.Thumb, &r.Width, &r.Height)
	if err != nil {
		return evidence.Record{}, fmt.Errorf("file %q: %w", id, notFound(err, "error.no_file"))
	}
	return r, nil
}

// claimFile attaches a staged file to an entry. One that is gone, or that
// belongs to another entry, cannot be attached.
func (tx conn) claimFile(id, ticket, entry string) error {
	n, err := tx.exec(`
		UPDATE file
		SET ticket = $1, entry = $2
		WHERE id = $3 AND ticket = ''`, ticket, entry, id)
	if err == nil && n == 0 {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "files", Reason: "error.file_gone"}
	}
	return err
}

// SweepFiles forgets files that were staged before a time and never attached.
// Their bytes are [evidence.Folder.Sweep]'s to remove.
func (db *DB) SweepFiles(ctx context.Context, before time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM file WHERE ticket = '' AND made < $1`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	return nil
}

const knowsFile = `SELECT id FROM file WHERE hash = $1 OR thumb = $1 AND thumb <> '' LIMIT 1`

// KnowsFile reports whether some record names the bytes with a hash, or has them as
// its thumbnail.
func (db *DB) KnowsFile(ctx context.Context, hash string) (bool, error) {
	var id string
	found, err := one(db.reader(ctx).row(knowsFile, hash), &id)
	if err != nil {
		return false, fmt.Errorf("file: %w", err)
	}
	return found, nil
}

// carryFiles hangs the files of words that were taken to a ticket there, or back where
// they were said.
func (tx conn) carryFiles(t *escalation.Ticket, e *escalation.Entry) error {
	hang := func(f escalation.File, fromTicket, from, toTicket, to string) error {
		_, err := tx.exec(`
			UPDATE file
			SET ticket = $1, entry = $2
			WHERE id = $3 AND ticket = $4 AND entry = $5`, toTicket, to, f.ID, fromTicket, from)
		return err
	}
	if e.Event.Kind == escalation.EventBrought {
		for _, f := range e.Files {
			if err := hang(f, e.Event.Other.Ticket, e.Event.Origin.Entry, t.ID, e.ID); err != nil {
				return err
			}
		}
		return nil
	}
	for _, there := range t.Entries {
		if there.Event == nil || there.Event.Kind != escalation.EventBrought || there.Event.Carriage != e.Event.Carriage {
			continue
		}
		for _, f := range there.Files {
			if err := hang(f, t.ID, there.ID, there.Event.Other.Ticket, there.Event.Origin.Entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// hangBack hangs the files of words that were taken to a ticket, and are taken out of it,
// where they were said, if they are somebody else's than who is erased. left are the
// entries afterwards.
func (tx conn) hangBack(t *escalation.Ticket, left []escalation.Entry, who string) error {
	tenures := t.Tenures()
	for i, e := range escalation.Ledger(t.Entries) {
		if e.Event == nil || e.Event.Kind != escalation.EventBrought || len(e.Files) == 0 || len(left[i].Files) > 0 {
			continue
		}
		owner := t.Requester.Key()
		for _, n := range tenures {
			if n.Has(e.Seq) {
				owner = n.Key()
			}
		}
		if r := e.Of(); r != nil {
			owner = r.Key()
		}
		if owner == who {
			continue
		}
		from, err := tx.ticket("id", e.Event.Other.Ticket)
		if err != nil {
			return err
		}
		said := slices.IndexFunc(from.Entries, func(o escalation.Entry) bool { return o.ID == e.Event.Origin.Entry && len(o.Files) > 0 })
		if said < 0 {
			continue // it was erased there
		}
		for _, f := range e.Files {
			if _, err := tx.exec(`UPDATE file SET ticket = $1, entry = $2 WHERE id = $3 AND entry = $4`, from.ID, from.Entries[said].ID, f.ID, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
