package escalation_test

import (
	"testing"
	"time"

	. "primalinea/escalation"
)

// TestRate lets a requester say how they were helped: once for each solution, by words
// that change nothing else.
func TestRate(t *testing.T) {
	ids, now := counter(), monday
	c, err := NewTicket(question(), RequesterOf{}, ids, now)
	if err != nil {
		t.Fatal(err)
	}
	tk := &c.Ticket
	me := RequesterOf{Ticket: tk.ID, Name: tk.Requester.Name}
	do := func(c Change, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		tk, now = &c.Ticket, now.Add(time.Hour)
	}
	rate := func(s Score, text string) (Change, error) {
		return tk.Rate(RateCommand{Message{Text: text}, s}, me, ids, now)
	}
	refused := func(what string, kind Kind, s Score) {
		t.Helper()
		if _, err := rate(s, ""); KindOf(err) != kind {
			t.Errorf("%s: %v", what, err)
		}
	}
	settle := func() Change {
		c, err := tk.Solve(SolveCommand{Message: Message{Text: "Do this."}, Article: NoArticle, Reason: "rare"}, anna, ids, now)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	refused("before there is a solution", Conflict, Good)
	do(settle(), nil)
	refused("a score that there is not", Invalid, "splendid")
	if _, err := tk.Rate(RateCommand{Score: Good}, anna, ids, now); KindOf(err) != Forbidden {
		t.Errorf("by staff: %v", err)
	}
	if _, err := tk.Rate(RateCommand{Score: Good}, RequesterOf{Ticket: "other"}, ids, now); KindOf(err) != NotFound {
		t.Errorf("by a stranger: %v", err)
	}
	do(tk.Confirm(Message{}, me, ids, now))
	before := *tk
	do(rate(Poor, "It took a week."))
	if r := tk.Rating(); r == nil || r.Score != Poor || r.Solution != tk.Solution.Entry {
		t.Errorf("the rating is %+v", r)
	}
	if tk.State != Closed || tk.Reopened != before.Reopened || tk.Assignee != before.Assignee || len(tk.Running) > 0 {
		t.Errorf("a rating changed the ticket: %+v", tk)
	}
	lines := tk.ForRequester()
	if l := lines[len(lines)-1]; l.Kind != LineRated || l.Score != Poor || l.Text != "It took a week." {
		t.Errorf("the requester reads %+v", l)
	}
	refused("twice", Conflict, Good)
	do(tk.NotSolved(Message{Text: "It is back."}, me, ids, now))
	refused("while it is open again", Conflict, Good)
	do(settle(), nil)
	do(rate(Good, ""))
	if len(tk.Ratings) != 2 {
		t.Errorf("%d ratings of two solutions", len(tk.Ratings))
	}
	again, err := Rebuild(tk.Entries)
	if err != nil || len(again.Ratings) != 2 || again.Rating().Score != Good {
		t.Errorf("rebuilt: %+v, %v", again.Ratings, err)
	}
	erased, err := tk.Erase(true, System{Rule: "x"}, ids, now)
	if err != nil || erased.Ticket.Rating().Score != Good {
		t.Errorf("erased: %+v, %v", erased.Ticket.Ratings, err)
	}
	for _, e := range erased.Ticket.Entries {
		if e.Text != "" {
			t.Errorf("erased, but it says %q", e.Text)
		}
	}
}
