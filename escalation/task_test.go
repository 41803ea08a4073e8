package escalation_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/staff"
)

// job is what Dora's team is to do for a ticket.
func job(now time.Time) TaskCommand {
	return TaskCommand{
		Desk: ShippedDesk(), Number: "TASK2345", Team: "payments", Tier: 2, Subject: "Look for the payment", Text: "She says that she paid twice.",
		By: now.AddDate(0, 0, 1), Candidates: staff.Candidates(house, "payments", 2),
	}
}

// why is the reason of an error, without its field.
func why(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// withTask returns a ticket that Anna works on, and a task for it.
func withTask(t *testing.T) (parent, task *desk) {
	t.Helper()
	parent, task = taken(t), &desk{TB: t, now: monday, ids: counter()}
	task.ids = parent.ids
	list, err := parent.AddTask(job(parent.now), anna, parent.ids, parent.now)
	both(t, parent, task, list, err)
	return parent, task
}

// TestTask has another team do something: the ticket stays as it is, and its customer
// hears nothing. The answer comes back as a note, once, and calls who waits for it.
func TestTask(t *testing.T) {
	was := taken(t).Ticket
	parent, task := withTask(t)
	if len(parent.OpenTasks()) != 1 || parent.Tasks[0].Number != task.Number || parent.Owner != was.Owner || parent.Assignee != was.Assignee || parent.State != was.State ||
		parent.Team != was.Team || len(parent.letters) > 0 || len(parent.ForRequester()) != len(was.ForRequester()) {
		t.Errorf("the ticket is %+v, letters %v", parent.Ticket, parent.letters)
	}
	if task.State != New || task.Team != "payments" || task.Tier != 2 || task.Channel != ForTask || task.Parent.Number != parent.Number || task.Wanted.IsZero() ||
		task.Requester != (Requester{}) || task.Owner != "" || task.Entries[0].Kind != Internal {
		t.Errorf("the task is %+v", task.Ticket)
	}
	if !slices.Equal(task.Running, []clock.Kind{clock.Accept}) {
		t.Errorf("its clocks are %v", task.Running)
	}
	task.did(task.Take("", dora, task.ids, task.now))
	if !slices.Equal(task.Running, []clock.Kind{clock.Work}) || task.Owner != "dora" {
		t.Errorf("taken, its clocks are %v, its owner %q", task.Running, task.Owner)
	}
	slip := []File{{ID: "slip", Name: "slip.pdf", Type: "application/pdf", Size: 9}}
	list, err := task.AnswerTask(TaskAnswer{Message{Text: "One payment.", Files: slip, Key: "form"}, TaskDone}, []Ticket{parent.Ticket}, dora, task.ids, task.now)
	both(t, task, parent, list, err)
	if task.State != Closed || task.Result != TaskDone || len(task.Running) > 0 || len(task.letters)+len(parent.letters) > 0 {
		t.Errorf("answered, it is %s %s, clocks %v", task.State, task.Result, task.Running)
	}
	last := parent.Entries[len(parent.Entries)-1]
	if last.Kind != Internal || last.Text != "One payment." || !slices.Equal(last.Files, slip) || len(task.Entries[len(task.Entries)-1].Files) > 0 || len(last.Event.Called) != 1 || last.Event.Called[0].ID != "anna" || last.By != dora.Ref() ||
		len(parent.OpenTasks()) > 0 || parent.Tasks[0].Result != TaskDone || parent.Owner != "anna" || len(parent.ForRequester()) != len(was.ForRequester()) {
		t.Errorf("the answer is %+v, the tasks %+v", last, parent.Tasks)
	}
	if list, err := task.AnswerTask(TaskAnswer{Message{Text: "One payment.", Key: "form"}, TaskDone}, []Ticket{parent.Ticket}, dora, task.ids, task.now); err != nil || list != nil {
		t.Errorf("the same form again: %v, %v", list, err)
	}
	if _, err := task.AnswerTask(TaskAnswer{Message{Text: "Two.", Key: "other"}, TaskDone}, []Ticket{parent.Ticket}, lead, task.ids, task.now); why(err) != "error.task_over" {
		t.Errorf("two at once: %v", err)
	}
	if _, err := task.Resume("again", dora, task.ids, task.now); why(err) != "error.task_over" {
		t.Errorf("reopened: %v", err)
	}
}

// TestTaskReachesNobody looks for a way from a task to a customer.
func TestTaskReachesNobody(t *testing.T) {
	parent, task := withTask(t)
	key := []byte("key")
	if task.Opens(key, LinkToken(key, task.ID, "", 0)) || task.me().May(Follow, &task.Ticket) || len(task.ForRequester()) > 0 || task.Silent() {
		t.Error("a customer reaches it")
	}
	for name, try := range map[string]func() (Change, error){
		"reply": func() (Change, error) { return task.Reply(Message{Text: "x"}, dora, task.ids, task.now) },
		"ask": func() (Change, error) {
			return task.Ask(AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Parts differ."}}, Until: task.now.AddDate(0, 0, 2)}, dora, task.ids, task.now)
		},
		"solve": func() (Change, error) {
			return task.Solve(SolveCommand{Message: Message{Text: "x"}, Article: NoArticle, Reason: "x"}, dora, task.ids, task.now)
		},
		"wait with a word": func() (Change, error) {
			return task.Wait(WaitCommand{Message: Message{Text: "x"}, Party: "the bank", Until: task.now.AddDate(0, 0, 2)}, dora, task.ids, task.now)
		},
		"aside": func() (Change, error) { return task.SetAside(lead, task.ids, task.now) },
		"give": func() (Change, error) {
			return task.Give(GiveCommand{Name: "Eva", Reason: "x"}, lead, task.ids, task.now)
		},
		"address": func() (Change, error) { return task.ProposeAddress("eva@example.com", "n", lead, task.ids, task.now) },
		"type": func() (Change, error) {
			return task.SetType(TypeCommand{Desk: ShippedDesk(), Type: "device"}, lead, task.ids, task.now)
		},
		"problem": func() (Change, error) { return task.Attach(&Problem{ID: "p"}, lead, task.ids, task.now) },
		"circular": func() (Change, error) {
			return task.Answer(&Circular{ID: "c", Body: Text{"it": "x"}}, 0, nil, ShippedDesk(), nil, lead, task.ids, task.now)
		},
		"merge": func() (Change, error) { return first(task.Merge(&parent.Ticket, lead, task.ids, task.now)) },
		"a task of it": func() (Change, error) {
			return first(task.AddTask(job(task.now), lead, task.ids, task.now))
		},
	} {
		want := "error.task_customer"
		switch name {
		case "circular":
			want = "error.circular_task"
		case "a task of it":
			want = "error.task_of_task"
		}
		if _, err := try(); KindOf(err) != Conflict || why(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parent.Merge(&task.Ticket, lead, task.ids, task.now); why(err) != "error.task_customer" {
		t.Errorf("a ticket goes on in it: %v", err)
	}
	task.did(task.Wait(WaitCommand{Party: "the bank", Until: task.now.AddDate(0, 0, 2)}, dora, task.ids, task.now))
	task.did(task.Resume("", dora, task.ids, task.now))
	up := task.up("general", 1)
	up.Tell = "" // nobody is there to be told
	task.did(task.Offer(up, dora, task.ids, task.now))
	task.did(task.Accept("", elio, task.ids, task.now))
	if task.Team != "general" || len(task.letters) > 0 || task.HighestTier != 2 {
		t.Errorf("handed on, it is with %s, letters %v", task.Team, task.letters)
	}
}

// TestTaskMistakes says what is wrong with a task, before anything happens.
func TestTaskMistakes(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(c *TaskCommand, d *desk)
		reason string
	}{
		{"no such team", func(c *TaskCommand, _ *desk) { c.Team = "none" }, "error.team_unknown"},
		{"no such tier", func(c *TaskCommand, _ *desk) { c.Tier = 1 }, "error.tier_wrong"},
		{"its own team", func(c *TaskCommand, _ *desk) { c.Team, c.Tier = "general", 1 }, "error.task_own_team"},
		{"nobody there", func(c *TaskCommand, _ *desk) { c.Candidates = nil }, "error.nobody_there"},
		{"no subject", func(c *TaskCommand, _ *desk) { c.Subject = " " }, "error.subject_missing"},
		{"no words", func(c *TaskCommand, _ *desk) { c.Text = "" }, "error.text_missing"},
		{"yesterday", func(c *TaskCommand, d *desk) { c.By = d.now.AddDate(0, 0, -1) }, "error.date_past"},
		{"closed", func(_ *TaskCommand, d *desk) { d.did(d.Confirm(Message{}, d.me(), d.ids, d.now)) }, "error.ticket_closed"},
		{"spam", func(_ *TaskCommand, d *desk) { d.did(d.SetAside(anna, d.ids, d.now)) }, "error.is_spam"},
		{"goes on elsewhere", func(_ *TaskCommand, d *desk) {
			_, b := twice(t)
			d.did(first(d.Merge(&b.Ticket, anna, d.ids, d.now)))
		}, "error.merged"},
	} {
		d := taken(t)
		c := job(d.now)
		test.change(&c, d)
		if list, err := d.AddTask(c, anna, d.ids, d.now); why(err) != test.reason || list != nil {
			t.Errorf("%s: %v, want %s", test.name, err, test.reason)
		}
	}
	parent, task := withTask(t)
	if _, err := parent.AddTask(job(parent.now), dora, parent.ids, parent.now); KindOf(err) != Forbidden {
		t.Errorf("by another team: %v", err)
	}
	answer := func(c TaskAnswer, by Actor) error {
		_, err := task.AnswerTask(c, []Ticket{parent.Ticket}, by, task.ids, task.now)
		return err
	}
	if err := answer(TaskAnswer{Message{Text: "x"}, TaskDone}, anna); KindOf(err) != Forbidden {
		t.Errorf("answered by another team: %v", err)
	}
	if err := answer(TaskAnswer{Message{Text: "x"}, TaskDropped}, dora); why(err) != "error.choice" {
		t.Errorf("without a result: %v", err)
	}
	if err := answer(TaskAnswer{Message{}, TaskRefused}, dora); why(err) != "error.text_missing" {
		t.Errorf("without a word: %v", err)
	}
	if _, err := parent.DropTask(&task.Ticket, dora, parent.ids, parent.now); KindOf(err) != Forbidden {
		t.Errorf("dropped by another team: %v", err)
	}
	c := job(parent.now)
	for n := 1; n < MaxTasks; n++ {
		parent.did(first(parent.AddTask(c, anna, parent.ids, parent.now)))
	}
	if _, err := parent.AddTask(c, anna, parent.ids, parent.now); why(err) != "error.tasks_many" {
		t.Errorf("too many: %v", err)
	}
}

// TestTasksOfSolved solves a ticket while others do something for it: somebody says what
// becomes of that, and nothing closes it silently.
func TestTasksOfSolved(t *testing.T) {
	parent, task := withTask(t)
	solve := SolveCommand{Message: Message{Text: "Done."}, Article: NoArticle, Reason: "rare"}
	_, err := parent.Solve(solve, anna, parent.ids, parent.now)
	parent.refused(Change{}, err)(Invalid, "error.tasks_open", "tasks")
	solve.Tasks = LeaveTasks
	c, err := parent.Solve(solve, anna, parent.ids, parent.now)
	if err != nil || c.Ticket.State != Solved || len(c.Ticket.OpenTasks()) != 1 {
		t.Errorf("left open: %v, %+v", err, c.Ticket.Tasks)
	}
	left := c.Ticket
	back, err := task.AnswerTask(TaskAnswer{Message{Text: "Late."}, TaskRefused}, []Ticket{left}, dora, task.ids, task.now)
	if err != nil || back[1].Ticket.State != Solved || back[1].Entries[0].Text != "Late." {
		t.Errorf("the answer to a solved one: %v, %+v", err, back)
	}

	solve.Tasks = CloseTasks
	if _, err := parent.SolveWith(solve, nil, anna, parent.ids, parent.now); KindOf(err) != Conflict {
		t.Errorf("one was opened meanwhile: %v", err)
	}
	// One that cannot be read keeps nothing from being solved, and is left alone.
	list, err := parent.SolveWith(solve, []Ticket{{ID: task.ID, Number: task.Number}}, anna, parent.ids, parent.now)
	if err != nil || len(list) != 1 || list[0].Ticket.State != Solved || len(list[0].Ticket.OpenTasks()) != 1 || list[0].Ticket.LastDeed() == nil {
		t.Errorf("one cannot be read: %v, %+v", err, list)
	}
	list, err = parent.SolveWith(solve, []Ticket{task.Ticket}, anna, parent.ids, parent.now)
	both(t, parent, task, list, err)
	if parent.State != Solved || len(parent.OpenTasks()) > 0 || parent.Tasks[0].Result != TaskDropped || len(parent.letters) != 1 {
		t.Errorf("solved: %s, %+v, %d letters", parent.State, parent.Tasks, len(parent.letters))
	}
	if task.State != Closed || task.Result != TaskDropped || len(task.letters) > 0 {
		t.Errorf("along with it: %s %s", task.State, task.Result)
	}
	if parent.LastDeed() != nil {
		t.Error("half of it could be taken back")
	}
}

// TestTasksOfMerged lets a ticket go on elsewhere while others do something for it: the
// answer stands where it was asked for, and calls who works where that goes on.
func TestTasksOfMerged(t *testing.T) {
	parent, task := withTask(t)
	_, on := twice(t)
	on.ids = parent.ids
	on.did(on.Take("", elio, on.ids, on.now))
	was := parent.Ticket
	list, err := parent.Merge(&on.Ticket, lead, parent.ids, parent.now)
	both(t, parent, on, list, err)
	solve := SolveCommand{Message: Message{Text: "Done."}, Article: NoArticle, Reason: "rare"}
	others := []Ticket{parent.Ticket, task.Ticket}
	if _, err := on.SolveWith(solve, others, elio, on.ids, on.now); why(err) != "error.tasks_open" {
		t.Errorf("solved: %v", err)
	}
	for solves, want := range map[bool]string{true: "error.circular_tasks", false: ""} {
		c := Circular{ID: "c", Body: Text{"it": "x"}, Solves: solves, Reason: "rare"}
		if _, err := on.Answer(&c, on.Version, others, ShippedDesk(), nil, lead, on.ids, on.now); why(err) != want {
			t.Errorf("answered with many, solved by it %v: %v", solves, err)
		}
	}
	solve.Tasks = CloseTasks
	later := on.now.Add(time.Minute)
	all, err := on.SolveWith(solve, others, lead, on.ids, later)
	if err != nil || len(all) != 3 || all[0].Ticket.State != Solved || all[1].Ticket.State != Closed || len(all[2].Ticket.OpenTasks()) > 0 {
		t.Errorf("solved with it: %v, %+v", err, all)
	}
	if all[0].Ticket.LastDeed() != nil {
		t.Error("half of it could be taken back")
	}
	unread := []Ticket{parent.Ticket, {ID: task.ID, Number: task.Number}}
	if all, err := on.SolveWith(solve, unread, lead, on.ids, later); err != nil || len(all) != 1 || all[0].Ticket.State != Solved {
		t.Errorf("solved with one that cannot be read: %v, %+v", err, all)
	}
	solve.Tasks = LeaveTasks
	if all, err = on.SolveWith(solve, others, lead, on.ids, later); err != nil || len(all) != 1 || all[0].Ticket.State != Solved || all[0].Ticket.LastDeed() == nil {
		t.Errorf("solved without it: %v, %+v", err, all)
	}
	back, err := task.AnswerTask(TaskAnswer{Message{Text: "One payment."}, TaskDone}, []Ticket{parent.Ticket, on.Ticket}, dora, task.ids, task.now)
	if err != nil || back[1].Ticket.ID != parent.ID || back[1].Entries[0].Event.Called[0].ID != "elio" {
		t.Fatalf("answered: %v, %+v", err, back)
	}
	// Who answers while it is merged, or made one by itself again, calls nobody of before.
	answer := func(way ...Ticket) {
		t.Helper()
		if _, err := task.AnswerTask(TaskAnswer{Message{Text: "One payment."}, TaskDone}, way, dora, task.ids, task.now); KindOf(err) != Conflict || why(err) != "error.conflict" {
			t.Errorf("answered where it does not go on: %v", err)
		}
	}
	answer(parent.Ticket)
	other := on.Ticket
	other.ID = "another"
	answer(parent.Ticket, other)
	merged := on.Ticket
	merged.Into = &Join{Other: Other{Ticket: "further"}}
	answer(parent.Ticket, merged)
	list, err = parent.Unmerge(&on.Ticket, lead, parent.ids, parent.now)
	both(t, parent, on, list, err)
	answer(parent.Ticket, on.Ticket)
	if differ(was.Tasks, parent.Tasks) != "" || len(on.Tasks) > 0 {
		t.Errorf("by itself again, its tasks are %+v", parent.Tasks)
	}
}

// TestErasedTask leaves no word of a task, and that it was one.
func TestErasedTask(t *testing.T) {
	_, task := withTask(t)
	c, err := task.Erase(true, lead, task.ids, task.now)
	if err != nil || c.Ticket.Parent == nil || c.Ticket.State != Closed || c.Ticket.Subject != "" {
		t.Fatalf("%+v, %v", c.Ticket, err)
	}
	for _, e := range c.Ticket.Entries {
		if strings.Contains(e.Text, "paid") {
			t.Errorf("left: %+v", e)
		}
	}
}
