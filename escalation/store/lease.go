package store

import (
	"context"
	"fmt"
	"time"
)

// Lease says whether the caller is who does a job now. It is, when nobody took
// the job for a span; then nobody else does until the span is over.
func (db *DB) Lease(ctx context.Context, name string, span time.Duration) (mine bool, err error) {
	err = db.change(ctx, func(tx conn) error {
		now := db.now()
		n, err := tx.exec(`
			INSERT INTO lease (name, until)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE lease.until <= $3`,
			name, now.Add(span), now)
		mine = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	return mine, nil
}
