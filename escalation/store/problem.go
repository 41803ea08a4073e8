package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

const problemColumns = `id, version, title, text, tell, article, solved, opened, opener, made, maker`

// problems returns versions of known problems.
func (c conn) problems(where string, args ...any) (list []escalation.Problem, err error) {
	err = c.each(func(rows *sql.Rows) error {
		var p escalation.Problem
		err := rows.Scan(&p.ID, &p.Version, &p.Title, &p.Text, document{&p.Tell}, &p.Article, when{&p.Solved}, when{&p.Opened}, document{&p.Opener}, when{&p.Made}, document{&p.By})
		list = append(list, p)
		return err
	}, `SELECT `+problemColumns+` FROM problem p WHERE `+where, args...)
	return list, err
}

// newest is the version of a problem that is in force.
const newest = `version = (SELECT max(version) FROM problem n WHERE n.id = p.id)`

// Problems returns the known problems, the newest first: those that are open, or the
// others.
func (db *DB) Problems(ctx context.Context, solved bool) ([]escalation.Problem, error) {
	cond := `solved = 0 AND ` + newest + ` ORDER BY opened DESC, id`
	if solved {
		cond = `solved > 0 AND ` + newest + ` ORDER BY solved DESC, id`
	}
	list, err := db.reader(ctx).problems(cond)
	if err != nil {
		return nil, fmt.Errorf("problems: %w", err)
	}
	return list, nil
}

// Problem returns the versions of a known problem, that in force first, or a
// [escalation.NotFound] error.
func (db *DB) Problem(ctx context.Context, id string) ([]escalation.Problem, error) {
	list, err := db.reader(ctx).problems(`id = $1 ORDER BY version DESC`, id)
	if err == nil && len(list) == 0 {
		err = &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_problem"}
	}
	if err != nil {
		return nil, fmt.Errorf("problem %s: %w", id, err)
	}
	return list, nil
}

// KeepProblem keeps a version of a known problem. It is a Conflict if somebody was
// faster.
func (db *DB) KeepProblem(ctx context.Context, p escalation.Problem) error {
	err := db.change(ctx, func(tx conn) error {
		tell := encode(p.Tell)
		n, err := tx.exec(`
			INSERT INTO problem (`+problemColumns+`)
			VALUES (`+list(1, 11)+`)
			ON CONFLICT (id, version) DO NOTHING`,
			p.ID, p.Version, p.Title, p.Text, tell, p.Article, p.Solved, p.Opened, encode(p.Opener), p.Made, encode(p.By))
		if err != nil {
			return err
		}
		if n == 0 {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.problem_changed"}
		}
		what := audit.Changed
		if p.Version == 1 {
			what = audit.Added
		}
		tx.did(audit.Act{At: p.Made, By: p.By, Kind: audit.Problem, Object: p.ID, What: what, Last: int64(p.Version),
			Digest: audit.Digest("", []any{p.Title, p.Text, tell, p.Article, !p.Solved.IsZero()})})
		return nil
	})
	if err != nil {
		return fmt.Errorf("problem %s: %w", p.ID, err)
	}
	return nil
}

// keepKnown keeps what a change did to the known problem of a ticket.
func (tx conn) keepKnown(c escalation.Change) error {
	if !slices.ContainsFunc(c.Entries, func(e escalation.Entry) bool { return e.Event != nil && e.Event.Problem != "" }) {
		return nil
	}
	k := c.Ticket.Problem
	if k == nil {
		_, err := tx.exec(`DELETE FROM problem_ticket WHERE ticket = $1`, c.Ticket.ID)
		return err
	}
	_, err := tx.exec(`
		INSERT INTO problem_ticket (ticket, problem, by_hand, solved)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (ticket) DO UPDATE SET problem = excluded.problem, by_hand = excluded.by_hand, solved = excluded.solved`,
		c.Ticket.ID, k.ID, k.ByHand, k.Solved)
	return err
}

// Affected returns the tickets that have a known problem, the latest first, closed ones
// and those in doubt too.
func (db *DB) Affected(ctx context.Context, problem string) ([]escalation.Affected, error) {
	var list []escalation.Affected
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var a escalation.Affected
		err := rows.Scan(&a.Number, &a.Version, &a.State, &a.Subject, &a.Lang, &a.Team, &a.Tier, &a.Doubt, when{&a.Opened}, when{&a.Erased}, truth{&a.ByHand})
		list = append(list, a)
		return err
	}, `
		SELECT t.number, t.version, t.state, t.subject, t.lang, t.team, t.tier, t.doubt, t.opened, t.erased, p.by_hand
		FROM problem_ticket p
		JOIN ticket t ON t.id = p.ticket
		WHERE p.problem = $1
		ORDER BY t.opened DESC, t.id`, problem)
	if err != nil {
		return nil, fmt.Errorf("tickets of problem %s: %w", problem, err)
	}
	return list, nil
}

// CountAffected returns how many tickets have each known problem.
func (db *DB) CountAffected(ctx context.Context) (map[string]int, error) {
	counts := make(map[string]int)
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id string
		var n int
		err := rows.Scan(&id, &n)
		counts[id] = n
		return err
	}, `SELECT problem, count(*) FROM problem_ticket GROUP BY problem`)
	if err != nil {
		return nil, fmt.Errorf("tickets of problems: %w", err)
	}
	return counts, nil
}

// Unaware returns the numbers of tickets that do not know yet that their problem is
// solved, or that it is not, by the id of the problem.
func (db *DB) Unaware(ctx context.Context) (map[string][]string, error) {
	unaware := make(map[string][]string)
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id, number string
		err := rows.Scan(&id, &number)
		unaware[id] = append(unaware[id], number)
		return err
	}, `
		SELECT p.id, t.number
		FROM problem p
		JOIN problem_ticket k ON k.problem = p.id AND k.solved <> CASE WHEN p.solved > 0 THEN 1 ELSE 0 END
		JOIN ticket t ON t.id = k.ticket
		WHERE t.erased = 0 AND p.`+newest)
	if err != nil {
		return nil, fmt.Errorf("unaware tickets: %w", err)
	}
	return unaware, nil
}
