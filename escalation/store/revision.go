package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

// A Revision is what the text of an article was at one time.
type Revision struct {
	Article, Lang string
	Hash          string
	Change        string // how large the change was that made it
	At            time.Time
}

// Revisions returns all that were kept, the oldest first.
func (db *DB) Revisions(ctx context.Context) ([]Revision, error) {
	var out []Revision
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var r Revision
		err := rows.Scan(&r.Article, &r.Lang, &r.Hash, &r.Change, when{&r.At})
		out = append(out, r)
		return err
	}, `
		SELECT article, lang, hash, change, made
		FROM revision
		ORDER BY noted, id`)
	if err != nil {
		return nil, fmt.Errorf("revisions: %w", err)
	}
	return out, nil
}

// KeepRevisions keeps them, but for one that is the newest of its article already:
// several processes may see the same change.
func (db *DB) KeepRevisions(ctx context.Context, rs []Revision) error {
	err := db.change(ctx, func(tx conn) error {
		for _, r := range rs {
			newest, last, noted := "", time.Time{}, db.now()
			_, err := one(tx.row(`
				SELECT hash, noted
				FROM revision
				WHERE article = $1 AND lang = $2
				ORDER BY noted DESC, id DESC
				LIMIT 1`, r.Article, r.Lang), &newest, when{&last})
			if err != nil {
				return err
			}
			if newest == r.Hash {
				continue
			}
			if !noted.After(last) { // their order is what they are kept for
				noted = last.Add(time.Millisecond)
			}
			_, err = tx.exec(`
				INSERT INTO revision (id, article, lang, hash, change, made, noted)
				VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				escalation.NewID(), r.Article, r.Lang, r.Hash, r.Change, r.At, noted)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep revisions: %w", err)
	}
	return nil
}

// Readers returns how often each article was opened since a moment, in any
// language, by its key. An opening counts whether or not its reader is known.
func (db *DB) Readers(ctx context.Context, since time.Time) (map[string]int, error) {
	out := map[string]int{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var key string
		var n int
		err := rows.Scan(&key, &n)
		out[key] = n
		return err
	}, `
		SELECT article, COUNT(*)
		FROM journey_event
		WHERE made >= $1 AND kind = $2 AND article <> ''
		GROUP BY article`, since, journey.ArticleOpen)
	if err != nil {
		return nil, fmt.Errorf("readers of articles: %w", err)
	}
	return out, nil
}
