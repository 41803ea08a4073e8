package desk

import (
	"cmp"
	"context"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// manyTickets is where a tab stops counting.
const manyTickets = 100

// A view is a list of tickets: one that everybody has, one that somebody saved, or
// what the form for another one says.
type view struct {
	ID      string // empty: of the form
	Label   string
	Current bool
	Folded  bool             // away, among those that are seldom wanted
	Count   string           // "7", or "99+"; empty when it is not counted
	Saved   *escalation.View // nil when nobody did

	filter escalation.Filter
	query  escalation.Queue
	text   string // that its tickets have, and query does not say yet
}

// address is where the list begins, in an order.
func (v *view) address(by escalation.Order) string {
	if v.ID == "" {
		f := v.filter
		f.By = by
		return "/desk?" + inQuery(f).Encode()
	}
	to := "/desk?view=" + v.ID
	if by != v.filter.By {
		to += "&by=" + cmp.Or(string(by), waitOrder)
	}
	return to
}

// views returns the lists that everybody has: what is theirs, what waits for anybody of
// their teams, and everything.
func views(me staff.Person) []view {
	teams, most := me.Teams, me.Tier
	if me.Is(staff.Lead) {
		teams, most = nil, 3 // a lead sees to all of them
	}
	list := []view{
		{ID: "mine", query: escalation.Queue{Assignee: me.ID, Unsolved: true}},
		{ID: "offered", query: escalation.Queue{Offered: true, Teams: teams, MaxTier: most}},
		{ID: "asked", query: escalation.Queue{Asked: me.ID, Teams: teams, MaxTier: most}},
	}
	for tier := 1; tier <= most; tier++ {
		list = append(list, view{ID: "free-" + strconv.Itoa(tier), query: escalation.Queue{
			Free: true, Teams: teams, Tier: tier, Turn: escalation.Ours,
		}})
	}
	list = append(list,
		view{ID: "customer", query: escalation.Queue{Teams: teams, State: escalation.WaitCustomer}},
		view{ID: "other", query: escalation.Queue{Teams: teams, State: escalation.WaitOther}},
		view{ID: "solved", query: escalation.Queue{Teams: teams, State: escalation.Solved}},
	)
	if me.Is(staff.Lead) {
		list = append(list, view{ID: "alarms", query: escalation.Queue{Alarmed: true}}, view{ID: "frozen", query: escalation.Queue{Frozen: true}})
	}
	return append(list,
		view{ID: "all", query: escalation.Queue{Unsolved: true}},
		view{ID: "closed", query: escalation.Queue{Closed: true}},
		view{ID: "suspected", query: escalation.Queue{Teams: teams, MaxTier: most, Doubt: escalation.Suspected}},
		view{ID: "spam", query: escalation.Queue{Teams: teams, MaxTier: most, Doubt: escalation.Spam}},
	)
}

// A queuePage lists tickets.
type queuePage struct {
	web.Page
	rowsPage
	Views []view
	View  view
	Lines []queueLine
	More  string // address of the next page
	After string // where this page begins
	Paged bool   // this is not the first page
	By    escalation.Order
	Sorts bool // the list can be put in another order

	Selects []selection // of the form for another list
	Chosen  bool        // the form says which tickets are shown
	Changes bool        // the reader may change the list that is shown

	heard
	touched []string // since the page that was made before
}

// A queueLine is a row of the list, in words.
type queueLine struct {
	escalation.QueueLine
	Waiting  string // how long, and for whom
	Ours     bool
	StateIs  string
	Colour   string // of the state's badge, beside its word
	TeamIs   string
	Offer    string // where it is offered; empty when it is not
	AskedOf  string // of whom something is asked; empty when that is not the list
	AskedBy  template.HTML
	Language string
	Who      string // works on it; empty when nobody does
	Mine     bool
	Rank     rank
	Next     *due // what is due next; nil for nothing
	New      bool // others did something since the page that was made before
}

// queue serves GET /desk.
func (r *Room) queue(c *fiber.Ctx) error {
	ctx, me := c.UserContext(), *r.Me(c)
	p := queuePage{Page: r.Page(c, "desk", "desk.title"), Views: views(me)}
	for i := range p.Views {
		p.Views[i].Label = p.T("desk.view." + p.Views[i].ID)
	}
	people, err := r.Staff.People(ctx)
	if err != nil {
		return err
	}
	now := r.Now()
	saved, err := r.savedViews(ctx, &me, now)
	if err != nil {
		return err
	}
	for _, v := range saved {
		v.Label = v.Saved.Name
		if v.Saved.Team != "" && (len(me.Teams) != 1 || me.Is(staff.Lead)) {
			v.Label = p.T("view.of_team", "Name", v.Saved.Name, "Team", p.TeamName(v.Saved.Team))
		}
		p.Views = append(p.Views, v)
	}
	if p.Chosen = c.Query("f") != ""; p.Chosen {
		p.View = r.typedView(c, &me, people, now)
		p.View.Label, p.View.Current = p.T("view.chosen"), true
	}
	chosen := slices.IndexFunc(p.Views, func(v view) bool { return v.ID == c.Query("view") && !p.Chosen })
	others := 0 // tickets that wait for somebody like the reader
	for i := range p.Views {
		v := &p.Views[i]
		if v.Saved == nil && (v.query.Closed || v.query.Doubt == escalation.Spam) {
			continue // nobody works through these
		}
		n, err := r.count(ctx, v, i == chosen, now)
		if err != nil {
			return err
		}
		v.Count = counted(n)
		if v.ID != "mine" && mayAct(v.ID) {
			others += n
		}
		if chosen < 0 && !p.Chosen && n > 0 && mayAct(v.ID) {
			chosen = i // where there is something to do
		}
	}
	if !p.Chosen {
		p.Views[max(chosen, 0)].Current = true
		p.View = p.Views[max(chosen, 0)]
	}
	for i := range p.Views {
		v := &p.Views[i]
		v.Folded = !v.Current && !mayAct(v.ID) && v.Saved == nil && !(calls(v.ID) && v.Count != "0")
	}
	p.Changes = p.View.Saved != nil && me.Keeps(p.View.Saved)
	p.Title = p.T("desk.queue_title", "View", p.View.Label)
	if waiting, err := r.waiting(ctx, me, others); err != nil {
		return err
	} else if waiting != "" {
		p.Title = p.T("desk.waiting_title", "N", waiting, "Title", p.Title)
	}

	if err := r.found(ctx, &p.View); err != nil {
		return err
	}
	q := p.View.query
	p.Sorts = !q.Closed && q.Doubt == ""
	if by := c.Query("by"); p.Sorts && by != "" && !p.Chosen {
		q.By = order(by)
	}
	p.By = q.By
	p.Selects = r.selects(&p.Page, &p.View.filter, people)
	q.After = c.Query("after")
	p.Paged, p.After = q.After != "", q.After
	if p.rowsPage, err = r.rowsPage(c, &p.Page, p.Address()); err != nil {
		return err
	}
	p.Spam = p.View.ID == "suspected"
	if err := r.listenToList(c, &p, me.ID, now); err != nil {
		return err
	}
	page, err := r.Tickets.Queue(ctx, q)
	if err != nil {
		return err
	}
	if page.Next != "" {
		p.More = p.Address() + "&after=" + url.QueryEscape(page.Next)
	}
	called := names(people)
	for _, l := range page.Lines {
		p.Lines = append(p.Lines, p.line(l, called, me.ID, now))
		p.Lines[len(p.Lines)-1].New = slices.Contains(p.touched, l.Number)
	}
	if err := r.promised(ctx, &p, now); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "desk/queue", p)
}

// savedViews are the lists that somebody saved and the reader sees, without labels.
func (r *Room) savedViews(ctx context.Context, me *staff.Person, now time.Time) ([]view, error) {
	saved, err := r.saved(ctx, me)
	var list []view
	for i := range saved {
		v := &saved[i]
		list = append(list, view{ID: v.ID, Saved: v, filter: v.Filter, query: r.list(v.Filter, me, now), text: v.Filter.Text})
	}
	return list, err
}

// typedView is the list that the form says.
func (r *Room) typedView(c *fiber.Ctx, me *staff.Person, people []staff.Person, now time.Time) view {
	f := r.typedFilter(func(name string) string { return c.Query(name) }, people)
	return view{filter: f, query: r.list(f, me, now), text: f.Text}
}

// Address is where the list begins, in its order.
func (p queuePage) Address() string { return p.View.address(p.By) }

// Text is what the filter's field holds.
func (p queuePage) Text() string { return p.View.filter.Text }

// A column is the head of one, by which a list may be sorted.
type column struct {
	Label, Link string // no link: not by this one
	Sorted      string // how it is: for aria-sort
}

// Column returns the head of a column. That of the one by which the list is sorted
// leads back to the order of the wait. Without an order it only has its label.
func (p queuePage) Column(label, by string) column {
	col := column{Label: p.T(label)}
	if !p.Sorts || by == "" {
		return col
	}
	to := order(by)
	if to == p.By {
		if col.Sorted = "ascending"; to == escalation.ByWait {
			col.Sorted = "descending"
		}
		to = escalation.ByWait
	}
	col.Link = p.View.address(to)
	return col
}

// promised says what is due next of each line.
func (r *Room) promised(ctx context.Context, p *queuePage, now time.Time) error {
	ids := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		ids[i] = l.ID
	}
	clocks, err := r.Tickets.Clocks(ctx, ids)
	if err != nil {
		return err
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		desk, err := r.DeskAt(ctx, l.Desk)
		if err != nil {
			return err
		}
		t := escalation.Ticket{Clocks: clocks[l.ID], RequestType: l.RequestType}
		if next := clock.NextDue(t.Dues(desk)); next != nil {
			_, calendar := desk.Promise(l.RequestType)
			said := saidDue(p.Speaker, escalation.Text(calendar.Name).In(p.Lang), next, now)
			l.Next = &said
		}
		if l.Channel == escalation.ForTask && !l.Due.IsZero() && l.State != escalation.Closed {
			if next := clock.NextDue(t.Dues(desk)); next == nil || l.Due.Before(next.At) {
				said := wanted(p.Speaker, l.Due, now)
				l.Next = &said
			}
		}
	}
	return nil
}

// mayAct says whether the tickets of a view wait for the reader.
func mayAct(id string) bool {
	return id == "mine" || id == "offered" || id == "asked" || strings.HasPrefix(id, "free-")
}

// calls says whether the tickets of a view want to be looked at.
func calls(id string) bool { return id == "alarms" || id == "frozen" || id == "suspected" }

// counted writes a number of tickets that were counted no further than manyTickets.
func counted(n int) string {
	if n >= manyTickets {
		return strconv.Itoa(manyTickets-1) + "+"
	}
	return strconv.Itoa(n)
}

// waiting is how many tickets wait for the reader, for the window's title: theirs on
// which it is our turn, besides those that others of their teams may take too.
// Empty for none.
func (r *Room) waiting(ctx context.Context, me staff.Person, others int) (string, error) {
	mine, err := r.Tickets.Count(ctx, escalation.Queue{Assignee: me.ID, Turn: escalation.Ours}, manyTickets)
	if err != nil || mine+others == 0 {
		return "", err
	}
	return counted(mine + others), nil
}

func (p *queuePage) line(l escalation.QueueLine, called map[string]string, me string, now time.Time) queueLine {
	out := queueLine{
		QueueLine: l,
		Ours:      l.Turn == escalation.Ours,
		Waiting:   p.Span(now.Sub(l.Since)),
		StateIs:   p.T("staff.state." + string(l.State)), Colour: colour(l.State, l.Frozen),
		TeamIs:   p.TeamName(l.Team),
		Language: p.LanguageName(l.Lang),
		Who:      called[l.Assignee],
		Mine:     l.Assignee == me,
		Rank:     ranked(p.Speaker, l.Priority),
	}
	if l.Frozen {
		out.StateIs = p.T("staff.state.frozen")
	}
	if l.Assignee != "" && out.Who == "" {
		out.Who = l.Assignee // a program
	}
	if k := l.Asked; k != nil {
		out.AskedOf, out.AskedBy = p.T("desk.place", "Team", p.TeamName(k.Team), "Tier", k.Tier), moment(p.Speaker, k.By, now)
		if k.Staff == me {
			out.AskedOf = p.T("desk.me")
		}
	}
	if l.OfferedTeam != "" {
		out.Offer = p.T("desk.place", "Team", p.TeamName(l.OfferedTeam), "Tier", l.OfferedTier)
	}
	return out
}

// stateOf says in a word how a ticket stands, and the colour that is beside it.
func stateOf(s speaker, t *escalation.Ticket) (word, beside string) {
	switch {
	case t.Into != nil: // what it was in is what it is again when that is undone
		return s.T("staff.state.merged"), ""
	case t.Frozen:
		return s.T("staff.state.frozen"), colour(t.State, true)
	}
	return s.T("staff.state." + string(t.State)), colour(t.State, false)
}

// colour is beside a state's word, never instead of it.
func colour(s escalation.State, frozen bool) string {
	switch {
	case frozen:
		return "bad"
	case s == escalation.New:
		return "warn"
	case s == escalation.Open:
		return "accent"
	case s == escalation.Solved:
		return "good"
	}
	return ""
}
