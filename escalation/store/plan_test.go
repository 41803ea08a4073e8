package store

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
)

// TestPlans asks SQLite how it will find what pages wait for: by an index that
// has the order too, whatever else lies in the table.
func TestPlans(t *testing.T) {
	db := openFile(t)
	plan := func(query string, args []any) string {
		var steps []string
		err := db.reader(t.Context()).each(func(rows *sql.Rows) error {
			var id, parent, unused int
			var step string
			err := rows.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}, "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(steps, "; ")
	}
	for _, test := range []struct {
		name  string
		q     escalation.Queue
		index string
		sorts bool // a few rows
	}{
		{"all", escalation.Queue{}, "ticket_queue", false},
		{"all open", escalation.Queue{Unsolved: true}, "ticket_queue", false},
		{"next page", escalation.Queue{After: "w.0.1.x"}, "ticket_queue", false},
		{"team", escalation.Queue{Teams: []string{"tech", "rrr"}, MaxTier: 2, Free: true}, "ticket_queue", false},
		{"our turn", escalation.Queue{Turn: escalation.Ours, Tier: 1}, "ticket_queue", false},
		{"mine", escalation.Queue{Assignee: "anna", Unsolved: true}, "ticket_assignee", false},
		{"mine, next page", escalation.Queue{Assignee: "anna", Unsolved: true, After: "w.0.1.x"}, "ticket_assignee", false},
		{"due", escalation.Queue{By: escalation.ByDue}, "ticket_due", false},
		{"due, next page", escalation.Queue{By: escalation.ByDue, After: "d.1.x"}, "ticket_due", false},
		{"due, team", escalation.Queue{By: escalation.ByDue, Teams: []string{"tech", "rrr"}, MaxTier: 2, Free: true}, "ticket_due", false},
		{"due, our turn", escalation.Queue{By: escalation.ByDue, Turn: escalation.Ours, Tier: 1}, "ticket_due", false},
		{"any filter", escalation.Queue{Teams: []string{"rrr"}, Tier: 2, Type: "return", Lang: "es", State: escalation.New}, "ticket_queue", false},
		{"late", escalation.Queue{DueFrom: time.UnixMilli(0), DueTill: time.UnixMilli(9), Lang: "es", By: escalation.ByDue}, "ticket_due (due>? AND due<?)", false},
		{"closed, filter", escalation.Queue{Closed: true, Lang: "es", Type: "return", Tier: 2}, "ticket_closed", false},
		{"by subject", escalation.Queue{By: escalation.BySubject, Lang: "es"}, "COVERING INDEX ticket_queue", true},
		{"by customer, next page", escalation.Queue{By: escalation.ByName, Type: "return", After: "name.0.1.x.rossi"}, "COVERING INDEX ticket_queue", true},
		{"by tier", escalation.Queue{By: escalation.ByTier, Teams: []string{"rrr"}, Turn: escalation.Ours}, "COVERING INDEX ticket_queue", true},
		{"by state", escalation.Queue{By: escalation.ByState, Undue: true}, "ticket_", true},
		{"newest", escalation.Queue{By: escalation.ByNewest, Free: true}, "COVERING INDEX ticket_queue", true},
		{"mine, due", escalation.Queue{By: escalation.ByDue, Assignee: "anna", After: "d.1.x"}, "ticket_assignee", true},
		{"offered, due", escalation.Queue{By: escalation.ByDue, Offered: true, Teams: []string{"tech", "rrr"}, MaxTier: 2}, "ticket_offered", true},
		{"offered, due, next page", escalation.Queue{By: escalation.ByDue, Offered: true, Teams: []string{"tech", "rrr"}, MaxTier: 2, After: "d.1.x"}, "ticket_offered", true},
		{"offered", escalation.Queue{Offered: true, Teams: []string{"tech", "rrr"}, MaxTier: 2}, "ticket_offered_wait", false},
		{"offered, next page", escalation.Queue{Offered: true, Teams: []string{"tech", "rrr"}, MaxTier: 2, After: "w.0.1.x"}, "ticket_offered_wait", false},
		{"solved", escalation.Queue{State: escalation.Solved, Teams: []string{"tech"}, MaxTier: 2}, "ticket_queue (place=?)", false},
		{"late, by the wait", escalation.Queue{DueFrom: time.UnixMilli(0), DueTill: time.UnixMilli(9)}, "ticket_queue", false},
		{"asked", escalation.Queue{Asked: "anna", Teams: []string{"tech", "rrr"}, MaxTier: 2}, "consult_asked", true},
		{"asked, next page", escalation.Queue{Asked: "anna", Teams: []string{"tech"}, MaxTier: 2, After: "w.0.1.x"}, "consult_asked", true},
		{"asked, lead", escalation.Queue{Asked: "lea", MaxTier: 3, By: escalation.ByDue}, "consult_asked", true},
		{"alarms", escalation.Queue{Alarmed: true}, "ticket_alarmed", false},
		{"frozen", escalation.Queue{Frozen: true}, "ticket_frozen", false},
		{"suspected", escalation.Queue{Doubt: escalation.Suspected}, "ticket_doubt", false},
		{"spam, next page", escalation.Queue{Doubt: escalation.Spam, After: "c.1.x"}, "ticket_doubt", false},
		{"closed", escalation.Queue{Closed: true}, "ticket_closed", false},
		{"closed, next page", escalation.Queue{Closed: true, After: "c.1.x"}, "ticket_closed", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			query, args, _ := queueQuery(test.q)
			got := plan(query, args)
			if !strings.Contains(got, test.index) || strings.Contains(got, "SCAN ticket;") || strings.Contains(got, "TEMP B-TREE") && !test.sorts {
				t.Errorf("plan: %s; want index %s", got, test.index)
			}
			query, args = countQuery(test.q, 100)
			if got := plan(query, args); !strings.Contains(got, test.index) || strings.Contains(got, "SCAN ticket;") || strings.Contains(got, "TEMP B-TREE") && !test.sorts {
				t.Errorf("plan of the count: %s; want index %s", got, test.index)
			}
		})
	}
	for _, test := range []struct {
		index string
		q     audit.Query
	}{
		{"audit_made", audit.Query{}},
		{"audit_made", audit.Query{Since: time.UnixMilli(1), Till: time.UnixMilli(2), After: "5.0.1"}},
		{"audit_by", audit.Query{By: "anna", Since: time.UnixMilli(1)}},
		{"audit_object", audit.Query{Kind: audit.Ticket, Object: "x", After: "5.0.1"}},
	} {
		query, args, _ := auditQuery(test.q)
		if got := plan(query, args); !strings.Contains(got, test.index) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%+v: plan: %s; want index %s", test.q, got, test.index)
		}
	}
	held, heldArgs := lettersQuery(escalation.LetterHeld, "x", 10)
	for _, test := range []struct {
		index, query string
		args         []any
	}{
		{"ticket_email (email=? AND updated>?)", receipts, []any{"x", "receipt", 1, 10}},
		{"letter_due", lettersDue, []any{1, 2}},
		{"letter_left", held, heldArgs},
		{"sqlite_autoindex_entry", ledger, []any{"x"}},
		{"ticket_parent (parent=?)", heldTasks, []any{"x", ""}},
		{"ticket_settled", expired, []any{1, 2}},
		{"ticket_look", toLook, []any{1, 50}},
		{"audit_made", actsSince, []any{1, 2}},
		{"ticket_unreckoned", unreckoned, []any{"x", 10}},
		{"submission_ticket", forgetForms, []any{"x"}},
		{"journey_unlearned", unlearned, []any{1, 2}},
		{"journey_uncredited", uncredited, []any{1, 2}},
		{"journey_uncredited", pending, []any{1, 2}},
		{"journey_undecided", undecided, []any{0, 1, 2}},
		{"COVERING INDEX journey_undecided", oldestUndecided, nil},
		{"journey_event_click", clicksTo, []any{"x", "it", 1, 2}},
		{"suggestion_trigger_experiment", triggersOf, []any{1, "x"}},
		{"suggestion_trigger_made", triggers, []any{1}},
		{"stage_time_ended", stageTimes, []any{"x", 1}},
		{"rating_made", latestRatings, []any{1, 2}},
		{"rating_agent", latestRatingsOf, []any{1, 2, "x"}},
		{"answer_journey", `SELECT id FROM answer ` + ofJourney, []any{"x"}},
		{"learned_since", `SELECT stem FROM learned ` + latestWords, []any{1, 2}},
		{"learned_removed", `SELECT stem FROM learned ` + removedWords, []any{1, 2}},
	} {
		if got := plan(test.query, test.args); !strings.Contains(got, test.index) || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("plan: %s; want index %s", got, test.index)
		}
	}
	for _, test := range []struct { // a few rows each
		indexes []string
		query   string
		args    []any
	}{
		{[]string{"ticket_owner", "ticket_assignee", "handoff_open"}, leftBy, []any{"x", 1}},
		{[]string{"file_hash", "file_thumb"}, knowsFile, []any{"x"}},
		{[]string{"handoff_answered", "handoff_ticket"}, movesSince, []any{1}},
		{[]string{"rating_made (made>? AND made<?)"}, ratedBetween, []any{1, 2}},
		{[]string{"ticket_parent (parent=?)"}, tasksOf, []any{"x"}},
		{[]string{"letter_free"}, noticeBefore, []any{"x", "y"}},
		{[]string{"letter_free (recipient=? AND replaces=?)"}, noticesOf, []any{"x"}},
	} {
		got := plan(test.query, test.args)
		for _, index := range test.indexes {
			if !strings.Contains(got, index) || strings.Contains(got, "SCAN") {
				t.Errorf("plan: %s; want index %s", got, index)
			}
		}
	}
	if got := plan(searchEvents, []any{1, 2, "search", "zero", "result_click", "suggestion_click", "article_open"}); !strings.Contains(got, "SEARCH journey_event USING INDEX journey_event_made (made>? AND made<?)") {
		t.Errorf("plan: %s; want the index of times", got)
	}
	if got := plan(casesSince, []any{1}); strings.Count(got, "ticket_updated (updated>?)") != 1 || strings.Count(got, "INDEX ticket_") != 2 || strings.Contains(got, "updated<?") {
		t.Errorf("plan: %s; want the indexes of what changed and of what is open", got)
	}
	if got := plan(waitingOutcomes, []any{1, 2, 3}); !strings.Contains(got, "COVERING INDEX journey_undecided") {
		t.Errorf("plan: %s; want the index alone", got)
	}
	if got := plan(unjoined, []any{1, "x", 4, 2}); !strings.Contains(got, "journey_visitor") || strings.Contains(got, "SCAN e") || strings.Contains(got, "SCAN w") || strings.Contains(got, "SCAN o") {
		t.Errorf("plan: %s; want indexes alone for what belongs to a ticket", got)
	}
	if got := plan(lateVotes, []any{1, 2, "vote_yes", "vote_no", "confirm"}); !strings.Contains(got, "journey_uncredited") || !strings.Contains(got, "journey_event_journey") || strings.Contains(got, "SCAN") {
		t.Errorf("plan: %s; want few journeys first", got)
	}
	if got := plan(journeysOfTicket, []any{"x", ""}); !strings.Contains(got, "journey_visitor") || strings.Contains(got, "SCAN") {
		t.Errorf("plan: %s; want indexes alone", got)
	}
}
