package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestHistories does at random what the rules allow. After each step the ticket
// that was returned, the one that its entries add up to and the row that lists
// show are the same.
func TestHistories(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { history(t, db, seed) })
		}
	})
}

func history(t *testing.T, db *store.DB, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	ctx, now := t.Context(), start
	lead, err := staff.Founder("lea", "Lea Lead", "lea@example.com", "it", shipped, now)
	if err != nil {
		t.Fatal(err)
	}
	var people []staff.Person
	for i, team := range shipped.Teams {
		p, err := staff.NewPerson("p"+team.ID, staff.Form{
			Name: "Pia " + team.ID, Email: fmt.Sprintf("p%d@example.com", i), Roles: []staff.Role{staff.Agent}, Tier: team.Max, Teams: []string{team.ID},
		}, shipped, now)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}
	people = append(people, lead)

	ticket, created, err := db.Open(ctx, "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "Nessun segnale", Text: "Il telefono non trova la rete.", Name: "Ada", Email: "Ada@Example.com", Lang: "it",
			Trail: &escalation.Trail{Moments: []escalation.Moment{{At: now, Kind: "search", Query: "rete", Hits: 3}}},
		}, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err != nil || !created {
		t.Fatal(created, err)
	}
	asker := escalation.RequesterOf{Ticket: ticket.ID, Name: "Ada"}
	id := escalation.NewID
	applied := make(map[string]int)
	for step := range 120 {
		now = now.Add(time.Duration(r.IntN(90)) * time.Minute).Add(123_456 * time.Nanosecond)
		by := people[r.IntN(len(people))]
		team := shipped.Teams[r.IntN(len(shipped.Teams))]
		text := escalation.Message{Text: fmt.Sprintf("Parola %d «è» 'x' $1 ?", step), Key: fmt.Sprint(step)}
		actions := []struct {
			name string
			rule func(t *escalation.Ticket) (escalation.Change, error)
		}{
			{"take", func(t *escalation.Ticket) (escalation.Change, error) { return t.Take(t.Assignee, by, id, now) }},
			{"release", func(t *escalation.Ticket) (escalation.Change, error) { return t.Release(by, id, now) }},
			{"reply", func(t *escalation.Ticket) (escalation.Change, error) { return t.Reply(text, by, id, now) }},
			{"requester", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.RequesterReply(escalation.RequesterMessage{Message: text}, asker, id, now)
			}},
			{"note", func(t *escalation.Ticket) (escalation.Change, error) { return t.Note(text, by, id, now) }},
			{"ask", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Ask(escalation.AskCommand{Message: text, Questions: []escalation.Question{{Key: fmt.Sprintf("k%d", step), Text: "Quale modello?", Why: "Per capire"}}, Until: now.Add(48 * time.Hour)}, by, id, now)
			}},
			{"wait", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Wait(escalation.WaitCommand{Message: text, Party: "il corriere", Until: now.Add(24 * time.Hour)}, by, id, now)
			}},
			{"resume", func(t *escalation.Ticket) (escalation.Change, error) { return t.Resume("arrivato", by, id, now) }},
			{"fact", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.AddFact(escalation.Fact{Key: "imei", Value: fmt.Sprint(step), Source: t.Entries[0].ID}, by, id, now)
			}},
			{"type", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.SetType(escalation.TypeCommand{Desk: shipped, Type: shipped.Types[r.IntN(len(shipped.Types))].ID}, by, id, now)
			}},
			{"route", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type(t.RequestType)
				facts := map[string]string{"order": "A 12", "imei": "490154203237518", "model": "è", "wish": "- 'x'", "delivered_on": "1/2/2026", "photos": "viste", "amount": "1,5", "paid_on": "1/2/2026", "tracking": "$1", "account": "?a"}
				return t.Route(escalation.RouteCommand{FactsCommand: escalation.FactsCommand{Type: kind, Facts: facts}, Desk: shipped, Candidates: []string{"pia", "lea"}}, by, id, now)
			}},
			{"step", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.AddStep(escalation.Tried{What: "riavvio", Result: "niente"}, by, id, now)
			}},
			{"offer", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Offer(escalation.OfferCommand{
					Desk: shipped,
					Team: team.ID, Tier: team.Min + r.IntN(team.Max-team.Min+1), Problem: "Nessuna rete", Tried: []escalation.Tried{{What: "SIM", Result: "niente"}},
					Asked: "Controllare", By: now.Add(time.Hour), Tell: "Serve un tecnico", Candidates: []string{"pia", "lea"},
				}, by, id, now)
			}},
			{"accept", func(t *escalation.Ticket) (escalation.Change, error) { return t.Accept(pending(t), by, id, now) }},
			{"refuse", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Refuse(pending(t), escalation.RefuseCommand{Reason: "wrong_team", Text: "non noi"}, by, id, now)
			}},
			{"withdraw", func(t *escalation.Ticket) (escalation.Change, error) { return t.Withdraw(pending(t), by, id, now) }},
			{"decide", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Decide(escalation.DecideCommand{Desk: shipped, Team: team.ID, Tier: team.Max, Reason: "basta", Tell: "Ora decide il responsabile"}, lead, id, now)
			}},
			{"consult", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Consult(escalation.ConsultCommand{
					Desk: shipped, Team: team.ID, Tier: team.Min, Question: "Che cos'è?", By: now.Add(time.Hour), Candidates: []string{"pia", "lea"},
				}, by, id, now)
			}},
			{"advise", func(t *escalation.Ticket) (escalation.Change, error) { return t.Advise(asked(t), text, by, id, now) }},
			{"unask", func(t *escalation.Ticket) (escalation.Change, error) { return t.Unask(asked(t), by, id, now) }},
			{"call", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Call(escalation.AlarmCauses[step%3], by, id, now)
			}},
			{"watch", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Watch(escalation.WatchCommand{Desk: shipped, Promised: shipped, Candidates: func(string, int) []string { return []string{"pia"} }}, id, now)
			}},
			{"acknowledge", func(t *escalation.Ticket) (escalation.Change, error) {
				alarm := "none"
				if a := t.Alarm(); a != nil {
					alarm = a.ID
				}
				return t.Acknowledge(alarm, "Chiamo io.", lead, id, now)
			}},
			{"solve", func(t *escalation.Ticket) (escalation.Change, error) {
				if r.IntN(3) > 0 {
					return escalation.Change{}, &escalation.Error{Kind: escalation.Invalid}
				}
				return t.Solve(escalation.SolveCommand{Message: text, Article: "network/no-signal"}, by, id, now)
			}},
			{"confirm", func(t *escalation.Ticket) (escalation.Change, error) { return t.Confirm(text, asker, id, now) }},
			{"not solved", func(t *escalation.Ticket) (escalation.Change, error) { return t.NotSolved(text, asker, id, now) }},
			{"verify", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Verify(t.Requester.Email, asker, id, now)
			}},
			{"revoke", func(t *escalation.Ticket) (escalation.Change, error) { return t.Revoke(lead, id, now) }},
		}
		action := actions[r.IntN(len(actions))]
		got, err := db.Change(ctx, ticket.Number, func(t escalation.Ticket) (escalation.Change, error) { return action.rule(&t) })
		switch {
		case err == nil:
			applied[action.name]++
		case escalation.KindOf(err) == escalation.Fault:
			t.Fatalf("step %d, %s: %v", step, action.name, err)
		default:
			got = ticket // refused: nothing may have changed
		}
		read, err := db.Ticket(ctx, ticket.Number)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("step %d, %s", step, action.name), read, got)
		stored, rebuilt, err := db.Projection(ctx, ticket.ID)
		if err != nil || stored != rebuilt {
			t.Fatalf("step %d, %s: %v\nstored:\n%s\nby the ledger:\n%s", step, action.name, err, stored, rebuilt)
		}
		clocks, err := db.Clocks(ctx, []string{ticket.ID})
		if diff := cmp.Diff(read.Clocks, clocks[ticket.ID]); err != nil || diff != "" {
			t.Fatalf("step %d, %s: %v, clocks (-ticket +kept):\n%s", step, action.name, err, diff)
		}
		handoffs, err := db.Handoffs(ctx, ticket.ID)
		if err != nil || len(handoffs) != len(read.Handoffs) {
			t.Fatalf("step %d: %d rows of %d handoffs, %v", step, len(handoffs), len(read.Handoffs), err)
		}
		for _, h := range read.Handoffs {
			if handoffs[h.ID] != h.State {
				t.Errorf("step %d, %s: handoff %s is %q, its row %q", step, action.name, h.ID, h.State, handoffs[h.ID])
			}
		}
		consults, err := db.Consults(ctx, ticket.ID)
		if err != nil || len(consults) != len(read.Consults) {
			t.Fatalf("step %d: %d rows of %d consults, %v", step, len(consults), len(read.Consults), err)
		}
		for _, k := range read.Consults {
			if consults[k.ID] != string(k.State) {
				t.Errorf("step %d, %s: consult %s is %q, its row %q", step, action.name, k.ID, k.State, consults[k.ID])
			}
		}
		alarms, err := db.Alarms(ctx, ticket.ID)
		if err != nil || len(alarms) != len(read.Alarms) {
			t.Fatalf("step %d: %d rows of %d alarms, %v", step, len(alarms), len(read.Alarms), err)
		}
		for _, a := range read.Alarms {
			if want := fmt.Sprintf("%d %v", a.Rung, a.Ended.IsZero()); alarms[a.ID] != want {
				t.Errorf("step %d, %s: alarm %s is %q, its row %q", step, action.name, a.ID, want, alarms[a.ID])
			}
		}
		ticket = got
		if t.Failed() {
			return
		}
	}
	if len(applied) < 8 {
		t.Errorf("only %v happened", applied)
	}
}

func pending(t *escalation.Ticket) string {
	if h := t.Pending(); h != nil {
		return h.ID
	}
	return "none"
}

// asked is the latest that experts are asked.
func asked(t *escalation.Ticket) string {
	if open := t.OpenConsults(); len(open) > 0 {
		return open[len(open)-1].ID
	}
	return "none"
}
