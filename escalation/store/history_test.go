package store_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

var full = flag.Bool("full", false, "TestHistories lives 10,000 of them instead of 1,000, and TestKill kills 100 times instead of 20, which takes minutes")

// TestHistories does at random what the rules allow (I-8). The ticket that was
// returned, the one that its entries add up to and the row that lists show are the
// same: after each step of a few long histories, at the end of each of many. In the
// end the record of who did what holds all of them. 10,000 on each engine:
//
//	go test ./escalation/store -run TestHistories -v -timeout 30m -full
func TestHistories(t *testing.T) {
	many := int64(1000)
	if *full {
		many = 10_000
	}
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		db.Pragma("synchronous = OFF") // of SQLite; no test of the disk
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("I-8 each step of %d", seed), func(t *testing.T) {
				history(t, db, seed, 120, true)
			})
		}
		t.Run(fmt.Sprintf("I-8 the end of %d", many), func(t *testing.T) {
			var mu sync.Mutex
			var begun atomic.Int64
			var lives sync.WaitGroup
			applied := map[string]int{}
			for range 16 {
				lives.Go(func() {
					for n := begun.Add(1); n <= many && !t.Failed(); n = begun.Add(1) {
						steps := 12
						if n%20 == 0 {
							steps = 60
						}
						did := history(t, db, uint64(1000+n), steps, false)
						mu.Lock()
						for name, times := range did {
							applied[name] += times
						}
						mu.Unlock()
					}
				})
			}
			lives.Wait()
			t.Log(applied)
			for name, times := range applied {
				if times == 0 {
					t.Errorf("%s never happened", name)
				}
			}
		})
		v, err := db.VerifyAudit(t.Context(), nil)
		all, wrong := db.Number(t.Context(), `SELECT COUNT(*) FROM ticket`)
		if err != nil || wrong != nil || len(v.Found) > 0 || v.Tickets != all || all < int(many)+6 {
			t.Errorf("%d tickets, %v: %v", v.Tickets, err, v.Found[:min(5, len(v.Found))])
		}
	})
}

// history lives one ticket, and returns how often each thing happened to it. It looks at
// what is kept after each step, or in the end alone.
func history(t *testing.T, db *store.DB, seed uint64, steps int, each bool) map[string]int {
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
			Number: escalation.NewNumber(), Subject: "Nessun segnale", Text: "Il telefono non trova la rete.", Name: "Ada", Email: fmt.Sprintf("Ada.%d@Example.com", seed), Lang: "it",
			Trail: &escalation.Trail{Moments: []escalation.Moment{{At: now, Kind: "search", Query: "rete", Hits: 3}}},
		}, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err != nil || !created {
		t.Error(created, err)
		return nil
	}
	asker := escalation.RequesterOf{Ticket: ticket.ID, Name: "Ada"}
	id := escalation.NewID
	applied := make(map[string]int)
	for step := range steps {
		now = now.Add(time.Duration(r.IntN(90)) * time.Minute).Add(123_456 * time.Nanosecond)
		by := people[r.IntN(len(people))]
		if r.IntN(2) == 0 {
			by = lead
		}
		team := shipped.Teams[r.IntN(len(shipped.Teams))]
		text := escalation.Message{Text: fmt.Sprintf("Parola %d «è» 'x' $1 ? IMEI 49-015420-323751-8", step), Key: fmt.Sprint(step)}
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
			{"confirm fact", func(t *escalation.Ticket) (escalation.Change, error) {
				f, _ := t.Fact("imei")
				return t.ConfirmFact("imei", f.Value, by, id, now)
			}},
			{"dispute fact", func(t *escalation.Ticket) (escalation.Change, error) {
				f, _ := t.Fact("imei")
				return t.DisputeFact("imei", f.Value, "un'altra «foto»", by, id, now)
			}},
			{"keep fact", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type("device")
				finds := append(t.Finds(kind), escalation.Fact{})
				return t.KeepFact(finds[0], kind, by, id, now)
			}},
			{"type", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.SetType(escalation.TypeCommand{Desk: shipped, Type: shipped.Types[r.IntN(len(shipped.Types))].ID}, by, id, now)
			}},
			{"prioritize", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.SetPriority(escalation.PriorityCommand{Impact: escalation.Degrees[step%3], Urgency: escalation.Degrees[step%2], Reason: "È così"}, by, id, now)
			}},
			{"route", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type(t.RequestType)
				facts := map[string]string{"order": "A 12", "imei": "490154203237518", "model": "è", "wish": "- 'x'", "delivered_on": "1/2/2026", "photos": "viste", "amount": "1,5", "paid_on": "1/2/2026", "tracking": "$1", "account": "?a"}
				return t.Route(escalation.RouteCommand{FactsCommand: escalation.FactsCommand{Type: kind, Facts: facts}, Desk: shipped, Candidates: []string{"pia", "lea"}}, by, id, now)
			}},
			{"step", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type("device")
				return t.AddStep(escalation.StepCommand{Type: kind, Remedy: kind.Steps[step%len(kind.Steps)].ID, Result: "niente, «dice»", Outcome: escalation.Outcomes[step%3], Minutes: step}, by, id, now)
			}},
			{"ask step", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type("device")
				m := kind.Steps[step%len(kind.Steps)]
				return t.Ask(escalation.AskCommand{Message: text, Type: kind, Questions: []escalation.Question{{Key: m.Key(), Text: "Riavviare", Why: "Per capire"}}, Until: now.Add(48 * time.Hour)}, by, id, now)
			}},
			{"do step", func(t *escalation.Ticket) (escalation.Change, error) {
				answers, came := map[string]string{}, map[string]escalation.Outcome{}
				for _, q := range t.Questions {
					answers[q.Key], came[q.Key] = "niente", escalation.NoHelp
				}
				return t.RequesterReply(escalation.RequesterMessage{Message: text, Answers: answers, Outcomes: came}, asker, id, now)
			}},
			{"tell tried", func(t *escalation.Ticket) (escalation.Change, error) {
				kind := shipped.Type("device")
				return t.RequesterReply(escalation.RequesterMessage{Message: text, FactsCommand: escalation.FactsCommand{Type: kind}, Tried: []string{kind.Steps[step%len(kind.Steps)].ID}}, asker, id, now)
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
					Also: []escalation.Asking{{}, {Team: "general", Tier: 1, Staff: "pia", By: now.Add(2 * time.Hour), Candidates: []string{"pia"}}},
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
			{"attach", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Attach(&escalation.Problem{ID: "p" + fmt.Sprint(step%2), Title: "Rete «giù»"}, by, id, now)
			}},
			{"detach", func(t *escalation.Ticket) (escalation.Change, error) { return t.Detach("p0", by, id, now) }},
			{"by hand", func(t *escalation.Ticket) (escalation.Change, error) { return t.ByHand("p1", step%3 > 0, by, id, now) }},
			{"hear", func(t *escalation.Ticket) (escalation.Change, error) {
				p := escalation.Problem{ID: "p" + fmt.Sprint(step%2)}
				if step%3 > 0 {
					p.Solved = now
				}
				return t.Hear(&p, id, now)
			}},
			{"circular", func(t *escalation.Ticket) (escalation.Change, error) {
				c := escalation.Circular{ID: fmt.Sprint(step), Body: escalation.Text{"it": "Buone nuove {customer}, {number}"}}
				return t.Answer(&c, t.Version, nil, shipped, nil, by, id, now)
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
			{"give", func(t *escalation.Ticket) (escalation.Change, error) {
				return t.Give(escalation.GiveCommand{Name: "Eva", Email: fmt.Sprintf("eva.%d@example.com", step), Reason: "un'altra"}, by, id, now)
			}},
			{"give back", func(t *escalation.Ticket) (escalation.Change, error) { return t.GiveBack(by, id, now) }},
			{"revoke", func(t *escalation.Ticket) (escalation.Change, error) { return t.Revoke(lead, id, now) }},
			{"undo", func(t *escalation.Ticket) (escalation.Change, error) {
				d := t.LastDeed()
				if d == nil {
					return escalation.Change{}, &escalation.Error{Kind: escalation.Conflict}
				}
				by := people[slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == d.By.ID })]
				return t.Undo(t.Version, by, id, d.At.Add(time.Second))
			}},
		}
		if r.IntN(10) == 0 { // words go to a ticket of their own, and back
			left, name, err := apart(t, db, r, ticket, lead, now)
			applied["split"], applied["undo a split"] = applied["split"]+0, applied["undo a split"]+0
			switch {
			case err == nil:
				applied[name]++
				ticket = left[0]
				kept(t, db, fmt.Sprintf("history %d, step %d, %s, the other", seed, step, name), left[1])
			case escalation.KindOf(err) == escalation.Fault:
				t.Errorf("history %d, step %d, %s: %v", seed, step, name, err)
				return nil
			}
		}
		if r.IntN(10) == 0 { // another team does something for it, and says what came of it
			left, name, err := tasked(t, db, r, ticket, lead, now)
			for _, n := range []string{"task", "answer task", "drop task", "solve with tasks"} {
				applied[n] += 0
			}
			switch {
			case err == nil:
				applied[name]++
				for _, l := range left {
					if l.ID == ticket.ID {
						ticket = l
					} else {
						kept(t, db, fmt.Sprintf("history %d, step %d, %s, the task", seed, step, name), l)
					}
				}
			case escalation.KindOf(err) == escalation.Fault:
				t.Errorf("history %d, step %d, %s: %v", seed, step, name, err)
				return nil
			}
		}
		action := actions[r.IntN(len(actions))]
		instead := func(name string) {
			for _, a := range actions {
				if a.name == name {
					action = a
				}
			}
		}
		switch { // what is rare by itself
		case r.IntN(8) == 0 && ticket.LastDeed() != nil:
			instead("undo")
		case action.name == "confirm" && r.IntN(4) > 0:
			instead("reply")
		case r.IntN(3) > 0:
		case ticket.Frozen:
			instead("decide")
		case ticket.Pending() != nil:
			by = lead
			instead([]string{"accept", "refuse", "refuse"}[r.IntN(3)])
		case ticket.Bounces > 0:
			by = lead
			instead("offer")
		}
		for _, a := range actions {
			applied[a.name] += 0
		}
		got, err := db.Change(ctx, ticket.Number, func(t escalation.Ticket) (escalation.Change, error) { return action.rule(&t) })
		switch {
		case err == nil:
			applied[action.name]++
			ticket = got
		case escalation.KindOf(err) == escalation.Fault:
			t.Errorf("history %d, step %d, %s: %v", seed, step, action.name, err)
			return nil
		}
		if each || step == steps-1 { // refused or not: what is kept is the last that was returned
			kept(t, db, fmt.Sprintf("history %d, step %d, %s", seed, step, action.name), ticket)
		}
		if t.Failed() {
			return nil
		}
	}
	if r.IntN(10) > 0 {
		return applied
	}
	_, err = db.EraseTicket(ctx, ticket.ID, func(t escalation.Ticket) (escalation.Change, error) {
		c, err := t.Erase(true, lead, id, now)
		ticket = c.Ticket
		return c, err
	})
	if err != nil {
		t.Errorf("history %d, erased: %v", seed, err)
	}
	applied["erase"]++
	kept(t, db, fmt.Sprintf("history %d, erased", seed), ticket)
	return applied
}

// apart makes a ticket of some words of one, or undoes that.
func apart(t *testing.T, db *store.DB, r *rand.Rand, ticket escalation.Ticket, by staff.Person, now time.Time) (left []escalation.Ticket, name string, err error) {
	if n := len(ticket.Carried); n > 0 {
		c := ticket.Carried[r.IntN(n)]
		left, err = db.Relate(t.Context(), []string{ticket.Number, c.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].Uncarry(c.ID, &list[1], by, escalation.NewID, now)
		})
		return left, "undo a split", err
	}
	var chosen []string
	for id := range ticket.Carriable() {
		chosen = append(chosen, id)
	}
	slices.Sort(chosen)
	left, err = db.Relate(t.Context(), []string{ticket.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].Split(escalation.SplitCommand{Entries: chosen[:min(2, len(chosen))], Number: escalation.NewNumber(), Subject: "Un'altra cosa", Here: r.IntN(2) == 0}, by, escalation.NewID, now)
	})
	return left, "split", err
}

// tasked gives another team a task for a ticket, or ends one.
func tasked(t *testing.T, db *store.DB, r *rand.Rand, ticket escalation.Ticket, by staff.Person, now time.Time) (left []escalation.Ticket, name string, err error) {
	open := ticket.OpenTasks()
	if len(open) == 0 || r.IntN(3) == 0 {
		left, err = db.Relate(t.Context(), []string{ticket.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].AddTask(escalation.TaskCommand{
				Desk: shipped, Number: escalation.NewNumber(), Team: "rrr", Tier: 2, Subject: "«Guardare» il pezzo", Text: "Com'è? $1", Candidates: []string{"prrr"},
			}, by, escalation.NewID, now)
		})
		return left, "task", err
	}
	task := open[r.IntN(len(open))].Number
	numbers := []string{ticket.Number, task}
	switch name = []string{"answer task", "answer task", "drop task", "solve with tasks"}[r.IntN(4)]; name {
	case "answer task":
		left, err = db.Relate(t.Context(), []string{task, ticket.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].AnswerTask(escalation.TaskAnswer{Message: escalation.Message{Text: "È rotto: 'x'"}, Result: escalation.TaskDone}, list[1:], by, escalation.NewID, now)
		})
	case "drop task":
		left, err = db.Relate(t.Context(), numbers, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].DropTask(&list[1], by, escalation.NewID, now)
		})
	default:
		left, err = db.RelateAll(t.Context(), ticket.Number, func(list []escalation.Ticket) ([]escalation.Change, error) {
			return list[0].SolveWith(escalation.SolveCommand{Message: escalation.Message{Text: "Fatto."}, Article: "network/no-signal", Tasks: escalation.CloseTasks}, list[1:], by, escalation.NewID, now)
		})
	}
	return left, name, err
}

// kept looks whether a ticket is kept as it was returned, and whether all that repeats
// of it says the same.
func kept(t *testing.T, db *store.DB, when string, ticket escalation.Ticket) {
	ctx := t.Context()
	read, err := db.Ticket(ctx, ticket.Number)
	if err != nil {
		t.Errorf("%s: %v", when, err)
		return
	}
	same(t, when, read, ticket)
	stored, rebuilt, err := db.Projection(ctx, ticket.ID)
	if err != nil || stored != rebuilt {
		t.Errorf("%s: %v\nstored:\n%s\nby the ledger:\n%s", when, err, stored, rebuilt)
	}
	clocks, err := db.Clocks(ctx, []string{ticket.ID})
	if err != nil || !slices.Equal(read.Clocks, clocks[ticket.ID]) {
		t.Errorf("%s: %v, clocks (-ticket +kept):\n%s", when, err, cmp.Diff(read.Clocks, clocks[ticket.ID]))
	}
	handoffs, err := db.Handoffs(ctx, ticket.ID)
	if err != nil || len(handoffs) != len(read.Handoffs) {
		t.Errorf("%s: %d rows of %d handoffs, %v", when, len(handoffs), len(read.Handoffs), err)
	}
	for _, h := range read.Handoffs {
		if handoffs[h.ID] != h.State {
			t.Errorf("%s: handoff %s is %q, its row %q", when, h.ID, h.State, handoffs[h.ID])
		}
	}
	consults, err := db.Consults(ctx, ticket.ID)
	if err != nil || len(consults) != len(read.Consults) {
		t.Errorf("%s: %d rows of %d consults, %v", when, len(consults), len(read.Consults), err)
	}
	for _, k := range read.Consults {
		if consults[k.ID] != string(k.State) {
			t.Errorf("%s: consult %s is %q, its row %q", when, k.ID, k.State, consults[k.ID])
		}
	}
	row, err := db.KnownOf(ctx, ticket.ID)
	want := ""
	if k := read.Problem; k != nil {
		want = fmt.Sprintf("%s %v %v", k.ID, k.ByHand, k.Solved)
	}
	if err != nil || row != want {
		t.Errorf("%s: its problem is %q, its row %q: %v", when, want, row, err)
	}
	alarms, err := db.Alarms(ctx, ticket.ID)
	if err != nil || len(alarms) != len(read.Alarms) {
		t.Errorf("%s: %d rows of %d alarms, %v", when, len(alarms), len(read.Alarms), err)
	}
	former, err := db.Former(ctx, ticket.ID)
	var was []string
	for _, n := range read.Tenures() {
		if !n.Now && read.Erased.IsZero() && !slices.Contains(was, n.Key()) {
			was = append(was, n.Key())
		}
	}
	if slices.Sort(was); err != nil || !slices.Equal(was, former) {
		t.Errorf("%s: it was of %q, its rows say %q, %v", when, was, former, err)
	}
	for _, a := range read.Alarms {
		if want := fmt.Sprintf("%d %v", a.Rung, a.Ended.IsZero()); alarms[a.ID] != want {
			t.Errorf("%s: alarm %s is %q, its row %q", when, a.ID, want, alarms[a.ID])
		}
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
