package escalation_test

import (
	"testing"
	"time"

	. "primalinea/escalation"
)

// TestThanks lets pure thanks confirm what is solved, and leave closed what is closed;
// all else that a requester writes is for a person to read.
func TestThanks(t *testing.T) {
	c, err := NewTicket(question(), RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	me := RequesterOf{Ticket: c.Ticket.ID, Name: c.Ticket.Requester.Name}
	ids := counter()
	solved, err := c.Ticket.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, ids, monday)
	if err != nil {
		t.Fatal(err)
	}
	now := monday.Add(UndoTime) // they see it
	closed, err := solved.Ticket.Confirm(Message{}, me, ids, now)
	if err != nil {
		t.Fatal(err)
	}
	reply := func(t *testing.T, tk Ticket, m RequesterMessage) Ticket {
		c, err := tk.RequesterReply(m, me, ids, now)
		if err != nil {
			t.Fatal(err)
		}
		return c.Ticket
	}
	for text, want := range map[string]State{
		"Grazie, risolto!": Closed,
		"grazie mille":     Closed,
		"Ok, ora funziona tutto. Grazie e buona serata": Closed,
		"Muchas gracias, ya está solucionado.":          Closed,
		"Thanks, solved":                                Closed,
		"Thank you very much for your help!":            Closed,
		"Problema risolto, grazie":                      Closed,
		"Grazie, ora è risolto":                         Closed,
		"È risolto, grazie":                             Closed,
		"Ya está, gracias":                              Closed,
		"It is solved now":                              Closed,

		"Grazie, ma non funziona":             Open,
		"Non è risolto, grazie":               Open,
		"Gracias, pero sigue igual":           Open,
		"Thanks, works for now":               Open,
		"Grazie, per ora funziona":            Open,
		"Thanks. Is it solved for good?":      Open,
		"Grazie per il problema":              Open,
		"Thanks, and I have another question": Open,
		"ok":                                  Open, // it says neither
		"Thanks 2":                            Open,

		// Questions whose sign nobody typed.
		"is it solved":              Open,
		"Thanks, is it working now": Open,
		"thanks is it fixed":        Open,
		"è risolto":                 Open,
		"Ciao, è risolto ora":       Open,
		"está solucionado ya":       Open,
		"funziona ora":              Open,
	} {
		got := reply(t, solved.Ticket, RequesterMessage{Message: Message{Text: text}})
		if got.State != want || (want == Closed) != (got.Reopened == 0) || got.Entries[len(got.Entries)-1].Text != text {
			t.Errorf("%q after a solution: %s, reopened %d times", text, got.State, got.Reopened)
		}
		got = reply(t, closed.Ticket, RequesterMessage{Message: Message{Text: text}})
		if got.State != want || (want == Closed) != (got.Reopened == 0) {
			t.Errorf("%q when it is closed: %s, reopened %d times", text, got.State, got.Reopened)
		}
	}
	if got := reply(t, c.Ticket, RequesterMessage{Message: Message{Text: "Grazie"}}); got.State != New {
		t.Errorf("before any solution: %s", got.State)
	}
	now = now.Add(-time.Millisecond)
	if got := reply(t, solved.Ticket, RequesterMessage{Message: Message{Text: "Grazie"}}); got.State != Open {
		t.Errorf("before the solution was seen: %s", got.State)
	}
	now = monday.Add(time.Hour)
	q := quietly(t, "")
	q.at("2026-03-04 10:00")
	q.at("2026-03-06 10:00")
	if q.at("2026-03-11 18:00"); q.State != Solved || !q.Unanswered {
		t.Fatalf("%s after a silence", q.State)
	}
	me = q.me()
	now = q.now
	if got := reply(t, q.Ticket, RequesterMessage{Message: Message{Text: "Ok, grazie."}}); got.State != Open || len(got.Entries) == len(q.Entries) {
		t.Errorf("thanks for a reminder, without any solution: %s", got.State)
	}
	me, now = RequesterOf{Ticket: c.Ticket.ID}, monday.Add(time.Hour)
	photo := Message{Text: "Grazie", Files: []File{{ID: "f", Name: "f.png", Type: "image/png", Size: 1}}}
	if got := reply(t, solved.Ticket, RequesterMessage{Message: photo}); got.State != Open {
		t.Errorf("with a photo: %s", got.State)
	}
}
