package store

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"primalinea/escalation"
)

// maxSortKey is how many letters of a text its place in a list depends on.
const maxSortKey = 40

// sortKey is a text as lists sort it: without capitals, accents and signs.
func sortKey(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			continue
		}
		if n++; n == maxSortKey {
			break
		}
	}
	return strings.TrimSpace(b.String())
}

// An ordering is by what a list sorts, before the wait.
type ordering struct {
	key  string // an expression; empty: the wait alone
	text bool   // its values are texts
}

// orderings are those of open tickets but for those that an index has as they are.
var orderings = map[escalation.Order]ordering{
	escalation.ByNewest:   {key: "-opened"},
	escalation.BySubject:  {key: "subject_key", text: true},
	escalation.ByName:     {key: "name_key", text: true},
	escalation.ByLang:     {key: "lang", text: true},
	escalation.ByTier:     {key: "tier"},
	escalation.ByPriority: {key: "priority"},
	escalation.ByState:    {key: "CASE state WHEN 'new' THEN 0 WHEN 'open' THEN 1 WHEN 'wait_other' THEN 2 WHEN 'wait_customer' THEN 3 ELSE 4 END"},
	escalation.ByAssignee: {key: "assignee", text: true},
}

// queueColumns are what a line of a list is made of.
const queueColumns = `id, number, version, state, turn, since, team, tier, highest_tier, owner, assignee,
			offered_team, offered_tier, frozen, subject, name, lang, channel, opened, updated, until, desk, request_type, due, alarmed, priority`

// queueQuery returns the statement of a page. It asks for one line more than
// limit, to see whether there is a next page.
func queueQuery(q escalation.Queue) (query string, args []any, limit int) {
	limit = q.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	cond, args := where(q)
	order, columns := "place, since, id", []string{"place", "since", "id"}
	sorted, sorts := orderings[q.By]
	switch {
	case latestFirst(q):
		order, columns, sorts = "updated DESC, id DESC", []string{"updated", "id"}, false
	case q.By == escalation.ByDue:
		order, columns = "due, id", []string{"due", "id"}
	case sorts:
		order, columns = "sorts, "+order, append([]string{sorted.key}, columns...)
	}
	if after := afterCursor(q, len(columns)); after != nil {
		than := ">"
		if latestFirst(q) {
			than = "<"
		}
		cond += " AND (" + strings.Join(columns, ", ") + ") " + than + " (" + list(len(args)+1, len(after)) + ")"
		args = append(args, after...)
	}
	args = append(args, limit+1)
	end := `
		WHERE ` + cond + `
		ORDER BY ` + order + `
		LIMIT ` + fmt.Sprintf("$%d", len(args))
	if !sorts {
		return `
		SELECT ` + queueColumns + `, 0
		FROM ticket` + end, args, limit
	}
	// Which they are, an index alone can say; the rows are looked at afterwards.
	return `
		SELECT ` + queueColumns + `, sorts
		FROM (
		SELECT id AS few, ` + sorted.key + ` AS sorts
		FROM ticket` + end + `
		) AS first JOIN ticket ON ticket.id = first.few
		ORDER BY ` + order, args, limit
}

// cursor is where the page after a line begins: the first letter says in which
// order, so that a link to another one leads to its first page.
func cursor(q escalation.Queue, last *escalation.QueueLine, key string) string {
	wait := fmt.Sprintf("%d.%d.%s", place(last.Turn), millis(last.Since), last.ID)
	switch {
	case latestFirst(q):
		return fmt.Sprintf("c.%d.%s", millis(last.Updated), last.ID)
	case q.By == escalation.ByDue:
		return fmt.Sprintf("d.%d.%s", dueMillis(last.Due), last.ID)
	case q.By != escalation.ByWait:
		return fmt.Sprintf("%s.%s.%s", q.By, wait, key)
	}
	return "w." + wait
}

// afterCursor returns the values of n columns that a page begins after. A cursor that
// is not one of ours leads to the first page.
func afterCursor(q escalation.Queue, n int) []any {
	order := "w"
	switch {
	case latestFirst(q):
		order = "c"
	case q.By == escalation.ByDue:
		order = "d"
	case q.By != escalation.ByWait:
		order = string(q.By)
	}
	rest, ok := strings.CutPrefix(q.After, order+".")
	parts := strings.SplitN(rest, ".", n)
	if !ok || len(parts) != n {
		return nil
	}
	sorted, sorts := orderings[q.By]
	sorts = sorts && !latestFirst(q)
	if sorts { // its key is written last: it may have any letter
		parts = append([]string{parts[n-1]}, parts[:n-1]...)
	}
	after := make([]any, n)
	for i, p := range parts {
		if i == n-1 || i == 0 && sorts && sorted.text {
			after[i] = p
			continue
		}
		number, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return nil
		}
		after[i] = number
	}
	return after
}
