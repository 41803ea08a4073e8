package desk

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
)

// A known is a fact, in words: how sure it is, who said it, and who judged it.
type known struct {
	escalation.Fact
	Name   string
	SureIs string
	Colour string
	From   *source
	Judge  *source // nil while nobody confirmed or disputed it
	Reason string  // why it is disputed
	Gone   bool    // another took its place
}

// factsPath is where a ticket's facts are judged, after its own address.
const factsPath = "/facts"

// facts serves GET /desk/tickets/{number}/facts: what is known, how sure it is, and
// what it was before.
func (r *Room) facts(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	return r.showFacts(c, fiber.StatusOK, p)
}

func (r *Room) showFacts(c *fiber.Ctx, status int, p *ticketPage) error {
	for i := range p.Problems { // each fact has a form of its own
		p.Problems[i].Field = "reason-" + p.Value("judge-key")
	}
	p.Title = p.T("facts.title", "Number", p.Ticket.Number)
	p.Here("/desk/tickets/" + p.Ticket.Number + factsPath)
	return r.Render(c, status, "desk/facts", p)
}

// judge serves POST /desk/tickets/{number}/facts/judge: somebody made sure of a fact, or
// disputes it.
func (r *Room) judge(c *fiber.Ctx) error {
	f := receive(c, "judge", "key", "value", "reason")
	return r.changeBeside(c, f, factsPath+"#"+f.get("key"), func(t *escalation.Ticket) (escalation.Change, error) {
		if c.FormValue("do") == "confirm" {
			return t.ConfirmFact(f.get("key"), f.get("value"), *r.Me(c), r.IDs, r.Now())
		}
		return t.DisputeFact(f.get("key"), f.get("value"), f.get("reason"), *r.Me(c), r.IDs, r.Now())
	}, r.showFacts)
}

// keepFact serves POST /desk/tickets/{number}/facts/keep: what the program read in
// somebody's words is a fact from now on.
func (r *Room) keepFact(c *fiber.Ctx) error {
	f := receive(c, "keep", "key", "value", "source")
	return r.changeBeside(c, f, "#facts", func(t *escalation.Ticket) (escalation.Change, error) {
		kind, err := r.TypeOf(c.UserContext(), t)
		if err != nil {
			return escalation.Change{}, err
		}
		return t.KeepFact(escalation.Fact{Key: f.get("key"), Value: f.get("value"), Source: f.get("source")}, kind, *r.Me(c), r.IDs, r.Now())
	}, r.showFacts)
}

// Facts are those of the ticket, each with the values that it had before.
func (p *ticketPage) Facts() (list []known) {
	for _, f := range p.Ticket.Facts {
		list = append(list, p.known(f))
		for _, old := range slices.Backward(p.Ticket.Earlier) {
			if old.Key == f.Key && len(list) < 5*beside {
				k := p.known(old)
				k.Gone = true
				list = append(list, k)
			}
		}
	}
	return list
}

func (p *ticketPage) known(f escalation.Fact) known {
	sure := f.State.Sure()
	k := known{Fact: f, Name: p.FactName(f.Key), SureIs: p.T("sure." + string(sure)), From: p.Source(f)}
	switch sure {
	case escalation.Certain:
		k.Colour = "good"
	case escalation.Unsure, escalation.Doubtful:
		k.Colour = "warn"
	}
	if e := p.entry(f.Judged); e != nil {
		k.Judge = &source{p.T("fact.state." + string(f.State)), p.who(e.By), p.When(e.At)}
		if e.Event != nil {
			k.Reason = e.Event.Reason
		}
	}
	return k
}

// Finds are facts that nobody has kept yet, read in what was said.
func (p *ticketPage) Finds() (list []known) {
	if !p.Can.Add {
		return nil
	}
	for _, f := range p.Ticket.Finds(p.Kind) {
		list = append(list, p.known(f))
	}
	return list
}

// entry returns the entry with an id, nil when it is not here.
func (p *ticketPage) entry(id string) *escalation.Entry {
	i := slices.IndexFunc(p.Ticket.Entries, func(e escalation.Entry) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Ticket.Entries[i]
}

// Source says how a fact is known, and the entry that it comes from; nil when that is
// not here.
func (p *ticketPage) Source(f escalation.Fact) *source {
	e := p.entry(f.Source)
	if e == nil {
		return nil
	}
	by, at := e.By, e.At
	if o := e.Spoken(); o != nil {
		by, at = o.By, o.At
	}
	return &source{p.T("fact.state." + cmp.Or(string(f.State), "noted")), p.who(by), p.When(at)}
}
