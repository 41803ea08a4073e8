package lead

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Skills is the room for what some of those who work here can do. They are parts of the
// desk, with who has them, and kept as the others are.
type Skills struct{ *Desk }

// Mount gives the room its addresses.
func (r *Skills) Mount(app fiber.Router) {
	g := app.Group("/lead/desk", r.SignedIn, r.Allowed(staff.Settings))
	g.Get("/skills", r.skills)
	g.Get("/skills/:id", r.showSkill)
	g.Post("/skills/:id", r.changeSkill)
}

// skilled are those of all people who can be asked, and have a skill.
func skilled(people []staff.Person, s *escalation.Skill) (have []staff.Person) {
	for _, p := range people {
		if !p.Disabled && p.Is(staff.Agent) && s.Has(p.ID) {
			have = append(have, p)
		}
	}
	return have
}

// skillsOf names the skills that somebody has.
func skillsOf(d *escalation.Desk, id, lang string) string {
	var names []string
	for _, s := range d.Skills {
		if s.Has(id) {
			names = append(names, s.Name.In(lang))
		}
	}
	return strings.Join(names, ", ")
}

// A skillView is a skill with who has it, and what wants it.
type skillView struct {
	escalation.Skill
	Have []staff.Person
	For  string // the requests that want it; empty: none
}

// skills serves GET /lead/desk/skills.
func (r *Skills) skills(c *fiber.Ctx) error {
	p := struct {
		deskPage
		Skills []skillView
	}{deskPage: r.page(c, "config.skills")}
	people, err := r.Staff.People(c.UserContext())
	if err != nil {
		return err
	}
	for _, s := range p.Desk.Skills {
		var wanted []string
		for _, t := range wanting(p.Desk, s.ID) {
			wanted = append(wanted, p.T("config.a_type", "Name", t.Name.In(p.Lang)))
		}
		if s.Lang != "" {
			wanted = append(wanted, p.T("skills.by_lang", "Language", p.LanguageName(s.Lang)))
		}
		if len(s.Words) > 0 {
			wanted = append(wanted, p.T("skills.by_words", "Words", strings.Join(s.Words, ", ")))
		}
		p.Skills = append(p.Skills, skillView{s, skilled(people, &s), strings.Join(wanted, "; ")})
	}
	return r.Render(c, fiber.StatusOK, "lead/skills", p)
}

// wanting are the kinds of requests that want a skill.
func wanting(d *escalation.Desk, id string) (types []escalation.RequestType) {
	for _, t := range d.Types {
		if slices.Contains(t.Skills, id) {
			types = append(types, t)
		}
	}
	return types
}

// A skillPage is the form for a skill.
type skillPage struct {
	deskPage
	Skill escalation.Skill
	Now   escalation.Skill // as it is kept
	Types []escalation.RequestType
	Staff []staff.Person // who may have it
	all   []staff.Person
}

// LangChoices are those that tickets may be in: of customers, and the one that is chosen.
func (p *skillPage) LangChoices() []string {
	if p.Now.Lang == "" || slices.Contains(p.Langs, p.Now.Lang) {
		return p.Langs
	}
	return append(slices.Clone(p.Langs), p.Now.Lang)
}

// Words are its words, one to a line.
func (p *skillPage) Words() string { return strings.Join(p.Skill.Words, "\n") }

// WordsNow are they as they are kept.
func (p *skillPage) WordsNow() string { return strings.Join(p.Now.Words, ", ") }

// HaveNow names who has it as it is kept.
func (p *skillPage) HaveNow() string {
	var names []string
	for _, who := range skilled(p.all, &p.Now) {
		names = append(names, who.Name)
	}
	return strings.Join(names, ", ")
}

func (r *Skills) skillPage(c *fiber.Ctx) (*skillPage, error) {
	id := c.Params("id")
	p := &skillPage{deskPage: r.page(c, "skills.new")}
	p.Here("/lead/desk/skills/" + id)
	if p.New = id == newPart; !p.New {
		s := p.Desk.Skill(id)
		if s == nil {
			return nil, fiber.ErrNotFound
		}
		p.Skill, p.Now, p.Title, p.Types = *s, *s, s.Name.In(p.Lang), wanting(p.Desk, id)
	}
	var err error
	p.all, err = r.Desk.Staff.People(c.UserContext())
	for _, who := range p.all {
		if !who.Disabled && who.Is(staff.Agent) {
			p.Staff = append(p.Staff, who)
		}
	}
	return p, err
}

// showSkill serves GET /lead/desk/skills/{id}.
func (r *Skills) showSkill(c *fiber.Ctx) error {
	p, err := r.skillPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/skill", p)
}

// changeSkill serves POST /lead/desk/skills/{id}. Who has it and cannot be chosen now,
// because they are away, keeps it for when they are back.
func (r *Skills) changeSkill(c *fiber.Ctx) error {
	p, err := r.skillPage(c)
	if err != nil {
		return err
	}
	id := partID(c)
	p.Skill = escalation.Skill{ID: id, Name: said(c, r.Web, "name"), Lang: c.FormValue("lang"), Words: strings.Split(c.FormValue("words"), "\n")}
	if !slices.Contains(p.LangChoices(), p.Skill.Lang) {
		p.Skill.Lang = "" // there is no such choice
	}
	ticked := web.Values(c, "staff")
	for _, who := range p.all {
		may := slices.ContainsFunc(p.Staff, func(s staff.Person) bool { return s.ID == who.ID })
		if may && slices.Contains(ticked, who.ID) || !may && p.Now.Has(who.ID) {
			p.Skill.Staff = append(p.Skill.Staff, who.ID)
		}
	}
	apart := func(d *escalation.Desk) error {
		if p.removes(c) {
			return nil
		}
		return d.SkillApart(p.Skill)
	}
	now, status, err := skills.keep(c, r.Desk, &p.deskPage, id, skills.edit(c, &p.deskPage, p.Skill, apart))
	if err != nil || status == 0 {
		return err
	}
	if now != nil {
		p.Now = *now
	}
	return r.Render(c, status, "lead/skill", p)
}
