package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"primalinea/escalation"
)

// Relate applies what rule makes of several tickets at once, in the order of their
// numbers: all of it, or nothing, as [DB.Change] does of one. A change of none of them
// opens a ticket. It returns the tickets as the changes leave them.
func (db *DB) Relate(ctx context.Context, numbers []string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error) {
	return db.relate(ctx, func(tx conn) (had []escalation.Ticket, err error) {
		for _, number := range numbers {
			t, err := tx.ticket("number", number)
			if err != nil {
				return nil, err
			}
			had = append(had, t)
		}
		return had, nil
	}, rule, numbers...)
}

// RelateAll is [DB.Relate] of a ticket, of those that go on in it, and of the tasks that
// are open for any of them, in this order. A task that is damaged keeps the others from
// nothing: [escalation.Ticket.Damaged] says so of it.
func (db *DB) RelateAll(ctx context.Context, number string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error) {
	return db.relate(ctx, func(tx conn) ([]escalation.Ticket, error) {
		t, err := tx.ticket("number", number)
		if err != nil {
			return nil, err
		}
		load := func(id string) (escalation.Ticket, error) { return tx.ticket("id", id) }
		joined, err := t.Joining(load)
		if err != nil {
			return nil, err
		}
		had := append([]escalation.Ticket{t}, joined...)
		for _, of := range had {
			for _, k := range of.OpenTasks() {
				task, err := load(k.Ticket)
				if errors.Is(err, errDamaged) {
					task, err = escalation.Ticket{ID: k.Ticket, Number: k.Number}, nil
				}
				if err != nil {
					return nil, err
				}
				had = append(had, task)
			}
		}
		return had, nil
	}, rule, number)
}

// relate applies what rule makes of the tickets that load returns, whose numbers are for
// an error.
func (db *DB) relate(ctx context.Context, load func(tx conn) ([]escalation.Ticket, error), rule func([]escalation.Ticket) ([]escalation.Change, error), numbers ...string) ([]escalation.Ticket, error) {
	var left []escalation.Ticket
	var letters bool
	err := db.repeat(ctx, func(tx conn) error {
		left, letters = nil, false
		had, err := load(tx)
		if err != nil {
			return err
		}
		versions := make(map[string]int)
		answers := make(map[string]map[string]escalation.HandoffState)
		for _, t := range had {
			versions[t.ID], answers[t.ID] = t.Version, answered(&t)
		}
		list, err := rule(had)
		if err != nil {
			return err
		}
		for _, c := range list {
			id := c.Ticket.ID
			if version, ok := versions[id]; ok {
				err = db.update(tx, version, answers[id], c)
			} else if row, e := db.projected(tx, &c.Ticket); e == nil {
				_, err = db.insert(tx, "", row, c)
			} else {
				err = e
			}
			if err != nil {
				return err
			}
			left, letters = append(left, c.Ticket), letters || len(c.Letters) > 0 || heard(c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("relate tickets %s: %w", strings.Join(numbers, ", "), err)
	}
	if letters {
		db.wake()
	}
	return left, nil
}

// answered returns how a ticket's handoffs stand, by their ids.
func answered(t *escalation.Ticket) map[string]escalation.HandoffState {
	answers := make(map[string]escalation.HandoffState)
	for _, h := range t.Handoffs {
		answers[h.ID] = h.State
	}
	return answers
}
