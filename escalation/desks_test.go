package escalation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "primalinea/escalation"
)

// TestShippedDesk checks that the desk as it is shipped is one that a lead could
// save, with names in all languages.
func TestShippedDesk(t *testing.T) {
	d, err := ShippedDesk().Clean()
	if err != nil {
		t.Fatal(err)
	}
	for _, team := range d.Teams {
		for _, lang := range []string{"it", "es", "en"} {
			if team.Name[lang] == "" {
				t.Errorf("team %s has no name in %s", team.ID, lang)
			}
		}
	}
	for _, r := range d.Types {
		texts := []Text{r.Name, r.About}
		if r.ID != "other" {
			texts = append(texts, r.Ready)
		}
		for _, n := range r.Needs {
			texts = append(texts, n.Name, n.Why)
		}
		for _, s := range r.Stages {
			texts = append(texts, s.Name, s.Usual)
		}
		for i, text := range texts {
			for _, lang := range []string{"it", "es", "en"} {
				if text[lang] == "" {
					t.Errorf("type %s: text %d is missing in %s", r.ID, i, lang)
				}
			}
		}
	}
	if got := d.TeamName("rrr", "es"); got != "Devoluciones, cambios y reembolsos" {
		t.Errorf("rrr is %q", got)
	}
	if got := d.TeamName("gone", "es"); got != "gone" {
		t.Errorf("a team that is gone is %q", got)
	}
}

// TestCleanDesk says which edits are refused, and about which field.
func TestCleanDesk(t *testing.T) {
	add := func(team Team) func(*Desk) { return func(d *Desk) { d.Teams = append(d.Teams, team) } }
	name := Text{"it": "Sala prove"}
	for _, test := range []struct {
		name string
		edit func(*Desk)
		want string // empty: it is taken
	}{
		{"another team", add(Team{"lab", name, 2, 3}), ""},
		{"name in one language", add(Team{"lab", Text{"es": " Taller \n ", "en": "\u200b"}, 1, 3}), ""},
		{"no id", add(Team{"", name, 1, 1}), "error.id (teams.id)"},
		{"id with capitals", add(Team{"Lab", name, 1, 1}), "error.id (teams.id)"},
		{"the same id", add(Team{"tech", name, 1, 1}), "error.id_twice (teams.id)"},
		{"no name", add(Team{"lab", nil, 1, 1}), "error.name_wanted (teams.lab.name)"},
		{"name that nobody sees", add(Team{"lab", Text{"it": "\u200b"}, 1, 1}), "error.name_wanted (teams.lab.name)"},
		{"long name", add(Team{"lab", Text{"en": strings.Repeat("x", MaxTeamName+1)}, 1, 1}), "error.too_long (teams.lab.name.en)"},
		{"no tier", add(Team{"lab", name, 0, 0}), "error.team_tier (teams.lab.tier)"},
		{"tiers the wrong way", add(Team{"lab", name, 3, 2}), "error.team_tier (teams.lab.tier)"},
		{"tier 4", add(Team{"lab", name, 1, 4}), "error.team_tier (teams.lab.tier)"},
		{"no triage", func(d *Desk) { d.Teams = d.Teams[1:] }, "error.triage_missing (teams)"},
		{"triage without tier 1", func(d *Desk) { d.Teams[0].Min, d.Teams[0].Max = 2, 3 }, "error.triage_tier (teams.general.tier)"},
		{"two types of one id", func(d *Desk) { d.Types = append(d.Types, d.Types[0]) }, "error.id_twice (types.id)"},
		{"type without a name", func(d *Desk) { d.Types[0].Name = nil }, "error.name_wanted (types.device.name)"},
		{"type of no team", func(d *Desk) { d.Types[0].Team = "moon" }, "error.type_team (types.device.team)"},
		{"team that a type needs", func(d *Desk) { d.Teams = d.Teams[:2] }, "error.type_team (types.return.team)"},
		{"tier that its team lacks", func(d *Desk) { d.Types[1].Tier = 1 }, "error.type_tier (types.return.team)"},
		{"tier that a type needs", func(d *Desk) { d.Teams[1].Min, d.Teams[1].Max = 3, 3 }, "error.type_tier (types.device.team)"},
		{"fact with a wrong key", func(d *Desk) { d.Types[0].Needs[0].Key = "A key" }, "error.fact_key (types.device.needs.0.key)"},
		{"fact twice", func(d *Desk) { d.Types[0].Needs[1] = d.Types[0].Needs[0] }, "error.id_twice (types.device.needs.1.key)"},
		{"fact of no kind", func(d *Desk) { d.Types[0].Needs[0].Kind = "colour" }, "error.choice (types.device.needs.0.kind)"},
		{"fact at no moment", func(d *Desk) { d.Types[0].Needs[0].When = "" }, "error.choice (types.device.needs.0.when)"},
		{"fact without a name", func(d *Desk) { d.Types[0].Needs[0].Name = nil }, "error.name_wanted (types.device.needs.0.name)"},
		{"fact without a reason", func(d *Desk) { d.Types[0].Needs[0].Why = nil }, "error.need_why (types.device.needs.0.why)"},
		{"stage without a name", func(d *Desk) { d.Types[0].Stages[0].Name = nil }, "error.name_wanted (types.device.stages.0.name)"},
		{"too many stages", func(d *Desk) { d.Types[0].Stages = make([]Stage, MaxStages+1) }, "error.stages_many (types.device.stages)"},
		{"no types", func(d *Desk) { d.Types = nil }, ""},
		{"too many", func(d *Desk) {
			for i := range MaxTeams {
				d.Teams = append(d.Teams, Team{fmt.Sprint("t", i), name, 1, 1})
			}
		}, "error.teams_many (teams)"},
	} {
		d := ShippedDesk()
		test.edit(d)
		clean, err := d.Clean()
		got := ""
		if e, ok := errors.AsType[*Error](err); ok && e.Kind == Invalid {
			got = e.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
			continue
		}
		if err == nil {
			if again, err := clean.Clean(); err != nil || fmt.Sprint(again) != fmt.Sprint(clean) {
				t.Errorf("%s: cleaned again it is another: %v", test.name, err)
			}
		}
	}
}
