package help

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A stage is one that a request goes through, as its requester reads it.
type stage struct {
	escalation.Passage
	Usual string // how long it usually takes; empty when nobody can say
}

// stages returns the stages of a request.
func (p ticketPage) stages(t *escalation.Ticket, times map[string]escalation.StageTime) []stage {
	var list []stage
	for _, passage := range t.Passages(p.Kind) {
		list = append(list, stage{passage, p.usual(passage.Stage, times)})
	}
	return list
}

// usual says how long a stage usually takes: as measured, once there is enough of it,
// else as the desk promises.
func (p page) usual(s escalation.Stage, times map[string]escalation.StageTime) string {
	if m := times[s.Key()]; !m.TooFew() {
		return p.T("progress.usual", "Half", p.Span(m.Half), "Most", p.Span(m.Most), "Count", m.N)
	}
	return s.Usual.In(p.Lang)
}

// A need is a fact that the request's type asks for and nobody has said, with what was
// typed of it.
type need struct {
	escalation.Need
	Value string
}

// Field is the name of its input.
func (n need) Field() string { return escalation.FactField + n.Key }

// needs returns what would help with a request although nobody has asked yet. What only
// we can find out is not asked of its requester.
func (p ticketPage) needs(t *escalation.Ticket) []need {
	if p.Kind == nil || !t.InProgress() {
		return nil
	}
	var list []need
	for _, n := range p.Kind.Missing(t, escalation.BeforeMove) {
		asked := false
		for _, q := range t.Questions {
			asked = asked || q.Key == n.Key
		}
		if !asked {
			list = append(list, need{Need: n})
		}
	}
	return list
}

// untried returns the steps of which the requester may say that they have done them, so
// that nobody asks for them.
func (p ticketPage) untried(t *escalation.Ticket) []tick {
	if !t.InProgress() {
		return nil
	}
	var list []tick
	for _, m := range t.Untried(p.Kind) {
		list = append(list, tick{ID: m.ID, What: m.What.In(p.Lang)})
	}
	return list
}

// Hint says why it is needed, and what to do without it.
func (p ticketPage) Hint(n need) string {
	hint := n.Why.In(p.Lang)
	if n.Kind == escalation.IMEIValue || n.Kind == escalation.OrderValue {
		hint += " " + p.T("ask.fact_none")
	}
	return hint
}

// factsOf returns what was typed of the facts that the type asks for, by their keys.
func factsOf(c *fiber.Ctx) map[string]string {
	facts := map[string]string{}
	for _, name := range web.Names(c) {
		if key, ok := strings.CutPrefix(name, escalation.FactField); ok && len(facts) < 2*escalation.MaxNeeds {
			facts[key] = typed(c, name)
		}
	}
	return facts
}

// triedOf returns the ids of the steps that were ticked.
func triedOf(c *fiber.Ctx) []string {
	ids := web.Values(c, "tried")
	return ids[:min(len(ids), escalation.MaxRemedies)]
}

// stageTimes are how long requests of a type stayed in their stages, as asked lately.
type stageTimes struct {
	asked time.Time
	times map[string]escalation.StageTime
}

// took returns how long requests of a type stay in their stages. Of many readers at
// once one asks; the others, and all while the database does not answer, see what was
// known before.
func (r *Room) took(ctx context.Context, kind *escalation.RequestType) map[string]escalation.StageTime {
	if r.StageTimes == nil || kind == nil {
		return nil
	}
	now := r.Now()
	v, _ := r.stages.LoadOrStore(kind.ID, &stageTimes{})
	known := v.(*stageTimes)
	if now.Sub(known.asked) < answersAge {
		return known.times
	}
	next := &stageTimes{now, known.times}
	if !r.stages.CompareAndSwap(kind.ID, known, next) {
		return known.times
	}
	times, err := r.StageTimes(ctx, kind.ID, now.Add(-escalation.StageDays*24*time.Hour))
	if err != nil {
		r.Log.WarnContext(ctx, "stage times not known", "error", err)
		return known.times
	}
	r.stages.Store(kind.ID, &stageTimes{now, times})
	return times
}
