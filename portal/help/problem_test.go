package help_test

import (
	"testing"

	"primalinea/escalation"
)

// TestKnownProblem: who asks reads in their language that the problem is known, while it
// is, and nothing of what staff wrote of it.
func TestKnownProblem(t *testing.T) {
	s := newOffice(t)
	s.room.Problem = s.db.Problem
	ada := s.browser()
	a := ada.request("it", "Lo schermo non risponde", "Da ieri.")
	p, err := escalation.NewProblem("p1", escalation.ProblemCommand{
		Title: "Canary one", Text: "Canary two", Tell: escalation.Text{"it": "È colpa dell'aggiornamento 7.1.", "es": "Es por la actualización."},
	}, boss, s.clock())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.KeepProblem(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	ada.get("/tickets/" + a.Number).want(200).never("problema noto")
	s.change(a.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Attach(&p, boss, escalation.NewID, s.clock())
	})
	ada.get("/tickets/"+a.Number).want(200, "È un problema noto", "aggiornamento 7.1").never("Canary", "actualización")
	ada.get("/tickets/"+a.Number+"?lang=es").want(200, "Es un problema conocido", "Es por la actualización").never("Canary", "aggiornamento 7.1")
	// Where there is no sentence, that of their own language.
	ada.get("/tickets/"+a.Number+"?lang=en").want(200, "This is a known problem", `lang="it"`, "aggiornamento 7.1").never("Canary")
	if p, err = p.End(boss, s.clock()); err != nil {
		t.Fatal(err)
	}
	if err := s.db.KeepProblem(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	ada.get("/tickets/"+a.Number).want(200).never("problema noto", "7.1")
}
