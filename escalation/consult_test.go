package escalation_test

import (
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

// asking is what a consult of a team says.
func asking(d *desk, team string, tier int) ConsultCommand {
	return ConsultCommand{
		Desk: ShippedDesk(), Team: team, Tier: tier, Question: "Is this the known screen fault?", By: d.now.AddDate(0, 0, 1),
		Candidates: staff.Candidates(house, team, tier),
	}
}

// TestConsult follows a question to an expert: the ticket stays where it is and whose
// it is, and its customer hears nothing.
func TestConsult(t *testing.T) {
	d := taken(t)
	d.did(d.Consult(asking(d, "tech", 2), anna, d.ids, d.now))
	k := d.Consults[0]
	if d.Team != Triage || d.Tier != 1 || d.HighestTier != 1 || d.Assignee != "anna" || len(d.letters) != 0 ||
		k.State != Asked || k.From != anna.Ref() || k.Team != "tech" || k.Tier != 2 {
		t.Errorf("after the question: %+v, %+v, %d letters", d.Ticket, k, len(d.letters))
	}
	if !d.Advisable(k, bruno) || d.Advisable(k, anna) || d.Advisable(k, dora) || d.Advisable(k, elio) || !d.Advisable(k, lead) {
		t.Error("others than the team's may answer")
	}
	m := Message{Text: "Yes, it is: replace the cable."}
	d.refused(d.Advise(k.ID, m, anna, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Advise(k.ID, m, dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Advise(k.ID, m, d.me(), d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.refused(d.Advise("other", m, bruno, d.ids, d.now))(NotFound, "error.no_consult", "")
	d.refused(d.Advise(k.ID, Message{}, bruno, d.ids, d.now))(Invalid, "error.text_missing", "text")
	d.did(d.Advise(k.ID, m, bruno, d.ids, d.now))
	e := d.Entries[len(d.Entries)-1]
	if k = d.Consults[0]; k.State != Answered || k.AnsweredBy != bruno.Ref() || e.Kind != Internal || e.Text != m.Text || d.Assignee != "anna" || d.HighestTier != 1 {
		t.Errorf("answered: %+v by %+v", k, e)
	}
	d.refused(d.Advise(k.ID, m, carla, d.ids, d.now))(Conflict, "error.consult_answered", "")
	d.solve(anna)
	if d.SolvedTier != 1 {
		t.Errorf("solved at tier %d", d.SolvedTier)
	}
	for _, l := range d.ForRequester() {
		if strings.Contains(l.Text, "cable") || strings.Contains(l.Text, "known screen") {
			t.Errorf("the customer reads %q", l.Text)
		}
	}
}

// TestConsultSentTwice: a double click asks once; another form asks again.
func TestConsultSentTwice(t *testing.T) {
	d := taken(t)
	c := asking(d, "tech", 2)
	c.Key = "form"
	c.Also = []Asking{{Team: "payments", Tier: 2, By: c.By, Candidates: staff.Candidates(house, "payments", 2)}}
	d.did(d.Consult(c, anna, d.ids, d.now))
	if again, err := d.Consult(c, anna, d.ids, d.now); err != nil || len(again.Entries) != 0 || len(d.OpenConsults()) != 2 {
		t.Errorf("sent twice: %v, %v; open %+v", again.Entries, err, d.OpenConsults())
	}
	c.Key = "other"
	d.did(d.Consult(c, anna, d.ids, d.now))
	if len(d.OpenConsults()) != 4 {
		t.Errorf("asked anew: %+v", d.OpenConsults())
	}
}

// TestAskedAtOnce: several are asked in one act: each answers, or is let off, for themselves.
func TestAskedAtOnce(t *testing.T) {
	d := taken(t)
	c := asking(d, "tech", 2)
	pay, later := asking(d, "payments", 2), d.now.AddDate(0, 0, 3)
	c.Also = []Asking{{Team: "tech", Tier: 3, By: d.now.Add(-1), Candidates: []string{"carla"}}}
	d.refused(d.Consult(c, anna, d.ids, d.now))(Invalid, "error.date_past", "by-2")
	c.Also[0] = Asking{Team: "tech", Tier: 9, By: later, Candidates: []string{"carla"}}
	d.refused(d.Consult(c, anna, d.ids, d.now))(Invalid, "error.tier_wrong", "tier-2")
	c.Also = []Asking{{}, {Team: "tech", Tier: 2, By: later, Candidates: c.Candidates}}
	d.refused(d.Consult(c, anna, d.ids, d.now))(Invalid, "error.consult_twice", "team-3")
	c.Also = []Asking{{}, {Team: "payments", Tier: 2, By: later, Candidates: pay.Candidates}, {Team: "tech", Tier: 3, By: later, Candidates: staff.Candidates(house, "tech", 3)}}
	d.did(d.Consult(c, anna, d.ids, d.now))
	open := d.OpenConsults()
	if len(open) != 3 || open[1].Team != "payments" || !open[1].By.Equal(later) || open[0].By.Equal(later) || open[2].Question != open[0].Question || d.Assignee != "anna" {
		t.Fatalf("asked: %+v, with %s", open, d.Assignee)
	}
	d.now = d.now.Add(time.Hour)
	d.did(d.Unask(open[0].ID, anna, d.ids, d.now))
	d.did(d.Advise(open[1].ID, Message{Text: "Send it in."}, dora, d.ids, d.now))
	if left := d.OpenConsults(); len(left) != 1 || left[0].ID != open[2].ID || len(d.Together()) != 3 {
		t.Errorf("left: %+v, together %d", left, len(d.Together()))
	}
	d.did(d.Advise(open[2].ID, Message{Text: "Known."}, carla, d.ids, d.now))
	if len(d.Together()) != 0 || d.Assignee != "anna" || d.Team != Triage {
		t.Errorf("all answered: %+v, with %s", d.Together(), d.Assignee)
	}
	many := asking(d, "tech", 2)
	for _, p := range house {
		for tier := 1; tier <= 3; tier++ {
			many.Also = append(many.Also, Asking{Team: "tech", Tier: tier, Staff: p.ID, By: later, Candidates: []string{p.ID}})
		}
	}
	d.refused(d.Consult(many, RequesterOf{}, d.ids, d.now))(NotFound, "error.no_ticket", "")
	d.refused(d.Consult(many, lead, d.ids, d.now))(Conflict, "error.consults_many", "")
}

func TestConsultRefusals(t *testing.T) {
	for _, test := range []struct {
		name  string
		by    Actor
		with  func(*ConsultCommand)
		kind  Kind
		error string
		field string
	}{
		{"no question", anna, func(c *ConsultCommand) { c.Question = " " }, Invalid, "error.consult_question", "question"},
		{"no time", anna, func(c *ConsultCommand) { c.By = monday.AddDate(0, 0, -1) }, Invalid, "error.date_past", "by"},
		{"no such team", anna, func(c *ConsultCommand) { c.Team = "sales" }, Invalid, "error.team_unknown", "team"},
		{"no such tier", anna, func(c *ConsultCommand) { c.Tier = 4 }, Invalid, "error.tier_wrong", "tier"},
		{"nobody there", anna, func(c *ConsultCommand) { c.Candidates = nil }, Invalid, "error.consult_nobody", "team"},
		{"oneself", anna, func(c *ConsultCommand) { c.Candidates = []string{"anna"} }, Invalid, "error.consult_nobody", "team"},
		{"somebody of another team", anna, func(c *ConsultCommand) { c.Staff = "dora" }, Invalid, "error.consult_nobody", "team"},
		{"agent of another team", dora, nil, Forbidden, "error.not_allowed", ""},
		{"stranger", RequesterOf{Ticket: "other"}, nil, NotFound, "error.no_ticket", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := taken(t)
			c := asking(d, "tech", 2)
			if test.with != nil {
				test.with(&c)
			}
			d.refused(d.Consult(c, test.by, d.ids, d.now))(test.kind, test.error, test.field)
		})
	}
}

// TestSwarm asks several at once. Who asked takes a question back; what is settled
// needs no answer any more.
func TestSwarm(t *testing.T) {
	d := taken(t)
	for _, team := range []string{"tech", "payments"} {
		d.did(d.Consult(asking(d, team, 2), anna, d.ids, d.now))
	}
	one := asking(d, "tech", 2)
	one.Staff = "bruno"
	d.did(d.Consult(one, anna, d.ids, d.now))
	if n := len(d.OpenConsults()); n != 3 {
		t.Fatalf("%d are open", n)
	}
	d.refused(d.Unask(d.Consults[0].ID, dora, d.ids, d.now))(Forbidden, "error.not_allowed", "")
	d.did(d.Unask(d.Consults[0].ID, anna, d.ids, d.now))
	d.refused(d.Unask(d.Consults[0].ID, anna, d.ids, d.now))(Conflict, "error.consult_answered", "")
	d.did(d.Advise(d.Consults[1].ID, Message{Text: "Not paid yet."}, dora, d.ids, d.now))
	for len(d.OpenConsults()) < MaxConsults {
		d.did(d.Consult(one, anna, d.ids, d.now))
	}
	d.refused(d.Consult(one, anna, d.ids, d.now))(Conflict, "error.consults_many", "")
	d.solve(anna)
	if k := d.Consults[2]; len(d.OpenConsults()) != 0 || k.State != ConsultWithdrawn || k.AnsweredBy != anna.Ref() || d.Consults[1].State != Answered {
		t.Errorf("after the solution: %+v", d.Consults)
	}
	d.refused(d.Consult(one, anna, d.ids, d.now))(Conflict, "error.ticket_solved", "")
}
