package desk

import (
	"html/template"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A ticketPage is one ticket: the conversation, the answer and what is known.
type ticketPage struct {
	web.Page
	Ticket    *escalation.Ticket
	Kind      *escalation.RequestType // at the version it was said under; nil: none
	Types     []escalation.RequestType
	StateIs   string
	Colour    string
	Waiting   string // how long we, or others, have had the turn
	TeamIs    string
	Owner     string // empty: the General desk
	Assignee  string // empty: nobody
	Mine      bool   // the reader is the assignee
	ChannelIs string
	Language  string

	Lines    []line
	Newer    []line // written while the reader was writing
	Trail    []step
	Handoffs []handoff // the newest first
	Pending  *handoff
	Consults []consult             // that wait for an answer
	Dues     []due                 // what is promised, the most urgent first
	Silence  *silence              // what the customer's silence leads to; nil: it is not their turn
	Lived    string                // how long it took so far for the customer
	Letters  []letter              // the latest
	Lacks    []escalation.Question // facts for which the last offer was refused, ready to ask
	Packet   *handoff              // that the reader accepted, and wrote nothing to the customer since
	Held     bool                  // some of them wait for a mail server
	relations
	Tasks     []task   // what others do for it
	OpenTasks int      // how many of them are open
	Of        *related // that a task is for; nil: it is none
	Fault     faults

	web.Stretch // of the conversation
	heard

	Can      can
	Do       string // the form that came back; empty when none did
	Part     string // of the answer, that is seen first
	Looked   string // the part that a text was looked for in
	Inserts  map[string]insertList
	Gone     []web.Typed
	Form     form
	Places   []place
	Tried    []triedRow
	Asked    []askedRow
	Others   []string  // ends of the names of the fields of who else is asked
	Near     []article // that may be the solution
	Proposed []article // of them, those that were published since for others who asked the same
	Limits   evidence.Limits
	Reasons  []string // of a refusal
	Causes   []string // of calling a lead
	Wants    []want   // skills
	Done     string   // what was just done
	Undo     *undoBar // nil when the reader did nothing that can be taken back

	now     time.Time
	people  map[string]staff.Person
	tenures []*escalation.Tenure            // whose it was
	away    map[string]*escalation.Carriage // entries that stand elsewhere
}

// can is what the reader may do to the ticket now. It only decides what is drawn:
// the rules decide what happens.
type can struct {
	Reply, Note, Ask, Solve, Offer, Wait  bool
	Consult, Call, Acknowledge            bool
	Take, Release, Resume, Reopen         bool
	Accept, Refuse, Withdraw, Decide, Add bool
	Aside, Clear, Address, Type, Merge    bool
	Give, GiveBack                        bool
	Attach, ByHand                        bool
	Task, Done                            bool // give others one; answer this one
}

// Answer says whether there is anything to write.
func (a can) Answer() bool { return a.Reply || a.Note }

// may returns what a person may do to a ticket.
func may(me staff.Person, t *escalation.Ticket) can {
	pending := t.Pending()
	active := t.State != escalation.Solved && t.State != escalation.Closed
	settled := active && pending == nil && !t.Frozen
	mine := t.Assignee == me.ID
	decides := me.May(escalation.Decide, t)
	a := can{
		Reply:       me.May(escalation.Reply, t) && t.State != escalation.Closed,
		Note:        me.May(escalation.Note, t),
		Ask:         me.May(escalation.Ask, t) && active,
		Solve:       me.May(escalation.Solve, t) && active && pending == nil,
		Offer:       me.May(escalation.Offer, t) && settled,
		Wait:        me.May(escalation.Wait, t) && active,
		Take:        me.May(escalation.Take, t) && settled && !mine,
		Release:     me.May(escalation.Take, t) && active && pending == nil && (mine || t.Assignee != "" && decides),
		Resume:      me.May(escalation.Wait, t) && (t.State == escalation.WaitCustomer || t.State == escalation.WaitOther),
		Reopen:      me.May(escalation.Wait, t) && !active,
		Decide:      t.Frozen && decides,
		Add:         me.May(escalation.Note, t),
		Type:        me.May(escalation.Note, t) && active,
		Consult:     me.May(escalation.Ask, t) && active,
		Call:        me.May(escalation.Note, t) && active,
		Acknowledge: t.Alarm() != nil && decides,
	}
	a.Aside, a.Clear, a.Address = me.May(escalation.Reply, t), me.May(escalation.Reply, t) && t.Doubt != "", me.May(escalation.Reply, t)
	a.Merge = me.May(escalation.Reply, t) && t.Doubt == ""
	a.Give, a.GiveBack = a.Merge && t.State != escalation.Closed, me.May(escalation.Reply, t)
	a.Attach, a.ByHand = me.May(escalation.Note, t) && t.State != escalation.Closed, me.May(escalation.Reply, t)
	a.Task = me.May(escalation.Ask, t) && active
	if t.Parent != nil { // it has no customer
		a.Done = a.Solve
		a.Reply, a.Ask, a.Solve, a.Type, a.Aside, a.Address, a.Merge, a.Give, a.GiveBack, a.Attach, a.ByHand, a.Task, a.Reopen = false, false, false, false, false, false, false, false, false, false, false, false, false
	}
	a.Withdraw = pending != nil && (pending.From.ID == me.ID || mine || decides)
	if t.Into != nil {
		return can{Note: a.Note, Add: a.Add, Withdraw: a.Withdraw}
	}
	if t.Doubt == escalation.Spam {
		return can{Note: a.Note, Add: a.Add, Clear: a.Clear}
	}
	if pending != nil {
		a.Accept = me.May(escalation.Answer, t) && pending.From.ID != me.ID
		a.Refuse = a.Accept
	}
	return a
}

// ticket serves GET /desk/tickets/{number}.
func (r *Room) ticket(c *fiber.Ctx) error {
	p, err := r.pageOf(c)
	if err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, p)
}

// read returns the ticket that an address names, if the reader may read it; else
// there is no such ticket.
func (r *Room) read(c *fiber.Ctx) (escalation.Ticket, error) {
	number, ok := escalation.ParseNumber(c.Params("number"))
	if !ok {
		return escalation.Ticket{}, escalation.NoTicket()
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number)
	if err != nil {
		return t, err
	}
	if !r.Me(c).May(escalation.Read, &t) {
		return t, escalation.NoTicket()
	}
	return t, nil
}

// subject is what a ticket is about, or that nobody knows any more.
func (r *Room) subject(c *fiber.Ctx, t *escalation.Ticket) string {
	if !t.Erased.IsZero() {
		return r.Theme.Words.Speaker(r.Lang(c)).T("desk.erased")
	}
	return t.Subject
}

// beside is how many moves, letters and steps stand beside a conversation. Who needs
// older ones finds them in it.
const beside = 20

// pageOf returns the page of the ticket that an address names, with empty forms, if the
// reader may read it.
func (r *Room) pageOf(c *fiber.Ctx) (*ticketPage, error) {
	t, err := r.read(c)
	if err != nil {
		return nil, err
	}
	return r.page(c, &t)
}

// page returns a ticket's page with empty forms.
func (r *Room) page(c *fiber.Ctx, t *escalation.Ticket) (*ticketPage, error) {
	ctx, me, now := c.UserContext(), *r.Me(c), r.Now()
	people, err := r.Staff.People(ctx)
	if err != nil {
		return nil, err
	}
	var letters []escalation.Delivery
	if t.Silent() { // whether what we said arrived, may be longer ago
		letters, err = r.Tickets.LettersOf(ctx, t.ID)
	} else {
		letters, err = r.Tickets.LatestLetters(ctx, t.ID, beside)
	}
	if err != nil {
		return nil, err
	}
	kind, err := r.TypeOf(ctx, t)
	if err != nil {
		return nil, err
	}
	called := names(people)
	p := &ticketPage{
		Page:     r.Page(c, "desk", "desk.ticket_title", "Number", t.Number, "Subject", r.subject(c, t)),
		Ticket:   t,
		Kind:     kind,
		Types:    r.Desk().Types,
		Owner:    called[t.Owner],
		Assignee: called[t.Assignee],
		Mine:     t.Assignee == me.ID,
		Can:      may(me, t),
		Form:     form{Key: r.IDs(), Seen: t.Version, typed: map[string]string{}},
		Reasons:  escalation.RefusalReasons,
		Causes:   escalation.AlarmCauses,
		Limits:   evidence.Said(),
		now:      now,
		people:   make(map[string]staff.Person, len(people)),
		tenures:  t.Tenures(),
		away:     t.AllAway(),
	}
	for _, who := range people {
		p.people[who.ID] = who
	}
	p.Here("/desk/tickets/" + t.Number)
	p.Waiting = p.Span(now.Sub(t.WaitingSince()))
	p.TeamIs = p.TeamName(t.Team)
	p.StateIs, p.Colour = stateOf(p.Speaker, t)
	p.ChannelIs, p.Language = p.T("channel."+string(t.Channel)), p.LanguageName(t.Lang)
	if p.Assignee == "" {
		p.Assignee = t.Assignee // a program, or nobody
	}
	p.Stretch = web.StretchOf(c, len(t.Entries), p.Path, latest)
	for i := range t.Entries {
		if !p.Shows(i) {
			continue
		}
		if l, ok := p.line(&t.Entries[i], called); ok {
			l.Anchor = true
			p.Lines = append(p.Lines, l)
		}
	}
	if n := len(p.Lines); n > 0 && p.Newest == "" {
		p.Lines[n-1].Latest = true
	}
	for i := len(t.Handoffs) - 1; i >= 0 && len(p.Handoffs) < beside; i-- {
		p.Handoffs = append(p.Handoffs, p.handoff(&t.Handoffs[i]))
	}
	if t.Pending() != nil {
		p.Pending = &p.Handoffs[0]
	} else if t.FirstWord(me.ID) {
		p.Packet = &p.Handoffs[0]
	}
	p.Consults = p.consults(me, called)
	for _, d := range letters[max(0, len(letters)-beside):] {
		p.Letters = append(p.Letters, p.letter(d))
		p.Held = p.Held || d.State == escalation.LetterHeld
	}
	desk, err := r.DeskAt(ctx, t.Desk)
	if err != nil {
		return nil, err
	}
	p.Dues, p.Lived = dues(p.Speaker, p.Lang, desk, t, now), p.Span(t.Clocks.Elapsed(now))
	if !t.Wanted.IsZero() && t.State != escalation.Closed {
		d, at := wanted(p.Speaker, t.Wanted, now), len(p.Dues)
		if t.NextDue(t.Dues(desk)).Equal(t.Wanted) {
			at = 0
		}
		p.Dues = slices.Insert(p.Dues, at, d)
	}
	joining, err := t.Joining(func(id string) (escalation.Ticket, error) { return r.Tickets.TicketByID(ctx, id) })
	if err != nil {
		return nil, err
	}
	p.Silence = p.silence(escalation.SilenceCommand{Desk: desk, Letters: letters, Joined: joining, Inbox: r.Inbox()})
	p.Trail = p.trail(t.Trail, r.Article)
	p.wants(r.Desk(), people)
	p.Places = p.places(r.Desk(), people)
	if err := r.relate(ctx, p, joining, called); err != nil {
		return nil, err
	}
	if err := r.tasks(ctx, p, joining, called); err != nil {
		return nil, err
	}
	if err := r.know(ctx, p); err != nil {
		return nil, err
	}
	switch done := c.Query("done"); done {
	case "offered", "accepted", "refused", "withdrawn", "decided", "taken", "released", "resumed", "opened", "solved", "solved_left",
		"attached", "detached", "by_hand", "with_all",
		"consulted", "advised", "unasked", "called", "acknowledged", "aside", "cleared", "address", "address_dropped", "prioritized", "merged", "unmerged", "given", "given_back", "split", "carried", "uncarried",
		"task_opened", "task_answered", "task_dropped":
		p.Done = done
	}
	if p.Done == "offered" && t.Pending() == nil {
		p.Done = "accepted" // nobody else could: it is the sender's at once
	}
	if p.Done == "solved_left" && p.OpenTasks == 0 {
		p.Done = "solved"
	}
	_, calendar := desk.Promise(t.RequestType)
	p.propose(r.Theme.Words.Speaker(t.Lang), calendar)
	p.Undo = undoable(p.Speaker, t, me.Ref(), now)
	if err := r.listen(c, p, me.Ref()); err != nil {
		return nil, err
	}
	p.Lacks = p.lacks(r.Theme.Words.Speaker(t.Lang))
	p.proposePriority()
	if p.Form.typed["type-type"] = t.RequestType; c.Query("ask") != "" {
		p.askMissing()
	} else if id := c.Query("step"); id != "" {
		p.askStep(id, r.Theme.Words.Speaker(t.Lang))
	}
	if c.Query("undone") != "" {
		p.takenBack(me.Ref())
	}
	return p, nil
}

// show sends a ticket's page. What the nearest articles are is asked only now,
// when it is known for which words.
func (r *Room) show(c *fiber.Ctx, status int, p *ticketPage) error {
	if err := r.findInserts(c, p); err != nil {
		return err
	}
	if p.Can.Solve {
		p.Near = r.choices(c, p.Ticket, p.Value("solve-words"), p.Value("solve-article"), p.Lang)
		keys, err := r.Tickets.Proposed(c.UserContext(), p.Ticket.ID)
		if err != nil {
			return err
		}
		for _, key := range keys {
			a := r.Article(key, p.Ticket.Lang)
			if a == nil || !a.Live(p.now) {
				continue
			}
			proposed := article{a.Key, a.Title, a.Path(), a.Lang}
			p.Proposed = append(p.Proposed, proposed)
			p.Near = append([]article{proposed}, slices.DeleteFunc(p.Near, func(n article) bool { return n.Key == a.Key })...)
		}
	}
	p.open()
	return r.Render(c, status, "desk/ticket", p)
}

// open says which part of the answer is seen first. What was typed into a part
// that is gone, because a colleague was faster, is given back in a box.
func (p *ticketPage) open() {
	drawn := map[string]bool{
		"reply": p.Can.Reply, "note": p.Can.Note, "ask": p.Can.Ask, "solve": p.Can.Solve, "handoff": p.Can.Offer, "wait": p.Can.Wait,
		"consult": p.Can.Consult, "advise": slices.ContainsFunc(p.Consults, func(k consult) bool { return k.Advise && k.ID == p.Form.About }),
		"refuse": p.Can.Refuse, "decide": p.Can.Decide, "acknowledge": p.Can.Acknowledge, "call": p.Can.Call, "resume": p.Can.Resume || p.Can.Reopen, "fact": p.Can.Add, "step": p.Can.Add,
		"problem": p.Can.Attach, "done": p.Can.Done,
		"address": p.Can.Address, "merge": p.Can.Merge, "type": p.Can.Type, "route": p.Can.Type, "priority": p.Can.Type, "stage": p.Can.Type,
	}
	if p.Do != "" && !drawn[p.Do] {
		p.Gone, p.Do = p.Form.lost(p.Do), ""
	}
	switch p.Do {
	case "reply", "note", "ask", "consult", "solve", "handoff", "wait":
		p.Part = p.Do
	default:
		p.Part = "note"
		if p.Can.Reply {
			p.Part = "reply"
		}
	}
}

// When writes a time, short.
func (p *ticketPage) When(t time.Time) template.HTML { return moment(p.Speaker, t, p.now) }

// NextDue is what is due next, nil when nothing is.
func (p *ticketPage) NextDue() *due {
	if len(p.Dues) > 0 && p.Dues[0].At != "" && p.Ticket.Turn() != escalation.Nobodys {
		return &p.Dues[0]
	}
	return nil
}
