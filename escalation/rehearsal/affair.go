package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/journey"
	"primalinea/escalation/staff"
)

// An affair is a ticket on its way: what will become of it is drawn when it
// begins, and each act is one command of whoever has the turn.
type affair struct {
	*Rehearsal
	Chance
	aside   Chance // of what changes nothing else: steps, and what customers think
	matter  *Matter
	subject string
	words   *words
	visitor string // key; empty for a caller and for who cannot be known
	caller  bool   // somebody calls, and an agent writes it down

	fate
	ticket escalation.Ticket
	task   escalation.Ticket // that another team does for it; none has no id
}

// A fate is what a ticket will need.
type fate struct {
	verifies bool // the customer follows the link of the first letter
	notes    bool
	greets   bool // we say that we have read it, before it moves
	asks     int  // questions that we will have
	answers  bool
	hops     []hop
	waits    bool
	made     bool // who solves it asks for an article
	mood     mood
	trials   int              // steps of its kind that we will try
	score    escalation.Score // that the customer will give the solution; empty: none
	errand   bool             // the warehouse is to look for something
}

// A hop is a move that has to be made.
type hop struct {
	team   string
	tier   int
	bounce int // how often it is refused before
	reason string
}

// A mood is what a customer makes of the answer.
type mood int

const (
	silence mood = iota
	confirmation
	objection
	thanks // that open it again
)

// draw decides what a ticket will need.
func (a *affair) draw() {
	a.verifies, a.notes, a.answers = a.is(.7), a.is(.25), a.is(.85)
	if a.is(.3) {
		a.asks = 1
	}
	team, tier := a.matter.Team, a.matter.Tier
	if team == "" && a.is(.12) {
		team, tier = "tech", 2
		if a.is(.3) {
			team = "rrr"
		}
	}
	if team != "" && a.is(.93) {
		h := hop{team: team, tier: tier}
		switch {
		case a.is(.07):
			h.bounce, h.reason = escalation.MaxBounces, "wrong_team"
		case a.is(.16):
			h.bounce, h.reason = 1, pick(a.Chance, []string{escalation.MissingFacts, escalation.MissingFacts, "no_capacity", "wrong_team"})
			if h.reason == escalation.MissingFacts {
				a.asks = 0 // that is why
			}
		}
		a.hops = append(a.hops, h)
		if team == "tech" && a.is(.22) {
			a.hops = append(a.hops, hop{team: "tech", tier: 3})
		}
		a.waits, a.greets = a.is(.3), a.is(.7)
	}
	if n := a.aside.Float64(); n < .3 {
		a.trials = 2
	} else if n < .7 {
		a.trials = 1
	}
	a.errand = a.aside.is(.5)
	a.made = a.matter.Section != "" && a.is(.3)
	switch n := a.Float64(); {
	case n < .6:
		a.mood = confirmation
	case n < .67:
		a.mood = objection
	case n < .72:
		a.mood = thanks
	}
}

// open is the first act.
func (a *affair) open(ctx context.Context, now time.Time) error {
	key := "rehearsal-" + a.id()
	cmd := escalation.OpenCommand{Subject: a.subject, Text: a.matter.Text, Lang: a.matter.Lang, Key: key, Desk: shipped}
	n := 1000 + a.IntN(9000)
	cmd.Name, cmd.Email = fmt.Sprintf("%s %d", a.words.customer, n), fmt.Sprintf("%s-%d@example.com", strings.ToLower(a.words.customer), n)
	if a.is(.25) {
		cmd.Name = ""
	}
	if kind := a.matter.kind(); n%10 < 7 && kind != "" && !a.caller { // the others leave it to us
		cmd.RequestType, cmd.Facts, cmd.Tried = kind, a.known(kind, now), a.done(kind)
	}
	var by escalation.Actor = escalation.RequesterOf{}
	if a.caller {
		by = pick(a.Chance, a.desk.able(escalation.OpenFor, nil, ""))
		cmd.Channel, cmd.Text = escalation.Phone, fmt.Sprintf(a.words.phone, cmd.Text)
		cmd.Phone = fmt.Sprintf("+00 555 0%d", n)
	} else {
		trail, id, err := a.Journeys.Trail(ctx, a.visitor, now)
		if err != nil {
			return err
		}
		if a.is(.93) { // the others take it out, and then it counts but leads nowhere
			cmd.Trail, cmd.Journey = &trail, id
		}
	}
	t, _, err := a.Tickets.Open(ctx, key, func() (escalation.Change, error) {
		cmd.Number = a.number()
		return escalation.NewTicket(cmd, by, a.id, now)
	})
	if err != nil {
		return err
	}
	if !a.caller {
		e := journey.Event{At: now, Visitor: a.visitor, Network: network(a.visitor), Kind: journey.TicketCreated, Lang: a.matter.Lang}
		if cmd.Journey != "" {
			e.Ticket = t.ID
		}
		a.Journeys.Record(e)
	}
	a.ticket = t
	a.draw()
	return nil
}

// do applies a rule to the ticket. The rule is asked once, for it takes from the
// affair's luck: nobody else works on the ticket meanwhile.
func (a *affair) do(ctx context.Context, rule func(t *escalation.Ticket) (escalation.Change, error)) error {
	c, err := rule(&a.ticket)
	if err != nil {
		return err
	}
	a.ticket, err = a.Tickets.Change(ctx, a.ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		if t.Version != c.Ticket.Version-len(c.Entries) {
			return escalation.Change{}, errors.New("somebody else was faster")
		}
		return c, nil
	})
	return err
}

// act does the next thing, and says when the one after it is due; never is zero.
func (a *affair) act(ctx context.Context, now time.Time) (next time.Time, err error) {
	switch {
	case a.ticket.ID == "":
		err = a.open(ctx, now)
	case a.verifies:
		a.verifies = false
		err = a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Verify(t.Requester.Email, a.requester(), a.id, now)
		})
	case a.ticket.Frozen:
		err = a.decide(ctx, now)
	case a.ticket.Pending() != nil:
		err = a.answer(ctx, now)
	case a.ticket.Turn() == escalation.Ours && a.ticket.Assignee == "":
		err = a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Take("", pick(a.Chance, a.desk.able(escalation.Take, t, "")), a.id, now)
		})
	case a.task.ID != "":
		err = a.report(ctx, now)
	case a.sends():
		err = a.send(ctx, now)
	case a.ticket.Turn() == escalation.Ours:
		err = a.work(ctx, now)
	case a.ticket.State == escalation.WaitCustomer:
		err = a.wait(ctx, now)
	case a.ticket.State == escalation.WaitOther:
		err = a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Resume(a.words.resumed, a.worker(t), a.id, now)
		})
	case a.rates():
		err = a.rate(ctx, now)
	case a.ticket.State == escalation.Solved:
		err = a.end(ctx, now)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%s of ticket %s: %w", a.matter.ID, a.ticket.Number, err)
	}
	return a.next(now), nil
}

// leadAway is how long before the end the lead decided for the last time: who
// looks at what was acted out has something to decide.
const leadAway = 12 * 24 * time.Hour

// warehouseAway is how long before the end the warehouse answered for the last time.
const warehouseAway = 4 * 24 * time.Hour

// next says when the next act is due.
func (a *affair) next(now time.Time) time.Time {
	switch t := &a.ticket; {
	case a.verifies:
		return now.Add(a.between(time.Minute, 3*time.Hour))
	case a.rates() && t.State == escalation.Closed: // the page where they said that it is solved asks for it
		return now.Add(a.aside.between(20*time.Second, 4*time.Minute))
	case a.rates():
		return now.Add(a.aside.between(3*time.Hour, 5*24*time.Hour))
	case t.Frozen && a.Rehearsal.ends.Sub(now) < leadAway:
		// Somebody else has to decide.
	case t.Frozen:
		return working(now, a.between(5*time.Hour, 30*time.Hour))
	case t.Pending() != nil:
		return working(now, a.around(90*time.Minute))
	case a.task.ID != "" && a.Rehearsal.ends.Sub(now) < warehouseAway:
		// Somebody else has to answer.
	case a.task.ID != "":
		return working(now, a.aside.around(4*time.Hour))
	case t.State == escalation.New:
		return working(now, a.around(40*time.Minute))
	case t.Turn() == escalation.Ours && slices.Contains(t.Running, clock.First):
		return working(now, a.around(100*time.Minute)) // who had no answer yet goes before
	case t.Turn() == escalation.Ours:
		return working(now, a.around(150*time.Minute))
	case t.State == escalation.WaitCustomer && a.answers:
		return now.Add(a.between(time.Hour, 60*time.Hour))
	case t.State == escalation.WaitCustomer, t.State == escalation.WaitOther:
		return working(t.Until, a.between(time.Hour, 8*time.Hour))
	case t.State == escalation.Solved && a.mood != silence:
		return now.Add(a.between(time.Hour, 60*time.Hour))
	}
	return time.Time{}
}

func (a *affair) requester() escalation.Actor {
	return escalation.RequesterOf{Ticket: a.ticket.ID, Name: a.ticket.Requester.Name}
}

// worker returns who works on the ticket, or could.
func (a *affair) worker(t *escalation.Ticket) staff.Person {
	able := a.desk.able(escalation.Reply, t, "")
	if i := slices.IndexFunc(able, func(p staff.Person) bool { return p.ID == t.Assignee }); i >= 0 {
		return able[i]
	}
	return pick(a.Chance, able)
}

// work is what the assignee does when it is our turn.
func (a *affair) work(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		by := a.worker(t)
		switch {
		case t.RequestType == "" && a.matter.kind() != "":
			return t.SetType(escalation.TypeCommand{Desk: shipped, Type: a.matter.kind()}, by, a.aside.id, now)
		case a.notes:
			a.notes = false
			if a.is(.5) {
				tried := a.step()
				return t.AddStep(tried, by, a.id, now)
			}
			return t.Note(escalation.Message{Text: pick(a.Chance, a.words.notes)}, by, a.id, now)
		case a.greets:
			a.greets = false
			return t.Reply(escalation.Message{Text: a.words.read}, by, a.id, now)
		case a.asks > 0 && a.unknown(t) != nil:
			a.asks--
			return t.Ask(escalation.AskCommand{Questions: []escalation.Question{*a.unknown(t)}, Until: now.AddDate(0, 0, 5)}, by, a.id, now)
		case a.trials > 0 && len(t.Untried(shipped.Type(t.RequestType))) > 0:
			return a.trial(t, by, now)
		case len(a.hops) > 0 && a.hops[0].team == t.Team && a.hops[0].tier == t.Tier:
			a.hops = a.hops[1:] // the lead sent it there
			return t.AddStep(a.step(), by, a.id, now)
		case len(a.hops) > 0:
			return a.offer(ctx, t, by, now)
		case a.waits:
			a.waits = false
			return t.Wait(escalation.WaitCommand{
				Message: escalation.Message{Text: a.words.waiting}, Party: a.words.party[t.Team], Until: now.Add(a.between(2*24*time.Hour, 6*24*time.Hour)),
			}, by, a.id, now)
		}
		return a.solve(t, by, now)
	})
}

// sends says whether somebody who repairs something has the warehouse look for a part.
func (a *affair) sends() bool {
	t := &a.ticket
	return a.errand && t.Turn() == escalation.Ours && t.Team == "rrr" && len(a.hops) == 0
}

// send gives the warehouse the task.
func (a *affair) send(ctx context.Context, now time.Time) error {
	a.errand = false
	list, err := a.ticket.AddTask(escalation.TaskCommand{
		Desk: shipped, Number: a.aside.number(), Team: "logistics", Tier: 2, Subject: a.words.errand.subject, Text: a.words.errand.text,
		By: working(now, 8*time.Hour), Candidates: staff.Candidates(a.desk, "logistics", 2),
	}, a.worker(&a.ticket), a.aside.id, now)
	if err != nil {
		return err
	}
	return a.relate(ctx, list, a.ticket.Number)
}

// report is the answer of the warehouse.
func (a *affair) report(ctx context.Context, now time.Time) error {
	by := a.desk.able(escalation.Solve, &a.task, "")[0]
	answer := escalation.TaskAnswer{Message: escalation.Message{Text: a.words.errand.answer}, Result: escalation.TaskDone}
	list, err := a.task.AnswerTask(answer, []escalation.Ticket{a.ticket}, by, a.aside.id, now)
	if err == nil {
		err = a.relate(ctx, list, a.task.Number, a.ticket.Number)
	}
	a.task = escalation.Ticket{}
	return err
}

// relate applies changes of the ticket and its task, as [affair.do] does one.
func (a *affair) relate(ctx context.Context, list []escalation.Change, numbers ...string) error {
	left, err := a.Tickets.Relate(ctx, numbers, func(had []escalation.Ticket) ([]escalation.Change, error) {
		for _, t := range had {
			if !slices.ContainsFunc(list, func(c escalation.Change) bool {
				return c.Ticket.ID == t.ID && c.Ticket.Version-len(c.Entries) == t.Version
			}) {
				return nil, errors.New("somebody else was faster")
			}
		}
		return list, nil
	})
	for _, t := range left {
		if t.ID == a.ticket.ID {
			a.ticket = t
		} else {
			a.task = t
		}
	}
	return err
}

func (a *affair) try() escalation.Tried {
	i := a.IntN(len(a.words.tried) - 1)
	if a.matter.Team == "payments" || a.matter.Team == "logistics" {
		i = len(a.words.tried) - 1
	}
	return escalation.Tried{What: a.words.tried[i][0], Result: a.words.tried[i][1]}
}

// step is try as it is written down.
func (a *affair) step() escalation.StepCommand {
	tried := a.try()
	return escalation.StepCommand{What: tried.What, Result: tried.Result}
}

// unknown returns a question whose answer nobody knows yet, or nil.
func (a *affair) unknown(t *escalation.Ticket) *escalation.Question {
	for _, q := range a.words.questions {
		if _, known := t.Fact(q.key); !known {
			return &escalation.Question{Key: q.key, Text: q.text, Why: q.why}
		}
	}
	return nil
}

// trial is the next of the steps that the ticket's kind names, with what came of it. What
// has to move will not be settled by one.
func (a *affair) trial(t *escalation.Ticket, by staff.Person, now time.Time) (escalation.Change, error) {
	a.trials--
	kind := shipped.Type(t.RequestType)
	next := t.Untried(kind)[0]
	c := escalation.StepCommand{Type: kind, Remedy: next.ID, Outcome: escalation.NoHelp, Who: escalation.ByRequester, Minutes: next.Minutes + a.aside.IntN(next.Minutes+1)}
	switch {
	case a.aside.is(.1):
		c.Outcome, c.Minutes, c.Result = escalation.NotPossible, 0, a.words.cannot
	case a.trials == 0 && len(a.hops) == 0 && a.aside.is(.7):
		c.Outcome = escalation.Helped
	}
	if a.aside.is(.3) {
		c.Who = escalation.ByStaff // on the telephone
	}
	return t.AddStep(c, by, a.aside.id, now)
}

// done are the steps that customers did who read how, before they wrote.
func (a *affair) done(kind string) []string {
	var ids []string
	for _, s := range shipped.Type(kind).Steps {
		if slices.Contains(s.Articles, a.matter.Article) && a.aside.is(.5) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// opinion is what the customer will say of how they were helped, if anything: it is the
// better the sooner it was, and the fewer times they had to come back.
func (a *affair) opinion(t *escalation.Ticket, now time.Time) escalation.Score {
	says := .5
	if a.mood == silence {
		says = .1
	}
	if a.mood == objection || a.mood == thanks || !a.aside.is(says) { // who comes back says it later
		return ""
	}
	pleased := .9 - .25*float64(t.Reopened) - .06*float64(len(t.Handoffs)) - .05*min(now.Sub(t.Opened).Hours()/24, 6)
	switch n := a.aside.Float64(); {
	case n < pleased:
		return escalation.Good
	case n < pleased+(1-pleased)*.6:
		return escalation.Fair
	}
	return escalation.Poor
}

// rates says whether the customer is about to say how they were helped: who confirms does
// so first.
func (a *affair) rates() bool {
	return a.score != "" && a.ticket.Rateable() && (a.ticket.State == escalation.Closed || a.mood == silence)
}

// rate is what the customer says of how they were helped.
func (a *affair) rate(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		c := escalation.RateCommand{Score: a.score}
		if a.aside.is(.35) {
			c.Text = pick(a.aside, a.words.opinions[a.score])
		}
		return t.Rate(c, a.requester(), a.aside.id, now)
	})
}

// said is what anybody says of a fact that a kind of request asks for.
func (a *affair) said(n escalation.Need, now time.Time) string {
	switch n.Kind {
	case escalation.OrderValue:
		return "BE-2026-0042"
	case escalation.IMEIValue:
		return "490154203237518"
	case escalation.NumberValue:
		return "49.90"
	case escalation.DateValue:
		return now.AddDate(0, 0, -5).Format(time.DateOnly)
	}
	return a.words.facts[n.Key]
}

// known is what a customer says in a form about a kind of request.
func (a *affair) known(kind string, now time.Time) map[string]string {
	facts := map[string]string{}
	for _, n := range shipped.Type(kind).Needs {
		if n.When == escalation.AtOnce {
			facts[n.Key] = a.said(n, now)
		}
	}
	return facts
}

// found is what staff have found out before a ticket moves or is solved.
func (a *affair) found(t *escalation.Ticket, now time.Time) escalation.FactsCommand {
	c := escalation.FactsCommand{Type: shipped.Type(t.RequestType), Facts: map[string]string{}}
	if c.Type != nil {
		for _, n := range c.Type.Needs {
			if !n.Known(t) {
				c.Facts[n.Key] = a.said(n, now)
			}
		}
	}
	return c
}

// offer hands the ticket over.
func (a *affair) offer(ctx context.Context, t *escalation.Ticket, by staff.Person, now time.Time) (escalation.Change, error) {
	h := a.hops[0]
	c := escalation.OfferCommand{
		FactsCommand: a.found(t, now),
		Desk:         shipped, Team: h.team, Tier: h.tier, Problem: a.subject, Tried: []escalation.Tried{a.try()}, Asked: a.words.asked,
		By: working(now, 24*time.Hour), Tell: a.words.tell[h.team], Candidates: staff.Candidates(a.desk, h.team, h.tier),
	}
	if a.is(.4) {
		c.Promised = a.words.promised
	}
	if len(c.Candidates) == 1 && c.Candidates[0] == by.ID {
		a.hops = a.hops[1:] // accepted at once
	}
	return t.Offer(c, by, a.id, now)
}

// answer accepts or refuses what is offered.
func (a *affair) answer(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		offer := t.Pending()
		by := pick(a.Chance, a.desk.able(escalation.Answer, t, offer.From.ID))
		h := &a.hops[0]
		if h.bounce == 0 {
			a.hops, a.trials = a.hops[1:], a.aside.IntN(2)
			return t.Accept(offer.ID, by, a.id, now)
		}
		h.bounce--
		c := escalation.RefuseCommand{Reason: h.reason, Text: a.words.refusals[h.reason]}
		if h.reason == escalation.MissingFacts {
			c.Missing, a.asks, a.answers = []string{a.words.missing}, 1, true
		}
		return t.Refuse(offer.ID, c, by, a.id, now)
	})
}

// decide ends the bouncing.
func (a *affair) decide(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		h := a.hops[0]
		return t.Decide(escalation.DecideCommand{
			Desk: shipped, Team: h.team, Tier: h.tier, Reason: a.words.decided, Tell: a.words.tell[h.team],
		}, a.desk.with(staff.Lead), a.id, now)
	})
}

// wait is what happens after a question: an answer, or silence until we stop.
func (a *affair) wait(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		if !a.answers {
			a.mood, a.score = silence, ""
			return t.Solve(escalation.SolveCommand{
				FactsCommand: a.found(t, now),
				Message:      escalation.Message{Text: a.words.silent}, Article: escalation.NoArticle, Reason: a.words.noReply,
			}, a.worker(t), a.id, now)
		}
		answers := map[string]string{}
		for _, asked := range t.Questions {
			for _, q := range a.words.questions {
				if q.key == asked.Key {
					answers[q.key] = pick(a.Chance, q.answers)
				}
			}
		}
		return t.RequesterReply(escalation.RequesterMessage{Answers: answers}, a.requester(), a.id, now)
	})
}

// solve answers the ticket.
func (a *affair) solve(t *escalation.Ticket, by staff.Person, now time.Time) (escalation.Change, error) {
	c := escalation.SolveCommand{FactsCommand: a.found(t, now), Message: escalation.Message{Text: a.matter.Answer}}
	switch {
	case t.Reopened > 0 && a.mood == thanks:
		c.Text = a.words.welcome
	case t.Reopened > 0:
		c.Text = a.words.more
	}
	switch {
	case a.matter.Article != "":
		c.Article = a.matter.Article
	case a.made:
		c.Made = true
	case a.elsewhere(a.matter) != "": // the answer is taken from there, in the customer's words
		c.Article = a.elsewhere(a.matter)
	case a.matter.Section != "":
		c.Article, c.Reason = escalation.NoArticle, a.words.notYet
	default:
		c.Article, c.Reason = escalation.NoArticle, a.words.noArticle
	}
	if t.Reopened > 0 {
		a.mood = silence
		if a.is(.6) {
			a.mood = confirmation
		}
	}
	a.score = a.opinion(t, now)
	return t.Solve(c, by, a.id, now)
}

// end is what the customer makes of the answer.
func (a *affair) end(ctx context.Context, now time.Time) error {
	return a.do(ctx, func(t *escalation.Ticket) (escalation.Change, error) {
		switch a.mood {
		case objection:
			return t.NotSolved(escalation.Message{Text: pick(a.Chance, a.words.again)}, a.requester(), a.id, now)
		case thanks:
			return t.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: pick(a.Chance, a.words.thanks)}}, a.requester(), a.id, now)
		}
		return t.Confirm(escalation.Message{}, a.requester(), a.id, now)
	})
}
