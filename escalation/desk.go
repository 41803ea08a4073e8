package escalation

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation/clock"
)

// A Desk is how the desk is set up: what leads decide about it. It never changes:
// an edit makes the next version, and tickets keep the version they were opened
// under.
type Desk struct {
	Version int       `json:"-"` // from 1
	Made    time.Time `json:"-"`
	By      ActorRef  `json:"-"`

	Teams     []Team           `json:"teams"`
	Types     []RequestType    `json:"types"`
	Calendars []clock.Calendar `json:"calendars,omitempty"`
	Policies  []clock.Policy   `json:"policies,omitempty"`
	Macros    []Macro          `json:"macros,omitempty"`
	Skills    []Skill          `json:"skills,omitempty"`
	Silence   Silence          `json:"silence,omitzero"` // see [Desk.SilenceDays]
}

// ShippedRule is the id of the rule that makes the shipped desk.
const ShippedRule = "shipped"

// ShippedDesk returns the desk as it is before a lead decides anything.
func ShippedDesk() *Desk {
	return &Desk{
		Version: 1,
		By:      System{Rule: ShippedRule}.Ref(),
		Teams: []Team{
			{Triage, Text{"it": "Assistenza generale", "es": "Atención general", "en": "General support"}, 1, 1},
			{"tech", Text{"it": "Assistenza tecnica", "es": "Asistencia técnica", "en": "Technical support"}, 1, 3},
			{"rrr", Text{"it": "Resi, sostituzioni e rimborsi", "es": "Devoluciones, cambios y reembolsos", "en": "Returns, replacements and refunds"}, 2, 2},
			{"payments", Text{"it": "Pagamenti", "es": "Pagos", "en": "Payments"}, 2, 2},
			{"logistics", Text{"it": "Spedizioni", "es": "Envíos", "en": "Shipping"}, 2, 2},
		},
		Types:     shippedTypes(),
		Calendars: []clock.Calendar{shippedCalendar()},
		Policies:  []clock.Policy{shippedPolicy()},
		Macros:    shippedMacros(),
	}
}

// Team returns the team with an id, and whether there is one.
func (d *Desk) Team(id string) (Team, bool) {
	for _, t := range d.Teams {
		if t.ID == id {
			return t, true
		}
	}
	return Team{}, false
}

// TeamName returns what customers and staff call a team, in a language. What was a
// team once is called by its id.
func (d *Desk) TeamName(id, lang string) string {
	if t, ok := d.Team(id); ok {
		return t.Name.In(lang)
	}
	return id
}

// What a configuration may hold.
const (
	MaxTier     = 3
	MaxTeams    = 50
	MaxTeamName = 60
	MaxClocks   = 50 // calendars, and policies
	MaxTypeName = 80
	maxStage    = 120
	maxWords    = 300 // of a sentence in one language
)

// Clean returns the desk as it is kept, or an Invalid error that says what to mend.
// Fields are named as in JSON, with dots; parts of a list by their id.
func (d Desk) Clean() (Desk, error) {
	var err error
	if d.Teams, err = cleanTeams(d.Teams); err != nil {
		return d, err
	}
	if d.Skills, err = cleanSkills(d.Skills); err != nil {
		return d, err
	}
	if d.Types, err = d.cleanTypes(); err != nil {
		return d, err
	}
	if d.Calendars, d.Policies, err = cleanClocks(d.Calendars, d.Policies); err != nil {
		return d, err
	}
	if d.Macros, err = cleanMacros(d.Macros); err != nil {
		return d, err
	}
	if d.Silence, err = d.Silence.clean(); err != nil {
		return d, err
	}
	return d, nil
}

func (d *Desk) cleanTypes() ([]RequestType, error) {
	if len(d.Types) > MaxTypes {
		return nil, invalid("types", "error.types_many", map[string]any{"Max": MaxTypes})
	}
	out := slices.Clone(d.Types)
	seen := map[string]bool{}
	for i := range out {
		t := &out[i]
		field := "types." + t.ID
		switch {
		case t.ID == "" || !typeKey.MatchString(t.ID):
			return nil, invalid("types.id", "error.id", nil)
		case seen[t.ID]:
			return nil, invalid("types.id", "error.id_twice", map[string]any{"ID": t.ID})
		}
		seen[t.ID] = true
		var err error
		if t.Name, err = named(field+".name", t.Name, MaxTypeName); err != nil {
			return nil, err
		}
		if t.About, err = NewText(field+".about", t.About, maxWords, false); err != nil {
			return nil, err
		}
		if t.Ready, err = NewText(field+".ready", t.Ready, maxReady, true); err != nil {
			return nil, err
		}
		switch team, ok := d.Team(t.Team); {
		case !ok:
			return nil, invalid(field+".team", "error.type_team", map[string]any{"Type": t.Name, "Team": t.Team})
		case t.Tier < team.Min || t.Tier > team.Max:
			return nil, invalid(field+".team", "error.type_tier", map[string]any{"Type": t.Name, "Tier": t.Tier, "Team": team.Name, "Min": team.Min, "Max": team.Max})
		}
		if t.Skills, err = d.skilled(t); err != nil {
			return nil, err
		}
		if t.Impact, t.Urgency = cmp.Or(t.Impact, Medium), cmp.Or(t.Urgency, Medium); !slices.Contains(Degrees, t.Impact) || !slices.Contains(Degrees, t.Urgency) {
			return nil, invalid(field+".impact", "error.choice", nil)
		}
		if t.Impact == Medium && t.Urgency == Medium {
			t.Impact, t.Urgency = "", ""
		}
		if t.Needs, err = cleanNeeds(field+".needs", t.Needs); err != nil {
			return nil, err
		}
		if t.Stages, err = cleanStages(field+".stages", t.Stages); err != nil {
			return nil, err
		}
		if t.Steps, err = cleanRemedies(field+".steps", t.Steps); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func cleanNeeds(field string, needs []Need) ([]Need, error) {
	if len(needs) > MaxNeeds {
		return nil, invalid(field, "error.needs_many", map[string]any{"Max": MaxNeeds})
	}
	out := slices.Clone(needs)
	seen := map[string]bool{}
	for i := range out {
		n, at := &out[i], fmt.Sprintf("%s.%d", field, i)
		switch {
		case !factKey.MatchString(n.Key):
			return nil, invalid(at+".key", "error.fact_key", nil)
		case seen[n.Key]:
			return nil, invalid(at+".key", "error.id_twice", map[string]any{"ID": n.Key})
		case !slices.Contains(ValueKinds, n.Kind):
			return nil, invalid(at+".kind", "error.choice", nil)
		case !slices.Contains(NeedTimes, n.When):
			return nil, invalid(at+".when", "error.choice", nil)
		}
		seen[n.Key] = true
		var err error
		if n.Name, err = named(at+".name", n.Name, MaxTypeName); err != nil {
			return nil, err
		}
		if n.Why, err = NewText(at+".why", n.Why, maxWords, false); err != nil {
			return nil, err
		}
		if len(n.Why) == 0 {
			return nil, invalid(at+".why", "error.need_why", map[string]any{"Fact": n.Name})
		}
		if n.Forms, err = cleanForms(at+".forms", *n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func cleanStages(field string, stages []Stage) ([]Stage, error) {
	if len(stages) > MaxStages {
		return nil, invalid(field, "error.stages_many", map[string]any{"Max": MaxStages})
	}
	out := slices.Clone(stages)
	for i := range out {
		s, at := &out[i], fmt.Sprintf("%s.%d", field, i)
		var err error
		if s.Name, err = named(at+".name", s.Name, maxStage); err != nil {
			return nil, err
		}
		if s.Usual, err = NewText(at+".usual", s.Usual, maxStage, false); err != nil {
			return nil, err
		}
		if !slices.Contains(StageStarts, s.Starts()) {
			return nil, invalid(at+".begins", "error.choice", nil)
		}
		if slices.ContainsFunc(out[:i], func(o Stage) bool { return o.Key() == s.Key() }) {
			return nil, invalid(at+".name", "error.stage_twice", map[string]any{"Stage": s.Name})
		}
	}
	return out, nil
}

func cleanTeams(teams []Team) ([]Team, error) {
	if len(teams) > MaxTeams {
		return nil, invalid("teams", "error.teams_many", map[string]any{"Max": MaxTeams})
	}
	out := slices.Clone(teams)
	seen := map[string]bool{}
	for i, t := range out {
		switch field := "teams." + t.ID; {
		case t.ID == "" || !typeKey.MatchString(t.ID):
			return nil, invalid("teams.id", "error.id", nil)
		case seen[t.ID]:
			return nil, invalid("teams.id", "error.id_twice", map[string]any{"ID": t.ID})
		case t.Min < 1 || t.Max > MaxTier || t.Min > t.Max:
			return nil, invalid(field+".tier", "error.team_tier", map[string]any{"Name": t.Name.In(), "Max": MaxTier})
		case t.ID == Triage && t.Min > 1:
			return nil, invalid(field+".tier", "error.triage_tier", map[string]any{"Name": t.Name.In()})
		}
		seen[t.ID] = true
		var err error
		if out[i].Name, err = named("teams."+t.ID+".name", t.Name, MaxTeamName); err != nil {
			return nil, err
		}
	}
	if !seen[Triage] {
		return nil, invalid("teams", "error.triage_missing", map[string]any{"ID": Triage})
	}
	return out, nil
}

// named returns a name as people say it: in one language at least.
func named(field string, name Text, most int) (Text, error) {
	name, err := NewText(field, name, most, false)
	if err == nil && len(name) == 0 {
		err = invalid(field, "error.name_wanted", nil)
	}
	return name, err
}
