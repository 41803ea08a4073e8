package escalation_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

// jobOf is a task for a ticket, which is left beside it.
func jobOf(rt *rapid.T, t *Ticket, ids func() string, now time.Time) Ticket {
	c := anyJob(now)
	list, err := t.AddTask(c, lead, ids, now)
	if err != nil {
		rt.Fatal(err)
	}
	keep(list)
	return list[1].Ticket
}

func anyJob(now time.Time) TaskCommand {
	c := job(now)
	c.Subject, c.Text = canary, canary+" word"
	return c
}

// keep leaves tickets beside a history.
func keep(list []Change) {
	for i := range list {
		t := list[i].Ticket
		besides[t.ID] = &t
	}
}

func addTask(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	c := anyJob(now)
	c.Team, c.Tier = anywhere(rt)
	c.By, c.Candidates = even(rt, "wanted", []time.Time{{}, soon(rt, now)}), staff.Candidates(house, c.Team, c.Tier)
	list, err := t.AddTask(c, by, ids, now)
	if err != nil {
		return Change{}, err
	}
	sound(rt, &Ticket{}, list[1])
	keep(list)
	return list[0], nil
}

// openTask is one that others do for a ticket.
func openTask(rt *rapid.T, t *Ticket) *Ticket {
	open := t.OpenTasks()
	if len(open) == 0 {
		return nil
	}
	return besides[even(rt, "task", open).Ticket]
}

// goesOn are a ticket, and the one in which it goes on.
func goesOn(rt *rapid.T, t *Ticket, ids func() string, now time.Time) []Ticket {
	if t.Into == nil {
		return []Ticket{*t}
	}
	on := another(rt, ids, now)
	on.ID, on.Number = t.Into.Ticket, t.Into.Number
	return []Ticket{*t, *on}
}

// answerTask lets those who do a task of the ticket answer it; twice is once.
func answerTask(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	task := openTask(rt, t)
	if task == nil || by.Ref().Kind == ByRequester || by.Ref().ID == pen.ID {
		return Change{}, &Error{Kind: Conflict}
	}
	if !by.May(Solve, task) {
		by = even(rt, "who does it", able([]Actor{anna, bruno, carla, dora, elio, lead, robot}, Solve, task))
	}
	c := TaskAnswer{Message{Text: canary + m.Text}, even(rt, "result", append(TaskResults, TaskDropped, ""))}
	list, err := task.AnswerTask(c, goesOn(rt, t, ids, now), by, ids, now)
	if err != nil {
		return Change{}, err
	}
	sound(rt, task, list[0])
	keep(list)
	if _, err := besides[task.ID].AnswerTask(c, goesOn(rt, &list[1].Ticket, ids, now), by, ids, now); KindOf(err) != Conflict {
		rt.Fatalf("answered twice: %v", err)
	}
	return list[1], nil
}

// doTask answers the ticket, if it is a task.
func doTask(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	if t.Parent == nil || even(rt, "patience", []bool{true, true, false}) {
		return Change{}, &Error{Kind: Conflict}
	}
	parent := besides[t.Parent.Ticket]
	return first(t.AnswerTask(TaskAnswer{Message{Text: canary + m.Text}, TaskDone}, goesOn(rt, parent, ids, now), by, ids, now))
}

// dropTask ends a task of the ticket, or the ticket, if it is one.
func dropTask(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	if t.Parent != nil && by.Ref().ID == lead.ID && even(rt, "patience", []bool{true, false}) {
		return second(besides[t.Parent.Ticket].DropTask(t, lead, ids, now))
	}
	task := openTask(rt, t)
	if task == nil {
		return Change{}, &Error{Kind: Conflict}
	}
	list, err := t.DropTask(task, by, ids, now)
	keep(list)
	return first(list, err)
}

func solveWith(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, m Message) (Change, error) {
	var others []Ticket
	for _, k := range t.OpenTasks() {
		others = append(others, *besides[k.Ticket])
	}
	if len(others) == 0 {
		return Change{}, &Error{Kind: Conflict}
	}
	list, err := t.SolveWith(SolveCommand{Message: m, Article: NoArticle, Reason: canary, Tasks: CloseTasks}, others, by, ids, now)
	keep(list)
	if err == nil && len(list) != len(others)+1 {
		rt.Fatalf("%d changes of %d tasks", len(list), len(others))
	}
	return first(list, err)
}

// tasks: others do something for a ticket, and it stays where it is, with whom it is, and
// whose it is; its customer hears nothing. Each answer is seen once. A task itself has no
// customer.
func tasks(s happened) string {
	before, after := s.before, s.after
	answers := map[string]int{}
	for _, e := range Ledger(after.Entries) {
		if e.Event != nil && e.Event.Kind == EventTaskAnswered {
			answers[e.Event.Other.Ticket]++
		}
	}
	for i, k := range after.Tasks {
		want := 1
		if k.Ended.IsZero() {
			want = 0
		}
		if answers[k.Ticket] != want || i < len(before.Tasks) && (before.Tasks[i].Ticket != k.Ticket || !before.Tasks[i].Ended.IsZero() && before.Tasks[i] != k) {
			return fmt.Sprintf("a task %+v, answered %d times", k, answers[k.Ticket])
		}
	}
	if len(after.Tasks) < len(before.Tasks) {
		return "a task is gone"
	}
	if s.event[EventTaskOpened] != nil || s.event[EventTaskAnswered] != nil && s.event[EventSolved] == nil {
		if s.moved() || after.Owner != before.Owner || after.Assignee != before.Assignee || after.State != before.State || after.HighestTier != before.HighestTier ||
			after.Doubt != before.Doubt || len(s.c.Letters) > 0 || len(after.ForRequester()) != len(before.ForRequester()) || !slices.Equal(before.Running, after.Running) {
			return "a task moved something"
		}
	}
	if s.event[EventSolved] != nil && len(before.OpenTasks()) > 0 && len(after.OpenTasks()) > 0 {
		return "solved, and nobody said what becomes of its tasks"
	}
	if after.Parent == nil {
		return ""
	}
	if s.by.Ref().Kind == ByRequester || len(s.c.Letters) > 0 || len(after.EverForRequester()) > 0 || len(after.Tasks) > 0 || *after.Parent != *before.Parent ||
		after.Requester != (Requester{}) || after.State == Solved || after.State == WaitCustomer || after.Doubt != "" ||
		(after.State == Closed) != (after.Result != "") || slices.ContainsFunc(after.Entries, func(e Entry) bool { return e.Kind == Public }) {
		return fmt.Sprintf("a task that is %s %s, of %+v", after.State, after.Result, after.Requester)
	}
	return ""
}
