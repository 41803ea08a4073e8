package escalation

import (
	"slices"
	"time"

	"primalinea/escalation/clock"
)

// A WatchCommand is what the automatic rules go by.
type WatchCommand struct {
	Desk     *Desk // that is in force
	Promised *Desk // at the ticket's version
	// Candidates returns the ids of those who could accept what is offered somewhere.
	Candidates func(team string, tier int) []string
}

// watched says whether the automatic rules look at the ticket at all.
func (t *Ticket) watched() bool { return t.InProgress() && t.Doubt == "" && t.Erased.IsZero() }

// Watch does what the automatic rules want of the ticket at a moment: it notes that time
// is used up and warns, calls the leads and the next of them, and offers the ticket to
// those who may know more. It never takes it from its assignee. What was noted is not
// noted again; of what was missed while nobody looked, the last counts. Outside of the
// hours of the desk it does nothing, but for a ticket of the top priority.
func (t *Ticket) Watch(c WatchCommand, ids func() string, now time.Time) (Change, error) {
	now = stamp(now)
	nothing := Change{Ticket: *t}
	if _, calendar := c.Promised.Promise(t.RequestType); !t.watched() || !t.atWork(calendar, now) {
		return nothing, nil
	}
	marks := t.noticeable(c.Promised, now)
	by := System{Rule: WatchRule}
	d := t.draft(by, ids, now)
	for _, rule := range []string{ByEvidence, ByAttempts, ByAge} { // what says more goes first
		i := slices.IndexFunc(marks, func(m Mark) bool { return m.Rule == rule && (rule != ByAge || m.Percent == 100) })
		if i < 0 {
			continue
		}
		if to, ok := t.goal(rule, c); ok {
			d.offerBy(rule, to, c)
		} else {
			marks[i].Alarm = true // nobody can be offered it: somebody has to decide
		}
	}
	if len(marks) > 0 {
		d.marked(marks)
	}
	if at, ok := t.nextRung(c.Promised); ok && !at.After(now) {
		d.happened(Event{Kind: EventRaised, AlarmID: t.Alarm().ID, Rung: t.Alarm().Rung + 1})
	}
	if len(d.entries) == 0 {
		return nothing, d.err
	}
	return d.change()
}

// atWork says whether anybody is told of the ticket at a moment.
func (t *Ticket) atWork(c *clock.Calendar, at time.Time) bool {
	return t.Priority() == TopPriority || isOpen(c, at)
}

// isOpen says whether somebody works at a moment. Without any hours nobody would ever be
// told of anything: then it is always.
func isOpen(c *clock.Calendar, at time.Time) bool {
	open, until := c.Open(at)
	return open || until.IsZero()
}

// Look returns when the automatic rules want to look at the ticket next, at or after a
// moment; zero when nothing will happen by itself.
func (t *Ticket) Look(d *Desk, dues []clock.Due, now time.Time) time.Time {
	if !t.watched() {
		return time.Time{}
	}
	_, calendar := d.Promise(t.RequestType)
	var next time.Time
	sooner := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for m, at := range t.moments(dues) {
		if !t.noted(m) {
			sooner(at)
		}
	}
	if len(t.signs(d)) > 0 {
		sooner(now)
	}
	if at, ok := t.nextRung(d); ok {
		sooner(at)
	}
	if next.IsZero() {
		return next
	}
	if next.Before(now) {
		next = now
	}
	if open, until := calendar.Open(next); !open && !until.IsZero() && t.Priority() != TopPriority {
		next = until
	}
	return next
}

// nextRung returns when the next of the ladder is called.
func (t *Ticket) nextRung(d *Desk) (time.Time, bool) {
	a := t.Alarm()
	if a == nil || a.Rung >= Head {
		return time.Time{}, false
	}
	if t.Priority() == TopPriority {
		return a.Raised.Add(alarmTimes[a.Rung]), true
	}
	_, calendar := d.Promise(t.RequestType)
	return calendar.Add(a.Raised, alarmTimes[a.Rung])
}

// moments are what the clocks that run will make noticeable, and when.
func (t *Ticket) moments(dues []clock.Due) map[Mark]time.Time {
	all := map[Mark]time.Time{}
	for _, d := range dues {
		if !d.Stopped.IsZero() {
			continue
		}
		m := Mark{Clock: d.Clock, Since: d.Start}
		switch d.Clock {
		case clock.Work:
			m.Rule = ByAge
			for _, w := range d.Warnings {
				m.Percent = w.Percent
				all[m] = w.At
			}
		case clock.Accept:
			m.Rule = ByNobody
		default:
			m.Rule = ByBreach
		}
		if m.Percent, m.Alarm = 100, true; !d.At.IsZero() {
			all[m] = d.At
		}
	}
	return all
}

// noted says whether a mark, or a later one of the same run, is in the ledger.
func (t *Ticket) noted(m Mark) bool {
	return slices.ContainsFunc(t.Marks, func(o Mark) bool {
		return o.Rule == m.Rule && o.Clock == m.Clock && o.Cause == m.Cause && o.Since.Equal(m.Since) && o.Percent >= m.Percent
	})
}

// noticeable returns the marks that are due and not noted, of each run the last.
func (t *Ticket) noticeable(d *Desk, now time.Time) []Mark {
	var marks []Mark
	for m, at := range t.moments(t.Dues(d)) {
		if at.After(now) || t.noted(m) {
			continue
		}
		i := slices.IndexFunc(marks, func(o Mark) bool { return o.Clock == m.Clock })
		switch {
		case i < 0:
			marks = append(marks, m)
		case m.Percent > marks[i].Percent:
			marks[i] = m
		}
	}
	slices.SortFunc(marks, func(a, b Mark) int { return slices.Index(clock.Kinds, a.Clock) - slices.Index(clock.Kinds, b.Clock) })
	return append(marks, t.signs(d)...)
}

// signs are what is noticeable without a clock.
func (t *Ticket) signs(d *Desk) []Mark {
	var marks []Mark
	add := func(m Mark) {
		if !t.noted(m) {
			marks = append(marks, m)
		}
	}
	if m, ok := t.pressing(); ok {
		add(m)
	}
	if at := t.restless(); !at.IsZero() {
		add(Mark{Rule: ByPingPong, Since: at, Alarm: true})
	}
	if t.settled() == nil {
		if t.Failed() >= maxFailed && t.Tier == 1 {
			add(Mark{Rule: ByAttempts})
		}
		if t.NoSoftware(d.Type(t.RequestType)) && t.Team != Returns {
			add(Mark{Rule: ByEvidence})
		}
	}
	return marks
}

// maxFailed are the attempts that may fail at the first tier before others are asked.
const maxFailed = 2

// maxMoves are the changes of team, without a public word between them, at which a lead
// has to look.
const maxMoves = 3

// restless returns when a ticket that goes to and fro moved last: it is frozen, or its
// team changed so often that somebody has to look. It is zero for others.
func (t *Ticket) restless() time.Time {
	if n := len(t.Handoffs); t.Frozen && n > 0 {
		return t.Handoffs[n-1].Answered
	}
	var last time.Time
	moves := 0
	for _, e := range slices.Backward(t.Entries) {
		switch {
		case e.Kind == Public || e.Event != nil && e.Event.Kind == EventDecided:
			if moves < maxMoves {
				return time.Time{}
			}
			return last
		case e.Event != nil && e.Event.Kind == EventAccepted && t.changedTeam(e.Event.HandoffID):
			if moves++; moves == 1 {
				last = e.At
			}
		}
	}
	return time.Time{}
}

func (t *Ticket) changedTeam(handoff string) bool {
	return slices.ContainsFunc(t.Handoffs, func(h Handoff) bool { return h.ID == handoff && h.Team != h.FromTeam })
}

// NoSoftware says whether it was found that software is not the cause.
func (t *Ticket) NoSoftware(r *RequestType) bool {
	return r != nil && slices.ContainsFunc(r.Needs, func(n Need) bool {
		f, ok := t.Fact(n.Key)
		return ok && n.Kind == FindingValue && f.Value == Hardware
	})
}

// Returns is the team for what has to be repaired, exchanged or paid back.
const Returns = "rrr"

// A spot is a team and a tier.
type spot struct {
	team string
	tier int
}

// goal returns where a rule wants the ticket, if it can be offered there: somebody
// has to be there, and another team has to be told what the type demands before a move.
func (t *Ticket) goal(rule string, c WatchCommand) (spot, bool) {
	if t.settled() != nil {
		return spot{}, false
	}
	to := spot{t.Team, t.Tier + 1}
	r := c.Promised.Type(t.RequestType)
	if team, ok := c.Desk.Team(t.Team); !ok || to.tier > team.Max {
		if r == nil || r.Tier <= t.Tier {
			to.team = ""
		} else {
			to = spot{r.Team, r.Tier}
		}
	}
	if rule == ByEvidence {
		team, _ := c.Desk.Team(Returns)
		to = spot{Returns, max(team.Min, min(t.Tier, team.Max))}
	}
	switch {
	case to.team == "" || c.Desk.place(to.team, to.tier) != nil || len(c.Candidates(to.team, to.tier)) == 0:
		return spot{}, false
	case to.team != t.Team && r != nil && len(r.Missing(t, BeforeMove)) > 0:
		return spot{}, false
	}
	return to, true
}

// offerBy offers the ticket by a rule.
func (d *draft) offerBy(rule string, to spot, c WatchCommand) {
	if d.t.Pending() != nil {
		return // by another rule, at this moment
	}
	d.by = System{Rule: rule}.Ref()
	h := d.byRule(rule, to.team, to.tier)
	d.offer(h, c.Candidates(to.team, to.tier), "")
	d.by = System{Rule: WatchRule}.Ref()
}

// byRule is what a rule offers: why and what for, its id says.
func (d *draft) byRule(rule, team string, tier int) Handoff {
	h := Handoff{
		Rule: rule, From: d.by, FromTeam: d.t.Team, FromTier: d.t.Tier, Team: team, Tier: tier,
		Problem: d.t.Subject, By: d.now.Add(routeTime), State: Offered, Offered: d.now,
	}
	for _, s := range d.t.Steps {
		h.Tried = append(h.Tried, Tried{s.What, s.Result, s.Outcome})
	}
	return h
}
