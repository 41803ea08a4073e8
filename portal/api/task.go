package api

import (
	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// addTask serves POST …/tasks: another team is to do something for the ticket. With an
// Idempotency-Key the same request sent twice makes one task.
func (r *Room) addTask(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Team    string `json:"team"`
		Tier    int    `json:"tier"`
		Subject string `json:"subject"`
		Body    string `json:"body"`
		By      string `json:"by"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	cmd := escalation.TaskCommand{Desk: r.Desk(), Team: in.Team, Tier: in.Tier, Subject: in.Subject, Text: in.Body, Key: once(c, by, "task")}
	var err error
	if in.By != "" {
		if cmd.By, err = when("by", in.By); err != nil {
			return err
		}
	}
	if cmd.Candidates, err = r.Staff.Candidates(c.UserContext(), in.Team, in.Tier); err != nil {
		return err
	}
	if _, err := r.Tickets.Relate(c.UserContext(), []string{number(c)}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		cmd.Number = escalation.NewNumber()
		if was := list[0].TaskBy(cmd.Key); was != nil {
			cmd.Number = was.Number
		}
		return list[0].AddTask(cmd, by, escalation.NewID, r.Now())
	}); err != nil {
		return field(err, "text", "body")
	}
	c.Set(fiber.HeaderLocation, r.Link("/api/v1/tickets/"+cmd.Number))
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"number": cmd.Number})
}

// answerTask serves POST …/done, of a task: what became of it.
func (r *Room) answerTask(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Body   string                `json:"body"`
		Result escalation.TaskResult `json:"result"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number(c))
	if err != nil {
		return err
	}
	if t.Parent == nil {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.no_task"}
	}
	way, err := escalation.Way(c.UserContext(), t.Parent.Number, r.Tickets.Ticket)
	if err != nil {
		return err
	}
	a := escalation.TaskAnswer{Message: escalation.Message{Text: in.Body, Key: once(c, by, "done")}, Result: in.Result}
	if _, err := r.Tickets.Relate(c.UserContext(), append([]string{t.Number}, way...), func(list []escalation.Ticket) ([]escalation.Change, error) {
		return list[0].AnswerTask(a, list[1:], by, escalation.NewID, r.Now())
	}); err != nil {
		return field(err, "text", "body")
	}
	if t, err = r.Tickets.Ticket(c.UserContext(), t.Number); err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, &t)
}
