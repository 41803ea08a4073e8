package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// Secret returns the 32 random bytes with a name. Whoever comes first makes
// them, so that replicas agree.
func (db *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	var value string
	found, err := one(db.reader(ctx).row(`SELECT value FROM secret WHERE name = $1`, name), &value)
	if err == nil && !found {
		b := make([]byte, 32)
		rand.Read(b)
		err = db.change(ctx, func(tx conn) error {
			if _, err := tx.exec(`
				INSERT INTO secret (name, value)
				VALUES ($1, $2)
				ON CONFLICT DO NOTHING`, name, hex.EncodeToString(b)); err != nil {
				return err
			}
			return tx.row(`SELECT value FROM secret WHERE name = $1`, name).Scan(&value)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	b, err := hex.DecodeString(value)
	if err != nil || len(b) != 32 {
		return nil, fmt.Errorf("secret %s is damaged", name)
	}
	return b, nil
}
