package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation/evidence"
)

// BeginUpload keeps that a file is on its way, if admit takes it in beside what is here.
// One is asked after the other, so that many at once get no more than one.
func (db *DB) BeginUpload(ctx context.Context, u evidence.Upload, admit func(evidence.Usage) error) error {
	err := db.change(ctx, func(tx conn) error {
		if err := tx.alone("upload"); err != nil {
			return err
		}
		used, err := tx.usage(u.Sender)
		if err == nil {
			err = admit(used)
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(`
			INSERT INTO upload (id, browser, sender, name, size, print, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, u.ID, u.Browser, u.Sender, u.Name, u.Size, u.Print, u.Created)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin upload: %w", err)
	}
	return nil
}

const uploadColumns = `id, browser, sender, name, size, print, made, file`

// Upload returns an upload, or a [escalation.NotFound] error. Whose it is, is asked of
// its browser.
func (db *DB) Upload(ctx context.Context, id string) (evidence.Upload, error) {
	return db.upload(db.reader(ctx).row(`SELECT `+uploadColumns+` FROM upload WHERE id = $1`, id))
}

// UploadLike returns what a browser began of the same file and did not finish, or a
// [escalation.NotFound] error.
func (db *DB) UploadLike(ctx context.Context, u evidence.Upload) (evidence.Upload, error) {
	return db.upload(db.reader(ctx).row(`
		SELECT `+uploadColumns+`
		FROM upload
		WHERE browser = $1 AND print = $2 AND size = $3 AND file = '' AND made >= $4
		ORDER BY made DESC, id
		LIMIT 1`, u.Browser, u.Print, u.Size, u.Created.Add(-evidence.UploadAge)))
}

func (db *DB) upload(row *sql.Row) (u evidence.Upload, err error) {
	err = row.Scan(&u.ID, &u.Browser, &u.Sender, &u.Name, &u.Size, &u.Print, when{&u.Created}, &u.File)
	if err != nil {
		return evidence.Upload{}, fmt.Errorf("upload: %w", notFound(err, "error.no_file"))
	}
	return u, nil
}

// FinishUpload stages the file that an upload became.
func (db *DB) FinishUpload(ctx context.Context, id string, r evidence.Record) error {
	err := db.change(ctx, func(tx conn) error {
		if err := tx.stageFile(r); err != nil {
			return err
		}
		_, err := tx.exec(`UPDATE upload SET file = $1 WHERE id = $2`, r.ID, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("finish upload: %w", err)
	}
	return nil
}

// DropUpload forgets an upload.
func (db *DB) DropUpload(ctx context.Context, id string) error {
	err := db.change(ctx, func(tx conn) error {
		_, err := tx.exec(`DELETE FROM upload WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop upload: %w", err)
	}
	return nil
}

// SweepUploads forgets uploads that began before a time, and returns the ids of those
// of which a part may lie here.
func (db *DB) SweepUploads(ctx context.Context, before time.Time) ([]string, error) {
	var ids []string
	err := db.change(ctx, func(tx conn) error {
		ids = nil
		if err := tx.each(func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT id FROM upload WHERE made < $1 AND file = '' ORDER BY id`, before); err != nil {
			return err
		}
		_, err := tx.exec(`DELETE FROM upload WHERE made < $1`, before)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sweep uploads: %w", err)
	}
	return ids, nil
}

// Usage returns how many bytes of files are here, and how many a sender has that are
// not attached to anything.
func (db *DB) Usage(ctx context.Context, sender string) (evidence.Usage, error) {
	return db.reader(ctx).usage(sender)
}

func (c conn) usage(sender string) (u evidence.Usage, err error) {
	err = c.row(`
		WITH way AS (
			SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM upload WHERE file = ''
		), wait AS (
			SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM file WHERE ticket = ''
		), mine AS (
			SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM file WHERE ticket = '' AND sender = $1
		), sent AS (
			SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes, COUNT(*) AS n FROM upload WHERE file = '' AND sender = $1
		), kept AS (
			SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM file
		)
		SELECT mine.bytes + sent.bytes, sent.n, wait.bytes + way.bytes, kept.bytes + way.bytes
		FROM way, wait, mine, sent, kept`, sender).Scan(&u.Sender, &u.Uploads, &u.Staged, &u.All)
	if err != nil {
		return u, fmt.Errorf("usage of files: %w", err)
	}
	return u, nil
}
