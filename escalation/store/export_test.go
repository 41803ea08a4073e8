package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"primalinea/escalation"
)

// Projection returns what the row of a ticket says, and what it should say by
// the ledger, for tests.
func (db *DB) Projection(ctx context.Context, id string) (stored, rebuilt string, err error) {
	c := db.reader(ctx)
	t, err := c.ticket("id", id)
	if err != nil {
		return "", "", err
	}
	row := make([]any, columns)
	for i := range row {
		row[i] = new(any)
	}
	if err := c.row(`SELECT `+projection+` FROM ticket WHERE id = $1`, id).Scan(row...); err != nil {
		return "", "", err
	}
	wanted, err := db.projected(c, &t)
	if err != nil {
		return "", "", err
	}
	for i, want := range values(wanted) {
		name := strings.TrimSpace(strings.Split(projection, ",")[i])
		stored += fmt.Sprintf("%s=%v\n", name, *row[i].(*any))
		rebuilt += fmt.Sprintf("%s=%v\n", name, want)
	}
	return stored, rebuilt, nil
}

// Handoffs returns id and state of each row of table handoff of a ticket, sorted.
func (db *DB) Handoffs(ctx context.Context, ticket string) (map[string]escalation.HandoffState, error) {
	rows, err := db.read.QueryContext(ctx, db.reader(ctx).bind(`SELECT id, state FROM handoff WHERE ticket = $1`), ticket)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := make(map[string]escalation.HandoffState)
	for rows.Next() {
		var id string
		var s escalation.HandoffState
		if err := rows.Scan(&id, &s); err != nil {
			return nil, err
		}
		states[id] = s
	}
	return states, rows.Err()
}

// Consults returns id and state of each row of table consult of a ticket.
func (db *DB) Consults(ctx context.Context, ticket string) (map[string]string, error) {
	states := make(map[string]string)
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id, state string
		err := rows.Scan(&id, &state)
		states[id] = state
		return err
	}, `SELECT id, state FROM consult WHERE ticket = $1`, ticket)
	return states, err
}

// KnownOf returns the row of a ticket's known problem: its id, whether the ticket is
// answered by hand, and whether it knows that the problem is solved.
func (db *DB) KnownOf(ctx context.Context, ticket string) (string, error) {
	var id string
	var byHand, solved bool
	found, err := one(db.reader(ctx).row(`SELECT problem, by_hand, solved FROM problem_ticket WHERE ticket = $1`, ticket), &id, truth{&byHand}, truth{&solved})
	if err != nil || !found {
		return "", err
	}
	return fmt.Sprintf("%s %v %v", id, byHand, solved), nil
}

// Alarms returns the rung of each row of table alarm of a ticket, and whether it is open.
func (db *DB) Alarms(ctx context.Context, ticket string) (map[string]string, error) {
	states := make(map[string]string)
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var id string
		var rung int
		var ended time.Time
		err := rows.Scan(&id, &rung, when{&ended})
		states[id] = fmt.Sprintf("%d %v", rung, ended.IsZero())
		return err
	}, `SELECT id, rung, ended FROM alarm WHERE ticket = $1`, ticket)
	return states, err
}

// Former returns the addresses in the rows of table former of a ticket, each once.
func (db *DB) Former(ctx context.Context, ticket string) ([]string, error) {
	return db.reader(ctx).ids(`SELECT DISTINCT email FROM former WHERE ticket = $1 ORDER BY email`, ticket)
}

// SetSchema pretends that a migration was applied.
func (db *DB) SetSchema(ctx context.Context, version int64) error {
	return db.change(ctx, func(tx conn) error {
		applied := "1"
		if db.pg {
			applied = "true"
		}
		_, err := tx.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, `+applied+`)`, version)
		return err
	})
}

// Make makes a database as an older version left it: with the tables of its
// migrations, and rows.
func Make(ctx context.Context, url string, schema []int64, rows func(Table) [][]any) error {
	db := &DB{}
	defer db.release()
	path, err := sqlitePath(url, "")
	if err != nil {
		return err
	}
	if path == "" {
		err = db.attachPostgres(url)
	} else {
		db.attachSQLite(path)
	}
	if err != nil {
		return err
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	c := conn{ctx: ctx, c: tx, pg: db.pg}
	if err := c.build(schema); err != nil {
		return err
	}
	tables, err := allTables(ctx, schema)
	if err != nil {
		return err
	}
	w := rowWriter{c: c, tables: tables}
	for _, t := range tables {
		for _, row := range rows(t) {
			if err := w.write(t.Name, row); err != nil {
				return err
			}
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	return tx.Commit()
}

// OwnTables returns the columns of all tables, sorted, as the database itself says.
func (db *DB) OwnTables(ctx context.Context) (map[string][]string, error) {
	c := db.reader(ctx)
	names, err := c.tables()
	if err != nil {
		return nil, err
	}
	query := `SELECT name FROM pragma_table_info($1) ORDER BY name`
	if db.pg {
		query = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY column_name`
	}
	tables := map[string][]string{}
	for _, name := range names {
		err := c.each(func(rows *sql.Rows) error {
			var column string
			err := rows.Scan(&column)
			tables[name] = append(tables[name], column)
			return err
		}, query, name)
		if err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// Rows returns the values of some columns of a table, in the order of the first.
func (db *DB) Rows(ctx context.Context, table string, columns []string) ([][]any, error) {
	var all [][]any
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		err := rows.Scan(to...)
		all = append(all, row)
		return err
	}, `SELECT `+strings.Join(columns, ", ")+` FROM `+table+` ORDER BY 1`)
	return all, err
}

// Number returns the one number that a query finds.
func (db *DB) Number(ctx context.Context, query string) (n int, err error) {
	err = db.reader(ctx).row(query).Scan(&n)
	return n, err
}

// Exec changes what a test has no other way to change.
func (db *DB) Exec(ctx context.Context, query string) error {
	return db.change(ctx, func(tx conn) error {
		_, err := tx.exec(query)
		return err
	})
}

// Alone gives each write a commit of its own.
func (db *DB) Alone() { db.most = 1 }

// Disconnect lets PostgreSQL drop all connections to the database but one.
func (db *DB) Disconnect(ctx context.Context) error {
	_, err := db.Number(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	return err
}

// Pragma sets something of the connection that writes, on SQLite.
func (db *DB) Pragma(p string) error {
	_, err := db.write.Exec("PRAGMA " + p)
	return err
}

// ReadOnly lets PostgreSQL refuse writes to the database, or take them again.
func (db *DB) ReadOnly(ctx context.Context, on bool) error {
	var name string
	if err := db.read.QueryRowContext(ctx, `SELECT current_database()`).Scan(&name); err != nil {
		return err
	}
	// In a transaction of its own kind, for others may be read-only by now.
	if _, err := db.read.ExecContext(ctx, fmt.Sprintf(
		`BEGIN READ WRITE; ALTER DATABASE %s SET default_transaction_read_only = %t; COMMIT`, name, on)); err != nil {
		return err
	}
	db.read.SetMaxIdleConns(0) // it holds for new connections
	db.read.SetMaxIdleConns(16)
	return nil
}

// ForgetClocks makes tickets what they were before there were clocks.
func (db *DB) ForgetClocks(ctx context.Context) error {
	return db.change(ctx, func(tx conn) error {
		if _, err := tx.exec(`DELETE FROM clock_event`); err != nil {
			return err
		}
		_, err := tx.exec(`UPDATE ticket SET due = -1, life = ''`)
		return err
	})
}

// Rechain gives all acts the hashes that they should have, as who knows how can.
func (db *DB) Rechain(ctx context.Context) error {
	return db.change(ctx, func(tx conn) error {
		for lane := range lanes {
			if err := tx.chainLane(lane); err != nil {
				return err
			}
		}
		return nil
	})
}

// Crowd makes so many tickets of table ticket's only row, as if their work stood
// everywhere: four in five are closed, and of the open ones every tenth is offered, of
// another tier, solved or of another language, and few are frozen or have an alarm. They
// are for plans alone: they have no ledger.
func (db *DB) Crowd(ctx context.Context, many int) error {
	if _, err := db.write.ExecContext(ctx, `
		CREATE TEMP TABLE crowd AS SELECT ticket.*, n FROM ticket, generate_series(1, `+fmt.Sprint(many)+`) AS n;
		UPDATE crowd SET id = 'i' || n, number = 'n' || n, since = n * 1000, updated = n * 1000, due = n * 1000, email = n || '@example.com',
			state = CASE WHEN n % 5 > 0 THEN 'closed' WHEN n % 50 = 10 THEN 'solved' WHEN n % 50 = 20 THEN 'wait_other' ELSE 'open' END,
			place = CASE WHEN n % 5 > 0 THEN 3 WHEN n % 50 = 10 THEN 2 WHEN n % 50 = 20 THEN 1 ELSE 0 END,
			offered_team = CASE WHEN n % 50 = 30 THEN 'tech' ELSE '' END, offered_tier = CASE WHEN n % 50 = 30 THEN 2 ELSE 0 END,
			assignee = CASE WHEN n % 50 = 40 THEN 'anna' || n % 1000 ELSE '' END, tier = 1 + n / 5 % 2, lang = CASE WHEN n % 7 = 0 THEN 'es' ELSE 'it' END,
			frozen = CASE WHEN n % 500 = 5 THEN 1 ELSE 0 END, alarmed = CASE WHEN n % 500 = 15 THEN 1 ELSE 0 END;
		ALTER TABLE crowd DROP COLUMN n;
		INSERT INTO ticket SELECT * FROM crowd;
		DROP TABLE crowd`); err != nil {
		return err
	}
	_, err := db.write.ExecContext(ctx, `ANALYZE ticket`)
	return err
}

// Plans returns how PostgreSQL finds the page of a list, and counts it.
func (db *DB) Plans(ctx context.Context, q escalation.Queue) (page, count string, err error) {
	plan := func(query string, args []any) (string, error) {
		var steps []string
		err := db.reader(ctx).each(func(rows *sql.Rows) error {
			var step string
			err := rows.Scan(&step)
			steps = append(steps, step)
			return err
		}, "EXPLAIN "+query, args...)
		return strings.Join(steps, "\n"), err
	}
	query, args, _ := queueQuery(q)
	if page, err = plan(query, args); err != nil {
		return "", "", err
	}
	query, args = countQuery(q, 100)
	count, err = plan(query, args)
	return page, count, err
}
