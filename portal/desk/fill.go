package desk

import (
	"slices"
	"strconv"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A place is where a ticket may be handed to.
type place struct {
	Value  string // "tech/2"
	Label  string
	Nobody bool // nobody there could accept it
	Here   bool

	Experts []expert // who could answer a question, but for the reader; who has most of what is wanted first
	Skills  string   // of those that are wanted, what somebody of them has
}

// places returns all teams and tiers.
func (p *ticketPage) places(desk *escalation.Desk, people []staff.Person) []place {
	var list []place
	for _, team := range desk.Teams {
		for tier := team.Min; tier <= team.Max; tier++ {
			able := staff.Candidates(people, team.ID, tier)
			at := place{
				Value:  team.ID + "/" + strconv.Itoa(tier),
				Label:  p.At(team.ID, tier),
				Nobody: len(able) == 0,
				Here:   team.ID == p.Ticket.Team && tier == p.Ticket.Tier,
			}
			for _, q := range people {
				if q.ID != p.Me.ID && slices.Contains(able, q.ID) {
					at.Experts = append(at.Experts, expert{at.Value + "/" + q.ID, q.Name, p.skills(q.ID)})
				}
			}
			slices.SortStableFunc(at.Experts, func(a, b expert) int { return len(b.Skills) - len(a.Skills) })
			at.Skills = p.there(at.Experts)
			list = append(list, at)
		}
	}
	return list
}

// factKeys are names of facts that many tickets need. Others may be used too.
var factKeys = []string{
	"model", "serial", "order", "bought_on", "error_message", "version", "address", "phone", "photo", "account",
}

// evening is when the desk stops working on the n-th day after now on which it does, for a
// form; empty when it never does.
func evening(p *web.Page, c *clock.Calendar, now time.Time, n int) string {
	at, ok := c.Evening(now, n)
	if !ok {
		return ""
	}
	return p.Local(at).Format(localTime)
}

// propose fills in what is likely: the questions' and promises' dates, by the calendar,
// what was tried, and the sentence for the customer, in the customer's language.
func (p *ticketPage) propose(theirs speaker, calendar *clock.Calendar) {
	t := p.Ticket
	evening := func(days int) string { return evening(&p.Page, calendar, p.now, days) }
	for name, value := range map[string]string{
		"ask-until":             evening(3),
		"wait-until":            evening(3),
		"handoff-by":            evening(1),
		"consult-by":            evening(1),
		"handoff-tell_customer": theirs.T("tell.handoff"),
		"decide-tell_customer":  theirs.T("tell.handoff"),
		"decide-to":             t.Team + "/" + strconv.Itoa(t.Tier),
	} {
		p.Form.typed[name] = value
	}
	if n := len(t.Handoffs); n > 0 {
		last := t.Handoffs[n-1]
		p.Form.typed["handoff-problem"] = last.Problem
		p.Form.typed["handoff-promised"] = last.Promised
	}
	for i, s := range t.Steps {
		if i == escalation.MaxTried {
			break
		}
		p.Form.typed[triedName(i+1, "what")] = s.What
		p.Form.typed[triedName(i+1, "result")] = p.Came(s.Result, s.Outcome)
	}
	p.rows()
}

// A triedRow is a line of the form about what was done; an askedRow is a question.
type (
	triedRow struct{ What, Result string } // names of the fields
	askedRow struct{ N, Key, Text, Why, Again string }
)

const (
	spareTried = 2 // empty rows after those that say something
	spareAsked = 3
)

// rows lays out the rows that are filled in, and some empty ones.
func (p *ticketPage) rows() {
	tried, asked := 0, 0
	for i := 1; i <= escalation.MaxTried; i++ {
		if p.Value(triedName(i, "what"))+p.Value(triedName(i, "result")) != "" {
			tried = i
		}
	}
	for i := 1; i <= escalation.MaxQuestions; i++ {
		if p.Value(askedName(i, "text"))+p.Value(askedName(i, "key"))+p.Value(askedName(i, "why")) != "" {
			asked = i
		}
	}
	p.Tried, p.Asked, p.Others = nil, nil, nil
	for i := 2; i <= escalation.MaxConsults && p.Value("consult-by"+row(i))+p.Value("consult-to"+row(i)) != ""; i++ {
		p.Others = append(p.Others, row(i))
	}
	for i := 1; i <= min(tried+spareTried, escalation.MaxTried); i++ {
		p.Tried = append(p.Tried, triedRow{triedName(i, "what"), triedName(i, "result")})
	}
	for i := 1; i <= min(max(asked+1, spareAsked), escalation.MaxQuestions); i++ {
		p.Asked = append(p.Asked, askedRow{strconv.Itoa(i), askedName(i, "key"), askedName(i, "text"), askedName(i, "why"), askedName(i, "again")})
	}
}

func triedName(i int, what string) string { return "handoff-tried-" + strconv.Itoa(i) + "-" + what }
func askedName(i int, what string) string { return "ask-question-" + strconv.Itoa(i) + "-" + what }

// Value returns what a field holds.
func (p *ticketPage) Value(name string) string { return p.Form.typed[name] }

// Staged returns the files of a part that wait for its form to be accepted.
func (p *ticketPage) Staged(part string) []escalation.File {
	if part != p.Do {
		return nil
	}
	return p.Form.files
}

// Known says whether a question for what somebody named would ask for what is known.
func (p *ticketPage) Known(name string) bool {
	_, ok := p.Ticket.Knows(factKey(p, p.Lang, p.Kind, p.Ticket, name), p.Kind)
	return ok
}
