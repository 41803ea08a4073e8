package desk

import (
	"context"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A task is what another team does for a ticket, in words.
type task struct {
	Number, Subject, Lang string
	Place, Offer, Who     string
	StateIs, Colour       string
	When, Due             template.HTML // Due is empty when nothing is
	Late                  bool
	From                  string // number of the ticket that it is for, when that goes on here
	Open                  bool
}

// tasks says what others do for the ticket, and for those that go on in it; of a task,
// what it is for.
func (r *Room) tasks(ctx context.Context, p *ticketPage, joining []escalation.Ticket, called map[string]string) error {
	t := p.Ticket
	if t.Parent != nil {
		of, err := r.Tickets.Ticket(ctx, t.Parent.Number)
		if err != nil {
			return err
		}
		p.Of = &related{Number: of.Number, Subject: of.Subject, Lang: of.Lang}
		p.Of.StateIs, _ = stateOf(p.Speaker, &of)
		return nil
	}
	for i, of := range append([]escalation.Ticket{*t}, joining...) {
		if len(of.Tasks) == 0 {
			continue
		}
		lines, err := r.Tickets.TasksOf(ctx, of.ID)
		if err != nil {
			return err
		}
		ended := map[string]escalation.Task{}
		for _, k := range of.Tasks {
			ended[k.Ticket] = k
		}
		for _, l := range lines {
			k := ended[l.ID]
			one := task{
				Number: l.Number, Subject: l.Subject, Lang: l.Lang, Place: p.At(l.Team, l.Tier), Who: called[l.Assignee],
				StateIs: p.T("staff.state." + string(l.State)), Colour: colour(l.State, false), When: p.When(l.Opened), Open: k.Ended.IsZero(),
			}
			if one.Who == "" {
				one.Who = l.Assignee // a program, or nobody
			}
			if i > 0 {
				one.From = of.Number
			}
			if l.OfferedTeam != "" {
				one.Offer = p.At(l.OfferedTeam, l.OfferedTier)
			}
			if one.Open {
				p.OpenTasks++
				if !l.Due.IsZero() {
					one.Due, one.Late = p.When(l.Due), l.Due.Before(p.now)
				}
			} else {
				one.StateIs, one.When = p.T("task.result."+string(k.Result)), p.When(k.Ended)
				one.Colour = map[escalation.TaskResult]string{escalation.TaskDone: "good", escalation.TaskRefused: "bad"}[k.Result]
			}
			p.Tasks = append(p.Tasks, one)
		}
	}
	return nil
}

// LeftOpen are the numbers of the tasks that are open.
func (p *ticketPage) LeftOpen() string {
	var open []string
	for _, k := range p.Tasks {
		if k.Open {
			open = append(open, k.Number)
		}
	}
	return strings.Join(open, ", ")
}

// Results are those that the answer to a task can have.
func (p *ticketPage) Results() []escalation.TaskResult { return escalation.TaskResults }

// wanted says by when the answer to a task is wanted.
func wanted(s speaker, at, now time.Time) due {
	standing, span := clock.Running, at.Sub(now)
	if span < 0 {
		standing, span = clock.Breached, -span
	}
	return due{
		What: s.T("task.by"), Says: s.T("due."+string(standing), "Span", s.Span(span)), At: moment(s, at, now), Why: s.T("task.by_why"),
		Colour: map[clock.Standing]string{clock.Breached: "bad"}[standing],
	}
}

// tasking shows the form that gives another team a task. It leaves the places of other
// teams, and gives back what was typed if nothing can be asked for any more.
func (r *Room) tasking(c *fiber.Ctx, status int, p *ticketPage) error {
	p.Places = slices.DeleteFunc(p.Places, func(at place) bool { return strings.HasPrefix(at.Value, p.Ticket.Team+"/") })
	if !p.Can.Task {
		p.Gone = p.Form.lost("task")
	}
	p.Title = p.T("task.new_of", "Number", p.Ticket.Number)
	p.Here("/desk/tickets/" + p.Ticket.Number + "/tasks")
	return r.Render(c, status, "desk/task", p)
}

// showTask serves GET /desk/tickets/{number}/tasks.
func (r *Room) showTask(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	return r.tasking(c, fiber.StatusOK, p)
}

// addTask serves POST /desk/tickets/{number}/tasks.
func (r *Room) addTask(c *fiber.Ctx) error {
	f := receive(c, "task", "to", "subject", "text", "by")
	t, err := r.read(c)
	if err != nil {
		return err
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	cmd := escalation.TaskCommand{Desk: r.Desk(), Subject: f.get("subject"), Text: f.get("text"), By: f.time("by", r.Zone(c)), Key: f.once()}
	cmd.Team, cmd.Tier = f.place("to")
	cmd.Candidates = staff.Candidates(people, cmd.Team, cmd.Tier)
	if f.get("by") != "" && cmd.By.IsZero() {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "by", Reason: "error.date_missing"}
	} else {
		_, err = r.Tickets.Relate(c.UserContext(), []string{t.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
			cmd.Number = escalation.NewNumber()
			return list[0].AddTask(cmd, *r.Me(c), r.IDs, r.Now())
		})
	}
	if err == nil {
		return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=task_opened")
	}
	return r.refused(c, f, err, r.tasking)
}

// answerTask serves POST /desk/tickets/{number}/done, of a task.
func (r *Room) answerTask(c *fiber.Ctx) error {
	f, err := r.compose(c, "done", "text", "result")
	if err != nil {
		return r.again(c, f, err)
	}
	t, err := r.read(c)
	if err != nil {
		return err
	}
	if t.Parent == nil {
		return r.again(c, f, &escalation.Error{Kind: escalation.Conflict, Reason: "error.no_task"})
	}
	way, err := escalation.Way(c.UserContext(), t.Parent.Number, r.Tickets.Ticket)
	if err != nil {
		return err
	}
	a := escalation.TaskAnswer{Message: f.message(), Result: escalation.TaskResult(f.get("result"))}
	if _, err := r.Tickets.Relate(c.UserContext(), append([]string{t.Number}, way...), func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].AnswerTask(a, list[1:], *r.Me(c), r.IDs, r.Now())
	}); err != nil {
		return r.again(c, f, err)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number+"?done=task_answered")
}

// dropTask serves POST /desk/tickets/{number}/drop, of a task that the ticket that it is
// for no longer needs.
func (r *Room) dropTask(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	if t.Parent == nil {
		return r.again(c, receive(c, "drop"), &escalation.Error{Kind: escalation.Conflict, Reason: "error.no_task"})
	}
	if _, err := r.Tickets.Relate(c.UserContext(), []string{t.Parent.Number, t.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].DropTask(&list[1], *r.Me(c), r.IDs, r.Now())
	}); err != nil {
		return r.again(c, receive(c, "drop"), err)
	}
	return web.Redirect(c, "/desk/tickets/"+t.Parent.Number+"?done=task_dropped")
}
