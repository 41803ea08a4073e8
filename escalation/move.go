package escalation

import (
	"fmt"
	"slices"
	"time"
)

// An OfferCommand is a handoff as somebody fills it in.
type OfferCommand struct {
	FactsCommand
	Desk     *Desk // that is in force
	Team     string
	Tier     int
	Problem  string
	Tried    []Tried // blank rows are dropped
	Untried  string  // why nothing was tried, when nothing was
	Asked    string
	By       time.Time
	Promised string
	Tell     string // a person must say it; a program may leave it to the catalog; a task has no customer
	Seen     int
	Key      string // the same form sent twice makes one offer

	// Candidates are the ids of the staff who could accept: the members of the
	// team with at least that tier.
	Candidates []string
}

// Offer offers the ticket to another team or tier, with all that they need. Until
// somebody accepts, nothing moves and the sender stays responsible. Is the sender
// the only one who could accept, it is accepted at once.
func (t *Ticket) Offer(c OfferCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Offer); err != nil {
		return Change{}, err
	}
	key, err := sameForm(c.Key)
	if err != nil {
		return Change{}, err
	}
	if n := len(t.Handoffs); t.again(key) && n > 0 {
		if s := t.Handoffs[n-1].State; s == Offered || s == Accepted || by.Ref().Token() {
			return Change{Ticket: *t}, nil
		}
		key = "" // it was withdrawn or refused: by a form it is offered anew, by a program with a new key
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if err := t.settled(); err != nil {
		return Change{}, err
	}
	who := by.Ref()
	h, err := t.handoff(c, who, stamp(now))
	if err != nil {
		return Change{}, err
	}
	if len(c.Candidates) == 0 {
		return Change{}, invalid("team", "error.nobody_there", map[string]any{"Team": TeamID(h.Team), "Tier": h.Tier})
	}
	if err := t.unread(c.Seen, who); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	if err := d.said(c.Type, c.Facts, ""); err != nil {
		return Change{}, err
	}
	if c.Team != Triage { // there, somebody asks for what is missing
		if err := d.knows(c.Type, BeforeMove); err != nil {
			return Change{}, err
		}
	}
	d.offer(h, c.Candidates, key)
	return d.change()
}

// offer offers the ticket to those who could accept it, by a form with a key or by none.
// Is the sender the only one, it is theirs at once.
func (d *draft) offer(h Handoff, candidates []string, key string) {
	h.ID = d.ids()
	d.add(Entry{Kind: Happened, Key: key, Event: &Event{Kind: EventOffered, Handoff: &h}})
	alone := !slices.ContainsFunc(candidates, func(id string) bool { return id != d.by.ID })
	if d.by.Person() && alone {
		d.accept(h)
	}
}

// handoff returns what is offered, checked, without an id.
func (t *Ticket) handoff(c OfferCommand, from ActorRef, now time.Time) (Handoff, error) {
	h := Handoff{
		From: from, FromTeam: t.Team, FromTier: t.Tier,
		Team: c.Team, Tier: c.Tier,
		State: Offered, Offered: now,
	}
	if from.Kind == BySystem {
		h.Rule = from.ID
	}
	if err := c.Desk.place(c.Team, c.Tier); err != nil {
		return h, err
	}
	if c.Team == t.Team && c.Tier == t.Tier {
		return h, invalid("tier", "error.same_place", nil)
	}
	var err error
	if h.Problem, err = wanted("problem", c.Problem, "error.problem_missing", MaxLine); err != nil {
		return h, err
	}
	if h.Tried, err = tried(c.Tried); err != nil {
		return h, err
	}
	if len(h.Tried) == 0 {
		if h.Untried, err = wanted("untried", c.Untried, "error.tried_missing", MaxLine); err != nil {
			return h, err
		}
	}
	asked := "error.asked_missing"
	if c.Tier < t.Tier {
		asked = "error.instruction_missing"
	}
	if h.Asked, err = wanted("asked", c.Asked, asked, MaxLine); err != nil {
		return h, err
	}
	if h.By, err = future("by", c.By, now); err != nil {
		return h, err
	}
	if h.Promised, err = optional("promised", c.Promised, MaxLine); err != nil {
		return h, err
	}
	if t.Parent == nil && (from.Person() || !Blank(c.Tell)) {
		h.Tell, err = wanted("tell_customer", c.Tell, "error.tell_missing", MaxLine)
	}
	return h, err
}

// place returns an error unless there is such a team, with such a tier.
func (d *Desk) place(team string, tier int) error {
	to, ok := d.Team(team)
	if !ok {
		return invalid("team", "error.team_unknown", nil)
	}
	if tier < to.Min || tier > to.Max {
		return invalid("tier", "error.tier_wrong", map[string]any{"Team": TeamID(team), "Min": to.Min, "Max": to.Max})
	}
	return nil
}

// tried returns the rows that say something.
func tried(rows []Tried) ([]Tried, error) {
	var list []Tried
	for i, r := range rows {
		if Blank(r.What) && Blank(r.Result) {
			continue
		}
		var err error
		r.Outcome = "" // of whoever fills in a form the result says it
		if r.What, err = wanted(fmt.Sprintf("tried-%d-what", i+1), r.What, "error.tried_what", MaxLine); err != nil {
			return nil, err
		}
		if r.Result, err = wanted(fmt.Sprintf("tried-%d-result", i+1), r.Result, "error.tried_result", MaxLine); err != nil {
			return nil, err
		}
		if list = append(list, r); len(list) > MaxTried {
			return nil, invalid("tried-1-what", "error.tried_many", map[string]any{"Max": MaxTried})
		}
	}
	return list, nil
}

// accept moves the ticket to who accepts it, and tells the customer.
func (d *draft) accept(h Handoff) {
	d.happened(Event{Kind: EventAccepted, HandoffID: h.ID, Team: h.Team, Tier: h.Tier, Tell: h.Tell})
	d.moved(h.Tell)
}

// pending returns the offer with this id if it waits for an answer; an empty id
// means the one that does.
func (t *Ticket) pending(id string) (Handoff, error) {
	h := t.Pending()
	if h == nil || id != "" && h.ID != id {
		switch i := slices.IndexFunc(t.Handoffs, func(h Handoff) bool { return h.ID == id }); {
		case i < 0:
			return Handoff{}, &Error{Kind: NotFound, Reason: "error.no_handoff"}
		case t.Handoffs[i].State == Withdrawn:
			return Handoff{}, conflict("error.handoff_withdrawn", nil)
		}
		return Handoff{}, conflict("error.handoff_answered", nil)
	}
	return *h, nil
}

// answerable returns the offer that the actor may accept or refuse.
func (t *Ticket) answerable(id string, by Actor) (Handoff, error) {
	if err := t.staffMay(by, Read); err != nil {
		return Handoff{}, err
	}
	h, err := t.pending(id)
	if err != nil {
		return h, err
	}
	if err := t.staffMay(by, Answer); err != nil {
		return h, err
	}
	if by.Ref().Kind != ByStaff {
		return h, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	return h, t.notSpam()
}

// Accept takes over what is offered. The owner stays: only who works on it
// changes. The customer is told which team has it now; a letter that was not sent
// yet is replaced.
func (t *Ticket) Accept(id string, by Actor, ids func() string, now time.Time) (Change, error) {
	h, err := t.answerable(id, by)
	if err != nil {
		return Change{}, err
	}
	if who := by.Ref(); who.Person() && who.ID == h.From.ID {
		return Change{}, &Error{Kind: Forbidden, Reason: "error.own_offer"}
	}
	d := t.draft(by, ids, now)
	d.accept(h)
	return d.change()
}

// A RefuseCommand says why something offered is not accepted.
type RefuseCommand struct {
	Reason  string   // one of [RefusalReasons]
	Missing []string // the facts, when they are the reason
	Text    string   // for staff; may be empty
}

// Refuse sends what is offered back to triage. Was it offered from there, the
// sender keeps it; else it lies in the queue of the General desk. The third bounce
// freezes it.
func (t *Ticket) Refuse(id string, c RefuseCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	h, err := t.answerable(id, by)
	if err != nil {
		return Change{}, err
	}
	if !slices.Contains(RefusalReasons, c.Reason) {
		return Change{}, invalid("reason", "error.refusal_reason", nil)
	}
	var missing []string
	for _, m := range c.Missing {
		if m, err = optional("missing", m, MaxName); err != nil {
			return Change{}, err
		}
		if !Blank(m) && !slices.Contains(missing, m) {
			missing = append(missing, m)
		}
	}
	if c.Reason != MissingFacts {
		missing = nil
	} else if len(missing) == 0 || len(missing) > MaxTried {
		return Change{}, invalid("missing", "error.missing_unnamed", nil)
	}
	text, err := body("text", c.Text, false)
	if err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	ev := Event{Kind: EventRefused, HandoffID: h.ID, Reason: c.Reason, Missing: missing}
	moves := t.Team != Triage || t.Tier != 1
	if moves {
		ev.Team, ev.Tier = Triage, 1
	}
	d.add(Entry{Kind: Happened, Text: text, Event: &ev})
	if moves {
		d.moved("")
	}
	return d.change()
}

// Withdraw takes an offer back. The sender does so, the assignee, or who may
// decide over the ticket.
func (t *Ticket) Withdraw(id string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Read); err != nil {
		return Change{}, err
	}
	h, err := t.pending(id)
	if err != nil {
		return Change{}, err
	}
	if who := by.Ref().ID; who == "" || who != h.From.ID && who != t.Assignee && !by.May(Decide, t) {
		return Change{}, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventWithdrawn, HandoffID: h.ID})
	return d.change()
}

// A DecideCommand is where a frozen ticket goes.
type DecideCommand struct {
	Desk   *Desk // that is in force
	Team   string
	Tier   int
	Reason string // for staff
	Tell   string // for the customer, if the ticket moves
}

// Decide ends a ticket's bouncing. It binds the teams: the ticket is at once where
// it says, with nobody's acceptance. Staying where it is is a decision too.
func (t *Ticket) Decide(c DecideCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Decide); err != nil {
		return Change{}, err
	}
	if !t.Frozen {
		return Change{}, conflict("error.not_frozen", nil)
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	if err := c.Desk.place(c.Team, c.Tier); err != nil {
		return Change{}, err
	}
	ev := Event{Kind: EventDecided, Team: c.Team, Tier: c.Tier}
	var err error
	if ev.Reason, err = wanted("reason", c.Reason, "error.reason_missing", MaxLine); err != nil {
		return Change{}, err
	}
	moves := c.Team != t.Team || c.Tier != t.Tier
	if moves && t.Parent == nil {
		if ev.Tell, err = wanted("tell_customer", c.Tell, "error.tell_missing", MaxLine); err != nil {
			return Change{}, err
		}
	}
	d := t.draft(by, ids, now)
	d.happened(ev)
	if moves {
		d.moved(ev.Tell)
	}
	if a := d.t.Alarm(); a != nil { // that was the decision
		d.happened(Event{Kind: EventAcknowledged, AlarmID: a.ID, Reason: ev.Reason})
	}
	return d.change()
}
