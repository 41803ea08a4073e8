package escalation

import (
	"strings"
	"time"
)

// NoArticle is what [SolveCommand.Article] says when no article answers the
// ticket, and none is to be made of it.
const NoArticle = "none"

// A SolveCommand is the answer that settles a ticket, and what it leaves for the
// next who asks: an article that says it, one to be made, or why neither.
type SolveCommand struct {
	Message
	FactsCommand
	Article string // key, or NoArticle; whether there is such an article, the caller knows
	Made    bool   // an article is to be made of it
	Reason  string // why there is none

	Tasks TaskChoice // what becomes of the tasks that are open, when there are any

	joined int // how many are, of the tickets that go on in this one
}

// Solve answers the ticket and asks the customer whether that was it. The tier
// that solved it is kept.
func (t *Ticket) Solve(c SolveCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Solve); err != nil {
		return Change{}, err
	}
	if err := t.outside(); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	if h := t.Pending(); h != nil {
		return Change{}, conflict("error.handoff_pending", map[string]any{"Team": TeamID(h.Team), "Tier": h.Tier})
	}
	if err := c.check(true); err != nil {
		return Change{}, err
	}
	s, err := c.solution()
	if err != nil {
		return Change{}, err
	}
	if err := t.unread(c.Seen, by.Ref()); err != nil {
		return Change{}, err
	}
	if n := len(t.OpenTasks()) + c.joined; n > 0 && c.Tasks != CloseTasks && c.Tasks != LeaveTasks {
		return Change{}, invalid("tasks", "error.tasks_open", map[string]any{"Count": n})
	}
	d := t.draft(by, ids, now)
	if !c.circular {
		d.pick(by)
	}
	if err := d.said(c.Type, c.Facts, ""); err != nil {
		return Change{}, err
	}
	if err := d.knows(c.Type, BeforeSolve); err != nil {
		return Change{}, err
	}
	s.By, s.At, s.Entry = d.by, d.now, ids()
	e := c.entry(Public, &Event{Kind: EventSolved, Solution: &s, Tier: d.t.Tier})
	e.ID = s.Entry
	if c.joined > 0 && c.Tasks == CloseTasks {
		e.Event.Result = TaskDropped
	}
	d.add(e)
	d.letter(Letter{Kind: SolvedLetter}, LetterArgs{Text: c.Text})
	return d.change()
}

// solution returns what is said about an article: exactly one thing.
func (c *SolveCommand) solution() (Solution, error) {
	key := strings.TrimSpace(c.Article)
	switch {
	case key == NoArticle && !c.Made:
		reason, err := wanted("reason", c.Reason, "error.no_article_why", MaxLine)
		return Solution{Reason: reason}, err
	case key == "" && c.Made:
		return Solution{Made: true}, nil
	case key == "" || key == NoArticle || c.Made:
		return Solution{}, invalid("article", "error.article_missing", nil)
	case len(key) > MaxSubject || !articleKey.MatchString(key):
		return Solution{}, invalid("article", "error.article_key", nil)
	}
	return Solution{Article: key}, nil
}

// Confirm closes the ticket for its requester, who has what they came for. They
// may say so at any time, and add a word to it.
func (t *Ticket) Confirm(m Message, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Close); err != nil {
		return Change{}, err
	}
	if t.State == Closed || t.again(m.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := m.check(false); err != nil {
		return Change{}, err
	}
	kind := Happened
	if m.Text != "" || len(m.Files) > 0 {
		kind = Public
	}
	d := t.draft(by, ids, now)
	d.add(m.entry(kind, &Event{Kind: EventConfirmed}))
	return d.change()
}

// NotSolved reopens a ticket for its requester, who says what is still wrong.
func (t *Ticket) NotSolved(m Message, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Close); err != nil {
		return Change{}, err
	}
	if t.again(m.Key) {
		return Change{Ticket: *t}, nil
	}
	if t.State != Solved && t.State != Closed {
		return Change{}, conflict("error.not_solved_yet", nil)
	}
	if err := t.reopenable(stamp(now)); err != nil {
		return Change{}, err
	}
	if m.Text = CleanText(m.Text); Blank(m.Text) {
		return Change{}, invalid("text", "error.still_wrong", nil)
	}
	if err := m.check(true); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.add(m.entry(Public, &Event{Kind: EventReopened, Reason: ReopenedByNo}))
	return d.change()
}

// Verify notes that somebody came by the link that was sent to an address. From
// then on letters to it say what was written. Is it known, or another address
// than the requester's, nothing changes.
func (t *Ticket) Verify(email string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Follow); err != nil {
		return Change{}, err
	}
	if t.Requester.Verified || email == "" || email != t.Requester.Email {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventVerified})
	return d.change()
}

// Revoke makes the links that are out lead nowhere. The next letter has a new one.
func (t *Ticket) Revoke(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventRevoked})
	return d.change()
}
