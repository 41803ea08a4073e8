package help

import (
	"context"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// A ticketPage is a request as who asked sees it. It is made of what
// [escalation.Ticket.ForRequester] lets through, and of the ticket's state.
type ticketPage struct {
	page
	message
	Number, Subject string
	State           escalation.State
	Turn            escalation.Turn
	Team, Party     string
	Until           time.Time
	web.Stretch     // of the conversation
	Lines           []line
	Questions       []question
	Limits          evidence.Limits
	Late            bool      // closed too long ago to be taken up again
	Reopens         time.Time // until when it can be
	Days            int       // for how many it can be once it is closed
	Said            string    // what was just done: "reply", "solved", "not-solved", "address" or "rate"
	Doubt           escalation.Doubt
	Merged          bool                    // it goes on in another one
	On              string                  // the number of that one, if this browser may follow it
	Reach           map[string]bool         // the requests that lines name, and whether this browser may follow them
	Joined          []string                // numbers of those that go on here and that this browser may follow
	Action          string                  // address of the form
	Lived           string                  // how long it took so far, whatever paused
	Kind            *escalation.RequestType // nil: none was said
	Stages          []stage
	Needs           []need // that nobody asked for yet
	Steps           []tick // of the kind, that nobody has done or is asked to do
	Ticked          bool   // some of these
	Fault           *fault // that others have too; nil for none
	Rateable        bool
	Score           escalation.Score // of a form that came back, with its words
	Rated           string
	Zone            string // of the reader's clocks, or else of ours
	heard
	holding
	Unanswered bool     // solved because nothing was heard
	Follows    string   // number of the closed one that goes on here, if this browser may follow it
	Followed   []string // numbers of those in which it goes on, likewise
}

// A line is one thing in the conversation.
type line struct {
	escalation.Line
	Mine bool
	Last bool
}

// Body is the text with its addresses made clickable.
func (l line) Body() template.HTML { return web.Linked(l.Text) }

// A question is one that we asked, and what was typed as its answer.
type question struct {
	escalation.Question
	Value string
}

// answerPrefix begins the names of the inputs for answers, as the rules name them
// in their errors.
const answerPrefix = "answer-"

// Field is the name of the input for the answer.
func (q question) Field() string { return answerPrefix + q.Key }

// granted returns the ticket that this browser may follow, by its number. One
// that it may not follow does not exist.
func (r *Room) granted(c *fiber.Ctx, number string) (escalation.Ticket, error) {
	grant, ok := r.Session(c).Tickets[number]
	if !ok {
		return escalation.Ticket{}, escalation.NoTicket()
	}
	t, err := r.Tickets.Ticket(c.UserContext(), number)
	if err != nil {
		return t, err
	}
	if !holds(grant, &t) {
		return escalation.Ticket{}, escalation.NoTicket()
	}
	return t.ForPublic(r.Now())
}

// holds says whether the link that was followed still opens the ticket.
func holds(g web.Grant, t *escalation.Ticket) bool {
	return g.Ticket == t.ID && g.Recipient == t.Requester.Email && g.Generation == t.LinkGeneration
}

// Holds reports whether a link that was followed in a browser still opens its
// ticket, for [Room.Granted].
func Holds(tickets Tickets) func(ctx context.Context, g web.Grant) (bool, error) {
	return func(ctx context.Context, g web.Grant) (bool, error) {
		t, err := tickets.TicketByID(ctx, g.Ticket)
		if escalation.KindOf(err) == escalation.NotFound {
			return false, nil
		}
		return err == nil && holds(g, &t), err
	}
}

// grantOf is what a browser keeps of a ticket that it may follow.
func grantOf(t *escalation.Ticket) web.Grant {
	return web.Grant{Ticket: t.ID, Recipient: t.Requester.Email, Generation: t.LinkGeneration}
}

// grant lets this browser follow a ticket from now on.
func (r *Room) grant(c *fiber.Ctx, t *escalation.Ticket) error {
	s := r.Session(c)
	g := grantOf(t)
	if s.Tickets[t.Number] == g {
		return nil
	}
	s.Tickets[t.Number] = g
	return r.SaveSession(c, s)
}

// followed notes that the link to a ticket was opened in this browser: whoever did so
// is its requester, and what they looked for before counts as what led to it. Who
// sent it without their trail wants no such thing to be written down.
func (r *Room) followed(c *fiber.Ctx, t *escalation.Ticket) {
	if cookie := r.Visitor(c); cookie != "" && (t.Channel != escalation.Web || t.Journey != "") {
		r.record(c, cookie, journey.Event{Kind: journey.TicketSeen, Lang: t.Lang, Ticket: t.ID})
	}
}

// linked returns the ticket that the address opens: by its link, else because
// its link was followed before.
func (r *Room) linked(c *fiber.Ctx) (escalation.Ticket, error) {
	number, ok := escalation.ParseNumber(unescaped(c.Params("number")))
	k := c.Query("k")
	gone := &escalation.Error{Kind: escalation.NotFound, Reason: web.LinkGone}
	if k == "" {
		t, err := r.granted(c, number)
		if escalation.KindOf(err) == escalation.NotFound {
			err = gone
		}
		return t, err
	}
	var t escalation.Ticket
	err := escalation.NoTicket()
	if ok {
		t, err = r.Tickets.Ticket(c.UserContext(), number)
	}
	if escalation.KindOf(err) == escalation.Fault && err != nil {
		return t, err
	}
	// Asked of a ticket that does not exist as well, so that the answer takes as
	// long and says as much.
	if !t.Opens(r.LinkKey, k) || err != nil {
		return escalation.Ticket{}, gone
	}
	return t.ForPublic(r.Now())
}

// ticket serves GET /tickets/{number}. A link is followed once; from then on the
// clean address is enough, and no secret stays in the address bar.
func (r *Room) ticket(c *fiber.Ctx) error {
	t, err := r.linked(c)
	if err != nil {
		if me := r.Me(c); me != nil && escalation.KindOf(err) == escalation.NotFound {
			return r.toDesk(c)
		}
		return err
	}
	if c.Query("k") != "" {
		if err := r.grant(c, &t); err != nil {
			return err
		}
		if err := r.leadOn(c, &t, t.Proves(r.LinkKey, c.Query("m"))); err != nil {
			return err
		}
		if err := r.leadBeside(c, &t, t.Proves(r.LinkKey, c.Query("m"))); err != nil {
			return err
		}
		r.followed(c, &t)
		if m := c.Query("m"); m != "" && !t.Requester.Verified && t.Proves(r.LinkKey, m) {
			if _, err := r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Verify(t.Requester.Email, requester(&t), escalation.NewID, r.Now())
			}); err != nil {
				return err
			}
		}
		return r.toTicket(c, t.Number)
	}
	if c.Params("number") != t.Number { // as somebody typed it
		return r.toTicket(c, t.Number)
	}
	known, err := r.into(c, &t)
	if err != nil {
		return err
	}
	on := r.goesOn(c, &t, known)
	if on != "" && c.Query("there") == "" {
		return r.toTicket(c, on)
	}
	if err := r.leadBeside(c, &t, false); err != nil {
		return err
	}
	p := r.ticketPage(c, &t)
	p.On = on
	if p.Reach, err = r.reach(c, p.Lines); err != nil {
		return err
	}
	if p.Joined, err = r.joinedHere(c, &t); err != nil {
		return err
	}
	p.Key = r.formKey(r.Now())
	if said := c.Query("said"); slices.Contains([]string{"reply", "solved", "not-solved", "address", "rate", "keep"}, said) {
		p.Said = said
	}
	return r.showTicket(c, fiber.StatusOK, p)
}

// toTicket leads to the page of a ticket, in the language that the reader chose.
func (r *Room) toTicket(c *fiber.Ctx, number string) error {
	to := "/tickets/" + number
	if lang := c.Query("lang"); r.Speaks(lang) {
		to += "?lang=" + lang
	}
	return web.Redirect(c, to)
}

// toDesk leads people who work here to the ticket's page at the desk.
func (r *Room) toDesk(c *fiber.Ctx) error {
	number, _ := escalation.ParseNumber(unescaped(c.Params("number")))
	t, err := r.Tickets.Ticket(c.UserContext(), number)
	if err != nil {
		return err
	}
	if !r.Me(c).May(escalation.Read, &t) {
		return escalation.NoTicket()
	}
	return web.Redirect(c, "/desk/tickets/"+t.Number)
}

func requester(t *escalation.Ticket) escalation.Actor {
	return escalation.RequesterOf{Ticket: t.ID, Name: t.Requester.Name}
}

func (r *Room) showTicket(c *fiber.Ctx, status int, p ticketPage) error {
	if err := r.Render(c, status, "help/ticket", p); err != nil {
		return err
	}
	// Kept by this browser alone, so that the way back loses no half-written reply.
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return nil
}

// speakTheirs has the page at a path speak the ticket's language, unless the reader chose
// another one, and returns where its forms go, so that what comes back speaks it too.
func (r *Room) speakTheirs(c *fiber.Ctx, p *page, t *escalation.Ticket, path string) (action string) {
	lang, chosen := t.Lang, c.Query("lang")
	if r.Speaks(chosen) {
		lang = chosen
	} else if chosen = ""; !r.Speaks(lang) {
		lang = r.Lang(c)
	}
	p.Speaker = r.Theme.Words.Speaker(lang)
	for i, alt := range p.Languages {
		p.Languages[i].Current = alt.Lang == lang
		p.Languages[i].Path = path + "?lang=" + alt.Lang
	}
	if chosen != "" && chosen != t.Lang {
		path += "?lang=" + chosen
	}
	return path
}

// To is the address of another ticket of the same person, in the language that the reader
// chose.
func (p ticketPage) To(number, query string) string {
	to := "/tickets/" + number
	_, chosen, _ := strings.Cut(p.Action, "?")
	if query = strings.Trim(query+"&"+chosen, "&"); query != "" {
		to += "?" + query
	}
	return to
}

// ticketPage returns the page of a ticket, in the ticket's language unless the
// reader chose another one.
func (r *Room) ticketPage(c *fiber.Ctx, t *escalation.Ticket) ticketPage {
	p := ticketPage{
		page:   r.page(c, false, "ticket.title"),
		Number: t.Number, Subject: t.Subject, State: t.State, Turn: t.Turn(),
		Team: t.Team, Party: t.Party, Until: t.Until,
		Doubt: t.Doubt, Merged: t.Into != nil,
		Limits: evidence.Said(), Days: escalation.ReopenDays,
		Rateable: t.Rateable(), Zone: r.Site().Hours.Location().String(),
	}
	if t.State == escalation.WaitCustomer && t.Until.Before(r.Now()) {
		p.Until = time.Time{} // the day is over, and an answer is as welcome as before
	}
	p.Path = "/tickets/" + t.Number
	p.Action = r.speakTheirs(c, &p.page, t, p.Path)
	p.Speaker = p.Speaker.In(r.Site().Hours.Location())
	if l, ok := clock.Zone(t.Zone); ok {
		p.Speaker, p.Zone = p.Speaker.In(l), t.Zone
	}
	p.Title, p.Lived = p.T("ticket.title", "Number", t.Number), p.Span(t.Clocks.Elapsed(r.Now()))
	p.NoIndex = true
	p.Fault = r.fault(c, t, p.Lang)
	var err error
	if p.Kind, err = r.TypeOf(c.UserContext(), t); err != nil { // the rest is worth more
		r.Log.WarnContext(c.UserContext(), "kind of request not read", "error", err, "request", web.RequestID(c))
	}
	p.Stages, p.Needs, p.Steps = p.stages(t, r.took(c.UserContext(), p.Kind)), p.needs(t), p.untried(t)
	if p.holding, err = r.holding(c, t); err != nil { // the rest is worth more
		r.Log.WarnContext(c.UserContext(), "silence not read", "error", err, "request", web.RequestID(c))
	}
	p.Unanswered = t.Unanswered
	grants := r.Session(c).Tickets
	if f := t.Follows; f != nil && grants[f.Number].Ticket == f.Ticket {
		p.Follows = f.Number
	}
	for _, f := range t.Followed {
		if grants[f.Number].Ticket == f.Ticket {
			p.Followed = append(p.Followed, f.Number)
		}
	}
	p.Reopens = t.Reopens()
	p.Late = t.State == escalation.Closed && r.Now().After(p.Reopens)
	lines := t.ForRequester()
	p.listen(c, lines, r.Now())
	p.Stretch = web.StretchOf(c, len(lines), p.Action, "#newest")
	for i, l := range lines {
		if p.Shows(i) {
			p.Lines = append(p.Lines, line{Line: l, Mine: l.By == escalation.ByRequester && !l.Other})
		}
	}
	p.Lines[len(p.Lines)-1].Last = p.Newest == "" // the opening is always there
	if !p.Late && !p.Confirms() && t.State != escalation.Closed {
		for _, q := range t.Questions {
			p.Questions = append(p.Questions, question{Question: q})
		}
	}
	return p
}

// Step says whether the question asks for a step to be done.
func (q question) Step() bool { _, ok := escalation.RemedyOf(q.Key); return ok }

// Outcomes are what can come of a step.
func (ticketPage) Outcomes() []escalation.Outcome { return escalation.Outcomes }

// cameOf returns what came of the steps that we asked for, by the keys of our questions,
// and says it in words among the answers.
func (p ticketPage) cameOf(answers map[string]string) map[string]escalation.Outcome {
	came := map[string]escalation.Outcome{}
	for key, value := range answers {
		if _, ok := escalation.RemedyOf(key); ok && slices.Contains(escalation.Outcomes, escalation.Outcome(value)) {
			came[key], answers[key] = escalation.Outcome(value), p.T("outcome."+value)
		}
	}
	return came
}

// answersOf returns the answers to our questions, by their keys.
func answersOf(c *fiber.Ctx) map[string]string {
	answers := map[string]string{}
	for _, name := range web.Names(c) {
		if key, ok := strings.CutPrefix(name, answerPrefix); ok && len(answers) < 5*escalation.MaxQuestions {
			answers[key] = typed(c, name)
		}
	}
	return answers
}

// answer serves POST /tickets/{number}: a reply, or whether it is solved.
func (r *Room) answer(c *fiber.Ctx) error {
	number, _ := escalation.ParseNumber(unescaped(c.Params("number")))
	t, err := r.granted(c, number)
	if err != nil {
		return err
	}
	m, err := r.readMessage(c)
	if err != nil {
		return err
	}
	p := r.ticketPage(c, &t)
	p.message = m
	answers, facts, tried := answersOf(c), factsOf(c), triedOf(c)
	for i, s := range p.Steps {
		p.Steps[i].Done = slices.Contains(tried, s.ID)
		p.Ticked = p.Ticked || p.Steps[i].Done
	}
	for i, n := range p.Needs {
		p.Needs[i].Value = facts[n.Key]
	}
	for i, q := range p.Questions {
		p.Questions[i].Value = answers[q.Key]
	}
	// Not of the open questions alone: the form may come again when they are answered.
	words := []string{t.Number}
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		words = append(words, key, answers[key])
	}
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		words = append(words, escalation.FactField+key, facts[key])
	}
	for _, id := range tried {
		words = append(words, "tried", id)
	}
	came := p.cameOf(answers)
	if err := r.takeIn(c, &p.message, &p.page); err != nil {
		return err
	}
	do := c.FormValue("do")
	p.Score, p.Rated = escalation.Score(c.FormValue("score")), typed(c, "rated")
	if strings.HasPrefix(do, "drop-") {
		return r.showTicket(c, fiber.StatusOK, p)
	}
	if len(p.Problems) > 0 {
		return r.showTicket(c, fiber.StatusUnprocessableEntity, p)
	}
	said := escalation.Message{Text: p.Text, Files: p.attached(), Key: p.once(append(words, do, string(p.Score), p.Rated)...)}
	now := r.Now()
	if do == "keep" {
		return r.hold(c, p, &t)
	}
	was := t
	t, err = r.Tickets.Change(c.UserContext(), number, func(t escalation.Ticket) (escalation.Change, error) {
		if g, ok := r.Session(c).Tickets[number]; !ok || !holds(g, &t) {
			return escalation.Change{}, escalation.NoTicket()
		}
		switch by := requester(&t); do {
		case "solved":
			return t.Confirm(said, by, escalation.NewID, now)
		case "rate":
			return t.Rate(escalation.RateCommand{Message: escalation.Message{Text: p.Rated, Key: said.Key}, Score: p.Score}, by, escalation.NewID, now)
		case "not-solved":
			return t.NotSolved(said, by, escalation.NewID, now)
		default:
			do = "reply"
			return t.RequesterReply(escalation.RequesterMessage{Message: said, Answers: answers, Outcomes: came, FactsCommand: escalation.FactsCommand{Type: p.Kind, Facts: facts}, Tried: tried, Zone: zoneOf(c)}, by, escalation.NewID, now)
		}
	})
	if p.Late && do == "reply" && (t.FollowedBy(said.Key) != nil || escalation.KindOf(err) == escalation.Invalid && fieldOf(err) == "") {
		t, err = r.followUp(c, &was, said)
	}
	if err != nil {
		if fieldOf(err) == "files" {
			p.Files = nil // they hang on another reply, or are gone
		}
		if !p.Refuse(err) {
			return err
		}
		return r.showTicket(c, web.Status(escalation.KindOf(err)), p)
	}
	if do == "reply" && t.State == escalation.Closed { // pure thanks
		do = "solved"
	}
	to := "/tickets/" + t.Number + "?said=" + do
	if _, lang, ok := strings.Cut(p.Action, "?"); ok {
		to += "&" + lang
	}
	return web.Redirect(c, to)
}

// Next says what happens next, and by whom.
func (p ticketPage) Next() string {
	team := p.TeamName(p.Team)
	switch p.State {
	case escalation.WaitCustomer:
		if p.Until.IsZero() {
			return p.T("ticket.next.wait_customer")
		}
		return p.T("ticket.next.wait_customer_until", "Until", p.Date(p.Until))
	case escalation.WaitOther:
		return p.T("ticket.next.wait_other", "Party", p.Party, "Until", p.Date(p.Until))
	}
	if p.Unanswered {
		return p.T("silence.unanswered")
	}
	return p.T("ticket.next."+string(p.State), "Team", team)
}

// Confirms says whether the requester is asked whether it is solved.
func (p ticketPage) Confirms() bool { return p.State == escalation.Solved && !p.Unanswered }

// Closing says when the request is closed, by the reader's clocks.
func (p ticketPage) Closing(at time.Time) string {
	return p.T("silence.closes", "When", p.Time(at), "Zone", p.Zone)
}

// Scores are what can be said of how it went.
func (ticketPage) Scores() []escalation.Score { return escalation.Scores }

// Why says why a question is asked, and why again.
func (p ticketPage) Why(q question) string {
	why := q.Question.Why
	if q.Again != "" {
		why += " " + p.T("again."+q.Again)
	}
	if q.Was != "" {
		why += " " + p.T("ticket.was", "Was", q.Was)
	}
	return why
}
