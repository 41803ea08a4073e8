package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/staff"
	"primalinea/escalation/tiers"
)

// lives keeps the tickets of a busy desk: two, of which one is closed, copied until there
// are so many, one in five of them open, evenly over the 28 days before a moment.
func lives(b *testing.B, db *DB, many int, now time.Time) {
	b.Helper()
	ctx, id := context.Background(), escalation.NewID
	agent := staff.Person{ID: "anna", Name: "Anna", Roles: []staff.Role{staff.Lead}}
	for n, number := range []string{"C0SED000", "PEN00000"} {
		at := now.Add(-28 * 24 * time.Hour)
		c, err := escalation.NewTicket(escalation.OpenCommand{
			Number: number, Subject: "No network", Email: "ada@example.com", Lang: "en", Text: "It finds none.", Desk: escalation.ShippedDesk(),
		}, escalation.RequesterOf{}, id, at)
		then := func(rule func(t *escalation.Ticket) (escalation.Change, error)) {
			if err != nil {
				return
			}
			at = at.Add(time.Hour)
			var more escalation.Change
			t := c.Ticket
			if more, err = rule(&t); err == nil {
				c.Ticket, c.Entries = more.Ticket, append(c.Entries, more.Entries...)
			}
		}
		me := escalation.RequesterOf{Ticket: c.Ticket.ID}
		said := escalation.Message{Text: "Does another card work?"}
		then(func(t *escalation.Ticket) (escalation.Change, error) { return t.Take("", agent, id, at) })
		then(func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Ask(escalation.AskCommand{Message: said, Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "To know."}}, Until: at.Add(72 * time.Hour)}, agent, id, at)
		})
		then(func(t *escalation.Ticket) (escalation.Change, error) {
			return t.RequesterReply(escalation.RequesterMessage{Message: said}, me, id, at)
		})
		if n == 0 {
			then(func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Solve(escalation.SolveCommand{Message: said, Article: escalation.NoArticle, Reason: "rare"}, agent, id, at)
			})
			then(func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Confirm(escalation.Message{}, me, id, at)
			})
		}
		if err != nil {
			b.Fatal(err)
		}
		c.Letters = nil
		if _, _, err := db.Open(ctx, "", func() (escalation.Change, error) { return c, nil }); err != nil {
			b.Fatal(err)
		}
	}
	columns := func(table string) []string {
		var list []string
		if err := db.reader(ctx).each(func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			list = append(list, name)
			return err
		}, `SELECT name FROM pragma_table_info('`+table+`')`); err != nil {
			b.Fatal(err)
		}
		return list
	}
	step := (28 * 24 * time.Hour / time.Duration(many)).Milliseconds()
	copied := func(table string, set map[string]string) string {
		names := columns(table)
		of := make([]string, len(names))
		for i, name := range names {
			of[i] = "s." + name
			if set[name] != "" {
				of[i] = set[name]
			}
		}
		return `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			SELECT ` + strings.Join(of, ", ") + ` FROM n JOIN ticket o ON o.number = CASE WHEN i % 5 = 0 THEN 'PEN00000' ELSE 'C0SED000' END JOIN ` + table + ` s ON `
	}
	later := func(column string) string { return fmt.Sprintf("s.%s + n.i * %d", column, step) }
	err := db.change(ctx, func(tx conn) error {
		if _, err := tx.exec(copied("ticket", map[string]string{"id": "'c' || n.i", "number": "'c' || n.i", "updated": later("updated"), "opened": later("opened")})+`s.id = o.id`, many); err != nil {
			return err
		}
		_, err := tx.exec(copied("clock_event", map[string]string{"ticket": "'c' || n.i", "made": later("made")})+`s.ticket = o.id`, many)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTiers makes the report of 28 days in which 100,000 tickets were opened, of
// which one in five waits: what it costs at most, and how much it holds meanwhile.
func BenchmarkTiers(b *testing.B) {
	db := openFile(b)
	now := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	lives(b, db, 100_000, now)
	r := tiers.Reporter{
		Tickets: db,
		Demand:  func(context.Context, string, time.Time) (demand.List, error) { return demand.List{}, nil },
	}
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var high uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			high = max(high, m.HeapAlloc)
			select {
			case <-stop:
				most <- high
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		report, err := r.Report(context.Background(), now.AddDate(0, 0, -28), now, now)
		if err != nil || report.Share.N < 70_000 {
			b.Fatal(err, report.Share)
		}
	}
	close(stop)
	b.ReportMetric(float64(<-most)/1e6, "heap-MB")
}
