package escalation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	. "primalinea/escalation"
)

// aurora, spanish and solder are skills of a test.
var (
	aurora  = Skill{ID: "aurora", Name: Text{"en": "Aurora telephones"}, Words: []string{"Aurora", "Nova 5"}, Staff: []string{"carla"}}
	spanish = Skill{ID: "spanish", Name: Text{"es": "Español"}, Lang: "es", Staff: []string{"bruno", "carla"}}
	solder  = Skill{ID: "solder", Name: Text{"en": "Soldering"}}
)

// skilledDesk is the shipped one with skills, one of which repairs of devices want.
func skilledDesk(t testing.TB) *Desk {
	d := *ShippedDesk()
	d.Skills = []Skill{aurora, spanish, solder}
	d.Types = slices.Clone(d.Types)
	d.Type("device").Skills = []string{"solder"}
	clean, err := d.Clean()
	if err != nil {
		t.Fatal(err)
	}
	return &clean
}

// TestWanted says which skills a ticket wants: of its kind, of its language, and of
// what is known of it.
func TestWanted(t *testing.T) {
	desk := skilledDesk(t)
	model := func(value string) []Fact { return []Fact{{Key: "model", Value: value, State: Given}} }
	for _, test := range []struct {
		kind, lang string
		facts      []Fact
		want       string
	}{
		{"", "it", nil, ""},
		{"device", "it", nil, "solder"},
		{"payment", "es", nil, "spanish"},
		{"device", "es", model("AURORA 10 pro"), "aurora spanish solder"},
		{"", "it", model("an aurora"), "aurora"},
		{"", "it", model("Auroral"), ""}, // another word
		{"", "it", model("preaurora, Aurora!"), "aurora"},
		{"", "it", model("nova 5"), "aurora"},
		{"", "it", model("nova 50"), ""},
		{"", "it", model("nova"), ""},
		{"", "it", []Fact{{Key: "model", Value: "– not an Aurora", State: Lacking}}, ""},
	} {
		var got []string
		for _, s := range desk.Wanted(&Ticket{Lang: test.lang, Facts: test.facts}, desk.Type(test.kind)) {
			got = append(got, s.ID)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s in %s of %v wants %v, want %s", test.kind, test.lang, test.facts, got, test.want)
		}
	}
	// A ticket keeps the kind that it was given; what is no skill now it does not want.
	kind := desk.Type("device")
	if got := ShippedDesk().Wanted(&Ticket{}, kind); got != nil {
		t.Errorf("wants %v of a desk without skills", got)
	}
	if !spanish.Has("bruno") || spanish.Has("anna") {
		t.Error("has the wrong skill")
	}
}

// TestCleanSkills says what is refused, and at which field.
func TestCleanSkills(t *testing.T) {
	many := func(n int, word string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint(word, i))
		}
		return list
	}
	for _, test := range []struct {
		what   string
		change func(*Desk)
		want   string // reason and field; empty: it is kept
	}{
		{"as it is", func(*Desk) {}, ""},
		{"no id", func(d *Desk) { d.Skills[0].ID = "" }, "error.id (skills.id)"},
		{"id in capitals", func(d *Desk) { d.Skills[0].ID = "Aurora" }, "error.id (skills.id)"},
		{"one twice", func(d *Desk) { d.Skills[0].ID = "solder" }, "error.id_twice (skills.id)"},
		{"no name", func(d *Desk) { d.Skills[0].Name = Text{"en": " \u200b"} }, "error.name_wanted (skills.aurora.name)"},
		{"long name", func(d *Desk) { d.Skills[0].Name = Text{"en": strings.Repeat("x", MaxSkillName+1)} }, "error.too_long (skills.aurora.name.en)"},
		{"word of signs", func(d *Desk) { d.Skills[0].Words = []string{"-?"} }, "error.skill_word (skills.aurora.words)"},
		{"long word", func(d *Desk) { d.Skills[0].Words = many(1, strings.Repeat("x", 60)) }, "error.too_long (skills.aurora.words)"},
		{"many words", func(d *Desk) { d.Skills[0].Words = many(MaxSkillWords+1, "w") }, "error.skill_words (skills.aurora.words)"},
		{"words enough", func(d *Desk) { d.Skills[0].Words = many(MaxSkillWords, "w") }, ""},
		{"many people", func(d *Desk) { d.Skills[0].Staff = many(501, "p") }, "error.skilled_many (skills.aurora.staff)"},
		{"many skills", func(d *Desk) {
			for i := range MaxSkills {
				d.Skills = append(d.Skills, Skill{ID: fmt.Sprint("s", i), Name: Text{"en": "x"}})
			}
		}, "error.skills_many (skills)"},
		{"a kind wants what is none", func(d *Desk) { d.Skills = d.Skills[:2] }, "error.type_skill (types.device.skills)"},
	} {
		d := *skilledDesk(t)
		d.Skills = slices.Clone(d.Skills)
		test.change(&d)
		_, err := d.Clean()
		got := ""
		if e, ok := errors.AsType[*Error](err); ok {
			got = e.Reason + " (" + e.Field + ")"
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
	d := *skilledDesk(t)
	d.Skills = []Skill{{ID: "solder", Name: Text{"en": "Soldering"}, Words: []string{" Nova  5 ", "", "Nova 5", "nova 5", "ÀNCORA", "àncora"}}}
	clean, err := d.Clean()
	if err != nil || !slices.Equal(clean.Skills[0].Words, []string{"Nova 5", "ÀNCORA"}) {
		t.Errorf("words are kept as %q, %v", clean.Skills[0].Words, err)
	}
}

// TestSkillApart refuses what could not be told from another skill where somebody reads
// their names, in whatever language that is.
func TestSkillApart(t *testing.T) {
	for _, test := range []struct {
		name Text
		want string // what is taken; empty: it is kept
	}{
		{Text{"en": "Soldering iron"}, ""},
		{Text{"en": "Soldering"}, "Soldering"},
		{Text{"en": "  SOLDERING "}, "Soldering"},
		{Text{"en": "Repairs", "it": "Soldering"}, "Soldering"}, // in Italian the other one is called so too
		{Text{"en": "Spanish", "es": "español"}, "Español"},
		{Text{"en": "Español"}, "Español"},
		{Text{"en": "Repairs", "es": "Aurora telephones"}, "Aurora telephones"},
		{Text{"en": "  "}, ""}, // that it has none is said as ever
		{Text{}, ""},
	} {
		err, got := skilledDesk(t).SkillApart(Skill{ID: "new", Name: test.name}), ""
		if e, ok := errors.AsType[*Error](err); ok && e.Reason == "error.skill_taken" && e.Field == "skills.new.name" {
			got = fmt.Sprint(e.Args["Name"])
		}
		if got != test.want || (err == nil) != (test.want == "") {
			t.Errorf("%v: %v, want that %q is taken", test.name, err, test.want)
		}
	}
	if err := skilledDesk(t).SkillApart(solder); err != nil {
		t.Errorf("it is not apart from itself: %v", err)
	}
}
