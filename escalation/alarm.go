package escalation

import (
	"fmt"
	"slices"
	"time"

	"primalinea/escalation/clock"
)

// The automatic rules, as handoffs and the ledger name them.
const (
	ByAge      = "E2"  // the time of its tier is used up, or nearly
	ByAttempts = "E3"  // it was reopened twice
	ByEvidence = "E4"  // it was found to be no matter of software
	ByBreach   = "E8"  // a promise to the customer is broken, they want somebody with more say, or it has the top priority
	ByPingPong = "E9"  // it goes to and fro
	ByNobody   = "E10" // nobody took or accepted it in time
)

// WatchRule names who notes these, in the ledger.
const WatchRule = "watch"

// A Mark is what one of the automatic rules noted of a ticket. It is noted once.
type Mark struct {
	Rule    string     `json:"rule"`
	Clock   clock.Kind `json:"clock,omitempty"`
	Cause   string     `json:"cause,omitempty"`   // one of [AlarmCauses], of what somebody noted, or [CausePriority]
	Percent int        `json:"percent,omitempty"` // of the clock's target that is used
	Since   time.Time  `json:"since,omitzero"`    // when the clock's run began, or what is noted did
	Alarm   bool       `json:"alarm,omitempty"`   // a lead has to look
}

// AlarmCauses are what an agent may call a lead for. The catalog says them as
// "alarm.<cause>".
var AlarmCauses = []string{"manager", "dispute", "legal"}

// An Alarm asks those with more say for a decision. A ticket has at most one open:
// what happens meanwhile is added to its marks.
type Alarm struct {
	ID     string
	Opened time.Time
	Marks  []Mark
	Rung   int       // of the ladder, from 1
	Raised time.Time // to this rung

	Ended    time.Time // when somebody decided, or the ticket was settled; zero: it is open
	Decided  ActorRef  // who decided; empty: it was settled
	Decision string
}

// The ladder: the leads of the ticket's team, all leads, and the head, who is the lead
// that has been here longest.
const (
	TeamLeads = 1
	AllLeads  = 2
	Head      = 3
)

// alarmTimes are how long those of a rung have before the next is called: in hours that
// the desk is open, of a ticket of the top priority in hours of the day.
var alarmTimes = map[int]time.Duration{TeamLeads: time.Hour, AllLeads: 2 * time.Hour}

// Alarm returns the open alarm, or nil.
func (t *Ticket) Alarm() *Alarm {
	if n := len(t.Alarms); n > 0 && t.Alarms[n-1].Ended.IsZero() {
		return &t.Alarms[n-1]
	}
	return nil
}

// mark notes marks, and opens the alarm with this id, or adds to the one that is open,
// if they want one.
func (t *Ticket) mark(e Entry) error {
	t.Marks = append(t.Marks, e.Event.Marks...)
	alarming := slices.DeleteFunc(slices.Clone(e.Event.Marks), func(m Mark) bool { return !m.Alarm })
	switch a := t.Alarm(); {
	case len(alarming) == 0:
	case a != nil:
		a.Marks = append(slices.Clip(a.Marks), alarming...)
	case e.Event.AlarmID == "":
		return fmt.Errorf("an alarm without an id")
	default:
		t.Alarms = append(t.Alarms, Alarm{ID: e.Event.AlarmID, Opened: e.At, Marks: alarming, Rung: TeamLeads, Raised: e.At})
	}
	return nil
}

// endAlarm ends the open alarm.
func (t *Ticket) endAlarm(at time.Time, by ActorRef, decision string) {
	if a := t.Alarm(); a != nil {
		a.Ended, a.Decided, a.Decision = at, by, decision
	}
}

// marked adds marks to the ledger, with the id of an alarm if they open one.
func (d *draft) marked(marks []Mark) {
	ev := Event{Kind: EventMarked, Marks: marks}
	if d.t.Alarm() == nil && slices.ContainsFunc(marks, func(m Mark) bool { return m.Alarm }) {
		ev.AlarmID = d.ids()
	}
	d.happened(ev)
}

// Call calls a lead, for one of [AlarmCauses].
func (t *Ticket) Call(cause string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if !slices.Contains(AlarmCauses, cause) {
		return Change{}, invalid("cause", "error.alarm_cause", nil)
	}
	if a := t.Alarm(); a != nil && slices.ContainsFunc(a.Marks, func(m Mark) bool { return m.Cause == cause }) {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.marked([]Mark{{Rule: ByBreach, Cause: cause, Since: d.now, Alarm: true}})
	return d.change()
}

// Acknowledge ends the alarm with an id by a decision, which is written down.
func (t *Ticket) Acknowledge(id, decision string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Decide); err != nil {
		return Change{}, err
	}
	a := t.Alarm()
	if a == nil || a.ID != id {
		if slices.ContainsFunc(t.Alarms, func(a Alarm) bool { return a.ID == id }) {
			return Change{}, conflict("error.alarm_over", nil)
		}
		return Change{}, &Error{Kind: NotFound, Reason: "error.no_alarm"}
	}
	decision, err := wanted("decision", decision, "error.alarm_decision", MaxLine)
	if err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventAcknowledged, AlarmID: id, Reason: decision})
	return d.change()
}
