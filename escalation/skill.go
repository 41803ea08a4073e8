package escalation

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Skill is what some of those who work here can do: a family of products, a kind of
// device, a language. It opens and closes nothing. Who has what a ticket wants is named
// first where somebody is looked for.
type Skill struct {
	ID    string   `json:"id"`
	Name  Text     `json:"name"`
	Lang  string   `json:"lang,omitempty"`  // tickets in it want the skill
	Words []string `json:"words,omitempty"` // as do those one of whose facts holds one of these
	Staff []string `json:"staff,omitempty"` // ids of who has it
}

// What a desk may hold.
const (
	MaxSkills     = 50
	MaxSkillName  = 60
	MaxSkillWords = 30
	maxSkillWord  = 60
	maxSkilled    = 500 // people who have one
)

// Skill returns the skill with an id, nil when there is none.
func (d *Desk) Skill(id string) *Skill {
	if i := slices.IndexFunc(d.Skills, func(s Skill) bool { return s.ID == id }); i >= 0 {
		return &d.Skills[i]
	}
	return nil
}

// Has says whether somebody has the skill.
func (s *Skill) Has(staff string) bool { return slices.Contains(s.Staff, staff) }

// Wanted returns the skills that a ticket wants, in the desk's order: those that its
// kind names at its version, those of its language, and those whose words one of its
// facts holds. What is no skill any more nobody can have, and nothing wants it.
func (d *Desk) Wanted(t *Ticket, kind *RequestType) []Skill {
	var list []Skill
	for _, s := range d.Skills {
		if kind != nil && slices.Contains(kind.Skills, s.ID) || s.Lang != "" && s.Lang == t.Lang || slices.ContainsFunc(t.Facts, s.in) {
			list = append(list, s)
		}
	}
	return list
}

// in says whether what is known holds one of the skill's words.
func (s *Skill) in(f Fact) bool {
	return f.State != Lacking && slices.ContainsFunc(s.Words, func(word string) bool { return holds(f.Value, word) })
}

// holds says whether a text has a word, or several in a row, in whatever case, that
// nothing goes on from.
func holds(text, word string) bool {
	text, word = strings.ToLower(text), strings.ToLower(word)
	for at := 0; word != ""; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, n := utf8.DecodeRuneInString(text[at+len(word):])
		if (at == 0 || !inWord(before)) && (n == 0 || !inWord(after)) {
			return true
		}
		_, n = utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return false
}

func cleanSkills(skills []Skill) ([]Skill, error) {
	if len(skills) > MaxSkills {
		return nil, invalid("skills", "error.skills_many", map[string]any{"Max": MaxSkills})
	}
	out := slices.Clone(skills)
	seen := map[string]bool{}
	for i := range out {
		s := &out[i]
		field := "skills." + s.ID
		switch {
		case s.ID == "" || !typeKey.MatchString(s.ID):
			return nil, invalid("skills.id", "error.id", nil)
		case seen[s.ID]:
			return nil, invalid("skills.id", "error.id_twice", map[string]any{"ID": s.ID})
		case len(s.Staff) > maxSkilled:
			return nil, invalid(field+".staff", "error.skilled_many", map[string]any{"Max": maxSkilled})
		}
		seen[s.ID] = true
		var err error
		if s.Name, err = named(field+".name", s.Name, MaxSkillName); err != nil {
			return nil, err
		}
		if s.Words, err = cleanWords(field+".words", s.Words); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SkillApart returns an error if another skill of the desk is called as one that it is to
// have, in a language: where somebody is looked for they could not be told apart.
func (d *Desk) SkillApart(s Skill) error {
	field := "skills." + s.ID + ".name"
	name, err := NewText(field, s.Name, MaxSkillName, false)
	if err != nil || len(name) == 0 {
		return err
	}
	for _, o := range d.Skills {
		if o.ID == s.ID {
			continue
		}
		for _, lang := range append(slices.Sorted(maps.Keys(name)), slices.Sorted(maps.Keys(o.Name))...) {
			if other := o.Name.In(lang); strings.EqualFold(name.In(lang), other) {
				return invalid(field, "error.skill_taken", map[string]any{"Name": other})
			}
		}
	}
	return nil
}

func cleanWords(field string, words []string) ([]string, error) {
	var out []string
	for _, w := range words {
		w, err := optional(field, w, maxSkillWord)
		switch {
		case err != nil:
			return nil, err
		case Blank(w) || slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, w) }):
			continue
		case !strings.ContainsFunc(w, inWord):
			return nil, invalid(field, "error.skill_word", map[string]any{"Word": w})
		case len(out) == MaxSkillWords:
			return nil, invalid(field, "error.skill_words", map[string]any{"Max": MaxSkillWords})
		}
		out = append(out, w)
	}
	return out, nil
}

// skilled returns the skills that a kind of request wants, in the desk's order.
func (d *Desk) skilled(t *RequestType) (ids []string, err error) {
	for _, id := range t.Skills {
		if d.Skill(id) == nil {
			return nil, invalid("types."+t.ID+".skills", "error.type_skill", map[string]any{"Type": t.Name, "Skill": id})
		}
	}
	for _, s := range d.Skills {
		if slices.Contains(t.Skills, s.ID) {
			ids = append(ids, s.ID)
		}
	}
	return ids, nil
}
