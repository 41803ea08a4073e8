package lead

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A DeskKeeper knows the versions of how the desk is set up.
type DeskKeeper interface {
	Current() *escalation.Desk
	At(ctx context.Context, version int) (*escalation.Desk, error)
	// History returns the newest versions before one, the latest first.
	History(ctx context.Context, before, limit int) ([]escalation.Desk, error)
	// Change keeps what somebody made of a version as the next, or is a Conflict.
	Change(ctx context.Context, d escalation.Desk, by escalation.ActorRef, now time.Time) (*escalation.Desk, error)
}

// Desk is the room for how the desk is set up: its teams, and the kinds of requests.
// Each save makes a version; tickets keep the one their kind was said under.
type Desk struct {
	*web.Web
	Keep  DeskKeeper
	Staff interface {
		People(ctx context.Context) ([]staff.Person, error)
	}
	Tickets interface {
		Count(ctx context.Context, q escalation.Queue, most int) (int, error)
	}
}

// Mount gives the room its addresses.
func (r *Desk) Mount(app fiber.Router) {
	g := app.Group("/lead/desk", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("", r.show)
	g.Get("/teams", r.teams)
	g.Get("/teams/:id", r.showTeam)
	g.Post("/teams/:id", r.changeTeam)
	g.Get("/types", r.types)
	g.Get("/types/:id", r.showType)
	g.Post("/types/:id", r.changeType)
	g.Get("/types/:id/steps", r.showSteps)
	g.Post("/types/:id/steps", r.changeSteps)
}

// newPart is the id in the address of what there is not yet.
const newPart = "new"

// A deskPage is what the pages of the configuration share.
type deskPage struct {
	web.Page
	Desk    *escalation.Desk
	Version int      // that the form was made of
	Langs   []string // in which the site speaks to customers
	New     bool     // it is about something that is not there yet
	Done    bool     // it was just saved
	Beaten  bool     // a colleague was faster: what is there now is shown too
}

// F is a field that is typed once for each language.
func (deskPage) F(name string, t escalation.Text) textField { return textField{name, t} }

// Unasked is what a text says in languages that the form does not ask for.
func (p deskPage) Unasked(t escalation.Text) escalation.Text { return unasked(t, p.Langs) }

func (r *Desk) page(c *fiber.Ctx, title string, args ...any) deskPage {
	d := r.Keep.Current()
	p := deskPage{Page: r.Page(c, "lead", title, args...), Desk: d, Version: d.Version, Langs: r.Offered(), Done: c.Query("done") != ""}
	if v, err := strconv.Atoi(c.FormValue("version")); err == nil && v < p.Version && c.Method() == fiber.MethodPost {
		p.Version = v // a form that is shown again is still of what was there
	}
	return p
}

// save keeps what edit makes of the desk, unless the part that the form is about was
// changed since. It returns false when the page has to be shown again, with what is
// wrong.
func (r *Desk) save(c *fiber.Ctx, p *deskPage, part string, of func(d *escalation.Desk) any, edit func(d *escalation.Desk) error) (ok bool, status int, err error) {
	d := *r.Keep.Current()
	if version, wrong := strconv.Atoi(c.FormValue("version")); wrong != nil || version != d.Version {
		seen, lost := r.Keep.At(c.UserContext(), version)
		if wrong != nil || lost != nil || !reflect.DeepEqual(of(seen), of(&d)) {
			err = &escalation.Error{Kind: escalation.Conflict, Reason: "error.setting_changed"}
		}
	}
	if err == nil {
		err = edit(&d)
	}
	if err == nil {
		_, err = r.Keep.Change(c.UserContext(), d, r.Me(c).Ref(), r.Now())
	}
	if err == nil {
		return true, 0, nil
	}
	if !p.refuse(err, part) {
		return false, 0, err
	}
	p.Beaten = escalation.KindOf(err) == escalation.Conflict
	p.Desk = r.Keep.Current()
	p.Version = p.Desk.Version // who saves again has seen what is there now
	return false, web.Status(escalation.KindOf(err)), nil
}

// refuse notes what is wrong with a part of the desk, at the fields of its form.
func (p *deskPage) refuse(err error, part string) bool {
	if !p.Refuse(err) {
		return false
	}
	for i, problem := range p.Problems {
		field := strings.TrimPrefix(problem.Field, part+".")
		if list, _, _ := strings.Cut(part, "."); field == list+".id" {
			field = "id"
		}
		if name := field[strings.LastIndexByte(field, '.')+1:]; slices.Contains([]string{"name", "why", "body", "what", "outcomes", "evidence"}, name) {
			field += "." + p.Langs[0] // the first of its fields
		}
		p.Problems[i].Field = field
	}
	return true
}

// A deskVersion is one of the past, and what it changed.
type deskVersion struct {
	escalation.Desk
	Who     string
	Changes []string
}

// show serves GET /lead/desk.
func (r *Desk) show(c *fiber.Ctx) error {
	const most = 30
	p := struct {
		deskPage
		Versions []deskVersion
		Older    int
	}{deskPage: r.page(c, "config.title")}
	before, err := strconv.Atoi(c.Query("before"))
	if err != nil || before < 1 {
		before = p.Version + 1
	}
	list, err := r.Keep.History(c.UserContext(), before, most+1)
	if err != nil {
		return err
	}
	for i, d := range list {
		if i == most {
			p.Older = list[most-1].Version
			break
		}
		v := deskVersion{Desk: d, Who: d.By.Name}
		if d.By.Kind == escalation.BySystem {
			v.Who = p.T("config.shipped")
		}
		if i+1 < len(list) {
			v.Changes = changes(p.Page, &list[i+1], &d)
		}
		p.Versions = append(p.Versions, v)
	}
	return r.Render(c, fiber.StatusOK, "lead/desk", p)
}

// changes says what one version made of the one before it.
func changes(p web.Page, was, is *escalation.Desk) (said []string) {
	said = slices.Concat(
		teams.changes(p, was, is, "config.a_team", func(t *escalation.Team) escalation.Text { return t.Name }),
		types.changes(p, was, is, "config.a_type", func(t *escalation.RequestType) escalation.Text { return t.Name }),
		macros.changes(p, was, is, "config.a_macro", func(m *escalation.Macro) escalation.Text { return m.Name }),
		skills.changes(p, was, is, "config.a_skill", func(s *escalation.Skill) escalation.Text { return s.Name }),
	)
	if was.SilenceDays() != is.SilenceDays() {
		said = append(said, p.T("config.changed", "What", p.T("config.silence")))
	}
	if !reflect.DeepEqual(was.Calendars, is.Calendars) || !reflect.DeepEqual(was.Policies, is.Policies) {
		said = append(said, p.T("config.clocks"))
	}
	return said
}

// A teamView is a team with its members.
type teamView struct {
	escalation.Team
	Members []staff.Person
}

// members are those of all people who are in a team, and work here.
func members(people []staff.Person, team string) (in []staff.Person) {
	for _, p := range people {
		if !p.Disabled && slices.Contains(p.Teams, team) {
			in = append(in, p)
		}
	}
	return in
}

// teams serves GET /lead/desk/teams.
func (r *Desk) teams(c *fiber.Ctx) error {
	p := struct {
		deskPage
		Teams []teamView
	}{deskPage: r.page(c, "config.teams")}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	for _, t := range p.Desk.Teams {
		p.Teams = append(p.Teams, teamView{t, members(people, t.ID)})
	}
	return r.Render(c, fiber.StatusOK, "lead/desk-teams", p)
}

// A teamPage is the form for a team.
type teamPage struct {
	deskPage
	Team    escalation.Team
	Now     escalation.Team // as it is kept
	Members []staff.Person
	Tiers   []int
	Fixed   bool // every ticket enters it
}

func (r *Desk) teamPage(c *fiber.Ctx) (*teamPage, error) {
	id := c.Params("id")
	p := &teamPage{deskPage: r.page(c, "config.team_new"), Tiers: allTiers(), Fixed: id == escalation.Triage}
	p.Here("/lead/desk/teams/" + id)
	if id == newPart {
		p.New, p.Team = true, escalation.Team{Min: 2, Max: 2}
		return p, nil
	}
	t, ok := p.Desk.Team(id)
	if !ok {
		return nil, fiber.ErrNotFound
	}
	p.Team, p.Now, p.Title = t, t, t.Name.In(p.Lang)
	people, err := r.Staff.People(c.UserContext())
	p.Members = members(people, id)
	return p, err
}

// Skills names those that a member has.
func (p *teamPage) Skills(id string) string { return skillsOf(p.Desk, id, p.Lang) }

func allTiers() (all []int) {
	for tier := 1; tier <= escalation.MaxTier; tier++ {
		all = append(all, tier)
	}
	return all
}

// showTeam serves GET /lead/desk/teams/{id}.
func (r *Desk) showTeam(c *fiber.Ctx) error {
	p, err := r.teamPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/desk-team", p)
}

// changeTeam serves POST /lead/desk/teams/{id}. A team that somebody is in, or that has
// work, cannot be taken away; nor can a tier below which a member would be.
func (r *Desk) changeTeam(c *fiber.Ctx) error {
	p, err := r.teamPage(c)
	if err != nil {
		return err
	}
	id := partID(c)
	p.Team = escalation.Team{ID: id, Name: said(c, r.Web, "name")}
	p.Team.Min, _ = strconv.Atoi(c.FormValue("min")) // no number is no tier
	p.Team.Max, _ = strconv.Atoi(c.FormValue("max"))
	may := func(*escalation.Desk) error { return r.fits(c, p) }
	now, status, err := teams.keep(c, r, &p.deskPage, id, teams.edit(c, &p.deskPage, p.Team, may))
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = *now
	}
	return r.Render(c, status, "lead/desk-team", p)
}

// fits returns an error if a team cannot be taken away, or if a member would be below its
// lowest tier.
func (r *Desk) fits(c *fiber.Ctx, p *teamPage) error {
	if p.removes(c) {
		return r.free(c, p)
	}
	for _, m := range p.Members {
		if m.Tier < p.Team.Min {
			return &escalation.Error{Kind: escalation.Invalid, Field: "tier", Reason: "error.team_member_tier",
				Args: map[string]any{"Name": m.Name, "Tier": m.Tier}}
		}
	}
	return nil
}

// free returns an error if a team cannot be taken away.
func (r *Desk) free(c *fiber.Ctx, p *teamPage) error {
	var names []string
	for _, m := range p.Members {
		names = append(names, m.Name)
	}
	if len(names) > 0 {
		return &escalation.Error{Kind: escalation.Invalid, Reason: "error.team_members", Args: map[string]any{"Names": strings.Join(names, ", ")}}
	}
	teams := []string{p.Now.ID}
	for _, q := range []escalation.Queue{{Teams: teams}, {Teams: teams, Offered: true}} {
		n, err := r.Tickets.Count(c.UserContext(), q, 1000)
		if err != nil {
			return err
		}
		if n > 0 {
			return &escalation.Error{Kind: escalation.Invalid, Reason: "error.team_tickets", Args: map[string]any{"Count": n}}
		}
	}
	return nil
}

// types serves GET /lead/desk/types.
func (r *Desk) types(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "lead/desk-types", r.page(c, "config.types"))
}

// A typePage is the form for a kind of request.
type typePage struct {
	deskPage
	Type   escalation.RequestType
	Now    escalation.RequestType // as it is kept
	Places []deskPlace
	Kinds  []escalation.ValueKind
	Times  []escalation.NeedTime
	Starts []escalation.StageStart
}

// A deskPlace is a team and a tier.
type deskPlace struct {
	Value, Team string
	Tier        int
}

// Place is where requests of the type go, as the form says it.
func (p *typePage) Place() string { return p.Type.Team + "/" + strconv.Itoa(p.Type.Tier) }

// Degrees are those of impact and urgency.
func (p *typePage) Degrees() []escalation.Degree { return escalation.Degrees }

// Impact and Urgency are what the priority of such requests begins with.
func (p *typePage) Impact() escalation.Degree  { return cmp.Or(p.Type.Impact, escalation.Medium) }
func (p *typePage) Urgency() escalation.Degree { return cmp.Or(p.Type.Urgency, escalation.Medium) }

// Wants says whether requests of the type want a skill.
func (p *typePage) Wants(skill string) bool { return slices.Contains(p.Type.Skills, skill) }

// WantsNow names the skills as it is kept.
func (p *typePage) WantsNow() string {
	var names []string
	for _, s := range p.Desk.Skills {
		if slices.Contains(p.Now.Skills, s.ID) {
			names = append(names, s.Name.In(p.Lang))
		}
	}
	return strings.Join(names, ", ")
}

// StartsNow says it as it is kept.
func (p *typePage) StartsNow() string {
	return p.T("impact."+string(cmp.Or(p.Now.Impact, escalation.Medium))) + "; " + p.T("urgency."+string(cmp.Or(p.Now.Urgency, escalation.Medium)))
}

// Needs are the facts, and room for one more.
func (p *typePage) Needs() []escalation.Need {
	return roomy(p.Type.Needs, escalation.MaxNeeds, escalation.Need{Kind: escalation.LineValue, When: escalation.BeforeMove})
}

// Forms are the forms of a fact's values, one to a line.
func (p *typePage) Forms(n escalation.Need) string { return strings.Join(n.Forms, "\n") }

// Stages are the stages, and room for one more.
func (p *typePage) Stages() []escalation.Stage {
	return roomy(p.Type.Stages, escalation.MaxStages, escalation.Stage{})
}

func roomy[T any](list []T, most int, blank T) []T {
	if len(list) >= most {
		return list
	}
	return append(slices.Clone(list), blank)
}

func (r *Desk) typePage(c *fiber.Ctx) (*typePage, error) {
	id := c.Params("id")
	p := &typePage{deskPage: r.page(c, "config.type_new"), Kinds: escalation.ValueKinds, Times: escalation.NeedTimes, Starts: escalation.StageStarts}
	p.Here("/lead/desk/types/" + id)
	for _, t := range p.Desk.Teams {
		for tier := t.Min; tier <= t.Max; tier++ {
			p.Places = append(p.Places, deskPlace{t.ID + "/" + strconv.Itoa(tier), t.ID, tier})
		}
	}
	if id == newPart {
		p.New, p.Type = true, escalation.RequestType{Team: escalation.Triage, Tier: 1}
		return p, nil
	}
	t := p.Desk.Type(id)
	if t == nil {
		return nil, fiber.ErrNotFound
	}
	p.Type, p.Now, p.Title = *t, *t, t.Name.In(p.Lang)
	return p, nil
}

// showType serves GET /lead/desk/types/{id}.
func (r *Desk) showType(c *fiber.Ctx) error {
	p, err := r.typePage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/desk-type", p)
}

// changeType serves POST /lead/desk/types/{id}.
func (r *Desk) changeType(c *fiber.Ctx) error {
	p, err := r.typePage(c)
	if err != nil {
		return err
	}
	id := partID(c)
	p.Type = r.typed(c, id)
	if !p.New {
		p.Type.Steps = p.Now.Steps // they have a page of their own
	}
	now, status, err := types.keep(c, r, &p.deskPage, id, types.edit(c, &p.deskPage, p.Type, nil))
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = *now
	}
	return r.Render(c, status, "lead/desk-type", p)
}

// typed returns a kind of request as it was typed, without the rows that were left
// blank.
func (r *Desk) typed(c *fiber.Ctx, id string) escalation.RequestType {
	said := func(field string) escalation.Text { return said(c, r.Web, field) }
	t := escalation.RequestType{ID: id, Name: said("name"), About: said("about"), Ready: said("ready"),
		Impact: escalation.Degree(c.FormValue("impact")), Urgency: escalation.Degree(c.FormValue("urgency")), Skills: web.Values(c, "skills")}
	team, tier, _ := strings.Cut(c.FormValue("team"), "/")
	t.Team = team
	t.Tier, _ = strconv.Atoi(tier) // no number is no tier
	for i := range escalation.MaxNeeds {
		at := fmt.Sprintf("needs.%d.", i)
		n := escalation.Need{Key: strings.TrimSpace(c.FormValue(at + "key")), Name: said(at + "name"), Why: said(at + "why"),
			Kind: escalation.ValueKind(c.FormValue(at + "kind")), When: escalation.NeedTime(c.FormValue(at + "when")), Forms: slices.DeleteFunc(strings.Split(c.FormValue(at+"forms"), "\n"), escalation.Blank)}
		if n.Key != "" || len(n.Name)+len(n.Why) > 0 {
			t.Needs = append(t.Needs, n)
		}
	}
	for i := range escalation.MaxStages {
		at := fmt.Sprintf("stages.%d.", i)
		if s := (escalation.Stage{Name: said(at + "name"), Usual: said(at + "usual"), Begins: escalation.StageStart(c.FormValue(at + "begins"))}); len(s.Name)+len(s.Usual) > 0 {
			t.Stages = append(t.Stages, s)
		}
	}
	return t
}
