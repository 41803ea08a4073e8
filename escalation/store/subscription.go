package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
)

const subscriptionColumns = `id, email, lang, query, journey, made, confirmed`

func (c conn) subscriptions(where string, args ...any) ([]demand.Subscription, error) {
	var list []demand.Subscription
	err := c.each(func(rows *sql.Rows) error {
		var s demand.Subscription
		err := rows.Scan(&s.ID, &s.Email, &s.Lang, &s.Query, &s.Journey, when{&s.Made}, when{&s.Confirmed})
		list = append(list, s)
		return err
	}, `SELECT `+subscriptionColumns+` FROM subscription `+where, args...)
	return list, err
}

// Subscribe keeps a subscription and the letter that asks whether it is meant, whose
// code has this hash. Of one to the same words it keeps nothing, but for one that
// waits for [demand.AskAgain] to be confirmed; nor of an address that got
// [demand.LettersADay].
func (db *DB) Subscribe(ctx context.Context, s demand.Subscription, hash string, l escalation.Letter) error {
	wake := false
	err := db.change(ctx, func(tx conn) error {
		wake = false
		now := db.now()
		if err := tx.guard("subscribe:"+whoLinks(s.Email)[:32], now); err != nil {
			return err
		}
		had, err := tx.subscriptions(`WHERE email = $1 AND said = $2`, s.Email, s.Said())
		if err != nil {
			return err
		}
		var letters int
		if err := tx.row(`SELECT COUNT(*) FROM subscription WHERE email = $1 AND made > $2`, s.Email, now.Add(-demand.AskAgain)).Scan(&letters); err != nil {
			return err
		}
		if letters >= demand.LettersADay || len(had) > 0 && (!had[0].Confirmed.IsZero() || now.Sub(had[0].Made) < demand.AskAgain) {
			return nil
		}
		for _, old := range had {
			if _, err := tx.exec(`DELETE FROM subscription WHERE id = $1`, old.ID); err != nil {
				return err
			}
		}
		if _, err := tx.exec(`
			INSERT INTO subscription (`+subscriptionColumns+`, hash, said)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			s.ID, s.Email, s.Lang, s.Query, s.Journey, s.Made, s.Confirmed, hash, s.Said()); err != nil {
			return err
		}
		wake = true
		return db.post(tx, l)
	})
	if err != nil {
		return fmt.Errorf("subscription: %w", err)
	}
	if wake {
		db.wake()
	}
	return nil
}

// Subscription returns the one whose code has a hash, or a [escalation.NotFound] error.
func (db *DB) Subscription(ctx context.Context, hash string) (demand.Subscription, error) {
	found, err := db.reader(ctx).subscriptions(`WHERE hash = $1`, hash)
	if err == nil && len(found) == 0 {
		err = demand.NoSubscription()
	}
	if err != nil {
		return demand.Subscription{}, err
	}
	return found[0], nil
}

// ConfirmSubscription notes that a subscription is meant, and keeps its signal, once.
func (db *DB) ConfirmSubscription(ctx context.Context, hash string, signal demand.Signal) error {
	err := db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`UPDATE subscription SET confirmed = $1, journey = '' WHERE hash = $2 AND confirmed = 0`, signal.At, hash)
		if err != nil || n == 0 {
			return err
		}
		return tx.saveSignal(signal)
	})
	if err != nil {
		return fmt.Errorf("confirm subscription: %w", err)
	}
	return nil
}

// LineOfSignal returns the line on which a signal lies; it is empty while it lies on
// none.
func (db *DB) LineOfSignal(ctx context.Context, id string) (line string, err error) {
	if _, err := one(db.reader(ctx).row(`SELECT line FROM demand_signal WHERE id = $1`, id), &line); err != nil {
		return "", fmt.Errorf("line of signal %s: %w", id, err)
	}
	return line, nil
}

// DropSubscription forgets a subscription, and its signal.
func (db *DB) DropSubscription(ctx context.Context, hash string) error {
	err := db.change(ctx, func(tx conn) error {
		for _, query := range []string{
			`DELETE FROM demand_signal WHERE id IN (SELECT 'subscribe-' || id FROM subscription WHERE hash = $1)`,
			`DELETE FROM subscription WHERE hash = $1`,
		} {
			if _, err := tx.exec(query, hash); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop subscription: %w", err)
	}
	return nil
}

// Subscribers returns the subscriptions in a language that are confirmed and whose
// signals lie on a line, the oldest first.
func (db *DB) Subscribers(ctx context.Context, line, lang string) ([]demand.Subscription, error) {
	list, err := db.reader(ctx).subscriptions(`
		WHERE lang = $1 AND confirmed > 0 AND 'subscribe-' || id IN (SELECT id FROM demand_signal WHERE line = $2 AND kind = $3)
		ORDER BY confirmed, id`, lang, line, demand.Waits)
	if err != nil {
		return nil, fmt.Errorf("subscribers of %s: %w", line, err)
	}
	return list, nil
}

// Waiting counts who waits to be told of an answer, by line.
func (db *DB) Waiting(ctx context.Context) (map[string]int, error) {
	waiting := map[string]int{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var line string
		var n int
		err := rows.Scan(&line, &n)
		waiting[line] = n
		return err
	}, `
		SELECT demand_signal.line, COUNT(*)
		FROM subscription JOIN demand_signal ON demand_signal.id = 'subscribe-' || subscription.id
		WHERE subscription.confirmed > 0 AND demand_signal.line <> ''
		GROUP BY demand_signal.line`)
	if err != nil {
		return nil, fmt.Errorf("who waits: %w", err)
	}
	return waiting, nil
}

// Tell writes the last letter of a subscription and forgets it, at once. Its signal
// stays: it was asked.
func (db *DB) Tell(ctx context.Context, id string, l escalation.Letter) error {
	told := false
	err := db.change(ctx, func(tx conn) error {
		n, err := tx.exec(`DELETE FROM subscription WHERE id = $1`, id)
		if told = n > 0; err != nil || !told {
			return err
		}
		return db.post(tx, l)
	})
	if err != nil {
		return fmt.Errorf("tell %s: %w", id, err)
	}
	if told {
		db.wake()
	}
	return nil
}

// SweepSubscriptions forgets those that were made before a time, and those that were
// not confirmed since another.
func (db *DB) SweepSubscriptions(ctx context.Context, before, unconfirmed time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM subscription WHERE id IN (
			SELECT id FROM subscription WHERE made < $1 ORDER BY made LIMIT $2)`, before)
	if err == nil {
		err = db.sweep(ctx, `
			DELETE FROM subscription WHERE id IN (
				SELECT id FROM subscription WHERE confirmed = 0 AND made < $1 ORDER BY made LIMIT $2)`, unconfirmed)
	}
	if err != nil {
		return fmt.Errorf("sweep subscriptions: %w", err)
	}
	return nil
}

// SubscriptionsOf returns those of an address, the oldest first.
func (db *DB) SubscriptionsOf(ctx context.Context, email string) ([]demand.Subscription, error) {
	if email == "" {
		return nil, nil
	}
	list, err := db.reader(ctx).subscriptions(`WHERE email = $1 ORDER BY made, id`, fold(email))
	if err != nil {
		return nil, fmt.Errorf("subscriptions: %w", err)
	}
	return list, nil
}
