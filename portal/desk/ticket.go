package desk

import (
	"cmp"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	Lived    string                // how long it took so far for the customer
	Letters  []letter              // the latest
	Steps    []escalation.Step     // the latest
	Lacks    []escalation.Question // facts for which the last offer was refused, ready to ask
	Packet   *handoff              // that the reader accepted, and wrote nothing to the customer since
	Held     bool                  // some letters wait for a mail server
	relations

	web.Stretch // of the conversation

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
	Near     []article // that may be the solution
	Proposed []article // of them, those that were published since for others who asked the same
	FactKeys []string
	Limits   evidence.Limits
	Reasons  []string // of a refusal
	Causes   []string // of calling a lead
	Done     string   // what was just done

	now    time.Time
	people map[string]staff.Person
}

// can is what the reader may do to the ticket now. It only decides what is drawn:
// the rules decide what happens.
type can struct {
	Reply, Note, Ask, Solve, Offer, Wait  bool
	Consult, Call, Acknowledge            bool
	Take, Release, Resume, Reopen         bool
	Accept, Refuse, Withdraw, Decide, Add bool
	Aside, Clear, Address, Type, Merge    bool
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
	if t.Into != nil {
		return can{Note: a.Note, Add: a.Add}
	}
	if t.Doubt == escalation.Spam {
		return can{Note: a.Note, Add: a.Add, Clear: a.Clear}
	}
	if pending != nil {
		sender := pending.From.ID == me.ID
		a.Accept = me.May(escalation.Answer, t) && !sender
		a.Refuse = a.Accept
		a.Withdraw = sender || mine || decides
	}
	return a
}

// A step of the trail is one thing that the requester did, in words.
type step struct {
	When  template.HTML
	Words string
	Link  string // to the article
	Title string
	Lang  string // of the title
	More  string // how long it was open, why it did not help
}

// A handoff is one move, in words.
type handoff struct {
	escalation.Handoff
	FromIs, ToIs   string // team and tier
	StateIs        string
	When, Due      template.HTML
	ReasonIs       string
	AnsweredAt     template.HTML
	FromWho, ByWho string
}

// A letter is one that was written to the requester.
type letter struct {
	What, To, StateIs string
	When              template.HTML
	Bad               bool
}

// ticket serves GET /desk/tickets/{number}.
func (r *Room) ticket(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	p, err := r.page(c, &t)
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
const beside = 50

// page returns a ticket's page with empty forms.
func (r *Room) page(c *fiber.Ctx, t *escalation.Ticket) (*ticketPage, error) {
	ctx, me, now := c.UserContext(), *r.Me(c), r.Now()
	people, err := r.Staff.People(ctx)
	if err != nil {
		return nil, err
	}
	letters, err := r.Tickets.LettersOf(ctx, t.ID)
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
		Colour:   colour(t.State, t.Frozen),
		Owner:    called[t.Owner],
		Assignee: called[t.Assignee],
		Mine:     t.Assignee == me.ID,
		Can:      may(me, t),
		Form:     form{Key: r.IDs(), Seen: t.Version, typed: map[string]string{}},
		Reasons:  escalation.RefusalReasons,
		Causes:   escalation.AlarmCauses,
		FactKeys: factKeys,
		Limits:   evidence.Said(),
		now:      now,
		people:   make(map[string]staff.Person, len(people)),
	}
	for _, who := range people {
		p.people[who.ID] = who
	}
	p.Here("/desk/tickets/" + t.Number)
	p.Waiting = p.Span(now.Sub(t.WaitingSince()))
	p.StateIs, p.TeamIs = p.T("staff.state."+string(t.State)), p.TeamName(t.Team)
	if t.Frozen {
		p.StateIs = p.T("staff.state.frozen")
	}
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
			p.Lines = append(p.Lines, l)
		}
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
	for i, d := range letters {
		if i >= len(letters)-beside {
			p.Letters = append(p.Letters, p.letter(d))
		}
		p.Held = p.Held || d.State == escalation.LetterHeld
	}
	p.Steps = t.Steps[max(0, len(t.Steps)-beside):]
	desk, err := r.DeskAt(ctx, t.Desk)
	if err != nil {
		return nil, err
	}
	p.Dues, p.Lived = dues(p.Speaker, p.Lang, desk, t, now), p.Span(t.Clocks.Elapsed(now))
	p.Trail = p.trail(t.Trail, r.Article)
	p.Places = p.places(r.Desk(), people)
	if err := r.relate(ctx, p, called); err != nil {
		return nil, err
	}
	switch done := c.Query("done"); done {
	case "offered", "accepted", "refused", "withdrawn", "decided", "taken", "released", "resumed", "opened", "solved",
		"consulted", "advised", "unasked", "called", "acknowledged", "aside", "cleared", "address", "address_dropped", "merged", "unmerged":
		p.Done = done
	}
	if p.Done == "offered" && t.Pending() == nil {
		p.Done = "accepted" // nobody else could: it is the sender's at once
	}
	p.propose(r.Theme.Words.Speaker(t.Lang))
	p.Lacks = p.lacks(r.Theme.Words.Speaker(t.Lang))
	if p.Form.typed["type-type"] = t.RequestType; c.Query("ask") != "" {
		p.askMissing()
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
		"address": p.Can.Address, "merge": p.Can.Merge, "type": p.Can.Type, "route": p.Can.Type, "stage": p.Can.Type,
	}
	if p.Do != "" && !drawn[p.Do] {
		for _, name := range slices.Sorted(maps.Keys(p.Form.typed)) {
			if value := p.Form.typed[name]; strings.HasPrefix(name, p.Do+"-") && value != "" && !strings.HasSuffix(name, "-instead") {
				p.Gone = append(p.Gone, web.Typed{Name: name, Value: value})
			}
		}
		p.Do = ""
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

// LastLine is the place of the newest line, if this page has it.
func (p *ticketPage) LastLine() int {
	if p.Newest != "" {
		return -1
	}
	return len(p.Lines) - 1
}

// FactName says the name of a fact: in words when it is one of ours.
func (p *ticketPage) FactName(key string) string {
	if p.Kind != nil {
		if n := p.Kind.Need(key); n != nil {
			return n.Name.In(p.Lang)
		}
	}
	if slices.Contains(factKeys, key) {
		return p.T("fact." + key)
	}
	return key
}

// Source says how a fact is known, and the entry that it comes from; nil when that is
// not here.
func (p *ticketPage) Source(f escalation.Fact) *source {
	i := slices.IndexFunc(p.Ticket.Entries, func(e escalation.Entry) bool { return e.ID == f.Source })
	if i < 0 {
		return nil
	}
	e := &p.Ticket.Entries[i]
	return &source{p.T("fact.state." + cmp.Or(string(f.State), "noted")), p.who(e.By), p.When(e.At)}
}

// A source is where a fact comes from.
type source struct {
	State, By string
	When      template.HTML
}

// At is a team and a tier, in words.
func (p *ticketPage) At(team string, tier int) string {
	return p.T("desk.place", "Team", p.TeamName(team), "Tier", tier)
}

// handoff says a move in words.
func (p *ticketPage) handoff(h *escalation.Handoff) handoff {
	out := handoff{
		Handoff: *h,
		FromIs:  p.At(h.FromTeam, h.FromTier), ToIs: p.At(h.Team, h.Tier),
		StateIs: p.T("handoff." + string(h.State)),
		When:    p.When(h.Offered), Due: p.When(h.By),
		FromWho: p.who(h.From), ByWho: p.who(h.AnsweredBy),
	}
	if !h.Answered.IsZero() {
		out.AnsweredAt = p.When(h.Answered)
	}
	if h.Reason != "" {
		out.ReasonIs = p.T("refusal." + h.Reason)
	}
	return out
}

// letter says what became of a letter.
func (p *ticketPage) letter(d escalation.Delivery) letter {
	return letter{
		What: p.T("letter." + string(d.Kind)), To: d.To,
		StateIs: p.T("delivery." + string(d.State)),
		When:    p.When(d.Made),
		Bad:     d.State == escalation.LetterFailed,
	}
}

// trail says what the requester did before asking.
func (p *ticketPage) trail(trail *escalation.Trail, find articleByKey) []step {
	if trail == nil {
		return nil
	}
	var steps []step
	for _, m := range trail.Moments {
		s := step{When: p.When(m.At)}
		key := "trail." + m.Kind
		switch m.Kind {
		case "search":
			s.Words = p.T(key, "Query", m.Query, "Count", m.Hits)
		case "open", "vote_yes", "vote_no", "suggested", "declined":
			s.Words, s.Title, s.Lang = p.T(key), m.Title, m.Lang
			if a := find(m.Article, m.Lang, p.Lang); a != nil {
				s.Link = a.Path()
				if s.Title == "" {
					s.Title, s.Lang = a.Title, a.Lang
				}
			}
			if s.Title == "" {
				s.Title = m.Article
			}
		case "form":
			s.Words = p.T(key)
		default:
			continue // of a later version of ours
		}
		if m.Seconds > 0 {
			s.More = p.T("trail.seconds", "Count", m.Seconds)
			if m.Seconds >= 120 {
				s.More = p.Span(time.Duration(m.Seconds) * time.Second)
			}
		}
		if m.Reason != "" {
			s.More = p.T("trail.reason", "Reason", p.vote(m.Reason))
		}
		steps = append(steps, s)
	}
	return steps
}

// vote says why an article did not help: one of the reasons that its page
// offers, or what somebody wrote.
func (p *ticketPage) vote(reason string) string {
	if key := "vote." + reason; p.Has(key) {
		return p.T(key)
	}
	return reason
}

// A place is where a ticket may be handed to.
type place struct {
	Value  string // "tech/2"
	Label  string
	Nobody bool // nobody there could accept it
	Here   bool

	Experts []expert // who could answer a question, but for the reader
}

// places returns all teams and tiers.
func (p *ticketPage) places(desk *escalation.Desk, people []staff.Person) []place {
	var list []place
	for _, team := range desk.Teams {
		for tier := team.Min; tier <= team.Max; tier++ {
			able := staff.Candidates(people, team.ID, tier)
			at := place{
				Value:  team.ID + "/" + strconv.Itoa(tier),
				Label:  p.At(team.ID, tier),
				Nobody: len(able) == 0,
				Here:   team.ID == p.Ticket.Team && tier == p.Ticket.Tier,
			}
			for _, q := range people {
				if q.ID != p.Me.ID && slices.Contains(able, q.ID) {
					at.Experts = append(at.Experts, expert{at.Value + "/" + q.ID, q.Name})
				}
			}
			list = append(list, at)
		}
	}
	return list
}

// factKeys are names of facts that many tickets need. Others may be used too.
var factKeys = []string{
	"model", "serial", "order", "bought_on", "error_message", "version", "address", "phone", "photo", "account",
}

// propose fills in what is likely: the questions' and promises' dates, what was
// tried, and the sentence for the customer, in the customer's language.
func (p *ticketPage) propose(theirs speaker) {
	t, now := p.Ticket, p.Local(p.now)
	evening := func(days int) string {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 18, 0, 0, 0, now.Location()).Format(localTime)
	}
	for name, value := range map[string]string{
		"ask-until":             evening(3),
		"wait-until":            evening(3),
		"handoff-by":            evening(1),
		"consult-by":            evening(1),
		"handoff-tell_customer": theirs.T("tell.handoff"),
		"decide-tell_customer":  theirs.T("tell.handoff"),
		"decide-to":             t.Team + "/" + strconv.Itoa(t.Tier),
	} {
		p.Form.typed[name] = value
	}
	if n := len(t.Handoffs); n > 0 {
		last := t.Handoffs[n-1]
		p.Form.typed["handoff-problem"] = last.Problem
		p.Form.typed["handoff-promised"] = last.Promised
	}
	for i, s := range t.Steps {
		if i == escalation.MaxTried {
			break
		}
		p.Form.typed[triedName(i+1, "what")] = s.What
		p.Form.typed[triedName(i+1, "result")] = s.Result
	}
	p.rows()
}

// A triedRow is a line of the form about what was done; an askedRow is a question.
type (
	triedRow struct{ What, Result string } // names of the fields
	askedRow struct{ N, Key, Text, Why, Again string }
)

const (
	spareTried = 2 // empty rows after those that say something
	spareAsked = 3
)

// rows lays out the rows that are filled in, and some empty ones.
func (p *ticketPage) rows() {
	tried, asked := 0, 0
	for i := 1; i <= escalation.MaxTried; i++ {
		if p.Value(triedName(i, "what"))+p.Value(triedName(i, "result")) != "" {
			tried = i
		}
	}
	for i := 1; i <= escalation.MaxQuestions; i++ {
		if p.Value(askedName(i, "text"))+p.Value(askedName(i, "key"))+p.Value(askedName(i, "why")) != "" {
			asked = i
		}
	}
	p.Tried, p.Asked = nil, nil
	for i := 1; i <= min(tried+spareTried, escalation.MaxTried); i++ {
		p.Tried = append(p.Tried, triedRow{triedName(i, "what"), triedName(i, "result")})
	}
	for i := 1; i <= min(max(asked+1, spareAsked), escalation.MaxQuestions); i++ {
		p.Asked = append(p.Asked, askedRow{strconv.Itoa(i), askedName(i, "key"), askedName(i, "text"), askedName(i, "why"), askedName(i, "again")})
	}
}

func triedName(i int, what string) string { return "handoff-tried-" + strconv.Itoa(i) + "-" + what }
func askedName(i int, what string) string { return "ask-question-" + strconv.Itoa(i) + "-" + what }

// Value returns what a field holds.
func (p *ticketPage) Value(name string) string { return p.Form.typed[name] }

// Staged returns the files of a part that wait for its form to be accepted.
func (p *ticketPage) Staged(part string) []escalation.File {
	if part != p.Do {
		return nil
	}
	return p.Form.files
}

// Known says whether a question would ask for what is known.
func (p *ticketPage) Known(key string) bool {
	_, ok := p.Ticket.Knows(key, p.Kind)
	return ok
}
