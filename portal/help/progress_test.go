package help_test

import (
	"strings"
	"testing"

	"primalinea/escalation"
)

// TestRating asks how it went once it is over, once for each solution, and lets nobody
// lose what they typed.
func TestRating(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	ticket := b.request("en", "Screen", "Black.")
	page := "/tickets/" + ticket.Number
	solve := func() {
		s.change(ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "Press it."}, Article: escalation.NoArticle, Reason: "rare"}, ann, escalation.NewID, s.clock())
		})
	}
	asked := func() bool { return strings.Contains(b.get(page).want(200).body, "How did we help you?") }
	if asked() {
		t.Error("asked before there is an answer")
	}
	solve()
	if asked() {
		t.Error("asked before it is said to be solved")
	}
	b.post(page, b.form().with("do", "solved")).want(303)
	b.get(b.at).want(200, "How did we help you?", `id="rated"`)
	form := b.form()
	b.post(page, form.with("do", "rate", "score", "", "rated", "Quick & kind")).want(422, `href="#score"`, "Quick & kind")
	b.post(page, form.with("do", "rate", "score", "splendid")).want(422)
	b.post(page, form.with("do", "rate", "score", "good", "rated", "Quick & kind")).want(303)
	b.post(page, form.with("do", "rate", "score", "good", "rated", "Quick & kind")).want(303) // a double click
	b.get(b.at).want(200, "Whoever helped you will read it", "You were helped: Well", "Quick & kind")
	if tk := s.ticket(ticket.Number); len(tk.Ratings) != 1 || tk.State != escalation.Closed {
		t.Errorf("%s with %+v", tk.State, tk.Ratings)
	}
	if asked() {
		t.Error("asked twice")
	}
	b.post(page, form.with("do", "rate", "score", "poor")).want(409, "You have told us already")
	b.post(page, b.form().with("do", "reply", "text", "It is back")).want(303)
	solve()
	b.get(page)
	b.post(page, b.form().with("do", "solved")).want(303)
	if !asked() {
		t.Error("not asked about the second solution")
	}
	s.browser().post(page, form.with("do", "rate", "score", "poor")).want(404)
}
