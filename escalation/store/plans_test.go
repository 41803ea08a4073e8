package store_test

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestPlansOfPostgreSQL asks PostgreSQL, which knows how many rows are what, how it
// finds the lists among 50,000 tickets: never by reading the whole table, and where an
// index has the order, without sorting but what is equal in it.
func TestPlansOfPostgreSQL(t *testing.T) {
	db := storetest.Open(t, storetest.PostgreSQL(t), store.Options{})
	ask(t, db, "eve@example.com", start)
	if err := db.Crowd(t.Context(), 50_000); err != nil {
		t.Fatal(err)
	}
	teams := []string{"tech", "rrr", "general"}
	for _, test := range []struct {
		name  string
		q     escalation.Queue
		sorts bool // few rows, or an order that no index has
	}{
		{"all", escalation.Queue{}, false},
		{"all, next page", escalation.Queue{After: "w.0.1.x"}, false},
		{"free", escalation.Queue{Teams: teams, MaxTier: 2, Tier: 2, Free: true}, false},
		{"our turn", escalation.Queue{Turn: escalation.Ours, Tier: 1}, false},
		{"a party's turn", escalation.Queue{Turn: escalation.Partys}, false},
		{"solved", escalation.Queue{State: escalation.Solved, Teams: teams, MaxTier: 2}, false},
		{"mine", escalation.Queue{Assignee: "anna40"}, true},
		{"mine, due", escalation.Queue{Assignee: "anna40", By: escalation.ByDue}, true},
		{"offered", escalation.Queue{Offered: true, Teams: teams, MaxTier: 2}, true},
		{"offered, due", escalation.Queue{Offered: true, Teams: teams, MaxTier: 2, By: escalation.ByDue}, true},
		{"asked", escalation.Queue{Asked: "anna", Teams: teams, MaxTier: 2}, true},
		{"frozen", escalation.Queue{Frozen: true}, true},
		{"alarms", escalation.Queue{Alarmed: true}, true},
		{"due", escalation.Queue{By: escalation.ByDue}, false},
		{"due, next page", escalation.Queue{By: escalation.ByDue, After: "d.1.x"}, false},
		{"late", escalation.Queue{DueFrom: time.UnixMilli(0), DueTill: time.UnixMilli(9), By: escalation.ByDue}, false},
		{"late, by the wait", escalation.Queue{DueFrom: time.UnixMilli(0), DueTill: start}, false},
		{"any filter", escalation.Queue{Teams: teams, Tier: 2, Lang: "es", State: escalation.Open}, true},
		{"by subject", escalation.Queue{By: escalation.BySubject}, true},
		{"newest", escalation.Queue{By: escalation.ByNewest, Free: true}, true},
		{"suspected", escalation.Queue{Doubt: escalation.Suspected}, true},
		{"closed", escalation.Queue{Closed: true}, false},
		{"closed, next page", escalation.Queue{Closed: true, After: "c.40000000.x"}, false},
		{"closed, filter", escalation.Queue{Closed: true, Lang: "es"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, count, err := db.Plans(t.Context(), test.q)
			if err != nil {
				t.Fatal(err)
			}
			for _, plan := range []string{page, count} {
				if strings.Contains(plan, "Seq Scan on ticket") || strings.Contains(strings.ReplaceAll(plan, "Incremental Sort", ""), "Sort  (") && !test.sorts {
					t.Errorf("it reads or sorts too much:\n%s", plan)
				}
			}
		})
	}
}
