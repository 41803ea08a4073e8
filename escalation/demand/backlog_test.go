package demand_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// TestBacklog follows a question from the searches that fail to the decision, and
// back when people go on asking.
func TestBacklog(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		terms := func(_, text string) []string {
			return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
		}
		recorder := journey.NewRecorder(db, terms, nil)
		backlog := &demand.Backlog{
			Store: db, Terms: terms, Key: []byte("key"),
			Nearest: func(_ context.Context, lang, text string, n int) ([]demand.Near, error) {
				return []demand.Near{{Key: "near", Lang: lang, Title: text}}, nil
			},
		}
		now := monday
		search := func(visitor, query string) {
			t.Helper()
			recorder.Record(journey.Event{At: now, Visitor: visitor, Kind: journey.Search, Lang: "it", Query: query})
			if err := recorder.Flush(ctx); err != nil {
				t.Fatal(err)
			}
		}
		list := func() demand.List {
			t.Helper()
			if _, err := backlog.Collect(ctx, now); err != nil {
				t.Fatal(err)
			}
			l, err := backlog.List(ctx, "it", now)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		search("a", "batteria gonfia")
		search("b", "batteria gonfia, scrivere a ada@example.it")
		search("b", "schermo nero")
		if l := list(); len(l.Lines) != 0 || l.Hidden != 0 {
			t.Errorf("they have not paused yet: %+v", l)
		}
		now = now.Add(demand.Settle + time.Second)
		if l := list(); len(l.Lines) != 0 || l.Hidden != 2 {
			t.Errorf("two people are counted, not shown: %+v", l)
		}
		search("c", "batteria gonfia")
		now = now.Add(time.Hour)
		l := list()
		if len(l.Lines) != 1 || l.Lines[0].People != 3 || l.Lines[0].Title != "batteria gonfia" || l.Hidden != 1 {
			t.Fatalf("list %+v", l)
		}
		if n, err := backlog.Collect(ctx, now); n != 0 || err != nil {
			t.Errorf("collected %d again, %v", n, err)
		}
		id := l.Lines[0].ID

		ticket := &escalation.Ticket{
			ID: "t1", Lang: "it", Subject: "La mia batteria gonfia", Requester: escalation.Requester{Email: "d@example.it"},
			Solution: &escalation.Solution{At: now, Entry: "e1"},
			Entries: []escalation.Entry{{
				ID: "e1", Kind: escalation.Public, Text: "La spenga e ce la porti. Per dubbi: 02 12345678",
			}},
		}
		for range 2 {
			if err := backlog.Solved(ctx, ticket); err != nil {
				t.Fatal(err)
			}
		}
		line, err := backlog.Line(ctx, id, now)
		if err != nil || line.People != 4 || !slices.Equal(line.Tickets, []string{"t1"}) || len(line.Nearest) != 1 {
			t.Fatalf("line %+v, %v", line, err)
		}
		if at, err := backlog.LineOfTicket(ctx, "t1", now); err != nil || at != id {
			t.Errorf("the ticket lies on %q, %v", at, err)
		}
		if _, err := backlog.Line(ctx, "none", now); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("no such line: %v", err)
		}

		src := demand.OfLine(line, []escalation.Ticket{*ticket}, terms)
		draft, err := demand.NewDraft(src, demand.NewWords(func(key string) string { return key }), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"title: Batteria gonfia\n", "- La mia batteria gonfia\n", "expect:\n  - batteria gonfia\n", "La spenga"} {
			if !strings.Contains(string(draft.Src), want) {
				t.Errorf("the draft lacks %q:\n%s", want, draft.Src)
			}
		}
		if strings.Contains(string(draft.Src), "ada@") || strings.Contains(string(draft.Src), "12345678") || draft.File != "it/batteria-gonfia.md" {
			t.Errorf("draft %s\n%s", draft.File, draft.Src)
		}

		decision := demand.Decision{Line: id, Choice: demand.Write, Article: draft.Key, At: now}
		if err := backlog.Decide(ctx, decision); err != nil {
			t.Fatal(err)
		}
		if l := list(); len(l.Lines) != 0 {
			t.Errorf("it was decided: %+v", l.Lines)
		}
		if line, err := backlog.Line(ctx, id, now); err != nil || line.Decision == nil || line.Decision.Article != draft.Key {
			t.Errorf("line %+v, %v", line.Decision, err)
		}
		for i := range 3 {
			now = now.Add(time.Hour)
			if l := list(); len(l.Lines) != 0 {
				t.Errorf("it comes back after %d people", i)
			}
			search(fmt.Sprint("later", i), "batteria gonfia adesso")
		}
		now = now.Add(time.Hour)
		if l := list(); len(l.Lines) != 1 || l.Lines[0].ID != id || l.Lines[0].People != 7 {
			t.Errorf("it does not come back: %+v", l)
		}
		decision.Line = "none"
		if err := backlog.Decide(ctx, decision); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("a decision on nothing: %v", err)
		}
	})
}
