package escalation

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// ForTask is the channel of a ticket that is a task: nobody outside asked it.
const ForTask Channel = "task"

// What ties a ticket to the tasks that others do for it.
const (
	EventTaskOpened   EventKind = "task_opened"   // another team does something for this one
	EventTaskAnswered EventKind = "task_answered" // that is over: it came back with an answer, or is no longer needed
	EventTaskDone     EventKind = "task_done"     // → closed; of the task itself
)

// A TaskResult says what became of a task. The catalog has them as "task.result.<result>".
type TaskResult string

// The results of a task.
const (
	TaskDone    TaskResult = "done"
	TaskRefused TaskResult = "refused" // it is not for them, or cannot be done; the answer says why
	TaskDropped TaskResult = "dropped" // the ticket needs it no longer
)

// TaskResults are those that an answer can have.
var TaskResults = []TaskResult{TaskDone, TaskRefused}

// MaxTasks is how many a ticket may have open at once.
const MaxTasks = 10

// A Task is what a ticket knows of a piece of work that another team does for it. That is
// a ticket of its own, with a queue, moves and clocks, but without a customer: nobody
// outside reads it, and nobody outside is written to.
type Task struct {
	Other
	By     ActorRef // who asked for it
	At     time.Time
	Ended  time.Time // zero: it is open
	Result TaskResult
}

// OpenTasks returns the tasks that others still do for the ticket, the oldest first.
func (t *Ticket) OpenTasks() []Task {
	var list []Task
	for _, k := range t.Tasks {
		if k.Ended.IsZero() {
			list = append(list, k)
		}
	}
	return list
}

// A TaskCommand is what another team is to do.
type TaskCommand struct {
	Desk    *Desk // that is in force
	Number  string
	Team    string
	Tier    int
	Subject string
	Text    string
	By      time.Time // by when an answer is wanted; zero: nobody said
	Key     string    // the same form sent twice makes one task

	// Candidates are the ids of the staff who could do it, as in [OfferCommand].
	Candidates []string
}

// AddTask has another team do something for the ticket, which stays where it is and with
// whom it is, and whose customer hears nothing of it. A task has no tasks of its own. It
// returns the changes of both, that of the task last; none when the form came before.
func (t *Ticket) AddTask(c TaskCommand, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.staffMay(by, Ask); err != nil {
		return nil, err
	}
	if t.again(c.Key) {
		return nil, nil
	}
	if t.Parent != nil {
		return nil, conflict("error.task_of_task", map[string]any{"Number": t.Parent.Number})
	}
	if err := t.active(); err != nil {
		return nil, err
	}
	number, ok := ParseNumber(c.Number)
	if !ok {
		return nil, &Error{Kind: Fault, Reason: "error.number"}
	}
	if err := c.Desk.place(c.Team, c.Tier); err != nil {
		return nil, err
	}
	if c.Team == t.Team {
		return nil, invalid("team", "error.task_own_team", nil)
	}
	if len(c.Candidates) == 0 {
		return nil, invalid("team", "error.nobody_there", map[string]any{"Team": TeamID(c.Team), "Tier": c.Tier})
	}
	subject, err := wanted("subject", c.Subject, "error.subject_missing", MaxSubject)
	if err != nil {
		return nil, err
	}
	text, err := body("text", c.Text, true)
	if err != nil {
		return nil, err
	}
	if !c.By.IsZero() {
		if c.By, err = future("by", c.By, stamp(now)); err != nil {
			return nil, err
		}
	}
	if len(t.OpenTasks()) >= MaxTasks {
		return nil, conflict("error.tasks_many", map[string]any{"Max": MaxTasks})
	}
	key, err := sameForm(c.Key)
	if err != nil {
		return nil, err
	}
	who := by.Ref()
	d, task := t.draft(by, ids, now), (&Ticket{}).draft(by, ids, now)
	task.add(Entry{Kind: Internal, Text: text, Event: &Event{
		Kind: EventOpened, Ticket: ids(), Number: number, Subject: subject, Requester: &Requester{}, WrittenBy: &who,
		Lang: t.Lang, Channel: ForTask, Desk: c.Desk.Version, Impact: t.Impact, Urgency: t.Urgency,
		Team: c.Team, Tier: c.Tier, Until: c.By, Other: t.other(),
	}})
	task.urgent()
	d.add(Entry{Kind: Happened, Key: key, Event: &Event{Kind: EventTaskOpened, Other: task.t.other(), Team: c.Team, Tier: c.Tier, Until: c.By}})
	return changes(d, task)
}

// TaskBy returns the task that a form has opened already; nil when it did not come before.
func (t *Ticket) TaskBy(key string) *Other {
	for i := range t.Entries {
		if e := &t.Entries[i]; key != "" && e.Key == key && e.Event != nil && e.Event.Kind == EventTaskOpened {
			return e.Event.Other
		}
	}
	return nil
}

// A TaskAnswer is what became of a task, in words for those who wanted it.
type TaskAnswer struct {
	Message
	Result TaskResult // one of [TaskResults]
}

// AnswerTask ends the task. Its answer stands at the ticket that it is for, the parent,
// as a note, with its files, whatever became of that meanwhile. Who answers for the parent
// is called, and who works on it: in the ticket in which it goes on, if it does. Way is the
// parent, the ticket in which that goes on, and so forth. It returns the changes of the
// task and of the parent, that last; none when the form came before.
func (t *Ticket) AnswerTask(c TaskAnswer, way []Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.staffMay(by, Solve); err != nil {
		return nil, err
	}
	parent, on := &way[0], &way[len(way)-1]
	switch {
	case t.Parent == nil || t.Parent.Ticket != parent.ID:
		return nil, conflict("error.no_task", nil)
	case t.again(c.Key):
		return nil, nil
	case t.State == Closed || !parent.Erased.IsZero() || !slices.ContainsFunc(parent.OpenTasks(), func(k Task) bool { return k.Ticket == t.ID }):
		return nil, conflict("error.task_over", map[string]any{"Number": t.Parent.Number})
	case t.Pending() != nil:
		h := t.Pending()
		return nil, conflict("error.handoff_pending", map[string]any{"Team": TeamID(h.Team), "Tier": h.Tier})
	case !slices.Contains(TaskResults, c.Result):
		return nil, invalid("result", "error.choice", nil)
	case !leads(way):
		return nil, conflict("error.conflict", nil) // it was merged meanwhile, or is by itself again
	}
	if err := c.check(true); err != nil {
		return nil, err
	}
	if err := t.unread(c.Seen, by.Ref()); err != nil {
		return nil, err
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	said := c.entry(Internal, &Event{Kind: EventTaskDone, Result: c.Result})
	said.Files = nil // they go where they are wanted
	d.add(said)
	p := parent.draft(by, ids, now)
	p.add(Entry{Kind: Internal, Text: c.Text, Files: c.Files, Event: &Event{Kind: EventTaskAnswered, Other: t.other(), Result: c.Result, Called: parent.waiting(t, on, by.Ref())}})
	return changes(d, p)
}

// Way returns the numbers of a ticket, of the one in which it goes on, and so forth.
func Way(ctx context.Context, number string, ticket func(context.Context, string) (Ticket, error)) ([]string, error) {
	t, err := ticket(ctx, number)
	numbers := []string{number}
	for err == nil && t.Into != nil {
		numbers = append(numbers, t.Into.Number)
		t, err = ticket(ctx, t.Into.Number)
	}
	return numbers, err
}

// leads says whether each of some tickets goes on in the next one, and the last in none.
func leads(way []Ticket) bool {
	for i := range way {
		on, last := way[i].Into, i == len(way)-1
		if (on == nil) != last || on != nil && on.Ticket != way[i+1].ID {
			return false
		}
	}
	return true
}

// waiting are those who hear that a task came back: who answers for the parent and who
// works on it, in the ticket where it goes on; while nobody does, who asked for it.
func (t *Ticket) waiting(task, on *Ticket, by ActorRef) []ActorRef {
	var list []ActorRef
	add := func(id string) {
		who := ActorRef{Kind: ByStaff, ID: id, Name: on.nameOf(id)}
		if id != "" && id != by.ID && !who.Token() && !slices.ContainsFunc(list, func(o ActorRef) bool { return o.ID == id }) {
			list = append(list, who)
		}
	}
	add(on.Owner)
	add(on.Assignee)
	if on.Owner == "" && on.Assignee == "" {
		for _, k := range t.Tasks {
			if k.Ticket == task.ID {
				add(k.By.ID)
			}
		}
	}
	return list
}

// DropTask ends a task that the ticket no longer needs. It returns the changes of both,
// that of the task last.
func (t *Ticket) DropTask(task *Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if err := t.readable(by); err != nil {
		return nil, err
	}
	switch i := slices.IndexFunc(t.Tasks, func(k Task) bool { return k.Ticket == task.ID }); {
	case i < 0:
		return nil, &Error{Kind: NotFound, Reason: "error.no_ticket"}
	case by.Ref().Kind == ByRequester || !by.May(Ask, t): // of a merged one too: its tasks go on
		return nil, &Error{Kind: Forbidden, Reason: "error.not_allowed"}
	case !t.Tasks[i].Ended.IsZero():
		return nil, conflict("error.task_over", map[string]any{"Number": t.Number})
	}
	d, k := t.draft(by, ids, now), task.draft(by, ids, now)
	d.dropped(k)
	return changes(d, k)
}

// dropped ends a task that its parent needs no longer.
func (d *draft) dropped(task *draft) {
	d.happened(Event{Kind: EventTaskAnswered, Other: task.t.other(), Result: TaskDropped})
	if task.t.State != Closed { // erased ones are
		task.happened(Event{Kind: EventTaskDone, Result: TaskDropped})
	}
}

// A TaskChoice is what becomes of the open tasks of a ticket that is solved.
type TaskChoice string

// The choices.
const (
	CloseTasks TaskChoice = "close" // they are no longer needed
	LeaveTasks TaskChoice = "leave" // they go on
)

// Damaged says whether the ticket stands for one that cannot be read: nothing is known of
// it but its id and its number.
func (t *Ticket) Damaged() bool { return t.Version == 0 }

// Damaged returns the numbers of those tickets that cannot be read.
func Damaged(list []Ticket) (numbers []string) {
	for _, t := range list {
		if t.Damaged() {
			numbers = append(numbers, t.Number)
		}
	}
	return numbers
}

// SolveWith is [Ticket.Solve] of a ticket for which tasks may be open: its own, and those
// of the tickets that go on here. Others are these and the tasks. A task that cannot be
// read is left as it is. It returns the changes of all that change, that of the ticket
// first.
func (t *Ticket) SolveWith(c SolveCommand, others []Ticket, by Actor, ids func() string, now time.Time) ([]Change, error) {
	if t.again(c.Key) {
		return nil, t.staffMay(by, Solve)
	}
	for i := range others {
		if others[i].Into != nil {
			c.joined += len(others[i].OpenTasks())
		}
	}
	solved, err := t.Solve(c, by, ids, now)
	if err != nil {
		return nil, err
	}
	if c.Tasks != CloseTasks {
		return []Change{solved}, nil
	}
	find := func(id string) *Ticket {
		i := slices.IndexFunc(others, func(o Ticket) bool { return o.ID == id })
		if i < 0 {
			return nil
		}
		return &others[i]
	}
	d := solved.Ticket.draft(by, ids, now)
	all := []*draft{d}
	end := func(p *draft) error {
		for _, k := range p.t.OpenTasks() {
			task := find(k.Ticket)
			if task == nil {
				return conflict("error.conflict", nil) // it was opened meanwhile
			}
			if task.Damaged() {
				continue
			}
			of := task.draft(by, ids, now)
			p.dropped(of)
			if len(of.entries) > 0 {
				all = append(all, of)
			}
		}
		return nil
	}
	if err := end(d); err != nil {
		return nil, err
	}
	for i := range others {
		o := &others[i]
		if o.Into == nil || len(o.OpenTasks()) == 0 {
			continue
		}
		p := o.draft(by, ids, now)
		if err := end(p); err != nil {
			return nil, err
		}
		if len(p.entries) > 0 {
			all = append(all, p)
		}
	}
	list, err := changes(all...)
	if err != nil {
		return nil, err
	}
	list[0].Entries = append(solved.Entries, list[0].Entries...)
	list[0].Letters = append(solved.Letters, list[0].Letters...)
	return list, nil
}

// outside returns an error if the ticket is a task: what somebody wants to do concerns a
// customer, and it has none.
func (t *Ticket) outside() error {
	if t.Parent != nil {
		return conflict("error.task_customer", map[string]any{"Number": t.Parent.Number})
	}
	return nil
}

// tasked applies what ties a ticket to a task.
func (t *Ticket) tasked(e Entry) error {
	ev := e.Event
	if ev.Kind == EventTaskDone {
		if t.Parent == nil {
			return fmt.Errorf("no task is done")
		}
		t.withdrawPending(e)
		t.rest(Closed, e)
		t.Result = ev.Result
		return nil
	}
	if ev.Other == nil {
		return fmt.Errorf("%s, and no other ticket", ev.Kind)
	}
	if ev.Kind == EventTaskOpened {
		t.Tasks = append(t.Tasks, Task{Other: *ev.Other, By: e.By, At: e.At})
		return nil
	}
	for i := range t.Tasks {
		if k := &t.Tasks[i]; k.Ticket == ev.Other.Ticket && k.Ended.IsZero() {
			k.Ended, k.Result = e.At, ev.Result
			return nil
		}
	}
	return fmt.Errorf("task %s is not open", ev.Other.Number)
}
