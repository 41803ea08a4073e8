package desk

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// newView is the id in the address of a list that is not saved yet.
const newView = "new"

// maxFilterText is how many letters of a filter's text count.
const maxFilterText = 200

// waitOrder is how an address says [escalation.ByWait].
const waitOrder = "wait"

// order returns the order that an address says; the first when there is no such one.
func order(by string) escalation.Order {
	if o := escalation.Order(by); slices.Contains(escalation.Orders, o) {
		return o
	}
	return escalation.ByWait
}

// saved returns the saved lists of a person.
func (r *Room) saved(ctx context.Context, me *staff.Person) ([]escalation.View, error) {
	list, err := r.Views.Views(ctx, me.ID)
	return slices.DeleteFunc(list, func(v escalation.View) bool { return !me.Sees(&v) }), err
}

// list returns the list that a filter is for somebody now.
func (r *Room) list(f escalation.Filter, me *staff.Person, now time.Time) escalation.Queue {
	teams := me.Teams
	if me.Is(staff.Lead) {
		teams = nil // a lead sees to all of them
	}
	return f.Queue(me.ID, teams, now)
}

// counts remembers for a moment how many tickets lists have: a look at one of them
// does not count all others anew.
type counts struct {
	sync.Mutex
	of map[string]countedAt
}

type countedAt struct {
	n  int
	at time.Time
}

// countLife is how long a number is remembered that is not of the list that is shown.
const countLife = 5 * time.Second

// count returns how many tickets a list has, no further than manyTickets.
func (r *Room) count(ctx context.Context, v *view, shown bool, now time.Time) (int, error) {
	key := ""
	if v.Saved != nil && !shown {
		q := v.query
		q.DueFrom, q.DueTill = time.Time{}, time.Time{}
		b, err := json.Marshal([]any{q, v.filter.Due, v.text})
		if err != nil {
			return 0, err
		}
		key = string(b)
		r.counts.Lock()
		c, ok := r.counts.of[key]
		r.counts.Unlock()
		if ok && now.Sub(c.at).Abs() < countLife {
			return c.n, nil
		}
	}
	if err := r.found(ctx, v); err != nil {
		return 0, err
	}
	n, err := r.Tickets.Count(ctx, v.query, manyTickets)
	if err == nil && key != "" {
		r.counts.Lock()
		if len(r.counts.of) > 1000 || r.counts.of == nil {
			r.counts.of = map[string]countedAt{}
		}
		r.counts.of[key] = countedAt{n, now}
		r.counts.Unlock()
	}
	return n, err
}

// found narrows a list to the tickets that have the words of its text: of many, the
// latest.
func (r *Room) found(ctx context.Context, v *view) error {
	if v.text == "" {
		return nil
	}
	group := "open"
	if v.query.Closed {
		group = "closed"
	}
	numbers, _, _, err := r.Found.Find(ctx, v.text, group, escalation.MostFound, 0)
	v.query.Found, v.text = &numbers, ""
	return err
}

// A selection is a field of a filter's form: one of several.
type selection struct {
	Name, Label string
	Options     []option
}

type option struct {
	Value, Label string
	Chosen       bool
}

// selects returns the fields of a filter's form, as a filter fills them in.
func (r *Room) selects(p *web.Page, f *escalation.Filter, people []staff.Person) []selection {
	desk := r.Desk()
	values := inQuery(*f)
	field := func(name string, options ...option) selection {
		for i, o := range options {
			options[i].Chosen = o.Value == values.Get(name)
		}
		return selection{name, p.T("view." + name), options}
	}
	any := option{Label: p.T("view.any")}
	teams := []option{any, {Value: escalation.OwnTeams, Label: p.T("view.own_teams")}}
	for _, t := range desk.Teams {
		teams = append(teams, option{Value: t.ID, Label: p.TeamName(t.ID)})
	}
	tiers := []option{any}
	for tier := 1; tier <= 3; tier++ {
		tiers = append(tiers, option{Value: strconv.Itoa(tier), Label: strconv.Itoa(tier)})
	}
	types := []option{any}
	for _, t := range desk.Types {
		types = append(types, option{Value: t.ID, Label: t.Name.In(p.Lang)})
	}
	priorities := []option{any}
	for _, n := range escalation.Priorities {
		priorities = append(priorities, option{Value: strconv.Itoa(n), Label: ranked(p.Speaker, n).Says})
	}
	states := []option{{Label: p.T("view.open")}}
	for _, s := range escalation.FilterStates {
		label := p.T("view.our_turn")
		if s != escalation.OurTurn {
			label = p.T("staff.state." + s)
		}
		states = append(states, option{Value: s, Label: label})
	}
	langs := []option{any}
	for _, l := range r.Theme.Words.Languages() {
		langs = append(langs, option{Value: l, Label: p.LanguageName(l)})
	}
	who := []option{any, {Value: escalation.Me, Label: p.T("view.me")}, {Value: escalation.NoOne, Label: p.T("desk.nobody")}}
	for _, person := range people {
		if !person.Disabled && person.May(escalation.Read, nil) {
			who = append(who, option{Value: person.ID, Label: person.Name})
		}
	}
	dues := []option{any}
	for _, d := range escalation.FilterDues {
		dues = append(dues, option{Value: d, Label: p.T("view.due."+d, "Count", escalation.SoonHours)})
	}
	var orders []option
	for _, o := range escalation.Orders {
		value := string(o)
		if o == escalation.ByWait {
			value = waitOrder
		}
		orders = append(orders, option{Value: value, Label: p.T("view.by." + value)})
	}
	return []selection{
		field("team", teams...), field("tier", tiers...), field("priority", priorities...), field("type", types...), field("state", states...),
		field("language", langs...), field("who", who...), field("due", dues...), field("by", orders...),
	}
}

// inQuery returns a filter as addresses and forms have it.
func inQuery(f escalation.Filter) url.Values {
	v := url.Values{"f": {"1"}, "by": {waitOrder}}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for name, value := range map[string]string{
		"team": f.Team, "tier": number(f.Tier), "priority": number(f.Priority), "type": f.Type, "state": f.State, "language": f.Lang, "who": f.Who, "due": f.Due, "q": f.Text, "by": string(f.By),
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// typedFilter returns the filter that an address or a form says. What there is not
// does not narrow it.
func (r *Room) typedFilter(get func(name string) string, people []staff.Person) escalation.Filter {
	desk := r.Desk()
	known := func(name string, ok func(value string) bool) string {
		if value := get(name); ok(value) {
			return value
		}
		return ""
	}
	among := func(list []string) func(string) bool {
		return func(value string) bool { return slices.Contains(list, value) }
	}
	f := escalation.Filter{
		Team: known("team", func(id string) bool {
			_, ok := desk.Team(id)
			return ok || id == escalation.OwnTeams
		}),
		Type:  known("type", func(id string) bool { return desk.Type(id) != nil }),
		State: known("state", among(escalation.FilterStates)),
		Lang:  known("language", among(r.Theme.Words.Languages())),
		Who: known("who", func(id string) bool {
			return id == escalation.Me || id == escalation.NoOne || slices.ContainsFunc(people, func(p staff.Person) bool { return p.ID == id })
		}),
		Due: known("due", among(escalation.FilterDues)),
		By:  order(get("by")),
	}
	if f.Text = escalation.CleanLine(get("q")); len([]rune(f.Text)) > maxFilterText {
		f.Text = string([]rune(f.Text)[:maxFilterText])
	}
	f.Priority, _ = strconv.Atoi(known("priority", among([]string{"1", "2", "3", "4"}))) // no number: any
	f.Tier, _ = strconv.Atoi(known("tier", among([]string{"1", "2", "3"})))              // no number: any
	return f
}

// A viewPage saves a list, or changes one.
type viewPage struct {
	web.Page
	View    escalation.View
	New     bool
	Selects []selection
	For     []option         // whose it is
	Beaten  *escalation.View // what a colleague made of it meanwhile
}

// viewOf returns the list of an address that the reader may change, or begins a new one.
func (r *Room) viewOf(c *fiber.Ctx) (escalation.View, error) {
	me := *r.Me(c)
	if c.Params("id") == newView {
		return escalation.View{Owner: me.ID}, nil
	}
	list, err := r.saved(c.UserContext(), &me)
	if err != nil {
		return escalation.View{}, err
	}
	i := slices.IndexFunc(list, func(v escalation.View) bool { return v.ID == c.Params("id") })
	switch {
	case i < 0:
		return escalation.View{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_view"}
	case !me.Keeps(&list[i]):
		return escalation.View{}, &escalation.Error{Kind: escalation.Forbidden, Reason: "error.not_allowed"}
	}
	return list[i], nil
}

// showView serves GET /desk/views/{id}: the list as it is saved, or a new one with
// the filter of the address.
func (r *Room) showView(c *fiber.Ctx) error {
	v, err := r.viewOf(c)
	if err != nil {
		return err
	}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	if v.ID == "" {
		v.Filter = r.typedFilter(func(name string) string { return c.Query(name) }, people)
	}
	return r.Render(c, fiber.StatusOK, "desk/view", r.viewPage(c, v, people))
}

func (r *Room) viewPage(c *fiber.Ctx, v escalation.View, people []staff.Person) *viewPage {
	title := "view.change_title"
	if v.ID == "" {
		title = "view.new_title"
	}
	p := &viewPage{Page: r.Page(c, "desk", title, "Name", v.Name), View: v, New: v.ID == ""}
	p.Selects = r.selects(&p.Page, &v.Filter, people)
	p.For = []option{{Label: p.T("view.for_me")}}
	if r.Me(c).May(staff.ShareViews, nil) {
		for _, t := range r.Desk().Teams {
			p.For = append(p.For, option{Value: t.ID, Label: p.T("view.for_team", "Team", p.TeamName(t.ID))})
		}
	}
	for i, o := range p.For {
		p.For[i].Chosen = o.Value == v.Team
	}
	return p
}

// keepView serves POST /desk/views/{id}: the list is saved, or removed.
func (r *Room) keepView(c *fiber.Ctx) error {
	ctx, me := c.UserContext(), *r.Me(c)
	v, err := r.viewOf(c)
	if err != nil {
		return err
	}
	people, err := r.Staff.People(ctx)
	if err != nil {
		return err
	}
	now := v
	v.Version, _ = strconv.Atoi(c.FormValue("version")) // no number: nobody saved it so
	if c.FormValue("do") == "remove" {
		if err := r.Views.RemoveView(ctx, v); err != nil {
			return r.viewRefused(c, v, now, people, err)
		}
		return web.Redirect(c, "/desk?done=view_removed")
	}
	v.Filter = r.typedFilter(func(name string) string { return c.FormValue(name) }, people)
	v.Owner, v.Team = me.ID, c.FormValue("for")
	if v.Team != "" {
		v.Owner = ""
		if _, ok := r.Desk().Team(v.Team); !ok {
			v.Team = now.Team
			return r.viewRefused(c, v, now, people, &escalation.Error{Kind: escalation.Invalid, Field: "for", Reason: "error.team_unknown"})
		}
	}
	if !me.Keeps(&v) {
		return &escalation.Error{Kind: escalation.Forbidden, Reason: "error.not_allowed"}
	}
	typed := v
	typed.Name = c.FormValue("name")
	if v, err = v.Called(typed.Name); err == nil {
		if v.ID == "" {
			v.ID = r.IDs()
			v.Version = 0
		}
		err = r.Views.KeepView(ctx, v.Next(me.Ref(), r.Now()))
	}
	if err != nil {
		return r.viewRefused(c, typed, now, people, err)
	}
	return web.Redirect(c, "/desk?view="+v.ID+"&done=view_saved")
}

// viewRefused shows a form again with what is wrong, and what the list is now.
func (r *Room) viewRefused(c *fiber.Ctx, typed, now escalation.View, people []staff.Person, err error) error {
	p := r.viewPage(c, typed, people)
	if !p.Refuse(err) {
		return err
	}
	if escalation.KindOf(err) == escalation.Conflict && now.ID != "" && now.Version != typed.Version {
		p.Beaten, p.View.Version = &now, now.Version // who saves again has seen it
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "desk/view", p)
}

// Text is what the filter's field holds.
func (p *viewPage) Text() string { return p.View.Filter.Text }

// Says says a filter in words.
func (p *viewPage) Says(v *escalation.View) string {
	values := inQuery(v.Filter)
	var said []string
	if v.Filter.Text != "" {
		said = append(said, p.T("view.q")+": "+v.Filter.Text)
	}
	for _, s := range p.Selects {
		for _, o := range s.Options {
			if o.Value != "" && o.Value == values.Get(s.Name) {
				said = append(said, s.Label+": "+o.Label)
			}
		}
	}
	return strings.Join(said, " · ")
}
